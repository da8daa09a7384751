#include "master/spectrum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fft.h"
#include "base/fmath.h"

/*
 * Two transforms: one of the frames as they come for what is above SPLIT, quick to follow, and one of every eighth
 * frame behind a low-pass for what is below, where it takes a third of a second to tell notes apart.
 */
#define SPLIT 1000.0 /* Hz */
#define THIN 8
#define BLOCK 256 /* frames taken at a time */
#define TAPS 64   /* of the low-pass: what folds back to below SPLIT is 80 dB down */
#define RISE 0.03 /* s */
#define FALL 30.0 /* dB a second */
#define NOISE 1.5 /* bins that Hann's window lets noise through */

/* A transform's frames, the newest last in a ring of n. */
struct window {
	size_t n, at;
	double bin; /* Hz */
	float *x[2];
};

/*
 * past   the last TAPS frames, and room for those that come
 * step   frames until the next one of the thinned row
 */
struct spectrum {
	double rate;
	struct fft *fft;
	struct window fine, fast; /* thinned, and as it comes */
	float *hann, *re, *im, *power;
	float low[TAPS], past[2][TAPS + BLOCK];
	int step;
	float shown[SPECTRUM_BANDS];
};

double
spectrum_hertz(int band)
{
	return 20 * f_exp2(band / 12.0);
}

static int
window_init(struct window *w, int log2, double rate)
{
	w->n = (size_t)1 << log2;
	w->bin = rate / (double)w->n;
	for (int c = 0; c < 2; c++)
		if (!(w->x[c] = calloc(w->n, sizeof(float))))
			return -1;
	return 0;
}

struct spectrum *
spectrum_new(double rate)
{
	int log2 = 9;
	struct spectrum *s = calloc(1, sizeof *s);
	if (!s)
		return NULL;
	while (log2 < 13 && rate / (double)(1 << log2) > 24)
		log2++;
	size_t n = (size_t)1 << log2;
	s->rate = rate;
	s->fft = fft_new(log2);
	s->hann = malloc(n * sizeof(float));
	s->re = malloc(n * sizeof(float));
	s->im = malloc(n * sizeof(float));
	s->power = malloc((n / 2 + 1) * sizeof(float));
	int failed = window_init(&s->fast, log2, rate) | window_init(&s->fine, log2, rate / THIN);
	if (failed || !s->fft || !s->hann || !s->re || !s->im || !s->power) {
		spectrum_free(s);
		return NULL;
	}
	for (size_t t = 0; t < n; t++)
		s->hann[t] = (float)(0.5 - 0.5 * f_cos(2 * F_PI * ((double)t + 0.5) / (double)n));
	/* a sinc of half the thinned rate under Blackman's window, with a sum of 1 */
	double sum = 0, tap[TAPS];
	for (int t = 0; t < TAPS; t++) {
		double x = F_PI * (t - 0.5 * (TAPS - 1)) / THIN, phase = 2 * F_PI * (t + 0.5) / TAPS;
		tap[t] = f_sin(x) / x * (0.42 - 0.5 * f_cos(phase) + 0.08 * f_cos(2 * phase));
		sum += tap[t];
	}
	for (int t = 0; t < TAPS; t++)
		s->low[t] = (float)(tap[t] / sum);
	spectrum_clear(s);
	return s;
}

void
spectrum_free(struct spectrum *s)
{
	if (!s)
		return;
	fft_free(s->fft);
	free(s->hann);
	free(s->re);
	free(s->im);
	free(s->power);
	for (int c = 0; c < 2; c++) {
		free(s->fine.x[c]);
		free(s->fast.x[c]);
	}
	free(s);
}

void
spectrum_clear(struct spectrum *s)
{
	for (int c = 0; c < 2; c++) {
		memset(s->fine.x[c], 0, s->fine.n * sizeof(float));
		memset(s->fast.x[c], 0, s->fast.n * sizeof(float));
	}
	memset(s->past, 0, sizeof s->past);
	for (int k = 0; k < SPECTRUM_BANDS; k++)
		s->shown[k] = (float)SPECTRUM_FLOOR;
}

/* Into a transform's ring. */
static void
keep(struct window *w, int side, const float *x, size_t frames)
{
	size_t first = w->n - w->at < frames ? w->n - w->at : frames;
	memcpy(w->x[side] + w->at, x, first * sizeof *x);
	memcpy(w->x[side], x + first, (frames - first) * sizeof *x);
}

