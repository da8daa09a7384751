/*
 * Values of strips kept in memory, to be put back there or onto other strips. Whoever owns the session owns these; one
 * thread.
 */
#ifndef CONTROL_HELD_H
#define CONTROL_HELD_H

#include "session/session.h"

struct held_value {
	uint32_t uid; /* of the strip */
	char *bus;    /* of a send: its bus's id; else NULL */
	enum param_id id;
	double number;
	char *text; /* of a reference */
};

struct held {
	struct held_value *value;
	size_t count, room;
};

void held_fini(struct held *h);

/* Adds the values of a strip (and its sends) that are in the group and that `wanted` (or NULL: all) is true of. */
void held_take(struct held *h, const struct node *node, const char *group, int (*wanted)(const struct param *p));

/* Adds one value. */
void held_add(struct held *h, const struct node *node, const char *bus, enum param_id id, double number,
              const char *text);

/*
 * Puts values into the session: onto `node`, or where that is NULL onto the strips they are from, if those are there.
 * What a kind of strip has not, sends to buses that are not there and a strip as its own key are passed over. Returns
 * how many lines that took, or -1 with err filled: the caller takes back what was done.
 */
int held_put(const struct held *h, struct session *s, struct node *node, struct err *err);

/* Whether all values are as they are held. */
int held_same(const struct held *h, struct session *s);

/* The strip, bus, DCA, mix or master with that uid, NULL where there is none. */
struct node *held_node(struct session *s, uint32_t uid);

#endif
