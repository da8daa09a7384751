#include "master/wide.h"

#include <math.h>
#include <stdlib.h>

#define MOMENTARY 40 /* pieces */
#define SHORTTERM WIDE_PIECES
#define EVERY 10       /* pieces to a point of the curves */
#define SILENT (-70.0) /* LUFS, absolute gate */

static double
lufs_of(double energy)
{
	return energy > 0 ? -0.691 + 10 * log10(energy) : -HUGE_VAL;
}

static double
energy_of(double lufs)
{
	return pow(10, (lufs + 0.691) / 10);
}

/* The mean square of a window; what was before the beginning is silence. */
static double
window(const struct wide *w, int pieces)
{
	double sum = 0;
	for (int k = pieces; k >= 1; k--)
		sum += w->ring[(w->pieces + WIDE_PIECES - (uint64_t)k) % WIDE_PIECES];
	uint64_t from = w->pieces > (uint64_t)pieces ? w->pieces - (uint64_t)pieces : 0;
	return sum / (double)(wide_boundary(w->rate, from + (uint64_t)pieces) - wide_boundary(w->rate, from));
}

void
wide_add(struct wide *w, double energy)
{
	w->ring[w->pieces++ % WIDE_PIECES] = energy;
	w->max_momentary = fmax(w->max_momentary, window(w, MOMENTARY));
	w->max_shortterm = fmax(w->max_shortterm, window(w, SHORTTERM));
}

double
wide_momentary(const struct wide *w)
{
	return lufs_of(window(w, MOMENTARY));
}

double
wide_shortterm(const struct wide *w)
{
	return lufs_of(window(w, SHORTTERM));
}

double
wide_max_momentary(const struct wide *w)
{
	return lufs_of(w->max_momentary);
}

double
wide_max_shortterm(const struct wide *w)
{
	return lufs_of(w->max_shortterm);
}

/* The mean loudness of what is above a gate, from the first whole window on. */
static double
mean_above(const float *curve, size_t first, size_t points, double gate)
{
	double sum = 0;
	size_t blocks = 0;
	for (size_t k = first; k < points; k++)
		if ((double)curve[k] > gate) {
			sum += energy_of((double)curve[k]);
			blocks++;
		}
	return blocks ? lufs_of(sum / (double)blocks) : -HUGE_VAL;
}

double
wide_integrated(const float *momentary, size_t points)
{
	size_t first = MOMENTARY / EVERY - 1;
	double all = mean_above(momentary, first, points, SILENT);
	return mean_above(momentary, first, points, fmax(SILENT, all - 10));
}

static int
compare(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

double
wide_range(const float *shortterm, size_t points)
{
	size_t first = SHORTTERM / EVERY - 1, count = 0;
	double gate = fmax(SILENT, mean_above(shortterm, first, points, SILENT) - 20);
	float *above = malloc((points + 1) * sizeof *above);
	if (!above)
		return -1;
	for (size_t k = first; k < points; k++)
		if ((double)shortterm[k] > gate)
			above[count++] = shortterm[k];
	double range = 0;
	if (count) {
		qsort(above, count, sizeof *above, compare);
		double last = (double)(count - 1);
		range = (double)above[(size_t)(0.95 * last + 0.5)] - (double)above[(size_t)(0.10 * last + 0.5)];
	}
	free(above);
	return range;
}
