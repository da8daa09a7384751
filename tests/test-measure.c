/* What `measure` reads: signals whose figures follow from formulas, and libebur128 beside our own kernels. */

#include "desktest.h"
#include "base/fft.h"
#include "master/clips.h"
#include "master/measure.h"

#define SECONDS 6

/* A stereo signal of SECONDS. */
struct sound {
	int rate;
	size_t frames;
	float *side[2];
};

static struct sound
sound_new(int rate)
{
	struct sound s = {.rate = rate, .frames = (size_t)(SECONDS * rate)};
	for (int c = 0; c < 2; c++) {
		s.side[c] = calloc(s.frames, sizeof(float));
		ck_assert_ptr_nonnull(s.side[c]);
	}
	return s;
}

static void
sound_free(struct sound *s)
{
	free(s->side[0]);
	free(s->side[1]);
}

static void
add_tone(struct sound *s, int side, double hertz, double db)
{
	for (size_t t = 0; t < s->frames; t++)
		s->side[side][t] += (float)(pow(10, db / 20) * sin(2 * M_PI * hertz * ((double)t + 0.5) / s->rate));
}

static struct measured
measured(const struct sound *s, int channels)
{
	struct err err = {""};
	struct measured m;
	struct meter *meter = meter_new(s->rate, channels, &err);
	ck_assert_msg(meter != NULL, "%s", err.text);
	const float *const side[2] = {s->side[0], s->side[1]};
	/* odd pieces: points and blocks fall inside them */
	for (size_t at = 0; at < s->frames;) {
		size_t n = s->frames - at < 7777 ? s->frames - at : 7777;
		const float *const piece[2] = {side[0] + at, side[1] + at};
		ck_assert_int_eq(meter_take(meter, piece, n, &err), 0);
		at += n;
	}
	ck_assert_msg(meter_finish(meter, &m, &err) == 0, "%s", err.text);
	meter_free(meter);
	return m;
}

#define NEAR(x, wanted, limit) ck_assert_msg(fabs((x) - (wanted)) <= (limit), #x " %g, not %g", (x), (double)(wanted))

/*
 * Tech 3341, case 1, at five rates: 1 kHz at -23 dBFS on both sides reads -23.0 LUFS on every scale; range 0. BS.1770
 * gives its filter at 48 kHz alone; far from that the same analogue filter lies a little elsewhere (3341 allows 0.1).
 */
static const struct {
	int rate;
	double limit;
} rates[] = {{22050, 0.04}, {44100, 0.02}, {48000, 0.02}, {96000, 0.02}, {192000, 0.04}};

START_TEST(test_tone)
{
	struct sound s = sound_new(rates[_i].rate);
	for (int c = 0; c < 2; c++)
		add_tone(&s, c, 1000, -23);
	struct measured m = measured(&s, 2);
	NEAR(m.integrated, -23, rates[_i].limit);
	NEAR(m.max_momentary, -23, rates[_i].limit);
	NEAR(m.max_shortterm, -23, rates[_i].limit);
	NEAR(m.range, 0, 0.02);
	NEAR(m.apart, 0, 0.01);
	NEAR(m.true_peak, -23, 0.1);
	NEAR(m.plr, 0, 0.1);
	NEAR(m.psr, 0, 0.1);
	NEAR(m.correlation, 1, 1e-6);
	ck_assert(m.width < -100);
	ck_assert_uint_eq(m.clipped_runs, 0);
	ck_assert_uint_eq(m.points, SECONDS * MEASURE_STEP);
	NEAR((double)m.shortterm[m.points - 1], -23, rates[_i].limit);
	/* the third around 1 kHz holds all of it, at the tone's level */
	NEAR(m.band[17].level, -23, 0.05);
	for (int k = 0; k < BALANCE_BANDS; k++)
		ck_assert_msg(k == 17 || m.band[k].level < -23 - 50, "%s: %g", balance_name(k), m.band[k].level);
	measured_fini(&m);
	sound_free(&s);
}
END_TEST

/* One channel counts once (BS.1770): 3.01 LU less than the same on both sides. */
START_TEST(test_mono)
{
	struct sound s = sound_new(48000);
	add_tone(&s, 0, 1000, -20);
	struct measured m = measured(&s, 1);
	NEAR(m.integrated, -20 - 3.01, 0.02);
	NEAR(m.apart, 0, 0.01);
	ck_assert(isnan(m.correlation) && m.width == -HUGE_VAL);
	NEAR(m.band[17].level, -20, 0.05);
	measured_fini(&m);
	sound_free(&s);
}
END_TEST

