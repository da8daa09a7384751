/* The clipper: what it leaves alone, its curve and its aliases against the clipped tone's Fourier series, bits. */
#include "base/fft.h"
#include "dsp/clipper.h"
#include "unittest.h"

#define FRAMES 65536

/* The curve: x to a, a parabola to 2 c - a, then c. */
static double
curve(double x, double a, double c)
{
	double size = fabs(x), y = size;
	if (size > 2 * c - a)
		y = c;
	else if (size > a)
		y = size - (size - a) * (size - a) / (4 * (c - a));
	return x < 0 ? -y : y;
}

/* Amplitude of harmonic n of a sine of that amplitude behind the curve, by the integral over a quarter period. */
static double
harmonic(int n, double amplitude, double a, double c)
{
	enum { STEPS = 20000 };
	double sum = 0;
	if (n % 2 == 0)
		return 0;
	for (int k = 0; k < STEPS; k++) {
		double t = (k + 0.5) / STEPS * M_PI / 2;
		sum += curve(amplitude * sin(t), a, c) * sin(n * t);
	}
	return sum / STEPS * 2;
}

#define UP 8 /* points a frame that the clipper works at */

/* dB of all harmonics that sampling at `rate` folds below `top`, together. */
static double
folded(double hz, double rate, double top, double amplitude, double a, double c)
{
	double power = 0;
	for (int n = 3; n * hz < 3.5 * rate; n += 2)
		if (n * hz > rate / 2 && fabs(remainder(n * hz, rate)) < top)
			power += pow(harmonic(n, amplitude, a, c), 2);
	return 10 * log10(power + 1e-30);
}

/* Peaks below the level pass with every bit, and so does everything around the frames that a peak reaches. */
START_TEST(test_untouched)
{
	const struct dsp_unit *unit = unit_of(MASTER_CLIPPER, 0);
	const struct clipper_params p = {1, -6, 3};
	float *l = unit_room(FRAMES), *r = unit_room(FRAMES), *kept = unit_room(FRAMES);
	unit_tone(l, FRAMES, 997, 48000, 0.3);
	unit_noise(r, FRAMES, 0.05, 9);
	l[30000] = 0.9f;
	memcpy(kept, l, FRAMES * sizeof *l);
	void *state = unit_new(unit, 48000, &p);
	unit_run(unit, state, l, r, FRAMES);
	int changed = 0;
	for (int n = 0; n + CLIPPER_LATENCY < FRAMES; n++) {
		int same = l[n + CLIPPER_LATENCY] == kept[n];
		changed += !same;
		ck_assert_msg(same || abs(n - 30000) <= 64, "frame %d has changed", n);
	}
	ck_assert(changed > 0);
	free(state);
	free(l);
	free(r);
	free(kept);
}
END_TEST

/*
 * A sine driven into it: every harmonic up to 0.45 of the rate (20 kHz at 44.1) has the size that the Fourier series of
 * the curve says. All that is neither tone nor harmonic below that frequency, the aliases, is no more than the
 * harmonics of that series that eight times the rate folds there, within 1 dB or below -110 dB. For comparison, the
 * same curve without oversampling.
 */
