/* What a song is heard through, from earbuds to clubs: a table of what each passes on. Pure functions; any thread. */
#ifndef MASTER_SPEAKERS_H
#define MASTER_SPEAKERS_H

#include <stddef.h>

#include "master/balance.h"

/* How a song gets to a speaker. */
enum speaker_codec {
	SPEAKER_WIRE, /* as it is */
	SPEAKER_SBC,  /* by Bluetooth: dsp/sbc.h */
};

struct speaker {
	const char *name, *title;
	double low;    /* Hz, where it is 3 dB down */
	int low_slope; /* dB an octave */
	double high;
	int high_slope;
	double mono; /* 0 stereo, 1 mono, else mono below so many Hz */
	double bell, bell_gain, bell_q;
	double noise, noise_slope; /* dB against the song's loudness, NAN: none; dB an octave */
	enum speaker_codec codec;
	const char *note;
};

extern const struct speaker speakers[]; /* ended by a NULL name */

/* NULL: there is none of that name. */
const struct speaker *speaker_find(const char *name);

/* Thousands of bits a second that its codec sends of a song of `rate` Hz; 0: it has none. */
double speaker_kbits(const struct speaker *s, double rate);

/* "Bluetooth speaker (SBC 328 kb/s)", for a song of `rate` Hz. */
void speaker_words(const struct speaker *s, double rate, char *text, size_t size);

/* Gain of the middle and of the difference at a frequency, dB (-HUGE_VAL: nothing of it comes out). */
void speaker_gain(const struct speaker *s, double hertz, double *mid, double *side);

/* Noise in a third, dB against a song of 0 LUFS. -HUGE_VAL: none. */
double speaker_noise(const struct speaker *s, int band);

/* The weight of ITU-R BS.1770 at a frequency, dB. */
double speaker_weight(double hertz);

#endif
