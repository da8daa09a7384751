#include "ui/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
list_row(const struct screen *s, int k, char *address, size_t size)
{
	return rows_address(&s->strip.list, &s->values, k, "@/", address, size);
}

/* `find` is the list's own: it keeps the values that fit, and so does a search while it is typed. */
int
list_command(struct screen *s, const char *name, const char *args)
{
	int *row = &s->row[s->current - views];
	if (!strcmp(name, "find") || !strcmp(name, "filter")) {
		strip_search(&s->strip, &s->values, args);
		*row = 1;
		return 1;
	}
	if (!strcmp(name, "column")) {
		*row = rows_group(&s->strip.list, screen_row(s), atoi(args));
		return 1;
	}
	if (!strcmp(name, "cancel") && *s->strip.search) {
		strip_search(&s->strip, &s->values, "");
		*row = 1;
		return 1;
	}
	return 0;
}

void
list_draw(struct screen *s, struct grid *g)
{
	struct strip *strip = &s->strip;
	int row = s->current->draw == list_draw ? screen_row(s) : -1, count = 0, title = g->rows > 2;
	for (int k = 0; k < strip->list.count; k++)
		count += strip->list.value[k] >= 0;
	if (title && *strip->search)
		grid_printf(g, 0, 0, -1, GRID_BOLD, "%s: %d of %d values fit \"%s\"; Esc shows all", s->values.name, count,
		            s->values.count, strip->search);
	else if (title)
		grid_printf(g, 0, 0, -1, GRID_BOLD, "%s: %d values; * differs from the default", s->values.name, count);
	struct grid part = grid_part(g, title, 0, g->rows - title, g->cols);
	rows_draw(&strip->list, &s->values, row, &strip->list_first, &part);
	g->cursor_row = title + part.cursor_row;
	g->cursor_col = part.cursor_col;
}
