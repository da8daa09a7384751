/*
 * For tests of limiters: dense programmes made of formulas, and a judge of what a limiter did to one: how loud it came
 * out, how high its true peaks are, and what its gain did too fast. Test programs only, one thread.
 *
 * Fast gain distortion: the output is compared with the input times the best gain that moves no faster than a spline
 * with a knot every 20 ms can (least squares over both sides, which share the gain). What is left, against the output,
 * is what only a faster gain or anything else than a gain can have made.
 */
#ifndef LIMITJUDGE_H
#define LIMITJUDGE_H

#include <ebur128.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#define JUDGE_KNOT 0.02 /* s between the knots of the slow gain */

struct judged {
	double lufs, peak; /* LUFS, dBTP */
	double distortion; /* dB of the output */
};

enum dense { DENSE_ROCK, DENSE_CLUB, DENSE_ORCHESTRA, DENSES };
static const char *const dense_names[DENSES] = {"rock", "club", "orchestra"};

static inline double
dense_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (double)(int32_t)(*seed >> 32) / 2147483648.0;
}

/* A saw of `hz` with `parts` partials, at time t. */
static inline double
dense_saw(double hz, double t, int parts)
{
	double sum = 0;
	for (int k = 1; k <= parts; k++)
		sum += sin(2 * M_PI * hz * k * t) / k;
	return sum;
}

/* Frames of a programme in which something loud sounds all the time: full chords, bass, and drums on every beat. */
static inline void
dense_make(enum dense kind, float *l, float *r, int frames, int rate)
{
	static const double roots[4] = {55, 65.406, 82.407, 73.416};
	uint64_t seed = 20 + (uint64_t)kind;
	double air = 0, dark = 0, floor = 0;
	for (int n = 0; n < frames; n++) {
		double t = (double)n / rate, noise = dense_random(&seed), root = roots[(int)(t / 2) % 4];
		double beat = fmod(t, 0.5), off = fmod(t + 0.5, 1), eighth = fmod(t, 0.25);
		double mid = 0, side = 0;
		dark += 0.05 * (noise - dark);
		floor += 0.4 * (noise - floor);
		air = noise - floor;
		double kick = sin(2 * M_PI * (48 * beat + 3 * (1 - exp(-beat / 0.03)))) * exp(-beat / 0.12);
		double snare = (0.5 * sin(2 * M_PI * 190 * off) + floor) * exp(-off / 0.08);
		double hat = air * exp(-eighth / 0.04);
		switch (kind) {
		case DENSE_ROCK:
			mid = 0.8 * kick + 0.6 * snare + 0.3 * hat + 0.5 * tanh(2 * dense_saw(root, t, 6));
			side = 0.25 * tanh(3 * (dense_saw(2 * root, t, 4) + dense_saw(3 * root * 1.002, t, 4))) + 0.1 * air;
			break;
		case DENSE_CLUB:
			mid = 1.2 * kick + 0.4 * hat + 0.6 * sin(2 * M_PI * root * t) * (1 - exp(-beat / 0.1)) +
			      0.2 * dense_saw(4 * root, t, 8) * (1 - exp(-beat / 0.15));
			side = 0.2 * dense_saw(6 * root * 1.003, t, 5) + 0.1 * floor;
			break;
		case DENSE_ORCHESTRA:
			for (int k = 0; k < 5; k++)
				mid += 0.12 * dense_saw(root * (2 + k) * (1 + 0.002 * sin(2 * M_PI * 5.1 * t + k)), t, 6);
			mid += 2 * dark * (0.4 + 0.6 * exp(-fmod(t, 2) / 0.6));
			side = 0.15 * dense_saw(root * 4.01, t, 4);
			break;
		case DENSES:
			break;
		}
		l[n] = (float)(0.25 * (mid + side));
		r[n] = (float)(0.25 * (mid - side));
	}
}

/* Integrated loudness and true peak by libebur128. */
static inline struct judged
judge_level(const float *const side[2], int frames, int rate)
{
	ebur128_state *e = ebur128_init(2, (unsigned long)rate, EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK);
	struct judged j = {-HUGE_VAL, -HUGE_VAL, 0};
	double peak[2] = {0, 0};
	float both[2 * 1024];
	for (int n = 0; e && n < frames;) {
		int some = frames - n < 1024 ? frames - n : 1024;
		for (int k = 0; k < some; k++, n++)
			for (int c = 0; c < 2; c++)
				both[2 * k + c] = side[c][n];
		ebur128_add_frames_float(e, both, (size_t)some);
	}
	if (e) {
		ebur128_loudness_global(e, &j.lufs);
		for (unsigned c = 0; c < 2; c++)
			ebur128_true_peak(e, c, &peak[c]);
		j.peak = 20 * log10(fmax(peak[0], peak[1]));
	}
	ebur128_destroy(&e);
	return j;
}

