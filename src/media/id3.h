/* ID3v2.4 tags, which stand before the sound of an MP3: what libsndfile cannot write. Any thread but the real-time one.
 */
#ifndef MEDIA_ID3_H
#define MEDIA_ID3_H

#include "media/sink.h"

/*
 * The bytes of such a tag, which the caller frees: all that tags have, ReplayGain too, and a comment (NULL: none).
 * NULL: no memory.
 */
unsigned char *id3_tag(const struct sink_tags *t, const char *comment, size_t *size);

#endif
