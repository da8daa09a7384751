/* The lines around every view: transport and load above, the chosen strip in words and what changed below. The UI's
 * thread. */
#ifndef UI_STATUS_H
#define UI_STATUS_H

#include "ui/view.h"

/* The line above. */
void status_draw(const struct screen *s, struct grid *g, int row);

/*
 * The chosen strip in words, the value that has the focus underlined (in other views than the overview: that value and
 * what it is). Returns the column where that stands.
 */
int status_focus(const struct screen *s, struct grid *g, int row);

/* How many lines at the foot of a grid the message takes: one, or where it is longer up to three. */
int status_message_rows(const struct grid *g, const char *message);

/* The message in those lines: what changed, or an error; as much of `hint` (pieces with two blanks between)
 * stands beside it as there is room for. */
void status_message(struct grid *g, const char *message, int error, const char *hint);

/* A screen too small for a view: the chosen strip in words, over as many lines as there are. */
void status_words(const struct screen *s, struct grid *g);

#endif
