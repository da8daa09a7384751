#include "master/match.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/fmath.h"
#include "dsp/curves.h"

#define POINTS 5   /* frequencies that a third is looked at */
#define ROUNDS 60  /* of the fit */
#define STARTS 24  /* it is begun from, at most */
#define CLOSE 0.15 /* dB, root of the mean square, that is good enough */
#define LEAST 0.1  /* dB that a band does at least */
#define FAINT 50.0 /* dB below the whole: a third that holds less does not count */

enum { GAIN, PLACE, SHARPNESS, FIGURES }; /* of a band: dB, octaves from 1 kHz, octaves of Q */
#define UNKNOWNS (EQ_BANDS * FIGURES)

struct fit {
	const double *want;
	double rate, cap;
	int bands;
	double top; /* octaves: the highest place */
};

static double
octaves(double x)
{
	return f_log2(x);
}

static double
clamp(double x, double least, double most)
{
	return x < least ? least : x > most ? most : x;
}

/* The outer bands are shelves, where there are enough of them for that. */
static int
type_of(int band, int bands)
{
	return bands < 3 ? EQ_BELL : band == 0 ? EQ_LOWSHELF : band == bands - 1 ? EQ_HIGHSHELF : EQ_BELL;
}

static struct eq_band
band_of(const double *x, int type)
{
	return (struct eq_band){.on = 1,
	                        .type = type,
	                        .side = EQ_STEREO,
	                        .freq = 1000 * f_exp2(x[PLACE]),
	                        .gain = x[GAIN],
	                        .q = f_exp2(x[SHARPNESS])};
}

/* Power of one band at each point of each third. */
static void
band_power(const struct eq_band *band, double rate, double power[BALANCE_BANDS][POINTS])
{
	struct section s[2];
	int count = curves_band(s, band, rate);
	for (int k = 0; k < BALANCE_BANDS; k++)
		for (int p = 0; p < POINTS; p++) {
			double hertz = balance_hertz(k) * f_exp2((p - (POINTS - 1) / 2.0) / (3.0 * POINTS));
			power[k][p] = 1;
			for (int i = 0; i < count && hertz < rate / 2; i++)
				power[k][p] *= curves_power(&s[i], 2 * F_PI * hertz / rate);
		}
}

static void
mean_level(double power[][BALANCE_BANDS][POINTS], int bands, double response[BALANCE_BANDS])
{
	for (int k = 0; k < BALANCE_BANDS; k++) {
		double sum = 0;
		for (int p = 0; p < POINTS; p++) {
			double product = 1;
			for (int b = 0; b < bands; b++)
				product *= power[b][k][p];
			sum += product;
		}
		response[k] = 10 * f_log10(sum / POINTS);
	}
}

void
match_response(const struct eq_band *band, int bands, double rate, double response[BALANCE_BANDS])
{
	double power[EQ_BANDS][BALANCE_BANDS][POINTS];
	for (int b = 0; b < bands; b++)
		band_power(&band[b], rate, power[b]);
	mean_level(power, bands, response);
}

static void
keep_in_range(const struct fit *f, double x[UNKNOWNS])
{
	for (int b = 0; b < f->bands; b++) {
		double *of = &x[b * FIGURES];
		int shelf = type_of(b, f->bands) != EQ_BELL;
		of[GAIN] = clamp(of[GAIN], -f->cap, f->cap);
		of[PLACE] = clamp(of[PLACE], octaves(0.025), f->top);
		of[SHARPNESS] = clamp(of[SHARPNESS], octaves(0.4), octaves(shelf ? 1.2 : 6));
	}
}

