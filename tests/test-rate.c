/* The rate converter alone, 64 bits in and out: what it adds, how flat it is, when it sounds, how long it is. */
#include "media/rate.h"
#include "desktest.h"

#include <string.h>

#define MOST (3 * 96000)

static double in[2][MOST], out[2][MOST];

/* Frame n of a sine of a whole number of Hz: the phase is exact, however far. */
static double
wave(uint64_t hz, uint64_t rate, uint64_t n, double (*function)(double))
{
	return function(2 * M_PI * (double)(hz * n % rate) / (double)rate);
}

/* Converts all of in[0] in pieces; the frames that came out. */
static size_t
convert(uint32_t from, uint32_t to, size_t frames, size_t piece)
{
	struct err err = {""};
	struct rate *rate = rate_new(from, to, 1, RATE_DOUBLE, RATE_DOUBLE, &err);
	ck_assert_msg(rate != NULL, "%s", err.text);
	size_t n = 0, got;
	for (size_t at = 0; at < frames; at += piece) {
		size_t now = piece < frames - at ? piece : frames - at;
		ck_assert_uint_le(n + rate_room(rate, now), MOST);
		ck_assert_int_eq(rate_run(rate, (const void *[]){in[0] + at}, now, (void *[]){out[0] + n}, &got, &err), 0);
		ck_assert_uint_le(got, rate_room(rate, now));
		n += got;
	}
	do {
		ck_assert_int_eq(rate_drain(rate, (void *[]){out[0] + n}, 1000, &got, &err), 0);
		n += got;
	} while (got);
	ck_assert_uint_eq(n, rate_length(rate, frames));
	rate_free(rate);
	return n;
}

static const struct {
	uint32_t from, to;
} pairs[] = {{44100, 48000}, {48000, 44100}, {48000, 96000}, {96000, 44100}, {44100, 96000}, {96000, 48000}};

START_TEST(test_tones)
{
	for (size_t p = 0; p < sizeof pairs / sizeof *pairs; p++) {
		uint32_t from = pairs[p].from, to = pairs[p].to, low = from < to ? from : to;
		/* Hz; the last is 0.907 of the lower Nyquist frequency */
		const uint32_t tones[] = {50, 997, 7001, 15013, low * 40 / 100, low * 907 / 2000};
		for (int t = 0; t < 6; t++) {
			uint32_t hz = tones[t];
			for (uint32_t k = 0; k < 2 * from; k++)
				in[0][k] = wave(hz, from, k, sin);
			convert(from, to, 2 * from, 4096);
			/* The middle second has whole periods, so that sine and cosine are orthogonal. */
			double re = 0, im = 0, rest = 0;
			for (uint32_t k = to / 2; k < to / 2 + to; k++) {
				re += out[0][k] * wave(hz, to, k, sin) * 2 / to;
				im += out[0][k] * wave(hz, to, k, cos) * 2 / to;
			}
			for (uint32_t k = to / 2; k < to / 2 + to; k++) {
				double d = out[0][k] - re * wave(hz, to, k, sin) - im * wave(hz, to, k, cos);
				rest += d * d * 2 / to;
			}
			double noise = 10 * log10(rest / (re * re + im * im)), gain = 10 * log10(re * re + im * im);
			double delay = -atan2(im, re) / (2 * M_PI * hz) * low; /* frames of the lower rate, within a period */
			ck_assert_msg(noise <= -170, "%u to %u, %u Hz: %.1f dB", from, to, hz, noise);
			ck_assert_msg(fabs(gain) <= 0.01, "%u to %u, %u Hz: %.4f dB", from, to, hz, gain);
			ck_assert_msg(fabs(delay) <= 0.01, "%u to %u, %u Hz: %.4f frames", from, to, hz, delay);
		}
	}
}
END_TEST

/* What the lower rate cannot hold does not come back as something else. */
START_TEST(test_aliases)
{
	static const uint32_t tones[] = {22100, 24001, 30011, 43000};
	for (int t = 0; t < 4; t++) {
		double sum = 0;
		for (uint32_t k = 0; k < 2 * 96000; k++)
			in[0][k] = wave(tones[t], 96000, k, sin);
		convert(96000, 44100, 2 * 96000, 5000);
		for (int k = 22050; k < 66150; k++)
			sum += out[0][k] * out[0][k] * 2 / 44100;
		ck_assert_msg(10 * log10(sum) <= -170, "%u Hz: %.1f dB", tones[t], 10 * log10(sum));
	}
}
END_TEST

/* A click stays where it is: the highest frame out is the one at its time, which no delay by whole periods can feign.
 */
