#include "dsp/echo.h"

#include <string.h>

#include "base/fmath.h"
#include "dsp/bank.h"
#include "dsp/lanes.h"

#define FADE_SECONDS                                                                                                   \
	0.025 /* between taps: spurious below -80 dBc, and a second change while it lasts ends in 50 ms                    \
	       */

/*
 * amount    wet share, 0 when off           feedback, cross   factors
 * hp, lp    G = g / (1 + g) of the one-poles, g = tan(pi f / rate)
 * hp_in, lp_in   0..1, how much of each filter is in force
 * now, next, want   taps in frames: heard, being faded to, asked for; fade: frames done of the fade, -1: none
 * at        where in the rings the next frame goes; known: frames written since it was at rest, at most `room`
 * low       states of the one-poles, high-pass and low-pass, left and right
 */
struct echo {
	_Alignas(DSP_ALIGN) struct ramp amount;
	struct ramp feedback, cross, hp, lp, hp_in, lp_in;
	double rate;
	int room, at, known;
	int now, next, want, fade, fade_length;
	int on, resting;
	float low[2][2];
};

/* The values in force, frame by frame. */
struct values {
	float amount[QUANTUM], feedback[QUANTUM], cross[QUANTUM], hp[QUANTUM], lp[QUANTUM], hp_in[QUANTUM], lp_in[QUANTUM];
};

/* Frames a ring holds. The rings, left and right, follow the struct. */
static int
room_at(double rate)
{
	return ((int)(ECHO_SECONDS * rate) + QUANTUM) / QUANTUM * QUANTUM;
}

static size_t
echo_size(double rate)
{
	return sizeof(struct echo) + 2 * sizeof(float) * (size_t)room_at(rate);
}

static void
echo_init(void *state, double rate)
{
	struct echo *e = state;
	memset(e, 0, sizeof *e);
	ramp_init(&e->amount, rate, 0);
	ramp_init(&e->feedback, rate, 0);
	ramp_init(&e->cross, rate, 0);
	ramp_init(&e->hp, rate, 0);
	ramp_init(&e->lp, rate, 0);
	ramp_init(&e->hp_in, rate, 0);
	ramp_init(&e->lp_in, rate, 0);
	e->rate = rate;
	e->room = room_at(rate);
	e->now = e->next = e->want = 1;
	e->fade = -1;
	e->fade_length = (int)(FADE_SECONDS * rate);
	e->resting = 1;
}

static double
within(double x, double low, double high)
{
	return x > low ? x < high ? x : high : low;
}

static float
pole(double hz, double rate)
{
	double g = f_tan(F_PI * within(hz / rate, 1e-5, 0.49));
	return (float)(g / (1 + g));
}

static void
echo_set(void *state, const void *params, int snap)
{
	struct echo *e = state;
	const struct echo_params *p = params;
	int unheard = snap || e->resting;
	ramp_set(&e->amount, p->on ? (float)within(p->mix * 0.01, 0, 1) : 0, snap);
	ramp_set(&e->feedback, (float)within(p->feedback * 0.01, 0, 0.95), unheard);
	ramp_set(&e->cross, p->cross != 0, unheard);
	ramp_set(&e->hp, pole(p->hpf, e->rate), unheard);
	ramp_set(&e->lp, pole(p->lpf, e->rate), unheard);
	ramp_set(&e->hp_in, p->hpf > 10, unheard);
	ramp_set(&e->lp_in, p->lpf < 20000 && p->lpf < 0.49 * e->rate, unheard);
	e->want = (int)f_floor(within(p->frames, 1, f_floor(ECHO_SECONDS * e->rate)) + 0.5);
	if (unheard) {
		e->now = e->next = e->want;
		e->fade = -1;
	}
	e->on = p->on;
	if (p->on)
		e->resting = 0;
}

static void
fill(struct ramp *r, float *values)
{
	int moving = r->moving;
	for (int n = 0; n < QUANTUM; n++)
		values[n] = moving ? ramp_step(r) : r->y;
	if (moving)
		ramp_settle(r);
}

/* What went into a ring `tap` frames ago; nothing, where that was before it was at rest. */
static inline float
recall(const float *ring, const struct echo *e, int tap)
{
	int k = e->at - tap;
	return tap <= e->known ? ring[k < 0 ? k + e->room : k] : 0;
}

/* Trapezoidal one-poles (Zavalishin, The Art of VA Filter Design, 3.10): high-pass, then low-pass. */
static inline float
filter(float x, float low[2], const struct values *v, int n)
{
	float d = (x - low[0]) * v->hp[n], y = d + low[0];
	low[0] = y + d;
	x -= v->hp_in[n] * y;
	d = (x - low[1]) * v->lp[n];
	y = d + low[1];
	low[1] = y + d;
	return x + v->lp_in[n] * (y - x);
}

static void
echo_run(void *state, float *l, float *r)
{
	struct echo *e = state;
	if (e->resting)
		return;
	float *left = (float *)(e + 1), *right = left + e->room;
	struct values v;
	fill(&e->amount, v.amount);
	fill(&e->feedback, v.feedback);
	fill(&e->cross, v.cross);
	fill(&e->hp, v.hp);
	fill(&e->lp, v.lp);
	fill(&e->hp_in, v.hp_in);
	fill(&e->lp_in, v.lp_in);
	for (int n = 0; n < QUANTUM; n++) {
		if (e->fade < 0 && e->want != e->now) {
			e->next = e->want;
			e->fade = 0;
		}
		float wet_l = recall(left, e, e->now), wet_r = recall(right, e, e->now);
		if (e->fade >= 0) {
			/* 6t^5 - 15t^4 + 10t^3: slope and curvature begin and end at 0 */
			float t = (float)++e->fade / (float)e->fade_length, w = t * t * t * (t * (t * 6 - 15) + 10);
			wet_l = wet_l * (1 - w) + recall(left, e, e->next) * w;
			wet_r = wet_r * (1 - w) + recall(right, e, e->next) * w;
			if (e->fade >= e->fade_length) {
				e->now = e->next;
				e->fade = -1;
			}
		}
		float in_l = l[n] + v.feedback[n] * filter(wet_l, e->low[0], &v, n);
		float in_r = r[n] + v.feedback[n] * filter(wet_r, e->low[1], &v, n);
		float cross = v.cross[n], a = v.amount[n];
		left[e->at] = in_l * (1 - cross) + in_r * cross;
		right[e->at] = in_r * (1 - cross) + in_l * cross;
		if (++e->at == e->room)
			e->at = 0;
		if (e->known < e->room)
			e->known++;
		l[n] = l[n] * (1 - a) + wet_l * a;
		r[n] = r[n] * (1 - a) + wet_r * a;
	}
	if (!e->on && !e->amount.moving) {
		memset(e->low, 0, sizeof e->low);
		e->known = 0;
		e->resting = 1;
	}
}

const struct dsp_unit LANED(echo_unit) = {
    .name = "delay",
    .size = echo_size,
    .init = echo_init,
    .set = echo_set,
    .run = echo_run,
};
