/* What a stem looks like in one word, to notice that it is another one now. Any thread but the real-time one. */
#ifndef MEDIA_PRINT_H
#define MEDIA_PRINT_H

#include <stddef.h>

#include "base/err.h"
#include "media/probe.h"

/*
 * "RATE/CHANNELS/FRAMES/HASH": the hash is FNV-1a over the size and the bytes of 16 places spread
 * over the file (16 KiB each). -1 with err filled where it cannot be read.
 */
int media_print(const char *path, const struct media_info *info, char *text, size_t size, struct err *err);

#endif
