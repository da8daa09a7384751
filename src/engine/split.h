/* The stems of a mix: a session changed so that each top-level strip and bus ends in a bus of its own. Control thread.
 */
#ifndef ENGINE_SPLIT_H
#define ENGINE_SPLIT_H

#include "base/err.h"
#include "session/session.h"

struct split_stem {
	char *bus;  /* id of the bus that carries it */
	char *name; /* of the strip or bus it is */
};

struct split {
	struct split_stem *stem;
	size_t stems;
};

/*
 * Changes the session in memory, in its own language: everything that plays into the mix plays into a bus of its own
 * with the mix's settings instead, whose compressor hears the whole mix, so that the stems sum to the mix with its gain
 * reduction. What is not linear in another way cannot be split: err then says what stands behind the sum.
 */
int split_session(struct session *session, struct split *split, struct err *err);
void split_free(struct split *split);

#endif
