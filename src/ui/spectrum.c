#include "ui/spectrum.h"

#include <math.h>

/* What is greatest between two frequencies, or nearest to them where no bin lies between. */
static float
level_between(const float *bins, double from, double to)
{
	float most = DESK_SPECTRUM_LOW;
	double first = 12 * log2(from / desk_bin_hz(0)), last = 12 * log2(to / desk_bin_hz(0));
	for (int k = (int)ceil(first); k <= (int)floor(last); k++)
		if (k >= 0 && k < DESK_BINS && bins[k] > most)
			most = bins[k];
	if (floor(last) < ceil(first)) {
		int k = (int)lround((first + last) / 2);
		most = bins[k < 0 ? 0 : k >= DESK_BINS ? DESK_BINS - 1 : k];
	}
	return most;
}

void
spectrum_draw(struct canvas *c, const float bins[DESK_BINS], double foot)
{
	float y[2 * CANVAS_COLS];
	/* a cell has one level: half as many change */
	for (int k = 0; k < c->cols; k++) {
		double from = axis_at(&c->x, (double)k / c->cols), to = axis_at(&c->x, (k + 1.0) / c->cols);
		double place = 1 - (double)level_between(bins, from, to) / foot;
		y[2 * k] = y[2 * k + 1] = (float)axis_at(&c->y, place < 0 ? 0 : place > 1 ? 1 : place);
	}
	canvas_area(c, y, c->y.low);
}
