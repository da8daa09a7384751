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

void
popup_keys(const struct screen *s, struct grid *g, int bottom)
{
	const char *view = s->current->name;
	size_t length = strlen(s->typed.keys);
	int count = 0, across = g->cols / WIDTH > 0 ? g->cols / WIDTH : 1;
	while (keymap_begin(s->keys, view, s->typed.keys, (size_t)count))
		count++;
	int most = bottom > 1 ? bottom - 1 : bottom, rows = (count + across - 1) / across;
	/* in a low window shorter words side by side rather than some left out */
	for (; rows > most && g->cols / (across + 1) >= NARROW; rows = (count + across - 1) / across)
		across++;
	int left_out = rows > most ? count - most * across : 0;
	rows = rows > most ? most : rows;
	if (rows < 1)
		return;
	int top = bottom - rows - (bottom > rows), width = g->cols / across;
	if (left_out)
		grid_printf(g, top, 0, g->cols, GRID_REVERSE, " %s ...   Esc: nothing   %d more in the help", s->typed.keys,
		            left_out);
	else
		grid_printf(g, top, 0, g->cols, GRID_REVERSE, " %s ...   Esc: nothing", s->typed.keys);
	for (int row = bottom - rows; row < bottom; row++)
		grid_text(g, row, 0, g->cols, 0, "");
	for (int k = 0; k < count && k < rows * across; k++) {
		const struct keymap_bind *b = keymap_begin(s->keys, view, s->typed.keys, (size_t)k);
		char words[300];
		int row = bottom - rows + k % rows, col = k / rows * width;
		const char *args;
		const struct desk_command *c = desk_command_of(b->command, &args);
		if (c && *args && strcmp(c->name, "view"))
			snprintf(words, sizeof words, "%s", b->command);
		else
			popup_words(s, b->command, words, sizeof words);
		int at = grid_text(g, row, col + 1, -1, GRID_BOLD, b->keys + length);
		grid_text(g, row, at + 1, col + width - at - 2, 0, words);
	}
}
