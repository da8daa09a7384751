#include "control/desk/verdicts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "control/desk/parts.h"
#include "control/desk/scope.h"

#define PLACE_SECONDS 1.0 /* of the song more, after which a place is asked again */

static void
brief(const struct verdict *v, char *text, size_t size)
{
	if (v->fate == FATE_AS_IS || fabs(v->gain) < 0.05)
		snprintf(text, size, v->over > 0 ? "peak" : "as is");
	else
		snprintf(text, size, "%+.1f", v->gain);
}

void
desk_verdicts(struct desk *d, struct desk_verdicts *v)
{
	struct desk_figures m;
	char heard[sizeof d->place];
	desk_figures(d, &m);
	pthread_mutex_lock(&d->lock);
	strcpy(heard, d->place);
	uint32_t stamp = d->heard_stamp;
	pthread_mutex_unlock(&d->lock);
	if (v->count && v->stamp == stamp && v->mastered == m.mastered && v->integrated == m.integrated &&
	    v->true_peak == m.true_peak)
		return;
	*v = (struct desk_verdicts){
	    .mastered = m.mastered, .integrated = m.integrated, .true_peak = m.true_peak, .heard = -1, .stamp = stamp};
	for (size_t k = 0; k < d->targets.count && v->count < DESK_VERDICTS; k++) {
		const struct target *t = &d->targets.row[k];
		struct desk_verdict *row = &v->row[v->count];
		struct verdict verdict;
		snprintf(row->name, sizeof row->name, "%s", t->name);
		snprintf(row->title, sizeof row->title, "%s", t->title);
		row->lufs = (float)t->lufs;
		row->ceiling = (float)t->ceiling;
		if (isfinite(v->integrated)) {
			target_judge(t, (double)v->integrated, (double)v->true_peak, &verdict);
			verdict_text(t, &verdict, row->text, sizeof row->text);
			row->good = verdict_good(&verdict);
			row->turn = t->use == USE_STREAM ? (float)verdict.gain : 0;
			brief(&verdict, row->brief, sizeof row->brief);
		}
		if (!strcmp(row->name, heard))
			v->heard = v->count;
		v->count++;
	}
	desk_codec_verdicts(d, v);
}

/* What a place would do, by what was measured so far. */
static void
judge(struct desk *d, const struct target *t, const struct desk_figures *m)
{
	struct verdict verdict = {.gain = 0};
	if (isfinite(m->integrated) && t->use == USE_STREAM)
		target_judge(t, (double)m->integrated, (double)m->true_peak, &verdict);
	d->place_mastered = m->mastered;
	d->place_seconds = m->seconds;
	d->monitor.turn = verdict.gain;
	player_monitor(d->player, &d->monitor);
}

/* "NAME" of a target or "off"; without a word what is heard goes back, or the last place is heard again. */
int
desk_monitor_as(struct desk *d, const char *name, struct err *err)
{
	struct desk_figures m;
	char text[160];
	struct verdict verdict;
	int off = !strcmp(name, "off") || (!*name && *d->place);
	const char *wanted = *name ? name : *d->place_last ? d->place_last : d->targets.row[0].name;
	const struct target *t = off ? NULL : targets_find(&d->targets, wanted);
	desk_figures(d, &m);
	if (!off && !t)
		return err_set(err, "monitor as %s: there is no such target; `stemdesk targets` prints them", wanted);
	if (!off && !isfinite(m.integrated))
		return err_set(err, "monitor as %s: play the song first, so that its loudness is known", wanted);
	desk_monitor_place(d, t ? t->name : "");
	if (off) {
		d->monitor.turn = 0;
		player_monitor(d->player, &d->monitor);
		desk_say(d, DESK_SAYS, "heard as it is");
		return 0;
	}
	snprintf(d->place_last, sizeof d->place_last, "%s", t->name);
	judge(d, t, &m);
	target_judge(t, (double)m.integrated, (double)m.true_peak, &verdict);
	verdict_text(t, &verdict, text, sizeof text);
	desk_say(d, DESK_SAYS, "heard as there (%s): %s%s", t->title, text,
	         t->turn == TURN_LIMIT && verdict.limited > 0 ? "; that limiter is not heard here" : "");
	return 0;
}

void
desk_place_tick(struct desk *d)
{
	struct desk_figures m;
	const struct target *t = *d->place ? targets_find(&d->targets, d->place) : NULL;
	if (!t)
		return;
	desk_figures(d, &m);
	/* what is measured anew from the song's beginning says less than what was known of all of it */
	if (m.mastered != d->place_mastered || m.seconds >= d->place_seconds + PLACE_SECONDS)
		judge(d, t, &m);
}
