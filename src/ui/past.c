#include "ui/past.h"

#include "ui/canvas.h"

/* What is greatest between two points. */
static float
most_of(const float *past, int from, int to)
{
	float most = 0;
	for (int k = from; k < to && k < DESK_PAST; k++)
		most = past[k] > most ? past[k] : most;
	return most;
}

void
past_draw(struct grid *g, const float past[DESK_PAST], int ahead, const char *title, float now, unsigned style)
{
	static const unsigned styles[] = {0, 0, GRID_COLOUR(3), 0, 0};
	float most = most_of(past, ahead, DESK_PAST), y[2 * CANVAS_COLS];
	int left = g->cols >= 20 ? 4 : 0;
	double depth = most > 24 ? 96 : most > 12 ? 24 : most > 6 ? 12 : 6;
	struct canvas c;
	canvas_begin(&c, g->rows - 1, g->cols - left, (struct axis){-10, 0, 0}, (struct axis){-depth, 0, 0});
	int dots = c.cols * 2;
	for (int x = 0; x < dots; x++) {
		int from = x * DESK_PAST / dots, to = (x + 1) * DESK_PAST / dots;
		y[x] = -most_of(past, from + ahead, (to > from ? to : from + 1) + ahead);
	}
	canvas_rule_y(&c, 0, 4);
	canvas_area(&c, y, 0);
	canvas_put(&c, g, 1, left, styles);
	if (left)
		canvas_label_db(&c, g, 1, 0, left - 1, (int)depth / 2);
	grid_printf(g, 0, 0, g->cols, style, "%s, 10 s: takes %.1f dB, at most %.1f", title, (double)now, (double)most);
}
