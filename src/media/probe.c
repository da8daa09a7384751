#include "media/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "media/guard.h"
#include "media/walk.h"

/* Puts "PATH: " before a reason. */
static int
blame(struct err *err, const char *path)
{
	char shown[512];
	return err_prefix(err, "%s", text_show(path, shown, sizeof shown));
}

static void
remember(struct media_info *info, const struct stat *st)
{
	info->device = (uint64_t)st->st_dev;
	info->inode = (uint64_t)st->st_ino;
	info->size = (int64_t)st->st_size;
	info->modified = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

/* Opens a regular file and nothing else, without waiting for anything. err gets the reason alone. */
static int
open_regular(const char *path, int how, struct stat *st, struct err *err)
{
	/* a look first: merely opening some devices (tapes, watchdogs) does something */
	if (stat(path, st))
		return err_set(err, "cannot be opened: %s", strerror(errno));
	int fd = -1;
	if (S_ISREG(st->st_mode)) {
		fd = open(path, how | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (fd < 0)
			return err_set(err, "cannot be opened: %s", strerror(errno));
		if (fstat(fd, st)) {
			int why = errno;
			close(fd);
			return err_set(err, "cannot be read: %s", strerror(why));
		}
	}
	if (S_ISREG(st->st_mode))
		return fd;
	if (fd >= 0)
		close(fd);
	const char *kind = S_ISDIR(st->st_mode)                           ? "a folder"
	                   : S_ISFIFO(st->st_mode)                        ? "a pipe"
	                   : S_ISSOCK(st->st_mode)                        ? "a socket"
	                   : S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode) ? "a device"
	                                                                  : "no regular file";
	return err_set(err, "is %s; only regular files are read", kind);
}

/* What media_probe and media_repair share; the descriptor is the caller's. */
static int
probe_fd(int fd, const struct stat *st, struct media_info *info, struct walk_sizes *sizes, struct err *err)
{
	memset(info, 0, sizeof *info);
	remember(info, st);
	if (walk(fd, info, sizes, err))
		return -1;
	if (info->sample == MEDIA_CODED && info->unfinished)
		return err_set(err, "its sound ends past the end of the file; it is damaged");
	if (info->sample == MEDIA_CODED && guard_sndfile(fd, info, err))
		return -1;
	if (info->frames < 1 && info->frames_found < 1)
		return err_set(err, "holds no sound");
	return 0;
}

int
media_probe(const char *path, struct media_info *info, struct err *err)
{
	struct walk_sizes sizes;
	struct stat st;
	int fd = open_regular(path, O_RDONLY, &st, err);
	if (fd < 0)
		return blame(err, path);
	int status = probe_fd(fd, &st, info, &sizes, err);
	close(fd);
	return status ? blame(err, path) : 0;
}

int
media_open(const char *path, const struct media_info *info, struct err *err)
{
	struct stat st;
	int fd = open_regular(path, O_RDONLY, &st, err);
	if (fd < 0)
		return blame(err, path);
	struct media_info now = {0};
	remember(&now, &st);
	bool same = !info || (now.device == info->device && now.inode == info->inode && now.modified == info->modified);
	if (info && (now.size != info->size || (!same && !info->by_content))) {
		close(fd);
		err_set(err, "was changed since it was looked at; load it again");
		return blame(err, path);
	}
	return fd;
}

static int
put(int fd, int64_t at, uint64_t value, int bytes, bool big_endian)
{
	unsigned char b[8];
	for (int k = 0; k < bytes; k++)
		b[big_endian ? bytes - 1 - k : k] = (unsigned char)(value >> 8 * k);
	return pwrite(fd, b, (size_t)bytes, (off_t)at) == bytes ? 0 : -1;
}

/* Writes the sizes; the sound ends at end, behind whole frames. */
static int
put_sizes(int fd, const struct media_info *info, const struct walk_sizes *sizes)
{
	int64_t end = info->data_offset + info->frames_found * info->frame_bytes;
	uint64_t form = (uint64_t)end - 8, data = (uint64_t)(end - sizes->body);
	uint64_t most = 0xffffffff;
	switch (info->form) {
	case MEDIA_W64:
		return put(fd, sizes->form_at, (uint64_t)end, 8, false) || put(fd, sizes->data_at, data + 24, 8, false);
	case MEDIA_AIFF:
		if (end - 8 > 0xffffffff)
			return -1;
		return put(fd, sizes->form_at, form, 4, true) ||
		       put(fd, sizes->data_at, data + (uint64_t)(sizes->body - sizes->data_at - 4), 4, true) ||
		       put(fd, sizes->frames_at, (uint64_t)info->frames_found, 4, true);
	case MEDIA_WAV:
	case MEDIA_RF64:
		if (info->form == MEDIA_WAV && form <= most)
			return put(fd, sizes->form_at, form, 4, false) || put(fd, sizes->data_at, data, 4, false);
		if (sizes->ds64_at) {
			if (put(fd, sizes->ds64_at, form, 8, false) || put(fd, sizes->ds64_at + 8, data, 8, false) ||
			    put(fd, sizes->ds64_at + 16, (uint64_t)info->frames_found, 8, false))
				return -1;
			if (info->form == MEDIA_WAV && (pwrite(fd, "ds64", 4, (off_t)sizes->ds64_at - 8) != 4 ||
			                                put(fd, sizes->ds64_at + 24, 0, 4, false) || pwrite(fd, "RF64", 4, 0) != 4))
				return -1;
		}
		/* without room for 64-bit sizes, "to the end of the file" is what readers understand */
		return put(fd, sizes->form_at, most, 4, false) || put(fd, sizes->data_at, most, 4, false);
	case MEDIA_FLAC:
		break;
	}
	return -1;
}

int
media_repair(const char *path, struct err *err)
{
	struct media_info info;
	struct walk_sizes sizes;
	struct stat st;
	int fd = open_regular(path, O_RDWR, &st, err);
	if (fd < 0)
		return blame(err, path);
	int status = probe_fd(fd, &st, &info, &sizes, err);
	errno = 0;
	if (!status && !info.unfinished)
		status = err_set(err, "its header is whole; there is nothing to repair");
	else if (!status && info.sample == MEDIA_CODED)
		status = err_set(err, "cannot be repaired; convert it with another program");
	else if (!status && (put_sizes(fd, &info, &sizes) || fsync(fd)))
		status =
		    err_set(err, "cannot be repaired: %s", errno ? strerror(errno) : "its kind of file cannot be this long");
	if (close(fd) && !status)
		status = err_set(err, "cannot be written: %s", strerror(errno));
	return status ? blame(err, path) : 0;
}
