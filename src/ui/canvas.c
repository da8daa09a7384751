#include "ui/canvas.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

double
axis_place(const struct axis *a, double value)
{
	if (a->log)
		return value > 0 ? log(value / a->low) / log(a->high / a->low) : -1;
	return (value - a->low) / (a->high - a->low);
}

double
axis_at(const struct axis *a, double place)
{
	return a->log ? a->low * pow(a->high / a->low, place) : a->low + place * (a->high - a->low);
}

void
canvas_begin(struct canvas *c, int rows, int cols, struct axis x, struct axis y)
{
	memset(c, 0, sizeof *c);
	c->rows = rows < 0 ? 0 : rows > CANVAS_ROWS ? CANVAS_ROWS : rows;
	c->cols = cols < 0 ? 0 : cols > CANVAS_COLS ? CANVAS_COLS : cols;
	c->x = x;
	c->y = y;
}

/* A place on an axis as a dot; both ends of the axis have the middle of a dot. */
static int
dot_of(double place, int dots)
{
	if (!(place > -1e3) || !(place < 1e3))
		return place > 0 ? dots : -1;
	long dot = lround(place * (dots - 1));
	return dot < 0 ? -1 : dot > dots ? dots : (int)dot;
}

int
canvas_x(const struct canvas *c, double x)
{
	return dot_of(axis_place(&c->x, x), c->cols * 2);
}

int
canvas_y(const struct canvas *c, double y)
{
	return dot_of(1 - axis_place(&c->y, y), c->rows * 4);
}

double
canvas_x_value(const struct canvas *c, int x)
{
	return axis_at(&c->x, c->cols ? (double)x / (c->cols * 2 - 1) : 0);
}

void
canvas_dot(struct canvas *c, int x, int y, enum canvas_layer layer)
{
	static const uint8_t bits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
	if (x < 0 || x >= c->cols * 2 || y < 0 || y >= c->rows * 4)
		return;
	uint8_t *cell = &c->dots[y / 4][x / 2], *on = &c->layer[y / 4][x / 2];
	if (*on > layer)
		return;
	if (*on < layer)
		*cell = 0;
	*on = (uint8_t)layer;
	*cell |= bits[y % 4][x % 2];
}

void
canvas_line(struct canvas *c, double x0, double y0, double x1, double y1, enum canvas_layer layer)
{
	double from_x = axis_place(&c->x, x0) * (c->cols * 2 - 1), to_x = axis_place(&c->x, x1) * (c->cols * 2 - 1);
	double from_y = (1 - axis_place(&c->y, y0)) * (c->rows * 4 - 1),
	       to_y = (1 - axis_place(&c->y, y1)) * (c->rows * 4 - 1);
	double most = fmax(fabs(to_x - from_x), fabs(to_y - from_y));
	if (!(most < 1e5))
		return;
	int steps = (int)ceil(most);
	for (int k = 0; k <= steps; k++) {
		double part = steps ? (double)k / steps : 0;
		canvas_dot(c, (int)lround(from_x + part * (to_x - from_x)), (int)lround(from_y + part * (to_y - from_y)),
		           layer);
	}
}

void
canvas_curve(struct canvas *c, const float *y, enum canvas_layer layer)
{
	int last = 0, joined = 0;
	for (int x = 0; x < c->cols * 2; x++) {
		if (isnan(y[x])) {
			joined = 0;
			continue;
		}
		int at = canvas_y(c, (double)y[x]);
		/* each column goes on from where the last one ended */
		int from = joined ? last + (at > last ? 1 : at < last ? -1 : 0) : at;
		int step = at >= from ? 1 : -1;
		for (int k = from; layer != CANVAS_FAINT || x % 4 < 2; k += step) {
			canvas_dot(c, x, k, layer);
			if (k == at)
				break;
		}
		last = at;
		joined = 1;
	}
}

void
canvas_area(struct canvas *c, const float *y, double base)
{
	int foot = canvas_y(c, base);
	for (int x = 0; x < c->cols * 2; x += 2) {
		int a = isnan(y[x]) ? foot : canvas_y(c, (double)y[x]),
		    b = isnan(y[x + 1]) ? foot : canvas_y(c, (double)y[x + 1]);
		int at = (a - foot) * (a - foot) > (b - foot) * (b - foot) ? a : b;
		for (int k = at < foot ? at : foot; k <= (at < foot ? foot : at) && at != foot; k++)
			canvas_dot(c, x, k, CANVAS_AREA);
	}
}

