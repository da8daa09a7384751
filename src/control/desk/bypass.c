#include "control/desk/level.h"
#include "control/desk/parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 16 /* processors bypassed at a time */

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
	struct level *levels; /* under way, or NULL */
	int param;            /* whose processor */
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

/* The desk as it is, and without the processor. */
static int
begin(struct desk *d, int param, struct err *err)
{
	struct level_side side[2] = {{.mastered = 1}, {.mastered = 1}};
	char line[64];
	snprintf(line, sizeof line, "master/%s off", params[param].address);
	for (int k = 0; k < 2; k++)
		if (!(side[k].session = desk_copy_session(d, err)) || (k && session_line(side[k].session, line, err))) {
			session_free(side[0].session);
			session_free(side[1].session);
			return -1;
		}
	d->bypass->param = param;
	d->bypass->levels = level_begin(d, side, err);
	return d->bypass->levels ? 0 : -1;
}

static void
drop(struct desk_bypass *b, int k)
{
	memmove(&b->off[k], &b->off[k + 1], (size_t)(b->count - k - 1) * sizeof b->off[0]);
	b->count--;
}

/* Forgets those that are on again. */
double
desk_bypass_match(struct desk *d)
{
	struct desk_bypass *b = d->bypass;
	double match = 0;
	if (!b)
		return 0;
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
	desk_bypass_match(d);
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
	if (b->levels)
		return err_set(err, "bypass: another comparison is being worked out; in a moment");
	if (b->count == MOST)
		return err_set(err, "bypass: no more than %d at a time", MOST);
	return begin(d, param, err);
}

/* What was worked out: the processor goes off, and what is left comes up or down by what it did to the loudness. */
static void
finish(struct desk *d, const struct levelled *x, const char *failure)
{
	struct desk_bypass *b = d->bypass;
	struct err err = {""};
	const char *name = params[b->param].address;
	int length = processor_length(b->param);
	char line[64], note[64] = "";
	snprintf(line, sizeof line, "master/%s off", name);
	if (failure || desk_apply(d, line, &err)) {
		desk_say(d, DESK_ERROR, "bypass %.*s: %s", length, name, failure ? failure : err.text);
		return;
	}
	double match = x->loudness[0] - x->loudness[1], room = x->peak[1] < 0 ? -x->peak[1] : 0;
	if (!isfinite(match))
		match = 0; /* silence is as loud as silence */
	if (match > room) {
		snprintf(note, sizeof note, ", %.1f dB too little: no more fits below full scale", match - room);
		match = room;
	}
	b->off[b->count].param = b->param;
	b->off[b->count++].match = match;
	desk_say(d, DESK_SAYS, "bypassed %.*s: %.1f LUFS with it, %.1f without; monitor %+.1f dB%s", length, name,
	         x->loudness[0], x->loudness[1], match, note);
}

void
desk_bypass_tick(struct desk *d)
{
	struct desk_bypass *b = d->bypass;
	struct levelled found;
	struct err err = {""};
	int done = b && b->levels ? level_done(b->levels, &found, &err) : 0;
	if (!done)
		return;
	finish(d, &found, done < 0 ? err.text : NULL);
	level_free(b->levels);
	b->levels = NULL;
}

void
desk_bypass_close(struct desk *d)
{
	if (d->bypass)
		level_free(d->bypass->levels);
	free(d->bypass);
	d->bypass = NULL;
}
