/*
 * Saturation of a strip: plain tanh, an asymmetric tube, a soft tape with emphasis; oversampled 24 times (12 at and
 * above 80 kHz). A `dsp_proc`, its threads as dsp.h says. Every lane, on or off, is SAT_LATENCY frames late, exactly.
 */
#ifndef DSP_SAT_H
#define DSP_SAT_H

#include "dsp/dsp.h"

#define SAT_LATENCY 64

enum sat_type { SAT_TANH, SAT_TUBE, SAT_TAPE };

/* The rows SAT_* of the parameter table, in its units. */
struct sat_params {
	int on;
	int type;     /* enum sat_type */
	double drive; /* dB into it */
	double level; /* dB behind it, of the saturated signal only */
	double mix;   /* percent saturated; the rest is dry, in phase with it */
};

extern const struct dsp_proc sat_proc_w1, sat_proc_w4, sat_proc_w8;

#endif
