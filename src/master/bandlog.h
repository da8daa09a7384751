/*
 * How strong every node of a song is in each band of hearing, block by block, written down while it plays (master/
 * taps.h), and the lowest lines of each spectrum as they come. bandlog_take and bandlog_end belong to the thread that
 * takes the taps' blocks; it has threads of its own for the transforms.
 *
 * Bands are one ERB wide, whole steps of the ERB-rate scale 21.4 log10(1 + 0.00437 f) from 1 to 40, 26 Hz to 16.7 kHz
 * (B. Glasberg, B. Moore, "Derivation of auditory filter shapes from notched-noise data", Hearing Research 47, 1990).
 */
#ifndef MASTER_BANDLOG_H
#define MASTER_BANDLOG_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "master/taps.h"

#define BANDLOG_BANDS 39
enum { BANDLOG_BODY = BANDLOG_BANDS, BANDLOG_SIBILANCE, BANDLOG_LEVELS }; /* 1 to 4 kHz, 5 to 10 kHz */

/* Hz: where a band begins (of BANDLOG_BANDS: where the last one ends), and its middle. */
double bandlog_edge(int band);
double bandlog_hertz(int band);

/* Levels are kept in half decibels. */
#define BANDLOG_SILENCE 0
static inline double
bandlog_db(int level)
{
	return level * 0.5 - 115; /* dBFS, both sides together: a full sine on both is 0 */
}

/* Lines of a spectrum from some 20 Hz up to BANDLOG_LOW Hz, for bass in mono: half the sum of the sides, and half
 * their difference. */
#define BANDLOG_LOW 150.0
#define BANDLOG_LINES 16
struct bandlog_lines {
	int sounds;
	float mid[BANDLOG_LINES][2], side[BANDLOG_LINES][2]; /* real and imaginary part */
};

struct bandlog;

/* The frames of a block, half a window, for a rate: what the taps are to be opened with. */
int bandlog_block(double rate);

/*
 * `low` gets the lines of all nodes of a block (`lines` of them each), in the order of the song, from bandlog_take and
 * bandlog_end. NULL with err filled.
 */
struct bandlog *bandlog_new(const struct taps *taps, int threads,
                            void (*low)(void *arg, int64_t block, const struct bandlog_lines *node, int lines),
                            void *arg, struct err *err);
void bandlog_free(struct bandlog *l);
#define BANDLOG_BEHIND 6 /* blocks that the taps are to keep for it, with a window of two */

/* The next block of the taps begins at that frame. -1: no memory. */
int bandlog_take(struct bandlog *l, int64_t frame);
/* After the last block. */
void bandlog_end(struct bandlog *l);

/* What was written down: blocks, and BANDLOG_LEVELS levels of a node in one. */
int64_t bandlog_blocks(const struct bandlog *l);
const uint8_t *bandlog_levels(const struct bandlog *l, int64_t block, int node);

#endif
