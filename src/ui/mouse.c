#include "ui/mouse.h"

#include <stdio.h>
#include <string.h>

#include "ui/act.h"
#include "ui/view.h"

#define STEP 1.0f  /* dB a row, and a notch of the wheel */
#define LOW -60.0f /* dB: from where an off fader is taken up */

/* The strip that a column of the overview belongs to, as a place in the view; -1: none. */
static int
strip_at(const struct screen *s, int col)
{
	const struct mixer_place *p = &s->place;
	int k = p->width > 0 && col >= p->left ? (col - p->left) / p->width : -1;
	if (strcmp(s->current->name, "mixer") != 0)
		return -1;
	if (k >= 0 && k < p->strips)
		return p->first + k;
	k = p->masters_width > 0 && col >= p->masters ? (col - p->masters) / p->masters_width : -1;
	return k >= 0 && k < 2 ? s->view.strips - 2 + k : -1;
}

static void
move_fader(struct screen *s, const char *address, float db)
{
	char line[160];
	snprintf(line, sizeof line, "drag %s/fader %.1f", address, (double)(db < LOW ? LOW : db));
	act_line(s, line);
}

void
mouse_take(struct screen *s, const struct mouse *m)
{
	struct mouse_drag *d = &s->drag;
	char line[160];
	int k = strip_at(s, m->col);
	if (s->prompt.open)
		return;
	switch (m->kind) {
	case MOUSE_PRESS:
		d->address[0] = '\0';
		if (k < 0)
			return;
		snprintf(line, sizeof line, "select %s", s->view.strip[k].address);
		act_line(s, line);
		snprintf(d->address, sizeof d->address, "%s", s->view.strip[k].address);
		d->row = m->row;
		d->fader = s->view.strip[k].fader < LOW ? LOW : s->view.strip[k].fader;
		break;
	case MOUSE_DRAG:
		if (*d->address)
			move_fader(s, d->address, d->fader + (float)(d->row - m->row) * STEP);
		break;
	case MOUSE_RELEASE:
		d->address[0] = '\0';
		break;
	case MOUSE_UP:
	case MOUSE_DOWN:
		if (k >= 0) {
			snprintf(line, sizeof line, "drag %s/fader %s= %.1f", s->view.strip[k].address,
			         m->kind == MOUSE_UP ? "+" : "-", (double)STEP);
			act_line(s, line);
		}
		break;
	}
}
