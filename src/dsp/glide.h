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
 * y      the value in force            a, b, d   how far the smoothers are from the target; d the last: y = target + d
 * target where it goes                 rate      per-frame coefficient of each pole, all lanes alike
 * Distances, because values would stop a step of the mantissa over the rate short of where they go, and never arrive.
 */
struct glide {
	vf y, a, b, d, target;
	float rate;
	int moving; /* whether any lane is under way: else y == target and a run may treat it as a constant */
};

/* Poles of 4.5 ms: 0.1 % is left after 50 ms (e^-t (1 + t + t^2/2), t = 11.2). */
#define GLIDE_SECONDS 0.0045

static inline void
glide_init(struct glide *g, double rate, float value)
{
	g->y = g->target = vf_all(value);
	g->a = g->b = g->d = vf_all(0);
	g->rate = (float)(1 - f_exp(-1 / (GLIDE_SECONDS * rate)));
	g->moving = 0;
}

static inline void
glide_set(struct glide *g, int lane, float value, int snap)
{
	float way = snap ? 0 : g->target[lane] - value;
	g->a[lane] = snap ? 0 : g->a[lane] + way;
	g->b[lane] = snap ? 0 : g->b[lane] + way;
	g->d[lane] = snap ? 0 : g->d[lane] + way;
	g->target[lane] = value;
	if (snap)
		g->y[lane] = value;
	else if (g->a[lane] != 0 || g->b[lane] != 0 || g->d[lane] != 0)
		g->moving = 1;
}

/* One frame on; returns the value in force. Call only while moving (a lane at its target stays there exactly). */
static inline vf
glide_step(struct glide *g)
{
	g->a -= g->a * g->rate;
	g->b += (g->a - g->b) * g->rate;
	g->d += (g->b - g->d) * g->rate;
	return g->y = g->target + g->d;
}

/*
 * At the end of a quantum: lanes within 1e-6 (of the larger of 1 and the target) of where they go are put there.
 * Judged lane by lane, so that a lane's bits do not depend on its neighbours.
 */
static inline void
glide_settle(struct glide *g)
{
	vf near = vf_max(vf_abs(g->target), vf_all(1)) * 1e-6f;
	vi far = (vf_abs(g->d) > near) | (vf_abs(g->b) > near) | (vf_abs(g->a) > near);
	g->y = vf_select(far, g->y, g->target);
	g->a = (vf)(far & (vi)g->a);
	g->b = (vf)(far & (vi)g->b);
	g->d = (vf)(far & (vi)g->d);
	g->moving = vi_any(far);
}

static inline void
glide_move(struct glide *to, int to_lane, const struct glide *from, int from_lane)
{
	to->y[to_lane] = from->y[from_lane];
	to->a[to_lane] = from->a[from_lane];
	to->b[to_lane] = from->b[from_lane];
	to->d[to_lane] = from->d[from_lane];
	to->target[to_lane] = from->target[from_lane];
	if (to->a[to_lane] != 0 || to->b[to_lane] != 0 || to->d[to_lane] != 0)
		to->moving = 1;
}

#endif
