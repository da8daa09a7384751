/* How findings about stems are printed. Control thread. */
#ifndef CLI_SHOW_CHECK_H
#define CLI_SHOW_CHECK_H

#include "master/detect.h"

/* The report: findings by weight, then the lines that mend. `what`: what was checked. */
void show_check(const char *what, const struct detected *d);
/* A JSON object a finding. */
void show_check_json(const struct detected *d);
/* The lines alone. */
void show_check_lines(const struct detected *d);

/* The table of detectors. */
void show_detectors(void);

#endif
