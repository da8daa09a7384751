#include "session/store.h"

#include <stdlib.h>
#include <string.h>

static char unset[1]; /* texts at their default: never freed, never written */

static size_t
hash(struct session *s, const char *address, size_t len)
{
	uint64_t h = 14695981039346656037u ^ s->seed;
	for (size_t k = 0; k < len; k++)
		h = (h ^ (unsigned char)address[k]) * 1099511628211u;
	return (h ^ h >> 32) % (sizeof s->bucket / sizeof *s->bucket);
}

void
model_list_add(struct list *list, struct node *node)
{
	if (list->count == list->room) {
		list->room = list->room ? list->room * 2 : 16;
		list->node = text_realloc(list->node, list->room * sizeof *list->node);
	}
	list->node[list->count++] = node;
}

double
model_default(struct session *s, const struct param *p)
{
	/* Version 1 has the table's own. A later version that changes a default asks s->version here. */
	(void)s;
	return p->def;
}

bool
model_makes(enum param_id id)
{
	return id == P_NAME || id == P_REGION_FILE || id == P_SEND_LEVEL || id == P_MARKER_AT || id == P_NOTE_TEXT;
}

bool
model_aside(enum param_id id)
{
	return id == P_SOLO;
}

static const struct child_kind children[] = {{K_SEND, K_STRIP | K_BUS, "send", -1},
                                             {K_REGION, K_STRIP, "region", P_REGION_FILE},
                                             {K_MARKER, K_SONG, "marker", P_MARKER_AT},
                                             {K_NOTE, K_SONG, "note", P_NOTE_TEXT}};
#define CHILDREN (sizeof children / sizeof *children)

const struct child_kind *
model_child(enum node_kind kind)
{
	size_t k = 0;
	while (k < CHILDREN && children[k].kind != kind)
		k++;
	return k < CHILDREN ? &children[k] : NULL;
}

const struct child_kind *
model_child_of(enum node_kind owner, const char *word, size_t len)
{
	for (size_t k = 0; k < CHILDREN; k++)
		if (children[k].owners & owner && strlen(children[k].word) == len && !memcmp(children[k].word, word, len))
			return &children[k];
	return NULL;
}

bool
model_split(const char *address, size_t *len, enum node_kind *kind, const char **rest)
{
	static const struct {
		const char *word;
		enum node_kind kind;
	} top[] = {{"song", K_SONG},   {"mix", K_MIX}, {"master", K_MASTER},
	           {"strip", K_STRIP}, {"bus", K_BUS}, {"dca", K_DCA}};
	size_t n = strcspn(address, "/"), k = 0;
	while (k < sizeof top / sizeof *top && (strlen(top[k].word) != n || memcmp(top[k].word, address, n) != 0))
		k++;
	if (k == sizeof top / sizeof *top)
		return false;
	*kind = top[k].kind;
	if (*kind & (K_STRIP | K_BUS | K_DCA)) {
		size_t id = address[n] ? strcspn(address + n + 1, "/") : 0;
		if (!text_is_id(address + n + 1, id))
			return false;
		n += 1 + id;
	}
	size_t word = address[n] ? strcspn(address + n + 1, "/") : 0;
	const struct child_kind *child =
	    word && address[n + 1 + word] ? model_child_of(*kind, address + n + 1, word) : NULL;
	if (child) {
		n += word + 2;
		size_t id = strcspn(address + n, "/");
		if (!text_is_id(address + n, id))
			return false;
		*kind = child->kind;
		n += id;
	}
	*len = n;
	*rest = address[n] ? address + n + 1 : address + n;
	return !address[n] || **rest;
}

struct node *
model_get(struct session *s, const char *address, size_t len)
{
	struct node *node = s->bucket[hash(s, address, len)];
	while (node && (strncmp(inner(node)->address, address, len) != 0 || inner(node)->address[len]))
		node = inner(node)->chain;
	return node;
}

