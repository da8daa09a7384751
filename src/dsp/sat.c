#include "dsp/sat.h"

#include <string.h>

#include "base/units.h"
#include "dsp/glide.h"
#include "dsp/satfir.h"

/*
 * Aliases. tanh(g sin) has harmonics b_n = (2/g) / sinh(n asinh(pi/2g)): with a 10 kHz tone at +24 dB those near 8, 12
 * and 16 times 44.1 kHz are still at -44, -59 and -74 dBc, and fold back. Near 24 times they are at -103 dBc, so the
 * curve runs at 24 times, as two half-bands more than one would need and a threefold step; that costs less than the
 * logarithms and divisions of antiderivatives at a lower rate, and keeps float's accuracy (small differences of an
 * antiderivative lose it). Every step is linear phase, so that dry and wet add up in phase.
 *
 * Delays, in frames at each rate: half-bands up 57 (2x), 11 (4x), 7 (8x), down 5 (8x), 9 (4x), 57 (2x), threefold up
 * and down together 2 (8x), droop 2 (2x). One sample less in each of the two outer halvings (which of two samples is
 * kept) makes it 64 exactly. Without the 8x stage: 63, and one frame more.
 *
 * Pass band: flat within 0.002 dB (0.004 without the 8x stage) to 0.4535 of the rate (20 kHz at 44.1 kHz), images and
 * folds at least 83 dB down from 0.5465, 109 dB from 0.62 of the rate. The droop of the threefold filters is made up
 * for in front of the curve, so that harmonics at 20 kHz come out 0.12 dB low.
 */
#define BLOCK 16   /* frames that the inner stages work on at a time, so that 8x buffers stay in the nearest cache */
#define EVEN 0.25f /* tube: t + EVEN t^2, rising everywhere while below 1/2 */
#define KNEE 0.25f /* tape: t + KNEE t^3 (t^2 - 2), rising everywhere */
#define TAPE_RANGE 2.0f /* tape: level is halved before its curve, doubled behind: its limit is 3.5 dB above tanh's */
#define LOWS 0.44f      /* tape: lows go in 5 dB down and come out 5 dB up, so that highs saturate first */
#define LOWS_HZ 1200.0
#define BLOCK_HZ 5.0    /* tube: DC block, 0.25 dB down at 20 Hz */
#define WARM 3          /* quanta at whose start the fade in begins: two fill the filters, which remember 127 frames */
#define TANH_RANGE 8.0f /* 1 - tanh 8 = 2.3e-7 */

/* What a side of a strip remembers between quanta; nothing but vectors, so that lanes can be moved and cleared. */
struct side {
	vf dry[QUANTUM]; /* the last quantum that came in: what leaves now */
	vf up1[UP1_PAST], droop[DROOP_PAST], up2[UP2_PAST], up3[UP3_PAST];
	vf third[THIRD_PAST], curve[CURVE_PAST];
	vf down3[DOWN3_PAST], down2[DOWN2_PAST], down1[DOWN1_PAST];
	vf late;                /* the frame that makes up for the 8x stage where it is left out */
	vf low_in, low_out, dc; /* one-pole averages: before and behind the curve (tape), of its output (tube) */
};

enum { SHAPE_TUBE = 1, SHAPE_TAPE = 2 };

#define SIDE_VECTORS (sizeof(struct side) / sizeof(vf))

/*
 * pre, post  gains around the curve        amount  wet share, 0 when off       tube, tape  0..1, the character
 * want       share that is asked for       warm    runs until the fade in begins
 * active     mask: lanes not at rest       busy    whether there are any
 */
struct sat {
	struct side side[2];
	struct glide pre, post, amount, tube, tape;
	vf want;
	vi warm, active;
	int busy, wide; /* wide: 24 times, with the 8x stage */
	float low_rate, dc_rate;
};

