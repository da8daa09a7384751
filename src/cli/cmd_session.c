#include "cli/applying.h"
#include "cli/cmd.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/json.h"
#include "cli/opening.h"
#include "cli/remote.h"
#include "control/desk/desk.h"
#include "control/regions.h"
#include "control/rough.h"
#include "session/journal.h"

const struct cli_option set_cli[] = {
    {CMD_LENIENT},
    {NULL, 0, NULL, NULL},
};

const struct cli_option get_cli[] = {
    {CMD_LENIENT},
    {NULL, 0, NULL, NULL},
};

const struct cli_option rough_cli[] = {
    {"apply", 0, NULL, "write the lines into the session, beside printing them"},
    {CMD_SKIP_BAD},
    {NULL, 0, NULL, NULL},
};

const struct cli_option params_cli[] = {
    {"json", 0, NULL, "as JSON, a line a parameter"},
    {NULL, 0, NULL, NULL},
};

/* The lines of the standard input, until one fails. */
static int
set_input(struct session *session, struct err *err)
{
	char *line = NULL;
	size_t size = 0, number = 0;
	int failed = 0;
	for (ssize_t len; !failed && (len = getline(&line, &size, stdin)) > 0;) {
		number++;
		failed =
		    memchr(line, '\0', (size_t)len) ? err_set(err, "the line is not UTF-8") : session_line(session, line, err);
	}
	if (failed)
		err_prefix(err, "line %zu of the input", number);
	else if (ferror(stdin))
		failed = err_set(err, "the standard input cannot be read");
	free(line);
	return failed;
}

static void
tell_remote(void *user, const char *kind, const char *text)
{
	(void)kind;
	cli_say(user, "%s", text);
}

/* The lines of the standard input to a running desk, up to the first that it does not take. */
static int
send_input(struct remote *r, struct err *err)
{
	char *line = NULL;
	size_t size = 0;
	int failed = 0;
	while (!failed && getline(&line, &size, stdin) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		failed = remote_ask(r, line, NULL, NULL, err);
	}
	if (!failed && ferror(stdin))
		failed = err_set(err, "the standard input cannot be read");
	free(line);
	return failed;
}

/* The same in the desk that has the session open. */
static int
set_remote(const struct cli *cli, struct remote *r)
{
	struct err err;
	int failed = remote_ask(r, "begin", NULL, NULL, &err);
	for (int k = 1; k < cli->words && !failed; k++)
		failed = strcmp(cli->word[k], "-") ? remote_ask(r, cli->word[k], NULL, NULL, &err) : send_input(r, &err);
	if (!failed)
		failed = remote_ask(r, "commit save", tell_remote, (void *)cli, &err);
	remote_close(r);
	return failed ? cli_fail(cli, &err) : CLI_DONE;
}

int
cmd_set(const struct cli *cli)
{
	struct err err;
	struct remote *r = remote_open(cli->word[0], &err);
	if (r)
		return set_remote(cli, r);
	if (*err.text)
		return cli_fail(cli, &err);
	struct session *session = opening_session(cli, cli->word[0], &err);
	if (!session)
		return cli_fail(cli, &err);
	int failed = session_lock(cli->word[0], &err);
	if (!failed && journal_waits(cli->word[0]))
		cli_say(cli,
		        "%s: a desk has left edits that are not saved; now that the file changes, they will be kept aside when "
		        "it is opened",
		        cli->word[0]);
	struct regions_before *before = regions_remember(session);
	session_begin(session);
	for (int k = 1; k < cli->words && !failed; k++)
		failed = strcmp(cli->word[k], "-") ? session_line(session, cli->word[k], &err) : set_input(session, &err);
	regions_follow(session, cli->word[0], before, cli_sentence, (void *)cli);
	session_commit(session);
	if (!failed && session_dirty(session))
		failed = session_save(session, cli->word[0], &err);
	session_unlock(cli->word[0]);
	session_free(session);
	return failed ? cli_fail(cli, &err) : CLI_DONE;
}

static void
print_line(void *user, const char *line)
{
	(void)user;
	puts(line);
}

static void
print_remote(void *user, const char *kind, const char *text)
{
	(void)user, (void)kind;
	puts(text);
}

