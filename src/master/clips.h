/* Finds where a signal was cut off at the top. Pure state without memory of its own; any thread, one at a time. */
#ifndef MASTER_CLIPS_H
#define MASTER_CLIPS_H

#include <stddef.h>
#include <stdint.h>

/* One channel. Zeroed with `first` -1 at the start. */
struct clips {
	float top;              /* greatest magnitude so far */
	float last, before;     /* the sample before, and the one before its run of equals */
	uint64_t run;           /* equal samples so far */
	uint64_t runs, longest; /* found at the top */
	uint64_t cut;           /* frames in all of them */
	float beside;           /* what came before the last time at the top */
	uint64_t tops, varied;  /* times exactly at the top; those of them that were come to in another way than the last */
	int64_t first, frames;
};

void clips_take(struct clips *c, const float *x, size_t frames);
/* After the last frame. */
void clips_finish(struct clips *c);

#endif
