/* The loudness meter on the signals of EBU Tech 3341 and 3342 that can be synthesised, and beside libebur128. */
#include <ebur128.h>
#include <string.h>

#include "base/fpu.h"
#include "dsp/dsp.h"
#include "dsp/loudness.h"
#include "dyntest.h"

static void *
meter_new(const struct loudness_unit *unit, int rate)
{
	void *state = NULL;
	ck_assert(posix_memalign(&state, DSP_ALIGN, unit->size()) == 0);
	fpu_flush_denormals();
	unit->init(state, rate);
	return state;
}

/* A meter and the tone that is fed to it. */
struct feed {
	void *state;
	int rate;
	double phase;
};

/* `seconds` of the tone at `db` dBFS on both sides; watches the loudness after `settle` seconds when lows are given. */
static void
play(struct feed *f, double hertz, double db, double seconds)
{
	float x[480];
	double amplitude = db > -200 ? pow(10, db / 20) : 0;
	for (long left = lround(seconds * f->rate); left > 0;) {
		long n = left < 480 ? left : 480;
		for (long k = 0; k < n; k++, f->phase += 2 * M_PI * hertz / f->rate)
			x[k] = (float)(amplitude * sin(f->phase));
		loudness_unit_w4.run(f->state, x, x, (size_t)n);
		left -= n;
	}
}

static struct feed
feed_new(int rate)
{
	return (struct feed){meter_new(&loudness_unit_w4, rate), rate, 0};
}

struct part {
	double db, seconds;
};

/*
 * Tech 3341, table 1: tones of 1 kHz on both sides, and the programme loudness they must read (cases 1 to 5). It gives
 * -23 +- 0.1 for case 5; the mean of its blocks is exactly 10 lg((39.7 10^-2.6 + 20.1 10^-2) / 59.8), as half of the
 * frames in the first and last 0.3 s + 0.3 s are not in four blocks.
 */
static const struct integrated_case {
	int number;
	struct part parts[5];
	double lufs;
} integrated_cases[] = {
    {1, {{-23, 20}}, -23},
    {2, {{-33, 20}}, -33},
    {3, {{-36, 10}, {-23, 60}, {-36, 10}}, -23},
    {4, {{-72, 10}, {-36, 10}, {-23, 60}, {-36, 10}, {-72, 10}}, -23},
    {5, {{-26, 20}, {-20, 20.1}, {-26, 20}}, -22.985},
};

START_TEST(test_integrated)
{
	const struct integrated_case *c = &integrated_cases[_i];
	struct feed f = feed_new(48000);
	for (int k = 0; k < 5; k++)
		play(&f, 1000, c->parts[k].db, c->parts[k].seconds);
	ck_assert_msg(fabs(loudness_integrated(f.state) - c->lufs) <= 0.02, "case %d: %g", c->number,
	              loudness_integrated(f.state));
	if (c->number <= 2) { /* cases 1 and 2 ask all three scales */
		ck_assert_double_le(fabs(loudness_momentary(f.state) - c->lufs), 0.02);
		ck_assert_double_le(fabs(loudness_shortterm(f.state) - c->lufs), 0.02);
	}
	free(f.state);
}
END_TEST

/*
 * Tech 3341, cases 9 and 12: short-term after 3 s and momentary after 1 s stand still while the tone changes, at -23 +-
 * 0.1; exactly at 10 lg((1.34 10^-2 + 1.66 10^-3) / 3) and 10 lg((0.18 10^-2 + 0.22 10^-3) / 0.4).
 */
START_TEST(test_still)
{
	struct feed f = feed_new(48000);
	for (int round = 0; round < 5; round++) {
		for (int k = 0; k < 300; k++) {
			play(&f, 1000, k < 134 ? -20 : -30, 0.01);
			if (round > 0)
				ck_assert_msg(fabs(loudness_shortterm(f.state) + 22.993) <= 0.02, "case 9: %g",
				              loudness_shortterm(f.state));
		}
	}
	free(f.state);
	f = feed_new(48000);
	for (int round = 0; round < 25; round++) {
		for (int k = 0; k < 40; k++) {
			play(&f, 1000, k < 18 ? -20 : -30, 0.01);
			if (round > 2)
				ck_assert_msg(fabs(loudness_momentary(f.state) + 22.967) <= 0.02, "case 12: %g",
				              loudness_momentary(f.state));
		}
	}
	free(f.state);
}
END_TEST

