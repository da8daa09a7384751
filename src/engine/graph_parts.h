/* The graph from inside: shared by graph_build.c (control thread), graph_params.c (control) and graph_run.c (real
 * time). */
#ifndef ENGINE_GRAPH_PARTS_H
#define ENGINE_GRAPH_PARTS_H

#include "dsp/bank.h"
#include "engine/graph.h"
#include "engine/loop.h"

/* Where a node hears another: a bus its feeds, a gate or compressor its key. */
struct rt_tap {
	int node;
	int pre;          /* before its fader */
	int delay;        /* frames */
	struct ramp gain; /* of a send; a strip's own output has exactly 1 */
	uint32_t uid;     /* of the send, 0 for the output */
};

/* A file read for a bank, with everything of it at one place in time. */
struct rt_source {
	struct source *source;
	int64_t shift;  /* graph frame of the source's frame 0 */
	int64_t late;   /* frames that its strips' input comes late by */
	int64_t use[2]; /* frames that are wanted: from, up to */
	uint64_t key;   /* of the file's name: the same file in another graph has the same */
	int taken;      /* graph_adopt has dealt with it */
	float **planar; /* a buffer of a chunk for each channel in use, else NULL */
};

/* A region on its strip: which channels of which sources, where. */
struct rt_clip {
	int source[2], channel[2]; /* by side */
	int64_t begin, end;        /* graph frames, the strip's latency and delay included */
	int64_t fade[2];           /* frames, at its beginning and at its end */
	int linear;                /* the fades' curve, else a quarter of a sine */
	float gain;
};

struct rt_node {
	uint32_t uid;
	enum node_kind kind;
	int level, bank, lane;
	int sides;   /* that go into its chain */
	int swap;    /* compressor before equaliser */
	int latency; /* frames its output comes late by */
	int enter;   /* frames its input comes late by: latency less the chain's */
	int delay;   /* frames asked for by the user */
	struct rt_clip *clip;
	int clips;
	int direct;      /* one clip that is all of its source: played from the source's buffer */
	float *mixed[2]; /* else a chunk of the clips' sum */
	struct rt_tap *feed;
	int feeds;
	struct rt_tap gate_key, comp_key; /* node -1: none */
	float *post[2], *pre[2];          /* rings of graph->ring frames; pre NULL where nobody can hear it */
	int tapped;                       /* before its fader: 1 by others of the graph, 2 from outside */
	float *peak;                      /* ring of ring / QUANTUM pairs */
	void *reverb, *echo;              /* units at the insert point of a bus, NULL where they are off */
};

struct rt_bank {
	int level, sides, swap;
	int count; /* lanes in use */
	int *node; /* by lane */
	int keys;  /* bit 0: some gate has an external key; bit 1: some compressor */
	int taps;  /* the lanes' `tapped` together: not 0 where one is heard before its fader */
	struct rt_source *source;
	int sources;
	void *stage[STAGES], *output, *meter;
	int listened;                             /* the lane whose key is listened to, from 1; 0: none */
	int probed;                               /* the lane that is looked into, from 1; 0: none */
	float *io[2], *key[2], *post[2], *pre[2]; /* a quantum each, in lanes */
};

struct graph {
	const struct dsp_ops *ops;
	double rate;
	int chunk, ring; /* frames; ring is a power of two */
	struct rt_node *node;
	int nodes, mix, master;
	struct rt_bank *bank; /* by level */
	int banks, levels;
	int *first;               /* by level: its first bank; [levels] is banks */
	void *unit[MASTER_UNITS]; /* of the master; NULL: not there */
	struct graph_fade fade;   /* of the master */
	int64_t start;            /* frame of the song at graph time 0 */
	struct loop loop;
	int64_t chunks;                  /* that graph_process has done */
	int chain_latency, unit_latency; /* of a node's stages; of the master's units */
	enum meter_kind metering;
	struct graph_key *key;     /* that the listened lane fills */
	struct graph_probe *probe; /* where what the probed lane plays goes */
	void **owned;              /* memory to free */
	size_t owns;
};

/* graph_values.c: a node's values as a kernel's own struct. */
void graph_stage_values(enum dsp_stage stage, const struct node *node, union graph_values *to);
void graph_reverb_values(const struct node *node, union graph_values *to);
void graph_echo_values(const struct node *node, const struct node *song, double rate, union graph_values *to);
void graph_unit_values(enum dsp_master unit, const struct node *node, union graph_values *to);
void graph_fade_values(const struct node *node, union graph_values *to);

/*
 * graph_master.c, real-time safe: the units at the insert point of the master's bank; its units behind the fader, with
 * cuts and fades before the limiter, on the quantum at a time of the graph.
 */
void graph_master_insert(struct graph *g, struct rt_bank *b);
void graph_master_end(struct graph *g, int64_t time);

/*
 * graph_strips.c: where each lane's chunk of input lies, for a bank of strips; buses get theirs a quantum at a time. In
 * a loop some of it is moved to `room`, two quanta a lane.
 */
void graph_strips(struct graph *g, struct rt_bank *b, int64_t time, int frames, float *in[2][DSP_MAX_LANES],
                  float room[][QUANTUM]);

/* graph_key_rt.c: a quantum of the listened lane, as it comes to the stage. */
void graph_key_run(struct graph *g, const struct rt_bank *b, const struct dsp_io *io);

/* graph_probe.c: a quantum of the probed lane; the needles of a bank. */
void graph_probe_take(const struct graph *g, const struct rt_bank *b, float to[2][QUANTUM]);
void graph_meter_run(struct graph *g, struct rt_bank *b, int64_t time);

#endif
