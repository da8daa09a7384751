#include "session/store.h"

#include <stdlib.h>
#include <string.h>

/* Takes a line out for good; what is recorded of it is nothing any more. */
static void
drop(struct session *s, struct line *line)
{
	for (size_t k = 0; k < s->op_count; k++) {
		struct op *op = &s->ops[k];
		if (op->kind == OP_SWAP || op->line != line)
			continue;
		if (op->kind == OP_CHANGE)
			free(op->text);
		*op = (struct op){.kind = OP_NONE, .first = op->first};
	}
	line_detach(s, line);
	line_unlink(s, line);
	line_free(line);
}

static void
change(struct session *s, struct line *line, const char *value)
{
	char *text = text_format("%.*s%s%s%s", (int)line->value_at, line->text,
	                         line->value_at == line->value_end ? " " : "", value, line->text + line->value_end);
	edit_swap_text(s, line, &text);
	free(text);
}

static int
set(struct session *s, struct node *node, const struct param *p, double number, struct err *err)
{
	struct inner *in = inner(node);
	char value[64];
	param_format(p, number, value, sizeof value);
	if (number == model_default(s, p)) {
		for (struct line *line = in->top[p->id], *earlier; line; line = earlier) {
			earlier = line->earlier;
			drop(s, line);
		}
		return 0;
	}
	if (in->top[p->id]) {
		change(s, in->top[p->id], value);
		return 0;
	}
	if (s->line_count >= STORE_LINES_MAX)
		return err_set(err, "%s/%s: the session has as many lines as it may have", in->address, p->address);
	char *text = text_format("%s/%s %s", in->address, p->address, value);
	struct line *line = line_new(text, strlen(text), s->newline);
	free(text);
	line_link(s, line, line_place(s, node, (int)p->id));
	line_read(s, line, NULL);
	line_attach(s, line);
	return 0;
}

int
aside_set(struct session *s, struct node *node, const struct param *p, double number, struct err *err)
{
	double was;
	const char *text;
	model_base(s, node, (int)p->id, &was, &text);
	if (set(s, node, p, number, err))
		return -1;
	if (s->aside_count == s->aside_room) {
		s->aside_room = s->aside_room ? s->aside_room * 2 : 16;
		s->aside = text_realloc(s->aside, s->aside_room * sizeof *s->aside);
	}
	s->aside[s->aside_count++] = (struct aside){node, (int)p->id, was};
	s->touched_aside = s->unsaved_aside = true;
	return 0;
}

void
aside_back(struct session *s, size_t start, bool tell)
{
	while (s->aside_count > start) {
		const struct aside *a = &s->aside[--s->aside_count];
		const struct param *p = &params[a->param];
		char value[64];
		set(s, a->node, p, a->number, NULL);
		if (!tell || !s->edited)
			continue;
		param_format(p, a->number, value, sizeof value);
		char *line = text_format("%s/%s %s", inner(a->node)->address, p->address, value);
		s->edited(s->edited_user, line, EDIT_ASIDE);
		free(line);
	}
}

/* By uid, as a renamed node keeps its own: '\0' not live, else '-' or '+'. */
char *
aside_keep(struct session *s)
{
	char *kept = text_alloc((size_t)s->last_uid + 1);
	for (size_t list = 0; list < 2; list++)
		for (size_t k = 0; k < s->desk[list].count; k++) {
			struct node *node = s->desk[list].node[k];
			double was;
			const char *text;
			model_base(s, node, P_SOLO, &was, &text);
			kept[node->uid] = was != 0 ? '+' : '-';
		}
	return kept;
}

void
aside_keep_on(struct session *s, char *kept)
{
	const struct param *p = &params[P_SOLO];
	for (size_t k = 0; k < s->all.count; k++) {
		struct node *node = s->all.node[k];
		struct line *line = inner(node)->top[P_SOLO];
		if (!(node->kind & p->kinds))
			continue;
		double is;
		const char *text;
		model_base(s, node, P_SOLO, &is, &text);
		/* of a strip that is not there any more nothing is left in the file */
		if (!node->live && line && !line->number_in_file)
			drop(s, line);
		else if (node->live && kept[node->uid] && (kept[node->uid] == '+') != (is != 0))
			set(s, node, p, kept[node->uid] == '+', NULL);
	}
	free(kept);
}