/* Tech 3341, cases 10 and 13: a tone as long as the window, late by any part of a second, shows in the maximum in full.
 */
START_TEST(test_file_maxima)
{
	for (int k = 0; k < 20; k++) {
		struct feed f = feed_new(48000);
		play(&f, 1000, -400, 0.15 * k);
		play(&f, 1000, -23, 3);
		play(&f, 1000, -400, 1);
		ck_assert_msg(fabs(loudness_max_shortterm(f.state) + 23) <= 0.02, "case 10, %d: %g", k,
		              loudness_max_shortterm(f.state));
		free(f.state);
		f = feed_new(48000);
		play(&f, 1000, -400, 0.02 * k);
		play(&f, 1000, -23, 0.4);
		play(&f, 1000, -400, 1);
		ck_assert_msg(fabs(loudness_max_momentary(f.state) + 23) <= 0.02, "case 13, %d: %g", k,
		              loudness_max_momentary(f.state));
		free(f.state);
	}
}
END_TEST

/* Tech 3341, cases 11 and 14: the same in one go, every tone 1 dB louder. */
START_TEST(test_live_maxima)
{
	struct feed f = feed_new(48000);
	for (int k = 0; k < 20; k++) {
		play(&f, 1000, -400, 0.15 * k);
		play(&f, 1000, -38 + k, 3);
		play(&f, 1000, -400, 3 - 0.15 * k);
		ck_assert_msg(fabs(loudness_max_shortterm(f.state) - (-38 + k)) <= 0.02, "case 11, %d", k);
	}
	free(f.state);
	f = feed_new(48000);
	for (int k = 0; k < 20; k++) {
		play(&f, 1000, -400, 0.02 * k);
		play(&f, 1000, -38 + k, 0.4);
		play(&f, 1000, -400, 0.4 - 0.02 * k);
		ck_assert_msg(fabs(loudness_max_momentary(f.state) - (-38 + k)) <= 0.02, "case 14, %d", k);
	}
	free(f.state);
}
END_TEST

/* Tech 3341, cases 15 to 19: steady sines whose peaks fall between the samples. */
static const struct peak_case {
	int number;
	double divisor, degrees, amplitude, dbtp;
} peak_cases[] = {
    {15, 4, 0, 0.5, -6.02},    {16, 4, 45, 0.5, -6.02},   {17, 6, 60, 0.5, -6.02},
    {18, 8, 67.5, 0.5, -6.02}, {19, 4, 45, 1.41, 2.9844},
};

START_TEST(test_true_peak)
{
	const struct peak_case *c = &peak_cases[_i];
	for (int rate = 44100; rate <= 192000; rate += 147900 / 3) {
		struct feed f = feed_new(rate);
		float x[4800];
		/* A steady tone: its ends, which ring, are faded over 20 ms. */
		for (int n = 0; n < 4800; n++) {
			double fade = n < 960 ? n / 960.0 : n >= 3840 ? (4800 - n) / 960.0 : 1;
			x[n] = (float)(fade * c->amplitude * sin(2 * M_PI * n / c->divisor + c->degrees * M_PI / 180));
		}
		loudness_unit_w4.run(f.state, x, x, 4800);
		loudness_unit_w4.finish(f.state);
		ck_assert_msg(fabs(loudness_true_peak(f.state) - c->dbtp) <= 0.05, "case %d: %g", c->number,
		              loudness_true_peak(f.state));
		free(f.state);
	}
}
END_TEST

/*
 * Like Tech 3341, cases 20 to 23: a pulse whose peak of 0 dBTP lies 0, 1, 2 or 3 quarters of a frame after a sample.
 * Here a cosine of a sixth of the rate under a Gaussian, far below -100 dB where the band ends.
 */
START_TEST(test_pulse)
{
	struct feed f = feed_new(48000);
	float x[256];
	for (int n = 0; n < 256; n++) {
		double t = n - 128 - 0.25 * _i;
		x[n] = (float)(cos(2 * M_PI * t / 6) * exp(-t * t / 50));
	}
	loudness_unit_w4.run(f.state, x, x, 256);
	loudness_unit_w4.finish(f.state);
	ck_assert_msg(fabs(loudness_true_peak(f.state)) <= 0.05, "%d quarters: %g", _i, loudness_true_peak(f.state));
	free(f.state);
}
END_TEST

