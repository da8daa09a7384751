#include "ui/view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/act.h"
#include "ui/entry.h"

/* The two values of a place: from left to right, and from the front to the back. */
enum { PAN, DEPTH, PLACES };

/* Strips and buses stand on the stage, but for the rooms that it makes itself. */
static int
stands(const struct desk_strip *s)
{
	return (s->kind == DESK_STRIP || s->kind == DESK_BUS) && strcmp(s->address, "bus/stage-near") != 0 &&
	       strcmp(s->address, "bus/stage-far") != 0;
}

int
stage_row(const struct screen *s, int k, char *address, size_t size)
{
	if (k < 0 || k >= PLACES)
		return ROW_END;
	if (!stands(&s->view.strip[s->view.selected]))
		return ROW_NONE;
	snprintf(address, size, "@/%s", k == PAN ? "pan" : "stage/depth");
	return 0;
}

/* Depth is more than its parameter: the command `stage` puts level, damping and room where they belong to it. */
int
stage_command(struct screen *s, const char *name, const char *args)
{
	char line[200], *end;
	if (screen_row(s) != DEPTH)
		return 0;
	if (!strcmp(name, "step")) {
		double by = 5 * (*args ? strtod(args, &end) : 1);
		snprintf(line, sizeof line, "stage @ . %s%g", by < 0 ? "-=" : "+=", fabs(by));
	} else if (!strcmp(name, "reset")) {
		snprintf(line, sizeof line, "stage @ . 0");
	} else if (!strcmp(name, "type") || !strcmp(name, "press")) {
		entry_command(s, "stage @ . ");
		return 1;
	} else {
		return 0;
	}
	act_line(s, line);
	return 1;
}

/* Where strips stand on a map, by cells, and behind whose sign: their own, or one that leaves them no room. */
struct places {
	int row[DESK_STRIPS], col[DESK_STRIPS];
	int behind[DESK_STRIPS]; /* which strip's sign, -1: it does not stand on the stage */
	int others[DESK_STRIPS]; /* behind its sign */
};

/* A strip as it is told in few letters: its number, "b2" for a bus, with a + where others stand behind it. */
static void
sign_of(const struct desk_strip *s, int name, int others, char *to, size_t size)
{
	const char *shown = s->name + strspn(s->name, "0123456789");
	shown += strspn(shown, " _-.");
	snprintf(to, size, "%s%d%s%s%s", s->kind == DESK_BUS ? "b" : "", s->number, others ? "+" : "", name ? " " : "",
	         !name    ? ""
	         : *shown ? shown
	                  : s->name);
}

/* Columns that a sign takes with a blank behind it. */
static int
sign_width(const struct desk_strip *s)
{
	char sign[100];
	sign_of(s, 0, 1, sign, sizeof sign);
	return (int)strlen(sign) + 1;
}

static void
find_place(const struct screen *s, const struct grid *map, int k, struct places *p)
{
	const struct desk_strip *strip = &s->view.strip[k];
	double x = fmin(fmax(((double)strip->pan + 100) / 200, 0), 1), y = fmin(fmax((double)strip->depth / 100, 0), 1);
	int last = map->cols - sign_width(strip) + 1, col = (int)lround(x * (map->cols - 1));
	p->row[k] = (int)lround((1 - y) * (map->rows - 1)); /* the front row is the lowest */
	p->col[k] = col > last ? last > 0 ? last : 0 : col;
	p->behind[k] = k;
	p->others[k] = 0;
	for (int n = 0; n < s->view.strips; n++) {
		int way = p->col[k] - p->col[n];
		if (n == k || p->behind[n] != n || p->row[n] != p->row[k] || way >= sign_width(&s->view.strip[n]) ||
		    -way >= sign_width(strip))
			continue;
		p->behind[k] = n;
		p->others[n]++;
		return;
	}
}

/* The chosen one first: no other stands before it. */
static void
find_places(const struct screen *s, const struct grid *map, struct places *p)
{
	int chosen = s->view.selected;
	for (int k = 0; k < s->view.strips; k++)
		p->behind[k] = -1;
	if (stands(&s->view.strip[chosen]))
		find_place(s, map, chosen, p);
	for (int k = 0; k < s->view.strips; k++)
		if (k != chosen && stands(&s->view.strip[k]))
			find_place(s, map, k, p);
}

static void
draw_floor(struct grid *map)
{
	int middle = map->cols / 2;
	for (int row = 0; row < map->rows; row++)
		for (int col = middle % 8; col < map->cols; col += 8)
			if (row % 4 == (map->rows - 1) % 4 || col == middle)
				grid_put(map, row, col, map->ascii ? '.' : 0xb7, 0);
}

/* Whether only the floor is there. */
static int
is_free(const struct grid *g, int row, int col)
{
	return col < g->cols && !g->cell[row * g->stride + col].style;
}

