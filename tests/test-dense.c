/*
 * The smooth limiter on dense programmes at -20 LUFS, driven into its ceiling, beside a plain look-ahead limiter with a
 * release of 100 ms: it comes out louder, and its gain does less that is fast. (tests/bench/limiter compares it with
 * one that people use.)
 */
#include <string.h>

#include "dsp/limiter.h"
#include "limitjudge.h"
#include "unittest.h"

#define RATE 48000
#define FRAMES (5 * RATE)
#define CEILING (-1.0)
#define LOOK 58 /* frames that the plain one looks ahead: 1.2 ms */
#define HOLD (LOOK + 6 * RATE / 1000)
#define REACH 16
#define LATE 1024 /* frames that either may be late */

/* The highest of both sides at four points a frame, from n to before n + 1: sincs under a raised cosine. */
static void
find_peaks(float *const side[2], float *peak)
{
	double kernel[4][2 * REACH];
	for (int q = 0; q < 4; q++)
		for (int k = 0; k < 2 * REACH; k++) {
			double d = q / 4.0 - (k - REACH + 1), w = fabs(d) < REACH ? 0.5 + 0.5 * cos(M_PI * d / REACH) : 0;
			kernel[q][k] = w * (d == 0 ? 1 : sin(M_PI * d) / (M_PI * d));
		}
	for (int n = 0; n < FRAMES; n++) {
		double most = fmax(fabs((double)side[0][n]), fabs((double)side[1][n]));
		for (int q = 1; q < 4 && n >= REACH && n + REACH < FRAMES; q++)
			for (int c = 0; c < 2; c++) {
				double sum = 0;
				for (int k = 0; k < 2 * REACH; k++)
					sum += kernel[q][k] * (double)side[c][n - REACH + 1 + k];
				most = fmax(most, fabs(sum));
			}
		peak[n] = (float)most;
	}
}

/*
 * A plain limiter: the gain that each peak asks for is held for the look-ahead and 6 ms more, so that bass is not
 * distorted too much, comes back as 1 - e^(-t / 100 ms), and is averaged over the look-ahead, so that it is down when
 * the peak is there.
 */
static void
plain_limiter(const float *peak, double drive, float *l, float *r)
{
	double gain = pow(10, drive / 20), ceiling = pow(10, CEILING / 20), back = 1 - exp(-1 / (0.1 * RATE));
	double in_force, sum, ring[LOOK + 1];
	float *held = unit_room(FRAMES);
	for (int n = 0; n < FRAMES; n++) { /* what the peaks ask for, LOOK frames early */
		double least = 1;
		for (int k = n + LOOK; k >= 0 && k >= n + LOOK - HOLD; k--)
			least = k < FRAMES ? fmin(least, ceiling / fmax(gain * (double)peak[k], 1e-9)) : least;
		held[n] = (float)least;
	}
	in_force = (double)held[0];
	sum = (LOOK + 1) * in_force;
	for (int k = 0; k <= LOOK; k++)
		ring[k] = in_force;
	for (int n = 0; n < FRAMES; n++) {
		double asked = (double)held[n];
		in_force = asked < in_force ? asked : in_force + (fmin(1, asked) - in_force) * back;
		sum += in_force - ring[n % (LOOK + 1)];
		ring[n % (LOOK + 1)] = in_force;
		l[n] *= (float)(gain * sum / (LOOK + 1));
		r[n] *= (float)(gain * sum / (LOOK + 1));
	}
	free(held);
}

/* As loud as it is at a ceiling that its true peaks just reach. */
static double
loudness_at_ceiling(const struct judged *j)
{
	return j->lufs - fmax(0, j->peak - CEILING);
}

