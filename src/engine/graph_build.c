#include "engine/build.h"

#include "base/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *
build_take(struct graph *g, size_t size)
{
	void **owned = realloc(g->owned, (g->owns + 1) * sizeof *owned);
	if (!owned)
		return NULL;
	g->owned = owned;
	size = (size + DSP_ALIGN - 1) / DSP_ALIGN * DSP_ALIGN;
	void *p = aligned_alloc(DSP_ALIGN, size ? size : DSP_ALIGN);
	if (p) {
		memset(p, 0, size);
		g->owned[g->owns++] = p;
	}
	return p;
}

int
build_no_memory(struct build *b)
{
	return err_set(b->err, "the desk: not enough memory for this session");
}

static int
node_index(const struct build *b, const struct node *node)
{
	for (int k = 0; node && k < b->g->nodes; k++)
		if (b->from[k] == node)
			return k;
	return -1;
}

/* The node an address names: -1 for "none", else `unset` where it is empty or unknown. */
static int
refer(const struct build *b, const char *address, int unset)
{
	if (!strcmp(address, "none"))
		return -1;
	int k = *address ? node_index(b, session_find(b->session, address)) : -1;
	return k >= 0 ? k : unset;
}

static int
collect_nodes(struct build *b)
{
	struct graph *g = b->g;
	size_t strips = 0, buses = 0;
	while (session_node(b->session, K_STRIP, strips))
		strips++;
	while (session_node(b->session, K_BUS, buses))
		buses++;
	g->nodes = (int)(strips + buses + 2);
	g->mix = g->nodes - 2;
	g->master = g->nodes - 1;
	g->node = build_take(g, (size_t)g->nodes * sizeof *g->node);
	b->from = calloc((size_t)g->nodes, sizeof *b->from);
	b->mark = calloc((size_t)g->nodes, 1);
	if (!g->node || !b->from || !b->mark)
		return build_no_memory(b);
	for (size_t k = 0; k < strips + buses; k++)
		b->from[k] = k < strips ? session_node(b->session, K_STRIP, k) : session_node(b->session, K_BUS, k - strips);
	b->from[g->mix] = session_mix(b->session);
	b->from[g->master] = session_master(b->session);
	for (int k = 0; k < g->nodes; k++) {
		struct rt_node *n = &g->node[k];
		const struct node *node = b->from[k];
		n->uid = node->uid;
		n->kind = node->kind;
		n->sides = node->kind == K_STRIP ? (int)node->value[P_CHANNELS] : 2;
		n->swap = node->value[P_ORDER] != 0;
		n->delay = node->kind & (K_STRIP | K_BUS) ? (int)node->value[P_DELAY] : 0;
		n->gate_key.node = refer(b, node->text[P_GATE_KEY], -1);
		n->gate_key.pre = node->value[P_GATE_KEY_TAP] == 0;
		n->comp_key.node = refer(b, node->text[P_COMP_KEY], -1);
		n->comp_key.pre = node->value[P_COMP_KEY_TAP] == 0;
	}
	return 0;
}

/* Appends a feed to node `to`; room was made for every node once. */
static void
feed(struct build *b, int to, int node, int pre, uint32_t uid)
{
	struct rt_node *n = &b->g->node[to];
	struct rt_tap *tap = &n->feed[n->feeds++];
	tap->node = node;
	tap->pre = pre;
	tap->uid = uid;
	ramp_init(&tap->gain, b->g->rate, uid ? 0 : 1);
}

static int
collect_feeds(struct build *b)
{
	struct graph *g = b->g;
	for (int k = 0; k < g->nodes; k++) {
		struct rt_node *n = &g->node[k];
		if (n->kind == K_STRIP)
			continue;
		n->feed = build_take(g, 2 * (size_t)g->nodes * sizeof *n->feed);
		if (!n->feed)
			return build_no_memory(b);
	}
	for (int k = 0; k < g->mix; k++) {
		const struct node *node = b->from[k];
		int out = refer(b, node->text[P_OUT], g->mix);
		if (out >= 0 && g->node[out].kind != K_STRIP)
			feed(b, out, k, 0, 0);
		for (size_t c = 0; c < node->children; c++) {
			const struct node *send = node->child[c];
			if (send->kind != K_SEND)
				continue;
			char address[256];
			snprintf(address, sizeof address, "bus/%s", send->id);
			int to = refer(b, address, -1);
			if (to >= 0)
				feed(b, to, k, send->value[P_SEND_TAP] == 1, send->uid);
		}
	}
	feed(b, g->master, g->mix, 0, 0);
	return 0;
}

