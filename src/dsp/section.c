#include "dsp/section.h"

#include "base/fmath.h"

/*
 * Poles and zeros go to the z-plane by z = e^(sT). What is then wrong comes from their images around the unit circle
 * and is smooth, so few parameters mend it: a numerator fitted to the prototype (Vicanek, "Matched second order digital
 * filters", 2016), numerator and denominator together, or a second section fitted to the quotient. Denominators take a
 * fixed few steps (Sanathanan and Koerner: each is a linear problem weighed by the denominator of the one before).
 *
 * Fits are done on squared magnitudes, which are polynomials in phi = sin^2(w/2), and errors are taken relative to the
 * target, that is in dB.
 */

#define SPREAD 14 /* points spread evenly up to the top */
#define NEAR 16   /* points around the corners of poles and zeros */
#define BEYOND 4  /* points between the top and Nyquist, which only keep the fit sane */
#define POINTS (SPREAD + NEAR + BEYOND)
#define BEYOND_WEIGHT 0.02
#define ENOUGH 0.008     /* relative error of the squared magnitude (0.035 dB) at which a fit is taken at once; */
#define ENOUGH_ONE 0.012 /* a fit that saves a section, or many more trials, may be this wrong (0.05 dB) */
#define AUDIBLE 3e-4     /* where the prototype is below -35 dB errors count little */
#define STEPS 5

/* A quadratic in z^-1: its first tap, first less last tap, and the sum of its taps. */
struct taps {
	double first, tilt, sum;
};

/* A squared magnitude: c[0] + c[1] phi + c[2] phi^2. */
struct power {
	double c[3];
};

struct grid {
	double phi[POINTS], target[POINTS], weight[POINTS]; /* target: |H|^2 */
};

static double
power_at(const struct power *p, double phi)
{
	return p->c[0] + phi * (p->c[1] + phi * p->c[2]);
}

static struct power
power_of_taps(struct taps t)
{
	double p = t.tilt / t.first, q = t.sum / t.first, g = t.first * t.first;
	return (struct power){{g * q * q, g * 4 * (p * p + p * q - 2 * q), g * 16 * (1 - p)}};
}

/* Whether it stays above zero for 0 < phi <= 1. */
static int
power_is_positive(const struct power *p)
{
	if (p->c[0] < 0 || !(p->c[0] + p->c[1] + p->c[2] > 0))
		return 0;
	if (p->c[1] < 0 && -p->c[1] < 2 * p->c[2]) /* the bottom lies between */
		return p->c[0] - 0.25 * p->c[1] * p->c[1] / p->c[2] > 0;
	return 1;
}

/* The minimum-phase quadratic with this squared magnitude (spectral factorisation). */
static struct taps
taps_of_power(const struct power *p)
{
	double sum = f_sqrt(p->c[0]), alternating = f_sqrt(p->c[0] + p->c[1] + p->c[2]);
	double outer = 0.5 * (sum + alternating), square = outer * outer - 0.25 * p->c[2];
	double tilt = square > 0 ? f_sqrt(square) : 0;
	return (struct taps){0.5 * (outer + tilt), tilt, sum};
}

static struct taps
taps_scaled(struct taps t, double gain)
{
	return (struct taps){t.first * gain, t.tilt * gain, t.sum * gain};
}

/*
 * The roots of an analogue quadratic mapped by z = e^(s w). A pair turning further than `fold` would come back on the
 * wrong side of Nyquist, or too near to it: it becomes a double root on the negative axis as far from the circle, or
 * with `drop` is left to the fit altogether.
 */
static struct taps
match(const double c[3], double w, double fold, int drop)
{
	double r1 = 0, r2 = 0;
	if (c[2] > 0) {
		double a = 0.5 * c[1] / c[2], square = c[0] / c[2], b = square - a * a;
		if (b > 0) {
			double turn = f_sqrt(b) * w;
			if (turn <= fold) {
				double r = f_exp(-a * w), s = f_sin(0.5 * turn);
				return (struct taps){1, (1 - r) * (1 + r), (1 - r) * (1 - r) + 4 * r * s * s};
			}
			double past = turn - fold;
			r1 = r2 = drop ? 0 : -f_exp(-f_sqrt(past * past + a * a * w * w));
		} else {
			double big = a + f_sqrt(-b);
			r1 = f_exp(-big * w);
			r2 = big > 0 ? f_exp(-square / big * w) : 1;
		}
	} else if (c[1] > 0) {
		r2 = f_exp(-c[0] / c[1] * w);
	}
	return (struct taps){1, 1 - r1 * r2, (1 - r1) * (1 - r2)};
}

static double
prototype_power(const double c[3], double square)
{
	double real = c[0] - c[2] * square;
	return real * real + c[1] * c[1] * square;
}

