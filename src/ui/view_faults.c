#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/view.h"

#define HINT "Enter goes to one"
#define DETAILS 3 /* rows below the list, for the whole of what may be cut in it */

/* What there is to say where no fault is shown, and above the list. */
static void
title(const struct desk_faults *f, char *text, size_t size)
{
	if (f->listening >= 0)
		snprintf(text, size, "listening to the mix: %d %%", f->listening);
	else if (!f->version)
		snprintf(text, size, "not listened to yet: Enter listens to the mix, faster than time");
	else
		snprintf(text, size, "%s%s", f->stale ? "before a change: " : "", f->words);
}

static void
draw_fault(const struct desk_fault *f, struct grid *g, int row, int chosen, int gone)
{
	grid_put(g, row, 0, chosen ? '>' : ' ', GRID_BOLD);
	grid_put(g, row, 1, gone ? '#' : ' ', GRID_BOLD);
	int col = grid_printf(g, row, 2, 8, chosen ? GRID_REVERSE : 0, "%8s", f->clock);
	col = grid_printf(g, row, col, 12, f->heavy ? GRID_BOLD : 0, " %s%s", f->heavy ? "! " : "  ", f->kind);
	grid_printf(g, row, col, g->cols - col, f->heavy ? GRID_COLOUR(1) : 0, " %s", f->text);
}

void
faults_draw(struct screen *s, struct grid *g)
{
	const struct desk_faults *f = &s->faults;
	char text[200];
	int rows = g->rows - 1 - DETAILS;
	s->faults_wanted = 1;
	title(f, text, sizeof text);
	int col = grid_text(g, 0, 0, -1, GRID_BOLD, text);
	if (f->count && col + 2 + (int)strlen(HINT) <= g->cols)
		grid_text(g, 0, g->cols - (int)strlen(HINT), -1, 0, HINT);
	/* the desk went to another one: the list goes along */
	if (f->chosen != s->fault_gone && f->chosen >= 0)
		s->fault = f->chosen;
	s->fault_gone = f->chosen;
	s->fault = s->fault < f->count ? s->fault : f->count - 1;
	s->fault = s->fault < 0 ? 0 : s->fault;
	if (!f->count)
		return;
	if (rows < 1) {
		grid_paragraph(g, 1, 0, f->fault[s->fault].text);
		return;
	}
	s->fault_first = grid_scroll(s->fault_first, s->fault, rows, f->count);
	for (int k = 0; k < rows && s->fault_first + k < f->count; k++) {
		int at = s->fault_first + k;
		draw_fault(&f->fault[at], g, 1 + k, at == s->fault, at == f->chosen);
	}
	struct grid below = grid_part(g, g->rows - DETAILS + 1, 0, DETAILS - 1, g->cols);
	grid_paragraph(&below, 0, 0, f->fault[s->fault].text);
	g->cursor_row = 1 + s->fault - s->fault_first;
	g->cursor_col = g->cols > 2 ? 2 : 0;
}

/* `row` goes from one to the next; `press` goes to its place in the song, or listens where there is nothing yet. */
int
faults_command(struct screen *s, const char *name, const char *args)
{
	const struct desk_faults *f = &s->faults;
	char line[40];
	int last = f->count - 1;
	if (!strcmp(name, "row")) {
		s->fault += atoi(args);
		s->fault = s->fault > last ? last : s->fault;
		s->fault = s->fault < 0 ? 0 : s->fault;
		return 1;
	}
	if (strcmp(name, "press"))
		return 0;
	snprintf(line, sizeof line, "fault %d", s->fault + 1);
	desk_send(s->desk, f->count ? line : "faults");
	return 1;
}
