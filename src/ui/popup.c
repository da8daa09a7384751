#include "ui/popup.h"

#include <stdio.h>
#include <string.h>

#include "control/desk/desk.h"

#define WIDTH 38  /* columns of an entry, where they all fit so */
#define NARROW 12 /* and at least */

int
popup_due(const struct screen *s)
{
	return *s->typed.keys && s->now - s->typed_at >= POPUP_WAIT;
}

/* What a line of the language changes: the help of its parameter, where the chosen strip has it. */
static const struct desk_value *
value_of(const struct screen *s, const char *line)
{
	char address[160];
	snprintf(address, sizeof address, "%.*s", (int)strcspn(line, " "), line);
	return screen_value(s, address);
}

void
popup_words(const struct screen *s, const char *line, char *to, size_t size)
{
	const char *args, *space = strchr(line, ' ');
	const struct desk_command *c = desk_command_of(line, &args);
	const struct view *v = c && !strcmp(c->name, "view") ? view_find(args) : NULL;
	const struct desk_value *value = c ? NULL : value_of(s, line);
	if (v)
		snprintf(to, size, "%s", v->title);
	else if (value)
		snprintf(to, size, "%s:%s", value->help, space ? space : "");
	else
		snprintf(to, size, "%s", c ? c->help : line);
}

/* What may follow the keys typed, as it is to be drawn. */
#define ENTRIES 96
struct entry {
	const char *keys; /* behind those typed */
	char words[200];
};

static int
gather(const struct screen *s, struct entry *entry)
{
	const struct keymap_bind *b;
	int count = 0;
	for (; count < ENTRIES && (b = keymap_begin(s->keys, s->current->name, s->typed.keys, (size_t)count)); count++) {
		const char *args;
		const struct desk_command *c = desk_command_of(b->command, &args);
		struct entry *e = &entry[count];
		e->keys = b->keys + strlen(s->typed.keys);
		if (!strcmp(e->keys, "<lt>"))
			e->keys = "<";
		if (c && *args && strcmp(c->name, "view"))
			keymap_count(b->command, s->typed.count ? s->typed.count : 1, e->words, sizeof e->words);
		else
			popup_words(s, b->command, e->words, sizeof e->words);
	}
	return count;
}

/* Draws an entry into its column, its words in at most `most` lines (0: only counts them); returns how many. */
static int
put(struct grid *g, const struct entry *e, int row, int col, int width, int most)
{
	int keys = grid_width(g, e->keys), room = width - keys - 3, lines = 0;
	const char *text = e->words;
	if (most)
		grid_text(g, row, col + 1, -1, GRID_BOLD, e->keys);
	do {
		size_t n = grid_line(g, text, room > 1 ? room : 1);
		if (most)
			grid_printf(g, row + lines, col + keys + 2, room, 0, "%.*s", (int)n, text);
		text += n;
		text += strspn(text, " ");
		lines++;
	} while (*text && (!most || lines < most));
	return lines;
}

/* How the entries stand: in so many columns of so many rows, their words whole or of one line each. */
struct layout {
	int across, rows, whole;
};

/* Fills the columns from the left; returns how many entries went in. `draw`: at the rows from there on. */
static int
fill(struct grid *g, const struct entry *entry, int count, const struct layout *l, int draw)
{
	int width = g->cols / l->across, col = 0, row = 0, k = 0;
	for (; k < count; k++) {
		int lines = l->whole ? put(g, &entry[k], 0, 0, width, 0) : 1;
		if (row && row + lines > l->rows) {
			col++;
			row = 0;
		}
		if (col == l->across || lines > l->rows)
			return k;
		if (draw)
			put(g, &entry[k], draw + row, col * width, width, lines);
		row += lines;
	}
	return k;
}

/* The least columns, of these the fewest rows, at most `most`: with whole words where that can be. */
static struct layout
lay(struct grid *g, const struct entry *entry, int count, int most)
{
	struct layout l = {1, most, 0};
	int least = g->cols / WIDTH > 0 ? g->cols / WIDTH : 1;
	for (l.whole = 1; l.whole >= 0; l.whole--)
		for (l.across = least; l.across == least || g->cols / l.across >= NARROW; l.across++)
			for (l.rows = 1; l.rows <= most; l.rows++)
				if (fill(g, entry, count, &l, 0) == count)
					return l;
	return (struct layout){l.across > least ? l.across - 1 : least, most, 0};
}

void
popup_keys(const struct screen *s, struct grid *g, int bottom)
{
	struct entry entry[ENTRIES];
	int count = gather(s, entry), most = bottom > 1 ? bottom - 1 : bottom;
	if (most < 1 || !count)
		return;
	struct layout l = lay(g, entry, count, most);
	int left_out = count - fill(g, entry, count, &l, 0), top = bottom - l.rows - (bottom > l.rows);
	if (left_out)
		grid_printf(g, top, 0, g->cols, GRID_REVERSE, " %s ...   Esc: nothing   %d more in the help", s->typed.keys,
		            left_out);
	else
		grid_printf(g, top, 0, g->cols, GRID_REVERSE, " %s ...   Esc: nothing", s->typed.keys);
	for (int row = bottom - l.rows; row < bottom; row++)
		grid_text(g, row, 0, g->cols, 0, "");
	fill(g, entry, count, &l, bottom - l.rows);
}
