/*
 * The transient shaper of a strip: gain on attacks and on what rings on, whatever the level, without latency.
 * Parameters and the processor's tables; set and run belong to the thread that runs the graph.
 *
 * The level is the compressor's windowed peak (dsp/comp.h), in dB, no less than -80. An attack is heard while the level
 * is above a follower that needs 20 ms to rise (63 %) and none to fall; the sustain while it is below one that needs
 * none to rise and 300 ms to fall. From 6 dB of difference on the gain is all that was asked, at 1 dB and less it is
 * none, between them it is in proportion: steady tones keep their level exactly. Gains move with 0.7 ms (63 %); those
 * of both add up.
 */
#ifndef DSP_TRANSIENT_H
#define DSP_TRANSIENT_H

#include "dsp/dsp.h"

struct transient_params {
	int on;
	double attack;  /* dB, -15 to 15 */
	double sustain; /* dB, -24 to 24 */
};

extern const struct dsp_proc transient_proc_w1, transient_proc_w4, transient_proc_w8;

#endif
