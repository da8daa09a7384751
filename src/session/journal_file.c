#include "session/journal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha256.h"
#include "session/folder.h"
#include "session/text.h"

enum { SMALL_MAX = 65536 }; /* bytes */

struct journal_file {
	char *path;
	struct folder folder;
	int fd;
	char *text; /* what the file is to hold */
	size_t len, room;
	size_t first;   /* length of the first line */
	size_t written; /* bytes of it that are in the file */
	bool anew;      /* the file holds something else, or is not there */
	bool unsynced;
	char *base; /* to be kept first, or NULL */
	size_t base_len;
};

struct journal_file *
journal_file_new(const char *path)
{
	struct journal_file *f = text_alloc(sizeof *f);
	f->path = text_copy(path, strlen(path));
	f->folder = (struct folder){-1, -1, NULL, NULL};
	f->fd = -1;
	return f;
}

void
journal_file_free(struct journal_file *f)
{
	if (!f)
		return;
	if (f->fd >= 0)
		close(f->fd);
	folder_close(&f->folder);
	free(f->path);
	free(f->text);
	free(f->base);
	free(f);
}

void
journal_file_add(struct journal_file *f, const char *text, size_t len)
{
	if (!len)
		return; /* there may be no room for nothing: memcpy() takes no NULL */
	if (f->len + len > f->room)
		f->text = text_realloc(f->text, f->room = (f->len + len) * 2);
	memcpy(f->text + f->len, text, len);
	f->len += len;
}

void
journal_file_begin(struct journal_file *f, const char *text, size_t len, bool there)
{
	f->len = 0;
	journal_file_add(f, text, len);
	const char *end = memchr(text, '\n', len);
	f->first = end ? (size_t)(end - text) + 1 : len;
	f->written = there ? len : 0;
	f->anew = !there;
	free(f->base);
	f->base = NULL;
}

void
journal_file_base(struct journal_file *f, const char *text, size_t len)
{
	free(f->base);
	f->base = text_copy(text, f->base_len = len);
}

static int
write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n ? errno : EIO;
			return -1;
		}
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

/* A file of this name that is written whole and then takes another's place. */
static int
open_new(struct journal_file *f, const char *name)
{
	unlinkat(f->folder.beside, name, 0);
	return openat(f->folder.beside, name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0666);
}

static int
keep_base(struct journal_file *f)
{
	char hex[65], name[96];
	sha256_hex(f->base, f->base_len, hex);
	snprintf(name, sizeof name, "earlier-%s.desk", hex);
	int fd = open_new(f, "base.new");
	int result = fd < 0 ? -1 : write_all(fd, f->base, f->base_len) || fsync(fd) ? -1 : 0;
	if (!result)
		result = renameat(f->folder.beside, "base.new", f->folder.beside, name);
	int why = errno;
	if (fd >= 0)
		close(fd);
	if (result)
		unlinkat(f->folder.beside, "base.new", 0);
	errno = why;
	if (!result) {
		free(f->base);
		f->base = NULL;
	}
	return result;
}

/* The whole content into a new file, which then takes the old one's place. */
static int
write_anew(struct journal_file *f)
{
	struct stat st;
	if (f->len == f->first && fstatat(f->folder.beside, "journal", &st, AT_SYMLINK_NOFOLLOW))
		return 0; /* nothing to tell, and nothing that tells otherwise */
	if (f->base && keep_base(f))
		return -1;
	int fd = open_new(f, "journal.new");
	if (fd < 0)
		return -1;
	int result = write_all(fd, f->text, f->len) || fdatasync(fd) ||
	                     renameat(f->folder.beside, "journal.new", f->folder.beside, "journal")
	                 ? -1
	                 : 0;
	if (result) {
		int why = errno;
		close(fd);
		unlinkat(f->folder.beside, "journal.new", 0);
		errno = why;
		return -1;
	}
	fsync(f->folder.beside);
	if (f->fd >= 0)
		close(f->fd);
	f->fd = fd;
	f->written = f->len;
	f->anew = f->unsynced = false;
	return 0;
}

/* What is new behind what is there. */
static int
write_more(struct journal_file *f)
{
	struct stat st;
	if (f->fd < 0)
		f->fd = openat(f->folder.beside, "journal", O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	if (f->fd < 0 || fstat(f->fd, &st) || !st.st_nlink || (size_t)st.st_size != f->written) {
		f->anew = true; /* somebody was there */
		return write_anew(f);
	}
	if (f->written == f->len)
		return 0;
	if (!write_all(f->fd, f->text + f->written, f->len - f->written)) {
		f->written = f->len;
		f->unsynced = true;
		return 0;
	}
	int why = errno;
	/* half a line would spoil what comes behind it */
	if (ftruncate(f->fd, (off_t)f->written))
		f->anew = true;
	errno = why;
	return -1;
}

/* The folder beside, anew where somebody removed it; without `make` there may be none. */
static int
open_folder(struct journal_file *f, int make, struct err *err)
{
	struct stat st;
	if (f->folder.beside >= 0 && fstat(f->folder.beside, &st) == 0 && st.st_nlink)
		return 0;
	folder_close(&f->folder);
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	return folder_open(&f->folder, f->path, make, err);
}

int
journal_file_write(struct journal_file *f, struct err *err)
{
	bool empty = f->anew && f->len == f->first;
	if (!f->anew && f->written == f->len)
		return 0;
	if (open_folder(f, !empty, err))
		return -1;
	if (f->folder.beside < 0 || (f->anew ? write_anew(f) : write_more(f)) == 0)
		return 0;
	return err_set(err, "%s", strerror(errno));
}

bool
journal_file_unsynced(const struct journal_file *f)
{
	return f->unsynced;
}

int
journal_file_sync(struct journal_file *f, struct err *err)
{
	if (!f->unsynced)
		return 0;
	if (fdatasync(f->fd)) {
		f->anew = true; /* nobody knows what is there */
		return err_set(err, "%s", strerror(errno));
	}
	f->unsynced = false;
	return 0;
}

void
journal_file_remove(struct journal_file *f)
{
	if (open_folder(f, 0, NULL) == 0 && f->folder.beside >= 0)
		unlinkat(f->folder.beside, "journal", 0);
}

void
journal_file_small(struct journal_file *f, const char *name, const char *text)
{
	char new[40];
	snprintf(new, sizeof new, "%s.new", name);
	if (open_folder(f, text != NULL, NULL) || f->folder.beside < 0)
		return;
	if (!text) {
		unlinkat(f->folder.beside, name, 0);
		return;
	}
	int fd = open_new(f, new);
	if (fd < 0)
		return;
	if (write_all(fd, text, strlen(text)) || renameat(f->folder.beside, new, f->folder.beside, name))
		unlinkat(f->folder.beside, new, 0);
	close(fd);
}

char *
journal_file_read_small(const char *path, const char *name)
{
	struct folder f;
	struct stat st;
	size_t len;
	if (folder_open(&f, path, 0, NULL))
		return NULL;
	char *text = NULL;
	if (f.beside >= 0 && !fstatat(f.beside, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode))
		text = folder_read(f.beside, name, SMALL_MAX, &len);
	folder_close(&f);
	return text;
}
