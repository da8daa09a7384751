/*
 * A gain or coefficient on its way to a new value: three equal one-pole smoothers in a row, a lane each.
 * One pole clicks (its slope jumps); three put a 12 dB jump's side products below -80 dBc and settle in 60 ms.
 * Included by kernels only; belongs to the thread that runs the graph.
 */
#ifndef DSP_GLIDE_H
#define DSP_GLIDE_H

#include "base/fmath.h"
#include "dsp/lanes.h"

/*
 * y      the value in force            a, b   the two smoothers before it
 * target where it goes                 rate   per-frame coefficient of each pole, all lanes alike
 */
struct glide {
	vf y, a, b, target;
	float rate;
	int moving; /* whether any lane is under way: else y == target and a run may treat it as a constant */
};

/* Poles of 4.5 ms: 0.1 % is left after 50 ms (e^-t (1 + t + t^2/2), t = 11.2). */
#define GLIDE_SECONDS 0.0045

static inline void
glide_init(struct glide *g, double rate, float value)
{
	g->y = g->a = g->b = g->target = vf_all(value);
	g->rate = (float)(1 - f_exp(-1 / (GLIDE_SECONDS * rate)));
	g->moving = 0;
}

static inline void
glide_set(struct glide *g, int lane, float value, int snap)
{
	g->target[lane] = value;
	if (snap)
		g->y[lane] = g->a[lane] = g->b[lane] = value;
	else if (g->y[lane] != value || g->a[lane] != value || g->b[lane] != value)
		g->moving = 1;
}

/* One frame on; returns the value in force. Call only while moving (a lane at its target stays there exactly). */
static inline vf
glide_step(struct glide *g)
{
	g->a += (g->target - g->a) * g->rate;
	g->b += (g->a - g->b) * g->rate;
	g->y += (g->b - g->y) * g->rate;
	return g->y;
}

/*
 * At the end of a quantum: lanes within 1e-6 (of the larger of 1 and the target) of where they go are put there.
 * Judged lane by lane, so that a lane's bits do not depend on its neighbours.
 */
static inline void
glide_settle(struct glide *g)
{
	vf near = vf_max(vf_abs(g->target), vf_all(1)) * 1e-6f;
	vi far = (vf_abs(g->y - g->target) > near) | (vf_abs(g->b - g->target) > near) | (vf_abs(g->a - g->target) > near);
	g->y = vf_select(far, g->y, g->target);
	g->a = vf_select(far, g->a, g->target);
	g->b = vf_select(far, g->b, g->target);
	g->moving = vi_any(far);
}

static inline void
glide_move(struct glide *to, int to_lane, const struct glide *from, int from_lane)
{
	to->y[to_lane] = from->y[from_lane];
	to->a[to_lane] = from->a[from_lane];
	to->b[to_lane] = from->b[from_lane];
	to->target[to_lane] = from->target[from_lane];
	if (to->y[to_lane] != to->target[to_lane] || to->a[to_lane] != to->target[to_lane])
		to->moving = 1;
}

#endif
