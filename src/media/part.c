#include "media/part.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define BUFFER (256 * 1024)
#define TAG ".part-" /* a part is called .NAME.part-HOST-PID-XXXXXXXX */
#define HOST_MAX_LENGTH 64

struct part {
	int fd, dir;             /* dir: the target's folder, so that renaming that folder meanwhile does no harm */
	char *path;              /* as the user gave it, for messages */
	char name[NAME_MAX + 1]; /* of the target in its folder, after links */
	char temp[NAME_MAX + 1]; /* of the part in that folder */
	uint64_t start;          /* file offset of the buffer's first byte */
	size_t fill;             /* bytes in the buffer */
	uint64_t length;         /* of the file, with what is in the buffer */
	int failed;              /* the errno that ended it */
	uint8_t buffer[BUFFER];
};

/* This host's name in letters that suit a file name. */
static void
host_name(char host[HOST_MAX_LENGTH + 1])
{
	if (gethostname(host, HOST_MAX_LENGTH) != 0 || host[0] == '\0')
		snprintf(host, HOST_MAX_LENGTH, "localhost");
	host[HOST_MAX_LENGTH] = '\0';
	for (char *c = host; *c; c++)
		if (!((*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') || *c == '.'))
			*c = '_';
}

/*
 * Follows links at the end of the path, also one that leads to nothing yet. On success `folder` is the real path of the
 * folder (to be freed) and `name` the last part in it.
 */
static int
resolve(const char *path, char **folder, char name[NAME_MAX + 1])
{
	char *now = strdup(path);
	for (int links = 0; now && links < 40; links++) {
		char *slash = strrchr(now, '/');
		const char *last = slash ? slash + 1 : now;
		if (strlen(last) > NAME_MAX || *last == '\0' || strcmp(last, ".") == 0 || strcmp(last, "..") == 0) {
			errno = *last && last[0] != '.' ? ENAMETOOLONG : EISDIR;
			free(now);
			return -1;
		}
		char target[PATH_MAX];
		ssize_t n = readlink(now, target, sizeof target - 1);
		if (n < 0) {
			strcpy(name, last);
			if (slash)
				slash[slash == now] = '\0';
			*folder = realpath(slash ? now : ".", NULL);
			free(now);
			return *folder ? 0 : -1;
		}
		target[n] = '\0';
		char *next = NULL;
		if (target[0] == '/' || !slash)
			next = strdup(target);
		else if (asprintf(&next, "%.*s/%s", (int)(slash - now), now, target) < 0)
			next = NULL;
		free(now);
		now = next;
	}
	errno = now ? ELOOP : ENOMEM;
	free(now);
	return -1;
}

/* Whether `temp` is a part of a process of this host that is no more. */
static int
left_behind(int dir, const char *temp, const char *host)
{
	const char *tag = NULL;
	for (const char *at = temp; (at = strstr(at, TAG)); at++)
		tag = at;
	size_t n = strlen(host);
	if (temp[0] != '.' || !tag || strncmp(tag + strlen(TAG), host, n) != 0 || tag[strlen(TAG) + n] != '-')
		return 0;
	long pid = 0;
	unsigned id = 0;
	int end = 0;
	const char *numbers = tag + strlen(TAG) + n + 1;
	if (sscanf(numbers, "%9ld-%8x%n", &pid, &id, &end) != 2 || numbers[end] != '\0' || pid <= 0)
		return 0;
	if (kill((pid_t)pid, 0) == 0 || errno != ESRCH)
		return 0;
	/* The writer holds a lock, so that a living one in another process namespace is not taken for dead. */
	int fd = openat(dir, temp, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return 0;
	struct stat st;
	int dead =
	    fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() && flock(fd, LOCK_EX | LOCK_NB) == 0;
	close(fd);
	return dead;
}

static void
clean_folder(int dir, const char *host)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	if (!list) {
		if (fd >= 0)
			close(fd);
		return;
	}
	const struct dirent *entry;
	while ((entry = readdir(list)))
		if (left_behind(dir, entry->d_name, host))
			unlinkat(dir, entry->d_name, 0);
	closedir(list);
}

/* The target must be a regular file that may be written, or nothing. */
static int
check_target(const struct part *part, struct err *err)
{
	struct stat st;
	if (fstatat(part->dir, part->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? 0 : err_set(err, "cannot write %s: %s", part->path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return err_set(err, "cannot write %s: it is a folder; name a file in it", part->path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, "cannot write %s: it is a device, pipe or socket; name a regular file", part->path);
	if (faccessat(part->dir, part->name, W_OK, AT_EACCESS) != 0)
		return err_set(err, "cannot write %s: %s; name another file or change its mode", part->path, strerror(errno));
	return 0;
}

static int
check_room(const struct part *part, uint64_t expected, struct err *err)
{
	struct statvfs fs;
	if (expected == 0 || fstatvfs(part->dir, &fs) != 0 || fs.f_blocks == 0)
		return 0;
	uint64_t block = fs.f_frsize ? fs.f_frsize : fs.f_bsize;
	if (expected / block < fs.f_bavail)
		return 0;
	return err_set(err, "cannot write %s: it needs %.1f MB and %.1f MB are free; free some space or name another disk",
	               part->path, (double)expected / 1e6, (double)fs.f_bavail * (double)block / 1e6);
}

/* Creates the part under a name nobody has. */
static int
create(struct part *part, const char *host)
{
	for (int tries = 0; tries < 16; tries++) {
		uint32_t id;
		if (getrandom(&id, sizeof id, 0) != (ssize_t)sizeof id)
			return -1;
		char tail[HOST_MAX_LENGTH + 40];
		int n = snprintf(tail, sizeof tail, TAG "%s-%ld-%08x", host, (long)getpid(), (unsigned)id);
		int room = NAME_MAX - 1 - n;
		snprintf(part->temp, sizeof part->temp, ".%.*s%s", room, part->name, tail);
		part->fd = openat(part->dir, part->temp, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
		if (part->fd >= 0) {
			flock(part->fd, LOCK_EX | LOCK_NB); /* where the file system has no locks, the pid alone tells */
			return 0;
		}
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

static void
part_free(struct part *part)
{
	if (part->fd >= 0)
		close(part->fd);
	if (part->dir >= 0)
		close(part->dir);
	free(part->path);
	free(part);
}

struct part *
part_open(const char *path, uint64_t expected, struct err *err)
{
	struct part *part = malloc(sizeof *part);
	if (!part) {
		err_set(err, "cannot write %s: out of memory", path);
		return NULL;
	}
	memset(part, 0, offsetof(struct part, buffer));
	part->fd = part->dir = -1;
	part->path = strdup(path);
	char *folder = NULL;
	if (!part->path || resolve(path, &folder, part->name) != 0 ||
	    (part->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
		err_set(err, "cannot write %s: %s", path,
		        errno == ENOENT ? "its folder is not there; make it first" : strerror(errno));
		goto fail;
	}
	char host[HOST_MAX_LENGTH + 1];
	host_name(host);
	if (check_target(part, err) != 0)
		goto fail;
	clean_folder(part->dir, host);
	if (check_room(part, expected, err) != 0)
		goto fail;
	if (create(part, host) != 0) {
		err_set(err, "cannot write in the folder of %s: %s", path, strerror(errno));
		goto fail;
	}
	free(folder);
	return part;
fail:
	free(folder);
	part_free(part);
	return NULL;
}

static int
fail(struct part *part, int error, struct err *err)
{
	part->failed = error;
	const char *remedy = "";
	if (error == ENOSPC || error == EDQUOT)
		remedy = "; free some space or name another disk";
	else if (error == EFBIG)
		remedy = "; the file system or a limit (ulimit -f) does not allow a file of this size";
	return err_set(err, "cannot write %s: %s%s", part->path, strerror(error), remedy);
}

static int
write_all(struct part *part, uint64_t offset, const uint8_t *bytes, size_t n, struct err *err)
{
	while (n > 0) {
		ssize_t done = pwrite(part->fd, bytes, n, (off_t)offset);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return fail(part, done < 0 ? errno : ENOSPC, err);
		bytes += done;
		offset += (uint64_t)done;
		n -= (size_t)done;
	}
	return 0;
}

static int
flush(struct part *part, struct err *err)
{
	if (part->failed)
		return fail(part, part->failed, err);
	if (part->fill && write_all(part, part->start, part->buffer, part->fill, err) != 0)
		return -1;
	part->start += part->fill;
	part->fill = 0;
	return 0;
}

int
part_write(struct part *part, const void *bytes, size_t n, struct err *err)
{
	const uint8_t *from = bytes;
	if (part->failed)
		return fail(part, part->failed, err);
	while (n > 0) {
		size_t piece = BUFFER - part->fill < n ? BUFFER - part->fill : n;
		memcpy(part->buffer + part->fill, from, piece);
		part->fill += piece;
		from += piece;
		n -= piece;
		if (part->fill == BUFFER && flush(part, err) != 0)
			return -1;
	}
	if (part->start + part->fill > part->length)
		part->length = part->start + part->fill;
	return 0;
}

int
part_patch(struct part *part, uint64_t offset, const void *bytes, size_t n, struct err *err)
{
	return flush(part, err) != 0 ? -1 : write_all(part, offset, bytes, n, err);
}

int
part_seek(struct part *part, uint64_t offset, struct err *err)
{
	if (offset == part_tell(part))
		return 0;
	if (flush(part, err) != 0)
		return -1;
	part->start = offset;
	return 0;
}

int64_t
part_read(struct part *part, void *bytes, size_t n, struct err *err)
{
	if (flush(part, err) != 0)
		return -1;
	ssize_t got;
	do
		got = pread(part->fd, bytes, n, (off_t)part->start);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return fail(part, errno, err);
	part->start += (uint64_t)got;
	return got;
}

uint64_t
part_tell(const struct part *part)
{
	return part->start + part->fill;
}

uint64_t
part_length(const struct part *part)
{
	return part->length;
}

int
part_commit(struct part *part, struct err *err)
{
	int status = flush(part, err);
	if (status == 0 && fsync(part->fd) != 0)
		status = fail(part, errno, err);
	int fd = part->fd;
	part->fd = -1;
	if (close(fd) != 0 && status == 0)
		status = fail(part, errno, err);
	if (status == 0)
		status = check_target(part, err);
	if (status == 0 && renameat(part->dir, part->temp, part->dir, part->name) != 0)
		status = fail(part, errno, err);
	if (status != 0)
		unlinkat(part->dir, part->temp, 0);
	else if (fsync(part->dir) != 0 && errno != EINVAL && errno != ENOTSUP) /* some file systems cannot sync folders */
		status = err_set(err, "%s is written, but its folder could not be synced: %s", part->path, strerror(errno));
	part_free(part);
	return status;
}

void
part_abort(struct part *part)
{
	if (!part)
		return;
	unlinkat(part->dir, part->temp, 0);
	part_free(part);
}

int
part_same_file(const char *a, const char *b)
{
	struct stat sa, sb;
	if (stat(a, &sa) == 0 && stat(b, &sb) == 0)
		return sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
	char *fa = NULL, *fb = NULL, na[NAME_MAX + 1], nb[NAME_MAX + 1];
	int same = resolve(a, &fa, na) == 0 && resolve(b, &fb, nb) == 0 && strcmp(fa, fb) == 0 && strcmp(na, nb) == 0;
	free(fa);
	free(fb);
	return same;
}
