#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/view.h"

/* The rows that are seen, so that the chosen one is. */
static int
top_of(int chosen, int rows, int count)
{
	int top = chosen - rows / 2;
	top = top > count - rows ? count - rows : top;
	return top < 0 ? 0 : top;
}

static void
number(float x, const char *unit, char text[24])
{
	if (isfinite(x))
		snprintf(text, 24, "%.1f%s", (double)x, unit);
	else
		snprintf(text, 24, "-");
}

void
verdicts_draw(struct screen *s, struct grid *g)
{
	const struct desk_verdicts *v = &s->verdicts;
	char lufs[24], peak[24];
	s->verdicts_wanted = 1;
	s->verdict = s->verdict >= v->count ? v->count - 1 : s->verdict;
	s->verdict = s->verdict < 0 ? 0 : s->verdict;
	number(v->integrated, " LUFS", lufs);
	number(v->true_peak, " dBTP", peak);
	grid_printf(g, 0, 0, g->cols, GRID_BOLD, "%s so far: %s, %s%s", v->mastered ? "master" : "mix", lufs, peak,
	            isfinite(v->integrated) ? "" : "   play the song to measure it");
	grid_text(g, 1, 0, g->cols, GRID_UNDERLINE, "  place                LUFS  dBTP  what it makes of it");
	int rows = g->rows - 3, top = top_of(s->verdict, rows, v->count);
	for (int k = top; k < v->count && k - top < rows; k++) {
		const struct desk_verdict *r = &v->row[k];
		int row = 2 + k - top, bad = *r->text && !r->good;
		number(r->lufs, "", lufs);
		number(r->ceiling, "", peak);
		grid_put(g, row, 0, k == s->verdict ? '>' : ' ', GRID_BOLD);
		grid_put(g, row, 1, k == v->heard ? g->ascii ? '*' : 0x266a : ' ', GRID_BOLD);
		int col = grid_printf(g, row, 2, 20, k == s->verdict ? GRID_BOLD : 0, "%s", r->title);
		col = grid_printf(g, row, col, -1, 0, "%6s%6s ", lufs, peak);
		grid_printf(g, row, col, g->cols - col, bad ? GRID_COLOUR(1) : 0, "%s%s", bad ? "! " : "  ", r->text);
	}
	/* the whole of what may be cut above */
	if (s->verdict < v->count)
		grid_printf(g, g->rows - 1, 0, g->cols, 0, "%s: %s", v->row[s->verdict].title, v->row[s->verdict].text);
	g->cursor_row = 2 + s->verdict - top;
	g->cursor_col = 0;
}

int
verdicts_command(struct screen *s, const char *name, const char *args)
{
	const struct desk_verdicts *v = &s->verdicts;
	char line[80];
	if (!strcmp(name, "row")) {
		s->verdict += atoi(args);
		return 1;
	}
	if (strcmp(name, "press"))
		return 0;
	if (s->verdict >= v->count)
		return 1;
	snprintf(line, sizeof line, "monitor as %s", s->verdict == v->heard ? "off" : v->row[s->verdict].name);
	desk_send(s->desk, line);
	return 1;
}
