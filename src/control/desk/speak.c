#include "control/desk/edit.h"

#include <stdio.h>

#include "base/text.h"
#include "base/times.h"

#define HEARD_DB -60.0 /* who is below sounds to nobody */

static void
say_db(double db, char *text, size_t size)
{
	if (db <= (double)DESK_SILENCE)
		snprintf(text, size, "-inf dB");
	else
		snprintf(text, size, "%.1f dB", db);
}

static double
loudest(const struct desk_strip *s)
{
	return (double)(s->peak[0] > s->peak[1] ? s->peak[0] : s->peak[1]);
}

void
desk_strip_words(const struct desk_strip *s, char *text, size_t size)
{
	static const char *const kinds[] = {"", "bus ", "DCA "};
	if (s->kind == DESK_STRIP)
		snprintf(text, size, "%d %s", s->number, s->name);
	else if (s->kind == DESK_MIX || s->kind == DESK_MASTER)
		snprintf(text, size, "%s", s->kind == DESK_MIX ? "mix" : "master");
	else
		snprintf(text, size, "%s%s", kinds[s->kind], s->name);
}

/* The k-th strip of the view as it stands, its peaks since they were said last. 0, or -1 past the last. */
static int
look(struct desk *d, int k, struct desk_strip *s)
{
	pthread_mutex_lock(&d->lock);
	int there = k < d->view.strips;
	if (there) {
		*s = d->view.strip[k];
		desk_meters_fill(&d->meters, d->spoken, s);
	}
	pthread_mutex_unlock(&d->lock);
	return there ? 0 : -1;
}

/* "fader -6.0 dB, pan L30, muted, on: gate eq, to bus/drums". */
static void
say_state(const struct node *node, const struct desk_strip *s, char *text, size_t size)
{
	static const char *const names[DESK_PROCESSORS] = {"filter", "gate",      "de-esser",   "eq",
	                                                   "comp",   "transient", "saturation", "effect"};
	char value[64];
	int n = 0;
	param_show(&params[P_FADER], node->value[P_FADER], value, sizeof value);
	n += snprintf(text + n, size - (size_t)n, "fader %s", value);
	if (s->kind == DESK_STRIP || s->kind == DESK_BUS) {
		param_show(&params[P_PAN], node->value[P_PAN], value, sizeof value);
		n += snprintf(text + n, size - (size_t)n, ", pan %s", value);
	}
	if (s->trim != 0)
		n += snprintf(text + n, size - (size_t)n, ", trim %.1f dB", (double)s->trim);
	n += snprintf(text + n, size - (size_t)n, "%s%s", s->mute ? ", muted" : "", s->solo ? ", soloed" : "");
	int on = 0;
	for (int k = 0; k < DESK_PROCESSORS; k++)
		if (s->on >> k & 1)
			n += snprintf(text + n, size - (size_t)n, "%s%s",
			              on++ ? " " : ", on: ", k == DESK_EFFECT && s->kind == DESK_MASTER ? "limiter" : names[k]);
	static const struct {
		int param;
		const char *name;
	} units[] = {{P_MULTI_ON, "multi"}, {P_DYNEQ_ON, "dyneq"}, {P_STEREO_ON, "stereo"}, {P_CLIP_ON, "clip"}};
	for (size_t k = 0; s->kind == DESK_MASTER && k < sizeof units / sizeof *units; k++)
		if (node->value[units[k].param] != 0)
			n += snprintf(text + n, size - (size_t)n, "%s%s", on++ ? " " : ", on: ", units[k].name);
	if (*s->out)
		n += snprintf(text + n, size - (size_t)n, ", to %s", s->out);
	if (*s->dca)
		snprintf(text + n, size - (size_t)n, ", DCA %s", s->dca);
}

