/* A graph being built, from inside: graph_build.c and build_clips.c, on the control thread. */
#ifndef ENGINE_BUILD_H
#define ENGINE_BUILD_H

#include "engine/graph_parts.h"

/* Building in progress: what the finished graph does not keep. */
struct build {
	struct graph *g;
	struct session *session;
	const struct graph_options *options;
	struct err *err;
	struct node **from; /* by node: what of the session it is made from */
	char *mark;         /* by node, while levels are found: 1 under way, 2 done */
};

/* Zeroed, aligned memory that graph_free gives back; NULL: there is none left. */
void *build_take(struct graph *g, size_t size);

/* Fills the error; returns -1. */
int build_no_memory(struct build *b);

/* The files and clips of a bank of strips. */
int build_clips(struct build *b, struct rt_bank *bank);

#endif
