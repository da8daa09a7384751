#include "control/desk_scope.h"

#include "base/units.h"
#include "dsp/curves.h"

_Static_assert(DESK_BANDS == EQ_BANDS, "as many bands as the engine has");

/* A designed part of an equaliser: its sections. */
struct part {
	struct section section[2];
	int count;
};

static double
power_of(const struct part *part, double w)
{
	double power = 1;
	for (int k = 0; k < part->count; k++)
		power *= curves_power(&part->section[k], w);
	return power;
}

/* The frequency in radians a frame; nothing is heard beyond Nyquist, and the curve ends there. */
static double
radians(const struct desk_shape *s, double hz)
{
	double w = 2 * F_PI * hz / s->rate;
	return w < F_PI ? w : F_PI;
}

static double
power_db(double power)
{
	double db = power > 0 ? 10 * f_log10(power) : DB_SILENCE;
	return db > DB_SILENCE ? db : DB_SILENCE;
}

static void
design_band(const struct desk_shape *s, int band, struct part *part)
{
	const struct desk_band *b = &s->band[band];
	struct eq_band eq = {s->eq_on && b->on, b->type, b->side, b->freq, b->gain, b->q};
	part->count = curves_band(part->section, &eq, s->rate);
}

/* High-pass and low-pass, two parts each. */
static void
design_filters(const struct desk_shape *s, struct part part[4])
{
	for (int k = 0; k < 4; k++) {
		int high = k < 2, on = high ? s->hpf_on : s->lpf_on;
		part[k].count = 0;
		if (on)
			part[k].count = curves_pass(part[k].section, high, high ? s->hpf_slope : s->lpf_slope, k % 2,
			                            high ? s->hpf_freq : s->lpf_freq, s->rate);
	}
}

double
desk_band_curve(const struct desk_shape *s, int band, double hz)
{
	struct part part;
	design_band(s, band, &part);
	return part.count ? power_db(power_of(&part, radians(s, hz))) : 0;
}

double
desk_filter_curve(const struct desk_shape *s, double hz)
{
	struct part part[4];
	double power = 1;
	design_filters(s, part);
	for (int k = 0; k < 4; k++)
		power *= power_of(&part[k], radians(s, hz));
	return power_db(power);
}

void
desk_eq_curve(const struct desk_shape *s, const double *hz, int count, float *middle, float *side)
{
	struct part band[DESK_BANDS], filter[4];
	design_filters(s, filter);
	for (int k = 0; k < DESK_BANDS; k++)
		design_band(s, k, &band[k]);
	for (int n = 0; n < count; n++) {
		double w = radians(s, hz[n]), both = 1, power[2] = {1, 1};
		for (int k = 0; k < 4; k++)
			both *= power_of(&filter[k], w);
		for (int k = 0; k < DESK_BANDS; k++) {
			double y = power_of(&band[k], w);
			if (s->band[k].side != EQ_SIDE)
				power[0] *= y;
			if (s->band[k].side != EQ_MID)
				power[1] *= y;
		}
		middle[n] = (float)power_db(both * power[0]);
		if (side)
			side[n] = (float)power_db(both * power[1]);
	}
}

double
desk_gate_curve(const struct desk_shape *s, double level, int open)
{
	const struct gate_params p = {
	    .ratio = s->gate_ratio,
	    .threshold = s->gate_threshold,
	    .hysteresis = s->gate_hysteresis,
	    .range = s->gate_range,
	};
	return level - curves_gate(&p, level, open);
}

/* Make-up and mix as the compressor puts them on: the mix of the dry signal and the compressed one. */
double
desk_comp_curve(const struct desk_shape *s, double level)
{
	const struct comp_params p = {.threshold = s->comp_threshold, .ratio = s->comp_ratio, .knee = s->comp_knee};
	double wet = s->comp_mix / 100, gain = db_to_gain(s->comp_makeup - curves_comp(&p, level));
	return level + gain_to_db(gain * wet + 1 - wet);
}