/* The values in force, frame by frame. */
struct values {
	vf pre[QUANTUM], post[QUANTUM], amount[QUANTUM], tube[QUANTUM], tape[QUANTUM];
};

static void
sat_init(void *state, double rate)
{
	struct sat *s = state;
	memset(s, 0, sizeof *s);
	glide_init(&s->pre, rate, 1);
	glide_init(&s->post, rate, 1);
	glide_init(&s->amount, rate, 0);
	glide_init(&s->tube, rate, 0);
	glide_init(&s->tape, rate, 0);
	s->wide = rate < 80000;
	s->low_rate = (float)(1 - f_exp(-2 * F_PI * LOWS_HZ / rate));
	s->dc_rate = (float)(1 - f_exp(-2 * F_PI * BLOCK_HZ / rate));
}

static void
sat_set(void *state, int lane, const void *params, int snap)
{
	struct sat *s = state;
	const struct sat_params *p = params;
	float want = p->on ? (float)(p->mix * 0.01) : 0;
	float range = p->type == SAT_TAPE ? TAPE_RANGE : 1;
	int unheard = snap || !s->active[lane];
	glide_set(&s->pre, lane, (float)db_to_gain(p->drive) / range, unheard);
	glide_set(&s->post, lane, (float)db_to_gain(p->level) * range, unheard);
	glide_set(&s->tube, lane, p->type == SAT_TUBE, unheard);
	glide_set(&s->tape, lane, p->type == SAT_TAPE, unheard);
	s->want[lane] = want;
	if (snap) {
		s->warm[lane] = 0;
		glide_set(&s->amount, lane, want, 1);
	} else if (!s->active[lane] && want > 0) {
		s->warm[lane] = WARM;
	} else if (!s->warm[lane]) {
		glide_set(&s->amount, lane, want, 0);
	}
	if (want > 0) {
		s->active[lane] = -1;
		s->busy = 1;
	}
}

/* All but the delay of the dry way. */
static void
clear_lane(struct side *side, int lane)
{
	vf *v = (vf *)side;
	for (size_t k = QUANTUM; k < SIDE_VECTORS; k++)
		v[k][lane] = 0;
}

/* Lanes that have faded out come to rest with empty memories; from then on sat_set puts values in force at once. */
static void
rest_lanes(struct sat *s)
{
	s->busy = 0;
	for (int k = 0; k < LANES; k++) {
		if (!s->active[k])
			continue;
		if (s->want[k] > 0 || s->amount.y[k] != 0 || s->amount.target[k] != 0) {
			s->busy = 1;
			continue;
		}
		s->active[k] = 0;
		s->warm[k] = 0;
		clear_lane(&s->side[0], k);
		clear_lane(&s->side[1], k);
	}
}

static int
fill(struct glide *g, vf *values)
{
	if (!g->moving) {
		for (int n = 0; n < QUANTUM; n++)
			values[n] = g->y;
		return 0;
	}
	for (int n = 0; n < QUANTUM; n++)
		values[n] = glide_step(g);
	glide_settle(g);
	return 1;
}

/*
 * tanh(x) as x P(x^2) / Q(x^2), minimax in relative error on [0, 8]: 1.5e-7 before rounding; where |x| is clamped to 8
 * the curve has ended. Both polynomials have leading coefficient 1, which saves two products: the filter in front
 * scales by ALPHA = 0.15018496 and the one behind by KAPPA, so that here x stands for ALPHA x and t for t / KAPPA.
 *
 * With t = tanh: tube is t + EVEN t^2; tape is t (1 - t^2 / 2 + t^4 / 4) of half the input, its limit 1.5 (the range in
 * `post` counted in), with the softer knee of a cubic term 0.21 x^3 against tanh's 0.33. `shapes` are bits: whether
 * some lane has tube, tape; a lane without gets the same value either way.
 */
#define KAPPA 6.96815418f

