#include "base/fft.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "base/four.h"

struct fft {
	int log2;
	size_t n;
	float *cos, *sin; /* of -2 pi k / n, k below n / 2 */
	float *re, *im;   /* the other half of each step */
};

struct fft *
fft_new(int log2)
{
	struct fft *f = calloc(1, sizeof *f);
	if (!f)
		return NULL;
	f->log2 = log2;
	f->n = (size_t)1 << log2;
	f->cos = malloc(f->n / 2 * sizeof(float));
	f->sin = malloc(f->n / 2 * sizeof(float));
	f->re = malloc(f->n * sizeof(float));
	f->im = malloc(f->n * sizeof(float));
	if (!f->cos || !f->sin || !f->re || !f->im) {
		fft_free(f);
		return NULL;
	}
	for (size_t k = 0; k < f->n / 2; k++) {
		double angle = -2 * F_PI * (double)k / (double)f->n;
		f->cos[k] = (float)f_cos(angle);
		f->sin[k] = (float)f_sin(angle);
	}
	return f;
}

void
fft_free(struct fft *f)
{
	if (!f)
		return;
	free(f->cos);
	free(f->sin);
	free(f->re);
	free(f->im);
	free(f);
}

/* A run of `stride` pairs with one factor. */
static inline void
pairs(size_t stride, float c, float s, const float *ar, const float *ai, const float *br, const float *bi, float *ur,
      float *ui)
{
	size_t q = 0;
	for (; q + 4 <= stride; q += 4) {
		four dr = four_load(ar + q) - four_load(br + q), di = four_load(ai + q) - four_load(bi + q);
		four_store(ur + q, four_load(ar + q) + four_load(br + q));
		four_store(ui + q, four_load(ai + q) + four_load(bi + q));
		four_store(ur + q + stride, dr * c - di * s);
		four_store(ui + q + stride, dr * s + di * c);
	}
	for (; q < stride; q++) {
		float dr = ar[q] - br[q], di = ai[q] - bi[q];
		ur[q] = ar[q] + br[q];
		ui[q] = ai[q] + bi[q];
		ur[q + stride] = dr * c - di * s;
		ui[q + stride] = dr * s + di * c;
	}
}

/* One step of Stockham's order (no bit reversal): `half` pairs of runs of `stride` points. */
static void
step(const struct fft *f, size_t half, size_t stride, const float *restrict re, const float *restrict im,
     float *restrict to_re, float *restrict to_im)
{
	for (size_t p = 0; p < half; p++) {
		size_t a = stride * p, b = stride * (p + half), u = stride * 2 * p;
		pairs(stride, f->cos[a], f->sin[a], re + a, im + a, re + b, im + b, to_re + u, to_im + u);
	}
}

static void
zip(float *to, four even, four odd)
{
	four_store(to, __builtin_shuffle(even, odd, (four_places){0, 4, 1, 5}));
	four_store(to + 4, __builtin_shuffle(even, odd, (four_places){2, 6, 3, 7}));
}

/* The first step: its runs have one point each, so four of them go together; `half` is a multiple of four. */
static void
first_step(const struct fft *f, size_t half, const float *restrict re, const float *restrict im, float *restrict to_re,
           float *restrict to_im)
{
	for (size_t p = 0; p < half; p += 4) {
		four ar = four_load(re + p), ai = four_load(im + p), br = four_load(re + p + half),
		     bi = four_load(im + p + half);
		four c = four_load(f->cos + p), s = four_load(f->sin + p), dr = ar - br, di = ai - bi;
		zip(to_re + 2 * p, ar + br, dr * c - di * s);
		zip(to_im + 2 * p, ai + bi, dr * s + di * c);
	}
}

void
fft_run(struct fft *f, float *re, float *im)
{
	float *from[2] = {re, im}, *to[2] = {f->re, f->im};
	for (size_t half = f->n / 2, stride = 1; half > 0; half /= 2, stride *= 2) {
		if (stride == 1 && half % 4 == 0)
			first_step(f, half, from[0], from[1], to[0], to[1]);
		else
			step(f, half, stride, from[0], from[1], to[0], to[1]);
		for (int k = 0; k < 2; k++) {
			float *was = from[k];
			from[k] = to[k];
			to[k] = was;
		}
	}
	if (from[0] != re) {
		memcpy(re, from[0], f->n * sizeof *re);
		memcpy(im, from[1], f->n * sizeof *im);
	}
}
