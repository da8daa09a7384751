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

/* Where a strip stands on a map, by cells; its front row is the lowest. */
static void
place_of(const struct desk_strip *s, const struct grid *map, int *row, int *col)
{
	double x = ((double)s->pan + 100) / 200, y = (double)s->depth / 100;
	*col = (int)lround(fmin(fmax(x, 0), 1) * (map->cols - 1));
	*row = (int)lround(fmin(fmax(1 - y, 0), 1) * (map->rows - 1));
}

/* A strip as it is told in few letters: its number, "b2" for a bus; *name: with its name. */
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

static int
is_free(const struct grid *g, int row, int col, int width)
{
	for (int k = col; k < col + width; k++)
		if (k < 0 || k >= g->cols || g->cell[row * g->stride + k].style)
			return 0;
	return 1;
}

/* Puts a strip's sign with its number in its place, moved inwards at the right edge; returns whether there was room. */
static int
put_sign(struct grid *map, int row, int col, const char *sign, unsigned style)
{
	int n = (int)strlen(sign), at = col + n > map->cols ? map->cols - n : col;
	at = at < 0 ? 0 : at;
	if (!is_free(map, row, at, n > map->cols ? map->cols : n))
		return 0;
	grid_text(map, row, at, n, style, sign);
	return 1;
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

/* The chosen one first and with its name, then the others in order; who stands behind another is a +. */
static void
draw_map(const struct screen *s, struct grid *map)
{
	int first_at[DESK_STRIPS], row, col, other_row, other_col;
	draw_floor(map);
	for (int pass = 0; pass < 2; pass++)
		for (int k = 0; k < s->view.strips; k++) {
			const struct desk_strip *strip = &s->view.strip[k];
			int chosen = k == s->view.selected, others = 0;
			char sign[100];
			if (chosen == pass || !stands(strip))
				continue;
			place_of(strip, map, &row, &col);
			for (int n = 0; n < s->view.strips; n++) {
				place_of(&s->view.strip[n], map, &other_row, &other_col);
				others += n != k && stands(&s->view.strip[n]) && row == other_row && col == other_col;
			}
			sign_of(strip, chosen, others, sign, sizeof sign);
			first_at[k] =
			    put_sign(map, row, col, sign, (chosen ? GRID_REVERSE : 0) | GRID_BOLD | GRID_COLOUR(strip->colour));
		}
	/* names where there is room for them */
	for (int k = 0; k < s->view.strips; k++) {
		const struct desk_strip *strip = &s->view.strip[k];
		char sign[100];
		if (!stands(strip) || k == s->view.selected || !first_at[k])
			continue;
		place_of(strip, map, &row, &col);
		sign_of(strip, 0, 0, sign, sizeof sign);
		int at = col + (int)strlen(sign), room = 0;
		while (room < 9 && is_free(map, row, at + room, 1))
			room++;
		if (room < 5 || at >= map->cols)
			continue;
		sign_of(strip, 1, 0, sign, sizeof sign);
		grid_text(map, row, at, room - 1, GRID_COLOUR(strip->colour), sign + strcspn(sign, " "));
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

/* Who else stands in its cell. */
static void
draw_company(const struct screen *s, struct grid *g, int row, const struct grid *map)
{
	int at_row, at_col, r, c, count = 0;
	char text[512] = "there too:";
	if (!stands(&s->view.strip[s->view.selected]))
		return;
	place_of(&s->view.strip[s->view.selected], map, &at_row, &at_col);
	for (int k = 0; k < s->view.strips; k++) {
		char sign[100];
		if (k == s->view.selected || !stands(&s->view.strip[k]))
			continue;
		place_of(&s->view.strip[k], map, &r, &c);
		if (r != at_row || c != at_col)
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
	if (map.rows > 0 && map.cols > 0)
		draw_map(s, &map);
	if (frame) {
		grid_printf(g, 0, 0, g->cols, GRID_UNDERLINE, "%*s", g->cols / 2 + 2, "back");
		int row = 1 + map.rows;
		grid_printf(g, row, 0, g->cols, GRID_UNDERLINE, "L100%*s", g->cols / 2 + 3 - 4, "front");
		grid_text(g, row, g->cols - 4, 4, GRID_UNDERLINE, "R100");
	}
	draw_words(s, g, g->rows - words, focus);
	if (words > 1)
		draw_company(s, g, g->rows - 1, &map);
}
