#include "master/balance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fft.h"
#include "base/fmath.h"
#include "base/units.h"

/*
 * Blocks of some 0.34 s (bins of 3 Hz or less: four to the lowest third), half over one another, with Hann's window.
 *
 * fill     frames in x
 * mid, side  power of each bin, summed over the blocks
 */
struct balance {
	double rate;
	struct fft *fft;
	size_t n, fill, blocks;
	int fresh; /* whether x holds frames that no block has seen */
	float *window, *x[2], *work[2];
	double *mid, *side, energy; /* energy: sum of the window's squares */
};

struct balance *
balance_new(double rate)
{
	int log2 = 12;
	struct balance *b = calloc(1, sizeof *b);
	if (!b)
		return NULL;
	while (rate / (double)(1 << log2) > 3)
		log2++;
	b->rate = rate;
	b->n = (size_t)1 << log2;
	b->fft = fft_new(log2);
	b->window = malloc(b->n * sizeof(float));
	b->mid = calloc(b->n, sizeof(double));
	b->side = calloc(b->n, sizeof(double));
	int lacking = !b->fft || !b->window || !b->mid || !b->side;
	for (int c = 0; c < 2; c++) {
		b->x[c] = calloc(b->n, sizeof(float));
		b->work[c] = calloc(b->n, sizeof(float));
		lacking = lacking || !b->x[c] || !b->work[c];
	}
	if (lacking) {
		balance_free(b);
		return NULL;
	}
	for (size_t t = 0; t < b->n; t++) {
		double w = 0.5 - 0.5 * f_cos(2 * F_PI * ((double)t + 0.5) / (double)b->n);
		b->window[t] = (float)w;
		b->energy += w * w;
	}
	return b;
}

void
balance_free(struct balance *b)
{
	if (!b)
		return;
	fft_free(b->fft);
	free(b->window);
	free(b->mid);
	free(b->side);
	for (int c = 0; c < 2; c++) {
		free(b->x[c]);
		free(b->work[c]);
	}
	free(b);
}

/* Left and right go through one transform as real and imaginary part and are told apart by symmetry. */
static void
block(struct balance *b)
{
	float *re = b->work[0], *im = b->work[1];
	for (size_t t = 0; t < b->n; t++) {
		re[t] = b->x[0][t] * b->window[t];
		im[t] = b->x[1][t] * b->window[t];
	}
	fft_run(b->fft, re, im);
	for (size_t k = 1; k < b->n / 2; k++) {
		size_t m = b->n - k;
		double lr = (double)(re[k] + re[m]) / 2, li = (double)(im[k] - im[m]) / 2;
		double rr = (double)(im[k] + im[m]) / 2, ri = (double)(re[m] - re[k]) / 2;
		double mr = (lr + rr) / 2, mi = (li + ri) / 2, sr = (lr - rr) / 2, si = (li - ri) / 2;
		b->mid[k] += mr * mr + mi * mi;
		b->side[k] += sr * sr + si * si;
	}
	b->blocks++;
	b->fresh = 0;
}

void
balance_take(struct balance *b, const float *l, const float *r, size_t frames)
{
	while (frames > 0) {
		size_t n = b->n - b->fill < frames ? b->n - b->fill : frames;
		memcpy(b->x[0] + b->fill, l, n * sizeof *l);
		memcpy(b->x[1] + b->fill, r, n * sizeof *r);
		l += n;
		r += n;
		frames -= n;
		b->fill += n;
		b->fresh = 1;
		if (b->fill < b->n)
			break;
		block(b);
		b->fill = b->n / 2;
		for (int c = 0; c < 2; c++)
			memmove(b->x[c], b->x[c] + b->n / 2, b->n / 2 * sizeof(float));
	}
}

double
balance_hertz(int band)
{
	return 1000 * f_exp2((band - 17) / 10.0 * 3.32192809488736234787);
}

const char *
balance_name(int band)
{
	static const char *const names[BALANCE_BANDS] = {"20",  "25",   "31.5",  "40",   "50",    "63",   "80",    "100",
	                                                 "125", "160",  "200",   "250",  "315",   "400",  "500",   "630",
	                                                 "800", "1k",   "1.25k", "1.6k", "2k",    "2.5k", "3.15k", "4k",
	                                                 "5k",  "6.3k", "8k",    "10k",  "12.5k", "16k",  "20k"};
	return names[band];
}

/* The sum of a spectrum between two frequencies; bins at the edges count by what of them lies inside. */
static double
between(const struct balance *b, const double *power, double low, double high)
{
	double bin = b->rate / (double)b->n, sum = 0;
	for (size_t k = 1; k < b->n / 2; k++) {
		double from = ((double)k - 0.5) * bin, to = ((double)k + 0.5) * bin;
		double begin = from > low ? from : low, end = to < high ? to : high;
		if (end > begin)
			sum += power[k] * (end - begin) / bin;
	}
	return sum;
}

void
balance_finish(struct balance *b, struct balance_band band[BALANCE_BANDS])
{
	const double half = f_exp2(0.05 * 3.32192809488736234787); /* half a third: 10^(1/20) */
	/* the last part of a block is left out, as its end would cut tones off; not where there is nothing else */
	if (b->fresh && b->blocks == 0) {
		for (int c = 0; c < 2; c++)
			memset(b->x[c] + b->fill, 0, (b->n - b->fill) * sizeof(float));
		block(b);
	}
	/* two-sided, and l^2 + r^2 = 2 (m^2 + s^2); a full sine on both sides is 1 */
	double scale = b->blocks ? 4.0 / ((double)b->blocks * b->energy * (double)b->n) : 0;
	for (int k = 0; k < BALANCE_BANDS; k++) {
		double low = balance_hertz(k) / half, high = balance_hertz(k) * half;
		double mid = between(b, b->mid, low, high), side = between(b, b->side, low, high);
		double all = (mid + side) * scale;
		band[k].level = all > 0 ? 10 * f_log10(all) : -HUGE_VAL;
		band[k].width = side <= 0 ? (mid > 0 ? -HUGE_VAL : 0) : mid > 0 ? 10 * f_log10(side / mid) : HUGE_VAL;
	}
}

double
balance_power(double db)
{
	return db > -1000 ? f_pow(10, db / 10) : 0;
}

double
balance_whole(const struct balance_band band[BALANCE_BANDS])
{
	double all = 0;
	for (int k = 0; k < BALANCE_BANDS; k++)
		all += balance_power(band[k].level);
	return all > 0 ? 10 * f_log10(all) : -HUGE_VAL;
}
