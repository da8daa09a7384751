/*
 * What a loudness meter keeps, shared by its kernel and its read-outs; nobody else includes it. It belongs to the
 * thread that runs the meter.
 */
#ifndef DSP_LOUDNESS_STATE_H
#define DSP_LOUDNESS_STATE_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fmath.h"
#include "dsp/loudness.h"

#define LOUDNESS_PIECES 300   /* of 10 ms in the ring: 3 s */
#define LOUDNESS_MOMENTARY 40 /* pieces */
#define LOUDNESS_STEP 10      /* pieces between gating blocks: 100 ms */
#define LOUDNESS_GATE (-70.0) /* LUFS, absolute gate and the lower end of the histograms */
#define LOUDNESS_BIN 0.01     /* LU */
#define LOUDNESS_BINS 12000   /* to +50 LUFS; what is above counts as that */
#define LOUDNESS_CHUNK 64     /* frames looked at for peaks at a time */

typedef double loudness_pair __attribute__((vector_size(16))); /* of l and r */

/* Blocks that passed the absolute gate. A bin's mean is exact, so that bins limit nothing but where gates fall. */
struct loudness_histogram {
	uint64_t blocks;
	double energy; /* sum of all */
	uint32_t count[LOUDNESS_BINS];
	double sum[LOUDNESS_BINS];
};

/* Both stages of the K filter: what came in and went out one and two frames ago (x shelf in, y shelf out, z high-pass
 * out). */
struct loudness_filter {
	loudness_pair x1, x2, y1, y2, bend, z1, z2; /* bend: y1 - y2 */
	double b0, b1, b2, a1, a2;                  /* shelf */
	double c1, c2;                              /* high-pass; its numerator is 1 -2 1 */
};

struct loudness {
	struct loudness_filter filter;
	loudness_pair energy; /* of the piece under way */
	int rate;
	uint64_t frames, pieces; /* whole ones so far */
	uint64_t piece_end;      /* frame at which the piece under way ends */
	double ring[LOUDNESS_PIECES];
	double momentary, shortterm;         /* sums over their windows */
	double max_momentary, max_shortterm; /* mean squares */
	struct loudness_histogram gating, range;

	/* peaks: the chunk under way and the one before it, with the bounds of their groups (dsp/truepeak.h) */
	int fill;
	float true_peak[2], peak[2];
	float side[2][2 * LOUDNESS_CHUNK];
	float height[2][2 * LOUDNESS_CHUNK / 8], bend[2][2 * LOUDNESS_CHUNK / 8];
};

/* LUFS of a mean square of both sides. */
static inline double
loudness_of_energy(double energy)
{
	return energy > 0 ? -0.691 + 10 * f_log10(energy) : LOUDNESS_SILENCE;
}

/* The frame at which so many pieces end: the whole frame nearest below, so that pieces never drift. */
static inline uint64_t
loudness_boundary(int rate, uint64_t pieces)
{
	return pieces * (uint64_t)rate / 100;
}

/* Frames in the window of the last `window` pieces. */
static inline double
loudness_window(const struct loudness *m, uint64_t window)
{
	uint64_t from = m->pieces > window ? m->pieces - window : 0;
	return (double)(loudness_boundary(m->rate, from + window) - loudness_boundary(m->rate, from));
}

#endif
