/*
 * The master's dynamic equaliser: four bands in a row, each a bell or a shelf whose gain follows the level in its own
 * band. A `dsp_unit`, its threads as dsp.h says. No latency; while nothing is above its threshold, the bits stay.
 */
#ifndef DSP_DYNEQ_H
#define DSP_DYNEQ_H

#include "dsp/dsp.h"

#define DYNEQ_BANDS 4

enum dyneq_type { DYNEQ_BELL, DYNEQ_LOWSHELF, DYNEQ_HIGHSHELF };

/* The rows DYNEQ_* of the parameter table, in its units. */
struct dyneq_params {
	int on;
	struct dyneq_band {
		int on, type;                                             /* enum dyneq_type */
		double freq, q, threshold, ratio, range, attack, release; /* q: of a bell; range: dB, below 0 it cuts */
	} band[DYNEQ_BANDS];
};

extern const struct dsp_unit dyneq_unit_w1, dyneq_unit_w4, dyneq_unit_w8;

#endif