/* Tech 3342, cases 1 to 4: tones of 20 s each. */
static const struct range_case {
	int number;
	double db[5];
	double range;
} range_cases[] = {
    {1, {-20, -30}, 10},
    {2, {-20, -15}, 5},
    {3, {-40, -20}, 20},
    {4, {-50, -35, -20, -35, -50}, 15},
};

START_TEST(test_range)
{
	const struct range_case *c = &range_cases[_i];
	struct feed f = feed_new(48000);
	for (int k = 0; k < 5 && c->db[k] < 0; k++)
		play(&f, 1000, c->db[k], 20);
	ck_assert_msg(fabs(loudness_range(f.state) - c->range) <= 0.02, "case %d: %g", c->number, loudness_range(f.state));
	free(f.state);
}
END_TEST

/*
 * BS.1770-4, annex 1: a sine of 997 Hz at full scale on one side reads -3.01 LKFS. At low rates the bilinear transform
 * bends the shelf, above 96 kHz the high-pass, whose numerator the standard leaves at 1 -2 1, loses 0.03 dB; there
 * libebur128, which designs its filter from the same prototypes, says what it should be.
 */
START_TEST(test_rates)
{
	static const int rates[] = {8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000, 176400, 192000};
	for (size_t k = 0; k < sizeof rates / sizeof *rates; k++) {
		void *state = meter_new(&loudness_unit_w4, rates[k]);
		ebur128_state *e = ebur128_init(2, (unsigned long)rates[k], EBUR128_MODE_I);
		float l[1000], r[1000] = {0}, both[2000] = {0};
		double theirs;
		for (int n = 0; n < 5 * rates[k]; n += 1000) {
			for (int m = 0; m < 1000; m++)
				both[2 * m] = l[m] = (float)sin(2 * M_PI * 997 * (n + m) / rates[k]);
			loudness_unit_w4.run(state, l, r, 1000);
			ck_assert(ebur128_add_frames_float(e, both, 1000) == EBUR128_SUCCESS);
		}
		ebur128_loudness_global(e, &theirs);
		double ours = loudness_integrated(state);
		ck_assert_msg(fabs(ours - theirs) <= 0.002, "%d Hz: %g, libebur128 %g", rates[k], ours, theirs);
		if (rates[k] >= 32000 && rates[k] <= 96000)
			ck_assert_msg(fabs(ours + 3.01) <= 0.02, "%d Hz: %g", rates[k], ours);
		ebur128_destroy(&e);
		free(state);
	}
}
END_TEST

/* Something like music: bass, chords and strokes in verses of different loudness, and air. */
static void
compose(float *l, float *r, int rate, int frames, uint64_t seed)
{
	double low = 0, high = 0;
	for (int n = 0; n < frames; n++) {
		double t = (double)n / rate, noise = test_random(&seed);
		low += 0.01 * (noise - low);
		high += 0.3 * (test_random(&seed) - high);
		double verse = 0.05 + 0.6 * fabs(sin(t / 7)), beat = fmod(t, 0.5);
		double stroke = exp(-9 * beat) * sin(2 * M_PI * 55 * beat),
		       chord = sin(1382 * t) + sin(1741.2 * t) + sin(2071 * t);
		double v = verse * (2 * low + 0.3 * high * exp(-20 * fmod(t, 0.25)) + 0.5 * stroke + 0.1 * chord);
		l[n] = (float)v;
		r[n] = (float)(0.7 * v + verse * 0.1 * high);
	}
}

/* libebur128 measures dense programme alike: I within 0.02 LU, momentary and short-term too. */
START_TEST(test_libebur128)
{
	static const int rates[] = {44100, 48000, 96000};
	for (int k = 0; k < 3; k++) {
		int rate = rates[k], frames = 40 * rate;
		float *l = malloc(sizeof *l * (size_t)frames), *r = malloc(sizeof *r * (size_t)frames);
		float *both = malloc(2 * sizeof *both * (size_t)frames);
		compose(l, r, rate, frames, 5);
		for (int n = 0; n < frames; n++) {
			both[2 * n] = l[n];
			both[2 * n + 1] = r[n];
		}
		void *state = meter_new(&loudness_unit_w4, rate);
		loudness_unit_w4.run(state, l, r, (size_t)frames);
		loudness_unit_w4.finish(state);
		ebur128_state *e =
		    ebur128_init(2, (unsigned long)rate, EBUR128_MODE_I | EBUR128_MODE_S | EBUR128_MODE_SAMPLE_PEAK);
		ck_assert(ebur128_add_frames_float(e, both, (size_t)frames) == EBUR128_SUCCESS);
		double i, m, s, pl, pr;
		ebur128_loudness_global(e, &i);
		ebur128_loudness_momentary(e, &m);
		ebur128_loudness_shortterm(e, &s);
		ebur128_sample_peak(e, 0, &pl);
		ebur128_sample_peak(e, 1, &pr);
		ck_assert_msg(fabs(loudness_integrated(state) - i) <= 0.02, "%d Hz: %g, libebur128 %g", rate,
		              loudness_integrated(state), i);
		ck_assert_double_le(fabs(loudness_momentary(state) - m), 0.02);
		ck_assert_double_le(fabs(loudness_shortterm(state) - s), 0.02);
		ck_assert(loudness_side_peak(state, 0) == (float)pl && loudness_side_peak(state, 1) == (float)pr);
		ck_assert_uint_eq(loudness_frames(state), (uint64_t)frames);
		ebur128_destroy(&e);
		free(state);
		free(l);
		free(r);
		free(both);
	}
}
END_TEST

