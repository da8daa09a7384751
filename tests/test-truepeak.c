/* True peaks of tones with known ones, the bounds that let quiet groups be skipped, and the same bytes at every width.
 */
#include <string.h>

#define LANES 1
#include "dsp/truepeak.h"
#include "dyntest.h"

#define FRAMES 256
#define FIRST 64 /* gaps FIRST to FIRST + GAPS - 1 are scanned */
#define GAPS 128

typedef void (*init_fn)(struct truepeak *, enum truepeak_reader);
typedef void (*scan_fn)(const struct truepeak *, enum truepeak_reader, const float *, const float *, float, float *);
typedef void (*bounds_fn)(const float *, int, float *, float *);

#define DECLARE(width)                                                                                                 \
	void truepeak_init_w##width(struct truepeak *, enum truepeak_reader);                                              \
	void truepeak_scan_w##width(const struct truepeak *, enum truepeak_reader, const float *, const float *, float,    \
	                            float *);                                                                              \
	void truepeak_bounds_w##width(const float *, int, float *, float *)
DECLARE(1);
DECLARE(4);
DECLARE(8);

static const init_fn inits[] = {truepeak_init_w1, truepeak_init_w4, truepeak_init_w8};
static const scan_fn scans[] = {truepeak_scan_w1, truepeak_scan_w4, truepeak_scan_w8};
static const bounds_fn bounds[] = {truepeak_bounds_w1, truepeak_bounds_w4, truepeak_bounds_w8};

static float
highest(int w, const struct truepeak *t, enum truepeak_reader reader, const float *l, const float *r, float level)
{
	float top = 0, peak[TRUEPEAK_GROUP];
	for (int n = FIRST; n < FIRST + GAPS; n += TRUEPEAK_GROUP) {
		scans[w](t, reader, l + n, r + n, level, peak);
		for (int k = 0; k < TRUEPEAK_GROUP; k++)
			top = peak[k] > top ? peak[k] : top;
	}
	return top;
}

/*
 * A sine's peak is its amplitude. Sixteen points a frame miss at most 1 - cos(pi f / 16) of it, 0.035 dB at 0.9 of the
 * Nyquist frequency; four miss 1 - cos(pi f / 4), f in frames.
 */
START_TEST(test_sines)
{
	struct truepeak t;
	float x[FRAMES], none[FRAMES] = {0};
	truepeak_init_w4(&t, TRUEPEAK_METER);
	for (double f = 0.005; f <= 0.45; f += 0.0137) {
		for (int p = 0; p < 16; p++) {
			for (int n = 0; n < FRAMES; n++)
				x[n] = (float)(0.7 * sin(2 * M_PI * f * n + p * 0.41));
			double fine = test_db((double)highest(1, &t, TRUEPEAK_METER, x, none, 0) / 0.7);
			double coarse = test_db((double)highest(1, &t, TRUEPEAK_METER, none, x, 10) / 0.7);
			ck_assert_msg(fabs(fine) <= 0.05, "%g fs: %g dB", f, fine);
			ck_assert_msg(coarse <= 0.02 && coarse >= test_db(cos(M_PI * f / 4)) - 0.02, "%g fs, 4x: %g dB", f, coarse);
		}
	}
}
END_TEST

