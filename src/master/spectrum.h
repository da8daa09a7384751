/*
 * A live spectrum for pictures: frames go in as they come, and a reading shows how strong each of a row of narrow bands
 * is, fast up and slowly down. Any thread but the real-time one, one at a time for each.
 */
#ifndef MASTER_SPECTRUM_H
#define MASTER_SPECTRUM_H

#include <stddef.h>

#define SPECTRUM_BANDS 121 /* 12 an octave, 10 octaves up from 20 Hz */
#define SPECTRUM_FLOOR -120.0

struct spectrum;

/* NULL: no memory. */
struct spectrum *spectrum_new(double rate);
void spectrum_free(struct spectrum *s);

/* Forgets all. */
void spectrum_clear(struct spectrum *s);

/* Frames of both sides; r may be NULL: one side alone, which counts as both. */
void spectrum_take(struct spectrum *s, const float *l, const float *r, size_t frames);

/*
 * A reading, `seconds` after the one before: dB of each band, mean power of both sides; a sine at full scale in both
 * reads 0. Bands above half the rate stay at the floor.
 */
void spectrum_read(struct spectrum *s, double seconds, float db[SPECTRUM_BANDS]);

/* The middle of a band, Hz. */
double spectrum_hertz(int band);

#endif
