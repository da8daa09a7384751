/*
 * The offline render: a session's mix, its master or its stems, to files. Control thread; it starts threads of its own.
 */
#ifndef ENGINE_BOUNCE_H
#define ENGINE_BOUNCE_H

#include <stdint.h>

#include "engine/stems.h"
#include "media/sink.h"
#include "session/session.h"

/* A file that --stems wrote. */
struct bounce_stem {
	const char *path, *name; /* name: of the strip or bus */
	double sample_peak;      /* dBFS */
	uint64_t clipped;        /* samples that did not fit the file's integers */
};

struct bounce_options {
	struct sink_spec
	    file;           /* path NULL: measured only; rate 0: the song's; what follows from the session is filled in */
	int mastered;       /* through the master section; else the mix as it is */
	int before_limiter; /* with mastered: the master section ends before its limiter */
	const char *stems;  /* a folder: each top-level strip and bus becomes a file there, instead of the mix; or NULL */
	int threads, lanes; /* 0: as many as the machine has; the widest */
	uint32_t shuffle;   /* another packing of strips into banks: the bits stay */
	int chunk;          /* frames rendered at a time, whole quanta; 0: chosen */
	int64_t from, to;   /* the slice written, frames of the song; to 0: the end and its tail */
	int64_t start;      /* the frame the engine starts at, as playback from there does */
	double tail;        /* seconds after the last region; < 0: as long as reverbs and delays ring */
	/* Called now and then, first before any file is begun: frames rendered of all; returns non-zero to stop. */
	int (*progress)(void *arg, int64_t done, int64_t all);
	/* Called for each of the stems' files, once it is whole. */
	void (*stem_done)(void *arg, const struct bounce_stem *stem);
	/* Gets the frames of the file, at its rate, whether one is written or not; -1 with err filled ends the bounce. */
	int (*take)(void *arg, const float *const *side, size_t frames, struct err *err);
	/* With mastered: gets the same part of the mix too, at the song's rate, before the master section. */
	int (*take_mix)(void *arg, const float *const *side, size_t frames, struct err *err);
	void *arg;
};

/* What was written (of stems: frames, time and clipped samples of all). Levels in dB, -HUGE_VAL for silence. */
struct bounce_report {
	int64_t frames, begin; /* of the file; the frame of the song, at its rate, that its first one is */
	double rate, seconds_taken;
	double sample_peak, true_peak;       /* dBFS, dBTP */
	double integrated, range;            /* LUFS, LU */
	double max_momentary, max_shortterm; /* LUFS */
	uint64_t clipped;                    /* samples that did not fit the file's integers */
	int64_t first_clipped, peak_frame;   /* frames of the song at the file's rate; -1: none */
	uint32_t loudest;                    /* uid of the strip or bus that was loudest at the peak; 0: none */
	double loudest_peak;                 /* dBFS, its level there */
	double limited;                      /* dB, the limiter's greatest reduction */
	struct {
		double integrated, range, true_peak, sample_peak;
	} mix; /* with take_mix */
};

/* 0; 1: stopped by progress, nothing was written; -1 with err filled, nothing was written (of stems: no more). */
int bounce(struct session *session, struct stems *stems, const struct bounce_options *options,
           struct bounce_report *report, struct err *err);

#endif
