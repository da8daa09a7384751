#include "control/desk/shelf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "control/desk/edit.h"
#include "control/presets.h"
#include "control/userfiles.h"

#define WANTED 2.0 /* seconds that it is kept up to date after somebody looked */
#define EVERY 0.25 /* seconds between two pictures of it while values change */

static struct desk_shelf_item *
add(struct desk_shelf *s, enum desk_shelf_kind kind, const char *name)
{
	if (s->count == DESK_SHELF)
		return NULL;
	struct desk_shelf_item *item = &s->item[s->count++];
	*item = (struct desk_shelf_item){.kind = kind, .there = 1};
	text_show(name, item->name, sizeof item->name);
	return item;
}

/* A change of a scene, for its words as far as there is room. */
struct changes {
	struct desk *d;
	struct desk_shelf_item *item;
};

static void
take_change(void *user, struct node *node, int param, double value)
{
	struct changes *c = user;
	const struct param *p = &params[param];
	char name[200], then[64];
	size_t n = strlen(c->item->more);
	if (c->item->changes++ && n + 3 < sizeof c->item->more)
		n += (size_t)snprintf(c->item->more + n, sizeof c->item->more - n, ", ");
	desk_node_name(c->d, node, name, sizeof name);
	param_show(p, value, then, sizeof then);
	if (n + 80 < sizeof c->item->more)
		snprintf(c->item->more + n, sizeof c->item->more - n, "%.40s %s %s", name, p->address, then);
	else if (n + 4 < sizeof c->item->more && c->item->more[n - 3] != '.')
		snprintf(c->item->more + n, sizeof c->item->more - n, "...");
}

static void
add_scene(struct desk *d, struct desk_shelf *s, const char *name, const char *title)
{
	struct desk_shelf_item *item = add(s, DESK_SCENES, name);
	struct changes changes = {d, item};
	struct err err;
	if (!item)
		return;
	text_show(title, item->words, sizeof item->words);
	snprintf(item->line, sizeof item->line, "scene recall %.70s", name);
	session_scene_changes(d->session, name, NULL, 0, take_change, &changes, &err);
}

/* The places 1 to 8, taken or free, and then scenes that have names. */
static void
add_scenes(struct desk *d, struct desk_shelf *s)
{
	const char *name, *title;
	for (char place[2] = "1"; *place <= '8'; ++*place) {
		size_t k = 0;
		while ((name = session_scene(d->session, k, &title)) && strcmp(name, place) != 0)
			k++;
		if (name) {
			add_scene(d, s, name, title);
			continue;
		}
		struct desk_shelf_item *item = add(s, DESK_SCENES, place);
		if (!item)
			return;
		item->there = 0;
		snprintf(item->words, sizeof item->words, "free: Enter keeps how the desk stands");
		snprintf(item->line, sizeof item->line, "scene store %s", place);
	}
	for (size_t k = 0; (name = session_scene(d->session, k, &title)); k++)
		if (strlen(name) != 1 || *name < '1' || *name > '8')
			add_scene(d, s, name, title);
}

static void
add_notes(struct desk *d, struct desk_shelf *s)
{
	char clock[32];
	int count;
	struct node **note = desk_notes_by_place(d, &count);
	for (int k = 0; k < count; k++) {
		struct desk_shelf_item *item = add(s, DESK_NOTES, desk_clock(d, (int64_t)note[k]->value[P_NOTE_AT], clock));
		if (!item)
			break;
		text_show(note[k]->text[P_NOTE_TEXT], item->words, sizeof item->words);
		text_show(note[k]->text[P_NOTE_DATE], item->more, sizeof item->more);
		snprintf(item->line, sizeof item->line, "notes %d", k + 1);
	}
	free(note);
}

static void
add_preset(struct desk_shelf *s, const char *name, const char *help)
{
	struct desk_shelf_item *item = add(s, DESK_PRESETS, name);
	if (!item)
		return;
	snprintf(item->words, sizeof item->words, "%s", help);
	snprintf(item->line, sizeof item->line, "preset load %.70s", name);
}

static void
add_own(void *user, const char *name)
{
	add_preset(user, name, "your own");
}

static void
add_presets(struct desk_shelf *s)
{
	char *folder = userfiles_path(USER_DATA, "presets");
	if (folder)
		userfiles_list(folder, add_own, s);
	free(folder);
	for (const struct preset *p = presets; p->name; p++)
		add_preset(s, p->name, p->help);
}

void
desk_shelf_update(struct desk *d)
{
	double now = clock_seconds();
	pthread_mutex_lock(&d->lock);
	int wanted = d->shelf_asked > 0 && now - d->shelf_asked < WANTED;
	pthread_mutex_unlock(&d->lock);
	if (!wanted || (!d->shelf_stale && d->shelf) || (d->shelf && now - d->shelf_built < EVERY))
		return;
	struct desk_shelf *fresh = calloc(1, sizeof *fresh);
	if (!fresh)
		return;
	d->shelf_stale = 0;
	d->shelf_built = now;
	add_scenes(d, fresh);
	add_notes(d, fresh);
	add_presets(fresh);
	pthread_mutex_lock(&d->lock);
	struct desk_shelf *old = d->shelf;
	fresh->version = old ? old->version + 1 : 1;
	d->shelf = fresh;
	pthread_mutex_unlock(&d->lock);
	free(old);
}

int
desk_shelf(struct desk *d, struct desk_shelf *shelf)
{
	pthread_mutex_lock(&d->lock);
	d->shelf_asked = clock_seconds();
	int newer = d->shelf && shelf->version != d->shelf->version;
	if (newer)
		*shelf = *d->shelf;
	pthread_mutex_unlock(&d->lock);
	return newer;
}
