/* Dither against theory: its noise, what it keeps, and what the ear is left with when it is shaped. */
#include "dsp/dither.h"
#include "base/fpu.h"
#include "desktest.h"

#include <string.h>

#define N (1 << 18)

static float in[N];
static int32_t out[2][N];

/* The error in steps. */
static double
error_of(int channel, int k, int bits)
{
	return (double)out[channel][k] - (double)in[k] * ldexp(1, bits - 1);
}

static double
power(int channel, int from, int to, int bits)
{
	double sum = 0;
	for (int k = from; k < to; k++)
		sum += error_of(channel, k, bits) * error_of(channel, k, bits);
	return sum / (to - from);
}

static void
make_noise(void)
{
	uint64_t seed = 11;
	for (int k = 0; k < N; k++)
		in[k] = (float)(0.25 * test_random(&seed));
}

/* Rounding is 1/12 of a step squared, the triangle 1/6: 1/4 in all, and no mean. */
START_TEST(test_tpdf_noise)
{
	static const int widths[] = {8, 16, 20, 24};
	for (int w = 0; w < 4; w++) {
		make_noise();
		struct dither_state d;
		dither_init(&d, DITHER_TPDF, widths[w], 48000, 0);
		dither_run(&d, in, out[0], N);
		double db = 10 * log10(power(0, 0, N, widths[w]) / 0.25), mean = 0;
		ck_assert_msg(fabs(db) <= 0.05, "%d bits: %.3f dB", widths[w], db);
		for (int k = 0; k < N; k++)
			mean += error_of(0, k, widths[w]) / N;
		ck_assert_msg(fabs(mean) <= 5 * 0.5 / sqrt(N), "%g", mean);
	}
}
END_TEST

/* The noise is the same wherever between two steps the signal stands. */
START_TEST(test_modulation)
{
	for (enum dither kind = DITHER_TPDF; kind <= DITHER_SHAPED; kind++) {
		double least = INFINITY, most = 0;
		struct dither_state d;
		dither_init(&d, kind, 16, 48000, 0);
		for (int level = 0; level < 16; level++) {
			for (int k = 0; k < N; k++)
				in[k] = (float)(level / 16.0 / 32768);
			dither_run(&d, in, out[0], N);
			double p = power(0, 0, N, 16);
			least = p < least ? p : least;
			most = p > most ? p : most;
		}
		ck_assert_msg(10 * log10(most / least) <= 0.15, "%.3f dB", 10 * log10(most / least));
	}
}
END_TEST

/* A third of a step survives: the amplitude that a correlation finds. */
START_TEST(test_tone_below_a_step)
{
	for (enum dither kind = DITHER_TPDF; kind <= DITHER_SHAPED; kind++) {
		struct dither_state d;
		dither_init(&d, kind, 16, 48000, 1);
		double re = 0, im = 0;
		for (int round = 0; round < 4; round++) {
			for (int k = 0; k < N; k++)
				in[k] = (float)(1e-5 * sin(2 * M_PI * 1000 / 48000 * (k + round * N)));
			dither_run(&d, in, out[0], N);
			for (int k = 0; k < N; k++) {
				double phase = 2 * M_PI * 1000 / 48000 * (k + round * N);
				re += out[0][k] * sin(phase);
				im += out[0][k] * cos(phase);
			}
		}
		double db = 20 * log10(hypot(re, im) * 2 / (4.0 * N) / 32768 / 1e-5);
		ck_assert_msg(fabs(db) <= 0.3, "%.3f dB", db);
	}
}
END_TEST

/* Errors of the two sides are as little alike as independent ones are: 4 standard deviations, at many lags. */
START_TEST(test_sides)
{
	struct dither_state d[2];
	memset(in, 0, sizeof in);
	for (int c = 0; c < 2; c++) {
		dither_init(&d[c], DITHER_TPDF, 16, 48000, c);
		dither_run(&d[c], in, out[c], N);
	}
	for (int lag = -50; lag <= 50; lag++) {
		double sum = 0;
		for (int k = 50; k < N - 50; k++)
			sum += error_of(0, k, 16) * error_of(1, k + lag, 16);
		ck_assert_msg(fabs(sum) <= 4.5 * 0.25 * sqrt(N), "lag %d: %g", lag, sum);
	}
}
END_TEST

