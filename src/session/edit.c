#include "session/store.h"

#include <stdlib.h>
#include <string.h>

/* Forgets steps that were undone, when something new is done instead. */
static void
drop_undone(struct session *s)
{
	for (size_t k = s->op_at; k < s->op_count; k++) {
		free(s->ops[k].text);
		if (s->ops[k].kind == OP_INSERT)
			line_free(s->ops[k].line);
	}
	s->op_count = s->op_at;
	s->undone = 0;
	if (s->saved_at != SIZE_MAX && s->saved_at > s->op_at)
		s->saved_at = SIZE_MAX;
}

void
edit_clear(struct session *s)
{
	drop_undone(s);
	for (size_t k = 0; k < s->op_count; k++) {
		free(s->ops[k].text);
		if (s->ops[k].kind == OP_REMOVE)
			line_free(s->ops[k].line);
	}
	free(s->ops);
	s->ops = NULL;
	free(s->aside);
	s->aside = NULL;
	s->op_count = s->op_room = s->op_at = s->done = s->undone = 0;
	s->aside_count = s->aside_room = 0;
	s->depth = 0;
}

static void
record(struct session *s, struct op op)
{
	drop_undone(s);
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

void
edit_pend(struct session *s, struct node *node, int param)
{
	for (size_t k = s->pending_count; k-- > 0 && k + 16 > s->pending_count;) {
		if (s->pending[k].node == node && s->pending[k].param == param)
			return;
	}
	if (s->pending_count == s->pending_room) {
		s->pending_room = s->pending_room ? s->pending_room * 2 : 64;
		s->pending = text_realloc(s->pending, s->pending_room * sizeof *s->pending);
	}
	s->pending[s->pending_count++] = (struct pending){node, param};
}

/* Brings nodes and times up to date with the lines. */
static int
settle(struct session *s, struct err *err)
{
	int result = 0;
	if (s->retime)
		result = line_retime(s, err);
	if (s->restructure)
		model_restructure(s);
	return result;
}

void
edit_tell(struct session *s)
{
	for (size_t k = 0; k < s->pending_count; k++) {
		struct pending p = s->pending[k];
		if (!s->changed || (p.param >= 0 && !p.node->live))
			continue;
		s->changed(s->changed_user, p.node, p.param, p.param < 0 || params[p.param].flags & FLAG_BUILD);
	}
	s->pending_count = 0;
}

/* A nudge after a nudge of the same line in the same step leaves one op: the first knows the text from before both. */
static void
merge(struct session *s, size_t start)
{
	if (!start || s->op_at != start + 1 || s->saved_at == start)
		return;
	struct op *before = &s->ops[start - 1], *op = &s->ops[start];
	if (op->first || op->kind != OP_CHANGE || before->kind != OP_CHANGE || before->line != op->line)
		return;
	free(op->text);
	s->op_at = s->op_count = start;
}

size_t
edit_start(struct session *s)
{
	session_begin(s);
	s->touched = s->touched_aside = false;
	s->aside_start = s->aside_count;
	return s->op_at;
}

/* Undoes what was done since op_at was `start`, for good. */
static void
take_back(struct session *s, size_t start)
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

int
edit_end(struct session *s, size_t start, int result, struct err *err)
{
	if (settle(s, err))
		result = -1;
	if (!result && s->reroute)
		result = session_check_routing(s, err);
	if (result) {
		take_back(s, start);
		aside_back(s, s->aside_start, false);
		settle(s, NULL);
		s->pending_count = 0;
	}
	s->reroute = false;
	session_commit(s);
	if (!result) {
		merge(s, start);
		edit_tell(s);
	}
	return result;
}

/* Forgets the oldest tenth of the steps where there are too many, so that a long night costs no more memory. */
static void
drop_oldest(struct session *s)
{
	size_t count = s->op_at / 10;
	while (count < s->op_at && !s->ops[count].first)
		count++;
	for (size_t k = 0; k < count; k++) {
		s->done -= s->ops[k].first;
		free(s->ops[k].text);
		if (s->ops[k].kind == OP_REMOVE)
			line_free(s->ops[k].line);
	}
	s->op_at -= count;
	s->op_count -= count;
	memmove(s->ops, s->ops + count, s->op_count * sizeof *s->ops);
	if (s->saved_at != SIZE_MAX)
		s->saved_at = s->saved_at < count ? SIZE_MAX : s->saved_at - count;
}

void
session_begin(struct session *s)
{
	if (s->depth++)
		return;
	s->fresh = true;
	if (s->op_at > STORE_OPS_MAX)
		drop_oldest(s);
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
	take_back(s, s->group_start);
	settle(s, NULL);
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
	settle(s, NULL);
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

void
session_on_change(struct session *s, session_change changed, void *user)
{
	s->changed = changed;
	s->changed_user = user;
}

void
session_on_edit(struct session *s, session_edit edited, void *user)
{
	s->edited = edited;
	s->edited_user = user;
}

void
edit_told(struct session *s, const char *line)
{
	if (!s->touched && !s->touched_aside)
		return;
	enum edit_how how = !s->touched ? EDIT_ASIDE : s->steps == s->told_step ? EDIT_JOINED : EDIT_STEP;
	if (s->touched)
		s->told_step = s->steps;
	s->told = s->depth != 0;
	if (s->edited)
		s->edited(s->edited_user, line, how);
}

struct line *
edit_move(struct session *s, struct line *line, struct line *after)
{
	char *text = text_copy(line->text, line->len);
	enum line_end end = line->end;
	edit_remove(s, line);
	struct line *moved = edit_insert(s, after, text);
	if (end != END_NONE)
		moved->end = end;
	free(text);
	return moved;
}

/* The value as it stands in a line; the caller frees it. */
static char *
write_value(const struct param *p, double number, const char *string)
{
	char text[64];
	if (p->type == T_TEXT)
		return text_quote(string);
	if (p->type == T_REF) {
		const char *word = *string ? string : p->id == P_OUT ? "mix" : "none";
		return text_copy(word, strlen(word));
	}
	param_format(p, number, text, sizeof text);
	return text_copy(text, strlen(text));
}

int
edit_set(struct session *s, struct node *node, const struct param *p, double number, const char *string,
         struct err *err)
{
	struct inner *in = inner(node);
	struct line *top = in->top[p->id];
	const char *now;
	double was;
	if (p->type == T_TEXT || p->type == T_REF)
		number = 0;
	else
		string = "";
	model_base(s, node, (int)p->id, &was, &now);
	bool makes = model_makes(p->id);
	bool kept = top && !top->bad;
	if (was == number && !strcmp(now, string) && (kept || (!top && !makes)))
		return 0;
	if (model_aside(p->id))
		return aside_set(s, node, p, number, err);
	bool at_default = (p->type == T_TEXT || p->type == T_REF) ? !*string : number == model_default(s, p);
	if (at_default && !makes) {
		while (in->top[p->id])
			edit_remove(s, in->top[p->id]);
		return 0;
	}
	char *value = write_value(p, number, string);
	char *text = top ? text_format("%.*s%s%s%s", (int)top->value_at, top->text,
	                               top->value_at == top->value_end ? " " : "", value, top->text + top->value_end)
	                 : text_format("%s/%s %s", in->address, p->address, value);
	free(value);
	int result = 0;
	if (strlen(text) > TEXT_LINE_MAX)
		result = err_set(err, "%s/%s: the text is too long", in->address, p->address);
	else if (!top && s->line_count >= STORE_LINES_MAX)
		result = err_set(err, "%s/%s: the session has as many lines as it may have", in->address, p->address);
	else if (top)
		edit_change(s, top, text);
	else
		edit_insert(s, line_place(s, node, (int)p->id), text);
	free(text);
	return result;
}
