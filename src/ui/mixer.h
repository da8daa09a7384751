/* The overview: all strips and the master in a grid, with meters and faders. Drawn from a view; the UI's thread. */
#ifndef UI_MIXER_H
#define UI_MIXER_H

#include "control/desk.h"
#include "ui/grid.h"

/* What the meters remember between frames. */
struct mixer {
	uint32_t structure;
	int first;                   /* of the strips shown */
	double shown;                /* seconds: when it was last drawn */
	float level[DESK_STRIPS][2]; /* dB, as the meters stand */
	float hold[DESK_STRIPS];     /* dB */
	double held[DESK_STRIPS];    /* seconds: since when */
	unsigned clips[DESK_STRIPS]; /* times above full scale */
	float load;
	double loaded; /* seconds: since when the load is shown */
};

/*
 * Draws a view into the whole grid. `now` in seconds, from any beginning; `message` is the last line: what changed, or
 * an error (error != 0); `hint` stands beside it where there is room.
 */
void mixer_draw(struct mixer *m, const struct desk_view *view, double now, const char *message, int error,
                const char *hint, struct grid *g);

/* Peak holds and clip counts begin anew. */
void mixer_clear_peaks(struct mixer *m);

#endif
