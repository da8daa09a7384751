/*
 * The high-pass and low-pass of a strip: Butterworth, 6 to 24 dB an octave.
 * filter_proc_w1, _w4 and _w8 are `struct dsp_proc`, see dsp/dsp.h for threads; their `set` takes a struct
 * filter_params.
 */
#ifndef DSP_FILTER_H
#define DSP_FILTER_H

/* In the order of the parameter table's choices. */
enum filter_slope { FILTER_6DB, FILTER_12DB, FILTER_18DB, FILTER_24DB };

struct filter_params {
	int hpf_on, hpf_slope;
	double hpf_freq; /* Hz, where it is 3 dB down */
	int lpf_on, lpf_slope;
	double lpf_freq;
};

#endif