static void
grid_make(struct grid *g, const struct prototype *h, double w, double top)
{
	static const double near[NEAR] = {0.5,  0.8, 0.94, 0.98, 1.02, 1.06, 1.25, 2,
	                                  0.25, 0.7, 0.9,  0.97, 1,    1.03, 1.1,  1.4};
	double pole = h->d[2] > 0 ? f_sqrt(h->d[0] / h->d[2]) * w : w;
	double zero = h->n[2] > 0 && h->n[0] > 0 ? f_sqrt(h->n[0] / h->n[2]) * w : w;
	for (int k = 0; k < POINTS; k++) {
		double at, weight = 1;
		if (k < SPREAD) {
			double t = (double)(k + 1) / SPREAD;
			at = top * t * (0.5 + 0.5 * t);
		} else if (k < SPREAD + NEAR) {
			double corner = k < SPREAD + NEAR / 2 ? pole : zero;
			at = corner * near[k - SPREAD];
			if (at > top)
				at = corner / near[k - SPREAD];
			at = at < top ? at : top;
		} else {
			at = top + (F_PI - top) * (k - SPREAD - NEAR + 1) / BEYOND;
			weight = BEYOND_WEIGHT;
		}
		double s = f_sin(0.5 * at), square = at / w * (at / w);
		double target = prototype_power(h->n, square) / prototype_power(h->d, square);
		if (target < AUDIBLE)
			weight *= 0.1;
		if (target < 1e-9) { /* the middle of a notch */
			target = 1e-9;
			weight = 0;
		}
		g->phi[k] = s * s;
		g->target[k] = target;
		g->weight[k] = weight;
	}
}

static void
normal_add(double a[4][5], int n, const double row[5])
{
	for (int i = 0; i < n; i++)
		for (int j = i; j <= n; j++)
			a[i][j] += row[i] * row[j];
}

/* Solves the n normal equations by elimination; the lower triangle is filled in here. */
static void
normal_solve(double a[4][5], int n, double *x)
{
	for (int i = 0; i < n; i++)
		for (int j = i + 1; j < n; j++) {
			double f = a[i][i] > 0 ? a[i][j] / a[i][i] : 0;
			for (int k = j; k <= n; k++)
				a[j][k] -= f * a[i][k];
		}
	for (int i = n - 1; i >= 0; i--) {
		double s = a[i][n];
		for (int k = i + 1; k < n; k++)
			s -= a[i][k] * x[k];
		x[i] = a[i][i] > 0 ? s / a[i][i] : 0;
	}
}

/* The largest relative error of gain * num / den against the target where it counts. */
static double
worst(const struct grid *g, const double *target, const struct power *num, const struct power *den)
{
	double most = 0;
	for (int k = 0; k < SPREAD + NEAR; k++) {
		double e = power_at(num, g->phi[k]) / (power_at(den, g->phi[k]) * target[k]) - 1;
		e = e < 0 ? -e : e;
		if (g->target[k] >= AUDIBLE && e > most)
			most = e;
	}
	return most;
}

/* The numerator over `den` that fits best, its powers below `lowest` as they stand in `num`. */
static struct power
fit_numerator(const struct grid *g, const struct power *den, struct power num, int lowest)
{
	double a[4][5] = {{0}}, x[3] = {0};
	int n = 3 - lowest;
	for (int k = 0; k < POINTS; k++) {
		double phi = g->phi[k], t = g->weight[k] / (g->target[k] * power_at(den, phi)), row[5];
		double powers[3] = {t, t * phi, t * phi * phi};
		row[n] = g->weight[k];
		for (int i = 0; i < lowest; i++)
			row[n] -= powers[i] * num.c[i];
		for (int i = 0; i < n; i++)
			row[i] = powers[i + lowest];
		normal_add(a, n, row);
	}
	normal_solve(a, n, x);
	for (int i = 0; i < n; i++)
		num.c[i + lowest] = x[i];
	return num;
}

/* A quotient of quadratics, 1 at phi = 0, fitted to `target`; the best of its steps. Returns its largest error. */
static double
fit_quotient(const struct grid *g, const double *target, struct power *best_num, struct power *best_den)
{
	struct power num = {{1, 0, 0}}, den = num;
	double least = worst(g, target, &num, &den);
	*best_num = *best_den = num;
	for (int step = 0; step < STEPS; step++) {
		double a[4][5] = {{0}}, x[4];
		for (int k = 0; k < POINTS; k++) {
			double phi = g->phi[k], y = target[k], t = g->weight[k] / (y * power_at(&den, phi));
			double row[5] = {t * phi, t * phi * phi, -t * y * phi, -t * y * phi * phi, t * (y - 1)};
			normal_add(a, 4, row);
		}
		normal_solve(a, 4, x);
		struct power n = {{1, x[0], x[1]}}, d = {{1, x[2], x[3]}};
		for (int half = 0; half < 8 && !(power_is_positive(&n) && power_is_positive(&d)); half++)
			for (int i = 1; i < 3; i++) {
				n.c[i] = 0.5 * (n.c[i] + num.c[i]);
				d.c[i] = 0.5 * (d.c[i] + den.c[i]);
			}
		if (!power_is_positive(&n) || !power_is_positive(&d))
			break;
		num = n;
		den = d;
		double e = worst(g, target, &num, &den);
		if (e < least) {
			least = e;
			*best_num = num;
			*best_den = den;
		}
	}
	return least;
}

