/* Tags as comments, and those of FLAC files, by libFLAC: what libsndfile cannot write. Any thread but the real-time
 * one. */
#ifndef MEDIA_TAGS_H
#define MEDIA_TAGS_H

#include "media/sink.h"

/* A copy that owns its texts; NULL: no memory. */
struct sink_tags *tags_copy(const struct sink_tags *t);
void tags_free(struct sink_tags *t);

/*
 * Calls each with every tag there is, by its name in FLAC, until it returns 0; whether it never did. The number of the
 * track is told with that of all behind `of` ("/"), or (NULL) without.
 */
int tags_each(const struct sink_tags *t, const char *of, int (*each)(void *arg, const char *name, const char *text),
              void *arg);

/* Writes them as comments into the FLAC file at `path`, beside those it has. -1: err is filled, the file is as it was.
 */
int tags_flac(const char *path, const struct sink_tags *t, struct err *err);

#endif
