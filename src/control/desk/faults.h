/*
 * The faults of the mix and its master (master/faults.h) as the desk found them last, without pointers, each with the
 * line that goes there. Called as control/desk/desk.h says: by any thread, one at a time.
 */
#ifndef CONTROL_DESK_FAULTS_H
#define CONTROL_DESK_FAULTS_H

#include "control/desk/desk.h"

#define DESK_FAULTS 200 /* that there is room for: of each kind the worst */

struct desk_fault {
	char kind[16];  /* "limit" */
	char clock[16]; /* "1:12.4" */
	char text[320]; /* a sentence */
	int heavy;      /* it makes a verdict negative */
};

struct desk_faults {
	uint32_t version; /* counts up when others were found; 0: none was looked for yet */
	int listening;    /* percent of the song so far; -1: not */
	int stale;        /* the desk was changed since */
	int chosen;       /* that the desk went to last; -1: none */
	char words[160];  /* how many were found */
	int count;        /* shown here */
	struct desk_fault fault[DESK_FAULTS];
};

/* Zero *f before the first call; where its version is still the newest, the faults themselves are not copied. */
void desk_faults(struct desk *d, struct desk_faults *f);

#endif
