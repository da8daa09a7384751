#include "engine/graph_parts.h"

#include <string.h>

#include "base/fmath.h"

/* A quantum of a tap at graph time `time`: a pointer into the node's ring, or a copy in `spare` where it wraps. */
static const float *
hear(const struct graph *g, const struct rt_tap *tap, int side, int64_t time, float *spare)
{
	const struct rt_node *n = &g->node[tap->node];
	const float *ring = tap->pre ? n->pre[side] : n->post[side];
	size_t mask = (size_t)g->ring - 1, from = (size_t)(time - tap->delay) & mask;
	if (from + QUANTUM <= (size_t)g->ring)
		return ring + from;
	size_t first = (size_t)g->ring - from;
	memcpy(spare, ring + from, first * sizeof *spare);
	memcpy(spare + first, ring, (QUANTUM - first) * sizeof *spare);
	return spare;
}

#define TOGETHER 32 /* feeds that are added in one go */

/* The feeds at unity that wait to be added, by side. */
struct unity {
	const float *x[2][TOGETHER];
	int count;
};

static void
add_unity(const struct graph *g, struct unity *u, double sum[2][QUANTUM])
{
	for (int side = 0; side < 2 && u->count; side++)
		g->ops->bank->add(sum[side], u->x[side], u->count, QUANTUM);
	u->count = 0;
}

/* The sum of everything that feeds a node, in desk order and in double, rounded once. */
static void
sum_feeds(const struct graph *g, struct rt_node *n, int64_t time, float *out[2])
{
	double sum[2][QUANTUM] __attribute__((aligned(DSP_ALIGN))) = {{0}};
	float spare[2][TOGETHER][QUANTUM], gain[QUANTUM];
	struct unity unity = {.count = 0};
	for (int f = 0; f < n->feeds; f++) {
		struct rt_tap *tap = &n->feed[f];
		if (!tap->gain.moving && tap->gain.y == 0)
			continue;
		if (!tap->gain.moving && tap->gain.y == 1) {
			for (int side = 0; side < 2; side++)
				unity.x[side][unity.count] = hear(g, tap, side, time, spare[side][unity.count]);
			if (++unity.count == TOGETHER)
				add_unity(g, &unity, sum);
			continue;
		}
		add_unity(g, &unity, sum);
		for (int t = 0; t < QUANTUM; t++)
			gain[t] = tap->gain.moving ? ramp_step(&tap->gain) : tap->gain.y;
		if (tap->gain.moving)
			ramp_settle(&tap->gain);
		for (int side = 0; side < 2; side++)
			g->ops->bank->add_scaled(sum[side], hear(g, tap, side, time, spare[side][0]), gain, QUANTUM);
	}
	add_unity(g, &unity, sum);
	for (int side = 0; side < 2; side++)
		g->ops->bank->round(out[side], sum[side], QUANTUM);
}

/* Of the two sides of a key that a mono strip hears, the louder one frame by frame: a key panned to one side counts. */
static void
louder(float *left, const float *right)
{
	for (int t = 0; t < QUANTUM; t++) {
		float l = left[t] < 0 ? -left[t] : left[t], r = right[t] < 0 ? -right[t] : right[t];
		left[t] = r > l ? right[t] : left[t];
	}
}

static void
load_keys(struct graph *g, struct rt_bank *b, int comp, int64_t time)
{
	float spare[2][DSP_MAX_LANES][QUANTUM];
	const float *planar[2][DSP_MAX_LANES] = {{NULL}};
	for (int k = 0; k < b->count; k++) {
		const struct rt_node *n = &g->node[b->node[k]];
		const struct rt_tap *key = comp ? &n->comp_key : &n->gate_key;
		for (int side = 0; side < 2 && key->node >= 0; side++)
			planar[side][k] = hear(g, key, side, time, spare[side][k]);
		if (b->sides == 1 && planar[0][k]) {
			memmove(spare[0][k], planar[0][k], sizeof spare[0][k]);
			louder(spare[0][k], planar[1][k]);
			planar[0][k] = spare[0][k];
		}
	}
	for (int side = 0; side < 2; side++)
		g->ops->bank->load(b->key[side], planar[side], b->count);
}

/* Reverb and delay of buses work on planar buffers: out of the lanes and back, only where one is there. */
static void
run_units(struct graph *g, struct rt_bank *b)
{
	for (int k = 0; k < b->count; k++) {
		struct rt_node *n = &g->node[b->node[k]];
		if (!n->reverb && !n->echo)
			continue;
		float side[2][QUANTUM] __attribute__((aligned(DSP_ALIGN)));
		int lanes = g->ops->lanes;
		for (int c = 0; c < 2; c++)
			for (int t = 0; t < QUANTUM; t++)
				side[c][t] = b->io[c][t * lanes + k];
		if (n->echo)
			g->ops->echo->run(n->echo, side[0], side[1]);
		if (n->reverb)
			g->ops->reverb->run(n->reverb, side[0], side[1]);
		for (int c = 0; c < 2; c++)
			for (int t = 0; t < QUANTUM; t++)
				b->io[c][t * lanes + k] = side[c][t];
	}
}

