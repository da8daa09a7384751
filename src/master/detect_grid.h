/*
 * Coders cut sound into blocks, transform each and drop what they think is not heard; where the decoded sound is
 * transformed again at the very frames their blocks began, what was dropped is missing still. This finds that grid in
 * excerpts. Pure, with memory of its own while it runs; any thread but the real-time one.
 */
#ifndef MASTER_DETECT_GRID_H
#define MASTER_DETECT_GRID_H

#include <stdint.h>

#define GRID_EXCERPT 5120 /* frames of one */

/* By their blocks: of 576 frames, and of 1024, which AAC and Vorbis have. */
enum grid_coder { GRID_NONE, GRID_MP3, GRID_LONG };

struct grid_excerpt {
	int64_t at; /* its first frame, of the track */
	const float *x;
};

struct grid_found {
	enum grid_coder coder;
	double clear; /* how far the grid stands out of all others, in their deviations */
	int offset;   /* frames from the track's beginning to the grid, modulo its block */
};

/* Deviations that a grid stands out by: sound that was never coded has 4.6 at most in a hundred stems. */
#define GRID_CLEAR 5.5

/* The coder whose grid shows in `count` excerpts of a track, whose samples were rounded to `step` of full scale. */
struct grid_found grid_find(const struct grid_excerpt *excerpt, int count, double step);

#endif
