/*
 * A record's two sides: where an album is best turned over, and what its length costs in level. Pure functions; any
 * thread.
 */
#ifndef MASTER_SIDES_H
#define MASTER_SIDES_H

#include <stddef.h>

#include "master/targets.h"

struct sides {
	size_t first;      /* songs on the first side; the rest is on the second */
	double minutes[2]; /* of each */
	double level[2];   /* dB that a side must be cut lower for its length; 0: none */
	int fits;          /* both within the most that the plant cuts */
	/* A side's loudest song that stands last on it, where the groove is slowest, or -1. */
	int loud_inside[2];
};

/*
 * Splits songs, which keep their order, so that the longer side is as short as can be. `minutes` of each song with its
 * pause, `loudness` in LUFS (short-term, the greatest). The level a side loses is 20 log10 of its length over the
 * profile's minutes: a groove takes room in proportion to its level, and a side has no more of it.
 */
void sides_split(const struct vinyl_profile *plant, const double *minutes, const double *loudness, size_t songs,
                 struct sides *s);

#endif
