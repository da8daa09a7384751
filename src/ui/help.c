#include "ui/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct page {
	struct grid *g;
	int first, line; /* first: shown at the top; line: of the whole help */
};

static void
put(struct page *p, unsigned style, const char *text)
{
	int row = p->line++ - p->first;
	if (row >= 0 && row < p->g->rows - 1)
		grid_text(p->g, row, 0, p->g->cols, style, text);
}

void
help_draw(struct screen *s, struct grid *g)
{
	int *first = &s->help_first;
	struct page p = {g, *first < 0 ? 0 : *first, 0};
	char text[512];
	put(&p, GRID_BOLD, "Keys");
	const struct keymap_bind *b;
	for (size_t k = 0; (b = keymap_bind(s->keys, k)); k++) {
		const struct desk_command *c = desk_command_of(b->command, NULL);
		snprintf(text, sizeof text, "  %-10s %-6s %-24s %s", b->keys, b->view, b->command, c ? c->help : "");
		put(&p, 0, text);
	}
	put(&p, 0, "");
	put(&p, GRID_BOLD, "Commands, typed after :");
	for (const struct desk_command *c = desk_commands; c->name; c++) {
		snprintf(text, sizeof text, "  %s%s%s %s", c->name, c->alias ? ", " : "", c->alias ? c->alias : "", c->usage);
		size_t n = strlen(text);
		snprintf(text + n, sizeof text - n, "%*s%s", n < 34 ? (int)(34 - n) : 1, "", c->help);
		put(&p, 0, text);
	}
	put(&p, 0, "");
	put(&p, 0, "  Any other line changes values: strip/kick/fader -6.5   @/pan L30   strip/*/mute off");
	put(&p, 0, "  @ is the chosen strip; `stemdesk params` lists all addresses.");
	int most = p.line - (g->rows - 1);
	*first = p.first > most ? most > 0 ? most : 0 : p.first;
	if (*first != p.first) {
		grid_clear(g);
		help_draw(s, g);
		return;
	}
	snprintf(text, sizeof text, "help %d-%d of %d   j k: move   q: back", p.first + 1,
	         p.line < p.first + g->rows - 1 ? p.line : p.first + g->rows - 1, p.line);
	grid_text(g, g->rows - 1, 0, g->cols, GRID_REVERSE, text);
	g->cursor_row = g->rows - 1;
}

int
help_command(struct screen *s, const char *name, const char *args)
{
	if (strcmp(name, "scroll"))
		return 0;
	s->help_first += atoi(args);
	return 1;
}
