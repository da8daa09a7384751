#include "cli/cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "control/intake.h"
#include "control/regions.h"

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
		cli_say(cli, "left out: %zu bounce%s of a session", scan->own, scan->own == 1 ? "" : "s");
}

/* Says what conversion to the song's rate will cost, before it is done by whoever needs it first. */
static void
tell_rates(const struct cli *cli, const struct scan *scan, double rate)
{
	size_t count = 0;
	double bytes = 0;
	for (size_t k = 0; k < scan->files; k++) {
		const struct media_info *info = &scan->file[k].info;
		if (info->rate == rate)
			continue;
		count++;
		bytes += (double)info->frames * info->channels * 4 * rate / info->rate;
	}
	if (count)
		cli_say(cli,
		        "%zu stem%s of another rate than the song's %.0f Hz: converted once, when first needed (%.1f MB in the "
		        "cache)",
		        count, count == 1 ? " is" : "s are", rate, bytes / 1e6);
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
		rate = rate > 0 ? rate : scan->rate;
		tell_rates(cli, scan, rate);
		snprintf(line, sizeof line, "song/rate %.0f", rate);
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
		cli_say(cli, "%s: %s", text_show(cli->word[0], shown, sizeof shown), strerror(errno));
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

void
cmd_say_sentence(void *arg, const char *sentence)
{
	cli_say(arg, "%s", sentence);
}

void
cmd_check_stems(const struct cli *cli, struct session *session, const char *path, int gone)
{
	regions_check(session, path, gone, cmd_say_sentence, (void *)cli);
}

/* The folder of a file that the session's k-th region plays, NULL behind the last one; the caller frees it. */
static char *
stem_folder(struct session *session, const char *path, size_t k)
{
	const struct node *strip;
	char *home = intake_folder(path), *folder = NULL;
	for (size_t s = 0; home && !folder && (strip = session_node(session, K_STRIP, s)); s++)
		for (size_t c = 0; c < strip->children && !folder; c++) {
			const char *file = strip->child[c]->text[P_REGION_FILE], *slash = strrchr(file, '/');
			if (strip->child[c]->kind != K_REGION || !*file || k-- > 0)
				continue;
			int n = slash ? (int)(slash - file) + 1 : 0;
			if (asprintf(&folder, "%s%.*s", *file == '/' ? "" : home, n, file) < 0)
				folder = NULL;
		}
	free(home);
	return folder;
}

/* Takes in what is new in a folder; how many strips came, or -1. */
static int
rescan_folder(const struct cli *cli, struct session *session, const char *path, const char *folder, int *relinked,
              struct err *err)
{
	struct scan *scan = scan_folder(folder, err);
	size_t strips = 0;
	const struct node *strip;
	if (!scan)
		return -1;
	tell_refused(cli, scan);
	int found = regions_relink(session, path, scan, cmd_say_sentence, (void *)cli, err);
	*relinked += found > 0 ? found : 0;
	while (session_node(session, K_STRIP, strips))
		strips++;
	int added = found < 0 ? -1 : intake_add(session, scan, path, err);
	for (; added > 0 && (strip = session_node(session, K_STRIP, strips)); strips++)
		printf("new: %s\n", session_address(strip));
	scan_free(scan);
	return added;
}

/* Looks at the folders of the stems again, or at the session's own where it has none. */
static int
rescan(const struct cli *cli, struct session *session, const char *path, int *relinked, struct err *err)
{
	char **seen = NULL, *folder;
	size_t count = 0;
	int added = 0;
	for (size_t k = 0; added >= 0; k++) {
		folder = stem_folder(session, path, k);
		if (!folder && (count || !(folder = intake_folder(path))))
			break;
		size_t n = 0;
		while (n < count && strcmp(seen[n], folder) != 0)
			n++;
		char **more = n < count ? NULL : realloc(seen, (count + 1) * sizeof *seen);
		if (more) {
			seen = more;
			seen[count++] = folder;
			int came = rescan_folder(cli, session, path, folder, relinked, err);
			added = came < 0 ? -1 : added + came;
		} else {
			free(folder);
		}
	}
	while (count)
		free(seen[--count]);
	free(seen);
	return added;
}

/* Looks at the session's stems again: new ones become strips, lost ones are looked for, changed ones are told. */
int
cmd_rescan(const struct cli *cli)
{
	struct err err;
	const char *path = cli->word[0];
	struct session *session = cmd_open_session(cli, path, &err);
	if (!session)
		return cli_fail(cli, &err);
	int added = -1, relinked = 0, locked = session_lock(path, &err) == 0;
	if (locked) {
		session_begin(session);
		added = rescan(cli, session, path, &relinked, &err);
		session_commit(session);
		cmd_check_stems(cli, session, path, 1);
	}
	if (added >= 0 && session_dirty(session) && session_save(session, path, &err))
		added = -1;
	if (added >= 0)
		printf("%s: %d new strip%s\n", path, added, added == 1 ? "" : "s");
	if (locked)
		session_unlock(path);
	session_free(session);
	return added < 0 ? cli_fail(cli, &err) : CLI_DONE;
}
