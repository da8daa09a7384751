/*
 * Parameters of a strip by groups: processors and parts of the desk as `copy`, presets and scenes name them. Pure
 * functions over the parameter table; any thread.
 */
#ifndef SESSION_GROUPS_H
#define SESSION_GROUPS_H

#include <stddef.h>

#include "session/params.h"

/* The k-th group's name, processors first; NULL past the last. `help`: what it holds, in words (may be NULL). */
const char *group_name(size_t k, const char **help);

/* Whether there is a group of that name, and whether a parameter belongs to it. */
int group_known(const char *name);
int group_has(const char *name, const struct param *p);

/* The processor that a parameter belongs to: the first part of its address and its length; 0 for none. */
size_t group_processor(const struct param *p);

/* Whether scenes and comparisons may change it: numbers, switches and choices that need no new graph, but solo. */
int group_recalls(const struct param *p);

#endif
