/* The console: the desk in the terminal, from the first frame to leaving. Main thread. */
#ifndef UI_CONSOLE_H
#define UI_CONSOLE_H

#include "control/desk.h"
#include "control/keymap.h"

/*
 * Takes the terminal over and runs until the user leaves (0), the terminal or a signal ends it (1), or the session is
 * to be opened again (2). -1: err is filled.
 */
int console_run(struct desk *desk, const struct keymap *keys, const char *notice, struct err *err);

#endif
