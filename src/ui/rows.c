#include "ui/rows.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const char *
rows_title(const struct desk_value *v, char *to, size_t size)
{
	static const char *const titles[][2] = {
	    {"filter", "filters"},
	    {"deess", "de-esser"},
	    {"eq", "equaliser"},
	    {"comp", "compressor"},
	    {"transient", "transient shaper"},
	    {"sat", "saturation"},
	    {"echo", "delay"},
	    {"multi", "compressor in four bands"},
	    {"dyneq", "dynamic equaliser"},
	    {"stereo", "stereo image"},
	    {"clip", "clipper"},
	};
	const char *id = v->address + 5, *title = v->group;
	if (!strcmp(v->group, "send")) {
		snprintf(to, size, "send to %.*s", (int)strcspn(id, "/"), id);
		return to;
	}
	for (size_t k = 0; k < sizeof titles / sizeof *titles; k++)
		if (!strcmp(titles[k][0], v->group))
			title = titles[k][1];
	snprintf(to, size, "%s", title);
	return to;
}

/* Whether the letters stand in the text, in that order, with others between. */
static int
has_letters(const char *text, const char *letters, size_t count)
{
	size_t k = 0;
	for (; *text && k < count; text++)
		k += tolower((unsigned char)*text) == tolower((unsigned char)letters[k]);
	return k == count;
}

static int
has_word(const char *text, const char *word, size_t count)
{
	for (; *text; text++)
		if (!strncasecmp(text, word, count))
			return 1;
	return 0;
}

static int
found(const struct desk_value *v, const char *search)
{
	char title[80];
	rows_title(v, title, sizeof title);
	while (search && *(search += strspn(search, " "))) {
		size_t n = strcspn(search, " ");
		if (!has_letters(v->address, search, n) && !has_word(title, search, n) && !has_word(v->help, search, n))
			return 0;
		search += n;
	}
	return 1;
}

/* How much of the address its heading says already. */
static size_t
prefix(const struct desk_value *v)
{
	size_t n = strcspn(v->address, "/");
	if (!strcmp(v->group, "send"))
		return n + 1 + strcspn(v->address + n + 1, "/") + 1;
	return !strncmp(v->address, v->group, n) && !v->group[n] && v->address[n] ? n + 1 : 0;
}

static int
same_heading(const struct desk_value *a, const struct desk_value *b)
{
	size_t n = prefix(a);
	return !strcmp(a->group, b->group) && (strcmp(a->group, "send") || !strncmp(a->address, b->address, n));
}

/* Adds those of one group, or of all. */
static void
add_rows(struct rows *r, const struct desk_values *v, const char *group, size_t length, const char *search)
{
	const struct desk_value *last = NULL;
	for (int k = 0; k < v->count; k++) {
		const struct desk_value *value = &v->value[k];
		if (group && (strncmp(group, value->group, length) != 0 || value->group[length]))
			continue;
		if (!found(value, search))
			continue;
		if (!last || !same_heading(last, value))
			r->value[r->count++] = (short)(-1 - k);
		r->value[r->count++] = (short)k;
		last = value;
	}
}

void
rows_make(struct rows *r, const struct desk_values *v, const char *groups, const char *search)
{
	r->count = 0;
	if (!groups)
		add_rows(r, v, NULL, 0, search);
	while (groups && *(groups += strspn(groups, " "))) {
		size_t length = strcspn(groups, " ");
		add_rows(r, v, groups, length, search);
		groups += length;
	}
}

int
rows_address(const struct rows *r, const struct desk_values *v, int k, const char *before, char *to, size_t size)
{
	if (k < 0 || k >= r->count)
		return ROW_END;
	if (r->value[k] < 0)
		return ROW_NONE;
	snprintf(to, size, "%s%s", before, v->value[r->value[k]].address);
	return 0;
}

int
rows_group(const struct rows *r, int at, int steps)
{
	int way = steps < 0 ? -1 : 1, last = at;
	for (int k = at + way; k >= 0 && k < r->count && steps; k += way)
		if (r->value[k] < 0 && k + 1 < r->count && k + 1 != at) {
			last = k + 1;
			steps -= way;
		}
	return last;
}

int
rows_find(const struct rows *r, const struct desk_values *v, const char *address)
{
	for (int k = 0; k < r->count; k++)
		if (r->value[k] >= 0 && !strcmp(v->value[r->value[k]].address, address))
			return k;
	return -1;
}

/* Where a number lies between its ends. */
static void
draw_slider(struct grid *g, int row, int col, int width, const struct desk_value *v)
{
	int at = (int)(v->place * (width - 1) + 0.5);
	for (int k = 0; k < width; k++)
		grid_put(g, row, col + k,
		         k == at    ? (g->ascii ? '#' : 0x25a0)
		         : g->ascii ? '-'
		                    : 0x2500,
		         k == at ? GRID_BOLD : 0);
}

static void
draw_value(struct grid *g, int row, const struct desk_value *v, int focused)
{
	/* the value is what must be read, then its name, then where it lies, then what it means */
	int value = g->cols >= 30 ? 11 : g->cols / 2, name = g->cols - value - 3, slider = 0;
	name = name > 16 ? 16 : name < 0 ? 0 : name;
	int numbers = v->type == DESK_REAL || v->type == DESK_INT;
	if (g->cols >= 2 + name + 1 + value + 12)
		slider = 10;
	if (!slider && !numbers)
		value = g->cols - name - 3;
	grid_text(g, row, 0, 2, GRID_BOLD, focused ? "> " : v->changed ? "* " : "");
	grid_text(g, row, 2, name, 0, v->address + prefix(v));
	int col = 3 + name, wide = numbers ? value : value + slider + (slider ? 1 : 0);
	unsigned style = (focused ? GRID_REVERSE : 0) | (v->changed ? GRID_BOLD : 0);
	if (numbers) {
		grid_printf(g, row, col, wide, style, "%*s", wide, v->text);
		if (slider)
			draw_slider(g, row, col + wide + 1, slider, v);
	} else {
		grid_text(g, row, col, wide, style, *v->text ? v->text : "-");
	}
	if (focused) {
		g->cursor_row = row;
		g->cursor_col = col < g->cols ? col : g->cols - 1;
	}
	col += value + (slider ? slider + 1 : 0) + 2;
	if (g->cols - col >= 12)
		grid_text(g, row, col, g->cols - col, 0, v->help);
}

void
rows_draw(const struct rows *r, const struct desk_values *v, int at, int *first, struct grid *g)
{
	char title[80];
	/* its heading is seen with the first of a group */
	int top = at > 0 && r->value[at - 1] < 0 ? at - 1 : at;
	*first = grid_scroll(grid_scroll(*first, top, g->rows, r->count), at, g->rows, r->count);
	for (int k = 0; k < g->rows && *first + k < r->count; k++) {
		int value = r->value[*first + k];
		if (value >= 0)
			draw_value(g, k, &v->value[value], *first + k == at);
		else
			grid_text(g, k, 0, g->cols, GRID_BOLD | GRID_UNDERLINE,
			          rows_title(&v->value[-1 - value], title, sizeof title));
	}
	if (g->cols < 3)
		return;
	if (*first > 0)
		grid_put(g, 0, g->cols - 1, g->ascii ? '^' : 0x2191, GRID_BOLD);
	if (*first + g->rows < r->count)
		grid_put(g, g->rows - 1, g->cols - 1, g->ascii ? 'v' : 0x2193, GRID_BOLD);
}
