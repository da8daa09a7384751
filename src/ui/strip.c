#include "ui/strip.h"

#include <stdio.h>
#include <string.h>

#define EVERY 0.1  /* seconds between two pictures of a spectrum, and two readings of a number */
#define FALL 30.0f /* dB a second that a spectrum falls */

static void
make_rows(struct strip *s, const struct desk_values *v)
{
	rows_make(&s->list, v, NULL, s->search);
	rows_make(&s->dynamics, v, "gate deess comp transient", NULL);
	s->rows_version = v->version;
}

void
strip_search(struct strip *s, const struct desk_values *v, const char *text)
{
	snprintf(s->search, sizeof s->search, "%s", text);
	s->list_first = 0;
	make_rows(s, v);
}

void
strip_move(struct strip *s, const struct desk_values *v, double now)
{
	if (s->rows_version != v->version)
		make_rows(s, v);
	if (s->uid == s->scope.uid && now - s->moved < EVERY && now >= s->moved)
		return;
	float fall = FALL * (float)(now - s->moved);
	for (int k = 0; k < DESK_BINS; k++) {
		float level = s->scope.after[k], lower = s->uid == s->scope.uid ? s->spectrum[k] - fall : DESK_SPECTRUM_LOW;
		s->spectrum[k] = level > lower ? level : lower;
	}
	memcpy(s->reduction, s->scope.reduction, sizeof s->reduction);
	s->gate_level = s->scope.gate_level;
	s->comp_level = s->scope.comp_level;
	s->moved = now;
	s->uid = s->scope.uid;
}