struct node *
model_make(struct session *s, const char *address, size_t len)
{
	struct node *node = model_get(s, address, len);
	if (node || s->all.count >= STORE_NODES_MAX)
		return node;
	char *copy = text_copy(address, len);
	enum node_kind kind;
	const char *rest;
	size_t whole;
	if (!model_split(copy, &whole, &kind, &rest) || *rest) {
		free(copy);
		return NULL;
	}
	struct node *parent = NULL;
	const char *id = strrchr(copy, '/');
	const struct child_kind *child = model_child(kind);
	if (child) {
		parent = model_make(s, copy, (size_t)(id - copy) - strlen(child->word) - 1);
		if (!parent) {
			free(copy);
			return NULL;
		}
	}
	struct inner *in = text_alloc(sizeof *in);
	node = &in->node;
	node->impl = in;
	node->kind = kind;
	node->uid = ++s->last_uid;
	node->id = text_copy(id ? id + 1 : "", id ? strlen(id + 1) : 0);
	node->parent = parent;
	in->address = copy;
	for (size_t k = 0; k < PARAM_COUNT; k++) {
		node->text[k] = unset;
		node->value[k] = model_default(s, &params[k]);
	}
	size_t h = hash(s, copy, len);
	in->chain = s->bucket[h];
	s->bucket[h] = node;
	model_list_add(&s->all, node);
	return node;
}

void
model_init(struct session *s)
{
	s->seed = (uint64_t)(uintptr_t)s * 0x9e3779b97f4a7c15u;
	s->song = model_make(s, "song", 4);
	s->mix = model_make(s, "mix", 3);
	s->master = model_make(s, "master", 6);
	s->song->live = s->mix->live = s->master->live = true;
	inner(s->song)->was_live = inner(s->mix)->was_live = inner(s->master)->was_live = true;
}

void
model_fini(struct session *s)
{
	for (size_t k = 0; k < s->all.count; k++) {
		struct node *node = s->all.node[k];
		for (size_t p = 0; p < PARAM_COUNT; p++) {
			if (node->text[p] != unset)
				free(node->text[p]);
		}
		free(node->id);
		free(node->child);
		free(inner(node)->address);
		free(inner(node));
	}
	free(s->all.node);
	for (size_t k = 0; k < 3; k++)
		free(s->desk[k].node);
	memset(&s->all, 0, sizeof s->all);
	memset(s->desk, 0, sizeof s->desk);
	memset(s->bucket, 0, sizeof s->bucket);
}

void
model_base(struct session *s, struct node *node, int param, double *number, const char **string)
{
	const struct line *line = inner(node)->top[param];
	while (line && line->bad)
		line = line->earlier;
	*number = line ? line->number : model_default(s, &params[param]);
	*string = line && line->string ? line->string : "";
}

void
model_recompute(struct session *s, struct node *node, int param)
{
	const struct param *p = &params[param];
	double number;
	const char *string;
	model_base(s, node, param, &number, &string);
	for (size_t k = 0; k < s->overlay_count; k++) {
		const struct overlay *o = &s->overlay[k];
		if (o->node != node || o->param != param)
			continue;
		switch (o->kind) {
		case OVER_SET:
			number = o->number;
			string = o->string ? o->string : "";
			break;
		case OVER_ADD:
			number = param_add(p, number, o->number);
			break;
		case OVER_STEP:
			number = param_step(p, number, o->number);
			break;
		case OVER_TOGGLE:
			number = number >= p->max ? p->min : number + 1;
			break;
		}
	}
	bool same = number == node->value[param] && !strcmp(string, node->text[param]);
	if (same)
		return;
	node->value[param] = number;
	if (strcmp(string, node->text[param]) != 0) {
		if (node->text[param] != unset)
			free(node->text[param]);
		node->text[param] = *string ? text_copy(string, strlen(string)) : unset;
	}
	if (param == P_RATE)
		s->retime = true;
	if (p->type == T_REF)
		s->reroute = true;
	edit_pend(s, node, param);
}

