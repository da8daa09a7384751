/* A spectrum as an area of a canvas. The UI's thread. */
#ifndef UI_SPECTRUM_H
#define UI_SPECTRUM_H

#include "control/desk/scope.h"
#include "ui/canvas.h"

/* Its levels from `foot` dB at the canvas's foot to 0 dB at the top, whatever its y axis is of. */
void spectrum_draw(struct canvas *c, const float bins[DESK_BINS], double foot);

#endif