/* Distances to what is wanted, and how they change with each unknown (NULL: not asked). The sum of squares. */
static double
look(const struct fit *f, const double x[UNKNOWNS], double error[BALANCE_BANDS], double slope[][BALANCE_BANDS])
{
	double power[EQ_BANDS][BALANCE_BANDS][POINTS], response[BALANCE_BANDS], sum = 0;
	for (int b = 0; b < f->bands; b++) {
		struct eq_band band = band_of(&x[b * FIGURES], type_of(b, f->bands));
		band_power(&band, f->rate, power[b]);
	}
	mean_level(power, f->bands, response);
	for (int k = 0; k < BALANCE_BANDS; k++) {
		error[k] = isnan(f->want[k]) ? 0 : response[k] - f->want[k];
		sum += error[k] * error[k];
	}
	for (int u = 0; slope && u < f->bands * FIGURES; u++) {
		int b = u / FIGURES;
		double moved[FIGURES], kept[BALANCE_BANDS][POINTS], other[BALANCE_BANDS], step = 1e-4;
		memcpy(moved, &x[b * FIGURES], sizeof moved);
		memcpy(kept, power[b], sizeof kept);
		moved[u % FIGURES] += step;
		struct eq_band band = band_of(moved, type_of(b, f->bands));
		band_power(&band, f->rate, power[b]);
		mean_level(power, f->bands, other);
		memcpy(power[b], kept, sizeof kept);
		for (int k = 0; k < BALANCE_BANDS; k++)
			slope[u][k] = isnan(f->want[k]) ? 0 : (other[k] - response[k]) / step;
	}
	return sum;
}

/* Solves a x = b in place by Gauss's elimination; a is symmetric and made definite by its damping. */
static void
solve(int n, double a[UNKNOWNS][UNKNOWNS], double b[UNKNOWNS])
{
	for (int k = 0; k < n; k++)
		for (int row = k + 1; row < n; row++) {
			double factor = a[row][k] / a[k][k];
			for (int col = k; col < n; col++)
				a[row][col] -= factor * a[k][col];
			b[row] -= factor * b[k];
		}
	for (int k = n - 1; k >= 0; k--) {
		for (int col = k + 1; col < n; col++)
			b[k] -= a[k][col] * b[col];
		b[k] /= a[k][k];
	}
}

/* Improves x; the sum of squares that is left. */
static double
improve(const struct fit *f, double x[UNKNOWNS])
{
	double error[BALANCE_BANDS], slope[UNKNOWNS][BALANCE_BANDS], damping = 0.1;
	int n = f->bands * FIGURES;
	double sum = look(f, x, error, slope);
	for (int round = 0; round < ROUNDS; round++) {
		double a[UNKNOWNS][UNKNOWNS], b[UNKNOWNS], tried[UNKNOWNS], at[BALANCE_BANDS];
		for (int r = 0; r < n; r++) {
			b[r] = 0;
			for (int c = 0; c < n; c++)
				a[r][c] = r == c ? damping + 1e-6 : 0;
			for (int k = 0; k < BALANCE_BANDS; k++) {
				b[r] -= slope[r][k] * error[k];
				for (int c = 0; c < n; c++)
					a[r][c] += slope[r][k] * slope[c][k];
			}
		}
		solve(n, a, b);
		for (int r = 0; r < n; r++)
			tried[r] = x[r] + b[r];
		keep_in_range(f, tried);
		double now = look(f, tried, at, NULL);
		if (now < sum) {
			double gained = sum - now;
			memcpy(x, tried, sizeof tried);
			sum = look(f, x, error, slope);
			damping *= 0.3;
			if (gained < 1e-9)
				break;
		} else if ((damping *= 4) > 1e8) {
			break;
		}
	}
	return sum;
}

/* The next of a fixed row of numbers between -1 and 1. */
static double
draw(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (double)(int64_t)(*seed >> 11) / (double)(INT64_C(1) << 52) - 1;
}

/*
 * A beginning: shelves at the ends; bells where most is left of what is wanted, each of them narrower or wider and off
 * its place by chance but in the first two.
 */
static void
begin(const struct fit *f, int start, double x[UNKNOWNS])
{
	double left[BALANCE_BANDS];
	uint64_t seed = (uint64_t)start * 977;
	for (int k = 0; k < BALANCE_BANDS; k++)
		left[k] = isnan(f->want[k]) ? 0 : f->want[k];
	/* outer bands first: what shelves do is not the bells' to do */
	for (int place = 0; place < f->bands; place++) {
		int b = place == 1 ? f->bands - 1 : place ? place - 1 : 0;
		double *of = &x[b * FIGURES], chance = start > 1 ? 1 : 0;
		int type = type_of(b, f->bands), peak = 0;
		if (type == EQ_BELL) {
			for (int k = 0; k < BALANCE_BANDS; k++)
				peak = fabs(left[k]) > fabs(left[peak]) ? k : peak;
			of[PLACE] = octaves(balance_hertz(peak) / 1000) + chance * draw(&seed);
			of[SHARPNESS] = start % 2 + chance * draw(&seed);
			of[GAIN] = left[peak];
		} else {
			double inner = octaves(type == EQ_LOWSHELF ? 0.15 : 6) + chance * draw(&seed);
			of[PLACE] = inner;
			of[SHARPNESS] = -0.5 + 0.5 * chance * draw(&seed);
			peak = (int)clamp(17 + 3 * (inner + (type == EQ_LOWSHELF ? -1.5 : 1)), 0, BALANCE_BANDS - 1);
			of[GAIN] = left[peak];
		}
		struct eq_band band = band_of(of, type);
		double response[BALANCE_BANDS];
		match_response(&band, 1, f->rate, response);
		for (int k = 0; k < BALANCE_BANDS; k++)
			left[k] -= isnan(f->want[k]) ? 0 : response[k];
	}
	keep_in_range(f, x);
}

