/*
 * The delay effect of a bus on one stereo signal: repeats at a time exact to a frame, filtered each time they come
 * round. A `dsp_unit`: the thread that runs the graph calls set and run; size and init may be called from any thread.
 *
 * The first repeat comes as it went in, the n-th is feedback^(n-1) of it, n - 1 times through the filters of 6 dB an
 * octave. With `cross` each repeat is on the other side of the one before it: what goes in left is heard right, left,
 * right ... A new time fades from one tap to the other, so that no pitch glides.
 */
#ifndef DSP_ECHO_H
#define DSP_ECHO_H

#include "dsp/dsp.h"

#define ECHO_SECONDS 4.0 /* the longest time: a whole note at 60 beats a minute; longer ones are cut to it */

/* The rows ECHO_* of the parameter table, in its units, but for the time: base/notes.h makes frames of it. */
struct echo_params {
	int on;
	double frames;   /* time, 1 to ECHO_SECONDS; taken to the nearest */
	double feedback; /* percent, 0 to 95 */
	double hpf;      /* Hz; 10 and below is off */
	double lpf;      /* Hz; 20000 and above is off, and so is 0.49 of the rate */
	int cross;
	double mix; /* percent: repeats x mix + dry x (1 - mix) */
};

/* Values outside their ranges are drawn in. Once off and faded it is at rest and forgets; bits pass through. */
extern const struct dsp_unit echo_unit_w1, echo_unit_w4, echo_unit_w8;

#endif
