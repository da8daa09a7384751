/* How a master is reported: as text, as a line of JSON, as a row of CSV; and what is said about it. Control thread. */
#ifndef CLI_SHOW_MASTERED_H
#define CLI_SHOW_MASTERED_H

#include "cli/mastering.h"

enum mastered_report { REPORT_TEXT, REPORT_JSON, REPORT_CSV };

/* The row that names the columns; nothing in other kinds. */
void show_mastered_head(enum mastered_report kind);
void show_mastered(enum mastered_report kind, const struct mastering *m, const struct mastered *r);
/* One that could not be made, in the reports that have a line for each. */
void show_mastered_failed(enum mastered_report kind, const char *input, const char *error);
/*
 * One that was there already; 1: it is another than what is asked for, and nothing was said. -1 with err filled: it
 * cannot be measured.
 */
int show_mastered_kept(enum mastered_report kind, const struct mastering *m, const char *input, const char *output,
                       struct err *err);

/* Says what the master cost; the exit status. */
int judge_mastered(const struct cli *cli, const struct mastering *m, const struct mastered *r);

#endif
