#include "session/advice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 64

static char
small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* How many letters must be put in, taken out or changed to make one word of the other; case counts for nothing, and a
 * word that the other begins with is one change away. Words of more than WORD_MAX bytes are far from all. */
static size_t
distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), row[WORD_MAX + 1], same = 0;
	if (n > WORD_MAX || m > WORD_MAX)
		return SIZE_MAX;
	while (same < n && same < m && small(a[same]) == small(b[same]))
		same++;
	if (same > 2 && (same == n || same == m))
		return n == m ? 0 : 1;
	for (size_t k = 0; k <= m; k++)
		row[k] = k;
	for (size_t i = 1; i <= n; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t k = 1; k <= m; k++) {
			size_t cost = diagonal + (small(a[i - 1]) != small(b[k - 1]));
			diagonal = row[k];
			if (row[k] + 1 < cost)
				cost = row[k] + 1;
			if (row[k - 1] + 1 < cost)
				cost = row[k - 1] + 1;
			row[k] = cost;
		}
	}
	return row[m];
}

/* Whether a distance is small for a word of that length. */
static bool
is_near(size_t far, const char *word)
{
	return far <= strlen(word) / 3;
}

static const char *
bearers(unsigned kinds)
{
	return kinds & K_STRIP    ? "strips have"
	       : kinds & K_BUS    ? "buses have"
	       : kinds & K_MASTER ? "the master has"
	                          : "others have";
}

/* The parameter that `rest` may be of nodes of a kind. */
static char *
advise_param(enum node_kind kind, const char *rest)
{
	char *list = NULL;
	size_t len = strlen(rest), best = SIZE_MAX, count = 0;
	const char *near = NULL;
	for (size_t k = 0; k < PARAM_COUNT; k++) {
		const struct param *p = &params[k];
		if (!(p->kinds & kind)) {
			if (!strcmp(p->address, rest))
				return text_format("; only %s it", bearers(p->kinds));
			continue;
		}
		if (!strncmp(p->address, rest, len) && p->address[len] == '/' && count++ < 8) {
			char *longer = text_format("%s%s%s", list ? list : "; there is ", list ? ", " : "", p->address);
			free(list);
			list = longer;
		}
		size_t far = distance(rest, p->address);
		if (far < best) {
			best = far;
			near = p->address;
		}
	}
	if (list)
		return list;
	if (near && is_near(best, rest))
		return text_format("; did you mean %s?", near);
	return text_copy("; `stemdesk params` lists all", 29);
}

/* The node that an id, its whole address left out, may be. */
static struct node *
near_node(struct session *s, unsigned kinds, const char *id)
{
	static const enum node_kind all[] = {K_STRIP, K_BUS, K_DCA};
	struct node *node, *near = NULL;
	size_t best = SIZE_MAX;
	for (size_t n = 0; n < sizeof all / sizeof *all; n++) {
		for (size_t k = 0; kinds & all[n] && (node = session_node(s, all[n], k)); k++) {
			size_t far = distance(id, node->id), name = distance(id, node->text[P_NAME]);
			far = name < far ? name : far;
			if (far < best && is_near(far, id)) {
				best = far;
				near = node;
			}
		}
	}
	return near;
}

char *
advice(struct session *s, const char *address, bool nodes)
{
	static const struct {
		const char *word;
		enum node_kind kind;
	} kinds[] = {{"strip", K_STRIP}, {"bus", K_BUS}, {"dca", K_DCA},
	             {"song", K_SONG},   {"mix", K_MIX}, {"master", K_MASTER}};
	char id[WORD_MAX + 1];
	const char *slash = strchr(address, '/');
	size_t len = slash ? (size_t)(slash - address) : strlen(address), k = 0;
	while (k < sizeof kinds / sizeof *kinds &&
	       (strlen(kinds[k].word) != len || memcmp(address, kinds[k].word, len) != 0))
		k++;
	if (k == sizeof kinds / sizeof *kinds) {
		snprintf(id, sizeof id, "%.*s", (int)(len < WORD_MAX ? len : WORD_MAX), address);
		struct node *node = near_node(s, K_STRIP | K_BUS | K_DCA, id);
		return node ? text_format("; did you mean %s%s?", inner(node)->address, slash ? slash : "")
		            : text_copy("; addresses begin with song, strip, bus, dca, mix or master", 59);
	}
	if (!slash)
		return text_copy("", 0);
	if (kinds[k].kind & (K_SONG | K_MIX | K_MASTER))
		return advise_param(kinds[k].kind, slash + 1);
	const char *rest = strchr(slash + 1, '/');
	len = rest ? (size_t)(rest - slash - 1) : strlen(slash + 1);
	snprintf(id, sizeof id, "%.*s", (int)(len < WORD_MAX ? len : WORD_MAX), slash + 1);
	if (rest && !strcmp(rest, "/name") && !text_is_id(id, strlen(id)))
		return text_copy("; an id is small letters, digits and -, a letter first", 54);
	if (rest && nodes)
		return advise_param(kinds[k].kind, rest + 1);
	struct node *node = near_node(s, kinds[k].kind, id);
	if (node)
		return text_format("; did you mean %s%s?", inner(node)->address, rest ? rest : "");
	return text_is_id(id, strlen(id)) ? text_format("; its line %s/%s/name makes it", kinds[k].word, id)
	                                  : text_copy("", 0);
}
