/*
 * Finds the gain into the limiter that gives a master its loudness. Control thread.
 *
 * Honest: a master whose limiter takes off at most HONEST_DB. What needs more is possible, and is told.
 */
#ifndef MASTER_SOLVE_H
#define MASTER_SOLVE_H

#include "master/premaster.h"

#define SOLVE_TOLERANCE 0.05 /* LU, that a solved master is within */
#define HONEST_DB 3.0        /* dB of limiting that pass without a word */
#define LOUD_DB 6.0          /* dB of limiting that are too much */

struct solution {
	struct limiter_params limiter; /* gain to a thousandth of a dB, as it stands in the session */
	struct pass pass;
	int passes;  /* ways through the limiter that it took */
	int reached; /* within the tolerance; else this is the nearest that can be had */
};

/*
 * The limiter (its gain counts not) at the gain that gives `lufs`; progress gets passes done. 0; 1: stopped by
 * progress; -1 with err filled: silence, no memory.
 */
int solve_loudness(const struct premaster *p, const struct limiter_params *limiter, double lufs,
                   int (*progress)(void *arg, int passes), void *arg, struct solution *s, struct err *err);

/* The same at the greatest gain whose limiting stays within `most` dB. */
int solve_limiting(const struct premaster *p, const struct limiter_params *limiter, double most, struct solution *s,
                   struct err *err);

#endif
