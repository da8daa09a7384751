/*
 * Two sound files against each other, on a thread of its own: the same bytes, the same sound, or from when they differ.
 * The control thread.
 */
#ifndef CONTROL_COMPARE_H
#define CONTROL_COMPARE_H

#include <stdint.h>

#include "master/measure.h"

struct compare;

struct compared {
	int same_bytes;
	int same_kind;            /* rate and channels; only then: */
	int64_t first;            /* the first frame that differs (a longer one's first of its own), -1: none */
	double apart;             /* dBFS, the greatest difference of two samples; -HUGE_VAL: none */
	int measured;             /* both could be measured; only then: */
	struct measured old, new; /* without their curves */
};

/* Takes the descriptor of the older one over. NULL: no memory or no thread. */
struct compare *compare_new(int old, const char *path);

/* Whether it is done; then *to is filled. */
int compare_done(struct compare *c, struct compared *to);

/* Gives up where it is not done. */
void compare_free(struct compare *c);

#endif
