#include "session/store.h"

#include <stdlib.h>
#include <string.h>

/* The signal flows from one node to another: through its out, a send, or as a key. */
struct edge {
	struct node *from, *to;
};

struct edges {
	struct edge *edge;
	size_t count, room;
};

static void
add(struct edges *e, struct node *from, struct node *to)
{
	if (!from || !to || !from->live || !to->live)
		return;
	if (e->count == e->room) {
		e->room = e->room ? e->room * 2 : 256;
		e->edge = text_realloc(e->edge, e->room * sizeof *e->edge);
	}
	e->edge[e->count++] = (struct edge){from, to};
}

static void
add_node(struct session *s, struct edges *e, struct node *node)
{
	char address[80];
	add(e, node, model_target(s, node->text[P_OUT]));
	add(e, model_target(s, node->text[P_GATE_KEY]), node);
	add(e, model_target(s, node->text[P_COMP_KEY]), node);
	for (size_t k = 0; k < node->children; k++) {
		if (node->child[k]->kind != K_SEND)
			continue;
		strcpy(address, "bus/");
		strcat(address, node->child[k]->id);
		add(e, node, model_get(s, address, strlen(address)));
	}
}

static int
by_from(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;
	return (inner(x->from)->mark > inner(y->from)->mark) - (inner(x->from)->mark < inner(y->from)->mark);
}

/* Follows edges that were never cleared until a node comes again, and names the way from there. */
static int
name_loop(const struct edges *e, const size_t *waiting, struct err *err)
{
	/* Among waiting nodes each has a waiting predecessor: walk backwards. */
	size_t k = 0;
	while (k < e->count && !(waiting[inner(e->edge[k].to)->mark] && waiting[inner(e->edge[k].from)->mark]))
		k++;
	struct node *path[64], *at = e->edge[k].to;
	size_t steps = 0, seen = SIZE_MAX;
	while (seen == SIZE_MAX && steps < sizeof path / sizeof *path) {
		path[steps++] = at;
		for (k = 0; k < e->count; k++) {
			if (e->edge[k].to == at && waiting[inner(e->edge[k].from)->mark])
				break;
		}
		at = e->edge[k].from;
		for (size_t p = 0; p < steps && seen == SIZE_MAX; p++) {
			if (path[p] == at)
				seen = p;
		}
	}
	/* The way round runs from path[steps - 1] down to path[seen]; it is told from the first of the desk on. */
	size_t end = seen == SIZE_MAX ? 0 : seen, length = steps - end, first = 0;
	for (size_t n = 1; n < length; n++) {
		if (inner(path[steps - 1 - n])->mark < inner(path[steps - 1 - first])->mark)
			first = n;
	}
	char *text = NULL;
	for (size_t n = 0; n <= length; n++) {
		const char *address = inner(path[steps - 1 - (first + n) % length])->address;
		char *longer = text ? text_format("%s -> %s", text, address) : text_copy(address, strlen(address));
		free(text);
		text = longer;
	}
	err_set(err, "the signal would run in a loop: %.900s", text);
	free(text);
	return -1;
}

int
session_check_routing(struct session *s, struct err *err)
{
	struct edges e = {NULL, 0, 0};
	size_t nodes = s->desk[0].count + s->desk[1].count;
	/* waiting[k]: how many edges into node k come from nodes not yet known to be free of loops. */
	size_t *waiting = text_alloc(nodes * sizeof *waiting), *first = text_alloc((nodes + 1) * sizeof *first);
	struct node **ready = text_alloc(nodes * sizeof *ready);
	size_t ready_count = 0, at = 0;
	for (size_t k = 0; k < nodes; k++) {
		struct node *node = k < s->desk[0].count ? s->desk[0].node[k] : s->desk[1].node[k - s->desk[0].count];
		inner(node)->mark = k;
		add_node(s, &e, node);
	}
	if (e.count)
		qsort(e.edge, e.count, sizeof *e.edge, by_from);
	for (size_t k = 0; k < e.count; k++) {
		waiting[inner(e.edge[k].to)->mark]++;
		first[inner(e.edge[k].from)->mark + 1]++;
	}
	for (size_t k = 0; k < nodes; k++) {
		first[k + 1] += first[k];
		if (!waiting[k])
			ready[ready_count++] = k < s->desk[0].count ? s->desk[0].node[k] : s->desk[1].node[k - s->desk[0].count];
	}
	for (; at < ready_count; at++) {
		size_t from = inner(ready[at])->mark;
		for (size_t k = first[from]; k < first[from + 1]; k++) {
			if (--waiting[inner(e.edge[k].to)->mark] == 0)
				ready[ready_count++] = e.edge[k].to;
		}
	}
	int result = ready_count < nodes ? name_loop(&e, waiting, err) : 0;
	free(e.edge);
	free(waiting);
	free(first);
	free(ready);
	return result;
}
