#include "dsp/cells.h"

#include <string.h>

/*
 * 28 ms: the fade's spectrum is below -80 dB from 150 Hz on, and with another fade waiting all is settled in 60 ms.
 * The input of a new section is faded in over the first half.
 */
#define FADE_SECONDS 0.028

/*
 * Corners below 0.03 radians a frame (230 Hz at 48 kHz), and slow real poles, carry their rounding. Above, rounding
 * adds less than 15 dB to what a float's own last bit is worth.
 */
#define CARRY_CORNER 0.03
#define CARRY_POLE 0.01

static void
set_lane(struct cell_set *s, int lane, const struct cell_want *want)
{
	for (int k = 0; k < 2; k++) {
		struct cell_section *to = &s->section[k];
		int on = k < want->count;
		struct section x = on ? want->section[k] : (struct section){0, 0, 1, 0, 0};
		to->p[lane] = (float)x.p;
		to->q[lane] = (float)x.q;
		to->a[lane] = (float)(1 - x.d);
		to->b[lane] = (float)-x.n1;
		to->c[lane] = (float)-x.n2;
		to->on[lane] = on ? -1 : 0;
		to->carry[lane] = on && (x.q < CARRY_CORNER * CARRY_CORNER || x.q < CARRY_POLE * x.p) ? -1 : 0;
		for (int side = 0; side < 2; side++)
			to->s1[side][lane] = to->s2[side][lane] = to->c1[side][lane] = to->c2[side][lane] = 0;
	}
	s->mid[lane] = want->count && want->place == CELL_MID ? -1 : 0;
	s->side[lane] = want->count && want->place == CELL_SIDE ? -1 : 0;
}

static void
set_flags(struct cell_set *s)
{
	for (int k = 0; k < 2; k++) {
		s->live[k] = vi_any(s->section[k].on);
		s->full[k] = !vi_any(~s->section[k].on);
		s->carries[k] = vi_any(s->section[k].carry);
	}
	s->sided = vi_any(s->mid | s->side);
}

static void
set_move(struct cell_set *to, int tl, const struct cell_set *from, int fl)
{
	for (int k = 0; k < 2; k++) {
		struct cell_section *t = &to->section[k];
		const struct cell_section *f = &from->section[k];
		t->p[tl] = f->p[fl];
		t->q[tl] = f->q[fl];
		t->a[tl] = f->a[fl];
		t->b[tl] = f->b[fl];
		t->c[tl] = f->c[fl];
		t->on[tl] = f->on[fl];
		t->carry[tl] = f->carry[fl];
		for (int side = 0; side < 2; side++) {
			t->s1[side][tl] = f->s1[side][fl];
			t->s2[side][tl] = f->s2[side][fl];
			t->c1[side][tl] = f->c1[side][fl];
			t->c2[side][tl] = f->c2[side][fl];
		}
	}
	to->mid[tl] = from->mid[fl];
	to->side[tl] = from->side[fl];
}

static const struct cell_want nothing = {.count = 0};

void
LANED(cells_init)(struct cell *cells, int count, double rate)
{
	memset(cells, 0, sizeof *cells * (size_t)count);
	for (int k = 0; k < count; k++) {
		cells[k].length = (int)(FADE_SECONDS * rate / QUANTUM + 0.5);
		if (cells[k].length < 1)
			cells[k].length = 1;
		for (int lane = 0; lane < LANES; lane++) {
			set_lane(&cells[k].now, lane, &nothing);
			set_lane(&cells[k].next, lane, &nothing);
		}
	}
}

static void
fade_start(struct cell *c, int lane, const struct cell_want *want)
{
	set_lane(&c->next, lane, want);
	set_flags(&c->next);
	c->done[lane] = 0;
	c->fading[lane] = -1;
	c->any_fading = 1;
}

void
LANED(cell_ask)(struct cell *c, int lane, const struct cell_want *want, int snap)
{
	if (snap) {
		set_lane(&c->now, lane, want);
		set_lane(&c->next, lane, &nothing);
		c->fading[lane] = c->waits[lane] = 0;
		c->any_fading = vi_any(c->fading);
		set_flags(&c->now);
		set_flags(&c->next);
	} else if (c->fading[lane]) {
		c->want[lane] = *want;
		c->waits[lane] = 1;
	} else if (want->count || c->now.section[0].on[lane]) {
		fade_start(c, lane, want);
	}
}

void
LANED(cell_move)(struct cell *to, int tl, const struct cell *from, int fl)
{
	set_move(&to->now, tl, &from->now, fl);
	set_move(&to->next, tl, &from->next, fl);
	set_flags(&to->now);
	set_flags(&to->next);
	to->fading[tl] = from->fading[fl];
	to->any_fading = vi_any(to->fading);
	to->done[tl] = from->done[fl];
	to->waits[tl] = from->waits[fl];
	to->want[tl] = from->want[fl];
}

