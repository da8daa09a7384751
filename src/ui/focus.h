/* The value of a view that has the focus: walking to it, changing it, saying what it is. The UI's thread. */
#ifndef UI_FOCUS_H
#define UI_FOCUS_H

#include "ui/view.h"

/* The rows that all views begin with. */
void focus_begin(struct screen *s);

/* Goes `steps` rows on, or back. */
void focus_walk(struct screen *s, int steps);

#endif
