/*
 * The master's limiter: keeps the true peaks of a stereo signal at or below a ceiling, both sides by the same gain, and
 * leaves the bits of what stays below as they are. Belongs to the thread that runs the graph; `size` and `init` to any.
 */
#ifndef DSP_LIMITER_H
#define DSP_LIMITER_H

#include "dsp/dsp.h"

#define LIMITER_LATENCY 512 /* frames at every rate, on or off, brisk or smooth */

struct limiter_params {
	int on;
	float gain;    /* dB into the limiter, -24 to 36 */
	float ceiling; /* dBTP, -24 to 0 */
	float release; /* ms until nine tenths (in dB) of a short peak's reduction are gone, 5 to 1000 */
	int smooth;    /* goes down over the 474 frames before a peak rather than over 90 */
};

/*
 * What a limiter shows; its state begins with it. Written by the thread that runs the limiter, which may also set
 * `greatest` back to 0.
 */
struct limiter_meter {
	float reduction; /* dB, >= 0: the greatest of the last quantum that came out */
	float greatest;  /* dB: the greatest of all since it was last set to 0 */
};

extern const struct dsp_unit limiter_unit_w1, limiter_unit_w4, limiter_unit_w8;

#endif
