/*
 * How a strip's processors answer, from the values that its kernels get: for pictures. Pure functions, any thread.
 * Levels and gains in dB; what is silent reads DB_SILENCE.
 */
#ifndef ENGINE_CURVES_H
#define ENGINE_CURVES_H

#include "dsp/comp.h"
#include "dsp/eq.h"
#include "dsp/filter.h"
#include "dsp/gate.h"

/* Gain of one band at a frequency, on whatever side it works; 0 where it or the equaliser is off. */
double curves_of_band(const struct eq_params *eq, int band, double rate, double hz);

/* Gain of high-pass and low-pass together. */
double curves_of_filter(const struct filter_params *filter, double rate, double hz);

/* Filters and equaliser together at `count` frequencies, as the middle hears them and as the sides do (may be NULL). */
void curves_of_tone(const struct filter_params *filter, const struct eq_params *eq, double rate, const double *hz,
                    int count, float *middle, float *side);

/* The level out for a level in that stands still; `open`: of a gate that was open before. */
double curves_of_gate(const struct gate_params *gate, double level, int open);
/* With make-up and mix. */
double curves_of_comp(const struct comp_params *comp, double level);

#endif
