#include "session/store.h"

#include <stdlib.h>
#include <string.h>

/*
 * Deleting, renaming and moving of nodes. All of them work on lines: those of the node, those that refer to it, and the
 * patterns of variants that name it. `to` is the new id, NULL to delete.
 */

static const char *
kind_word(const struct node *node)
{
	switch (node->kind) {
	case K_STRIP:
		return "strip";
	case K_BUS:
		return "bus";
	case K_DCA:
		return "dca";
	case K_SEND:
	case K_REGION:
	case K_MARKER:
	case K_NOTE:
	case K_SONG:
	case K_MIX:
	case K_MASTER:
		break;
	}
	return "";
}

/* A list with commas with an id replaced or taken out; NULL where it is not in it, "" where nothing is left. */
static char *
replace_in_list(const char *list, size_t len, const char *id, const char *to)
{
	char *result = text_alloc(len + (to ? strlen(to) : 0) + 2), *end = result;
	bool found = false;
	for (size_t at = 0; at <= len;) {
		size_t n = 0;
		while (at + n < len && list[at + n] != ',')
			n++;
		bool same = strlen(id) == n && !memcmp(list + at, id, n);
		const char *word = same ? to : list + at;
		size_t size = same ? (to ? strlen(to) : 0) : n;
		/* An id that stands twice is written once, so that the result always fits. */
		if (word && !(same && found)) {
			if (end != result)
				*end++ = ',';
			end = mempcpy(end, word, size);
		}
		found |= same;
		at += n + 1;
	}
	*end = '\0';
	if (found)
		return result;
	free(result);
	return NULL;
}

/* A pattern's segment with an id replaced: NULL where the id is not in it, "" where nothing is left. */
static char *
replace_in_segment(const char *segment, size_t len, const char *id, const char *to)
{
	if (strlen(id) == len && !memcmp(segment, id, len))
		return text_copy(to ? to : "", to ? strlen(to) : 0);
	if (len < 2 || segment[0] != '{' || segment[len - 1] != '}')
		return NULL;
	char *inside = replace_in_list(segment + 1, len - 2, id, to);
	if (!inside || !*inside)
		return inside;
	char *result = text_format("{%s}", inside);
	free(inside);
	return result;
}

/* Replaces bytes at..end of a line by text. */
static void
splice(struct session *s, struct line *line, size_t at, size_t end, const char *text)
{
	char *whole = text_format("%.*s%s%s", (int)at, line->text, text, line->text + end);
	edit_change(s, line, whole);
	free(whole);
}

/* Follows a node in a variant's line: in its pattern, as a send's bus, as a value. */
static void
follow_variant(struct session *s, struct line *line, const struct node *node, const char *to)
{
	struct words w;
	if (words_init(&w, line->text, line->len, NULL))
		return;
	if (w.count >= 4) {
		const char *pattern = line->text + w.word[2].at, *word = kind_word(node);
		size_t size = w.word[2].end - w.word[2].at, start[4] = {0}, len[4] = {0}, count = 0;
		for (size_t at = 0; at <= size && count < 4; count++) {
			start[count] = at;
			while (at + len[count] < size && pattern[at + len[count]] != '/')
				len[count]++;
			at += len[count] + 1;
		}
		bool own = count > 1 && len[0] == strlen(word) && !memcmp(pattern, word, len[0]);
		bool send = node->kind == K_BUS && count > 3 && len[2] == 4 && !memcmp(pattern + start[2], "send", 4);
		size_t k = own ? 1 : 3;
		char *segment = own || send ? replace_in_segment(pattern + start[k], len[k], node->id, to) : NULL;
		bool value = !strcmp(w.word[3].text, inner(node)->address);
		if ((segment && !*segment) || (value && !to)) {
			edit_remove(s, line);
		} else if (segment) {
			splice(s, line, w.word[2].at + start[k], w.word[2].at + start[k] + len[k], segment);
		} else if (value) {
			char *address = text_format("%s/%s", word, to);
			splice(s, line, w.word[3].at, w.word[3].end, address);
			free(address);
		}
		free(segment);
	}
	words_fini(&w);
}

/* Whether an unknown line's address begins with the node's. */
static bool
begins_with(const struct line *line, const char *address, size_t *at)
{
	*at = strspn(line->text, " \t");
	size_t len = strlen(address);
	return !strncmp(line->text + *at, address, len) && line->text[*at + len] == '/';
}

/* Where the id that a line's address has for `node` begins, 0 where it has none. */
static size_t
id_in_address(const struct line *line, const struct node *node)
{
	size_t at = strspn(line->text, " \t");
	if (line->kind == LINE_UNKNOWN)
		return begins_with(line, inner(node)->address, &at) ? at + strlen(inner(node)->address) - strlen(node->id) : 0;
	if (line->kind != LINE_VALUE)
		return 0;
	if (line->node == node || line->node->parent == node)
		return at + strlen(inner(node)->address) - strlen(node->id);
	if (node->kind == K_BUS && line->node->kind == K_SEND && !strcmp(line->node->id, node->id))
		return at + strlen(inner(line->node)->address) - strlen(node->id);
	return 0;
}

/* Follows a node in the value of a line that is not its own. */
static void
follow_value(struct session *s, struct line *line, const struct node *node, const char *to)
{
	const struct param *p = &params[line->param];
	if (p->type == T_REF && line->string && !strcmp(line->string, inner(node)->address)) {
		if (!to) {
			edit_remove(s, line);
			return;
		}
		char *address = text_format("%s/%s", kind_word(node), to);
		splice(s, line, line->value_at, line->value_end, address);
		free(address);
	} else if (p->id == P_DCA && node->kind == K_DCA && line->string) {
		char *list = replace_in_list(line->string, strlen(line->string), node->id, to);
		if (list && !*list) {
			edit_remove(s, line);
		} else if (list) {
			char *quoted = text_quote(list);
			splice(s, line, line->value_at, line->value_end, quoted);
			free(quoted);
		}
		free(list);
	}
}

