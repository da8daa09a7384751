#include "control/complete.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/keymap.h"
#include "session/groups.h"

#define PREFIX_SCORE 10000 /* what begins as typed goes before what only has the letters */

int
complete_score(const char *text, const char *letters)
{
	int score = 1, run = 0;
	const char *at = text;
	for (; *letters; letters++) {
		if (*letters == ' ')
			continue;
		const char *from = at;
		while (*at && tolower((unsigned char)*at) != tolower((unsigned char)*letters))
			at++;
		if (!*at)
			return 0;
		int begins = at == text || !isalnum((unsigned char)at[-1]) ||
		             (islower((unsigned char)at[-1]) && isupper((unsigned char)*at));
		run = at == from && at != text ? run + 1 : 0;
		score += 2 + 4 * begins + 3 * (run > 0) + 4 * (at == text);
		at++;
	}
	return score * 64 / (48 + (int)strlen(text));
}

/* What is completed. */
struct entry {
	const struct desk_view *view;
	const char *names;
	char typed[160]; /* the word so far */
	struct completion *out;
};

/* Offers a text where it fits what was typed, by itself or by what it is called; in order of scores. */
static void
offer_called(struct entry *e, const char *text, const char *called, const char *help)
{
	struct completion *out = e->out;
	size_t n = strlen(e->typed);
	int score = !strncasecmp(text, e->typed, n) ? PREFIX_SCORE - (int)out->count : 2 * complete_score(text, e->typed);
	int other = called ? complete_score(called, e->typed) * 2 : 0;
	score = other > score ? other : score;
	if (score <= 0 || strlen(text) >= sizeof out->offer->text)
		return;
	for (int k = 0; k < out->count; k++)
		if (!strcmp(out->offer[k].text, text))
			return;
	int at = out->count < COMPLETE_MOST ? out->count++ : COMPLETE_MOST;
	if (at == COMPLETE_MOST && out->offer[--at].score >= score)
		return;
	for (; at > 0 && out->offer[at - 1].score < score; at--)
		out->offer[at] = out->offer[at - 1];
	snprintf(out->offer[at].text, sizeof out->offer[at].text, "%s", text);
	snprintf(out->offer[at].help, sizeof out->offer[at].help, "%s", help ? help : "");
	out->offer[at].score = score;
}

static void
offer(struct entry *e, const char *text, const char *help)
{
	offer_called(e, text, NULL, help);
}

static void
offer_commands(struct entry *e)
{
	for (const struct desk_command *c = desk_commands; c->name; c++)
		offer(e, c->name, c->help);
}

/* The words of a command's usage that stand for themselves: "[mix|master|level DB]". */
static void
offer_usage(struct entry *e, const char *usage)
{
	while (*(usage += strspn(usage, "[]| "))) {
		char word[64];
		size_t n = strcspn(usage, "[]| ");
		int plain = n < sizeof word;
		for (size_t k = 0; k < n && plain; k++)
			plain = islower((unsigned char)usage[k]) || isdigit((unsigned char)usage[k]) || usage[k] == '-';
		if (plain) {
			snprintf(word, sizeof word, "%.*s", (int)n, usage);
			offer(e, word, "");
		}
		/* what stands behind a word is its argument, in brackets it may stand alone */
		usage += n;
		if (*usage == ' ' && usage[1] != '[')
			usage += strcspn(usage, "|");
	}
}

/* Strips, by their ids or whole addresses, and by what they are called. */
static void
offer_strips(struct entry *e, int ids, const char *behind)
{
	char text[160], called[160];
	for (int k = 0; k < e->view->strips; k++) {
		const struct desk_strip *s = &e->view->strip[k];
		const char *id = strrchr(s->address, '/');
		snprintf(text, sizeof text, "%s%s", ids && id ? id + 1 : s->address, behind);
		snprintf(called, sizeof called, "%d %s", s->number, s->name);
		offer_called(e, text, s->kind == DESK_STRIP ? called : s->name, s->name);
	}
}

static void
offer_names(struct entry *e, const char *kind)
{
	size_t n = strlen(kind);
	for (const char *at = e->names; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		char name[100], help[160];
		if (strncmp(at, kind, n) != 0 || at[n] != ' ')
			continue;
		size_t length = strcspn(at + n + 1, " \n"), line = strcspn(at, "\n");
		const char *rest = at + n + 1 + length;
		snprintf(name, sizeof name, "%.*s", (int)length, at + n + 1);
		snprintf(help, sizeof help, "%.*s", rest < at + line ? (int)(at + line - rest - 1) : 0, rest + 1);
		offer_called(e, name, help, help);
	}
}

static void
offer_groups(struct entry *e)
{
	const char *name, *help;
	for (size_t k = 0; (name = group_name(k, &help)); k++)
		offer(e, name, help);
}

