#include "control/desk/scope.h"

#include "engine/curves.h"

_Static_assert(DESK_BANDS == EQ_BANDS, "as many bands as the engine has");

static struct eq_params
eq_of(const struct desk_shape *s)
{
	struct eq_params eq = {.on = s->eq_on};
	for (int k = 0; k < DESK_BANDS; k++) {
		const struct desk_band *b = &s->band[k];
		eq.band[k] = (struct eq_band){b->on, b->type, b->side, b->freq, b->gain, b->q};
	}
	return eq;
}

static struct filter_params
filter_of(const struct desk_shape *s)
{
	return (struct filter_params){
	    .hpf_on = s->hpf_on,
	    .hpf_slope = s->hpf_slope,
	    .hpf_freq = s->hpf_freq,
	    .lpf_on = s->lpf_on,
	    .lpf_slope = s->lpf_slope,
	    .lpf_freq = s->lpf_freq,
	};
}

double
desk_band_curve(const struct desk_shape *s, int band, double hz)
{
	struct eq_params eq = eq_of(s);
	return curves_of_band(&eq, band, s->rate, hz);
}

double
desk_filter_curve(const struct desk_shape *s, double hz)
{
	struct filter_params filter = filter_of(s);
	return curves_of_filter(&filter, s->rate, hz);
}

void
desk_eq_curve(const struct desk_shape *s, const double *hz, int count, float *middle, float *side)
{
	struct eq_params eq = eq_of(s);
	struct filter_params filter = filter_of(s);
	curves_of_tone(&filter, &eq, s->rate, hz, count, middle, side);
}

double
desk_gate_curve(const struct desk_shape *s, double level, int open)
{
	const struct gate_params gate = {
	    .ratio = s->gate_ratio,
	    .threshold = s->gate_threshold,
	    .hysteresis = s->gate_hysteresis,
	    .range = s->gate_range,
	};
	return curves_of_gate(&gate, level, open);
}

double
desk_comp_curve(const struct desk_shape *s, double level)
{
	const struct comp_params comp = {
	    .threshold = s->comp_threshold,
	    .ratio = s->comp_ratio,
	    .knee = s->comp_knee,
	    .makeup = s->comp_makeup,
	    .mix = s->comp_mix,
	};
	return curves_of_comp(&comp, level);
}
