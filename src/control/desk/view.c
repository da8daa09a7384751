#include "control/desk/edit.h"
#include "control/desk/sheet.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/times.h"

struct node *
desk_view_node(struct desk *d, int k)
{
	static const enum node_kind kinds[] = {K_STRIP, K_BUS, K_DCA};
	for (size_t i = 0; i < 3; i++) {
		size_t count = 0;
		struct node *node = session_node(d->session, kinds[i], (size_t)k);
		if (node)
			return node;
		while (session_node(d->session, kinds[i], count))
			count++;
		k -= (int)count;
	}
	return k == 0 ? session_mix(d->session) : k == 1 ? session_master(d->session) : NULL;
}

enum desk_kind
desk_view_kind(const struct node *node)
{
	return node->kind == K_STRIP ? DESK_STRIP
	       : node->kind == K_BUS ? DESK_BUS
	       : node->kind == K_DCA ? DESK_DCA
	       : node->kind == K_MIX ? DESK_MIX
	                             : DESK_MASTER;
}

const char *
desk_view_name(const struct node *node)
{
	if (node->kind & (K_MIX | K_MASTER))
		return node->kind == K_MIX ? "Mix" : "Master";
	return *node->text[P_NAME] ? node->text[P_NAME] : node->id;
}

/* An equaliser that is on but flat does nothing, and is not shown as on. */
static int
eq_works(const struct node *node)
{
	const int step = P_EQ2_ON - P_EQ1_ON;
	for (int k = 0; k < 6 && node->value[P_EQ_ON] != 0; k++) {
		const double *band = &node->value[P_EQ1_ON + k * step];
		if (band[0] != 0 && (band[P_EQ1_GAIN - P_EQ1_ON] != 0 || band[P_EQ1_TYPE - P_EQ1_ON] >= 3))
			return 1;
	}
	return 0;
}

static unsigned
processors_on(const struct node *node)
{
	unsigned on = 0;
	if (node->kind == K_DCA)
		return 0;
	on |= (unsigned)(node->value[P_HPF_ON] != 0 || node->value[P_LPF_ON] != 0) << DESK_FILTER;
	on |= (unsigned)(node->value[P_GATE_ON] != 0) << DESK_GATE;
	on |= (unsigned)(node->value[P_DEESS_ON] != 0) << DESK_DEESS;
	on |= (unsigned)eq_works(node) << DESK_EQ;
	on |= (unsigned)(node->value[P_COMP_ON] != 0) << DESK_COMP;
	on |= (unsigned)(node->value[P_TRANSIENT_ON] != 0) << DESK_TRANSIENT;
	on |= (unsigned)(node->value[P_SAT_ON] != 0) << DESK_SAT;
	if (node->kind == K_BUS)
		on |= (unsigned)(node->value[P_REVERB_ON] != 0 || node->value[P_ECHO_ON] != 0) << DESK_EFFECT;
	if (node->kind == K_MASTER)
		on |= (unsigned)(node->value[P_LIMIT_ON] != 0) << DESK_EFFECT;
	return on;
}

static void
fill_strip(struct desk_strip *s, const struct node *node)
{
	s->uid = node->uid;
	s->kind = desk_view_kind(node);
	snprintf(s->address, sizeof s->address, "%s", session_address(node));
	text_show(desk_view_name(node), s->name, sizeof s->name);
	s->dca[0] = s->out[0] = '\0';
	s->colour = s->safe = s->solo = 0;
	s->pan = s->trim = s->depth = 0;
	if (node->kind & (K_STRIP | K_BUS)) {
		text_show(node->text[P_DCA], s->dca, sizeof s->dca);
		text_show(node->text[P_OUT], s->out, sizeof s->out);
		s->pan = (float)node->value[P_PAN];
		s->depth = (float)node->value[P_STAGE_DEPTH];
		s->solo = node->value[P_SOLO] != 0;
		s->safe = node->value[P_SOLO_SAFE] != 0;
	}
	if (node->kind & (K_STRIP | K_BUS | K_DCA))
		s->colour = (int)node->value[P_COLOUR];
	if (node->kind != K_DCA)
		s->trim = (float)node->value[P_TRIM];
	s->fader = (float)node->value[P_FADER];
	s->mute = node->value[P_MUTE] != 0;
	s->on = processors_on(node);
}

