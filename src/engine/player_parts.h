/* The player from inside: player.c (control thread), player_rt.c, player_look.c and player_pick.c (the device's
 * thread). */
#ifndef ENGINE_PLAYER_PARTS_H
#define ENGINE_PLAYER_PARTS_H

#include "base/ring.h"
#include "engine/player.h"

enum message_kind {
	MESSAGE_GRAPH,
	MESSAGE_REPLACE,
	MESSAGE_EDIT,
	MESSAGE_PLAY,
	MESSAGE_STOP,
	MESSAGE_PICK,
	MESSAGE_KEY,
	MESSAGE_MONITOR,
	MESSAGE_HEARING,
	MESSAGE_LISTEN,
	MESSAGE_VIEW
};

struct message {
	enum message_kind kind;
	union {
		struct {
			struct graph *graph;
			int64_t frame;  /* where it starts, or from where on its files can be read */
			uint32_t start; /* counts those that jump; 0 for one that does not */
		} start;
		struct graph_edit edit; /* of a key: `send` is the uid */
		struct player_pick pick;
		float monitor[4];
		struct hearing_spec hearing;
		int listen;
		struct player_view view;
	} is;
};

#define PICK_QUANTA 5 /* that a change of what is heard takes */

/* What is heard of a graph (player_pick.c). */
struct rt_pick {
	struct player_pick now, next, wanted;
	int wait, turning; /* quanta until the change from now to next begins (taps fill), and until it is done */
	struct graph_key key;
	int changed; /* wanted is another than what is under way */
	float x[2][QUANTUM];
};

/* What somebody looks into (player_look.c). */
struct rt_look {
	struct player_view wanted;
	int node;                         /* of the graph that plays, -1: none */
	uint8_t clipped[PLAYER_NODES][2]; /* frames at full scale that its last quantum ended with */
	struct graph_probe probe;
	struct player_look now;
};

/* What the device's thread owns. */
struct rt_player {
	struct graph *graph;
	struct message coming; /* a graph that takes over once what plays has faded out, NULL: none */
	int64_t position;      /* frame that comes next, counted on in a loop */
	int left;              /* frames of the last quantum not yet handed out */
	int playing, stopping;
	int hold;      /* frames of silence before it fades in */
	int fade, way; /* transport's gain: frames of PLAYER_FADE, and -1, 0 or 1 a frame */
	struct rt_pick pick;
	struct rt_monitor monitor;
	struct rt_hearing hearing;
	struct rt_look look;
	int until_meters; /* frames */
	struct player_meters meters;
	double worked;               /* seconds since the last snapshot */
	int quanta;                  /* likewise */
	int listening, heard_frames; /* whether somebody listens; frames in the piece that is filled */
	struct player_heard heard;
};

struct player {
	struct ring *to_rt, *meters, *returned;
	struct ring *heard;      /* NULL until somebody listens; the device's thread knows of it by a message */
	struct ring *looks;      /* the same of player_view */
	struct graph *graph;     /* the newest one given: the control thread reads its shape, never its state */
	uint32_t start, started; /* graphs given with a frame, and the last of them that is known to play */
	struct player_pick pick; /* as the control thread wants it */
	uint32_t key;            /* whose key, 0: nobody's */
	enum dsp_stage key_stage;
	struct rt_player rt;
};

/* player_pick.c, real-time safe: after another graph came, after a message, and for the quantum just rendered. */
void pick_graph(struct rt_pick *k, struct graph *g);
void pick_set(struct rt_pick *k, struct graph *g, const struct player_pick *wanted, int playing);
void pick_key(struct rt_pick *k, struct graph *g, const struct graph_edit *edit);
void pick_run(struct rt_pick *k, struct graph *g);

/* player_look.c, real-time safe: a quantum's meters, after they were sent, another graph or wish, a quantum's look. */
void look_gather(struct rt_player *rt);
void look_sent(struct rt_player *rt);
void look_graph(struct rt_player *rt);
void look_quantum(struct player *p);

/* Frames that what is heard comes late by, whatever it is: the later of mix and master. */
int pick_latency(const struct graph *g);

#endif
