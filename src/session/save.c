#include "session/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session/folder.h"
#include "base/sha256.h"

/* Earlier copies that are kept beside those that a bounce used. */
enum { COPIES_KEPT = 50 };

void
session_hash(struct session *s, char hex[65])
{
	size_t len;
	char *text = session_text(s, &len);
	sha256_hex(text, len, hex);
	free(text);
}

struct copy {
	char name[96];
	struct timespec when;
};

static int
newest_first(const void *a, const void *b)
{
	const struct copy *x = a, *y = b;
	if (x->when.tv_sec != y->when.tv_sec)
		return x->when.tv_sec < y->when.tv_sec ? 1 : -1;
	if (x->when.tv_nsec != y->when.tv_nsec)
		return x->when.tv_nsec < y->when.tv_nsec ? 1 : -1;
	return strcmp(x->name, y->name);
}

/* Removes the oldest of the earlier copies. */
static void
prune(const struct folder *f)
{
	struct copy *copy = NULL;
	size_t count = 0, room = 0;
	int fd = openat(f->beside, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	if (!list) {
		if (fd >= 0)
			close(fd);
		return;
	}
	for (struct dirent *entry; (entry = readdir(list));) {
		struct stat st;
		if (strncmp(entry->d_name, "earlier-", 8) != 0 || strlen(entry->d_name) >= sizeof copy->name ||
		    fstatat(f->beside, entry->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		if (count == room)
			copy = text_realloc(copy, (room = room ? room * 2 : 64) * sizeof *copy);
		strcpy(copy[count].name, entry->d_name);
		copy[count++].when = st.st_mtim;
	}
	closedir(list);
	if (count)
		qsort(copy, count, sizeof *copy, newest_first);
	for (size_t k = COPIES_KEPT; k < count; k++)
		unlinkat(f->beside, copy[k].name, 0);
	free(copy);
}

/* Keeps the file as it is now under its hash. A link needs no room, so that a full disk does not stop it. */
static int
keep_earlier(const struct folder *f, const char *text, size_t len)
{
	char hex[65], name[96];
	sha256_hex(text, len, hex);
	snprintf(name, sizeof name, "earlier-%s.desk", hex);
	if (!linkat(f->dir, f->base, f->beside, name, 0)) {
		/* Its age counts from now on: the order in which copies go. */
		utimensat(f->beside, name, NULL, AT_SYMLINK_NOFOLLOW);
		return 0;
	}
	if (errno == EEXIST)
		return utimensat(f->beside, name, NULL, AT_SYMLINK_NOFOLLOW);
	return folder_write(f, f->beside, name, text, len, 0);
}

static int
save(struct session *s, const struct folder *f, const char *path, struct err *err)
{
	struct stat st;
	size_t len, old_len = 0;
	unsigned mode = 0;
	char *text = session_text(s, &len), *old = NULL;
	int result = 0;
	if (!fstatat(f->dir, f->base, &st, AT_SYMLINK_NOFOLLOW)) {
		mode = st.st_mode & 07777;
		if (!S_ISREG(st.st_mode))
			result = err_set(err, "%s: is no ordinary file, and is not replaced", path);
		else if (faccessat(f->dir, f->base, W_OK, AT_EACCESS))
			result = err_set(err, "%s: cannot be saved: %s", path,
			                 errno == EACCES ? "the file is write-protected" : strerror(errno));
		else if (!(old = folder_read(f->dir, f->base, (size_t)4 * STORE_FILE_MAX, &old_len)))
			result = err_set(err, "%s: what is there cannot be read, so no copy of it could be kept: %s", path,
			                 strerror(errno));
	}
	bool same = old && old_len == len && !memcmp(old, text, len);
	if (!result && !same) {
		if (old && keep_earlier(f, old, old_len))
			result = err_set(err, "%s: cannot be saved: no earlier copy could be kept: %s", path, strerror(errno));
		else if (folder_write(f, f->dir, f->base, text, len, mode))
			result = err_set(err, "%s: cannot be saved, the file is as it was: %s", path, strerror(errno));
		else
			prune(f);
	}
	if (!result)
		sha256_hex(text, len, s->on_disk);
	free(old);
	free(text);
	return result;
}

int
session_save(struct session *s, const char *path, struct err *err)
{
	struct folder f;
	if (folder_open(&f, path, 1, err))
		return -1;
	int result = save(s, &f, path, err);
	if (!result) {
		s->saved_at = s->op_at;
		s->unsaved_aside = false;
	}
	folder_close(&f);
	return text_clean(err, result);
}

bool
session_overtaken(struct session *s, const char *path)
{
	char hex[65];
	size_t len;
	char *text = folder_read(AT_FDCWD, path, (size_t)4 * STORE_FILE_MAX, &len);
	if (!text)
		return false;
	sha256_hex(text, len, hex);
	free(text);
	return strcmp(hex, s->on_disk) != 0;
}

int
session_keep_copy(struct session *s, const char *path, char hex[65], struct err *err)
{
	struct folder f;
	char name[96];
	size_t len;
	if (folder_open(&f, path, 1, err))
		return -1;
	char *text = session_text(s, &len);
	sha256_hex(text, len, hex);
	snprintf(name, sizeof name, "bounce-%s.desk", hex);
	int result = 0;
	if (faccessat(f.beside, name, F_OK, 0) && folder_write(&f, f.beside, name, text, len, 0))
		result = err_set(err, "%s: no copy for this bounce could be kept: %s", path, strerror(errno));
	free(text);
	folder_close(&f);
	return result;
}

/* Whether a file in dir has the hash. */
static bool
has_hash(int dir, const char *name, const char *hash)
{
	char hex[65];
	size_t len;
	char *text = dir < 0 ? NULL : folder_read(dir, name, STORE_FILE_MAX, &len);
	if (!text)
		return false;
	sha256_hex(text, len, hex);
	free(text);
	return !strcmp(hex, hash);
}

char *
session_find_copy(const char *path, const char *hash, struct err *err)
{
	struct folder f;
	static const char *const kinds[] = {"bounce", "earlier"};
	char *found = NULL;
	if (strlen(hash) != 64 || strspn(hash, "0123456789abcdef") != 64) {
		err_set(err, "\"%.70s\" is no hash of a session: 64 hex digits", hash);
		return NULL;
	}
	if (folder_open(&f, path, 0, err))
		return NULL;
	if (has_hash(f.dir, f.base, hash))
		found = text_copy(f.path, strlen(f.path));
	for (size_t k = 0; k < 2 && !found; k++) {
		char name[96];
		snprintf(name, sizeof name, "%s-%s.desk", kinds[k], hash);
		if (has_hash(f.beside, name, hash))
			found = text_format("%.*s.%s.d/%s", (int)(strlen(f.path) - strlen(f.base)), f.path, f.base, name);
	}
	if (!found)
		err_set(err, "%s: there is no copy of the session with the hash %s", path, hash);
	folder_close(&f);
	return found;
}
