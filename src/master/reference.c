#include "master/reference.h"

#include <math.h>

#define MONO (-60.0) /* dB, side against mid: what is below has no width that could be had */

void
reference_begin(struct reference *r)
{
	*r = (struct reference){.weight = 0};
}

void
reference_add(struct reference *r, const struct measured *m, double weight)
{
	r->weight += weight;
	r->integrated += weight * m->integrated;
	r->range += weight * m->range;
	if (m->width > MONO && isfinite(m->width)) {
		r->width += weight * m->width;
		r->wide += weight;
	}
	for (int b = 0; b < BALANCE_BANDS; b++) {
		const struct balance_band *band = &m->band[b];
		if (isfinite(band->level)) {
			r->band[b].level += weight * (band->level - m->integrated);
			r->known[b] += weight;
		}
		if (isfinite(band->level) && band->width > MONO && isfinite(band->width)) {
			r->band[b].width += weight * band->width;
			r->known_width[b] += weight;
		}
	}
}

static double
mean(double sum, double weight)
{
	return weight > 0 ? sum / weight : -HUGE_VAL;
}

void
reference_finish(struct reference *r)
{
	r->integrated = mean(r->integrated, r->weight);
	r->range = mean(r->range, r->weight);
	r->width = mean(r->width, r->wide);
	for (int b = 0; b < BALANCE_BANDS; b++) {
		r->band[b].level = mean(r->band[b].level, r->known[b]);
		r->band[b].width = mean(r->band[b].width, r->known_width[b]);
	}
}
