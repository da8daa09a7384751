/* Ten seconds of gain reduction as a picture. The UI's thread. */
#ifndef UI_PAST_H
#define UI_PAST_H

#include "control/desk/scope.h"
#include "ui/grid.h"

/*
 * Fills a grid with it, hanging from the top below a title, the newest at the right: dB of each point, of which the
 * first `ahead` are passed over and as many are still to come. `now`: dB, as the title says it.
 */
void past_draw(struct grid *g, const float past[DESK_PAST], int ahead, const char *title, float now, unsigned style);

#endif
