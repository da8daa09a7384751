/*
 * Which strip or bus is most of the mix at a moment: whom a limiter's work, or a peak, is due to. Any thread but the
 * real-time one, one at a time.
 */
#ifndef MASTER_BLAME_H
#define MASTER_BLAME_H

#include <stdint.h>

#include "engine/stems.h"
#include "master/taps.h"
#include "session/session.h"

struct blame {
	uint32_t top;    /* uid of the strip or bus that plays into the mix and makes most of it there; 0: none */
	double share;    /* its part of the mix, 0 to 1; more where others stand against it */
	uint32_t within; /* where that is a bus: the strip that makes most of the bus; 0: none */
	double within_share;
};

#define BLAME_HALF 48 /* frames to each side of the moment that are looked at: 2 ms in all at 48 kHz */

/*
 * Looks at 2 ms around a frame of the song, BLAME_HALF frames to each side of it. The share of a signal x in a sum y is
 * (x . y) / (y . y), the projection of the one onto the other: shares of all add up to 1, and what stands against the
 * others has less than nothing.
 */
void blame_look(const struct taps *taps, int64_t frame, struct blame *b);

/* The same, played from four seconds before. -1 with err filled. */
int blame_moment(struct session *session, struct stems *stems, int64_t frame, struct blame *b, struct err *err);

/* Shares that were summed up otherwise, by node of the taps (buses' strips against the bus): who has most. */
void blame_most(const struct taps *taps, const double *share, struct blame *b);

/* "Drums (Snare)" and "70 % of it Drums (Snare)"; as snprintf. Nothing where there is nobody. */
int blame_name(struct session *session, const struct blame *b, char *text, size_t size);
int blame_text(struct session *session, const struct blame *b, char *text, size_t size);

/* The name of a strip or bus, fit to be shown; NULL: there is none. */
char *blame_node(struct session *session, uint32_t uid, char *text, size_t size);

/* The strip to go to: that within the bus, or the strip or bus itself. */
uint32_t blame_whom(const struct blame *b);

#endif
