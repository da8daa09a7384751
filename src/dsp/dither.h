/*
 * Rounding to whole numbers of a fixed width with dither: flat TPDF or shaped to the ear's threshold. One channel a
 * state, deterministic from a fixed seed, the same bits on every CPU; dither_run is real-time safe, dither_init is not.
 */
#ifndef DSP_DITHER_H
#define DSP_DITHER_H

#include <stddef.h>
#include <stdint.h>

enum dither {
	DITHER_DEFAULT, /* TPDF at 16 bits and below, none above */
	DITHER_NONE,
	DITHER_TPDF,   /* triangular, two steps wide: the error's mean and power do not depend on the signal */
	DITHER_SHAPED, /* TPDF with its noise moved to where the ear is deaf */
};

#define DITHER_ORDER 16

struct dither_state {
	enum dither kind;
	int bits;
	uint64_t seed;              /* of the generator */
	double shape[DITHER_ORDER]; /* what the error of k + 1 frames ago adds; zeros unless shaped */
	double error[DITHER_ORDER]; /* of the last frames in steps, the newest last */
};

/* A state for `channel` (channels are independent) of a stream of `bits` (8 to 24) at `rate` Hz. */
void dither_init(struct dither_state *d, enum dither kind, int bits, double rate, int channel);

/* Rounds n frames (1.0 is 2^(bits-1) steps) to steps; not limited to the width, which pcm_clamp does. */
void dither_run(struct dither_state *d, const float *in, int32_t *out, size_t n);

#endif
