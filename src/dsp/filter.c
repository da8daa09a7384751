#include "dsp/filter.h"

#include "base/fmath.h"
#include "dsp/cells.h"

#include <string.h>

#define HEARD_HZ 20000.0 /* the fit follows the prototype up to here */

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

/*
 * Butterworth's poles in factors of s^2 + s/Q + 1, order 1 to 4: 1/Q = 2 cos of the pole's angle from the negative
 * axis; 0 in the first place is the one real pole of odd orders.
 */
static const double butterworth[4][2] = {
    {0, 0},
    {1.41421356237309504880, 0},
    {0, 1},
    {0.76536686473017954346, 1.84775906502257351226},
};

static struct prototype
pass_prototype(int which, double damping)
{
	struct prototype h = {{0}, {1, 1, 0}};
	if (damping > 0)
		h = (struct prototype){{0}, {1, damping, 1}};
	h.n[which == LPF ? 0 : damping > 0 ? 2 : 1] = 1;
	return h;
}

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
		double damping = butterworth[p.slope][k];
		if (p.on && (k == 0 || damping > 0)) {
			struct prototype h = pass_prototype(which, damping);
			want.count = section_design(want.section, &h, 2 * F_PI * p.freq / f->rate, 2 * F_PI * HEARD_HZ / f->rate);
		}
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
