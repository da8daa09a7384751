#include "engine/player_parts.h"

#include <string.h>

int
pick_latency(const struct graph *g)
{
	int mix = graph_latency(g, graph_mix(g)), master = graph_latency(g, graph_master(g));
	return master > mix ? master : mix;
}

static int
node_of(const struct graph *g, uint32_t uid)
{
	for (int k = 0; k < graph_nodes(g); k++)
		if (graph_uid(g, k) == uid)
			return k;
	return -1;
}

/* Opens the taps before the faders that either choice needs, and shuts the others. */
static void
open_taps(struct graph *g, const struct player_pick *a, const struct player_pick *b)
{
	const struct player_pick *both[2] = {a, b};
	for (int k = 0; k < graph_nodes(g); k++)
		graph_tap(g, k, 0);
	for (int i = 0; i < 2; i++)
		for (int k = 0; k < both[i]->count; k++) {
			int node = both[i]->solo[k].pre ? node_of(g, both[i]->solo[k].uid) : -1;
			if (node >= 0)
				graph_tap(g, node, 1);
		}
}

void
pick_graph(struct rt_pick *k, struct graph *g)
{
	open_taps(g, &k->now, &k->next);
	graph_key(g, &k->key);
}

void
pick_key(struct rt_pick *k, struct graph *g, const struct graph_edit *edit)
{
	graph_key_set(&k->key, g, edit->send, edit);
	graph_key(g, &k->key);
}

static int
has_taps(const struct player_pick *pick)
{
	int taps = 0;
	for (int k = 0; k < pick->count; k++)
		taps |= pick->solo[k].pre;
	return taps;
}

static void
begin_turn(struct rt_pick *k, struct graph *g)
{
	k->next = k->wanted;
	k->changed = 0;
	k->turning = PICK_QUANTA;
	k->wait = has_taps(&k->next) ? pick_latency(g) / QUANTUM + 1 : 0;
	open_taps(g, &k->now, &k->next);
}

void
pick_set(struct rt_pick *k, struct graph *g, const struct player_pick *wanted, int playing)
{
	k->wanted = *wanted;
	if (!g || (!playing && !has_taps(wanted))) {
		k->now = k->next = *wanted;
		k->turning = k->changed = 0;
		if (g)
			open_taps(g, &k->now, &k->next);
	} else if (k->turning) {
		k->changed = 1;
	} else {
		begin_turn(k, g);
	}
}

/* A quantum of a node, as late as all that is heard: its bits, or added to what is there. */
static void
hear_node(const struct graph *g, int node, int pre, int add, float x[2][QUANTUM])
{
	int late = pick_latency(g) - graph_latency(g, node);
	for (int side = 0; side < 2; side++) {
		const float *from;
		for (int done = 0, count; done < QUANTUM; done += count) {
			count = QUANTUM - done;
			from = graph_tapped(g, node, pre, side, (graph_chunks(g) - 1) * QUANTUM - late + done, &count);
			for (int t = 0; t < count; t++)
				x[side][done + t] = add ? x[side][done + t] + from[t] : from[t];
		}
	}
}

static void
hear(const struct rt_pick *k, const struct player_pick *pick, const struct graph *g, float x[2][QUANTUM])
{
	if (pick->key) {
		memcpy(x, k->key.x, sizeof k->key.x);
		return;
	}
	int heard = 0;
	for (int i = 0; i < pick->count; i++) {
		int node = node_of(g, pick->solo[i].uid);
		if (node >= 0)
			hear_node(g, node, pick->solo[i].pre, heard++, x);
	}
	if (heard == 0)
		hear_node(g, pick->tap == TAP_MIX ? graph_mix(g) : graph_master(g), 0, 0, x);
}

void
pick_run(struct rt_pick *k, struct graph *g)
{
	hear(k, &k->now, g, k->x);
	if (!k->turning)
		return;
	if (k->wait > 0) {
		k->wait--;
		return;
	}
	float other[2][QUANTUM];
	hear(k, &k->next, g, other);
	for (int t = 0; t < QUANTUM; t++) {
		float at = (float)((PICK_QUANTA - k->turning) * QUANTUM + t) / (PICK_QUANTA * QUANTUM);
		at = at * at * (3 - 2 * at);
		for (int side = 0; side < 2; side++)
			k->x[side][t] += (other[side][t] - k->x[side][t]) * at;
	}
	if (--k->turning)
		return;
	k->now = k->next;
	if (k->changed)
		begin_turn(k, g);
	else
		open_taps(g, &k->now, &k->next);
}
