#include "control/desk/parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/bounce.h"

#define STRETCH 16.0 /* seconds that are compared, from the playhead on */
#define LEAST 4.0    /* seconds; near the song's end the stretch begins before the playhead */
#define MOST 16      /* processors bypassed at a time */

/* One comparison, worked out by a thread of its own on a session of its own. */
struct compare {
	struct desk *desk;
	pthread_t thread;
	struct session *session;
	char *path;
	int param;
	int64_t from, to;       /* frames */
	double loudness[2];     /* LUFS, with it and without */
	double peak;            /* dBFS, without it */
	int done, failed, quit; /* guarded by the desk's lock */
	struct err err;
};

/*
 * Processors of the master that are off for a comparison: `match` makes what is left as loud as it was with them. An
 * entry holds while its processor is off, whoever switched it.
 */
struct desk_bypass {
	struct {
		int param;
		double match; /* dB */
	} off[MOST];
	int count;
	struct compare *compare; /* under way, or NULL */
};

/* The switch of a processor of the master ("multi" is master/multi/on), or -1. */
static int
switch_of(const char *name)
{
	size_t n = strlen(name);
	for (int k = 0; k < PARAM_COUNT; k++)
		if (params[k].kinds & K_MASTER && params[k].type == T_SWITCH && !strncmp(params[k].address, name, n) &&
		    !strcmp(params[k].address + n, "/on"))
			return k;
	return -1;
}

static int
processor_length(int param)
{
	return (int)strcspn(params[param].address, "/");
}

static int
stop_compare(void *arg, int64_t done, int64_t all)
{
	struct compare *c = arg;
	(void)done, (void)all;
	pthread_mutex_lock(&c->desk->lock);
	int quit = c->quit;
	pthread_mutex_unlock(&c->desk->lock);
	return quit;
}

/* The master's loudness over the stretch with the processor as the session has it. */
static int
measure(struct compare *c, struct bounce_report *report)
{
	struct stems *stems = stems_new(c->session, c->path, 1, NULL, NULL);
	const struct bounce_options o = {
	    .mastered = 1, .start = c->from, .from = c->from, .to = c->to, .progress = stop_compare, .arg = c};
	int status = stems ? bounce(c->session, stems, &o, report, &c->err) : err_set(&c->err, "not enough memory");
	stems_free(stems);
	return status;
}

static void *
run_compare(void *arg)
{
	struct compare *c = arg;
	struct bounce_report report;
	char line[64];
	int failed = 0;
	pthread_setname_np(pthread_self(), "bypass");
	for (int off = 0; off < 2 && !failed; off++) {
		snprintf(line, sizeof line, "master/%s %s", params[c->param].address, off ? "off" : "on");
		failed = session_line(c->session, line, &c->err) || measure(c, &report);
		c->loudness[off] = report.integrated;
		c->peak = report.sample_peak;
	}
	pthread_mutex_lock(&c->desk->lock);
	c->failed = failed;
	c->done = 1;
	pthread_mutex_unlock(&c->desk->lock);
	return NULL;
}

static void
compare_free(struct compare *c)
{
	if (!c)
		return;
	session_free(c->session);
	free(c->path);
	free(c);
}

static int
begin(struct desk *d, int param, struct err *err)
{
	double rate = session_rate(d->session);
	int64_t to = d->position + (int64_t)(STRETCH * rate);
	to = to < d->length ? to : d->length;
	int64_t from = to - d->position < (int64_t)(LEAST * rate) ? to - (int64_t)(LEAST * rate) : d->position;
	struct compare *c = calloc(1, sizeof *c);
	if (c)
		*c = (struct compare){.desk = d, .param = param, .from = from > 0 ? from / QUANTUM * QUANTUM : 0, .to = to};
	int failed = !c || !(c->path = strdup(d->path));
	if (failed)
		err_set(err, "not enough memory to compare");
	else
		failed = !(c->session = desk_copy_session(d, err));
	if (!failed && pthread_create(&c->thread, NULL, run_compare, c))
		failed = err_set(err, "bypass: no more threads");
	if (failed)
		compare_free(c);
	else
		d->bypass->compare = c;
	return failed ? -1 : 0;
}

