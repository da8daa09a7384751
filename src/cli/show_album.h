/* How an album's figures are printed. Control thread. */
#ifndef CLI_SHOW_ALBUM_H
#define CLI_SHOW_ALBUM_H

#include "cli/albuming.h"

/* Songs, who stands apart, balance, gains by each rule, disc and record; then what was written. */
void show_album(const struct albumed *r);
void show_album_json(const struct albumed *r);

/* Nothing but the lines that bring songs closer which stand apart. */
void show_album_lines(const struct albumed *r);

/* Puts these lines into the album's file; `count` of them. -1: err is filled, the file is as it was. */
int show_album_apply(const struct albumed *r, const char *path, const char *variant, size_t *count, struct err *err);

/* Says on stderr what the disc or the loudness lacks; whether anything does. */
int show_album_faults(const struct cli *cli, const struct albumed *r, int image);

#endif
