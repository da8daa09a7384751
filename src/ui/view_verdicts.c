#include "ui/view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TITLE 20   /* columns of a place's name in a narrow window */
#define FIGURES 12 /* columns of what it asks for */
#define WIDE 100   /* columns of a screen from which names are whole */

static void
number(float x, const char *unit, char text[24])
{
	if (isfinite(x))
		snprintf(text, 24, "%.1f%s", (double)x, unit);
	else
		snprintf(text, 24, "-");
}

/* Columns of the names: as many as the longest takes, where there is room. */
static int
title_width(const struct desk_verdicts *v, const struct grid *g)
{
	int most = TITLE;
	for (int k = 0; k < v->count && g->cols >= WIDE; k++) {
		int width = grid_width(g, v->row[k].title);
		most = width > most ? width : most;
	}
	return most;
}

static void
draw_place(const struct desk_verdict *v, struct grid *g, int row, int width, int chosen)
{
	char lufs[24], peak[24];
	int bad = *v->text && !v->good, col = 3 + width;
	grid_put(g, row, 0, chosen ? '>' : ' ', GRID_BOLD);
	/* a codec asks for no loudness, so that its name has that room too */
	int figures = g->cols >= 60 ? FIGURES : 0, name = v->codec ? width + figures : width;
	grid_text(g, row, 2, name, chosen ? GRID_REVERSE : 0, v->title);
	number(v->lufs, "", lufs);
	number(v->ceiling, "", peak);
	if (v->codec)
		col += figures;
	else if (figures)
		col = grid_printf(g, row, col - 1, -1, 0, "%6s%6s ", lufs, peak);
	grid_printf(g, row, col, g->cols - col, bad ? GRID_COLOUR(1) : 0, "%s%s", bad ? "! " : "  ", v->text);
}

/* The whole of what may be cut in the list, or before anything was measured, what the place asks for. */
static void
draw_chosen(const struct desk_verdict *v, struct grid *g)
{
	char lufs[24], peak[24], text[256];
	number(v->lufs, " LUFS", lufs);
	number(v->ceiling, " dBTP", peak);
	if (v->codec)
		snprintf(text, sizeof text, "%s: %s", v->title, v->text);
	else
		snprintf(text, sizeof text, "%s (%s, %s)%s%s", v->title, lufs, peak, *v->text ? ": " : "", v->text);
	grid_paragraph(g, 0, 0, text);
}

/* What keys do here, at the right of the first line as far as there is room. */
static void
draw_hint(const struct screen *s, struct grid *g, int col)
{
	char hint[2][100];
	const char *view = s->current->name, *keys = keymap_keys_of(s->keys, view, "press");
	char press[16];
	snprintf(press, sizeof press, "%.*s", (int)strcspn(keys + (*keys == '<'), ">"), keys + (*keys == '<'));
	snprintf(hint[0], sizeof *hint, "%s hears it so; %s: the %s; codecs below", press,
	         keymap_keys_of(s->keys, view, "monitor"), s->verdicts.mastered ? "mix" : "master");
	snprintf(hint[1], sizeof *hint, "%s hears it so", press);
	for (int k = 0; k < 2; k++) {
		int width = grid_width(g, hint[k]);
		if (col + 2 + width > g->cols)
			continue;
		grid_text(g, 0, g->cols - width, width, 0, hint[k]);
		return;
	}
}

