/*
 * For kernels whose vectors hold four things of one stereo signal, its bands or its halves: the vectors of dsp/lanes.h
 * at four lanes in every build, so that the bits are the same in all. Include it before anything that includes
 * dsp/lanes.h. Arithmetic on registers; any thread.
 */
#ifndef DSP_QUADS_H
#define DSP_QUADS_H

#if LANES == 1
#define QUADS_WIDTH 1
#elif LANES == 4
#define QUADS_WIDTH 4
#else
#define QUADS_WIDTH 8
#endif
#undef LANES
#define LANES 4

#include "dsp/lanes.h"

/* The public name of such a kernel, with the width of its build. */
#define QUADS(name) LANED_EXPAND(name, QUADS_WIDTH)

/* Four elements of two vectors: 0 to 3 of a, 4 to 7 of b. */
#ifdef __clang__
#define QUAD_PICK(a, b, w, x, y, z) __builtin_shufflevector(a, b, w, x, y, z)
#else
#define QUAD_PICK(a, b, w, x, y, z) __builtin_shuffle(a, b, (vi){w, x, y, z})
#endif

#endif
