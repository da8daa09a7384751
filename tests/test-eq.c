/* The equaliser's sound: magnitude against the analogue prototype through the kernel, sides, mono banks, bands at rest.
 */
#include "eqtest.h"

#define LIMIT_DB 0.15
#define FLOOR_DB -30

/* The longest of the slow poles' decays to -140 dB, in frames. */
static int
response_length(const struct eq_band *b, double rate)
{
	double a = pow(10, fabs(b->gain) / 40), wide = fmax(b->q, 1 / b->q);
	double frames = 16 * 2 * wide * a * a * rate / (2 * M_PI * b->freq) + 1024;
	return (int)fmin(frames, 300000) / QUANTUM * QUANTUM;
}

/* The largest error in dB up to `top` where the prototype is above -30 dB, and where. */
static double
worst_error(const struct eq_band *band, double rate, double top, double *where)
{
	struct bank b = bank_new(&eq_proc_w1, 1, rate);
	struct eq_params p = {.on = 1};
	p.band[2] = *band;
	eq_proc_w1.set(b.state, 0, &p, 1);
	int frames = response_length(band, rate);
	float *x = calloc((size_t)frames, sizeof *x);
	x[0] = 1;
	for (int n = 0; n < frames; n += QUANTUM)
		bank_lane(&b, 0, x + n, NULL);
	double worst = 0;
	for (int k = 0; k < 70; k++) {
		double f = k < 40 ? top * (k + 1) / 40.0 : band->freq * pow(2, (k - 55) / 12.0);
		if (f > top || f < 10)
			continue;
		double truth = test_db(cabs(eq_truth(band, f)));
		double error = fabs(test_db(gain_at(x, frames, f, rate)) - truth);
		if (truth > FLOOR_DB && !(error <= worst)) {
			worst = error;
			*where = f;
		}
	}
	free(x);
	bank_free(&b);
	return worst;
}

static void
check_band(const struct eq_band *b, double rate)
{
	double where = 0, error = worst_error(b, rate, 20000, &where);
	ck_assert_msg(error <= LIMIT_DB, "type %d, %g Hz, %g dB, Q %g at %g: %.3f dB wrong at %g Hz", b->type, b->freq,
	              b->gain, b->q, rate, error, where);
}

static const double rates[] = {44100, 48000, 96000};

START_TEST(bells_at_the_top)
{
	for (int r = 0; r < 3; r++)
		for (int k = 0; k < 12; k++)
			check_band(&(struct eq_band){.on = 1,
			                             .type = EQ_BELL,
			                             .freq = (double[]){10e3, 14e3, 16e3}[k / 4],
			                             .gain = k & 1 ? 12 : -12,
			                             .q = k & 2 ? 4 : 1},
			           rates[r]);
}
END_TEST

START_TEST(every_type)
{
	static const double freqs[] = {60, 700, 5000, 12000, 20000}, qs[] = {0.3, 0.71, 3};
	for (int r = 0; r < 3; r++)
		for (int type = EQ_BELL; type <= EQ_BANDPASS; type++)
			for (int f = 0; f < 5; f++)
				for (int q = 0; q < 3; q++)
					check_band(&(struct eq_band){1, type, EQ_STEREO, freqs[f], f & 1 ? 9 : -15, qs[q]}, rates[r]);
}
END_TEST

/* Anywhere in the parameter table's ranges. */
START_TEST(whole_range)
{
	uint64_t seed = 5;
	for (int k = 0; k < 150; k++) {
		struct eq_band b = {.on = 1, .type = (int)(3.5 + 3.5 * test_random(&seed))};
		b.freq = 200 * pow(100, 0.5 + 0.5 * test_random(&seed));
		b.gain = 24 * test_random(&seed);
		b.q = 0.1 * pow(240, 0.5 + 0.5 * test_random(&seed));
		check_band(&b, rates[k % 3]);
	}
}
END_TEST

/* Rates beyond the three: as exact where 20 kHz can be heard; below, corners may lie beyond Nyquist and all stays sane.
 */
START_TEST(other_rates)
{
	uint64_t seed = 6;
	for (int k = 0; k < 60; k++) {
		static const double others[] = {88200, 192000, 8000, 16000, 22050, 32000};
		double rate = others[k % 6], where = 0;
		struct eq_band b = {.on = 1, .type = (int)(3.5 + 3.5 * test_random(&seed))};
		b.freq = 500 * pow(40, 0.5 + 0.5 * test_random(&seed));
		b.gain = 18 * test_random(&seed);
		b.q = 0.3 * pow(30, 0.5 + 0.5 * test_random(&seed));
		double error = worst_error(&b, rate, fmin(20000, 0.45 * rate), &where);
		ck_assert_msg(error <= (rate > 44100 ? LIMIT_DB : 3),
		              "type %d, %g Hz, %g dB, Q %g at %g: %.3f dB wrong at %g Hz", b.type, b.freq, b.gain, b.q, rate,
		              error, where);
	}
}
END_TEST

static void
noise(float *x, int n, uint64_t *seed)
{
	for (int k = 0; k < n; k++)
		x[k] = (float)test_random(seed);
}

