#include "dsp/input.h"

#include "base/units.h"
#include "dsp/dsp.h"
#include "dsp/glide.h"
#include "dsp/lanes.h"

#define DC_HZ 4.0 /* low enough for the lowest organ pipe: -0.3 dB at 16 Hz */

/*
 * gain   trim and polarity            wet    how much of the DC filter is in
 * mean   the running mean by side     rest   what adding to it lost (Kahan), so that 4 Hz works in single precision
 */
struct state {
	struct glide gain, wet;
	vf mean[2], rest[2];
	float pole;
};

static void
input_init(void *state, double rate)
{
	struct state *s = state;
	glide_init(&s->gain, rate, 1);
	glide_init(&s->wet, rate, 0);
	for (int c = 0; c < 2; c++)
		s->mean[c] = s->rest[c] = vf_all(0);
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

static void
block_dc(struct state *s, vf *side, int c, const vf *wet)
{
	vf mean = s->mean[c], rest = s->rest[c];
	for (int t = 0; t < QUANTUM; t++) {
		vf x = side[t];
		vf step = (x - mean) * s->pole - rest, next = mean + step;
		rest = (next - mean) - step;
		mean = next;
		side[t] = vf_select(wet[t] > 0.0f, x - mean * wet[t], x);
	}
	vi on = wet[QUANTUM - 1] > 0.0f;
	s->mean[c] = vf_select(on, mean, vf_all(0));
	s->rest[c] = vf_select(on, rest, vf_all(0));
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
	for (int c = 0; c < 2; c++) {
		t->mean[c][to_lane] = f->mean[c][from_lane];
		t->rest[c][to_lane] = f->rest[c][from_lane];
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
