/*
 * The master's clipper: rounds or cuts off what rises above a level, between the frames too, eight times oversampled.
 * A `dsp_unit`, its threads as dsp.h says. What stays below leaves it with its bits untouched, CLIPPER_LATENCY frames
 * late, as everything does when it is off.
 */
#ifndef DSP_CLIPPER_H
#define DSP_CLIPPER_H

#include "dsp/dsp.h"

#define CLIPPER_LATENCY 64 /* frames at every rate, on or off */

/* The rows CLIP_* of the parameter table, in its units. */
struct clipper_params {
	int on;
	double level; /* dBFS that peaks are cut off at, -24 to 0 */
	double knee;  /* dB below it where they begin to be rounded; 0 cuts hard */
};

extern const struct dsp_unit clipper_unit_w1, clipper_unit_w4, clipper_unit_w8;

#endif
