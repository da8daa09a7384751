#include "ui/view.h"

#include <stdio.h>
#include <string.h>

#define WIDTH_MOST 9    /* columns of a strip: what is wider shows more strips, or panels */
#define PANELS_FROM 160 /* columns of a screen with panels beside the strips */
#define PANEL_LEAST 50  /* columns of those */
#define REDUCTION 24.0f /* dB over the height of a meter */

#define SENDS 4 /* buses whose sends are shown, at most */

/* Where everything stands, and which of it there is room for: 0 for rows that there are not. */
struct layout {
	int width, masters; /* columns of a strip, and of each of mix and master */
	int left;           /* column of the first strip */
	int strips;         /* shown at once, mix and master apart */
	int panel;          /* column where panels begin, or all there are */
	int columns;        /* meters of a strip: left, right, and where there is room the gain reduction */
	int number, name, name_rows, meter, meter_rows, peak, reduction, fader, pan, mute, processors, processor_rows;
	int sends, send_rows;
	int bus[SENDS]; /* that the rows of sends lead to, by their place in the view */
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
	if (at <= (size_t)cells)
		return;
	/* a number at the end tells strips apart: it stays */
	size_t number = 0;
	while (number < at && number < (size_t)cells && to[at - 1 - number] >= '0' && to[at - 1 - number] <= '9')
		number++;
	memmove(to + (size_t)cells - number, to + at - number, number);
	to[cells] = '\0';
}