START_TEST(test_aliases)
{
	static const struct {
		double rate, hz, over, knee;
	} cases[] = {{48000, 997, 3, 0},  {48000, 997, 6, 3},  {44100, 5003, 3, 0}, {44100, 5003, 3, 6},
	             {48000, 2003, 1, 1}, {96000, 5003, 3, 0}, {48000, 9001, 2, 2}};
	const struct dsp_unit *unit = unit_of(MASTER_CLIPPER, 0);
	struct fft *fft = fft_new(16);
	float *l = unit_room(2 * FRAMES), *r = unit_room(2 * FRAMES), *im = unit_room(FRAMES);
	for (size_t k = 0; k < 2 * sizeof cases / sizeof *cases; k++) {
		int plain = k & 1; /* the curve alone, sample by sample */
		double knee = cases[k / 2].knee, rate = cases[k / 2].rate, over = cases[k / 2].over;
		const struct clipper_params p = {1, -6, knee};
		double c = pow(10, -6 / 20.0), a = c * pow(10, -knee / 20), amplitude = c * pow(10, over / 20);
		int periods = (int)(cases[k / 2].hz * FRAMES / rate) | 1; /* whole ones, odd: no alias falls on a harmonic */
		double hz = periods * rate / FRAMES, worst = 0, power = 0, tone = 0;
		void *state = unit_new(unit, rate, &p);
		memset(l, 0, 2 * FRAMES * sizeof *l);
		unit_tone(l, 2 * FRAMES, hz, rate, amplitude);
		for (int n = 0; plain && n < 2 * FRAMES; n++)
			l[n] = (float)curve((double)l[n], a, c);
		if (!plain)
			unit_run(unit, state, l, r, 2 * FRAMES);
		memset(im, 0, FRAMES * sizeof *im);
		fft_run(fft, l + FRAMES / 2, im);
		for (int bin = 1; bin < 0.45 * FRAMES; bin++) {
			double size = hypot((double)l[FRAMES / 2 + bin], (double)im[bin]) * 2 / FRAMES;
			tone = bin == periods ? size : tone;
			if (bin % periods == 0 && bin / periods % 2)
				worst = fmax(worst, fabs(size - fabs(harmonic(bin / periods, amplitude, a, c))));
			else
				power += size * size;
		}
		double wanted = folded(hz, UP * rate, 0.45 * rate, amplitude, a, c) - test_db(tone);
		double alias = 10 * log10(power / (tone * tone)), off = test_db(worst / tone);
		if (plain)
			printf("    without oversampling: aliases %.1f dB\n", alias);
		else
			printf("%.0f Hz at %.0f, %.0f dB over, knee %.0f: aliases %.1f dB (%.1f by formula), harmonics off by %.1f "
			       "dB\n",
			       hz, rate, over, knee, alias, wanted, off);
		ck_assert(plain || alias < fmax(wanted + 1, -110));
		ck_assert(plain || off < -75);
		free(state);
	}
	fft_free(fft);
	free(l);
	free(r);
	free(im);
}
END_TEST

/* A quarter-rate sine at 45 degrees: no frame is above the level, the wave between them is. It is clipped as well. */
START_TEST(test_between)
{
	const struct dsp_unit *unit = unit_of(MASTER_CLIPPER, 0);
	const struct clipper_params p = {1, -6, 0};
	float *l = unit_room(FRAMES), *r = unit_room(FRAMES);
	double c = pow(10, -6 / 20.0), amplitude = c * pow(10, 2 / 20.0);
	for (int n = 0; n < FRAMES; n++)
		l[n] = (float)(amplitude * sin(M_PI / 2 * n + M_PI / 4));
	ck_assert((double)l[1] < c);
	void *state = unit_new(unit, 48000, &p);
	unit_run(unit, state, l, r, FRAMES);
	const struct unit_meter *meter = state;
	ck_assert(fabs((double)meter->reduction[0] - 2) < 0.02);
	/* all harmonics lie above the half of the rate: the tone alone is left, by the Fourier series */
	double wanted = harmonic(1, amplitude, c, c), got = 0;
	for (int n = FRAMES / 2; n < FRAMES; n++)
		got = fmax(got, (double)l[n] * M_SQRT2);
	ck_assert_msg(fabs(test_db(got / wanted)) < 0.02, "%.4f, should be %.4f", got, wanted);
	free(state);
	free(l);
	free(r);
}
END_TEST

START_TEST(test_rules)
{
	const struct clipper_params on = {1, -9, 2}, off = {0, -9, 2};
	unit_check_rules(MASTER_CLIPPER, 48000, &on, &off, sizeof on);
}
END_TEST

TEST_MAIN("clipper", 60, test_untouched, test_aliases, test_between, test_rules)
