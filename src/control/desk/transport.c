#include "control/desk/edit.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/times.h"

#define BEHIND_SECONDS 0.3 /* so soon behind a bar line or marker, going back goes to the one before */

/* Frames of a beat and of a bar, by tempo and beats of the song. */
static double
beat_frames(struct desk *d)
{
	return session_rate(d->session) * 60 / session_song(d->session)->value[P_TEMPO];
}

static int64_t
slack(struct desk *d)
{
	return d->playing ? (int64_t)(BEHIND_SECONDS * session_rate(d->session)) : 0;
}

/*
 * "3bars", "1 beat": a number of beats in *beats (1) and of frames in *unit, or 0 where the text says something else. A
 * bar counts from 1, so that 1bar is the song's beginning.
 */
static int
read_bars(struct desk *d, const char *text, double *number, double *unit)
{
	char *end;
	*number = strtod(text, &end);
	if (end == text)
		return 0;
	end += strspn(end, " ");
	size_t n = strlen(end);
	*unit = beat_frames(d);
	if (!strcmp(end, "bar") || !strcmp(end, "bars"))
		*unit *= session_song(d->session)->value[P_METER];
	else if (strcmp(end, "beat") != 0 && strcmp(end, "beats") != 0)
		return 0;
	return n > 0;
}

/* Bar lines (or beats) away from here: forward to the n-th one that comes, back to the n-th one before. */
static double
step_bars(struct desk *d, double number, double unit, int sign)
{
	double here = (double)d->position;
	if (number != floor(number))
		return here + sign * number * unit;
	if (sign > 0) /* what rounding to the grid took away does not count */
		return (floor((here + QUANTUM) / unit) + number) * unit;
	return (ceil((here - QUANTUM - (double)slack(d)) / unit) - number) * unit;
}

/* The first marker among the song's children from *k on, which then stands behind it; NULL: no more. */
static struct node *
next_marker(struct desk *d, size_t *k)
{
	const struct node *song = session_song(d->session);
	while (*k < song->children) {
		struct node *child = song->child[(*k)++];
		if (child->kind == K_MARKER)
			return child;
	}
	return NULL;
}

/* The marker of an id or name (the beginning of a name will do), NULL: none. */
static struct node *
find_marker(struct desk *d, const char *text)
{
	struct node *near = NULL, *m;
	for (size_t k = 0; (m = next_marker(d, &k));) {
		if (!strcmp(m->id, text) || !strcasecmp(m->text[P_MARKER_NAME], text))
			return m;
		if (!near && *text && !strncasecmp(m->text[P_MARKER_NAME], text, strlen(text)))
			near = m;
	}
	return near;
}

static int64_t
marker_at(const struct node *marker)
{
	return (int64_t)marker->value[P_MARKER_AT];
}

/* The first marker behind a frame, or the last before it; NULL: none. */
static struct node *
marker_beside(struct desk *d, int64_t frame, int after)
{
	struct node *best = NULL, *m;
	for (size_t k = 0; (m = next_marker(d, &k));) {
		int64_t at = marker_at(m);
		if (after ? at > frame && (!best || at < marker_at(best)) : at < frame && (!best || at >= marker_at(best)))
			best = m;
	}
	return best;
}

static void
marker_words(const struct node *marker, char *text, size_t size)
{
	text_show(*marker->text[P_MARKER_NAME] ? marker->text[P_MARKER_NAME] : marker->id, text, size);
}

void
desk_section(struct desk *d, char *text, size_t size)
{
	const struct node *marker = marker_beside(d, d->position + QUANTUM, 0);
	*text = '\0';
	if (marker)
		marker_words(marker, text, size);
}

const char *
desk_clock(struct desk *d, int64_t frame, char text[32])
{
	return time_text((double)frame / session_rate(d->session), 1, text);
}

/*
 * A place in the song: a time, a bar, a marker, "end"; with + or - in front from here. The marker, where it is one, is
 * left in *marker (may be NULL).
 */
static int
read_place(struct desk *d, const char *text, int64_t *frame, struct node **marker, struct err *err)
{
	const struct param time = {.type = T_INT, .unit = U_FRAMES, .min = 0, .max = 4e9};
	int sign = *text == '+' ? 1 : *text == '-' ? -1 : 0;
	double number, unit;
	struct node *found = NULL;
	struct err why;
	if (!strcmp(text, "end"))
		*frame = d->length;
	else if (!strcmp(text, "next") && (found = marker_beside(d, d->position + QUANTUM, 1)))
		*frame = marker_at(found);
	else if (!strcmp(text, "prev") && (found = marker_beside(d, d->position - slack(d), 0)))
		*frame = marker_at(found);
	else if (!strcmp(text, "next") || !strcmp(text, "prev"))
		return err_set(err, "there is no marker %s; `marker NAME` sets one", *text == 'n' ? "behind here" : "before");
	else if (read_bars(d, text + (sign != 0), &number, &unit))
		*frame = (int64_t)ceil(sign ? step_bars(d, number, unit, sign) : (number - 1) * unit);
	else if (param_parse(&time, text + (sign != 0), session_rate(d->session), &number, &why) == 0)
		*frame = sign ? d->position + sign * (int64_t)number : (int64_t)number;
	else if ((found = find_marker(d, text)))
		*frame = marker_at(found);
	else
		return err_set(err,
		               "%s: it is a time (1:23.5, 12s, 17bar), one from here (+5s, -2bars), next, prev, end or a "
		               "marker",
		               *text ? text : "where to");
	if (marker)
		*marker = found;
	*frame = *frame < 0 ? 0 : *frame;
	return 0;
}

