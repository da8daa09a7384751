#include "dsp/clipper.h"

#include <string.h>

#include "dsp/truepeak.h"
#include "dsp/glide.h"

/*
 * What the curve takes off is worked out at eight times the rate, filtered down and taken off the delayed signal: the
 * signal itself goes through no filter, and where nothing is too high nothing is computed. Up and down go through the
 * same linear-phase filter: a sinc under a Kaiser window, 511 taps, 32 frames late each.
 *
 * The cut-off at half the rate, -6 dB there; from 0.5465 of the rate (the image of 0.4535, 20 kHz at 44.1) down by
 * 90 dB. What is cut off rises a little again where filtering it down takes the corners away, as all that is cut off
 * within a band does: the limiter behind it has that.
 */
#define UP 8    /* points a frame */
#define HALF 32 /* frames that a filter is late by, and reaches to each side */
#define TAPS (2 * HALF)
#define BETA 9.0 /* of the Kaiser window: 90 dB */
#define PAST (TAPS - 1)
#define ROOM (CLIPPER_LATENCY + QUANTUM)
#define GROUPS (ROOM / TRUEPEAK_GROUP)
#define OLD (CLIPPER_LATENCY / TRUEPEAK_GROUP)
#define FIRST (OLD - HALF / TRUEPEAK_GROUP) /* of the groups whose curve the newest frames complete */

_Static_assert(CLIPPER_LATENCY == 2 * HALF && HALF == TRUEPEAK_REACH, "both filters fill the latency");

/*
 * meter stands first: see struct unit_meter.
 *
 * tap       [p][k]: the weight of the frame k back at point p of a frame
 * in        a side each: frames, the newest QUANTUM at the end
 * height, bend   bounds of their groups
 * off       what the curve takes off, by point of a frame; the newest QUANTUM frames at the end
 * rest      frames until all of off is nothing again
 * level, knee, on   glides, only element 0: linear; of the level, 0 to 1; 0 to 1
 */
struct clipper {
	struct unit_meter meter;
	struct truepeak truepeak;
	float tap[UP][TAPS];
	float in[2][ROOM];
	float height[2][GROUPS], bend[2][GROUPS];
	float off[2][UP][PAST + 1 + QUANTUM];
	int rest[2];
	struct glide level, knee, on;
	int active;
};

static size_t
clipper_size(double rate)
{
	(void)rate;
	return sizeof(struct clipper);
}

static double
bessel_i0(double x)
{
	double sum = 1, term = 1;
	for (int n = 1; n < 40; n++) {
		term *= x / (2 * n) * (x / (2 * n));
		sum += term;
	}
	return sum;
}

/* Each point's weights add up to 1, so that a constant stays what it is at all of them. */
static void
make_taps(struct clipper *s)
{
	const double full = bessel_i0(BETA);
	for (int p = 0; p < UP; p++) {
		double tap[TAPS], sum = 0;
		for (int k = 0; k < TAPS; k++) {
			double at = (double)(UP * k + p) / UP - HALF, part = at / HALF;
			double sinc = at == 0 ? 1 : f_sin(F_PI * at) / (F_PI * at);
			tap[k] = part <= -1 ? 0 : sinc * bessel_i0(BETA * f_sqrt(1 - part * part)) / full;
			sum += tap[k];
		}
		for (int k = 0; k < TAPS; k++)
			s->tap[p][k] = (float)(tap[k] / sum);
	}
}

static void
clipper_init(void *state, double rate)
{
	struct clipper *s = state;
	memset(s, 0, sizeof *s);
	TIMED(truepeak_init)(&s->truepeak, TRUEPEAK_GUARD);
	make_taps(s);
	glide_init(&s->level, rate, 1);
	glide_init(&s->knee, rate, 1);
	glide_init(&s->on, rate, 0);
}

/* Fills the bounds of what came before, as it begins to work. */
static void
start(struct clipper *s)
{
	for (int c = 0; c < 2; c++) {
		TIMED(truepeak_bounds)
		(s->in[c] + TRUEPEAK_GROUP, CLIPPER_LATENCY - TRUEPEAK_GROUP, s->height[c] + 1, s->bend[c] + 1);
		memset(s->off[c], 0, sizeof s->off[c]);
		s->rest[c] = 0;
	}
	s->active = 1;
}

static void
clipper_set(void *state, const void *params, int snap)
{
	struct clipper *s = state;
	const struct clipper_params *p = params;
	int jump = snap || !s->active; /* nobody hears it at rest */
	glide_set(&s->on, 0, p->on ? 1 : 0, snap);
	glide_set(&s->level, 0, (float)f_exp2(p->level * 0.16609640474436813), jump);
	glide_set(&s->knee, 0, (float)f_exp2(-p->knee * 0.16609640474436813), jump);
	if ((p->on || s->on.y[0] != 0) && !s->active)
		start(s);
	else if (!p->on && s->on.y[0] == 0)
		s->active = 0;
}

/* What is in force in each frame of a quantum, linear: where rounding begins, the cut-off, and how much of it. */
struct curve {
	float begin[QUANTUM], top[QUANTUM], amount[QUANTUM];
	float least; /* of begin */
	int any;     /* whether any of amount is above 0 */
};

static void
fill_curve(struct clipper *s, struct curve *v)
{
	v->least = s->level.y[0] * s->knee.y[0];
	v->any = s->on.moving || s->on.y[0] != 0;
	for (int n = 0; n < QUANTUM; n++) {
		if (s->level.moving)
			glide_step(&s->level);
		if (s->knee.moving)
			glide_step(&s->knee);
		if (s->on.moving)
			glide_step(&s->on);
		v->top[n] = s->level.y[0];
		v->begin[n] = s->level.y[0] * s->knee.y[0];
		v->amount[n] = s->on.y[0];
		v->least = v->begin[n] < v->least ? v->begin[n] : v->least;
	}
	glide_settle(&s->level);
	glide_settle(&s->knee);
	glide_settle(&s->on);
}

