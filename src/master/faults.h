/*
 * What is wrong with a song's mix and its master, each fault with its time and the strip that makes it. Any thread but
 * the real-time one, with a session and stems of its own; it starts threads that only help. What each is and what it
 * is measured by is said in the manual, stemdesk(1) under check.
 */
#ifndef MASTER_FAULTS_H
#define MASTER_FAULTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/stems.h"
#include "master/masking.h"
#include "session/session.h"

enum fault_kind { FAULT_PEAK, FAULT_CLIP, FAULT_LIMIT, FAULT_BASS, FAULT_SIBILANCE, FAULT_MASKING, FAULT_KINDS };

struct fault_type {
	const char *name, *help;
	const char *figure; /* what its figure is, with the unit: "reduction_db" */
	double heavy;       /* from that figure on a verdict is negative; HUGE_VAL: it never is */
};
extern const struct fault_type fault_types[FAULT_KINDS];

struct fault {
	enum fault_kind kind;
	double figure;
	double share;        /* of it that is the strip's, 0 to 1 */
	int64_t frame;       /* of the song: where it is worst */
	int64_t from, to;    /* and where it begins and ends */
	uint32_t uid, other; /* the strip (or bus) whose it is; with whom it is so, or 0 */
	char text[320];      /* a sentence, fit to be shown */
};

/* In the order of kinds, the worst first. */
struct faults {
	struct fault *found;
	size_t count, room;
	double rate;
	/* with FAULT_MASKING: of which strips, and blocks of how many frames */
	uint32_t *strip;
	int strips, block;
	struct masking masking;
};

struct faults_options {
	unsigned kinds;                                        /* bits by enum fault_kind; 0: all */
	int threads;                                           /* 0: one a core */
	int (*progress)(void *arg, int64_t done, int64_t all); /* on any thread, one at a time; non-zero stops */
	void *arg;
};

/* Plays the song once, faster than time. 0; 1: stopped by progress; -1 with err filled. faults_fini after 0 alone. */
int faults_find(struct session *session, struct stems *stems, const struct faults_options *options, struct faults *f,
                struct err *err);
void faults_fini(struct faults *f);

/* Whether there is one that makes a verdict negative. */
int faults_heavy(const struct faults *f);

/* "2 faults of the mix and its master, 5 cases of masking"; as snprintf. */
int faults_count_text(size_t faults, size_t pairs, char *text, size_t size);

#endif
