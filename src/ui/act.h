/* What the screen does itself: its own commands, and keys on their way to one. The UI's thread. */
#ifndef UI_ACT_H
#define UI_ACT_H

#include "ui/view.h"

/* Does a line: a command of the screen, or what the desk does with it. */
void act_line(struct screen *s, const char *line);

/* Takes a key as the terminal names it; s->now is when it came. */
void act_key(struct screen *s, const char *key);

/* What is said beside the last line: the keys typed so far, or some to begin with, the most needed first. */
void act_hint(const struct screen *s, char *text, size_t size);

#endif
