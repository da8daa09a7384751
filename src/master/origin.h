/*
 * What came to the master section: the mix as it was made, measured while it is rendered. Pure state without memory of
 * its own; any thread, one at a time.
 */
#ifndef MASTER_ORIGIN_H
#define MASTER_ORIGIN_H

#include <stddef.h>
#include <stdint.h>

#include "master/clips.h"

#define ORIGIN_SILENCE 0.001f /* -60 dBFS: what stays below counts as silence at its ends */

struct origin {
	double rate; /* Hz */
	int64_t frames;
	int64_t head, tail;                               /* frames of silence at its beginning and its end */
	double integrated, range, true_peak, sample_peak; /* LUFS, LU, dBTP, dBFS; whoever measures them fills them in */
	struct clips clips[2];
	double mean[2];     /* of the samples: DC */
	double correlation; /* of the sides, -1 to 1; 0 where one is silent */
	double mono; /* dB that a mono sum has less power than both sides: 0 where they are alike, 3 where unrelated */
	double sum[2], square[2], product;
};

void origin_begin(struct origin *o, double rate);
void origin_take(struct origin *o, const float *const *side, size_t frames);
/* After the last frame: mean, correlation, mono and tail are there. */
void origin_finish(struct origin *o);

/* The greater offset of its sides, dBFS; where it is cut off at the top: how often. */
double origin_dc(const struct origin *o);
uint64_t origin_cuts(const struct origin *o);

/*
 * What no mastering can mend, a sentence each, and why; how many. `mono`: it is a file of one channel that plays on
 * both sides. Its loudness and peaks have been filled in.
 */
#define ORIGIN_FAULTS 4
size_t origin_faults(const struct origin *o, int mono, char fault[ORIGIN_FAULTS][256]);

#endif
