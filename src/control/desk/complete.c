#include "control/desk/edit.h"
#include "control/desk/sheet.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "control/complete.h"
#include "control/presets.h"
#include "control/userfiles.h"

static void
write_name(FILE *out, const char *kind, const char *name, const char *words)
{
	char shown[200];
	text_show(words, shown, sizeof shown);
	fprintf(out, "%s %s %s\n", kind, name, shown);
}

static void
write_own(void *user, const char *name)
{
	write_name(user, "preset", name, "your own");
}

/* Rows of what is to be rendered, and what each can be. */
static void
write_sheet(struct desk *d, FILE *out)
{
	struct desk_sheet *s = desk_sheet(d);
	char room[SHEET_VALUE], kind[32];
	const char *one;
	for (int k = 0; s && k < SHEET_ROWS; k++) {
		if (!sheet_has(d, s, k))
			continue;
		write_name(out, "row", sheet_name(k), sheet_help(k));
		snprintf(kind, sizeof kind, "row/%s", sheet_name(k));
		for (int n = 0; (one = sheet_choice(d, k, n, room)); n++)
			write_name(out, kind, one, sheet_choice_title(d, k, n));
		write_name(out, kind, "default", "what it is by itself");
	}
}

void
desk_names_update(struct desk *d)
{
	char *text = NULL;
	size_t size;
	const char *name, *title;
	FILE *out = open_memstream(&text, &size);
	const struct node *song = session_song(d->session);
	if (!out)
		return;
	for (size_t k = 0; (name = session_scene(d->session, k, &title)); k++)
		write_name(out, "scene", name, title);
	for (size_t k = 0; k < song->children; k++)
		if (song->child[k]->kind == K_MARKER)
			write_name(out, "marker", song->child[k]->id, song->child[k]->text[P_MARKER_NAME]);
	write_sheet(d, out);
	if (fclose(out)) {
		free(text);
		return;
	}
	pthread_mutex_lock(&d->lock);
	char *old = d->names;
	d->names = text;
	pthread_mutex_unlock(&d->lock);
	free(old);
}

void
desk_complete(struct desk *d, const char *line, size_t cursor, struct completion *out)
{
	struct desk_view *view = malloc(sizeof *view);
	char *names = NULL, *folder = userfiles_path(USER_DATA, "presets");
	size_t size;
	FILE *all = open_memstream(&names, &size);
	out->count = 0;
	out->from = cursor;
	pthread_mutex_lock(&d->lock);
	if (view)
		*view = d->view;
	if (all)
		fputs(d->names ? d->names : "", all);
	pthread_mutex_unlock(&d->lock);
	if (all && folder)
		userfiles_list(folder, write_own, all);
	for (const struct preset *p = presets; all && p->name; p++)
		write_name(all, "preset", p->name, p->help);
	if (all && !fclose(all) && view)
		complete_line(view, names, line, cursor, out);
	free(names);
	free(folder);
	free(view);
}
