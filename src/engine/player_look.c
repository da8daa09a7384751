#include "engine/player_parts.h"

#include <string.h>

#define FULL_SCALE 0.99996f /* 16 bits' own, so that a stem recorded too loud is seen */
#define CLIP_RUN 3          /* frames at full scale in a row: a clip */

/* Counts clips in a quantum of one side; *run is how many frames at full scale it ended with. */
static int
count_clips(const float *x, uint8_t *run)
{
	int clips = 0, frames = *run;
	for (int t = 0; t < QUANTUM; t++) {
		float a = x[t] < 0 ? -x[t] : x[t];
		frames = a >= FULL_SCALE ? frames + (frames < CLIP_RUN) : 0;
		/* a run counts once, when it is long enough: what is behind that stays at the limit */
		clips += frames == CLIP_RUN && *run != CLIP_RUN;
		*run = (uint8_t)frames;
	}
	return clips;
}

void
look_gather(struct rt_player *rt)
{
	struct player_meters *m = &rt->meters;
	struct graph_loud loud;
	m->nodes = graph_nodes(rt->graph) < PLAYER_NODES ? graph_nodes(rt->graph) : PLAYER_NODES;
	for (int k = 0; k < m->nodes; k++) {
		m->uid[k] = graph_uid(rt->graph, k);
		graph_loud(rt->graph, k, &loud);
		for (int side = 0; side < 2; side++) {
			float *peak = &m->peak[k][side], *level = &m->level[k][side];
			*peak = loud.peak[side] > *peak ? loud.peak[side] : *peak;
			*level = loud.level[side] > *level ? loud.level[side] : *level;
			if (loud.peak[side] >= FULL_SCALE)
				m->clips[k] += (uint32_t)count_clips(loud.out[side], &rt->look.clipped[k][side]);
			else
				rt->look.clipped[k][side] = 0;
		}
		float reduction = graph_reduction(rt->graph, k);
		m->reduction[k] = reduction > m->reduction[k] ? reduction : m->reduction[k];
	}
}

void
look_sent(struct rt_player *rt)
{
	struct player_meters *m = &rt->meters;
	memset(m->peak, 0, sizeof m->peak);
	memset(m->level, 0, sizeof m->level);
	memset(m->clips, 0, sizeof m->clips);
	memset(m->reduction, 0, sizeof m->reduction);
}

void
look_graph(struct rt_player *rt)
{
	struct rt_look *l = &rt->look;
	l->node = -1;
	memset(l->clipped, 0, sizeof l->clipped);
	if (!rt->graph)
		return;
	for (int k = 0; k < graph_nodes(rt->graph); k++)
		if (graph_uid(rt->graph, k) == l->wanted.uid)
			l->node = k;
	graph_metering(rt->graph, l->wanted.meter);
	graph_probe(rt->graph, l->wanted.uid, l->wanted.on && l->node >= 0 ? &l->probe : NULL);
}

void
look_quantum(struct player *p)
{
	struct rt_player *rt = &p->rt;
	struct rt_look *l = &rt->look;
	struct player_look *x = &l->now;
	if (!l->wanted.on)
		return;
	struct graph_loud loud;
	int mastered = rt->pick.now.tap == TAP_MASTER;
	graph_loud(rt->graph, mastered ? graph_master(rt->graph) : graph_mix(rt->graph), &loud);
	x->frame = loop_frame(graph_loop(rt->graph), rt->position);
	x->begins = rt->position == 0;
	x->mastered = mastered;
	x->limited = graph_limited(rt->graph);
	graph_taken(rt->graph, x->taken);
	for (int side = 0; side < 2; side++)
		memcpy(x->heard[side], loud.out[side], sizeof x->heard[side]);
	x->uid = l->node >= 0 ? l->wanted.uid : 0;
	x->limits = l->node >= 0 && l->node == graph_master(rt->graph);
	if (x->uid) {
		graph_dynamics(rt->graph, l->node, &x->dynamics);
		x->strip = l->probe;
	}
	if (ring_put(p->looks, x))
		x->lost++;
}
