/*
 * What is wrong with stems before they are mixed: one table of detectors, and the findings they make. Control thread;
 * detect_song starts threads of its own that only read. What a finding is worth and what a fix would do is said in the
 * manual, stemdesk(1) under check.
 */
#ifndef MASTER_DETECT_H
#define MASTER_DETECT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "session/session.h"

/* How much a finding weighs: told, will be heard, cannot be mixed away. */
enum detect_weight { DETECT_NOTE, DETECT_FAULT, DETECT_GRAVE };

struct findings;
struct heard;
struct tracks;

struct detector {
	const char *name, *help;
	const char *figure; /* what its figure is, with the unit: "level_dbfs" */
	const char *mend;   /* what mixing cannot mend, and what to do */
	unsigned hears;     /* what must be listened to: bits of HEAR_... (detect_parts.h) */
	/* One of them: judges a track that was listened to, or all tracks together. */
	void (*judge)(const struct heard *h, struct findings *to);
	int (*judge_all)(struct tracks *t, struct findings *to, struct err *err);
};

/* All of them in the order they are shown, ended by a NULL name. */
extern const struct detector detectors[];

/* The place of a detector in the table by its name, -1: there is none. */
int detector_named(const char *name);

#define DETECT_TIMES 4 /* moments that a finding names */
#define DETECT_FIXES 2 /* lines that it offers */

struct finding {
	const struct detector *by;
	enum detect_weight weight;
	double figure;               /* its strength, as by->figure says */
	int track, other;            /* of tracks; -1: none (the song) */
	double at[DETECT_TIMES];     /* seconds of the song */
	int times;                   /* how many of them are filled */
	char text[320];              /* what was found, a sentence with its figures */
	char fix[DETECT_FIXES][160]; /* lines of the language, "" where there are none */
};

/* The heaviest first, and of equal weight in the order of the table and of the desk. */
struct findings {
	struct finding *found;
	size_t count, room;
	int track;                 /* that is judged now */
	const struct detector *by; /* that judges now */
};

struct detect_options {
	uint64_t detectors;                                    /* bits by place in the table; 0: all */
	int threads;                                           /* 0: one a core */
	int (*progress)(void *arg, int64_t done, int64_t all); /* on the calling thread; non-zero stops */
	void *arg;
};

/* What was listened to: a strip's regions of one rate, on the strip's timeline. */
struct detect_track {
	const struct node *strip;
	const char *file; /* of its first region, as the session names it */
	int rate, channels;
	int64_t frames; /* at its rate */
};

/*
 * Judges every strip of a session at `path` (NULL: stems relative to the working directory). 0; 1: stopped by progress;
 * -1 with err filled. detect_free after 0 alone. A stem that cannot be read is a finding.
 */
struct detected {
	struct findings findings;
	struct tracks *tracks;
};
int detect_song(struct session *session, const char *path, const struct detect_options *options, struct detected *out,
                struct err *err);
void detect_free(struct detected *d);
struct detect_track detect_track(const struct detected *d, int track);

/*
 * One track from memory or anywhere: detect_begin, its sound in pieces, detect_end with what `detectors` (0: all) say
 * of it; findings_fini frees what they got.
 */
struct heard *detect_begin(int rate, int channels, uint64_t detectors);
void detect_take(struct heard *h, const float *const *side, size_t frames);
void detect_end(struct heard *h, uint64_t detectors, struct findings *to);
void findings_fini(struct findings *f);

#endif
