/*
 * What the desk remembers of rendering: the sheet that is filled in, what is under way, what came of it. For the files
 * desk/ alone; the control thread.
 */
#ifndef CONTROL_DESK_SHEET_H
#define CONTROL_DESK_SHEET_H

#include "control/compare.h"
#include "control/desk/parts.h"
#include "control/desk/render.h"
#include "control/errand.h"

#define SHEET_VALUE 256 /* bytes of a row's value */

struct desk_sheet {
	char value[DESK_RENDER_ROWS][SHEET_VALUE]; /* by row; "": its default */
	struct desk_report report;
	int stale; /* something of it changed since it was shown last */
};

/* The rows, by their place in the table of desk/sheet.c. */
enum {
	SHEET_WHAT,
	SHEET_TARGET,
	SHEET_LOUDNESS,
	SHEET_CEILING,
	SHEET_LIMITING,
	SHEET_PLANT,
	SHEET_LIKE,
	SHEET_FORMAT,
	SHEET_RATE,
	SHEET_BITS,
	SHEET_DITHER,
	SHEET_PART,
	SHEET_VARIANT,
	SHEET_FILE,
	SHEET_ROWS
};

/* NULL: no memory. */
struct desk_sheet *desk_sheet(struct desk *d);

/* A row's name and help; what is made, in words; the row of a name, -1: none; whether what is made has such a row. */
const char *sheet_name(int k);
const char *sheet_help(int k);
const char *sheet_title(const struct desk_sheet *s);
int sheet_row(const char *name, size_t n);
int sheet_has(struct desk *d, const struct desk_sheet *s, int k);

/* The n-th choice of a row, NULL behind the last; `room` may hold it. Whether the first is what an empty value means.
 */
const char *sheet_choice(struct desk *d, int k, int n, char room[SHEET_VALUE]);
int sheet_has_default(int k);
/* What that choice is, in words; "" where the choice says it. */
const char *sheet_choice_title(const struct desk *d, int k, int n);

/* Whether its values are numbers, and what it is where none is said; NAN: none. */
int sheet_is_number(int k);
double sheet_default(struct desk *d, const struct desk_sheet *s, int k);

/* Whether it is a master that is made, and not a bounce; whether more than one variant is. */
int sheet_is_master(const struct desk_sheet *s);
int sheet_variants_many(const struct desk_sheet *s);

/* The target that is chosen, or NULL; the name of the file where none is said; the command that makes it. The caller
 * frees both texts. */
const struct target *sheet_target(struct desk *d, const struct desk_sheet *s);
char *sheet_file(struct desk *d, const struct desk_sheet *s);
char *sheet_line(struct desk *d, const struct desk_sheet *s);

/* A row stepped on or back, set as typed (-1 with err filled), or back to what the kind of thing has by itself. */
void sheet_step(struct desk *d, struct desk_sheet *s, int k, int by);
int sheet_set(struct desk *d, struct desk_sheet *s, int k, const char *value, struct err *err);
void sheet_reset(struct desk_sheet *s, int k);

/* desk/bounce.c: a file without a folder is meant beside the session; the caller frees the path. */
char *desk_beside(const struct desk *d, const char *name);

/* How far what is under way is; 0 where nothing is. */
int desk_bounce_state(const struct desk *d, char *doing, size_t size, int *percent, double *left);

/* desk/codec.c: the same of the song on its way through a codec. */
int desk_codec_state(const struct desk *d, char *doing, size_t size, int *percent, double *left);

/* desk/report.c: what came of an errand, into a report whose `file` and `master` are set. */
void desk_report_fill(struct desk *d, struct desk_report *r, struct errand *e);
/* And how it is against the file that was there before. */
void desk_report_compare(struct desk_report *r, const struct compared *c);
/* In one line: "mix.wav: 1:19.3 at 48000 Hz, -19.7 LUFS, true peak -2.9 dBTP". */
void desk_report_words(const struct desk_report *r, char *to, size_t size);

#endif
