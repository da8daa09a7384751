/*
 * The desk playing: a graph on a device's thread, commanded and watched from the control thread through rings.
 * All calls belong to the control thread but player_process, which is the device's callback.
 */
#ifndef ENGINE_PLAYER_H
#define ENGINE_PLAYER_H

#include <stdint.h>

#include "base/err.h"
#include "engine/graph.h"
#include "engine/hearing.h"
#include "engine/monitor.h"

/*
 * The least latency of a player's graph: room for buses four deep and a key, so that edits of the routing do not move
 * the mix in time. Nobody hears it: what is played comes from files.
 */
#define PLAYER_LATENCY (6 * QUANTUM)

#define PLAYER_FADE 480 /* frames of a stop, a start or a locate: short enough to be at once, too long to click */

#define PLAYER_NODES 192 /* that a meter frame has room for */

/* What a desk's meters show: a snapshot without pointers. */
struct player_meters {
	int64_t position; /* frame of the song that is heard now */
	int64_t frame;    /* that comes next, counted on round after round of a loop: later by what a codec delays */
	int playing, nodes;
	uint32_t uid[PLAYER_NODES];
	float peak[PLAYER_NODES][2];  /* factors: greatest since the last snapshot */
	float level[PLAYER_NODES][2]; /* factors, likewise: where the needles of player_view stand */
	uint32_t clips[PLAYER_NODES]; /* runs of three frames and more at full scale that began since then, of both sides */
	float reduction[PLAYER_NODES]; /* dB, likewise: compressor and gate together */
	uint32_t starved;              /* quanta so far in which some ring was empty */
	float load;                    /* seconds of work a second of sound, worst quantum since the last snapshot */
	float mean;                    /* the same of all quanta since then */
	uint32_t start;                /* the player's own: which player_set_graph it plays from */
};

struct player;

enum player_tap { TAP_MIX, TAP_MASTER };

/* What is heard: the mix or the master, or in their place the sum of some nodes before or behind their faders. */
#define PLAYER_SOLOS 16
struct player_pick {
	enum player_tap tap;
	int key; /* what was chosen by player_key is heard instead */
	int count;
	struct {
		uint32_t uid;
		int pre; /* before its fader */
	} solo[PLAYER_SOLOS];
};

struct player *player_new(void);
void player_free(struct player *p); /* the device must be closed */

/* The device's callback; arg is the player. Real-time safe. */
void player_process(void *arg, float *out, int frames);

/*
 * Gives the player a graph that was started at a frame. What plays fades out before it and it fades in, but from the
 * song's beginning, which begins as it is; what the player had comes back to be freed by player_poll. The first latency
 * of the graph has been rendered already (player_preroll). Takes ownership.
 */
void player_set_graph(struct player *p, struct graph *g, int64_t frame);

/*
 * The same for a change of structure while it plays: the new graph (built, as the old one, with least_latency
 * PLAYER_LATENCY) goes on where the old one stands, and all that both have sounds on bit for bit. Its files can be read
 * from `primed` on: a frame as player_meters counts it where both have the same loop, else a frame of the song. With
 * another loop the song goes on where it was if that can be, else with a fade.
 */
void player_replace_graph(struct player *p, struct graph *g, int64_t primed);

/* Whether a graph that was given with player_set_graph, or has another loop, does not play yet: positions are old. */
int player_is_moving(const struct player *p);

/* Renders what the latency of mix and master swallows: called before player_set_graph. */
void player_preroll(struct player *p, struct graph *g);

void player_play(struct player *p);
void player_stop(struct player *p);
/* What is heard from now on, with a short crossfade and at the same place in the song. */
void player_pick(struct player *p, const struct player_pick *pick);
/*
 * Chooses whose gate, de-esser or compressor a pick with `key` plays the key of, as its detector hears it. -1: it has
 * no such thing, or the queue is full.
 */
int player_key(struct player *p, const struct node *node, enum dsp_stage stage);
void player_monitor(struct player *p, const struct monitor_settings *settings);

/* Another speaker in front of the ears, NULL: none; `rate`: of what is played, Hz. */
void player_hearing(struct player *p, const struct hearing_params *speaker, double rate);

/* Sends a node's values after an edit. -1: the queue is full; try again after a poll. */
int player_edit(struct player *p, struct session *session, uint32_t uid);

/* A piece of what went to the device, monitor and all. */
#define PLAYER_HEARD 64 /* frames */
struct player_heard {
	int64_t frame; /* of the first, counted while somebody listens: a jump where pieces were dropped */
	float x[PLAYER_HEARD][2];
};

/* Begins or ends to keep pieces of what is heard. -1: no memory. */
int player_listen(struct player *p, int on);

/* The oldest piece: 0, or -1 where there is none. Any one thread may ask, after player_listen has returned once. */
int player_heard(struct player *p, struct player_heard *piece);

/* What somebody wants to look into beside peaks: with `on` every quantum, one node of it closely. */
struct player_view {
	int on;
	uint32_t uid; /* 0: no node */
	enum meter_kind meter;
};
/* -1: no memory, or the queue is full. */
int player_view(struct player *p, const struct player_view *view);

/* A quantum, looked into. */
struct player_look {
	int64_t frame;                /* of the song */
	int begins;                   /* it is the first of the song, which was started there */
	uint32_t lost;                /* quanta before it that found no room */
	int mastered;                 /* the master is heard, else the mix */
	float heard[2][QUANTUM];      /* before the monitor, whatever is soloed there */
	int limits;                   /* the node below is the master, and the limiter its own */
	float limited;                /* dB, the limiter of the master */
	float taken[GRAPH_TAKERS][4]; /* dB, its other units, by band */
	uint32_t uid;                 /* of the node that the rest is of, 0: none */
	struct graph_probe strip;
	struct graph_dynamics dynamics;
};

/* The oldest that waits: 0, or -1 where there is none. Any one thread may ask, after player_view has returned once. */
int player_look(struct player *p, struct player_look *look);

/* Frees what came back; the meters since the last call, if there are any (0), else -1. */
int player_poll(struct player *p, struct player_meters *meters);

#endif
