/* A blind test of two things, A and B, with a third, X, that is one of them: trials and score. Pure functions. */
#ifndef CONTROL_ABX_H
#define CONTROL_ABX_H

#include <stdint.h>

struct abx {
	int x;     /* which one X is: 0 or 1 */
	int heard; /* what plays: 0 A, 1 B, 2 X */
	int trials, right;
	uint64_t seed;
};

void abx_begin(struct abx *t, uint64_t seed);

/* Takes an answer (0 or 1) for X and draws the next one; whether it was right. */
int abx_answer(struct abx *t, int answer);

/* The chance that mere guessing is right so often or more: the upper tail of the binomial distribution. */
double abx_chance(int trials, int right);

#endif
