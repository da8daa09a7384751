#include "base/fft.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"

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

/* One step of Stockham's order (no bit reversal): `half` pairs of runs of `stride` points. */
static void
step(const struct fft *f, size_t half, size_t stride, const float *restrict re, const float *restrict im,
     float *restrict to_re, float *restrict to_im)
{
	for (size_t p = 0; p < half; p++) {
		float c = f->cos[p * stride], s = f->sin[p * stride];
		const float *ar = re + stride * p, *ai = im + stride * p;
		const float *br = re + stride * (p + half), *bi = im + stride * (p + half);
		float *ur = to_re + stride * 2 * p, *ui = to_im + stride * 2 * p;
		for (size_t q = 0; q < stride; q++) {
			float dr = ar[q] - br[q], di = ai[q] - bi[q];
			ur[q] = ar[q] + br[q];
			ui[q] = ai[q] + bi[q];
			ur[q + stride] = dr * c - di * s;
			ui[q + stride] = dr * s + di * c;
		}
	}
}

void
fft_run(struct fft *f, float *re, float *im)
{
	float *from[2] = {re, im}, *to[2] = {f->re, f->im};
	for (size_t half = f->n / 2, stride = 1; half > 0; half /= 2, stride *= 2) {
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
