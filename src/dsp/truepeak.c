#include "dsp/truepeak.h"

#include <string.h>

#include "base/fmath.h"

/*
 * The long kernel is a sinc under a Kaiser window (beta 6.5: side lobes 68 dB down, flat to 0.92 of the Nyquist
 * frequency). Middle and short one are sincs under Hann windows over 24 and 12 frames, as in many meters.
 * What lies between 0.92 and 1 is read differently by every meter. The guard therefore looks at all three, and at where
 * the step from the middle to the long one leads when it is taken GUARD_STEP times again: its size is what longer
 * kernels may yet find.
 */
#define KAISER_BETA 6.5
#define GUARD_STEP 1.0f
#define NEAR 0.92257f /* -0.7 dB: what four points a frame can miss of sixteen, close to the Nyquist frequency */

static const int sixteenths[TRUEPEAK_FINE] = {1, 2, 3, 5, 6, 7};

static double
sinc(double x)
{
	return x == 0 ? 1 : f_sin(F_PI * x) / (F_PI * x);
}

/* Modified Bessel function of order 0 by its series. */
static double
bessel_i0(double x)
{
	double sum = 1, term = 1;
	for (int n = 1; n < 50; n++) {
		term *= x / (2 * n) * (x / (2 * n));
		sum += term;
	}
	return sum;
}

static double
long_kernel(double x)
{
	double w = x / TRUEPEAK_REACH;
	return w * w >= 1 ? 0 : sinc(x) * bessel_i0(KAISER_BETA * f_sqrt(1 - w * w)) / bessel_i0(KAISER_BETA);
}

static double
hann_kernel(double x, int reach)
{
	double w = x / reach;
	return w * w >= 1 ? 0 : sinc(x) * (0.5 + 0.5 * f_cos(F_PI * w));
}

static double
kernel(double x, int reach)
{
	return reach == TRUEPEAK_REACH ? long_kernel(x) : hann_kernel(x, reach);
}

static void
fill(float *even, float *odd, int reach, double f)
{
	double scale = 1;
	if (reach == TRUEPEAK_REACH) { /* a constant is met exactly; the others are as meters have them */
		double sum = 0;
		for (int m = 0; m < reach; m++)
			sum += kernel(f + m, reach) + kernel(1 - f + m, reach);
		scale = 1 / sum;
	}
	for (int m = 0; m < reach; m++) {
		double x = kernel(f + m, reach) * scale, y = kernel(1 - f + m, reach) * scale;
		even[m] = (float)((x + y) / 2);
		odd[m] = (float)((x - y) / 2);
	}
}

static void
fill_pair(struct truepeak_pair *pair, double f)
{
	fill(pair->even, pair->odd, TRUEPEAK_REACH, f);
	fill(pair->middle_even, pair->middle_odd, TRUEPEAK_MIDDLE, f);
	fill(pair->short_even, pair->short_odd, TRUEPEAK_SHORT, f);
}

/*
 * The kernel less a straight line between the two middle frames, summed twice, is a kernel on second differences
 * (summation by parts); what the ends leave over multiplies the frames themselves.
 */
static void
widen_bounds(struct truepeak *t, const double *h, double f)
{
	double sum = 0, moment = 0, bend = 0;
	for (int k = 0; k < 2 * TRUEPEAK_REACH; k++) {
		double x = h[k];
		if (k == TRUEPEAK_REACH - 1)
			x -= 1 - f;
		if (k == TRUEPEAK_REACH)
			x -= f;
		sum += x;
		if (k < 2 * TRUEPEAK_REACH - 1) {
			moment += sum;
			bend += moment < 0 ? -moment : moment;
		}
	}
	double far = (sum < 0 ? -sum : sum) + 2 * (moment < 0 ? -moment : moment);
	if ((float)bend > t->bend)
		t->bend = (float)bend;
	if ((float)far > t->far)
		t->far = (float)far;
}

void
TIMED(truepeak_init)(struct truepeak *t, enum truepeak_reader reader)
{
	memset(t, 0, sizeof *t);
	fill_pair(&t->quarter, 0.25);
	fill_pair(&t->half, 0.5);
	for (int p = 0; p < TRUEPEAK_FINE; p++)
		fill_pair(&t->fine[p], sixteenths[p] / 16.0);
	for (int p = 1; p < 16; p++) {
		double h[4][2 * TRUEPEAK_REACH], total = 0;
		for (int k = 0; k < 2 * TRUEPEAK_REACH; k++)
			total += h[0][k] = kernel(p / 16.0 - (k - (TRUEPEAK_REACH - 1)), TRUEPEAK_REACH);
		for (int k = 0; k < 2 * TRUEPEAK_REACH; k++) {
			h[0][k] /= total;
			h[1][k] = kernel(p / 16.0 - (k - (TRUEPEAK_REACH - 1)), TRUEPEAK_MIDDLE);
			h[2][k] = kernel(p / 16.0 - (k - (TRUEPEAK_REACH - 1)), TRUEPEAK_SHORT);
			h[3][k] = h[0][k] + (double)GUARD_STEP * (h[0][k] - h[2][k]);
		}
		for (int n = 0; n < (reader == TRUEPEAK_GUARD ? 4 : 1); n++)
			widen_bounds(t, h[n], p / 16.0);
	}
	t->far += 1e-5f; /* more than floats lose on the way */
}

