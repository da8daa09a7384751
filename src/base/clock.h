/* A clock that only goes on, whatever becomes of the time of day. Any thread. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_SECOND 1000000000 /* ns */

/* The time of a clock so many nanoseconds from now, for what waits until then: CLOCK_MONOTONIC is ours. */
static inline struct timespec
clock_after(clockid_t clock, int64_t ns)
{
	struct timespec at;
	clock_gettime(clock, &at);
	ns += at.tv_nsec;
	at.tv_sec += (time_t)(ns / CLOCK_SECOND);
	at.tv_nsec = (long)(ns % CLOCK_SECOND);
	return at;
}

static inline int64_t
clock_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * CLOCK_SECOND + now.tv_nsec;
}

static inline double
clock_seconds(void)
{
	return (double)clock_ns() * 1e-9;
}

#endif