static void
compare(enum dense kind)
{
	static const double drives[] = {12, 15};
	float *in[2], *plain[2], *smooth[2], *peak = unit_room(FRAMES);
	for (int c = 0; c < 2; c++) {
		in[c] = unit_room(FRAMES);
		plain[c] = unit_room(FRAMES);
		smooth[c] = unit_room(FRAMES);
	}
	dense_make(kind, in[0], in[1], FRAMES, RATE);
	double level = pow(10, (-20 - judge_level((const float *const *)in, FRAMES, RATE).lufs) / 20);
	for (int c = 0; c < 2; c++)
		for (int n = 0; n < FRAMES; n++)
			in[c][n] *= (float)level;
	find_peaks(in, peak);
	for (size_t k = 0; k < sizeof drives / sizeof *drives; k++) {
		for (int c = 0; c < 2; c++) {
			memcpy(plain[c], in[c], FRAMES * sizeof(float));
			memcpy(smooth[c], in[c], FRAMES * sizeof(float));
		}
		const struct limiter_params params = {1, (float)drives[k], (float)CEILING, 50, 1};
		const struct dsp_unit *unit = unit_of(MASTER_LIMITER, 0);
		void *state = unit_new(unit, RATE, &params);
		unit_run(unit, state, smooth[0], smooth[1], FRAMES);
		free(state);
		plain_limiter(peak, drives[k], plain[0], plain[1]);
		struct judged a = judge((const float *const *)in, (const float *const *)smooth, FRAMES, RATE, LATE);
		struct judged b = judge((const float *const *)in, (const float *const *)plain, FRAMES, RATE, LATE);
		ck_assert_double_le(a.peak, CEILING + 0.02);
		ck_assert_msg(loudness_at_ceiling(&a) > loudness_at_ceiling(&b) && a.distortion <= b.distortion,
		              "%s driven by %g dB: %.2f LUFS with %.1f dB, plain %.2f LUFS with %.1f dB", dense_names[kind],
		              drives[k], loudness_at_ceiling(&a), a.distortion, loudness_at_ceiling(&b), b.distortion);
	}
	for (int c = 0; c < 2; c++) {
		free(in[c]);
		free(plain[c]);
		free(smooth[c]);
	}
	free(peak);
}

START_TEST(test_rock)
{
	compare(DENSE_ROCK);
}
END_TEST

START_TEST(test_club)
{
	compare(DENSE_CLUB);
}
END_TEST

START_TEST(test_orchestra)
{
	compare(DENSE_ORCHESTRA);
}
END_TEST

/*
 * The judge itself, on noise of a steady level: a gain of 1 + 0.1 sin(2 pi f t) leaves next to nothing where f is slow,
 * and 0.1^2 / 2 of 1 + 0.1^2 / 2 where it is fast.
 */
START_TEST(test_judge)
{
	static const struct {
		double hertz, least, most;
	} rows[] = {{2, -400, -80}, {5, -400, -55}, {200, -23.3, -22.9}, {1000, -23.3, -22.9}};
	float *in[2] = {unit_room(FRAMES), unit_room(FRAMES)}, *out[2] = {unit_room(FRAMES), unit_room(FRAMES)};
	for (int c = 0; c < 2; c++)
		unit_noise(in[c], FRAMES, 0.5, 3 + (uint64_t)c);
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		for (int n = 0; n < FRAMES; n++)
			for (int c = 0; c < 2; c++) /* 100 frames late */
				out[c][n] =
				    n < 100 ? 0
				            : (float)((double)in[c][n - 100] * (0.5 + 0.05 * sin(2 * M_PI * rows[k].hertz * n / RATE)));
		struct judged j = judge((const float *const *)in, (const float *const *)out, FRAMES, RATE, LATE);
		ck_assert_msg(j.distortion >= rows[k].least && j.distortion <= rows[k].most, "%g Hz: %g dB", rows[k].hertz,
		              j.distortion);
	}
	for (int c = 0; c < 2; c++) {
		free(in[c]);
		free(out[c]);
	}
}
END_TEST

TEST_MAIN("dense", 300, test_rock, test_club, test_orchestra, test_judge)
