/*
 * The stereo image of one song brought to that of another: widths of the master's four bands, and the crossovers
 * between them, fitted to what thirds of an octave lack. Pure functions; any thread but the real-time one.
 */
#ifndef MASTER_WIDTHS_H
#define MASTER_WIDTHS_H

#include "dsp/stereo.h"
#include "master/balance.h"

/* What `from` lacks in width against `to`, dB a third; NAN where one of them is mono or faint. */
void widths_difference(const struct balance_band from[BALANCE_BANDS], const struct balance_band to[BALANCE_BANDS],
                       double want[BALANCE_BANDS]);

/* What the bands do to the sides in each third, dB (0 where the section is off); `mono_below` aside. */
void widths_response(const struct stereo_params *p, double rate, double response[BALANCE_BANDS]);

/*
 * The settings nearest to `now` with `want` dB more (NAN: it does not count), no band more than `cap` dB from where it
 * is. Where the section is on already, its crossovers stay. Off as long as nothing is worth doing.
 */
void widths_fit(const double want[BALANCE_BANDS], double rate, double cap, const struct stereo_params *now,
                struct stereo_params *to);

#endif
