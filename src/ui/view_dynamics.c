#include "ui/view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/canvas.h"
#include "ui/past.h"

#define LOW -72.0 /* dB at the foot and the left of a transfer curve */
#define HIGH 12.0
#define SECOND (1000 / DESK_PAST_MS) /* points of history */

int
dynamics_row(const struct screen *s, int k, char *address, size_t size)
{
	return rows_address(&s->strip.dynamics, &s->values, k, "@/", address, size);
}

/* `column` goes from group to group. */
int
dynamics_command(struct screen *s, const char *name, const char *args)
{
	if (strcmp(name, "column") != 0)
		return 0;
	s->row[s->current - views] = rows_group(&s->strip.dynamics, screen_row(s), atoi(args));
	return 1;
}

/* "-12.3", "-inf" where there is nothing. */
static void
level_text(float db, char to[16])
{
	if (db <= (float)LOW)
		strcpy(to, "-inf");
	else
		snprintf(to, 16, "%.1f", (double)db + 0.0);
}

/* In the first row: whether one is on, what drives it, and what it takes. */
static void
draw_levels(const struct screen *s, struct grid *g, int gate)
{
	int on = gate ? s->values.shape.gate_on : s->values.shape.comp_on;
	char in[16], heard[8] = "", which = s->values.heard[gate ? DESK_HEARD_GATE : DESK_HEARD_COMP];
	level_text(gate ? s->strip.gate_level : s->strip.comp_level, in);
	if (which)
		snprintf(heard, sizeof heard, " %c", which);
	grid_printf(g, 0, 0, g->cols, GRID_BOLD, g->cols < 30 ? "%s%s %s %s GR %.1f" : "%s%s %s  in %s  takes %.1f dB",
	            gate ? "gate" : "comp", heard, on ? "on" : "off", in,
	            (double)s->strip.reduction[gate ? DESK_BY_GATE : DESK_BY_COMP]);
}

/*
 * A transfer curve with its title above and levels below, in a grid of its own. A gate has two: what it does as it
 * opens, and dashed what it still lets through before it closes.
 */
static void
draw_curve(const struct screen *s, struct grid *g, int gate)
{
	static const unsigned style[] = {0, 0, 0, GRID_COLOUR(3), GRID_BOLD | GRID_COLOUR(2)};
	const struct desk_shape *shape = &s->values.shape;
	const struct axis axis = {LOW, HIGH, 0};
	int on = gate ? shape->gate_on : shape->comp_on, left = g->cols >= 20 ? 4 : 0;
	float level = gate ? s->strip.scope.gate_level : s->strip.scope.comp_level, y[2 * CANVAS_COLS],
	      falling[2 * CANVAS_COLS];
	struct canvas c;
	canvas_begin(&c, g->rows - 2, g->cols - left, axis, axis);
	for (int x = 0; x < c.cols * 2; x++) {
		double in = canvas_x_value(&c, x);
		y[x] = (float)(gate ? desk_gate_curve(shape, in, 0) : desk_comp_curve(shape, in));
		falling[x] = (float)desk_gate_curve(shape, in, 1);
	}
	canvas_rule_x(&c, gate ? shape->gate_threshold : shape->comp_threshold);
	if (!g->ascii)
		canvas_rule_y(&c, 0, 8);
	/* as it comes, so it goes: what is above or below is the processor's */
	for (int x = 0; x < c.cols * 2; x += 4)
		canvas_dot(&c, x, canvas_y(&c, canvas_x_value(&c, x)), CANVAS_RULE);
	if (gate)
		canvas_curve(&c, falling, CANVAS_FAINT);
	canvas_curve(&c, y, on ? CANVAS_LINE : CANVAS_FAINT);
	canvas_put(&c, g, 1, left, style);
	if (left)
		canvas_label_db(&c, g, 1, 0, left - 1, 24);
	canvas_label_level(&c, g, g->rows - 1, left, 24);
	if (on && level > (float)LOW) {
		float reduction = s->strip.scope.reduction[gate ? DESK_BY_GATE : DESK_BY_COMP];
		double in = fmin((double)level, HIGH);
		/* where it is, which on the way is not where it will come to rest */
		double out = gate ? in - (double)reduction : desk_comp_curve(shape, in);
		int row = canvas_y(&c, fmax(LOW, fmin(HIGH, out))) / 4;
		grid_put(g, 1 + row, left + canvas_x(&c, in) / 2, g->ascii ? 'O' : 0x25cf, GRID_BOLD | GRID_COLOUR(1));
	}
	draw_levels(s, g, gate);
}

/* The history moves on by a whole second: between that, only its end changes. */
static void
draw_past(const struct screen *s, struct grid *g, enum desk_reducer which)
{
	static const char *const names[] = {"gate", "de-esser", "comp", "limiter"};
	int ahead = (int)(SECOND - s->strip.scope.points % SECOND) % SECOND;
	past_draw(g, s->strip.scope.past[which], ahead, names[which], s->strip.reduction[which], GRID_BOLD);
}

