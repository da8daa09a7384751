#include "control/desk_parts.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "session/text.h"

#define PROGRAM "/proc/self/exe"
#define OWN_NAME "stemdesk bounce: " /* before each sentence of its */
#define ARGUMENTS 40
#define TELL_SECONDS 1.0 /* between two words on how far it is */
#define NICE 5           /* the sound and the screen come first */

/* A bounce is a process of its own, so that it ends whatever becomes of the console. */
struct desk_bounce {
	pid_t pid;
	int said, result; /* descriptors: its standard error and output */
	char line[512];   /* of the first, not whole yet */
	size_t length;
	char text[2048]; /* of the second */
	size_t size;
	char file[256]; /* that is written, as it was called, fit to be shown */
	char path[256]; /* and where it is */
	char last[512]; /* that it said */
	double told;    /* seconds: when it was told last how far it is */
	int percent;
};

/* Words of the command as options of `stemdesk bounce`: the file, bits=24, mastered. */
struct call {
	char *argument[ARGUMENTS];
	int count;
	char *output; /* the file, NULL where it was not named, */
	char *called; /* and as it was called */
};

static void
add(struct call *c, char *text)
{
	if (c->count < ARGUMENTS - 1)
		c->argument[c->count++] = text;
	else
		free(text);
}

static void
call_fini(struct call *c)
{
	for (int k = 0; k < c->count; k++)
		free(c->argument[k]);
	free(c->output);
	free(c->called);
}

/* A file without a folder is meant beside the session. */
static char *
beside(const struct desk *d, const char *name)
{
	const char *slash = strrchr(d->path, '/');
	if (*name == '/' || !slash)
		return text_format("%s", name);
	return text_format("%.*s%s", (int)(slash - d->path + 1), d->path, name);
}

static int
read_call(struct desk *d, const char *args, struct call *c, struct err *err)
{
	struct words w;
	int failed = 0;
	if (words_init(&w, args, strlen(args), err))
		return -1;
	for (size_t k = 0; k < w.count && !failed; k++) {
		const char *word = w.word[k].text, *equals = strchr(word, '=');
		if (equals && !strncmp(word, "stems=", 6)) {
			char *folder = beside(d, equals + 1);
			add(c, text_format("--stems=%s", folder));
			free(folder);
		} else if (equals || !strcmp(word, "mastered")) {
			add(c, text_format("--%s", word));
		} else if (*word == '-' || c->output) {
			failed = err_set(
			    err, "bounce %s: say the file, then what it is to be, as in `bounce mix.flac bits=24 mastered`", word);
		} else {
			c->output = beside(d, word);
			c->called = text_format("%s", word);
		}
	}
	words_fini(&w);
	return failed;
}

static int
start(struct desk_bounce *b, struct call *c, struct err *err)
{
	int said[2] = {-1, -1}, result[2] = {-1, -1}, failed = -1;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, usual;
	char *argument[ARGUMENTS + 1] = {NULL};
	memcpy(argument, c->argument, (size_t)c->count * sizeof *argument);
	sigemptyset(&none);
	sigemptyset(&usual);
	sigaddset(&usual, SIGTERM);
	sigaddset(&usual, SIGINT);
	sigaddset(&usual, SIGTSTP);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attributes);
	if (pipe2(said, O_CLOEXEC) == 0 && pipe2(result, O_CLOEXEC) == 0) {
		/* a session of its own: no key or hang-up of this terminal reaches it */
		posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
		posix_spawnattr_setsigmask(&attributes, &none);
		posix_spawnattr_setsigdefault(&attributes, &usual);
		posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
		posix_spawn_file_actions_adddup2(&files, result[1], STDOUT_FILENO);
		posix_spawn_file_actions_adddup2(&files, said[1], STDERR_FILENO);
		failed = posix_spawn(&b->pid, PROGRAM, &files, &attributes, argument, environ);
		errno = failed;
	}
	if (failed)
		err_set(err, "bounce: no process can be started for it: %s", strerror(errno));
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	for (int k = 0; k < 2; k++) {
		int end = k ? result[1] : said[1], mine = k ? result[0] : said[0];
		if (end >= 0)
			close(end);
		if (mine >= 0 && !failed)
			fcntl(mine, F_SETFL, O_NONBLOCK);
		else if (mine >= 0)
			close(mine);
	}
	b->said = said[0];
	b->result = result[0];
	return failed ? -1 : 0;
}

