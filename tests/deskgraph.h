/* For tests of the graph: stems that live in memory, and a session rendered to arrays. */
#ifndef DESKGRAPH_H
#define DESKGRAPH_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/fpu.h"
#include "desktest.h"
#include "engine/graph.h"
#include "engine/pool.h"
#include "session/session.h"

#define MEMORY_STEMS 16

/* A stem by its name in the session; planar, `channels` x `frames`. */
struct memory_stem {
	const char *name;
	int channels;
	int64_t frames;
	float *side[2];
};

/* Ended by a NULL name. */
static struct memory_stem memory_stems[MEMORY_STEMS];

struct memory_source {
	struct source source;
	const struct memory_stem *stem;
};

static inline void
memory_read(struct source *source, int64_t frame, int frames, float *const *planar)
{
	const struct memory_stem *stem = ((struct memory_source *)source)->stem;
	for (int c = 0; c < stem->channels; c++)
		for (int t = 0; planar[c] && t < frames; t++)
			planar[c][t] = frame + t >= 0 && frame + t < stem->frames ? stem->side[c][frame + t] : 0;
}

static inline void
memory_close(struct source *source)
{
	free(source);
}

static inline struct source *
memory_open(void *arg, const char *file, int64_t shift, int64_t late, struct err *err)
{
	(void)arg;
	(void)shift;
	(void)late;
	for (const struct memory_stem *stem = memory_stems; stem->name; stem++)
		if (!strcmp(stem->name, file)) {
			struct memory_source *s = calloc(1, sizeof *s);
			s->source = (struct source){
			    .channels = stem->channels, .frames = stem->frames, .read = memory_read, .close = memory_close};
			s->stem = stem;
			return &s->source;
		}
	err_set(err, "%s: no such stem", file);
	return NULL;
}

/* A stem of noise, in whole steps of 24 bits so that it stands exactly in any float sum of a few. */
static inline void
memory_noise(const char *name, int channels, int64_t frames, double level, uint64_t seed)
{
	struct memory_stem *stem = memory_stems;
	while (stem->name)
		stem++;
	ck_assert(stem < memory_stems + MEMORY_STEMS - 1);
	*stem = (struct memory_stem){.name = name, .channels = channels, .frames = frames};
	for (int c = 0; c < channels; c++) {
		stem->side[c] = calloc((size_t)frames, sizeof(float));
		for (int64_t t = 0; t < frames; t++)
			stem->side[c][t] = (float)(floor(test_random(&seed) * level * 8388607) / 8388608);
	}
}

static inline void
memory_forget(void)
{
	for (struct memory_stem *stem = memory_stems; stem->name; stem++) {
		free(stem->side[0]);
		free(stem->side[1]);
	}
	memset(memory_stems, 0, sizeof memory_stems);
}

static inline struct session *
parse(const char *text)
{
	struct err err = {""};
	struct session *s = session_new();
	ck_assert_msg(session_parse(s, text, strlen(text), "test", 0, &err) == 0, "%s", err.text);
	return s;
}

/* What a render is asked for beside the session. */
struct render {
	int lanes, chunk, threads;
	uint32_t shuffle;
	int64_t start;
	int master;
};

struct rendered {
	struct graph *graph;
	int node, chunk;
	int64_t frames, at; /* wanted; the graph time of the first */
	float *side[2];
};

static inline int
take_rendered(void *arg, int64_t chunk)
{
	struct rendered *r = arg;
	int at = 0;
	while (at < r->chunk) {
		int frames = r->chunk - at;
		const float *l = graph_out(r->graph, r->node, 0, chunk, at, &frames);
		const float *side[2] = {l, graph_out(r->graph, r->node, 1, chunk, at, &frames)};
		for (int t = 0; t < frames; t++) {
			int64_t frame = chunk * r->chunk + at + t - r->at;
			for (int c = 0; c < 2 && frame >= 0 && frame < r->frames; c++)
				r->side[c][frame] = side[c][t];
		}
		at += frames;
	}
	return 0;
}

/* Renders `frames` frames of the mix (or master) from how->start on into two new arrays. */
static inline void
render(struct session *s, const struct render *how, int64_t frames, float *side[2])
{
	struct err err = {""};
	const struct dsp_ops *ops = dsp_ops_pick(how->lanes);
	struct graph_options options = {
	    .ops = ops, .chunk = how->chunk, .shuffle = how->shuffle, .opener = {memory_open, NULL}};
	ck_assert(ops);
	struct graph *g = graph_new(s, &options, &err);
	ck_assert_msg(g != NULL, "%s", err.text);
	graph_start(g, s, how->start);
	int node = how->master ? graph_master(g) : graph_mix(g);
	struct rendered r = {.graph = g, .node = node, .chunk = how->chunk, .frames = frames, .at = graph_latency(g, node)};
	for (int c = 0; c < 2; c++)
		r.side[c] = side[c] = calloc((size_t)frames, sizeof(float));
	int64_t chunks = (frames + r.at + how->chunk - 1) / how->chunk;
	ck_assert(pool_render(g, how->chunk, chunks, how->threads, take_rendered, &r, &err) == 0);
	graph_free(g);
}

/* Greatest difference of two signals, as a factor. */
static inline double
difference(const float *a, const float *b, int64_t frames)
{
	double most = 0;
	for (int64_t t = 0; t < frames; t++)
		most = fmax(most, fabs((double)a[t] - (double)b[t]));
	return most;
}

#endif