static inline vf
curve(vf x, vf even, vf knee, int shapes)
{
	vf z = x * x;
	vf p = ((z + 5.80993178f) * z + 5.73267987f) * z + 1.0f;
	vf q = (((z + 21.8251078f) * z + 49.0307133f) * z + 21.4649981f) * z + 1.04651196f;
	vf t = x * p / q;
	if (!shapes)
		return t;
	z = t * t;
	if (shapes & SHAPE_TAPE)
		even += knee * t * (z - 2 / (KAPPA * KAPPA));
	return t + z * even;
}

/*
 * Threefold up, curve, threefold down, `count` samples of the rate below, `frame` of them (at most 8) to a frame of the
 * base rate. x[-THIRD_PAST...] came before; `past` is the last five results of the threefold rate. A frame goes through
 * one step after the other: short loops of independent samples keep the processor busier than one long one. Up: nine
 * taps with zeros spread over 8 +- 0.4535 of the base rate, -110 dB; all positive and of sum 1 (times ALPHA) in each of
 * the three phases, so that they stay inside the clamp. Down: seven taps, likewise, -81 dB (times KAPPA).
 */
static inline __attribute__((always_inline)) void
run_curve(const vf *x, vf *y, vf *past, int count, const vf *tube, const vf *tape, int frame, int shapes)
{
	vf b2 = past[0], c2 = past[1], a1 = past[2], b1 = past[3], c1 = past[4];
	for (int start = 0; start < count; start += frame, tube++, tape++) {
		vf even = *tube * (EVEN * KAPPA), knee = *tape * (KNEE * KAPPA * KAPPA * KAPPA * KAPPA);
		vf t[3 * 8];
		for (int n = 0; n < frame; n++) {
			vf x0 = x[start + n], x1 = x[start + n - 1], x2 = x[start + n - 2];
			t[3 * n] = 0.00561497019f * x0 + 0.0888933674f * x1 + 0.055676207f * x2;
			t[3 * n + 1] = 0.0223808025f * (x0 + x2) + 0.105424187f * x1;
			t[3 * n + 2] = 0.055676207f * x0 + 0.0888933674f * x1 + 0.00561497019f * x2;
		}
		for (int n = 0; n < 3 * frame; n++)
			t[n] = curve(t[n], even, knee, shapes);
		for (int n = 0; n < frame; n++) {
			vf a = t[3 * n], b = t[3 * n + 1], c = t[3 * n + 2];
			y[start + n] =
			    0.259906755f * (b + b2) + 0.776974974f * (a + c2) + 1.54574309f * (c1 + a1) + 1.80290455f * b1;
			b2 = b1;
			c2 = c1;
			a1 = a;
			b1 = b;
			c1 = c;
		}
	}
	past[0] = b2;
	past[1] = c2;
	past[2] = a1;
	past[3] = b1;
	past[4] = c1;
}

static void
curve_plain(const vf *x, vf *y, vf *past, int count, const vf *tube, const vf *tape, int frame)
{
	run_curve(x, y, past, count, tube, tape, frame, 0);
}

static void
curve_tube(const vf *x, vf *y, vf *past, int count, const vf *tube, const vf *tape, int frame)
{
	run_curve(x, y, past, count, tube, tape, frame, SHAPE_TUBE);
}

static void
curve_all(const vf *x, vf *y, vf *past, int count, const vf *tube, const vf *tape, int frame)
{
	run_curve(x, y, past, count, tube, tape, frame, SHAPE_TUBE | SHAPE_TAPE);
}

typedef void curve_fn(const vf *, vf *, vf *, int, const vf *, const vf *, int);

