/* A folder or a list of stems becomes strips of a session; later the same for what came new. Control thread. */
#ifndef CONTROL_INTAKE_H
#define CONTROL_INTAKE_H

#include "base/err.h"
#include "media/scan.h"
#include "session/session.h"

/*
 * Adds what a scan found to a session that will lie at `path` (its files are named relative to that): strips, regions,
 * start offsets in the song's rate, what each file looks like. Files that the session plays already are passed over.
 * Returns how many strips came, or -1 with err filled; one undo step.
 */
int intake_add(struct session *session, const struct scan *scan, const char *path, struct err *err);

/* The folder of a path, resolved and with its final slash; the caller frees it. NULL where it is not there. */
char *intake_folder(const char *path);

/* A file as seen from such a folder, relative with ../ up to where they share a beginning; the caller frees it. NULL
 * where it is not there. */
char *intake_relative(const char *folder, const char *file);

#endif