/* |E + O|, |E - O|, the greater. */
static inline vf
greater(vf e, vf o)
{
	return vf_abs(e) + vf_abs(o);
}

/* What the kernels give at LANES gaps: even and odd sums of the long, middle and short one. */
struct sums {
	vf e, o, me, mo, se, so;
};

static inline struct sums
add(const struct truepeak_pair *pair, int guard, const float *x)
{
	vf none = vf_all(0);
	struct sums s = {none, none, none, none, none, none};
	int m = 0;
	for (; guard && m < TRUEPEAK_SHORT; m++) {
		vf before = vf_load(x - m), after = vf_load(x + 1 + m), sum = before + after, difference = before - after;
		s.e += sum * pair->even[m];
		s.o += difference * pair->odd[m];
		s.me += sum * pair->middle_even[m];
		s.mo += difference * pair->middle_odd[m];
		s.se += sum * pair->short_even[m];
		s.so += difference * pair->short_odd[m];
	}
	for (; guard && m < TRUEPEAK_MIDDLE; m++) {
		vf before = vf_load(x - m), after = vf_load(x + 1 + m), sum = before + after, difference = before - after;
		s.e += sum * pair->even[m];
		s.o += difference * pair->odd[m];
		s.me += sum * pair->middle_even[m];
		s.mo += difference * pair->middle_odd[m];
	}
	for (; m < TRUEPEAK_REACH; m++) {
		vf before = vf_load(x - m), after = vf_load(x + 1 + m);
		s.e += (before + after) * pair->even[m];
		s.o += (before - after) * pair->odd[m];
	}
	return s;
}

/* The half needs even sums only. */
static inline struct sums
add_half(const struct truepeak_pair *pair, int guard, const float *x)
{
	vf none = vf_all(0);
	struct sums s = {none, none, none, none, none, none};
	int m = 0;
	for (; guard && m < TRUEPEAK_SHORT; m++) {
		vf sum = vf_load(x - m) + vf_load(x + 1 + m);
		s.e += sum * pair->even[m];
		s.me += sum * pair->middle_even[m];
		s.se += sum * pair->short_even[m];
	}
	for (; guard && m < TRUEPEAK_MIDDLE; m++) {
		vf sum = vf_load(x - m) + vf_load(x + 1 + m);
		s.e += sum * pair->even[m];
		s.me += sum * pair->middle_even[m];
	}
	for (; m < TRUEPEAK_REACH; m++)
		s.e += (vf_load(x - m) + vf_load(x + 1 + m)) * pair->even[m];
	return s;
}

static inline vf
top_of(struct sums s, int guard)
{
	vf top = greater(s.e, s.o);
	if (guard) {
		top = vf_max(top, vf_max(greater(s.me, s.mo), greater(s.se, s.so)));
		top = vf_max(top, greater(s.e + (s.e - s.se) * GUARD_STEP, s.o + (s.o - s.so) * GUARD_STEP));
	}
	return top;
}

/* The frame itself, quarters and half of one side. */
static inline vf
coarse(const struct truepeak *t, int guard, const float *x)
{
	vf peak = vf_max(vf_abs(vf_load(x)), top_of(add(&t->quarter, guard, x), guard));
	return vf_max(peak, top_of(add_half(&t->half, guard, x), guard));
}

static inline vf
fine(const struct truepeak *t, int guard, const float *x)
{
	vf peak = vf_all(0);
	for (int p = 0; p < TRUEPEAK_FINE; p++)
		peak = vf_max(peak, top_of(add(&t->fine[p], guard, x), guard));
	return peak;
}

void
TIMED(truepeak_scan)(const struct truepeak *t, enum truepeak_reader reader, const float *l, const float *r, float level,
                     float *peak)
{
	int guard = reader == TRUEPEAK_GUARD;
	for (int n = 0; n < TRUEPEAK_GROUP; n += LANES) {
		vf top = vf_max(coarse(t, guard, l + n), coarse(t, guard, r + n));
		vi close = top > level * NEAR;
		if (vi_any(close)) {
			vf finer = vf_max(fine(t, guard, l + n), fine(t, guard, r + n));
			top = vf_select(close, vf_max(top, finer), top);
		}
		vf_store(peak + n, top);
	}
}

void
TIMED(truepeak_bounds)(const float *x, int frames, float *height, float *bend)
{
	for (int g = 0; g < frames / TRUEPEAK_GROUP; g++, x += TRUEPEAK_GROUP) {
		vf high = vf_all(0), bent = high;
		for (int n = 0; n < TRUEPEAK_GROUP; n += LANES) {
			vf here = vf_load(x + n), before = vf_load(x + n - 1), earlier = vf_load(x + n - 2);
			high = vf_max(high, vf_abs(here));
			bent = vf_max(bent, vf_abs((here - before) - (before - earlier)));
		}
		float a = high[0], b = bent[0];
		for (int k = 1; k < LANES; k++) {
			a = high[k] > a ? high[k] : a;
			b = bent[k] > b ? bent[k] : b;
		}
		height[g] = a;
		bend[g] = b;
	}
}
