#include "base/fmath.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define LN2_HI 6.93147180369123816490e-01 /* the upper 33 bits of ln 2, so that k * LN2_HI is exact */
#define LN2_LO 1.90821492927058770002e-10
#define PIO2_1 1.57079632673412561417e+00 /* pi/2 in three parts of 33 bits (Cody and Waite) */
#define PIO2_2 6.07710050630396597660e-11
#define PIO2_3 2.02226624879595063154e-21

static double
power_of_two(int k)
{
	uint64_t bits = (uint64_t)(k + 1023) << 52;
	double y;
	memcpy(&y, &bits, sizeof y);
	return y;
}

double
f_sqrt(double x)
{
	return __builtin_sqrt(x);
}

double
f_floor(double x)
{
	double t = (double)(int64_t)x;
	return t > x ? t - 1 : t;
}

/* Taylor's series of exp on |r| <= ln2 / 2: the 14th term is below 1e-18. */
static double
exp_near_zero(double r)
{
	double p = 1.0 / 6227020800.0;
	static const double c[] = {
	    1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720,
	    1.0 / 120,       1.0 / 24,       1.0 / 6,       0.5,          1.0,         1.0};
	for (unsigned k = 0; k < sizeof c / sizeof *c; k++)
		p = p * r + c[k];
	return p;
}

double
f_exp(double x)
{
	if (x < -708)
		return 0;
	if (x > 708)
		x = 708;
	double k = f_floor(x * (1 / 0.69314718055994530942) + 0.5);
	return exp_near_zero((x - k * LN2_HI) - k * LN2_LO) * power_of_two((int)k);
}

double
f_exp2(double x)
{
	if (x < -1022)
		return 0;
	if (x > 1023)
		x = 1023;
	double k = f_floor(x + 0.5);
	return exp_near_zero((x - k) * 0.69314718055994530942) * power_of_two((int)k);
}

/* x = 2^k * m with m in [sqrt(1/2), sqrt(2)); log m = 2 atanh((m - 1) / (m + 1)) by its series. */
static double
log_parts(double x, int *k)
{
	uint64_t bits;
	if (x < 2.2250738585072014e-308) { /* subnormal */
		int e;
		double y = log_parts(x * 18014398509481984.0, &e);
		*k = e - 54;
		return y;
	}
	memcpy(&bits, &x, sizeof bits);
	int e = (int)(bits >> 52) - 1023;
	bits = (bits & 0xfffffffffffffull) | 0x3ff0000000000000ull;
	double m;
	memcpy(&m, &bits, sizeof m);
	if (m >= 1.41421356237309504880) {
		m *= 0.5;
		e++;
	}
	*k = e;
	double s = (m - 1) / (m + 1), s2 = s * s, p = 1.0 / 25;
	for (int n = 23; n >= 3; n -= 2)
		p = p * s2 + 1.0 / n;
	return 2 * s + 2 * s * s2 * p;
}

double
f_log(double x)
{
	if (!(x > 0))
		return -HUGE_VAL;
	int k;
	double y = log_parts(x, &k);
	return k * LN2_HI + (y + k * LN2_LO);
}

double
f_log2(double x)
{
	if (!(x > 0))
		return -HUGE_VAL;
	int k;
	double y = log_parts(x, &k);
	return k + y * 1.44269504088896340736;
}

double
f_log10(double x)
{
	return f_log(x) * 0.43429448190325182765;
}

double
f_pow(double x, double y)
{
	return x > 0 ? f_exp2(y * f_log2(x)) : 0;
}

/* sin and cos on |r| <= pi/4; returns the quadrant. */
static int
reduce(double x, double *s, double *c)
{
	double k = f_floor(x * (2 / F_PI) + 0.5);
	double r = ((x - k * PIO2_1) - k * PIO2_2) - k * PIO2_3;
	double z = r * r, ps = 0, pc = 0;
	static const double sc[] = {1.0 / 355687428096000.0,
	                            -1.0 / 1307674368000.0,
	                            1.0 / 6227020800.0,
	                            -1.0 / 39916800,
	                            1.0 / 362880,
	                            -1.0 / 5040,
	                            1.0 / 120,
	                            -1.0 / 6};
	static const double cc[] = {1.0 / 20922789888000.0,
	                            -1.0 / 87178291200.0,
	                            1.0 / 479001600,
	                            -1.0 / 3628800,
	                            1.0 / 40320,
	                            -1.0 / 720,
	                            1.0 / 24,
	                            -0.5};
	for (int n = 0; n < 8; n++) {
		ps = ps * z + sc[n];
		pc = pc * z + cc[n];
	}
	*s = r + r * z * ps;
	*c = 1 + z * pc;
	return (int)((int64_t)k & 3);
}

double
f_sin(double x)
{
	double s, c;
	switch (reduce(x, &s, &c)) {
	case 0:
		return s;
	case 1:
		return c;
	case 2:
		return -s;
	}
	return -c;
}

double
f_cos(double x)
{
	double s, c;
	switch (reduce(x, &s, &c)) {
	case 0:
		return c;
	case 1:
		return -s;
	case 2:
		return -c;
	}
	return s;
}

double
f_tan(double x)
{
	double s, c;
	return reduce(x, &s, &c) & 1 ? -c / s : s / c;
}
