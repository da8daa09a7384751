#include "session/store.h"

#include <stdlib.h>
#include <string.h>

#include "session/groups.h"

/* A node that a scene names, and what its values are then. */
struct place {
	struct node *node;
	bool named, safe;
	double value[PARAM_COUNT];
};

struct plan {
	struct place *place;
	size_t count, room;
};

static bool
is_kept(const struct param *p, const struct node *node)
{
	return p->kinds & node->kind && group_recalls(p);
}

/* The entry of a node, made where it is not there: all at default. */
static struct place *
place_of(struct session *s, struct plan *plan, struct node *node)
{
	struct inner *in = inner(node);
	if (in->mark < plan->count && plan->place[in->mark].node == node)
		return &plan->place[in->mark];
	if (plan->count == plan->room) {
		plan->room = plan->room ? plan->room * 2 : 64;
		plan->place = text_realloc(plan->place, plan->room * sizeof *plan->place);
	}
	in->mark = plan->count;
	struct place *place = &plan->place[plan->count++];
	*place = (struct place){.node = node};
	const struct node *owner = node->parent ? node->parent : node;
	place->safe = owner->value[P_SCENE_SAFE] != 0;
	for (size_t k = 0; k < PARAM_COUNT; k++)
		place->value[k] = model_default(s, &params[k]);
	return place;
}

/* What a scene's line says, for all that it names. */
static int
read_line(struct session *s, struct plan *plan, const struct words *w, struct err *err)
{
	struct targets found;
	int result = 0;
	if (variant_is_title(w))
		return 0;
	if (pattern_expand(s, w->word[2].text, PATTERN_QUIET | PATTERN_MAKE, &found, err))
		return -1;
	for (size_t k = 0; k < found.count && !result; k++) {
		const struct param *p = found.target[k].param;
		struct node *node = found.target[k].node;
		struct overlay value;
		if (!p || !is_kept(p, node))
			continue;
		result = command_value(s, p, w->word + 3, w->count - 3, &value, err);
		if (result)
			break;
		struct place *place = place_of(s, plan, node);
		place->named = true;
		if (value.kind == OVER_SET)
			place->value[p->id] = value.number;
		free(value.string);
	}
	pattern_fini(&found);
	return result;
}

/* Sends of strips that a scene names are at default where it does not name them. */
static void
add_sends(struct session *s, struct plan *plan)
{
	size_t count = plan->count;
	for (size_t k = 0; k < count; k++) {
		struct node *node = plan->place[k].node;
		for (size_t n = 0; n < node->children; n++)
			if (node->child[n]->kind == K_SEND)
				place_of(s, plan, node->child[n])->named = true;
	}
}

static bool
some_part(char *const *part, size_t parts, bool of_groups)
{
	for (size_t k = 0; k < parts; k++)
		if (group_known(part[k]) == of_groups)
			return true;
	return false;
}

/* Notes which parameters the parts let through: groups are joined with or, and so are strips; both must hold. */
static void
let_params(char *const *part, size_t parts, bool let[PARAM_COUNT])
{
	bool all = !some_part(part, parts, true);
	for (int n = 0; n < PARAM_COUNT; n++)
		let[n] = all;
	for (size_t k = 0; k < parts; k++)
		for (int n = 0; n < PARAM_COUNT; n++)
			let[n] |= group_has(part[k], &params[n]) != 0;
}

/* Marks the nodes that the parts let through. */
static int
let_nodes(struct session *s, struct plan *plan, char *const *part, size_t parts, struct err *err)
{
	bool some = some_part(part, parts, false);
	for (size_t k = 0; some && k < plan->count; k++)
		plan->place[k].named = false;
	for (size_t k = 0; some && k < parts; k++) {
		struct targets found;
		if (group_known(part[k]))
			continue;
		if (!strpbrk(part[k], "/@") && strcmp(part[k], "mix") != 0 && strcmp(part[k], "master") != 0)
			return err_set(err,
			               "\"%.60s\" is no part of the desk: faders, mutes, pans, eq, dynamics, sends, ... or strips "
			               "such as strip/1-4",
			               part[k]);
		if (pattern_expand(s, part[k], 0, &found, err))
			return -1;
		for (size_t n = 0; n < found.count; n++)
			for (size_t i = 0; i < plan->count; i++) {
				struct node *node = plan->place[i].node;
				if (node == found.target[n].node || node->parent == found.target[n].node)
					plan->place[i].named = true;
			}
		pattern_fini(&found);
	}
	return 0;
}

