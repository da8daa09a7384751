/* The head of a strip: trim, polarity and the DC filter, as a lane processor (dsp/dsp.h has the rules and threads). */
#ifndef DSP_INPUT_H
#define DSP_INPUT_H

struct input_params {
	double trim;  /* dB */
	int polarity; /* 1: upside down */
	int dc;       /* 1: an offset is taken out */
};

#endif
