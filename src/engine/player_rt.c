#include "engine/player_parts.h"

#include <string.h>
#include <time.h>

#include "base/rt.h"

#define FADE_FRAMES 480   /* stopping: short enough to be at once, long enough not to click */
#define METER_FRAMES 1024 /* between two snapshots: 47 a second at 48 kHz */

/* Frames that what is heard comes late by. */
static int
latency(const struct rt_player *rt, const struct graph *g)
{
	return graph_latency(g, rt->tap == TAP_MIX ? graph_mix(g) : graph_master(g));
}

/*
 * A graph that goes on where the old one stands: where it comes later, what was heard already is rendered again and
 * dropped. What is left of the present quantum is in the old one's rings and has been copied.
 */
static void
take_graph(struct player *p, struct graph *g, int64_t frame)
{
	struct rt_player *rt = &p->rt;
	struct graph *old = rt->graph;
	if (old && frame < 0) {
		graph_adopt(g, old);
		for (int late = latency(rt, g) - latency(rt, old); late > 0; late -= QUANTUM)
			graph_process(g, QUANTUM);
	} else {
		rt->position = frame < 0 ? 0 : frame;
		rt->left = 0;
	}
	if (old)
		ring_put(p->returned, &old);
	rt->graph = g;
}

static void
take_messages(struct player *p)
{
	struct rt_player *rt = &p->rt;
	struct message m;
	while (ring_get(p->to_rt, &m) == 0) {
		switch (m.kind) {
		case MESSAGE_GRAPH:
			take_graph(p, m.is.start.graph, m.is.start.frame);
			break;
		case MESSAGE_EDIT:
			if (rt->graph)
				graph_take(rt->graph, &m.is.edit, 0);
			break;
		case MESSAGE_PLAY:
			rt->playing = 1;
			rt->fade = 1;
			rt->slope = 0;
			break;
		case MESSAGE_STOP:
			rt->slope = -1.0f / FADE_FRAMES;
			break;
		case MESSAGE_MONITOR:
			monitor_set(&rt->monitor, m.is.monitor);
			break;
		case MESSAGE_TAP:
			rt->tap = m.is.tap;
			break;
		case MESSAGE_LISTEN:
			rt->listening = m.is.listen;
			rt->heard_frames = 0;
			break;
		}
	}
}

static void
gather_meters(struct rt_player *rt)
{
	struct player_meters *m = &rt->meters;
	m->nodes = graph_nodes(rt->graph) < PLAYER_NODES ? graph_nodes(rt->graph) : PLAYER_NODES;
	int64_t time = (graph_chunks(rt->graph) - 1) * QUANTUM;
	for (int k = 0; k < m->nodes; k++) {
		m->uid[k] = graph_uid(rt->graph, k);
		for (int side = 0; side < 2; side++) {
			float peak = graph_peak(rt->graph, k, side, time);
			m->peak[k][side] = peak > m->peak[k][side] ? peak : m->peak[k][side];
		}
		float reduction = graph_reduction(rt->graph, k);
		m->reduction[k] = reduction > m->reduction[k] ? reduction : m->reduction[k];
	}
}

static void
send_meters(struct player *p, int frames)
{
	struct rt_player *rt = &p->rt;
	rt->until_meters -= frames;
	if (rt->until_meters > 0)
		return;
	rt->until_meters = METER_FRAMES;
	rt->meters.position = rt->position;
	rt->meters.playing = rt->playing;
	ring_put(p->meters, &rt->meters); /* a full ring drops it */
	memset(rt->meters.peak, 0, sizeof rt->meters.peak);
	memset(rt->meters.reduction, 0, sizeof rt->meters.reduction);
	rt->meters.load = 0;
}

static double
seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void
render_quantum(struct rt_player *rt)
{
	double began = seconds();
	uint32_t starved = graph_starved(rt->graph);
	graph_process(rt->graph, QUANTUM);
	rt->meters.starved += graph_starved(rt->graph) != starved;
	rt->left = QUANTUM;
	gather_meters(rt);
	float load = (float)((seconds() - began) * graph_rate(rt->graph) / QUANTUM);
	rt->meters.load = load > rt->meters.load ? load : rt->meters.load;
}

/* Copies frames of the present quantum out; the monitor's fade is neutral (exactly 1) until a stop. */
static void
hand_out(struct rt_player *rt, float *out, int frames)
{
	int node = rt->tap == TAP_MIX ? graph_mix(rt->graph) : graph_master(rt->graph);
	int count = frames;
	int64_t chunk = graph_chunks(rt->graph) - 1;
	const float *l = graph_out(rt->graph, node, 0, chunk, QUANTUM - rt->left, &count);
	const float *r = graph_out(rt->graph, node, 1, chunk, QUANTUM - rt->left, &count);
	for (int t = 0; t < frames; t++) {
		out[2 * t] = l[t] * rt->fade;
		out[2 * t + 1] = r[t] * rt->fade;
		if (rt->slope < 0) {
			rt->fade += rt->slope;
			if (rt->fade <= 0) {
				rt->fade = 0;
				rt->playing = 0;
			}
		}
	}
	rt->left -= frames;
	rt->position += frames;
}

/* Keeps what the device gets for those who listen. A full ring drops a piece, whose place in time stays. */
static void
keep_heard(struct player *p, const float *out, int frames)
{
	struct rt_player *rt = &p->rt;
	for (int done = 0; rt->listening && done < frames;) {
		int room = PLAYER_HEARD - rt->heard_frames, count = frames - done < room ? frames - done : room;
		memcpy(rt->heard.x[rt->heard_frames], out + 2 * done, (size_t)count * 2 * sizeof *out);
		done += count;
		rt->heard_frames += count;
		if (rt->heard_frames == PLAYER_HEARD) {
			ring_put(p->heard, &rt->heard);
			rt->heard.frame += PLAYER_HEARD;
			rt->heard_frames = 0;
		}
	}
}

void
player_process(void *arg, float *out, int frames)
{
	struct player *p = arg;
	struct rt_player *rt = &p->rt;
	rt_enter();
	take_messages(p);
	int done = 0;
	while (done < frames && rt->playing && rt->graph) {
		if (rt->left == 0)
			render_quantum(rt);
		int count = frames - done < rt->left ? frames - done : rt->left;
		hand_out(rt, out + 2 * done, count);
		done += count;
	}
	monitor_run(&rt->monitor, out, done);
	memset(out + 2 * done, 0, (size_t)(frames - done) * 2 * sizeof *out);
	keep_heard(p, out, frames);
	send_meters(p, frames);
	rt_exit();
}
