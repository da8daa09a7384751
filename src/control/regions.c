#include "control/regions.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "control/intake.h"
#include "engine/stems.h"
#include "media/print.h"

enum { PRINT_SIZE = 128, SENTENCE_SIZE = 2048 };

/* The k-th region of all strips that has a file, NULL behind the last. */
static struct node *
region_of(struct session *session, size_t k)
{
	const struct node *strip;
	for (size_t s = 0; (strip = session_node(session, K_STRIP, s)); s++)
		for (size_t c = 0; c < strip->children; c++)
			if (strip->child[c]->kind == K_REGION && *strip->child[c]->text[P_REGION_FILE] && k-- == 0)
				return strip->child[c];
	return NULL;
}

/* Whether no region before this one plays the same file: what concerns a file is said once. */
static int
is_first(struct session *session, const struct node *region)
{
	const struct node *strip;
	for (size_t s = 0; (strip = session_node(session, K_STRIP, s)); s++)
		for (size_t c = 0; c < strip->children; c++) {
			if (strip->child[c] == region)
				return 1;
			if (strip->child[c]->kind == K_REGION &&
			    !strcmp(strip->child[c]->text[P_REGION_FILE], region->text[P_REGION_FILE]))
				return 0;
		}
	return 1;
}

static void __attribute__((format(printf, 4, 5)))
tell(const struct node *region, regions_say *say, void *arg, const char *format, ...)
{
	char name[256], sentence[SENTENCE_SIZE];
	va_list args;
	int n = snprintf(sentence, sizeof sentence, "\"%s\": ", text_show(region->parent->text[P_NAME], name, sizeof name));
	va_start(args, format);
	vsnprintf(sentence + n, sizeof sentence - (size_t)n, format, args);
	va_end(args);
	say(arg, sentence);
}

/* What is different between two prints, in words. */
static const char *
difference(const char *was, const char *now, char text[128])
{
	int rate[2] = {0}, channels[2] = {0};
	long long frames[2] = {0};
	if (sscanf(was, "%d/%d/%lld/", &rate[0], &channels[0], &frames[0]) != 3 ||
	    sscanf(now, "%d/%d/%lld/", &rate[1], &channels[1], &frames[1]) != 3)
		snprintf(text, 128, "it is another one");
	else if (rate[0] != rate[1])
		snprintf(text, 128, "%d Hz, it was %d", rate[1], rate[0]);
	else if (channels[0] != channels[1])
		snprintf(text, 128, "%d channels, it had %d", channels[1], channels[0]);
	else if (frames[0] != frames[1] && rate[0] > 0)
		snprintf(text, 128, "%.3f s long, it was %.3f", (double)frames[1] / rate[1], (double)frames[0] / rate[0]);
	else
		snprintf(text, 128, "as long as before, with other sound");
	return text;
}

static void
check_region(struct stems *stems, const struct node *region, int gone, regions_say *say, void *arg)
{
	const char *file = region->text[P_REGION_FILE], *was = region->text[P_REGION_PRINT];
	char now[PRINT_SIZE], shown[512], words[128];
	struct media_info info;
	struct err err;
	char *path = stems_path(stems, file);
	if (!path)
		return;
	if (media_probe(path, &info, &err)) {
		if (gone)
			tell(region, say, arg, "%s", err.text);
	} else if (*was && media_print(path, &info, now, sizeof now, &err) == 0 && strcmp(was, now)) {
		tell(region, say, arg, "%s has changed since it was taken in (%s); `%s/print default` takes it as it is",
		     text_show(file, shown, sizeof shown), difference(was, now, words), session_address(region));
	}
	free(path);
}

void
regions_check(struct session *session, const char *path, int gone, regions_say *say, void *arg)
{
	struct stems *stems = stems_new(session, path, 0, NULL, NULL);
	const struct node *region;
	for (size_t k = 0; stems && (region = region_of(session, k)); k++)
		if (is_first(session, region))
			check_region(stems, region, gone, say, arg);
	stems_free(stems);
}

static int
is_played(struct session *session, const char *file)
{
	const struct node *region;
	for (size_t k = 0; (region = region_of(session, k)); k++)
		if (!strcmp(region->text[P_REGION_FILE], file) || !strcmp(region->text[P_REGION_RIGHT], file))
			return 1;
	return 0;
}

/* The file of the right side that a scan found to the left one's, -1 for none. */
static long
right_of(const struct scan *scan, size_t file)
{
	for (size_t k = 0; k < scan->strips; k++)
		for (size_t r = 0; r < scan->strip[k].regions; r++)
			if (scan->strip[k].region[r].file == file)
				return scan->strip[k].region[r].right;
	return -1;
}