/* Signs, and names behind them where there is room: all of the chosen one's. */
static void
draw_map(const struct screen *s, const struct places *p, struct grid *map)
{
	char sign[100];
	draw_floor(map);
	for (int k = 0; k < s->view.strips; k++) {
		const struct desk_strip *strip = &s->view.strip[k];
		sign_of(strip, k == s->view.selected, p->others[k], sign, sizeof sign);
		if (p->behind[k] == k && k != s->view.selected)
			grid_text(map, p->row[k], p->col[k], -1, GRID_BOLD | GRID_COLOUR(strip->colour), sign);
	}
	for (int k = 0; k < s->view.strips; k++) {
		const struct desk_strip *strip = &s->view.strip[k];
		int chosen = k == s->view.selected, room = 0;
		if (p->behind[k] != k)
			continue;
		sign_of(strip, 0, p->others[k], sign, sizeof sign);
		int at = p->col[k] + (int)strlen(sign);
		while (room < (chosen ? 20 : 9) && is_free(map, p->row[k], at + room))
			room++;
		unsigned style = (chosen ? GRID_REVERSE | GRID_BOLD : 0) | GRID_COLOUR(strip->colour);
		if (chosen)
			grid_text(map, p->row[k], p->col[k], -1, style, sign);
		sign_of(strip, 1, 0, sign, sizeof sign);
		if (room >= 5)
			grid_text(map, p->row[k], at, room - 1 < (int)strlen(strchr(sign, ' ')) ? room - 1 : -1, style,
			          strchr(sign, ' '));
	}
}

/* Where the chosen strip stands, in words; the value in focus has the cursor. */
static void
draw_words(const struct screen *s, struct grid *g, int row, int focus)
{
	const struct desk_strip *strip = &s->view.strip[s->view.selected];
	char value[32], sign[100];
	if (!stands(strip)) {
		grid_printf(g, row, 0, g->cols, 0, "%s stands nowhere: strips and buses do", strip->name);
		return;
	}
	sign_of(strip, 1, 0, sign, sizeof sign);
	int col = g->cols >= 40 ? grid_printf(g, row, 0, -1, GRID_BOLD, "%s  ", sign) : 0;
	for (int k = 0; k < PLACES; k++) {
		if (k == PAN) {
			meters_pan_text(strip->pan, value);
			if (!strcmp(value, "Lft") || !strcmp(value, "Rgt"))
				snprintf(value, sizeof value, "%c100", *value);
		} else {
			snprintf(value, sizeof value, "%.0f", (double)strip->depth);
		}
		col = grid_text(g, row, col, -1, 0, k == PAN ? "pan " : "depth ");
		if (k == focus) {
			g->cursor_row = row;
			g->cursor_col = col < g->cols ? col : g->cols - 1;
		}
		col = grid_text(g, row, col, -1, k == focus ? GRID_REVERSE : GRID_BOLD, value);
		col = grid_text(g, row, col, -1, 0, "  ");
	}
	/* as control/stage.h has it */
	if (strip->depth > 0)
		grid_printf(g, row, col, -1, 0, "%.1f times as far as the nearest", pow(2, (double)strip->depth / 25));
}

/* Who else stands behind its sign. */
static void
draw_company(const struct screen *s, const struct places *p, struct grid *g, int row)
{
	int count = 0;
	char text[512] = "there too:", sign[100];
	if (!stands(&s->view.strip[s->view.selected]))
		return;
	for (int k = 0; k < s->view.strips; k++) {
		if (k == s->view.selected || p->behind[k] != s->view.selected)
			continue;
		sign_of(&s->view.strip[k], 1, 0, sign, sizeof sign);
		size_t n = strlen(text);
		snprintf(text + n, sizeof text - n, "%s%s", count++ ? ", " : " ", sign);
	}
	grid_text(g, row, 0, g->cols, 0, count ? text : "arrows move it, h l choose another, j k choose what K J change");
}

void
stage_draw(struct screen *s, struct grid *g)
{
	int focus = s->current->draw == stage_draw ? screen_row(s) : -1, frame = g->rows >= 7, words = g->rows >= 9 ? 2 : 1;
	struct grid map = grid_part(g, frame, 0, g->rows - words - 2 * frame, g->cols);
	struct places places;
	find_places(s, &map, &places);
	if (map.rows > 0 && map.cols > 0)
		draw_map(s, &places, &map);
	if (frame) {
		grid_printf(g, 0, 0, g->cols, GRID_UNDERLINE, "%*s", g->cols / 2 + 2, "back");
		int row = 1 + map.rows;
		grid_printf(g, row, 0, g->cols, GRID_UNDERLINE, "L100%*s", g->cols / 2 + 3 - 4, "front");
		grid_text(g, row, g->cols - 4, 4, GRID_UNDERLINE, "R100");
	}
	draw_words(s, g, g->rows - words, focus);
	if (words > 1)
		draw_company(s, &places, g, g->rows - 1);
}
