/*
 * What a place on the stage means for a strip: distance as level, damping and room. Pure functions; any thread.
 *
 * Depth 0 to 100 is a distance r = 2^(depth / 25), 1 to 16 times the nearest. With it
 *   the level falls by 3 dB a doubling of r: half of what free air does, as ears judge distance by the room more than
 * by level, and a mix can spare no more; air and ground take the treble: a low-pass of 6 dB an octave, its corner 20
 * kHz * 2^(-depth / 50); the room grows against the direct sound by 6 dB a doubling of r, as it does in a room: the
 * sends (after the fader) add up to -30 dB + 0.24 dB * depth; the gap between direct sound and room closes, 40 ms near
 * and none far: the sends are shared between a near and a far reverb, whose pre-delays are these, with equal power: cos
 * and sin of 90 degrees * depth / 100. Depth 0 is the strip as it is, without all of that.
 */
#ifndef CONTROL_STAGE_H
#define CONTROL_STAGE_H

struct stage_place {
	double level;     /* dB, added to the fader */
	double corner;    /* Hz of the low-pass, 0: off */
	double near, far; /* dB of the sends, PARAM_SILENCE_DB for none */
};

void stage_place(double depth, struct stage_place *place);

#endif