static void
follow(struct session *s, struct node *node, const char *to)
{
	for (struct line *l = s->head.next, *next; l; l = next) {
		next = l->next;
		size_t id = id_in_address(l, node);
		if (l->kind == LINE_VARIANT) {
			follow_variant(s, l, node, to);
		} else if (id && !to) {
			edit_remove(s, l);
		} else {
			/* The value first: a strip may be its own key's neighbour. */
			if (l->kind == LINE_VALUE)
				follow_value(s, l, node, to);
			if (id)
				splice(s, l, id, id + strlen(node->id), to);
		}
	}
}

int
structure_delete(struct session *s, struct node *node, struct err *err)
{
	if (node->kind & (K_SONG | K_MIX | K_MASTER))
		return err_set(err, "%s is always there", inner(node)->address);
	follow(s, node, NULL);
	return 0;
}

/* Lets the node of a new address have the old one's uid, so that the engine knows it again. */
static int
rename_node(struct session *s, struct node *node, const char *address, struct err *err)
{
	struct node *other = model_make(s, address, strlen(address));
	if (!other)
		return err_set(err, "%s: more nodes than a session may have", address);
	edit_swap(s, node, other);
	return 0;
}

int
structure_rename(struct session *s, struct node *node, const char *to, struct err *err)
{
	const char *old = inner(node)->address;
	if (node->kind & (K_SONG | K_MIX | K_MASTER | K_SEND))
		return err_set(err, "%s cannot get another id", old);
	if (!text_is_id(to, strlen(to)))
		return err_set(err, "\"%.60s\" is no id: a letter a-z, then letters, digits and - (64 at most)", to);
	char *address = text_format("%.*s%s", (int)(strlen(old) - strlen(node->id)), old, to);
	int result = 0;
	size_t at;
	for (struct line *l = s->head.next; l && !result; l = l->next) {
		const struct node *owner = l->kind == LINE_VALUE ? l->node : NULL;
		bool taken = l->kind == LINE_UNKNOWN && begins_with(l, address, &at);
		for (; owner; owner = owner->parent)
			taken |= !strcmp(inner(owner)->address, address);
		if (taken)
			result = err_set(err, "%s: there are lines of %s already", old, address);
	}
	size_t count = s->all.count;
	if (!result)
		result = rename_node(s, node, address, err);
	for (size_t k = 0; k < count && !result; k++) {
		struct node *other = s->all.node[k];
		const char *is = inner(other)->address;
		char *new = NULL;
		if (other->parent == node)
			new = text_format("%s%s", address, is + strlen(old));
		else if (node->kind == K_BUS && other->kind == K_SEND && !strcmp(other->id, node->id))
			new = text_format("%.*s%s", (int)(strlen(is) - strlen(node->id)), is, to);
		if (new)
			result = rename_node(s, other, new, err);
		free(new);
	}
	if (!result)
		follow(s, node, to);
	free(address);
	return result;
}

static bool
is_comment(const struct line *line)
{
	return line->kind == LINE_PLAIN && line->text[strspn(line->text, " \t")] == '#';
}

/* The line behind which a node's own begin: comments right above a line go with it. */
static struct line *
above(struct line *line)
{
	struct line *at = line->prev;
	while (is_comment(at))
		at = at->prev;
	return at;
}

static struct line *
name_line(const struct node *node)
{
	struct line *line = inner(node)->top[P_NAME];
	while (line->earlier)
		line = line->earlier;
	return line;
}

static bool
belongs(const struct line *line, const struct node *node)
{
	return line->kind == LINE_VALUE && (line->node == node || line->node->parent == node);
}

/*
 * Collects the lines that go along with a node: its own, the comments right above them, and blank lines and comments
 * between two of them. Returns how many.
 */
static size_t
collect(struct session *s, const struct node *node, struct line **block)
{
	size_t size = 0, run = 0; /* block[size .. size + run) goes if the next line that says something does */
	bool inside = false;
	for (struct line *l = s->head.next; l; l = l->next) {
		if (l->kind == LINE_PLAIN) {
			block[size + run++] = l;
			if (!inside && !is_comment(l))
				run = 0;
			continue;
		}
		inside = belongs(l, node);
		if (inside) {
			size += run;
			block[size++] = l;
		}
		run = 0;
	}
	for (size_t k = 0; k < size; k++)
		block[k]->moving = true;
	return size;
}

int
structure_move(struct session *s, struct node *node, size_t place, struct err *err)
{
	struct node *other;
	size_t count = 0, at = 0;
	if (!(node->kind & (K_STRIP | K_BUS | K_DCA)))
		return err_set(err, "%s cannot be moved", inner(node)->address);
	for (; (other = session_node(s, node->kind, count)); count++) {
		if (other == node)
			at = count + 1;
	}
	if (place < 1 || place > count)
		return err_set(err, "%s: its place is a number from 1 to %zu", inner(node)->address, count);
	if (place == at)
		return 0;
	struct line **block = text_alloc(s->line_count * sizeof *block);
	size_t size = collect(s, node, block);
	/* Before the name of the one that comes next then, or behind the last one. */
	other = session_node(s, node->kind, place > at ? place : place - 1);
	struct line *after = other ? above(name_line(other)) : line_last(session_node(s, node->kind, count - 1), true);
	while (after->moving)
		after = after->prev;
	for (size_t k = 0; k < size; k++) {
		block[k]->moving = false;
		after = edit_move(s, block[k], after);
	}
	free(block);
	s->restructure = true;
	edit_pend(s, node, -1);
	return 0;
}
