#include "control/keymap.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "control/desk/desk.h"
#include "control/userfiles.h"

#define FILE_MAX (1 << 20) /* bytes of a keymap */

struct keymap {
	struct keymap_bind *bind;
	size_t count;
};

/* A text being read. */
struct source {
	const char *name;
	enum keymap_layer layer;
	int line;
	char group[80]; /* the comment above */
	keymap_emit emit;
	void *arg;
};

const char *const keymap_views[] = {"any",    "mixer",  "eq",       "dynamics", "list",   "sends", "stage", "tape",
                                    "scenes", "master", "verdicts", "faults",   "render", "help",  NULL};

static const char *const names[] = {"Space", "Enter", "Esc",  "Tab",  "BS",  "Del", "Ins", "Up",  "Down", "Left",
                                    "Right", "PgUp",  "PgDn", "Home", "End", "lt",  "F1",  "F2",  "F3",   "F4",
                                    "F5",    "F6",    "F7",   "F8",   "F9",  "F10", "F11", "F12", "S-Tab"};

struct keymap *
keymap_new(void)
{
	return calloc(1, sizeof(struct keymap));
}

static void
free_bind(struct keymap_bind *b)
{
	free(b->view);
	free(b->keys);
	free(b->command);
	free(b->group);
}

void
keymap_free(struct keymap *m)
{
	if (!m)
		return;
	for (size_t k = 0; k < m->count; k++)
		free_bind(&m->bind[k]);
	free(m->bind);
	free(m);
}

/* The length of the key that keys begin with ("a" or "<Name>"), 0 where it is none. */
static size_t
key_length(const char *keys)
{
	unsigned code;
	if (*keys != '<')
		return (unsigned char)*keys > ' ' && *keys != 0x7f ? text_decode(keys, strlen(keys), &code) : 0;
	const char *end = strchr(keys, '>');
	size_t length = end ? (size_t)(end - keys - 1) : 0;
	if (length == 3 && !strncmp(keys + 1, "C-", 2) && (islower((unsigned char)keys[3]) || strchr("[\\]^_@", keys[3])))
		return 5;
	for (size_t k = 0; length && k < sizeof names / sizeof *names; k++)
		if (strlen(names[k]) == length && !strncmp(names[k], keys + 1, length))
			return length + 2;
	return 0;
}

/* Whether one of two sequences begins with the other. */
static int
overlap(const char *a, const char *b)
{
	size_t n = strlen(a) < strlen(b) ? strlen(a) : strlen(b);
	return !strncmp(a, b, n);
}

static int
check(const struct keymap *m, const struct keymap_bind *b, struct err *err)
{
	char list[256] = "";
	int known = 0;
	for (const char *const *v = keymap_views; *v; v++) {
		known |= !strcmp(*v, b->view);
		snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", *list ? ", " : "", *v);
	}
	if (!known)
		return err_set(err, "there is no view \"%s\"; there are %s", b->view, list);
	if (strlen(b->keys) >= sizeof((struct keymap_typed *)0)->keys)
		return err_set(err, "the keys \"%s\" are too many", b->keys);
	for (const char *key = b->keys; *key;) {
		size_t length = key_length(key);
		if (!length)
			return err_set(err, "\"%s\" is no key; names are <Space> <Enter> <Esc> <Up> <C-r> <F1> ..., < is <lt>",
			               key);
		if (key == b->keys && isdigit((unsigned char)*key))
			return err_set(err, "%s: digits are counts, and keys cannot begin with one", b->keys);
		key += length;
	}
	const char *slash = strchr(b->command, '/'), *space = strchr(b->command, ' ');
	if (*b->command && !desk_command_of(b->command, NULL) && (!slash || (space && space < slash)))
		return err_set(err, "\"%s\" is no command and no address; `stemdesk commands` lists them", b->command);
	for (size_t k = 0; k < m->count; k++) {
		const struct keymap_bind *o = &m->bind[k];
		if (strcmp(o->view, b->view) || o->layer != b->layer || !overlap(o->keys, b->keys))
			continue;
		if (!strcmp(o->keys, b->keys))
			return err_set(err, "%s is bound already in line %d", b->keys, o->line);
		return err_set(err, "%s and %s of line %d: one begins with the other", b->keys, o->keys, o->line);
	}
	return 0;
}

/* Takes the k-th binding out. */
static void
drop(struct keymap *m, size_t k)
{
	free_bind(&m->bind[k]);
	memmove(&m->bind[k], &m->bind[k + 1], (--m->count - k) * sizeof *m->bind);
}

/* Later layers stand before earlier ones, as they are told; within one they stay in the order of their lines. */
static void
add(struct keymap *m, const struct keymap_bind *b)
{
	size_t at = 0;
	while (at < m->count && m->bind[at].layer >= b->layer)
		at++;
	memmove(&m->bind[at + 1], &m->bind[at], (m->count++ - at) * sizeof *m->bind);
	m->bind[at] = *b;
}

