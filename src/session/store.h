/* The session's inside: lines, nodes and edits, shared by the files of session/ alone. Control thread. */
#ifndef SESSION_STORE_H
#define SESSION_STORE_H

#include "session/session.h"
#include "session/text.h"

/* Bounds of what is read, so that a hostile file costs bounded time and memory. */
enum {
	STORE_FILE_MAX = 64 << 20, /* bytes */
	STORE_LINES_MAX = 1 << 20,
	STORE_NODES_MAX = 1 << 16,
	STORE_VARIANTS_MAX = 1000, /* lines of variants */
	STORE_SCENES_MAX = 200000,
};

/* The version that new sessions get and the latest that is understood. */
enum { STORE_VERSION = 1 };

enum line_end { END_NONE, END_LF, END_CRLF };
enum line_kind { LINE_PLAIN, LINE_UNKNOWN, LINE_VERSION, LINE_VALUE, LINE_VARIANT };

/* One line of the file: its text as it stands, and what was read from it. */
struct line {
	struct line *prev, *next;
	uint64_t pos; /* grows along the file, so that two lines' order is known at once */
	char *text;   /* without its end */
	size_t len;
	enum line_end end;
	enum line_kind kind;
	bool moving;       /* goes along in structure_move */
	bool bad;          /* a value that is refused: kept, without effect */
	struct node *node; /* LINE_VALUE: what it sets */
	int param;
	struct line *earlier; /* the one before it that sets the same */
	double number;
	char *string;               /* of T_TEXT and T_REF */
	size_t value_at, value_end; /* the bytes of its value */
	size_t number_in_file;      /* from 1; 0 for a line made since */
	size_t recorded;            /* place behind the op that made or changed it last, 0: none; ops may be gone since */
};

/* What the store keeps behind node->impl. */
struct inner {
	struct node node; /* first, so that a node is its inner */
	char *address;
	struct node *chain;            /* of the hash table */
	struct line *top[PARAM_COUNT]; /* the last line that sets each parameter, the others behind it */
	size_t lines;                  /* of its own */
	size_t mark;                   /* place in the graph that routing.c checks */
	bool was_live;
};

/*
 * One part of an edit. Undo and redo do the same thing to an OP_CHANGE and an OP_SWAP. All that was ever done can be
 * undone, so that it is kept small.
 */
enum op_kind { OP_INSERT, OP_REMOVE, OP_CHANGE, OP_SWAP, OP_NONE };
struct op {
	enum op_kind kind : 8;
	bool first : 1; /* begins an undo step */
	union {
		struct line *line;
		struct node *a; /* OP_SWAP: it and b change their uids */
	};
	union {
		struct line *after; /* where the line stands or stood, but for lines that undo leaves alone */
		char *text;         /* OP_CHANGE: the text that is not there now */
		struct node *b;
	};
};

struct pending {
	struct node *node;
	int param;
};

enum overlay_kind { OVER_SET, OVER_ADD, OVER_STEP, OVER_TOGGLE };
struct overlay {
	struct node *node;
	int param;
	enum overlay_kind kind;
	double number;
	char *string;
};

/* A value that undo leaves alone, as it was before an edit. */
struct aside {
	struct node *node;
	int param;
	double number;
};

struct scene_name {
	char *name, *title; /* title: NULL for none */
};

struct list {
	struct node **node;
	size_t count, room;
};

struct session {
	struct line head; /* stands before the first line */
	struct line *tail;
	size_t line_count;
	bool bom;
	enum line_end newline; /* that new lines get */
	unsigned version;

	struct node *bucket[4096]; /* nodes by address */
	struct list all;           /* live or not */
	struct list desk[3];       /* live strips, buses, DCAs in desk order */
	struct node *song, *mix, *master;
	uint32_t last_uid;
	uint64_t seed;    /* of the hash */
	bool restructure; /* nodes may have come, gone or moved */
	bool retime;      /* the rate changed: times in lines mean other frames */
	bool reroute;     /* a reference or a send changed */