void
match_fit(const double want[BALANCE_BANDS], double rate, double cap, int bands, struct match *m)
{
	double held[BALANCE_BANDS], best[UNKNOWNS] = {0}, least = HUGE_VAL;
	struct fit f = {held, rate, cap, bands > EQ_BANDS ? EQ_BANDS : bands, octaves(rate < 42000 ? rate / 2100 : 20)};
	for (int k = 0; k < BALANCE_BANDS; k++)
		held[k] = isnan(want[k]) || balance_hertz(k) > rate * 0.45 ? (double)NAN : clamp(want[k], -cap, cap);
	for (int start = 0; start < STARTS && least > CLOSE * CLOSE * BALANCE_BANDS; start++) {
		double x[UNKNOWNS] = {0};
		begin(&f, start, x);
		double sum = improve(&f, x);
		if (sum < least) {
			least = sum;
			memcpy(best, x, sizeof best);
		}
	}
	*m = (struct match){.bands = 0};
	for (int b = 0; b < f.bands; b++)
		if (fabs(best[b * FIGURES + GAIN]) >= LEAST)
			m->band[m->bands++] = band_of(&best[b * FIGURES], type_of(b, f.bands));
	match_response(m->band, m->bands, rate, m->response);
	for (int k = 0; k < BALANCE_BANDS; k++)
		if (!isnan(held[k]))
			m->left = fmax(m->left, fabs(m->response[k] - want[k]));
}

void
match_difference(const struct balance_band from[BALANCE_BANDS], const struct balance_band to[BALANCE_BANDS],
                 double want[BALANCE_BANDS])
{
	double all_from = balance_whole(from), all_to = balance_whole(to), sum = 0;
	int counted = 0;
	for (int k = 0; k < BALANCE_BANDS; k++) {
		want[k] = NAN;
		if (!(from[k].level > all_from - FAINT) || !(to[k].level > all_to - FAINT))
			continue;
		want[k] = to[k].level - from[k].level;
		sum += want[k];
		counted++;
	}
	/* a difference of level is no difference of balance */
	for (int k = 0; k < BALANCE_BANDS && counted; k++)
		want[k] -= sum / counted;
}

void
match_lines(const struct eq_band *band, const char *address, void (*each)(void *arg, const char *line), void *arg)
{
	static const char *const types[] = {[EQ_BELL] = "bell", [EQ_LOWSHELF] = "lowshelf", [EQ_HIGHSHELF] = "highshelf"};
	char line[6][160];
	snprintf(line[0], sizeof *line, "%.100s/on on", address);
	snprintf(line[1], sizeof *line, "%.100s/type %s", address, types[band->type]);
	snprintf(line[2], sizeof *line, "%.100s/side stereo", address);
	snprintf(line[3], sizeof *line, "%.100s/freq %.1f", address, band->freq);
	snprintf(line[4], sizeof *line, "%.100s/gain %.2f", address, band->gain);
	snprintf(line[5], sizeof *line, "%.100s/q %.3f", address, band->q);
	for (size_t k = 0; k < sizeof line / sizeof *line; k++)
		each(arg, line[k]);
}

int
match_places(const struct node *node, int place[EQ_BANDS])
{
	const int step = P_EQ2_ON - P_EQ1_ON;
	int count = 0;
	for (int k = 0; k < EQ_BANDS; k++) {
		const double *band = &node->value[P_EQ1_ON + k * step];
		int works = band[0] != 0 && (band[P_EQ1_GAIN - P_EQ1_ON] != 0 || band[P_EQ1_TYPE - P_EQ1_ON] > EQ_HIGHSHELF);
		if (!works)
			place[count++] = k + 1;
	}
	return count;
}
