/*
 * The session's model: the song as a tree of nodes with values, kept in step with the lines of the session file.
 * Owned by the control thread; nothing here is called from any other. The engine reads a session only while it builds
 * a graph or translates an edit, on the control thread too.
 *
 * The file's lines are the truth: an edit changes lines, and the model follows from them. So load -> save is
 * byte-identical, undo restores bytes, and a line means the same in the file, at the prompt and on the command line.
 *
 * A strip, bus or DCA is made by its name line, a region by its file line, a send by any line of it; desk order is the
 * order of those lines. Ids are unique within their kind: strip/drums and bus/drums are two things, as every address
 * says its kind. Lines that something unknown is said in, or of a node that is not there, stay where they are without
 * effect. Messages and warnings are fit to be shown; the texts of nodes are as the file has them.
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
	uint32_t uid;        /* unique in this process; survives undo and redo of the same node: the engine's state key */
	char *id;            /* slug: [a-z][a-z0-9-]*; "" for song, mix and master. A send's id is its bus's */
	struct node *parent; /* of a send or region */
	struct node **child; /* sends and regions, in the order of their first lines */
	size_t children;
	bool live;                 /* in the desk; false once deleted. Nodes stay allocated as long as the session */
	double value[PARAM_COUNT]; /* by P_...; only those of its kind mean something */
	char *text[PARAM_COUNT];   /* of T_TEXT and T_REF parameters, never NULL ("" is the default: out to mix, no key) */
	void *impl;                /* the store's own */
};

/* An empty song, not yet in any file. */
struct session *session_new(void);
void session_free(struct session *s);

/*
 * Reads a session file. NULL where it cannot be read or is refused (err names line and reason). With `lenient` a bad
 * value on a known address is kept, has no effect and is warned of.
 */
struct session *session_load(const char *path, int lenient, struct err *err);

/* The same from memory into s, whose content and undo go; `name` stands in messages. On failure s is an empty song. */
int session_parse(struct session *s, const char *text, size_t len, const char *name, int lenient, struct err *err);

/* The k-th warning of loading ("song.desk:12: ..."), NULL past the last. */
const char *session_warning(struct session *s, size_t k);

/* The session as text, byte for byte what a save writes; the caller frees it. */
char *session_text(struct session *s, size_t *len);

/*
 * Saves through a temporary file, fsync and rename, so that a kill or a full disk leaves the old file whole; what was
 * in the file before is kept under its hash in the folder beside (".song.desk.d"), the last 50 of them. Symbolic links
 * are followed first. The caller holds the lock.
 */
int session_save(struct session *s, const char *path, struct err *err);

/*
 * Whether the file at `path` holds something else than what was loaded from it or saved to it last: an editor or git
 * was there, and a save would lay it aside (as an earlier copy). Ask before saving.
 */
bool session_overtaken(struct session *s, const char *path);

/* The SHA-256 of session_text as hex digits: what a bounce writes into its history. */
void session_hash(struct session *s, char hex[65]);

/* Keeps the session as it is now under its hash in the folder beside, for good: what a bounce was made of. */
int session_keep_copy(struct session *s, const char *path, char hex[65], struct err *err);

/* The path of the copy of the session at `path` that has the hash (or of the session itself); the caller frees it. */
char *session_find_copy(const char *path, const char *hash, struct err *err);

/*
 * Locks the session file at `path` (which need not be there yet) for this process, by a file in the folder beside that
 * names host and process; saves leave it alone. A lock whose process on this host is dead is taken over. 0 locked (or
 * ours already), SESSION_HELD where somebody else has it, SESSION_HELD_FAR where that is on another machine, -1 where
 * it cannot be locked (a read-only folder); err says which.
 */
enum { SESSION_HELD = -2, SESSION_HELD_FAR = -3 };
int session_lock(const char *path, struct err *err);
void session_unlock(const char *path);

/* Notes on our lock that the user is at work: others are told how long ago that was. */
void session_touch(const char *path);

/*
 * Asks the process that holds the lock to leave, as a hung-up line would, waits up to four seconds for that, and locks.
 * Fails where it runs on another machine, belongs to another user or stays.
 */
int session_takeover(const char *path, struct err *err);

/*
 * Applies one line of the language: `strip/kick/fader -6.5`, `+= 1`, `-= 1`, `toggle`, `default`, on patterns too
 * (`strip/{kick,snare}/mute on`, 1-4, *, @ the selection), `delete ADDRESS`, `rename ADDRESS ID`, `move ADDRESS PLACE`,
 * `variant NAME ADDRESS VALUE`, `scene NAME ADDRESS VALUE`, `scene store NAME [TITLE]`, `scene recall NAME [PART...]`.
 * All or nothing: on failure nothing has changed. One undo step, or part of the open one.
 */
int session_line(struct session *s, const char *line, struct err *err);

/*
 * An id for a new region that is not in the session yet: six letters and digits made from a seed text, which is to
 * differ from person to person (file, host, time), so that two branches do not both invent it.
 */
void session_region_id(struct session *s, const char *seed, char id[7]);

/*
 * Says in words what b has that a has not, and the other way round: one line a difference ("Kick: fader -6.5 dB (was
 * -3.0)", "Snare: new strip"). Returns how many.
 */
