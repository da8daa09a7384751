/*
 * Coders cut sound into blocks, transform each, drop what they think is not heard and round the rest; where the decoded
 * sound is transformed again at the very frames their blocks began, that shows still. This finds that grid in excerpts.
 * Pure, with memory of its own while it runs; any thread but the real-time one.
 */
#ifndef MASTER_DETECT_GRID_H
#define MASTER_DETECT_GRID_H

#include <stdint.h>

#define GRID_EXCERPT 4160 /* frames of one */

/* By their blocks: of 576 frames, and of 1024, which AAC and Vorbis have. */
enum grid_coder { GRID_NONE, GRID_MP3, GRID_LONG };

struct grid_excerpt {
	int64_t at; /* its first frame, of the track */
	const float *x;
};

struct grid_found {
	enum grid_coder coder;
	double clear; /* how far the grid stands out of all others, in their deviations */
	int period;   /* frames after which the grid is the same: a block, or a part of it */
	int offset;   /* frames from the track's beginning to it, modulo the period */
};

/* The coder whose grid shows in `count` excerpts of a track, whose samples were rounded to `step` of full scale. */
struct grid_found grid_find(const struct grid_excerpt *excerpt, int count, double step);

#endif
