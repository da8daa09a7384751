/*
 * What a desk was rendering when its line dropped or it was killed, for the next one to tell. For the files desk/
 * alone; the control thread.
 */
#ifndef CONTROL_DESK_LEFT_H
#define CONTROL_DESK_LEFT_H

#include <sys/types.h>

struct desk;

/* A process renders `file` (as it was called; `path`: where it will be, NULL: not known), and has ended. */
void desk_left_begin(struct desk *d, pid_t pid, const char *file, const char *path);
void desk_left_end(struct desk *d);

/* Finds what the desk before left; tells that it is under way, and that it has ended. */
void desk_left_open(struct desk *d);
void desk_left_tick(struct desk *d);
void desk_left_close(struct desk *d);

#endif
