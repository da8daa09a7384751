#include "session/advice.h"

#include <stdlib.h>
#include <string.h>

enum { SEGMENTS = 12 };

/* A pattern cut at its slashes. */
struct pattern {
	char *memory;
	char *segment[SEGMENTS];
	const char *plain[SEGMENTS]; /* what begins with a segment, where nothing in it is a pattern; NULL otherwise */
	size_t count;
	/* The parameter that plain[at] was last found to be, for nodes of that kind. */
	enum node_kind kind;
	size_t at;
	const struct param *param;
};

static bool
is_wild(const char *segment)
{
	return strpbrk(segment, "*{@") || (*segment >= '0' && *segment <= '9');
}

/* "3" or "1-4" against a number. */
static bool
match_number(const char *segment, size_t len, size_t number)
{
	size_t low = 0, high = 0, at = 0, digits = 0;
	for (; at < len && segment[at] >= '0' && segment[at] <= '9' && digits < 9; at++, digits++)
		low = low * 10 + (size_t)(segment[at] - '0');
	if (!digits)
		return false;
	if (at == len)
		return number == low;
	if (segment[at++] != '-' || at == len)
		return false;
	for (digits = 0; at < len && segment[at] >= '0' && segment[at] <= '9' && digits < 9; at++, digits++)
		high = high * 10 + (size_t)(segment[at] - '0');
	return digits && at == len && number >= low && number <= high;
}

/* Whether a word with stars in it, each for any letters, fits an id. */
static bool
match_stars(const char *word, size_t len, const char *id)
{
	size_t at = 0, k = 0, star = SIZE_MAX, again = 0;
	while (id[k]) {
		if (at < len && word[at] == '*') {
			star = at++;
			again = k;
		} else if (at < len && word[at] == id[k]) {
			at++;
			k++;
		} else if (star != SIZE_MAX) {
			at = star + 1;
			k = ++again;
		} else {
			return false;
		}
	}
	while (at < len && word[at] == '*')
		at++;
	return at == len;
}

static bool
match_part(const char *segment, size_t len, const char *id, size_t number, bool selected)
{
	if (memchr(segment, '*', len))
		return match_stars(segment, len, id);
	if (len == 1 && *segment == '@')
		return selected;
	if (number && match_number(segment, len, number))
		return true;
	return strlen(id) == len && !memcmp(segment, id, len);
}

/* Whether a segment names an id or its number (0 for none). */
static bool
match(const char *segment, const char *id, size_t number, bool selected)
{
	size_t len = strlen(segment);
	if (*segment != '{' || len < 2 || segment[len - 1] != '}')
		return match_part(segment, len, id, number, selected);
	for (const char *at = segment + 1, *end = segment + len - 1; at <= end;) {
		size_t n = strcspn(at, ",}");
		if (match_part(at, n, id, number, selected))
			return true;
		at += n + 1;
	}
	return false;
}

static void
add(struct targets *found, struct node *node, const struct param *p)
{
	if (found->count == found->room) {
		found->room = found->room ? found->room * 2 : 16;
		found->target = text_realloc(found->target, found->room * sizeof *found->target);
	}
	found->target[found->count++] = (struct target){node, p};
}

static bool
is_selected(struct session *s, const struct node *node)
{
	for (size_t k = 0; k < s->selected.count; k++) {
		if (s->selected.node[k] == node)
			return true;
	}
	return false;
}

/* Whether a parameter's address matches the segments from `at` on, all of them or (prefix) only its first ones. */
static bool
match_param(const struct param *p, const struct pattern *pat, size_t at, bool prefix)
{
	const char *rest = p->address;
	for (; at < pat->count; at++) {
		char word[32];
		size_t len = strcspn(rest, "/"), number = 0;
		if (!len || len >= sizeof word)
			return false;
		memcpy(word, rest, len);
		word[len] = '\0';
		if (*word >= '0' && *word <= '9')
			number = (size_t)strtoul(word, NULL, 10);
		if (!match(pat->segment[at], word, number, false))
			return false;
		rest += len + (rest[len] == '/');
	}
	return prefix || !*rest;
}

