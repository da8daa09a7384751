/*
 * What the dynamics processors share: the windowed peak, the key's filters, and the smoother of reductions.
 * Included by kernels only; belongs to the thread that runs the graph.
 *
 * Levels and reductions are in octaves (log2): 1 octave is 6.02 dB. A lane that is off is fed zeros, so that its
 * memories stay at rest while its neighbours work.
 */
#ifndef DSP_DYNAMICS_H
#define DSP_DYNAMICS_H

#include "dsp/dsp.h"
#include "dsp/glide.h"
#include "dsp/lanes.h"

#define OCTAVES_PER_DB 0.16609640474436813 /* 1 / (20 log10 2) */
#define DB_PER_OCTAVE 6.0205999132796239

#define PEAK_SECONDS 0.017 /* half a period of 29.4 Hz: a sine from there on reads its peak */
#define PEAK_BLOCKS 52     /* enough for that at 192 kHz */

/*
 * The greatest value of the last `count` whole blocks and of the one under way: a window of at least PEAK_SECONDS that
 * is one block longer at most. Blocks divide a quantum, so their grid is the song's.
 *
 * ring   the maximum of each whole block    at      where the next one goes
 * old    the maximum of the ring            frames  length of a block, at most 1 ms below 64 kHz
 */
struct peak_window {
	vf ring[PEAK_BLOCKS], old;
	int at, count, frames;
};

static inline void
peak_init(struct peak_window *w, double rate, double seconds)
{
	w->frames = rate < 16000 ? 8 : rate < 32000 ? 16 : rate < 64000 ? 32 : 64;
	w->count = (int)(seconds * rate / w->frames) + 1;
	if (w->count > PEAK_BLOCKS)
		w->count = PEAK_BLOCKS;
	w->at = 0;
	w->old = vf_all(0);
	for (int k = 0; k < PEAK_BLOCKS; k++)
		w->ring[k] = vf_all(0);
}

/* How long a peak is remembered, in frames: the mean over its places in a block. */
static inline double
peak_length(const struct peak_window *w)
{
	return w->count * w->frames + 0.5 * (w->frames - 1);
}

/*
 * A quantum: magnitudes become their windowed maximum, in place. NaN counts as nothing. Returns a bit for each block in
 * which no lane rose: its maximum is the same at every frame of the block.
 */
static inline unsigned
peak_run(struct peak_window *w, vf *x)
{
	const int frames = w->frames, count = w->count;
	vf old = w->old;
	unsigned flat = 0;
	for (int n = 0, bit = 0; n < QUANTUM; n += frames, bit++) {
		vf now = vf_all(0);
		for (int i = n; i < n + frames; i++) {
			now = vf_max(x[i], now);
			x[i] = vf_max(now, old);
		}
		flat |= (unsigned)!vi_any(now > old) << bit;
		w->ring[w->at] = now;
		w->at = w->at + 1 < count ? w->at + 1 : 0;
		vf even = w->ring[0], odd = now;
		int k = 1;
		for (; k + 1 < count; k += 2) {
			even = vf_max(w->ring[k], even);
			odd = vf_max(w->ring[k + 1], odd);
		}
		if (k < count)
			even = vf_max(w->ring[k], even);
		old = vf_max(even, odd);
	}
	w->old = old;
	return flat;
}

/* Windowed maxima become octaves; flat as peak_run returned it. */
static inline void
peak_levels(const struct peak_window *w, vf *x, unsigned flat)
{
	for (int n = 0; n < QUANTUM; n += w->frames, flat >>= 1) {
		if (flat & 1) {
			x[n] = vf_log2(x[n]);
			for (int i = n + 1; i < n + w->frames; i++)
				x[i] = x[n];
		} else {
			vf_log2_all(&x[n], w->frames);
		}
	}
}

static inline void
peak_rest(struct peak_window *w, int lane)
{
	for (int k = 0; k < PEAK_BLOCKS; k++)
		w->ring[k][lane] = 0;
	w->old[lane] = 0;
}

static inline void
peak_move(struct peak_window *to, int to_lane, const struct peak_window *from, int from_lane)
{
	for (int k = 0; k < to->count; k++)
		to->ring[(to->at + k) % to->count][to_lane] = from->ring[(from->at + k) % from->count][from_lane];
	to->old[to_lane] = from->old[from_lane];
}

