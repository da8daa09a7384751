/* How many threads can work at the same time. Any thread. */
#ifndef BASE_CORES_H
#define BASE_CORES_H

#include <unistd.h>

static inline int
core_count(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	return cores > 0 ? (int)cores : 1;
}

#endif
