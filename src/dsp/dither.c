#include "dsp/dither.h"

#include <string.h>

/* The mark of a double's whole numbers: adding and taking it away rounds to nearest, ties to even. */
#define ROUND 6755399441055744.0 /* 1.5 * 2^52 */
#define LIMIT 1073741824.0       /* far beyond any width, and safe in int32_t with its dither */

/* splitmix64 (Steele, Lea, Flood 2014): a counter and a hash, so that channels begin at places far from each other. */
static inline uint64_t
next(uint64_t *seed)
{
	uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* Triangular in (-1, 1), mean 0, variance 1/6: the sum of two rectangular numbers. */
static inline double
triangular(uint64_t *seed)
{
	uint64_t z = next(seed);
	int64_t sum = (int64_t)(z >> 32) + (int64_t)(z & 0xffffffff) - 0xffffffff;
	return (double)sum * (1.0 / 4294967296.0);
}

static inline double
limited(double x)
{
	return x > LIMIT ? LIMIT : x < -LIMIT ? -LIMIT : x;
}

void
dither_init(struct dither_state *d, enum dither kind, int bits, double rate, int channel)
{
	(void)rate;
	memset(d, 0, sizeof *d);
	d->kind = kind == DITHER_DEFAULT ? (bits <= 16 ? DITHER_TPDF : DITHER_NONE) : kind;
	d->bits = bits;
	d->seed = (uint64_t)channel;
	d->seed = next(&d->seed);
}

void
dither_run(struct dither_state *d, const float *in, int32_t *out, size_t n)
{
	double scale = (double)(1 << (d->bits - 1));
	uint64_t seed = d->seed;
	for (size_t k = 0; k < n; k++) {
		double x = limited((double)in[k] * scale);
		if (d->kind != DITHER_NONE)
			x += triangular(&seed);
		out[k] = (int32_t)((x + ROUND) - ROUND);
	}
	d->seed = seed;
}
