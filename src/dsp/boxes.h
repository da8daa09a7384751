/*
 * A gain made smooth by two box filters in a row: it is down in full where it was low for as long as both boxes are.
 * Included by the limiter's kernels only; belongs to the thread that runs the graph.
 */
#ifndef DSP_BOXES_H
#define DSP_BOXES_H

#include <string.h>

#include "dsp/dsp.h"

#define BOXES_FIRST 380 /* frames of the longest boxes */
#define BOXES_SECOND 96
#define BOXES_FULL (1 << 30) /* a gain of 1, as whole numbers: no sum ever drifts */

/* Two box filters in a row, over whole numbers. */
struct boxes {
	int length[2]; /* frames */
	int busy;      /* frames until both are full of BOXES_FULL again */
	int64_t sum, sum_of_sums;
	int64_t gains[BOXES_FIRST + QUANTUM]; /* what the first adds up; the newest at length[0] and on */
	int64_t sums[BOXES_SECOND + QUANTUM]; /* what the second does */
};

/* A quantum's gain. */
struct quantum_gain {
	float gain[QUANTUM], lowest;
	int works; /* else it is 1 */
};

static inline void
boxes_init(struct boxes *b, int first, int second)
{
	b->length[0] = first;
	b->length[1] = second;
	b->busy = 0;
	b->sum = (int64_t)first * BOXES_FULL;
	b->sum_of_sums = second * b->sum;
	for (int n = 0; n < first + QUANTUM; n++)
		b->gains[n] = BOXES_FULL;
	for (int n = 0; n < second + QUANTUM; n++)
		b->sums[n] = b->sum;
}

/* Smooths the gain of a quantum through both boxes; NULL: it is 1. */
static inline void
boxes_run(struct boxes *b, const float *gain, struct quantum_gain *to)
{
	int64_t first = b->length[0], second = b->length[1], lowest = first * second * BOXES_FULL;
	int64_t *gains = b->gains + first, *sums = b->sums + second;
	const double scale = 1 / ((double)first * (double)second * BOXES_FULL);
	if (gain)
		b->busy = (int)(first + second) + QUANTUM;
	to->works = b->busy > 0;
	to->lowest = 1;
	if (!to->works)
		return;
	b->busy -= QUANTUM;
	int64_t sum = b->sum, sum_of_sums = b->sum_of_sums;
	for (int n = 0; n < QUANTUM; n++) {
		gains[n] = gain ? (int64_t)(gain[n] * BOXES_FULL) : BOXES_FULL;
		sum += gains[n] - b->gains[n];
		sums[n] = sum;
		sum_of_sums += sum - b->sums[n];
		lowest = sum_of_sums < lowest ? sum_of_sums : lowest;
		to->gain[n] = (float)((double)sum_of_sums * scale);
	}
	b->sum = sum;
	b->sum_of_sums = sum_of_sums;
	memmove(b->gains, b->gains + QUANTUM, sizeof *b->gains * (size_t)first);
	memmove(b->sums, b->sums + QUANTUM, sizeof *b->sums * (size_t)second);
	to->lowest = (float)((double)lowest * scale);
}

#endif
