/*
 * The desk as a graph of banks: built from a session on the control thread, run by whoever renders it.
 *
 * Build, start, set and free belong to the control thread (never while the graph runs elsewhere); graph_job,
 * graph_process and graph_advance are real-time safe and belong to the rendering threads. Bounce and playback build the
 * same graph and begin with the same graph_start, so they make the same bits.
 *
 * Time in the graph is the song's, in frames, in whole quanta. Every node works `latency` frames behind; the mix comes
 * out graph_latency() frames late, which the caller drops.
 */
#ifndef ENGINE_GRAPH_H
#define ENGINE_GRAPH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "dsp/clipper.h"
#include "dsp/comp.h"
#include "dsp/deess.h"
#include "dsp/dyneq.h"
#include "dsp/echo.h"
#include "dsp/eq.h"
#include "dsp/filter.h"
#include "dsp/gate.h"
#include "dsp/input.h"
#include "dsp/limiter.h"
#include "dsp/meter.h"
#include "dsp/multi.h"
#include "dsp/ops.h"
#include "dsp/output.h"
#include "dsp/reverb.h"
#include "dsp/sat.h"
#include "dsp/stereo.h"
#include "dsp/transient.h"
#include "engine/loop.h"
#include "engine/source.h"
#include "session/session.h"

struct graph;

struct graph_options {
	const struct dsp_ops *ops;   /* the kernels; NULL: the best of this processor */
	int chunk;                   /* most frames of one graph_process: whole quanta */
	int without_limiter;         /* the master ends before its limiter, which then works at another rate */
	int least_latency;           /* frames that the mix comes late by at the least: see graph_adopt */
	int taps;                    /* every node can be heard before its fader: graph_tap */
	struct loop loop;            /* played round and round; only where chunk is QUANTUM */
	uint32_t shuffle;            /* not 0: strips are packed into banks in an order drawn from it (the bits stay) */
	struct source_opener opener; /* of stems */
};

/* A graph of the session as it stands. NULL with err filled: a stem that cannot be opened, a loop, no memory. */
struct graph *graph_new(struct session *session, const struct graph_options *options, struct err *err);
void graph_free(struct graph *g);

/* Puts every state at rest and all values in force, at a frame of the song (rounded down to the grid). */
void graph_start(struct graph *g, struct session *session, int64_t frame);

/*
 * New values on their way to a graph that another thread runs: plain data, made by graph_edits on the control thread
 * and taken by graph_take at a quantum edge on the rendering one.
 */
enum { EDIT_OUTPUT = STAGES, EDIT_REVERB, EDIT_ECHO, EDIT_SEND, EDIT_FADE, EDIT_UNIT };

/* What of the song the master plays, and how it begins and ends; frames of the song. */
struct graph_fade {
	int64_t from, to, in, out; /* to 0: the end is not cut */
	int shape;                 /* FADE_... */
};
enum { FADE_LINE, FADE_POWER, FADE_S, FADE_DB };

union graph_values {
	struct input_params input;
	struct filter_params filter;
	struct gate_params gate;
	struct deess_params deess;
	struct eq_params eq;
	struct comp_params comp;
	struct transient_params transient;
	struct sat_params sat;
	struct reverb_params reverb;
	struct echo_params echo;
	struct multi_params multi;
	struct dyneq_params dyneq;
	struct stereo_params stereo;
	struct clipper_params clipper;
	struct limiter_params limiter;
	struct output_params output;
	struct graph_fade fade;
	float gain;
};
struct graph_edit {
	int node, what; /* what: a stage, EDIT_..., or EDIT_UNIT with the master's unit added */
	uint32_t send;  /* EDIT_SEND: which */
	union graph_values values;
};

/* Calls emit for all values of a node. */
void graph_edits(const struct graph *g, struct session *session, int node,
                 void (*emit)(void *, const struct graph_edit *), void *arg);
/* Real-time safe. snap != 0: without gliding. */
void graph_take(struct graph *g, const struct graph_edit *edit, int snap);

/* Hands the values of one node over; snap != 0 without gliding. Node 0.. as graph_nodes counts them. */
void graph_set(struct graph *g, struct session *session, int node, int snap);

/* Frames that the mix, and the master, come late by. */
int graph_latency(const struct graph *g, int node);

/*
 * Lets a new graph go on where another stands: nodes that both have (by uid) keep their states, rings, units, sends and
 * open files, and sound on bit for bit. What the new graph has of them is left in the old one, which is to be freed.
 * The mix may come later than before: run the graph for the difference of the latencies and drop what comes out (build
 * it with the old one's latency as `least_latency` so that it never comes earlier). With another loop its files are its
 * own; its frames count on from the old one's and `jump` more. Real-time safe; values on their way arrive by graph_take
 * afterwards.
 */
void graph_adopt(struct graph *to, struct graph *from, int64_t jump);

/* The frame that is rendered next, counted on from the start; where that lies in the song is loop_frame's to say. */
int64_t graph_frame(const struct graph *g);
const struct loop *graph_loop(const struct graph *g);

/* The frame of the song where the last region ends of a strip that plays anywhere; what of the song the master plays.
 */
int64_t graph_length(const struct graph *g);
const struct graph_fade *graph_cut(const struct graph *g);

