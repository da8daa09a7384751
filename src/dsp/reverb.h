/*
 * The reverb of a bus: a feedback delay network of 16 lines on one stereo signal. A `dsp_unit`: the thread that runs
 * the graph calls set and run; size and init may be called from any thread.
 *
 * The time it takes to fall by 60 dB at a frequency f (Hz), which tests/test-reverb.c holds it to an octave at a time:
 *
 *   RT60(f) = time / (1 + (1/low' - 1) / (1 + (f/250)^8) + (1/high' - 1) / (1 + (4000/f)^8))
 *   low' = max(low, 0.1 s / time), high' = max(high, 0.1 s / time)
 *
 * so time in the middle, time x low below 250 Hz and time x high above 4 kHz, with a smooth crossover half an octave to
 * either side; nothing is asked to die faster than 0.1 s, about what the diffusers in front of the lines need
 * themselves.
 */
#ifndef DSP_REVERB_H
#define DSP_REVERB_H

#include "dsp/dsp.h"

/* As in session/params.def, REVERB_... */
struct reverb_params {
	int on;
	float time;     /* ms, 200 to 12000 */
	float low;      /* ratio, 0.3 to 2.5 */
	float high;     /* ratio, 0.1 to 1 */
	float predelay; /* ms, 0 to 250 */
	float size;  /* percent, 20 to 100: lines of 25 to 75 ms on average; less in short times, 45 or more in long ones */
	float width; /* percent, 0 to 100 */
	float mix;   /* percent: reverb x mix + dry x (1 - mix); at 0 the input's bits pass */
};

/*
 * Values outside their ranges are drawn in. Once off and faded it is at rest, without a tail, and passes bits through.
 * A stereo input of uncorrelated noise comes out as loud as it went in (for any time, in the middle of the spectrum).
 */
extern const struct dsp_unit reverb_unit_w1, reverb_unit_w4, reverb_unit_w8;

#endif
