/*
 * Many pieces of the same work in several processes at a time, their output kept apart and printed in order. Control
 * thread, before it has started any other.
 */
#ifndef CLI_BATCH_H
#define CLI_BATCH_H

#include <stddef.h>

#include "cli/cli.h"

struct batch {
	size_t count;
	int jobs;                              /* at a time; 1: in this process */
	int keep_going;                        /* a failed piece does not end the work */
	const char *what;                      /* for the bar: "mastering" */
	int (*work)(void *arg, size_t number); /* one piece; its exit status */
	void *arg;
};

/* The worst exit status of all; pieces behind one that failed are left out unless it keeps going. */
int batch_run(const struct cli *cli, const struct batch *b);

/* How much one outcome matters against another: a failure more than a verdict. */
int batch_worse(int a, int b);

#endif
