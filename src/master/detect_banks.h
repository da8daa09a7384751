/*
 * The filter banks of lossy coders, run over sound that may have come out of one: MDCTs of AAC and Vorbis, and the
 * hybrid of MP3. Coefficients are orthonormal and in the order of their frequency. Pure; any thread but the real-time
 * one, one at a time for each set.
 */
#ifndef MASTER_DETECT_BANKS_H
#define MASTER_DETECT_BANKS_H

#define BANKS_LONG 1024 /* coefficients of a block of AAC, and of a long one of Vorbis; it has twice the frames */
#define BANKS_SHORT 128 /* of a short one */
#define BANKS_BANDS 32  /* of the polyphase bank of MP3, frames of a slot */
#define BANKS_TAPS 512  /* frames that a slot is made of */
#define BANKS_LINES 18  /* slots of a granule; it lasts over twice as many */
#define BANKS_THIRDS 6  /* of a short block of MP3 */
#define BANKS_GRANULE (BANKS_BANDS * BANKS_LINES)
#define BANKS_THIRD (BANKS_BANDS * BANKS_THIRDS)

enum banks_window { BANKS_SINE, BANKS_KAISER, BANKS_VORBIS, BANKS_WINDOWS };

/* NULL: no memory. */
struct banks;
struct banks *banks_new(void);
void banks_free(struct banks *b);

/* The block of n (BANKS_LONG or BANKS_SHORT) coefficients that begins at x. */
void banks_block(struct banks *b, int n, enum banks_window window, const float *x, float *coefficient);

/* Slots of the polyphase bank, the first made of the frames from x on. */
void banks_split(const struct banks *b, const float *x, int slots, float (*slot)[BANKS_BANDS]);

/* The granule, or the short block, that begins at a slot: BANKS_GRANULE or BANKS_THIRD coefficients. */
void banks_granule(const struct banks *b, const float (*slot)[BANKS_BANDS], float *coefficient);
void banks_third(const struct banks *b, const float (*slot)[BANKS_BANDS], float *coefficient);

#endif
