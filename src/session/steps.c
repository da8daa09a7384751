#include "session/store.h"

#include <stdlib.h>
#include <string.h>

/* Frees what an op alone knows of: a text, or the line of those that took theirs out of the session. */
static void
op_free(struct op *op, enum op_kind out)
{
	if (op->kind == OP_CHANGE)
		free(op->text);
	else if (op->kind == out)
		line_free(op->line);
}

/* Forgets steps that were undone, when something new is done instead. */
static void
drop_undone(struct session *s)
{
	for (size_t k = s->op_at; k < s->op_count; k++)
		op_free(&s->ops[k], OP_INSERT);
	s->op_count = s->op_at;
	s->undone = 0;
	if (s->saved_at != SIZE_MAX && s->saved_at > s->op_at)
		s->saved_at = SIZE_MAX;
}

void
edit_clear(struct session *s)
{
	drop_undone(s);
	for (size_t k = 0; k < s->op_count; k++)
		op_free(&s->ops[k], OP_REMOVE);
	free(s->ops);
	s->ops = NULL;
	free(s->aside);
	s->aside = NULL;
	s->op_count = s->op_room = s->op_at = s->step_at = s->done = s->undone = 0;
	s->aside_count = s->aside_room = 0;
	s->depth = 0;
}

static void
record(struct session *s, struct op op)
{
	drop_undone(s);
	if (s->fresh)
		s->step_at = s->op_at;
	if (s->op_count == s->op_room) {
		s->op_room = s->op_room ? s->op_room * 2 : 64;
		s->ops = text_realloc(s->ops, s->op_room * sizeof *s->ops);
	}
	op.first = s->fresh;
	s->touched = true;
	s->steps += s->fresh;
	s->done += s->fresh;
	s->fresh = false;
	s->ops[s->op_count++] = op;
	s->op_at = s->op_count;
}

static void
put(struct session *s, struct line *line, struct line *after)
{
	line_link(s, line, after);
	line_read(s, line, NULL);
	line_attach(s, line);
}

static void
take(struct session *s, struct line *line)
{
	line_detach(s, line);
	line_unlink(s, line);
}

void
edit_swap_text(struct session *s, struct line *line, char **text)
{
	line_detach(s, line);
	char *old = line->text;
	line->text = *text;
	line->len = strlen(*text);
	*text = old;
	line_read(s, line, NULL);
	line_attach(s, line);
}

static void
swap_uid(struct session *s, struct node *a, struct node *b)
{
	uint32_t uid = a->uid;
	a->uid = b->uid;
	b->uid = uid;
	edit_pend(s, a, -1);
	edit_pend(s, b, -1);
}

/* The line itself, or the one before it that undo does not leave alone: such may go without being recorded. */
static struct line *
steady(struct line *line)
{
	while (line->kind == LINE_VALUE && model_aside((enum param_id)line->param))
		line = line->prev;
	return line;
}

struct line *
edit_insert(struct session *s, struct line *after, const char *text)
{
	struct line *line = line_new(text, strlen(text), s->newline);
	put(s, line, after);
	record(s, (struct op){.kind = OP_INSERT, .line = line, .after = steady(after)});
	return line;
}

void
edit_remove(struct session *s, struct line *line)
{
	struct line *after = line->prev;
	take(s, line);
	record(s, (struct op){.kind = OP_REMOVE, .line = line, .after = steady(after)});
}

void
edit_change(struct session *s, struct line *line, const char *text)
{
	char *other = text_copy(text, strlen(text));
	edit_swap_text(s, line, &other);
	record(s, (struct op){.kind = OP_CHANGE, .line = line, .text = other});
}

void
edit_swap(struct session *s, struct node *a, struct node *b)
{
	swap_uid(s, a, b);
	record(s, (struct op){.kind = OP_SWAP, .a = a, .b = b});
}

static void
undo_op(struct session *s, struct op *op)
{
	switch (op->kind) {
	case OP_INSERT:
		take(s, op->line);
		break;
	case OP_REMOVE:
		put(s, op->line, op->after);
		break;
	case OP_CHANGE:
		edit_swap_text(s, op->line, &op->text);
		break;
	case OP_SWAP:
		swap_uid(s, op->a, op->b);
		break;
	case OP_NONE:
		break;
	}
}

