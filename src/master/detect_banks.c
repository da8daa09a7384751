#include "master/detect_banks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fft.h"
#include "base/fmath.h"
#include "session/text.h"

#define TAPS BANKS_TAPS
#define BANDS BANKS_BANDS
#define LINES BANKS_LINES
#define THIRDS BANKS_THIRDS

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

struct mdct {
	struct fft *fft;
	float turn_re[BANKS_LONG / 2], turn_im[BANKS_LONG / 2];
	float window[BANKS_WINDOWS][2 * BANKS_LONG];
};

/*
 * tap        the prototype, with the signs of the sum over 64 phases
 * matrix     cosines of the polyphase bank, by phase and band
 * window     sine, of granules and of short blocks
 * transform  MDCT of a band, of both lengths
 */
struct banks {
	struct mdct of_long, of_short;
	float tap[TAPS], matrix[64][BANDS];
	float window[2 * LINES], transform[LINES][LINES];
	float third_window[2 * THIRDS], third_transform[THIRDS][THIRDS];
	float butterfly[2][8];
};

/* Kaiser and Bessel's window of AAC (ISO/IEC 13818-7, 11.2). */
static void
kaiser(float *window, int n, double alpha)
{
	double sum = 0, upto[BANKS_LONG + 1];
	for (int k = 0; k <= n; k++) {
		double r = 2.0 * k / n - 1, x = F_PI * alpha * sqrt(1 - r * r) / 2, term = 1, bessel = 1;
		for (int i = 1; i < 60; i++) {
			term *= x / i * x / i;
			bessel += term;
		}
		upto[k] = sum += bessel;
	}
	for (int k = 0; k < n; k++)
		window[k] = window[2 * n - 1 - k] = (float)sqrt(upto[k] / sum);
}

static void
mdct_init(struct mdct *m, int log2, double alpha)
{
	int n = 1 << log2;
	m->fft = fft_new(log2 - 1);
	for (int k = 0; k < n / 2; k++) {
		m->turn_re[k] = (float)f_cos(F_PI * (4 * k + 1) / (4 * n));
		m->turn_im[k] = (float)-f_sin(F_PI * (4 * k + 1) / (4 * n));
	}
	for (int k = 0; k < 2 * n; k++) {
		double sine = f_sin(F_PI / (2 * n) * (k + 0.5));
		m->window[BANKS_SINE][k] = (float)sine;
		m->window[BANKS_VORBIS][k] = (float)f_sin(F_PI / 2 * sine * sine);
	}
	kaiser(m->window[BANKS_KAISER], n, alpha);
}

/* Sines and cosines of the MDCT of one band. */
static void
band_init(float *window, float *transform, int n)
{
	for (int i = 0; i < 2 * n; i++)
		window[i] = (float)f_sin(F_PI / (2 * n) * (i + 0.5));
	for (int m = 0; m < n; m++)
		for (int i = 0; i < n; i++)
			transform[m * n + i] = (float)(f_cos(F_PI / n * (i + 0.5) * (m + 0.5)) * sqrt(2.0 / n));
}

struct banks *
banks_new(void)
{
	struct banks *b = text_alloc(sizeof *b);
	memset(b, 0, sizeof *b);
	mdct_init(&b->of_long, 10, 4);
	mdct_init(&b->of_short, 7, 6);
	for (int k = 0; k < TAPS; k++) {
		int p = prototype[k <= TAPS / 2 ? k : TAPS - k];
		b->tap[k] = (float)((k >> 6 & 1 ? -p : p) / 65536.0 / 4);
	}
	for (int i = 0; i < 64; i++)
		for (int k = 0; k < BANDS; k++)
			b->matrix[i][k] = (float)f_cos((2 * k + 1) * (i - 16) * F_PI / 64);
	band_init(b->window, b->transform[0], LINES);
	band_init(b->third_window, b->third_transform[0], THIRDS);
	for (int i = 0; i < 8; i++) {
		b->butterfly[0][i] = (float)(1 / sqrt(1 + alias[i] * alias[i]));
		b->butterfly[1][i] = (float)(alias[i] / sqrt(1 + alias[i] * alias[i]));
	}
	if (b->of_long.fft && b->of_short.fft)
		return b;
	banks_free(b);
	return NULL;
}

void
banks_free(struct banks *b)
{
	if (b) {
		fft_free(b->of_long.fft);
		fft_free(b->of_short.fft);
	}
	free(b);
}

