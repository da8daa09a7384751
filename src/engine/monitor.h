/*
 * The monitor: what the ears get of what the desk plays, and the bounce never. Level, dim, mono, side, swap, polarity
 * and cut are one matrix of two by two gains that glide. monitor_matrix belongs to the control thread, the rest to the
 * thread that plays (real-time safe).
 */
#ifndef ENGINE_MONITOR_H
#define ENGINE_MONITOR_H

#include "dsp/bank.h"

/* As the user sets it. All zero is neutral: the bits pass. */
struct monitor_settings {
	double level;    /* dB, 0 and below */
	double turn;     /* dB beside it, as a place that plays the song turns it */
	double match;    /* dB on top, so that what is compared is as loud */
	int dim;         /* 20 dB less */
	int mono, side;  /* both sides carry the middle, or the difference */
	int swap;        /* left and right change places */
	int polarity[2]; /* that side upside down */
	int cut[2];      /* that side silent */
};

#define MONITOR_DIM -20.0 /* dB */

/* The gains from left and right to left (0, 1) and to right (2, 3). */
void monitor_matrix(const struct monitor_settings *settings, float gain[4]);

struct rt_monitor {
	struct ramp gain[4];
};

void monitor_init(struct rt_monitor *m, double rate);
void monitor_set(struct rt_monitor *m, const float gain[4]);

/* Interleaved stereo, in place; leaves the bits alone while neutral. */
void monitor_run(struct rt_monitor *m, float *stereo, int frames);

#endif