/* "demo-cd.wav 45 %, 0:12 left" */
static void
work_words(const struct desk *d, char *to, size_t size)
{
	char doing[300];
	int percent;
	double left;
	char clock[32];
	*to = '\0';
	if (!desk_bounce_state(d, doing, sizeof doing, &percent, &left) &&
	    !desk_codec_state(d, doing, sizeof doing, &percent, &left))
		return;
	int n = snprintf(to, size, "%.50s %d %%", strchr(doing, ' ') ? strchr(doing, ' ') + 1 : doing, percent);
	if (left >= 0)
		snprintf(to + n, size - (size_t)n, ", %s left", time_text(left, 0, clock));
}

void
desk_view_update(struct desk *d)
{
	struct desk_view *v = &d->view;
	struct node *node;
	double fill = d->streams ? streams_fill(d->streams) : 1;
	int dirty = session_dirty(d->session), number = 0, k = 0;
	size_t redos;
	enum desk_kind last = DESK_STRIP;
	pthread_mutex_lock(&d->lock);
	v->structure = d->structure;
	text_show(d->path, v->path, sizeof v->path);
	snprintf(v->device, sizeof v->device, "%s", d->device_words);
	v->dirty = dirty;
	v->view_only = d->view_only;
	v->playing = d->playing;
	v->undos = (int)session_steps(d->session, &redos);
	v->redos = (int)redos;
	v->marks = d->edit->marks;
	v->recording = d->edit->recording;
	text_show(session_song(d->session)->text[P_BRIEF], v->brief, sizeof v->brief);
	v->listened = d->edit->hours.listened;
	v->sitting = d->edit->hours.sitting;
	v->position = d->position;
	v->length = d->length;
	v->loop_in = d->loop.in;
	v->loop_out = d->loop.out;
	v->looping = d->looping;
	desk_section(d, v->section, sizeof v->section);
	v->rate = session_rate(d->session);
	int blind = desk_abx_letter(d) == 'X'; /* then the screen does not tell which it is */
	v->mastered = blind ? v->mastered : d->mastered;
	work_words(d, v->work, sizeof v->work);
	desk_monitor_words(d, v->monitor, sizeof v->monitor);
	if (!blind) {
		d->heard_stamp += strcmp(d->heard_codec, desk_codec_heard(d)) != 0;
		snprintf(d->heard_codec, sizeof d->heard_codec, "%s", desk_codec_heard(d));
	}
	v->needle = d->meters.needle;
	v->disk = (float)fill;
	v->xruns = d->xruns;
	v->xruns_ours = d->xruns_ours;
	v->load_mean = d->load_mean;
	v->starved = d->played.starved;
	v->selected = 0;
	for (; k < DESK_STRIPS && (node = desk_view_node(d, k)); k++) {
		struct desk_strip *s = &v->strip[k];
		/* values change by edits alone */
		if (s->uid != node->uid || (d->values_stale && !blind))
			fill_strip(s, node);
		number = s->kind == last ? number + 1 : 1;
		last = s->kind;
		s->number = number;
		s->marked = desk_is_marked(d, node->uid);
		if (node->uid == d->selected)
			v->selected = k;
	}
	v->strips = k;
	pthread_mutex_unlock(&d->lock);
	desk_values_update(d);
	desk_routes_update(d);
	desk_tape_update(d);
	desk_shelf_update(d);
	desk_measure_update(d);
	desk_watch_tick(d);
}

void
desk_view(struct desk *d, struct desk_view *view)
{
	uint32_t seen = view->seen;
	pthread_mutex_lock(&d->lock);
	*view = d->view;
	for (int k = 0; k < view->strips; k++)
		desk_meters_fill(&d->meters, seen, &view->strip[k]);
	view->load = desk_crest_since(&d->meters.load, desk_meters_since(&d->meters, seen));
	view->seen = desk_meters_seen(&d->meters);
	pthread_mutex_unlock(&d->lock);
}