static void
run_stage(struct graph *g, struct rt_bank *b, enum dsp_stage stage, struct dsp_io *io, int64_t time)
{
	const struct dsp_proc *proc = g->ops->stage[stage];
	if (!proc)
		return;
	int keyed = (stage == STAGE_GATE && b->keys & 1) || (stage == STAGE_COMP && b->keys & 2);
	if (keyed)
		load_keys(g, b, stage == STAGE_COMP, time);
	io->kl = keyed ? b->key[0] : NULL;
	io->kr = keyed ? b->key[1] : NULL;
	if (b->listened && g->key->stage == stage)
		graph_key_run(g, b, io);
	proc->run(b->stage[stage], io);
}

static void
store(struct graph *g, struct rt_bank *b, int64_t time)
{
	size_t at = (size_t)time & ((size_t)g->ring - 1);
	for (int side = 0; side < 2; side++) {
		float *post[DSP_MAX_LANES], *pre[DSP_MAX_LANES];
		for (int k = 0; k < b->count; k++) {
			struct rt_node *n = &g->node[b->node[k]];
			post[k] = n->post[side] + at;
			pre[k] = n->pre[side] ? n->pre[side] + at : NULL;
			n->peak[2 * (at / QUANTUM) + (size_t)side] = g->ops->output->peak(b->output, k, side);
		}
		g->ops->bank->store(post, b->post[side], b->count);
		if (b->taps)
			g->ops->bank->store(pre, b->pre[side], b->count);
	}
}

/* One quantum of a bank whose input lies at in[side][lane] (NULL: a node fed by others). */
static void
run_quantum(struct graph *g, struct rt_bank *b, int64_t time, float *in[2][DSP_MAX_LANES], int at)
{
	float fed[2][DSP_MAX_LANES][QUANTUM] __attribute__((aligned(DSP_ALIGN)));
	const float *planar[2][DSP_MAX_LANES];
	for (int k = 0; k < b->count; k++) {
		struct rt_node *n = &g->node[b->node[k]];
		float *sum[2] = {fed[0][k], fed[1][k]};
		if (n->kind != K_STRIP)
			sum_feeds(g, n, time, sum);
		for (int c = 0; c < b->sides; c++)
			planar[c][k] = n->kind == K_STRIP ? in[c][k] + at : sum[c];
	}
	struct dsp_io io = {.l = b->io[0], .r = b->sides > 1 ? b->io[1] : NULL};
	for (int c = 0; c < b->sides; c++)
		g->ops->bank->load(b->io[c], planar[c], b->count);
	static const enum dsp_stage order[2][STAGES] = {
	    {STAGE_INPUT, STAGE_FILTER, STAGE_GATE, STAGE_DEESS, STAGE_EQ, STAGE_COMP, STAGE_TRANSIENT, STAGE_SAT},
	    {STAGE_INPUT, STAGE_FILTER, STAGE_GATE, STAGE_DEESS, STAGE_COMP, STAGE_EQ, STAGE_TRANSIENT, STAGE_SAT},
	};
	for (int s = 0; s < STAGES; s++) {
		if (order[b->swap][s] == STAGE_SAT && b->node[0] == g->master)
			graph_master_insert(g, b);
		int probed = b->probed && order[b->swap][s] == STAGE_EQ;
		if (probed)
			graph_probe_take(g, b, g->probe->before);
		run_stage(g, b, order[b->swap][s], &io, time);
		if (probed)
			graph_probe_take(g, b, g->probe->after);
	}
	if (b->sides > 1)
		run_units(g, b);
	g->ops->output->run(b->output, &io, b->post, b->taps ? b->pre : NULL);
	store(g, b, time);
	if (b->node[0] == g->master)
		graph_master_end(g, time);
	if (g->metering)
		graph_meter_run(g, b, time);
}

void
graph_job(struct graph *g, int level, int job, int64_t chunk, int frames)
{
	struct rt_bank *b = &g->bank[g->first[level] + job];
	float *in[2][DSP_MAX_LANES] = {{NULL}}, room[2 * DSP_MAX_LANES][QUANTUM];
	int64_t time = chunk * g->chunk;
	if (g->node[b->node[0]].kind == K_STRIP)
		graph_strips(g, b, time, frames, in, room);
	for (int at = 0; at < frames; at += QUANTUM)
		run_quantum(g, b, time + at, in, at);
}

void
graph_process(struct graph *g, int frames)
{
	for (int level = 0; level < g->levels; level++)
		for (int job = 0; job < graph_level_jobs(g, level); job++)
			graph_job(g, level, job, g->chunks, frames);
	g->chunks++;
}

