#include "ui/meters.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define FALL 20.0f    /* dB a second that a meter falls */
#define HOLD 1.5      /* seconds that a peak is held */
#define LOAD_HOLD 1.0 /* seconds that the worst load is shown */

void
meters_clear_peaks(struct meters *m)
{
	for (int k = 0; k < DESK_STRIPS; k++) {
		m->hold[k] = m->most[k] = DESK_SILENCE;
		m->clips[k] = 0;
	}
}

void
meters_move(struct meters *m, const struct desk_view *v, double now)
{
	if (m->structure != v->structure || m->shown == 0) {
		m->structure = v->structure;
		for (int k = 0; k < DESK_STRIPS; k++)
			m->level[k][0] = m->level[k][1] = DESK_SILENCE;
		meters_clear_peaks(m);
	}
	float fall = FALL * (float)(now - m->shown);
	for (int k = 0; k < v->strips; k++) {
		const struct desk_strip *s = &v->strip[k];
		float most = s->peak[0] > s->peak[1] ? s->peak[0] : s->peak[1];
		for (int c = 0; c < 2; c++)
			m->level[k][c] = fmaxf(s->peak[c], fmaxf(m->level[k][c] - fall, DESK_SILENCE));
		if (most >= m->hold[k] || now - m->held[k] > HOLD) {
			m->hold[k] = most;
			m->held[k] = now;
		}
		m->most[k] = fmaxf(m->most[k], most);
		m->clips[k] += most > 0;
	}
	if (v->load >= m->load || now - m->loaded > LOAD_HOLD) {
		m->load = v->load;
		m->loaded = now;
	}
	m->shown = now;
}

/* Where a level stands in a meter, 0 to 1: steeper near full scale, as engineers know meters (IEC 60268-18). */
static float
deflection(float db)
{
	static const float knee[][2] = {{METER_LOW, 0}, {-40, 0.15f}, {-30, 0.3f}, {-20, 0.5f}, {0, 1}};
	if (db <= METER_LOW)
		return 0;
	for (int k = 1; k < 5; k++)
		if (db <= knee[k][0])
			return knee[k - 1][1] +
			       (db - knee[k - 1][0]) * (knee[k][1] - knee[k - 1][1]) / (knee[k][0] - knee[k - 1][0]);
	return 1;
}

static unsigned
row_colour(int row, int rows)
{
	float top = (float)(rows - row) / (float)rows;
	return GRID_COLOUR(top > 0.93f ? 1 : top > 0.7f ? 3 : 2);
}

void
meters_bar(struct grid *g, int row, int rows, int col, float level, float hold)
{
	int steps = g->ascii ? 2 : 8;
	int lit = (int)lroundf(deflection(level) * (float)(rows * steps));
	int mark = hold > METER_LOW ? (int)(deflection(hold) * ((float)rows - 0.01f)) : -1;
	for (int k = 0; k < rows; k++) {
		int from_foot = rows - 1 - k, part = lit - from_foot * steps;
		uint32_t ch = ' ';
		if (part >= steps)
			ch = g->ascii ? '#' : 0x2588;
		else if (part > 0)
			ch = g->ascii ? ':' : 0x2580 + (uint32_t)part;
		else if (from_foot == mark)
			ch = g->ascii ? '-' : 0x2594;
		grid_put(g, row + k, col, ch, ch == ' ' ? 0 : row_colour(k, rows));
	}
}

void
meters_hanging(struct grid *g, int row, int rows, int col, float part)
{
	int lit = (int)lroundf(fminf(fmaxf(part, 0), 1) * (float)(rows * 2));
	for (int k = 0; k < rows && 2 * k < lit; k++) {
		int whole = lit >= 2 * k + 2;
		grid_put(g, row + k, col, g->ascii ? whole ? '|' : '\'' : whole ? 0x2588 : 0x2580, GRID_COLOUR(5));
	}
}

void
meters_level_text(float db, int width, int ascii, char *to, size_t size)
{
	if (db <= -100)
		snprintf(to, size, "%s", ascii ? "off" : width > 3 ? "-\u221e" : " -\u221e");
	else if (width >= 5)
		snprintf(to, size, "%+.1f", (double)db == 0 ? 0.0 : (double)db);
	else
		snprintf(to, size, "%.0f", (double)roundf(db) + 0.0);
}

void
meters_pan_text(float pan, char to[8])
{
	int p = (int)lroundf(fabsf(pan));
	if (p == 0)
		strcpy(to, "C");
	else if (p == 100)
		strcpy(to, pan < 0 ? "Lft" : "Rgt");
	else
		snprintf(to, 8, "%c%d", pan < 0 ? 'L' : 'R', p);
}

void
meters_right(struct grid *g, int row, int col, int width, unsigned style, const char *text)
{
	int pad = width - grid_width(g, text);
	grid_text(g, row, col, pad > 0 ? pad : 0, style, "");
	grid_text(g, row, pad > 0 ? col + pad : col, pad > 0 ? width - pad : width, style, text);
}
