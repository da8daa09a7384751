#include "ui/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Strips across, as in the overview, and down where they play to and what they send into each bus. Row 0 of the frame
 * is the output; those of the k-th bus follow from 1 + k * COLUMNS on.
 */
enum { LEVEL, ON, TAP, COLUMNS };
#define LABEL 9 /* columns before the strips */

/* The k-th bus as a strip of the view, -1 past the last. */
static int
bus_at(const struct screen *s, int k)
{
	for (int n = 0; n < s->view.strips; n++)
		if (s->view.strip[n].kind == DESK_BUS && k-- == 0)
			return n;
	return -1;
}

static int
buses(const struct screen *s)
{
	int count = 0;
	while (bus_at(s, count) >= 0)
		count++;
	return count;
}

static int
can_send(const struct desk_strip *s)
{
	return s->kind == DESK_STRIP || s->kind == DESK_BUS;
}

static const char *
id_of(const struct desk_strip *s)
{
	const char *slash = strchr(s->address, '/');
	return slash ? slash + 1 : s->address;
}

int
sends_row(const struct screen *s, int k, char *address, size_t size)
{
	static const char *const words[COLUMNS] = {"level", "on", "tap"};
	if (k < 0 || k > buses(s) * COLUMNS)
		return ROW_END;
	if (!can_send(&s->view.strip[s->view.selected]))
		return ROW_NONE;
	if (k == 0) {
		snprintf(address, size, "@/out");
		return 0;
	}
	int bus = bus_at(s, (k - 1) / COLUMNS), column = (k - 1) % COLUMNS;
	if (bus == s->view.selected)
		return ROW_NONE;
	/* what is not sent yet has a level alone, which makes the send */
	if (column != LEVEL && !desk_route_find(&s->routes, DESK_ROUTE_SEND, s->view.selected, bus))
		return ROW_NONE;
	snprintf(address, size, "@/send/%s/%s", id_of(&s->view.strip[bus]), words[column]);
	return 0;
}

/* `row` goes from bus to bus, `column` to a send's other values. */
int
sends_command(struct screen *s, const char *name, const char *args)
{
	int *row = &s->row[s->current - views], by = atoi(args), at = screen_row(s);
	char address[160];
	if (strcmp(name, "row") != 0 && strcmp(name, "column") != 0)
		return 0;
	if (at < 0)
		return 1;
	if (!strcmp(name, "row")) {
		int line = at ? (at - 1) / COLUMNS + 1 : 0, column = at ? (at - 1) % COLUMNS : LEVEL, way = by < 0 ? -1 : 1;
		for (int next = line + way; by; next += way) {
			int k = next > 0 ? 1 + (next - 1) * COLUMNS : next;
			if (next < 0 || sends_row(s, k, address, sizeof address) == ROW_END)
				break;
			if (sends_row(s, k, address, sizeof address) == ROW_NONE)
				continue;
			at = sends_row(s, k + (k ? column : 0), address, sizeof address) ? k : k + (k ? column : 0);
			by -= way;
		}
	} else if (at > 0) {
		int column = (at - 1) % COLUMNS + by;
		int next = at + (column < 0 ? 0 : column >= COLUMNS ? COLUMNS - 1 : column) - (at - 1) % COLUMNS;
		at = sends_row(s, next, address, sizeof address) ? at : next;
	}
	*row = at;
	return 1;
}

/* What a strip sends into a bus, in as few columns as a level and a sign: p before the fader, x off. */
static void
cell_text(const struct screen *s, const struct desk_route *r, const struct grid *g, int width, char *to, size_t size)
{
	char level[16];
	(void)s;
	if (!r) {
		snprintf(to, size, "%s ", g->ascii ? "." : "\u00b7");
		return;
	}
	meters_level_text(r->level, width - 1 > 5 ? 5 : 3, g->ascii, level, sizeof level);
	snprintf(to, size, "%s%s", level[0] == ' ' ? level + 1 : level, !r->on ? "x" : r->pre ? "p" : " ");
}

/* Where a strip plays to, in as few columns as there are. */
static void
out_text(const struct screen *s, int from, char *to, size_t size)
{
	*to = '\0';
	for (int k = 0; k < s->routes.count; k++) {
		const struct desk_route *r = &s->routes.route[k];
		if (r->kind == DESK_ROUTE_OUT && r->from == from && r->to < s->view.strips)
			snprintf(to, size, "%s", s->view.strip[r->to].name);
	}
	if (!*to)
		snprintf(to, size, "-");
}

