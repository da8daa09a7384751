#include "ui/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/times.h"

#define FLOOR -36.0 /* dB at the foot of a strip */

/* Rows at the top: markers, times, and a line with loop and playhead. */
struct layout {
	int head, first, count, height; /* strips: the first, how many, rows of each */
	int left, cols;                 /* columns before the song, and of it */
};

/* Where a frame is, in columns of the song; -1 where it has no length. */
static int
column_of(const struct screen *s, const struct layout *l, int64_t frame)
{
	if (s->tape.length <= 0 || l->cols < 1)
		return -1;
	int64_t col = frame * l->cols / s->tape.length;
	return col < 0 ? 0 : col >= l->cols ? l->cols - 1 : (int)col;
}

/* Markers with as much of their names as there is room for before the next one. */
static void
draw_markers(const struct screen *s, const struct layout *l, struct grid *g, int row)
{
	for (int k = 0; k < s->tape.markers; k++) {
		int col = column_of(s, l, s->tape.marker[k].at);
		int next = k + 1 < s->tape.markers ? column_of(s, l, s->tape.marker[k + 1].at) : l->cols;
		if (col < 0)
			return;
		grid_put(g, row, l->left + col, '|', GRID_BOLD);
		if (next - col > 1)
			grid_text(g, row, l->left + col + 1, next - col - 1, 0, s->tape.marker[k].name);
	}
}

static void
draw_times(const struct screen *s, const struct layout *l, struct grid *g, int row)
{
	static const int steps[] = {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600};
	double length = s->view.rate > 0 ? (double)s->tape.length / s->view.rate : 0;
	char text[32];
	size_t k = 0;
	while (k + 1 < sizeof steps / sizeof *steps && steps[k] * l->cols < length * 8)
		k++;
	for (int t = 0; t < length; t += steps[k]) {
		int col = column_of(s, l, (int64_t)((double)t * s->view.rate));
		time_text(t, 0, text);
		if (col + (int)strlen(text) < l->cols)
			grid_text(g, row, l->left + col, -1, 0, text);
	}
}

/* A line with the loop in brackets and the playhead. */
static void
draw_head(const struct screen *s, const struct layout *l, struct grid *g, int row)
{
	const struct desk_view *v = &s->view;
	int in = column_of(s, l, v->loop_in), out = column_of(s, l, v->loop_out), now = column_of(s, l, v->position);
	for (int col = 0; col < l->cols; col++) {
		int inside = v->loop_out > 0 && col >= in && col <= out;
		uint32_t ch = inside ? (v->looping ? '=' : '-') : g->ascii ? '.' : 0x2500;
		ch = inside && col == in ? '[' : inside && col == out ? ']' : ch;
		grid_put(g, row, l->left + col, ch, inside ? GRID_BOLD : 0);
	}
	if (now >= 0)
		grid_put(g, row, l->left + now, g->ascii ? 'V' : 0x25bc, GRID_BOLD | GRID_REVERSE);
}

/* What fills a part of a cell, in eighths; 0: nothing. */
static uint32_t
part_of(int eighths, int ascii)
{
	static const char signs[] = " _.-:=+*#";
	eighths = eighths < 0 ? 0 : eighths > 8 ? 8 : eighths;
	return ascii ? (uint32_t)signs[eighths] : eighths ? 0x2580u + (uint32_t)eighths : ' ';
}

static void
draw_wave(const struct screen *s, const struct layout *l, struct grid *g, int row, int strip)
{
	const uint8_t *level = s->tape.level[strip];
	for (int col = 0; col < l->cols; col++) {
		int from = col * DESK_TAPE_POINTS / l->cols, to = (col + 1) * DESK_TAPE_POINTS / l->cols, most = 0;
		for (int k = from; k < (to > from ? to : from + 1); k++)
			most = level[k] > most ? level[k] : most;
		double place = most > DESK_TAPE_SILENT ? 1 - (most - DESK_TAPE_FULL) / 4.0 / FLOOR : 0;
		/* what is there but silent is a thin line */
		int eighths = (int)lround(place * l->height * 8);
		eighths = most >= DESK_TAPE_SILENT && eighths < 1 ? 1 : eighths;
		for (int k = 0; k < l->height; k++) {
			int part = eighths - (l->height - 1 - k) * 8;
			uint32_t ch = part_of(part, g->ascii);
			if (most == DESK_TAPE_UNREAD && k == l->height - 1)
				ch = g->ascii ? '?' : 0xb7;
			if (ch != ' ')
				grid_put(g, row + k, l->left + col, ch, GRID_COLOUR(s->view.strip[strip].colour));
		}
	}
}