int
desk_locate(struct desk *d, char *args, struct err *err)
{
	int64_t frame;
	struct node *marker;
	char name[72], text[32];
	if (read_place(d, args, &frame, &marker, err) || desk_engine_start(d, frame > d->length ? d->length : frame, err))
		return -1;
	if (marker) {
		marker_words(marker, name, sizeof name);
		desk_say(d, DESK_SAYS, "%s, %s", name, desk_clock(d, d->position, text));
	}
	return 0;
}

/* An id that no marker has: made of the name's letters and digits. */
static void
marker_id(struct desk *d, const char *name, char id[64])
{
	char address[96], stem[48] = "";
	size_t n = 0;
	for (const char *c = name; *c && n < sizeof stem - 1; c++) {
		char lower = *c >= 'A' && *c <= 'Z' ? (char)(*c + 'a' - 'A') : *c;
		if ((lower >= 'a' && lower <= 'z') || (n && lower >= '0' && lower <= '9'))
			stem[n++] = lower;
		else if (n && stem[n - 1] != '-')
			stem[n++] = '-';
	}
	while (n && stem[n - 1] == '-')
		n--;
	stem[n] = '\0';
	snprintf(id, 64, "%s", n ? stem : "m1");
	for (int k = 2;; k++) {
		snprintf(address, sizeof address, "song/marker/%s", id);
		if (!session_find(d->session, address))
			return;
		snprintf(id, 64, n ? "%s-%d" : "m%.0s%d", stem, k);
	}
}

int
desk_marker(struct desk *d, char *args, struct err *err)
{
	char id[64], line[400], words[200], text[32], shown[72];
	if (desk_begin(d, err))
		return -1;
	marker_id(d, args, id);
	snprintf(line, sizeof line, "song/marker/%s/at %" PRId64 "smp", id, d->position / QUANTUM * QUANTUM);
	int failed = session_line(d->session, line, err);
	struct node *node;
	snprintf(line, sizeof line, "song/marker/%s", id);
	if (!failed && *args && (node = session_find(d->session, line)))
		failed = session_set_text(d->session, node, P_MARKER_NAME, args, err);
	text_show(*args ? args : id, shown, sizeof shown);
	snprintf(words, sizeof words, "marker %s at %s", shown, desk_clock(d, d->position, text));
	return desk_end(d, failed, words, err);
}

static void
say_loop(struct desk *d)
{
	char from[32], to[32];
	if (d->loop.out <= d->loop.in)
		desk_say(d, DESK_SAYS, "no loop is set: `loop FROM TO`, `loop in`, `loop out`");
	else
		desk_say(d, DESK_SAYS, "loop %s to %s%s", desk_clock(d, d->loop.in, from), desk_clock(d, d->loop.out, to),
		         d->looping ? "" : ", off");
}

/* Takes points that make a loop into force. */
static int
set_loop(struct desk *d, int64_t in, int64_t out, struct err *err)
{
	struct loop was = d->loop;
	int looped = d->looping;
	/* points round to the nearest line of the grid */
	in = (in + QUANTUM / 2) / QUANTUM * QUANTUM;
	out = (out + QUANTUM / 2) / QUANTUM * QUANTUM;
	if (out - in < LOOP_LEAST)
		return err_set(err, "a loop of %.0f ms is too short: its end must be %.0f ms or more behind its beginning",
		               (double)(out - in) * 1000 / session_rate(d->session),
		               LOOP_LEAST * 1000.0 / session_rate(d->session));
	d->loop = (struct loop){in, out};
	d->looping = 1;
	if (desk_engine_loop(d, err)) {
		d->loop = was;
		d->looping = looped;
		return -1;
	}
	say_loop(d);
	return 0;
}

static int
switch_loop(struct desk *d, int on, struct err *err)
{
	if (on && d->loop.out <= d->loop.in)
		return err_set(err, "no loop is set: `loop FROM TO`, `loop in`, `loop out`");
	d->looping = on;
	if (desk_engine_loop(d, err))
		return -1;
	say_loop(d);
	return 0;
}

int
desk_loop(struct desk *d, char *args, struct err *err)
{
	int64_t in, out;
	struct node *marker, *next;
	char *second = args + strcspn(args, " ");
	if (!*args)
		return switch_loop(d, !d->looping, err);
	if (!strcmp(args, "on") || !strcmp(args, "off"))
		return switch_loop(d, args[1] == 'n', err);
	if (!strcmp(args, "in"))
		return set_loop(d, d->position, d->loop.out > d->position + LOOP_LEAST ? d->loop.out : d->length, err);
	if (!strcmp(args, "out"))
		return set_loop(d, d->loop.in < d->position ? d->loop.in : 0, d->position, err);
	/* one place, which may be a name of several words: from that marker up to the next */
	if ((marker = find_marker(d, args))) {
		next = marker_beside(d, marker_at(marker), 1);
		return set_loop(d, marker_at(marker), next ? marker_at(next) : d->length, err);
	}
	if (!*second)
		return err_set(err, "loop %s: there is no such marker; say where it begins and ends, as `loop 10s 20s`", args);
	*second++ = '\0';
	second += strspn(second, " ");
	if (read_place(d, args, &in, NULL, err))
		return -1;
	/* a length: counted from the beginning */
	double number, unit;
	if (*second == '+' && read_bars(d, second + 1, &number, &unit)) {
		out = in + (int64_t)(number * unit);
	} else {
		if (read_place(d, second, &out, NULL, err))
			return -1;
		out += *second == '+' ? in - d->position : 0;
	}
	return set_loop(d, in, out, err);
}
