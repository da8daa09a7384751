#include "dsp/cells.h"

#include <string.h>

/*
 * A fade takes 34 ms. The input of what is new comes in over the first half, its output over what follows the first
 * 30 %: a steeper input would ring in narrow bands, a steeper output would be heard beside a tone (measured with
 * tests/test-eq-change.c: these are near the best). A change that had to wait for the end of another is given what is
 * left of 60 ms.
 */
#define FADE_SECONDS 0.034
#define FADE_INPUT 0.5f
#define FADE_OUTPUT 0.3f
#define SETTLED_SECONDS 0.060

static void
set_lane(struct cell_set *s, int lane, const struct cell_want *want)
{
	for (int k = 0; k < 2; k++) {
		struct cell_section *to = &s->section[k];
		int on = k < want->count;
		struct section x = on ? want->section[k] : (struct section){0, 0, 1, 0, 0};
		to->p[lane] = (float)x.p;
		to->q[lane] = (float)x.q;
		to->d[lane] = (float)x.d;
		to->n1[lane] = (float)x.n1;
		to->n2[lane] = (float)x.n2;
		to->on[lane] = on ? -1 : 0;
		to->carry[lane] = on && x.q < want->carry_below * want->carry_below ? -1 : 0;
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
		t->d[tl] = f->d[fl];
		t->n1[tl] = f->n1[fl];
		t->n2[tl] = f->n2[fl];
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
		cells[k].quanta = (int)(FADE_SECONDS * rate / QUANTUM + 0.5);
		cells[k].settled = (int)(SETTLED_SECONDS * rate / QUANTUM);
		for (int lane = 0; lane < LANES; lane++) {
			set_lane(&cells[k].now, lane, &nothing);
			set_lane(&cells[k].next, lane, &nothing);
		}
	}
}

static void
fade_start(struct cell *c, int lane, const struct cell_want *want, int length)
{
	set_lane(&c->next, lane, want);
	set_flags(&c->next);
	c->done[lane] = 0;
	c->length[lane] = length > 1 ? length : 1;
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
		int left = c->settled - (c->length[lane] - c->done[lane]);
		c->waits[lane] = left < c->quanta ? left : c->quanta;
	} else if (want->count || c->now.section[0].on[lane]) {
		fade_start(c, lane, want, c->quanta);
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
	to->length[tl] = from->length[fl];
	to->waits[tl] = from->waits[fl];
	to->want[tl] = from->want[fl];
}

/* One frame of one side of a section, the one place where its arithmetic stands; see struct cell_section. */
#define STEP(k, x, s1, s2, masked)                                                                                     \
	do {                                                                                                               \
		vf in = (masked) ? (vf)((vi)(x) & (k)->on) : (x);                                                              \
		vf out = (k)->d * (x) + ((k)->n1 * s1 + (k)->n2 * s2);                                                         \
		s1 += (in - (k)->p * s1) - (k)->q * s2;                                                                        \
		s2 += s1;                                                                                                      \
		(x) = (masked) ? vf_select((k)->on, out, (x)) : out;                                                           \
	} while (0)

/*
 * The same with what rounding took from the sums carried on, in the lanes that ask for it; the others' bits are those
 * of STEP. The sum into s2 is written so that it need not wait for the new s1.
 */
#define STEP_CARRY(k, x, s1, s2, c1, c2)                                                                               \
	do {                                                                                                               \
		vf in = (vf)((vi)(x) & (k)->on);                                                                               \
		vf out = (k)->d * (x) + ((k)->n1 * s1 + (k)->n2 * s2);                                                         \
		vf add = ((in - (k)->p * s1) - (k)->q * s2) - c1;                                                              \
		vf add2 = (s1 - c2) + add, sum = s1 + add, sum2 = s2 + add2;                                                   \
		c1 = (vf)((vi)((sum - s1) - add) & (k)->carry);                                                                \
		c2 = (vf)((vi)((sum2 - s2) - add2) & (k)->carry);                                                              \
		s1 = sum;                                                                                                      \
		s2 = sum2;                                                                                                     \
		(x) = vf_select((k)->on, out, (x));                                                                            \
	} while (0)

#define INLINE static inline __attribute__((always_inline))

/* What the loops below keep in registers of one section: both states of both sides, and their carries. */
struct running {
	vf s1[2], s2[2], c1[2], c2[2];
};

INLINE void
step(const struct cell_section *k, struct running *at, vf *x, int side, int masked, int carry)
{
	if (carry)
		STEP_CARRY(k, *x, at->s1[side], at->s2[side], at->c1[side], at->c2[side]);
	else
		STEP(k, *x, at->s1[side], at->s2[side], masked);
}