/* From twice the rate to twice the rate through the stages above it, a block of frames at a time. */
static void
run_inner(struct side *d, const vf *in, vf *out, const struct values *v, curve_fn *run, int wide)
{
	vf b2[UP2_PAST + 2 * BLOCK], b3[UP3_PAST + 4 * BLOCK], bx[THIRD_PAST + 8 * BLOCK];
	vf by[DOWN3_PAST + 8 * BLOCK], bz[DOWN2_PAST + 4 * BLOCK];
	memcpy(b2, d->up2, sizeof d->up2);
	memcpy(b3, d->up3, sizeof d->up3);
	memcpy(bx, d->third, sizeof d->third);
	memcpy(by, d->down3, sizeof d->down3);
	memcpy(bz, d->down2, sizeof d->down2);
	int most = wide ? 8 : 4;
	for (int n = 0; n < QUANTUM; n += BLOCK, in += 2 * BLOCK, out += 2 * BLOCK) {
		memcpy(b2 + UP2_PAST, in, sizeof(vf) * 2 * BLOCK);
		vf *x = bx + THIRD_PAST;
		if (wide) {
			fir_up2(b2 + UP2_PAST, b3 + UP3_PAST, 2 * BLOCK);
			fir_up3(b3 + UP3_PAST, x, 4 * BLOCK);
			memmove(b3, b3 + 4 * BLOCK, sizeof d->up3);
		} else {
			fir_up2(b2 + UP2_PAST, x, 2 * BLOCK);
		}
		memmove(b2, b2 + 2 * BLOCK, sizeof d->up2);
		for (int k = 0; k < most * BLOCK; k++)
			x[k] = vf_min(vf_max(x[k], vf_all(-TANH_RANGE)), vf_all(TANH_RANGE));
		if (wide) {
			run(x, by + DOWN3_PAST, d->curve, 8 * BLOCK, v->tube + n, v->tape + n, 8);
			fir_down3(by + DOWN3_PAST, bz + DOWN2_PAST, 4 * BLOCK);
			memmove(by, by + 8 * BLOCK, sizeof d->down3);
			fir_down2_odd(bz + DOWN2_PAST, out, 2 * BLOCK);
		} else {
			run(x, bz + DOWN2_PAST, d->curve, 4 * BLOCK, v->tube + n, v->tape + n, 4);
			fir_down2(bz + DOWN2_PAST, out, 2 * BLOCK);
		}
		memmove(bx, bx + most * BLOCK, sizeof d->third);
		memmove(bz, bz + 4 * BLOCK, sizeof d->down2);
	}
	memcpy(d->up2, b2, sizeof d->up2);
	memcpy(d->up3, b3, sizeof d->up3);
	memcpy(d->third, bx, sizeof d->third);
	memcpy(d->down3, by, sizeof d->down3);
	memcpy(d->down2, bz, sizeof d->down2);
}

/*
 * One side, one quantum. Tape's emphasis p = x - k L(x) with L a one-pole average one frame back, and its exact inverse
 * u = v + k L(u).
 */
static void
run_side(struct sat *s, struct side *d, vf *io, const struct values *v, curve_fn *run)
{
	vf b1[UP1_PAST + QUANTUM], bd[DROOP_PAST + 2 * QUANTUM], inner[2 * QUANTUM], bo[DOWN1_PAST + 2 * QUANTUM];
	memcpy(b1, d->up1, sizeof d->up1);
	memcpy(bd, d->droop, sizeof d->droop);
	memcpy(bo, d->down1, sizeof d->down1);
	float low_rate = s->low_rate, dc_rate = s->dc_rate;
	vf low = d->low_in;
	vi active = s->active;
	for (int n = 0; n < QUANTUM; n++) {
		vf x = (vf)((vi)io[n] & active) * v->pre[n];
		b1[UP1_PAST + n] = x - v->tape[n] * LOWS * low;
		low += (x - low) * low_rate;
	}
	d->low_in = low;
	fir_up1(b1 + UP1_PAST, bd + DROOP_PAST, QUANTUM);
	memcpy(d->up1, b1 + QUANTUM, sizeof d->up1);
	fir_droop(bd + DROOP_PAST, inner, 2 * QUANTUM, s->wide);
	memcpy(d->droop, bd + 2 * QUANTUM, sizeof d->droop);
	run_inner(d, inner, bo + DOWN1_PAST, v, run, s->wide);
	vf *wet = inner;
	fir_down1(bo + DOWN1_PAST, wet, QUANTUM);
	memcpy(d->down1, bo + 2 * QUANTUM, sizeof d->down1);
	if (!s->wide) {
		vf late = wet[QUANTUM - 1];
		memmove(wet + 1, wet, sizeof(vf) * (QUANTUM - 1));
		wet[0] = d->late;
		d->late = late;
	}
	low = d->low_out;
	vf dc = d->dc;
	for (int n = 0; n < QUANTUM; n++) {
		vf u = wet[n] + v->tape[n] * LOWS * low, dry = d->dry[n], a = v->amount[n];
		low += (u - low) * low_rate;
		vf y = (u - v->tube[n] * dc) * v->post[n];
		dc += (u - dc) * dc_rate;
		d->dry[n] = io[n];
		io[n] = vf_select(active, dry * (1.0f - a) + y * a, dry);
	}
	d->low_out = low;
	d->dc = dc;
}

