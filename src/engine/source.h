/*
 * Where a region's samples come from: a file read where it is used (offline), or a ring that a disk thread fills
 * (live). The graph only sees this interface; `read` and `lead` are called by the thread that runs the graph, the rest
 * by the control thread.
 */
#ifndef ENGINE_SOURCE_H
#define ENGINE_SOURCE_H

#include <stdint.h>

#include "base/err.h"

struct source {
	int channels;
	int64_t frames;   /* at the song's rate */
	uint32_t starved; /* reads that found less than they asked for: rings alone */
	uint32_t edition; /* a source of the file with another one reads something else */
	/* Fills one planar buffer a channel (NULL: not wanted) from `frame` on, with silence outside of the file. */
	void (*read)(struct source *s, int64_t frame, int frames, float *const *planar);
	void (*close)(struct source *s);
	/* Says which frames are wanted, more with each call; without it all are. NULL: does not care. */
	void (*use)(struct source *s, int64_t from, int64_t to);
	/* In a loop, the frames just before its beginning, from the `at`-th of LOOP_FADE on. NULL: has none. */
	void (*lead)(struct source *s, int at, int frames, float *const *planar);
};

/*
 * Opens stems for a graph: `file` is as the session names it, `shift` the frame of the graph's time where its frame 0
 * lies, `late` how many frames of that are the graph's own (loops lie as much later too). The graph owns what it gets;
 * sources of one file and shift are read at the same frames.
 */
struct source_opener {
	struct source *(*open)(void *arg, const char *file, int64_t shift, int64_t late, struct err *err);
	void *arg;
};

#endif
