#include "control/desk/meters.h"

#include <math.h>
#include <string.h>

#define HOLD 1.5 /* seconds that a peak is held */

void
desk_crest_put(struct desk_crest *c, uint32_t place, float value)
{
	while (c->count && c->value[c->count - 1] <= value)
		c->count--;
	if (c->count == DESK_CREST) {
		c->place[0] = c->place[1];
		memmove(c->place + 1, c->place + 2, (DESK_CREST - 2) * sizeof *c->place);
		memmove(c->value + 1, c->value + 2, (DESK_CREST - 2) * sizeof *c->value);
		c->count--;
	}
	c->place[c->count] = place;
	c->value[c->count++] = value;
}

float
desk_crest_since(const struct desk_crest *c, uint32_t place)
{
	for (int k = 0; k < c->count; k++)
		if (c->place[k] > place)
			return c->value[k];
	return 0;
}

static float
db_of(float factor)
{
	float db = factor > 0 ? 20 * log10f(factor) : DESK_SILENCE;
	return db > DESK_SILENCE ? db : DESK_SILENCE;
}

/* The meter of the k-th node of new values: it stands there already, or comes from elsewhere or from nothing. */
static struct desk_meter *
meter_at(struct desk_meters *m, int k, uint32_t uid)
{
	int from = k;
	while (from < m->nodes && m->node[from].uid != uid)
		from++;
	if (from == k && k < m->nodes)
		return &m->node[k];
	struct desk_meter found = {
	    .uid = uid, .level = {DESK_SILENCE, DESK_SILENCE}, .hold = DESK_SILENCE, .most = DESK_SILENCE};
	if (from < m->nodes)
		found = m->node[from];
	int last = from < m->nodes ? from : m->nodes < PLAYER_NODES ? m->nodes++ : PLAYER_NODES - 1;
	memmove(&m->node[k + 1], &m->node[k], (size_t)(last - k) * sizeof *m->node);
	m->node[k] = found;
	return &m->node[k];
}

void
desk_meters_add(struct desk_meters *m, const struct player_meters *values, double now)
{
	desk_meters_move(m, now);
	m->place++;
	for (int k = 0; k < values->nodes; k++) {
		struct desk_meter *to = meter_at(m, k, values->uid[k]);
		float most = 0;
		for (int c = 0; c < 2; c++) {
			float level = db_of(values->level[k][c]);
			desk_crest_put(&to->peak[c], m->place, values->peak[k][c]);
			to->level[c] = level > to->level[c] ? level : to->level[c];
			most = values->peak[k][c] > most ? values->peak[k][c] : most;
		}
		desk_crest_put(&to->reduction, m->place, values->reduction[k]);
		if (db_of(most) >= to->hold) {
			to->hold = db_of(most);
			to->held = now;
		}
		to->most = db_of(most) > to->most ? db_of(most) : to->most;
		to->clips += values->clips[k];
	}
	m->nodes = values->nodes;
	desk_crest_put(&m->load, m->place, values->load);
}

void
desk_meters_rest(struct desk_meters *m, const struct player_meters *values, double now)
{
	desk_meters_move(m, now);
	m->place++;
	desk_crest_put(&m->load, m->place, values->load);
}

void
desk_meters_move(struct desk_meters *m, double now)
{
	float fall = (float)(now - m->moved) * desk_needle_fall(m->needle);
	for (int k = 0; k < m->nodes; k++) {
		struct desk_meter *n = &m->node[k];
		for (int c = 0; c < 2; c++)
			n->level[c] = n->level[c] - fall > DESK_SILENCE ? n->level[c] - fall : DESK_SILENCE;
		if (now - n->held > HOLD)
			n->hold = n->level[0] > n->level[1] ? n->level[0] : n->level[1];
	}
	m->moved = now;
}

void
desk_meters_clear(struct desk_meters *m)
{
	for (int k = 0; k < m->nodes; k++) {
		m->node[k].hold = m->node[k].most = DESK_SILENCE;
		m->node[k].clips = 0;
	}
}

uint32_t
desk_meters_seen(const struct desk_meters *m)
{
	return m->place + 1;
}

uint32_t
desk_meters_since(const struct desk_meters *m, uint32_t seen)
{
	return seen ? seen - 1 : m->place ? m->place - 1 : 0;
}

void
desk_meters_fill(const struct desk_meters *m, uint32_t seen, struct desk_strip *s)
{
	const struct desk_meter *n = NULL;
	uint32_t since = desk_meters_since(m, seen);
	for (int k = 0; k < m->nodes && !n; k++)
		if (m->node[k].uid == s->uid)
			n = &m->node[k];
	for (int c = 0; c < 2; c++) {
		s->peak[c] = n ? db_of(desk_crest_since(&n->peak[c], since)) : DESK_SILENCE;
		s->level[c] = n ? n->level[c] : DESK_SILENCE;
	}
	s->reduction = n ? desk_crest_since(&n->reduction, since) : 0;
	s->hold = n ? n->hold : DESK_SILENCE;
	s->most = n ? n->most : DESK_SILENCE;
	s->clips = n ? n->clips : 0;
}