static void
draw_name(struct grid *g, const struct layout *l, int col, int width, const struct desk_strip *s, unsigned style)
{
	char name[128];
	int cells = width - 1;
	short_name(s->name, cells * l->name_rows, name, sizeof name);
	const char *at = name;
	for (int row = 0; row < l->name_rows; row++) {
		grid_text(g, l->name + row, col, cells, style | GRID_COLOUR(s->colour), at);
		at += grid_fits(g, at, cells);
	}
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

/* Signs beside number and name, so that no style is needed to tell which is chosen and which are marked. */
static void
draw_signs(const struct screen *screen, const struct layout *l, int k, int col, int width, struct grid *g)
{
	const struct desk_strip *s = &screen->view.strip[k];
	if (k == screen->view.selected)
		grid_put(g, l->number, col + width - 1, g->ascii ? '<' : 0x25c2, GRID_BOLD);
	if (s->marked)
		grid_put(g, l->name, col + width - 1, '*', GRID_BOLD);
}

static void
draw_number(const struct screen *screen, const struct layout *l, int k, int col, int width, struct grid *g)
{
	static const char *const kinds[] = {"", "b", "d", "", ""};
	const struct desk_view *v = &screen->view;
	const struct desk_strip *s = &v->strip[k];
	char text[32];
	if (s->kind == DESK_MIX || s->kind == DESK_MASTER)
		snprintf(text, sizeof text, "%s", (s->kind == DESK_MASTER) == v->mastered ? g->ascii ? "#" : "\u266a" : "");
	else
		snprintf(text, sizeof text, "%s%d", kinds[s->kind], s->number);
	grid_text(g, l->number, col, width - 1, k == v->selected ? GRID_REVERSE : 0, text);
}

static void
draw_meters(const struct screen *screen, const struct layout *l, int k, int col, int width, struct grid *g)
{
	const struct desk_strip *s = &screen->view.strip[k];
	char text[32];
	for (int c = 0; c < 2 && s->kind != DESK_DCA; c++)
		meters_bar(g, l->meter, l->meter_rows, col + c,
		           &(struct meters_reading){screen->view.needle, s->level[c], s->hold});
	/* narrow ones of mix and master leave the room for the scale */
	if (l->columns > 2 && (width > 4 || (s->kind != DESK_MIX && s->kind != DESK_MASTER)))
		meters_hanging(g, l->meter, l->meter_rows, col + 2, s->reduction / REDUCTION);
	if (s->clips) {
		snprintf(text, sizeof text, s->clips > 9 ? "!!" : "!%u", s->clips);
		grid_text(g, l->meter, col, 2, GRID_REVERSE | GRID_COLOUR(1), text);
	}
	if (l->peak && s->kind != DESK_DCA && s->most > METER_LOW) {
		snprintf(text, sizeof text, "%.*f", width > 5, (double)s->most);
		meters_right(g, l->peak, col, width - 1, s->most > 0 ? GRID_REVERSE : 0, text);
	}
}

static void
draw_strip(const struct screen *screen, const struct layout *l, int k, int col, int width, struct grid *g)
{
	const struct desk_strip *s = &screen->view.strip[k];
	char text[32];
	int room = width > 3 ? width - 1 : width;
	draw_number(screen, l, k, col, width, g);
	draw_name(g, l, col, width, s, k == screen->view.selected ? GRID_REVERSE : 0);
	draw_signs(screen, l, k, col, width, g);
	if (l->meter_rows)
		draw_meters(screen, l, k, col, width, g);
	if (l->reduction && s->reduction >= 0.5f) {
		snprintf(text, sizeof text, "%.0f", (double)s->reduction);
		meters_right(g, l->reduction, col, width - 1, GRID_COLOUR(3), text);
	} else if (l->reduction && s->on & (1u << DESK_COMP | 1u << DESK_GATE | 1u << DESK_DEESS)) {
		meters_right(g, l->reduction, col, width - 1, 0, g->ascii ? "." : "\u00b7");
	}
	meters_level_text(s->fader, width, g->ascii, text, sizeof text);
	meters_right(g, l->fader, col, room, focus_style(screen, k, "@/fader"), text);
	if (l->pan && (s->kind == DESK_STRIP || s->kind == DESK_BUS)) {
		meters_pan_text(s->pan, text);
		meters_right(g, l->pan, col, room, focus_style(screen, k, "@/pan"), text);
	}
	grid_put(g, l->mute, col, s->mute ? 'M' : ' ', s->mute ? GRID_REVERSE | GRID_COLOUR(1) : 0);
	grid_put(g, l->mute, col + 1, s->solo ? 'S' : ' ', s->solo ? GRID_REVERSE | GRID_COLOUR(3) : 0);
	draw_processors(g, l, col, width, s);
}

/* Levels of the sends below their strips, the buses' names at the right, where mix and master have none. */
static void
draw_sends(const struct screen *s, const struct layout *l, int first, struct grid *g)
{
	for (int n = 0; n < l->send_rows; n++)
		grid_printf(g, l->sends + n, l->panel - 2 * l->masters, 2 * l->masters - 1, 0, "%s%s",
		            g->ascii ? "> " : "\u2192 ", s->view.strip[l->bus[n]].name);
	for (int k = 0; k < s->routes.count; k++) {
		const struct desk_route *r = &s->routes.route[k];
		int n = 0, at = r->from - first;
		char text[32];
		while (n < l->send_rows && l->bus[n] != r->to)
			n++;
		if (r->kind != DESK_ROUTE_SEND || n == l->send_rows || at < 0 || at >= l->strips)
			continue;
		if (r->on)
			meters_level_text(r->level, l->width, g->ascii, text, sizeof text);
		meters_right(g, l->sends + n, l->left + at * l->width, l->width - 1, 0, r->on ? text : "x");
	}
}

/* Columns: all strips at once where that can be, then wider strips, then panels beside them. */
static void
lay_across(struct layout *l, const struct desk_view *v, const struct grid *g)
{
	int count = v->strips - 2, room = g->cols;
	l->panel = g->cols;
	/* wider where that takes nothing from the strips */
	int without = count > 0 ? (g->cols - 14) / count : 0, with = count > 0 ? (g->cols - 8) / count : 0;
	int spare = without >= 3 && (without == with || without >= WIDTH_MOST);
	l->masters = g->cols >= 100 || spare ? 7 : 4;
	if (g->cols >= PANELS_FROM)
		room -= PANEL_LEAST;
	room -= 2 * l->masters;
	l->width = count > 0 ? room / count : WIDTH_MOST;
	int least = count > 99 ? 4 : 3; /* so that numbers are whole */
	l->width = l->width < least ? least : l->width > WIDTH_MOST ? WIDTH_MOST : l->width;
	l->strips = room / l->width;
	if (l->strips < count) {
		l->left = 1; /* there are more on either side, which takes a sign */
		l->strips = (room - 2) / l->width;
	}
	l->strips = l->strips < count ? l->strips : count;
	l->columns = l->width > 3 ? 3 : 2;
	if (g->cols >= PANELS_FROM)
		l->panel = l->left * 2 + l->strips * l->width + 2 * l->masters;
}

/* The buses that get sends, those with the most of them, in the order of the view. */
static void
choose_buses(struct layout *l, const struct screen *s, const struct grid *g)
{
	int count[DESK_STRIPS] = {0}, kept = 0, most = g->rows >= 36 ? SENDS : g->rows >= 30 ? 2 : 0;
	for (int k = 0; k < s->routes.count; k++)
		if (s->routes.route[k].kind == DESK_ROUTE_SEND && s->routes.route[k].to < s->view.strips)
			count[s->routes.route[k].to]++;
	for (int n = 0; n < most; n++) {
		int best = -1;
		for (int k = 0; k < s->view.strips; k++)
			if (count[k] > 0 && (best < 0 || count[k] > count[best]))
				best = k;
		if (best >= 0)
			count[best] = -1;
	}
	for (int k = 0; k < s->view.strips; k++)
		if (count[k] < 0)
			l->bus[kept++] = k;
	l->send_rows = kept;
}

/* Rows from the top: what matters most is there in the smallest window. */
static void
lay_down(struct layout *l, const struct grid *g)
{
	int row = 0, rows = g->rows;
	l->name_rows = l->width >= WIDTH_MOST ? 1 : rows >= 36 ? 12 / l->width : rows >= 11 ? 2 : 1;
	l->processor_rows = rows < 19 ? 0 : l->width >= 9 ? 1 : l->width >= 5 ? 2 : 4;
	int below = 2 + (rows >= 9) + (rows >= 10) + (rows >= 28) + l->processor_rows + l->send_rows;
	l->number = row++;
	l->name = row;
	row += l->name_rows;
	l->meter = row;
	l->meter_rows = rows - row - below < 1 ? 0 : rows - row - below;
	row += l->meter_rows;
	l->peak = rows >= 28 ? row++ : 0;
	l->reduction = rows >= 10 ? row++ : 0;
	l->fader = row++;
	l->pan = rows >= 9 ? row++ : 0;
	l->mute = row++;
	l->processors = row;
	l->sends = row + l->processor_rows;
}

/* The first of the strips that are shown, so that the chosen one is. */
static int
first_shown(struct screen *s, const struct layout *l)
{
	int all = s->view.strips - 2, chosen = s->view.selected < all ? s->view.selected : -1;
	return s->mixer_first = grid_scroll(s->mixer_first, chosen, l->strips, all);
}

/* Views of the chosen strip and of the master beside the strips, one above the other. */
static void
draw_panels(struct screen *s, const struct layout *l, struct grid *g)
{
	static const char *const names[] = {"eq", "dynamics", "master"};
	const struct view *panel[3];
	int count = 0, cols = g->cols - l->panel - 1;
	for (size_t k = 0; k < 3; k++)
		if ((panel[count] = view_find(names[k])))
			count++;
	for (int k = 0; k < count; k++) {
		int top = k * g->rows / count, end = (k + 1) * g->rows / count;
		struct grid part = grid_part(g, top + 1, l->panel + 1, end - top - 1, cols);
		grid_text(g, top, l->panel + 1, cols, GRID_UNDERLINE, panel[k]->title);
		panel[k]->draw(s, &part);
	}
}

void
mixer_draw(struct screen *s, struct grid *g)
{
	const struct desk_view *v = &s->view;
	struct layout l = {0};
	lay_across(&l, v, g);
	choose_buses(&l, s, g);
	lay_down(&l, g);
	int first = first_shown(s, &l), masters = l.panel - 2 * l.masters;
	s->place = (struct mixer_place){first, l.strips, l.left, l.width, masters, l.masters};
	for (int k = 0; k < l.strips; k++)
		draw_strip(s, &l, first + k, l.left + k * l.width, l.width, g);
	for (int k = 0; k < 2; k++)
		draw_strip(s, &l, v->strips - 2 + k, masters + k * l.masters, l.masters, g);
	/* beside the mix, where its name has more columns than its meters */
	if (l.meter_rows)
		meters_scale(g, l.meter, l.meter_rows, masters + (l.masters > 4 ? 3 : 2), l.masters > 4 ? 3 : 2, v->needle);
	draw_sends(s, &l, first, g);
	if (first > 0)
		grid_put(g, l.number, 0, g->ascii ? '<' : 0x2039, GRID_BOLD);
	if (first < v->strips - 2 - l.strips)
		grid_put(g, l.number, l.left + l.strips * l.width, g->ascii ? '>' : 0x203a, GRID_BOLD);
	if (l.panel < g->cols)
		draw_panels(s, &l, g);
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
