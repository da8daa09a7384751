#include "control/desk/verdicts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "control/desk/parts.h"
#include "control/desk/scope.h"

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
		}
		if (!strcmp(row->name, heard))
			v->heard = v->count;
		v->count++;
	}
	desk_codec_verdicts(d, v);
}

/* "NAME" of a target or "off": what plays is turned as the place would turn it. */
int
desk_monitor_as(struct desk *d, const char *name, struct err *err)
{
	struct desk_verdicts v = {.count = 0};
	int off = !strcmp(name, "off"), k = 0;
	desk_verdicts(d, &v);
	while (!off && k < v.count && (v.row[k].codec || strcmp(v.row[k].name, name)))
		k++;
	if (!off && k == v.count)
		return err_set(err, "monitor as %s: there is no such target; `stemdesk targets` prints them", name);
	if (!off && !isfinite(v.integrated))
		return err_set(err, "monitor as %s: play the song first, so that its loudness is known", name);
	pthread_mutex_lock(&d->lock);
	snprintf(d->place, sizeof d->place, "%s", off ? "" : name);
	d->heard_stamp++;
	pthread_mutex_unlock(&d->lock);
	d->monitor.turn = off ? 0 : (double)v.row[k].turn;
	desk_say(d, DESK_SAYS, off ? "heard as it is%s" : "heard as there: %s", off ? "" : v.row[k].text);
	return 0;
}
