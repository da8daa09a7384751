#include "master/taps.h"

#include <stdlib.h>
#include <string.h>

#include "base/cores.h"
#include "engine/graph.h"
#include "engine/pool.h"

/*
 * Each side of a node has a ring of its own, in frames of the song. Its first frames stand once more behind its end, so
 * that a window never wraps.
 *
 * next     the frame of the song that is taken next
 * latest   frames that the latest node comes late by
 */
struct taps {
	struct taps_options o;
	struct graph *graph;
	struct session *session;
	int nodes, latest, *into;
	size_t ring;
	float *room;
	int64_t next, to;
	int64_t began; /* o.start on the grid */
	float limited; /* dB, of what was rendered since the last block */
	double rate;
};

static size_t
ring_size(const struct taps *t)
{
	return t->ring + (size_t)t->o.window;
}

static float *
side_of(const struct taps *t, int node, int side)
{
	return t->room + ((size_t)node * 2 + (size_t)side) * ring_size(t);
}

/* The first bus or mix that hears a node, followed to the mix; -1 where it never gets there. */
static int
find_into(struct taps *t, int node, int depth)
{
	if (node == taps_mix(t) || node == taps_master(t))
		return taps_mix(t);
	if (graph_feeds_mix(t->graph, node))
		return taps_mix(t);
	for (int k = 0; k < taps_mix(t) && depth < t->nodes; k++)
		if (graph_feeds(t->graph, node, k) && find_into(t, k, depth + 1) >= 0)
			return k;
	return -1;
}

struct taps *
taps_new(struct session *session, struct stems *stems, const struct taps_options *options, struct err *err)
{
	struct taps *t = calloc(1, sizeof *t);
	if (!t) {
		err_set(err, "not enough memory");
		return NULL;
	}
	struct graph_options how = {
	    .chunk = TAPS_CHUNK, .without_limiter = options->without_limiter, .opener = stems_opener(stems)};
	t->o = *options;
	t->o.window = options->window > options->block ? options->window : options->block;
	t->session = session;
	t->rate = session_rate(session);
	t->graph = graph_new(session, &how, err);
	if (!t->graph) {
		free(t);
		return NULL;
	}
	t->nodes = graph_nodes(t->graph);
	for (int k = 0; k < t->nodes; k++)
		t->latest = graph_latency(t->graph, k) > t->latest ? graph_latency(t->graph, k) : t->latest;
	t->began = t->o.start / QUANTUM * QUANTUM;
	t->next = t->o.from > t->began ? t->o.from : t->began;
	t->to = t->o.to > 0 ? t->o.to : graph_length(t->graph) + (int64_t)(t->o.tail * t->rate);
	t->ring = TAPS_CHUNK;
	while (t->ring < (size_t)(TAPS_CHUNK + t->latest + t->o.window + (t->o.behind + 2) * t->o.block))
		t->ring *= 2;
	t->room = calloc((size_t)t->nodes * 2 * ring_size(t), sizeof(float));
	t->into = malloc((size_t)t->nodes * sizeof *t->into);
	if (!t->room || !t->into) {
		err_set(err, "not enough memory");
		taps_free(t);
		return NULL;
	}
	for (int k = 0; k < t->nodes; k++)
		t->into[k] = find_into(t, k, 0);
	return t;
}

void
taps_free(struct taps *t)
{
	if (!t)
		return;
	graph_free(t->graph);
	free(t->room);
	free(t->into);
	free(t);
}

/* Frames of one side go to their place, and once more behind the end where they stand at the beginning. */
static void
put(struct taps *t, int node, int side, int64_t frame, const float *x, int count)
{
	float *ring = side_of(t, node, side);
	while (count > 0) {
		size_t at = (size_t)frame & (t->ring - 1), n = t->ring - at;
		n = (size_t)count < n ? (size_t)count : n;
		memcpy(ring + at, x, n * sizeof *x);
		if (at < (size_t)t->o.window) {
			size_t twice = (size_t)t->o.window - at < n ? (size_t)t->o.window - at : n;
			memcpy(ring + t->ring + at, x, twice * sizeof *x);
		}
		frame += (int64_t)n;
		x += n;
		count -= (int)n;
	}
}

static void
gather(struct taps *t, int node, int64_t chunk)
{
	int64_t song = t->began + chunk * TAPS_CHUNK - graph_latency(t->graph, node);
	for (int at = 0; at < TAPS_CHUNK;) {
		int frames = TAPS_CHUNK - at, skip = song + at < t->began ? (int)(t->began - song) - at : 0;
		const float *side[2] = {NULL, NULL};
		for (int c = 0; c < 2; c++)
			side[c] = graph_out(t->graph, node, c, chunk, at, &frames);
		/* what comes out before the start is not of the song */
		for (int c = 0; c < 2 && skip < frames; c++)
			put(t, node, c, song + at + skip, side[c] + skip, frames - skip);
		at += frames;
	}
}

static int
take_chunk(void *arg, int64_t chunk)
{
	struct taps *t = arg;
	for (int k = 0; k < t->nodes; k++)
		gather(t, k, chunk);
	float limited = graph_limited(t->graph);
	t->limited = limited > t->limited ? limited : t->limited;
	int64_t there = t->began + (chunk + 1) * TAPS_CHUNK - t->latest;
	int status = 0;
	for (; !status && t->next < t->to && t->next + t->o.block <= there; t->next += t->o.block) {
		status = t->o.take(t->o.arg, t, t->next, (double)t->limited);
		t->limited = limited;
	}
	if (!status && t->o.progress)
		status = t->o.progress(t->o.arg, there < t->to ? there > 0 ? there : 0 : t->to, t->to);
	return status;
}

int
taps_play(struct taps *t, struct err *err)
{
	int threads = t->o.threads > 0 ? t->o.threads : core_count();
	int64_t frames = t->to - t->began + t->latest + t->o.block;
	graph_start(t->graph, t->session, t->o.start);
	return pool_render(t->graph, TAPS_CHUNK, (frames + TAPS_CHUNK - 1) / TAPS_CHUNK, threads, take_chunk, t, err);
}

int
taps_nodes(const struct taps *t)
{
	return t->nodes;
}

int
taps_mix(const struct taps *t)
{
	return graph_mix(t->graph);
}

int
taps_master(const struct taps *t)
{
	return graph_master(t->graph);
}

uint32_t
taps_uid(const struct taps *t, int node)
{
	return graph_uid(t->graph, node);
}

double
taps_rate(const struct taps *t)
{
	return t->rate;
}

int64_t
taps_from(const struct taps *t)
{
	return t->o.from > t->began ? t->o.from : t->began;
}

int64_t
taps_to(const struct taps *t)
{
	return t->to;
}

int
taps_into(const struct taps *t, int node)
{
	return t->into[node];
}

const float *
taps_at(const struct taps *t, int node, int side, int64_t frame)
{
	return side_of(t, node, side) + ((size_t)frame & (t->ring - 1));
}
