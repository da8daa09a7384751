#include "control/gesture.h"

#include <stdio.h>
#include <string.h>

#define NUDGE_SECONDS 1.0
#define DRAG_SECONDS 10.0 /* a mouse may rest with its button held */

int
gesture_joins(struct gesture *g, const char *line, int drag, unsigned selection, double now)
{
	struct gesture is = {.when = now, .selection = selection};
	line += strspn(line, " \t");
	size_t address = strcspn(line, " \t");
	const char *value = line + address + strspn(line + address, " \t");
	is.kind = drag ? GESTURE_DRAG : strncmp(value, "+=", 2) && strncmp(value, "-=", 2) ? GESTURE_NONE : GESTURE_NUDGE;
	snprintf(is.address, sizeof is.address, "%.*s", (int)address, line);
	/* what may be cut off does not compare */
	if (address >= sizeof is.address)
		is.kind = GESTURE_NONE;
	int joins = is.kind != GESTURE_NONE && is.kind == g->kind && is.selection == g->selection &&
	            !strcmp(is.address, g->address) &&
	            now - g->when < (is.kind == GESTURE_DRAG ? DRAG_SECONDS : NUDGE_SECONDS);
	*g = is;
	return joins;
}

void
gesture_end(struct gesture *g)
{
	g->kind = GESTURE_NONE;
}
