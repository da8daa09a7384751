/* Fades of regions: the curve at every frame, by its formula, and crossfades. */
#include "bouncetest.h"

#define RATE 48000
#define FRAMES 60000

static const struct bounce_options floats = {.file = {.bits = SINK_32F}, .tail = 0};

static double
level(int64_t t, int c)
{
	(void)t;
	return c ? -0.25 : 0.5;
}

/* The factor at frame `passed` of a fade: a quarter of a sine, or a line, at the middle of the frame. */
static double
curve(int64_t passed, int64_t frames, int linear)
{
	if (passed >= frames)
		return 1;
	double x = ((double)passed + 0.5) / (double)frames;
	return linear ? x : sin(M_PI / 2 * x);
}

START_TEST(test_curve)
{
	static const struct {
		int in, out, length, linear;
	} rows[] = {{4801, 3000, 40000, 0},   {4801, 3000, 40000, 1}, {1, 1, 40000, 0}, {0, 40000, 40000, 1},
	            {30000, 30000, 40000, 0}, {90000, 0, 20000, 1},   {64, 0, 40000, 0}};
	test_begin();
	make_sound("a.wav", 2, RATE, FRAMES, level, 0);
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		char text[600];
		snprintf(text, sizeof text,
		         "stemdesk 1\nstrip/a/name A\nstrip/a/region/r1/file a.wav\nstrip/a/region/r1/at 1000smp\n"
		         "strip/a/region/r1/from 500smp\nstrip/a/region/r1/length %dsmp\nstrip/a/region/r1/gain -6\n"
		         "strip/a/region/r1/fade-in %dsmp\nstrip/a/region/r1/fade-out %dsmp\nstrip/a/region/r1/fade-curve %s\n",
		         rows[k].length, rows[k].in, rows[k].out, rows[k].linear ? "linear" : "power");
		struct sound mix = bounced(text, floats, NULL);
		ck_assert_int_eq(mix.frames, 1000 + rows[k].length);
		for (int64_t t = 0; t < mix.frames; t++) {
			double factor = 0;
			if (t >= 1000)
				factor = pow(10, -6 / 20.0) * curve(t - 1000, rows[k].in, rows[k].linear) *
				         curve(mix.frames - 1 - t, rows[k].out, rows[k].linear);
			for (int c = 0; c < 2; c++)
				ck_assert_double_eq_tol(mix.x[2 * t + c], level(t, c) * factor, 1e-6);
		}
	}
	test_end();
}
END_TEST

/* Two regions of one strip that overlap by their fades: a line keeps the level of what is alike, a sine its power. */
START_TEST(test_crossfade)
{
	test_begin();
	make_sound("a.wav", 2, RATE, FRAMES, level, 0);
	for (int linear = 0; linear < 2; linear++) {
		char text[800];
		snprintf(text, sizeof text,
		         "stemdesk 1\nstrip/a/name A\n"
		         "strip/a/region/r1/file a.wav\nstrip/a/region/r1/length 30000smp\nstrip/a/region/r1/fade-out 9600smp\n"
		         "strip/a/region/r1/fade-curve %s\n"
		         "strip/a/region/r2/file a.wav\nstrip/a/region/r2/at 20400smp\nstrip/a/region/r2/fade-in 9600smp\n"
		         "strip/a/region/r2/fade-curve %s\n",
		         linear ? "linear" : "power", linear ? "linear" : "power");
		struct sound mix = bounced(text, floats, NULL);
		for (int64_t t = 0; t < 60000; t++) {
			double a = curve(29999 - t, 9600, linear), b = curve(t - 20400, 9600, linear), want = 0.5;
			if (t >= 20400 && t < 30000) {
				ck_assert_double_eq_tol(linear ? a + b : a * a + b * b, 1, 1e-9);
				want = 0.5 * (a + b);
			}
			ck_assert_double_eq_tol(mix.x[2 * t], want, 1e-6);
		}
	}
	test_end();
}
END_TEST

TEST_MAIN("fades", 60, test_curve, test_crossfade)