/* Whose history is shown: of the value in focus, else of the compressor. */
static enum desk_reducer
reducer_of(const struct screen *s, int row)
{
	const struct rows *r = &s->strip.dynamics;
	const char *group = row >= 0 && row < r->count && r->value[row] >= 0 ? s->values.value[r->value[row]].group : "";
	const struct desk_shape *shape = &s->values.shape;
	if (!strcmp(group, "gate"))
		return DESK_BY_GATE;
	if (!strcmp(group, "deess"))
		return DESK_BY_DEESS;
	return !*group && shape->gate_on && !shape->comp_on ? DESK_BY_GATE : DESK_BY_COMP;
}

static void
draw_curves(const struct screen *s, struct grid *g, enum desk_reducer which)
{
	/* both side by side, or the one that is looked at */
	if (g->cols < 40) {
		draw_curve(s, g, which == DESK_BY_GATE);
		return;
	}
	int half = g->cols / 2;
	struct grid comp = grid_part(g, 0, 0, g->rows, half - 1);
	struct grid gate = grid_part(g, 0, half, g->rows, g->cols - half);
	draw_curve(s, &comp, 0);
	draw_curve(s, &gate, 1);
}

/* The main values of gate or compressor in a line. */
static void
draw_summary(const struct screen *s, struct grid *g, int row, int gate)
{
	/* the first two go without a word: a level and a ratio, or two levels */
	static const char *const shown[2][5] = {
	    {"threshold", "ratio", "attack", "release", "makeup"},
	    {"threshold", "range", "attack", "hold", "release"},
	};
	int col = grid_text(g, row, 0, -1, GRID_BOLD, gate ? "gate" : "comp");
	for (size_t k = 0; k < 5; k++) {
		char address[80];
		snprintf(address, sizeof address, "%s/%s", gate ? "gate" : "comp", shown[gate][k]);
		const struct desk_value *v = desk_value_find(&s->values, address);
		if (v)
			col = grid_printf(g, row, col, -1, 0, " %s%s%s", k < 2 ? "" : shown[gate][k], k < 2 ? "" : " ", v->text);
	}
}

/* A panel has no focus: curves, the past, and what is set of those that are on. */
static void
draw_panel(const struct screen *s, struct grid *g, enum desk_reducer which)
{
	const struct desk_shape *shape = &s->values.shape;
	int words = g->rows >= 12 ? shape->gate_on + shape->comp_on : 0, past = g->rows >= 10 ? (g->rows - words) / 3 : 0;
	struct grid curves = grid_part(g, 0, 0, g->rows - words - past, g->cols);
	struct grid history = grid_part(g, curves.rows, 0, past, g->cols);
	draw_curves(s, &curves, which);
	if (past)
		draw_past(s, &history, which);
	if (words && shape->gate_on)
		draw_summary(s, g, g->rows - words, 1);
	if (words && shape->comp_on)
		draw_summary(s, g, g->rows - 1, 0);
}

void
dynamics_draw(struct screen *s, struct grid *g)
{
	struct strip *strip = &s->strip;
	strip->wanted = 1;
	int row = s->current->draw == dynamics_draw ? screen_row(s) : -1;
	enum desk_reducer which = reducer_of(s, row);
	if (s->values.kind == DESK_DCA) {
		grid_text(g, 0, 0, -1, 0, "a DCA has no dynamics; h and l choose a strip");
		return;
	}
	if (s->current->draw != dynamics_draw) {
		draw_panel(s, g, which);
		return;
	}
	/* curves beside the values, or above them, or the values alone */
	int beside = g->cols >= 70, curves = 0, past = 0, left = g->cols;
	if (beside) {
		left = g->cols - (g->cols >= 100 ? g->cols * 2 / 5 : 34);
		past = g->rows >= 16 ? (g->rows - 1) / 3 : 0;
		curves = g->rows - past;
	} else if (g->rows >= 12) {
		curves = g->rows * 2 / 5;
		past = g->rows >= 20 ? g->rows / 5 : 0;
	}
	if (curves >= 5) {
		struct grid part = grid_part(g, 0, 0, curves, left - beside);
		draw_curves(s, &part, which);
	} else {
		curves = 0;
	}
	if (past) {
		struct grid part = grid_part(g, curves, 0, past, left - beside);
		draw_past(s, &part, which);
	}
	if (!curves && g->rows >= 4) {
		/* no room for a curve: its levels alone */
		struct grid part = grid_part(g, 0, 0, 1, g->cols);
		draw_levels(s, &part, which == DESK_BY_GATE);
		curves = 1;
	}
	int top = beside && curves > 1 ? 0 : curves + past, at = beside && curves > 1 ? left : 0;
	struct grid part = grid_part(g, top, at, g->rows - top, g->cols - at);
	rows_draw(&strip->dynamics, &s->values, row, &strip->dynamics_first, &part);
	g->cursor_row = top + part.cursor_row;
	g->cursor_col = at + part.cursor_col;
}
