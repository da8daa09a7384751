#include "engine/graph_parts.h"

void
graph_probe(struct graph *g, uint32_t uid, struct graph_probe *to)
{
	for (int k = 0; k < g->banks; k++)
		g->bank[k].probed = 0;
	g->probe = NULL;
	for (int k = 0; k < g->nodes && to; k++) {
		if (g->node[k].uid != uid)
			continue;
		g->bank[g->node[k].bank].probed = g->node[k].lane + 1;
		g->probe = to;
		to->sides = g->bank[g->node[k].bank].sides;
	}
}

void
graph_probe_take(const struct graph *g, const struct rt_bank *b, float to[2][QUANTUM])
{
	int lanes = g->ops->lanes, lane = b->probed - 1;
	for (int side = 0; side < b->sides; side++)
		for (int t = 0; t < QUANTUM; t++)
			to[side][t] = b->io[side][t * lanes + lane];
}

void
graph_metering(struct graph *g, enum meter_kind kind)
{
	if (g->metering == kind)
		return;
	g->metering = kind;
	for (int k = 0; k < g->banks; k++)
		g->ops->meter->init(g->bank[k].meter, g->rate);
}

/* Behind the master's last unit: what the master's lane holds is from before them. */
void
graph_meter_run(struct graph *g, struct rt_bank *b, int64_t time)
{
	if (b->node[0] == g->master) {
		const struct rt_node *n = &g->node[g->master];
		size_t at = (size_t)time & ((size_t)g->ring - 1);
		for (int side = 0; side < 2; side++)
			g->ops->bank->load(b->post[side], (const float *const[]){n->post[side] + at}, 1);
	}
	g->ops->meter->run(b->meter, g->metering, b->post[0], b->post[1]);
}

void
graph_loud(const struct graph *g, int node, struct graph_loud *out)
{
	const struct rt_node *n = &g->node[node];
	const struct rt_bank *b = &g->bank[n->bank];
	int64_t time = (g->chunks - 1) * g->chunk;
	size_t at = (size_t)time & ((size_t)g->ring - 1);
	for (int side = 0; side < 2; side++) {
		out->peak[side] = node == g->master ? g->ops->bank->peak(n->post[side] + at, QUANTUM)
		                                    : n->peak[2 * (at / QUANTUM) + (size_t)side];
		out->level[side] = g->metering ? g->ops->meter->level(b->meter, g->metering, n->lane, side) : out->peak[side];
		out->out[side] = n->post[side] + at;
	}
}

/* Those that take something away. */
static const enum dsp_stage reducers[GRAPH_REDUCERS] = {STAGE_GATE, STAGE_DEESS, STAGE_COMP};

void
graph_dynamics(const struct graph *g, int node, struct graph_dynamics *out)
{
	const struct rt_node *n = &g->node[node];
	const struct rt_bank *b = &g->bank[n->bank];
	for (int k = 0; k < GRAPH_REDUCERS; k++) {
		const struct dsp_proc *proc = g->ops->stage[reducers[k]];
		out->reduction[k] = proc && proc->reduction ? proc->reduction(b->stage[reducers[k]], n->lane) : 0;
		out->level[k] = proc && proc->level ? proc->level(b->stage[reducers[k]], n->lane) : 0;
	}
}

float
graph_reduction(const struct graph *g, int node)
{
	const struct rt_node *n = &g->node[node];
	const struct rt_bank *b = &g->bank[n->bank];
	float sum = 0;
	for (int k = 0; k < GRAPH_REDUCERS; k++) {
		const struct dsp_proc *proc = g->ops->stage[reducers[k]];
		if (proc && proc->reduction)
			sum += proc->reduction(b->stage[reducers[k]], n->lane);
	}
	return sum;
}
