/*
 * Cells: a cell plays up to two second-order sections for every strip of a bank and changes them without a click.
 * The equaliser is a row of cells, and so are the filters of a strip. Included by kernels only; all calls but
 * cells_init belong to the thread that runs the graph and are real-time safe.
 */
#ifndef DSP_CELLS_H
#define DSP_CELLS_H

#include "dsp/dsp.h"
#include "dsp/lanes.h"
#include "dsp/section.h"

/* What a cell's sections hear. In a mono bank the middle is the signal itself and the side is silence. */
enum cell_place { CELL_STEREO, CELL_MID, CELL_SIDE };

/* What one lane of a cell is asked to play; count 0 is nothing: the signal passes with its bits untouched. */
struct cell_want {
	int count;
	enum cell_place place;
	double carry_below; /* radians a frame: sections with a lower corner carry their rounding */
	struct section section[2];
};

/*
 * A section of all lanes; see struct section for its numbers and the states s1 and s2.
 * on     lanes that play; states of the others stay at zero
 * carry  lanes with a low corner: what rounding took from s1 and s2 is kept in c1 and c2 and given back (Kahan), else
 *        slow integrators turn the rounding of every frame into a rumble
 * Pairs are the left and the right side.
 */
struct cell_section {
	vf p, q, d, n1, n2;
	vi on, carry;
	vf s1[2], s2[2], c1[2], c2[2];
};

struct cell_set {
	int live[2], full[2], carries[2]; /* whether any lane plays, every lane plays, any lane carries */
	int sided;                        /* whether any lane works on the middle or on the side */
	struct cell_section section[2];
	vi mid, side; /* lanes that work on the middle or on the side */
};

/*
 * `now` is heard; a lane on its way to something new plays it in `next`, first with its input faded in, so that it
 * starts without a jolt, while its output fades over. What is asked for meanwhile waits in `want` until that is done.
 */
struct cell {
	int any_fading;
	struct cell_set now, next;
	vi fading;
	int quanta, settled; /* how long a fade takes, and two in a row at most */
	int length[LANES];   /* of the fade under way, in quanta, */
	int done[LANES];     /* and how many of them are past */
	int waits[LANES];    /* 0, or how long the fade to `want` will take */
	struct cell_want want[LANES];
};

void LANED(cells_init)(struct cell *cells, int count, double rate);
void LANED(cell_ask)(struct cell *cell, int lane, const struct cell_want *want, int snap);
void LANED(cells_run)(struct cell *cells, int count, const struct dsp_io *io);
void LANED(cell_move)(struct cell *to, int to_lane, const struct cell *from, int from_lane);

#endif
