/*
 * For kernels over time: the vectors of dsp/lanes.h hold LANES frames in a row of one signal instead of one frame of
 * LANES strips. Include it before anything that includes dsp/lanes.h. Arithmetic on registers; any thread.
 *
 * The build of width 1 is for machines without vectors; here it works on four frames at a time all the same, which the
 * compiler takes apart where it must (and gcc 12 miscompiles some comparisons of one-element vectors). The bits are the
 * same at any width, since every element goes its own way.
 */
#ifndef DSP_ALONG_H
#define DSP_ALONG_H

#if LANES == 1
#define TIMED_WIDTH 1
#undef LANES
#define LANES 4
#elif LANES == 4
#define TIMED_WIDTH 4
#else
#define TIMED_WIDTH 8
#endif

#include <string.h>

#include "dsp/lanes.h"

/* The public name of a kernel over time, with the width of its build. */
#define TIMED(name) LANED_EXPAND(name, TIMED_WIDTH)

static inline vf
vf_load(const float *x)
{
	vf v;
	memcpy(&v, x, sizeof v);
	return v;
}

static inline void
vf_store(float *x, vf v)
{
	memcpy(x, &v, sizeof v);
}

#endif
