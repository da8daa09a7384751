#include "engine/curves.h"

#include "base/units.h"
#include "dsp/curves.h"

/* A designed part: its sections. */
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
radians(double rate, double hz)
{
	double w = 2 * F_PI * hz / rate;
	return w < F_PI ? w : F_PI;
}

static double
power_db(double power)
{
	double db = power > 0 ? 10 * f_log10(power) : DB_SILENCE;
	return db > DB_SILENCE ? db : DB_SILENCE;
}

static void
design_band(const struct eq_params *eq, int band, double rate, struct part *part)
{
	part->count = eq->on ? curves_band(part->section, &eq->band[band], rate) : 0;
}

/* High-pass and low-pass, two parts each. */
static void
design_filters(const struct filter_params *f, double rate, struct part part[4])
{
	for (int k = 0; k < 4; k++) {
		int high = k < 2, on = high ? f->hpf_on : f->lpf_on;
		part[k].count = 0;
		if (on)
			part[k].count = curves_pass(part[k].section, high, high ? f->hpf_slope : f->lpf_slope, k % 2,
			                            high ? f->hpf_freq : f->lpf_freq, rate);
	}
}

double
curves_of_band(const struct eq_params *eq, int band, double rate, double hz)
{
	struct part part;
	design_band(eq, band, rate, &part);
	return part.count ? power_db(power_of(&part, radians(rate, hz))) : 0;
}

double
curves_of_filter(const struct filter_params *filter, double rate, double hz)
{
	struct part part[4];
	double power = 1;
	design_filters(filter, rate, part);
	for (int k = 0; k < 4; k++)
		power *= power_of(&part[k], radians(rate, hz));
	return power_db(power);
}

void
curves_of_tone(const struct filter_params *filter, const struct eq_params *eq, double rate, const double *hz, int count,
               float *middle, float *side)
{
	struct part band[EQ_BANDS], pass[4];
	design_filters(filter, rate, pass);
	for (int k = 0; k < EQ_BANDS; k++)
		design_band(eq, k, rate, &band[k]);
	for (int n = 0; n < count; n++) {
		double w = radians(rate, hz[n]), both = 1, power[2] = {1, 1};
		for (int k = 0; k < 4; k++)
			both *= power_of(&pass[k], w);
		for (int k = 0; k < EQ_BANDS; k++) {
			double y = power_of(&band[k], w);
			if (eq->band[k].side != EQ_SIDE)
				power[0] *= y;
			if (eq->band[k].side != EQ_MID)
				power[1] *= y;
		}
		middle[n] = (float)power_db(both * power[0]);
		if (side)
			side[n] = (float)power_db(both * power[1]);
	}
}

double
curves_of_gate(const struct gate_params *gate, double level, int open)
{
	return level - curves_gate(gate, level, open);
}

/* The mix of the dry signal and the compressed one, as the kernel puts it on. */
double
curves_of_comp(const struct comp_params *comp, double level)
{
	double wet = comp->mix / 100, gain = db_to_gain(comp->makeup - curves_comp(comp, level));
	return level + gain_to_db(gain * wet + 1 - wet);
}
