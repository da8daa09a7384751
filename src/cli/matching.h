/*
 * A song against references: what it lacks in balance and width, the lines of its master that bring it closer, and what
 * is left with them. Control thread.
 */
#ifndef CLI_MATCHING_H
#define CLI_MATCHING_H

#include "cli/cli.h"
#include "engine/stems.h"
#include "master/match.h"
#include "master/reference.h"
#include "master/widths.h"
#include "session/session.h"

#define MATCHING_LINES (1 + 6 * EQ_BANDS + 2 * STEREO_BANDS) /* that can be proposed */

/* How a song differs from the references, in thirds that count (NAN: it does not). */
struct lacking {
	double level[BALANCE_BANDS]; /* dB that it lacks, levels set aside */
	double width[BALANCE_BANDS]; /* dB */
};

struct matching {
	struct reference reference;
	double strength, cap; /* percent of the way; dB that a band does at most */
	int threads;
	struct measured before, after; /* as it comes to the limiter */
	struct lacking lacks, left;
	char line[MATCHING_LINES][64];
	size_t lines;
};

#define MATCHING_STRENGTH 50.0
#define MATCHING_CAP 6.0

/* Takes --strength and --cap; then references, FILE or FILE=WEIGHT (1 without it), one by one. -1: err is filled. */
int matching_read(const struct cli *cli, struct matching *m, struct err *err);
int matching_reference(const char *word, struct reference *reference, struct err *err);

void matching_compare(const struct reference *reference, const struct measured *song, struct lacking *lacking);

/*
 * Sets the lines in the session, which is rendered once before and once after. References and options are there. 0; -1
 * with err filled; matching_fini in any case.
 */
int matching_run(struct session *session, struct stems *stems, struct matching *m, struct err *err);
void matching_fini(struct matching *m);

#endif