struct layout {
	int width, first, count; /* of the strips across */
	int top, first_bus, buses;
};

static struct layout
lay_out(struct screen *s, const struct grid *g, int focused_bus)
{
	struct layout l = {0};
	int strips = 0, chosen = -1, room = g->cols - LABEL, all = buses(s);
	for (int k = 0; k < s->view.strips; k++) {
		chosen = k == s->view.selected && can_send(&s->view.strip[k]) ? strips : chosen;
		strips += can_send(&s->view.strip[k]);
	}
	l.width = strips ? room / strips : 6;
	l.width = l.width < 5 ? 5 : l.width > 8 ? 8 : l.width;
	l.count = room / l.width < 1 ? 1 : room / l.width > strips ? strips : room / l.width;
	l.first = s->sends_first = grid_scroll(s->sends_first, chosen, l.count, strips);
	l.top = 2; /* numbers and names */
	int below = g->rows >= 12 ? 5 : g->rows >= 6 ? 2 : 1;
	l.buses = g->rows - l.top - 1 - below;
	l.buses = l.buses < 0 ? 0 : l.buses > all ? all : l.buses;
	l.first_bus = s->sends_first_bus = grid_scroll(s->sends_first_bus, focused_bus, l.buses, all);
	return l;
}

static void
draw_column(const struct screen *s, struct grid *g, const struct layout *l, int k, int col, int line)
{
	const struct desk_strip *strip = &s->view.strip[k];
	int chosen = k == s->view.selected;
	unsigned style = chosen ? GRID_REVERSE : 0;
	char text[128];
	int width = l->width - 1;
	grid_printf(g, 0, col, width, style, "%s%d", strip->kind == DESK_BUS ? "b" : "", strip->number);
	const char *name = strip->name + strspn(strip->name, "0123456789");
	name += strspn(name, " _-.");
	grid_text(g, 1, col, width, style | GRID_COLOUR(strip->colour), *name ? name : strip->name);
	out_text(s, k, text, sizeof text);
	grid_text(g, l->top, col, width, chosen && line == 0 ? GRID_REVERSE : 0, text);
	for (int n = 0; n < l->buses; n++) {
		int bus = bus_at(s, l->first_bus + n);
		const struct desk_route *r = desk_route_find(&s->routes, DESK_ROUTE_SEND, k, bus);
		if (bus == k)
			continue;
		cell_text(s, r, g, width, text, sizeof text);
		meters_right(g, l->top + 1 + n, col, width,
		             (chosen && line == l->first_bus + n + 1 ? GRID_REVERSE : 0) | (r && r->on ? GRID_BOLD : 0), text);
	}
}

/* Adds a piece to a line of words. */
static void
add(char *to, size_t size, const char *text)
{
	size_t n = strlen(to);
	snprintf(to + n, size - n, "%s%s", n && to[n - 1] != ' ' ? ", " : "", text);
}

/* Who plays into a strip, or where it plays to, with the levels of sends. */
static void
gather(const struct screen *s, int of, int into, int ascii, char *to, size_t size)
{
	static const char *const kinds[] = {"", "", "opens the gate of ", "drives the comp of "};
	static const char *const keyed[] = {"", "", " (key of its gate)", " (key of its comp)"};
	for (int k = 0; k < s->routes.count; k++) {
		const struct desk_route *r = &s->routes.route[k];
		if ((into ? r->to : r->from) != of || r->from >= s->view.strips || r->to >= s->view.strips)
			continue;
		const struct desk_strip *other = &s->view.strip[into ? r->from : r->to];
		char piece[200], level[16] = "";
		if (r->kind == DESK_ROUTE_SEND) {
			meters_level_text(r->level, 6, ascii, level, sizeof level);
			snprintf(piece, sizeof piece, "%s %s%s%s", other->name, level, r->pre ? " before its fader" : "",
			         r->on ? "" : " off");
		} else {
			snprintf(piece, sizeof piece, "%s%s%s", into ? "" : kinds[r->kind], other->name,
			         into ? keyed[r->kind] : "");
		}
		add(to, size, piece);
	}
}