static void
redo_op(struct session *s, struct op *op)
{
	switch (op->kind) {
	case OP_INSERT:
		put(s, op->line, op->after);
		break;
	case OP_REMOVE:
		take(s, op->line);
		break;
	case OP_CHANGE:
	case OP_SWAP:
	case OP_NONE:
		undo_op(s, op);
		break;
	}
}

/* Whether an earlier op of the step under way knows the line's text from before it, or that it was not there. */
static bool
is_known(const struct session *s, const struct line *line, size_t kept)
{
	size_t at = line->recorded - 1; /* nowhere where it is 0 */
	return at >= s->step_at && at < kept && s->ops[at].line == line &&
	       (s->ops[at].kind == OP_INSERT || s->ops[at].kind == OP_CHANGE);
}

/*
 * Lines that a step changes again leave nothing more to remember. So a hand on a fader, or on all that are marked,
 * costs no more than one key press, however long it moves.
 */
static void
merge(struct session *s)
{
	size_t kept = s->group_start;
	if (s->saved_at != SIZE_MAX && s->saved_at > s->step_at)
		return; /* undo is to lead back into the middle of the step */
	for (size_t k = kept; k < s->op_at; k++) {
		struct op op = s->ops[k];
		if (op.kind == OP_CHANGE && is_known(s, op.line, kept)) {
			free(op.text);
			continue;
		}
		if (op.kind == OP_INSERT || op.kind == OP_CHANGE)
			op.line->recorded = kept + 1;
		s->ops[kept++] = op;
	}
	s->op_at = s->op_count = kept;
}

void
edit_take_back(struct session *s, size_t start)
{
	if (s->op_at == start)
		return;
	while (s->op_at > start) {
		struct op *op = &s->ops[--s->op_at];
		s->fresh |= op->first;
		s->done -= op->first;
		undo_op(s, op);
	}
	drop_undone(s);
}

void
session_begin(struct session *s)
{
	if (s->depth++)
		return;
	s->fresh = true;
	s->group_start = s->op_at;
}

void
session_join(struct session *s)
{
	if (s->depth++)
		return;
	/* neither where something was undone since, nor over a save: undo is to lead back there */
	s->fresh = s->op_at == 0 || s->op_at != s->op_count || s->saved_at == s->op_at;
	s->group_start = s->op_at;
}

void
session_commit(struct session *s)
{
	if (s->depth)
		s->depth--;
	if (s->depth)
		return;
	if (s->op_at > s->group_start)
		merge(s);
	s->aside_count = 0;
	if (s->told && s->edited)
		s->edited(s->edited_user, NULL, EDIT_DONE);
	s->told = false;
}

void
session_abandon(struct session *s)
{
	bool any = s->op_at > s->group_start;
	if (!s->depth || --s->depth)
		return;
	s->told = false;
	edit_take_back(s, s->group_start);
	edit_settle(s, NULL);
	s->reroute = false;
	if (any && s->edited)
		s->edited(s->edited_user, "undo", EDIT_STEP);
	aside_back(s, 0, true);
	edit_tell(s);
}

void
session_seal(struct session *s)
{
	bool dirty = session_dirty(s);
	edit_clear(s);
	s->saved_at = dirty ? SIZE_MAX : 0;
	s->fresh = true;
}

size_t
session_steps(const struct session *s, size_t *redos)
{
	*redos = s->undone;
	return s->done;
}

/* What follows an undo or redo. */
static void
stepped(struct session *s, char *kept, const char *word)
{
	s->fresh = true;
	edit_settle(s, NULL);
	aside_keep_on(s, kept);
	s->reroute = false;
	edit_tell(s);
	if (s->edited)
		s->edited(s->edited_user, word, EDIT_STEP);
}

int
session_undo(struct session *s)
{
	if (s->op_at == 0)
		return 0;
	char *kept = aside_keep(s);
	do
		undo_op(s, &s->ops[--s->op_at]);
	while (s->op_at && !s->ops[s->op_at].first);
	s->done--;
	s->undone++;
	stepped(s, kept, "undo");
	return 1;
}

int
session_redo(struct session *s)
{
	if (s->op_at == s->op_count)
		return 0;
	char *kept = aside_keep(s);
	do
		redo_op(s, &s->ops[s->op_at++]);
	while (s->op_at < s->op_count && !s->ops[s->op_at].first);
	s->done++;
	s->undone--;
	stepped(s, kept, "redo");
	return 1;
}

bool
session_dirty(struct session *s)
{
	return s->saved_at != s->op_at || s->unsaved_aside;
}
