#include "media/scan.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/text.h"
#include "media/group.h"
#include "media/history.h"
#include "media/names.h"
#include "media/walk.h"

/* Entries of a folder that are looked at at all. */
#define ENTRIES_MAX 65536

void
scan_free(struct scan *s)
{
	if (!s)
		return;
	for (size_t k = 0; k < s->strips; k++) {
		free(s->strip[k].id);
		free(s->strip[k].name);
		free(s->strip[k].region);
	}
	for (size_t k = 0; k < s->files; k++)
		free(s->file[k].path);
	for (size_t k = 0; k < s->refusals; k++) {
		free(s->refused[k].path);
		free(s->refused[k].reason);
	}
	free(s->strip);
	free(s->file);
	free(s->refused);
	free(s);
}

static int
no_memory(struct err *err)
{
	return err_set(err, "%s", strerror(ENOMEM));
}

/* Makes room for one more in *array of n things of size bytes; grows at powers of two. */
static int
grow(void *array, size_t n, size_t size)
{
	void *p;
	if (n & (n - 1))
		return 0;
	memcpy(&p, array, sizeof p);
	p = realloc(p, (n ? 2 * n : 1) * size);
	if (!p)
		return -1;
	memcpy(array, &p, sizeof p);
	return 0;
}

static int
refuse(struct scan *s, const char *path, const char *reason)
{
	if (grow(&s->refused, s->refusals, sizeof *s->refused))
		return -1;
	struct scan_refusal r = {strdup(path), strdup(reason)};
	if (!r.path || !r.reason) {
		free(r.path);
		free(r.reason);
		return -1;
	}
	s->refused[s->refusals++] = r;
	return 0;
}

/* Sessions are UTF-8 text, so a file that is to be named in one must be so itself. */
static bool
is_utf8(const char *path)
{
	unsigned code;
	size_t taken = 1;
	for (size_t left = strlen(path); left && taken; left -= taken, path += taken)
		taken = text_decode(path, left, &code);
	return taken;
}

/* Probes one file and puts it where it belongs; -1 only where memory ends. */
static int
take(struct scan *s, const char *path)
{
	struct media_info info;
	struct err reason;
	char shown[512];
	int status = media_probe(path, &info, &reason);
	if (!status && !is_utf8(path)) {
		err_set(&reason, "%s: its name is not UTF-8, so that no session can hold it; rename it",
		        text_show(path, shown, sizeof shown));
		status = -1;
	} else if (!status && !info.frames) {
		err_set(&reason, "%s: its recorder was cut off before it wrote the length; a repair brings back %.1f s",
		        text_show(path, shown, sizeof shown), (double)info.frames_found / info.rate);
		status = -1;
	}
	if (status)
		return refuse(s, path, reason.text);
	if (grow(&s->file, s->files, sizeof *s->file))
		return -1;
	struct scan_file *f = &s->file[s->files];
	f->path = strdup(path);
	f->info = info;
	s->files += f->path != NULL;
	return f->path ? 0 : -1;
}

/* Whether something in a folder wants to be a stem: by its first bytes, or by its name where those are spoilt. */
static bool
is_candidate(const char *path)
{
	static const char *const endings[] = {".wav",  ".wave", ".bwf", ".rf64", ".w64", ".aif",  ".aiff",
	                                      ".aifc", ".flac", ".mp3", ".ogg",  ".oga", ".opus", ".m4a"};
	static const char *const spoilt[] = {"~", ".part", ".tmp", ".bak", ".desk"};
	size_t n = strlen(path);
	for (size_t k = 0; k < sizeof spoilt / sizeof *spoilt; k++)
		if (n > strlen(spoilt[k]) && !strcasecmp(path + n - strlen(spoilt[k]), spoilt[k]))
			return false;
	int fd = media_open(path, NULL, NULL);
	if (fd < 0)
		return false;
	char head[12];
	bool sound = !walk_read(fd, 0, head, sizeof head) && media_is_sound(head, sizeof head);
	close(fd);
	for (size_t k = 0; !sound && k < sizeof endings / sizeof *endings; k++)
		sound = n > strlen(endings[k]) && !strcasecmp(path + n - strlen(endings[k]), endings[k]);
	return sound;
}

static int
by_name(const void *a, const void *b)
{
	const char *p = *(char *const *)a, *q = *(char *const *)b;
	int order = name_compare(name_base(p), name_base(q));
	return order ? order : strcmp(p, q);
}

/* Leaves our own bounces out where there are other stems. */
static void
drop_own(struct scan *s)
{
	size_t own = 0, kept = 0;
	for (size_t k = 0; k < s->files; k++)
		own += s->file[k].info.own;
	if (own == s->files)
		return;
	for (size_t k = 0; k < s->files; k++) {
		if (s->file[k].info.own)
			free(s->file[k].path);
		else
			s->file[kept++] = s->file[k];
	}
	s->files = kept;
	s->own += own;
}