size_t session_diff(struct session *a, struct session *b, void (*each)(void *user, const char *text), void *user);

/* Sets one parameter of a live node, as session_line does. */
int session_set(struct session *s, struct node *node, enum param_id id, double value, struct err *err);
int session_set_text(struct session *s, struct node *node, enum param_id id, const char *text, struct err *err);

/* What @ stands for from now on: the nodes a pattern names ("strip/1-4"); NULL or "" for none; or those of a list. */
int session_select(struct session *s, const char *pattern, struct err *err);
void session_select_nodes(struct session *s, struct node *const *node, size_t count);

/*
 * Calls back with all that a pattern names, in desk order: parameters, or with -1 nodes themselves. A node is one that
 * stands in the session, or with `make` may be one that a line would make (a send). The session must not be edited
 * meanwhile.
 */
int session_targets(struct session *s, const char *pattern, int make,
                    void (*each)(void *user, struct node *node, int param), void *user, struct err *err);

/*
 * Groups what is edited between them into one undo step; they nest. session_join goes on with the last step instead of
 * beginning one, where nothing was undone or saved since. session_abandon stands in place of the outermost
 * session_commit and takes back all since its session_begin (not session_join).
 */
void session_begin(struct session *s);
void session_join(struct session *s);
void session_commit(struct session *s);
void session_abandon(struct session *s);

/*
 * Takes the last step back, or does it again. 0 where there is nothing to do, 1 where something changed. Solo is how
 * one listens: it belongs to no step, and stays as it is.
 */
int session_undo(struct session *s);
int session_redo(struct session *s);

/* How many steps can be taken back, and done again. What was done before session_seal cannot. */
size_t session_steps(const struct session *s, size_t *redos);
void session_seal(struct session *s);

/* Whether the text differs from what was loaded or last saved. */
bool session_dirty(struct session *s);

/*
 * Calls back with a line "ADDRESS VALUE" for each parameter a pattern names, at default or not; of a node, for those
 * that are not. "*" is all nodes and variants, "variant" and "variant/NAME" lines of variants. Fails where it names
 * nothing.
 */
int session_get(struct session *s, const char *pattern, void (*each)(void *user, const char *line), void *user,
                struct err *err);

/* The k-th variant's name, NULL past the last; good until the next call. */
const char *session_variant(struct session *s, size_t k);

/*
 * Lays a variant's lines over the values, in memory alone: neither the file nor undo knows of it. NULL or "" takes it
 * off. Fails, with nothing changed, where there is none of that name or a line of it cannot be.
 */
int session_apply_variant(struct session *s, const char *name, struct err *err);

/* The k-th scene's name and title ("" for none), NULL past the last; good until the next edit. */
const char *session_scene(struct session *s, size_t k, const char **title);

/*
 * Calls back with what recalling a scene would change: values of strips, buses, DCAs, mix, master and sends (those of a
 * send that is not there yet too). A part is a group of parameters (session/groups.h) or a pattern of strips. What a
 * scene does not name of a strip that it names is at default; scene-safe strips are left alone.
 */
int session_scene_changes(struct session *s, const char *name, char *const *part, size_t parts,
                          void (*each)(void *user, struct node *node, int param, double value), void *user,
                          struct err *err);

/*
 * Lets a parameter of a live node be something else for now than its lines say: for fades. Any edit, undo or variant
 * that touches it brings back what the lines say.
 */
void session_glide(struct session *s, struct node *node, int param, double value);

/* What the lines alone say of a number: neither variant nor glide. */
double session_said(struct session *s, struct node *node, int param);

/* Whether the signal would run in a loop, with the way named. Edits and loading ask by themselves. */
int session_check_routing(struct session *s, struct err *err);

/*
 * Called after each edit, undo, redo and variant, once it is whole, for everything that changed: a parameter of a live
 * node, or with param -1 a node that came, went or moved. `structural` says that a new graph is needed.
 */
typedef void (*session_change)(void *user, struct node *node, int param, bool structural);
void session_on_change(struct session *s, session_change changed, void *user);

/*
 * Called after each edit that changed something, once it is whole, with the line that did it, and after an undo or redo
 * with that word. EDIT_DONE, without a line: the outermost session_commit after such. EDIT_JOINED: it belongs to the
 * same undo step as the edit before it; EDIT_ASIDE: to none. What the journal follows.
 */
enum edit_how { EDIT_STEP, EDIT_JOINED, EDIT_ASIDE, EDIT_DONE };
typedef void (*session_edit)(void *user, const char *line, enum edit_how how);
void session_on_edit(struct session *s, session_edit edited, void *user);

/* The nodes that stand alone; never NULL. */
struct node *session_song(struct session *s);
struct node *session_mix(struct session *s);
struct node *session_master(struct session *s);

/* The k-th of a kind (K_STRIP, K_BUS, K_DCA) in desk order, NULL past the end. */
struct node *session_node(struct session *s, enum node_kind kind, size_t k);

/* A node by its address: "strip/kick", "mix", "strip/kick/send/verb"; NULL where there is none. */
struct node *session_find(struct session *s, const char *address);

/* The address of a node ("strip/kick"), owned by it. */
const char *session_address(const struct node *node);

/* The sample rate of the song, Hz. */
double session_rate(struct session *s);

#endif
