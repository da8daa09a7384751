/* What the files of detectors share: listeners that a track's sound runs through, and how findings are made. Any thread
 * but the real-time one, one at a time for each track. */
#ifndef MASTER_DETECT_PARTS_H
#define MASTER_DETECT_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "master/detect.h"

/* What can be listened to; a listener each. */
enum hearing { HEAR_LEVELS, HEAR_HUM, HEAR_TONE, HEAR_CLICKS, HEAR_CODER, HEAR_COUNT };

struct listener {
	void *(*begin)(int rate, int channels);
	void (*take)(void *state, const float *const *side, size_t frames);
	void (*finish)(void *state);
	void (*free)(void *state);
};

extern const struct listener levels_listener, hum_listener, tone_listener, clicks_listener, coder_listener;

/* A track as it was heard. */
struct heard {
	int rate, channels;
	int64_t frames;
	void *by[HEAR_COUNT]; /* a listener's state, NULL where it was not asked for */
};

/* A block of sound as levels_listener keeps it, LEVELS_BLOCKS a second. */
#define LEVELS_BLOCKS 50
struct level_block {
	float peak, power, mean; /* greatest magnitude, mean square, mean of the samples */
	float near;              /* mean square of some ms about the peak */
	float over;              /* greatest magnitude between the frames too; of soft blocks the peak */
};

struct levels {
	int channels;
	size_t block;                /* frames of one */
	struct level_block *kept[2]; /* by channel */
	size_t blocks, room;
	struct clip_count {
		uint64_t runs, longest, frames; /* frames: in all runs */
		uint64_t tops;                  /* cut off too shortly for a run */
		int64_t first;
	} clipped[2];              /* by channel */
	double square[2], product; /* of the samples */
	struct levels_work *work;  /* while it listens */
};

/* The peak of a block, of both sides. */
float levels_peak(const struct levels *l, size_t block);

/* Where the treble of a track that tone_listener heard is cut off, Hz, and by how much, dB; 0: nowhere. */
double tone_edge(const struct heard *h, double *drop);

/* The detectors of a track. */
void detect_clipping(const struct heard *h, struct findings *to);
void detect_limited(const struct heard *h, struct findings *to);
void detect_dc(const struct heard *h, struct findings *to);
void detect_silence(const struct heard *h, struct findings *to);
void detect_sides(const struct heard *h, struct findings *to);
void detect_hum(const struct heard *h, struct findings *to);
void detect_noise(const struct heard *h, struct findings *to);
void detect_lossy(const struct heard *h, struct findings *to);
void detect_clicks(const struct heard *h, struct findings *to);

/* Of all tracks. */
int detect_files(struct tracks *t, struct findings *to, struct err *err);
int detect_rates(struct tracks *t, struct findings *to, struct err *err);
int detect_lengths(struct tracks *t, struct findings *to, struct err *err);
int detect_pairs(struct tracks *t, struct findings *to, struct err *err);

/* A new finding of the detector whose judge is running, of to->track; its text, moments and lines are to be filled in.
 */
struct finding *finding_new(struct findings *to, enum detect_weight weight, double figure);
void finding_say(struct finding *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
void finding_time(struct finding *f, double seconds);
/* Offers "ADDRESS/parameter value"; the address is put in by detect.c where the strip is known. */
void finding_fix(struct finding *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
