#include "engine/player_parts.h"

#include <string.h>

#include "base/clock.h"
#include "base/rt.h"

#define METER_FRAMES 1024 /* between two snapshots: 47 a second at 48 kHz */

static void
give_back(struct player *p, struct graph *g)
{
	if (g)
		ring_put(p->returned, &g);
}

/* From its frame on, a graph that was started there. The song's beginning is as it is, any other fades in. */
static void
begin_graph(struct player *p, struct graph *g, int64_t frame, uint32_t start)
{
	struct rt_player *rt = &p->rt;
	give_back(p, rt->graph);
	rt->graph = g;
	rt->position = frame;
	rt->left = 0;
	rt->hold = 0;
	rt->meters.start = start;
	rt->fade = frame > 0 ? 0 : PLAYER_FADE;
	rt->way = frame > 0;
	pick_graph(&rt->pick, g);
	look_graph(rt);
}

/*
 * Where a graph with another loop goes on: a frame as it counts them, its files readable from `primed` on. *follows: it
 * is the same place in the song.
 */
static int64_t
next_frame(const struct graph *to, const struct graph *from, int64_t primed, int *follows)
{
	const struct loop *a = graph_loop(from), *b = graph_loop(to);
	int64_t now = graph_frame(from), song = loop_frame(a, now), frame = song, round = b->out - b->in;
	*follows = 1;
	if (a->in == b->in && a->out == b->out)
		return now;
	if (frame < primed && round > 0 && song >= b->in)
		frame += (primed - frame + round - 1) / round * round;
	frame = frame < primed ? primed : frame;
	*follows = loop_frame(b, frame) == song;
	return frame;
}

/*
 * A graph that goes on where the old one stands: where it comes later, what was heard already is rendered again and
 * dropped. What is left of the present quantum has been copied.
 */
static void
replace_graph(struct player *p, const struct message *m)
{
	struct rt_player *rt = &p->rt;
	struct graph *old = rt->graph, *g = m->is.start.graph;
	int follows;
	int64_t jump = next_frame(g, old, m->is.start.frame, &follows) - graph_frame(old);
	graph_adopt(g, old, jump);
	rt->position += jump;
	pick_graph(&rt->pick, g);
	for (int late = pick_latency(g) - pick_latency(old); late > 0; late -= QUANTUM)
		graph_process(g, QUANTUM);
	give_back(p, old);
	rt->graph = g;
	if (m->is.start.start)
		rt->meters.start = m->is.start.start;
	look_graph(rt);
}

static void
take_graph(struct player *p, const struct message *m)
{
	struct rt_player *rt = &p->rt;
	struct graph *g = m->is.start.graph;
	int follows = 0;
	if (m->kind == MESSAGE_REPLACE && rt->graph)
		next_frame(g, rt->graph, m->is.start.frame, &follows);
	if (rt->graph && rt->playing && rt->fade > 0 && (!follows || rt->coming.is.start.graph)) {
		give_back(p, rt->coming.is.start.graph);
		rt->coming = *m;
		rt->way = -1;
	} else if (m->kind == MESSAGE_REPLACE && rt->graph) {
		replace_graph(p, m);
	} else {
		begin_graph(p, g, m->is.start.frame, m->is.start.start);
	}
}

static void
start(struct rt_player *rt)
{
	if (!rt->playing && rt->position > 0)
		rt->fade = 0;
	if (!rt->playing && rt->position == 0)
		rt->fade = PLAYER_FADE;
	rt->playing = 1;
	rt->stopping = 0;
	if (!rt->coming.is.start.graph)
		rt->way = rt->fade < PLAYER_FADE;
}

static void
stop(struct rt_player *rt)
{
	rt->stopping = rt->playing;
	rt->way = rt->playing ? -1 : 0;
}

/* What faded out has come to its end. */
static void
faded_out(struct player *p)
{
	struct rt_player *rt = &p->rt;
	const struct message *m = &rt->coming;
	rt->way = 0;
	if (m->is.start.graph && m->kind == MESSAGE_REPLACE) {
		replace_graph(p, m);
		rt->way = 1;
		rt->hold = pick_latency(rt->graph) + rt->left; /* what is on its way through it still is of the place before */
	} else if (m->is.start.graph) {
		begin_graph(p, m->is.start.graph, m->is.start.frame, m->is.start.start);
	}
	rt->coming.is.start.graph = NULL;
	if (rt->stopping)
		rt->playing = 0;
	rt->stopping = 0;
}

