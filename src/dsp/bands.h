/*
 * A stereo signal taken apart into four bands that add up flat, and what the units that work on bands share.
 * Included by kernels only (behind dsp/quads.h); belongs to the thread that runs the graph.
 *
 * Linkwitz-Riley crossovers of fourth order in a tree: the middle one first; then the lower half through the all-pass
 * of the upper crossover and apart at the lower one, and the upper half the other way round. Each pair of halves adds
 * up to the all-pass of its crossover, both in the same phase; so all four bands stand in one phase, that of the three
 * all-passes in a row, and any weights of them change levels only (S. H. Linkwitz 1976; S. P. Lipshitz, J. Vanderkooy,
 * "A family of linear-phase crossover networks of high slope", 1983, on the compensation).
 */
#ifndef DSP_BANDS_H
#define DSP_BANDS_H

#include "dsp/quads.h"

#include <string.h>

#include "dsp/dsp.h"
#include "dsp/dynamics.h"

/* One second-order section in state-variable form, four signals side by side; k (1 / Q) comes with the call. */
struct svf_state {
	vf s1, s2;
};

struct svf_coefs {
	vf a1, a2, a3;
};

static inline struct svf_coefs
svf_coefs(vf g, vf k)
{
	struct svf_coefs c;
	c.a1 = 1.0f / (g * (g + k) + 1.0f);
	c.a2 = g * c.a1;
	c.a3 = g * c.a2;
	return c;
}

/* One frame: the band-pass (v1) and the low-pass (v2); the high-pass is x - k v1 - v2, the all-pass x - 2 k v1. */
static inline __attribute__((always_inline)) void
svf_step(const struct svf_coefs *c, struct svf_state *s, vf x, vf *v1, vf *v2)
{
	vf v3 = x - s->s2;
	*v1 = c->a1 * s->s1 + c->a2 * v3;
	*v2 = s->s2 + c->a2 * s->s1 + c->a3 * v3;
	s->s1 = *v1 + *v1 - s->s1;
	s->s2 = *v2 + *v2 - s->s2;
}

#define BUTTER 1.41421356f /* k of a Butterworth section */

/*
 * Elements: of the first crossover's sections (left, right, left, right), the first two kept low, the others high; of
 * all behind it (low left, low right, high left, high right).
 *
 * middle   tan(pi f / rate) of the middle crossover in all four
 * outer    of the crossover that each half is taken apart at          across   of the other one, its all-pass
 */
struct split {
	struct glide middle, outer, across;
	struct svf_state first, second, pass, apart, low, high;
	double rate;
};

static inline void
split_init(struct split *s, double rate)
{
	glide_init(&s->middle, rate, 1);
	glide_init(&s->outer, rate, 1);
	glide_init(&s->across, rate, 1);
	s->rate = rate;
}

static inline void
split_rest(struct split *s)
{
	const struct svf_state none = {vf_all(0), vf_all(0)};
	s->first = s->second = s->pass = s->apart = s->low = s->high = none;
}

static inline float
split_tan(double hz, double rate)
{
	double limit = 0.45 * rate;
	return (float)f_tan(F_PI * (hz < limit ? hz : limit) / rate);
}

/* Crossovers in Hz; one below its neighbour counts as that. */
static inline void
split_set(struct split *s, const double hz[3], int snap)
{
	double middle = hz[1] > hz[0] ? hz[1] : hz[0], high = hz[2] > middle ? hz[2] : middle;
	float tan[3] = {split_tan(hz[0], s->rate), split_tan(middle, s->rate), split_tan(high, s->rate)};
	for (int k = 0; k < 4; k++) {
		glide_set(&s->middle, k, tan[1], snap);
		glide_set(&s->outer, k, tan[k < 2 ? 0 : 2], snap);
		glide_set(&s->across, k, tan[k < 2 ? 2 : 0], snap);
	}
}

/*
 * A quantum of two signals becomes its bands: odd[] holds the first and the third (first left, first right, third left,
 * third right), even[] the second and the fourth.
 */