/*
 * One section, or two in a row: their states stay in registers and their chains of sums run side by side. Constants
 * choose the loop: whether some lanes are to be let through, whether the first section carries its rounding.
 */
INLINE void
run(struct cell_section *one, struct cell_section *two, vf *l, vf *r, int masked, int carry)
{
	struct cell_section a = *one, b = two ? *two : a;
	struct running at_a = {{a.s1[0], a.s1[1]}, {a.s2[0], a.s2[1]}, {a.c1[0], a.c1[1]}, {a.c2[0], a.c2[1]}};
	struct running at_b = {{b.s1[0], b.s1[1]}, {b.s2[0], b.s2[1]}, {{0}}, {{0}}};
	for (int n = 0; n < QUANTUM; n++)
		for (int side = 0; side < (r ? 2 : 1); side++) {
			vf *buffer = side ? r : l, x = buffer[n];
			step(&a, &at_a, &x, side, masked, carry);
			if (two)
				step(&b, &at_b, &x, side, masked, 0);
			buffer[n] = x;
		}
	for (int side = 0; side < 2; side++) {
		one->s1[side] = at_a.s1[side];
		one->s2[side] = at_a.s2[side];
		if (carry) {
			one->c1[side] = at_a.c1[side];
			one->c2[side] = at_a.c2[side];
		}
		if (two) {
			two->s1[side] = at_b.s1[side];
			two->s2[side] = at_b.s2[side];
		}
	}
}

INLINE void
run_either(struct cell_section *one, struct cell_section *two, vf *l, vf *r, int masked, int carry)
{
	if (r)
		run(one, two, l, r, masked, carry);
	else
		run(one, two, l, NULL, masked, carry);
}

static void
play_one(struct cell_section *s, vf *l, vf *r, int carry)
{
	if (carry)
		run_either(s, NULL, l, r, 1, 1);
	else
		run_either(s, NULL, l, r, 1, 0);
}

static void
play_two(struct cell_section *one, struct cell_section *two, vf *l, vf *r, int masked, int carry)
{
	if (carry)
		run_either(one, two, l, r, 1, 1);
	else if (masked)
		run_either(one, two, l, r, 1, 0);
	else
		run_either(one, two, l, r, 0, 0);
}

static void
play_set(struct cell_set *s, vf *l, vf *r)
{
	for (int k = 0; k < 2; k++) {
		if (!s->live[k])
			continue;
		play_one(&s->section[k], l, r, s->carries[k]);
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
		if (!c->fading[lane] || ++c->done[lane] < c->length[lane])
			continue;
		set_move(&c->now, lane, &c->next, lane);
		set_lane(&c->next, lane, &nothing);
		c->fading[lane] = 0;
		if (c->waits[lane])
			fade_start(c, lane, &c->want[lane], c->waits[lane]);
		c->waits[lane] = 0;
	}
	set_flags(&c->now);
	set_flags(&c->next);
	c->any_fading = vi_any(c->fading);
}

static void
play_fading(struct cell *c, vf *l, vf *r)
{
	vf dry[2][QUANTUM], wet[2][QUANTUM], in[QUANTUM], t = {0}, step = {0};
	for (int lane = 0; lane < LANES; lane++)
		if (c->fading[lane]) {
			t[lane] = (float)(c->done[lane] * QUANTUM);
			step[lane] = 1.0f / (float)(c->length[lane] * QUANTUM);
		}
	for (int n = 0; n < QUANTUM; n++) {
		in[n] = smooth(vf_min((t + (float)(n + 1)) * step * (1 / FADE_INPUT), vf_all(1)));
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
		vf late = ((t + (float)(n + 1)) * step - FADE_OUTPUT) * (1 / (1 - FADE_OUTPUT));
		vf over = smooth(vf_max(late, vf_all(0)));
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
	struct cell_section *held = NULL; /* waits for a second one, which does not carry, to run with */
	int held_full = 0, held_carries = 0;
	for (struct cell *c = cells; c < cells + count; c++) {
		int plain = !c->any_fading && !c->now.sided;
		for (int k = 0; k < 2 && plain; k++) {
			struct cell_section *s = &c->now.section[k];
			if (!c->now.live[k])
				continue;
			if (held && !c->now.carries[k]) {
				play_two(held, s, l, r, !(held_full && c->now.full[k]), held_carries);
				held = NULL;
				continue;
			}
			if (held)
				play_one(held, l, r, held_carries);
			held = s;
			held_full = c->now.full[k];
			held_carries = c->now.carries[k];
		}
		if (plain)
			continue;
		if (held)
			play_one(held, l, r, held_carries);
		held = NULL;
		if (c->any_fading)
			play_fading(c, l, r);
		else
			play_sided(&c->now, l, r);
	}
	if (held)
		play_one(held, l, r, held_carries);
}
