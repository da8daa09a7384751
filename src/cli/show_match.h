/* How a song's difference from references is printed, for all commands that compare. Control thread. */
#ifndef CLI_SHOW_MATCH_H
#define CLI_SHOW_MATCH_H

#include "cli/matching.h"

/* A table of the song, and of what becomes of it (after: NULL where nothing is proposed), beside the references. */
void show_lacking(const struct reference *reference, const struct measured *before, const struct lacking *lacks,
                  const struct measured *after, const struct lacking *left);
/* The same as fields of an open object of JSON. */
void show_lacking_json(const struct reference *reference, const struct measured *before, const struct lacking *lacks,
                       const struct measured *after, const struct lacking *left);

/* The whole comparison with its lines, as text; and as those fields with "lines". */
void show_matching(const struct matching *m);
void show_matching_json(const struct matching *m);

#endif
