/*
 * The master's compressor in four bands: a stereo signal taken apart (dsp/bands.h), each band compressed by the louder
 * of its sides, and put together again. A `dsp_unit`, its threads as dsp.h says. No latency.
 */
#ifndef DSP_MULTI_H
#define DSP_MULTI_H

#include "dsp/dsp.h"

#define MULTI_BANDS 4

/* The rows MULTI_* of the parameter table, in its units. */
struct multi_params {
	int on;
	double cross[MULTI_BANDS - 1]; /* Hz */
	struct multi_band {
		int on, solo; /* off: the band passes; solo: only such bands are heard */
		double threshold, ratio, knee, attack, release, makeup;
	} band[MULTI_BANDS];
};

extern const struct dsp_unit multi_unit_w1, multi_unit_w4, multi_unit_w8;

#endif
