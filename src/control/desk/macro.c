#include "control/desk/edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/userfiles.h"
#include "session/text.h"

#define TIMES_MOST 1000
#define DEPTH_MOST 8    /* macros that play macros */
#define TEXT_MOST 65536 /* bytes of a macro */

/* Commands that make no sense, or harm, when they come back unasked. */
static int
is_kept(const char *line)
{
	static const char *const not_kept[] = {"macro", "undo",   "redo",     "quit", "quit!",
	                                       "exit",  "hangup", "takeover", NULL};
	const struct desk_command *command = desk_command_of(line, NULL);
	for (size_t k = 0; command && not_kept[k]; k++)
		if (!strcmp(command->name, not_kept[k]))
			return 0;
	return !command || !command->of_ui;
}

void
desk_macro_note(struct desk *d, const char *line)
{
	struct desk_edit *e = d->edit;
	if (!e->recording || e->macro_depth || !is_kept(line))
		return;
	size_t len = e->macro ? strlen(e->macro) : 0;
	if (len + strlen(line) > TEXT_MOST) {
		desk_say(d, DESK_ERROR, "macro %c is too long: what comes from here on is not in it", e->recording);
		return;
	}
	char *more = text_format("%s%s\n", e->macro ? e->macro : "", line);
	free(e->macro);
	e->macro = more;
}

static char *
path_of(char letter)
{
	char name[] = "macros/x";
	name[sizeof name - 2] = letter;
	return userfiles_path(USER_DATA, name);
}

static int
lines_of(const char *text)
{
	int lines = 0;
	for (; (text = strchr(text, '\n')); text++)
		lines++;
	return lines;
}

static int
stop(struct desk *d, struct err *err)
{
	struct desk_edit *e = d->edit;
	struct err why;
	char letter = e->recording;
	e->recording = 0;
	if (!e->macro)
		return err_set(err, "nothing was done meanwhile: macro %c stays as it was", letter);
	char *path = path_of(letter);
	int lines = lines_of(e->macro);
	int failed =
	    path ? userfiles_write(path, e->macro, strlen(e->macro), &why) : err_set(&why, "there is no home folder");
	free(path);
	free(e->macros[letter - 'a']);
	e->macros[letter - 'a'] = e->macro;
	e->macro = NULL;
	e->macro_last = letter;
	desk_say(d, DESK_SAYS, "macro %c: %d line%s%s%s", letter, lines, lines == 1 ? "" : "s",
	         failed ? "; kept until the desk is closed alone: " : "", failed ? why.text : "");
	return 0;
}

static int
record(struct desk *d, char letter, struct err *err)
{
	struct desk_edit *e = d->edit;
	if (e->recording)
		return stop(d, err);
	if (e->macro_depth)
		return err_set(err, "a macro cannot record another one");
	free(e->macro);
	e->macro = NULL;
	e->recording = letter;
	desk_say(d, DESK_SAYS, "recording macro %c: macro record ends it", letter);
	return 0;
}

/* All lines once; the first that fails ends it. */
static int
play_once(struct desk *d, char letter, const char *text, struct err *err)
{
	int number = 0, failed = 0;
	for (const char *at = text; *at && !failed; at += strcspn(at, "\n"), at += *at == '\n') {
		char *line = text_copy(at, strcspn(at, "\n"));
		number++;
		if (line[strspn(line, " \t")] && *line != '#')
			failed = desk_do(d, line, err) ? err_prefix(err, "macro %c, line %d", letter, number) : 0;
		free(line);
	}
	return failed;
}

static int
play(struct desk *d, char letter, long times, struct err *err)
{
	struct desk_edit *e = d->edit;
	char **macro = &e->macros[letter - 'a'];
	struct err why = {""};
	char *path = path_of(letter);
	if (!*macro && path)
		*macro = userfiles_read(path, &why);
	free(path);
	if (!*macro)
		return err_set(err, "there is no macro %c yet: macro record %c begins one", letter, letter);
	if (e->macro_depth >= DEPTH_MOST)
		return err_set(err, "macro %c plays itself, by way of others perhaps", letter);
	/* it may be recorded anew meanwhile */
	char *text = text_copy(*macro, strlen(*macro));
	e->macro_depth++;
	int failed = 0, lines = lines_of(text);
	session_begin(d->session);
	for (long k = 0; k < times && !failed; k++)
		failed = play_once(d, letter, text, err);
	e->macro_depth--;
	if (failed) {
		session_abandon(d->session);
		desk_words_begin(d);
		desk_follow(d, "", &why);
	} else {
		session_commit(d->session);
		char often[40] = "";
		if (times > 1)
			snprintf(often, sizeof often, ", %ld times", times);
		desk_say(d, DESK_SAYS, "macro %c: %d line%s%s", letter, lines, lines == 1 ? "" : "s", often);
	}
	e->macro_last = letter;
	free(text);
	return failed;
}

int
desk_macro(struct desk *d, char *args, struct err *err)
{
	struct desk_edit *e = d->edit;
	char *what = strsep(&args, " \t"), *word;
	char letter = e->recording ? e->recording : e->macro_last ? e->macro_last : 'q';
	long times = 1;
	int bad = 0;
	while ((word = strsep(&args, " \t"))) {
		if (*word >= 'a' && *word <= 'z' && !word[1])
			letter = *word;
		else if (*word && !word[strspn(word, "0123456789")])
			times = strtol(word, NULL, 10);
		else
			bad |= *word != '\0';
	}
	bad |= times < 1 || times > TIMES_MOST;
	if (!bad && !strcmp(what, "record"))
		return record(d, letter, err);
	if (!bad && !strcmp(what, "play"))
		return play(d, letter, times, err);
	return err_set(err, "it reads: macro record LETTER, macro record to end it, macro play LETTER [TIMES] (at most %d)",
	               TIMES_MOST);
}
