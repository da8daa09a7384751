/*
 * A part of the song that is played round and round. Time runs on behind its end in the graph; where that lies in the
 * song (or in a file, with points to match) is asked here. Any thread.
 */
#ifndef ENGINE_LOOP_H
#define ENGINE_LOOP_H

#include <stdint.h>

#include "dsp/dsp.h"

/* From `in` up to `out`, frames on the grid of quanta; none where out <= in. */
struct loop {
	int64_t in, out;
};

#define LOOP_FADE (4 * QUANTUM)   /* frames before `out` over which those before `in` fade in */
#define LOOP_LEAST (64 * QUANTUM) /* frames of the shortest */

/* The frame that is played at a frame counted on without end. */
static inline int64_t
loop_frame(const struct loop *l, int64_t frame)
{
	return l->out <= l->in || frame < l->out ? frame : l->in + (frame - l->out) % (l->out - l->in);
}

#endif
