#include "ui/status.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void
status_draw(const struct screen *s, struct grid *g, int row)
{
	const struct desk_view *v = &s->view;
	char clock[32], text[320];
	double seconds = v->rate > 0 ? (double)v->position / v->rate : 0;
	snprintf(clock, sizeof clock, "%d:%04.1f", (int)(seconds / 60), fmod(seconds, 60));
	const char *file = strrchr(v->path, '/');
	file = file ? file + 1 : v->path;
	const char *state = v->playing ? g->ascii ? "> play" : "\u25b6 play" : g->ascii ? "# stop" : "\u25a0 stop";
	int col = grid_text(g, row, 0, -1, GRID_BOLD, state);
	snprintf(text, sizeof text, " %s  load %.0f%%  xruns %u", clock, (double)s->meters.load * 100, v->xruns);
	if (v->starved)
		snprintf(text + strlen(text), sizeof text - strlen(text), "  late reads %u", v->starved);
	if (g->cols >= 60)
		snprintf(text + strlen(text), sizeof text - strlen(text), "  disk %.0f%%", (double)v->disk * 100);
	col = grid_text(g, row, col, -1, 0, text);
	snprintf(text, sizeof text, "  %s%s%s", file, v->dirty ? " +" : "", v->view_only ? " (looking only)" : "");
	col = grid_text(g, row, col, -1, v->dirty ? GRID_BOLD : 0, text);
	int n = (int)strlen(v->device);
	if (col + 2 + n <= g->cols)
		grid_text(g, row, g->cols - n, n, 0, v->device);
}

void
status_focus_text(const struct screen *screen, char *to, size_t size)
{
	const struct desk_view *v = &screen->view;
	static const char *const processors[] = {"filter", "gate", "de-esser", "EQ", "comp", "transient", "saturation", ""};
	const struct desk_strip *s = &v->strip[v->selected];
	static const char *const kinds[] = {"", "bus ", "DCA ", "", ""};
	int n = s->kind == DESK_STRIP ? snprintf(to, size, "%d %s", s->number, s->name)
	                              : snprintf(to, size, "%s%s", kinds[s->kind], s->name);
	char pan[8];
	meters_pan_text(s->pan, pan);
#define ADD(...) n += n < (int)size ? snprintf(to + n, size - (size_t)n, __VA_ARGS__) : 0
	if (s->fader <= -100)
		ADD("  fader off");
	else
		ADD("  fader %+.1f dB", (double)s->fader);
	if (s->kind == DESK_STRIP || s->kind == DESK_BUS)
		ADD("  pan %s", !strcmp(pan, "Lft") ? "L100" : !strcmp(pan, "Rgt") ? "R100" : pan);
	ADD("%s%s%s", s->mute ? "  muted" : "", s->solo ? "  solo" : "", s->safe ? "  solo-safe" : "");
	if (s->kind != DESK_DCA && screen->meters.hold[v->selected] > METER_LOW)
		ADD("  peak %.1f", (double)screen->meters.hold[v->selected]);
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

void
status_message(struct grid *g, int row, const char *message, int error, const char *hint)
{
	int col = grid_text(g, row, 0, -1, error ? GRID_BOLD | GRID_COLOUR(1) : 0, message);
	int n = (int)strlen(hint);
	if (col + 2 + n <= g->cols)
		grid_text(g, row, g->cols - n, n, 0, hint);
}

void
status_words(const struct screen *s, struct grid *g)
{
	char text[512];
	status_focus_text(s, text, sizeof text);
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
		grid_text(g, g->rows - 1, 0, -1, s->error ? GRID_BOLD : 0, s->message);
}