static void
take_messages(struct player *p)
{
	struct rt_player *rt = &p->rt;
	struct message m;
	struct graph *newest;
	while (ring_get(p->to_rt, &m) == 0) {
		switch (m.kind) {
		case MESSAGE_GRAPH:
		case MESSAGE_REPLACE:
			take_graph(p, &m);
			break;
		case MESSAGE_EDIT:
			/* it was made for the newest graph */
			newest = rt->coming.is.start.graph ? rt->coming.is.start.graph : rt->graph;
			if (newest)
				graph_take(newest, &m.is.edit, 0);
			break;
		case MESSAGE_PLAY:
			start(rt);
			break;
		case MESSAGE_STOP:
			stop(rt);
			break;
		case MESSAGE_MONITOR:
			monitor_set(&rt->monitor, m.is.monitor);
			break;
		case MESSAGE_HEARING:
			hearing_set(&rt->hearing, &m.is.hearing);
			break;
		case MESSAGE_PICK:
			pick_set(&rt->pick, rt->graph, &m.is.pick, rt->playing);
			break;
		case MESSAGE_KEY:
			if (rt->graph)
				pick_key(&rt->pick, rt->graph, &m.is.edit);
			break;
		case MESSAGE_LISTEN:
			rt->listening = m.is.listen;
			rt->heard_frames = 0;
			break;
		case MESSAGE_VIEW:
			rt->look.wanted = m.is.view;
			look_graph(rt);
			break;
		}
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
	int64_t heard = rt->position - hearing_late(&rt->hearing);
	heard = heard > 0 ? heard : 0;
	rt->meters.position = rt->graph ? loop_frame(graph_loop(rt->graph), heard) : heard;
	rt->meters.frame = rt->position;
	rt->meters.playing = rt->playing;
	if (rt->quanta)
		rt->meters.mean = (float)(rt->worked * graph_rate(rt->graph) / QUANTUM / rt->quanta);
	if (ring_put(p->meters, &rt->meters))
		return; /* there is no room: the next one has it all */
	look_sent(rt);
	rt->meters.load = rt->meters.mean = 0;
	rt->worked = 0;
	rt->quanta = 0;
}

static void
render_quantum(struct player *p)
{
	struct rt_player *rt = &p->rt;
	double began = clock_seconds();
	uint32_t starved = graph_starved(rt->graph);
	graph_process(rt->graph, QUANTUM);
	rt->meters.starved += graph_starved(rt->graph) != starved;
	rt->left = QUANTUM;
	pick_run(&rt->pick, rt->graph);
	look_gather(rt);
	look_quantum(p);
	double worked = clock_seconds() - began;
	float load = (float)(worked * graph_rate(rt->graph) / QUANTUM);
	rt->worked += worked;
	rt->quanta++;
	rt->meters.load = load > rt->meters.load ? load : rt->meters.load;
}

/* A fade's gain: flat at both ends, so that it does not click; exactly 1 where it is done. */
static float
curve(int frames)
{
	float x = (float)frames / PLAYER_FADE;
	return x * x * (3 - 2 * x);
}

/* Copies frames of the present quantum out; the fade of the transport is neutral (exactly 1) but around jumps. */
static void
hand_out(struct rt_player *rt, float *out, int frames)
{
	const float *l = rt->pick.x[0] + QUANTUM - rt->left, *r = rt->pick.x[1] + QUANTUM - rt->left;
	for (int t = 0; t < frames; t++) {
		float gain = curve(rt->fade);
		if (rt->hold > 0)
			rt->hold--;
		else
			rt->fade += rt->way;
		rt->way = rt->fade == PLAYER_FADE && rt->way > 0 ? 0 : rt->way;
		out[2 * t] = l[t] * gain;
		out[2 * t + 1] = r[t] * gain;
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
			render_quantum(p);
		int count = frames - done < rt->left ? frames - done : rt->left;
		count = rt->way < 0 && rt->fade < count ? rt->fade : count;
		hand_out(rt, out + 2 * done, count);
		done += count;
		if (rt->way < 0 && rt->fade == 0)
			faded_out(p);
	}
	hearing_run(&rt->hearing, out, done);
	done += hearing_drain(&rt->hearing, out + 2 * done, frames - done);
	if (done == 0)
		hearing_settle(&rt->hearing);
	monitor_run(&rt->monitor, out, done);
	keep_heard(p, out, frames);
	send_meters(p, frames);
	rt_exit();
}