/* Whether a later layer has taken the keys already. */
static int
is_taken(const struct keymap *m, const struct keymap_bind *b)
{
	for (size_t k = 0; k < m->count; k++)
		if (m->bind[k].layer > b->layer && !strcmp(m->bind[k].view, b->view) && overlap(m->bind[k].keys, b->keys))
			return 1;
	return 0;
}

/* A binding takes the place of all of earlier layers that it shadows in its view. */
static void
override(struct keymap *m, const struct keymap_bind *b)
{
	for (size_t k = m->count; k-- > 0;)
		if (m->bind[k].layer < b->layer && overlap(m->bind[k].keys, b->keys) &&
		    (!strcmp(m->bind[k].view, b->view) || !strcmp(b->view, "any")))
			drop(m, k);
}

static char *
next_word(char **at)
{
	char *word = *at + strspn(*at, " \t");
	size_t length = strcspn(word, " \t");
	*at = word + length;
	if (**at)
		*(*at)++ = '\0';
	return word;
}

static const struct keymap_text *
text_of(const char *name)
{
	for (const struct keymap_text *t = keymap_texts; t->name; t++)
		if (!strcmp(t->name, name))
			return t;
	return NULL;
}

/* Lays one of our maps over the built-in one, which lies there already. */
static int
parse_shipped(struct keymap *m, const struct keymap_text *text, keymap_emit emit, void *arg)
{
	char file[64];
	snprintf(file, sizeof file, "%s.keys", text->name);
	return text == keymap_texts ? 0 : keymap_parse(m, text->text, file, KEYMAP_SHIPPED, emit, arg);
}

/* `include NAME`: another map of ours under the lines of this one. */
static int
include(struct keymap *m, const struct source *from, const char *name, struct err *err)
{
	const struct keymap_text *text = text_of(name);
	if (!text || from->layer != KEYMAP_USER)
		return err_set(err, "include %s: there is no such keymap; there are default and desk", name);
	parse_shipped(m, text, from->emit, from->arg);
	return 0;
}

/* Remembers a comment as what the lines below are for; "unbound:" ones are none. */
static void
take_comment(struct source *from, const char *text)
{
	text += strspn(text, "# \t");
	if (strncmp(text, "unbound:", 8))
		text_show(text, from->group, sizeof from->group);
}

static int
parse_line(struct keymap *m, char *text, struct source *from, struct err *err)
{
	if (!text[strspn(text, " \t\r")])
		from->group[0] = '\0';
	char *what = next_word(&text);
	if (*what == '#')
		take_comment(from, *text ? text : what);
	if (!*what || *what == '#')
		return 0;
	int unbind = !strcmp(what, "unbind");
	for (size_t n = strlen(text); n && strchr(" \t\r", text[n - 1]);)
		text[--n] = '\0';
	if (!strcmp(what, "include"))
		return include(m, from, text + strspn(text, " \t"), err);
	if (strcmp(what, "bind") && !unbind)
		return err_set(
		    err, "\"%s\": lines are `bind VIEW KEYS COMMAND`, `unbind VIEW KEYS`, `include NAME` or # comments", what);
	char *view = next_word(&text), *keys = next_word(&text);
	text += strspn(text, " \t");
	if (!*view || !*keys || (*text == '\0') != unbind)
		return err_set(err, unbind ? "unbind wants VIEW KEYS" : "bind wants VIEW KEYS COMMAND");
	struct keymap_bind b = {
	    .view = strdup(view),
	    .keys = strdup(keys),
	    .command = strdup(text),
	    .does = desk_command_of(text, NULL),
	    .group = strdup(from->group),
	    .line = from->line,
	    .layer = (int)from->layer,
	};
	struct keymap_bind *more = realloc(m->bind, (m->count + 1) * sizeof *more);
	m->bind = more ? more : m->bind;
	int failed = 0;
	if (!b.view || !b.keys || !b.command || !b.group || !more)
		failed = err_set(err, "not enough memory");
	else
		failed = check(m, &b, err);
	int taken = is_taken(m, &b);
	if (!failed && !taken)
		override(m, &b);
	if (failed || unbind || taken)
		free_bind(&b);
	else
		add(m, &b);
	return failed;
}

int
keymap_parse(struct keymap *m, const char *text, const char *name, enum keymap_layer layer, keymap_emit emit, void *arg)
{
	struct source from = {.name = name, .layer = layer, .emit = emit, .arg = arg};
	int mistakes = 0;
	while (*text) {
		size_t length = strcspn(text, "\n");
		char *line = strndup(text, length);
		struct err err = {"not enough memory"};
		from.line++;
		if (!line || parse_line(m, line, &from, &err)) {
			char shown[256], sentence[1400], clean[1024];
			snprintf(sentence, sizeof sentence, "%s:%d: %s", text_show(name, shown, sizeof shown), from.line,
			         text_show(err.text, clean, sizeof clean));
			emit(arg, sentence);
			mistakes++;
		}
		free(line);
		text += length + (text[length] == '\n');
	}
	return mistakes;
}

