/*
 * Where a bounce's frames go: from a node of the graph, at another rate and through the limiter if need be, measured,
 * into a file. Used by the thread that finishes a chunk, one at a time.
 */
#ifndef ENGINE_OUTLET_H
#define ENGINE_OUTLET_H

#include "dsp/ops.h"
#include "engine/graph.h"
#include "media/sink.h"
#include "session/session.h"

struct outlet {
	const struct dsp_ops *ops;
	int node, latency;    /* of the graph; frames it comes late by */
	struct sink *sink;    /* NULL: measured only */
	double rate;          /* Hz of the file */
	struct rate *rates;   /* NULL: the song's rate */
	void *limiter;        /* behind the converter; NULL: none */
	int pending, swallow; /* frames that wait for a quantum; that the limiter's latency still swallows */
	float *wait[2], *room[2];
	size_t room_frames;
	void *meter;
	int (*take)(void *arg, const float *const *side, size_t frames, struct err *err);
	void *arg;
	float peak;
	int64_t peak_frame, frames; /* of the file; the frame of the peak counts from its beginning */
};

/* What an outlet is opened with. */
struct outlet_spec {
	const struct dsp_ops *ops;
	const struct sink_spec *file; /* path NULL: no file; rate: the file's, frames_expected at the song's rate */
	double song_rate;
	int node, latency;
	int chunk;                            /* most frames of one outlet_take */
	const struct limiter_params *limiter; /* NULL: none */
	/* Gets what is delivered, beside the file; non-zero ends the work, with err filled. NULL: nobody. */
	int (*take)(void *arg, const float *const *side, size_t frames, struct err *err);
	void *arg;
};

int outlet_open(struct outlet *o, const struct outlet_spec *spec, struct err *err);

/* Takes planar frames at the song's rate. -1: err is filled. */
int outlet_take(struct outlet *o, const float *const *side, int frames, struct err *err);

/* After the last: what the converter and the limiter still hold comes out, `frames` in all have gone in. */
int outlet_finish(struct outlet *o, int64_t frames, struct err *err);

/* Puts the file in its place, or drops it; frees everything. */
int outlet_commit(struct outlet *o, struct err *err);
void outlet_abort(struct outlet *o);

#endif
