/*
 * The tonal balance of a stereo signal in thirds of an octave, and how wide each third is. Any thread but the real-time
 * one, one at a time for each.
 */
#ifndef MASTER_BALANCE_H
#define MASTER_BALANCE_H

#include <stddef.h>

#define BALANCE_BANDS 31 /* 20 Hz to 20 kHz: 1000 Hz 10^(k/10), k from -17 to 13 */

struct balance;

/* NULL: no memory. */
struct balance *balance_new(double rate);
void balance_free(struct balance *b);

void balance_take(struct balance *b, const float *l, const float *r, size_t frames);

/* What a third holds. */
struct balance_band {
	double level; /* dBFS, mean square of both sides together (a full sine on both: 0); -HUGE_VAL: nothing */
	double width; /* dB, side against mid; -HUGE_VAL: mono; 0 where there is nothing */
};

/* After the last frame. */
void balance_finish(struct balance *b, struct balance_band band[BALANCE_BANDS]);

/* The level of all thirds together, dB; -HUGE_VAL: nothing. */
double balance_whole(const struct balance_band band[BALANCE_BANDS]);

/* A level in dB as power; 0 where there is nothing. */
double balance_power(double db);

/* The middle of a third, Hz, and its usual name ("31.5", "1k", "12.5k"). */
double balance_hertz(int band);
const char *balance_name(int band);

#endif