/* The file of a scan that has a print and is free, -1 for none. */
static long
look_for(struct session *session, const struct scan *scan, const char *folder, const char *print, const char *lost)
{
	struct err err;
	for (size_t k = 0; k < scan->files; k++) {
		char is[PRINT_SIZE];
		const struct media_info *info = &scan->file[k].info;
		int rate, channels;
		long long frames;
		if (sscanf(print, "%d/%d/%lld/", &rate, &channels, &frames) != 3 || rate != info->rate ||
		    channels != info->channels || frames != info->frames ||
		    media_print(scan->file[k].path, info, is, sizeof is, &err) || strcmp(is, print) != 0)
			continue;
		char *name = intake_relative(folder, scan->file[k].path);
		/* A file of many channels is lost by all of its regions, one after the other. */
		int unused = name && strcmp(name, lost) != 0 && (channels > 2 || !is_played(session, name));
		free(name);
		if (unused)
			return (long)k;
	}
	return -1;
}

static int
relink(struct session *session, struct node *region, const struct scan *scan, const char *folder, size_t file,
       char told[1024], regions_say *say, void *arg, struct err *err)
{
	char was[512], is[512];
	long right = *region->text[P_REGION_RIGHT] ? right_of(scan, file) : -1;
	char *name = intake_relative(folder, scan->file[file].path);
	char *other = right >= 0 ? intake_relative(folder, scan->file[right].path) : NULL;
	int status = name ? 0 : err_set(err, "%s: is gone while it was read", scan->file[file].path);
	/* The regions before it that played the same file have been given the new one already. */
	if (!status && strcmp(told, name) != 0) {
		snprintf(told, 1024, "%s", name);
		tell(region, say, arg, "%s is found again as %s", text_show(region->text[P_REGION_FILE], was, sizeof was),
		     text_show(name, is, sizeof is));
	}
	if (!status)
		status = session_set_text(session, region, P_REGION_FILE, name, err);
	if (!status && other)
		status = session_set_text(session, region, P_REGION_RIGHT, other, err);
	free(name);
	free(other);
	return status;
}

int
regions_relink(struct session *session, const char *path, const struct scan *scan, regions_say *say, void *arg,
               struct err *err)
{
	struct stems *stems = stems_new(session, path, 0, NULL, NULL);
	char *folder = intake_folder(path);
	struct node *region;
	char told[1024] = "";
	int found = stems && folder ? 0 : err_set(err, "%s: its folder cannot be read", path);
	session_begin(session);
	for (size_t k = 0; found >= 0 && (region = region_of(session, k)); k++) {
		const char *file = region->text[P_REGION_FILE];
		char *where = stems_path(stems, file);
		int lost = where && access(where, F_OK) != 0;
		free(where);
		long at = lost && *region->text[P_REGION_PRINT]
		              ? look_for(session, scan, folder, region->text[P_REGION_PRINT], file)
		              : -1;
		if (at >= 0)
			found = relink(session, region, scan, folder, (size_t)at, told, say, arg, err) ? -1 : found + 1;
	}
	session_commit(session);
	stems_free(stems);
	free(folder);
	return found;
}

struct regions_before {
	size_t count;
	struct played {
		uint32_t uid;
		char *file;
	} played[];
};

static void
forget(struct regions_before *before)
{
	for (size_t k = 0; before && k < before->count; k++)
		free(before->played[k].file);
	free(before);
}

struct regions_before *
regions_remember(struct session *session)
{
	size_t count = 0;
	while (region_of(session, count))
		count++;
	struct regions_before *before = calloc(1, sizeof *before + count * sizeof *before->played);
	for (size_t k = 0; before && k < count; k++) {
		const struct node *region = region_of(session, k);
		before->played[k] = (struct played){region->uid, strdup(region->text[P_REGION_FILE])};
		before->count = k + 1;
		if (!before->played[k].file) {
			forget(before);
			return NULL;
		}
	}
	return before;
}

static int
is_as_before(const struct regions_before *before, const struct node *region)
{
	for (size_t k = 0; k < before->count; k++)
		if (before->played[k].uid == region->uid)
			return !strcmp(before->played[k].file, region->text[P_REGION_FILE]);
	return *region->text[P_REGION_PRINT] != '\0'; /* new, and whoever made it knew the file */
}

void
regions_follow(struct session *session, const char *path, struct regions_before *before, regions_say *say, void *arg)
{
	struct stems *stems = before ? stems_new(session, path, 0, NULL, NULL) : NULL;
	struct node *region;
	for (size_t k = 0; stems && (region = region_of(session, k)); k++) {
		char print[PRINT_SIZE] = "", shown[512];
		struct media_info info;
		struct err err;
		char *file = is_as_before(before, region) ? NULL : stems_path(stems, region->text[P_REGION_FILE]);
		if (!file)
			continue;
		if (media_probe(file, &info, &err) || media_print(file, &info, print, sizeof print, &err))
			tell(region, say, arg, "%s", err.text);
		else if (info.channels == 2 && region->parent->value[P_CHANNELS] == 1 && region->value[P_REGION_CHANNEL] == 1)
			tell(region, say, arg, "%s has two sides, of which the strip takes the left; `%s/channels 2` takes both",
			     text_show(region->text[P_REGION_FILE], shown, sizeof shown), session_address(region->parent));
		if (session_set_text(session, region, P_REGION_PRINT, print, &err))
			tell(region, say, arg, "%s", err.text);
		free(file);
	}
	stems_free(stems);
	forget(before);
}
