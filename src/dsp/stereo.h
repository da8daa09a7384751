/*
 * The master's stereo image: width in four bands, and nothing but the middle below a frequency. A `dsp_unit`, its
 * threads as dsp.h says. No latency. Middle and sides go through the same phase at every setting, so that what is made
 * narrow or wide stays in its place and mono only loses what the sides hold.
 */
#ifndef DSP_STEREO_H
#define DSP_STEREO_H

#include "dsp/dsp.h"

#define STEREO_BANDS 4

/* The rows STEREO_* of the parameter table, in its units. */
struct stereo_params {
	int on;
	double cross[STEREO_BANDS - 1]; /* Hz */
	double width[STEREO_BANDS];     /* percent: 0 mono, 100 as it is, 200 sides twice as loud */
	double mono_below;              /* Hz; 0: nowhere */
};

extern const struct dsp_unit stereo_unit_w1, stereo_unit_w4, stereo_unit_w8;

#endif
