/* The dynamic equaliser: what it leaves alone, its shapes and its level curve by formula, its de-essing, bits. */
#include <complex.h>

#include "dsp/dyneq.h"
#include "unittest.h"

#define FRAMES 65536
#define RATE 48000.0

static struct dyneq_params
none(void)
{
	struct dyneq_params p = {.on = 1};
	for (int k = 0; k < DYNEQ_BANDS; k++)
		p.band[k] = (struct dyneq_band){0, DYNEQ_BELL, 1000, 1, -30, 100, -12, 1, 200};
	return p;
}

/* The response of a band at hz with the gain g, from the analogue prototypes and the bilinear transform. */
static double complex
shape(const struct dyneq_band *b, double g, double hz)
{
	double complex s = (double complex)I * tan(M_PI * hz / RATE) / tan(M_PI * b->freq / RATE);
	double d = sqrt(g);
	switch (b->type) {
	case DYNEQ_LOWSHELF:
		return (s * s + M_SQRT2 * d * s + g) / (s * s + M_SQRT2 * s + 1);
	case DYNEQ_HIGHSHELF:
		return (g * s * s + M_SQRT2 * d * s + 1) / (s * s + M_SQRT2 * s + 1);
	}
	return (s * s + g * s / b->q + 1) / (s * s + s / b->q + 1);
}

/* What the detector of a band hears of a tone, as a factor. */
static double
heard(const struct dyneq_band *b, double hz)
{
	double complex s = (double complex)I * tan(M_PI * hz / RATE) / tan(M_PI * b->freq / RATE);
	switch (b->type) {
	case DYNEQ_LOWSHELF:
		return cabs(1 / (s * s + M_SQRT2 * s + 1));
	case DYNEQ_HIGHSHELF:
		return cabs(s * s / (s * s + M_SQRT2 * s + 1));
	}
	return cabs(s / b->q / (s * s + s / b->q + 1));
}

/* dB that the band is turned by for a level in it: knee of 6 dB, ratio, range. */
static double
turn(const struct dyneq_band *b, double level)
{
	double over = level - b->threshold, slope = b->ratio < 100 ? 1 - 1 / b->ratio : 1, knee = 6.0206, down = 0;
	if (over > knee / 2)
		down = slope * over;
	else if (over > -knee / 2)
		down = slope * (over + knee / 2) * (over + knee / 2) / (2 * knee);
	down = fmin(down, fabs(b->range));
	return b->range < 0 ? -down : down;
}

/* Below every threshold not a bit changes. */
START_TEST(test_still)
{
	const struct dsp_unit *unit = unit_of(MASTER_DYNEQ, 0);
	struct dyneq_params p = none();
	float *l = unit_room(FRAMES), *r = unit_room(FRAMES), *kept = unit_room(FRAMES);
	for (int k = 0; k < DYNEQ_BANDS; k++) {
		p.band[k].on = 1;
		p.band[k].type = k % 3;
		p.band[k].threshold = 0;
	}
	unit_noise(l, FRAMES, 0.05, 3);
	memcpy(r, l, FRAMES * sizeof *r);
	memcpy(kept, l, FRAMES * sizeof *kept);
	void *state = unit_new(unit, RATE, &p);
	unit_run(unit, state, l, r, FRAMES);
	ck_assert(!memcmp(l, kept, FRAMES * sizeof *l) && !memcmp(r, kept, FRAMES * sizeof *r));
	free(state);
	free(l);
	free(r);
	free(kept);
}
END_TEST