/* The same from the desk that has the session open. */
static int
get_remote(const struct cli *cli, struct remote *r)
{
	struct err err;
	char line[4096];
	int failed = cli->words == 1 ? remote_ask(r, "get *", print_remote, NULL, &err) : 0;
	for (int k = 1; k < cli->words && !failed; k++) {
		if ((size_t)snprintf(line, sizeof line, "get %s", cli->word[k]) >= sizeof line)
			failed = err_set(&err, "get: the pattern is too long");
		else
			failed = remote_ask(r, line, print_remote, NULL, &err);
	}
	remote_close(r);
	return failed ? cli_fail(cli, &err) : CLI_DONE;
}

int
cmd_get(const struct cli *cli)
{
	struct err err;
	struct remote *r = remote_open(cli->word[0], &err);
	if (r)
		return get_remote(cli, r);
	if (*err.text)
		return cli_fail(cli, &err);
	struct session *session = opening_session(cli, cli->word[0], &err);
	if (!session)
		return cli_fail(cli, &err);
	int failed = cli->words == 1 ? session_get(session, "*", print_line, NULL, &err) : 0;
	for (int k = 1; k < cli->words && !failed; k++)
		failed = session_get(session, cli->word[k], print_line, NULL, &err);
	session_free(session);
	return failed ? cli_fail(cli, &err) : CLI_DONE;
}

/* The session a path names, or the copy of it that made a bounce: FILE@HASH. */
static struct session *
open_either(const struct cli *cli, const char *path, struct err *err)
{
	const char *at = strrchr(path, '@');
	if (!at || access(path, F_OK) == 0)
		return opening_session(cli, path, err);
	char *file = strndup(path, (size_t)(at - path));
	char *copy = file ? session_find_copy(file, at + 1, err) : NULL;
	struct session *session = copy ? opening_session(cli, copy, err) : NULL;
	free(file);
	free(copy);
	return session;
}

int
cmd_diff(const struct cli *cli)
{
	struct err err;
	struct session *a = open_either(cli, cli->word[0], &err), *b = a ? open_either(cli, cli->word[1], &err) : NULL;
	if (b)
		session_diff(a, b, print_line, NULL);
	session_free(a);
	session_free(b);
	return b ? CLI_DONE : cli_fail(cli, &err);
}

/* Lines of a rough mix, kept until all are there. */
struct lines {
	char **line;
	size_t count;
};

static void
keep_line(void *arg, const char *line)
{
	struct lines *l = arg;
	char **more = realloc(l->line, (l->count + 1) * sizeof *more);
	if (more) {
		l->line = more;
		l->line[l->count++] = strdup(line);
	}
}

int
cmd_rough(const struct cli *cli)
{
	struct err err;
	struct lines lines = {NULL, 0};
	const char *path = cli->word[0];
	int apply = cli_value(cli, "apply") != NULL;
	struct session *session = opening_session(cli, path, &err);
	struct stems *stems = session ? opening_stems(cli, session, path) : NULL;
	int failed = !stems || rough_mix(session, stems, keep_line, &lines, &err);
	if (!failed && apply) {
		session_begin(session);
		for (size_t k = 0; k < lines.count && !failed; k++)
			failed = session_line(session, lines.line[k], &err);
		session_commit(session);
		failed = failed || applying_save(cli, session, path, &err);
	}
	if (!failed && !lines.count)
		cli_say(cli, "nothing to propose: the balance is the one there is, or all is silent");
	for (size_t k = 0; k < lines.count; k++) {
		if (!failed)
			puts(lines.line[k]);
		free(lines.line[k]);
	}
	free(lines.line);
	stems_free(stems);
	session_free(session);
	return failed ? cli_fail(cli, &err) : CLI_DONE;
}

static const struct {
	unsigned kind;
	const char *word, *pattern;
} kinds[] = {{K_STRIP, "strip", "strip/ID/"},
             {K_BUS, "bus", "bus/ID/"},
             {K_DCA, "dca", "dca/ID/"},
             {K_SONG, "song", "song/"},
             {K_MIX, "mix", "mix/"},
             {K_MASTER, "master", "master/"},
             {K_SEND, "send", "strip/ID/send/BUS/"},
             {K_REGION, "region", "strip/ID/region/ID/"},
             {K_MARKER, "marker", "song/marker/ID/"},
             {K_NOTE, "note", "song/note/ID/"}};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* Whether a parameter is meant by a word of an address, a pattern, or an address of a strip that there may be. */
