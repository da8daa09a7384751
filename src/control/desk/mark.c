#include "control/desk/edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
desk_is_marked(const struct desk *d, uint32_t uid)
{
	for (int k = 0; k < d->edit->marks; k++)
		if (d->edit->mark[k] == uid)
			return 1;
	return 0;
}

struct node *
desk_chosen(struct desk *d)
{
	return held_node(d->session, d->selected);
}

int
desk_meant(struct desk *d, struct node **node, int room, struct node **chosen)
{
	int count = 0;
	*chosen = NULL;
	struct node *at;
	for (int k = 0; count < room && (at = desk_view_node(d, k)); k++) {
		int is_chosen = at->uid == d->selected;
		if (d->edit->marks ? !desk_is_marked(d, at->uid) : !is_chosen)
			continue;
		if (is_chosen || !count)
			*chosen = at;
		node[count++] = at;
	}
	return count;
}

/* Lets @ stand for what is marked or chosen now. */
static void
tell_session(struct desk *d)
{
	struct node *node[DESK_STRIPS], *chosen;
	int count = desk_meant(d, node, DESK_STRIPS, &chosen);
	session_select_nodes(d->session, node, (size_t)count);
	d->edit->selection++;
}

void
desk_choose(struct desk *d, const struct node *node)
{
	d->selected = node->uid;
	tell_session(d);
}

void
desk_keep_chosen(struct desk *d)
{
	struct desk_edit *e = d->edit;
	struct node *node;
	int kept = 0;
	for (int k = 0; (node = desk_view_node(d, k)); k++)
		if (desk_is_marked(d, node->uid))
			kept++;
	if (kept != e->marks) {
		uint32_t mark[DESK_STRIPS];
		int count = 0;
		for (int k = 0; (node = desk_view_node(d, k)); k++)
			if (desk_is_marked(d, node->uid))
				mark[count++] = node->uid;
		memcpy(e->mark, mark, sizeof *mark * (size_t)count);
		e->marks = count;
	}
	node = desk_chosen(d);
	desk_choose(d, node ? node : desk_view_node(d, 0));
}

static int
put_mark(struct desk *d, const struct node *node, int on)
{
	struct desk_edit *e = d->edit;
	int at = 0;
	while (at < e->marks && e->mark[at] != node->uid)
		at++;
	if (at < e->marks && !on)
		e->mark[at] = e->mark[--e->marks];
	else if (at == e->marks && on && e->marks < DESK_STRIPS)
		e->mark[e->marks++] = node->uid;
	return on;
}

/* Marks what a pattern names. */
static void
mark_node(void *user, struct node *node, int param)
{
	struct desk *d = user;
	if (param < 0 && node->kind & (K_STRIP | K_BUS | K_DCA | K_MIX | K_MASTER))
		put_mark(d, node, 1);
}

static void
say_marks(struct desk *d)
{
	const struct desk_edit *e = d->edit;
	struct node *node;
	char text[400] = "";
	size_t n = 0;
	for (int k = 0; (node = desk_view_node(d, k)) && n + 80 < sizeof text; k++)
		if (desk_is_marked(d, node->uid))
			n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n ? ", " : ": ",
			                      *node->id ? node->id : session_address(node));
	if (e->marks)
		desk_say(d, DESK_SAYS, "%d marked%s", e->marks, text);
	else
		desk_say(d, DESK_SAYS, "nothing is marked");
}

int
desk_mark(struct desk *d, char *args, struct err *err)
{
	struct desk_edit *e = d->edit;
	struct node *node = desk_chosen(d);
	int all = !strcmp(args, "all"), invert = !strcmp(args, "invert"), before = e->marks;
	if (!*args || !strcmp(args, "toggle")) {
		put_mark(d, node, !desk_is_marked(d, node->uid));
	} else if (!strcmp(args, "none")) {
		e->marks = 0;
	} else if (all || invert) {
		for (size_t k = 0; (node = session_node(d->session, K_STRIP, k)); k++)
			put_mark(d, node, all || !desk_is_marked(d, node->uid));
	} else if (strpbrk(args, "/*{@") || (*args >= '0' && *args <= '9')) {
		char pattern[256];
		snprintf(pattern, sizeof pattern, "%s%s", strchr(args, '/') || *args == '@' ? "" : "strip/", args);
		if (session_targets(d->session, pattern, 0, mark_node, d, err))
			return err_prefix(err, "mark");
		if (e->marks == before && strchr(pattern, '/') != strrchr(pattern, '/'))
			return err_set(err, "mark %s: a strip is marked, not a parameter of it", args);
	} else if ((node = desk_find_node(d, args))) {
		put_mark(d, node, 1);
	} else {
		return err_set(err, "mark %s: no strip has that name; it is toggle, all, none, invert or strips (1-4, *vox)",
		               args);
	}
	tell_session(d);
	say_marks(d);
	return 0;
}