/*
 * A Butterworth filter of second order for keys (state-variable form: A. Simper, "Linear trapezoidal integrated SVF").
 *
 * g      tan(pi f / rate), on its way        on   lanes that are filtered; the others pass
 * s1, s2 its two integrators, a pair a side
 */
struct key_filter {
	struct glide g;
	vi on;
	vf s1[2], s2[2];
};

struct key_coefs {
	vf a1, a2, a3;
};

#define KEY_DAMPING 1.41421356f /* 1 / Q */

static inline void
key_filter_init(struct key_filter *f, double rate)
{
	glide_init(&f->g, rate, 1);
	f->on = vi_all(0);
	f->s1[0] = f->s1[1] = f->s2[0] = f->s2[1] = vf_all(0);
}

static inline void
key_filter_rest(struct key_filter *f, int lane)
{
	for (int side = 0; side < 2; side++)
		f->s1[side][lane] = f->s2[side][lane] = 0;
}

static inline void
key_filter_set(struct key_filter *f, int lane, int on, double hz, double rate, int snap)
{
	if (on) {
		double limit = 0.49 * rate;
		float g = (float)f_tan(F_PI * (hz < limit ? hz : limit) / rate);
		glide_set(&f->g, lane, g, snap || !f->on[lane]);
	} else {
		key_filter_rest(f, lane);
	}
	f->on[lane] = on ? -1 : 0;
}

static inline void
key_filter_move(struct key_filter *to, int to_lane, const struct key_filter *from, int from_lane)
{
	glide_move(&to->g, to_lane, &from->g, from_lane);
	to->on[to_lane] = from->on[from_lane];
	for (int side = 0; side < 2; side++) {
		to->s1[side][to_lane] = from->s1[side][from_lane];
		to->s2[side][to_lane] = from->s2[side][from_lane];
	}
}

static inline struct key_coefs
key_coefs(vf g)
{
	struct key_coefs c;
	c.a1 = 1.0f / (g * (g + KEY_DAMPING) + 1.0f);
	c.a2 = g * c.a1;
	c.a3 = g * c.a2;
	return c;
}

/* One frame of one side. */
static inline vf
key_filter_step(const struct key_coefs *c, vf *s1, vf *s2, vf x, int low)
{
	vf v3 = x - *s2, v1 = c->a1 * *s1 + c->a2 * v3, v2 = *s2 + c->a2 * *s1 + c->a3 * v3;
	*s1 = v1 + v1 - *s1;
	*s2 = v2 + v2 - *s2;
	return low ? v2 : x - KEY_DAMPING * v1 - v2;
}

/* A quantum of the key's sides in place (r may be NULL): a high-pass, or a low-pass where low != 0. */
static inline __attribute__((always_inline)) void
key_filter_run(struct key_filter *f, vf *l, vf *r, int low)
{
	if (!vi_any(f->on))
		return;
	const vi on = f->on;
	const int glides = f->g.moving;
	struct key_coefs c = key_coefs(f->g.y);
	vf l1 = f->s1[0], l2 = f->s2[0], r1 = f->s1[1], r2 = f->s2[1];
	for (int i = 0; i < QUANTUM; i++) {
		if (glides)
			c = key_coefs(glide_step(&f->g));
		l[i] = vf_select(on, key_filter_step(&c, &l1, &l2, (vf)((vi)l[i] & on), low), l[i]);
		if (r)
			r[i] = vf_select(on, key_filter_step(&c, &r1, &r2, (vf)((vi)r[i] & on), low), r[i]);
	}
	f->s1[0] = l1;
	f->s2[0] = l2;
	f->s1[1] = r1;
	f->s2[1] = r2;
	if (glides)
		glide_settle(&f->g);
}

/*
 * A reduction on its way to what is asked: a pole for rising, another for falling, and a hold before falling (the
 * "smooth branching" smoother of Giannoulis, Massberg, Reiss, section 3.2, on the reduction in the log domain).
 *
 * What is kept is how far it still is from what was last asked: a float's rounding then shrinks with the distance,
 * where the reduction itself would stop short of its goal (by 0.3 dB at 192 kHz with a release of 4 s).
 *
 * asked, away     what was asked last, octaves, and the reduction in force minus that
 * up, down        the poles' coefficients
 * hold, count     frames to wait before falling, and frames waited since away was last within HOLD_NEAR
 */
