#include "engine/graph_parts.h"

#include <string.h>

/* The node of a graph with that uid, or NULL. */
static struct rt_node *
find(const struct graph *g, uint32_t uid)
{
	for (int k = 0; k < g->nodes; k++)
		if (g->node[k].uid == uid)
			return &g->node[k];
	return NULL;
}

static void *
swap(void **a, void *b)
{
	void *was = *a;
	*a = b;
	return was;
}

/* The last frames of a ring, to the same times in another. */
static void
copy_ring(const struct graph *to, float *new_ring, const struct graph *from, const float *old_ring)
{
	if (!new_ring || !old_ring)
		return;
	int64_t now = from->chunks * from->chunk;
	int frames = to->ring < from->ring ? to->ring : from->ring;
	for (int64_t time = now - frames; time < now; time += QUANTUM)
		memcpy(new_ring + ((size_t)time & ((size_t)to->ring - 1)), old_ring + ((size_t)time & ((size_t)from->ring - 1)),
		       QUANTUM * sizeof(float));
}

static void
adopt_taps(struct rt_node *to, const struct rt_node *from)
{
	for (int f = 0; f < to->feeds; f++)
		for (int k = 0; k < from->feeds; k++)
			if (to->feed[f].uid && to->feed[f].uid == from->feed[k].uid)
				to->feed[f].gain = from->feed[k].gain;
}

/* A file that both read at the same place goes on being read where it was. */
static void
adopt_sources(struct graph *to, struct graph *from)
{
	for (int b = 0; b < to->banks; b++)
		for (int s = 0; s < to->bank[b].sources; s++)
			for (int ob = 0; ob < from->banks; ob++)
				for (int os = 0; os < from->bank[ob].sources; os++) {
					struct rt_source *fresh = &to->bank[b].source[s], *old = &from->bank[ob].source[os];
					if (old->taken || fresh->taken || fresh->key != old->key || fresh->shift != old->shift ||
					    fresh->late != old->late || fresh->use[0] < old->use[0] || fresh->use[1] > old->use[1])
						continue;
					fresh->taken = 1;
					old->taken = 1;
					old->source = swap((void **)&fresh->source, old->source);
				}
}

void
graph_adopt(struct graph *to, struct graph *from, int64_t jump)
{
	to->start = from->start + jump;
	to->chunks = from->chunks;
	to->metering = from->metering;
	for (int k = 0; k < to->nodes; k++) {
		struct rt_node *n = &to->node[k], *old = find(from, n->uid);
		if (!old || old->sides != n->sides)
			continue;
		const struct rt_bank *bank = &to->bank[n->bank], *was = &from->bank[old->bank];
		for (int s = 0; s < STAGES; s++)
			to->ops->stage[s]->move(bank->stage[s], n->lane, was->stage[s], old->lane);
		to->ops->output->move(bank->output, n->lane, was->output, old->lane);
		to->ops->meter->move(bank->meter, n->lane, was->meter, old->lane);
		for (int side = 0; side < 2; side++) {
			copy_ring(to, n->post[side], from, old->post[side]);
			if (old->tapped)
				copy_ring(to, n->pre[side], from, old->pre[side]);
		}
		adopt_taps(n, old);
		if (n->reverb && old->reverb)
			old->reverb = swap(&n->reverb, old->reverb);
		if (n->echo && old->echo)
			old->echo = swap(&n->echo, old->echo);
	}
	for (int k = 0; k < MASTER_UNITS; k++)
		if (to->unit[k] && from->unit[k])
			from->unit[k] = swap(&to->unit[k], from->unit[k]);
	if (to->loop.in == from->loop.in && to->loop.out == from->loop.out)
		adopt_sources(to, from);
	for (int b = 0; b < from->banks; b++)
		for (int s = 0; s < from->bank[b].sources; s++)
			from->bank[b].source[s].taken = 0;
	for (int b = 0; b < to->banks; b++)
		for (int s = 0; s < to->bank[b].sources; s++)
			to->bank[b].source[s].taken = 0;
}
