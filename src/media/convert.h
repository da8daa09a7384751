/*
 * From the bytes of a file to planar floats, for every sample format that info names except MEDIA_CODED.
 * Any thread, the real-time one too: no allocation, no state, time in proportion to the frames.
 */
#ifndef MEDIA_CONVERT_H
#define MEDIA_CONVERT_H

#include "media/probe.h"

/*
 * Converts frames whole frames of info's format at raw (any alignment, frames * info->frame_bytes bytes) to
 * planar[0..channels-1], each of frames floats or NULL to skip the channel. Integers of n bits scale by exactly
 * 2^-(n-1); NaN and infinity (a double beyond the range of float too) become silence. Returns how many did.
 */
int64_t media_convert(const struct media_info *info, const void *raw, int64_t frames, float *const *planar);

/* Replaces NaN and infinity by silence in n floats; returns how many there were. */
int64_t media_silence_bad(float *p, int64_t n);

#endif
