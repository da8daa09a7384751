/*
 * The end of a strip: width, pan and fader, and its peak meter. Lanes as in dsp/dsp.h, but a mono bank leaves it with
 * two sides, and a tap before the fader can be taken; so it has a run of its own in struct dsp_ops.
 */
#ifndef DSP_OUTPUT_H
#define DSP_OUTPUT_H

/* Gains are factors, worked out from pan law, fader, DCAs, mute and solo by the engine. */
struct output_params {
	double width;        /* of the sides against the middle: 0 mono, 1 as it is, 2 */
	double pan_l, pan_r; /* factors of the two sides */
	double fader;        /* factor; 0 silent */
};

#endif
