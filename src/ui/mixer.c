#include "ui/mixer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define FALL 20.0f       /* dB a second that a meter falls */
#define HOLD 1.5         /* seconds that a peak is held */
#define LOAD_HOLD 1.0    /* seconds that the worst load is shown */
#define METER_LOW -60.0f /* dB at the foot of a meter */

/* Rows of the overview and which of them there is room for. */
struct layout {
	int width, masters; /* columns of a strip, and of each of mix and master */
	int strips;         /* shown at once, mix and master apart */
	int number, name, name_rows, meter, meter_rows, reduction, fader, pan, mute, processors, processor_rows;
	int focus, message;
};

void
mixer_clear_peaks(struct mixer *m)
{
	for (int k = 0; k < DESK_STRIPS; k++) {
		m->hold[k] = DESK_SILENCE;
		m->clips[k] = 0;
	}
}

/* Levels fall slowly and rise at once; peaks are held for a while. */
static void
move_meters(struct mixer *m, const struct desk_view *v, double now)
{
	if (m->structure != v->structure || m->shown == 0) {
		m->structure = v->structure;
		for (int k = 0; k < DESK_STRIPS; k++)
			m->level[k][0] = m->level[k][1] = DESK_SILENCE;
		mixer_clear_peaks(m);
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

/* One column of a meter; a held peak is a mark above it. */
static void
draw_bar(struct grid *g, int row, int rows, int col, float level, float hold)
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

/* A level in at most `width` columns, a tenth where there is room. */
static void
level_text(float db, int width, int ascii, char *to, size_t size)
{
	if (db <= -100)
		snprintf(to, size, "%s", ascii ? "off" : width > 3 ? "-\u221e" : " -\u221e");
	else if (width >= 5)
		snprintf(to, size, "%+.1f", (double)db == 0 ? 0.0 : (double)db);
	else
		snprintf(to, size, "%.0f", (double)roundf(db) + 0.0);
}

static void
pan_text(float pan, char to[8])
{
	int p = (int)lroundf(fabsf(pan));
	if (p == 0)
		strcpy(to, "C");
	else if (p == 100)
		strcpy(to, pan < 0 ? "Lft" : "Rgt");
	else
		snprintf(to, 8, "%c%d", pan < 0 ? 'L' : 'R', p);
}

static void
right(struct grid *g, int row, int col, int width, unsigned style, const char *text)
{
	char line[64];
	size_t glyphs = 0;
	for (const char *p = text; *p; p++)
		glyphs += (*p & 0xc0) != 0x80;
	int pad = width - (int)glyphs;
	snprintf(line, sizeof line, "%*s%s", pad > 0 ? pad : 0, "", text);
	grid_text(g, row, col, width, style, line);
}

/* A name in as few characters as there are cells: vowels inside go first, then its end. */
static void
short_name(const char *name, int cells, char *to, size_t size)
{
	/* numbers before a name are the strip's own, seen above it */
	size_t digits = strspn(name, "0123456789"), gap = strspn(name + digits, " _-.");
	if (digits && gap && name[digits + gap])
		name += digits + gap;
	size_t n = strlen(name), drop = 0, at = 0;
	for (const char *p = name; *p; p++)
		if (*p & 0x80) {
			snprintf(to, size, "%s", name);
			return; /* another script: cut by the grid */
		}
	drop = n > (size_t)cells ? n - (size_t)cells : 0;
	for (size_t k = 0; k < n && at + 1 < size; k++) {
		int soft = k && (strchr("aeiou", name[k]) || name[k] == ' ' || name[k] == '_' || name[k] == '-');
		if (soft && drop && !(name[k] >= '0' && name[k] <= '9')) {
			drop--;
			continue;
		}
		to[at++] = name[k];
	}
	to[at] = '\0';
	/* a number at the end tells strips apart: it stays */
	if (at > (size_t)cells && cells > 1 && to[at - 1] >= '0' && to[at - 1] <= '9')
		to[cells - 1] = to[at - 1];
	if (at > (size_t)cells)
		to[cells] = '\0';
}

static void
draw_name(struct grid *g, const struct layout *l, int col, int width, const struct desk_strip *s, unsigned style)
{
	char name[128];
	int cells = width - 1;
	short_name(s->name, cells * l->name_rows, name, sizeof name);
	style |= GRID_COLOUR(s->colour);
	if (l->name_rows < 2) {
		grid_text(g, l->name, col, cells, style, name);
		return;
	}
	grid_text(g, l->name, col, cells, style, name);
	size_t cut = strlen(name) < (size_t)cells ? strlen(name) : (size_t)cells;
	while ((name[cut] & 0xc0) == 0x80)
		cut++;
	grid_text(g, l->name + 1, col, cells, style, name + cut);
}

static void
draw_processors(struct grid *g, const struct layout *l, int col, int width, const struct desk_strip *s)
{
	static const char letters[] = "FGDECTSR";
	int per_row = (DESK_PROCESSORS + l->processor_rows - 1) / (l->processor_rows ? l->processor_rows : 1);
	int many = l->processor_rows && width - 1 >= per_row;
	for (int k = 0, shown = 0; k < DESK_PROCESSORS && l->processor_rows; k++) {
		int on = s->on >> k & 1, row = l->processors + (many ? k / per_row : shown / (width - 1));
		int at = col + (many ? k % per_row : shown % (width - 1));
		char letter = k == DESK_EFFECT && s->kind == DESK_MASTER ? 'L' : letters[k];
		if (row >= l->processors + l->processor_rows)
			return;
		if (on || (many && s->kind != DESK_DCA))
			grid_put(g, row, at, on ? (uint32_t)letter : g->ascii ? '.' : 0xb7, on ? GRID_BOLD : 0);
		shown += on;
	}
}

static void
draw_strip(struct mixer *m, const struct layout *l, const struct desk_view *v, int k, int col, int width,
           struct grid *g)
{
	const struct desk_strip *s = &v->strip[k];
	unsigned style = k == v->selected ? GRID_REVERSE : 0;
	char text[32];
	static const char *const kinds[] = {"", "b", "d", "", ""};
	if (s->kind == DESK_MIX || s->kind == DESK_MASTER)
		snprintf(text, sizeof text, "%s", (s->kind == DESK_MASTER) == v->mastered ? g->ascii ? "*" : "\u266a" : "");
	else
		snprintf(text, sizeof text, "%s%d", kinds[s->kind], s->number);
	if (l->number)
		grid_text(g, l->number, col, width - 1, style, text);
	draw_name(g, l, col, width, s, style);
	int bars = width > 2 ? 2 : 1;
	if (s->kind != DESK_DCA && l->meter_rows)
		for (int c = 0; c < bars; c++)
			draw_bar(g, l->meter, l->meter_rows, col + c, m->level[k][c], m->hold[k]);
	if (m->clips[k] && l->meter_rows) {
		snprintf(text, sizeof text, m->clips[k] > 9 ? "!!" : "!%u", m->clips[k]);
		grid_text(g, l->meter, col, 2, GRID_REVERSE | GRID_COLOUR(1), text);
	}
	if (l->reduction && s->reduction >= 0.5f) {
		snprintf(text, sizeof text, "%.0f", (double)s->reduction);
		right(g, l->reduction, col, width - 1, GRID_COLOUR(3), text);
	} else if (l->reduction && s->on & (1u << DESK_COMP | 1u << DESK_GATE | 1u << DESK_DEESS)) {
		right(g, l->reduction, col, width - 1, 0, g->ascii ? "." : "\u00b7");
	}
	level_text(s->fader, width, g->ascii, text, sizeof text);
	right(g, l->fader, col, width > 3 ? width - 1 : width, style, text);
	if (l->pan && (s->kind == DESK_STRIP || s->kind == DESK_BUS)) {
		pan_text(s->pan, text);
		right(g, l->pan, col, width > 3 ? width - 1 : width, 0, text);
	}
	grid_put(g, l->mute, col, s->mute ? 'M' : ' ', s->mute ? GRID_REVERSE | GRID_COLOUR(1) : 0);
	grid_put(g, l->mute, col + 1, s->solo ? 'S' : ' ', s->solo ? GRID_REVERSE | GRID_COLOUR(3) : 0);
	draw_processors(g, l, col, width, s);
}

/* Rows from the top: what matters most is there in the smallest window. */
static struct layout
lay_out(const struct desk_view *v, const struct grid *g)
{
	struct layout l = {0};
	int count = v->strips - 2;
	l.focus = g->rows - 2;
	l.message = g->rows - 1;
	l.name_rows = g->rows >= 14 ? 2 : 1;
	l.processor_rows = g->rows >= 22 ? 4 : 0;
	int row = 1;
	l.number = row++;
	l.name = row;
	row += l.name_rows;
	int below = 2 + (g->rows >= 12) + (g->rows >= 13); /* fader, mute; pan; reduction */
	l.meter = row;
	l.meter_rows = l.focus - row - below - l.processor_rows;
	if (l.meter_rows < 1)
		l.meter_rows = 0;
	row += l.meter_rows;
	if (g->rows >= 13)
		l.reduction = row++;
	l.fader = row++;
	if (g->rows >= 12)
		l.pan = row++;
	l.mute = row++;
	l.processors = row;
	l.masters = 4;
	l.width = count > 0 ? (g->cols - 2 * l.masters) / count : 8;
	if (l.width > 5)
		l.width = count > 0 ? (g->cols - 2 * 7) / count : 8;
	if (l.width > 5)
		l.masters = 7;
	l.width = l.width < 3 ? 3 : l.width > 12 ? 12 : l.width;
	l.strips = (g->cols - 2 * l.masters) / l.width;
	if (l.strips > count)
		l.strips = count;
	if (l.width >= 9)
		l.processor_rows = l.processor_rows ? 1 : 0, l.meter_rows += g->rows >= 22 ? 3 : 0;
	else if (l.width >= 5)
		l.processor_rows = l.processor_rows ? 2 : 0, l.meter_rows += g->rows >= 22 ? 2 : 0;
	int more = l.width >= 9 && g->rows >= 22 ? 3 : l.width >= 5 && g->rows >= 22 ? 2 : 0;
	if (l.reduction)
		l.reduction += more;
	l.fader += more;
	if (l.pan)
		l.pan += more;
	l.mute += more;
	l.processors += more;
	return l;
}

static void
draw_status(const struct mixer *m, const struct layout *l, const struct desk_view *v, struct grid *g)
{
	char clock[32], text[320];
	double seconds = v->rate > 0 ? (double)v->position / v->rate : 0;
	snprintf(clock, sizeof clock, "%d:%04.1f", (int)(seconds / 60), fmod(seconds, 60));
	const char *file = strrchr(v->path, '/');
	file = file ? file + 1 : v->path;
	const char *state = v->playing ? g->ascii ? "> play" : "\u25b6 play" : g->ascii ? "# stop" : "\u25a0 stop";
	int col = grid_text(g, 0, 0, -1, GRID_BOLD, state);
	snprintf(text, sizeof text, " %s  load %.0f%%  xruns %u", clock, (double)m->load * 100, v->xruns);
	if (v->starved)
		snprintf(text + strlen(text), sizeof text - strlen(text), "  late reads %u", v->starved);
	if (g->cols >= 60)
		snprintf(text + strlen(text), sizeof text - strlen(text), "  disk %.0f%%", (double)v->disk * 100);
	col = grid_text(g, 0, col, -1, 0, text);
	snprintf(text, sizeof text, "  %s%s%s", file, v->dirty ? " +" : "", v->view_only ? " (looking only)" : "");
	col = grid_text(g, 0, col, -1, v->dirty ? GRID_BOLD : 0, text);
	if (l->strips < v->strips - 2)
		col = grid_printf(g, 0, col, -1, 0, "  %d-%d of %d", m->first + 1, m->first + l->strips, v->strips - 2);
	int n = (int)strlen(v->device);
	if (col + 2 + n <= g->cols)
		grid_text(g, 0, g->cols - n, n, 0, v->device);
}

/* The chosen strip in words. */
static void
focus_text(const struct mixer *m, const struct desk_view *v, char *to, size_t size)
{
	static const char *const processors[] = {"filter", "gate", "de-esser", "EQ", "comp", "transient", "saturation", ""};
	const struct desk_strip *s = &v->strip[v->selected];
	static const char *const kinds[] = {"", "bus ", "DCA ", "", ""};
	int n = s->kind == DESK_STRIP ? snprintf(to, size, "%d %s", s->number, s->name)
	                              : snprintf(to, size, "%s%s", kinds[s->kind], s->name);
	char pan[8];
	pan_text(s->pan, pan);
#define ADD(...) n += n < (int)size ? snprintf(to + n, size - (size_t)n, __VA_ARGS__) : 0
	if (s->fader <= -100)
		ADD("  fader off");
	else
		ADD("  fader %+.1f dB", (double)s->fader);
	if (s->kind == DESK_STRIP || s->kind == DESK_BUS)
		ADD("  pan %s", !strcmp(pan, "Lft") ? "L100" : !strcmp(pan, "Rgt") ? "R100" : pan);
	ADD("%s%s%s", s->mute ? "  muted" : "", s->solo ? "  solo" : "", s->safe ? "  solo-safe" : "");
	if (s->kind != DESK_DCA && m->hold[v->selected] > METER_LOW)
		ADD("  peak %.1f", (double)m->hold[v->selected]);
	if (s->reduction >= 0.1f)
		ADD("  reduction %.1f", (double)s->reduction);
	for (int k = 0; k < DESK_EFFECT; k++)
		if (s->on >> k & 1)
			ADD("  %s", processors[k]);
	if (s->on >> DESK_EFFECT & 1)
		ADD("  %s", s->kind == DESK_MASTER ? "limiter" : "effect");
	if (*s->dca)
		ADD("  DCA %s", s->dca);
	if (*s->out)
		ADD("  to %s", s->out);
	if (s->trim != 0)
		ADD("  trim %+.1f", (double)s->trim);
#undef ADD
}

static void
draw_message(const struct layout *l, const char *message, int error, const char *hint, struct grid *g)
{
	int col = grid_text(g, l->message, 0, -1, error ? GRID_BOLD | GRID_COLOUR(1) : 0, message);
	int n = (int)strlen(hint);
	if (col + 2 + n <= g->cols)
		grid_text(g, l->message, g->cols - n, n, 0, hint);
}

/* Too small for a grid: the chosen strip in words, over as many lines as there are. */
static void
draw_words(const struct mixer *m, const struct desk_view *v, const char *message, int error, struct grid *g)
{
	char text[512];
	focus_text(m, v, text, sizeof text);
	const char *at = text;
	int row = 0;
	for (; (row < g->rows - 1 || row == 0) && *at; row++) {
		size_t n = strlen(at) < (size_t)g->cols ? strlen(at) : (size_t)g->cols;
		char line[512];
		snprintf(line, sizeof line, "%.*s", (int)n, at);
		grid_text(g, row, 0, g->cols, row ? 0 : GRID_BOLD, line);
		at += n;
	}
	if (g->rows > 1)
		grid_text(g, g->rows - 1, 0, -1, error ? GRID_BOLD : 0, message);
}

void
mixer_draw(struct mixer *m, const struct desk_view *v, double now, const char *message, int error, const char *hint,
           struct grid *g)
{
	move_meters(m, v, now);
	grid_clear(g);
	if (!v->strips)
		return;
	if (g->cols < 24 || g->rows < 9) {
		draw_words(m, v, message, error, g);
		return;
	}
	struct layout l = lay_out(v, g);
	int chosen = v->selected, last = v->strips - 2 - l.strips;
	if (chosen < v->strips - 2) {
		m->first = m->first > chosen ? chosen : m->first;
		m->first = m->first < chosen - l.strips + 1 ? chosen - l.strips + 1 : m->first;
	}
	m->first = m->first > last ? last : m->first;
	m->first = m->first < 0 ? 0 : m->first;
	draw_status(m, &l, v, g);
	for (int k = 0; k < l.strips; k++)
		draw_strip(m, &l, v, m->first + k, k * l.width, l.width, g);
	for (int k = 0; k < 2; k++)
		draw_strip(m, &l, v, v->strips - 2 + k, g->cols - (2 - k) * l.masters, l.masters, g);
	char text[512];
	focus_text(m, v, text, sizeof text);
	grid_text(g, l.focus, 0, g->cols, GRID_BOLD, text);
	draw_message(&l, message, error, hint, g);
	g->cursor_row = l.fader;
	g->cursor_col =
	    chosen >= v->strips - 2 ? g->cols - (v->strips - chosen) * l.masters : (chosen - m->first) * l.width;
}
