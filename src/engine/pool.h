/*
 * Offline rendering with many threads: banks of a level side by side, level 0 a chunk ahead of the rest. The control
 * thread creates, runs and frees it; the threads it starts run graph jobs with denormals flushed.
 */
#ifndef ENGINE_POOL_H
#define ENGINE_POOL_H

#include "engine/graph.h"

/*
 * Renders with `threads` threads (the caller waits) `chunks` chunks of the graph, all full.
 * After each chunk `tail` is called by one thread at a time, in order of chunks, beside the banks of the next; it
 * returns non-zero to stop. Returns 0, what tail returned, or -1 with err filled.
 */
int pool_render(struct graph *g, int frames, int64_t chunks, int threads, int (*tail)(void *arg, int64_t chunk),
                void *arg, struct err *err);

#endif
