#include "session/store.h"

#include <stdlib.h>
#include <string.h>

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

int
edit_settle(struct session *s, struct err *err)
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

size_t
edit_start(struct session *s)
{
	session_begin(s);
	s->touched = s->touched_aside = false;
	s->aside_start = s->aside_count;
	return s->op_at;
}

int
edit_end(struct session *s, size_t start, int result, struct err *err)
{
	if (edit_settle(s, err))
		result = -1;
	if (!result && s->reroute)
		result = session_check_routing(s, err);
	if (result) {
		edit_take_back(s, start);
		aside_back(s, s->aside_start, false);
		edit_settle(s, NULL);
		s->pending_count = 0;
	}
	s->reroute = false;
	session_commit(s);
	if (!result)
		edit_tell(s);
	return result;
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
