/*
 * Overviews: how loud sound files are all along, read in the background by a thread of its own that gives way to those
 * who play. Called by one thread at a time, never the real-time one.
 */
#ifndef MEDIA_OVERVIEW_H
#define MEDIA_OVERVIEW_H

#include <stdint.h>

#include "media/reader.h"

#define OVERVIEW_FRAMES 2048 /* of a file to a point */

struct overviews;

/* NULL: not enough memory. Freeing waits for no read: one under way frees the rest when it comes back. */
struct overviews *overviews_new(void);
void overviews_free(struct overviews *o);

/* Opens the file at a path, at a rate, on the thread that reads; NULL: it cannot be read, and is silent. */
typedef struct media_reader *overview_open(const char *path, int rate, struct err *err);

/* Asks for a file under a name, once for each name. 0, or -1: no memory or no thread. */
int overviews_add(struct overviews *o, const char *name, const char *path, int rate, overview_open *opens);
int overviews_has(struct overviews *o, const char *name);

/* While somebody else needs the disk, nothing is read. */
void overviews_pause(struct overviews *o, int pause);

/* Counts up as files are read; and how much of what was asked for is read, 0 to 1. */
uint32_t overviews_version(struct overviews *o);
double overviews_done(struct overviews *o);

/*
 * The greatest sample (a factor) of a channel, counted from 0, in each of `count` equal parts between two frames of a
 * file; -1 where that is not read yet, 0 outside of the file.
 */
void overviews_peaks(struct overviews *o, const char *name, int channel, int64_t from, int64_t to, int count,
                     float *peak);

/* Frames of the file, 0 where there is none of that name. */
int64_t overviews_frames(struct overviews *o, const char *name);

#endif
