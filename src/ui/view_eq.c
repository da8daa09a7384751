#include "ui/view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/canvas.h"
#include "ui/spectrum.h"

/*
 * The values as a table: the equaliser as a whole, the high-pass, six bands and the low-pass, by six columns. Row k of
 * the frame is LINE * COLUMNS + COLUMN.
 */
enum { COLUMNS = 6, LINES = DESK_BANDS + 3, HPF = 1, BAND = 2, LPF = LINES - 1 };
#define SPECTRUM_FOOT -90.0 /* dB at the foot of the plot, 0 at its top */

static int
value_address(int line, int column, char *to, size_t size)
{
	static const char *const band[COLUMNS] = {"on", "type", "freq", "gain", "q", "side"};
	static const char *const filter[COLUMNS] = {"on", "slope", "freq"};
	static const char *const whole[COLUMNS] = {"eq/on", "order"};
	to[0] = '\0';
	if (line == 0)
		snprintf(to, size, "%s", whole[column] ? whole[column] : "");
	else if (line != HPF && line != LPF)
		snprintf(to, size, "eq/%d/%s", line - BAND + 1, band[column]);
	else if (filter[column])
		snprintf(to, size, "%s/%s", line == HPF ? "hpf" : "lpf", filter[column]);
	return *to != '\0';
}

/* All strips have an equaliser, DCAs have none. */
static int
is_there(const struct screen *s, int line, int column)
{
	char address[80];
	return s->values.kind != DESK_DCA && value_address(line, column, address, sizeof address);
}

int
eq_row(const struct screen *s, int k, char *address, size_t size)
{
	char below[80];
	if (k < 0 || k >= LINES * COLUMNS)
		return ROW_END;
	if (!is_there(s, k / COLUMNS, k % COLUMNS))
		return ROW_NONE;
	value_address(k / COLUMNS, k % COLUMNS, below, sizeof below);
	snprintf(address, size, "@/%s", below);
	return 0;
}

/* The rows of the frame are single values: here `row` goes to another band and `column` to another value of it. */
int
eq_command(struct screen *s, const char *name, const char *args)
{
	int *row = &s->row[s->current - views], by = atoi(args);
	int line = *row / COLUMNS, column = *row % COLUMNS;
	if (!strcmp(name, "column")) {
		for (int step = by < 0 ? -1 : 1; by; by -= step) {
			int next = column + step;
			if (next < 0 || next >= COLUMNS || !is_there(s, line, next))
				break;
			column = next;
		}
	} else if (!strcmp(name, "row")) {
		line += by;
		line = line < 0 ? 0 : line >= LINES ? LINES - 1 : line;
		while (column > 0 && !is_there(s, line, column))
			column--;
	} else {
		return 0;
	}
	*row = line * COLUMNS + column;
	return 1;
}

/* How the table is laid out: columns of each value, 0 for one that there is no room for. */
struct table {
	int name, width[COLUMNS];
};

static struct table
lay_out_table(int cols, int column)
{
	static const int wide[COLUMNS] = {5, 11, 10, 10, 7, 7}, narrow[COLUMNS] = {4, 9, 9, 8, 5, 6};
	/* in the order of what may go first; the one in focus stays */
	static const int less[COLUMNS] = {5, 4, 1, 0, 3, 2};
	struct table t = {.name = cols >= 20 ? 6 : 4};
	int left = cols - t.name;
	for (int k = 0; k < COLUMNS; k++) {
		t.width[k] = cols >= 56 ? wide[k] : narrow[k];
		left -= t.width[k];
	}
	for (int k = 0; k < COLUMNS && left < 0; k++)
		if (less[k] != column) {
			left += t.width[less[k]];
			t.width[less[k]] = 0;
		}
	return t;
}

static void
draw_line(const struct screen *s, struct grid *g, int row, const struct table *t, int line, int column)
{
	char name[16], address[80];
	int col = t->name, focused = column >= 0;
	if (line == HPF || line == LPF)
		snprintf(name, sizeof name, "%c %s", focused ? '>' : ' ', line == HPF ? "HPF" : "LPF");
	else
		snprintf(name, sizeof name, "%c %d", focused ? '>' : ' ', line - BAND + 1);
	grid_text(g, row, 0, t->name, focused ? GRID_BOLD : 0, name);
	for (int k = 0; k < COLUMNS; col += t->width[k++]) {
		const struct desk_value *v = NULL;
		if (t->width[k] && value_address(line, k, address, sizeof address))
			v = desk_value_find(&s->values, address);
		if (!v)
			continue;
		unsigned style = (k == column ? GRID_REVERSE : 0) | (v->changed ? GRID_BOLD : 0);
		int numbers = v->type == DESK_REAL, width = t->width[k] - 1;
		const char *unit = !strcmp(v->group, "filter") && k == 1 ? " dB/oct" : "";
		char text[96];
		snprintf(text, sizeof text, "%s%s", v->text, (int)(strlen(v->text) + strlen(unit)) > width ? "" : unit);
		grid_printf(g, row, col, width, style, "%*s", numbers ? width : 0, text);
		if (k == column) {
			g->cursor_row = row;
			g->cursor_col = col < g->cols ? col : g->cols - 1;
		}
	}
}

