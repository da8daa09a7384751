/*
 * Four floats beside each other, for loops that the compiler does not put into vectors by itself; every machine has
 * registers of that width, or the compiler takes them apart. Pure arithmetic; any thread. For pictures and figures:
 * sound has dsp/lanes.h.
 */
#ifndef BASE_FOUR_H
#define BASE_FOUR_H

#include <stdint.h>
#include <string.h>

typedef float four __attribute__((vector_size(16)));
typedef int32_t four_places __attribute__((vector_size(16))); /* what __builtin_shuffle takes */

static inline four
four_load(const float *x)
{
	four v;
	memcpy(&v, x, sizeof v);
	return v;
}

static inline void
four_store(float *x, four v)
{
	memcpy(x, &v, sizeof v);
}

#endif