static void
offer_views(struct entry *e)
{
	for (const char *const *v = keymap_views; *v; v++)
		if (strcmp(*v, "any") != 0)
			offer(e, *v, "");
}

/* The kinds of nodes that an address's first parts may name, and how long those are; 0: they name none yet. */
static unsigned
kinds_of(const char *address, size_t *length)
{
	static const struct {
		const char *word;
		unsigned kinds;
		int many;
	} tops[] = {{"strip", K_STRIP, 1},
	            {"bus", K_BUS, 1},
	            {"dca", K_DCA, 1},
	            {"mix", K_MIX, 0},
	            {"master", K_MASTER, 0},
	            {"song", K_SONG, 0},
	            {"@", K_STRIP | K_BUS | K_DCA | K_MIX | K_MASTER, 0}};
	size_t n = strcspn(address, "/");
	for (size_t k = 0; k < sizeof tops / sizeof *tops; k++) {
		if (strlen(tops[k].word) != n || strncmp(tops[k].word, address, n) != 0 || !address[n])
			continue;
		if (tops[k].many) {
			size_t id = strcspn(address + n + 1, "/");
			if (!address[n + 1 + id])
				return 0;
			n += 1 + id;
		}
		*length = n + 1;
		const char *rest = address + *length, *bus = !strncmp(rest, "send/", 5) ? strchr(rest + 5, '/') : NULL;
		if (bus && tops[k].kinds & (K_STRIP | K_BUS)) {
			*length = (size_t)(bus - address) + 1;
			return K_SEND;
		}
		return tops[k].kinds;
	}
	return 0;
}

/* Parameters below a node: the next part of their addresses, or whole ones where what was typed begins none. */
static void
offer_params(struct entry *e, const char *node, const char *rest, unsigned kinds)
{
	char text[400];
	size_t n = strlen(rest);
	int found = 0;
	for (int whole = 0; whole < 2 && !found; whole++) {
		for (const struct param *p = params; p < params + PARAM_COUNT; p++) {
			if (!(p->kinds & kinds) || (!whole && strncmp(p->address, rest, n) != 0) ||
			    (whole && !complete_score(p->address, rest)))
				continue;
			size_t part = n + strcspn(p->address + n, "/");
			int more = !whole && p->address[part] == '/';
			snprintf(text, sizeof text, "%s%.*s%s", node, whole ? 100 : (int)part % 100, p->address, more ? "/" : "");
			offer(e, text, more ? "" : p->help);
			found = 1;
		}
		if (kinds & (K_STRIP | K_BUS) && !whole && !strncmp("send/", rest, n)) {
			snprintf(text, sizeof text, "%ssend/", node);
			offer(e, text, "sends into buses");
			found = 1;
		}
	}
}

static void
offer_addresses(struct entry *e)
{
	static const char *const tops[][2] = {{"@/", "what is marked, else the chosen strip"},
	                                      {"mix/", "the mix bus"},
	                                      {"master/", "the master"},
	                                      {"song/", "the song"}};
	size_t length;
	unsigned kinds = kinds_of(e->typed, &length);
	char node[160], text[400];
	if (!kinds) {
		for (size_t k = 0; k < sizeof tops / sizeof *tops; k++)
			offer(e, tops[k][0], tops[k][1]);
		offer_strips(e, 0, "/");
		return;
	}
	const char *rest = e->typed + length;
	snprintf(node, sizeof node, "%.*s", (int)length, e->typed);
	if (kinds & (K_STRIP | K_BUS) && !strncmp(rest, "send/", 5)) {
		for (int k = 0; k < e->view->strips; k++) {
			const struct desk_strip *s = &e->view->strip[k];
			if (s->kind != DESK_BUS)
				continue;
			snprintf(text, sizeof text, "%ssend/%s/", node, strchr(s->address, '/') + 1);
			offer(e, text, s->name);
		}
		return;
	}
	if (kinds == K_SONG && !strncmp(rest, "marker/", 7))
		return;
	offer_params(e, node, rest, kinds);
}

/* Values of the parameter that an address names. */
static void
offer_values(struct entry *e, const char *address)
{
	size_t length, n;
	unsigned kinds = kinds_of(address, &length);
	const struct param *p = NULL;
	char text[100];
	for (unsigned kind = 1; kinds && !p && kind <= K_REGION; kind <<= 1)
		if (kinds & kind)
			p = param_find((enum node_kind)kind, address + length);
	if (!p)
		return;
	const char *word;
	if (p->type == T_SWITCH) {
		offer(e, "on", p->help);
		offer(e, "off", p->help);
	}
	for (int k = 0; p->type == T_CHOICE && (word = param_choice(p, k, &n)); k++) {
		snprintf(text, sizeof text, "%.*s", (int)n, word);
		offer(e, text, p->help);
	}
	if (p->type == T_SWITCH || p->type == T_CHOICE)
		offer(e, "toggle", "the next one");
	if (p->type == T_REF) {
		offer(e, p->id == P_OUT ? "mix" : "none", "");
		offer_strips(e, 0, "");
		return;
	}
	if (p->type != T_TEXT) {
		param_show(p, p->def, text, sizeof text);
		offer(e, "default", text);
	}
}

