/* The help: keys from the live keymap, commands from their table. Drawn into a grid; the UI's thread. */
#ifndef UI_HELP_H
#define UI_HELP_H

#include "control/keymap.h"
#include "ui/grid.h"

/* Draws the help from line `first` on (which it keeps in range). */
void help_draw(const struct keymap *keys, int *first, struct grid *g);

#endif
