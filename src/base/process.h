/* Whether a process of this machine is still the one it was: a pid comes again, but not with the time it began. Any
 * thread. */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

/* When it began, in clock ticks since the machine came up; 0 where that is not known. */
unsigned long long process_start(long pid);

/* Whether it runs, which no number that is no pid does; of one whose start is not known (0), whether any of that pid
 * does. */
int process_lives(long pid, unsigned long long start);

#endif
