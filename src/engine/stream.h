/*
 * Stems for real time: sources that play from rings which one disk thread keeps filled, so that the thread that renders
 * never waits: an empty ring gives silence and is counted. Control thread; the sources are read by the rendering one.
 *
 * A graph is built with streams_opener, then streams_prime fills what it opened from the frame it starts at. Sources of
 * the same file at the same shift share one stream, however many channels they take of it.
 */
#ifndef ENGINE_STREAM_H
#define ENGINE_STREAM_H

#include "engine/loop.h"
#include "engine/source.h"
#include "engine/stems.h"

struct streams;

#define STREAM_MEMORY (40 << 20) /* bytes of the rings of a graph, by default: 24 stereo stems of 24 bits for 6 s */

/* Starts the disk thread. `rate`: of the song, Hz; stems stay the caller's. NULL with err filled. */
struct streams *streams_new(struct stems *stems, double rate, size_t memory, struct err *err);

/* After all graphs that have its sources are freed. */
void streams_free(struct streams *s);

struct source_opener streams_opener(struct streams *s);

/*
 * From now on no graph waits for a stem whose disk does not answer as it is opened, nor for one that is to be converted
 * to the song's rate: it is silent, and streams_news tells when another graph can have it.
 */
void streams_hurry(struct streams *s);

/* The loop of graphs whose stems are opened from now on. */
void streams_loop(struct streams *s, const struct loop *loop);

/*
 * Makes rings for what was opened since the last call and waits until each holds `frames` frames (or all it can, or
 * its file's rest) of the song from `position` on. A file that cannot be read now is not waited for. To be called
 * before the first render of the graph.
 */
int streams_prime(struct streams *s, int64_t position, int frames, struct err *err);

/*
 * What happened to files while they were read, one a call: -1, and the sentence says which is silent; 1, and it says
 * which is back, at its place in the song; 2, the same once another graph is built; 0: nothing. A read that hangs does
 * not hold up the others.
 */
int streams_news(struct streams *s, struct err *news);

/* Bytes that the rings take now, and how full the emptiest is that can be read, 0 to 1 (1: none). */
size_t streams_memory(struct streams *s);
double streams_fill(struct streams *s);

#endif
