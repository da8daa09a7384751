/* The files of an album: each song's or one image with its sheets, and the checksums of all. Control thread. */
#ifndef CLI_ALBUM_FILES_H
#define CLI_ALBUM_FILES_H

#include "cli/albuming.h"

/* Writes what is asked for of a premaster that is limited, its songs measured. -1: err is filled. */
int album_files_write(const struct cli *cli, const struct premaster *p, const struct albuming *m, struct albumed *r,
                      struct err *err);

/* Songs of the album as a disc, in sectors from the reel's beginning; its tracks lie in `track`, one a song. */
struct disc;
struct disc_track;
void album_files_disc(const struct albumed *r, const struct album_reel *reel, struct disc_track *track, struct disc *d);

/* All of the album, as an image has it. */
struct album_reel album_files_whole(const struct albumed *r);

/* The songs as a record's sides are planned by; the caller frees them. NULL: no memory. */
struct sides_song;
struct sides_song *album_files_sides(const struct albumed *r);

#endif
