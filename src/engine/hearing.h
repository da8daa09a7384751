/*
 * Another speaker in front of the ears: what the monitor plays, sent through the codec of its radio, filtered as the
 * speaker would, mono where it is, with the noise that is heard beside it. hearing_design belongs to the control
 * thread, the rest to the thread that plays (real-time safe).
 */
#ifndef ENGINE_HEARING_H
#define ENGINE_HEARING_H

#include <stdint.h>

#include "dsp/sbc.h"
#include "dsp/section.h"

/* As a table of speakers has it (master/speakers.h). */
struct hearing_params {
	int codec;        /* SBC on the way to it */
	double low, high; /* Hz, where it is 3 dB down */
	int low_slope, high_slope;
	double mono; /* 0 stereo, 1 mono, else mono below so many Hz */
	double bell, bell_gain, bell_q;
	double noise, noise_slope; /* dBFS of its power all in all, -INFINITY: none; dB an octave from 50 Hz up */
};

#define HEARING_SECTIONS 8 /* of both sides */
#define HEARING_SIDE 4     /* of the difference beside those */

struct hearing_spec {
	int on, sections, side_sections, mono;
	double coded; /* Hz, of what goes through SBC; 0: nothing */
	float tilt;   /* of the noise's low-pass; 0: white */
	float noise;  /* factor on what comes out of that, white noise of power 1 having gone in; 0: none */
	struct section section[HEARING_SECTIONS], side[HEARING_SIDE];
};

/* NULL: nothing between the desk and the ears. */
void hearing_design(const struct hearing_params *p, double rate, struct hearing_spec *spec);

struct rt_hearing {
	struct hearing_spec now, next;
	int changing, faded; /* frames of the fade out (then in) that are done */
	int hold;            /* frames of silence before the fade in, until the codec gives; -1: none has begun */
	struct sbc sbc;
	int late, inside; /* frames that the codec delays; those of them that went in and did not come out yet */
	double state[2][HEARING_SECTIONS][2], side[HEARING_SIDE][2];
	uint32_t seed;
	float red[2];
};

void hearing_init(struct rt_hearing *h);
void hearing_set(struct rt_hearing *h, const struct hearing_spec *spec);

/* Interleaved stereo, in place; leaves the bits alone where there is nothing to do. A change fades out and in. */
void hearing_run(struct rt_hearing *h, float *stereo, int frames);

/*
 * Behind the last frame before a stop: fills `frames` with what is still inside, and the rest with silence. Returns how
 * many hold something.
 */
int hearing_drain(struct rt_hearing *h, float *stereo, int frames);

/* While nothing sounds: a change that was wished is made at once. */
void hearing_settle(struct rt_hearing *h);

/* Frames that the ears are behind what went in. */
int hearing_late(const struct rt_hearing *h);

#endif
