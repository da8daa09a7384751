#include "master/detect_grid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fft.h"
#include "base/fmath.h"
#include "session/text.h"

/*
 * The inverse decoder (Herre and Schug, Analysis of decompressed audio, AES 109, 2000; Moehrs, Herre and Geiger, AES
 * 112, 2002), of which the first step alone is needed: for each frame that a block could begin at, the mean logarithm
 * of all coefficients. At the right one a good part of them was rounded to nothing, so that the mean falls; one frame
 * beside it every phase is another and nothing is missing.
 *
 * depth  by offset: how far the mean lies below those beside it, in their usual deviation
 */
#define NEAR_FROM 3
#define NEAR_TO 18
#define DEEP 10.0 /* depth of one excerpt that counts, at most: a stroke in one alone is no grid */

#define LONG 1024 /* coefficients of a block of AAC, and of a long one of Vorbis */
#define LONG_BLOCKS 3
#define LOWEST 16 /* coefficients below are not looked at: a frame hardly turns their phase */

#define BANDS 32 /* of the polyphase bank of MP3 */
#define TAPS 512
#define LINES 18 /* of a band */
#define GRANULE (BANDS * LINES)
#define GRANULES 6
#define SLOTS ((GRID_EXCERPT - TAPS) / BANDS)

/* The first half of the prototype of the polyphase bank, of 65536: ISO/IEC 11172-3, table B.3, without its signs. */
static const int prototype[TAPS / 2 + 1] = {
    0,     -1,    -1,    -1,    -1,    -1,    -1,    -2,    -2,    -2,    -2,    -3,    -3,    -4,    -4,    -5,
    -5,    -6,    -7,    -7,    -8,    -9,    -10,   -11,   -13,   -14,   -16,   -17,   -19,   -21,   -24,   -26,
    -29,   -31,   -35,   -38,   -41,   -45,   -49,   -53,   -58,   -63,   -68,   -73,   -79,   -85,   -91,   -97,
    -104,  -111,  -117,  -125,  -132,  -139,  -147,  -154,  -161,  -169,  -176,  -183,  -190,  -196,  -202,  -208,
    -213,  -218,  -222,  -225,  -227,  -228,  -228,  -227,  -224,  -221,  -215,  -208,  -200,  -189,  -177,  -163,
    -146,  -127,  -106,  -83,   -57,   -29,   2,     36,    72,    111,   153,   197,   244,   294,   347,   401,
    459,   519,   581,   645,   711,   779,   848,   919,   991,   1064,  1137,  1210,  1283,  1356,  1428,  1498,
    1567,  1634,  1698,  1759,  1817,  1870,  1919,  1962,  2001,  2032,  2057,  2075,  2085,  2087,  2080,  2063,
    2037,  2000,  1952,  1893,  1822,  1739,  1644,  1535,  1414,  1280,  1131,  970,   794,   605,   402,   185,
    -45,   -288,  -545,  -814,  -1095, -1388, -1692, -2006, -2330, -2663, -3004, -3351, -3705, -4063, -4425, -4788,
    -5153, -5517, -5879, -6237, -6589, -6935, -7271, -7597, -7910, -8209, -8491, -8755, -8998, -9219, -9416, -9585,
    -9727, -9838, -9916, -9959, -9966, -9935, -9863, -9750, -9592, -9389, -9139, -8840, -8492, -8092, -7640, -7134,
    -6574, -5959, -5288, -4561, -3776, -2935, -2037, -1082, -70,   998,   2122,  3300,  4533,  5818,  7154,  8540,
    9975,  11455, 12980, 14548, 16155, 17799, 19478, 21189, 22929, 24694, 26482, 28289, 30112, 31947, 33791, 35640,
    37489, 39336, 41176, 43006, 44821, 46617, 48390, 50137, 51853, 53534, 55178, 56778, 58333, 59838, 61289, 62684,
    64019, 65290, 66494, 67629, 68692, 69679, 70590, 71420, 72169, 72835, 73415, 73908, 74313, 74630, 74856, 74992,
    75038};

/* Of the butterflies against aliases: ISO/IEC 11172-3, table B.9. */
static const double alias[8] = {-0.6, -0.535, -0.33, -0.185, -0.095, -0.041, -0.0142, -0.0037};

struct grid {
	float floor; /* power below which a coefficient is nothing */
	struct fft *fft;
	float turn_re[LONG / 2], turn_im[LONG / 2];
	float long_window[2][2 * LONG]; /* sine, Kaiser and Bessel's */
	float tap[TAPS], matrix[64][BANDS], transform[LINES][LINES], window[2 * LINES];
	float butterfly[2][8];
	float band[BANDS][SLOTS][BANDS]; /* by phase, slot and band */
	double mean[LONG];
};

