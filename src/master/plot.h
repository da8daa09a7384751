/* A picture of a measured file as SVG: loudness over time with target lines, and the tonal balance. Control thread. */
#ifndef MASTER_PLOT_H
#define MASTER_PLOT_H

#include "base/err.h"
#include "master/measure.h"
#include "master/reference.h"
#include "master/targets.h"

/*
 * Writes the picture to `path`; `name` is the file's, as the heading; the balance stands against that of `reference`
 * (NULL: none). 0, or -1 with err filled.
 */
int plot_write(const char *path, const char *name, const struct measured *m, const struct targets *targets,
               const struct reference *reference, struct err *err);

#endif
