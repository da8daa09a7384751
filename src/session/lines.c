#include "session/store.h"

#include <stdlib.h>
#include <string.h>

struct line *
line_new(const char *text, size_t len, enum line_end end)
{
	struct line *line = text_alloc(sizeof *line);
	line->text = text_copy(text, len);
	line->len = len;
	line->end = end;
	return line;
}

void
line_free(struct line *line)
{
	if (!line)
		return;
	free(line->text);
	free(line->string);
	free(line);
}

/* A reference is mix, none or an address of the right kind; the node need not be there yet. */
static int
read_reference(struct session *s, const struct param *p, const char *text, char **string, struct err *err)
{
	char allowed[128];
	enum node_kind kind;
	const char *rest;
	size_t len;
	bool out = p->id == P_OUT;
	*string = NULL;
	if (!strcmp(text, out ? "mix" : "none")) {
		*string = text_copy("", 0);
	} else if (out && !strcmp(text, "none")) {
		*string = text_copy(text, 4);
	} else if (model_split(text, &len, &kind, &rest) && !*rest && kind & (out ? K_BUS : K_BUS | K_STRIP)) {
		if (!model_make(s, text, len))
			return err_set(err, "\"%.60s\": more nodes than a session may have", text);
		*string = text_copy(text, len);
	} else {
		param_allowed(p, allowed, sizeof allowed);
		return err_set(err, "\"%.60s\" is not possible for %s: %s", text, p->address, allowed);
	}
	return 0;
}

/* DCAs by id with commas between: written the one way "drums,vocals". */
static int
read_dcas(const char *text, struct err *err)
{
	for (const char *at = text; *at;) {
		size_t len = strcspn(at, ",");
		if (!text_is_id(at, len) || (at[len] == ',' && !at[len + 1]))
			return err_set(
			    err, "\"%.60s\" is not possible for dca: ids of DCAs with commas between, such as \"drums,vocals\"",
			    text);
		at += len + (at[len] == ',');
	}
	return 0;
}

static int
read_value(struct session *s, struct line *line, const struct param *p, const struct words *w, struct err *err)
{
	if (w->count == 1)
		return err_set(err, "%s has no value", w->word[0].text);
	line->value_at = w->word[1].at;
	line->value_end = w->word[w->count - 1].end;
	const char *text = w->word[1].text;
	bool number = p->type == T_REAL || p->type == T_INT;
	if (w->count > (number ? 3 : 2))
		return err_set(err, "column %zu: %s has more than one value (text with spaces stands in double quotes)",
		               w->word[2].at + 1, w->word[0].text);
	switch (p->type) {
	case T_TEXT:
		if (p->id == P_DCA && read_dcas(text, err))
			return -1;
		line->string = text_copy(text, strlen(text));
		return 0;
	case T_REF:
		return read_reference(s, p, text, &line->string, err);
	case T_REAL:
	case T_INT:
	case T_SWITCH:
	case T_CHOICE:
		break;
	}
	char *value = number ? words_value(w->word + 1, w->count - 1) : text_copy(text, strlen(text));
	int result = param_parse(p, value, p->id == P_RATE ? 1 : session_rate(s), &line->number, err);
	free(value);
	return result;
}

/* The line `ADDRESS VALUE`: unknown addresses are no failure. */
static int
read_address(struct session *s, struct line *line, const struct words *w, struct err *err)
{
	const char *address = w->word[0].text, *rest;
	enum node_kind kind;
	size_t len;
	line->kind = LINE_UNKNOWN;
	if (w->word[0].quoted || !model_split(address, &len, &kind, &rest) || !*rest)
		return 0;
	const struct param *p = param_find(kind, rest);
	if (!p)
		return 0;
	struct node *node = model_make(s, address, len);
	if (!node)
		return err_set(err, "%s: more than %d nodes, which is more than a session may have", address, STORE_NODES_MAX);
	line->kind = LINE_VALUE;
	line->node = node;
	line->param = (int)p->id;
	line->value_at = line->value_end = w->word[0].end;
	int result = read_value(s, line, p, w, err);
	line->bad = result != 0;
	return result;
}

int
line_read(struct session *s, struct line *line, struct err *err)
{
	struct words w;
	free(line->string);
	line->string = NULL;
	line->kind = LINE_PLAIN;
	line->bad = false;
	line->node = NULL;
	line->number = 0;
	if (words_init(&w, line->text, line->len, err)) {
		line->kind = LINE_UNKNOWN;
		return -1;
	}
	int result = 0;
	if (!w.count)
		line->kind = LINE_PLAIN;
	else if (!strcmp(w.word[0].text, "stemdesk"))
		line->kind = LINE_VERSION;
	else if (!strcmp(w.word[0].text, "variant") || !strcmp(w.word[0].text, "scene"))
		line->kind = LINE_VARIANT;
	else
		result = read_address(s, line, &w, err);
	words_fini(&w);
	return result;
}

/* Gives all lines places with room between them. */
static void
renumber(struct session *s)
{
	uint64_t pos = 0;
	for (struct line *l = &s->head; l; l = l->next, pos += (uint64_t)1 << 32)
		l->pos = pos;
}