static int
make_plan(struct session *s, const char *name, char *const *part, size_t parts, struct plan *plan, struct err *err)
{
	bool found = false;
	int result = 0;
	*plan = (struct plan){NULL, 0, 0};
	for (struct line *l = s->head.next; l && !result; l = l->next) {
		struct words w;
		if (!variant_cut(l, "scene", &w))
			continue;
		if (!strcmp(w.word[1].text, name)) {
			found = true;
			result = read_line(s, plan, &w, err);
		}
		words_fini(&w);
	}
	if (!result && !found)
		result = err_set(err, "there is no scene \"%.60s\" yet: scene store %.60s keeps one", name, name);
	add_sends(s, plan);
	if (!result)
		result = let_nodes(s, plan, part, parts, err);
	return result;
}

int
session_scene_changes(struct session *s, const char *name, char *const *part, size_t parts,
                      void (*each)(void *user, struct node *node, int param, double value), void *user, struct err *err)
{
	struct plan plan;
	bool let[PARAM_COUNT];
	int result = make_plan(s, name, part, parts, &plan, err);
	let_params(part, parts, let);
	for (size_t k = 0; k < plan.count && !result; k++) {
		const struct place *place = &plan.place[k];
		for (int n = 0; place->named && !place->safe && n < PARAM_COUNT; n++) {
			double was;
			const char *text;
			if (!let[n] || !is_kept(&params[n], place->node))
				continue;
			model_base(s, place->node, n, &was, &text);
			if (was != place->value[n])
				each(user, place->node, n, place->value[n]);
		}
	}
	free(plan.place);
	return text_clean(err, result);
}

/* A change that waits until the plan is gone. */
struct change {
	struct node *node;
	int param;
	double value;
};
struct changes {
	struct change *change;
	size_t count, room;
};

static void
add_change(void *user, struct node *node, int param, double value)
{
	struct changes *c = user;
	if (c->count == c->room) {
		c->room = c->room ? c->room * 2 : 64;
		c->change = text_realloc(c->change, c->room * sizeof *c->change);
	}
	c->change[c->count++] = (struct change){node, param, value};
}

static int
recall(struct session *s, const struct words *w, struct err *err)
{
	struct changes c = {NULL, 0, 0};
	if (w->count < 3)
		return err_set(err, "it reads: scene recall NAME [PART...]");
	char **part = text_alloc(w->count * sizeof *part);
	for (size_t k = 3; k < w->count; k++)
		part[k - 3] = w->word[k].text;
	int result = session_scene_changes(s, w->word[2].text, part, w->count - 3, add_change, &c, err);
	for (size_t k = 0; k < c.count && !result; k++)
		result = edit_set(s, c.change[k].node, &params[c.change[k].param], c.change[k].value, "", err);
	free(part);
	free(c.change);
	return result;
}

/* Writes how a node stands behind a line; returns the last line. */
static struct line *
write_node(struct session *s, struct node *node, const char *name, struct line *after)
{
	for (int k = 0; k < PARAM_COUNT; k++) {
		const struct param *p = &params[k];
		double number;
		const char *text;
		char value[64];
		if (!is_kept(p, node))
			continue;
		model_base(s, node, k, &number, &text);
		/* the fader's line says that the scene knows this strip, and a send's level that it knows the send */
		if (number == model_default(s, p) && k != P_FADER && k != P_SEND_LEVEL)
			continue;
		param_format(p, number, value, sizeof value);
		char *line = text_format("scene %s %s/%s %s", name, inner(node)->address, p->address, value);
		after = edit_insert(s, after, line);
		free(line);
	}
	for (size_t k = 0; k < node->children; k++)
		if (node->child[k]->kind == K_SEND)
			after = write_node(s, node->child[k], name, after);
	return after;
}