	struct op *ops;
	size_t op_count, op_room, op_at; /* ops before op_at are done, those behind are undone */
	size_t saved_at;                 /* op_at at the last save, SIZE_MAX where no undo leads there */
	unsigned depth;
	size_t group_start;  /* op_at where the outermost session_begin was, */
	size_t step_at;      /* and where the step under way begins */
	size_t done, undone; /* steps in ops, before and behind op_at */
	char on_disk[65];    /* hash of the file as it was read or written last, "" for none */
	bool fresh;          /* the next op begins a step */

	struct pending *pending;
	size_t pending_count, pending_room;
	session_change changed;
	void *changed_user;
	session_edit edited;
	void *edited_user;
	bool touched;                                /* the edit under way has changed lines */
	bool told;                                   /* session_edit was, since the outermost session_begin */
	bool touched_aside;                          /* or values that undo leaves alone */
	bool unsaved_aside;                          /* such have changed since the last save */
	struct aside *aside;                         /* what they were, since the outermost session_begin */
	size_t aside_count, aside_room, aside_start; /* aside_start: where the edit under way begins */
	uint64_t steps, told_step; /* undo steps begun so far; the last one that session_edit was told of */

	struct list selected;
	struct overlay *overlay;
	size_t overlay_count, overlay_room;
	char *variant;   /* the one laid over, NULL for none */
	char **variants; /* names, as session_variant last found them */
	size_t variant_count;
	struct scene_name *scene; /* as session_scene last found them */
	size_t scene_count;

	char **warning;
	size_t warning_count, warning_room;
};

static inline struct inner *
inner(const struct node *node)
{
	return node->impl;
}

/* model.c: nodes */
void model_init(struct session *s);
void model_fini(struct session *s);
struct node *model_get(struct session *s, const char *address, size_t len); /* live or not, NULL where never heard of */
/* The same, made where it is not there (its parent too): NULL past STORE_NODES_MAX. */
struct node *model_make(struct session *s, const char *address, size_t len);
/* Which part of an address names a node: its length and kind, and what follows ("" for none). False where none does. */
bool model_split(const char *address, size_t *len, enum node_kind *kind, const char **rest);
/* Takes a parameter's value from its lines and the variant laid over. */
void model_recompute(struct session *s, struct node *node, int param);
/* The value that the lines alone give. */
void model_base(struct session *s, struct node *node, int param, double *number, const char **string);
/* Finds live nodes and their order anew. */
void model_restructure(struct session *s);
void model_list_add(struct list *list, struct node *node);
double model_default(struct session *s, const struct param *p);
/* Whether a parameter's line makes its node, so that it stays where it is at default. */
bool model_makes(enum param_id id);
/* The node that a T_REF value names, live or not; NULL for mix, none and unset. */
struct node *model_target(struct session *s, const char *reference);

/* Nodes that belong to others: whose, their word in addresses, and the parameter whose line makes them (-1: any). */
struct child_kind {
	enum node_kind kind;
	unsigned owners; /* bits of enum node_kind */
	const char *word;
	int maker;
};
const struct child_kind *model_child(enum node_kind kind); /* NULL: it stands alone */
const struct child_kind *model_child_of(enum node_kind owner, const char *word, size_t len);
/* Whether undo leaves a parameter alone: it belongs to how one listens, not to the song. */
bool model_aside(enum param_id id);

/* lines.c: lines */
struct line *line_new(const char *text, size_t len, enum line_end end);
void line_free(struct line *line);
/* Reads what a line says; -1 with the reason where it is refused (a bad value leaves it a LINE_VALUE with `bad`). */
int line_read(struct session *s, struct line *line, struct err *err);
void line_link(struct session *s, struct line *line, struct line *after);
void line_unlink(struct session *s, struct line *line);
/* Lets a line that was read take effect, and takes the effect away. */
void line_attach(struct session *s, struct line *line);
void line_detach(struct session *s, struct line *line);
/* Reads all times anew after the rate changed. */
int line_retime(struct session *s, struct err *err);
/* The line behind which a new line of node and param stands. */
struct line *line_place(struct session *s, struct node *node, int param);
/* The last line of a node, with its children where `deep` is set; NULL for none. */
struct line *line_last(struct node *node, bool deep);

