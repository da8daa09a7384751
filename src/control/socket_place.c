#include "control/socket_place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/sha256.h"

#define WAITING 8     /* connections that wait to be accepted */
#define NAME_BYTES 12 /* of the hash, in the name */

/* The folders that may hold the sockets, the best first; "" where it is none for us. */
#define FOLDERS 3
static void
folder_path(int k, char *path, size_t size)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	*path = '\0';
	if (k == 0 && runtime && *runtime == '/')
		snprintf(path, size, "%s/stemdesk", runtime);
	else if (k == 1 && !runtime)
		snprintf(path, size, "/run/user/%u/stemdesk", (unsigned)geteuid());
	else if (k == 2)
		snprintf(path, size, "/tmp/stemdesk-%u", (unsigned)geteuid());
}

/* Opens a folder that is ours and closed to others: -1 where there is none, -2 where it is not to be trusted. */
static int
open_folder(const char *path, int make)
{
	struct stat st;
	if (!*path || (make && mkdir(path, 0700) && errno != EEXIST))
		return -1;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -1 : -2;
	if (fstat(fd, &st) || st.st_uid != geteuid() || st.st_mode & 077) {
		close(fd);
		return -2;
	}
	return fd;
}

/* The name of a session's socket, from its path with all links followed. */
static int
name_of(const char *session_path, char name[32])
{
	char resolved[PATH_MAX], folder[PATH_MAX], whole[2 * PATH_MAX];
	if (realpath(session_path, resolved)) {
		snprintf(whole, sizeof whole, "%s", resolved);
	} else {
		/* not saved yet: the folder it will lie in */
		const char *slash = strrchr(session_path, '/');
		int length = slash ? (int)(slash - session_path) + 1 : 1;
		if (length >= PATH_MAX)
			return -1;
		snprintf(folder, sizeof folder, "%.*s", length, slash ? session_path : ".");
		if (!realpath(folder, resolved))
			return -1;
		snprintf(whole, sizeof whole, "%s/%s", resolved, slash ? slash + 1 : session_path);
	}
	char hex[65];
	sha256_hex(whole, strlen(whole), hex);
	snprintf(name, 32, "%.*s", 2 * NAME_BYTES, hex);
	return 0;
}

/* Names below an open folder: so a long path of the folder is no matter, nor one that is swapped meanwhile. */
static void
address_of(struct sockaddr_un *address, int folder, const char *name)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s", folder, name);
}

/* Takes the lock beside a socket: a descriptor, -1 with errno EWOULDBLOCK where a living process has it. */
static int
take_lock(int folder, const char *name)
{
	for (;;) {
		struct stat ours, there;
		char file[40];
		snprintf(file, sizeof file, "%s.lock", name);
		int fd = openat(folder, file, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0)
			return -1;
		if (flock(fd, LOCK_EX | LOCK_NB)) {
			int why = errno;
			close(fd);
			errno = why;
			return -1;
		}
		/* whoever left may have taken the file away between our opening and locking it */
		if (fstat(fd, &ours) == 0 && fstatat(folder, file, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
		    ours.st_ino == there.st_ino && ours.st_dev == there.st_dev)
			return fd;
		close(fd);
	}
}

static int
listen_in(struct socket_place *place, const char *session_path, struct err *err)
{
	struct sockaddr_un address;
	if (name_of(session_path, place->name))
		return err_set(err, "no control socket: %s has no place of its own", session_path);
	place->lock = take_lock(place->folder, place->name);
	if (place->lock < 0)
		return errno == EWOULDBLOCK ? 1 : err_set(err, "no control socket: its lock: %s", strerror(errno));
	unlinkat(place->folder, place->name, 0);
	place->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	address_of(&address, place->folder, place->name);
	if (place->fd < 0 || bind(place->fd, (struct sockaddr *)&address, sizeof address) ||
	    fchmodat(place->folder, place->name, 0600, 0) || listen(place->fd, WAITING))
		return err_set(err, "no control socket: %s", strerror(errno));
	return 0;
}

int
socket_place_listen(struct socket_place *place, const char *session_path, struct err *err)
{
	char path[PATH_MAX], bad[PATH_MAX] = "";
	*place = (struct socket_place){.folder = -1, .lock = -1, .fd = -1};
	for (int k = 0; k < FOLDERS && place->folder < 0; k++) {
		folder_path(k, path, sizeof path);
		place->folder = open_folder(path, 1);
		if (place->folder == -2)
			snprintf(bad, sizeof bad, "%s", path);
	}
	int status;
	if (place->folder < 0)
		status =
		    *bad ? err_set(err, "no control socket: %.300s is not a folder of yours that is closed to others (0700)",
		                   bad)
		         : err_set(err, "no control socket: %.300s cannot be made: %s", path, strerror(errno));
	else
		status = listen_in(place, session_path, err);
	if (status)
		socket_place_close(place);
	return status;
}

void
socket_place_close(struct socket_place *place)
{
	char file[40];
	snprintf(file, sizeof file, "%s.lock", place->name);
	if (place->fd > 0) {
		unlinkat(place->folder, place->name, 0);
		close(place->fd);
	}
	if (place->lock > 0) {
		unlinkat(place->folder, file, 0);
		close(place->lock);
	}
	if (place->folder > 0)
		close(place->folder);
	*place = (struct socket_place){.folder = -1, .lock = -1, .fd = -1};
}

int
socket_place_connect(const char *session_path)
{
	char path[PATH_MAX], name[32];
	if (name_of(session_path, name))
		return -1;
	for (int k = 0; k < FOLDERS; k++) {
		struct sockaddr_un address;
		folder_path(k, path, sizeof path);
		int folder = open_folder(path, 0);
		if (folder < 0)
			continue;
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		address_of(&address, folder, name);
		int failed = fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address);
		close(folder);
		if (!failed)
			return fd;
		if (fd >= 0)
			close(fd);
	}
	return -1;
}
