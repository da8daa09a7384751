#include "control/held.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/groups.h"
#include "session/text.h"

void
held_fini(struct held *h)
{
	for (size_t k = 0; k < h->count; k++) {
		free(h->value[k].bus);
		free(h->value[k].text);
	}
	free(h->value);
	*h = (struct held){NULL, 0, 0};
}

void
held_add(struct held *h, const struct node *node, const char *bus, enum param_id id, double number, const char *text)
{
	if (h->count == h->room) {
		h->room = h->room ? h->room * 2 : 64;
		h->value = text_realloc(h->value, h->room * sizeof *h->value);
	}
	h->value[h->count++] = (struct held_value){.uid = node->uid,
	                                           .bus = bus ? text_copy(bus, strlen(bus)) : NULL,
	                                           .id = id,
	                                           .number = number,
	                                           .text = text ? text_copy(text, strlen(text)) : NULL};
}

static void
take(struct held *h, const struct node *strip, const struct node *node, const char *group,
     int (*wanted)(const struct param *p))
{
	for (int k = 0; k < PARAM_COUNT; k++) {
		const struct param *p = &params[k];
		if (p->kinds & node->kind && group_has(group, p) && (!wanted || wanted(p)))
			held_add(h, strip, node == strip ? NULL : node->id, p->id, node->value[k],
			         p->type == T_REF ? node->text[k] : NULL);
	}
}

void
held_take(struct held *h, const struct node *node, const char *group, int (*wanted)(const struct param *p))
{
	take(h, node, node, group, wanted);
	for (size_t k = 0; k < node->children; k++)
		if (node->child[k]->kind == K_SEND)
			take(h, node, node->child[k], group, wanted);
}

struct node *
held_node(struct session *s, uint32_t uid)
{
	static const enum node_kind kinds[] = {K_STRIP, K_BUS, K_DCA, K_MIX, K_MASTER};
	struct node *node;
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
		for (size_t n = 0; (node = session_node(s, kinds[k], n)); n++)
			if (node->uid == uid)
				return node;
	return NULL;
}

/* Where a value belongs: 1 with the address and what is there now (NULL: a send that is not there yet), 0 for nowhere.
 */
static int
place_of(const struct held_value *v, struct session *s, struct node *strip, char *address, size_t size,
         struct node **there)
{
	const struct param *p = &params[v->id];
	const char *of = session_address(strip);
	if (!v->bus) {
		snprintf(address, size, "%s", of);
		*there = strip;
		return p->kinds & strip->kind && !(v->text && !strcmp(v->text, of));
	}
	snprintf(address, size, "bus/%s", v->bus);
	if (!(strip->kind & (K_STRIP | K_BUS)) || !strcmp(address, of) || !session_find(s, address))
		return 0;
	snprintf(address, size, "%s/send/%s", of, v->bus);
	*there = session_find(s, address);
	return 1;
}

static int
is_same(const struct held_value *v, const struct node *there)
{
	if (!there)
		return v->number == params[v->id].def;
	return v->text ? !strcmp(there->text[v->id], v->text) : there->value[v->id] == v->number;
}

int
held_put(const struct held *h, struct session *s, struct node *node, struct err *err)
{
	int lines = 0;
	struct node *strip = node, *there;
	for (size_t k = 0; k < h->count; k++) {
		const struct held_value *v = &h->value[k];
		char address[256], value[256], line[640];
		if (!node && !(strip && strip->uid == v->uid))
			strip = held_node(s, v->uid);
		if (!strip || !place_of(v, s, strip, address, sizeof address, &there) || is_same(v, there))
			continue;
		if (v->text)
			snprintf(value, sizeof value, "%s", *v->text ? v->text : "default");
		else
			param_format(&params[v->id], v->number, value, sizeof value);
		snprintf(line, sizeof line, "%s/%s %s", address, params[v->id].address, value);
		if (session_line(s, line, err))
			return -1;
		lines++;
	}
	return lines;
}

int
held_same(const struct held *h, struct session *s)
{
	struct node *strip = NULL, *there;
	for (size_t k = 0; k < h->count; k++) {
		char address[256];
		if (!(strip && strip->uid == h->value[k].uid))
			strip = held_node(s, h->value[k].uid);
		if (strip && place_of(&h->value[k], s, strip, address, sizeof address, &there) && !is_same(&h->value[k], there))
			return 0;
	}
	return 1;
}
