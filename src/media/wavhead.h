/* Headers of WAV, RF64 and W64 files. Plain functions of their arguments; any thread. */
#ifndef MEDIA_WAVHEAD_H
#define MEDIA_WAVHEAD_H

#include "media/sink.h"

/* Bytes of the header of this spec, whose format and bits are settled: the samples begin there. */
size_t wavhead_size(const struct sink_spec *spec);

/*
 * Writes that many bytes for a file of `frames`. A WAV whose length does not fit 32 bits becomes RF64 (EBU Tech 3306):
 * its header keeps the place in a JUNK chunk, so the size never changes.
 */
void wavhead_write(const struct sink_spec *spec, uint64_t frames, uint8_t *out);

/* Writes the header of a WAV of two channels of 32-bit floats that is sent while it grows: its sizes are the greatest.
 */
#define WAVHEAD_STREAM 58 /* bytes */
void wavhead_stream(double rate, uint8_t out[WAVHEAD_STREAM]);

/* Zero bytes that follow the samples. */
size_t wavhead_padding(const struct sink_spec *spec, uint64_t frames);

/* Bytes of one frame. */
size_t wavhead_frame(const struct sink_spec *spec);

#endif
