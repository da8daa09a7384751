#include "master/widths.h"

#include <math.h>

#include "base/fmath.h"
#include "base/units.h"

#define POINTS 3       /* frequencies that a third is looked at */
#define MONO (-40.0)   /* dB, side against mid: what is below is not heard as width */
#define FAINT 50.0     /* dB below the whole: a third that holds less does not count */
#define WIDEST 200.0   /* percent */
#define LEAST 3.0      /* percent of a band's width that are worth a line */
#define LOWEST_CROSS 4 /* the third that the lowest crossover may lie in: 50 Hz */
#define HIGHEST_CROSS 29
#define APART 1.5  /* of neighbouring crossovers, at least: half an octave and more */
#define ROUNDS 40  /* of the widths at given crossovers */
#define KEPT 0.002 /* dB^2 that an octave of moving a crossover must gain */
#define HELD 1e-4  /* weight of a width's wish to stay, where no third says anything */

void
widths_difference(const struct balance_band from[BALANCE_BANDS], const struct balance_band to[BALANCE_BANDS],
                  double want[BALANCE_BANDS])
{
	double all_from = balance_whole(from), all_to = balance_whole(to);
	for (int k = 0; k < BALANCE_BANDS; k++) {
		int counts = from[k].level > all_from - FAINT && to[k].level > all_to - FAINT && from[k].width > MONO &&
		             to[k].width > MONO;
		want[k] = counts ? to[k].width - from[k].width : (double)NAN;
	}
}

/* How much of a frequency each band holds: crossovers of dsp/bands.h, whose bands stand in one phase and add up to 1.
 */
static void
shares(double hertz, const double cross[STEREO_BANDS - 1], double rate, double share[STEREO_BANDS])
{
	double low[STEREO_BANDS - 1], top = 0.45 * rate;
	double at = f_tan(F_PI * (hertz < top ? hertz : top) / rate);
	for (int k = 0; k < STEREO_BANDS - 1; k++) {
		double x = at / f_tan(F_PI * (cross[k] < top ? cross[k] : top) / rate);
		low[k] = 1 / (1 + x * x * x * x);
	}
	share[0] = low[1] * low[0];
	share[1] = low[1] * (1 - low[0]);
	share[2] = (1 - low[1]) * low[2];
	share[3] = (1 - low[1]) * (1 - low[2]);
}

/* The mean share of each band in each third. */
static void
thirds(const double cross[STEREO_BANDS - 1], double rate, double share[BALANCE_BANDS][STEREO_BANDS])
{
	for (int k = 0; k < BALANCE_BANDS; k++) {
		for (int b = 0; b < STEREO_BANDS; b++)
			share[k][b] = 0;
		for (int p = 0; p < POINTS; p++) {
			double at[STEREO_BANDS];
			shares(balance_hertz(k) * f_exp2((p - (POINTS - 1) / 2.0) / (3.0 * POINTS)), cross, rate, at);
			for (int b = 0; b < STEREO_BANDS; b++)
				share[k][b] += at[b] / POINTS;
		}
	}
}

static double
amplitude(const double share[STEREO_BANDS], const double width[STEREO_BANDS])
{
	double sum = 0;
	for (int b = 0; b < STEREO_BANDS; b++)
		sum += share[b] * width[b] / 100;
	return sum;
}

void
widths_response(const struct stereo_params *p, double rate, double response[BALANCE_BANDS])
{
	double share[BALANCE_BANDS][STEREO_BANDS];
	thirds(p->cross, rate, share);
	for (int k = 0; k < BALANCE_BANDS; k++)
		response[k] = p->on ? gain_to_db(amplitude(share[k], p->width)) : 0;
}

/*
 * A fit.
 *
 * target    amplitude of the sides that is wanted in each third, 0 where it does not count
 * least, most   of each width, percent
 */
struct fit {
	double target[BALANCE_BANDS], rate;
	double least[STEREO_BANDS], most[STEREO_BANDS], start[STEREO_BANDS];
	const struct stereo_params *now;
};

/*
 * The best widths at given crossovers: squares of relative errors, which are those of levels where they are small; one
 * width after another, within its bounds. Returns what is left, dB^2 over all thirds.
 */