/* Threshold of hearing in dB at the thirds from 20 Hz on (ISO 389-7, free field); at 18 kHz 70.4, no lower beyond. */
static double
threshold(double hz)
{
	static const double thirds[] = {78.5, 68.7, 59.5, 51.1, 44.0, 37.5, 31.5, 26.5, 22.1, 17.9,
	                                14.4, 11.4, 8.6,  6.2,  4.4,  3.0,  2.2,  2.4,  3.5,  1.7,
	                                -1.3, -4.2, -6.0, -5.4, -1.5, 6.0,  12.6, 13.9, 12.3, 40.2};
	if (hz >= 16000)
		return hz >= 18000 ? 70.4 : 40.2 + (70.4 - 40.2) * log(hz / 16000) / log(18.0 / 16);
	double at = 10 * log10(hz / 20); /* thirds are tenths of a decade */
	if (at <= 0)
		return thirds[0];
	int k = (int)at > 28 ? 28 : (int)at;
	return thirds[k] + (thirds[k + 1] - thirds[k]) * (at - k);
}

/* In-place FFT, length a power of two. */
static void
fft(double *re, double *im, int n)
{
	for (int i = 1, j = 0; i < n; i++) {
		int bit = n >> 1;
		for (; j & bit; bit >>= 1)
			j ^= bit;
		j ^= bit;
		if (i < j) {
			double a = re[i], b = im[i];
			re[i] = re[j];
			im[i] = im[j];
			re[j] = a;
			im[j] = b;
		}
	}
	for (int size = 2; size <= n; size *= 2) {
		for (int k = 0; k < size / 2; k++) {
			double c = cos(2 * M_PI * k / size), s = -sin(2 * M_PI * k / size);
			for (int at = k; at < n; at += size) {
				int to = at + size / 2;
				double a = re[to] * c - im[to] * s, b = re[to] * s + im[to] * c;
				re[to] = re[at] - a;
				im[to] = im[at] - b;
				re[at] += a;
				im[at] += b;
			}
		}
	}
}

/* Power of the error as the ear weighs it: each frequency by its sensitivity. */
static double
weighted(int channel, double rate)
{
	enum { SIZE = 4096 };
	static double re[SIZE], im[SIZE];
	double sum = 0;
	for (int at = 0; at + SIZE <= N; at += SIZE / 2) {
		for (int k = 0; k < SIZE; k++) {
			re[k] = error_of(channel, at + k, 16) * (1 - cos(2 * M_PI * k / SIZE));
			im[k] = 0;
		}
		fft(re, im, SIZE);
		for (int k = 1; k < SIZE / 2; k++)
			sum += (re[k] * re[k] + im[k] * im[k]) * pow(10, -0.1 * threshold(k * rate / SIZE));
	}
	return sum;
}

START_TEST(test_shaped)
{
	static const double rates[] = {44100, 48000, 96000};
	for (int r = 0; r < 3; r++) {
		struct dither_state d[2];
		make_noise();
		for (int c = 0; c < 2; c++) {
			dither_init(&d[c], c ? DITHER_SHAPED : DITHER_TPDF, 16, rates[r], 0);
			dither_run(&d[c], in, out[c], N);
		}
		double heard = 10 * log10(weighted(1, rates[r]) / weighted(0, rates[r]));
		ck_assert_msg(heard <= -17, "%g Hz: %.2f dB weighted", rates[r], heard);
		double total = 10 * log10(power(1, 0, N, 16)) - 20 * log10(32768);
		ck_assert_msg(total <= -75, "%g Hz: %.2f dBFS", rates[r], total);
	}
}
END_TEST

/* The same steps for any split into blocks, with denormals flushed or not. */
START_TEST(test_splits)
{
	for (enum dither kind = DITHER_NONE; kind <= DITHER_SHAPED; kind++) {
		struct dither_state d[2];
		uint64_t seed = 9;
		make_noise();
		for (int k = 1000; k < 2000; k++)
			in[k] = 1e-41f;
		dither_init(&d[0], kind, 16, 44100, 0);
		dither_run(&d[0], in, out[0], N);
		fpu_flush_denormals();
		dither_init(&d[1], kind, 16, 44100, 0);
		for (int at = 0; at < N;) {
			int n = 1 + (int)(200 + 199 * test_random(&seed));
			n = n < N - at ? n : N - at;
			dither_run(&d[1], in + at, out[1] + at, (size_t)n);
			at += n;
		}
		ck_assert_mem_eq(out[0], out[1], sizeof out[0]);
	}
}
END_TEST

TEST_MAIN("dither", 60, test_tpdf_noise, test_modulation, test_tone_below_a_step, test_sides, test_shaped, test_splits)