static int find_level(struct build *b, int k);

/* The level that hearing `tap` asks for, -1 with err filled where it leads back. */
static int
level_above(struct build *b, int k, const struct rt_tap *tap)
{
	if (tap->node < 0)
		return 0;
	if (b->mark[tap->node] == 1)
		return err_set(b->err, "routing: \"%s\" and \"%s\" feed each other; change an output, a send or a key",
		               b->from[k]->id, b->from[tap->node]->id);
	int below = find_level(b, tap->node);
	return below < 0 ? -1 : below + 1;
}

static int
find_level(struct build *b, int k)
{
	struct rt_node *n = &b->g->node[k];
	if (b->mark[k] == 2)
		return n->level;
	b->mark[k] = 1;
	int level = n->kind == K_STRIP ? 0 : 1;
	for (int t = -2; t < n->feeds; t++) {
		int above = level_above(b, k, t == -2 ? &n->gate_key : t == -1 ? &n->comp_key : &n->feed[t]);
		if (above < 0)
			return -1;
		level = above > level ? above : level;
	}
	b->mark[k] = 2;
	return n->level = level;
}

static int
find_levels(struct build *b)
{
	for (int k = 0; k < b->g->nodes; k++) {
		int level = find_level(b, k);
		if (level < 0)
			return -1;
		b->g->levels = level < b->g->levels ? b->g->levels : level + 1;
	}
	return 0;
}

static int
later(int a, int b)
{
	return a > b ? a : b;
}

/* Everything a node hears meets at its input: it enters as late as the latest, and the others are delayed. */
static int
align(struct build *b)
{
	struct graph *g = b->g;
	int longest = 0;
	for (int level = 0; level < g->levels; level++) {
		for (int k = 0; k < g->nodes; k++) {
			struct rt_node *n = &g->node[k];
			if (n->level != level)
				continue;
			for (int t = -2; t < n->feeds; t++) {
				const struct rt_tap *tap = t == -2 ? &n->gate_key : t == -1 ? &n->comp_key : &n->feed[t];
				n->enter = later(n->enter, tap->node < 0 ? 0 : g->node[tap->node].latency);
			}
			if (k == g->mix)
				n->enter = later(n->enter, b->options->least_latency - g->chain_latency);
			for (int t = -2; t < n->feeds; t++) {
				struct rt_tap *tap = t == -2 ? &n->gate_key : t == -1 ? &n->comp_key : &n->feed[t];
				if (tap->node >= 0)
					tap->delay = n->enter - g->node[tap->node].latency + (t >= 0 ? n->delay : 0);
				longest = later(longest, tap->delay);
			}
			n->latency = n->enter + g->chain_latency + (k == g->master ? g->unit_latency : 0);
		}
	}
	for (int k = 0; k < g->nodes; k++)
		longest = later(longest, g->node[k].latency);
	g->ring = QUANTUM;
	while (g->ring < 2 * g->chunk + longest)
		g->ring *= 2;
	return 0;
}

/* The order nodes are packed in: banks hold nodes of one level, sort, width and order of processors. */
struct place {
	int node, level, strip, sides, swap;
	uint32_t draw;
};

static int
compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	if (x->level != y->level)
		return x->level < y->level ? -1 : 1;
	if (x->strip != y->strip)
		return x->strip < y->strip ? -1 : 1;
	if (x->sides != y->sides)
		return x->sides < y->sides ? -1 : 1;
	if (x->swap != y->swap)
		return x->swap < y->swap ? -1 : 1;
	if (x->draw != y->draw)
		return x->draw < y->draw ? -1 : 1;
	return x->node < y->node ? -1 : 1;
}

static int
together(const struct graph *g, const struct place *a, const struct place *b)
{
	return a->level == b->level && a->strip == b->strip && a->sides == b->sides && a->swap == b->swap &&
	       b->node != g->mix && b->node != g->master;
}

