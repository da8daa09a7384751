#include "session/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session/text.h"

/* Follows symbolic links of the last part of a path, whether or not there is something at the end. */
static char *
follow_links(const char *path)
{
	char *at = text_copy(path, strlen(path));
	for (int links = 0; links < 40; links++) {
		char target[4096];
		ssize_t len = readlink(at, target, sizeof target - 1);
		if (len < 0)
			return at;
		target[len] = '\0';
		char *slash = strrchr(at, '/'), *next;
		next = *target == '/' || !slash ? text_copy(target, (size_t)len)
		                                : text_format("%.*s/%s", (int)(slash - at), at, target);
		free(at);
		at = next;
	}
	free(at);
	errno = ELOOP;
	return NULL;
}

static int
open_beside(struct folder *f, int make)
{
	char *name = text_format(".%s.d", f->base);
	bool made = make && !mkdirat(f->dir, name, 0777);
	int unmade = errno;
	f->beside = openat(f->dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int why = f->beside < 0 && errno == ENOENT && make ? unmade : errno;
	free(name);
	if (made && f->beside >= 0) {
		int fd = openat(f->beside, ".gitignore", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		/* Without it git merely shows the folder. */
		if (fd >= 0 && write(fd, "*\n", 2) != 2)
			unlinkat(f->beside, ".gitignore", 0);
		if (fd >= 0)
			close(fd);
	}
	errno = why;
	return f->beside < 0 && (make || why != ENOENT) ? -1 : 0;
}

int
folder_open(struct folder *f, const char *path, int make, struct err *err)
{
	*f = (struct folder){-1, -1, NULL, NULL};
	f->path = follow_links(path);
	if (!f->path)
		return err_set(err, "%s: %s", path, strerror(errno));
	char *slash = strrchr(f->path, '/');
	const char *base = slash ? slash + 1 : f->path;
	f->base = text_copy(base, strlen(base));
	int result = 0;
	if (!*base || !strcmp(base, ".") || !strcmp(base, "..")) {
		result = err_set(err, "%s: is a folder, not a session", path);
	} else if (strlen(base) > 240) {
		result = err_set(err, "%s: %s", path, strerror(ENAMETOOLONG));
	} else {
		char *dir = slash ? text_copy(f->path, (size_t)(slash - f->path) + 1) : text_copy(".", 1);
		f->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (f->dir < 0)
			result = err_set(err, "%s: %s", dir, strerror(errno));
		else if (open_beside(f, make))
			result =
			    err_set(err, "%s.%s.d: the folder for its lock and earlier copies: %s", slash ? dir : "", f->base,
			            errno == ELOOP || errno == ENOTDIR ? "is no folder (a link is not followed)" : strerror(errno));
		free(dir);
	}
	if (result)
		folder_close(f);
	return text_clean(err, result);
}

void
folder_close(struct folder *f)
{
	if (f->dir >= 0)
		close(f->dir);
	if (f->beside >= 0)
		close(f->beside);
	free(f->base);
	free(f->path);
	*f = (struct folder){-1, -1, NULL, NULL};
}

/* Removes what writers that were killed have left. */
static void
clean(const struct folder *f)
{
	int fd = openat(f->beside, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	if (!list) {
		if (fd >= 0)
			close(fd);
		return;
	}
	for (struct dirent *entry; (entry = readdir(list));) {
		long pid = !strncmp(entry->d_name, "new-", 4) ? strtol(entry->d_name + 4, NULL, 10) : 0;
		if (pid > 0 && (pid == getpid() || (kill((pid_t)pid, 0) && errno == ESRCH)))
			unlinkat(f->beside, entry->d_name, 0);
	}
	closedir(list);
}

static int
write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

int
folder_write(const struct folder *f, int dir, const char *name, const char *text, size_t len, unsigned mode)
{
	char temp[32];
	clean(f);
	snprintf(temp, sizeof temp, "new-%ld", (long)getpid());
	int fd = openat(f->beside, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0)
		return -1;
	int result = write_all(fd, text, len) || (mode && fchmod(fd, mode)) || fsync(fd) ? -1 : 0;
	int why = errno;
	if (close(fd) && !result) {
		why = errno;
		result = -1;
	}
	if (!result && renameat(f->beside, temp, dir, name)) {
		why = errno;
		result = -1;
	}
	if (result) {
		unlinkat(f->beside, temp, 0);
		errno = why;
		return -1;
	}
	/* Some file systems cannot do it for directories; the file itself is on the disk. */
	if (fsync(dir) && errno != EINVAL)
		return -1;
	return 0;
}

char *
folder_read(int dir, const char *name, size_t limit, size_t *len)
{
	struct stat st;
	char *text = NULL;
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		errno = EINVAL;
		return NULL;
	}
	size_t room = (size_t)st.st_size + 1;
	ssize_t n = 1;
	*len = 0;
	if ((size_t)st.st_size <= limit) {
		text = text_alloc(room + 1);
		while (*len < room && (n = read(fd, text + *len, room - *len)) != 0) {
			if (n < 0 && errno != EINTR)
				break;
			*len += n > 0 ? (size_t)n : 0;
		}
	}
	int why = text ? errno : EFBIG;
	close(fd);
	if (n < 0 || !text) {
		free(text);
		errno = why;
		return NULL;
	}
	text[*len] = '\0';
	return text;
}
