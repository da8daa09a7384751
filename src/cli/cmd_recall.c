#include "cli/cmd.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "media/history.h"
#include "media/part.h"
#include "session/session.h"

const struct cli_option recall_cli[] = {
    {"output", 'o', "SESSION", "write the session there; beside the one it came from, it finds its stems"},
    {NULL, 0, NULL, NULL},
};

#define SUFFIX ".desk"

/* The session's name that an entry of a folder speaks of: "song.desk", also of ".song.desk.d". The caller frees it. */
static char *
session_of_entry(const char *entry)
{
	size_t n = strlen(entry), suffix = strlen(SUFFIX);
	if (n > suffix + 3 && *entry == '.' && !strcmp(entry + n - 2, ".d")) {
		entry++;
		n -= 3;
	}
	if (n <= suffix || *entry == '.' || strncmp(entry + n - suffix, SUFFIX, suffix) != 0)
		return NULL;
	return strndup(entry, n);
}

/* Looks for the copy at all sessions of a folder ("" is the working directory, else with its final slash). */
static char *
find_in_folder(const char *folder, const char *hash)
{
	DIR *list = opendir(*folder ? folder : ".");
	char *found = NULL;
	if (!list)
		return NULL;
	for (struct dirent *entry; !found && (entry = readdir(list));) {
		char *name = session_of_entry(entry->d_name), *path = NULL;
		if (name && asprintf(&path, "%s%s", folder, name) < 0)
			path = NULL;
		if (path)
			found = session_find_copy(path, hash, NULL);
		free(name);
		free(path);
	}
	closedir(list);
	return found;
}

/* The copy that made the file; NULL with err filled. */
static char *
find_copy(const struct cli *cli, const struct history *history, struct err *err)
{
	const char *file = cli->word[0], *slash = strrchr(file, '/');
	char shown[512];
	if (cli->words > 1)
		return session_find_copy(cli->word[1], history->session, err);
	char *folder = slash ? strndup(file, (size_t)(slash - file) + 1) : strdup("");
	char *found = folder ? find_in_folder(folder, history->session) : NULL;
	if (!found && slash)
		found = find_in_folder("", history->session);
	free(folder);
	text_show(file, shown, sizeof shown);
	if (!found)
		err_set(err,
		        "%s: was made by a session (%.12s) that is not kept beside it nor in the working directory; name the "
		        "session that it was bounced from: `stemdesk recall FILE SESSION`",
		        shown, history->session);
	return found;
}

/* Copies the session's bytes to a new file. */
static int
write_copy(const char *from, const char *to, struct err *err)
{
	char shown[512], block[65536];
	text_show(to, shown, sizeof shown);
	if (access(to, F_OK) == 0)
		return err_set(err, "%s: is there already; choose another name with -o", shown);
	FILE *in = fopen(from, "rb");
	if (!in)
		return err_set(err, "%s: cannot be read: %s", from, strerror(errno));
	struct part *part = part_open(to, 0, err);
	int status = part ? 0 : -1;
	for (size_t n; !status && (n = fread(block, 1, sizeof block, in)) > 0;)
		status = part_write(part, block, n, err);
	if (!status && ferror(in))
		status = err_set(err, "%s: cannot be read: %s", from, strerror(errno));
	if (status)
		part_abort(part);
	else
		status = part_commit(part, err);
	fclose(in);
	return status;
}

int
cmd_recall(const struct cli *cli)
{
	struct err err;
	struct history history;
	char shown[512];
	const char *to = cli_value(cli, "output");
	if (history_read(cli->word[0], &history, &err))
		return cli_fail(cli, &err);
	char *copy = find_copy(cli, &history, &err);
	int failed = !copy || (to && write_copy(copy, to, &err));
	if (!failed) {
		puts(to ? to : copy);
		if (*history.variant)
			cli_say(cli, "it was bounced with --variant %s", text_show(history.variant, shown, sizeof shown));
	}
	free(copy);
	return failed ? cli_fail(cli, &err) : CLI_DONE;
}
