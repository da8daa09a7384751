#include "engine/graph_parts.h"

#include <string.h>

void
graph_key(struct graph *g, struct graph_key *k)
{
	for (int b = 0; b < g->banks; b++)
		g->bank[b].listened = 0;
	g->key = NULL;
	for (int n = 0; n < g->nodes && k->uid && g->ops == k->ops; n++)
		if (g->node[n].uid == k->uid) {
			g->bank[g->node[n].bank].listened = g->node[n].lane + 1;
			g->key = k;
		}
	if (!g->key)
		memset(k->x, 0, sizeof k->x);
}

void
graph_key_set(struct graph_key *k, const struct graph *g, uint32_t uid, const struct graph_edit *edit)
{
	int fresh = uid != k->uid || edit->what != (int)k->stage;
	k->uid = uid;
	k->stage = (enum dsp_stage)edit->what;
	if (g->ops != k->ops)
		return;
	if (fresh) {
		k->ops->stage[k->stage]->init(k->state, g->rate);
		memset(k->x, 0, sizeof k->x);
	}
	k->ops->stage[k->stage]->set(k->state, 0, &edit->values, fresh);
}

/* The one lane alone goes through a stage of its own, which plays what its detector hears. */
void
graph_key_run(struct graph *g, const struct rt_bank *b, const struct dsp_io *io)
{
	struct graph_key *k = g->key;
	int lanes = g->ops->lanes, lane = b->listened - 1;
	const float *from[4] = {io->l, io->r, io->kl, io->kr};
	for (int c = 0; c < 4; c++)
		for (int t = 0; t < QUANTUM && from[c]; t++)
			k->lanes[c][t * lanes] = from[c][t * lanes + lane];
	struct dsp_io own = {k->lanes[0], io->r ? k->lanes[1] : NULL, io->kl ? k->lanes[2] : NULL,
	                     io->kr ? k->lanes[3] : NULL};
	g->ops->stage[k->stage]->run(k->state, &own);
	for (int t = 0; t < QUANTUM; t++) {
		k->x[0][t] = k->lanes[0][t * lanes];
		k->x[1][t] = io->r ? k->lanes[1][t * lanes] : k->x[0][t];
	}
}
