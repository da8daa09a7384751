/* A screen of one view at a time for tests of views: drawn at any size with nothing written beside it, on a real desk.
 */
#ifndef VIEWTEST_H
#define VIEWTEST_H

#include "opendesk.h"
#include "ui/view.h"

#include <locale.h>
#include <string.h>

static struct screen s;
static struct grid all; /* the grid under test stands in the middle of it */

enum { EDGE = 3, ROWS = 60 + 2 * EDGE, COLS = 200 + 2 * EDGE, MARK = 0xe000 };

/* Draws the view into a grid of that size, and finds nothing outside of it written. */
static inline struct grid
draw_as(const char *name, int rows, int cols, int ascii, int panel)
{
	int filled = 0;
	const struct view *v = view_find(name);
	ck_assert_msg(v != NULL, "there is no view %s", name);
	s.current = panel ? views : v;
	if (!s.keys)
		s.keys = keymap_new();
	for (int row = 0; row < rows + 2 * EDGE; row++)
		for (int col = 0; col < cols + 2 * EDGE; col++)
			all.cell[row * COLS + col].ch = MARK;
	struct grid g = grid_part(&all, EDGE, EDGE, rows, cols);
	g.ascii = ascii;
	grid_clear(&g);
	v->draw(&s, &g);
	for (int row = 0; row < rows + 2 * EDGE; row++)
		for (int col = 0; col < cols + 2 * EDGE; col++) {
			int inside = row >= EDGE && row < EDGE + rows && col >= EDGE && col < EDGE + cols;
			uint32_t ch = all.cell[row * COLS + col].ch;
			/* a check of Check's own for each cell would take minutes */
			if (inside != (ch != MARK))
				ck_abort_msg("%s at %d x %d: row %d, column %d", name, cols, rows, row - EDGE, col - EDGE);
			if (inside && ascii && ch > 0x7e)
				ck_abort_msg("%s: U+%04X in ASCII", name, ch);
			filled += inside && ch != ' ' && ch;
		}
	ck_assert_msg(filled > 0, "%s is blank at %d x %d", name, cols, rows);
	ck_assert_msg(g.cursor_row >= 0 && g.cursor_row < rows && g.cursor_col >= 0 && g.cursor_col < cols,
	              "%s at %d x %d: the cursor stands at %d, %d", name, cols, rows, g.cursor_row, g.cursor_col);
	return g;
}

static inline struct grid
draw(const char *name, int rows, int cols, int ascii)
{
	return draw_as(name, rows, cols, ascii, 0);
}

static inline const char *
text(const struct grid *g, int row)
{
	static char line[2000];
	return grid_row(g, row, line, sizeof line);
}

/* Waits until the chosen strip has that value. */
static inline void
await(struct desk *d, const char *address, const char *value)
{
	const struct desk_value *v = NULL;
	for (int turns = 0; !v || strcmp(v->text, value); turns++) {
		ck_assert_msg(turns < 2000, "%s is %s, not %s", address, v ? v->text : "nothing", value);
		poll(NULL, 0, turns ? 10 : 0);
		desk_strip_values(d, &s.values);
		v = desk_value_find(&s.values, address);
	}
	desk_view(d, &view);
	s.view = view;
	desk_routes(d, &s.routes);
	strip_move(&s.strip, &s.values, s.now += 1);
}

static inline struct desk *
begin(void)
{
	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
	ck_assert_int_eq(grid_resize(&all, ROWS, COLS), 0);
	memset(&s, 0, sizeof s);
	for (const struct view *v = views; v->name; v++)
		s.row[v - views] = v->first_row;
	return open_desk(0);
}

static inline void
end(struct desk *d)
{
	close_desk(d);
	grid_fini(&all);
}

#endif
