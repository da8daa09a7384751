/*
 * The chosen strip as its views show it: the newest levels, rows of its values, and what a view remembers between two
 * frames. The UI's thread.
 */
#ifndef UI_STRIP_H
#define UI_STRIP_H

#include "control/desk/scope.h"
#include "ui/canvas.h"
#include "ui/rows.h"

struct strip {
	struct desk_scope scope;
	int wanted; /* a view showed it: the next frame needs it, too */

	/* rows of the list and of dynamics, made anew when values come or go */
	struct rows list, dynamics;
	int list_first, dynamics_first; /* row at the top */
	char search[80];                /* of the list; "" shows all */
	uint32_t rows_version;          /* of the values that they were made of */

	double moved;                                         /* seconds: when what follows was moved */
	uint32_t uid;                                         /* whose it is */
	float spectrum[DESK_BINS];                            /* dB, as it stands: it rises at once and falls slowly */
	float reduction[DESK_REDUCERS];                       /* dB, as numbers that can be read */
	float gate_most, comp_most;                           /* dB, since then */
	float gate_level, comp_level;                         /* dB, likewise */
	uint32_t curve_version;                               /* of the values that the curves were made of */
	int curve_cols;                                       /* and for how many cells */
	float middle[2 * CANVAS_COLS], side[2 * CANVAS_COLS]; /* dB, of the equaliser */
};

/* Follows values and scope when they have changed; `now` in seconds, from any beginning. */
void strip_move(struct strip *s, const struct desk_values *values, double now);

/* Another search in the list. */
void strip_search(struct strip *s, const struct desk_values *values, const char *text);

#endif
