/* What becomes of the files behind regions: changed, replaced, lost and found again. Control thread. */
#ifndef CONTROL_REGIONS_H
#define CONTROL_REGIONS_H

#include "base/err.h"
#include "media/scan.h"
#include "session/session.h"

/* Receives a sentence for the user. */
typedef void regions_say(void *arg, const char *sentence);

/*
 * Tells which stems of a session at `path` are not the ones they were, and with `gone` also which cannot be read: calls
 * say with a sentence for each.
 */
void regions_check(struct session *session, const char *path, int gone, regions_say *say, void *arg);

/*
 * Lets regions of a session at `path` whose files are gone play files of a scan that look just like those did, and that
 * nothing plays yet; says so. Returns how many, or -1 with err filled.
 */
int regions_relink(struct session *session, const char *path, const struct scan *scan, regions_say *say, void *arg,
                   struct err *err);

/* The files that regions play now, to be compared after edits. NULL: out of memory. */
struct regions_before *regions_remember(struct session *session);

/*
 * Notes what the files look like that edits have given to regions since, so that they count as the right ones; says
 * which cannot be read. Frees `before`.
 */
void regions_follow(struct session *session, const char *path, struct regions_before *before, regions_say *say,
                    void *arg);

#endif