static double
fit_widths(const struct fit *f, const double cross[STEREO_BANDS - 1], double width[STEREO_BANDS])
{
	double share[BALANCE_BANDS][STEREO_BANDS], a[STEREO_BANDS][STEREO_BANDS] = {{0}}, b[STEREO_BANDS] = {0}, left = 0;
	thirds(cross, f->rate, share);
	for (int k = 0; k < BALANCE_BANDS; k++)
		for (int i = 0; i < STEREO_BANDS && f->target[k] > 0; i++) {
			double x = share[k][i] / f->target[k];
			b[i] += x;
			for (int j = 0; j < STEREO_BANDS; j++)
				a[i][j] += x * share[k][j] / f->target[k];
		}
	for (int i = 0; i < STEREO_BANDS; i++)
		width[i] = f->start[i];
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < STEREO_BANDS; i++) {
			double rest = b[i] + HELD * f->start[i] / 100;
			for (int j = 0; j < STEREO_BANDS; j++)
				rest -= j == i ? 0 : a[i][j] * width[j] / 100;
			double x = 100 * rest / (a[i][i] + HELD);
			width[i] = x < f->least[i] ? f->least[i] : x > f->most[i] ? f->most[i] : x;
		}
	for (int k = 0; k < BALANCE_BANDS; k++) {
		double got = f->target[k] > 0 ? amplitude(share[k], width) : 0;
		double apart = got > 0 ? gain_to_db(got / f->target[k]) : 0;
		left += apart * apart;
	}
	return left;
}

/* The same with what moving the crossovers must be worth. */
static double
cost(const struct fit *f, const double cross[STEREO_BANDS - 1], double width[STEREO_BANDS])
{
	if (cross[1] < cross[0] * APART || cross[2] < cross[1] * APART)
		return HUGE_VAL;
	double all = fit_widths(f, cross, width);
	for (int k = 0; k < STEREO_BANDS - 1; k++) {
		double octaves = f_log2(cross[k] / f->now->cross[k]);
		all += KEPT * octaves * octaves;
	}
	return all;
}

/* Crossovers on thirds, then nearer. */
static void
find_crossovers(const struct fit *f, double best[STEREO_BANDS - 1])
{
	double width[STEREO_BANDS], least = cost(f, best, width);
	for (int i = LOWEST_CROSS; i < HIGHEST_CROSS - 2; i++)
		for (int j = i + 1; j < HIGHEST_CROSS - 1; j++)
			for (int k = j + 1; k < HIGHEST_CROSS; k++) {
				const double cross[] = {balance_hertz(i), balance_hertz(j), balance_hertz(k)};
				double now = cost(f, cross, width);
				if (now < least) {
					least = now;
					for (int c = 0; c < STEREO_BANDS - 1; c++)
						best[c] = cross[c];
				}
			}
	for (int halved = 1; halved <= 5; halved++)
		for (int c = 0; c < STEREO_BANDS - 1; c++)
			for (int up = -1; up <= 1; up += 2) {
				double was = best[c], step = f_exp2(-halved) / 3; /* octaves */
				best[c] = was * f_exp2(up * step);
				double now = cost(f, best, width);
				if (now < least)
					least = now;
				else
					best[c] = was;
			}
}

void
widths_fit(const double want[BALANCE_BANDS], double rate, double cap, const struct stereo_params *now,
           struct stereo_params *to)
{
	struct fit f = {.rate = rate, .now = now};
	double is[BALANCE_BANDS], most = db_to_gain(cap);
	int worth = 0, counts = 0;
	*to = *now;
	widths_response(now, rate, is);
	for (int k = 0; k < BALANCE_BANDS; k++) {
		f.target[k] = isnan(want[k]) || balance_hertz(k) > rate * 0.45 ? 0 : db_to_gain(is[k] + want[k]);
		counts += f.target[k] > 0;
	}
	for (int b = 0; b < STEREO_BANDS; b++) {
		f.start[b] = now->on ? now->width[b] : 100;
		f.least[b] = f.start[b] / most;
		f.most[b] = f.start[b] * most < WIDEST ? f.start[b] * most : WIDEST;
	}
	if (!counts)
		return;
	if (!now->on)
		find_crossovers(&f, to->cross);
	fit_widths(&f, to->cross, to->width);
	for (int b = 0; b < STEREO_BANDS; b++)
		worth |= fabs(to->width[b] - f.start[b]) >= LEAST;
	if (worth)
		to->on = 1;
	else
		*to = *now;
}