void
verdicts_draw(struct screen *s, struct grid *g)
{
	const struct desk_verdicts *v = &s->verdicts;
	char lufs[24], peak[24];
	int width = title_width(v, g), details = g->cols < WIDE ? 2 : 1, rows = g->rows - 2 - details;
	s->verdicts_wanted = 1;
	number(v->integrated, " LUFS", lufs);
	number(v->true_peak, " dBTP", peak);
	if (rows < 1) {
		if (s->verdict < v->count)
			draw_chosen(&v->row[s->verdict], g);
		return;
	}
	if (isfinite(v->integrated))
		draw_hint(s, g,
		          grid_printf(g, 0, 0, -1, GRID_BOLD, "%s so far: %s, %s", v->mastered ? "master" : "mix", lufs, peak));
	else
		draw_hint(s, g, grid_text(g, 0, 0, -1, GRID_BOLD, "nothing is measured yet: play the song"));
	grid_printf(g, 1, 0, g->cols, GRID_UNDERLINE, "  %-*s %s  what it does with it", width, "place",
	            g->cols >= 60 ? " LUFS  dBTP " : "");
	s->verdict_first = grid_scroll(s->verdict_first, s->verdict, rows, v->count);
	for (int k = 0; k < rows && s->verdict_first + k < v->count; k++) {
		int at = s->verdict_first + k;
		draw_place(&v->row[at], g, 2 + k, width, at == s->verdict);
		if (at == v->heard)
			grid_put(g, 2 + k, 1, g->ascii ? '#' : 0x266a, GRID_BOLD);
	}
	if (s->verdict < v->count) {
		struct grid below = grid_part(g, g->rows - details, 0, details, g->cols);
		draw_chosen(&v->row[s->verdict], &below);
	}
	g->cursor_row = 2 + s->verdict - s->verdict_first;
	g->cursor_col = g->cols > 2 ? 2 : 0;
}

#define CELL 20 /* columns of a place in brief */

static int
places(const struct desk_verdicts *v)
{
	int n = 0;
	for (int k = 0; k < v->count; k++)
		n += !v->row[k].codec;
	return n;
}

int
verdicts_rows(const struct screen *s, int cols)
{
	int across = cols / CELL;
	return across ? 1 + (places(&s->verdicts) + across - 1) / across : 0;
}

void
verdicts_brief(struct screen *s, struct grid *g)
{
	const struct desk_verdicts *v = &s->verdicts;
	int down = g->rows - 1, n = 0, refused = 0, turned = 0, known = isfinite(v->integrated);
	s->verdicts_wanted = 1;
	for (int k = 0; k < v->count; k++) {
		refused += !v->row[k].codec && !v->row[k].good;
		turned += !v->row[k].codec && v->row[k].good && strcmp(v->row[k].brief, "as is") != 0;
	}
	if (!known)
		grid_text(g, 0, 0, g->cols, GRID_UNDERLINE, "places: nothing is measured yet");
	else
		grid_printf(g, 0, 0, g->cols, GRID_UNDERLINE, "%d places take it as it is, %d turn it (dB), ! %d do not (LU)",
		            places(v) - refused - turned, turned, refused);
	for (int k = 0; known && k < v->count && down > 0; k++) {
		const struct desk_verdict *row = &v->row[k];
		if (row->codec)
			continue;
		int col = n / down * CELL, at = 1 + n % down;
		n++;
		if (col + CELL > g->cols + 1)
			break;
		grid_text(g, at, col, 13, 0, row->name);
		grid_printf(g, at, col + 13, 6, row->good ? 0 : GRID_COLOUR(1), "%s%s", row->good ? " " : "!", row->brief);
	}
}

/* `row` goes from one to the next, and `press` hears the chosen one, or no longer. */
int
verdicts_command(struct screen *s, const char *name, const char *args)
{
	const struct desk_verdicts *v = &s->verdicts;
	char line[80];
	int last = v->count - 1;
	if (!strcmp(name, "row")) {
		s->verdict += atoi(args);
		s->verdict = s->verdict > last ? last : s->verdict;
		s->verdict = s->verdict < 0 ? 0 : s->verdict;
		return 1;
	}
	if (strcmp(name, "press"))
		return 0;
	if (s->verdict <= last) {
		const struct desk_verdict *row = &v->row[s->verdict];
		const char *what = row->codec ? "codec" : "as";
		snprintf(line, sizeof line, "monitor %s %s", what, s->verdict == v->heard ? "off" : row->name);
		desk_send(s->desk, line);
	}
	return 1;
}
