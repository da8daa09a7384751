#include "session/session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/process.h"
#include "session/folder.h"
#include "session/text.h"

/* Who holds a lock: one line "HOST PID START". A pid comes again, but not with the time it started. */
struct holder {
	char host[256];
	long pid;
	unsigned long long start; /* clock ticks since the machine came up, 0 where unknown */
};

static struct holder
self(void)
{
	struct holder h = {"", getpid(), 0};
	if (gethostname(h.host, sizeof h.host - 1) || !*h.host)
		strcpy(h.host, "localhost");
	for (char *c = h.host; *c; c++) {
		if (*c <= ' ' || *c > '~')
			*c = '-';
	}
	h.start = process_start(h.pid);
	return h;
}

/* Reads who holds the lock: false where nobody does. */
static bool
read_holder(int beside, struct holder *h)
{
	size_t len;
	char *text = folder_read(beside, "lock", 1024, &len);
	bool good = text && sscanf(text, "%255s %ld %llu", h->host, &h->pid, &h->start) == 3 && h->pid > 0;
	free(text);
	return good;
}

static bool
is_same(const struct holder *a, const struct holder *b)
{
	return !strcmp(a->host, b->host) && a->pid == b->pid && a->start == b->start;
}

/* Whether a holder on this machine is there no more. Of other machines nobody here can know. */
static bool
is_dead(const struct holder *h, const struct holder *me)
{
	return !strcmp(h->host, me->host) && !process_lives(h->pid, h->start);
}

/*
 * The holder in words, with how long ago its user did something: "pid 812, idle 4 min", "pid 812 on studio, busy just
 * now". Whether one of another machine is still there, its user knows.
 */
static void
holder_words(const struct folder *f, const struct holder *h, const struct holder *me, struct err *err, const char *path)
{
	struct stat st;
	char idle[64] = "";
	int far = strcmp(h->host, me->host) != 0;
	long seconds = fstatat(f->beside, "lock", &st, AT_SYMLINK_NOFOLLOW) ? -1 : (long)(time(NULL) - st.st_mtime);
	if (seconds >= 7200)
		snprintf(idle, sizeof idle, ", idle %ld h", seconds / 3600);
	else if (seconds >= 60)
		snprintf(idle, sizeof idle, ", idle %ld min", seconds / 60);
	else if (seconds >= 0)
		snprintf(idle, sizeof idle, ", busy just now");
	if (far)
		err_set(err, "%s: in use by pid %ld on %s%s (if it is gone, remove .%s.d/lock beside it)", path, h->pid,
		        h->host, idle, f->base);
	else
		err_set(err, "%s: in use by pid %ld%s", path, h->pid, idle);
}

int
session_lock(const char *path, struct err *err)
{
	struct folder f;
	struct holder me = self(), holder;
	char text[320];
	if (folder_open(&f, path, 1, err))
		return -1;
	int result = 0;
	/* Two that find the same dead holder take turns. Where the file system has no such lock, they hope. */
	flock(f.beside, LOCK_EX);
	if (read_holder(f.beside, &holder) && !is_dead(&holder, &me)) {
		if (!is_same(&holder, &me)) {
			holder_words(&f, &holder, &me, err, path);
			result = strcmp(holder.host, me.host) ? SESSION_HELD_FAR : SESSION_HELD;
		}
	} else {
		int len = snprintf(text, sizeof text, "%s %ld %llu\n", me.host, me.pid, me.start);
		if (folder_write(&f, f.beside, "lock", text, (size_t)len, 0))
			result = err_set(err, "%s: cannot be locked: %s", path, strerror(errno));
	}
	flock(f.beside, LOCK_UN);
	folder_close(&f);
	return result;
}

void
session_unlock(const char *path)
{
	struct folder f;
	struct holder me = self(), holder;
	if (folder_open(&f, path, 0, NULL))
		return;
	if (f.beside >= 0) {
		flock(f.beside, LOCK_EX);
		if (read_holder(f.beside, &holder) && is_same(&holder, &me))
			unlinkat(f.beside, "lock", 0);
		flock(f.beside, LOCK_UN);
	}
	folder_close(&f);
}

void
session_touch(const char *path)
{
	struct folder f;
	struct holder me = self(), holder;
	if (folder_open(&f, path, 0, NULL))
		return;
	if (f.beside >= 0 && read_holder(f.beside, &holder) && is_same(&holder, &me))
		utimensat(f.beside, "lock", NULL, AT_SYMLINK_NOFOLLOW);
	folder_close(&f);
}

/* Waits until the holder is gone or holds another lock no more. */
static bool
wait_for_end(int beside, const struct holder *holder, const struct holder *me)
{
	const struct timespec turn = {0, 50000000};
	struct holder now;
	for (int k = 0; k < 80; k++) {
		if (is_dead(holder, me) || !read_holder(beside, &now) || !is_same(&now, holder))
			return true;
		nanosleep(&turn, NULL);
	}
	return false;
}

int
session_takeover(const char *path, struct err *err)
{
	struct folder f;
	struct holder me = self(), holder;
	if (folder_open(&f, path, 0, err))
		return -1;
	int result = 0;
	if (f.beside >= 0 && read_holder(f.beside, &holder) && !is_same(&holder, &me) && !is_dead(&holder, &me)) {
		if (strcmp(holder.host, me.host) != 0)
			result = err_set(err, "%s: is in use by pid %ld on %s, which cannot be asked from here: end it there", path,
			                 holder.pid, holder.host);
		else if (kill((pid_t)holder.pid, SIGTERM)) /* not SIGHUP: a desk may go on without its terminal */
			result = err_set(err, "%s: pid %ld cannot be asked to leave: %s", path, holder.pid, strerror(errno));
		else if (kill((pid_t)holder.pid, SIGCONT), !wait_for_end(f.beside, &holder, &me))
			result = err_set(err, "%s: pid %ld was asked to leave and is still there", path, holder.pid);
	}
	folder_close(&f);
	return result ? text_clean(err, result) : session_lock(path, err);
}
