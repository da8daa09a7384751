#include "control/desk/edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Nodes whose values can be told: those of the view and their sends. */
static void
keep_node(struct desk *d, const struct node *node)
{
	struct desk_was *more = realloc(d->was, (d->was_count + 1) * sizeof *more);
	if (!more)
		return;
	d->was = more;
	d->was[d->was_count].uid = node->uid;
	memcpy(d->was[d->was_count].value, node->value, sizeof node->value);
	d->was_count++;
	for (size_t k = 0; k < node->children; k++)
		if (node->child[k]->kind == K_SEND)
			keep_node(d, node->child[k]);
}

void
desk_words_keep(struct desk *d)
{
	struct node *node;
	d->was_count = 0;
	for (int k = 0; (node = desk_view_node(d, k)); k++)
		keep_node(d, node);
	keep_node(d, session_song(d->session));
}

void
desk_words_begin(struct desk *d)
{
	d->words[0] = '\0';
	d->words_of = 0;
	d->more = 0;
}

static struct desk_was *
was_of(struct desk *d, uint32_t uid)
{
	for (size_t k = 0; k < d->was_count; k++)
		if (d->was[k].uid == uid)
			return &d->was[k];
	return NULL;
}

void
desk_node_name(struct desk *d, const struct node *node, char *to, size_t size)
{
	char shown[72];
	if (node->kind == K_MARKER) {
		text_show(*node->text[P_MARKER_NAME] ? node->text[P_MARKER_NAME] : node->id, shown, sizeof shown);
		snprintf(to, size, "marker %s", shown);
		return;
	}
	if (node->kind == K_NOTE) {
		char clock[32];
		snprintf(to, size, "note at %s", desk_clock(d, (int64_t)node->value[P_NOTE_AT], clock));
		return;
	}
	if (node->kind == K_SEND || node->kind == K_REGION) {
		desk_node_name(d, node->parent, to, size);
		size_t n = strlen(to);
		snprintf(to + n, size - n, " %s %s", node->kind == K_SEND ? "send" : "region", node->id);
		return;
	}
	text_show(*node->text[P_NAME] ? node->text[P_NAME] : node->id, shown, sizeof shown);
	int number = 0;
	for (size_t k = 0; node->kind == K_STRIP && session_node(d->session, K_STRIP, k); k++)
		if (session_node(d->session, K_STRIP, k) == node)
			number = (int)k + 1;
	if (number)
		snprintf(to, size, "%d %s", number, shown);
	else if (node->kind == K_STRIP)
		snprintf(to, size, "%s", shown);
	else if (node->kind == K_BUS || node->kind == K_DCA)
		snprintf(to, size, "%s %s", node->kind == K_BUS ? "bus" : "DCA", shown);
	else
		snprintf(to, size, "%s", node->kind == K_MIX ? "mix" : node->kind == K_MASTER ? "master" : "song");
}

void
desk_words_changed(struct desk *d, struct node *node, int param)
{
	char name[200], now[64], before[64] = "";
	struct desk_was *was = was_of(d, node->uid);
	int came = param < 0 && !d->words_of; /* a node that comes or goes says more than its values */
	if (*d->words && !came) {
		d->more += node->uid != d->words_of;
	} else if (param < 0) {
		d->words_of = node->uid;
		d->more = 0;
		desk_node_name(d, node, name, sizeof name);
		snprintf(d->words, sizeof d->words, "%s %s", name, !node->live ? "is gone" : was ? "moved" : "is new");
	} else if (params[param].type == T_TEXT || params[param].type == T_REF) {
		char shown[200];
		desk_node_name(d, node, name, sizeof name);
		text_show(node->text[param], shown, sizeof shown);
		snprintf(d->words, sizeof d->words, "%s %s %s", name, params[param].address,
		         *shown           ? shown
		         : param == P_OUT ? "mix"
		                          : "none");
	} else {
		desk_node_name(d, node, name, sizeof name);
		param_show(&params[param], node->value[param], now, sizeof now);
		if (was && was->value[param] != node->value[param])
			param_show(&params[param], was->value[param], before, sizeof before);
		snprintf(d->words, sizeof d->words, *before ? "%s %s %s (was %s)" : "%s %s %s", name, params[param].address,
		         now, before);
	}
	if (was && param >= 0)
		was->value[param] = node->value[param];
}