/* The send in focus with its three values, in words: here stands the cursor. Where it is narrow, without names. */
static void
draw_focus(const struct screen *s, struct grid *g, int row, int at)
{
	static const char *const words[COLUMNS] = {"level ", "", "taken "};
	const char *name = s->view.strip[s->view.selected].name;
	char address[160];
	int first = at > 0 ? at - (at - 1) % COLUMNS : 0, col = 0, named = g->cols >= 30;
	if (named && at == 0)
		col = grid_printf(g, row, 0, -1, GRID_BOLD, "%s  ", name);
	else if (named)
		col = grid_printf(g, row, 0, -1, GRID_BOLD, "%s to %s  ", name,
		                  s->view.strip[bus_at(s, (at - 1) / COLUMNS)].name);
	for (int k = 0; k < (at ? COLUMNS : 1); k++) {
		if (sends_row(s, first + k, address, sizeof address))
			continue;
		const struct desk_value *v = screen_value(s, address);
		const char *value = v ? v->text : "not sent";
		char out[80];
		if (k == TAP && v)
			value = v->value != 0 ? "pre fader" : "post fader";
		if (at == 0) {
			out_text(s, s->view.selected, out, sizeof out);
			value = strcmp(out, "-") != 0 ? out : "none";
		}
		col = grid_text(g, row, col, -1, 0, at ? words[k] : "plays to ");
		if (first + k == at) {
			g->cursor_row = row;
			g->cursor_col = col < g->cols ? col : g->cols - 1;
		}
		col = grid_text(g, row, col, -1, first + k == at ? GRID_REVERSE : GRID_BOLD, value);
		col = grid_text(g, row, col, -1, 0, "  ");
	}
}

/* The bus in focus first, then the others. */
static void
draw_words(const struct screen *s, struct grid *g, int row, int at)
{
	char text[1000];
	int focused = at > 0 ? (at - 1) / COLUMNS : -1, count = buses(s);
	if (at >= 0)
		draw_focus(s, g, row++, at);
	snprintf(text, sizeof text, "%s plays to ", s->view.strip[s->view.selected].name);
	gather(s, s->view.selected, 0, g->ascii, text, sizeof text);
	grid_text(g, row++, 0, g->cols, 0, text);
	for (int k = focused >= 0 ? -1 : 0; k < count && row < g->rows; k++) {
		int bus = bus_at(s, k < 0 ? focused : k);
		if (k == focused)
			continue;
		snprintf(text, sizeof text, "%s hears ", s->view.strip[bus].name);
		size_t before = strlen(text);
		gather(s, bus, 1, g->ascii, text, sizeof text);
		size_t n = strlen(text);
		snprintf(text + n, sizeof text - n, "%s; it plays to ", n == before ? "nobody" : "");
		gather(s, bus, 0, g->ascii, text, sizeof text);
		grid_text(g, row++, 0, g->cols, k < 0 ? GRID_BOLD : 0, text);
	}
}

void
sends_draw(struct screen *s, struct grid *g)
{
	int at = s->current->draw == sends_draw ? screen_row(s) : -1, line = at <= 0 ? at : (at - 1) / COLUMNS + 1;
	struct layout l = lay_out(s, g, line - 1);
	int used = l.top + 1 + l.buses;
	grid_text(g, 0, 0, LABEL - 1, 0, "p pre");
	grid_text(g, 1, 0, LABEL - 1, 0, "x off");
	grid_printf(g, l.top, 0, LABEL - 1, line == 0 ? GRID_BOLD : 0, "%coutput", line == 0 ? '>' : ' ');
	for (int n = 0; n < l.buses; n++) {
		const struct desk_strip *bus = &s->view.strip[bus_at(s, l.first_bus + n)];
		int focused = line == l.first_bus + n + 1;
		grid_put(g, l.top + 1 + n, 0, focused ? '>' : ' ', GRID_BOLD);
		grid_text(g, l.top + 1 + n, 1, LABEL - 2, (focused ? GRID_BOLD : 0) | GRID_COLOUR(bus->colour), bus->name);
	}
	for (int k = 0, n = 0; k < s->view.strips; k++) {
		if (!can_send(&s->view.strip[k]))
			continue;
		if (n >= l.first && n < l.first + l.count)
			draw_column(s, g, &l, k, LABEL + (n - l.first) * l.width, line);
		n++;
	}
	if (!buses(s) && used < g->rows)
		grid_text(g, used++, 0, -1, 0, "no bus yet: \":bus/verb/name Verb\" makes one");
	/* the line of the focus is there in the smallest window */
	used += g->rows - used > 4;
	draw_words(s, g, used < g->rows ? used : g->rows - 1, at);
}
