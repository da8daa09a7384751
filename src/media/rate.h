/*
 * A streaming converter of sample rates for what is bounced (libsoxr, linear phase, 64 bits inside), delay taken out:
 * frame 0 of the output is at the time of frame 0 of the input. One thread at a time for each converter, never the
 * real-time one. The same bits however the stream is cut; on x86 they differ in the last place between CPUs with AVX
 * and without.
 */
#ifndef MEDIA_RATE_H
#define MEDIA_RATE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum rate_sample {
	RATE_FLOAT,
	RATE_DOUBLE,
};

struct rate;

/* A converter of 1 or 2 channels between whole rates of 1000 to 768000 Hz. NULL with err filled. */
struct rate *rate_new(uint32_t in_hz, uint32_t out_hz, int channels, enum rate_sample in, enum rate_sample out,
                      struct err *err);

/* Room for the output of `frames` of input, in frames. */
size_t rate_room(const struct rate *rate, size_t frames);

/* Frames that come out in all for `frames` in all: the nearest whole number. */
uint64_t rate_length(const struct rate *rate, uint64_t frames);

/*
 * Takes all `frames` of planar input and writes what is ready, rate_room(rate, frames) frames at most, to planar
 * output. `got` is how many; the first calls give less than they take. 0, or -1 with err filled.
 */
int rate_run(struct rate *rate, const void *const *in, size_t frames, void *const *out, size_t *got, struct err *err);

/* After the last input: up to `room` of the frames still to come; none when `got` is 0. 0, or -1 with err filled. */
int rate_drain(struct rate *rate, void *const *out, size_t room, size_t *got, struct err *err);

/* Frees the converter, which may be NULL. */
void rate_free(struct rate *rate);

#endif