/* Nodes: strips, then buses, in desk order, then mix and master. */
int graph_nodes(const struct graph *g);
int graph_mix(const struct graph *g);
int graph_master(const struct graph *g);
uint32_t graph_uid(const struct graph *g, int node);
int graph_feeds(const struct graph *g, int node, int into); /* directly, a send too */
int graph_feeds_mix(const struct graph *g, int node);

/* Renders `frames` (whole quanta, at most a chunk) of everything: what one thread does. */
void graph_process(struct graph *g, int frames);

/*
 * The same in pieces, for many threads: banks come in levels; those of a level only need the levels below. Level 0 may
 * run a chunk ahead of the others, so `chunk` counts chunks from the start; all chunks but the last have the full
 * length.
 */
int graph_levels(const struct graph *g);
int graph_level_jobs(const struct graph *g, int level);
void graph_job(struct graph *g, int level, int job, int64_t chunk, int frames);

/*
 * What a node put out at chunk `chunk`, from frame `at` of it on: a pointer to contiguous frames; at most *frames,
 * which it shortens where the ring wraps.
 */
const float *graph_out(const struct graph *g, int node, int side, int64_t chunk, int at, int *frames);

/*
 * The same at a frame of the graph's time that is no longer ago than the latest node's latency, `pre` before its fader
 * where a tap was open by then.
 */
const float *graph_tapped(const struct graph *g, int node, int pre, int side, int64_t frame, int *frames);

/* Opens or shuts a node's tap before the fader (graph_options.taps). Real-time safe. */
void graph_tap(struct graph *g, int node, int open);

/*
 * What the detector of a strip's gate, de-esser or compressor hears, beside the strip itself: graph_key_init (-1: no
 * memory), graph_key_fini and graph_key_values (which fills the values that a graph_edit brings, -1: the stage has no
 * detector) are for the control thread, the rest is real-time safe. graph_key lets a graph fill it (uid 0: none does).
 */
struct graph_key {
	uint32_t uid;
	enum dsp_stage stage;
	float x[2][QUANTUM]; /* of the quantum rendered last */
	const struct dsp_ops *ops;
	void *state;
	float *lanes[4];
};
int graph_key_init(struct graph_key *k);
void graph_key_fini(struct graph_key *k);
int graph_key_values(const struct node *node, enum dsp_stage stage, union graph_values *to);
void graph_key_set(struct graph_key *k, const struct graph *g, uint32_t uid, const struct graph_edit *edit);
void graph_key(struct graph *g, struct graph_key *k);

/* The limiter as the master has it. Any thread that may read the session. */
struct limiter_params graph_limiter(const struct node *master);

/* Chunks that graph_process has rendered; Hz of the song. */
int64_t graph_chunks(const struct graph *g);
double graph_rate(const struct graph *g);

/* Reads so far that found a ring empty. Real-time safe. */
uint32_t graph_starved(const struct graph *g);

/* The limiter's greatest reduction since it was last asked, dB. Real-time safe. */
float graph_limited(struct graph *g);

/*
 * What one node plays, for pictures: from the next quantum on the one with that uid leaves what goes into its equaliser
 * and what comes out in *to, quantum by quantum (a chunk must be one); nobody where there is none, or to is NULL. It
 * holds for this graph, not for one that adopts it. Real-time safe.
 */
struct graph_probe {
	int sides; /* 1: the right ones are not written */
	float before[2][QUANTUM], after[2][QUANTUM];
};
void graph_probe(struct graph *g, uint32_t uid, struct graph_probe *to);

/* Which needles move; METER_PEAK, as a graph begins: none, and nothing is spent on them. Real-time safe. */
void graph_metering(struct graph *g, enum meter_kind kind);

/* How loud a node's output is, as of the last quantum; the master behind its limiter. Real-time safe. */
struct graph_loud {
	float peak[2], level[2]; /* factors; level: where the needle stands, the peak where none moves */
	const float *out[2];     /* the quantum itself */
};
void graph_loud(const struct graph *g, int node, struct graph_loud *out);

/* What gate, de-esser and compressor did in the last quantum: reductions in dB, driving levels as factors. */
enum { GRAPH_GATE, GRAPH_DEESS, GRAPH_COMP, GRAPH_REDUCERS };
struct graph_dynamics {
	float reduction[GRAPH_REDUCERS], level[GRAPH_REDUCERS]; /* level: 0 while off; the de-esser shows none */
};
void graph_dynamics(const struct graph *g, int node, struct graph_dynamics *out);

/* What units of the master took off each of their bands in the last quantum, dB; below 0: lifted. The clipper has one.
 */
enum { GRAPH_MULTI, GRAPH_DYNEQ, GRAPH_CLIPPER, GRAPH_TAKERS };
void graph_taken(const struct graph *g, float taken[GRAPH_TAKERS][4]);

/* Gain reduction of a node's gate, de-esser and compressor together in the last quantum, dB. */
float graph_reduction(const struct graph *g, int node);

/* The peak of a node's output in the quantum at that frame of the graph's time (0: the start), or 0 when forgotten. */
float graph_peak(const struct graph *g, int node, int side, int64_t frame);

#endif
