/*
 * Meters of the screen: what they remember between frames, and columns and numbers as all views draw them. The UI's
 * thread.
 */
#ifndef UI_METERS_H
#define UI_METERS_H

#include "control/desk.h"
#include "ui/grid.h"

#define METER_LOW -60.0f /* dB at the foot of a meter */

struct meters {
	uint32_t structure;
	double shown;                /* seconds: when they were moved last */
	float level[DESK_STRIPS][2]; /* dB, as the meters stand */
	float hold[DESK_STRIPS];     /* dB, held a while */
	float most[DESK_STRIPS];     /* dB, the greatest since they were cleared */
	double held[DESK_STRIPS];    /* seconds: since when */
	unsigned clips[DESK_STRIPS]; /* times above full scale */
	float load;
	double loaded; /* seconds: since when the load is shown */
};

/* Moves them to a new view: levels fall slowly and rise at once, peaks are held. `now` in seconds, from any beginning.
 */
void meters_move(struct meters *m, const struct desk_view *v, double now);

/* Peak holds and clip counts begin anew. */
void meters_clear_peaks(struct meters *m);

/* A column from `row` down over `rows`; a held peak is a mark above it. */
void meters_bar(struct grid *g, int row, int rows, int col, float level, float hold);

/* A column that hangs from `row` down: `part` of its height, 0 to 1. */
void meters_hanging(struct grid *g, int row, int rows, int col, float part);

/* A level in at most `width` columns, a tenth where there is room; a pan as on a desk: "C", "L30", "Rgt". */
void meters_level_text(float db, int width, int ascii, char *to, size_t size);
void meters_pan_text(float pan, char to[8]);

/* Text that ends at the right of its `width` cells. */
void meters_right(struct grid *g, int row, int col, int width, unsigned style, const char *text);

#endif