static inline __attribute__((always_inline)) void
split_run(struct split *s, const float *l, const float *r, vf *odd, vf *even)
{
	const vf k = vf_all(BUTTER);
	const vi upper = {0, 0, -1, -1};
	const int glides = s->middle.moving | s->outer.moving | s->across.moving;
	struct svf_coefs middle = svf_coefs(s->middle.y, k), outer = svf_coefs(s->outer.y, k);
	struct svf_coefs across = svf_coefs(s->across.y, k);
	struct svf_state first = s->first, second = s->second, pass = s->pass, apart = s->apart, low = s->low;
	struct svf_state high = s->high;
	for (int i = 0; i < QUANTUM; i++) {
		if (glides) {
			middle = svf_coefs(glide_step(&s->middle), k);
			outer = svf_coefs(glide_step(&s->outer), k);
			across = svf_coefs(glide_step(&s->across), k);
		}
		vf x = {l[i], r[i], l[i], r[i]}, v1, v2;
		svf_step(&middle, &first, x, &v1, &v2);
		x = vf_select(upper, x - k * v1 - v2, v2);
		svf_step(&middle, &second, x, &v1, &v2);
		x = vf_select(upper, x - k * v1 - v2, v2);
		svf_step(&across, &pass, x, &v1, &v2);
		x = x - (k + k) * v1;
		svf_step(&outer, &apart, x, &v1, &v2);
		vf above = x - k * v1 - v2, below = v2;
		svf_step(&outer, &low, below, &v1, &v2);
		odd[i] = v2;
		svf_step(&outer, &high, above, &v1, &v2);
		even[i] = above - k * v1 - v2;
	}
	s->first = first;
	s->second = second;
	s->pass = pass;
	s->apart = apart;
	s->low = low;
	s->high = high;
	if (glides) {
		glide_settle(&s->middle);
		glide_settle(&s->outer);
		glide_settle(&s->across);
	}
}

/*
 * How far a unit is faded in: it listens for a while first, so that its filters have settled when they are heard.
 *
 * y      as a glide, all elements alike        warm   quanta until it begins to fade in
 */
struct entry {
	struct glide g;
	int warm;
};

#define WARM_SECONDS 0.03

static inline void
entry_init(struct entry *e, double rate)
{
	glide_init(&e->g, rate, 0);
	e->warm = 0;
}

static inline void
entry_glide(struct entry *e, float to, int snap)
{
	for (int k = 0; k < LANES; k++)
		glide_set(&e->g, k, to, snap);
}

/* `active`: whether it ran until now. */
static inline void
entry_set(struct entry *e, int on, int snap, int active, double rate)
{
	if (on && !snap && !active)
		e->warm = (int)(WARM_SECONDS * rate / QUANTUM) + 1;
	else if (!on || snap)
		e->warm = 0;
	if (e->warm == 0)
		entry_glide(e, on ? 1 : 0, snap);
}

/* Whether nothing of it is heard, or will be. */
static inline int
entry_gone(const struct entry *e)
{
	return e->warm == 0 && e->g.y[0] == 0 && e->g.target[0] == 0 && !e->g.moving;
}

/* A quantum of what the unit made of l and r becomes what comes out. */
static inline void
entry_mix(struct entry *e, const float *const wet[2], float *l, float *r)
{
	float *io[2] = {l, r}, on = e->g.y[0];
	if (e->warm && !--e->warm)
		entry_glide(e, 1, 0);
	if (!e->g.moving && on == 1) {
		memcpy(l, wet[0], QUANTUM * sizeof(float));
		memcpy(r, wet[1], QUANTUM * sizeof(float));
		return;
	}
	for (int i = 0; i < QUANTUM; i++) {
		on = e->g.moving ? glide_step(&e->g)[0] : on;
		for (int c = 0; c < 2 && on != 0; c++)
			io[c][i] += on * (wet[c][i] - io[c][i]);
	}
	glide_settle(&e->g);
}

/* Fills a glide's values for a quantum; returns them, or NULL where it stands still. */
static inline const vf *
bands_glide(struct glide *g, vf *room)
{
	if (!g->moving)
		return NULL;
	for (int i = 0; i < QUANTUM; i++)
		room[i] = glide_step(g);
	glide_settle(g);
	return room;
}

#endif
