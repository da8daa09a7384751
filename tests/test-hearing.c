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

START_TEST(test_road)
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

/* SBC before a speaker: the same bits in pieces of any size, late by what it says, all of it out after a stop. */
START_TEST(test_codec)
{
	const struct hearing_params blue = {.codec = 1,
	                                    .low = 10,
	                                    .low_slope = 6,
	                                    .high = 30000,
	                                    .high_slope = 6,
	                                    .bell = 1000,
	                                    .bell_q = 1,
	                                    .noise = -INFINITY};
	static float in[2 * FRAMES], whole[2 * FRAMES];
	static struct rt_hearing h;
	struct hearing_spec spec, off;
	const int late = sbc_latency(RATE), stop = FRAMES / 2 + 77;
	uint64_t seed = 9;
	for (int t = 0; t < FRAMES; t++)
		for (int c = 0; c < 2; c++)
			in[2 * t + c] = t < stop ? (float)(0.3 * sin(2 * M_PI * 440 * (c + 1) * t / RATE)) : 0;
	hearing_design(&blue, RATE, &spec);
	hearing_design(NULL, RATE, &off);
	for (int pass = 0; pass < 2; pass++) {
		hearing_init(&h);
		hearing_set(&h, &spec);
		memcpy(x, in, sizeof x);
		for (int t = 0, n; t < stop; t += n) {
			n = pass ? 1 + (int)((test_random(&seed) + 1) * 100) : stop;
			n = n < stop - t ? n : stop - t;
			hearing_run(&h, x + 2 * t, n);
			ck_assert_int_le(hearing_late(&h), late);
		}
		ck_assert_int_eq(hearing_late(&h), late);
		for (int t = stop, n; t < FRAMES; t += n) {
			n = pass ? 50 : FRAMES - stop;
			n = n < FRAMES - t ? n : FRAMES - t;
			for (int k = 0; k < 2 * n; k++)
				x[2 * t + k] = 1; /* what a buffer held before */
			int filled = hearing_drain(&h, x + 2 * t, n);
			ck_assert_int_eq(filled, t - stop >= late ? 0 : late - (t - stop) < n ? late - (t - stop) : n);
		}
		ck_assert_int_eq(hearing_late(&h), 0);
		if (pass)
			ck_assert(!memcmp(x, whole, sizeof x));
		memcpy(whole, x, sizeof x);
	}
	/* behind the fade, and after the stop to the end of what was inside: the sine, so much later */
	double error = 0, power = 0;
	for (int t = 4000; t < stop + late - 100; t++) {
		error += pow((double)(x[2 * t] - in[2 * (t - late)]), 2);
		power += pow((double)in[2 * (t - late)], 2);
	}
	ck_assert_double_lt(10 * log10(error / power), -30); /* the speaker's corners turn its phase a little */
	for (int t = stop + late; t < FRAMES; t++)
		ck_assert(x[2 * t] == 0 && x[2 * t + 1] == 0);
	/* to it and back, at odd moments and twice in a fade: nothing but what the sine and fades have as steps */
	float last = 0;
	double most = 0;
	hearing_init(&h);
	for (int t = 0; t < 20000; t++) {
		float frame[2];
		frame[0] = frame[1] = (float)sin(2 * M_PI * 1000 * t / RATE);
		if (t % 1734 == 0)
			hearing_set(&h, t / 1734 % 2 ? &off : &spec);
		if (t % 1277 == 0)
			hearing_set(&h, &spec);
		hearing_run(&h, frame, 1);
		most = fmax(most, fabs((double)(frame[0] - last)));
		last = frame[0];
	}
	ck_assert_double_le(most, 2 * M_PI * 1000 / RATE * 1.2 + 1.5 / 480);
	/* whoever wished last is heard, also where the codec fills */
	hearing_set(&h, &off);
	hearing_run(&h, x, 2000);
	hearing_set(&h, &spec);
	hearing_run(&h, x, 480 + late / 2);
	hearing_set(&h, &off);
	hearing_run(&h, x, 2000);
	for (int t = 0; t < 512; t++)
		x[t] = whole[t] = (float)test_random(&seed);
	hearing_run(&h, x, 256);
	ck_assert(!memcmp(x, whole, 512 * sizeof *x));
}
END_TEST

TEST_MAIN("hearing", 60, test_response, test_road, test_changes, test_codec)
