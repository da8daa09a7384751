/*
 * Meters of the screen: what they remember between frames, and columns and numbers as all views draw them. The UI's
 * thread.
 */
#ifndef UI_METERS_H
#define UI_METERS_H

#include "control/desk/desk.h"
#include "ui/grid.h"

#define METER_LOW -60.0f /* dB: below it a level is not worth a word */

struct meters {
	uint32_t uid[DESK_STRIPS];    /* whose they are */
	unsigned turn;                /* counts frames: meters fall by turns */
	float level[DESK_STRIPS][2];  /* dB, as they stand */
	float reduction[DESK_STRIPS]; /* dB, as its number stands: the most of a while */
	float reduced[DESK_STRIPS];   /* dB, the most of the while under way */
	double counted;               /* seconds: when that began */
	float load;
	double loaded; /* seconds: since when the load is shown */
};

/*
 * Makes a new view fit to be drawn: what its meters and numbers do too fast to be seen is not worth the line to the
 * terminal. Levels rise at once and fall every other frame, those that hardly move stand still, gain reductions and the
 * worst load stay for a while. `now` in seconds, from any beginning.
 */
void meters_move(struct meters *m, struct desk_view *v, double now);

/* Puts into a new view what stands already. */
void meters_hold(struct meters *m, struct desk_view *v);

/* Takes all out of a view that moves by itself, but for the seconds of the clock. */
void meters_hide(struct meters *m, struct desk_view *v);

/* What a meter shows, dB. */
struct meters_reading {
	enum desk_needle needle;
	float level, hold;
};

/* A column from `row` down over `rows` on the needle's scale; a held peak is a mark above it. */
void meters_bar(struct grid *g, int row, int rows, int col, const struct meters_reading *m);

/*
 * Marks of the needle's scale beside such a column, on its own scale, in `width` columns: each where a level of that
 * value ends. Two columns have no room for a minus.
 */
void meters_scale(struct grid *g, int row, int rows, int col, int width, enum desk_needle needle);

/* A column that hangs from `row` down: `part` of its height, 0 to 1. */
void meters_hanging(struct grid *g, int row, int rows, int col, float part);

/* A level in at most `width` columns, a tenth where there is room; a pan as on a desk: "C", "L30", "Rgt". */
void meters_level_text(float db, int width, int ascii, char *to, size_t size);
void meters_pan_text(float pan, char to[8]);

/* Text that ends at the right of its `width` cells. */
void meters_right(struct grid *g, int row, int col, int width, unsigned style, const char *text);

#endif
