/* The stereo image: widths by band, mono below a frequency, one phase for middle and sides, bits. */
#include "dsp/stereo.h"
#include "unittest.h"

#define FRAMES 65536

static const struct stereo_params plain = {1, {200, 2000, 8000}, {100, 100, 100, 100}, 0};

/* The answer of middle and sides to an impulse in one of them. */
static void
answer(double rate, const struct stereo_params *p, int side, float *middle, float *sides)
{
	const struct dsp_unit *unit = unit_of(MASTER_STEREO, 0);
	void *state = unit_new(unit, rate, p);
	memset(middle, 0, FRAMES * sizeof *middle);
	memset(sides, 0, FRAMES * sizeof *sides);
	middle[0] = 0.5f;
	sides[0] = side ? -0.5f : 0.5f;
	unit_run(unit, state, middle, sides, FRAMES);
	for (int n = 0; n < FRAMES; n++) {
		float l = middle[n], r = sides[n];
		middle[n] = l + r;
		sides[n] = l - r;
	}
	free(state);
}

/*
 * Middle flat to 0.01 dB at every setting; sides as the bands' weights and the high-pass say, to 0.01 dB where they are
 * above -60 dB; nothing of one comes out of the other, and both have the same phase to 0.001 radian: so a mono sum
 * loses exactly what the sides hold, and nothing is moved.
 */
START_TEST(test_response)
{
	static const struct {
		double rate;
		struct stereo_params p;
	} cases[] = {
	    {48000, {1, {200, 2000, 8000}, {100, 100, 100, 100}, 0}},
	    {48000, {1, {200, 2000, 8000}, {0, 100, 130, 180}, 0}},
	    {44100, {1, {120, 900, 6000}, {50, 90, 110, 150}, 150}},
	    {96000, {1, {300, 3000, 12000}, {100, 100, 100, 100}, 250}},
	    {192000, {1, {100, 1000, 9000}, {80, 120, 200, 140}, 90}},
	};
	float *middle = unit_room(FRAMES), *sides = unit_room(FRAMES);
	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
		const struct stereo_params *p = &cases[k].p;
		double rate = cases[k].rate, flat = 0, wide = 0, apart = 0;
		float *kept = unit_room(FRAMES);
		answer(rate, p, 0, middle, sides);
		for (int n = 0; n < FRAMES; n++)
			ck_assert(fabsf(sides[n]) < 1e-7f);
		memcpy(kept, middle, FRAMES * sizeof *kept);
		answer(rate, p, 1, middle, sides);
		for (int n = 0; n < FRAMES; n++)
			ck_assert(fabsf(middle[n]) < 1e-7f);
		for (double hz = 20; hz < 20000; hz *= 1.17) {
			double weight[4], wanted = 0, phase_m, phase_s;
			unit_bands(hz, p->cross, rate, weight);
			for (int b = 0; b < 4; b++)
				wanted += weight[b] * p->width[b] / 100;
			if (p->mono_below > 0)
				wanted *= 1 - 1 / (1 + pow(tan(M_PI * hz / rate) / tan(M_PI * p->mono_below / rate), 4));
			double m = unit_response(kept, FRAMES, hz, rate, &phase_m);
			double s = unit_response(sides, FRAMES, hz, rate, &phase_s);
			flat = fmax(flat, fabs(test_db(m)));
			if (wanted < 1e-3) {
				ck_assert(s < 1.1e-3);
				continue;
			}
			wide = fmax(wide, fabs(test_db(s / wanted)));
			apart = fmax(apart, fabs(remainder(phase_m - phase_s, 2 * M_PI)));
		}
		printf("case %zu: middle %.4f dB from flat, sides %.4f dB from the formula, %.5f radian apart\n", k + 1, flat,
		       wide, apart);
		ck_assert(flat <= 0.01 && wide <= 0.01 && apart <= 0.001);
		free(kept);
	}
	free(middle);
	free(sides);
}
END_TEST

/* Mono below 150 Hz: of a 40 Hz tone on the left only, both sides get the half, and what stands apart is -46 dB. */
START_TEST(test_mono)
{
	const struct dsp_unit *unit = unit_of(MASTER_STEREO, 0);
	struct stereo_params p = plain;
	float *l = unit_room(FRAMES), *r = unit_room(FRAMES);
	p.mono_below = 150;
	unit_tone(l, FRAMES, 40, 48000, 0.8);
	void *state = unit_new(unit, 48000, &p);
	unit_run(unit, state, l, r, FRAMES);
	double left = unit_level(l + FRAMES / 2, FRAMES / 2, 40, 48000, NULL);
	double right = unit_level(r + FRAMES / 2, FRAMES / 2, 40, 48000, NULL);
	double rest = 1 - 1 / (1 + pow(40 / 150.0, 4));
	ck_assert(fabs(left - 0.4 * (1 + rest)) < 1e-3 && fabs(right - 0.4 * (1 - rest)) < 1e-3);
	free(state);
	free(l);
	free(r);
}
END_TEST

START_TEST(test_rules)
{
	const struct stereo_params on = {1, {200, 2000, 8000}, {30, 100, 140, 170}, 120};
	struct stereo_params off = on;
	off.on = 0;
	unit_check_rules(MASTER_STEREO, 44100, &on, &off, sizeof on);
}
END_TEST

TEST_MAIN("imaging", 60, test_response, test_mono, test_rules)
