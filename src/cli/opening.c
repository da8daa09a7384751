#include "cli/opening.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "control/intake.h"
#include "control/regions.h"
#include "media/probe.h"

/* A mix given as a file becomes a session of one strip, so that it goes through the same chain. */
#define FILE_SESSION "master.desk"

int
opening_is_folder(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int
opening_is_session(const char *path)
{
	const char *dot = strrchr(path, '.');
	return dot && !strcmp(dot, ".desk");
}

char *
opening_session_path(const char *folder)
{
	char *real = realpath(folder, NULL), *path = NULL;
	const char *slash = real ? strrchr(real, '/') : NULL;
	if (slash && (path = malloc(strlen(real) + strlen(slash) + 8)))
		sprintf(path, "%s%s.desk", strcmp(real, "/") ? real : "", slash[1] ? slash : "/song");
	free(real);
	return path;
}

/* Of the sessions that lie in a folder how many there are, and the name of one of them. */
static int
count_sessions(const char *folder, char name[256])
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	int count = 0;
	while (dir && (entry = readdir(dir))) {
		if (*entry->d_name == '.' || !opening_is_session(entry->d_name))
			continue;
		snprintf(name, 256, "%s", entry->d_name);
		count++;
	}
	if (dir)
		closedir(dir);
	return count;
}

char *
opening_folder(const char *folder, struct err *err)
{
	char *path = opening_session_path(folder), *slash = path ? strrchr(path, '/') : NULL, name[256], *other;
	if (!slash) {
		err_set(err, "%s: there is no such folder", folder);
		return NULL;
	}
	int count = access(path, F_OK) == 0 ? 0 : count_sessions(folder, name);
	if (count == 0)
		return path;
	if (count > 1)
		err_set(err, "%s: holds %d sessions, and none is called %s; name the one to open", folder, count, slash + 1);
	else if (asprintf(&other, "%.*s%s", (int)(slash + 1 - path), path, name) >= 0) {
		free(path);
		return other;
	} else
		err_set(err, "not enough memory");
	free(path);
	return NULL;
}

struct session *
opening_session(const struct cli *cli, const char *path, struct err *err)
{
	const char *hash = cli->words && path == cli->word[0] ? cli_value(cli, "copy") : NULL;
	char *copy = hash ? session_find_copy(path, hash, err) : NULL;
	if (hash && !copy)
		return NULL;
	struct session *session = session_load(copy ? copy : path, cli_value(cli, "lenient") != NULL, err);
	free(copy);
	if (!session)
		return NULL;
	for (size_t k = 0; session_warning(session, k); k++)
		fprintf(stderr, "%s\n", session_warning(session, k));
	return session;
}

/* A stem that is converted: said once, with its size, then a bar. */
static void
show_conversion(void *arg, const char *file, int64_t bytes, double done)
{
	static struct cli_bar bar;
	char name[256], what[300];
	text_show(file, name, sizeof name);
	if (done <= 0) {
		cli_say(arg, "%s has another rate than the song: it is converted once, %.1f MB in the cache", name,
		        (double)bytes / 1e6);
		cli_bar_begin(&bar, 0);
	}
	snprintf(what, sizeof what, "converting %s", name);
	cli_bar_show(&bar, what, done);
}

struct stems *
opening_stems(const struct cli *cli, struct session *session, const char *path)
{
	opening_check_stems(cli, session, path, 0);
	return stems_new(session, path, cli_value(cli, "skip-bad") != NULL, show_conversion, (void *)cli);
}

void
opening_tell_refused(const struct cli *cli, const struct scan *scan)
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
opening_make(const struct cli *cli, char *const *paths, int count, const char *session_path, double rate,
             struct err *err)
{
	struct scan *scan = count == 1 && opening_is_folder(paths[0])
	                        ? scan_folder(paths[0], err)
	                        : scan_files((const char *const *)paths, (size_t)count, err);
	struct session *session = scan ? session_new() : NULL;
	int added = -1;
	if (scan)
		opening_tell_refused(cli, scan);
	if (session && scan->strips == 0) {
		err_set(err, "%s: no stems were found; stems are WAV, RF64, W64, AIFF and FLAC files", paths[0]);
	} else if (session) {
		char line[64];
		rate = rate > 0 ? rate : scan->rate;
		tell_rates(cli, scan, rate);
		snprintf(line, sizeof line, "song/rate %.0f", rate);
		if (session_line(session, line, err) == 0 && session_line(session, "master/limiter/smooth on", err) == 0)
			added = intake_add(session, scan, session_path, err);
	}
	scan_free(scan);
	if (added < 0) {
		session_free(session);
		return NULL;
	}
	return session;
}

void
opening_check_stems(const struct cli *cli, struct session *session, const char *path, int gone)
{
	regions_check(session, path, gone, cli_sentence, (void *)cli);
}

struct session *
opening_song(const struct cli *cli, const char *path, struct err *err)
{
	char *const paths[] = {(char *)path, NULL};
	struct media_info info;
	char shown[512];
	if (opening_is_session(path))
		return opening_session(cli, path, err);
	if (media_probe(path, &info, err))
		return NULL;
	if (info.channels > 2) {
		err_set(err, "%s: has %d channels; a mix to master is mono or stereo", text_show(path, shown, sizeof shown),
		        info.channels);
		return NULL;
	}
	struct session *session = opening_make(cli, paths, 1, FILE_SESSION, 0, err);
	if (session && info.channels == 1 && opening_unity(session, err)) {
		session_free(session);
		return NULL;
	}
	return session;
}

int
opening_unity(struct session *session, struct err *err)
{
	const struct node *strip = session_node(session, K_STRIP, 0);
	char line[300];
	if (!strip || strip->value[P_CHANNELS] != 1)
		return 0;
	snprintf(line, sizeof line, "%s/pan-law balance", session_address(strip));
	return session_line(session, line, err);
}

struct stems *
opening_song_stems(const struct cli *cli, struct session *session, const char *path)
{
	return opening_stems(cli, session, opening_is_session(path) ? path : FILE_SESSION);
}

void
opening_each_file(struct session *session, struct stems *stems, void (*each)(void *arg, const char *path), void *arg)
{
	const struct node *strip;
	for (size_t k = 0; (strip = session_node(session, K_STRIP, k)); k++)
		for (size_t c = 0; c < strip->children; c++)
			for (int right = 0; right < 2 && strip->child[c]->kind == K_REGION; right++) {
				const char *file = strip->child[c]->text[right ? P_REGION_RIGHT : P_REGION_FILE];
				char *path = *file ? stems_path(stems, file) : NULL;
				if (path)
					each(arg, path);
				free(path);
			}
}