static void
draw_table(const struct screen *s, struct grid *g, int row, int rows, int line, int column)
{
	static const char *const titles[COLUMNS] = {"on", "type", "freq", "gain", "Q", "side"};
	struct table t = lay_out_table(g->cols, column);
	int first = HPF;
	if (rows > LINES - 1) {
		for (int k = 0, col = t.name; k < COLUMNS; col += t.width[k++])
			if (t.width[k])
				grid_printf(g, row, col, t.width[k] - 1, GRID_UNDERLINE, "%*s", k >= 2 && k <= 4 ? t.width[k] - 1 : 0,
				            titles[k]);
		row++;
		rows--;
	}
	/* the one in focus in the middle */
	if (line > 0 && rows < LINES - 1)
		first = line - rows / 2;
	first = first > LINES - rows ? LINES - rows : first;
	first = first < HPF ? HPF : first;
	for (int k = 0; k < rows && first + k < LINES; k++)
		draw_line(s, g, row + k, &t, first + k, first + k == line ? column : -1);
}

/* The words of the first row: the equaliser as a whole. */
static void
draw_title(const struct screen *s, struct grid *g, int line, int column)
{
	char text[128], address[80];
	const struct desk_values *v = &s->values;
	int col = grid_text(g, 0, 0, -1, GRID_BOLD, "EQ");
	for (int k = 0; value_address(0, k, address, sizeof address); k++) {
		const struct desk_value *value = desk_value_find(v, address);
		col = grid_text(g, 0, col, -1, 0, k ? "  order " : " ");
		if (line == 0 && k == column) {
			g->cursor_row = 0;
			g->cursor_col = col < g->cols ? col : g->cols - 1;
		}
		if (value)
			col = grid_text(g, 0, col, -1, line == 0 && k == column ? GRID_REVERSE : 0, value->text);
	}
	/* what is compared */
	if (v->heard[DESK_HEARD_EQ])
		col = grid_printf(g, 0, col, -1, GRID_BOLD, "  %c is heard", v->heard[DESK_HEARD_EQ]);
	if (v->heard[DESK_HEARD_ALL])
		col = grid_printf(g, 0, col, -1, GRID_BOLD, "  %c of the desk", v->heard[DESK_HEARD_ALL]);
	snprintf(text, sizeof text, "   %s", v->name);
	grid_text(g, 0, col, -1, 0, text);
}

static void
make_curves(struct screen *s, const struct canvas *c)
{
	double hz[2 * CANVAS_COLS];
	if (s->strip.curve_version == s->values.version && s->strip.curve_cols == c->cols)
		return;
	for (int x = 0; x < c->cols * 2; x++)
		hz[x] = canvas_x_value(c, x);
	/* one that is off is drawn too, as what it would do */
	struct desk_shape shape = s->values.shape;
	shape.eq_on = 1;
	desk_eq_curve(&shape, hz, c->cols * 2, s->strip.middle, s->strip.side);
	s->strip.curve_version = s->values.version;
	s->strip.curve_cols = c->cols;
}

/* A sign on the curve at a frequency. */
static void
draw_marker(const struct screen *s, const struct canvas *c, struct grid *g, int left, double hz, int mid, char sign,
            int focused)
{
	int x = canvas_x(c, hz);
	x = x < 0 ? 0 : x >= c->cols * 2 ? c->cols * 2 - 1 : x;
	int y = canvas_y(c, (double)(mid ? s->strip.middle : s->strip.side)[x]);
	y = y < 0 ? 0 : y >= c->rows * 4 ? c->rows * 4 - 1 : y;
	grid_put(g, 1 + y / 4, left + x / 2, (uint32_t)sign, focused ? GRID_REVERSE | GRID_BOLD : GRID_BOLD);
}

static void
draw_markers(const struct screen *s, const struct canvas *c, struct grid *g, int left, int line)
{
	const struct desk_shape *shape = &s->values.shape;
	/* the one in focus over the others, and also where it is off */
	for (int pass = 0; pass < 2; pass++)
		for (int k = HPF; k < LINES; k++) {
			int band = k - BAND, focused = k == line;
			int on = k == HPF ? shape->hpf_on : k == LPF ? shape->lpf_on : shape->band[band].on;
			double hz = k == HPF ? shape->hpf_freq : k == LPF ? shape->lpf_freq : shape->band[band].freq;
			if (focused != pass || (!on && !focused))
				continue;
			draw_marker(s, c, g, left, hz, k == HPF || k == LPF || shape->band[band].side != 2,
			            k == HPF   ? 'H'
			            : k == LPF ? 'L'
			                       : (char)('1' + band),
			            focused);
		}
}

