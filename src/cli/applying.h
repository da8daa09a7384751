/*
 * Where a command writes what it found into a session: its file, or the desk that has it open, as one step of undo.
 * Control thread.
 */
#ifndef CLI_APPLYING_H
#define CLI_APPLYING_H

#include "cli/cli.h"
#include "session/session.h"

/*
 * `session` was read from `path` and changed: values of strips, buses, mix and master are what is written. 0; -1 with
 * err filled.
 */
int applying_save(const struct cli *cli, struct session *session, const char *path, struct err *err);

#endif
