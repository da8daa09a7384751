/*
 * What the view of the master shows: the newest measurement, as often as it can be read, and rows of the master's
 * values. The UI's thread.
 */
#ifndef UI_MASTER_H
#define UI_MASTER_H

#include "control/desk/scope.h"
#include "ui/rows.h"

struct master {
	int wanted;                      /* it was drawn: the next frame needs it, too */
	struct desk_loudness now, shown; /* as it came, and as it stands on the screen */
	struct desk_values values;
	struct rows rows;
	int first; /* row at the top */
	uint32_t rows_version;
	double moved; /* seconds: when `shown` was taken */
};

/* Follows what came; `now` in seconds, from any beginning. */
void master_move(struct master *m, double now);

#endif
