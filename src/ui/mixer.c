#include "ui/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Rows of the overview and which of them there is room for. */
struct layout {
	int width, masters; /* columns of a strip, and of each of mix and master */
	int strips;         /* shown at once, mix and master apart */
	int number, name, name_rows, meter, meter_rows, reduction, fader, pan, mute, processors, processor_rows;
};

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

/* How a value of the k-th strip stands out while it has the focus. */
static unsigned
focus_style(const struct screen *s, int k, const char *address)
{
	char focus[160];
	if (k != s->view.selected || s->current != views || screen_focus(s, focus, sizeof focus))
		return 0;
	return strcmp(focus, address) ? 0 : GRID_REVERSE;
}

static void
draw_strip(const struct screen *screen, const struct layout *l, int k, int col, int width, struct grid *g)
{
	const struct desk_view *v = &screen->view;
	const struct meters *m = &screen->meters;
	const struct desk_strip *s = &v->strip[k];
	unsigned style = k == v->selected ? GRID_REVERSE : 0;
	char text[32];
	static const char *const kinds[] = {"", "b", "d", "", ""};
	if (s->kind == DESK_MIX || s->kind == DESK_MASTER)
		snprintf(text, sizeof text, "%s", (s->kind == DESK_MASTER) == v->mastered ? g->ascii ? "*" : "\u266a" : "");
	else
		snprintf(text, sizeof text, "%s%d", kinds[s->kind], s->number);
	grid_text(g, l->number, col, width - 1, style, text);
	draw_name(g, l, col, width, s, style);
	int bars = width > 2 ? 2 : 1;
	if (s->kind != DESK_DCA && l->meter_rows)
		for (int c = 0; c < bars; c++)
			meters_bar(g, l->meter, l->meter_rows, col + c, m->level[k][c], m->hold[k]);
	if (m->clips[k] && l->meter_rows) {
		snprintf(text, sizeof text, m->clips[k] > 9 ? "!!" : "!%u", m->clips[k]);
		grid_text(g, l->meter, col, 2, GRID_REVERSE | GRID_COLOUR(1), text);
	}
	if (l->reduction && s->reduction >= 0.5f) {
		snprintf(text, sizeof text, "%.0f", (double)s->reduction);
		meters_right(g, l->reduction, col, width - 1, GRID_COLOUR(3), text);
	} else if (l->reduction && s->on & (1u << DESK_COMP | 1u << DESK_GATE | 1u << DESK_DEESS)) {
		meters_right(g, l->reduction, col, width - 1, 0, g->ascii ? "." : "\u00b7");
	}
	meters_level_text(s->fader, width, g->ascii, text, sizeof text);
	meters_right(g, l->fader, col, width > 3 ? width - 1 : width, focus_style(screen, k, "@/fader"), text);
	if (l->pan && (s->kind == DESK_STRIP || s->kind == DESK_BUS)) {
		meters_pan_text(s->pan, text);
		meters_right(g, l->pan, col, width > 3 ? width - 1 : width, focus_style(screen, k, "@/pan"), text);
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
	l.name_rows = g->rows >= 11 ? 2 : 1;
	l.processor_rows = g->rows >= 19 ? 4 : 0;
	int row = 0;
	l.number = row++;
	l.name = row;
	row += l.name_rows;
	int below = 2 + (g->rows >= 9) + (g->rows >= 10); /* fader, mute; pan; reduction */
	l.meter = row;
	l.meter_rows = g->rows - row - below - l.processor_rows;
	if (l.meter_rows < 1)
		l.meter_rows = 0;
	row += l.meter_rows;
	if (g->rows >= 10)
		l.reduction = row++;
	l.fader = row++;
	if (g->rows >= 9)
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
		l.processor_rows = l.processor_rows ? 1 : 0, l.meter_rows += g->rows >= 19 ? 3 : 0;
	else if (l.width >= 5)
		l.processor_rows = l.processor_rows ? 2 : 0, l.meter_rows += g->rows >= 19 ? 2 : 0;
	int more = l.width >= 9 && g->rows >= 19 ? 3 : l.width >= 5 && g->rows >= 19 ? 2 : 0;
	if (l.reduction)
		l.reduction += more;
	l.fader += more;
	if (l.pan)
		l.pan += more;
	l.mute += more;
	l.processors += more;
	return l;
}

void
mixer_draw(struct screen *s, struct grid *g)
{
	const struct desk_view *v = &s->view;
	struct layout l = lay_out(v, g);
	int chosen = v->selected, last = v->strips - 2 - l.strips, first = s->mixer_first;
	if (chosen < v->strips - 2) {
		first = first > chosen ? chosen : first;
		first = first < chosen - l.strips + 1 ? chosen - l.strips + 1 : first;
	}
	first = first > last ? last : first;
	first = first < 0 ? 0 : first;
	s->mixer_first = first;
	for (int k = 0; k < l.strips; k++)
		draw_strip(s, &l, first + k, k * l.width, l.width, g);
	for (int k = 0; k < 2; k++)
		draw_strip(s, &l, v->strips - 2 + k, g->cols - (2 - k) * l.masters, l.masters, g);
	/* strips that are not shown */
	if (first > 0)
		grid_put(g, l.number, 0, g->ascii ? '<' : 0x2039, GRID_BOLD);
	if (first < last)
		grid_put(g, l.number, l.strips * l.width - 1, g->ascii ? '>' : 0x203a, GRID_BOLD);
}

int
mixer_row(const struct screen *s, int k, char *address, size_t size)
{
	static const struct {
		const char *address;
		unsigned kinds; /* bits of enum desk_kind */
	} rows[] = {
	    {"trim", ~(1u << DESK_DCA)},
	    {"fader", ~0u},
	    {"pan", 1u << DESK_STRIP | 1u << DESK_BUS},
	    {"width", ~(1u << DESK_DCA)},
	    {"mute", ~0u},
	    {"solo", 1u << DESK_STRIP | 1u << DESK_BUS},
	    {"solo-safe", 1u << DESK_STRIP | 1u << DESK_BUS},
	};
	const int count = sizeof rows / sizeof *rows;
	if (k >= 0 && k < count) {
		snprintf(address, size, "@/%s", rows[k].address);
		return rows[k].kinds >> s->view.strip[s->view.selected].kind & 1 ? 0 : ROW_NONE;
	}
	k -= count;
	for (int n = 0; n < s->values.count; n++) {
		const char *end = strrchr(s->values.value[n].address, '/');
		if (strncmp(s->values.value[n].address, "send/", 5) || strcmp(end, "/level") || k--)
			continue;
		snprintf(address, size, "@/%s", s->values.value[n].address);
		return 0;
	}
	return ROW_END;
}
