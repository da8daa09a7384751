#include "cli/cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/opening.h"
#include "control/intake.h"
#include "control/regions.h"

const struct cli_option new_cli[] = {
    {"output", 'o', "SESSION", "the session file to write (default: FOLDER/NAME-OF-FOLDER.desk)"},
    {"rate", 0, "HZ", "sample rate of the song (default: the most common one of the stems)"},
    {NULL, 0, NULL, NULL},
};

const struct cli_option rescan_cli[] = {
    {CMD_LENIENT},
    {NULL, 0, NULL, NULL},
};

int
cmd_new(const struct cli *cli)
{
	struct err err;
	double rate = 0;
	const char *given = cli_value(cli, "output");
	char *path = given ? strdup(given) : opening_is_folder(cli->word[0]) ? opening_session_path(cli->word[0]) : NULL;
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
	struct session *session = failed ? NULL : opening_make(cli, cli->word, cli->words, path, rate, &err);
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
	opening_tell_refused(cli, scan);
	int found = regions_relink(session, path, scan, cli_sentence, (void *)cli, err);
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
	struct session *session = opening_session(cli, path, &err);
	if (!session)
		return cli_fail(cli, &err);
	int added = -1, relinked = 0, locked = session_lock(path, &err) == 0;
	if (locked) {
		session_begin(session);
		added = rescan(cli, session, path, &relinked, &err);
		session_commit(session);
		opening_check_stems(cli, session, path, 1);
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
