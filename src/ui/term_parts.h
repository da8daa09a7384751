/* The terminal from inside, for the files term*.c alone: the only ones with terminfo. */
#ifndef UI_TERM_PARTS_H
#define UI_TERM_PARTS_H

#include "ui/term.h"

/* A capability of the terminal as a string, NULL where it has none. */
char *term_capability(const char *name);

/* Adds a capability, with its padding; NULL: nothing. */
void term_put(struct grid_bytes *to, const char *capability);

/* Reads what the pen and the keys need of the capabilities, once they are there. */
void term_pen_open(void);
void term_keys_open(void);

/* The terminal is gone: nothing comes from it or goes to it any more. */
void term_lost(void);
int term_is_lost(void);

/* Waits a little for answers that are under way, so that nobody else gets them, and throws away what was typed. */
void term_keys_settle(void);

/* Whether the terminal speaks as nearly all do, so that it can be asked and its mouse be listened to. */
int term_ansi(void);

#endif
