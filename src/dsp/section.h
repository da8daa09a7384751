/*
 * Second-order sections and how they are designed from an analogue prototype, for the equaliser and the filters of a
 * strip. Pure functions, bounded in time, real-time safe, any thread.
 */
#ifndef DSP_SECTION_H
#define DSP_SECTION_H

/*
 * A section as its kernel runs it: two integrators in a row and three taps (a state-variable filter, its states scaled
 * so that the integrators have no factors). For input x, with s1 and s2 as they were before the frame:
 *
 *     y = d x + n1 s1 + n2 s2;   e = x - p s1 - q s2;   s1 += e;   s2 += s1
 *
 * whose denominator is 1 + (p + q - 2) z^-1 + (1 - p) z^-2. The small numbers of a low corner stand in p and q
 * themselves and not in a difference of numbers near 1 or 2, so floats carry them with full precision.
 */
struct section {
	double p, q, d, n1, n2;
};

/* An analogue prototype n(s) / d(s), s in units of its frequency; d[0] > 0, no negative coefficients. */
struct prototype {
	double n[3], d[3]; /* by power of s */
};

/*
 * Designs one or two sections whose magnitude follows that of the prototype at `w` up to `top` (both in radians a
 * frame; w may lie beyond Nyquist, top is held below 0.98 pi). Returns how many; with one, out[1] is left alone.
 */
int section_design(struct section out[2], const struct prototype *h, double w, double top);

#endif
