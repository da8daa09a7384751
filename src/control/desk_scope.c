#include "control/desk_scope.h"

#include <math.h>
#include <string.h>

#include "base/fmath.h"
#include "control/desk_parts.h"

void
desk_scope(struct desk *d, struct desk_scope *scope)
{
	memset(scope, 0, sizeof *scope);
	pthread_mutex_lock(&d->lock);
	scope->uid = d->values.uid;
	pthread_mutex_unlock(&d->lock);
	scope->gate_level = scope->comp_level = DESK_SILENCE;
	for (int k = 0; k < DESK_BINS; k++)
		scope->before[k] = scope->after[k] = DESK_SPECTRUM_LOW;
}

void
desk_loudness(struct desk *d, struct desk_loudness *m)
{
	const float none = (float)-HUGE_VAL;
	memset(m, 0, sizeof *m);
	pthread_mutex_lock(&d->lock);
	m->mastered = d->view.mastered;
	pthread_mutex_unlock(&d->lock);
	m->momentary = m->shortterm = m->integrated = m->max_momentary = m->max_shortterm = none;
	m->range_low = m->range_high = m->true_peak[0] = m->true_peak[1] = m->sample_peak[0] = m->sample_peak[1] = none;
	m->plr = m->psr = m->target = m->ceiling = m->correlation = m->least_correlation = NAN;
	m->point_seconds = 1;
	for (int k = 0; k < DESK_LOUDNESS_POINTS; k++)
		m->past[k] = none;
	for (int k = 0; k < DESK_BINS; k++)
		m->spectrum[k] = DESK_SPECTRUM_LOW;
}

double
desk_bin_hz(int bin)
{
	return 20 * f_exp2(bin / 12.0);
}
