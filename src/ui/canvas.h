/*
 * Curves in a grid: a field of dots, 2 x 4 to a cell (braille, or . - ' | where there is only ASCII), with axes, their
 * labels and layers that do not run into each other. The UI's thread.
 */
#ifndef UI_CANVAS_H
#define UI_CANVAS_H

#include <stdint.h>

#include "ui/grid.h"

/* The most cells of a canvas; a larger place is filled as far as that. */
#define CANVAS_ROWS 64
#define CANVAS_COLS 256

struct axis {
	double low, high; /* left or foot, and right or top */
	int log;          /* equal steps are equal ratios */
};

/* Where a value lies, 0 at the low end to 1 at the high one, and beyond; and the value at such a place. */
double axis_place(const struct axis *a, double value);
double axis_at(const struct axis *a, double place);

/* What a cell shows: the highest layer that has dots in it, and nothing of those below. */
enum canvas_layer { CANVAS_NONE, CANVAS_RULE, CANVAS_AREA, CANVAS_FAINT, CANVAS_LINE };

struct canvas {
	int rows, cols; /* cells */
	struct axis x, y;
	uint8_t dots[CANVAS_ROWS][CANVAS_COLS]; /* bits as in U+2800 */
	uint8_t layer[CANVAS_ROWS][CANVAS_COLS];
};

void canvas_begin(struct canvas *c, int rows, int cols, struct axis x, struct axis y);

/* Dots across and down from the top left of a value; outside of the canvas: -1, or past the last. */
int canvas_x(const struct canvas *c, double x);
int canvas_y(const struct canvas *c, double y);

/* The value of the x axis in the middle of a column of dots. */
double canvas_x_value(const struct canvas *c, int x);

/* A dot, by dots across and down; outside: nothing. */
void canvas_dot(struct canvas *c, int x, int y, enum canvas_layer layer);

/* A straight line of values, both ends included. */
void canvas_line(struct canvas *c, double x0, double y0, double x1, double y1, enum canvas_layer layer);

/* A curve of one value for each column of dots (2 x cols of them), joined; NAN is a gap. CANVAS_FAINT is dashed. */
void canvas_curve(struct canvas *c, const float *y, enum canvas_layer layer);

/* All between such a curve and a value, as an area of thin lines. */
void canvas_area(struct canvas *c, const float *y, double base);

/* A dotted rule at a value of the y axis, a dot each `every` dots, or of the x axis, one in a cell. */
void canvas_rule_y(struct canvas *c, double y, int every);
void canvas_rule_x(struct canvas *c, double x);

/* Puts it into a grid with its top left there; style of each layer. */
void canvas_put(const struct canvas *c, struct grid *g, int row, int col, const unsigned style[CANVAS_LINE + 1]);

/*
 * Labels: frequencies or levels below a canvas that begins at col, levels in `width` cells left of one that begins at
 * row.
 */
void canvas_label_hz(const struct canvas *c, struct grid *g, int row, int col);
void canvas_label_db(const struct canvas *c, struct grid *g, int row, int col, int width, int step);
void canvas_label_level(const struct canvas *c, struct grid *g, int row, int col, int step);

#endif
