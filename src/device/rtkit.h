/*
 * Real-time priority from RTKit over D-Bus, for users whom no limit grants it: a service of most desktops. Optional: in
 * a build without libdbus there is none. Control thread; it may wait a second for an answer.
 */
#ifndef DEVICE_RTKIT_H
#define DEVICE_RTKIT_H

#include <sys/types.h>

/*
 * Asks for FIFO priority for a thread of this process, at `priority` or the most that is given. 0: it has it; -1: it
 * was refused, or there is nobody to ask. A thread that has it and takes the processor for a tenth of a second without
 * a pause loses it (as RTKit wants it), so that a desk that cannot keep up is not killed.
 */
int rtkit_ask(pid_t thread, int priority);

#endif
