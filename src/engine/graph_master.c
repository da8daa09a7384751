#include "engine/graph_parts.h"

#include <string.h>

#include "base/units.h"

#define DEEP (-60.0) /* dB that a fade in dB begins at, from silence */

/* The factor of a fade, x from 0 (silence) to 1. */
static double
shaped(int shape, double x)
{
	if (x <= 0 || x >= 1)
		return x <= 0 ? 0 : 1;
	switch (shape) {
	case FADE_POWER:
		return f_sin(F_PI / 2 * x);
	case FADE_S:
		return 0.5 - 0.5 * f_cos(F_PI * x);
	case FADE_DB:
		return db_to_gain(DEEP * (1 - x));
	}
	return x;
}

/* The first frame of a fade in is silent and the frame behind it whole; a fade out is its mirror. */
static double
fade_gain(const struct graph_fade *f, int64_t frame)
{
	if ((frame < f->from && f->from + f->in > 0) || (f->to > 0 && frame >= f->to))
		return 0;
	double gain = f->in > 0 ? shaped(f->shape, (double)(frame - f->from) / (double)f->in) : 1;
	if (f->to > 0 && f->out > 0)
		gain *= shaped(f->shape, (double)(f->to - 1 - frame) / (double)f->out);
	return gain;
}

static void
fade(const struct graph_fade *f, int64_t frame, float *l, float *r)
{
	int64_t last = frame + QUANTUM;
	/* what filters ring before the song's first frame belongs to it, unless it is cut */
	int begun = (f->from == 0 && f->in == 0) || frame >= f->from + f->in;
	int whole = begun && (f->to <= 0 || last <= f->to - f->out);
	for (int n = 0; !whole && n < QUANTUM; n++) {
		float gain = (float)fade_gain(f, frame + n);
		l[n] = gain == 0 ? 0 : l[n] * gain;
		r[n] = gain == 0 ? 0 : r[n] * gain;
	}
}

void
graph_master_insert(struct graph *g, struct rt_bank *b)
{
	float side[2][QUANTUM] __attribute__((aligned(DSP_ALIGN)));
	int lanes = g->ops->lanes, busy = 0;
	for (int u = 0; u < MASTER_INSERTS; u++)
		busy |= g->ops->master[u]->busy(g->unit[u]);
	for (int k = 0; busy && k < 2 * QUANTUM; k++)
		side[k / QUANTUM][k % QUANTUM] = b->io[k / QUANTUM][k % QUANTUM * lanes];
	for (int u = 0; busy && u < MASTER_INSERTS; u++)
		g->ops->master[u]->run(g->unit[u], side[0], side[1]);
	for (int k = 0; busy && k < 2 * QUANTUM; k++)
		b->io[k / QUANTUM][k % QUANTUM * lanes] = side[k / QUANTUM][k % QUANTUM];
}

void
graph_master_end(struct graph *g, int64_t time)
{
	struct rt_node *n = &g->node[g->master];
	size_t at = (size_t)time & ((size_t)g->ring - 1);
	int64_t late = n->latency;
	for (int u = MASTER_INSERTS; u < MASTER_UNITS; u++) {
		if (u == MASTER_LIMITER) {
			late -= g->unit[u] ? g->ops->master[u]->latency : 0;
			fade(&g->fade, loop_frame(&g->loop, g->start + time - late), n->post[0] + at, n->post[1] + at);
		}
		if (g->unit[u])
			g->ops->master[u]->run(g->unit[u], n->post[0] + at, n->post[1] + at);
	}
}

const struct graph_fade *
graph_cut(const struct graph *g)
{
	return &g->fade;
}

void
graph_taken(const struct graph *g, float taken[GRAPH_TAKERS][4])
{
	static const enum dsp_master unit[GRAPH_TAKERS] = {MASTER_MULTI, MASTER_DYNEQ, MASTER_CLIPPER};
	for (int k = 0; k < GRAPH_TAKERS; k++) {
		const struct unit_meter *meter = g->unit[unit[k]];
		memcpy(taken[k], meter->reduction, sizeof meter->reduction);
	}
}

float
graph_limited(struct graph *g)
{
	struct limiter_meter *meter = g->unit[MASTER_LIMITER];
	float greatest = meter ? meter->greatest : 0;
	if (meter)
		meter->greatest = 0;
	return greatest;
}
