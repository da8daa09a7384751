/* The formats of a sink that libsndfile writes: FLAC, Ogg Vorbis, Opus, MP3. One thread at a time, not the real-time
 * one. */
#ifndef MEDIA_SNDOUT_H
#define MEDIA_SNDOUT_H

#include "media/part.h"
#include "media/sink.h"

struct sndout;

/* An encoder into `part`, which stays the caller's. NULL with err filled where the format cannot hold what spec says.
 */
struct sndout *sndout_open(struct part *part, const struct sink_spec *spec, struct err *err);

/* Appends planar frames: whole steps of `width` bits, or floats. */
int sndout_ints(struct sndout *out, const int32_t *const *planar, size_t frames, int width, struct err *err);
int sndout_floats(struct sndout *out, const float *const *planar, size_t frames, struct err *err);

/* Writes what the encoder still holds; only sndout_close may follow. */
int sndout_finish(struct sndout *out, struct err *err);

/* Frees the encoder, which may be NULL. */
void sndout_close(struct sndout *out);

#endif
