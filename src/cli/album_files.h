/* The files of an album: each song's or one image with its sheets, and the checksums of all. Control thread. */
#ifndef CLI_ALBUM_FILES_H
#define CLI_ALBUM_FILES_H

#include "cli/albuming.h"

/* One pass at a gain that only measures: every song's `mastered`. */
int album_files_measure(const struct premaster *p, const struct limiter_params *limiter, struct albumed *r,
                        struct pass *pass, struct err *err);

/* Writes what is asked for at the gain found; the songs are measured already. -1: err is filled. */
int album_files_write(const struct cli *cli, const struct premaster *p, const struct albuming *m, struct albumed *r,
                      struct err *err);

/* The album as a disc, in sectors; its tracks lie in `track`, one a song. */
struct disc;
struct disc_track;
void album_files_disc(const struct albumed *r, struct disc_track *track, struct disc *d);

#endif
