/*
 * What a reverb's lines are for one setting: their lengths and the filters that make them fall in time. Pure arithmetic
 * without lanes, bounded (some microseconds), real-time safe: the reverb calls it from set and run.
 */
#ifndef DSP_REVERB_ROOM_H
#define DSP_REVERB_ROOM_H

#include "dsp/dsp.h"

#define LINES 16
#define SECTIONS 4 /* second-order sections a line: two of the low shelf, two of the high one */

struct reverb_params;

/* One section of all lines: state-variable form (Simper), exact at any corner in single precision. */
struct section {
	float a1[LINES], a2[LINES], g[LINES];  /* integrators: 1 / (1 + g (g + k)), g a1, g = tan(pi f / rate) */
	float m0[LINES], m1[LINES], m2[LINES]; /* what is heard of input, band and low */
};

/* All that depends on time, low, high, size and predelay; a change fades from one room to another. */
struct reverb_room {
	_Alignas(DSP_ALIGN) struct section section[SECTIONS];
	int length[LINES]; /* frames, primes */
	int predelay;      /* frames */
	float entry;       /* gain into the lines */
};

/* Settings within their ranges, for a sample rate in Hz. */
void reverb_design(struct reverb_room *room, const struct reverb_params *p, double rate);

#endif
