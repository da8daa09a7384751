/*
 * An album's songs on their way to the medium: measured, limited and written, each by whichever thread is free. Control
 * thread, which waits for the others.
 */
#ifndef CLI_ALBUM_SONGS_H
#define CLI_ALBUM_SONGS_H

#include "cli/albuming.h"

/*
 * Calls work for each of `count` pieces, on so many threads (0: one a core). 0, or -1 with err filled by the first
 * piece that failed; pieces that were not begun by then are left out.
 */
int album_songs_each(size_t count, int threads, int (*work)(void *arg, size_t k, struct err *err), void *arg,
                     struct err *err);

/* What the premaster holds of each song: its figures before the limiter, or, mastered, those of its track. */
int album_songs_measure(const struct premaster *p, int threads, int mastered, struct albumed *r, struct err *err);

/* The loudness of the loudest song behind the limiter. */
int album_songs_loudest(const struct premaster *p, const struct limiter_params *limiter, const struct albumed *r,
                        double *loudest, struct pass *pass, struct err *err);

/* Puts the whole through the limiter, in its place: what is kept is then what is delivered. */
int album_songs_limit(struct premaster *p, const struct limiter_params *limiter, struct pass *pass, struct err *err);

#endif
