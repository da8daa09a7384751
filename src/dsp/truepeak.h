/*
 * True peaks: how high the curve through the frames rises between them, by interpolation at four and sixteen points a
 * frame. Kernels over time (dsp/along.h); no state but a table that `init` fills, so
 * any thread may read one table.
 */
#ifndef DSP_TRUEPEAK_H
#define DSP_TRUEPEAK_H

#include "dsp/along.h"

#define TRUEPEAK_REACH 32  /* frames to each side that the curve between two frames depends on */
#define TRUEPEAK_EDGE 20   /* the same of what the guard finds next to the Nyquist frequency */
#define TRUEPEAK_MIDDLE 12 /* of the middle kernel */
#define TRUEPEAK_SHORT 6   /* and of the short one */
#define TRUEPEAK_GROUP 8   /* gaps scanned at a time */
#define TRUEPEAK_FINE 6    /* pairs of sixteenths that are no quarters: 1 15, 2 14, 3 13, 5 11, 6 10, 7 9 */

/*
 * Interpolation between frames 0 and 1 at f and at 1 - f, by pairs of frames -m and 1 + m: what the two have in common
 * (even) and what they differ in (odd). value(f) = E + O and value(1 - f) = E - O, with
 * E = sum of even[m] (x[-m] + x[1 + m]) and O = sum of odd[m] (x[-m] - x[1 + m]).
 */
struct truepeak_pair {
	float even[TRUEPEAK_REACH], odd[TRUEPEAK_REACH];
	float middle_even[TRUEPEAK_MIDDLE], middle_odd[TRUEPEAK_MIDDLE];
	float short_even[TRUEPEAK_SHORT], short_odd[TRUEPEAK_SHORT];
};

struct truepeak {
	struct truepeak_pair quarter, half, fine[TRUEPEAK_FINE]; /* half is even only */
	/* What is next to the Nyquist frequency: in phase with the turn of signs (odd), and out of it (even). */
	float edge_odd[TRUEPEAK_EDGE], edge_even[TRUEPEAK_EDGE];
	/*
	 * No kernel leads higher than `near` |x| + `bend` |x[-1] - 2 x[0] + x[1]| + `far` |x|, where the first is the
	 * greatest of the frames next to the gap, the others the greatest within reach.
	 */
	float bend, far;
};

/* Whose peaks are sought: the meter's, or the limiter's, which must satisfy readers with other kernels too. */
enum truepeak_reader { TRUEPEAK_METER, TRUEPEAK_GUARD };

/* Fills the table for one kind of reader. */
void TIMED(truepeak_init)(struct truepeak *t, enum truepeak_reader reader);

/*
 * The greatest |value| of l and r (which may be NULL) in each of the TRUEPEAK_GROUP gaps that begin at frames l[0],
 * r[0] and follow, the frame at its beginning included: at quarters of a frame, and at sixteenths too where that comes
 * within 0.7 dB of `level`. Reads l[1 - TRUEPEAK_REACH] to l[TRUEPEAK_GROUP - 1 + TRUEPEAK_REACH].
 */
void TIMED(truepeak_scan)(const struct truepeak *t, enum truepeak_reader reader, const float *l, const float *r,
                          float level, float *peak);

/*
 * What bounds the peaks of `frames` frames (a multiple of TRUEPEAK_GROUP): for each group of the side the greatest |x|
 * and the greatest |x[-1] - 2 x[0] + x[1]|, this of the frames one earlier, so that nothing after the last frame is
 * read.
 */
void TIMED(truepeak_bounds)(const float *x, int frames, float *height, float *bend);

static inline float
truepeak_greatest(const float *x, int count)
{
	float y = x[0];
	for (int k = 1; k < count; k++)
		y = x[k] > y ? x[k] : y;
	return y;
}

/* What no peak in the gaps of `groups` groups from number `first` on exceeds, from the bounds of one side's groups. */
static inline float
truepeak_bound(const struct truepeak *t, const float *height, const float *bend, int first, int groups)
{
	const int reach = TRUEPEAK_REACH / TRUEPEAK_GROUP;
	float wide = truepeak_greatest(height + first - reach, groups + 2 * reach);
	float bent = truepeak_greatest(bend + first - reach, groups + 2 * reach);
	return truepeak_greatest(height + first, groups + 1) + t->bend * bent + t->far * wide;
}

#endif