/* Bands that are off, bells and shelves without gain, and an equaliser that is off leave every bit as it was. */
START_TEST(at_rest_bits_are_untouched)
{
	uint64_t seed = 1;
	for (int what = 0; what < 4; what++) {
		struct bank b = bank_new(&eq_proc_w4, 4, 48000);
		struct eq_params busy = {.on = 1}, rest = {.on = what != 0};
		for (int k = 0; k < EQ_BANDS; k++) {
			busy.band[k] = (struct eq_band){1, k, k % 3, 100 << k, 6, 2};
			rest.band[k] = (struct eq_band){
			    what != 1, what == 0 ? k : what == 1 ? EQ_NOTCH : k % 3, EQ_STEREO, 1000, what ? 0 : 6, 1};
		}
		for (int lane = 0; lane < 4; lane++)
			eq_proc_w4.set(b.state, lane, lane == 2 || what == 3 ? &rest : &busy, lane & 1);
		for (int n = 0; n < 60; n++) {
			float l[4 * QUANTUM], r[4 * QUANTUM];
			noise(l, 4 * QUANTUM, &seed);
			noise(r, 4 * QUANTUM, &seed);
			l[4 * 5 + 2] = r[4 * 7 + 2] = -0.0f;
			l[4 * 9 + 2] = 1e-40f;
			memcpy(b.l, l, sizeof l);
			memcpy(b.r, r, sizeof r);
			bank_run(&b, 1);
			for (int k = 0; k < 4 * QUANTUM; k++)
				if (k % 4 == 2)
					ck_assert(!memcmp(b.l + k, l + k, sizeof *l) && !memcmp(b.r + k, r + k, sizeof *r));
				else if (what != 3 && n > 50 && k > 8)
					ck_assert(b.l[k] != l[k]);
		}
		bank_free(&b);
	}
}
END_TEST

/* A band on the middle (side) does to l + r (l - r) what a stereo band does to a channel, and nothing to the other. */
START_TEST(middle_and_side)
{
	for (int side = EQ_MID; side <= EQ_SIDE; side++) {
		struct eq_params p = {.on = 1}, q = {.on = 1};
		p.band[1] = (struct eq_band){1, EQ_BELL, side, 1000, 9, 1};
		q.band[1] = (struct eq_band){1, EQ_BELL, EQ_STEREO, 1000, 9, 1};
		struct bank b = bank_new(&eq_proc_w1, 1, 48000), plain = bank_new(&eq_proc_w1, 1, 48000);
		eq_proc_w1.set(b.state, 0, &p, 1);
		eq_proc_w1.set(plain.state, 0, &q, 1);
		uint64_t seed = 2;
		for (int n = 0; n < 20; n++) {
			float l[QUANTUM], r[QUANTUM], m[QUANTUM], s[QUANTUM];
			noise(l, QUANTUM, &seed);
			noise(r, QUANTUM, &seed);
			for (int k = 0; k < QUANTUM; k++) {
				m[k] = 0.5f * (l[k] + r[k]);
				s[k] = 0.5f * (l[k] - r[k]);
			}
			bank_lane(&b, 0, l, r);
			bank_lane(&plain, 0, side == EQ_MID ? m : s, NULL);
			for (int k = 0; k < QUANTUM; k++) {
				ck_assert(fabsf(0.5f * (l[k] + r[k]) - m[k]) <= 1e-6f);
				ck_assert(fabsf(0.5f * (l[k] - r[k]) - s[k]) <= 1e-6f);
			}
		}
		bank_free(&b);
		bank_free(&plain);
	}
}
END_TEST

/* In a mono bank the middle is the signal itself and there is no side. */
START_TEST(sides_of_a_mono_bank)
{
	struct bank b[3];
	for (int side = 0; side < 3; side++) {
		struct eq_params p = {.on = 1};
		p.band[0] = (struct eq_band){1, EQ_LOWSHELF, side, 300, -6, 0.7};
		b[side] = bank_new(&eq_proc_w1, 1, 48000);
		eq_proc_w1.set(b[side].state, 0, &p, 1);
	}
	uint64_t seed = 3;
	for (int n = 0; n < 10; n++) {
		float x[QUANTUM], stereo[QUANTUM], mid[QUANTUM], side[QUANTUM];
		noise(x, QUANTUM, &seed);
		memcpy(stereo, x, sizeof x);
		memcpy(mid, x, sizeof x);
		memcpy(side, x, sizeof x);
		bank_lane(&b[0], 0, stereo, NULL);
		bank_lane(&b[1], 0, mid, NULL);
		bank_lane(&b[2], 0, side, NULL);
		ck_assert_mem_eq(side, x, sizeof x);
		ck_assert_mem_ne(stereo, x, sizeof x);
		for (int k = 0; k < QUANTUM; k++)
			ck_assert(fabsf(mid[k] - stereo[k]) <= 1e-6f);
	}
	for (int side = 0; side < 3; side++)
		bank_free(&b[side]);
}
END_TEST

TEST_MAIN("eq", 60, bells_at_the_top, every_type, whole_range, other_rates, at_rest_bits_are_untouched, middle_and_side,
          sides_of_a_mono_bank)
