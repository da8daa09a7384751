#include "ui/view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/times.h"
#include "ui/act.h"
#include "ui/entry.h"

#define NAME 10       /* columns of a row's name */
#define VALUE 14      /* and of its value, at least */
#define PLACE 26      /* of a place's verdict, */
#define WIDE_PLACE 32 /* and in screens from WIDE on */
#define WIDE 100

static const struct desk_render_row *
chosen(const struct screen *s)
{
	return s->render_at < s->render.rows ? &s->render.row[s->render_at] : NULL;
}

/* `row` goes from one to the next, `step`, `reset` and `type` change the chosen one, and `press` starts. */
int
render_command(struct screen *s, const char *name, const char *args)
{
	const struct desk_render_row *row = chosen(s);
	char line[400];
	int by = atoi(args), last = s->render.rows - 1;
	if (!strcmp(name, "row")) {
		s->render_at += by;
		s->render_at = s->render_at > last ? last : s->render_at;
		s->render_at = s->render_at < 0 ? 0 : s->render_at;
		return 1;
	}
	if (!row)
		return 0;
	if (!strcmp(name, "step")) {
		by = by ? by : strchr(args, '-') ? -1 : 1;
		snprintf(line, sizeof line, "render %s %s %d", row->name, by < 0 ? "-=" : "+=", abs(by));
		act_line(s, line);
	} else if (!strcmp(name, "reset")) {
		snprintf(line, sizeof line, "render %s default", row->name);
		act_line(s, line);
	} else if (!strcmp(name, "type")) {
		snprintf(line, sizeof line, "render %s %s", row->name,
		         *args                       ? args
		         : strcmp(row->name, "file") ? ""
		                                     : row->text);
		entry_command(s, line);
	} else if (!strcmp(name, "press")) {
		if (s->render.running)
			screen_say(s, 0, "%s is under way: wait for it, or %s stops it", s->render.doing,
			           keymap_keys_of(s->keys, s->current->name, "render"));
		else
			act_line(s, "render start");
	} else if (!strcmp(name, "describe") && !*args) {
		screen_say(s, 0, "%s: %s", row->name, row->help);
	} else {
		return 0;
	}
	return 1;
}

/* As many words as there is room for. */
static void
draw_words(const char *words, struct grid *g, int row, int col)
{
	int room = g->cols - col;
	if (grid_width(g, words) <= room)
		grid_text(g, row, col, room, 0, words);
	else if (room > 4)
		grid_printf(g, row, col, room, 0, "%.*s ...", (int)grid_line(g, words, room - 4), words);
}

static void
draw_row(const struct desk_render_row *r, struct grid *g, int row, int focused)
{
	grid_put(g, row, 0, focused ? '>' : ' ', GRID_BOLD);
	grid_text(g, row, 2, NAME - 1, 0, r->name);
	int col = grid_text(g, row, 2 + NAME, -1, focused ? GRID_REVERSE : GRID_BOLD, r->text);
	col = col < 2 + NAME + VALUE ? 2 + NAME + VALUE : col + 2;
	draw_words(r->words, g, row, col);
	if (focused) {
		g->cursor_row = row;
		g->cursor_col = g->cols > 2 + NAME ? 2 + NAME : 0;
	}
}

/* What is under way: a bar and the time that it takes yet. */
static void
draw_bar(const struct desk_render *r, struct grid *g, int row)
{
	char left[48] = "", clock[32];
	int cells = g->cols >= 70 ? 30 : 10;
	if (r->left >= 0)
		snprintf(left, sizeof left, "  %s left", time_text(r->left, 0, clock));
	int col = grid_printf(g, row, 0, -1, GRID_BOLD, "%s ", r->doing), full = r->percent * cells / 100;
	for (int k = 0; k < cells; k++)
		grid_put(g, row, col + k, k < full ? g->ascii ? '#' : 0x2588 : g->ascii ? '.' : 0x2591, 0);
	grid_printf(g, row, col + cells, -1, 0, " %d %%%s", r->percent, left);
}

/* What each place does with it, side by side. */
static void
draw_table(const struct desk_report *r, struct grid *g, int row, int across)
{
	int width = g->cols / across, rows = (r->places + across - 1) / across;
	for (int k = 0; k < r->places; k++) {
		const struct desk_render_place *p = &r->place[k];
		int at = row + k % rows, col = k / rows * width, room = width - (int)strlen(p->text) - 3;
		grid_text(g, at, col, room, 0, p->title);
		grid_text(g, at, col + room + 1, width - room - 1, p->good ? GRID_BOLD : GRID_COLOUR(1), p->text);
	}
}

/* The same in a sentence, those of one fate together and bad ones first. */
static void
draw_sentence(const struct desk_report *r, struct grid *g, int row)
{
	char text[DESK_RENDER_PLACES * 80] = "what places do with it: ";
	size_t n = strlen(text), begun = n;
	int told[DESK_RENDER_PLACES] = {0};
	for (int good = 0; good < 2; good++)
		for (int k = 0; k < r->places; k++) {
			if (told[k] || r->place[k].good != good)
				continue;
			n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n > begun ? "), " : "", r->place[k].text);
			for (int i = k; i < r->places; i++) {
				if (told[i] || strcmp(r->place[i].text, r->place[k].text) != 0)
					continue;
				n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", i > k ? ", " : " (", r->place[i].title);
				told[i] = 1;
			}
		}
	snprintf(text + n, sizeof text - n, ")");
	struct grid below = grid_part(g, row, 0, g->rows - row, g->cols);
	grid_paragraph(&below, 0, 0, text);
}

