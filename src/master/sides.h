/*
 * A record's two sides: where an album is best turned over, what its length costs in level, and where its loud songs
 * are cut best. Pure functions; any thread.
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

/* A song on its way to a side. */
struct sides_song {
	double minutes;  /* with its pause */
	double loudness; /* LUFS (short-term, the greatest) */
	int joined;      /* it runs on from the song before, without a pause: no side ends there if another split fits */
};

/*
 * Splits songs, which keep their order, so that the longer side is as short as can be. The level a side loses is
 * 20 log10 of its length over the profile's minutes: a groove takes room in proportion to its level, and a side has no
 * more of it.
 */
void sides_split(const struct vinyl_profile *plant, const struct sides_song *song, size_t songs, struct sides *s);

/*
 * An order in which each side begins with its loudest song and ends with its softest, where the groove runs slowest:
 * the loudest that is left goes to the side that is shorter so far. `order` takes the songs' numbers, the first side's
 * before the second's; returns how many are on the first.
 */
size_t sides_order(const struct sides_song *song, size_t songs, size_t *order);

#endif
