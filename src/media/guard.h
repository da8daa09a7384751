/*
 * The first open of a file by libsndfile, in a child process whose time and memory end before ours would, for media/
 * alone. Any thread but the real-time one; takes up to two seconds. Memory that a real-time thread writes to should be
 * marked MADV_DONTFORK, or its pages are copied on the first write while a child lives.
 */
#ifndef MEDIA_GUARD_H
#define MEDIA_GUARD_H

#include "base/err.h"
#include "media/probe.h"

/*
 * Lets libsndfile open the file at fd and read its first block. Fills frames, channels and rate of info from what it
 * found; where info has them already they must agree. err gets the reason alone.
 */
int guard_sndfile(int fd, struct media_info *info, struct err *err);

#endif
