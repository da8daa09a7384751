/* The files of an album: each song's or one image with its sheets, and the checksums of all. Control thread. */
#ifndef CLI_ALBUM_FILES_H
#define CLI_ALBUM_FILES_H

#include "cli/albuming.h"

/* Writes what is asked for of a premaster that is limited, its songs measured. -1: err is filled. */
int album_files_write(const struct cli *cli, const struct premaster *p, const struct albuming *m, struct albumed *r,
                      struct err *err);

/* The album as a disc, in sectors; its tracks lie in `track`, one a song. */
struct disc;
struct disc_track;
void album_files_disc(const struct albumed *r, struct disc_track *track, struct disc *d);

#endif
