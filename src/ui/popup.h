/* A list in words just above the last lines: what may follow the keys typed so far, and what a prompt may mean. The
 * UI's thread. */
#ifndef UI_POPUP_H
#define UI_POPUP_H

#include "ui/view.h"

#define POPUP_WAIT 0.5 /* seconds that keys wait before it is shown */

/* Whether it is time to show what may follow the keys typed. */
int popup_due(const struct screen *s);

/* Draws that, its last row just above `bottom`. */
void popup_keys(const struct screen *s, struct grid *g, int bottom);

/* What a line does, in a few words: "equaliser", "play or stop", "on: compressor". */
void popup_words(const struct screen *s, const char *line, char *to, size_t size);

#endif