/* Kaiser and Bessel's window of AAC, alpha 4 (ISO/IEC 13818-7, 11.2). */
static void
kaiser(float *window)
{
	double sum = 0, upto[LONG + 1];
	for (int k = 0; k <= LONG; k++) {
		double r = 2.0 * k / LONG - 1, x = F_PI * 4 * sqrt(1 - r * r) / 2, term = 1, bessel = 1;
		for (int i = 1; i < 60; i++) {
			term *= x / i * x / i;
			bessel += term;
		}
		upto[k] = sum += bessel;
	}
	for (int k = 0; k < LONG; k++)
		window[k] = window[2 * LONG - 1 - k] = (float)sqrt(upto[k] / sum);
}

static struct grid *
grid_new(double step)
{
	struct grid *g = text_alloc(sizeof *g);
	memset(g, 0, sizeof *g);
	/* rounding has a deviation of step / sqrt(12), and so have orthonormal coefficients of it */
	g->floor = (float)(step * step / 9);
	for (int k = 0; k < LONG / 2; k++) {
		g->turn_re[k] = (float)f_cos(F_PI * (4 * k + 1) / (4 * LONG));
		g->turn_im[k] = (float)-f_sin(F_PI * (4 * k + 1) / (4 * LONG));
	}
	for (int k = 0; k < 2 * LONG; k++) {
		double sine = f_sin(F_PI / (2 * LONG) * (k + 0.5));
		g->long_window[0][k] = (float)sine;
	}
	kaiser(g->long_window[1]);
	for (int k = 0; k < TAPS; k++) {
		int p = prototype[k <= TAPS / 2 ? k : TAPS - k];
		g->tap[k] = (float)((k >> 6 & 1 ? -p : p) / 65536.0 / 4);
	}
	for (int i = 0; i < 64; i++)
		for (int k = 0; k < BANDS; k++)
			g->matrix[i][k] = (float)cos((2 * k + 1) * (i - 16) * F_PI / 64);
	for (int i = 0; i < 2 * LINES; i++)
		g->window[i] = (float)f_sin(F_PI / (2 * LINES) * (i + 0.5));
	for (int m = 0; m < LINES; m++)
		for (int i = 0; i < LINES; i++)
			g->transform[m][i] = (float)(cos(F_PI / LINES * (i + 0.5) * (m + 0.5)) / 3);
	for (int i = 0; i < 8; i++) {
		g->butterfly[0][i] = (float)(1 / sqrt(1 + alias[i] * alias[i]));
		g->butterfly[1][i] = (float)(alias[i] / sqrt(1 + alias[i] * alias[i]));
	}
	g->fft = fft_new(9);
	if (g->fft)
		return g;
	free(g);
	return NULL;
}

static void
grid_free(struct grid *g)
{
	if (g)
		fft_free(g->fft);
	free(g);
}

/* The logarithm to base 2 of a positive number, from its bits: 0.09 too low at most, which is enough for a mean. */
static inline float
roughly_log2(float x)
{
	int32_t bits;
	memcpy(&bits, &x, sizeof bits);
	return (float)bits * 0x1p-23F - 127;
}

/* The mean logarithm of n powers, a multiple of 32. */
static double
mean_log(const float *power, int n)
{
	float sum[32] = {0}, all = 0;
	for (int k = 0; k < n; k += 32)
		for (int i = 0; i < 32; i++)
			sum[i] += roughly_log2(power[k + i]);
	for (int i = 0; i < 32; i++)
		all += sum[i];
	return (double)(all / (float)n);
}

/* Powers of the coefficients of 2 LONG frames (the transform through one of a fourth of the length). */
static void
long_block(struct grid *g, const float *x, const float *w, float *power)
{
	enum { N = LONG, H = LONG / 2 };
	float u[N], re[H], im[H];
	for (int n = 0; n < H; n++) {
		u[n] = -w[3 * H - 1 - n] * x[3 * H - 1 - n] - w[3 * H + n] * x[3 * H + n];
		u[H + n] = w[n] * x[n] - w[N - 1 - n] * x[N - 1 - n];
	}
	for (int n = 0; n < H; n++) {
		float a = u[2 * n], b = u[N - 1 - 2 * n];
		re[n] = a * g->turn_re[n] - b * g->turn_im[n];
		im[n] = a * g->turn_im[n] + b * g->turn_re[n];
	}
	fft_run(g->fft, re, im);
	for (int k = 0; k < H; k++) {
		float a = re[k] * g->turn_re[k] - im[k] * g->turn_im[k], b = re[k] * g->turn_im[k] + im[k] * g->turn_re[k];
		power[k] = a * a * (2.0F / N) + g->floor;
		power[H + k] = b * b * (2.0F / N) + g->floor;
	}
}