/* +-18 dB, and more where the bands or what they make together need it. */
static struct axis
level_axis(const struct screen *s, int count)
{
	double most = 17;
	for (int k = 0; k < DESK_BANDS; k++)
		if (s->values.shape.band[k].on)
			most = fmax(most, fabs(s->values.shape.band[k].gain));
	for (int x = 0; x < count; x++)
		most = fmax(most, fmax((double)s->strip.middle[x], (double)s->strip.side[x]));
	most = most <= 18 ? 18 : most <= 30 ? 30 : 60;
	return (struct axis){-most, most, 0};
}

/* The plot below the title in `rows` rows, the last of them for frequencies. */
static void
draw_plot(struct screen *s, struct grid *g, int rows, int line)
{
	static const unsigned style[] = {0, 0, GRID_COLOUR(4), GRID_COLOUR(3), GRID_BOLD | GRID_COLOUR(2)};
	struct canvas c;
	int left = g->cols >= 24 ? 4 : 0, right = g->cols >= 72 ? 5 : 0;
	const struct axis hz = {20, 20000, 1};
	canvas_begin(&c, rows - 1, g->cols - left - right, hz, (struct axis){-18, 18, 0});
	make_curves(s, &c);
	c.y = level_axis(s, c.cols * 2);
	spectrum_draw(&c, s->strip.spectrum, SPECTRUM_FOOT);
	for (int k = 6 * (int)ceil(c.y.low / 6); k <= c.y.high; k += 6)
		if (fmod(k, c.y.high / 3) == 0 && (!g->ascii || k == 0)) /* ASCII has too few signs to tell more apart */
			canvas_rule_y(&c, k, k == 0 ? 4 : 16);
	for (int decade = 100; !g->ascii && decade <= 10000; decade *= 10)
		canvas_rule_x(&c, decade);
	int sides = 0, on = s->values.shape.eq_on;
	for (int k = 0; k < DESK_BANDS; k++)
		sides |= s->values.shape.band[k].on && s->values.shape.band[k].side != 0;
	if (sides)
		canvas_curve(&c, s->strip.side, CANVAS_FAINT);
	canvas_curve(&c, s->strip.middle, on ? CANVAS_LINE : CANVAS_FAINT);
	canvas_put(&c, g, 1, left, style);
	draw_markers(s, &c, g, left, line);
	if (left)
		canvas_label_db(&c, g, 1, 0, left - 1, (int)c.y.high / 3);
	canvas_label_hz(&c, g, rows, left);
	if (right) {
		struct canvas levels;
		canvas_begin(&levels, c.rows, c.cols, hz, (struct axis){SPECTRUM_FOOT, 0, 0});
		canvas_label_db(&levels, g, 1, g->cols - right + 1, right - 1, 30);
	}
	const char *words = !on                             ? "dashed: what it would do"
	                    : sides                         ? "dashed: what the sides hear"
	                    : s->strip.scope.analyse_before ? "spectrum: before the EQ"
	                                                    : "";
	int n = (int)strlen(words);
	if (n && g->cols >= n + 40)
		grid_text(g, 0, g->cols - n, n, 0, words);
}

/* A panel has no focus: the plot, and below it the lines that do something. */
static void
draw_panel(struct screen *s, struct grid *g)
{
	const struct desk_shape *shape = &s->values.shape;
	int works[LINES], count = 0, rest = g->rows - 1;
	for (int line = HPF; line < LINES; line++) {
		const struct desk_band *band = line > HPF && line < LPF ? &shape->band[line - BAND] : NULL;
		/* a notch and its like need no gain */
		if (band ? band->on && (band->gain != 0 || band->type >= 3) : line == HPF ? shape->hpf_on : shape->lpf_on)
			works[count++] = line;
	}
	int most = rest >= 8 ? rest / 3 : 0;
	count = count > most ? most : count;
	struct table t = lay_out_table(g->cols, -1);
	if (rest - count >= 3)
		draw_plot(s, g, rest - count, -1);
	draw_title(s, g, -1, -1);
	for (int k = 0; k < count; k++)
		draw_line(s, g, g->rows - count + k, &t, works[k], -1);
}

void
eq_draw(struct screen *s, struct grid *g)
{
	s->strip.wanted = 1;
	int row = s->current->draw == eq_draw ? screen_row(s) : -1;
	int line = row < 0 ? -1 : row / COLUMNS, column = row < 0 ? -1 : row % COLUMNS;
	if (s->values.kind == DESK_DCA) {
		grid_text(g, 0, 0, -1, 0, "a DCA has no equaliser; h and l choose a strip");
		return;
	}
	if (s->current->draw != eq_draw) {
		draw_panel(s, g);
		return;
	}
	/* what the plot does not need is the table's; the smallest window has the value in focus alone */
	int title = g->rows > 1 || line == 0, rest = g->rows - title;
	int table = rest >= LINES + 5 ? LINES : rest >= 6 ? rest - 4 > LINES - 1 ? LINES - 1 : rest - 4 : rest;
	if (table < rest)
		draw_plot(s, g, rest - table, line);
	if (title)
		draw_title(s, g, line, column);
	if (table > 0)
		draw_table(s, g, g->rows - table, table, line, column);
}
