#include "session/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Where differences go. */
struct teller {
	void (*each)(void *user, const char *text);
	void *user;
	size_t count;
};

static void __attribute__((format(printf, 2, 3))) tell(struct teller *t, const char *format, ...)
{
	char *text = NULL;
	va_list list;
	va_start(list, format);
	if (vasprintf(&text, format, list) < 0)
		text = NULL;
	va_end(list);
	if (text) {
		size_t size = strlen(text) * 8 + 1;
		char *shown = text_alloc(size);
		t->each(t->user, text_show(text, shown, size));
		free(shown);
	}
	free(text);
	t->count++;
}

static const char *
called(const struct node *node)
{
	switch (node->kind) {
	case K_SONG:
		return "Song";
	case K_MIX:
		return "Mix";
	case K_MASTER:
		return "Master";
	case K_STRIP:
	case K_BUS:
	case K_DCA:
		return *node->text[P_NAME] ? node->text[P_NAME] : node->id;
	case K_SEND:
	case K_REGION:
	case K_MARKER:
	case K_NOTE:
		break;
	}
	return node->id;
}

static const char *
kind_word(const struct node *node)
{
	return node->kind == K_STRIP ? "strip"
	       : node->kind == K_BUS ? "bus"
	       : node->kind == K_DCA ? "DCA"
	                             : model_child(node->kind)->word;
}

/* "Kick", "Kick: send to verb", "Kick: region r4k2x"; the caller frees it. */
static char *
label(const struct node *node)
{
	if (!node->parent)
		return text_copy(called(node), strlen(called(node)));
	return text_format("%s: %s %s", called(node->parent), node->kind == K_SEND ? "send to" : kind_word(node), node->id);
}

/* A value in words; two that differ are never shown alike. */
static void
show(const struct param *p, const struct node *a, const struct node *b, char **old, char **new)
{
	char x[64], y[64];
	if (p->type == T_TEXT) {
		*old = text_quote(a->text[p->id]);
		*new = text_quote(b->text[p->id]);
		return;
	}
	if (p->type == T_REF) {
		const char *unset = p->id == P_OUT ? "mix" : "none";
		*old = text_format("%s", *a->text[p->id] ? a->text[p->id] : unset);
		*new = text_format("%s", *b->text[p->id] ? b->text[p->id] : unset);
		return;
	}
	param_show(p, a->value[p->id], x, sizeof x);
	param_show(p, b->value[p->id], y, sizeof y);
	if (!strcmp(x, y)) {
		param_format(p, a->value[p->id], x, sizeof x);
		param_format(p, b->value[p->id], y, sizeof y);
	}
	/* The unit is said once. */
	char *unit = strrchr(x, ' ');
	if (unit && strrchr(y, ' ') && !strcmp(unit, strrchr(y, ' ')))
		*unit = '\0';
	*old = text_copy(x, strlen(x));
	*new = text_copy(y, strlen(y));
}

static void
compare_params(struct teller *t, const struct node *a, const struct node *b)
{
	char *who = label(b);
	for (size_t k = 0; k < PARAM_COUNT; k++) {
		const struct param *p = &params[k];
		bool text = p->type == T_TEXT || p->type == T_REF;
		/* A print goes along with its file. */
		if (!(p->kinds & b->kind) || p->id == P_NAME || p->id == P_REGION_PRINT ||
		    (text ? !strcmp(a->text[k], b->text[k]) : a->value[k] == b->value[k]))
			continue;
		char *old, *new, *word = text_copy(p->address, strlen(p->address));
		for (char *c = word; *c; c++) {
			if (*c == '/')
				*c = ' ';
		}
		show(p, a, b, &old, &new);
		tell(t, "%s: %s %s (was %s)", who, word, new, old);
		free(old);
		free(new);
		free(word);
	}
	free(who);
}

static const struct node *
child_of(const struct node *node, const struct node *like)
{
	for (size_t k = 0; k < node->children; k++) {
		if (node->child[k]->kind == like->kind && !strcmp(node->child[k]->id, like->id))
			return node->child[k];
	}
	return NULL;
}

static void
compare_nodes(struct teller *t, const struct node *a, const struct node *b)
{
	if (b->kind & (K_STRIP | K_BUS | K_DCA) && strcmp(called(a), called(b)) != 0)
		tell(t, "%s: renamed to %s", called(a), called(b));
	compare_params(t, a, b);
	for (size_t k = 0; k < a->children; k++) {
		if (!child_of(b, a->child[k]))
			tell(t, "%s: %s %s removed", called(b), kind_word(a->child[k]), a->child[k]->id);
	}
	for (size_t k = 0; k < b->children; k++) {
		const struct node *old = child_of(a, b->child[k]);
		const struct node *child = b->child[k];
		if (old) {
			compare_params(t, old, child);
			continue;
		}
		char level[64];
		param_show(&params[P_SEND_LEVEL], child->value[P_SEND_LEVEL], level, sizeof level);
		if (child->kind == K_SEND)
			tell(t, "%s: new send to %s, %s", called(b), child->id, level);
		else if (child->kind == K_MARKER)
			tell(t, "%s: new marker %s", called(b), child->id);
		else if (child->kind == K_NOTE)
			tell(t, "%s: new note: %s", called(b), child->text[P_NOTE_TEXT]);
		else
			tell(t, "%s: new region %s, %s", called(b), child->id, child->text[P_REGION_FILE]);
	}
}

