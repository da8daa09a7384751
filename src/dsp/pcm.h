/* From floats to the samples of a file: rounding, limits, byte order. Plain functions of their arguments; any thread.
 */
#ifndef DSP_PCM_H
#define DSP_PCM_H

#include <stddef.h>
#include <stdint.h>

/* What did not fit, of one channel. Zeroed at the start; `frames` counts those seen so far. */
struct pcm_clip {
	uint64_t frames;
	uint64_t clipped;   /* samples outside of the range of the format, set to its end */
	uint64_t first;     /* frame of the first of them */
	uint64_t nonfinite; /* NaN and infinities, written as silence */
};

/* Copies n samples; those that are not finite become 0 and are counted. Counts also what is above full scale if
 * `limit`. */
void pcm_finite(const float *in, float *out, size_t n, int limit, struct pcm_clip *clip);

/* Rounds n finite samples to whole steps of `bits` (16 to 32), to nearest, ties to even, limited and counted. */
void pcm_round(const float *in, int32_t *out, size_t n, int bits, struct pcm_clip *clip);

/* Limits whole steps to `bits` (8 to 24), counting what was outside. */
void pcm_clamp(int32_t *steps, size_t n, int bits, struct pcm_clip *clip);

/* Interleaves 1 or 2 channels as little-endian integers of 16, 24 or 32 bits, floats, or doubles. Bytes written. */
size_t pcm_pack_ints(uint8_t *out, const int32_t *const *in, int channels, size_t n, int bits);
size_t pcm_pack_floats(uint8_t *out, const float *const *in, int channels, size_t n);
size_t pcm_pack_doubles(uint8_t *out, const float *const *in, int channels, size_t n);

/* Bytes beyond the end that pcm_pack_ints may touch. */
#define PCM_SLACK 8

#endif
