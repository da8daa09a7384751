/* Decodes what an encoder of ours wrote (Ogg Vorbis, Opus, MP3), from beginning to end. Any thread but the real-time
 * one. */
#ifndef MEDIA_DECODE_H
#define MEDIA_DECODE_H

#include <stdint.h>

#include "base/err.h"

struct decoder;

/* Of 1 or 2 channels. NULL with err filled. */
struct decoder *decoder_open(const char *path, int *rate, int *channels, struct err *err);

/* The next frames, at most `most`, one array a channel; 0 at the end. */
int64_t decoder_read(struct decoder *d, float *const *planar, int64_t most);
void decoder_close(struct decoder *d);

#endif