void
line_link(struct session *s, struct line *line, struct line *after)
{
	line->prev = after;
	line->next = after->next;
	after->next = line;
	if (line->next)
		line->next->prev = line;
	else
		s->tail = line;
	s->line_count++;
	if (!line->next)
		line->pos = after->pos + ((uint64_t)1 << 32);
	else if (line->next->pos - after->pos >= 2)
		line->pos = after->pos + (line->next->pos - after->pos) / 2;
	else
		renumber(s);
}

void
line_unlink(struct session *s, struct line *line)
{
	line->prev->next = line->next;
	if (line->next)
		line->next->prev = line->prev;
	else
		s->tail = line->prev;
	s->line_count--;
}

/* Whether nodes come, go or move when a line of this kind does. */
static bool
shapes(const struct line *line)
{
	const struct node *node = line->node;
	return line->param == P_NAME || node->parent || params[line->param].type == T_REF;
}

void
line_attach(struct session *s, struct line *line)
{
	if (line->kind != LINE_VALUE)
		return;
	struct line **at = &inner(line->node)->top[line->param];
	while (*at && (*at)->pos > line->pos)
		at = &(*at)->earlier;
	line->earlier = *at;
	*at = line;
	inner(line->node)->lines++;
	if (shapes(line))
		s->restructure = true;
	model_recompute(s, line->node, line->param);
}

void
line_detach(struct session *s, struct line *line)
{
	if (line->kind != LINE_VALUE)
		return;
	struct line **at = &inner(line->node)->top[line->param];
	while (*at != line)
		at = &(*at)->earlier;
	*at = line->earlier;
	inner(line->node)->lines--;
	if (shapes(line))
		s->restructure = true;
	model_recompute(s, line->node, line->param);
}

int
line_retime(struct session *s, struct err *err)
{
	int result = 0;
	s->retime = false;
	for (struct line *l = s->head.next; l; l = l->next) {
		if (l->kind != LINE_VALUE || (params[l->param].unit != U_MS && params[l->param].unit != U_FRAMES))
			continue;
		struct words w;
		if (words_init(&w, l->text, l->len, NULL))
			continue;
		double number = 0;
		struct err why;
		bool bad = w.count < 2 || w.count > 3;
		if (bad)
			err_set(&why, "%s has no value", session_address(l->node));
		char *value = bad ? NULL : words_value(w.word + 1, w.count - 1);
		bad = bad || param_parse(&params[l->param], value, session_rate(s), &number, &why);
		free(value);
		if (bad && !l->bad && !result) {
			if (l->number_in_file)
				err_set(err, "line %zu: at this song rate, %s", l->number_in_file, why.text);
			else
				err_set(err, "at this song rate, %s: %s", session_address(l->node), why.text);
			result = -1;
		}
		words_fini(&w);
		l->bad = bad;
		l->number = number;
		model_recompute(s, l->node, l->param);
	}
	return result;
}

/* The later of two lines, either of which may be NULL. */
static struct line *
later(struct line *a, struct line *b)
{
	return !a ? b : !b ? a : a->pos > b->pos ? a : b;
}

struct line *
line_last(struct node *node, bool deep)
{
	struct line *last = NULL;
	if (inner(node)->lines) {
		for (size_t k = 0; k < PARAM_COUNT; k++)
			last = later(last, inner(node)->top[k]);
	}
	for (size_t k = 0; deep && k < node->children; k++)
		last = later(last, line_last(node->child[k], false));
	return last;
}

static int
rank(const struct node *node)
{
	while (node->parent)
		node = node->parent;
	switch (node->kind) {
	case K_SONG:
		return 0;
	case K_STRIP:
		return 1;
	case K_BUS:
		return 2;
	case K_DCA:
		return 3;
	case K_MIX:
		return 4;
	case K_MASTER:
	case K_SEND:
	case K_REGION:
	case K_MARKER:
	case K_NOTE:
		break;
	}
	return 5;
}

/* Where the first line of a top-level node goes: behind the last of its kind, or of the kinds before it. */
static struct line *
place_of_first(struct session *s, struct node *node)
{
	struct line *same = NULL, *lower = NULL, *version = NULL;
	for (struct line *l = s->head.next; l; l = l->next) {
		if (l->kind == LINE_VERSION)
			version = l;
		if (l->kind != LINE_VALUE)
			continue;
		if (rank(l->node) == rank(node))
			same = l;
		else if (rank(l->node) < rank(node) && (!lower || rank(l->node) >= rank(lower->node)))
			lower = l;
	}
	return same ? same : lower ? lower : version ? version : &s->head;
}

struct line *
line_place(struct session *s, struct node *node, int param)
{
	struct inner *in = inner(node);
	if (in->lines) {
		for (int k = param - 1; k >= 0; k--) {
			if (in->top[k])
				return in->top[k];
		}
		for (int k = param + 1; k < PARAM_COUNT; k++) {
			struct line *first = in->top[k];
			while (first && first->earlier)
				first = first->earlier;
			if (first)
				return first->prev;
		}
	}
	if (!node->parent)
		return place_of_first(s, node);
	/* Sends stand behind their strip's own lines, regions behind the sends. */
	struct line *last = line_last(node->parent, false);
	for (size_t k = 0; k < node->parent->children; k++) {
		struct node *child = node->parent->child[k];
		if (child->kind == node->kind || node->kind == K_REGION)
			last = later(last, line_last(child, false));
	}
	return last ? last : place_of_first(s, node);
}