/* The guard never reads less than the meter nor than Hann-windowed sincs over 12 and 24 frames at four points. */
START_TEST(test_guard)
{
	struct truepeak meter, guard;
	float x[FRAMES], none[FRAMES] = {0};
	uint64_t seed = 3;
	truepeak_init_w4(&meter, TRUEPEAK_METER);
	truepeak_init_w4(&guard, TRUEPEAK_GUARD);
	for (int round = 0; round < 100; round++) {
		for (int n = 0; n < FRAMES; n++)
			x[n] = (float)test_random(&seed);
		double read = (double)highest(1, &guard, TRUEPEAK_GUARD, x, none, 0), reader = 0;
		ck_assert(read >= (double)highest(1, &meter, TRUEPEAK_METER, x, none, 0));
		for (int n = FIRST; n < FIRST + GAPS; n++) {
			for (int point = 0; point < 4; point++) {
				for (int reach = 6; reach <= 12; reach += 6) {
					double sum = 0;
					for (int k = 1 - reach; k <= reach; k++) {
						double d = point / 4.0 - k, sinc = d == 0 ? 1 : sin(M_PI * d) / (M_PI * d);
						if (fabs(d) < reach)
							sum += (double)x[n + k] * sinc * (0.5 + 0.5 * cos(M_PI * d / reach));
					}
					reader = fabs(sum) > reader ? fabs(sum) : reader;
				}
			}
		}
		ck_assert_msg(read >= reader - 1e-5, "guard %g, reader %g", read, reader);
	}
}
END_TEST

/* Noise, tones and the signals that drive the kernels hardest: no peak above what the bounds allow. */
START_TEST(test_bounds)
{
	struct truepeak t;
	float x[FRAMES], peak[TRUEPEAK_GROUP], height[FRAMES / TRUEPEAK_GROUP], bend[FRAMES / TRUEPEAK_GROUP];
	uint64_t seed = 7;
	truepeak_init_w4(&t, TRUEPEAK_GUARD);
	for (int round = 0; round < 3000; round++) {
		double f = 0.5 * fabs(test_random(&seed)), p = 0.5 + 0.5 * test_random(&seed);
		for (int n = 0; n < FRAMES; n++) {
			double d = n - 128 - p;
			double v[3] = {test_random(&seed), sin(2 * M_PI * f * n), sin(M_PI * d) / d > 0 ? 1 : -1};
			x[n] = (float)v[round % 3];
		}
		bounds[1](x + 8, FRAMES - 8, height + 1, bend + 1);
		for (int g = FIRST / TRUEPEAK_GROUP; g < (FIRST + GAPS) / TRUEPEAK_GROUP; g++) {
			float bound = truepeak_bound(&t, height, bend, g, 1);
			scans[1](&t, TRUEPEAK_GUARD, x + g * TRUEPEAK_GROUP, x + g * TRUEPEAK_GROUP, 0, peak);
			for (int k = 0; k < TRUEPEAK_GROUP; k++)
				ck_assert(peak[k] <= bound);
		}
	}
}
END_TEST

START_TEST(test_widths)
{
	int widths = strip_can(8) ? 3 : 2;
	struct truepeak t[3];
	memset(t, 0, sizeof t);
	float l[FRAMES], r[FRAMES], peak[3][TRUEPEAK_GROUP], height[3][8], bend[3][8];
	uint64_t seed = 11;
	for (int guard = 0; guard < 2; guard++) {
		for (int w = 0; w < widths; w++) {
			inits[w](&t[w], guard ? TRUEPEAK_GUARD : TRUEPEAK_METER);
			ck_assert(memcmp(&t[0], &t[w], sizeof t[0]) == 0);
		}
		for (int round = 0; round < 500; round++) {
			for (int n = 0; n < FRAMES; n++) {
				l[n] = (float)test_random(&seed);
				r[n] = (float)test_random(&seed);
			}
			for (int w = 0; w < widths; w++) {
				scans[w](&t[w], guard ? TRUEPEAK_GUARD : TRUEPEAK_METER, l + 64, r + 64, 1.2f, peak[w]);
				bounds[w](l + 64, 64, height[w], bend[w]);
				ck_assert(memcmp(peak[0], peak[w], sizeof peak[0]) == 0);
				ck_assert(memcmp(height[0], height[w], sizeof height[0]) == 0);
				ck_assert(memcmp(bend[0], bend[w], sizeof bend[0]) == 0);
			}
		}
	}
}
END_TEST

TEST_MAIN("truepeak", 60, test_sines, test_guard, test_bounds, test_widths)
