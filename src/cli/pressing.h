/* Masters for what is pressed: a disc of one song with its sheets, and what a record asks of a master. Control thread.
 */
#ifndef CLI_PRESSING_H
#define CLI_PRESSING_H

#include "cli/mastering.h"
#include "master/premaster.h"

/* Sets what a plant asks for in the master section: mono below, high-pass, low-pass; the lines go to r->line. */
int pressing_lines(struct mastered *r, const struct vinyl_profile *vinyl, struct err *err);

/* Looks at what was written, and adds to r->refused what the plant would send back. -1 with err filled. */
int pressing_check(const struct vinyl_profile *vinyl, struct mastered *r, struct err *err);

/*
 * Writes a pass as a disc of one song: silence up to the end of the last sector, a CUE and a TOC sheet beside it. Adds
 * to r->refused what the Red Book would refuse. 0, or -1 with err filled.
 */
int pressing_disc(const struct premaster *p, const struct limiter_params *limiter, const struct sink_spec *file,
                  struct mastered *r, struct pass *pass, struct err *err);

#endif