/* Tech 3341, case 15 to 18: a quarter of the rate at 45 degrees peaks between its samples, at -6.0 dBTP +0.2 -0.4. */
START_TEST(test_true_peak)
{
	struct sound s = sound_new(48000);
	for (size_t t = 0; t < s.frames; t++)
		s.side[0][t] = s.side[1][t] = (float)(0.5 * sin(M_PI / 2 * (double)t + M_PI / 4));
	struct measured m = measured(&s, 2);
	NEAR(m.sample_peak, 20 * log10(0.5 * sqrt(0.5)), 0.001);
	ck_assert_msg(m.true_peak <= -6.02 + 0.2 && m.true_peak >= -6.02 - 0.4, "%g", m.true_peak);
	measured_fini(&m);
	sound_free(&s);
}
END_TEST

/* Uncorrelated sides: no correlation, side as strong as mid; opposite ones: all side. A constant shows as DC. */
START_TEST(test_stereo)
{
	struct sound s = sound_new(48000);
	add_tone(&s, 0, 400, -20);
	add_tone(&s, 1, 4000, -20);
	for (size_t t = 0; t < s.frames; t++)
		s.side[1][t] += 0.01F;
	struct measured m = measured(&s, 2);
	/* the sides' squares are 0.005 and 0.005 + 0.0001, the product of their means and tones nothing */
	NEAR(m.correlation, 0, 0.001);
	NEAR(m.width, 0, 0.001);
	NEAR(m.dc[0], 0, 1e-6);
	NEAR(m.dc[1], 0.01, 1e-6);
	NEAR(m.band[13].level - m.band[23].level, 0, 0.05);
	NEAR(m.band[13].width, 0, 0.01);
	measured_fini(&m);
	for (size_t t = 0; t < s.frames; t++)
		s.side[1][t] = -s.side[0][t];
	m = measured(&s, 2);
	NEAR(m.correlation, -1, 1e-6);
	ck_assert(m.width > 60);
	measured_fini(&m);
	sound_free(&s);
}
END_TEST

/* Tech 3342, cases 1 and 2: the range of two tones is the difference of their levels (shorter here: 10 LU and 5 LU). */
START_TEST(test_range)
{
	static const double second[2] = {-30, -15};
	struct err err = {""};
	struct measured m;
	struct meter *meter = meter_new(48000, 2, &err);
	static float x[48000];
	for (int part = 0; part < 2; part++)
		for (int k = 0; k < 20; k++) {
			for (int t = 0; t < 48000; t++)
				x[t] = (float)(pow(10, (part ? second[_i] : -20) / 20) * sin(2 * M_PI * 1000 * t / 48000));
			const float *const side[2] = {x, x};
			ck_assert_int_eq(meter_take(meter, side, 48000, &err), 0);
		}
	ck_assert_int_eq(meter_finish(meter, &m, &err), 0);
	NEAR(m.range, fabs(second[_i] + 20), 0.02);
	/* the peak stands 0 dB over the tone, whichever is loud; the soft part is 10 LU down or more and counts not */
	NEAR(m.psr, 0, 0.1);
	measured_fini(&m);
	meter_free(meter);
}
END_TEST

/* Silence has no loudness, and nothing that divides by it. */
START_TEST(test_silence)
{
	struct sound s = sound_new(48000);
	struct measured m = measured(&s, 2);
	ck_assert(m.integrated == -HUGE_VAL && m.true_peak == -HUGE_VAL && m.sample_peak == -HUGE_VAL);
	ck_assert(isnan(m.correlation) && isnan(m.plr) && isnan(m.psr) && m.apart == 0);
	ck_assert(m.range == 0 && m.clipped_runs == 0 && m.band[10].level == -HUGE_VAL);
	measured_fini(&m);
	s.frames = 0;
	m = measured(&s, 2);
	ck_assert(m.integrated == -HUGE_VAL && m.points == 0);
	measured_fini(&m);
	sound_free(&s);
}
END_TEST

static uint64_t
clips_of(const float *x, size_t n, int64_t *first)
{
	struct clips c = {.first = -1};
	clips_take(&c, x, n / 3);
	clips_take(&c, x + n / 3, n - n / 3);
	clips_finish(&c);
	*first = c.first;
	return c.runs;
}

