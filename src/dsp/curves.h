/*
 * Designs and curves of processors from their values: the sections that equaliser and filters run, their magnitude, and
 * the static curves of gate and compressor. Pure functions, real-time safe, any thread.
 */
#ifndef DSP_CURVES_H
#define DSP_CURVES_H

#include "dsp/comp.h"
#include "dsp/eq.h"
#include "dsp/filter.h"
#include "dsp/gate.h"
#include "dsp/section.h"

/* The sections of a band at a rate; returns how many, 0 where it does nothing. */
int curves_band(struct section out[2], const struct eq_band *band, double rate);

/*
 * The sections of one of the two parts of a filter (high != 0: the high-pass): `part` 0 is of first or second order, 1
 * what steeper slopes have beside it. Returns how many, 0 where that slope has no such part.
 */
int curves_pass(struct section out[2], int high, int slope, int part, double freq, double rate);

/* The squared magnitude of a section at w radians a frame. */
double curves_power(const struct section *s, double w);

/* What a gate takes at a level that stands still, dB (>= 0); `open`: it was open before. */
double curves_gate(const struct gate_params *p, double level, int open);

/* The same of a compressor, before make-up and mix. */
double curves_comp(const struct comp_params *p, double level);

#endif
