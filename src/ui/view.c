#include "ui/view.h"

#include <string.h>

#include "ui/popup.h"
#include "ui/status.h"

const struct view views[] = {
    {"mixer", "overview", mixer_draw, NULL, mixer_row, 1},
    {"eq", "equaliser and filters of the strip", eq_draw, eq_command, eq_row, EQ_FIRST_ROW},
    {"dynamics", "gate, compressor and what they take", dynamics_draw, dynamics_command, dynamics_row, 1},
    {"list", "everything of the strip", list_draw, list_command, list_row, 1},
    {"sends", "sends, buses and keys", sends_draw, sends_command, sends_row, 1},
    {"stage", "where strips stand: left and right, front and back", stage_draw, stage_command, stage_row, 1},
    {"tape", "the song along its time, markers and loop", tape_draw, NULL, NULL, 0},
    {"scenes", "scenes, notes and presets", scenes_draw, scenes_command, NULL, 0},
    {"master", "loudness, peaks and image of what is heard", master_draw, NULL, master_row, 2},
    {"verdicts", "what places and codecs make of what is heard", verdicts_draw, verdicts_command, NULL, 0},
    {"faults", "what is wrong with the mix, who makes it, and when", faults_draw, faults_command, NULL, 0},
    {"render", "render: mix, master, CD, vinyl", render_draw, render_command, NULL, 0},
    {"help", "keys and commands", help_draw, help_command, NULL, 0},
    {NULL, NULL, NULL, NULL, NULL, 0},
};
_Static_assert(sizeof views / sizeof *views <= VIEWS, "there is room for a row of each view");

const struct view *
view_find(const char *name)
{
	for (const struct view *v = views; v->name; v++)
		if (!strcmp(v->name, name))
			return v;
	return NULL;
}

void
screen_take(struct screen *s)
{
	desk_view(s->desk, &s->view);
	desk_strip_values(s->desk, &s->values);
	desk_routes(s->desk, &s->routes);
	if (s->strip.wanted && !s->hold)
		desk_scope(s->desk, &s->strip.scope);
	s->strip.wanted = 0;
	strip_move(&s->strip, &s->values, s->hold ? s->strip.moved : s->now);
	if (s->verdicts_wanted)
		desk_verdicts(s->desk, &s->verdicts);
	s->verdicts_wanted = 0;
	if (s->faults_wanted)
		desk_faults(s->desk, &s->faults);
	s->faults_wanted = 0;
	if (s->master.wanted) {
		if (!s->hold)
			desk_loudness(s->desk, &s->master.now);
		desk_master_values(s->desk, &s->master.values);
		master_move(&s->master, s->hold ? s->master.moved : s->now);
	}
	s->master.wanted = 0;
	if (s->hold)
		meters_hold(&s->meters, &s->view);
	else
		meters_move(&s->meters, &s->view, s->now);
	if (s->still)
		meters_hide(&s->meters, &s->view);
}

static void
draw_all(struct screen *s, struct grid *g)
{
	if (g->cols < 24 || g->rows < 9) {
		status_words(s, g);
		if (s->prompt.open)
			prompt_draw(&s->prompt, g, g->rows - 1);
		return;
	}
	struct grid middle = grid_part(g, 1, 0, g->rows - 3, g->cols);
	middle.cursor_row = -1;
	s->current->draw(s, &middle);
	g->cursor_row = 1 + middle.cursor_row;
	g->cursor_col = middle.cursor_col;
	status_draw(s, g, 0);
	int lines = s->prompt.open ? 1 : status_message_rows(g, s->message), focus = g->rows - 1 - lines;
	s->told_rows = lines;
	grid_text(g, focus, 0, g->cols, 0, "");
	int col = status_focus(s, g, focus);
	if (middle.cursor_row < 0 || g->cursor_row >= focus) {
		g->cursor_row = focus;
		g->cursor_col = col;
	}
	if (popup_due(s))
		popup_keys(s, g, focus);
	if (s->prompt.open)
		prompt_draw(&s->prompt, g, g->rows - 1);
	else
		status_message(g, s->message, s->error, s->hint);
}

void
screen_draw(struct screen *s, struct grid *g)
{
	grid_clear(g);
	if (s->view.strips)
		draw_all(s, g);
	g->cursor_row = g->cursor_row < g->rows ? g->cursor_row : g->rows - 1;
	g->cursor_col = g->cursor_col < g->cols ? g->cursor_col : g->cols - 1;
}
