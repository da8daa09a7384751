#include "control/desk/edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/groups.h"

/* Two states of a processor of a strip, or of the whole desk (uid 0). */
struct desk_ab {
	struct desk_ab *next;
	uint32_t uid;
	char group[32];
	struct held slot[2];
	int heard;
	size_t steps; /* of undo behind the last flip: flips that follow each other are one */
};

static void
take(struct desk *d, const struct desk_ab *ab, struct held *slot)
{
	struct node *node;
	held_fini(slot);
	for (int k = 0; (node = desk_view_node(d, k)); k++)
		if (!ab->uid || ab->uid == node->uid)
			held_take(slot, node, ab->group, group_recalls);
}

static void
free_one(struct desk_ab *ab)
{
	held_fini(&ab->slot[0]);
	held_fini(&ab->slot[1]);
	free(ab);
}

void
desk_ab_free(struct desk_ab *ab)
{
	while (ab) {
		struct desk_ab *next = ab->next;
		free_one(ab);
		ab = next;
	}
}

/* What is there goes into the slot that is heard, and the other one is put in its place. */
static int
flip(struct desk *d, struct desk_ab *ab, const char *what, struct err *err)
{
	size_t redos, steps = session_steps(d->session, &redos);
	char words[300];
	/* an undo may have led back to the other one */
	if (held_same(&ab->slot[!ab->heard], d->session) && !held_same(&ab->slot[ab->heard], d->session))
		ab->heard = !ab->heard;
	else
		take(d, ab, &ab->slot[ab->heard]);
	int again = ab->steps && steps == ab->steps && !redos;
	if (again ? desk_begin_again(d, err) : desk_begin(d, err))
		return -1;
	int lines = held_put(&ab->slot[!ab->heard], d->session, NULL, err);
	if (lines < 0)
		return desk_end(d, -1, NULL, err);
	ab->heard = !ab->heard;
	snprintf(words, sizeof words, "%s: %c is heard%s", what, 'A' + ab->heard, lines ? "" : ", which is the same");
	int failed = desk_end(d, 0, words, err);
	ab->steps = session_steps(d->session, &redos);
	return failed;
}

char
desk_ab_heard(const struct desk *d, uint32_t uid, const char *group)
{
	for (const struct desk_ab *ab = d->edit->ab; ab; ab = ab->next)
		if (ab->uid == uid && !strcmp(ab->group, group))
			return (char)('A' + ab->heard);
	return '\0';
}

int
desk_ab(struct desk *d, char *args, struct err *err)
{
	struct desk_edit *e = d->edit;
	const struct node *node = desk_chosen(d);
	char name[200], what[260];
	d->values_stale = 1; /* they tell what is heard */
	char *forget = strstr(args, "forget");
	if (forget)
		*forget = '\0';
	for (size_t n = strlen(args); n && args[n - 1] == ' ';)
		args[--n] = '\0';
	int desk = !*args;
	if (!desk && !group_known(args))
		return desk_group_error("ab", args, err);
	desk_node_name(d, node, name, sizeof name);
	snprintf(what, sizeof what, desk ? "the desk" : "%s of %s", args, name);
	struct desk_ab **at = &e->ab;
	while (*at && !((*at)->uid == (desk ? 0 : node->uid) && !strcmp((*at)->group, desk ? "all" : args)))
		at = &(*at)->next;
	if (forget) {
		struct desk_ab *gone = *at;
		if (!gone)
			return err_set(err, "%s has no A and B", what);
		*at = gone->next;
		free_one(gone);
		desk_say(d, DESK_SAYS, "%s: A and B are forgotten", what);
		return 0;
	}
	if (*at)
		return flip(d, *at, what, err);
	struct desk_ab *ab = calloc(1, sizeof *ab);
	if (!ab)
		return err_set(err, "not enough memory");
	ab->uid = desk ? 0 : node->uid;
	snprintf(ab->group, sizeof ab->group, "%s", desk ? "all" : args);
	take(d, ab, &ab->slot[0]);
	take(d, ab, &ab->slot[1]);
	if (!ab->slot[0].count) {
		free_one(ab);
		return err_set(err, "ab %s: %s has none", args, name);
	}
	ab->heard = 1;
	*at = ab;
	desk_say(d, DESK_SAYS, "%s: A is kept, B is heard and the same yet: change it, then flip", what);
	return 0;
}