/* Fills mean[] for each offset of long blocks of a window. */
static void
long_grid(struct grid *g, const float *x, const float *window)
{
	float power[LONG];
	for (int o = 0; o < LONG; o++) {
		g->mean[o] = 0;
		for (int j = 0; j < LONG_BLOCKS; j++) {
			long_block(g, x + o + j * LONG, window, power);
			/* coefficient 2k lies at k, and N - 1 - 2k at N / 2 + k */
			for (int k = 0; k < LOWEST / 2; k++)
				power[k] = power[LONG - 1 - k] = g->floor;
			g->mean[o] += mean_log(power, LONG);
		}
	}
}

/* Runs the polyphase bank at every phase. */
static void
split_bands(struct grid *g, const float *x)
{
	for (int phase = 0; phase < BANDS; phase++)
		for (int t = 0; t < SLOTS; t++) {
			const float *from = x + phase + BANDS * t;
			float y[64] = {0}, *out = g->band[phase][t];
			for (int j = 0; j < TAPS; j += 64)
				for (int i = 0; i < 64; i++)
					y[i] += g->tap[TAPS - 1 - i - j] * from[TAPS - 1 - i - j];
			float sum[BANDS] = {0};
			for (int i = 0; i < 64; i++)
				for (int k = 0; k < BANDS; k++)
					sum[k] += g->matrix[i][k] * y[i];
			memcpy(out, sum, sizeof sum);
		}
}

/* Powers of the lines of a granule that begins at a slot; every other sample of every other band is upside down. */
static void
granule(struct grid *g, const float (*slot)[BANDS], float *power)
{
	enum { L = LINES, H = LINES / 2 };
	float u[L][BANDS], line[L][BANDS];
	for (int n = 0; n < H; n++)
		for (int k = 0; k < BANDS; k++) {
			int a = 3 * H - 1 - n, b = 3 * H + n, c = n, d = L - 1 - n;
			float odd = k & 1 ? -1.0F : 1.0F;
			u[n][k] = -g->window[a] * (a & 1 ? odd : 1) * slot[a][k] - g->window[b] * (b & 1 ? odd : 1) * slot[b][k];
			u[H + n][k] = g->window[c] * (c & 1 ? odd : 1) * slot[c][k] - g->window[d] * (d & 1 ? odd : 1) * slot[d][k];
		}
	for (int m = 0; m < L; m++) {
		float sum[BANDS] = {0};
		for (int i = 0; i < L; i++)
			for (int k = 0; k < BANDS; k++)
				sum[k] += g->transform[m][i] * u[i][k];
		memcpy(line[m], sum, sizeof sum);
	}
	for (int i = 0; i < 8; i++)
		for (int k = 0; k + 1 < BANDS; k++) {
			float below = line[L - 1 - i][k], above = line[i][k + 1], s = g->butterfly[0][i], c = g->butterfly[1][i];
			line[L - 1 - i][k] = below * s + above * c;
			line[i][k + 1] = above * s - below * c;
		}
	for (int m = 0; m < L; m++)
		for (int k = 0; k < BANDS; k++)
			power[m * BANDS + k] = line[m][k] * line[m][k] + g->floor;
}

static void
granule_grid(struct grid *g, const float *x)
{
	float power[GRANULE];
	split_bands(g, x);
	for (int o = 0; o < GRANULE; o++) {
		g->mean[o] = 0;
		for (int j = 0; j < GRANULES; j++) {
			granule(g, g->band[o % BANDS] + o / BANDS + LINES * j, power);
			for (int m = 0; m < LOWEST / 2; m++)
				power[m * BANDS] = g->floor;
			g->mean[o] += mean_log(power, GRANULE);
		}
	}
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double
median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof *v, by_value);
	return v[n / 2];
}

/* The usual deviation of values about zero. */
static double
deviation(const double *v, int n)
{
	double size[LONG];
	for (int k = 0; k < n; k++)
		size[k] = fabs(v[k]);
	return 1.4826 * median(size, n);
}

