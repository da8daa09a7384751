/*
 * What the desk remembers of rendering: the sheet that is filled in, what is under way, what came of it. For the files
 * desk*.c alone; the control thread.
 */
#ifndef CONTROL_DESK_SHEET_H
#define CONTROL_DESK_SHEET_H

#include "control/compare.h"
#include "control/desk_parts.h"
#include "control/desk_render.h"
#include "control/errand.h"

#define SHEET_VALUE 256 /* bytes of a row's value */

struct desk_sheet {
	char value[DESK_RENDER_ROWS][SHEET_VALUE]; /* by row of the table in desk_render.c; "": its default */
	struct desk_report report;
	int stale; /* something of it changed since it was shown last */
};

/* NULL: no memory. */
struct desk_sheet *desk_sheet(struct desk *d);

/* desk_bounce.c: a file without a folder is meant beside the session; the caller frees the path. */
char *desk_beside(const struct desk *d, const char *name);

/* How far what is under way is; 0 where nothing is. */
int desk_bounce_state(const struct desk *d, char *doing, size_t size, int *percent, double *left);

/* desk_report.c: what came of an errand, into a report whose `file` and `master` are set. */
void desk_report_fill(struct desk *d, struct desk_report *r, const struct errand *e);
/* And how it is against the file that was there before. */
void desk_report_compare(struct desk_report *r, const struct compared *c);
/* In one line: "mix.wav: 1:19.3 at 48000 Hz, -19.7 LUFS, true peak -2.9 dBTP". */
void desk_report_words(const struct desk_report *r, char *to, size_t size);

#endif