static void
expand_params(struct node *node, struct pattern *pat, size_t at, unsigned how, struct targets *found)
{
	if (at == pat->count) {
		add(found, node, NULL);
		return;
	}
	if (pat->plain[at] && !(how & PATTERN_PREFIX)) {
		if (pat->kind != node->kind || pat->at != at) {
			pat->kind = node->kind;
			pat->at = at;
			pat->param = param_find(node->kind, pat->plain[at]);
		}
		if (pat->param)
			add(found, node, pat->param);
		return;
	}
	for (size_t k = 0; k < PARAM_COUNT; k++) {
		if (params[k].kinds & node->kind && match_param(&params[k], pat, at, how & PATTERN_PREFIX))
			add(found, node, &params[k]);
	}
}

static void
expand_sends(struct session *s, struct node *node, struct pattern *pat, size_t at, unsigned how, struct targets *found)
{
	const char *segment = pat->segment[at];
	struct node *bus;
	bool make = how & PATTERN_MAKE && at + 1 < pat->count && !strchr(segment, '*');
	for (size_t k = 0; (bus = session_node(s, K_BUS, k)); k++) {
		if (!match(segment, bus->id, k + 1, is_selected(s, bus)))
			continue;
		char *address = text_format("%s/send/%s", inner(node)->address, bus->id);
		struct node *send = make ? model_make(s, address, strlen(address)) : session_find(s, address);
		free(address);
		if (send)
			expand_params(send, pat, at + 1, how, found);
	}
}

/* Regions, markers, notes: by id or number, and with `how` what a line would make. */
static void
expand_owned(struct session *s, struct node *node, const struct child_kind *kind, struct pattern *pat, size_t at,
             unsigned how, struct targets *found)
{
	const char *segment = pat->segment[at], *maker = params[kind->maker].address;
	size_t number = 0;
	for (size_t k = 0; k < node->children; k++) {
		struct node *child = node->child[k];
		if (child->kind == kind->kind && match(segment, child->id, ++number, false))
			expand_params(child, pat, at + 1, how, found);
	}
	if (found->count || !(how & PATTERN_MAKE) || at + 2 != pat->count || strcmp(pat->segment[at + 1], maker) != 0)
		return;
	char *address = text_format("%s/%s/%s", inner(node)->address, kind->word, segment);
	struct node *child = text_is_id(segment, strlen(segment)) ? model_make(s, address, strlen(address)) : NULL;
	free(address);
	if (child)
		add(found, child, &params[kind->maker]);
}

/* All that belongs to a node, or the parameters that begin so. */
static void
expand_children(struct node *node, struct pattern *pat, size_t at, unsigned how, struct targets *found)
{
	for (size_t k = 0; k < node->children; k++) {
		if (match(pat->segment[at], model_child(node->child[k]->kind)->word, 0, false))
			add(found, node->child[k], NULL);
	}
	expand_params(node, pat, at, how, found);
}

/* What a pattern names below a node. */
static void
expand_node(struct session *s, struct node *node, struct pattern *pat, size_t at, unsigned how, struct targets *found)
{
	const struct child_kind *child =
	    at + 1 < pat->count ? model_child_of(node->kind, pat->segment[at], strlen(pat->segment[at])) : NULL;
	if (child && child->kind == K_SEND)
		expand_sends(s, node, pat, at + 1, how, found);
	else if (child)
		expand_owned(s, node, child, pat, at + 1, how, found);
	else if (at + 1 == pat->count && how & PATTERN_PREFIX)
		expand_children(node, pat, at, how, found);
	else
		expand_params(node, pat, at, how, found);
}

/* Whether a segment of text is a pattern: numbers too, but for those that parameters have. */
static bool
wild_from(const char *text)
{
	if (strpbrk(text, "*{@"))
		return true;
	for (const char *at = text; (at = strpbrk(at, "0123456789")); at++) {
		if ((at == text || at[-1] == '/') && at[strspn(at, "0123456789")] == '-')
			return true;
	}
	return false;
}