struct follow {
	vf asked, away, up, down, hold, count;
};

#define HOLD_NEAR 0.0078125f /* octaves, 0.05 dB */

static inline void
follow_init(struct follow *f)
{
	f->asked = f->away = f->hold = f->count = vf_all(0);
	f->up = f->down = vf_all(1);
}

static inline void
follow_rest(struct follow *f, int lane)
{
	f->asked[lane] = f->away[lane] = f->count[lane] = 0;
}

/* The coefficient of a pole that has done 1 - 1/e of a step after ms. */
static inline float
follow_pole(double ms, double rate)
{
	return (float)(1 - f_exp(-1000 / (ms * rate)));
}

static inline void
follow_set(struct follow *f, int lane, double up_ms, double down_ms, double hold_frames, double rate)
{
	f->up[lane] = follow_pole(up_ms, rate);
	f->down[lane] = follow_pole(down_ms, rate);
	f->hold[lane] = hold_frames > 0 ? (float)hold_frames : 0;
	if (!(f->hold[lane] > 0))
		f->count[lane] = 0;
}

static inline void
follow_move(struct follow *to, int to_lane, const struct follow *from, int from_lane)
{
	to->asked[to_lane] = from->asked[from_lane];
	to->away[to_lane] = from->away[from_lane];
	to->up[to_lane] = from->up[from_lane];
	to->down[to_lane] = from->down[from_lane];
	to->hold[to_lane] = from->hold[from_lane];
	to->count[to_lane] = from->count[from_lane];
}

/* To locals before a loop and back behind it, value by value: gcc keeps a copy of the whole struct in memory. */
static inline __attribute__((always_inline)) void
follow_load(struct follow *to, const struct follow *from)
{
	to->asked = from->asked;
	to->away = from->away;
	to->up = from->up;
	to->down = from->down;
	to->hold = from->hold;
	to->count = from->count;
}

static inline __attribute__((always_inline)) void
follow_store(struct follow *to, const struct follow *from)
{
	to->asked = from->asked;
	to->away = from->away;
	to->count = from->count;
}

/*
 * One frame: what is asked becomes what is in force. Lanes without a hold keep count at 0, so that leaving the hold out
 * (holds == 0) where no lane has one changes nothing.
 */
static inline __attribute__((always_inline)) vf
follow_step(struct follow *f, vf asked, int holds)
{
	vf away = f->away + (f->asked - asked);
	vf step = vf_select(away < 0.0f, away * f->up, away * f->down);
	if (holds) {
		vi far = away > HOLD_NEAR, wait = far & (f->count < f->hold);
		f->count = (vf)((vi)(f->count + vf_select(wait, vf_all(1), vf_all(0))) & far);
		step = (vf)((vi)step & ~wait);
	}
	f->asked = asked;
	f->away = away - step;
	return asked + f->away;
}

/* The factor of the knee's square; a knee of nothing has a square of nothing. */
static inline vf
knee_factor(vf knee)
{
	return 0.5f / vf_max(knee, vf_all(1e-3f));
}

/* The static curve: octaves above the threshold become octaves of reduction. */
static inline vf
knee_curve(vf over, vf half, vf knee, vf factor, vf slope)
{
	over = over + half;
	vf k = vf_min(vf_above_zero(over), knee);
	return slope * (k * k * factor + vf_above_zero(over - knee));
}

#define GAIN_LAG 4

/*
 * A quantum: gains in octaves, as a smoother yields them frame by frame, become factors GAIN_LAG frames behind it. The
 * smoother mostly waits for itself; the powers of the frames before it fill that time. Call behind frame i.
 */
static inline __attribute__((always_inline)) void
gain_behind(vf *x, int i)
{
	if (i >= GAIN_LAG)
		x[i - GAIN_LAG] = vf_exp2(x[i - GAIN_LAG]);
	if (i == QUANTUM - 1)
		for (int k = QUANTUM - GAIN_LAG; k < QUANTUM; k++)
			x[k] = vf_exp2(x[k]);
}

#endif
