/*
 * What a master is measured by: loudness, peaks, dynamics, damage, stereo and tonal balance of a whole file or stream.
 * Control thread, or any other but the real-time one; one at a time for each meter.
 *
 * Integrated loudness is libebur128's; our own kernels run beside it and `apart` says how far they are from it. The
 * range is our own, with ten windows a second as EBU Tech 3342 asks for since 2016 (libebur128 takes one), and so the
 * same figure as a bounce's and the console's. True peak is the higher reading of the two. A mono file counts as one
 * channel, as ITU-R BS.1770 has it: played on both sides it is 3 LU louder. Of more than two channels each counts as
 * its speaker does (master/layout.h), peaks are of all of them, and correlation, width and balance are not there.
 */
#ifndef MASTER_MEASURE_H
#define MASTER_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "master/balance.h"
#include "master/layout.h"

#define MEASURE_STEP 10 /* points of the curves a second */

/* Levels in dB are -HUGE_VAL for silence. */
struct measured {
	int rate, channels;
	char speakers[LAYOUT_TEXT]; /* of more than two channels: "L R C LFE Ls Rs" */
	int64_t frames;
	double integrated, range;            /* LUFS, LU */
	double max_momentary, max_shortterm; /* LUFS */
	double true_peak, sample_peak;       /* dBTP, dBFS */
	double apart;                        /* LU: our integrated loudness against libebur128's */
	double plr;                          /* dB: true peak to integrated loudness */
	double psr; /* dB: least distance of a 3 s peak to its loudness, where that is within 10 LU of the whole's */
	uint64_t clipped_runs, longest_clip; /* runs of 3 samples and more cut off at the top; frames */
	int64_t first_clip;                  /* frame, -1: none */
	double dc[LAYOUT_CHANNELS];          /* mean of each channel, as a factor */
	double correlation;                  /* -1 to 1; NAN where a side is silent, or not stereo */
	double width;                        /* dB, side against mid; NAN of more than two channels */
	struct balance_band band[BALANCE_BANDS];
	float *momentary, *shortterm; /* LUFS, MEASURE_STEP a second */
	size_t points;
};

struct meter;

/* Of mono or stereo; of what a layout says. NULL with err filled. */
struct meter *meter_new(int rate, int channels, struct err *err);
struct meter *meter_new_layout(int rate, const struct layout *layout, struct err *err);
void meter_free(struct meter *m);

/* Planar frames, one array a channel. 0, or -1 with err filled (no memory). */
int meter_take(struct meter *m, const float *const *side, size_t frames, struct err *err);

/* After the last frame; measured_fini frees what *out got. */
int meter_finish(struct meter *m, struct measured *out, struct err *err);
void measured_fini(struct measured *out);

/*
 * A file that media_probe takes, of one or two channels. progress (or NULL) gets frames done of all and returns
 * non-zero to stop: then 1 is returned. -1 with err filled.
 */
int measure_file(const char *path, int (*progress)(void *arg, int64_t done, int64_t all), void *arg,
                 struct measured *out, struct err *err);

/* The same of more channels too, where it is known which speaker each is. */
int measure_any_file(const char *path, int (*progress)(void *arg, int64_t done, int64_t all), void *arg,
                     struct measured *out, struct err *err);

#endif
