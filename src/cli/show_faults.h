/* How the faults of a mix are printed by `check`: as text and as JSON. Control thread. */
#ifndef CLI_SHOW_FAULTS_H
#define CLI_SHOW_FAULTS_H

#include "master/faults.h"
#include "session/session.h"

/* What was listened for: bits by enum fault_kind. */
void show_faults(const char *what, struct session *session, const struct faults *f, unsigned kinds);
void show_faults_json(struct session *session, const struct faults *f, unsigned kinds);
void show_fault_types(void);

#endif