void
canvas_rule_y(struct canvas *c, double y, int every)
{
	int at = canvas_y(c, y);
	for (int x = 0; x < c->cols * 2; x += every)
		canvas_dot(c, x, at, CANVAS_RULE);
}

void
canvas_rule_x(struct canvas *c, double x)
{
	int at = canvas_x(c, x);
	for (int y = 0; y < c->rows * 4; y += 4)
		canvas_dot(c, at, y, CANVAS_RULE);
}

/* The sign that looks most like the dots of a cell. */
static uint32_t
ascii_of(uint8_t dots, enum canvas_layer layer)
{
	static const uint8_t rows[4] = {0x09, 0x12, 0x24, 0xc0};
	int top = -1, foot = -1;
	for (int k = 0; k < 4; k++)
		if (dots & rows[k]) {
			top = top < 0 ? k : top;
			foot = k;
		}
	if (layer == CANVAS_AREA)
		return top < 2 ? ':' : '.';
	if (layer == CANVAS_RULE)
		return '.';
	if (foot - top >= 2)
		return '|';
	return top + foot <= 1 ? '\'' : top + foot >= 5 ? '.' : '-';
}

void
canvas_put(const struct canvas *c, struct grid *g, int row, int col, const unsigned style[CANVAS_LINE + 1])
{
	for (int r = 0; r < c->rows; r++)
		for (int k = 0; k < c->cols; k++) {
			enum canvas_layer layer = c->layer[r][k];
			if (layer != CANVAS_NONE)
				grid_put(g, row + r, col + k, g->ascii ? ascii_of(c->dots[r][k], layer) : 0x2800u + c->dots[r][k],
				         style[layer]);
		}
}

/* A label with its middle below a column of dots, where there is a blank left beside the others. */
static void
label_below(const struct canvas *c, struct grid *g, int row, int col, int dot, const char *text, char *used)
{
	int n = (int)strlen(text), at = dot / 2 - (n - 1) / 2;
	if (dot < 0 || dot >= c->cols * 2 || n > c->cols)
		return;
	at = at < 0 ? 0 : at > c->cols - n ? c->cols - n : at;
	for (int k = at - 1; k <= at + n; k++)
		if (k >= 0 && used[k])
			return;
	memset(used + at, 1, (size_t)n);
	grid_text(g, row, col + at, n, 0, text);
}

void
canvas_label_hz(const struct canvas *c, struct grid *g, int row, int col)
{
	static const struct {
		double hz;
		const char *text;
	} labels[] = {{100, "100"}, {1000, "1k"}, {10000, "10k"}, {20, "20"},   {50, "50"},
	              {200, "200"}, {500, "500"}, {2000, "2k"},   {5000, "5k"}, {20000, "20k"}};
	char used[CANVAS_COLS + 2] = {0};
	for (size_t k = 0; k < sizeof labels / sizeof *labels; k++)
		label_below(c, g, row, col, canvas_x(c, labels[k].hz), labels[k].text, used);
}

void
canvas_label_level(const struct canvas *c, struct grid *g, int row, int col, int step)
{
	char used[CANVAS_COLS + 2] = {0}, text[16];
	for (int k = (int)floor(c->x.high / step); k >= (int)ceil(c->x.low / step); k--) {
		snprintf(text, sizeof text, "%d", k * step);
		label_below(c, g, row, col, canvas_x(c, k * step), text, used);
	}
}

void
canvas_label_db(const struct canvas *c, struct grid *g, int row, int col, int width, int step)
{
	char used[CANVAS_ROWS] = {0};
	/* 0 first: it is what the others are read against */
	for (int pass = 0; pass < 2; pass++)
		for (int k = (int)ceil(c->y.low / step); k <= (int)floor(c->y.high / step); k++) {
			int at = canvas_y(c, k * step);
			if ((k == 0) != (pass == 0) || at < 0 || at >= c->rows * 4 || used[at / 4]++)
				continue;
			char text[16];
			snprintf(text, sizeof text, c->y.high > 0 && k > 0 ? "+%d" : "%d", k * step);
			grid_printf(g, row + at / 4, col, width, 0, "%*s", width, text);
		}
}