static int
pack(struct build *b)
{
	struct graph *g = b->g;
	struct place *place = calloc((size_t)g->nodes, sizeof *place);
	g->bank = build_take(g, (size_t)g->nodes * sizeof *g->bank);
	g->first = build_take(g, ((size_t)g->levels + 1) * sizeof *g->first);
	if (!place || !g->bank || !g->first) {
		free(place);
		return build_no_memory(b);
	}
	uint32_t draw = b->options->shuffle;
	for (int k = 0; k < g->nodes; k++) {
		const struct rt_node *n = &g->node[k];
		if (draw)
			draw = draw * 1664525u + 1013904223u;
		place[k] = (struct place){k, n->level, n->kind == K_STRIP, n->sides, n->swap, draw};
	}
	qsort(place, (size_t)g->nodes, sizeof *place, compare_places);
	int status = 0;
	for (int k = 0; k < g->nodes && !status; k++) {
		struct rt_bank *bank = g->banks ? &g->bank[g->banks - 1] : NULL;
		if (!bank || bank->count == g->ops->lanes || !together(g, &place[k - 1], &place[k])) {
			bank = &g->bank[g->banks++];
			bank->level = place[k].level;
			bank->sides = place[k].sides;
			bank->swap = place[k].swap;
			bank->node = build_take(g, (size_t)g->ops->lanes * sizeof *bank->node);
			if (!bank->node)
				status = build_no_memory(b);
		}
		if (!status) {
			g->node[place[k].node].bank = g->banks - 1;
			g->node[place[k].node].lane = bank->count;
			bank->node[bank->count++] = place[k].node;
		}
	}
	for (int k = g->banks - 1; k >= 0; k--)
		g->first[g->bank[k].level] = k;
	g->first[g->levels] = g->banks;
	for (int level = g->levels - 1; level > 0; level--) /* a level may have no banks */
		if (g->first[level] == 0)
			g->first[level] = g->first[level + 1];
	free(place);
	return status;
}

static int
make_states(struct build *b, struct rt_bank *bank)
{
	struct graph *g = b->g;
	size_t quantum = QUANTUM * (size_t)g->ops->lanes * sizeof(float);
	for (int s = 0; s < STAGES; s++)
		if (g->ops->stage[s] && !(bank->stage[s] = build_take(g, g->ops->stage[s]->size)))
			return build_no_memory(b);
	bank->output = build_take(g, g->ops->output->size);
	bank->meter = build_take(g, g->ops->meter->size);
	if (!bank->output || !bank->meter)
		return build_no_memory(b);
	for (int k = 0; k < bank->count; k++) {
		const struct rt_node *n = &g->node[bank->node[k]];
		bank->keys |= (n->gate_key.node >= 0 ? 1 : 0) | (n->comp_key.node >= 0 ? 2 : 0);
		bank->taps |= n->tapped;
	}
	for (int c = 0; c < 2; c++) {
		bank->io[c] = build_take(g, quantum);
		bank->key[c] = build_take(g, quantum);
		bank->post[c] = build_take(g, quantum);
		bank->pre[c] = build_take(g, quantum);
		if (!bank->io[c] || !bank->key[c] || !bank->post[c] || !bank->pre[c])
			return build_no_memory(b);
	}
	return 0;
}

/* Units are owned by themselves, not by the graph: they may go over to another (graph_adopt). */
static void *
new_unit(const struct dsp_unit *unit, double rate)
{
	return aligned_alloc(DSP_ALIGN, (unit->size(rate) + DSP_ALIGN - 1) / DSP_ALIGN * DSP_ALIGN);
}

static int
has_unit(const struct build *b, int unit)
{
	return unit != MASTER_LIMITER || !b->options->without_limiter;
}

static int
make_rings(struct build *b)
{
	struct graph *g = b->g;
	size_t ring = (size_t)g->ring * sizeof(float);
	for (int k = 0; k < g->nodes; k++)
		for (int t = -2; t < g->node[k].feeds; t++) {
			const struct rt_node *n = &g->node[k];
			const struct rt_tap *tap = t == -2 ? &n->gate_key : t == -1 ? &n->comp_key : &n->feed[t];
			if (tap->node >= 0 && tap->pre)
				g->node[tap->node].tapped = 1;
		}
	for (int k = 0; k < g->nodes; k++)
		for (int c = 0; c < 2 && (g->node[k].tapped || b->options->taps); c++)
			if (!(g->node[k].pre[c] = build_take(g, ring)))
				return build_no_memory(b);
	for (int k = 0; k < g->nodes; k++) {
		struct rt_node *n = &g->node[k];
		n->peak = build_take(g, (size_t)g->ring / QUANTUM * 2 * sizeof *n->peak);
		n->post[0] = build_take(g, ring);
		n->post[1] = build_take(g, ring);
		if (!n->peak || !n->post[0] || !n->post[1])
			return build_no_memory(b);
		const struct node *node = b->from[k];
		if (n->kind == K_BUS && node->value[P_REVERB_ON] != 0 && !(n->reverb = new_unit(g->ops->reverb, g->rate)))
			return build_no_memory(b);
		if (n->kind == K_BUS && node->value[P_ECHO_ON] != 0 && !(n->echo = new_unit(g->ops->echo, g->rate)))
			return build_no_memory(b);
	}
	for (int k = 0; k < MASTER_UNITS; k++)
		if (has_unit(b, k) && !(g->unit[k] = new_unit(g->ops->master[k], g->rate)))
			return build_no_memory(b);
	return 0;
}

