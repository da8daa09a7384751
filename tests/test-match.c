/* The fit of an equaliser: what known filters did to a balance is found and taken back. */
#include "desktest.h"
#include "dsp/curves.h"
#include "master/match.h"

#include <math.h>
#include <string.h>

/* The prototype's own formula (RBJ's cookbook), not the sections that run. */
static double
analogue(const struct eq_band *b, double hertz)
{
	double a = pow(10, b->gain / 40), w = hertz / b->freq, w2 = w * w, nr, ni, dr, di, root = sqrt(a) / b->q;
	if (b->type == EQ_BELL) {
		nr = dr = 1 - w2;
		ni = w * a / b->q;
		di = w / (a * b->q);
	} else {
		int low = b->type == EQ_LOWSHELF;
		nr = a * (low ? a - w2 : 1 - a * w2);
		ni = a * root * w;
		dr = low ? 1 - a * w2 : a - w2;
		di = root * w;
	}
	return 10 * log10((nr * nr + ni * ni) / (dr * dr + di * di));
}

static void
thirds(const struct eq_band *b, int bands, double sign, double want[BALANCE_BANDS])
{
	for (int k = 0; k < BALANCE_BANDS; k++) {
		double power = 0;
		for (int p = 0; p < 40; p++) {
			double db = 0;
			for (int i = 0; i < bands; i++)
				db += analogue(&b[i], balance_hertz(k) * pow(2, (p - 19.5) / 120));
			power += pow(10, sign * db / 10) / 40;
		}
		want[k] = 10 * log10(power);
	}
}

/* A bright and boomy copy, and sixty drawn ones: each third back within half a dB. */
START_TEST(test_known_filters)
{
	uint64_t seed = 11;
	for (int draw = 0; draw < 60; draw++) {
		static const double at[4] = {80, 350, 2200, 7000};
		struct eq_band made[4];
		double want[BALANCE_BANDS], response[BALANCE_BANDS];
		for (int b = 0; b < 4; b++)
			made[b] = (struct eq_band){.on = 1,
			                           .type = b == 0   ? EQ_LOWSHELF
			                                   : b == 3 ? EQ_HIGHSHELF
			                                            : EQ_BELL,
			                           .freq = at[b] * pow(2, 0.7 * test_random(&seed)),
			                           .gain = 5 * test_random(&seed),
			                           .q = b % 3 ? 0.7 * pow(2, 0.9 * test_random(&seed)) : 0.71};
		thirds(made, 4, -1, want);
		double most = 0;
		for (int k = 0; k < BALANCE_BANDS; k++)
			most = fmax(most, fabs(want[k]));
		if (most > 6)
			continue; /* more than the cap takes back */
		struct match m;
		match_fit(want, 48000, 6, 6, &m);
		ck_assert_int_le(m.bands, 6);
		thirds(m.band, m.bands, 1, response);
		for (int k = 0; k < BALANCE_BANDS; k++)
			ck_assert_msg(fabs(response[k] - want[k]) <= 0.5, "draw %d, %s Hz: %.2f dB for %.2f", draw, balance_name(k),
			              response[k], want[k]);
		ck_assert_double_le(m.left, 0.5);
	}
}
END_TEST

/* Nothing wanted: nothing done. More wanted than is allowed: no band beyond the cap. Thirds that do not count are free.
 */
START_TEST(test_bounds)
{
	double want[BALANCE_BANDS] = {0};
	struct match m;
	match_fit(want, 44100, 6, 6, &m);
	ck_assert_int_eq(m.bands, 0);
	for (int k = 0; k < BALANCE_BANDS; k++)
		want[k] = k < 10 ? 20 : -20;
	match_fit(want, 44100, 3, 6, &m);
	ck_assert_int_gt(m.bands, 0);
	for (int b = 0; b < m.bands; b++)
		ck_assert_double_le(fabs(m.band[b].gain), 3);
	for (int k = 0; k < BALANCE_BANDS; k++)
		want[k] = k < 5 ? (double)NAN : 0;
	match_fit(want, 44100, 6, 6, &m);
	ck_assert_int_eq(m.bands, 0);
}
END_TEST

/* The difference of balances knows no level, and nothing of thirds that hold nothing. */
START_TEST(test_difference)
{
	struct balance_band a[BALANCE_BANDS], b[BALANCE_BANDS];
	double want[BALANCE_BANDS], mean = 0;
	for (int k = 0; k < BALANCE_BANDS; k++) {
		a[k] = (struct balance_band){.level = -30 - k};
		b[k] = (struct balance_band){.level = -50 - k + (k == 12 ? 3 : 0)};
	}
	a[0].level = -HUGE_VAL;
	b[30].level = -200;
	match_difference(a, b, want);
	ck_assert(isnan(want[0]) && isnan(want[30]));
	for (int k = 1; k < 30; k++)
		mean += want[k];
	ck_assert_double_eq_tol(mean, 0, 1e-9);
	ck_assert_double_eq_tol(want[12] - want[11], 3, 1e-9);
	ck_assert_double_eq_tol(want[5] - want[20], 0, 1e-9);
}
END_TEST

TEST_MAIN("match", 60, test_known_filters, test_bounds, test_difference)
