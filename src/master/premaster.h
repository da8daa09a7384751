/*
 * A song as it reaches the limiter, rendered once and kept, so that the limiter can be tried at many gains. Control
 * thread; rendering starts threads of its own.
 */
#ifndef MASTER_PREMASTER_H
#define MASTER_PREMASTER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "dsp/limiter.h"
#include "engine/bounce.h"
#include "master/measure.h"
#include "master/origin.h"

struct premaster {
	double rate, song_rate;         /* Hz of what is kept, and of the song */
	int64_t frames;                 /* at `rate` */
	int64_t song_frames, song_from; /* of the song at its rate: how many, and which is the first */
	float *side[2];
	double integrated, range, max_shortterm, true_peak, sample_peak; /* before the limiter; LUFS, LU, dBTP, dBFS */
	struct origin origin;                                            /* the mix, before the master section */
	int mono;     /* what is written has one channel, and is measured as one */
	size_t bytes; /* mapped */
	int on_disk;  /* kept in a nameless file rather than in memory */
};

struct premaster_options {
	double rate; /* Hz of the master; 0: the song's */
	int threads; /* 0: all */
	int mono;    /* files of one channel: the left side, which the chain has made the same as the right */
	size_t most; /* bytes kept in memory, beyond that on the disk; 0: a quarter of the machine's */
	int (*progress)(void *arg, int64_t done, int64_t all); /* as in a bounce */
	void *arg;
};

/* 0; 1: stopped by progress; -1 with err filled. Only after 0 there is something to free. */
int premaster_render(struct session *session, struct stems *stems, const struct premaster_options *options,
                     struct premaster *p, struct err *err);
void premaster_free(struct premaster *p);

/* Figures of frames from..to-1; measured_fini frees what *out got. -1 with err filled. Any thread. */
int premaster_measure(const struct premaster *p, int64_t from, int64_t to, struct measured *out, struct err *err);

/* What one way through the limiter gave. */
struct pass {
	double integrated, range;            /* LUFS, LU */
	double max_momentary, max_shortterm; /* LUFS */
	double true_peak, sample_peak;       /* dBTP, dBFS */
	double limited;                      /* dB, the limiter's greatest reduction */
	int64_t limited_at;                  /* the frame (at the master's rate) where that is; -1: none */
	double limited_time;                 /* part of the time, 0 to 1, in which it takes off more than 1 dB */
	uint64_t clipped;                    /* samples that did not fit the file's integers */
};

/*
 * Runs all of it through the limiter: measured, and written where file is not NULL (rate and channels are filled in).
 * 0, or -1 with err filled.
 */
int premaster_pass(const struct premaster *p, const struct limiter_params *limiter, const struct sink_spec *file,
                   struct pass *pass, struct err *err);

/* The same, giving what is delivered to `take`, in order; -1 from it, with err filled, ends the pass. */
int premaster_pass_to(const struct premaster *p, const struct limiter_params *limiter,
                      int (*take)(void *arg, const float *const *side, size_t frames, struct err *err), void *arg,
                      struct pass *pass, struct err *err);

#endif
