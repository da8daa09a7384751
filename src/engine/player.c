#include "engine/player_parts.h"

#include <stdlib.h>

#define LOOKS 512         /* quanta: 0.7 s at 48 kHz, and whoever reads them comes by every 20 ms */
#define HEARD_PIECES 1024 /* 1.4 s at 48 kHz: much longer than whoever reads them is ever away */

struct player *
player_new(void)
{
	struct player *p = calloc(1, sizeof *p);
	if (!p)
		return NULL;
	monitor_init(&p->rt.monitor, 48000); /* for another rate its glides are a little longer or shorter */
	hearing_init(&p->rt.hearing);
	p->to_rt = ring_new(1024, sizeof(struct message));
	p->meters = ring_new(8, sizeof(struct player_meters));
	p->returned = ring_new(1024, sizeof(struct graph *)); /* as many as messages: a returned graph is never dropped */
	if (graph_key_init(&p->rt.pick.key) || !p->to_rt || !p->meters || !p->returned) {
		player_free(p);
		return NULL;
	}
	return p;
}

void
player_free(struct player *p)
{
	struct message m;
	struct graph *g;
	if (!p)
		return;
	while (p->to_rt && ring_get(p->to_rt, &m) == 0)
		if (m.kind == MESSAGE_GRAPH || m.kind == MESSAGE_REPLACE)
			graph_free(m.is.start.graph);
	while (p->returned && ring_get(p->returned, &g) == 0)
		graph_free(g);
	graph_free(p->rt.graph);
	graph_free(p->rt.coming.is.start.graph);
	graph_key_fini(&p->rt.pick.key);
	ring_free(p->to_rt);
	ring_free(p->meters);
	ring_free(p->returned);
	ring_free(p->heard);
	ring_free(p->looks);
	free(p);
}

void
player_preroll(struct player *p, struct graph *g)
{
	struct rt_pick pick = {.now = p->pick, .next = p->pick};
	pick_graph(&pick, g); /* so that the taps before faders fill */
	for (int done = 0; done < pick_latency(g); done += QUANTUM)
		graph_process(g, QUANTUM);
}

static int
send_graph(struct player *p, enum message_kind kind, struct graph *g, int64_t frame, uint32_t start)
{
	struct message m = {.kind = kind, .is.start = {g, frame, start}};
	if (ring_put(p->to_rt, &m)) {
		graph_free(g); /* the device stands still and the queue is full of graphs: the newest is dropped */
		return -1;
	}
	p->graph = g;
	return 0;
}

void
player_set_graph(struct player *p, struct graph *g, int64_t frame)
{
	if (send_graph(p, MESSAGE_GRAPH, g, frame / QUANTUM * QUANTUM, p->start + 1) == 0)
		p->start++;
}

void
player_replace_graph(struct player *p, struct graph *g, int64_t primed)
{
	const struct loop *a = p->graph ? graph_loop(p->graph) : graph_loop(g), *b = graph_loop(g);
	int jumps = a->in != b->in || a->out != b->out;
	if (send_graph(p, MESSAGE_REPLACE, g, primed, jumps ? p->start + 1 : 0) == 0)
		p->start += (uint32_t)jumps;
}

int
player_is_moving(const struct player *p)
{
	return p->start != p->started;
}

void
player_play(struct player *p)
{
	ring_put(p->to_rt, &(struct message){.kind = MESSAGE_PLAY});
}

void
player_stop(struct player *p)
{
	ring_put(p->to_rt, &(struct message){.kind = MESSAGE_STOP});
}

void
player_pick(struct player *p, const struct player_pick *pick)
{
	p->pick = *pick;
	ring_put(p->to_rt, &(struct message){.kind = MESSAGE_PICK, .is.pick = *pick});
}

void
player_monitor(struct player *p, const struct monitor_settings *settings)
{
	struct message m = {.kind = MESSAGE_MONITOR};
	monitor_matrix(settings, m.is.monitor);
	ring_put(p->to_rt, &m);
}