/* depth[] of mean[]; a step of the sound itself lies on both sides of its frame and is no depth. */
static void
deepen(const double *mean, int n, double *depth)
{
	for (int o = 0; o < n; o++) {
		double left[NEAR_TO], right[NEAR_TO], least = HUGE_VAL;
		int lefts = 0, rights = 0;
		for (int i = NEAR_FROM; i <= NEAR_TO; i++) {
			if (o - i >= 0)
				left[lefts++] = mean[o - i];
			if (o + i < n)
				right[rights++] = mean[o + i];
		}
		if (lefts > 0)
			least = median(left, lefts) - mean[o];
		if (rights > 0)
			least = fmin(least, median(right, rights) - mean[o]);
		depth[o] = least;
	}
	double sorted[LONG], middle;
	memcpy(sorted, depth, (size_t)n * sizeof *depth);
	middle = median(sorted, n);
	for (int o = 0; o < n; o++)
		depth[o] -= middle;
	double usual = deviation(depth, n) + 1e-5;
	for (int o = 0; o < n; o++)
		depth[o] = fmax(-DEEP, fmin(DEEP, depth[o] / usual));
}

/* How far the deepest of n offsets stands out. */
static double
clearest(const double *depth, int n, int *offset)
{
	*offset = 0;
	for (int o = 1; o < n; o++)
		*offset = depth[o] > depth[*offset] ? o : *offset;
	double usual = deviation(depth, n);
	return usual > 0 ? depth[*offset] / usual : 0;
}

#define STEPS 64 /* frames: where the blocks of Vorbis change their length its grid moves by multiples */
#define VORBIS_DEPTH                                                                                                   \
	2.0       /* the deepest of every 64th offset, which lies deep by chance too; its window is much like              \
	           * Kaiser and Bessel's */
#define FEW 4 /* excerpts that tell nothing for certain */

/* What is summed over excerpts: depth by offset from the track's beginning. */
struct sums {
	enum grid_coder coder;
	int period, window; /* frames; -1: of granules */
	double least;       /* depth of an excerpt, on average */
	double depth[LONG];
};

static void
add_depths(const struct grid *g, struct sums *s, int64_t at)
{
	double depth[LONG];
	int n = s->window < 0 ? GRANULE : LONG;
	deepen(g->mean, n, depth);
	if (s->period == n) {
		for (int o = 0; o < n; o++)
			s->depth[(at + o) % n] += depth[o];
		return;
	}
	double most[STEPS];
	for (int k = 0; k < STEPS; k++)
		most[k] = -DEEP;
	for (int o = 0; o < n; o++) {
		double *m = &most[(at + o) % STEPS];
		*m = fmax(*m, depth[o]);
	}
	for (int k = 0; k < STEPS; k++)
		s->depth[k] += most[k];
}

struct grid_found
grid_find(const struct grid_excerpt *excerpt, int count, double step)
{
	struct sums sums[] = {
	    {.coder = GRID_MP3, .period = GRANULE, .window = -1, .least = 0},
	    {.coder = GRID_LONG, .period = LONG, .window = 0, .least = 0},
	    {.coder = GRID_LONG, .period = LONG, .window = 1, .least = 0},
	    {.coder = GRID_LONG, .period = STEPS, .window = 1, .least = VORBIS_DEPTH},
	};
	enum { KINDS = sizeof sums / sizeof *sums };
	struct grid_found found = {.coder = GRID_NONE};
	double most = 0;
	struct grid *g = count < FEW ? NULL : grid_new(step);
	if (!g)
		return found;
	for (int k = 0; k < count; k++)
		for (int s = 0; s < KINDS; s++) {
			if (sums[s].window < 0)
				granule_grid(g, excerpt[k].x);
			else if (sums[s].window != sums[s - 1].window)
				long_grid(g, excerpt[k].x, g->long_window[sums[s].window]);
			add_depths(g, &sums[s], excerpt[k].at);
		}
	for (int s = 0; s < KINDS; s++) {
		double *depth = sums[s].depth, sorted[LONG];
		int offset, n = sums[s].period;
		memcpy(sorted, depth, (size_t)n * sizeof *depth);
		double middle = median(sorted, n);
		for (int o = 0; o < n; o++)
			depth[o] -= middle;
		double clear = clearest(depth, n, &offset);
		double depth_each = depth[offset] / count;
		if (clear >= GRID_CLEAR && depth_each >= sums[s].least && depth_each > most) {
			most = depth_each;
			found = (struct grid_found){sums[s].coder, clear, offset};
		}
	}
	grid_free(g);
	return found;
}
