/*
 * Our own elementary functions: the same bits on every CPU, where libm's change with what the CPU offers.
 * Any thread may call them; they keep no state. Double precision, relative error below 4e-15 in the ranges named
 * (tests/test-fmath.c holds them to libm); vectors of floats are in dsp/lanes.h.
 */
#ifndef BASE_FMATH_H
#define BASE_FMATH_H

#define F_PI 3.14159265358979323846

double f_exp(double x);  /* 0 below -708, capped at exp(708) */
double f_exp2(double x); /* 2^x, -1022 to 1023 */
double f_log(double x);  /* x > 0; -HUGE_VAL at or below 0 */
double f_log2(double x);
double f_log10(double x);
double f_pow(double x, double y); /* x > 0, or x = 0 and y > 0 */
double f_sin(double x);           /* |x| <= 1e6 */
double f_cos(double x);
double f_tan(double x);
double f_sqrt(double x);  /* IEEE, exact */
double f_floor(double x); /* |x| < 2^62 */

#endif