double
session_said(struct session *s, struct node *node, int param)
{
	double number;
	const char *text;
	model_base(s, node, param, &number, &text);
	return number;
}

void
session_glide(struct session *s, struct node *node, int param, double value)
{
	if (node->value[param] == value)
		return;
	node->value[param] = value;
	edit_pend(s, node, param);
	edit_tell(s);
}

struct node *
model_target(struct session *s, const char *reference)
{
	return strchr(reference, '/') ? model_get(s, reference, strlen(reference)) : NULL;
}

static struct list *
desk_list(struct session *s, enum node_kind kind)
{
	return kind == K_STRIP ? &s->desk[0] : kind == K_BUS ? &s->desk[1] : kind == K_DCA ? &s->desk[2] : NULL;
}

static void
add_child(struct node *parent, struct node *child)
{
	/* Room doubles at powers of two. */
	if ((parent->children & (parent->children - 1)) == 0)
		parent->child =
		    text_realloc(parent->child, (parent->children ? parent->children * 2 : 1) * sizeof *parent->child);
	parent->child[parent->children++] = child;
}

/* Whether a send's bus is there. */
static bool
send_has_bus(struct session *s, struct node *send)
{
	char address[80] = "bus/";
	strcat(address, send->id);
	struct node *bus = model_get(s, address, strlen(address));
	return bus && bus->live;
}

void
model_restructure(struct session *s)
{
	s->restructure = false;
	s->reroute = true;
	for (size_t k = 0; k < s->all.count; k++) {
		struct node *node = s->all.node[k];
		if (!(node->kind & (K_SONG | K_MIX | K_MASTER)))
			node->live = false;
		node->children = 0;
	}
	for (size_t k = 0; k < 3; k++)
		s->desk[k].count = 0;
	for (struct line *l = s->head.next; l; l = l->next) {
		if (l->kind != LINE_VALUE || l->param != P_NAME || l->bad || l->node->live)
			continue;
		l->node->live = true;
		model_list_add(desk_list(s, l->node->kind), l->node);
	}
	for (struct line *l = s->head.next; l; l = l->next) {
		if (l->kind != LINE_VALUE)
			continue;
		struct node *node = l->node;
		const struct param *p = &params[l->param];
		if (p->type == T_REF && l->string) {
			struct node *target = model_target(s, l->string);
			bool bad = target && !target->live;
			if (bad != l->bad) {
				l->bad = bad;
				model_recompute(s, node, l->param);
			}
		}
		const struct child_kind *child = model_child(node->kind);
		if (child && !node->live && node->parent->live &&
		    (child->maker < 0 ? send_has_bus(s, node) : child->maker == l->param && !l->bad)) {
			node->live = true;
			add_child(node->parent, node);
		}
	}
	for (size_t k = 0; k < s->all.count; k++) {
		struct node *node = s->all.node[k];
		if (node->live != inner(node)->was_live)
			edit_pend(s, node, -1);
		inner(node)->was_live = node->live;
	}
}

struct node *
session_song(struct session *s)
{
	return s->song;
}

struct node *
session_mix(struct session *s)
{
	return s->mix;
}

struct node *
session_master(struct session *s)
{
	return s->master;
}

struct node *
session_node(struct session *s, enum node_kind kind, size_t k)
{
	struct list *list = desk_list(s, kind);
	if (!list)
		return k ? NULL : kind == K_SONG ? s->song : kind == K_MIX ? s->mix : kind == K_MASTER ? s->master : NULL;
	return k < list->count ? list->node[k] : NULL;
}

struct node *
session_find(struct session *s, const char *address)
{
	struct node *node = model_get(s, address, strlen(address));
	return node && node->live ? node : NULL;
}

const char *
session_address(const struct node *node)
{
	return inner(node)->address;
}

double
session_rate(struct session *s)
{
	return s->song->value[P_RATE];
}