int
desk_bounce(struct desk *d, char *args, struct err *err)
{
	struct call c = {.count = 0};
	char hash[65];
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	if (!strcmp(args, "stop")) {
		if (!d->bounce)
			return err_set(err, "bounce stop: none is under way");
		kill(d->bounce->pid, SIGTERM);
		return 0;
	}
	if (d->bounce)
		return err_set(err, "%s is being bounced (%d %%); `bounce stop` stops it", d->bounce->file, d->bounce->percent);
	struct desk_bounce *b = calloc(1, sizeof *b);
	if (!b)
		return err_set(err, "not enough memory");
	add(&c, text_format("stemdesk"));
	add(&c, text_format("bounce"));
	add(&c, text_format("%s", d->path));
	/* the session as it is now, under the name that the bounce keeps its copy by anyway */
	int failed = session_keep_copy(d->session, d->path, hash, err) || read_call(d, args, &c, err);
	add(&c, text_format("--copy=%s", hash));
	add(&c, text_format("--progress"));
	if (cores > 1 && !strstr(args, "threads="))
		add(&c, text_format("--threads=%ld", cores - 1)); /* one is for the desk */
	if (c.output)
		add(&c, text_format("--output=%s", c.output));
	failed = failed || start(b, &c, err);
	if (failed) {
		free(b);
		call_fini(&c);
		return -1;
	}
	setpriority(PRIO_PROCESS, (id_t)b->pid, NICE);
	const char *name = strrchr(d->path, '/');
	text_show(c.called ? c.called : name ? name + 1 : d->path, b->file, sizeof b->file);
	text_show(c.output ? c.output : "", b->path, sizeof b->path);
	call_fini(&c);
	d->bounce = b;
	b->told = clock_seconds();
	desk_say(d, DESK_SAYS, "bounce of %s begun; it comes to its end even if you leave", b->file);
	return 0;
}

static void
take_line(struct desk *d, struct desk_bounce *b)
{
	int percent;
	if (sscanf(b->line, "progress %d", &percent) != 1) {
		size_t own = strlen(OWN_NAME);
		snprintf(b->last, sizeof b->last, "%s", strncmp(b->line, OWN_NAME, own) ? b->line : b->line + own);
		return;
	}
	b->percent = percent;
	if (percent < 100 && clock_seconds() - b->told > TELL_SECONDS) {
		b->told = clock_seconds();
		desk_say(d, DESK_SAYS, "bounce of %s: %d %%", b->file, percent);
	}
}

/* Reads what it said; 0: no more will come. */
static int
take(struct desk *d, struct desk_bounce *b)
{
	char piece[512];
	ssize_t n, m;
	while ((n = read(b->said, piece, sizeof piece)) > 0)
		for (ssize_t k = 0; k < n; k++) {
			if (piece[k] != '\n' && b->length + 1 < sizeof b->line) {
				b->line[b->length++] = piece[k];
				continue;
			}
			b->line[b->length] = '\0';
			if (b->length)
				take_line(d, b);
			b->length = 0;
		}
	while ((m = read(b->result, piece, sizeof piece)) > 0)
		for (ssize_t k = 0; k < m && b->size + 1 < sizeof b->text; k++)
			b->text[b->size++] = piece[k];
	return n != 0 || m != 0;
}

/* The table it printed in one line: its head, the loudness and the true peak. */
static void
in_short(const struct desk_bounce *b, char *to, size_t size)
{
	static const char *const rows[] = {"integrated", "true peak"};
	size_t named = strlen(b->path);
	named = named && !strncmp(b->text, b->path, named) ? named : 0;
	size_t n = strcspn(b->text + named, "\n");
	n = (size_t)snprintf(to, size, "%s%.*s", named ? b->file : "", (int)(n < 200 ? n : 200), b->text + named);
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		const char *row = strstr(b->text, rows[k]);
		if (!row || n + 64 >= size)
			continue;
		n += (size_t)snprintf(to + n, size - n, ", %s", k ? "true peak" : "integrated");
		row += strlen(rows[k]);
		for (int gap = 1; *row && *row != '\n' && n + 1 < size; row++) {
			if (!isspace((unsigned char)*row) && gap)
				to[n++] = ' ';
			if (!isspace((unsigned char)*row) && n + 1 < size)
				to[n++] = *row;
			gap = isspace((unsigned char)*row) != 0;
		}
		to[n] = '\0';
	}
}

void
desk_bounce_poll(struct desk *d)
{
	struct desk_bounce *b = d->bounce;
	char words[1024];
	int status;
	if (!b || take(d, b) || waitpid(b->pid, &status, WNOHANG) == 0)
		return;
	in_short(b, words, sizeof words);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		desk_say(d, DESK_SAYS, "bounced %s", b->size ? words : b->file);
	else if (b->size)
		desk_say(d, DESK_ERROR, "bounced %s; %s", words, b->last);
	else
		desk_say(d, DESK_ERROR, "no bounce of %s: %s", b->file, *b->last ? b->last : "it was ended from outside");
	d->bounce = NULL;
	close(b->said);
	close(b->result);
	free(b);
}

void
desk_bounce_close(struct desk *d)
{
	if (!d->bounce)
		return;
	close(d->bounce->said);
	close(d->bounce->result);
	free(d->bounce);
	d->bounce = NULL;
}
