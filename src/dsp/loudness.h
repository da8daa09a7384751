/*
 * A running loudness meter of one stereo signal after ITU-R BS.1770-4, EBU R 128, Tech 3341 and Tech 3342: momentary,
 * short-term and integrated loudness, loudness range, true and sample peaks.
 *
 * The state has a fixed size and holds no pointers: `run` and `finish` never allocate, so they may be called in the
 * thread that runs the graph as well as anywhere else; one thread at a time for one state. The read-outs change
 * nothing; they belong to the thread that calls `run`, or to anybody once it has stopped. Momentary and short-term
 * loudness and the peaks cost nothing to read; integrated loudness and range walk their histograms (some 10 us).
 *
 * Every figure depends on the frames alone, never on how they are cut into calls nor on the width.
 */
#ifndef DSP_LOUDNESS_H
#define DSP_LOUDNESS_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#define LOUDNESS_SILENCE (-HUGE_VAL) /* what read-outs return when there is nothing to measure (-infinity) */

struct loudness_unit {
	/* Bytes of a state, DSP_ALIGN aligned; rate 8000 to 192000. */
	size_t (*size)(void);
	/* A new measurement. */
	void (*init)(void *state, int rate);
	/* Takes in any number of planar frames; they may lie anywhere and are only read. */
	void (*run)(void *state, const float *l, const float *r, size_t frames);
	/* After the last frame: lets the true peak see what the curve does where the signal ends. Once; no `run` after it.
	 */
	void (*finish)(void *state);
};

extern const struct loudness_unit loudness_unit_w1, loudness_unit_w4, loudness_unit_w8;

/* Of the last 400 ms and of the last 3 s, in LUFS; steps of 10 ms. What was before the beginning is silence. */
double loudness_momentary(const void *state);
double loudness_shortterm(const void *state);

/* The greatest of the two so far, LUFS. */
double loudness_max_momentary(const void *state);
double loudness_max_shortterm(const void *state);

/* Of the last whole 10 ms: both sides' squares behind the K filter, summed, for sums over more channels than two. */
double loudness_piece(const void *state);

/* Of all so far, gated at -70 LUFS and 10 LU below the mean, LUFS. */
double loudness_integrated(const void *state);

/* Loudness range in LU (0 when there is nothing to measure), and where it begins and ends in LUFS. */
double loudness_range(const void *state);
double loudness_range_low(const void *state);
double loudness_range_high(const void *state);

/* Greatest so far of both sides: true peak in dBTP (the last 32 frames wait for `finish`), sample in dBFS. */
double loudness_true_peak(const void *state);
double loudness_sample_peak(const void *state);

/* The true peak of side 0 (l) or 1 (r) alone. */
double loudness_side_true_peak(const void *state, int side);

/* The greatest |sample| itself, exactly, of side 0 (l) or 1 (r); not of the last 63 frames before `finish`. */
float loudness_side_peak(const void *state, int side);

/* How many frames went in. */
uint64_t loudness_frames(const void *state);

#endif