static int
build(struct build *b)
{
	struct graph *g = b->g;
	for (int s = 0; s < STAGES; s++)
		g->chain_latency += g->ops->stage[s] ? g->ops->stage[s]->latency : 0;
	for (int k = 0; k < MASTER_UNITS; k++)
		g->unit_latency += has_unit(b, k) ? g->ops->master[k]->latency : 0;
	if (collect_nodes(b) || collect_feeds(b) || find_levels(b) || align(b) || pack(b) || make_rings(b))
		return -1;
	for (int k = 0; k < g->banks; k++) {
		struct rt_bank *bank = &g->bank[k];
		if (make_states(b, bank) || (g->node[bank->node[0]].kind == K_STRIP && build_clips(b, bank)))
			return -1;
	}
	return 0;
}

struct graph *
graph_new(struct session *session, const struct graph_options *options, struct err *err)
{
	struct graph *g = calloc(1, sizeof *g);
	struct build b = {.g = g, .session = session, .options = options, .err = err};
	int status = g ? 0 : build_no_memory(&b);
	if (g) {
		g->ops = options->ops ? options->ops : dsp_ops_pick(0);
		g->rate = session_rate(session);
		g->chunk = options->chunk;
		g->loop = options->chunk == QUANTUM ? options->loop : (struct loop){0, 0};
		status = build(&b);
	}
	free(b.from);
	free(b.mark);
	if (status) {
		graph_free(g);
		return NULL;
	}
	graph_start(g, session, 0);
	return g;
}

void
graph_free(struct graph *g)
{
	if (!g)
		return;
	for (int k = 0; k < g->banks; k++)
		for (int s = 0; s < g->bank[k].sources; s++)
			g->bank[k].source[s].source->close(g->bank[k].source[s].source);
	for (int k = 0; k < g->nodes; k++) {
		free(g->node[k].reverb);
		free(g->node[k].echo);
	}
	for (int k = 0; k < MASTER_UNITS; k++)
		free(g->unit[k]);
	for (size_t k = 0; k < g->owns; k++)
		free(g->owned[k]);
	free(g->owned);
	free(g);
}

/* A unit at rest. */
static void
start_unit(const struct dsp_unit *unit, void *state, double rate)
{
	if (!state)
		return;
	memset(state, 0, unit->size(rate));
	unit->init(state, rate);
}

void
graph_start(struct graph *g, struct session *session, int64_t frame)
{
	g->start = frame / QUANTUM * QUANTUM;
	g->chunks = 0;
	for (int k = 0; k < g->banks; k++) {
		for (int s = 0; s < STAGES; s++)
			if (g->ops->stage[s])
				g->ops->stage[s]->init(g->bank[k].stage[s], g->rate);
		g->ops->output->init(g->bank[k].output, g->rate);
		g->ops->meter->init(g->bank[k].meter, g->rate);
	}
	for (int k = 0; k < g->nodes; k++) {
		struct rt_node *n = &g->node[k];
		for (int c = 0; c < 2; c++) {
			memset(n->post[c], 0, (size_t)g->ring * sizeof(float));
			if (n->pre[c])
				memset(n->pre[c], 0, (size_t)g->ring * sizeof(float));
		}
		memset(n->peak, 0, (size_t)g->ring / QUANTUM * 2 * sizeof *n->peak);
		start_unit(g->ops->reverb, n->reverb, g->rate);
		start_unit(g->ops->echo, n->echo, g->rate);
	}
	for (int k = 0; k < MASTER_UNITS; k++)
		start_unit(g->ops->master[k], g->unit[k], g->rate);
	for (int k = 0; k < g->nodes; k++)
		graph_set(g, session, k, 1);
}
