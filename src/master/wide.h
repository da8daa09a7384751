/*
 * Loudness over more channels than two: windows, gates and range of EBU Tech 3341 and 3342 from powers of 10 ms each,
 * summed over the channels before. Any thread but the real-time one; one at a time for each.
 */
#ifndef MASTER_WIDE_H
#define MASTER_WIDE_H

#include <stddef.h>
#include <stdint.h>

#define WIDE_STEP 100 /* pieces a second */
#define WIDE_PIECES 300

struct wide {
	int rate;
	uint64_t pieces; /* so far */
	double ring[WIDE_PIECES];
	double max_momentary, max_shortterm; /* mean squares */
};

/* The frame at which so many pieces end. */
static inline int64_t
wide_boundary(int rate, uint64_t pieces)
{
	return (int64_t)(pieces * (uint64_t)rate / WIDE_STEP);
}

/* The next piece's sum of squares, weighted. */
void wide_add(struct wide *w, double energy);

/* LUFS, -HUGE_VAL for silence: of the last 400 ms and 3 s, and the greatest of each. */
double wide_momentary(const struct wide *w);
double wide_shortterm(const struct wide *w);
double wide_max_momentary(const struct wide *w);
double wide_max_shortterm(const struct wide *w);

/* Of a curve of momentary loudness, ten points a second, gated: LUFS. Its first three points are no whole windows. */
double wide_integrated(const float *momentary, size_t points);

/* Of one of short-term loudness: LU; 0 without any whole window. -1: no memory. */
double wide_range(const float *shortterm, size_t points);

#endif
