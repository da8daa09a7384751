#include "control/errand.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
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

#define PROGRAM "/proc/self/exe"
#define NICE 5            /* the sound and the screen come first */
#define LEFT_PERCENT 3    /* from which on it can be said how long it takes yet, */
#define LEFT_SECONDS 0.75 /* and after how long */

void
errand_add(struct errand_line *line, char *word)
{
	if (line->count < ERRAND_WORDS - 1 && word)
		line->word[line->count] = word;
	else
		free(word);
	line->count++;
}

void
errand_line_fini(struct errand_line *line)
{
	for (int k = 0; k < line->count && k < ERRAND_WORDS; k++)
		free(line->word[k]);
	line->count = 0;
}

/* Both ends of its output: mine are non-blocking, its own closed here. */
static void
keep_ends(int pipe[2], int failed)
{
	if (pipe[1] >= 0)
		close(pipe[1]);
	if (pipe[0] >= 0 && !failed)
		fcntl(pipe[0], F_SETFL, O_NONBLOCK);
	else if (pipe[0] >= 0)
		close(pipe[0]);
}

int
errand_start(struct errand *e, const struct errand_line *line, struct err *err)
{
	int said[2] = {-1, -1}, result[2] = {-1, -1}, failed = -1;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, usual;
	memset(e, 0, sizeof *e);
	for (int k = 0; k < line->count; k++)
		if (k >= ERRAND_WORDS - 1 || !line->word[k])
			return err_set(err, "%s: too many words, or not enough memory", line->word[1] ? line->word[1] : "");
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
		failed = posix_spawn(&e->pid, PROGRAM, &files, &attributes, line->word, environ);
		errno = failed;
	}
	if (failed)
		err_set(err, "%s: no process can be started for it: %s", line->word[1], strerror(errno));
	else
		setpriority(PRIO_PROCESS, (id_t)e->pid, NICE);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	keep_ends(said, failed);
	keep_ends(result, failed);
	e->said = said[0];
	e->result = result[0];
	e->began = clock_seconds();
	return failed ? -1 : 0;
}

/* "stemdesk bounce: SENTENCE": its sentence. */
static const char *
sentence(const char *line)
{
	const char *own = "stemdesk ", *colon = strchr(line, ':');
	return !strncmp(line, own, strlen(own)) && colon && colon[1] == ' ' ? colon + 2 : line;
}

static void
take_line(struct errand *e)
{
	int percent;
	size_t n = strlen(e->words);
	if (sscanf(e->line, "progress %d", &percent) == 1) {
		e->percent = percent;
		return;
	}
	text_show(sentence(e->line), e->last, sizeof e->last);
	if (n + strlen(e->last) + 2 < sizeof e->words)
		snprintf(e->words + n, sizeof e->words - n, "%s%s", n ? "\n" : "", e->last);
}

int
errand_poll(struct errand *e)
{
	char piece[512];
	int status;
	ssize_t n, m;
	while ((n = read(e->said, piece, sizeof piece)) > 0)
		for (ssize_t k = 0; k < n; k++) {
			if (piece[k] != '\n' && e->length + 1 < sizeof e->line) {
				e->line[e->length++] = piece[k];
				continue;
			}
			e->line[e->length] = '\0';
			if (e->length)
				take_line(e);
			e->length = 0;
		}
	while ((m = read(e->result, piece, sizeof piece)) > 0)
		for (ssize_t k = 0; k < m && e->size + 1 < sizeof e->text; k++)
			e->text[e->size++] = piece[k];
	pid_t gone = n != 0 || m != 0 ? 0 : waitpid(e->pid, &status, WNOHANG);
	if (gone == 0)
		return 0;
	e->status = gone > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return 1;
}

double
errand_left(const struct errand *e)
{
	double passed = clock_seconds() - e->began;
	if (e->percent < LEFT_PERCENT || passed < LEFT_SECONDS)
		return -1;
	return passed * (100 - e->percent) / e->percent;
}

void
errand_stop(const struct errand *e)
{
	kill(e->pid, SIGTERM);
}

void
errand_close(struct errand *e)
{
	close(e->said);
	close(e->result);
}

/* Where the value of a key begins, NULL where there is none. */
static const char *
value_of(const struct errand *e, const char *key)
{
	char quoted[80];
	snprintf(quoted, sizeof quoted, "\"%s\":", key);
	const char *at = strstr(e->text + e->from, quoted);
	return at ? at + strlen(quoted) : NULL;
}

int
errand_seek(struct errand *e, const char *key, int nth)
{
	const char *at = NULL;
	e->from = 0;
	for (int k = 0; k <= nth && (at = value_of(e, key)); k++)
		e->from = (size_t)(at - e->text);
	if (at)
		e->from -= strlen(key) + 3; /* the key itself is found again */
	else
		e->from = 0;
	return at ? 0 : -1;
}

int
errand_number(const struct errand *e, const char *key, double *number)
{
	const char *at = value_of(e, key);
	char *end;
	double x = at ? strtod(at, &end) : 0;
	if (!at || end == at)
		return -1;
	*number = x;
	return 0;
}

int
errand_numbers(const struct errand *e, const char *key, double *numbers, int most)
{
	const char *at = value_of(e, key);
	int count = 0;
	for (at += at && *at == '['; at && *at && *at != ']' && count < most; count++) {
		char *end;
		numbers[count] = strtod(at, &end);
		if (end == at)
			numbers[count] = NAN;
		at += strcspn(at, ",]");
		at += *at == ',';
	}
	return count;
}

int
errand_text(const struct errand *e, const char *key, int nth, char *to, size_t size)
{
	const char *at = value_of(e, key);
	char raw[1024];
	size_t n = 0;
	*to = '\0';
	at += at && *at == '[';
	for (; at && *at == '"'; nth--) {
		for (n = 0, at++; *at && *at != '"'; at++) {
			at += *at == '\\' && at[1];
			if (n + 1 < sizeof raw)
				raw[n++] = *at;
		}
		raw[n] = '\0';
		if (nth == 0) {
			text_show(raw, to, size);
			return 0;
		}
		at += *at == '"';
		at += *at == ',';
	}
	return -1;
}
