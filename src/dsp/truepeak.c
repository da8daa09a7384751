#include "dsp/truepeak.h"

#include <string.h>

#include "base/fmath.h"

/*
 * The long kernel is a sinc under a Kaiser window (beta 6.5: side lobes 68 dB down, flat to 0.94 of the Nyquist
 * frequency). Middle and short one are sincs under Hann windows over 24 and 12 frames, as in many meters.
 * What lies between 0.9 of the Nyquist frequency and itself is read differently by every meter. The guard therefore
 * takes the highest of all three, and adds to the long one's EDGE times the size of what Hann windows over 40 frames
 * let through there. EDGE was chosen as the least with which no kernel of up to 128 frames read more than 0.02 dB above
 * the guard on noise, clipped noise, random bits and bursts of them.
 */
#define KAISER_BETA 6.5
#define EDGE 0.7f
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

/*
 * On frame -m, odd and even: signs turn from frame to frame under windows that let pass a tone at the Nyquist
 * frequency, or 1 / TRUEPEAK_EDGE beside it, in full. The even one is smooth because it is 0 in the middle.
 */
static void
edge_kernels(int m, double *odd, double *even)
{
	double u = (m + 0.5) / TRUEPEAK_EDGE;
	double w = u < 1 ? (0.5 + 0.5 * f_cos(F_PI * u)) * (m & 1 ? -1 : 1) / TRUEPEAK_EDGE : 0;
	*odd = w;
	*even = 2 * w * f_sin(F_PI * u);
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
	for (int m = 0; m < TRUEPEAK_EDGE; m++) {
		double odd, even;
		edge_kernels(m, &odd, &even);
		t->edge_odd[m] = (float)odd;
		t->edge_even[m] = (float)even;
	}
	for (int p = 1; p < 16; p++) {
		double h[7][2 * TRUEPEAK_REACH], total = 0;
		for (int k = 0; k < 2 * TRUEPEAK_REACH; k++)
			total += h[0][k] = kernel(p / 16.0 - (k - (TRUEPEAK_REACH - 1)), TRUEPEAK_REACH);
		for (int k = 0; k < 2 * TRUEPEAK_REACH; k++) {
			h[0][k] /= total;
			h[1][k] = kernel(p / 16.0 - (k - (TRUEPEAK_REACH - 1)), TRUEPEAK_MIDDLE);
			h[2][k] = kernel(p / 16.0 - (k - (TRUEPEAK_REACH - 1)), TRUEPEAK_SHORT);
			int before = k < TRUEPEAK_REACH;
			double odd, even;
			edge_kernels(before ? TRUEPEAK_REACH - 1 - k : k - TRUEPEAK_REACH, &odd, &even);
			odd = before ? odd : -odd;
			h[3][k] = h[0][k] + (double)EDGE * (odd + even);
			h[4][k] = h[0][k] + (double)EDGE * (odd - even);
			h[5][k] = h[0][k] - (double)EDGE * (odd + even);
			h[6][k] = h[0][k] - (double)EDGE * (odd - even);
		}
		for (int n = 0; n < (reader == TRUEPEAK_GUARD ? 7 : 1); n++)
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

/* `kernels`: 1 the long one, 2 the middle one too, 3 all. A constant wherever it is inlined, as is `odd`. */
static inline struct sums
add(const struct truepeak_pair *pair, int kernels, int odd, const float *x)
{
	vf none = vf_all(0);
	struct sums s = {none, none, none, none, none, none};
	for (int m = 0; m < TRUEPEAK_REACH; m++) {
		vf before = vf_load(x - m), after = vf_load(x + 1 + m), sum = before + after, difference = before - after;
		s.e += sum * pair->even[m];
		if (odd)
			s.o += difference * pair->odd[m];
		if (kernels > 1 && m < TRUEPEAK_MIDDLE) {
			s.me += sum * pair->middle_even[m];
			if (odd)
				s.mo += difference * pair->middle_odd[m];
		}
		if (kernels > 2 && m < TRUEPEAK_SHORT) {
			s.se += sum * pair->short_even[m];
			if (odd)
				s.so += difference * pair->short_odd[m];
		}
	}
	return s;
}

static inline vf
top_of(struct sums s, vf edge)
{
	return vf_max(greater(s.e, s.o) + edge, vf_max(greater(s.me, s.mo), greater(s.se, s.so)));
}

/* What the guard adds. */
static inline vf
edge_of(const struct truepeak *t, const float *x)
{
	vf even = vf_all(0), odd = even;
	for (int m = 0; m < TRUEPEAK_EDGE; m++) {
		vf before = vf_load(x - m), after = vf_load(x + 1 + m);
		odd += (before - after) * t->edge_odd[m];
		even += (before + after) * t->edge_even[m];
	}
	return greater(even, odd) * EDGE;
}

/* The frame itself, quarters and half of one side. */
static inline vf
coarse(const struct truepeak *t, int guard, const float *x, vf edge)
{
	vf peak = vf_max(vf_abs(vf_load(x)), top_of(add(&t->quarter, guard ? 3 : 1, 1, x), edge));
	return vf_max(peak, top_of(add(&t->half, guard ? 3 : 1, 0, x), edge));
}

static inline vf
fine(const struct truepeak *t, int guard, const float *x, vf edge)
{
	vf peak = vf_all(0);
	for (int p = 0; p < TRUEPEAK_FINE; p++)
		peak = vf_max(peak, top_of(add(&t->fine[p], guard ? 2 : 1, 1, x), edge));
	return peak;
}

static inline void
scan(const struct truepeak *t, int guard, const float *l, const float *r, float level, float *peak)
{
	for (int n = 0; n < TRUEPEAK_GROUP; n += LANES) {
		vf el = guard ? edge_of(t, l + n) : vf_all(0), er = guard && r ? edge_of(t, r + n) : vf_all(0);
		vf top = coarse(t, guard, l + n, el);
		if (r)
			top = vf_max(top, coarse(t, guard, r + n, er));
		vi close = top > level * NEAR;
		if (vi_any(close)) {
			vf finer = fine(t, guard, l + n, el);
			if (r)
				finer = vf_max(finer, fine(t, guard, r + n, er));
			top = vf_select(close, vf_max(top, finer), top);
		}
		vf_store(peak + n, top);
	}
}

void
TIMED(truepeak_scan)(const struct truepeak *t, enum truepeak_reader reader, const float *l, const float *r, float level,
                     float *peak)
{
	if (reader == TRUEPEAK_GUARD)
		scan(t, 1, l, r, level, peak);
	else
		scan(t, 0, l, r, level, peak);
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