static void
say_one(struct desk *d, int k)
{
	struct desk_strip s;
	char name[160], state[600], peak[32];
	if (look(d, k, &s))
		return;
	desk_strip_words(&s, name, sizeof name);
	say_state(desk_view_node(d, k), &s, state, sizeof state);
	say_db(loudest(&s), peak, sizeof peak);
	if (s.kind == DESK_DCA)
		desk_say(d, DESK_LINES, "%s: %s", name, state);
	else if (s.reduction >= 0.05f)
		desk_say(d, DESK_LINES, "%s: %s, peak %s, reduction %.1f dB", name, state, peak, (double)s.reduction);
	else
		desk_say(d, DESK_LINES, "%s: %s, peak %s", name, state, peak);
}

int
desk_speak_strip(struct desk *d, char *args, struct err *err)
{
	struct node *node, *wanted = *args ? desk_find_node(d, args) : desk_chosen(d);
	if (!wanted)
		return err_set(err, "strip %s: no strip has that name or number", args);
	desk_view_update(d);
	for (int k = 0; (node = desk_view_node(d, k)); k++)
		if (node == wanted)
			say_one(d, k);
	return 0;
}

int
desk_speak_meters(struct desk *d, char *args, struct err *err)
{
	struct desk_strip s;
	char name[160], peak[32];
	int said = 0;
	(void)args, (void)err;
	desk_view_update(d);
	for (int k = 0; look(d, k, &s) == 0; k++) {
		if (s.kind == DESK_DCA || loudest(&s) < HEARD_DB)
			continue;
		desk_strip_words(&s, name, sizeof name);
		say_db(loudest(&s), peak, sizeof peak);
		if (s.reduction >= 0.05f)
			desk_say(d, DESK_LINES, "%s: peak %s, reduction %.1f dB", name, peak, (double)s.reduction);
		else
			desk_say(d, DESK_LINES, "%s: peak %s", name, peak);
		said++;
	}
	if (!said)
		desk_say(d, DESK_LINES, "nobody sounds");
	d->spoken = desk_meters_seen(&d->meters);
	return 0;
}

int
desk_speak_master(struct desk *d, char *args, struct err *err)
{
	struct node *node;
	(void)args, (void)err;
	desk_view_update(d);
	for (int k = 0; (node = desk_view_node(d, k)); k++)
		if (node->kind & (K_MIX | K_MASTER))
			say_one(d, k);
	desk_say(d, DESK_LINES, "the %s is heard", d->mastered ? "master" : "mix");
	return 0;
}

int
desk_speak_status(struct desk *d, char *args, struct err *err)
{
	struct desk_view *v = &d->view;
	char at[32], of[32];
	(void)args, (void)err;
	desk_view_update(d);
	time_text((double)d->position / session_rate(d->session), 3, at);
	time_text((double)d->length / session_rate(d->session), 3, of);
	pthread_mutex_lock(&d->lock);
	double load = 100 * (double)desk_crest_since(&d->meters.load, desk_meters_since(&d->meters, d->spoken));
	unsigned xruns = v->xruns, ours = v->xruns_ours, starved = v->starved;
	double mean = 100 * (double)v->load_mean;
	int dirty = v->dirty, all = (int)(v->listened / 60), sitting = (int)(v->sitting / 60);
	pthread_mutex_unlock(&d->lock);
	desk_say(d, DESK_LINES, "%s at %s of %s", d->playing ? "playing" : "stopped", at, of);
	desk_say(d, DESK_LINES, "%s, load %.0f %%, at worst %.0f %%", d->device_words, mean, load);
	desk_say(d, DESK_LINES, "%u xruns, %u of them for the desk took longer than a period, %u disk faults", xruns, ours,
	         starved);
	desk_say(d, DESK_LINES, "listened to for %d:%02d h in all, %d:%02d h without a pause", all / 60, all % 60,
	         sitting / 60, sitting % 60);
	desk_say(d, DESK_LINES,
	         d->view_only ? "only looked at: somebody else has the session open"
	         : dirty      ? "there are changes that are not saved"
	                      : "all is saved");
	return 0;
}