/*
 * What the curve adds to x, not above 0 where x is positive: x up to a, then a parabola that is level at c, then c. The
 * parabola ends at 2 c - a.
 */
static inline vf
taken(vf x, vf a, vf c, vf amount)
{
	vf size = vf_abs(x), soft = c - a, over = vf_above_zero(size - a);
	vf bent = vf_min(over, soft + soft);
	vf less = bent * bent / vf_max(soft * 4.0f, vf_all(1e-9f)) + (over - bent);
	less = less * amount;
	return vf_select(x < 0.0f, less, -less);
}

/* The points of a group of frames: what the curve takes off goes to `off`; returns the greatest size of a point. */
static vf
clip_group(struct clipper *s, const struct curve *v, int c, int n)
{
	vf top = vf_all(0);
	for (int p = 0; p < UP; p++)
		for (int m = n; m < n + TRUEPEAK_GROUP; m += LANES) {
			const float *x = s->in[c] + CLIPPER_LATENCY + m, *tap = s->tap[p];
			vf sum = vf_all(0);
			for (int k = 0; k < TAPS; k++)
				sum += vf_load(x - k) * tap[k];
			vf less = taken(sum, vf_load(v->begin + m), vf_load(v->top + m), vf_load(v->amount + m));
			vf_store(s->off[c][p] + PAST + 1 + m, less);
			top = vf_max(vf_abs(sum), top);
		}
	return top;
}

/* Takes the filtered difference of a group off what comes out. Point p of a frame counts for the one p / UP before. */
static void
take_off(const struct clipper *s, int c, int n, float *out)
{
	for (int m = n; m < n + TRUEPEAK_GROUP; m += LANES) {
		vf sum = vf_all(0);
		for (int p = 0; p < UP; p++) {
			/* the tap of point -p is that of UP - p, a frame further back */
			const float *d = s->off[c][p] + PAST + 1 + m - (p > 0), *tap = s->tap[p > 0 ? UP - p : 0];
			vf part = vf_all(0);
			for (int k = 0; k < TAPS; k++)
				part += vf_load(d - k) * tap[k];
			sum += part;
		}
		vf_store(out + m, vf_load(out + m) + sum * (1.0f / UP));
	}
}

/* One side: returns the height of its points where they were looked at. */
static float
run_side(struct clipper *s, const struct curve *v, int c, float *out)
{
	const struct truepeak *t = &s->truepeak;
	float *height = s->height[c], *bend = s->bend[c], highest = 0;
	TIMED(truepeak_bounds)(s->in[c] + CLIPPER_LATENCY, QUANTUM, height + OLD, bend + OLD);
	for (int g = 0; g < QUANTUM / TRUEPEAK_GROUP; g++) {
		int n = g * TRUEPEAK_GROUP;
		if (v->any && truepeak_bound(t, height, bend, FIRST + g, 1) > v->least) {
			vf tops = clip_group(s, v, c, n);
			float top = 0;
			for (int k = 0; k < LANES; k++)
				top = tops[k] > top ? tops[k] : top;
			highest = top > highest ? top : highest;
			if (top > v->least)
				s->rest[c] = PAST + 1 + TRUEPEAK_GROUP;
		} else {
			for (int p = 0; p < UP; p++)
				memset(s->off[c][p] + PAST + 1 + n, 0, TRUEPEAK_GROUP * sizeof(float));
		}
		if (s->rest[c] > 0) {
			take_off(s, c, n, out);
			s->rest[c] -= TRUEPEAK_GROUP;
		}
	}
	for (int p = 0; p < UP; p++)
		memmove(s->off[c][p], s->off[c][p] + QUANTUM, (PAST + 1) * sizeof(float));
	memmove(height, height + QUANTUM / TRUEPEAK_GROUP, OLD * sizeof *height);
	memmove(bend, bend + QUANTUM / TRUEPEAK_GROUP, OLD * sizeof *bend);
	return highest;
}

static void
clipper_run(void *state, float *l, float *r)
{
	struct clipper *s = state;
	float *io[2] = {l, r}, highest = 0;
	struct curve v;
	if (s->active)
		fill_curve(s, &v);
	for (int c = 0; c < 2; c++) {
		memcpy(s->in[c] + CLIPPER_LATENCY, io[c], QUANTUM * sizeof(float));
		memcpy(io[c], s->in[c], QUANTUM * sizeof(float));
		if (s->active) {
			float top = run_side(s, &v, c, io[c]);
			highest = top > highest ? top : highest;
		}
		memmove(s->in[c], s->in[c] + QUANTUM, CLIPPER_LATENCY * sizeof(float));
	}
	s->meter.reduction[0] = 0;
	if (s->active && highest > v.top[QUANTUM - 1])
		s->meter.reduction[0] = (float)(20 * f_log10((double)(highest / v.top[QUANTUM - 1])));
	if (s->active && s->on.y[0] == 0 && s->on.target[0] == 0 && !s->on.moving && s->rest[0] <= 0 && s->rest[1] <= 0)
		s->active = 0;
}

const struct dsp_unit TIMED(clipper_unit) = {
    .name = "clipper",
    .size = clipper_size,
    .init = clipper_init,
    .set = clipper_set,
    .run = clipper_run,
    .latency = CLIPPER_LATENCY,
};
