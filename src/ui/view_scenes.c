#include "ui/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/act.h"

#define DETAILS 4 /* rows below the list, where there is room */

static const char *const titles[] = {
    [DESK_SCENES] = "scenes: Enter comes back to one, and u takes that back",
    [DESK_NOTES] = "notes: Enter goes to their place in the song",
    [DESK_PRESETS] = "presets: Enter lays one onto the chosen strip",
};

static const struct desk_shelf_item *
chosen(const struct screen *s)
{
	return s->shelf_at >= 0 && s->shelf_at < s->shelf.count ? &s->shelf.item[s->shelf_at] : NULL;
}

/* The first of the next kind, or of this one or the last. */
static int
other_kind(const struct desk_shelf *shelf, int at, int way)
{
	int k = at + way;
	if (way > 0) {
		while (k < shelf->count && shelf->item[k].kind == shelf->item[at].kind)
			k++;
		return k < shelf->count ? k : at;
	}
	while (k > 0 && shelf->item[k].kind == shelf->item[k - 1].kind)
		k--;
	return k < 0 ? 0 : k;
}

/* `row` goes from one to the next, `column` to the next kind, and `press` takes the chosen one. */
int
scenes_command(struct screen *s, const char *name, const char *args)
{
	int by = atoi(args);
	const struct desk_shelf_item *item = chosen(s);
	if (!strcmp(name, "row")) {
		s->shelf_at += by;
	} else if (!strcmp(name, "column")) {
		for (; by && item; by -= by < 0 ? -1 : 1)
			s->shelf_at = other_kind(&s->shelf, s->shelf_at, by < 0 ? -1 : 1);
	} else if (!strcmp(name, "press") && item) {
		act_line(s, item->line);
	} else {
		return 0;
	}
	int last = s->shelf.count - 1;
	s->shelf_at = s->shelf_at > last ? last : s->shelf_at;
	s->shelf_at = s->shelf_at < 0 ? 0 : s->shelf_at;
	return 1;
}

/* Rows of the list: a heading before each kind. */
static int
row_of(const struct desk_shelf *shelf, int at)
{
	int row = at;
	for (int k = 0; k <= at && k < shelf->count; k++)
		row += k == 0 || shelf->item[k].kind != shelf->item[k - 1].kind;
	return row;
}

static void
draw_item(const struct desk_shelf_item *item, struct grid *g, int row, int focused)
{
	char name[80], changes[40] = "";
	int width = g->cols >= 50 ? 16 : g->cols / 3;
	snprintf(name, sizeof name, "%s", item->name);
	grid_text(g, row, 0, 2, GRID_BOLD, focused ? ">" : "");
	grid_text(g, row, 2, width, (focused ? GRID_REVERSE : 0) | (item->there ? GRID_BOLD : 0), name);
	if (item->kind == DESK_SCENES && item->there && item->changes)
		snprintf(changes, sizeof changes, "  would change %d value%s", item->changes, item->changes == 1 ? "" : "s");
	else if (item->kind == DESK_SCENES && item->there)
		snprintf(changes, sizeof changes, "  is how the desk stands");
	grid_printf(g, row, 3 + width, -1, 0, "%s%s", item->words, changes + (*item->words ? 0 : *changes ? 2 : 0));
	if (focused) {
		g->cursor_row = row;
		g->cursor_col = g->cols > 2 ? 2 : 0;
	}
}

void
scenes_draw(struct screen *s, struct grid *g)
{
	const struct desk_shelf *shelf = &s->shelf;
	char words[700];
	if (s->desk)
		desk_shelf(s->desk, &s->shelf);
	g->cursor_row = g->cursor_col = 0;
	if (!shelf->count) {
		grid_text(g, 0, 0, -1, 0, "looking for scenes, notes and presets ...");
		return;
	}
	scenes_command(s, "row", "0"); /* there may be fewer now */
	const struct desk_shelf_item *item = chosen(s);
	int details = g->rows >= 10 && item && *item->more ? DETAILS : 0, rows = g->rows - details;
	int at = row_of(shelf, s->shelf_at), all = row_of(shelf, shelf->count - 1) + 1;
	/* the heading is seen with the first of its kind */
	int head = s->shelf_at == 0 || shelf->item[s->shelf_at - 1].kind != item->kind;
	s->shelf_first = grid_scroll(grid_scroll(s->shelf_first, at - head, rows, all), at, rows, all);
	struct grid list = grid_part(g, 0, 0, rows, g->cols);
	for (int k = 0; k < shelf->count; k++) {
		int row = row_of(shelf, k) - s->shelf_first;
		if (k == 0 || shelf->item[k].kind != shelf->item[k - 1].kind)
			grid_text(&list, row - 1, 0, list.cols, GRID_BOLD | GRID_UNDERLINE, titles[shelf->item[k].kind]);
		if (row >= 0 && row < rows)
			draw_item(&shelf->item[k], &list, row, k == s->shelf_at);
	}
	g->cursor_row = list.cursor_row;
	g->cursor_col = list.cursor_col;
	if (!details)
		return;
	snprintf(words, sizeof words, item->kind == DESK_SCENES ? "would change: %s" : "noted %s", item->more);
	struct grid below = grid_part(g, rows + 1, 0, details - 1, g->cols);
	grid_paragraph(&below, 0, 0, words);
}
