#include "dsp/eq.h"

#include "dsp/cells.h"
#include "dsp/curves.h"

#include <string.h>

/*
 * Corners below 0.0135 radians a frame (100 Hz at 48 kHz) carry their rounding; above, rounding adds less than 16 dB to
 * what a float's own last bit is worth, and only next to a signal at the corner itself.
 */
#define CARRY_BELOW 0.0135

extern const struct dsp_proc LANED(eq_proc);

/* asked  what each lane was last asked for, in effect: a band that does nothing is all zero */
struct eq {
	struct cell cell[EQ_BANDS];
	double rate;
	struct eq_band asked[EQ_BANDS][LANES];
};

static int
band_does_something(const struct eq_band *b)
{
	return b->on && (b->gain != 0 || b->type >= EQ_NOTCH);
}

static void
eq_init(void *state, double rate)
{
	struct eq *eq = state;
	memset(eq, 0, sizeof *eq);
	eq->rate = rate;
	LANED(cells_init)(eq->cell, EQ_BANDS, rate);
}

static void
eq_set(void *state, int lane, const void *params, int snap)
{
	struct eq *eq = state;
	const struct eq_params *p = params;
	for (int k = 0; k < EQ_BANDS; k++) {
		struct eq_band b = {0}, *was = &eq->asked[k][lane];
		if (p->on && band_does_something(&p->band[k])) {
			b = p->band[k];
			b.on = 1;
			if (b.type >= EQ_NOTCH)
				b.gain = 0;
		}
		int same = b.on == was->on && b.type == was->type && b.side == was->side && b.freq == was->freq &&
		           b.gain == was->gain && b.q == was->q;
		if (same && !(snap && (eq->cell[k].fading[lane])))
			continue;
		struct cell_want want = {.place = (enum cell_place)b.side, .carry_below = CARRY_BELOW};
		want.count = curves_band(want.section, &b, eq->rate);
		LANED(cell_ask)(&eq->cell[k], lane, &want, snap);
		*was = b;
	}
}

static void
eq_run(void *state, const struct dsp_io *io)
{
	struct eq *eq = state;
	LANED(cells_run)(eq->cell, EQ_BANDS, io);
}

static void
eq_move(void *to, int to_lane, const void *from, int from_lane)
{
	struct eq *t = to;
	const struct eq *f = from;
	for (int k = 0; k < EQ_BANDS; k++) {
		LANED(cell_move)(&t->cell[k], to_lane, &f->cell[k], from_lane);
		t->asked[k][to_lane] = f->asked[k][from_lane];
	}
}

const struct dsp_proc LANED(eq_proc) = {
    .name = "eq",
    .size = sizeof(struct eq),
    .init = eq_init,
    .set = eq_set,
    .run = eq_run,
    .move = eq_move,
};