static void
draw_strip(const struct screen *s, const struct layout *l, struct grid *g, int row, int strip)
{
	const struct desk_strip *is = &s->view.strip[strip];
	const char *name = is->name + strspn(is->name, "0123456789");
	name += strspn(name, " _-.");
	int chosen = strip == s->view.selected, foot = row + l->height - 1;
	grid_printf(g, foot, 0, l->left - 1, chosen ? GRID_REVERSE : 0, "%d %s", is->number, *name ? name : is->name);
	grid_put(g, foot, l->left - 1, is->mute ? 'M' : is->solo ? 'S' : ' ', GRID_BOLD);
	draw_wave(s, l, g, row, strip);
	if (chosen) {
		int now = column_of(s, l, s->view.position);
		g->cursor_row = foot;
		g->cursor_col = l->left + (now > 0 ? now : 0);
		g->cursor_col = g->cursor_col < g->cols ? g->cursor_col : g->cols - 1;
	}
}

/* Where the song is, in words. */
static void
draw_words(const struct screen *s, struct grid *g, int row)
{
	const struct desk_view *v = &s->view;
	char now[32], end[32], in[32], out[32];
	double rate = v->rate > 0 ? v->rate : 48000;
	time_text((double)v->position / rate, 1, now);
	time_text((double)s->tape.length / rate, 1, end);
	int col = grid_printf(g, row, 0, -1, GRID_BOLD, "%s of %s  %s", now, end, v->section);
	if (v->loop_out > 0) {
		time_text((double)v->loop_in / rate, 1, in);
		time_text((double)v->loop_out / rate, 1, out);
		col = grid_printf(g, row, col, -1, 0, "  loop %s to %s%s", in, out, v->looping ? "" : " (off)");
	}
	if (s->tape.done < 1)
		grid_printf(g, row, col, -1, 0, "  reading the stems: %.0f %%", floor((double)s->tape.done * 100));
}

static struct layout
lay_out(struct screen *s, const struct grid *g)
{
	struct layout l = {.head = g->rows >= 8 ? 3 : g->rows >= 4 ? 1 : 0, .left = g->cols >= 120 ? 18 : 9};
	l.cols = g->cols - l.left;
	int strips = 0, room = g->rows - l.head - (g->rows >= 3), chosen = s->view.selected;
	while (strips < s->view.strips && s->view.strip[strips].kind == DESK_STRIP)
		strips++;
	l.height = strips ? room / strips : 1;
	l.height = l.height < 1 ? 1 : l.height > 4 ? 4 : l.height;
	l.count = room / l.height < 1 ? 1 : room / l.height;
	l.count = l.count > strips ? strips : l.count;
	chosen = chosen >= strips ? strips - 1 : chosen;
	l.first = s->tape_first = grid_scroll(s->tape_first, chosen, l.count, strips);
	return l;
}

void
tape_draw(struct screen *s, struct grid *g)
{
	struct layout l = lay_out(s, g);
	if (s->desk)
		desk_tape(s->desk, &s->tape);
	g->cursor_row = g->cursor_col = 0;
	for (int k = 0; k < l.count && l.head + k * l.height < g->rows; k++)
		draw_strip(s, &l, g, l.head + k * l.height, l.first + k);
	if (l.head >= 3) {
		draw_markers(s, &l, g, 0);
		draw_times(s, &l, g, 1);
	}
	if (l.head)
		draw_head(s, &l, g, l.head - 1);
	if (g->rows >= 3 || !l.count)
		draw_words(s, g, g->rows - 1);
}
