#include "dsp/dither.h"

#include "base/fmath.h"

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

/* The threshold of hearing in a free field: Hz and dB (ISO 389-7). */
static const struct {
	double hz, db;
} threshold[] = {
    {20, 78.5},    {25, 68.7},    {31.5, 59.5},  {40, 51.1},   {50, 44.0},    {63, 37.5},    {80, 31.5},
    {100, 26.5},   {125, 22.1},   {160, 17.9},   {200, 14.4},  {250, 11.4},   {315, 8.6},    {400, 6.2},
    {500, 4.4},    {630, 3.0},    {750, 2.4},    {800, 2.2},   {1000, 2.4},   {1250, 3.5},   {1500, 2.4},
    {1600, 1.7},   {2000, -1.3},  {2500, -4.2},  {3000, -5.8}, {3150, -6.0},  {4000, -5.4},  {5000, -1.5},
    {6000, 4.3},   {6300, 6.0},   {8000, 12.6},  {9000, 13.9}, {10000, 13.9}, {11200, 13.0}, {12500, 12.3},
    {14000, 18.4}, {16000, 40.2}, {18000, 70.4},
};
#define THRESHOLDS (sizeof threshold / sizeof *threshold)

/*
 * Where the ear is deaf, noise is still energy: beyond this the threshold counts as no higher. It keeps the noise of
 * 16 bits at 44.1 kHz at -76 dBFS in all; 50 dB would make it -73.
 */
#define DEAFEST 45.0

static double
threshold_at(double hz)
{
	size_t k = 0;
	while (k < THRESHOLDS && threshold[k].hz <= hz)
		k++;
	if (k == 0 || k == THRESHOLDS)
		return DEAFEST;
	double from = f_log(threshold[k - 1].hz), part = (f_log(hz) - from) / (f_log(threshold[k].hz) - from);
	double db = threshold[k - 1].db + part * (threshold[k].db - threshold[k - 1].db);
	return db < DEAFEST ? db : DEAFEST;
}

/*
 * The filter 1 + sum h[k] z^-k-1 that makes white noise least audible: it is the linear predictor's error filter for a
 * process with the ear's sensitivity as its spectrum (Gerzon and Craven 1989; Levinson-Durbin over its
 * autocorrelation).
 */
static void
design_shape(double shape[DITHER_ORDER], double rate)
{
	enum { POINTS = 512 };
	double r[DITHER_ORDER + 1] = {0}, a[DITHER_ORDER + 1] = {1};
	for (int i = 0; i < POINTS; i++) {
		double part = (i + 0.5) / POINTS, sensitivity = f_pow(10, -0.1 * threshold_at(part * rate / 2));
		for (int k = 0; k <= DITHER_ORDER; k++)
			r[k] += sensitivity * f_cos(k * part * F_PI);
	}
	double error = r[0];
	for (int m = 1; m <= DITHER_ORDER; m++) {
		double sum = 0, was[DITHER_ORDER + 1];
		for (int j = 0; j < m; j++)
			sum += a[j] * r[m - j];
		double k = -sum / error;
		memcpy(was, a, sizeof was);
		for (int j = 1; j <= m; j++)
			a[j] = was[j] + k * was[m - j];
		error *= 1 - k * k;
	}
	memcpy(shape, a + 1, DITHER_ORDER * sizeof *shape);
}

void
dither_init(struct dither_state *d, enum dither kind, int bits, double rate, int channel)
{
	memset(d, 0, sizeof *d);
	d->kind = kind == DITHER_DEFAULT ? (bits <= 16 ? DITHER_TPDF : DITHER_NONE) : kind;
	d->bits = bits;
	d->seed = (uint64_t)channel;
	d->seed = next(&d->seed);
	if (d->kind == DITHER_SHAPED)
		design_shape(d->shape, rate);
}

static void
run_flat(struct dither_state *d, const float *in, int32_t *out, size_t n)
{
	double scale = (double)(1 << (d->bits - 1));
	double amount = d->kind == DITHER_NONE ? 0 : 1;
	uint64_t seed = d->seed;
	for (size_t k = 0; k < n; k++) {
		double x = limited((double)in[k] * scale) + amount * triangular(&seed);
		out[k] = (int32_t)((x + ROUND) - ROUND);
	}
	d->seed = seed;
}

/* At most SHAPED_BLOCK frames: the errors of the block stand behind those of the past, so that nothing is shifted. */
#define SHAPED_BLOCK 64

static void
run_shaped(struct dither_state *d, const float *in, int32_t *out, size_t n)
{
	double scale = (double)(1 << (d->bits - 1));
	double h[DITHER_ORDER], errors[DITHER_ORDER + SHAPED_BLOCK];
	uint64_t seed = d->seed;
	memcpy(h, d->shape, sizeof h);
	memcpy(errors, d->error, sizeof d->error);
	for (size_t k = 0; k < n; k++) {
		double *e = errors + DITHER_ORDER + k;
		/* The newest error comes last, since all wait for it. */
		double a = h[15] * e[-16] + h[14] * e[-15] + h[13] * e[-14] + h[12] * e[-13] + h[11] * e[-12];
		double b = h[10] * e[-11] + h[9] * e[-10] + h[8] * e[-9] + h[7] * e[-8] + h[6] * e[-7];
		double c = h[5] * e[-6] + h[4] * e[-5] + h[3] * e[-4] + h[2] * e[-3] + h[1] * e[-2];
		double x = limited((double)in[k] * scale) + ((a + b) + c) + h[0] * e[-1];
		double y = ((x + triangular(&seed)) + ROUND) - ROUND;
		e[0] = y - x;
		out[k] = (int32_t)y;
	}
	memcpy(d->error, errors + n, sizeof d->error);
	d->seed = seed;
}

void
dither_run(struct dither_state *d, const float *in, int32_t *out, size_t n)
{
	if (d->kind != DITHER_SHAPED) {
		run_flat(d, in, out, n);
		return;
	}
	for (size_t at = 0; at < n; at += SHAPED_BLOCK)
		run_shaped(d, in + at, out + at, n - at < SHAPED_BLOCK ? n - at : SHAPED_BLOCK);
}
