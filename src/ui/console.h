/* The console: the desk in the terminal, from the first frame to leaving. Main thread. */
#ifndef UI_CONSOLE_H
#define UI_CONSOLE_H

#include "control/desk/desk.h"
#include "control/keymap.h"

/* What the user wants of the screen. */
struct console_options {
	int still; /* no meters: nothing moves by itself */
	int mouse;
};

/*
 * Takes the terminal over and runs until the user leaves (0), a signal ends it (1), the session is to be opened again
 * (2), or the terminal is gone (3). -1: err is filled.
 */
int console_run(struct desk *desk, const struct keymap *keys, const struct console_options *options, const char *notice,
                struct err *err);

#endif
