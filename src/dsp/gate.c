#include "dsp/gate.h"

#include "dsp/keyed.h"

/*
 * gain       the reduction in force, octaves   top       its greatest of the last quantum
 * threshold, hysteresis, range   octaves       slope     ratio - 1, or GATE_SLOPE for a gate
 * open       lanes that are open               hold      frames to wait before closing
 * low        frames the level has been too low to stay open
 */
struct gate {
	struct keyed keyed;
	struct follow gain;
	struct glide threshold, hysteresis, range;
	vf slope, hold, low, top;
	vi open;
};

/* Takes the whole range 1e-4 octaves below the threshold. */
#define GATE_SLOPE 1e6f

static void
gate_init(void *state, double rate)
{
	struct gate *g = state;
	keyed_init(&g->keyed, rate);
	follow_init(&g->gain);
	glide_init(&g->threshold, rate, 0);
	glide_init(&g->hysteresis, rate, 0);
	glide_init(&g->range, rate, 0);
	g->slope = g->hold = g->low = g->top = vf_all(0);
	g->open = vi_all(0);
}

static void
rest(struct gate *g, int lane)
{
	follow_rest(&g->gain, lane);
	g->top[lane] = g->low[lane] = 0;
	g->open[lane] = 0;
}

static void
gate_set(void *state, int lane, const void *params, int snap)
{
	struct gate *g = state;
	const struct gate_params *p = params;
	const struct keyed_params keyed = {
	    .on = p->on,
	    .external = p->external,
	    .listen = p->listen,
	    .mix = 1,
	    .hpf = p->key_hpf > 10 ? p->key_hpf : 0,
	    .lpf = p->key_lpf < 20000 ? p->key_lpf : 0,
	};
	int fresh = !g->keyed.active[lane], jump = snap || fresh;
	double rate = g->keyed.rate, hold = p->hold * 0.001 * rate - peak_length(&g->keyed.window);
	glide_set(&g->threshold, lane, (float)(p->threshold * OCTAVES_PER_DB), jump);
	glide_set(&g->hysteresis, lane, (float)(p->hysteresis * OCTAVES_PER_DB), jump);
	glide_set(&g->range, lane, (float)(p->range * OCTAVES_PER_DB), jump);
	g->slope[lane] = p->ratio < 100 ? (float)(p->ratio - 1) : GATE_SLOPE;
	g->hold[lane] = hold > 0 ? (float)hold : 0;
	follow_set(&g->gain, lane, p->release, p->attack, 0, rate);
	if (keyed_set(&g->keyed, lane, &keyed, snap))
		rest(g, lane);
	else if (snap && fresh && p->ratio > 1)
		g->gain.asked[lane] = g->range.y[lane]; /* a song begins with the gate closed */
}

/*
 * From levels to what is asked. Below the lower threshold the wait runs, above it begins anew; between opening and the
 * end of the wait nothing is taken away.
 */
static inline __attribute__((always_inline)) void
ask(struct gate *g, vf *x, int glides)
{
	const vi active = g->keyed.active;
	const vf hold = g->hold, slope = g->slope;
	vf threshold = g->threshold.y, lower = threshold - g->hysteresis.y, range = g->range.y, low = g->low;
	vi open = g->open;
	for (int i = 0; i < QUANTUM; i++) {
		if (glides) {
			threshold = glide_step(&g->threshold);
			lower = threshold - glide_step(&g->hysteresis);
			range = glide_step(&g->range);
		}
		vf level = x[i];
		low = (vf)((vi)(low + 1.0f) & (level < lower));
		open = (open & (low <= hold)) | (level >= threshold);
		vf closed = vf_min(vf_above_zero(slope * (threshold - level)), range);
		x[i] = (vf)((vi)closed & ~open & active);
	}
	g->low = (vf)((vi)vf_min(low, vf_all(1e6f)) & active); /* beyond any hold */
	g->open = open;
}

/* What is asked becomes the reduction in force, and a gain. */
static inline void
gains(struct gate *g, vf *x)
{
	struct follow follow;
	vf top = vf_all(0);
	follow_load(&follow, &g->gain);
	for (int i = 0; i < QUANTUM; i++) {
		vf y = follow_step(&follow, x[i], 0);
		top = vf_max(y, top);
		x[i] = 0.0f - y;
		gain_behind(x, i);
	}
	follow_store(&g->gain, &follow);
	g->top = top;
}

static inline __attribute__((always_inline)) void
run(struct gate *g, vf *l, vf *r, const vf *ext_l, const vf *ext_r)
{
	vf kl[QUANTUM], kr[QUANTUM], x[QUANTUM];
	unsigned flat = keyed_detect(&g->keyed, l, r, ext_l, ext_r, kl, kr, x);
	peak_levels(&g->keyed.window, x, flat);
	if (g->threshold.moving | g->hysteresis.moving | g->range.moving) {
		ask(g, x, 1);
		glide_settle(&g->threshold);
		glide_settle(&g->hysteresis);
		glide_settle(&g->range);
	} else {
		ask(g, x, 0);
	}
	gains(g, x);
	vi ended = keyed_apply(&g->keyed, x, l, r, kl, kr);
	if (vi_any(ended))
		for (int lane = 0; lane < LANES; lane++)
			if (ended[lane])
				rest(g, lane);
}

static void
gate_run(void *state, const struct dsp_io *io)
{
	struct gate *g = state;
	if (!vi_any(g->keyed.active))
		return;
	if (io->r)
		run(g, (vf *)io->l, (vf *)io->r, (const vf *)io->kl, (const vf *)io->kr);
	else
		run(g, (vf *)io->l, NULL, (const vf *)io->kl, NULL);
}

static void
gate_move(void *to_state, int to_lane, const void *from_state, int from_lane)
{
	struct gate *to = to_state;
	const struct gate *from = from_state;
	keyed_move(&to->keyed, to_lane, &from->keyed, from_lane);
	follow_move(&to->gain, to_lane, &from->gain, from_lane);
	glide_move(&to->threshold, to_lane, &from->threshold, from_lane);
	glide_move(&to->hysteresis, to_lane, &from->hysteresis, from_lane);
	glide_move(&to->range, to_lane, &from->range, from_lane);
	to->slope[to_lane] = from->slope[from_lane];
	to->hold[to_lane] = from->hold[from_lane];
	to->low[to_lane] = from->low[from_lane];
	to->top[to_lane] = from->top[from_lane];
	to->open[to_lane] = from->open[from_lane];
}

static float
gate_reduction(const void *state, int lane)
{
	const struct gate *g = state;
	return g->top[lane] * (float)DB_PER_OCTAVE;
}

static float
gate_level(const void *state, int lane)
{
	return ((const struct gate *)state)->keyed.window.old[lane];
}

const struct dsp_proc LANED(gate_proc) = {
    .name = "gate",
    .size = sizeof(struct gate),
    .latency = 0,
    .init = gate_init,
    .set = gate_set,
    .run = gate_run,
    .move = gate_move,
    .reduction = gate_reduction,
    .level = gate_level,
};