static int
is_asked(const struct param *p, const char *address, const char *asked)
{
	if (!fnmatch(asked, address, 0) || strstr(address, asked))
		return 1;
	for (int k = 0; k < KINDS; k++) {
		size_t len = strlen(kinds[k].word);
		if (!(p->kinds & kinds[k].kind) || strncmp(asked, kinds[k].word, len) != 0 || asked[len] != '/')
			continue;
		const char *id = strchr(kinds[k].pattern, '/')[1] ? strchr(asked + len + 1, '/') : asked + len;
		size_t rest = id ? strlen(id + 1) : 0;
		if (!id || !fnmatch(id + 1, p->address, 0) || !strncmp(p->address, id + 1, rest))
			return 1;
	}
	return 0;
}

/* Writes "strip bus mix" where several kinds of nodes have a parameter. */
static const char *
bearers(const struct param *p, char *text, size_t size)
{
	size_t len = 0;
	text[0] = '\0';
	for (int k = 0; k < KINDS; k++)
		if (p->kinds & kinds[k].kind)
			len += (size_t)snprintf(text + len, size - len, "%s%s", len ? " " : "", kinds[k].word);
	return text;
}

static void
print_range(const struct param *p, char *text, size_t size)
{
	char low[32], high[32];
	if (p->type == T_CHOICE) {
		snprintf(text, size, "%s", p->choices);
	} else if (p->type == T_SWITCH) {
		snprintf(text, size, "off on");
	} else if (p->type == T_TEXT || p->type == T_REF) {
		snprintf(text, size, p->type == T_TEXT ? "text" : p->id == P_OUT ? "mix none bus/ID" : "none strip/ID bus/ID");
	} else {
		param_show(p, p->min, low, sizeof low);
		param_show(p, p->max, high, sizeof high);
		snprintf(text, size, "%s .. %s", low, high);
	}
}

int
cmd_params(const struct cli *cli)
{
	int json = cli_value(cli, "json") != NULL, shown = 0;
	for (int k = 0; k < PARAM_COUNT; k++) {
		const struct param *p = &params[k];
		char address[128], range[256], def[64] = "", nodes[64];
		int kind = 0;
		while (!(p->kinds & kinds[kind].kind))
			kind++;
		snprintf(address, sizeof address, "%s%s", kinds[kind].pattern, p->address);
		if (cli->words && !is_asked(p, address, cli->word[0]))
			continue;
		shown = 1;
		print_range(p, range, sizeof range);
		bearers(p, nodes, sizeof nodes);
		if (p->type != T_TEXT && p->type != T_REF)
			param_show(p, p->def, def, sizeof def);
		if (json) {
			json_open(NULL, '{');
			json_text("address", address);
			json_text("nodes", nodes);
			json_text("range", range);
			json_text("default", def);
			json_text("help", p->help);
			json_end('}');
		} else {
			printf("%-26s %-22s %-9s %s", address, range, def, p->help);
			printf(strchr(nodes, ' ') ? " (%s)\n" : "\n", nodes);
		}
	}
	if (!shown && cli->words) {
		char asked[256];
		cli_say(cli, "no parameter is called \"%s\"", text_show(cli->word[0], asked, sizeof asked));
		return CLI_FAILED;
	}
	return CLI_DONE;
}

int
cmd_commands(const struct cli *cli)
{
	(void)cli;
	for (const struct command *c = commands; c->name; c++)
		printf("%-8s %-28s %.*s\n", c->name, c->usage, (int)strcspn(c->help, "\n"), c->help);
	puts("\nat the console's prompt and in keymaps:");
	for (const struct desk_command *c = desk_commands; c->name; c++) {
		char name[40];
		snprintf(name, sizeof name, "%s%s%s", c->name, c->alias ? ", " : "", c->alias ? c->alias : "");
		printf("%-12s %-24s %s\n", name, c->usage, c->help);
	}
	return CLI_DONE;
}