/* A table of what each place does with it, where there is room for one. */
static void
draw_places(const struct desk_report *r, struct grid *g, int row)
{
	int least = g->cols < WIDE ? PLACE : WIDE_PLACE, across = g->cols / least > 0 ? g->cols / least : 1;
	if (row + 1 + (r->places + across - 1) / across > g->rows) {
		draw_sentence(r, g, row);
		return;
	}
	grid_text(g, row, 0, g->cols, GRID_UNDERLINE, "what each place does with it");
	draw_table(r, g, row + 1, across);
}

/* What was written with it, in as many rows as that takes; the row behind. */
static int
draw_beside(const struct desk_report *r, struct grid *g, int row)
{
	for (int k = 0; k < r->files && k < DESK_RENDER_FILES && row < g->rows; k++) {
		const struct desk_render_file *f = &r->beside[k];
		int col = grid_printf(g, row, 0, -1, 0, "with %s", f->name);
		if (isfinite(f->integrated))
			grid_printf(g, row, col, -1, 0, ": %.1f LUFS, true peak %.1f dBTP", (double)f->integrated,
			            (double)f->true_peak);
		row++;
	}
	if (r->files > DESK_RENDER_FILES && row < g->rows)
		grid_printf(g, row++, 0, g->cols, 0, "and %d more", r->files - DESK_RENDER_FILES);
	return row;
}

/* What came of the last one. */
static void
draw_report(const struct desk_report *r, struct grid *g, int row)
{
	char line[700];
	size_t n;
	if (r->made < 0) {
		struct grid below = grid_part(g, row, 0, g->rows - row, g->cols);
		snprintf(line, sizeof line, "%.250s was not made: %.400s", r->file, r->said);
		grid_paragraph(&below, 0, GRID_COLOUR(1), line);
		return;
	}
	n = (size_t)snprintf(line, sizeof line, "%.250s is made: %s", r->file, r->words);
	if (isfinite(r->range))
		snprintf(line + n, sizeof line - n, ", range %.1f LU", (double)r->range);
	grid_text(g, row++, 0, g->cols, GRID_BOLD, line);
	n = 0;
	*line = '\0';
	if (isfinite(r->integrated))
		n = (size_t)snprintf(line, sizeof line, "%.1f LUFS, true peak %.1f dBTP", (double)r->integrated,
		                     (double)r->true_peak);
	snprintf(line + n, sizeof line - n, "%s%s", *r->limited && n ? ", " : "", r->limited);
	if (*line)
		grid_text(g, row++, 0, g->cols, 0, line);
	if (*r->nearer && row < g->rows)
		grid_text(g, row++, 0, g->cols, 0, r->nearer);
	row = draw_beside(r, g, row);
	if (r->change != DESK_FIRST)
		grid_printf(g, row++, 0, g->cols, 0, "against the last one: %s",
		            r->change == DESK_COMPARING ? "being compared" : r->difference);
	for (const char *at = r->said; *at && row < g->rows; at += n + (at[n] == '\n')) {
		n = strcspn(at, "\n");
		snprintf(line, sizeof line, "! %.*s", (int)n, at);
		for (const char *rest = line; *rest && row < g->rows;) {
			size_t part = grid_line(g, rest, g->cols);
			grid_printf(g, row++, 0, g->cols, GRID_COLOUR(1), "%.*s", (int)part, rest);
			rest += part + strspn(rest + part, " ");
		}
	}
	if (r->lines && g->rows > 24 && row < g->rows)
		grid_text(g, row++, 0, g->cols, 0, "A makes the session play this master (`render apply`); u takes that back");
	if (row < g->rows && r->places == 1)
		grid_printf(g, row, 0, g->cols, r->place->good ? 0 : GRID_COLOUR(1), "%s: %s", r->place->title, r->place->text);
	else if (row < g->rows && r->places)
		draw_places(r, g, row);
}

void
render_draw(struct screen *s, struct grid *g)
{
	const struct desk_render *r = &s->render;
	if (s->desk)
		desk_render(s->desk, &s->render);
	g->cursor_row = g->cursor_col = 0;
	if (!r->rows) {
		grid_text(g, 0, 0, -1, 0, "looking at the song ...");
		return;
	}
	render_command(s, "row", "0"); /* there may be fewer now */
	int rows = r->rows < g->rows - 3 ? r->rows : g->rows - 3, row = 0;
	if (g->rows >= 8)
		grid_printf(g, row++, 0, g->cols, GRID_UNDERLINE, "%s%s",
		            r->running ? "X stops it" : "Up Down choose, Left Right change, = types, Enter makes it",
		            !r->running && r->report.lines ? ", A plays it so" : "");
	rows = rows < 1 ? 1 : rows;
	s->render_first = grid_scroll(s->render_first, s->render_at, rows, r->rows);
	for (int k = 0; k < rows; k++)
		draw_row(&r->row[s->render_first + k], g, row + k, s->render_first + k == s->render_at);
	row += rows;
	if (row >= g->rows)
		return;
	if (r->running)
		draw_bar(r, g, row++);
	else
		grid_printf(g, row++, 0, g->cols, 0, "Enter does  :%s", r->line);
	if (!r->running && r->report.made && row < g->rows)
		draw_report(&r->report, g, row + (g->rows > 24));
}
