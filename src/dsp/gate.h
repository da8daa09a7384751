/*
 * The gate and expander of a strip, without latency. Parameters and the processor's tables; set and run belong to the
 * thread that runs the graph.
 *
 * Detector: as the compressor's (dsp/comp.h). It opens when the level reaches the threshold and closes when the level
 * has stayed below threshold - hysteresis for the hold. While closed the reduction is `range` with ratio 100, else
 * (ratio - 1) x (threshold - level) dB, no more than `range`; while open it is 0.
 *
 * Times, with the reduction in dB:
 *   attack   from opening until 1 - 1/e (63 %) of the reduction is gone
 *   hold     from the last peak above threshold - hysteresis until the reduction begins to rise; never less than the
 *            detector's window (17 to 19 ms), and as exact as half a millisecond
 *   release  from there until 1 - 1/e of the reduction is reached
 */
#ifndef DSP_GATE_H
#define DSP_GATE_H

#include "dsp/dsp.h"

struct gate_params {
	int on;
	double ratio;      /* 1 to 100; 100 is a gate, less an expander */
	double threshold;  /* dB, -90 to 0 */
	double hysteresis; /* dB, 0 to 24 */
	double range;      /* dB, 0 to 90 */
	double attack;     /* ms, 0.05 to 200 */
	double hold;       /* ms, 0 to 2000 */
	double release;    /* ms, 5 to 4000 */
	int external;      /* the key buffers drive it, else the strip itself */
	double key_hpf;    /* Hz, 10 to 5000, second order; 10 is off */
	double key_lpf;    /* Hz, 100 to 20000, second order; 20000 is off */
	int listen;        /* the strip plays the filtered key (while on) */
};

extern const struct dsp_proc gate_proc_w1, gate_proc_w4, gate_proc_w8;

#endif