void
graph_take(struct graph *g, const struct graph_edit *edit, int snap)
{
	struct rt_node *n = &g->node[edit->node];
	struct rt_bank *b = &g->bank[n->bank];
	if (edit->what < STAGES) {
		g->ops->stage[edit->what]->set(b->stage[edit->what], n->lane, &edit->values, snap);
	} else if (edit->what == EDIT_OUTPUT) {
		g->ops->output->set(b->output, n->lane, &edit->values.output, snap);
	} else if (edit->what == EDIT_REVERB) {
		g->ops->reverb->set(n->reverb, &edit->values.reverb, snap);
	} else if (edit->what == EDIT_ECHO) {
		g->ops->echo->set(n->echo, &edit->values.echo, snap);
	} else if (edit->what >= EDIT_UNIT) {
		g->ops->master[edit->what - EDIT_UNIT]->set(g->unit[edit->what - EDIT_UNIT], &edit->values, snap);
	} else if (edit->what == EDIT_FADE) {
		g->fade = edit->values.fade;
	} else if (edit->what == EDIT_SEND) {
		for (int k = 0; k < g->nodes; k++)
			for (int f = 0; f < g->node[k].feeds; f++)
				if (g->node[k].feed[f].uid == edit->send)
					ramp_set(&g->node[k].feed[f].gain, edit->values.gain, snap);
	}
}

/* Whether a node plays into another: a reference does not, and is no part of the song. */
static int
plays(const struct graph *g, int node)
{
	for (int k = 0; k < g->nodes; k++)
		for (int f = 0; f < g->node[k].feeds; f++)
			if (g->node[k].feed[f].node == node)
				return 1;
	return 0;
}

int64_t
graph_length(const struct graph *g)
{
	int64_t end = 0;
	for (int k = 0; k < g->nodes; k++) {
		int clips = plays(g, k) ? g->node[k].clips : 0;
		for (int c = 0; c < clips; c++) {
			int64_t last = g->node[k].clip[c].end - g->node[k].enter;
			end = last > end ? last : end;
		}
	}
	return end;
}

int
graph_levels(const struct graph *g)
{
	return g->levels;
}

int
graph_level_jobs(const struct graph *g, int level)
{
	return g->first[level + 1] - g->first[level];
}

int
graph_latency(const struct graph *g, int node)
{
	return g->node[node].latency;
}

int
graph_nodes(const struct graph *g)
{
	return g->nodes;
}

int
graph_mix(const struct graph *g)
{
	return g->mix;
}

int
graph_master(const struct graph *g)
{
	return g->master;
}

uint32_t
graph_uid(const struct graph *g, int node)
{
	return g->node[node].uid;
}

int
graph_feeds(const struct graph *g, int node, int into)
{
	const struct rt_node *to = &g->node[into];
	for (int f = 0; f < to->feeds; f++)
		if (to->feed[f].node == node)
			return 1;
	return 0;
}

int
graph_feeds_mix(const struct graph *g, int node)
{
	return graph_feeds(g, node, g->mix);
}

const float *
graph_out(const struct graph *g, int node, int side, int64_t chunk, int at, int *frames)
{
	return graph_tapped(g, node, 0, side, chunk * g->chunk + at, frames);
}

const float *
graph_tapped(const struct graph *g, int node, int pre, int side, int64_t frame, int *frames)
{
	size_t from = (size_t)frame & ((size_t)g->ring - 1), room = (size_t)g->ring - from;
	if ((size_t)*frames > room)
		*frames = (int)room;
	return (pre ? g->node[node].pre[side] : g->node[node].post[side]) + from;
}

void
graph_tap(struct graph *g, int node, int open)
{
	struct rt_bank *b = &g->bank[g->node[node].bank];
	g->node[node].tapped = (g->node[node].tapped & 1) | (open ? 2 : 0);
	b->taps = 0;
	for (int k = 0; k < b->count; k++)
		b->taps |= g->node[b->node[k]].tapped;
}

float
graph_peak(const struct graph *g, int node, int side, int64_t frame)
{
	size_t at = (size_t)frame & ((size_t)g->ring - 1);
	return frame < 0 ? 0 : g->node[node].peak[2 * (at / QUANTUM) + (size_t)side];
}

int64_t
graph_frame(const struct graph *g)
{
	return g->start + g->chunks * g->chunk;
}

const struct loop *
graph_loop(const struct graph *g)
{
	return &g->loop;
}

int64_t
graph_chunks(const struct graph *g)
{
	return g->chunks;
}

double
graph_rate(const struct graph *g)
{
	return g->rate;
}

uint32_t
graph_starved(const struct graph *g)
{
	uint32_t sum = 0;
	for (int k = 0; k < g->banks; k++)
		for (int i = 0; i < g->bank[k].sources; i++)
			sum += g->bank[k].source[i].source->starved;
	return sum;
}
