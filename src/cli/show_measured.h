/* How measured figures and verdicts are printed, for all commands that measure. Control thread. */
#ifndef CLI_SHOW_MEASURED_H
#define CLI_SHOW_MEASURED_H

#include "master/measure.h"
#include "master/reference.h"
#include "master/targets.h"

/* The rows that verdicts are given by. */
struct shown_targets {
	const struct target *row;
	size_t count;
};

/* All figures and verdicts of one file, and what it lacks against a reference (NULL: none). */
void show_measured(const char *path, const struct measured *m, const struct shown_targets *by,
                   const struct reference *reference);
void show_measured_json(const char *path, const struct measured *m, const struct shown_targets *by,
                        const struct reference *reference);

/* One line a file, below the heading. */
void show_measured_head(void);
void show_measured_row(const char *path, const struct measured *m);

/* The verdicts alone, one line each. */
void show_verdicts(double integrated, double true_peak, const struct shown_targets *by);

#endif
