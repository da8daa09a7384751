/*
 * Where a region's samples come from: a file read where it is used (offline), or a ring that a disk thread fills
 * (live). The graph only sees this interface; `read` is called by the thread that runs the graph, `close` by the
 * control thread.
 */
#ifndef ENGINE_SOURCE_H
#define ENGINE_SOURCE_H

#include <stdint.h>

#include "base/err.h"

struct source {
	int channels;
	int64_t frames;   /* at the song's rate */
	uint32_t starved; /* reads that found less than they asked for: rings alone */
	/* Fills one planar buffer a channel (NULL: not wanted) from `frame` on, with silence outside of the file. */
	void (*read)(struct source *s, int64_t frame, int frames, float *const *planar);
	void (*close)(struct source *s);
};

/*
 * Opens stems for a graph: `file` is as the session names it, `shift` the frame of the graph's time where its frame 0
 * lies. The graph owns what it gets; sources of one file and shift are read at the same frames.
 */
struct source_opener {
	struct source *(*open)(void *arg, const char *file, int64_t shift, struct err *err);
	void *arg;
};

#endif