/* Lines of a file of the user's: -1 where it cannot be read, which is told; where it need not be there, 0. */
static int
load(struct keymap *m, const char *path, int wanted, keymap_emit emit, void *arg)
{
	FILE *file = fopen(path, "re");
	char sentence[1200], shown[256];
	if (!file && errno == ENOENT && !wanted)
		return 0;
	char *text = file ? calloc(1, FILE_MAX + 1) : NULL;
	size_t got = text ? fread(text, 1, FILE_MAX, file) : 0;
	int mistakes = -1;
	if (text && !ferror(file) && got < FILE_MAX) {
		mistakes = keymap_parse(m, text, path, KEYMAP_USER, emit, arg);
	} else {
		snprintf(sentence, sizeof sentence, "%s: the keys cannot be read: %s", text_show(path, shown, sizeof shown),
		         got == FILE_MAX ? "the file is too long" : strerror(errno));
		emit(arg, sentence);
	}
	if (file)
		fclose(file);
	free(text);
	return mistakes;
}

/* Where the user's own file lies; the caller frees it. NULL: there is no home. */
static char *
user_path(void)
{
	return userfiles_path(USER_CONFIG, "keys");
}

int
keymap_open(struct keymap *m, const char *choice, keymap_emit emit, void *arg)
{
	int mistakes = keymap_parse(m, keymap_texts->text, "default.keys", KEYMAP_BASE, emit, arg), found = 0;
	const struct keymap_text *shipped = choice ? text_of(choice) : NULL;
	if (shipped) {
		mistakes += parse_shipped(m, shipped, emit, arg);
		choice = NULL;
	}
	char *own = choice ? NULL : user_path();
	if (choice || own)
		found = load(m, choice ? choice : own, choice != NULL, emit, arg);
	free(own);
	return found < 0 ? -1 : mistakes + found;
}

const struct keymap_bind *
keymap_bind(const struct keymap *m, size_t k)
{
	return k < m->count ? &m->bind[k] : NULL;
}

/* Whether a binding counts in a view: it is the view's own, or one of any that the view's own leave alone. */
static int
holds(const struct keymap *m, const struct keymap_bind *b, const char *view)
{
	if (!strcmp(b->view, view))
		return 1;
	if (strcmp(b->view, "any"))
		return 0;
	for (size_t k = 0; k < m->count; k++)
		if (!strcmp(m->bind[k].view, view) && overlap(m->bind[k].keys, b->keys))
			return 0;
	return 1;
}

const struct keymap_bind *
keymap_begin(const struct keymap *m, const char *view, const char *keys, size_t k)
{
	size_t length = strlen(keys);
	for (size_t n = 0; n < m->count; n++)
		if (!strncmp(m->bind[n].keys, keys, length) && holds(m, &m->bind[n], view) && !k--)
			return &m->bind[n];
	return NULL;
}

const char *
keymap_keys_of(const struct keymap *m, const char *view, const char *command)
{
	const struct desk_command *wanted = desk_command_of(command, NULL);
	for (size_t k = 0; k < m->count; k++) {
		const struct keymap_bind *b = &m->bind[k];
		if ((wanted ? b->does == wanted : !strcmp(b->command, command)) && holds(m, b, view))
			return b->keys;
	}
	return "";
}

void
keymap_count(const char *command, int count, char *line, size_t size)
{
	size_t n = 0;
	while (*command && n + 32 < size) {
		if (*command == '%' && isdigit((unsigned char)command[1])) {
			char *end;
			double number = strtod(command + 1, &end) * count;
			n += (size_t)snprintf(line + n, size - n, "%.10g", number);
			command = end;
		} else {
			line[n++] = *command++;
		}
	}
	line[n] = '\0';
}

int
keymap_key(const struct keymap *m, const char *view, const char *key, struct keymap_typed *typed, char *line,
           size_t size)
{
	int digit = strlen(key) == 1 && isdigit((unsigned char)*key);
	if (digit && !*typed->keys) {
		typed->count = typed->count < 10000 ? typed->count * 10 + (*key - '0') : typed->count;
		return KEYMAP_MORE;
	}
	int named = strlen(key) > 1 && !(*key & 0x80);
	size_t n = strlen(typed->keys), room = sizeof typed->keys - n;
	const char *shown = !strcmp(key, "<") ? "lt" : key;
	snprintf(typed->keys + n, room, named || shown != key ? "<%s>" : "%s", shown);
	size_t length = strlen(typed->keys);
	const struct keymap_bind *b = keymap_begin(m, view, typed->keys, 0);
	if (b && b->keys[length])
		return KEYMAP_MORE;
	if (b)
		keymap_count(b->command, typed->count ? typed->count : 1, line, size);
	*typed = (struct keymap_typed){"", 0};
	return b ? KEYMAP_COMMAND : KEYMAP_NONE;
}