/* The frames that `out` is late, up to `most`: where its product with `in` is greatest, over a second in the middle. */
static inline int
judge_lag(const float *const in[2], const float *const out[2], int frames, int rate, int most)
{
	int begin = frames / 2 - rate / 2 > 0 ? frames / 2 - rate / 2 : 0, late = 0;
	double best = -HUGE_VAL;
	for (int lag = 0; lag <= most; lag++) {
		double sum = 0;
		for (int n = begin; n < begin + rate && n + lag < frames; n++)
			sum += (double)in[0][n] * (double)out[0][n + lag] + (double)in[1][n] * (double)out[1][n + lag];
		if (sum > best) {
			best = sum;
			late = lag;
		}
	}
	return late;
}

/* The four pieces of a cubic B-spline at x = 0 to 1 after a knot. */
static inline void
judge_spline(double x, double w[4])
{
	double y = 1 - x;
	w[0] = y * y * y / 6;
	w[1] = (3 * x * x * x - 6 * x * x + 4) / 6;
	w[2] = (3 * y * y * y - 6 * y * y + 4) / 6;
	w[3] = x * x * x / 6;
}

/* Solves the banded normal equations a[k][d] (k with k + d) by Cholesky, in place; b becomes the solution. */
static inline void
judge_solve(double (*a)[4], double *b, int size)
{
	for (int k = 0; k < size; k++) {
		for (int d = 1; d <= 3 && d <= k; d++)
			a[k][0] -= a[k - d][d] * a[k - d][d];
		a[k][0] = sqrt(a[k][0]);
		for (int d = 1; d <= 3 && k + d < size; d++) {
			for (int m = 1; m + d <= 3 && m <= k; m++)
				a[k][d] -= a[k - m][m] * a[k - m][m + d];
			a[k][d] /= a[k][0];
		}
		for (int d = 1; d <= 3 && d <= k; d++)
			b[k] -= a[k - d][d] * b[k - d];
		b[k] /= a[k][0];
	}
	for (int k = size - 1; k >= 0; k--) {
		for (int d = 1; d <= 3 && k + d < size; d++)
			b[k] -= a[k][d] * b[k + d];
		b[k] /= a[k][0];
	}
}

/* Fast gain distortion of `out`, in dB. */
static inline double
judge_distortion(const float *const in[2], const float *const out[2], int frames, int rate)
{
	double knot = JUDGE_KNOT * rate, w[4], left = 0, all = 0;
	int size = (int)(frames / knot) + 4;
	double(*a)[4] = calloc((size_t)size, sizeof *a), *b = calloc((size_t)size, sizeof *b);
	if (!a || !b)
		abort();
	for (int k = 0; k < size; k++) /* silence has no gain: 1e-12 is nothing beside the rest */
		a[k][0] = 1e-12;
	for (int n = 0; n < frames; n++) {
		int first = (int)(n / knot);
		double xx = 0, xy = 0;
		judge_spline(n / knot - first, w);
		for (int c = 0; c < 2; c++) {
			xx += (double)in[c][n] * (double)in[c][n];
			xy += (double)in[c][n] * (double)out[c][n];
		}
		for (int k = 0; k < 4; k++) {
			b[first + k] += w[k] * xy;
			for (int d = 0; k + d < 4; d++)
				a[first + k][d] += w[k] * w[k + d] * xx;
		}
	}
	judge_solve(a, b, size);
	for (int n = 0; n < frames; n++) {
		int first = (int)(n / knot);
		double gain = 0;
		judge_spline(n / knot - first, w);
		for (int k = 0; k < 4; k++)
			gain += w[k] * b[first + k];
		for (int c = 0; c < 2; c++) {
			double y = (double)out[c][n], e = y - gain * (double)in[c][n];
			left += e * e;
			all += y * y;
		}
	}
	free(a);
	free(b);
	return 10 * log10(left / all + 1e-30);
}

/* All of it, of the frames that have come out of any limiter that is at most `most` frames late. */
static inline struct judged
judge(const float *const in[2], const float *const out[2], int frames, int rate, int most)
{
	int lag = judge_lag(in, out, frames, rate, most);
	const float *const late[2] = {out[0] + lag, out[1] + lag};
	struct judged j = judge_level(late, frames - most, rate);
	j.distortion = judge_distortion(in, late, frames - most, rate);
	return j;
}

#endif
