/*
 * What the detector of coded sound looks for, made here from its definition: sound cut into blocks, transformed by the
 * MDCT as it is written down, rounded in steps and put together again. The grid is found at the very frame where it
 * began, in either window and length of block; not in the sound as it was, nor where the steps are too fine to leave a
 * trace.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "desktest.h"
#include "master/detect_grid.h"

#define EXCERPTS 6
#define FRAMES (EXCERPTS * GRID_EXCERPT)
#define LONGEST 1024
#define STEP 0x1p-15

enum shape { SINE, KAISER };

/* Bessel's function of the first kind and order 0, of an imaginary number: its series. */
static double
bessel(double x)
{
	double term = 1, sum = 1;
	for (int k = 1; k < 80; k++) {
		term *= x / (2 * k) * x / (2 * k);
		sum += term;
	}
	return sum;
}

/* The window of ISO/IEC 13818-7, 11.2: sine, or Kaiser and Bessel's with alpha 4 (long blocks) or 6 (short ones). */
static void
make_window(double *w, int n, enum shape shape)
{
	double all = 0, sum = 0, alpha = M_PI * (n == LONGEST ? 4 : 6);
	for (int k = 0; k <= n; k++)
		all += bessel(alpha * sqrt(1 - pow(2.0 * k / n - 1, 2)));
	for (int k = 0; k < n; k++) {
		sum += bessel(alpha * sqrt(1 - pow(2.0 * k / n - 1, 2)));
		w[k] = w[2 * n - 1 - k] = shape == SINE ? sin(M_PI / (2 * n) * (k + 0.5)) : sqrt(sum / all);
	}
}

static double
noise(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return (double)(int32_t)*seed / 2147483648.0;
}

/* Noise that is darker than white, with tones that die away. */
static void
make_sound(float *x)
{
	uint32_t seed = 4;
	double low = 0;
	for (int t = 0; t < FRAMES; t++) {
		low += 0.4 * (noise(&seed) - low);
		double since = t % 9000, tones = 0;
		for (int k = 1; k <= 12; k++)
			tones += sin(0.0231 * k * t) / k;
		x[t] = (float)(rint((0.05 * low + 0.1 * exp(-since / 3000) * tones) / STEP) * STEP);
	}
}

/* Codes x in blocks of n coefficients that begin at `from`; the steps of 16 are a share of their greatest. */
static void
code(const float *x, float *out, int n, int from, enum shape shape, double share)
{
	double *w = malloc(2 * (size_t)n * sizeof *w), *turn = malloc(8 * (size_t)n * sizeof *turn);
	double *sum = calloc(FRAMES, sizeof *sum), *c = malloc((size_t)n * sizeof *c);
	make_window(w, n, shape);
	for (int k = 0; k < 8 * n; k++)
		turn[k] = cos(M_PI / (4 * n) * k) * sqrt(2.0 / n);
	for (int at = from - n; at < FRAMES; at += n) {
		for (int k = 0; k < n; k++) {
			c[k] = 0;
			for (int t = 0; t < 2 * n; t++)
				if (at + t >= 0 && at + t < FRAMES)
					c[k] += w[t] * (double)x[at + t] * turn[(2 * t + 1 + n) * (2 * k + 1) % (8 * n)];
		}
		for (int band = 0; band < n; band += 16) {
			double most = 0;
			for (int k = band; k < band + 16; k++)
				most = fmax(most, fabs(c[k]));
			for (int k = band; k < band + 16 && most > 0; k++) {
				double q = floor(pow(fabs(c[k]) / (share * most), 0.75) + 0.4054);
				c[k] = copysign(pow(q, 4 / 3.0) * share * most, c[k]);
			}
		}
		for (int t = 0; t < 2 * n; t++) {
			double y = 0;
			if (at + t < 0 || at + t >= FRAMES)
				continue;
			for (int k = 0; k < n; k++)
				y += c[k] * turn[(2 * t + 1 + n) * (2 * k + 1) % (8 * n)];
			sum[at + t] += w[t] * y;
		}
	}
	for (int t = 0; t < FRAMES; t++)
		out[t] = (float)(rint(sum[t] / STEP) * STEP);
	free(w);
	free(turn);
	free(sum);
	free(c);
}

static struct grid_found
find(const float *x)
{
	struct grid_excerpt excerpt[EXCERPTS];
	for (int k = 0; k < EXCERPTS; k++)
		excerpt[k] = (struct grid_excerpt){(int64_t)k * GRID_EXCERPT, x + k * GRID_EXCERPT};
	return grid_find(excerpt, EXCERPTS, STEP);
}

static const struct {
	const char *name;
	int n, from;
	enum shape shape;
	double share;
	enum grid_coder coder;
} cases[] = {
    {"long blocks, sine", 1024, 707, SINE, 0.3, GRID_LONG},
    {"long blocks, Kaiser and Bessel's window", 1024, 0, KAISER, 0.3, GRID_LONG},
    {"short blocks, sine", 128, 77, SINE, 0.3, GRID_LONG},
    {"short blocks, Kaiser and Bessel's window", 128, 1, KAISER, 0.3, GRID_LONG},
    {"steps finer than those of the file", 128, 77, SINE, 1e-5, GRID_NONE},
};

START_TEST(test_grids)
{
	float *x = malloc(FRAMES * sizeof *x), *y = malloc(FRAMES * sizeof *y);
	make_sound(x);
	struct grid_found found = find(x);
	ck_assert_msg(found.coder == GRID_NONE, "never coded: %d at %d, %.1f", (int)found.coder, found.offset, found.clear);
	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
		code(x, y, cases[k].n, cases[k].from, cases[k].shape, cases[k].share);
		found = find(y);
		ck_assert_msg(found.coder == cases[k].coder, "%s: %d at %d, %.1f", cases[k].name, (int)found.coder,
		              found.offset, found.clear);
		if (found.coder == GRID_NONE)
			continue;
		ck_assert_msg(found.period >= 64, "%s: every %d", cases[k].name, found.period);
		ck_assert_msg(found.offset == cases[k].from % found.period, "%s: at %d of %d, not %d", cases[k].name,
		              found.offset, found.period, cases[k].from);
	}
	free(x);
	free(y);
}
END_TEST

TEST_MAIN("lossy", 300, test_grids)
