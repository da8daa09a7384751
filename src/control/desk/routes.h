/*
 * Who plays to whom: outputs, sends and keys of all strips, without pointers, for a matrix of them. Called as
 * control/desk/desk.h says: by any thread, one at a time.
 */
#ifndef CONTROL_DESK_ROUTES_H
#define CONTROL_DESK_ROUTES_H

#include "control/desk/desk.h"

#define DESK_ROUTES 4000 /* that there is room for */

enum desk_route_kind { DESK_ROUTE_OUT, DESK_ROUTE_SEND, DESK_ROUTE_GATE_KEY, DESK_ROUTE_COMP_KEY };

struct desk_route {
	uint8_t kind;
	uint8_t on, pre;  /* of a send; pre: of a key too */
	int16_t from, to; /* strips, by their place in struct desk_view */
	float level;      /* dB, of a send */
};

struct desk_routes {
	uint32_t version; /* counts up when any of it changes */
	int count;        /* in the order of `from` */
	struct desk_route route[DESK_ROUTES];
};

/*
 * Zero *routes before the first call; where its version is still the newest, nothing is copied. Returns whether
 * something was.
 */
int desk_routes(struct desk *d, struct desk_routes *routes);

/* The route of that kind between two strips, NULL where there is none. */
const struct desk_route *desk_route_find(const struct desk_routes *routes, enum desk_route_kind kind, int from, int to);

#endif
