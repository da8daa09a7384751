/* Finding the faults of a mix, from inside: one file a kind, for master/faults*.c alone; see master/faults.h. */
#ifndef MASTER_FAULTS_PARTS_H
#define MASTER_FAULTS_PARTS_H

#include "master/bandlog.h"
#include "master/blame.h"
#include "master/faults.h"

/* A song while it is listened to. */
struct faulty {
	struct session *session;
	const struct faults_options *options;
	const struct taps *taps;
	struct bandlog *log; /* NULL: not wanted */
	struct faults *to;
	unsigned kinds;
	/* the strips that can be heard: their nodes, and dB that buses turn each by on its way to the mix */
	int *node, strips;
	double *gain;
	struct levels_watch *levels;
	struct bass_watch *bass;
	struct err *err;
};

/* faults_list.c. A new fault; NULL with err filled: no memory. It is good until the next. */
struct fault *fault_add(struct faulty *f, enum fault_kind kind);

/* The name of a node's strip, for a sentence. */
const char *fault_name(const struct faulty *f, int node, char *text, size_t size);

/* faults_levels.c: peaks, clipping and limiting, block by block; -1 with err filled. */
struct levels_watch *levels_new(struct faulty *f);
void levels_free(struct levels_watch *w);
int levels_take(struct faulty *f, int64_t frame, double limited);
int levels_end(struct faulty *f);

/* faults_bass.c: bass lost in mono, from the lowest lines of each block. */
struct bass_watch *bass_new(struct faulty *f);
void bass_free(struct bass_watch *w);
void bass_take(void *arg, int64_t block, const struct bandlog_lines *node, int lines);
int bass_end(struct faulty *f);

/* faults_sibilance.c, from what the log has at the end. */
int sibilance_find(struct faulty *f);

#endif