/* What an argument of a command may be, where its usage does not say it: by its number from 1, 0 for all. */
enum what { STRIPS, NODES, ADDRESSES, GROUPS, SCENES, MARKERS, PRESETS, VIEWS, ROWS, CHOICES };
static const struct {
	const char *command, *after; /* after: the argument before it, or NULL */
	int number;
	enum what what;
} arguments[] = {
    {"select", NULL, 1, STRIPS},  {"mark", NULL, 1, STRIPS},       {"strip", NULL, 1, STRIPS},
    {"watch", NULL, 1, STRIPS},   {"stage", NULL, 1, NODES},       {"copy", NULL, 1, GROUPS},
    {"ab", NULL, 1, GROUPS},      {"preset", "load", 2, PRESETS},  {"preset", "save", 3, GROUPS},
    {"scene", NULL, 2, SCENES},   {"scene", NULL, 3, GROUPS},      {"scene", NULL, 4, GROUPS},
    {"scene", NULL, 5, GROUPS},   {"get", NULL, 1, ADDRESSES},     {"delete", NULL, 1, ADDRESSES},
    {"rename", NULL, 1, NODES},   {"move", NULL, 1, NODES},        {"value", NULL, 1, ADDRESSES},
    {"drag", NULL, 1, ADDRESSES}, {"variant", NULL, 2, ADDRESSES}, {"view", NULL, 1, VIEWS},
    {"locate", NULL, 1, MARKERS}, {"loop", NULL, 1, MARKERS},      {"describe", NULL, 1, ADDRESSES},
    {"type", NULL, 1, ADDRESSES}, {"marker", NULL, 1, MARKERS},    {"render", NULL, 1, ROWS},
    {"render", NULL, 2, CHOICES},
};

static void
offer_arguments(struct entry *e, const struct desk_command *c, int number, const char *first)
{
	char kind[170];
	if (number == 1)
		offer_usage(e, c->usage);
	for (size_t k = 0; k < sizeof arguments / sizeof *arguments; k++) {
		if (strcmp(arguments[k].command, c->name) != 0 || arguments[k].number != number ||
		    (arguments[k].after && strcmp(arguments[k].after, first) != 0))
			continue;
		switch (arguments[k].what) {
		case STRIPS:
			offer_strips(e, 1, "");
			break;
		case NODES:
			offer(e, "@", "what is marked, else the chosen strip");
			offer_strips(e, 0, "");
			break;
		case ADDRESSES:
			offer_addresses(e);
			break;
		case GROUPS:
			offer_groups(e);
			break;
		case SCENES:
			offer_names(e, "scene");
			break;
		case MARKERS:
			offer_names(e, "marker");
			break;
		case PRESETS:
			offer_names(e, "preset");
			break;
		case VIEWS:
			offer_views(e);
			break;
		case ROWS:
			offer_names(e, "row");
			break;
		case CHOICES:
			snprintf(kind, sizeof kind, "row/%s", first);
			offer_names(e, kind);
			break;
		}
	}
}

void
complete_line(const struct desk_view *view, const char *names, const char *line, size_t cursor, struct completion *out)
{
	struct entry e = {.view = view, .names = names, .out = out};
	char word[3][160] = {"", "", ""};
	int count = 0;
	size_t at = 0;
	out->count = 0;
	cursor = cursor < strlen(line) ? cursor : strlen(line);
	for (;;) {
		at += strspn(line + at, " \t");
		at = at < cursor ? at : cursor;
		size_t n = strcspn(line + at, " \t");
		if (at + n >= cursor)
			break;
		if (count < 3)
			snprintf(word[count], sizeof *word, "%.*s", (int)n, line + at);
		count++;
		at += n;
	}
	out->from = at;
	if (cursor - at >= sizeof e.typed)
		return;
	snprintf(e.typed, sizeof e.typed, "%.*s", (int)(cursor - at), line + at);
	const struct desk_command *c = count ? desk_command_of(word[0], NULL) : NULL;
	if (!count) {
		if (!strpbrk(e.typed, "/@"))
			offer_commands(&e);
		offer_addresses(&e);
	} else if (c) {
		offer_arguments(&e, c, count, word[1]);
		if (!strcmp(c->name, "value") || !strcmp(c->name, "drag"))
			count == 2 ? offer_values(&e, word[1]) : (void)0;
		else if (!strcmp(c->name, "variant") && count == 3)
			offer_values(&e, word[2]);
	} else if (count == 1) {
		offer_values(&e, word[0]);
	}
}
