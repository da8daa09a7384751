#include "ui/view.h"

#include <string.h>

#include "ui/status.h"

const struct view views[] = {
    {"mixer", "all strips", mixer_draw, NULL},
    {"help", "keys and commands", help_draw, help_command},
    {NULL, NULL, NULL, NULL},
};

const struct view *
view_find(const char *name)
{
	for (const struct view *v = views; v->name; v++)
		if (!strcmp(v->name, name))
			return v;
	return NULL;
}

void
screen_draw(struct screen *s, struct grid *g)
{
	char text[512];
	grid_clear(g);
	if (!s->view.strips)
		return;
	if (g->cols < 24 || g->rows < 9) {
		status_words(s, g);
		return;
	}
	struct grid middle = grid_part(g, 1, 0, g->rows - 3, g->cols);
	s->current->draw(s, &middle);
	g->cursor_row = 1 + middle.cursor_row;
	g->cursor_col = middle.cursor_col;
	status_draw(s, g, 0);
	status_focus_text(s, text, sizeof text);
	grid_text(g, g->rows - 2, 0, g->cols, GRID_BOLD, text);
	status_message(g, g->rows - 1, s->message, s->error, s->hint);
}
