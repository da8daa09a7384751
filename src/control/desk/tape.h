/*
 * The song along its time: how loud each strip's stems are, markers and the loop, without pointers. Called as
 * control/desk/desk.h says: by any thread, one at a time. Stems are read in the background from the first call on.
 */
#ifndef CONTROL_DESK_TAPE_H
#define CONTROL_DESK_TAPE_H

#include "control/desk/desk.h"

#define DESK_TAPE_POINTS 400 /* equal parts of the song */
#define DESK_TAPE_MARKERS 100

/* A point: nothing there, not read yet, or a level: DESK_TAPE_FULL is full scale, one less is a quarter of a dB. */
enum { DESK_TAPE_NOTHING, DESK_TAPE_UNREAD, DESK_TAPE_SILENT, DESK_TAPE_FULL = 255 };

struct desk_tape_marker {
	int64_t at; /* frames */
	char name[40];
};

struct desk_tape {
	uint32_t version; /* counts up when any of it changes */
	int64_t length;   /* frames of the song, all points together */
	float done;       /* how much of the stems is read, 0 to 1 */
	int markers;      /* in the order of the song */
	struct desk_tape_marker marker[DESK_TAPE_MARKERS];
	int strips;                                   /* with regions: those of struct desk_view up to here */
	uint8_t level[DESK_STRIPS][DESK_TAPE_POINTS]; /* the stems as they are, before everything */
};

/*
 * Zero *tape before the first call; where its version is still the newest, nothing is copied. Returns whether something
 * was.
 */
int desk_tape(struct desk *d, struct desk_tape *tape);

#endif
