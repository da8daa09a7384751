/*
 * Keys and the commands behind them, read from lines `bind VIEW KEYS COMMAND`. Whoever made a keymap uses it, one
 * thread at a time.
 */
#ifndef CONTROL_KEYMAP_H
#define CONTROL_KEYMAP_H

#include <stddef.h>

#include "base/err.h"

struct keymap;

/* One binding. */
struct keymap_bind {
	char *view;    /* "any" in all views */
	char *keys;    /* as written, names in <> */
	char *command; /* a line */
	int line;      /* of its file */
	int user;      /* from a file of the user's */
};

/* The views that keys can be bound in, "any" first; ended by NULL. */
extern const char *const keymap_views[];

struct keymap *keymap_new(void);
void keymap_free(struct keymap *m);

/* The map that is compiled in (keymaps/default.keys), ended by NUL. */
extern const char keymap_default[];

/*
 * Adds the lines of a text; later texts go before earlier ones. Each mistake is told as "NAME:LINE: ..." and its line
 * passed over. Returns how many there were.
 */
int keymap_parse(struct keymap *m, const char *text, const char *name, int user,
                 void (*emit)(void *arg, const char *sentence), void *arg);

/* The same from a file: -1 where it is there but cannot be read, 0 where there is none. */
int keymap_load(struct keymap *m, const char *path, void (*emit)(void *arg, const char *sentence), void *arg);

/* Where the user's own file lies; the caller frees it. NULL: there is no home. */
char *keymap_user_path(void);

/* The k-th binding, NULL past the last. */
const struct keymap_bind *keymap_bind(const struct keymap *m, size_t k);

/*
 * The k-th binding of a view (its own and those of any that it does not shadow) whose keys begin with some, "" for all;
 * NULL past the last.
 */
const struct keymap_bind *keymap_begin(const struct keymap *m, const char *view, const char *keys, size_t k);

/* The keys that a command's first word is bound to in a view, as they are shown ("Space", "gg"); "" for none. */
const char *keymap_keys_of(const struct keymap *m, const char *view, const char *command);

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
