/* Masters for what is pressed: a disc of one song with its sheets, and what a record asks of a master. Control thread.
 */
#ifndef CLI_PRESSING_H
#define CLI_PRESSING_H

#include "cli/mastering.h"
#include "master/premaster.h"

/*
 * Calls each with every line that makes a master what a plant asks for: mono below, high-pass, low-pass. Ends at the
 * first that is not 0 and returns that.
 */
int pressing_lines(const struct vinyl_profile *vinyl, int (*each)(void *arg, const char *line, struct err *err),
                   void *arg, struct err *err);

/*
 * What a plant would send back of a side, a sentence each: `name` of what ("" for a master by itself), its master
 * section, its width in dB (NAN: one channel), its length.
 */
void pressing_judge(const struct vinyl_profile *vinyl, const char *name, const struct node *master, double width,
                    double minutes, void (*each)(void *arg, const char *sentence), void *arg);

/* Looks at what was written, and adds to r->refused what the plant would send back. -1 with err filled. */
int pressing_check(const struct vinyl_profile *vinyl, struct mastered *r, struct err *err);

/*
 * Writes a pass as a disc of one song: silence up to the end of the last sector, a CUE and a TOC sheet beside it. Adds
 * to r->refused what the Red Book would refuse. 0, or -1 with err filled.
 */
int pressing_disc(const struct premaster *p, const struct limiter_params *limiter, const struct sink_spec *file,
                  struct mastered *r, struct pass *pass, struct err *err);

#endif