/* Takes a scene's lines out; returns what stood before them (or NULL), and its title, which the caller frees. */
static struct line *
take_out(struct session *s, const char *name, char **title, size_t *others)
{
	struct line *before = NULL;
	for (struct line *l = s->head.next, *next; l; l = next) {
		struct words w;
		next = l->next;
		if (!variant_cut(l, "scene", &w))
			continue;
		if (strcmp(w.word[1].text, name) != 0) {
			(*others)++;
		} else {
			if (variant_is_title(&w) && !*title)
				*title = text_copy(w.word[3].text, strlen(w.word[3].text));
			before = before ? before : l->prev;
			edit_remove(s, l);
		}
		words_fini(&w);
	}
	return before;
}

static int
store(struct session *s, const struct words *w, struct err *err)
{
	static const enum node_kind kinds[] = {K_STRIP, K_BUS, K_DCA, K_MIX, K_MASTER};
	char *title = NULL;
	struct node *node;
	size_t others = 0;
	if (w->count < 3)
		return err_set(err, "it reads: scene store NAME [TITLE]");
	const char *name = w->word[2].text;
	if (variant_name("scene", name, err))
		return -1;
	if (w->count > 3) {
		title = text_copy(w->word[3].text, strlen(w->word[3].text));
		for (size_t k = 4; k < w->count; k++) {
			char *more = text_format("%s %s", title, w->word[k].text);
			free(title);
			title = more;
		}
	}
	struct line *after = take_out(s, name, &title, &others);
	after = after ? after : s->tail;
	if (title) {
		char *quoted = text_quote(title), *line = text_format("scene %s name %s", name, quoted);
		if (strlen(line) <= TEXT_LINE_MAX)
			after = edit_insert(s, after, line);
		free(line);
		free(quoted);
		free(title);
	}
	size_t count = s->line_count;
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
		for (size_t n = 0; (node = session_node(s, kinds[k], n)); n++)
			after = write_node(s, node, name, after);
	if (s->line_count - count + others > STORE_SCENES_MAX || s->line_count > STORE_LINES_MAX)
		return err_set(err, "the session cannot hold that many lines of scenes: delete scene/NAME removes one");
	return 0;
}

int
scene_line(struct session *s, const char *text, const struct words *w, struct err *err)
{
	const char *word = w->count > 1 ? w->word[1].text : "";
	if (!strcmp(word, "store"))
		return store(s, w, err);
	if (!strcmp(word, "recall"))
		return recall(s, w, err);
	return variant_line(s, text, w, err);
}

const char *
session_scene(struct session *s, size_t k, const char **title)
{
	struct scene_name *seen = NULL;
	size_t count = 0;
	for (size_t n = 0; n < s->scene_count; n++) {
		free(s->scene[n].name);
		free(s->scene[n].title);
	}
	for (struct line *l = s->head.next; l; l = l->next) {
		struct words w;
		if (!variant_cut(l, "scene", &w))
			continue;
		size_t n = count && !strcmp(s->scene[count - 1].name, w.word[1].text) ? count - 1 : 0;
		while (n < count && strcmp(s->scene[n].name, w.word[1].text) != 0)
			n++;
		if (n == count) {
			seen = s->scene = text_realloc(s->scene, (count + 1) * sizeof *s->scene);
			seen[count++] = (struct scene_name){text_copy(w.word[1].text, strlen(w.word[1].text)), NULL};
		}
		if (variant_is_title(&w) && !s->scene[n].title)
			s->scene[n].title = text_copy(w.word[3].text, strlen(w.word[3].text));
		words_fini(&w);
	}
	s->scene_count = count;
	if (k >= count)
		return NULL;
	if (title)
		*title = s->scene[k].title ? s->scene[k].title : "";
	return s->scene[k].name;
}