static void
run_delay(struct side *d, vf *io)
{
	for (int n = 0; n < QUANTUM; n++) {
		vf x = io[n];
		io[n] = d->dry[n];
		d->dry[n] = x;
	}
}

static void
sat_run(void *state, const struct dsp_io *io)
{
	_Static_assert(SAT_LATENCY == QUANTUM, "the dry way is one quantum");
	struct sat *s = state;
	vf *sides[2] = {(vf *)io->l, (vf *)io->r};
	if (!s->busy) {
		for (int k = 0; k < 2 && sides[k]; k++)
			run_delay(&s->side[k], sides[k]);
		return;
	}
	for (int k = 0; k < LANES; k++)
		if (s->warm[k] && !--s->warm[k])
			glide_set(&s->amount, k, s->want[k], 0);
	struct values v;
	fill(&s->pre, v.pre);
	fill(&s->post, v.post);
	int fading = fill(&s->amount, v.amount);
	int tube = fill(&s->tube, v.tube) | vi_any(s->tube.y != 0.0f);
	int tape = fill(&s->tape, v.tape) | vi_any(s->tape.y != 0.0f);
	curve_fn *run = tape ? curve_all : tube ? curve_tube : curve_plain;
	for (int k = 0; k < 2 && sides[k]; k++)
		run_side(s, &s->side[k], sides[k], &v, run);
	if (fading || vi_any((s->want == 0.0f) & s->active))
		rest_lanes(s);
}

static void
sat_move(void *to, int to_lane, const void *from, int from_lane)
{
	struct sat *t = to;
	const struct sat *f = from;
	for (int k = 0; k < 2; k++) {
		vf *tv = (vf *)&t->side[k];
		const vf *fv = (const vf *)&f->side[k];
		for (size_t n = 0; n < SIDE_VECTORS; n++)
			tv[n][to_lane] = fv[n][from_lane];
	}
	glide_move(&t->pre, to_lane, &f->pre, from_lane);
	glide_move(&t->post, to_lane, &f->post, from_lane);
	glide_move(&t->amount, to_lane, &f->amount, from_lane);
	glide_move(&t->tube, to_lane, &f->tube, from_lane);
	glide_move(&t->tape, to_lane, &f->tape, from_lane);
	t->want[to_lane] = f->want[from_lane];
	t->warm[to_lane] = f->warm[from_lane];
	t->active[to_lane] = f->active[from_lane];
	t->busy = vi_any(t->active);
}

const struct dsp_proc LANED(sat_proc) = {
    .name = "saturation",
    .size = sizeof(struct sat),
    .latency = SAT_LATENCY,
    .init = sat_init,
    .set = sat_set,
    .run = sat_run,
    .move = sat_move,
};
