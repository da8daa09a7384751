#include "ui/meters.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define STILL 0.4f    /* dB that a level falls before its meter does: a steady tone stands still */
#define NUMBERS 0.15  /* seconds that a gain reduction stands */
#define LOAD_HOLD 1.0 /* seconds that the worst load is shown */

/* The strips of the view are the same as before, or they begin anew. */
static void
follow(struct meters *m, int k, const struct desk_strip *s)
{
	if (m->uid[k] == s->uid)
		return;
	m->uid[k] = s->uid;
	m->level[k][0] = m->level[k][1] = DESK_SILENCE;
	m->reduction[k] = m->reduced[k] = 0;
}

void
meters_move(struct meters *m, struct desk_view *v, double now)
{
	int count = now - m->counted >= NUMBERS;
	m->turn++;
	m->counted = count ? now : m->counted;
	for (int k = 0; k < v->strips; k++) {
		struct desk_strip *s = &v->strip[k];
		follow(m, k, s);
		for (int c = 0; c < 2; c++) {
			float *level = &m->level[k][c];
			if (s->level[c] > *level || ((m->turn + (unsigned)k) % 2 && s->level[c] < *level - STILL))
				*level = s->level[c];
			s->level[c] = *level;
		}
		m->reduced[k] = fmaxf(m->reduced[k], s->reduction);
		if (count) {
			m->reduction[k] = m->reduced[k];
			m->reduced[k] = 0;
		}
		s->reduction = m->reduction[k];
	}
	if (v->load >= m->load || now - m->loaded > LOAD_HOLD) {
		m->load = v->load;
		m->loaded = now;
	}
}

void
meters_hold(struct meters *m, struct desk_view *v)
{
	for (int k = 0; k < v->strips; k++) {
		struct desk_strip *s = &v->strip[k];
		follow(m, k, s);
		memcpy(s->level, m->level[k], sizeof s->level);
		s->reduction = m->reduction[k];
	}
}

void
meters_hide(struct meters *m, struct desk_view *v)
{
	for (int k = 0; k < v->strips; k++) {
		struct desk_strip *s = &v->strip[k];
		s->level[0] = s->level[1] = s->hold = s->most = DESK_SILENCE;
		s->reduction = 0;
		s->clips = 0;
	}
	v->load = v->load_mean = m->load = 0;
	v->disk = 1;
	if (v->playing && v->rate >= 1)
		v->position -= v->position % (int64_t)v->rate;
}

void
meters_bar(struct grid *g, int row, int rows, int col, const struct meters_reading *m)
{
	int steps = g->ascii ? 2 : 8;
	float careful, loud, hold = desk_needle_place(m->needle, m->hold);
	int lit = (int)lroundf(desk_needle_place(m->needle, m->level) * (float)(rows * steps));
	int mark = hold > 0 ? (int)(hold * ((float)rows - 0.01f)) : -1;
	desk_needle_zones(m->needle, &careful, &loud);
	for (int k = 0; k < rows; k++) {
		int from_foot = rows - 1 - k, part = lit - from_foot * steps;
		float top = (float)(rows - k) / (float)rows;
		uint32_t ch = ' ';
		if (part >= steps)
			ch = g->ascii ? '#' : 0x2588;
		else if (part > 0)
			ch = g->ascii ? ':' : 0x2580 + (uint32_t)part;
		else if (from_foot == mark)
			ch = g->ascii ? '-' : 0x2594;
		grid_put(g, row + k, col, ch, ch == ' ' ? 0 : GRID_COLOUR(top > loud ? 1 : top > careful ? 3 : 2));
	}
}

void
meters_scale(struct grid *g, int row, int rows, int col, int width, enum desk_needle needle)
{
	/* those that are looked for first; PPM counts from 1 to 7 */
	static const int levels[] = {0, -20, -10, -40, -6, -30, 4, 3, -3, -15, 8, 12, -25, -50},
	                 numbers[] = {4, 6, 2, 7, 5, 3, 1};
	const int *values = needle == DESK_PPM ? numbers : levels;
	size_t count = needle == DESK_PPM ? sizeof numbers / sizeof *numbers : sizeof levels / sizeof *levels;
	float zero = desk_needle_value(needle, 0), slope = desk_needle_value(needle, 1) - zero;
	uint64_t used = 0;
	for (size_t k = 0; k < count; k++) {
		float place = desk_needle_place(needle, ((float)values[k] - zero) / slope);
		int cell = (int)ceilf(place * (float)rows - 0.01f) - 1;
		char text[8];
		snprintf(text, sizeof text, needle != DESK_PPM && values[k] > 0 ? "+%d" : "%d",
		         width < 3 && values[k] < 0 ? -values[k] : values[k]);
		if (cell < 0 || cell >= rows || cell >= 64 || used >> cell & 1 || (int)strlen(text) > width)
			continue;
		/* what lies above the end of the scale has no place of its own */
		if (place >= 1 && desk_needle_place(needle, ((float)values[k] - 0.1f - zero) / slope) >= 1)
			continue;
		used |= UINT64_C(1) << cell;
		meters_right(g, row + rows - 1 - cell, col, width, 0, text);
	}
}

void
meters_hanging(struct grid *g, int row, int rows, int col, float part)
{
	int lit = (int)lroundf(fminf(fmaxf(part, 0), 1) * (float)(rows * 2));
	for (int k = 0; k < rows && 2 * k < lit; k++) {
		int whole = lit >= 2 * k + 2;
		grid_put(g, row + k, col, g->ascii ? whole ? '|' : '\'' : whole ? 0x2502 : 0x2575, GRID_COLOUR(5));
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
