/* Which strip or bus is most of the mix at a moment: whom a limiter's work is due to. Control thread. */
#ifndef MASTER_BLAME_H
#define MASTER_BLAME_H

#include <stdint.h>

#include "engine/stems.h"
#include "session/session.h"

struct blame {
	uint32_t top;    /* uid of the strip or bus that plays into the mix and makes most of it there; 0: none */
	double share;    /* its part of the mix, 0 to 1 */
	uint32_t within; /* where that is a bus: the strip that makes most of the bus; 0: none */
	double within_share;
};

/*
 * Looks at 2 ms around a frame of the song. The share of a signal x in a sum y is (x . y) / (y . y): shares of all add
 * up to 1, and what stands against the others has less than nothing. -1 with err filled.
 */
int blame_moment(struct session *session, struct stems *stems, int64_t frame, struct blame *b, struct err *err);

#endif
