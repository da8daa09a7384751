#include "control/desk/edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
may_change(struct desk *d, struct err *err)
{
	return d->view_only ? err_set(err, "the session is only looked at: somebody else has it open") : 0;
}

/* Brings the sound up to date after the session changed. */
static int
follow_sound(struct desk *d, struct err *err)
{
	if (!d->rebuild) {
		desk_engine_send(d);
		return 0;
	}
	d->rebuild = 0;
	int failed = session_rate(d->session) == d->rate ? desk_engine_rebuild(d, err) : desk_engine_rate(d, err);
	desk_words_keep(d);
	desk_keep_chosen(d);
	return failed;
}

struct session *
desk_copy_session(struct desk *d, struct err *err)
{
	size_t length;
	char *text = session_text(d->session, &length);
	struct session *copy = text ? session_new() : NULL;
	if (!copy)
		err_set(err, "not enough memory for a copy of the session");
	if (copy && session_parse(copy, text, length, d->path, 1, err)) {
		session_free(copy);
		copy = NULL;
	}
	free(text);
	return copy;
}

int
desk_follow(struct desk *d, const char *before, struct err *err)
{
	int failed = follow_sound(d, err);
	if (*d->words && d->more)
		desk_say(d, DESK_SAYS, "%s%s and %d more", before, d->words, d->more);
	else if (*d->words)
		desk_say(d, DESK_SAYS, "%s%s", before, d->words);
	return failed;
}

int
desk_begin(struct desk *d, struct err *err)
{
	if (may_change(d, err))
		return -1;
	desk_words_begin(d);
	session_begin(d->session);
	d->led_out = 0;
	return 0;
}

/* Others than the desk's own user name no file outside of the session's folder. */
static int
leads_out(struct desk *d, struct err *err)
{
	if (!d->from || !d->led_out)
		return 0;
	return err_set(err, "a stem outside of the session's folder can only be named at the desk itself");
}

int
desk_begin_again(struct desk *d, struct err *err)
{
	if (may_change(d, err))
		return -1;
	desk_words_begin(d);
	session_join(d->session);
	return 0;
}

int
desk_end(struct desk *d, int failed, const char *words, struct err *err)
{
	struct err other;
	if (!failed)
		failed = leads_out(d, err);
	if (failed) {
		session_abandon(d->session);
		desk_words_begin(d);
		desk_follow(d, "", &other);
		return failed;
	}
	session_commit(d->session);
	if (!words)
		return desk_follow(d, "", err);
	failed = follow_sound(d, err);
	if (!failed && *words)
		desk_say(d, DESK_SAYS, "%s", words);
	return failed;
}

/* One line of the language, which may go on with the step before it. */
static int
apply(struct desk *d, const char *line, int drag, struct err *err)
{
	struct desk_edit *e = d->edit;
	size_t redos, steps = session_steps(d->session, &redos);
	char before[40] = "";
	if (may_change(d, err))
		return -1;
	if (gesture_joins(&e->gesture, line, drag, e->selection, clock_seconds()) && steps)
		session_join(d->session);
	else
		session_begin(d->session);
	desk_words_begin(d);
	d->led_out = 0;
	if (session_line(d->session, line, err)) {
		session_commit(d->session);
		return -1;
	}
	if (leads_out(d, err))
		return desk_end(d, -1, NULL, err);
	session_commit(d->session);
	if (!*d->words && session_steps(d->session, &redos) == steps)
		return 0;
	/* lines that hold a value for later change nothing that could be told */
	if (!*d->words)
		snprintf(d->words, sizeof d->words, "%s", line);
	char *copy = strdup(line);
	free(d->last_line);
	d->last_line = copy;
	const char *at = strchr(line, '@');
	if (e->marks && at && at < line + strcspn(line, " \t"))
		snprintf(before, sizeof before, "%d marked: ", e->marks);
	return desk_follow(d, before, err);
}

int
desk_apply(struct desk *d, const char *line, struct err *err)
{
	return apply(d, line, 0, err);
}

int
desk_drag(struct desk *d, char *args, struct err *err)
{
	if (!*args || desk_command_of(args, NULL))
		return err_set(err, "drag wants a line that sets a value, such as drag @/fader -6.5");
	return apply(d, args, 1, err);
}

int
desk_undo(struct desk *d, int redo, struct err *err)
{
	if (may_change(d, err))
		return -1;
	if (d->edit->macro_depth)
		return err_set(err, "a macro is one step of undo: nothing is undone inside of it");
	desk_words_begin(d);
	if (!(redo ? session_redo(d->session) : session_undo(d->session)))
		return err_set(err, redo ? "there is nothing to do again" : "there is nothing to undo");
	if (!*d->words)
		snprintf(d->words, sizeof d->words, "a line that changes no value now");
	return desk_follow(d, redo ? "redone: " : "undone: ", err);
}

int
desk_edit_open(struct desk *d, struct err *err)
{
	d->edit = calloc(1, sizeof *d->edit);
	return d->edit ? 0 : err_set(err, "not enough memory for the desk");
}

void
desk_edit_close(struct desk *d)
{
	if (!d->edit)
		return;
	for (size_t k = 0; k < 26; k++)
		free(d->edit->macros[k]);
	free(d->edit->macro);
	held_fini(&d->edit->clip);
	desk_fade_free(d);
	desk_ab_free(d->edit->ab);
	free(d->edit);
	d->edit = NULL;
}