/* And those that cannot be stems, as lossy ones: nobody is to convert them. */
static void
drop_own_refused(struct scan *s)
{
	size_t kept = 0;
	for (size_t k = 0; k < s->refusals; k++) {
		struct history history;
		if (history_read(s->refused[k].path, &history, NULL)) {
			s->refused[kept++] = s->refused[k];
			continue;
		}
		free(s->refused[k].path);
		free(s->refused[k].reason);
		s->own++;
	}
	s->refusals = kept;
}

static void
find_rate(struct scan *s)
{
	int best = 0;
	for (size_t k = 0; k < s->files; k++) {
		int rate = s->file[k].info.rate, n = 0;
		for (size_t i = 0; i < s->files; i++)
			n += s->file[i].info.rate == rate;
		if (n > best || (n == best && rate > s->rate)) {
			best = n;
			s->rate = rate;
		}
	}
}

/* Probes the files at path, which it sorts, and groups them. */
static struct scan *
finish(struct scan *s, char **path, size_t n, bool folder, struct err *err)
{
	qsort(path, n, sizeof *path, by_name);
	for (size_t k = 0; k < n; k++)
		if (take(s, path[k])) {
			no_memory(err);
			scan_free(s);
			return NULL;
		}
	if (folder) {
		drop_own(s);
		drop_own_refused(s);
	}
	find_rate(s);
	if (group(s, err)) {
		scan_free(s);
		return NULL;
	}
	return s;
}

static void
free_names(char **path, size_t n)
{
	for (size_t k = 0; k < n; k++)
		free(path[k]);
	free(path);
}

struct scan *
scan_files(const char *const *paths, size_t n, struct err *err)
{
	struct scan *s = calloc(1, sizeof *s);
	char **path = calloc(n + 1, sizeof *path);
	size_t have = 0;
	if (n > SCAN_FILES_MAX) {
		err_set(err, "%zu files are more than the %d that can be taken at once; name fewer", n, SCAN_FILES_MAX);
	} else if (s && path) {
		for (; have < n; have++)
			if (!(path[have] = strdup(paths[have])))
				break;
		if (have == n) {
			s = finish(s, path, n, false, err);
			free_names(path, n);
			return s;
		}
		no_memory(err);
	} else {
		no_memory(err);
	}
	free_names(path, have);
	free(s);
	return NULL;
}

/* Reads the names of what may be stems; 0, or -1 with err. */
static int
list_folder(struct scan *s, const char *folder, char ***path, size_t *n, struct err *err)
{
	char shown[512];
	text_show(folder, shown, sizeof shown);
	DIR *dir = opendir(folder);
	if (!dir)
		return err_set(err, "%s: cannot be opened: %s", shown, strerror(errno));
	size_t slash = strlen(folder);
	while (slash > 1 && folder[slash - 1] == '/')
		slash--;
	int status = 0;
	size_t entries = 0;
	errno = 0;
	for (struct dirent *e; !status && (e = readdir(dir)); errno = 0) {
		char *full;
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (++entries > ENTRIES_MAX) {
			status = err_set(err, "%s: has more than %d entries; put the stems into a folder of their own", shown,
			                 ENTRIES_MAX);
		} else if (e->d_name[0] == '.') {
			s->ignored++;
		} else if (asprintf(&full, "%.*s/%s", folder[slash - 1] == '/' ? 0 : (int)slash, folder, e->d_name) < 0) {
			status = no_memory(err);
		} else if (!is_candidate(full)) {
			free(full);
			s->ignored++;
		} else if (*n == SCAN_FILES_MAX) {
			free(full);
			status = err_set(err, "%s: has more than %d sound files; put those of one song into a folder of their own",
			                 shown, SCAN_FILES_MAX);
		} else if (grow(path, *n, sizeof **path)) {
			free(full);
			status = no_memory(err);
		} else {
			(*path)[(*n)++] = full;
		}
	}
	if (!status && errno)
		status = err_set(err, "%s: cannot be read: %s", shown, strerror(errno));
	closedir(dir);
	return status;
}

struct scan *
scan_folder(const char *folder, struct err *err)
{
	struct scan *s = calloc(1, sizeof *s);
	char **path = NULL;
	size_t n = 0;
	if (!s) {
		no_memory(err);
		return NULL;
	}
	if (list_folder(s, folder, &path, &n, err)) {
		free(s);
		s = NULL;
	} else {
		s = finish(s, path, n, true, err);
	}
	free_names(path, n);
	return s;
}
