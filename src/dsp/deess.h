/*
 * The de-esser of a strip: a bell that cuts its band while the band is loud, without latency. Parameters and the
 * processor's tables; set and run belong to the thread that runs the graph.
 *
 * The level is the peak within 1 to 2 ms of the band (a Butterworth band-pass of fourth order) on the louder side; the
 * cut in the middle is level - threshold dB, no more than `range`, the same on both sides. The bell is of fourth order,
 * flat beyond its band: with a Q of 1.5 a cut of 8 dB moves tones an octave away by less than 0.1 dB.
 *
 * Times, with the cut in dB: 1 ms until 1 - 1/e (63 %) of a rise is done; release: until 1 - 1/e of a fall is done.
 */
#ifndef DSP_DEESS_H
#define DSP_DEESS_H

#include "dsp/dsp.h"

struct deess_params {
	int on;
	double freq;      /* Hz, 2000 to 14000: the middle of the band; kept below 0.45 of the rate */
	double q;         /* 0.5 to 6: the band, 3 dB down, is freq / (1.1 q) wide */
	double threshold; /* dB, -60 to 0, of the level in the band */
	double range;     /* dB, 0 to 24 */
	double release;   /* ms, 5 to 500 */
	int listen;       /* the strip plays what is taken away (while on) */
};

extern const struct dsp_proc deess_proc_w1, deess_proc_w4, deess_proc_w8;

#endif