/*
 * A tone that is cut off has two flat tops a period, wherever its level was put afterwards. The same tone uncut has
 * none, and neither has bass that just fills 16 bits: its rounded top is flat, but no slope leads into it.
 */
START_TEST(test_clips)
{
	enum { N = 48000 };
	static float x[N];
	int64_t first;
	for (int lowered = 0; lowered < 2; lowered++) {
		for (int t = 0; t < N; t++) {
			double y = 1.12 * sin(2 * M_PI * 100 * t / 48000.0);
			y = y > 32767 / 32768.0 ? 32767 / 32768.0 : y < -1 ? -1 : y;
			x[t] = (float)(lowered ? 0.3 * y : y);
		}
		ck_assert_uint_eq(clips_of(x, N, &first), 200);
		/* sin(2 pi 100 t / 48000) first reaches 1 / 1.12 at 48000 asin(1 / 1.12) / (200 pi) = 84.2 */
		ck_assert_int_eq(first, 85);
	}
	for (int t = 0; t < N; t++)
		x[t] = (float)(0.98 * sin(2 * M_PI * 100 * t / 48000.0));
	ck_assert_uint_eq(clips_of(x, N, &first), 0);
	for (int t = 0; t < N; t++)
		x[t] = (float)(rint(32767 * sin(2 * M_PI * 20 * t / 48000.0)) / 32768);
	ck_assert_uint_eq(clips_of(x, N, &first), 0);
	ck_assert_int_eq(first, -1);
}
END_TEST

/* The transform against its definition, at 64 points. */
START_TEST(test_fft)
{
	enum { N = 64 };
	struct fft *f = fft_new(6);
	float re[N], im[N], x[N], y[N];
	uint64_t seed = 1;
	for (int t = 0; t < N; t++) {
		re[t] = x[t] = (float)test_random(&seed);
		im[t] = y[t] = (float)test_random(&seed);
	}
	fft_run(f, re, im);
	for (int k = 0; k < N; k++) {
		double a = 0, b = 0;
		for (int t = 0; t < N; t++) {
			double w = -2 * M_PI * k * t / N;
			a += (double)x[t] * cos(w) - (double)y[t] * sin(w);
			b += (double)x[t] * sin(w) + (double)y[t] * cos(w);
		}
		NEAR((double)re[k], a, 1e-5);
		NEAR((double)im[k], b, 1e-5);
	}
	fft_free(f);
}
END_TEST

/* The thirds of IEC 61260-1, and white noise: each third holds 10 lg(width / half the rate) of the whole. */
START_TEST(test_thirds)
{
	NEAR(balance_hertz(0), 19.953, 0.001);
	NEAR(balance_hertz(17), 1000, 1e-6);
	NEAR(balance_hertz(30), 19952.6, 0.1);
	struct sound s = sound_new(48000);
	uint64_t seed = 7;
	for (size_t t = 0; t < s.frames; t++)
		for (int c = 0; c < 2; c++)
			s.side[c][t] = (float)(0.1 * test_random(&seed));
	struct measured m = measured(&s, 2);
	/* of a uniform distribution: 0.1^2 / 3; a full sine, 1/2, is 0 dB */
	double all = 10 * log10(0.01 / 3 / 0.5);
	for (int k = 10; k < BALANCE_BANDS; k++) {
		double width = balance_hertz(k) * (pow(10, 0.05) - pow(10, -0.05));
		/* six standard deviations of a mean over the bins and some 35 half independent blocks */
		double limit = 6 * 4.34 / sqrt(width / 2.93 * 30);
		NEAR(m.band[k].level, all + 10 * log10(width / 24000), limit);
		NEAR(m.band[k].width, 0, 1.5 * limit);
	}
	measured_fini(&m);
	sound_free(&s);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("measure");
	TCase *tcase = tcase_create("measure");
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, test_tone, 0, (int)(sizeof rates / sizeof *rates));
	tcase_add_loop_test(tcase, test_range, 0, 2);
	tcase_add_test(tcase, test_mono);
	tcase_add_test(tcase, test_true_peak);
	tcase_add_test(tcase, test_stereo);
	tcase_add_test(tcase, test_silence);
	tcase_add_test(tcase, test_clips);
	tcase_add_test(tcase, test_fft);
	tcase_add_test(tcase, test_thirds);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
