/*
 * Programme meters of a bank of strips: how the needle of each kind moves. Kernels; a state belongs to the thread that
 * runs the graph, and reading it changes nothing. The signal is only read.
 *
 *   K     RMS with the ballistics of the K-System (B. Katz, "Level Practices", 2000): 99 % of a step in 600 ms
 *   PPM   quasi-peak after IEC 60268-10, type IIa: 10 ms integration time, 24 dB down in 2.8 s
 *   DIN   the same, type I (DIN 45406): 5 ms, 20 dB down in 1.7 s
 *   VU    mean of the magnitude after IEC 60268-17: 99 % of a step in 300 ms, 1 to 1.5 % overshoot
 */
#ifndef DSP_METER_H
#define DSP_METER_H

#include <stddef.h>

/* METER_PEAK: sample peaks alone (dsp/output.h has them); nothing of this runs. */
enum meter_kind { METER_PEAK, METER_K, METER_PPM, METER_DIN, METER_VU, METER_KINDS };

struct dsp_meter {
	size_t size;
	void (*init)(void *state, double rate);
	/* A quantum of both sides. A new kind begins with init. */
	void (*run)(void *state, enum meter_kind kind, const float *l, const float *r);
	void (*move)(void *to, int to_lane, const void *from, int from_lane);
	/* Where the needle stands: the amplitude of the steady sine that it would stand there for. */
	float (*level)(const void *state, enum meter_kind kind, int lane, int side);
};

#endif
