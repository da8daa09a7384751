/* Speakers in front of the ears: their response by Butterworth's formula, mono, noise, and changes without a click. */
#include <string.h>

#include "base/fpu.h"
#include "desktest.h"
#include "engine/hearing.h"

#define RATE 48000
#define FRAMES 48000

static float x[2 * FRAMES];

/* Level of a tone at the output's second half against the input's, dB; side -1: upside down on the right. */
static double
passed(const struct hearing_params *p, double hertz, double side)
{
	struct rt_hearing h;
	struct hearing_spec spec;
	double sum[2] = {0};
	hearing_init(&h);
	hearing_design(p, RATE, &spec);
	hearing_set(&h, &spec);
	for (int t = 0; t < FRAMES; t++) {
		x[2 * t] = (float)(0.5 * sin(2 * M_PI * hertz * t / RATE));
		x[2 * t + 1] = (float)(side * (double)x[2 * t]);
	}
	for (int t = 0; t < FRAMES; t += 64)
		hearing_run(&h, x + 2 * t, 64);
	for (int t = FRAMES / 2; t < FRAMES; t++) {
		double s = sin(2 * M_PI * hertz * t / RATE), c = cos(2 * M_PI * hertz * t / RATE);
		sum[0] += (double)x[2 * t] * s;
		sum[1] += (double)x[2 * t] * c;
	}
	return 20 * log10(hypot(sum[0], sum[1]) / (0.5 * FRAMES / 4) + 1e-12);
}

START_TEST(test_response)
{
	const struct hearing_params phone = {.low = 450,
	                                     .low_slope = 24,
	                                     .high = 14000,
	                                     .high_slope = 12,
	                                     .bell = 1000,
	                                     .bell_gain = 0,
	                                     .bell_q = 1,
	                                     .noise = -INFINITY};
	for (double hertz = 100; hertz < 18000; hertz *= 1.7) {
		double want = -10 * log10(1 + pow(450 / hertz, 8)) - 10 * log10(1 + pow(hertz / 14000, 4));
		ck_assert_double_eq_tol(passed(&phone, hertz, 1), want, 0.2);
	}
	const struct hearing_params club = {.low = 10,
	                                    .low_slope = 6,
	                                    .high = 30000,
	                                    .high_slope = 6,
	                                    .mono = 120,
	                                    .bell = 60,
	                                    .bell_gain = 6,
	                                    .bell_q = 0.7,
	                                    .noise = -INFINITY};
	ck_assert_double_eq_tol(passed(&club, 60, 1), 6 - 10 * log10(1 + pow(10 / 60.0, 2)), 0.1);
	ck_assert_double_eq_tol(passed(&club, 30, -1) - passed(&club, 30, 1), -10 * log10(1 + pow(120 / 30.0, 8)), 0.3);
	ck_assert_double_eq_tol(passed(&club, 2000, -1) - passed(&club, 2000, 1), 0, 0.05);
	struct hearing_params mono = club;
	mono.mono = 1;
	ck_assert_double_lt(passed(&mono, 1000, -1), -100);
}
END_TEST

START_TEST(test_noise)
{
	const struct hearing_params car = {.low = 10,
	                                   .low_slope = 6,
	                                   .high = 30000,
	                                   .high_slope = 6,
	                                   .bell = 100,
	                                   .bell_q = 1,
	                                   .noise = -20,
	                                   .noise_slope = -5};
	struct rt_hearing h;
	struct hearing_spec spec;
	double power = 0;
	hearing_init(&h);
	hearing_design(&car, RATE, &spec);
	hearing_set(&h, &spec);
	memset(x, 0, sizeof x);
	hearing_run(&h, x, FRAMES);
	for (int t = 2000; t < FRAMES; t++)
		power += (double)x[2 * t] * (double)x[2 * t] / (FRAMES - 2000);
	ck_assert_double_eq_tol(10 * log10(power), -20, 1);
}
END_TEST

/* Without a speaker the bits pass, before and after one; a change is a smooth fade, whenever it comes. */
START_TEST(test_changes)
{
	const struct hearing_params phone = {
	    .low = 450, .low_slope = 24, .high = 14000, .high_slope = 12, .bell = 1000, .bell_q = 1, .noise = -INFINITY};
	struct rt_hearing h;
	struct hearing_spec on, off;
	static float want[512];
	uint64_t seed = 3;
	hearing_init(&h);
	hearing_design(&phone, RATE, &on);
	hearing_design(NULL, RATE, &off);
	for (int pass = 0; pass < 2; pass++) {
		for (int t = 0; t < 512; t++)
			x[t] = want[t] = (float)test_random(&seed);
		hearing_run(&h, x, 256);
		ck_assert(!memcmp(x, want, sizeof want));
		hearing_set(&h, &on);
		hearing_run(&h, x, 700);
		hearing_set(&h, &off);
		hearing_run(&h, x, 2000);
	}
	/* a steady tone through changes at odd moments: no step beyond what the tone and the fade have */
	float last = 0;
	double most = 0;
	for (int t = 0; t < 20000; t++) {
		float frame[2];
		frame[0] = frame[1] = (float)sin(2 * M_PI * 1000 * t / RATE);
		if (t % 1234 == 0)
			hearing_set(&h, t / 1234 % 2 ? &off : &on);
		if (t % 777 == 0)
			hearing_set(&h, &on);
		hearing_run(&h, frame, 1);
		most = fmax(most, fabs((double)(frame[0] - last)));
		last = frame[0];
	}
	ck_assert_double_le(most, 2 * M_PI * 1000 / RATE * 1.2 + 1.5 / 480);
}
END_TEST

TEST_MAIN("hearing", 60, test_response, test_noise, test_changes)
