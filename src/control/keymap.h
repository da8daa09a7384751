/*
 * Keys and the commands behind them, read from lines `bind VIEW KEYS COMMAND`. Whoever made a keymap uses it, one
 * thread at a time.
 */
#ifndef CONTROL_KEYMAP_H
#define CONTROL_KEYMAP_H

#include <stddef.h>

#include "base/err.h"

struct desk_command;
struct keymap;

/* One binding. */
struct keymap_bind {
	char *view;                      /* "any" in all views */
	char *keys;                      /* as written, names in <> */
	char *command;                   /* a line */
	const struct desk_command *does; /* that it begins with, NULL for one of the language */
	char *group;                     /* the comment that stands just above its lines: what they are for */
	int line;                        /* of its file */
	int layer;                       /* of enum keymap_layer */
};

/* The views that keys can be bound in, "any" first; ended by NULL. */
extern const char *const keymap_views[];

struct keymap *keymap_new(void);
void keymap_free(struct keymap *m);

/* Where bindings come from; those of a later layer go before those of an earlier one. */
enum keymap_layer {
	KEYMAP_BASE,    /* the built-in map */
	KEYMAP_SHIPPED, /* another map of ours, laid over it */
	KEYMAP_USER,    /* the user's own lines */
};

/* The maps that are compiled in (keymaps/NAME.keys): "default" first, ended by a NULL name. */
struct keymap_text {
	const char *name, *text;
};
extern const struct keymap_text keymap_texts[];

/* Tells a mistake, as "NAME:LINE: what is wrong". */
typedef void (*keymap_emit)(void *arg, const char *sentence);

/* Adds the lines of a text; a wrong line is told and passed over. Returns how many there were. */
int keymap_parse(struct keymap *m, const char *text, const char *name, enum keymap_layer layer, keymap_emit emit,
                 void *arg);

/*
 * The built-in map with the user's file over it, $XDG_CONFIG_HOME/stemdesk/keys; or over it the one that `choice`
 * names, a file or one of ours. Returns how many mistakes there were, -1 with one told where nothing can be read.
 */
int keymap_open(struct keymap *m, const char *choice, keymap_emit emit, void *arg);

/* The k-th binding, those of later layers first; NULL past the last. */
const struct keymap_bind *keymap_bind(const struct keymap *m, size_t k);

/*
 * The k-th binding of a view (its own and those of any that it does not shadow) whose keys begin with some, "" for all;
 * NULL past the last.
 */
const struct keymap_bind *keymap_begin(const struct keymap *m, const char *view, const char *keys, size_t k);

/* The keys that a command's first word is bound to in a view, as they are shown ("Space", "gg"); "" for none. */
const char *keymap_keys_of(const struct keymap *m, const char *view, const char *command);

/* Writes a command with its %NUMBERs times the count. */
void keymap_count(const char *command, int count, char *line, size_t size);

/* Keys typed so far in a view. */
struct keymap_typed {
	char keys[64];
	int count; /* typed before the keys; 0: none */
};

enum { KEYMAP_NONE = -1, KEYMAP_MORE = 0, KEYMAP_COMMAND = 1 };

/*
 * Takes one key as the terminal names it ("a", "Space", "C-r"). KEYMAP_COMMAND: line holds the command with its count
 * put in; KEYMAP_MORE: it waits for more keys; KEYMAP_NONE: nothing is bound. Typed begins anew but for KEYMAP_MORE.
 */
int keymap_key(const struct keymap *m, const char *view, const char *key, struct keymap_typed *typed, char *line,
               size_t size);

#endif
