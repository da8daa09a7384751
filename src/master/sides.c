#include "master/sides.h"

#include <math.h>

#define LOUD_INSIDE 1.0 /* LU above the side's other songs, from which on a loud last song is told */

static double
sum(const double *x, size_t from, size_t to)
{
	double all = 0;
	for (size_t k = from; k < to; k++)
		all += x[k];
	return all;
}

/* The last song of from..to-1 where it is louder than all others there; -1 where not. */
static int
loud_at_end(const double *loudness, size_t from, size_t to)
{
	if (to - from < 2)
		return -1;
	for (size_t k = from; k + 1 < to; k++)
		if (!(loudness[to - 1] > loudness[k] + LOUD_INSIDE))
			return -1;
	return (int)to - 1;
}

void
sides_split(const struct vinyl_profile *plant, const double *minutes, const double *loudness, size_t songs,
            struct sides *s)
{
	*s = (struct sides){.first = songs, .fits = 1};
	double least = HUGE_VAL, whole = sum(minutes, 0, songs);
	for (size_t k = 1; k <= songs; k++) {
		double a = sum(minutes, 0, k), longer = fmax(a, whole - a);
		if (longer < least) {
			least = longer;
			s->first = k;
		}
	}
	for (int side = 0; side < 2; side++) {
		size_t from = side ? s->first : 0, to = side ? songs : s->first;
		s->minutes[side] = sum(minutes, from, to);
		double over = s->minutes[side] / plant->minutes;
		s->level[side] = over > 1 ? 20 * log10(over) : 0;
		s->fits = s->fits && s->minutes[side] <= plant->most_minutes;
		s->loud_inside[side] = loud_at_end(loudness, from, to);
	}
}
