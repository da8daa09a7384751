#include "dsp/filter.h"

#include "dsp/cells.h"
#include "dsp/curves.h"

#include <string.h>

#define CARRY_BELOW 0.006 /* radians a frame, 46 Hz at 48 kHz: lower corners carry their rounding */

extern const struct dsp_proc LANED(filter_proc);

struct pass {
	int on, slope;
	double freq;
};

/* Each filter has two cells: one of first or second order, and one of second order for the steeper slopes. */
enum { HPF, LPF, PASSES };

struct filter {
	struct cell cell[2 * PASSES];
	double rate;
	struct pass asked[PASSES][LANES];
};

static void
filter_init(void *state, double rate)
{
	struct filter *f = state;
	memset(f, 0, sizeof *f);
	f->rate = rate;
	LANED(cells_init)(f->cell, 2 * PASSES, rate);
}

static void
pass_set(struct filter *f, int which, int lane, const struct pass *asked, int snap)
{
	struct pass p = {0}, *was = &f->asked[which][lane];
	struct cell *cell = &f->cell[2 * which];
	if (asked->on)
		p = (struct pass){1, asked->slope & 3, asked->freq};
	int same = p.on == was->on && p.slope == was->slope && p.freq == was->freq;
	if (same && !(snap && (cell[0].fading[lane] || cell[1].fading[lane])))
		return;
	for (int k = 0; k < 2; k++) {
		struct cell_want want = {.carry_below = CARRY_BELOW};
		if (p.on)
			want.count = curves_pass(want.section, which == HPF, p.slope, k, p.freq, f->rate);
		LANED(cell_ask)(&cell[k], lane, &want, snap);
	}
	*was = p;
}

static void
filter_set(void *state, int lane, const void *params, int snap)
{
	const struct filter_params *p = params;
	pass_set(state, HPF, lane, &(struct pass){p->hpf_on, p->hpf_slope, p->hpf_freq}, snap);
	pass_set(state, LPF, lane, &(struct pass){p->lpf_on, p->lpf_slope, p->lpf_freq}, snap);
}

static void
filter_run(void *state, const struct dsp_io *io)
{
	struct filter *f = state;
	LANED(cells_run)(f->cell, 2 * PASSES, io);
}

static void
filter_move(void *to, int to_lane, const void *from, int from_lane)
{
	struct filter *t = to;
	const struct filter *f = from;
	for (int k = 0; k < 2 * PASSES; k++)
		LANED(cell_move)(&t->cell[k], to_lane, &f->cell[k], from_lane);
	for (int k = 0; k < PASSES; k++)
		t->asked[k][to_lane] = f->asked[k][from_lane];
}

const struct dsp_proc LANED(filter_proc) = {
    .name = "filter",
    .size = sizeof(struct filter),
    .init = filter_init,
    .set = filter_set,
    .run = filter_run,
    .move = filter_move,
};