/* Through a transform of a fourth of the length. */
void
banks_block(struct banks *b, int n, enum banks_window window, const float *x, float *coefficient)
{
	struct mdct *m = n == BANKS_LONG ? &b->of_long : &b->of_short;
	const float *w = m->window[window];
	float u[BANKS_LONG], re[BANKS_LONG / 2], im[BANKS_LONG / 2], scale = sqrtf(2.0F / (float)n);
	int h = n / 2;
	for (int i = 0; i < h; i++) {
		u[i] = -w[3 * h - 1 - i] * x[3 * h - 1 - i] - w[3 * h + i] * x[3 * h + i];
		u[h + i] = w[i] * x[i] - w[n - 1 - i] * x[n - 1 - i];
	}
	for (int i = 0; i < h; i++) {
		float p = u[2 * i], q = u[n - 1 - 2 * i];
		re[i] = p * m->turn_re[i] - q * m->turn_im[i];
		im[i] = p * m->turn_im[i] + q * m->turn_re[i];
	}
	fft_run(m->fft, re, im);
	for (int k = 0; k < h; k++) {
		coefficient[2 * k] = scale * (re[k] * m->turn_re[k] - im[k] * m->turn_im[k]);
		coefficient[n - 1 - 2 * k] = -scale * (re[k] * m->turn_im[k] + im[k] * m->turn_re[k]);
	}
}

void
banks_split(const struct banks *b, const float *x, int slots, float (*slot)[BANDS])
{
	for (int t = 0; t < slots; t++) {
		const float *from = x + BANDS * t;
		float y[64] = {0}, sum[BANDS] = {0};
		for (int j = 0; j < TAPS; j += 64)
			for (int i = 0; i < 64; i++)
				y[i] += b->tap[TAPS - 1 - i - j] * from[TAPS - 1 - i - j];
		for (int i = 0; i < 64; i++)
			for (int k = 0; k < BANDS; k++)
				sum[k] += b->matrix[i][k] * y[i];
		memcpy(slot[t], sum, sizeof sum);
	}
}

/* MDCT of n lines in each band; every other sample of every other band is upside down. */
static inline void
transform_bands(const float (*slot)[BANDS], int n, const float *window, const float *transform, float (*line)[BANDS])
{
	float u[LINES][BANDS];
	int h = n / 2;
	for (int i = 0; i < h; i++)
		for (int k = 0; k < BANDS; k++) {
			int p = 3 * h - 1 - i, q = 3 * h + i, r = i, s = n - 1 - i;
			float odd = k & 1 ? -1.0F : 1.0F;
			u[i][k] = -window[p] * (p & 1 ? odd : 1) * slot[p][k] - window[q] * (q & 1 ? odd : 1) * slot[q][k];
			u[h + i][k] = window[r] * (r & 1 ? odd : 1) * slot[r][k] - window[s] * (s & 1 ? odd : 1) * slot[s][k];
		}
	for (int m = 0; m < n; m++) {
		float sum[BANDS] = {0};
		for (int i = 0; i < n; i++)
			for (int k = 0; k < BANDS; k++)
				sum[k] += transform[m * n + i] * u[i][k];
		memcpy(line[m], sum, sizeof sum);
	}
}

void
banks_granule(const struct banks *b, const float (*slot)[BANDS], float *coefficient)
{
	float line[LINES][BANDS];
	transform_bands(slot, LINES, b->window, b->transform[0], line);
	for (int i = 0; i < 8; i++)
		for (int k = 0; k + 1 < BANDS; k++) {
			float below = line[LINES - 1 - i][k], above = line[i][k + 1];
			float s = b->butterfly[0][i], c = b->butterfly[1][i];
			line[LINES - 1 - i][k] = below * s + above * c;
			line[i][k + 1] = above * s - below * c;
		}
	for (int k = 0; k < BANDS; k++)
		for (int m = 0; m < LINES; m++)
			coefficient[k * LINES + m] = line[m][k];
}

void
banks_third(const struct banks *b, const float (*slot)[BANDS], float *coefficient)
{
	float line[THIRDS][BANDS];
	transform_bands(slot, THIRDS, b->third_window, b->third_transform[0], line);
	for (int k = 0; k < BANDS; k++)
		for (int m = 0; m < THIRDS; m++)
			coefficient[k * THIRDS + m] = line[m][k];
}