START_TEST(test_click)
{
	for (size_t p = 0; p < sizeof pairs / sizeof *pairs; p++) {
		uint32_t from = pairs[p].from, to = pairs[p].to;
		memset(in[0], 0, sizeof in[0]);
		in[0][from] = 1; /* at one second */
		size_t n = convert(from, to, 2 * from, 999), top = 0;
		for (size_t k = 0; k < n; k++)
			top = out[0][k] > out[0][top] ? k : top;
		ck_assert_uint_eq(top, to);
		for (uint32_t k = 1; k < to / 2; k++) /* linear phase: the same on both sides */
			ck_assert(fabs(out[0][to - k] - out[0][to + k]) <= 1e-9);
	}
}
END_TEST

static void
fill(void)
{
	uint64_t seed = 17;
	for (int k = 0; k < MOST; k++) {
		in[0][k] = test_random(&seed);
		in[1][k] = test_random(&seed);
	}
}

START_TEST(test_splits)
{
	static double kept[MOST];
	static const size_t pieces[] = {1, 64, 1000, 4096, 65536, 100003};
	fill();
	for (size_t p = 0; p < 4; p++) {
		size_t n = convert(pairs[p].from, pairs[p].to, 100003, 777);
		memcpy(kept, out[0], n * sizeof *kept);
		for (size_t k = 0; k < 6; k++) {
			memset(out[0], 0, sizeof out[0]);
			ck_assert_uint_eq(convert(pairs[p].from, pairs[p].to, 100003, pieces[k]), n);
			ck_assert_mem_eq(kept, out[0], n * sizeof *kept);
		}
	}
}
END_TEST

/* Lengths round to the nearest frame, however short; both channels come out, and floats in are as doubles in. */
START_TEST(test_lengths_and_channels)
{
	static float narrow[2][1000];
	static double wide[2][1000];
	fill();
	for (int c = 0; c < 2; c++)
		for (int k = 0; k < 1000; k++)
			in[c][k] = (double)(narrow[c][k] = (float)in[c][k]);
	for (size_t frames = 0; frames <= 1000; frames += frames < 8 ? 1 : 331) {
		for (size_t p = 0; p < 2; p++) {
			double exact = (double)frames * pairs[p].to / pairs[p].from;
			for (int kind = RATE_FLOAT; kind <= RATE_DOUBLE; kind++) {
				struct rate *rate = rate_new(pairs[p].from, pairs[p].to, 2, (enum rate_sample)kind, RATE_DOUBLE, NULL);
				const void *from[2] = {in[0], in[1]};
				if (kind == RATE_FLOAT) {
					from[0] = narrow[0];
					from[1] = narrow[1];
				}
				double(*to)[MOST] = out;
				size_t n, rest;
				ck_assert_int_eq(rate_run(rate, from, frames, (void *[]){to[0], to[1]}, &n, NULL), 0);
				ck_assert_int_eq(rate_drain(rate, (void *[]){to[0] + n, to[1] + n}, 5000, &rest, NULL), 0);
				ck_assert_msg(fabs((double)(n + rest) - exact) <= 0.5, "%zu: %zu", frames, n + rest);
				for (int c = 0; c < 2; c++) {
					if (kind == RATE_FLOAT)
						memcpy(wide[c], out[c], sizeof wide[c]);
					else
						ck_assert_mem_eq(wide[c], out[c], (n + rest < 1000 ? n + rest : 1000) * sizeof(double));
				}
				rate_free(rate);
			}
		}
	}
	/* What is left of two seconds of silence in one channel is in the other: they do not mix. */
	struct rate *rate = rate_new(44100, 48000, 2, RATE_DOUBLE, RATE_DOUBLE, NULL);
	memset(in[1], 0, sizeof in[1]);
	size_t n;
	ck_assert_int_eq(rate_run(rate, (const void *[]){in[0], in[1]}, 88200, (void *[]){out[0], out[1]}, &n, NULL), 0);
	ck_assert_uint_gt(n, 48000);
	double sum[2] = {0};
	for (size_t k = 0; k < n; k++)
		for (int c = 0; c < 2; c++)
			sum[c] += out[c][k] * out[c][k];
	ck_assert(sum[0] > 10000 && sum[1] == 0);
	rate_free(rate);
}
END_TEST

START_TEST(test_refused)
{
	struct err err = {""};
	ck_assert_ptr_null(rate_new(44100, 0, 2, RATE_FLOAT, RATE_FLOAT, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "1000 to 768000"));
	ck_assert_ptr_null(rate_new(44100, 48000, 3, RATE_FLOAT, RATE_FLOAT, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "channels"));
}
END_TEST

TEST_MAIN("rate", 60, test_tones, test_aliases, test_click, test_splits, test_lengths_and_channels, test_refused)
