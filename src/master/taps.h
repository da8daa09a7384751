/*
 * A song played once, faster than time, with what every strip and bus plays laid beside each other: at a frame of the
 * song, whatever each comes late by. taps_new, taps_play and taps_free belong to one thread, any but the real-time one;
 * `take` is called by one thread at a time, in the order of the song; taps_at only reads, by any.
 */
#ifndef MASTER_TAPS_H
#define MASTER_TAPS_H

#include <stddef.h>
#include <stdint.h>

#include "engine/stems.h"
#include "session/session.h"

struct taps;

struct taps_options {
	int64_t start, from, to; /* frames of the song: where the engine starts, what is taken; to 0: the end */
	double tail;             /* seconds behind the last region, with to 0 */
	int block;               /* frames taken at a time: a power of two, QUANTUM to TAPS_CHUNK */
	int window;              /* frames that can be read together, whole blocks; 0: one */
	int behind;              /* blocks that stay readable behind the one that is taken, beside the window's */
	int threads;             /* 0: one a core */
	int without_limiter;
	/* A block of all nodes is there, from that frame on; limited: dB that the limiter took off around it. != 0 stops.
	 */
	int (*take)(void *arg, const struct taps *t, int64_t frame, double limited);
	int (*progress)(void *arg, int64_t done, int64_t all); /* as in a bounce; or NULL */
	void *arg;
};
#define TAPS_CHUNK 4096

/* NULL with err filled. The session is to stay as it is until taps_play has begun. */
struct taps *taps_new(struct session *session, struct stems *stems, const struct taps_options *options,
                      struct err *err);
void taps_free(struct taps *t);

/* 0; what `take` or `progress` returned; -1 with err filled. Once. */
int taps_play(struct taps *t, struct err *err);

/* Nodes: strips and buses, then the mix, then the master. */
int taps_nodes(const struct taps *t);
int taps_mix(const struct taps *t);
int taps_master(const struct taps *t);
uint32_t taps_uid(const struct taps *t, int node);
double taps_rate(const struct taps *t);
int64_t taps_from(const struct taps *t);
int64_t taps_to(const struct taps *t);

/* Whom a node plays into: the mix, or a bus that leads there; -1: nobody hears it. */
int taps_into(const struct taps *t, int node);

/* A node's frames from one on: a window's at least; what was before the start is silence. */
const float *taps_at(const struct taps *t, int node, int side, int64_t frame);

#endif