/* Driven by a tone in the band, a quiet second tone reads the shape at other places: to 0.03 dB of the formula. */
START_TEST(test_shapes)
{
	static const struct {
		struct dyneq_band band;
		double drive, amplitude;
	} cases[] = {
	    {{1, DYNEQ_BELL, 1000, 1, -30, 100, -6, 1, 200}, 1000, 0.5},
	    {{1, DYNEQ_BELL, 3000, 4, -20, 100, -12, 1, 200}, 3000, 0.5},
	    {{1, DYNEQ_BELL, 300, 0.7, -25, 2, 8, 1, 200}, 300, 0.25},
	    {{1, DYNEQ_LOWSHELF, 200, 1, -30, 3, -10, 1, 200}, 60, 0.2},
	    {{1, DYNEQ_HIGHSHELF, 6000, 1, -40, 2, -9, 1, 200}, 12000, 0.1},
	    {{1, DYNEQ_HIGHSHELF, 4000, 1, -30, 1.5, 5, 1, 200}, 9000, 0.3},
	};
	static const double probes[] = {30, 130, 450, 800, 1500, 4100, 7700, 15000};
	const struct dsp_unit *unit = unit_of(MASTER_DYNEQ, 0);
	float *l = unit_room(2 * FRAMES), *r = unit_room(2 * FRAMES);
	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
		for (int place = 0; place < DYNEQ_BANDS; place += 3) {
			struct dyneq_params p = none();
			const struct dyneq_band *b = &cases[k].band;
			p.band[place] = *b;
			double level = test_db(cases[k].amplitude * heard(b, cases[k].drive));
			double g = pow(10, turn(b, level) / 20), worst = 0;
			void *state = unit_new(unit, RATE, &p);
			memset(l, 0, 2 * FRAMES * sizeof *l);
			unit_tone(l, 2 * FRAMES, cases[k].drive, RATE, cases[k].amplitude);
			for (size_t n = 0; n < sizeof probes / sizeof *probes; n++)
				unit_tone(l, 2 * FRAMES, probes[n], RATE, 1e-5);
			memcpy(r, l, 2 * FRAMES * sizeof *r);
			unit_run(unit, state, l, r, 2 * FRAMES);
			double got = unit_level(l + FRAMES, 48000, cases[k].drive, RATE, NULL) / cases[k].amplitude;
			worst = fabs(test_db(got / cabs(shape(b, g, cases[k].drive))));
			for (size_t n = 0; n < sizeof probes / sizeof *probes; n++) {
				got = unit_level(l + FRAMES, 48000, probes[n], RATE, NULL) / 1e-5;
				worst = fmax(worst, fabs(test_db(got / cabs(shape(b, g, probes[n])))));
			}
			printf("case %zu: turned %.2f dB, %.3f dB from the formula\n", k + 1, turn(b, level), worst);
			ck_assert(worst <= 0.03);
			ck_assert(!memcmp(l, r, 2 * FRAMES * sizeof *l));
			const struct unit_meter *meter = state;
			ck_assert(fabs((double)meter->reduction[place] + turn(b, level)) < 0.05);
			free(state);
		}
	free(l);
	free(r);
}
END_TEST

/* As a de-esser: bursts of noise at 8 kHz lose what range says, the voice between and below them nothing. */
START_TEST(test_deess)
{
	const struct dsp_unit *unit = unit_of(MASTER_DYNEQ, 0);
	struct dyneq_params p = none();
	float *l = unit_room(2 * FRAMES), *r = unit_room(2 * FRAMES), *kept = unit_room(2 * FRAMES);
	p.band[3] = (struct dyneq_band){1, DYNEQ_BELL, 8000, 1, -34, 100, -8, 1, 40};
	unit_tone(l, 2 * FRAMES, 220, RATE, 0.3);
	for (int n = 0; n < 2 * FRAMES; n++)
		if (n / 12000 % 2)
			l[n] += (float)(0.2 * sin(2 * M_PI * 8000 * n / RATE));
	memcpy(kept, l, 2 * FRAMES * sizeof *l);
	void *state = unit_new(unit, RATE, &p);
	unit_run(unit, state, l, r, 2 * FRAMES);
	/* within a burst, and well behind one: 240 ms later the gain is back to e^-5 of 8 dB */
	double burst = test_db(unit_level(l + 16800, 4800, 8000, RATE, NULL) / 0.2);
	double voice =
	    test_db(unit_level(l + 16800, 4800, 220 + 0, RATE, NULL) / unit_level(kept + 16800, 4800, 220, RATE, NULL));
	printf("esses %.2f dB, the voice under them %.3f dB\n", burst, voice);
	ck_assert(fabs(burst + 8) < 0.05);
	ck_assert(fabs(voice) < 0.05);
	for (int n = 0; n < 11000; n++)
		ck_assert(l[n] == kept[n]);
	free(state);
	free(l);
	free(r);
	free(kept);
}
END_TEST

START_TEST(test_rules)
{
	struct dyneq_params on = none(), off;
	for (int k = 0; k < DYNEQ_BANDS; k++)
		on.band[k] = (struct dyneq_band){1, k % 3, 200 * (k + 1), 1 + k, -40, 3, k == 1 ? 5 : -9, 3, 50};
	off = on;
	off.on = 0;
	unit_check_rules(MASTER_DYNEQ, 44100, &on, &off, sizeof on);
}
END_TEST

TEST_MAIN("dyneq", 120, test_still, test_shapes, test_deess, test_rules)
