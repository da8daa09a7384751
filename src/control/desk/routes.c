#include "control/desk/routes.h"

#include <string.h>

#include "control/desk/parts.h"

/* All strips in the order of the view. */
struct places {
	struct node *node[DESK_STRIPS];
	int count;
};

/* The place of an address, -1 where nothing has it. */
static int
place_of(const struct places *p, const char *address)
{
	for (int k = 0; k < p->count; k++)
		if (!strcmp(session_address(p->node[k]), address))
			return k;
	return -1;
}

/* The bus of a send, which has its id. */
static int
bus_of(const struct places *p, const struct node *send)
{
	for (int k = 0; k < p->count; k++)
		if (p->node[k]->kind == K_BUS && !strcmp(p->node[k]->id, send->id))
			return k;
	return -1;
}

static void
add(struct desk_routes *r, enum desk_route_kind kind, int from, int to, const struct node *send, int pre)
{
	if (r->count == DESK_ROUTES || from < 0 || to < 0)
		return;
	r->route[r->count++] = (struct desk_route){
	    .kind = (uint8_t)kind,
	    .on = (uint8_t)(!send || send->value[P_SEND_ON] != 0),
	    .pre = (uint8_t)(pre != 0),
	    .from = (int16_t)from,
	    .to = (int16_t)to,
	    .level = send ? (float)send->value[P_SEND_LEVEL] : 0,
	};
}

static void
add_node(struct desk_routes *r, const struct places *p, int k)
{
	const struct node *node = p->node[k];
	const char *out = node->text[P_OUT];
	if (node->kind & (K_STRIP | K_BUS) && strcmp(out, "none") != 0)
		add(r, DESK_ROUTE_OUT, k, place_of(p, *out ? out : "mix"), NULL, 0);
	for (size_t c = 0; c < node->children; c++)
		if (node->child[c]->kind == K_SEND)
			add(r, DESK_ROUTE_SEND, k, bus_of(p, node->child[c]), node->child[c],
			    node->child[c]->value[P_SEND_TAP] != 0);
}

/* Keys stand with whom they open or drive, and are told with who plays them. */
static void
add_keys(struct desk_routes *r, const struct places *p, int from)
{
	const char *address = session_address(p->node[from]);
	for (int k = 0; k < p->count; k++) {
		const struct node *node = p->node[k];
		if (node->kind == K_DCA)
			continue;
		/* key-tap: pre post */
		if (!strcmp(node->text[P_GATE_KEY], address))
			add(r, DESK_ROUTE_GATE_KEY, from, k, NULL, node->value[P_GATE_KEY_TAP] == 0);
		if (!strcmp(node->text[P_COMP_KEY], address))
			add(r, DESK_ROUTE_COMP_KEY, from, k, NULL, node->value[P_COMP_KEY_TAP] == 0);
	}
}

void
desk_routes_update(struct desk *d)
{
	struct desk_routes *r = &d->routes;
	struct places p = {.count = 0};
	struct node *node;
	if (!d->routes_stale && r->version)
		return;
	d->routes_stale = 0;
	while (p.count < DESK_STRIPS && (node = desk_view_node(d, p.count)))
		p.node[p.count++] = node;
	pthread_mutex_lock(&d->lock);
	r->version++;
	r->count = 0;
	for (int k = 0; k < p.count; k++) {
		add_node(r, &p, k);
		add_keys(r, &p, k);
	}
	pthread_mutex_unlock(&d->lock);
}

int
desk_routes(struct desk *d, struct desk_routes *routes)
{
	pthread_mutex_lock(&d->lock);
	int newer = routes->version != d->routes.version;
	if (newer)
		*routes = d->routes;
	pthread_mutex_unlock(&d->lock);
	return newer;
}

const struct desk_route *
desk_route_find(const struct desk_routes *routes, enum desk_route_kind kind, int from, int to)
{
	for (int k = 0; k < routes->count; k++) {
		const struct desk_route *r = &routes->route[k];
		if (r->kind == kind && r->from == from && r->to == to)
			return r;
	}
	return NULL;
}