/* One frame of one side of a section, the one place where its arithmetic stands; see struct cell_section. */
#define STEP(k, x, s1, s2, masked)                                                                                     \
	do {                                                                                                               \
		vf in = (masked) ? (vf)((vi)(x) & (k)->on) : (x);                                                              \
		vf taken = (k)->a * (x) + (k)->b * s1 + (k)->c * s2;                                                           \
		s1 += (in - (k)->p * s1) - (k)->q * s2;                                                                        \
		s2 += s1;                                                                                                      \
		(x) = (masked) ? vf_select((k)->on, (x)-taken, (x)) : (x)-taken;                                               \
	} while (0)

/* The same with what rounding took from the sums carried on, in the lanes that ask for it. */
#define STEP_CARRY(k, x, s1, s2, c1, c2)                                                                               \
	do {                                                                                                               \
		vf in = (vf)((vi)(x) & (k)->on);                                                                               \
		vf taken = (k)->a * (x) + (k)->b * s1 + (k)->c * s2;                                                           \
		vf add = ((in - (k)->p * s1) - (k)->q * s2) - c1, sum = s1 + add;                                              \
		c1 = (vf)((vi)((sum - s1) - add) & (k)->carry);                                                                \
		s1 = sum;                                                                                                      \
		add = s1 - c2;                                                                                                 \
		sum = s2 + add;                                                                                                \
		c2 = (vf)((vi)((sum - s2) - add) & (k)->carry);                                                                \
		s2 = sum;                                                                                                      \
		(x) = vf_select((k)->on, (x)-taken, (x));                                                                      \
	} while (0)

#define INLINE static inline __attribute__((always_inline))

INLINE void
run_carry(struct cell_section *state, vf *l, vf *r, int stereo)
{
	struct cell_section k = *state;
	vf s1l = k.s1[0], s2l = k.s2[0], c1l = k.c1[0], c2l = k.c2[0];
	vf s1r = k.s1[1], s2r = k.s2[1], c1r = k.c1[1], c2r = k.c2[1];
	for (int n = 0; n < QUANTUM; n++) {
		vf x = l[n];
		STEP_CARRY(&k, x, s1l, s2l, c1l, c2l);
		l[n] = x;
		if (stereo) {
			x = r[n];
			STEP_CARRY(&k, x, s1r, s2r, c1r, c2r);
			r[n] = x;
		}
	}
	state->s1[0] = s1l;
	state->s2[0] = s2l;
	state->c1[0] = c1l;
	state->c2[0] = c2l;
	state->s1[1] = s1r;
	state->s2[1] = s2r;
	state->c1[1] = c1r;
	state->c2[1] = c2r;
}

INLINE void
run_one(struct cell_section *state, vf *l, vf *r, int stereo)
{
	struct cell_section k = *state;
	vf s1l = k.s1[0], s2l = k.s2[0], s1r = k.s1[1], s2r = k.s2[1];
	for (int n = 0; n < QUANTUM; n++) {
		vf x = l[n];
		STEP(&k, x, s1l, s2l, 1);
		l[n] = x;
		if (stereo) {
			x = r[n];
			STEP(&k, x, s1r, s2r, 1);
			r[n] = x;
		}
	}
	state->s1[0] = s1l;
	state->s2[0] = s2l;
	state->s1[1] = s1r;
	state->s2[1] = s2r;
}

/* Two sections in a row: their states stay in registers and their chains of sums run side by side. */
INLINE void
run_two(struct cell_section *one, struct cell_section *two, vf *l, vf *r, int stereo, int masked)
{
	struct cell_section j = *one, k = *two;
	vf j1l = j.s1[0], j2l = j.s2[0], j1r = j.s1[1], j2r = j.s2[1];
	vf k1l = k.s1[0], k2l = k.s2[0], k1r = k.s1[1], k2r = k.s2[1];
	for (int n = 0; n < QUANTUM; n++) {
		vf x = l[n];
		STEP(&j, x, j1l, j2l, masked);
		STEP(&k, x, k1l, k2l, masked);
		l[n] = x;
		if (stereo) {
			x = r[n];
			STEP(&j, x, j1r, j2r, masked);
			STEP(&k, x, k1r, k2r, masked);
			r[n] = x;
		}
	}
	one->s1[0] = j1l;
	one->s2[0] = j2l;
	one->s1[1] = j1r;
	one->s2[1] = j2r;
	two->s1[0] = k1l;
	two->s2[0] = k2l;
	two->s1[1] = k1r;
	two->s2[1] = k2r;
}

static void
play_carry(struct cell_section *s, vf *l, vf *r)
{
	if (r)
		run_carry(s, l, r, 1);
	else
		run_carry(s, l, r, 0);
}

static void
play_one(struct cell_section *s, vf *l, vf *r)
{
	if (r)
		run_one(s, l, r, 1);
	else
		run_one(s, l, r, 0);
}

static void
play_two(struct cell_section *one, struct cell_section *two, vf *l, vf *r, int masked)
{
	if (r && masked)
		run_two(one, two, l, r, 1, 1);
	else if (r)
		run_two(one, two, l, r, 1, 0);
	else if (masked)
		run_two(one, two, l, r, 0, 1);
	else
		run_two(one, two, l, r, 0, 0);
}

