/*
 * What the console's views share, and the table of them: each draws the desk into a grid, the whole middle of the
 * screen or a panel beside the mixer, and may take commands of its own. The UI's thread.
 */
#ifndef UI_VIEW_H
#define UI_VIEW_H

#include "control/desk.h"
#include "control/keymap.h"
#include "ui/grid.h"
#include "ui/meters.h"

struct view;

struct screen {
	struct desk *desk;
	const struct keymap *keys;
	const struct view *current;
	struct desk_view view; /* the newest snapshot */
	struct meters meters;
	double now;         /* seconds, from any beginning: of the frame being drawn */
	char message[1024]; /* what changed last, or an error */
	int error;
	char hint[200];  /* keys, or what was typed of one */
	int mixer_first; /* of the strips shown */
	int help_first;  /* line at the top */
};

struct view {
	const char *name;  /* as in keymaps and in `view NAME`; one of keymap_views */
	const char *title; /* a few words */

	/* Draws it into the whole of a grid that is blank, and sets where the cursor is to stand. */
	void (*draw)(struct screen *s, struct grid *g);

	/* Takes a command that the screen does itself (desk_command.of_ui). 0: it is none of this view's. May be NULL. */
	int (*command)(struct screen *s, const char *name, const char *args);
};

/* The views, ended by a NULL name; the first is the one the console opens with. */
extern const struct view views[];

/* NULL: there is none of that name. */
const struct view *view_find(const char *name);

/* Draws the current view and the lines around it into the whole screen. */
void screen_draw(struct screen *s, struct grid *g);

void mixer_draw(struct screen *s, struct grid *g);
void help_draw(struct screen *s, struct grid *g);
int help_command(struct screen *s, const char *name, const char *args);

#endif
