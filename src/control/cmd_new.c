#include "control/cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "control/intake.h"

const struct cli_option new_cli[] = {
    {"output", 'o', "SESSION", "the session file to write (default: FOLDER/NAME-OF-FOLDER.desk)"},
    {"rate", 0, "HZ", "sample rate of the song (default: the most common one of the stems)"},
    {NULL, 0, NULL, NULL},
};

const struct cli_option rescan_cli[] = {
    {"lenient", 0, NULL, "skip lines of the session with bad values"},
    {NULL, 0, NULL, NULL},
};

static int
is_folder(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

char *
cmd_session_of(const char *folder)
{
	char *real = realpath(folder, NULL), *path = NULL;
	const char *slash = real ? strrchr(real, '/') : NULL;
	if (slash && (path = malloc(strlen(real) + strlen(slash) + 8)))
		sprintf(path, "%s%s.desk", strcmp(real, "/") ? real : "", slash[1] ? slash : "/song");
	free(real);
	return path;
}

static void
tell_refused(const struct cli *cli, const struct scan *scan)
{
	for (size_t k = 0; k < scan->refusals; k++)
		cli_say(cli, "left out: %s", scan->refused[k].reason);
	for (size_t k = 0; k < scan->files; k++) {
		const struct media_info *info = &scan->file[k].info;
		char shown[512];
		if (info->unfinished)
			cli_say(cli, "%s: its header was never finished; %.1f s can be read, `stemdesk repair` gets back %.1f s",
			        text_show(scan->file[k].path, shown, sizeof shown), (double)info->frames / info->rate,
			        (double)info->frames_found / info->rate);
	}
	if (scan->own)
		cli_say(cli, "%zu bounces of a session were left out", scan->own);
}

struct session *
cmd_make_session(const struct cli *cli, char *const *paths, int count, const char *session_path, double rate,
                 struct err *err)
{
	struct scan *scan = count == 1 && is_folder(paths[0]) ? scan_folder(paths[0], err)
	                                                      : scan_files((const char *const *)paths, (size_t)count, err);
	struct session *session = scan ? session_new() : NULL;
	int added = -1;
	if (scan)
		tell_refused(cli, scan);
	if (session && scan->strips == 0) {
		err_set(err, "%s: no stems were found; stems are WAV, RF64, W64, AIFF and FLAC files", paths[0]);
	} else if (session) {
		char line[64];
		snprintf(line, sizeof line, "song/rate %.0f", rate > 0 ? rate : (double)scan->rate);
		if (session_line(session, line, err) == 0)
			added = intake_add(session, scan, session_path, err);
	}
	scan_free(scan);
	if (added < 0) {
		session_free(session);
		return NULL;
	}
	return session;
}

int
cmd_new(const struct cli *cli)
{
	struct err err;
	double rate = 0;
	const char *given = cli_value(cli, "output");
	char *path = given ? strdup(given) : is_folder(cli->word[0]) ? cmd_session_of(cli->word[0]) : NULL;
	char shown[512];
	if (!path && access(cli->word[0], F_OK)) {
		cli_say(cli, "%s: %s", cli->word[0], strerror(errno));
		return CLI_FAILED;
	}
	if (!path) {
		cli_say(cli, "say where the session goes: -o song.desk");
		return CLI_USAGE;
	}
	if (cli_number(cli, "rate", 8000, 192000, &rate, &err)) {
		cli_fail(cli, &err);
		free(path);
		return CLI_USAGE;
	}
	int failed = 0;
	if (access(path, F_OK) == 0)
		failed = err_set(&err, "%s: is there already; `stemdesk rescan` adds new stems to it", path);
	struct session *session = failed ? NULL : cmd_make_session(cli, cli->word, cli->words, path, rate, &err);
	failed = !session || session_save(session, path, &err);
	if (failed) {
		cli_fail(cli, &err);
	} else {
		size_t strips = 0;
		while (session_node(session, K_STRIP, strips))
			strips++;
		printf("%s: %zu strip%s at %.0f Hz\n", text_show(path, shown, sizeof shown), strips, strips == 1 ? "" : "s",
		       session_rate(session));
	}
	session_free(session);
	free(path);
	return failed ? CLI_FAILED : CLI_DONE;
}

static void
say_sentence(void *arg, const char *sentence)
{
	cli_say(arg, "%s", sentence);
}

void
cmd_check_stems(const struct cli *cli, struct session *session, const char *path, int gone)
{
	intake_check(session, path, gone, say_sentence, (void *)cli);
}

/* Looks at the session's folder again: new stems become strips, changed ones are told. */
int
cmd_rescan(const struct cli *cli)
{
	struct err err;
	const char *path = cli->word[0], *slash = strrchr(path, '/');
	struct session *session = cmd_open_session(cli, path, &err);
	if (!session)
		return cli_fail(cli, &err);
	char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	struct scan *scan = folder ? scan_folder(folder, &err) : NULL;
	int added = -1;
	if (scan) {
		tell_refused(cli, scan);
		cmd_check_stems(cli, session, path, 1);
		added = intake_add(session, scan, path, &err);
	}
	if (added > 0 && session_save(session, path, &err))
		added = -1;
	if (added >= 0)
		printf("%s: %d new strips\n", path, added);
	scan_free(scan);
	free(folder);
	session_free(session);
	return added < 0 ? cli_fail(cli, &err) : CLI_DONE;
}