static int
cut(struct pattern *pat, const char *text, struct err *err)
{
	pat->memory = text_copy(text, strlen(text));
	pat->count = 0;
	for (char *at = pat->memory;;) {
		size_t len = strcspn(at, "/");
		if (!len || pat->count == SEGMENTS) {
			free(pat->memory);
			return err_set(err, "\"%.80s\" is no address", text);
		}
		pat->plain[pat->count] = wild_from(text + (at - pat->memory)) ? NULL : text + (at - pat->memory);
		pat->segment[pat->count++] = at;
		if (!at[len])
			return 0;
		at[len] = '\0';
		at += len + 1;
	}
}

/* Says what a pattern that names nothing might have meant; nodes: whether there are any that it could be about. */
static int
refuse(struct session *s, const struct pattern *pat, const char *text, bool nodes, struct err *err)
{
	static const char *const made[] = {"strip", "bus", "dca"};
	if (nodes && pat->count > 3 && !strcmp(pat->segment[2], "send"))
		return err_set(err, "%.80s: there is no such send (its bus must be there; its level makes it)", text);
	if (nodes && pat->count > 3 && !strcmp(pat->segment[2], "region"))
		return err_set(err, "%.80s: there is no such region (its file makes it)", text);
	if (!strcmp(pat->segment[0], "@") || (pat->count > 1 && !strcmp(pat->segment[1], "@")))
		return err_set(err, "%.80s: nothing is selected", text);
	char *hint = advice(s, text, nodes);
	int result = -1, k = 0;
	while (k < 3 && strcmp(pat->segment[0], made[k]) != 0)
		k++;
	if (nodes && pat->count > 1)
		result = err_set(err, "%.80s: there is no such parameter%s", text, hint);
	else if (k < 3 && pat->count > 1)
		result = err_set(err, "%.80s: there is no %s %s%s", text, made[k], pat->segment[1], hint);
	else
		result = err_set(err, "%.80s: there is nothing of that name%s", text, hint);
	free(hint);
	return result;
}

/* The usual case, found at once: an address as it stands of something that is there. */
static bool
find_exact(struct session *s, const char *text, struct targets *found)
{
	enum node_kind kind;
	const char *rest;
	size_t len;
	if (!model_split(text, &len, &kind, &rest))
		return false;
	struct node *node = model_get(s, text, len);
	const struct param *p = *rest ? param_find(kind, rest) : NULL;
	if (!node || !node->live || (*rest && !p))
		return false;
	add(found, node, p);
	return true;
}

int
pattern_expand(struct session *s, const char *text, unsigned how, struct targets *found, struct err *err)
{
	static const struct {
		enum node_kind kind;
		const char *word;
		bool many;
	} kinds[] = {{K_SONG, "song", false}, {K_STRIP, "strip", true}, {K_BUS, "bus", true},
	             {K_DCA, "dca", true},    {K_MIX, "mix", false},    {K_MASTER, "master", false}};
	struct pattern pat = {.kind = 0};
	size_t nodes = 0;
	*found = (struct targets){NULL, 0, 0};
	if (find_exact(s, text, found))
		return 0;
	if (cut(&pat, text, err))
		return -1;
	bool selection = !strcmp(pat.segment[0], "@");
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		if (!selection && !match(pat.segment[0], kinds[k].word, 0, false))
			continue;
		size_t at = selection || !kinds[k].many ? 1 : 2;
		struct node *node;
		if (at > pat.count)
			continue;
		for (size_t n = 0; (node = session_node(s, kinds[k].kind, n)); n++) {
			if (selection ? !is_selected(s, node)
			              : kinds[k].many && !match(pat.segment[1], node->id, n + 1, is_selected(s, node)))
				continue;
			nodes++;
			expand_node(s, node, &pat, at, how, found);
		}
	}
	if (!found->count && how & PATTERN_MAKE && pat.count == 3 && !strcmp(pat.segment[2], "name")) {
		char *address = text_format("%s/%s", pat.segment[0], pat.segment[1]);
		struct node *node = is_wild(address) ? NULL : model_make(s, address, strlen(address));
		if (node && node->kind & (K_STRIP | K_BUS | K_DCA))
			add(found, node, &params[P_NAME]);
		free(address);
	}
	int result = found->count || how & PATTERN_QUIET ? 0 : refuse(s, &pat, text, nodes != 0, err);
	free(pat.memory);
	return result;
}

void
pattern_fini(struct targets *found)
{
	free(found->target);
	*found = (struct targets){NULL, 0, 0};
}