/*
 * Numerator and denominator of one section together, by the same steps; their bottom (0 Hz) stays as it is. Returns the
 * largest error of the best step.
 */
static double
fit_both(const struct grid *g, struct power *best_num, struct power *best_den)
{
	struct power num = *best_num, den = *best_den;
	double least = worst(g, g->target, &num, &den);
	for (int step = 0; step < STEPS; step++) {
		double a[4][5] = {{0}}, x[4];
		for (int k = 0; k < POINTS; k++) {
			double phi = g->phi[k], y = g->target[k], t = g->weight[k] / (y * power_at(&den, phi));
			double row[5] = {t * phi, t * phi * phi, -t * y * phi, -t * y * phi * phi, t * (y * den.c[0] - num.c[0])};
			normal_add(a, 4, row);
		}
		normal_solve(a, 4, x);
		for (int i = 0; i < 2; i++) {
			num.c[1 + i] = x[i];
			den.c[1 + i] = x[2 + i];
		}
		if (!power_is_positive(&num) || !power_is_positive(&den))
			break;
		double e = worst(g, g->target, &num, &den);
		if (e < least) {
			least = e;
			*best_num = num;
			*best_den = den;
		}
	}
	return least;
}

static struct section
section_of(struct taps num, struct taps den)
{
	struct section s = {.p = den.tilt / den.first, .q = den.sum / den.first, .d = num.first / den.first};
	s.n1 = num.tilt / den.first - s.d * s.p;
	s.n2 = num.sum / den.first - s.d * s.q;
	return s;
}

/* The gain that makes zeros over poles equal to the prototype near zero frequency, where its lowest power leads. */
static double
gain_at_bottom(const struct prototype *h, double w, struct taps zeros, struct taps poles)
{
	if (h->n[0] > 0)
		return h->n[0] / h->d[0] * poles.sum / zeros.sum;
	if (h->n[1] > 0)
		return h->n[1] / h->d[0] * poles.sum / (w * zeros.tilt);
	return h->n[2] / h->d[0] * poles.sum / (w * w);
}

int
section_design(struct section out[2], const struct prototype *h, double w, double top)
{
	/* Where roots lie near or beyond Nyquist, several starts: the first that leads to a good fit counts, or the best.
	 */
	static const struct {
		double fold;
		int drop, inverse; /* inverse: fit the inverse quotient */
	} starts[] = {{1, 0, 0}, {1, 1, 0},   {0.5, 0, 0}, {0.85, 0, 0}, {0.85, 1, 0},
	              {1, 0, 1}, {0.7, 0, 0}, {0.4, 0, 0}, {0.25, 0, 0}, {0.5, 1, 0}};
	double least = 0;
	struct grid g;
	top = top < 0.98 * F_PI ? top : 0.98 * F_PI;
	grid_make(&g, h, w, top);
	for (unsigned k = 0; k < sizeof starts / sizeof *starts; k++) {
		struct taps zeros = match(h->n, w, starts[k].fold * F_PI, starts[k].drop);
		struct taps poles = match(h->d, w, starts[k].fold * F_PI, starts[k].drop);
		zeros = taps_scaled(zeros, gain_at_bottom(h, w, zeros, poles));
		struct power num = power_of_taps(zeros), den = power_of_taps(poles), num2, den2;
		if (k == 0) {
			/* A notch keeps its zeros on the circle and a high-pass both of its zeros at 0 Hz. */
			int notch = h->n[0] > 0 && h->n[1] == 0 && h->n[2] > 0, high = h->n[0] == 0 && h->n[1] == 0;
			struct power fit = notch ? num : fit_numerator(&g, &den, num, high ? 2 : 1);
			if ((notch || power_is_positive(&fit)) && worst(&g, g.target, &fit, &den) < ENOUGH) {
				out[0] = section_of(notch ? zeros : taps_of_power(&fit), poles);
				return 1;
			}
			struct power other = den;
			if (!notch && !high && w < 0.8 * top && power_is_positive(&fit) &&
			    fit_both(&g, &fit, &other) < ENOUGH_ONE) {
				out[0] = section_of(taps_of_power(&fit), taps_of_power(&other));
				return 1;
			}
		}
		double quotient[POINTS];
		for (int n = 0; n < POINTS; n++) {
			double y = g.target[n] * power_at(&den, g.phi[n]) / power_at(&num, g.phi[n]);
			quotient[n] = g.weight[n] == 0 ? 1 : starts[k].inverse ? 1 / y : y;
		}
		double e =
		    starts[k].inverse ? fit_quotient(&g, quotient, &den2, &num2) : fit_quotient(&g, quotient, &num2, &den2);
		if (k == 0 || e < least) {
			least = e;
			out[0] = section_of(zeros, poles);
			out[1] = section_of(taps_of_power(&num2), taps_of_power(&den2));
		}
		if (least < (k < 2 ? ENOUGH : ENOUGH_ONE))
			break;
	}
	return 2;
}
