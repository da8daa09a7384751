#include "control/desk/edit.h"

#include <stdio.h>

#include "session/groups.h"

int
desk_group_error(const char *command, const char *group, struct err *err)
{
	char list[400] = "";
	const char *name;
	size_t n = 0;
	for (size_t k = 0; (name = group_name(k, NULL)) && n + 40 < sizeof list; k++)
		n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", k ? ", " : "", name);
	return err_set(err, "%s %s: there is no such processor or part of a strip; there are %s", command, group, list);
}

void
desk_meant_words(struct desk *d, char *to, size_t size)
{
	struct node *node[DESK_STRIPS], *chosen;
	int count = desk_meant(d, node, DESK_STRIPS, &chosen);
	if (d->edit->marks)
		snprintf(to, size, "%d marked", count);
	else
		desk_node_name(d, chosen, to, size);
}

int
desk_copy(struct desk *d, char *args, struct err *err)
{
	struct desk_edit *e = d->edit;
	const struct node *node = desk_chosen(d);
	const char *group = *args ? args : "chain";
	char name[200];
	struct held clip = {NULL, 0, 0};
	if (!group_known(group))
		return desk_group_error("copy", group, err);
	held_take(&clip, node, group, NULL);
	desk_node_name(d, node, name, sizeof name);
	if (!clip.count)
		return err_set(err, "copy %s: %s has none", group, name);
	held_fini(&e->clip);
	e->clip = clip;
	snprintf(e->clip_words, sizeof e->clip_words, "%s of %s", group, name);
	desk_say(d, DESK_SAYS, "copied %s", e->clip_words);
	return 0;
}

int
desk_paste(struct desk *d, char *args, struct err *err)
{
	struct desk_edit *e = d->edit;
	struct node *node[DESK_STRIPS], *chosen;
	char words[600], name[200];
	int count = desk_meant(d, node, DESK_STRIPS, &chosen), lines = 0, failed = 0;
	if (*args)
		return err_set(err, "paste takes nothing: it goes onto what is marked, or else the chosen strip");
	if (!e->clip.count)
		return err_set(err, "nothing was copied yet: copy takes a processor or the chain of the chosen strip");
	if (desk_begin(d, err))
		return -1;
	for (int k = 0; k < count && !failed; k++) {
		int put = held_put(&e->clip, d->session, node[k], err);
		failed = put < 0;
		lines += put > 0 ? put : 0;
	}
	desk_meant_words(d, name, sizeof name);
	if (lines)
		snprintf(words, sizeof words, "%s onto %s: %d value%s changed", e->clip_words, name, lines,
		         lines == 1 ? "" : "s");
	else
		snprintf(words, sizeof words, "%s onto %s: nothing changed", e->clip_words, name);
	return desk_end(d, failed, words, err);
}
