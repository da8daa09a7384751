/*
 * How far work is that is made of renders and of ways through the limiter, and how long it takes yet: by what those
 * that are done took. Control thread.
 */
#ifndef CLI_COURSE_H
#define CLI_COURSE_H

#include "cli/cli.h"

enum course_kind { COURSE_RENDERS, COURSE_PASSES, COURSE_KINDS };

struct course {
	struct cli_bar bar;
	double last;                  /* seconds: when it was told last */
	double pass;                  /* of a render that a pass takes, as long as none was measured */
	double planned[COURSE_KINDS]; /* how many there will be in all */
	double done[COURSE_KINDS];    /* and are done, the one under way by its part */
	double spent[COURSE_KINDS];   /* seconds */
};

/* `lines`: as in a bar. */
void course_begin(struct course *c, double pass, int lines);

/* So many more are to come behind those that are done. */
void course_plan(struct course *c, enum course_kind kind, double more);

/* So many of a kind are done in all, of which `what` is the last, and shows it. */
void course_at(struct course *c, const char *what, enum course_kind kind, double done);

/* Seconds that it takes yet. */
double course_left(const struct course *c);

void course_end(struct course *c);

#endif
