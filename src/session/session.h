/*
 * The session's model: the song as a tree of nodes with values, kept in step with the lines of the session file.
 * Owned by the control thread; nothing here is called from any other. The engine reads a session only while it builds
 * a graph or translates an edit, on the control thread too.
 *
 * The file's lines are the truth: an edit changes lines, and the model follows from them. So load -> save is
 * byte-identical, undo restores bytes, and a line means the same in the file, at the prompt and on the command line.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "session/params.h"

struct session;

/* Nodes: the song, strips, buses, DCAs, mix and master; sends and regions are children of strips and buses. */
struct node {
	enum node_kind kind;
	uint32_t uid;           /* unique in this process; survives undo and redo of the same node: the engine's state key */
	char *id;               /* slug: [a-z][a-z0-9-]*; "" for song, mix and master. A send's id is its bus's */
	struct node *parent;    /* of a send or region */
	struct node **child;    /* sends and regions, in the order of their first lines */
	size_t children;
	double value[PARAM_COUNT]; /* by P_...; only those of its kind mean something */
	char *text[PARAM_COUNT];   /* of T_TEXT and T_REF parameters, never NULL for those of its kind ("" is unset) */
	void *impl;                /* the store's own */
};

/* The nodes that stand alone; never NULL. */
struct node *session_song(struct session *s);
struct node *session_mix(struct session *s);
struct node *session_master(struct session *s);

/* The k-th of a kind (K_STRIP, K_BUS, K_DCA) in desk order, NULL past the end. */
struct node *session_node(struct session *s, enum node_kind kind, size_t k);

/* A node by its address: "strip/kick", "mix", "strip/kick/send/verb"; NULL where there is none. */
struct node *session_find(struct session *s, const char *address);

/* The sample rate of the song, Hz. */
double session_rate(struct session *s);

#endif
