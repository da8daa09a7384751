#include "dsp/input.h"

#include <string.h>

#include "base/units.h"
#include "dsp/dsp.h"
#include "dsp/glide.h"
#include "dsp/lanes.h"

/*
 * The offset is what two equal poles leave below 3 Hz, taken from the signal: +0.2 dB at 20 Hz, nothing above. One pole
 * would do for the offset, but what it takes for one at first, when it is switched on, would be heard 10 dB louder.
 */
#define DC_HZ 3.0

/* A pole of a side: the value, and what adding to it lost (Kahan), so that 3 Hz works in single precision. */
struct mean {
	vf value, rest;
};

/* gain: trim and polarity; wet: how much of the DC filter is in; mean: its poles, by side. */
struct state {
	struct glide gain, wet;
	struct mean mean[2][2];
	float pole;
};

static void
input_init(void *state, double rate)
{
	struct state *s = state;
	glide_init(&s->gain, rate, 1);
	glide_init(&s->wet, rate, 0);
	memset(s->mean, 0, sizeof s->mean);
	s->pole = (float)(1 - f_exp(-2 * F_PI * DC_HZ / rate));
}

static void
input_set(void *state, int lane, const void *params, int snap)
{
	struct state *s = state;
	const struct input_params *p = params;
	glide_set(&s->gain, lane, (float)(db_to_gain(p->trim) * (p->polarity ? -1 : 1)), snap);
	glide_set(&s->wet, lane, p->dc ? 1 : 0, snap);
}

static inline vf
mean_step(struct mean *m, vf x, float pole)
{
	vf step = (x - m->value) * pole - m->rest, next = m->value + step;
	m->rest = (next - m->value) - step;
	return m->value = next;
}

static void
block_dc(struct state *s, vf *side, int c, const vf *wet)
{
	struct mean first = s->mean[c][0], second = s->mean[c][1];
	for (int t = 0; t < QUANTUM; t++) {
		vf x = side[t], offset = mean_step(&second, mean_step(&first, x, s->pole), s->pole);
		side[t] = vf_select(wet[t] > 0.0f, x - offset * wet[t], x);
	}
	vi on = wet[QUANTUM - 1] > 0.0f;
	s->mean[c][0].value = (vf)((vi)first.value & on);
	s->mean[c][0].rest = (vf)((vi)first.rest & on);
	s->mean[c][1].value = (vf)((vi)second.value & on);
	s->mean[c][1].rest = (vf)((vi)second.rest & on);
}

static void
input_run(void *state, const struct dsp_io *io)
{
	struct state *s = state;
	vf *side[2] = {(vf *)io->l, (vf *)io->r};
	int sides = io->r ? 2 : 1;
	if (s->gain.moving) {
		for (int t = 0; t < QUANTUM; t++) {
			vf g = glide_step(&s->gain);
			for (int c = 0; c < sides; c++)
				side[c][t] *= g;
		}
		glide_settle(&s->gain);
	} else if (vi_any(s->gain.y != 1.0f)) {
		vf g = s->gain.y;
		for (int c = 0; c < sides; c++)
			for (int t = 0; t < QUANTUM; t++)
				side[c][t] *= g;
	}
	if (s->wet.moving || vi_any(s->wet.y > 0.0f)) {
		vf wet[QUANTUM];
		for (int t = 0; t < QUANTUM; t++)
			wet[t] = s->wet.moving ? glide_step(&s->wet) : s->wet.y;
		if (s->wet.moving)
			glide_settle(&s->wet);
		wet[QUANTUM - 1] = s->wet.y;
		for (int c = 0; c < sides; c++)
			block_dc(s, side[c], c, wet);
	}
}

static void
input_move(void *to, int to_lane, const void *from, int from_lane)
{
	struct state *t = to;
	const struct state *f = from;
	glide_move(&t->gain, to_lane, &f->gain, from_lane);
	glide_move(&t->wet, to_lane, &f->wet, from_lane);
	for (int c = 0; c < 2; c++)
		for (int k = 0; k < 2; k++) {
			t->mean[c][k].value[to_lane] = f->mean[c][k].value[from_lane];
			t->mean[c][k].rest[to_lane] = f->mean[c][k].rest[from_lane];
		}
}

extern const struct dsp_proc LANED(input_proc);
const struct dsp_proc LANED(input_proc) = {
    .name = "input",
    .size = sizeof(struct state),
    .init = input_init,
    .set = input_set,
    .run = input_run,
    .move = input_move,
};