/* steps.c: changes of lines that can be undone */
struct line *edit_insert(struct session *s, struct line *after, const char *text);
void edit_remove(struct session *s, struct line *line);
void edit_change(struct session *s, struct line *line, const char *text);
void edit_swap(struct session *s, struct node *a, struct node *b);
/* Swaps a line's text with another, unrecorded. */
void edit_swap_text(struct session *s, struct line *line, char **text);
void edit_take_back(struct session *s, size_t start); /* undoes for good what was done since op_at was that */
void edit_clear(struct session *s);                   /* forgets all steps */

/* edit.c: edits that are whole or not at all */
/* Moves a line, text and all, behind another. */
struct line *edit_move(struct session *s, struct line *line, struct line *after);
/* Sets a value in the lines: the one place where a value becomes a line. `string` for T_TEXT and T_REF. */
int edit_set(struct session *s, struct node *node, const struct param *p, double number, const char *string,
             struct err *err);
/* Brackets of an edit that is whole or not at all: edit_end returns result, or -1 where the outcome is refused. */
size_t edit_start(struct session *s);
int edit_end(struct session *s, size_t start, int result, struct err *err);
int edit_settle(struct session *s, struct err *err); /* brings nodes and times up to date with the lines */
/* Tells what changed. The callback may read the session, not edit it. */
void edit_tell(struct session *s);
void edit_pend(struct session *s, struct node *node, int param);
/* Tells session_edit of the line that made the edit just ended, where that changed something. */
void edit_told(struct session *s, const char *line);

/*
 * aside.c: values that undo leaves alone. Their lines change without being recorded, in a way that leaves what is
 * recorded valid.
 */
int aside_set(struct session *s, struct node *node, const struct param *p, double number, struct err *err);
/* Takes back what was set aside since the list was `start` long; `tell`: with a word to session_edit. */
void aside_back(struct session *s, size_t start, bool tell);
/* Remembers such values before an undo or redo, and lets them be the same behind it (frees what was kept). */
char *aside_keep(struct session *s);
void aside_keep_on(struct session *s, char *kept);

/* pattern.c: addresses that name several things */
struct target {
	struct node *node;
	const struct param *param; /* NULL: the node itself */
};
struct targets {
	struct target *target;
	size_t count, room;
};
enum { PATTERN_MAKE = 1, PATTERN_PREFIX = 2, PATTERN_QUIET = 4 };
/*
 * All that a pattern names, in desk order. PATTERN_MAKE: also what a line would make; PATTERN_PREFIX: the beginning of
 * addresses will do ("strip/kick/eq"); PATTERN_QUIET: naming nothing is no failure.
 */
int pattern_expand(struct session *s, const char *pattern, unsigned how, struct targets *found, struct err *err);
void pattern_fini(struct targets *found);

/* command.c */
/* Reads the value words of a line for p. `words` are those behind the address. */
int command_value(struct session *s, const struct param *p, const struct word *word, size_t words,
                  struct overlay *value, struct err *err);

/* structure.c */
int structure_delete(struct session *s, struct node *node, struct err *err);
int structure_rename(struct session *s, struct node *node, const char *to, struct err *err);
int structure_move(struct session *s, struct node *node, size_t place, struct err *err);

/*
 * variant.c: lines `variant NAME ADDRESS VALUE` and `scene NAME ADDRESS VALUE`, both LINE_VARIANT; `word` says which.
 */
/* Cuts such a line (of either kind where word is NULL); the words are then the caller's to free. */
bool variant_cut(const struct line *line, const char *word, struct words *w);
/* Whether it is a scene's name: `scene 3 name "Chorus"`. */
bool variant_is_title(const struct words *w);
int variant_name(const char *word, const char *name, struct err *err);
/* Judges a variant's line; *hits is how many parameters it names now. */
int variant_check(struct session *s, const struct line *line, size_t *hits, struct err *err);
/* Adds or changes a variant's line; deletes all lines of one. */
int variant_line(struct session *s, const char *text, const struct words *w, struct err *err);
/* Calls back with the lines of a variant, of all where name is NULL. */
int variant_get(struct session *s, const char *word, const char *name, void (*each)(void *user, const char *line),
                void *user, struct err *err);
int variant_delete(struct session *s, const char *word, const char *name, struct err *err);
/* Forgets what is laid over, without a word to anyone. */
void variant_fini(struct session *s);

/* scene.c: what a line that begins with `scene` does. */
int scene_line(struct session *s, const char *text, const struct words *w, struct err *err);

#endif
