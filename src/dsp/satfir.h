/*
 * The linear-phase filters of the saturation's oversampling, on buffers of vectors with their past in front.
 * Included by dsp/sat.c alone; arithmetic on memory that the caller owns.
 *
 * All were designed by weighted minimax (Lawson's algorithm) in units of the base rate: pass band to 0.4535, images and
 * folds from there up. Half-bands hold 2 h of their taps at odd distances 1, 3, 5 ... from the middle, whose own is
 * 1/2.
 */
#ifndef DSP_SATFIR_H
#define DSP_SATFIR_H

#include "dsp/lanes.h"

/* Base rate to 2x and back, 115 taps: -83 dB from 0.5465, -109 dB from 0.62. */
#define OUTER_PAIRS 29
static const float outer[OUTER_PAIRS] = {
    6.35846760e-01f, -2.09897057e-01f, 1.23506350e-01f, -8.56671443e-02f, 6.40612250e-02f, -4.98863727e-02f,
    3.97654324e-02f, -3.21276197e-02f, 2.61439837e-02f, -2.13352994e-02f, 1.74042991e-02f, -1.41557457e-02f,
    1.14550616e-02f, -9.20536434e-03f, 7.33389185e-03f, -5.78356248e-03f, 4.50758501e-03f, -3.46608731e-03f,
    2.62416461e-03f, -1.95092186e-03f, 1.41911640e-03f, -1.00504490e-03f, 6.88389337e-04f, -4.51879035e-04f,
    2.80756810e-04f, -1.62182304e-04f, 8.47256375e-05f, -3.81017120e-05f, 1.39632376e-05f,
};

/* 2x to 4x, 23 taps, -116 dB. */
#define UP2_PAIRS 6
static const float up2[UP2_PAIRS] = {6.17445992e-01f,  -1.60647010e-01f, 5.76765624e-02f,
                                     -1.80859357e-02f, 4.11275276e-03f,  -5.03960225e-04f};

/* 4x to 8x, 15 taps, -130 dB. */
#define UP3_PAIRS 4
static const float up3[UP3_PAIRS] = {6.00830295e-01f, -1.24565704e-01f, 2.67881624e-02f, -3.05305455e-03f};

/* 8x to 4x, 11 taps, -99 dB: folds what the curve made, which is far down at such frequencies. */
#define DOWN3_PAIRS 3
static const float down3[DOWN3_PAIRS] = {5.89622255e-01f, -1.03360430e-01f, 1.37488061e-02f};

/* 4x to 2x, 19 taps, -98 dB. */
#define DOWN2_PAIRS 5
static const float down2[DOWN2_PAIRS] = {6.13841870e-01f, -1.52058358e-01f, 4.87916113e-02f, -1.22901967e-02f,
                                         1.72766925e-03f};

/* Lifts what the threefold filters of the 24-fold and the 12-fold chain let down towards 0.4535 (0.29, 1.15 dB). */
static const float droop_wide[3] = {1.04516051f, -0.0248424267f, 0.00229362639f};
static const float droop_narrow[3] = {1.19724236f, -0.110715386f, 0.012277437f};

/* Vectors before the first one that each filter reads. */
#define UP1_PAST (2 * OUTER_PAIRS - 1)
#define UP2_PAST (2 * UP2_PAIRS - 1)
#define UP3_PAST (2 * UP3_PAIRS - 1)
#define DROOP_PAST 4
#define THIRD_PAST 2
#define CURVE_PAST 5
#define DOWN3_PAST (4 * DOWN3_PAIRS - 2)
#define DOWN2_PAST (4 * DOWN2_PAIRS - 2)
#define DOWN1_PAST (4 * OUTER_PAIRS - 2)

/* Twice the rate: y[2m] is the middle of x[m - pairs] and the one after it, y[2m + 1] is x[m + 1 - pairs]. `count` is
 * even. */
static inline __attribute__((always_inline)) void
halfband_up(const vf *x, vf *y, int count, const float *h, int pairs)
{
	for (int m = 0; m < count; m += 4) {
		const vf *b = x + m + 1 - pairs, *a = b - 1;
		vf s0 = (b[0] + a[0]) * h[0], s1 = (b[1] + a[1]) * h[0];
		vf s2 = (b[2] + a[2]) * h[0], s3 = (b[3] + a[3]) * h[0];
		for (int j = 1; j < pairs; j++) {
			s0 += (b[j] + a[-j]) * h[j];
			s1 += (b[j + 1] + a[1 - j]) * h[j];
			s2 += (b[j + 2] + a[2 - j]) * h[j];
			s3 += (b[j + 3] + a[3 - j]) * h[j];
		}
		y[2 * m] = s0;
		y[2 * m + 1] = b[0];
		y[2 * m + 2] = s1;
		y[2 * m + 3] = b[1];
		y[2 * m + 4] = s2;
		y[2 * m + 5] = b[2];
		y[2 * m + 6] = s3;
		y[2 * m + 7] = b[3];
	}
}

/* Half the rate. `odd` keeps the later of two: one sample of x less delay. */
static inline __attribute__((always_inline)) void
halfband_down(const vf *x, vf *y, int count, const float *h, int pairs, int odd)
{
	for (int m = 0; m < count; m += 4) {
		const vf *b = x + 2 * (m + 1 - pairs) + odd, *a = b - 2, *mid = b - 1;
		vf s0 = (b[0] + a[0]) * h[0] + mid[0], s1 = (b[2] + a[2]) * h[0] + mid[2];
		vf s2 = (b[4] + a[4]) * h[0] + mid[4], s3 = (b[6] + a[6]) * h[0] + mid[6];
		for (int j = 1; j < pairs; j++) {
			s0 += (b[2 * j] + a[-2 * j]) * h[j];
			s1 += (b[2 * j + 2] + a[2 - 2 * j]) * h[j];
			s2 += (b[2 * j + 4] + a[4 - 2 * j]) * h[j];
			s3 += (b[2 * j + 6] + a[6 - 2 * j]) * h[j];
		}
		y[m] = s0 * 0.5f;
		y[m + 1] = s1 * 0.5f;
		y[m + 2] = s2 * 0.5f;
		y[m + 3] = s3 * 0.5f;
	}
}

/* `count` is of the lower rate in all of them, a multiple of four. */
static void
fir_up1(const vf *x, vf *y, int count)
{
	halfband_up(x, y, count, outer, OUTER_PAIRS);
}

static void
fir_up2(const vf *x, vf *y, int count)
{
	halfband_up(x, y, count, up2, UP2_PAIRS);
}

static void
fir_up3(const vf *x, vf *y, int count)
{
	halfband_up(x, y, count, up3, UP3_PAIRS);
}

static void
fir_down3(const vf *x, vf *y, int count)
{
	halfband_down(x, y, count, down3, DOWN3_PAIRS, 0);
}

static void
fir_down2(const vf *x, vf *y, int count)
{
	halfband_down(x, y, count, down2, DOWN2_PAIRS, 0);
}

static void
fir_down2_odd(const vf *x, vf *y, int count)
{
	halfband_down(x, y, count, down2, DOWN2_PAIRS, 1);
}

static void
fir_down1(const vf *x, vf *y, int count)
{
	halfband_down(x, y, count, outer, OUTER_PAIRS, 1);
}

static void
fir_droop(const vf *x, vf *y, int count, int wide)
{
	const float *h = wide ? droop_wide : droop_narrow;
	for (int n = 0; n < count; n++)
		y[n] = x[n - 2] * h[0] + (x[n - 1] + x[n - 3]) * h[1] + (x[n] + x[n - 4]) * h[2];
}

#endif
