/*
 * The compressor of a strip: a feed-forward, log-domain compressor without latency.
 * Parameters and the processor's tables; set and run belong to the thread that runs the graph.
 *
 * Detector: the larger of both sides' magnitudes, its maximum over 17 to 18 ms (half a period of 30 Hz), so that a sine
 * reads its peak and low notes are not distorted. Static curve: reduction = (1 - 1/ratio) x (level - threshold) dB
 * above the knee, quadratic within it (Giannoulis, Massberg, Reiss, "Digital dynamic range compressor design", JAES
 * 2012).
 *
 * Times, with the reduction in dB:
 *   attack   from a step up of the level until 1 - 1/e (63 %) of the change of reduction is done
 *   hold     from the last peak at the old level until the reduction begins to fall; never less than the detector's
 *            window (17 to 19 ms), and as exact as half a millisecond
 *   release  from there until 1 - 1/e of the fall is done
 */
#ifndef DSP_COMP_H
#define DSP_COMP_H

#include "dsp/dsp.h"

struct comp_params {
	int on;
	double threshold; /* dB, -60 to 0 */
	double ratio;     /* 1 to 100; 100 limits */
	double knee;      /* dB, 0 to 24, its whole width */
	double attack;    /* ms, 0.05 to 250 */
	double hold;      /* ms, 0 to 500 */
	double release;   /* ms, 5 to 4000 */
	double makeup;    /* dB, -24 to 24, on the compressed part of the mix */
	double mix;       /* percent compressed, 0 to 100 */
	int external;     /* the key buffers drive it, else the strip itself */
	double key_hpf;   /* Hz, 10 to 5000, second order; 10 is off */
	int listen;       /* the strip plays the filtered key (while on) */
};

extern const struct dsp_proc comp_proc_w1, comp_proc_w4, comp_proc_w8;

#endif
