#include "ui/strip.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define EVERY 0.066 /* seconds between two pictures of a spectrum, and two readings of a number */
#define FALL 30.0f  /* dB a second that a spectrum falls */

static void
make_rows(struct strip *s, const struct desk_values *v)
{
	rows_make(&s->list, v, NULL, s->search);
	rows_make(&s->dynamics, v, "comp gate deess transient", NULL);
	s->rows_version = v->version;
}

void
strip_search(struct strip *s, const struct desk_values *v, const char *text)
{
	snprintf(s->search, sizeof s->search, "%s", text);
	s->list_first = 0;
	make_rows(s, v);
}

/* What rises at once and falls slowly. */
static float
follow(float shown, float level, float fall)
{
	return level > shown - fall ? level : shown - fall;
}

static void
take(struct strip *s, float fall)
{
	for (int k = 0; k < DESK_BINS; k++)
		s->spectrum[k] = follow(s->spectrum[k], (s->scope.analyse_before ? s->scope.before : s->scope.after)[k], fall);
	s->gate_level = follow(s->gate_level, s->gate_most, fall);
	s->comp_level = follow(s->comp_level, s->comp_most, fall);
	s->gate_most = s->comp_most = DESK_SILENCE;
	memcpy(s->reduction, s->scope.reduction, sizeof s->reduction);
}

void
strip_move(struct strip *s, const struct desk_values *v, double now)
{
	int another = s->uid != s->scope.uid;
	if (s->rows_version != v->version)
		make_rows(s, v);
	if (!s->scope.uid) { /* nothing was measured yet */
		for (int k = 0; k < DESK_BINS; k++)
			s->spectrum[k] = DESK_SPECTRUM_LOW;
		s->gate_level = s->comp_level = s->gate_most = s->comp_most = DESK_SILENCE;
		return;
	}
	s->gate_most = fmaxf(another ? DESK_SILENCE : s->gate_most, s->scope.gate_level);
	s->comp_most = fmaxf(another ? DESK_SILENCE : s->comp_most, s->scope.comp_level);
	if (!another && now - s->moved < EVERY && now >= s->moved)
		return;
	take(s, another ? 1000 : FALL * (float)(now - s->moved));
	s->moved = now;
	s->uid = s->scope.uid;
}
