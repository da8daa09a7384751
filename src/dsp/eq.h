/*
 * The equaliser of a strip: six bands in a row, each a second-order shape on both sides, the middle or the side.
 * eq_proc_w1, _w4 and _w8 are `struct dsp_proc`, see dsp/dsp.h for threads; their `set` takes a struct eq_params.
 */
#ifndef DSP_EQ_H
#define DSP_EQ_H

#define EQ_BANDS 6

/* In the order of the parameter table's choices. */
enum eq_type { EQ_BELL, EQ_LOWSHELF, EQ_HIGHSHELF, EQ_NOTCH, EQ_LOWPASS, EQ_HIGHPASS, EQ_BANDPASS };
enum eq_side { EQ_STEREO, EQ_MID, EQ_SIDE };

struct eq_band {
	int on, type, side;
	double freq, gain, q; /* Hz, dB (bells and shelves), Q as in H(s) of the RBJ cookbook */
};

struct eq_params {
	int on;
	struct eq_band band[EQ_BANDS];
};

#endif