static float
low_pass(const float *tap, const float *x)
{
	float sum[8] = {0};
	for (int k = 0; k < TAPS; k += 8)
		for (int i = 0; i < 8; i++)
			sum[i] += tap[k + i] * x[k + i];
	return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

/* At most BLOCK frames. */
static void
take(struct spectrum *s, const float *const side[2], size_t frames)
{
	size_t first = (size_t)s->step, count = frames > first ? (frames - first + THIN - 1) / THIN : 0;
	float thin[BLOCK / THIN + 1];
	for (int c = 0; c < 2; c++) {
		float *past = s->past[c];
		keep(&s->fast, c, side[c], frames);
		memcpy(past + TAPS, side[c], frames * sizeof *past);
		for (size_t k = 0; k < count; k++)
			thin[k] = low_pass(s->low, past + first + k * THIN);
		keep(&s->fine, c, thin, count);
		memmove(past, past + frames, TAPS * sizeof *past);
	}
	s->step = (int)(first + count * THIN - frames);
	s->fast.at = (s->fast.at + frames) & (s->fast.n - 1);
	s->fine.at = (s->fine.at + count) & (s->fine.n - 1);
}

void
spectrum_take(struct spectrum *s, const float *l, const float *r, size_t frames)
{
	for (size_t at = 0; at < frames; at += BLOCK) {
		const float *const side[2] = {l + at, (r ? r : l) + at};
		take(s, side, frames - at < BLOCK ? frames - at : BLOCK);
	}
}

/* The power of every bin up to half the rate; of a sine at full scale in both sides its peak is 1. */
static void
transform(struct spectrum *s, const struct window *w)
{
	for (size_t t = 0; t < w->n; t++) {
		size_t from = (w->at + t) & (w->n - 1);
		s->re[t] = w->x[0][from] * s->hann[t];
		s->im[t] = w->x[1][from] * s->hann[t];
	}
	fft_run(s->fft, s->re, s->im);
	/* left and right went in as real and imaginary part: |Z(k)|^2 + |Z(-k)|^2 is twice the sum of their powers */
	float scale = 4.0f / ((float)w->n * (float)w->n);
	for (size_t k = 0; k <= w->n / 2; k++) {
		size_t m = (w->n - k) & (w->n - 1);
		s->power[k] = (s->re[k] * s->re[k] + s->im[k] * s->im[k] + s->re[m] * s->re[m] + s->im[m] * s->im[m]) * scale;
	}
}

/*
 * The height of a peak between bins. A sine d bins away from one stands there at sin(pi d) / (pi d (1 - d^2)) of its
 * height, so that the ratio a of the two highest bins says where it is: d = (2 a - 1) / (1 + a).
 */
static double
peak_of(const float *p)
{
	double a = sqrt((double)(p[-1] > p[1] ? p[-1] : p[1]) / (double)p[0]), d = (2 * a - 1) / (1 + a);
	double lost = d > 1e-3 ? f_sin(F_PI * d) / (F_PI * d * (1 - d * d)) : 1;
	return (double)p[0] / (lost * lost);
}

/*
 * What a band holds: the power in it, as noise has it, or the height of a tone in it where that is more, which it is
 * where a band is narrower than the window's own width.
 */
static double
band_power(const struct spectrum *s, const struct window *w, double low, double high)
{
	double sum = 0, peak = 0;
	size_t last = w->n / 2 - 1, from = (size_t)(low / w->bin + 0.5), to = (size_t)(high / w->bin + 0.5);
	for (size_t k = from > 1 ? from : 1; k <= to && k <= last; k++) {
		double begin = ((double)k - 0.5) * w->bin, end = begin + w->bin;
		begin = begin > low ? begin : low;
		end = end < high ? end : high;
		sum += (double)s->power[k] * (end > begin ? (end - begin) / w->bin : 0);
		const float *p = s->power + k;
		if (p[0] > p[-1] && p[0] >= p[1]) {
			double top = peak_of(p);
			peak = top > peak ? top : peak;
		}
	}
	/* between two bins: on the line from one to the other */
	double middle = 0.5 * (low + high) / w->bin, part = middle - f_floor(middle);
	size_t at = (size_t)middle;
	double here = at < last ? (double)s->power[at] * (1 - part) + (double)s->power[at + 1] * part : 0;
	peak = here > peak ? here : peak;
	sum /= NOISE;
	return sum > peak ? sum : peak;
}

void
spectrum_read(struct spectrum *s, double seconds, float db[SPECTRUM_BANDS])
{
	const double half = f_exp2(1 / 24.0);
	const struct window *w = NULL;
	double rise = 1 - f_exp(-seconds / RISE), fall = FALL * seconds;
	for (int k = 0; k < SPECTRUM_BANDS; k++) {
		double hz = spectrum_hertz(k), now = SPECTRUM_FLOOR;
		const struct window *of = hz < SPLIT ? &s->fine : &s->fast;
		if (of != w)
			transform(s, w = of);
		if (hz * half < s->rate / 2) {
			double power = band_power(s, w, hz / half, hz * half);
			now = power > 0 ? 10 * log10(power) : SPECTRUM_FLOOR;
			now = now > SPECTRUM_FLOOR ? now : SPECTRUM_FLOOR;
		}
		double was = (double)s->shown[k], y = was + (now - was) * rise;
		if (now < was)
			y = was - fall > now ? was - fall : now;
		s->shown[k] = db[k] = (float)y;
	}
}