/* The whole state is the same bytes for every width and every split. */
START_TEST(test_splits)
{
	const struct loudness_unit *units[] = {&loudness_unit_w1, &loudness_unit_w4, &loudness_unit_w8};
	int widths = strip_can(8) ? 3 : 2;
	int rate = 44100, frames = 4 * rate + 17;
	float *l = malloc(sizeof *l * (size_t)frames), *r = malloc(sizeof *r * (size_t)frames);
	compose(l, r, rate, frames, 9);
	void *whole = meter_new(&loudness_unit_w1, rate);
	loudness_unit_w1.run(whole, l, r, (size_t)frames);
	loudness_unit_w1.finish(whole);
	uint64_t seed = 21;
	for (int w = 0; w < widths; w++) {
		for (int most = 1; most < 20000; most *= 11) {
			void *state = meter_new(units[w], rate);
			for (int n = 0; n < frames;) {
				int part = 1 + (int)(fabs(test_random(&seed)) * most);
				part = part < frames - n ? part : frames - n;
				units[w]->run(state, l + n, r + n, (size_t)part);
				n += part;
			}
			units[w]->finish(state);
			ck_assert_msg(memcmp(whole, state, units[w]->size()) == 0, "width %d, parts of %d", 1 << w, most);
			free(state);
		}
	}
	free(whole);
	free(l);
	free(r);
}
END_TEST

/* Silence, and nothing at all, have no loudness; a single click has its peak. */
START_TEST(test_silence)
{
	void *state = meter_new(&loudness_unit_w4, 48000);
	ck_assert(isinf(loudness_integrated(state)) && isinf(loudness_momentary(state)) &&
	          isinf(loudness_true_peak(state)));
	ck_assert(loudness_range(state) == 0 && loudness_frames(state) == 0);
	float none[4800] = {0}, click[100] = {[99] = 0.5f};
	for (int n = 0; n < 100; n++)
		loudness_unit_w4.run(state, none, none, 4800);
	ck_assert(isinf(loudness_integrated(state)) && isinf(loudness_max_shortterm(state)));
	loudness_unit_w4.run(state, none, click, 100);
	loudness_unit_w4.finish(state);
	ck_assert_double_le(fabs(loudness_sample_peak(state) + 6.0206), 0.0001);
	ck_assert_double_le(fabs(loudness_true_peak(state) + 6.0206), 0.0001);
	ck_assert(loudness_side_peak(state, 0) == 0 && loudness_side_peak(state, 1) == 0.5f);
	free(state);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("loudness");
	TCase *cases = tcase_create("loudness");
	tcase_set_timeout(cases, 60);
	tcase_add_loop_test(cases, test_integrated, 0, sizeof integrated_cases / sizeof *integrated_cases);
	tcase_add_test(cases, test_still);
	tcase_add_test(cases, test_file_maxima);
	tcase_add_test(cases, test_live_maxima);
	tcase_add_loop_test(cases, test_true_peak, 0, sizeof peak_cases / sizeof *peak_cases);
	tcase_add_loop_test(cases, test_pulse, 0, 4);
	tcase_add_loop_test(cases, test_range, 0, sizeof range_cases / sizeof *range_cases);
	tcase_add_test(cases, test_rates);
	tcase_add_test(cases, test_libebur128);
	tcase_add_test(cases, test_splits);
	tcase_add_test(cases, test_silence);
	suite_add_tcase(suite, cases);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
