/*
 * What can be taken from the shelf: scenes with what each would change, notes of the song and presets, without
 * pointers, each with the line that takes it. Called as control/desk/desk.h says: by any thread, one at a time.
 */
#ifndef CONTROL_DESK_SHELF_H
#define CONTROL_DESK_SHELF_H

#include "control/desk/desk.h"

#define DESK_SHELF 200 /* things that there is room for */

enum desk_shelf_kind { DESK_SCENES, DESK_NOTES, DESK_PRESETS };

struct desk_shelf_item {
	enum desk_shelf_kind kind;
	int there;       /* 0: a scene's place that is free */
	int changes;     /* of a scene: values that it would change */
	char name[72];   /* "3", "0:12.5", "warm-vox" */
	char words[200]; /* title, text, or what it is for */
	char more[400];  /* of a scene: the first of its changes; of a note: when it was made */
	char line[100];  /* that takes it, or goes there; of a free place: that stores there */
};

struct desk_shelf {
	uint32_t version; /* counts up when any of it changes */
	int count;        /* in the order of their kinds */
	struct desk_shelf_item item[DESK_SHELF];
};

/*
 * Zero *shelf before the first call; where its version is still the newest, nothing is copied. Returns whether
 * something was.
 */
int desk_shelf(struct desk *d, struct desk_shelf *shelf);

#endif
