/*
 * Which variants of a session a command renders, as its option has it: names with commas between, "all", and "song" for
 * the session without any. Control thread.
 */
#ifndef CLI_VARIANTS_H
#define CLI_VARIANTS_H

#include "base/err.h"
#include "session/session.h"

/* Whether the list is to be taken apart: more than one name, or all. */
int variants_many(const char *names);

/* Whether the list names that variant, "" being the session itself. */
int variants_has(const char *names, const char *variant);

/* 0, or -1 with err filled where the session has not all that the list names. `option` is what the user wrote. */
int variants_check(struct session *session, const char *option, const char *names, struct err *err);

#endif
