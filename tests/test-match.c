/* The fit of an equaliser: what known filters did to a balance is found and taken back. */
#include "desktest.h"
#include "dsp/curves.h"
#include "master/match.h"
#include "master/widths.h"

#include <math.h>

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

/* Linkwitz and Riley's bands by their formula, for the sides' amplitude in a third (far below the rate). */
static double
sides(double hertz, const double cross[3], const double width[4])
{
	double low[3];
	for (int k = 0; k < 3; k++)
		low[k] = 1 / (1 + pow(hertz / cross[k], 4));
	return (low[1] * (low[0] * width[0] + (1 - low[0]) * width[1]) +
	        (1 - low[1]) * (low[2] * width[2] + (1 - low[2]) * width[3])) /
	       100;
}

/* Widths drawn in bands drawn: found again, each third within half a dB; with the bands in use, crossovers stay. */
START_TEST(test_widths)
{
	uint64_t seed = 5;
	for (int draw = 0; draw < 12; draw++) {
		const struct stereo_params off = {.on = 0, .cross = {200, 2000, 8000}, .width = {100, 100, 100, 100}};
		struct stereo_params now = off, to;
		double cross[3], width[4], want[BALANCE_BANDS], response[BALANCE_BANDS], is[BALANCE_BANDS];
		static const double at[3] = {150, 1200, 6000};
		for (int k = 0; k < 3; k++)
			cross[k] = at[k] * pow(2, 0.8 * test_random(&seed));
		for (int k = 0; k < 4; k++)
			width[k] = 100 * pow(10, 5 * test_random(&seed) / 20);
		for (int k = 0; k < BALANCE_BANDS; k++)
			want[k] = 20 * log10(sides(balance_hertz(k), cross, width));
		want[2] = NAN;
		widths_fit(want, 192000, 6, &now, &to);
		ck_assert_int_eq(to.on, 1);
		widths_response(&to, 192000, response);
		for (int k = 0; k < BALANCE_BANDS; k++)
			ck_assert_msg(!(fabs(response[k] - want[k]) > 0.5), "draw %d, %s Hz: %.2f dB for %.2f", draw,
			              balance_name(k), response[k], want[k]);
		now = to;
		for (int k = 0; k < BALANCE_BANDS; k++)
			want[k] = 2;
		widths_response(&now, 192000, is);
		widths_fit(want, 192000, 6, &now, &to);
		widths_response(&to, 192000, response);
		for (int k = 0; k < 4; k++)
			ck_assert_double_le(to.width[k], 200);
		for (int k = 0; k < 3; k++)
			ck_assert_double_eq(to.cross[k], now.cross[k]);
		for (int k = 0; k < BALANCE_BANDS; k++)
			ck_assert_msg(response[k] - is[k] <= 2.5, "%.2f", response[k] - is[k]);
	}
}
END_TEST

/* Nothing wanted, or nothing known: the section stays off. Never more than the cap. */
START_TEST(test_widths_bounds)
{
	const struct stereo_params now = {.on = 0, .cross = {200, 2000, 8000}, .width = {100, 100, 100, 100}};
	struct stereo_params to;
	double want[BALANCE_BANDS] = {0};
	widths_fit(want, 48000, 6, &now, &to);
	ck_assert_int_eq(to.on, 0);
	for (int k = 0; k < BALANCE_BANDS; k++)
		want[k] = (double)NAN;
	widths_fit(want, 48000, 6, &now, &to);
	ck_assert_int_eq(to.on, 0);
	for (int k = 0; k < BALANCE_BANDS; k++)
		want[k] = k < 15 ? 20 : -20;
	widths_fit(want, 48000, 3, &now, &to);
	ck_assert_int_eq(to.on, 1);
	for (int k = 0; k < 4; k++)
		ck_assert(to.width[k] <= 100 * pow(10, 3.01 / 20) && to.width[k] >= 100 * pow(10, -3.01 / 20));
}
END_TEST

TEST_MAIN("match", 60, test_known_filters, test_bounds, test_difference, test_widths, test_widths_bounds)
