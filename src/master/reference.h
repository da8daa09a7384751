/*
 * Several finished songs as one reference: their weighted mean, each at its own loudness. Pure functions; any thread
 * but the real-time one.
 */
#ifndef MASTER_REFERENCE_H
#define MASTER_REFERENCE_H

#include "master/measure.h"

struct reference {
	double integrated, range, width;         /* LUFS, LU, dB side against mid */
	struct balance_band band[BALANCE_BANDS]; /* level: dB against the loudness; width: dB, -HUGE_VAL where mono */
	double weight, wide;                     /* of all, and of those that are not mono */
	double known[BALANCE_BANDS], known_width[BALANCE_BANDS]; /* weights of those that hold something there */
};

void reference_begin(struct reference *r);
/* Adds a song that is not silent; weight above 0. */
void reference_add(struct reference *r, const struct measured *m, double weight);
/* After the last. */
void reference_finish(struct reference *r);

#endif