void
player_hearing(struct player *p, const struct hearing_params *speaker, double rate)
{
	struct message m = {.kind = MESSAGE_HEARING};
	hearing_design(speaker, rate, &m.is.hearing);
	ring_put(p->to_rt, &m);
}

int
player_listen(struct player *p, int on)
{
	if (!p->heard && !(p->heard = ring_new(HEARD_PIECES, sizeof(struct player_heard))))
		return -1;
	return ring_put(p->to_rt, &(struct message){.kind = MESSAGE_LISTEN, .is.listen = on});
}

int
player_view(struct player *p, const struct player_view *view)
{
	if (!p->looks && !(p->looks = ring_new(LOOKS, sizeof(struct player_look))))
		return -1;
	return ring_put(p->to_rt, &(struct message){.kind = MESSAGE_VIEW, .is.view = *view});
}

int
player_look(struct player *p, struct player_look *look)
{
	return p->looks ? ring_get(p->looks, look) : -1;
}

int
player_heard(struct player *p, struct player_heard *piece)
{
	return p->heard ? ring_get(p->heard, piece) : -1;
}

/* Edits on their way into the queue. */
struct sending {
	struct player *player;
	int full;
};

static void
send_edit(void *arg, const struct graph_edit *edit)
{
	struct sending *s = arg;
	struct message m = {.kind = MESSAGE_EDIT, .is.edit = *edit};
	s->full |= ring_put(s->player->to_rt, &m) != 0;
}

int
player_key(struct player *p, const struct node *node, enum dsp_stage stage)
{
	struct message m = {.kind = MESSAGE_KEY, .is.edit = {.what = (int)stage, .send = node->uid}};
	if (graph_key_values(node, stage, &m.is.edit.values))
		return -1;
	p->key = node->uid;
	p->key_stage = stage;
	return ring_put(p->to_rt, &m);
}

int
player_edit(struct player *p, struct session *session, uint32_t uid)
{
	struct sending s = {p, 0};
	static const enum node_kind kinds[] = {K_STRIP, K_BUS, K_MIX, K_MASTER};
	struct node *node;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds && uid == p->key; i++)
		for (size_t k = 0; (node = session_node(session, kinds[i], k)); k++)
			if (node->uid == uid)
				s.full |= player_key(p, node, p->key_stage);
	for (int k = 0; p->graph && k < graph_nodes(p->graph); k++)
		if (graph_uid(p->graph, k) == uid)
			graph_edits(p->graph, session, k, send_edit, &s);
	return s.full ? -1 : 0;
}

/* What older meters had that nobody has seen yet comes into the newer ones. */
static void
add_older(struct player_meters *m, const struct player_meters *old)
{
	for (int i = 0; i < old->nodes; i++) {
		int k = i;
		if (k >= m->nodes || m->uid[k] != old->uid[i])
			for (k = 0; k < m->nodes && m->uid[k] != old->uid[i]; k++)
				continue;
		if (k == m->nodes)
			continue;
		for (int c = 0; c < 2; c++) {
			m->peak[k][c] = old->peak[i][c] > m->peak[k][c] ? old->peak[i][c] : m->peak[k][c];
			m->level[k][c] = old->level[i][c] > m->level[k][c] ? old->level[i][c] : m->level[k][c];
		}
		m->clips[k] += old->clips[i];
		m->reduction[k] = old->reduction[i] > m->reduction[k] ? old->reduction[i] : m->reduction[k];
	}
	m->load = old->load > m->load ? old->load : m->load;
}

int
player_poll(struct player *p, struct player_meters *meters)
{
	struct player_meters newer;
	struct graph *g;
	int got = -1;
	while (ring_get(p->returned, &g) == 0)
		graph_free(g);
	while (ring_get(p->meters, &newer) == 0) {
		if (got == 0)
			add_older(&newer, meters);
		*meters = newer;
		p->started = meters->start;
		got = 0;
	}
	return got;
}