static void
play_set(struct cell_set *s, vf *l, vf *r)
{
	for (int k = 0; k < 2; k++) {
		if (!s->live[k])
			continue;
		if (s->carries[k])
			play_carry(&s->section[k], l, r);
		else
			play_one(&s->section[k], l, r);
	}
}

/*
 * A set in which some lanes work on the middle or the side: those hear it in the left of a copy, and what the sections
 * took from it is taken from both sides. The other lanes hear left and right as ever.
 */
static void
play_sided(struct cell_set *s, vf *l, vf *r)
{
	vf left[QUANTUM], right[QUANTUM];
	vi sided = s->mid | s->side;
	for (int n = 0; n < QUANTUM; n++) {
		vf x = l[n], y = r ? r[n] : l[n];
		vf other = (vf)((vi)y ^ (s->side & INT32_MIN)); /* -r in lanes that work on the side */
		left[n] = vf_select(sided, 0.5f * (x + other), x);
		right[n] = (vf)((vi)y & ~sided);
	}
	play_set(s, left, r ? right : NULL);
	for (int n = 0; n < QUANTUM; n++) {
		vf x = l[n], y = r ? r[n] : l[n];
		vf other = (vf)((vi)y ^ (s->side & INT32_MIN));
		vf taken = 0.5f * (x + other) - left[n];
		vf away = (vf)((vi)taken ^ (s->side & INT32_MIN));
		l[n] = vf_select(sided, x - taken, left[n]);
		if (r)
			r[n] = vf_select(sided, y - away, right[n]);
	}
}

static void
play_any(struct cell_set *s, vf *l, vf *r)
{
	if (s->sided)
		play_sided(s, l, r);
	else
		play_set(s, l, r);
}

/* From 0 to 1 with three smooth derivatives at both ends. */
static inline vf
smooth(vf t)
{
	vf z = t * t;
	return z * z * (((70.0f - 20.0f * t) * t - 84.0f) * t + 35.0f);
}

static inline vf
faded(vf now, vf next, vf dry, vf in, vf over, vi fading)
{
	vf then = next + (dry - dry * in);
	return vf_select(fading, now + over * (then - now), now);
}

/* Lanes whose fade is over play what they faded to, and start on what waits. */
static void
fade_end(struct cell *c)
{
	for (int lane = 0; lane < LANES; lane++) {
		if (!c->fading[lane] || ++c->done[lane] < c->length)
			continue;
		set_move(&c->now, lane, &c->next, lane);
		set_lane(&c->next, lane, &nothing);
		c->fading[lane] = 0;
		if (c->waits[lane])
			fade_start(c, lane, &c->want[lane]);
		c->waits[lane] = 0;
	}
	set_flags(&c->now);
	set_flags(&c->next);
	c->any_fading = vi_any(c->fading);
}

static void
play_fading(struct cell *c, vf *l, vf *r)
{
	vf dry[2][QUANTUM], wet[2][QUANTUM], in[QUANTUM], t = {0}, step = vf_all(1.0f / (float)(c->length * QUANTUM));
	for (int lane = 0; lane < LANES; lane++)
		t[lane] = (float)(c->done[lane] * QUANTUM);
	for (int n = 0; n < QUANTUM; n++) {
		in[n] = smooth(vf_min(2.0f * ((t + (float)(n + 1)) * step), vf_all(1)));
		dry[0][n] = l[n];
		wet[0][n] = l[n] * in[n];
		if (r) {
			dry[1][n] = r[n];
			wet[1][n] = r[n] * in[n];
		}
	}
	play_any(&c->now, l, r);
	play_any(&c->next, wet[0], r ? wet[1] : NULL);
	for (int n = 0; n < QUANTUM; n++) {
		vf over = smooth((t + (float)(n + 1)) * step);
		l[n] = faded(l[n], wet[0][n], dry[0][n], in[n], over, c->fading);
		if (r)
			r[n] = faded(r[n], wet[1][n], dry[1][n], in[n], over, c->fading);
	}
	fade_end(c);
}

void
LANED(cells_run)(struct cell *cells, int count, const struct dsp_io *io)
{
	vf *l = (vf *)(void *)io->l, *r = (vf *)(void *)io->r;
	struct cell_section *held = NULL; /* waits for a second one to run with */
	int held_full = 0;
	for (struct cell *c = cells; c < cells + count; c++) {
		int plain = !c->any_fading && !c->now.sided;
		for (int k = 0; k < 2 && plain; k++) {
			struct cell_section *s = &c->now.section[k];
			if (!c->now.live[k])
				continue;
			if (c->now.carries[k]) {
				if (held)
					play_one(held, l, r);
				held = NULL;
				play_carry(s, l, r);
			} else if (held) {
				play_two(held, s, l, r, !(held_full && c->now.full[k]));
				held = NULL;
			} else {
				held = s;
				held_full = c->now.full[k];
			}
		}
		if (plain)
			continue;
		if (held)
			play_one(held, l, r);
		held = NULL;
		if (c->any_fading)
			play_fading(c, l, r);
		else
			play_sided(&c->now, l, r);
	}
	if (held)
		play_one(held, l, r);
}