/* Whether two strips have a region in common: its id stays when a strip gets other ids and names. */
static bool
share_region(const struct node *a, const struct node *b)
{
	for (size_t k = 0; k < a->children; k++) {
		if (a->child[k]->kind == K_REGION && child_of(b, a->child[k]))
			return true;
	}
	return false;
}

/* The node of `in` that is the same as one of another session: of its id, or where ids changed of its name or region.
 */
static struct node *
counterpart(struct session *in, struct session *of, const struct node *node)
{
	struct node *same = session_find(in, session_address(node)), *other;
	for (size_t k = 0; !same && (other = session_node(in, node->kind, k)); k++) {
		if (share_region(node, other) && !session_find(of, session_address(other)))
			return other;
	}
	if (same || !*node->text[P_NAME])
		return same;
	for (size_t k = 0; (other = session_node(in, node->kind, k)); k++) {
		if (!strcmp(other->text[P_NAME], node->text[P_NAME]) && !session_find(of, session_address(other)))
			return other;
	}
	return NULL;
}

/* Names those whose place among the ones that both have changed: the fewest that explain it. */
static void
compare_order(struct teller *t, const struct node **was, const size_t *place, size_t count)
{
	/* Longest run of growing places (patience): best[k] ends the run of length k + 1 that ends lowest. */
	size_t *best = text_alloc(count * sizeof *best), *before = text_alloc(count * sizeof *before), length = 0;
	bool *stays = text_alloc(count * sizeof *stays);
	for (size_t k = 0; k < count; k++) {
		size_t low = 0, high = length;
		while (low < high) {
			size_t middle = (low + high) / 2;
			if (place[best[middle]] < place[k])
				low = middle + 1;
			else
				high = middle;
		}
		before[k] = low ? best[low - 1] : SIZE_MAX;
		best[low] = k;
		length += low == length;
	}
	for (size_t k = length ? best[length - 1] : SIZE_MAX; k != SIZE_MAX; k = before[k])
		stays[k] = true;
	for (size_t k = 0; k < count; k++) {
		if (!stays[k])
			tell(t, "%s: moved", called(was[k]));
	}
	free(best);
	free(before);
	free(stays);
}

static void
compare_kind(struct teller *t, struct session *a, struct session *b, enum node_kind kind)
{
	struct node *node;
	size_t count = 0, common = 0;
	for (size_t k = 0; (node = session_node(a, kind, k)); k++) {
		if (!counterpart(b, a, node))
			tell(t, "%s: %s removed", called(node), kind_word(node));
		inner(node)->mark = k;
	}
	for (; session_node(b, kind, count);)
		count++;
	const struct node **both = text_alloc(count * sizeof *both);
	size_t *place = text_alloc(count * sizeof *place);
	for (size_t k = 0; (node = session_node(b, kind, k)); k++) {
		struct node *old = counterpart(a, b, node);
		if (!old) {
			tell(t, "%s: new %s", called(node), kind_word(node));
			continue;
		}
		if (strcmp(old->id, node->id) != 0)
			tell(t, "%s: id %s (was %s)", called(node), node->id, old->id);
		compare_nodes(t, old, node);
		both[common] = node;
		place[common++] = inner(old)->mark;
	}
	compare_order(t, both, place, common);
	free(both);
	free(place);
}

/* Tells the variants' lines of a that b has not. */
static void
compare_variants(struct teller *t, struct session *a, struct session *b, const char *what)
{
	for (struct line *l = a->head.next; l; l = l->next) {
		struct words w;
		if (!variant_cut(l, "variant", &w))
			continue;
		words_fini(&w);
		struct line *same = b->head.next;
		while (same && (same->kind != LINE_VARIANT || strcmp(same->text, l->text) != 0))
			same = same->next;
		if (!same)
			tell(t, "%s: %s", what, l->text + strspn(l->text, " \t"));
	}
}

static void
add_text(void *user, const char *line)
{
	char **all = user, *more = text_format("%s%s\n", *all, line);
	free(*all);
	*all = more;
}

/* A scene is told as a whole: `scene diff` says what is in it. */
static void
compare_scenes(struct teller *t, struct session *a, struct session *b)
{
	const char *name;
	for (size_t k = 0; (name = session_scene(b, k, NULL)); k++) {
		char *old = text_copy("", 0), *new = text_copy("", 0);
		bool there = !variant_get(a, "scene", name, add_text, &old, NULL);
		variant_get(b, "scene", name, add_text, &new, NULL);
		if (strcmp(old, new) != 0)
			tell(t, there ? "scene %s: stored anew" : "scene %s: new", name);
		free(old);
		free(new);
	}
	for (size_t k = 0; (name = session_scene(a, k, NULL)); k++) {
		char *new = text_copy("", 0);
		if (variant_get(b, "scene", name, add_text, &new, NULL))
			tell(t, "scene %s: removed", name);
		free(new);
	}
}

size_t
session_diff(struct session *a, struct session *b, void (*each)(void *user, const char *text), void *user)
{
	struct teller t = {each, user, 0};
	compare_nodes(&t, a->song, b->song);
	compare_kind(&t, a, b, K_STRIP);
	compare_kind(&t, a, b, K_BUS);
	compare_kind(&t, a, b, K_DCA);
	compare_nodes(&t, a->mix, b->mix);
	compare_nodes(&t, a->master, b->master);
	compare_variants(&t, a, b, "removed");
	compare_variants(&t, b, a, "new");
	compare_scenes(&t, a, b);
	return t.count;
}