/* What a typed value is to be given to. */
struct given {
	struct desk *d;
	struct node *node[DESK_STRIPS];
	int param[DESK_STRIPS], count, reference;
	const struct node *chosen;
};

static void
take_target(void *user, struct node *node, int param)
{
	struct given *g = user;
	const struct node *of = node->parent ? node->parent : node;
	if (g->count == DESK_STRIPS)
		return;
	if (of == g->chosen)
		g->reference = g->count;
	g->node[g->count] = node;
	g->param[g->count++] = param;
}

/* The others move as the one did: by the same amount, or where steps are ratios by the same ratio. */
static double
moved(const struct param *p, double value, double from, double to)
{
	if (p->taper == TAPER_FADER && (value <= PARAM_SILENCE_DB || from <= PARAM_SILENCE_DB || to <= PARAM_SILENCE_DB))
		return to <= PARAM_SILENCE_DB || from <= PARAM_SILENCE_DB ? to : value;
	if (p->taper == TAPER_LOG && from > 0)
		value *= to / from;
	else
		return param_add(p, value, to - from);
	return value < p->min ? p->min : value > p->max ? p->max : value;
}

/* Sets one and lets the others follow. */
static int
set_relative(struct desk *d, const struct given *g, const char *text, struct err *err)
{
	struct node *first = g->node[g->reference];
	const struct param *p = &params[g->param[g->reference]];
	char line[512];
	double from = first->value[p->id];
	if ((size_t)snprintf(line, sizeof line, "%s/%s %s", session_address(first), p->address, text) >= sizeof line)
		return err_set(err, "the value is too long");
	if (session_line(d->session, line, err))
		return -1;
	for (int k = 0; k < g->count; k++) {
		const struct param *other = &params[g->param[k]];
		int failed = 0;
		if (k == g->reference)
			continue;
		if (p->type == T_REAL || p->type == T_INT)
			failed = session_set(d->session, g->node[k], other->id,
			                     moved(other, g->node[k]->value[other->id], from, first->value[p->id]), err);
		else if (p->type == T_TEXT || p->type == T_REF)
			failed = session_set_text(d->session, g->node[k], other->id, first->text[p->id], err);
		else
			failed = session_set(d->session, g->node[k], other->id, first->value[p->id], err);
		if (failed)
			return -1;
	}
	return 0;
}

int
desk_value(struct desk *d, char *args, struct err *err)
{
	struct given g = {.d = d};
	struct node *meant[DESK_STRIPS], *chosen;
	char line[1024], words[1100];
	size_t address = strcspn(args, " \t");
	char *text = args + address;
	while (*text == ' ' || *text == '\t')
		*text++ = '\0';
	int all = !strncmp(text, "==", 2), nudge;
	text += all ? 2 : *text == '=';
	text += strspn(text, " \t");
	if (!*args || !*text)
		return err_set(err, "value wants an address and a value: value @/fader =-6.5, ==-6.5 sets all that are marked "
		                    "alike, =+1 moves by 1");
	nudge = !strncmp(text, "+=", 2) || !strncmp(text, "-=", 2);
	int by = *text == '+' && !nudge;
	desk_meant(d, meant, DESK_STRIPS, &chosen);
	g.chosen = chosen;
	if (session_targets(d->session, args, 1, take_target, &g, err))
		return -1;
	if (g.param[0] < 0)
		return err_set(err, "%s is no parameter: say which one, such as %s/fader", args, args);
	if (desk_begin(d, err))
		return -1;
	int failed;
	if (all || by || nudge || g.count == 1) {
		if ((size_t)snprintf(line, sizeof line, "%s %s%s", args, by ? "+= " : "", text + by) >= sizeof line)
			failed = err_set(err, "the value is too long");
		else
			failed = session_line(d->session, line, err);
	} else {
		failed = set_relative(d, &g, text, err);
	}
	if (failed)
		return desk_end(d, failed, NULL, err);
	if (!*d->words)
		snprintf(words, sizeof words, "%s is at that value already", args);
	else if (g.count > 1)
		snprintf(words, sizeof words, "%d %s: %.900s and %d more", g.count,
		         strchr(args, '@') && d->edit->marks ? "marked" : "values", d->words, d->more);
	else
		snprintf(words, sizeof words, "%s", d->words);
	return desk_end(d, 0, words, err);
}
