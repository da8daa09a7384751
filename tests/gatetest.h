/*
 * A gate before open(): who opens a certain file for reading waits there until it is let go, as on a disk that does not
 * answer. For the one file of a test that includes it.
 */
#ifndef GATETEST_H
#define GATETEST_H

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <string.h>

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_moved = PTHREAD_COND_INITIALIZER;
static const char *gate_end; /* of the path that waits; NULL: none does */
static int gate_waiting;     /* who stands before a gate */

typedef int on_open(const char *, int, ...);

static inline int
gate_holds(const char *path)
{
	size_t n = strlen(path), end = gate_end ? strlen(gate_end) : n + 1;
	return n >= end && !strcmp(path + n - end, gate_end);
}

int
open(const char *path, int how, ...)
{
	static on_open *next;
	va_list args;
	va_start(args, how);
	mode_t mode = how & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
	va_end(args);
	pthread_mutex_lock(&gate);
	if (!next)
		next = (on_open *)dlsym(RTLD_NEXT, "open");
	gate_waiting++;
	while ((how & O_ACCMODE) == O_RDONLY && gate_holds(path))
		pthread_cond_wait(&gate_moved, &gate);
	gate_waiting--;
	pthread_mutex_unlock(&gate);
	return next(path, how, mode);
}

/* From now on those whose path ends so wait, and all others go on. */
static inline void
gate_set(const char *end)
{
	pthread_mutex_lock(&gate);
	gate_end = end;
	pthread_cond_broadcast(&gate_moved);
	pthread_mutex_unlock(&gate);
}

/* Until nobody stands before it. */
static inline void
gate_empties(void)
{
	for (int turns = 0, left = 1; turns < 20000 && left; turns++) {
		pthread_mutex_lock(&gate);
		left = gate_waiting;
		pthread_mutex_unlock(&gate);
		poll(NULL, 0, 1);
	}
}

#endif
