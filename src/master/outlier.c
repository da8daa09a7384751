#include "master/outlier.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define USUAL 1.4826 /* of the median distance: the standard deviation, were the songs normally distributed */
#define SPREADS 3.0
#define FIT_CAP 4.0  /* dB a band of what is proposed */
#define FIT_BANDS 4  /* a correction, not another record */
#define FIT_PART 0.5 /* of the way to the median: songs may differ */
#define WIDEST 150.0 /* percent that are proposed */
#define NARROWEST 60.0

const double outlier_least[OUTLIER_FIGURES] = {
    [OUTLIER_LOUDNESS] = 1.5,
    [OUTLIER_RANGE] = 4,
    [OUTLIER_PLR] = 3,
    [OUTLIER_WIDTH] = 4,
};

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Of those that are finite; NAN where none is. `room` has place for all. */
static double
median(const double *x, size_t n, double *room)
{
	size_t count = 0;
	for (size_t k = 0; k < n; k++)
		if (isfinite(x[k]))
			room[count++] = x[k];
	if (!count)
		return (double)NAN;
	qsort(room, count, sizeof *room, ascending);
	return count % 2 ? room[count / 2] : (room[count / 2 - 1] + room[count / 2]) / 2;
}

/* Distances to the median into apart; returns how far one must be away to stand apart. */
static double
bound(const double *x, size_t n, double least, double *apart, double *room)
{
	double middle = median(x, n, room), *distance = room + n;
	for (size_t k = 0; k < n; k++) {
		apart[k] = isfinite(x[k]) && isfinite(middle) ? x[k] - middle : 0;
		distance[k] = fabs(apart[k]);
	}
	double usual = SPREADS * USUAL * median(distance, n, room);
	return usual > least ? usual : least;
}

static double
figure_of(const struct measured *m, int figure)
{
	switch ((enum outlier_figure)figure) {
	case OUTLIER_LOUDNESS:
		return m->integrated;
	case OUTLIER_RANGE:
		return m->range;
	case OUTLIER_PLR:
		return m->plr;
	case OUTLIER_WIDTH:
		return m->width;
	case OUTLIER_FIGURES:
		break;
	}
	return (double)NAN;
}

static void
judge_figures(const struct measured *song, size_t songs, struct outlier_row *row, double *room)
{
	double *x = room + 2 * songs, *apart = x + songs;
	for (int f = 0; f < OUTLIER_FIGURES; f++) {
		for (size_t k = 0; k < songs; k++)
			x[k] = row[k].figure[f] = figure_of(&song[k], f);
		double most = bound(x, songs, outlier_least[f], apart, room);
		for (size_t k = 0; k < songs; k++) {
			row[k].apart[f] = apart[k];
			row[k].out |= (unsigned)(fabs(apart[k]) > most) << f;
		}
	}
}

/* Each song's balance against the median of all, third by third, each song's own level set aside. */
static void
judge_balance(const struct measured *song, size_t songs, struct outlier_row *row, double *room)
{
	struct balance_band middle[BALANCE_BANDS];
	double *x = room + 2 * songs, *apart = x + songs;
	for (int b = 0; b < BALANCE_BANDS; b++) {
		for (size_t k = 0; k < songs; k++)
			x[k] = song[k].band[b].level - song[k].integrated;
		double level = median(x, songs, room);
		middle[b] = (struct balance_band){.level = isnan(level) ? -HUGE_VAL : level};
	}
	for (size_t k = 0; k < songs; k++)
		match_difference(song[k].band, middle, row[k].want);
	for (int b = 0; b < BALANCE_BANDS; b++) {
		for (size_t k = 0; k < songs; k++)
			x[k] = row[k].want[b];
		double most = bound(x, songs, OUTLIER_BAND, apart, room);
		for (size_t k = 0; k < songs; k++)
			row[k].bands_out |= (uint32_t)(fabs(apart[k]) > most) << b;
	}
}

static void
propose(struct outlier_row *r, double rate)
{
	r->width = 100;
	if (r->out & 1u << OUTLIER_LOUDNESS) {
		double apart = r->apart[OUTLIER_LOUDNESS];
		r->trim = -(apart - (apart > 0 ? outlier_least[OUTLIER_LOUDNESS] : -outlier_least[OUTLIER_LOUDNESS]));
	}
	if (r->out & 1u << OUTLIER_WIDTH) {
		r->width = 100 * pow(10, -FIT_PART * r->apart[OUTLIER_WIDTH] / 20);
		r->width = r->width > WIDEST ? WIDEST : r->width < NARROWEST ? NARROWEST : r->width;
	}
	if (r->bands_out) {
		double want[BALANCE_BANDS];
		for (int b = 0; b < BALANCE_BANDS; b++)
			want[b] = r->want[b] * FIT_PART;
		match_fit(want, rate, FIT_CAP, FIT_BANDS, &r->match);
	}
}

void
outlier_judge(const struct measured *song, size_t songs, double rate, struct outlier_row *row)
{
	double *room = calloc(4 * songs + 1, sizeof *room);
	memset(row, 0, songs * sizeof *row);
	if (room) {
		judge_figures(song, songs, row, room);
		judge_balance(song, songs, row, room);
	}
	for (size_t k = 0; k < songs; k++)
		propose(&row[k], rate);
	free(room);
}
