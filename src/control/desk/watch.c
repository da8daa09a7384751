#include <string.h>

#include "control/desk/parts.h"

/* "4 Bass", "mix". */
static void
name_of(struct desk *d, uint32_t uid, char *text, size_t size)
{
	*text = '\0';
	pthread_mutex_lock(&d->lock);
	for (int k = 0; k < d->view.strips; k++)
		if (d->view.strip[k].uid == uid)
			desk_strip_words(&d->view.strip[k], text, size);
	pthread_mutex_unlock(&d->lock);
}

static int
list(struct desk *d)
{
	char name[160];
	for (int k = 0; k < d->watches; k++) {
		name_of(d, d->watch[k].uid, name, sizeof name);
		if (*name)
			desk_say(d, DESK_LINES, "%s: told above %.1f dB%s", name, (double)d->watch[k].level,
			         d->watch[k].told ? ", and was" : "");
	}
	if (!d->watches)
		desk_say(d, DESK_LINES, "nobody is watched");
	return 0;
}

static void
drop(struct desk *d, int k)
{
	memmove(&d->watch[k], &d->watch[k + 1], (size_t)(d->watches - k - 1) * sizeof *d->watch);
	d->watches--;
}

int
desk_watch(struct desk *d, char *args, struct err *err)
{
	static const struct param peak = {.address = "peak", .type = T_REAL, .unit = U_DB, .min = -90, .max = 24};
	char *last = strrchr(args, ' '), name[160];
	double level = 0;
	if (!*args)
		return list(d);
	if (!strcmp(args, "off")) {
		d->watches = 0;
		desk_say(d, DESK_SAYS, "nobody is watched any more");
		return 0;
	}
	if (!last)
		return err_set(err, "watch %s: say above which peak, \"watch %s -6\", or \"watch %s off\"", args, args, args);
	*last++ = '\0';
	int off = !strcmp(last, "off");
	struct node *node = desk_find_node(d, args);
	if (!node || node->kind == K_DCA)
		return err_set(err, "watch %s: no strip with a meter has that name or number", args);
	if (!off && param_parse(&peak, last, session_rate(d->session), &level, err))
		return err_prefix(err, "watch");
	int k = 0;
	while (k < d->watches && d->watch[k].uid != node->uid)
		k++;
	if (off && k < d->watches)
		drop(d, k);
	if (!off && k == DESK_WATCHES)
		return err_set(err, "watch: %d strips are watched, no more; \"watch off\" ends them", DESK_WATCHES);
	if (!off) {
		d->watches += k == d->watches;
		d->watch[k] =
		    (struct desk_watcher){.uid = node->uid, .level = (float)level, .seen = desk_meters_seen(&d->meters)};
	}
	name_of(d, node->uid, name, sizeof name);
	if (off)
		desk_say(d, DESK_SAYS, "%s is not watched", name);
	else
		desk_say(d, DESK_SAYS, "%s: it is said when its peak goes above %.1f dB", name, level);
	return 0;
}

void
desk_watch_tick(struct desk *d)
{
	int began = d->playing && !d->watched_play;
	char name[160];
	d->watched_play = d->playing;
	for (int k = 0; k < d->watches; k++) {
		struct desk_watcher *w = &d->watch[k];
		struct desk_strip s = {.uid = w->uid};
		w->told = w->told && !began;
		pthread_mutex_lock(&d->lock);
		desk_meters_fill(&d->meters, w->seen, &s);
		w->seen = desk_meters_seen(&d->meters);
		pthread_mutex_unlock(&d->lock);
		float peak = s.peak[0] > s.peak[1] ? s.peak[0] : s.peak[1];
		if (w->told || peak <= w->level)
			continue;
		w->told = 1;
		name_of(d, w->uid, name, sizeof name);
		if (*name)
			desk_say(d, DESK_SAYS, "%s: peak %.1f dB, above %.1f", name, (double)peak, (double)w->level);
	}
}
