#include "master/sides.h"

#include <math.h>

#define LOUD_INSIDE 1.0 /* LU above the side's other songs, from which on a loud last song is told */

static double
sum(const struct sides_song *song, size_t from, size_t to)
{
	double all = 0;
	for (size_t k = from; k < to; k++)
		all += song[k].minutes;
	return all;
}

/* The last song of from..to-1 where it is louder than all others there; -1 where not. */
static int
loud_at_end(const struct sides_song *song, size_t from, size_t to)
{
	if (to - from < 2)
		return -1;
	for (size_t k = from; k + 1 < to; k++)
		if (!(song[to - 1].loudness > song[k].loudness + LOUD_INSIDE))
			return -1;
	return (int)to - 1;
}

/* The split whose longer side is the shortest, among those between songs with a pause or among all; `songs`: none. */
static size_t
best_split(const struct sides_song *song, size_t songs, int anywhere, double *longer)
{
	double whole = sum(song, 0, songs), least = HUGE_VAL;
	size_t best = songs;
	for (size_t k = 1; k <= songs; k++) {
		double a = sum(song, 0, k), longest = fmax(a, whole - a);
		if (longest >= least || (k < songs && song[k].joined && !anywhere))
			continue;
		least = longest;
		best = k;
	}
	*longer = least;
	return best;
}

void
sides_split(const struct vinyl_profile *plant, const struct sides_song *song, size_t songs, struct sides *s)
{
	double longer;
	*s = (struct sides){.first = best_split(song, songs, 0, &longer), .fits = 1};
	if (longer > plant->most_minutes)
		s->first = best_split(song, songs, 1, &longer);
	for (int side = 0; side < 2; side++) {
		size_t from = side ? s->first : 0, to = side ? songs : s->first;
		s->minutes[side] = sum(song, from, to);
		double over = s->minutes[side] / plant->minutes;
		s->level[side] = over > 1 ? 20 * log10(over) : 0;
		s->fits = s->fits && s->minutes[side] <= plant->most_minutes;
		s->loud_inside[side] = loud_at_end(song, from, to);
	}
}

size_t
sides_order(const struct sides_song *song, size_t songs, size_t *order)
{
	double minutes[2] = {0, 0};
	size_t first = 0, last = songs; /* the second side is filled from its end, and turned round */
	for (size_t k = 0; k < songs; k++)
		order[k] = songs;
	for (size_t n = 0; n < songs; n++) {
		size_t loudest = songs;
		for (size_t k = 0; k < songs; k++) {
			int taken = 0;
			for (size_t j = 0; j < songs; j++)
				taken |= order[j] == k;
			if (!taken && (loudest == songs || song[k].loudness > song[loudest].loudness))
				loudest = k;
		}
		int side = minutes[1] < minutes[0];
		minutes[side] += song[loudest].minutes;
		order[side ? --last : first++] = loudest;
	}
	for (size_t a = first, b = songs; a + 1 < b; a++) {
		size_t swapped = order[a];
		order[a] = order[--b];
		order[b] = swapped;
	}
	return first;
}
