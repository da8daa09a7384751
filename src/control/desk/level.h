/*
 * How loud two states of the desk are over the same seconds, rendered beside everything else. For the files of desk/
 * alone; the control thread.
 */
#ifndef CONTROL_DESK_LEVEL_H
#define CONTROL_DESK_LEVEL_H

#include <stdint.h>

#include "base/err.h"

struct desk;
struct session;

struct level_side {
	struct session *session; /* a copy of its own; NULL: its loudness is known */
	int mastered;            /* heard through the master, else the mix */
	double known;            /* LUFS */
};

struct level;

struct levelled {
	double loudness[2]; /* LUFS; -HUGE_VAL: silence */
	double peak[2];     /* dBFS */
};

/* The frames that are compared: the seconds from the playhead on, or the song's last ones. */
void level_stretch(const struct desk *d, int64_t *from, int64_t *to);

/*
 * Begins to measure both there. The sessions are taken over, on failure too.
 * NULL with err filled.
 */
struct level *level_begin(struct desk *d, const struct level_side side[2], struct err *err);

/* 0: not yet; 1: *to is filled; -1: it failed, err is filled. */
int level_done(struct level *l, struct levelled *to, struct err *err);

/* Gives up where it is not done. */
void level_free(struct level *l);

#endif