static void
drop(struct desk_bypass *b, int k)
{
	memmove(&b->off[k], &b->off[k + 1], (size_t)(b->count - k - 1) * sizeof b->off[0]);
	b->count--;
}

/* Forgets those that are on again. What the monitor is to add, dB. */
static double
refresh(struct desk *d)
{
	struct desk_bypass *b = d->bypass;
	double match = 0;
	for (int k = b->count - 1; k >= 0; k--)
		if (session_master(d->session)->value[b->off[k].param] != 0)
			drop(b, k);
		else
			match += b->off[k].match;
	return d->mastered ? match : 0;
}

static int
say_all(struct desk *d)
{
	const struct desk_bypass *b = d->bypass;
	refresh(d);
	char text[512] = "";
	size_t n = 0;
	for (int k = 0; k < b->count && n < sizeof text; k++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%.*s (%+.1f dB)", k ? ", " : "",
		                      processor_length(b->off[k].param), params[b->off[k].param].address, b->off[k].match);
	desk_say(d, DESK_SAYS, "bypassed at equal loudness: %s", b->count ? text : "nothing");
	return 0;
}

int
desk_bypass(struct desk *d, char *args, struct err *err)
{
	char line[64];
	if (!d->bypass && !(d->bypass = calloc(1, sizeof *d->bypass)))
		return err_set(err, "not enough memory");
	struct desk_bypass *b = d->bypass;
	int param = switch_of(args);
	if (!*args)
		return say_all(d);
	if (param < 0)
		return err_set(err, "bypass %s: the master has no such processor; it has eq, comp, multi, dyneq, stereo ...",
		               args);
	if (session_master(d->session)->value[param] == 0) {
		snprintf(line, sizeof line, "master/%s on", params[param].address);
		return desk_apply(d, line, err);
	}
	if (b->compare)
		return err_set(err, "bypass: another comparison is being worked out; in a moment");
	if (b->count == MOST)
		return err_set(err, "bypass: no more than %d at a time", MOST);
	return begin(d, param, err);
}

/* What was worked out: the processor goes off, and what is left comes up or down by what it did to the loudness. */
static void
finish(struct desk *d, struct compare *c)
{
	struct desk_bypass *b = d->bypass;
	struct err err = {""};
	const char *name = params[c->param].address;
	int length = processor_length(c->param);
	double match = c->loudness[0] - c->loudness[1], room = c->peak < 0 ? -c->peak : 0;
	char line[64], note[64] = "";
	if (!isfinite(match))
		match = 0; /* silence is as loud as silence */
	if (match > room) {
		snprintf(note, sizeof note, ", %.1f dB too little: no more fits below full scale", match - room);
		match = room;
	}
	snprintf(line, sizeof line, "master/%s off", name);
	if (c->failed || desk_apply(d, line, &err)) {
		desk_say(d, DESK_ERROR, "bypass %.*s: %s", length, name, c->failed ? c->err.text : err.text);
		return;
	}
	b->off[b->count].param = c->param;
	b->off[b->count++].match = match;
	desk_say(d, DESK_SAYS, "bypassed %.*s: %.1f LUFS with it, %.1f without; monitor %+.1f dB%s", length, name,
	         c->loudness[0], c->loudness[1], match, note);
}

void
desk_bypass_tick(struct desk *d)
{
	struct desk_bypass *b = d->bypass;
	if (!b)
		return;
	pthread_mutex_lock(&d->lock);
	struct compare *ready = b->compare && b->compare->done ? b->compare : NULL;
	pthread_mutex_unlock(&d->lock);
	if (ready) {
		pthread_join(ready->thread, NULL);
		b->compare = NULL;
		finish(d, ready);
		compare_free(ready);
	}
	double match = refresh(d);
	if (match != d->monitor.match) {
		d->monitor.match = match;
		player_monitor(d->player, &d->monitor);
	}
}

void
desk_bypass_close(struct desk *d)
{
	struct compare *c = d->bypass ? d->bypass->compare : NULL;
	if (c) {
		pthread_mutex_lock(&d->lock);
		c->quit = 1;
		pthread_mutex_unlock(&d->lock);
		pthread_join(c->thread, NULL);
		compare_free(c);
	}
	free(d->bypass);
	d->bypass = NULL;
}
