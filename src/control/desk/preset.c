#include "control/desk/edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/groups.h"
#include "control/presets.h"
#include "control/userfiles.h"

/* A user's own preset's path; NULL with err filled. */
static char *
path_of(const char *name, struct err *err)
{
	char below[96];
	if (!userfiles_name(name)) {
		err_set(err, "\"%.70s\" is no name of a preset: letters, digits, - _ and dots inside, 64 at most", name);
		return NULL;
	}
	snprintf(below, sizeof below, "presets/%s", name);
	char *path = userfiles_path(USER_DATA, below);
	if (!path)
		err_set(err, "there is no home folder to keep presets in");
	return path;
}

/* A value as a line below its strip. */
static void
write_value(FILE *out, const struct held_value *v)
{
	char value[64];
	const struct param *p = &params[v->id];
	param_format(p, v->number, value, sizeof value);
	fprintf(out, v->bus ? "send/%s/%s %s\n" : "%.0s%s %s\n", v->bus ? v->bus : "", p->address, value);
}

/* What is not as it is by itself, and of each processor its switch: what is not named of it goes back to default. */
static char *
write_preset(const struct node *node, const char *group, size_t *len)
{
	struct held held = {NULL, 0, 0};
	char *text = NULL;
	FILE *out = open_memstream(&text, len);
	size_t of = 0;
	const char *last = "";
	held_take(&held, node, group, NULL);
	for (size_t k = 0; out && k < held.count; k++) {
		const struct held_value *v = &held.value[k];
		const struct param *p = &params[v->id];
		size_t n = group_processor(p);
		int begins = n && (n != of || strncmp(p->address, last, n) != 0);
		of = n;
		last = p->address;
		/* who keys it is a matter of the song */
		if (p->type != T_REF && (begins || !n || v->number != p->def))
			write_value(out, v);
	}
	held_fini(&held);
	if (!out || fclose(out) || !*text) {
		free(text);
		return NULL;
	}
	return text;
}

static int
save_preset(struct desk *d, const char *name, const char *group, struct err *err)
{
	const struct node *node = desk_chosen(d);
	char of[200];
	size_t len;
	char *path = path_of(name, err);
	if (!path)
		return -1;
	if (!group_known(group)) {
		free(path);
		return desk_group_error("preset save", group, err);
	}
	desk_node_name(d, node, of, sizeof of);
	char *text = write_preset(node, group, &len), *old = userfiles_read(path, NULL);
	int failed = text ? userfiles_write(path, text, len, err) : err_set(err, "%s has no %s", of, group);
	if (!failed)
		desk_say(d, DESK_SAYS, "%s of %s %s as preset %s", group, of, old ? "takes the place of what was" : "is kept",
		         name);
	free(old);
	free(text);
	free(path);
	return failed;
}

/* Where a preset's line goes: the parameter, and the bus of a send. NULL: nothing that a preset may set. */
static const struct param *
read_line(const char *line, char bus[72], const char **value)
{
	char address[128];
	const struct param *p = NULL;
	size_t n = strcspn(line, " \t");
	*value = line + n + strspn(line + n, " \t");
	*bus = '\0';
	snprintf(address, sizeof address, "%.*s", n < sizeof address ? (int)n : 0, line);
	if (!strncmp(address, "send/", 5) && strchr(address + 5, '/')) {
		const char *level = strchr(address + 5, '/');
		snprintf(bus, 72, "%.*s", (int)(level - address - 5), address + 5);
		p = param_find(K_SEND, level + 1);
	} else {
		static const enum node_kind kinds[] = {K_STRIP, K_BUS, K_MASTER};
		for (size_t k = 0; !p && k < 3; k++)
			p = param_find(kinds[k], address);
	}
	return p && **value && p->type != T_REF && group_has("strip", p) ? p : NULL;
}

/* Whether an earlier line of the preset is of the same processor. */
static int
named_before(const char *text, const char *line, const struct param *p, size_t n)
{
	for (const char *at = text; at < line; at += strcspn(at, "\n") + 1)
		if (!strncmp(at, p->address, n) && at[n] == '/')
			return 1;
	return 0;
}

