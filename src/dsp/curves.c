#include "dsp/curves.h"

#include "base/fmath.h"

#define HEARD_HZ 20000.0 /* the fit follows the prototype up to here */

/* The prototypes of R. Bristow-Johnson's "Cookbook formulae for audio EQ biquad filter coefficients". */
static struct prototype
band_prototype(const struct eq_band *b)
{
	double a = f_pow(10, b->gain / 40), root = f_sqrt(a), q = b->q;
	switch ((enum eq_type)b->type) {
	case EQ_BELL:
		return (struct prototype){{1, a / q, 1}, {1, 1 / (a * q), 1}};
	case EQ_LOWSHELF:
		return (struct prototype){{a * a, a * root / q, a}, {1, root / q, a}};
	case EQ_HIGHSHELF:
		return (struct prototype){{a, a * root / q, a * a}, {a, root / q, 1}};
	case EQ_NOTCH:
		return (struct prototype){{1, 0, 1}, {1, 1 / q, 1}};
	case EQ_LOWPASS:
		return (struct prototype){{1, 0, 0}, {1, 1 / q, 1}};
	case EQ_HIGHPASS:
		return (struct prototype){{0, 0, 1}, {1, 1 / q, 1}};
	case EQ_BANDPASS:
		return (struct prototype){{0, 1 / q, 0}, {1, 1 / q, 1}};
	}
	return (struct prototype){{1, 0, 0}, {1, 0, 0}};
}

int
curves_band(struct section out[2], const struct eq_band *band, double rate)
{
	if (!band->on || (band->gain == 0 && band->type < EQ_NOTCH))
		return 0;
	struct prototype h = band_prototype(band);
	return section_design(out, &h, 2 * F_PI * band->freq / rate, 2 * F_PI * HEARD_HZ / rate);
}

/*
 * Butterworth's poles in factors of s^2 + s/Q + 1, order 1 to 4: 1/Q = 2 cos of the pole's angle from the negative
 * axis; 0 in the first place is the one real pole of odd orders.
 */
static const double butterworth[4][2] = {
    {0, 0},
    {1.41421356237309504880, 0},
    {0, 1},
    {0.76536686473017954346, 1.84775906502257351226},
};

int
curves_pass(struct section out[2], int high, int slope, int part, double freq, double rate)
{
	double damping = butterworth[slope & 3][part];
	struct prototype h = {{0}, {1, 1, 0}};
	if (part == 1 && damping == 0)
		return 0;
	if (damping > 0)
		h = (struct prototype){{0}, {1, damping, 1}};
	h.n[!high ? 0 : damping > 0 ? 2 : 1] = 1;
	return section_design(out, &h, 2 * F_PI * freq / rate, 2 * F_PI * HEARD_HZ / rate);
}

/*
 * The section's two integrators give H = d + (n1 (z - 1) + n2 z) / ((z - 1)^2 + p (z - 1) + q z). Divided by z, with z
 * on the unit circle: z - 1 = z^1/2 2i sin(w/2), so that nothing small is a difference of large numbers.
 */
double
curves_power(const struct section *s, double w)
{
	double half = f_sin(0.5 * w), c = f_cos(0.5 * w), x = 2 * half;
	/* (z - 1) / z = x (sin + i cos) of w/2; (z - 1)^2 / z = -x^2 */
	double re = x * half, im = x * c;
	double below_re = -x * x + s->p * re + s->q, below_im = s->p * im;
	double above_re = s->d * below_re + s->n1 * re + s->n2, above_im = s->d * below_im + s->n1 * im;
	return (above_re * above_re + above_im * above_im) / (below_re * below_re + below_im * below_im);
}

double
curves_gate(const struct gate_params *p, double level, int open)
{
	if (level >= p->threshold - (open ? p->hysteresis : 0))
		return 0;
	double asked = p->ratio < 100 ? (p->ratio - 1) * (p->threshold - level) : p->range;
	return asked < p->range ? asked : p->range;
}

double
curves_comp(const struct comp_params *p, double level)
{
	double slope = p->ratio < 100 ? 1 - 1 / p->ratio : 1, over = level - p->threshold, half = 0.5 * p->knee;
	if (over <= -half)
		return 0;
	if (over >= half)
		return slope * over;
	return slope * (over + half) * (over + half) / (2 * p->knee);
}