/* Puts the processor that a line begins to default, as what the preset does not name of it is so. */
static int
reset(struct desk *d, const struct node *node, const struct param *p, size_t n, struct err *err)
{
	char line[256];
	for (int k = 0; k < PARAM_COUNT; k++) {
		const struct param *q = &params[k];
		if (!(q->kinds & node->kind) || q->type == T_REF || q->type == T_TEXT || group_processor(q) != n ||
		    strncmp(q->address, p->address, n) != 0 || node->value[k] == q->def)
			continue;
		snprintf(line, sizeof line, "%s/%s default", session_address(node), q->address);
		if (session_line(d->session, line, err))
			return -1;
	}
	return 0;
}

/* Lays a preset's lines onto a strip; returns how many it had no place for, or -1. */
static int
lay(struct desk *d, const struct node *node, const char *text, struct err *err)
{
	int passed = 0, number = 0;
	for (const char *at = text, *next; *at; at = next) {
		char copy[256], line[512], bus[72], address[160];
		const char *value;
		size_t length = strcspn(at, "\n");
		next = at + length + (at[length] == '\n');
		number++;
		if (length >= sizeof copy)
			return err_set(err, "line %d is too long for a preset", number);
		snprintf(copy, sizeof copy, "%.*s", (int)length, at);
		if (!copy[strspn(copy, " \t\r")] || *copy == '#')
			continue;
		const struct param *p = read_line(copy, bus, &value);
		if (!p)
			return err_set(err, "line %d: \"%.60s\" is nothing of a strip that a preset could set", number, copy);
		snprintf(address, sizeof address, "bus/%s", bus);
		if (*bus ? !(node->kind & (K_STRIP | K_BUS)) || !session_find(d->session, address) ||
		               !strcmp(address, session_address(node))
		         : !(p->kinds & node->kind)) {
			passed++;
			continue;
		}
		size_t n = group_processor(p);
		if (n && !named_before(text, at, p, n) && reset(d, node, p, n, err))
			return -1;
		snprintf(line, sizeof line, "%s/%s", session_address(node), copy);
		if (session_line(d->session, line, err))
			return err_prefix(err, "line %d", number);
	}
	return passed;
}

/* A preset's text, the user's own before those that come along; the caller frees it. */
static char *
find_preset(const char *name, struct err *err)
{
	char *path = path_of(name, err);
	if (!path)
		return NULL;
	char *text = userfiles_read(path, err);
	free(path);
	for (const struct preset *p = presets; !text && p->name; p++)
		if (!strcmp(p->name, name))
			text = strdup(p->lines);
	if (!text)
		err_set(err, "there is no preset \"%s\"; presets lists them", name);
	return text;
}

static int
load_preset(struct desk *d, const char *name, struct err *err)
{
	struct node *node[DESK_STRIPS], *chosen;
	char words[400], on[200];
	int count = desk_meant(d, node, DESK_STRIPS, &chosen), passed = 0, failed = 0;
	char *text = find_preset(name, err);
	if (!text)
		return -1;
	failed = desk_begin(d, err);
	if (failed) {
		free(text);
		return -1;
	}
	for (int k = 0; k < count && !failed; k++) {
		int left = lay(d, node[k], text, err);
		failed = left < 0 ? err_prefix(err, "preset %s", name) : 0;
		passed += left > 0 ? left : 0;
	}
	free(text);
	desk_meant_words(d, on, sizeof on);
	int n = snprintf(words, sizeof words, "preset %s on %s", name, on);
	if (passed)
		snprintf(words + n, sizeof words - (size_t)n, "; %d line%s found no place", passed, passed == 1 ? "" : "s");
	return desk_end(d, failed, words, err);
}

int
desk_preset(struct desk *d, char *args, struct err *err)
{
	char *what = strsep(&args, " \t"), *name = strsep(&args, " \t"), *group = strsep(&args, " \t");
	if (name && *name && !strcmp(what, "save"))
		return save_preset(d, name, group && *group ? group : "chain", err);
	if (name && *name && !group && !strcmp(what, "load"))
		return load_preset(d, name, err);
	return err_set(err, "it reads: preset load NAME, or preset save NAME [PROCESSOR]; presets lists them");
}

static void
say_own(void *user, const char *name)
{
	desk_say(user, DESK_LINES, "%s (your own)", name);
}

int
desk_presets(struct desk *d, char *args, struct err *err)
{
	if (*args)
		return err_set(err, "presets takes nothing: it lists them; preset load NAME lays one onto the strip");
	char *folder = userfiles_path(USER_DATA, "presets");
	if (folder)
		userfiles_list(folder, say_own, d);
	free(folder);
	for (const struct preset *p = presets; p->name; p++)
		desk_say(d, DESK_LINES, "%s: %s", p->name, p->help);
	return 0;
}
