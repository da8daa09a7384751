#include "dsp/reverb.h"

#include "dsp/lanes.h"

#include <string.h>

#include "base/fmath.h"
#include "dsp/bank.h"
#include "dsp/reverb_room.h"

#define GROUPS (LINES / LANES)
#define HALF (GROUPS / 2)  /* groups of the first 8 lines; LANES = 8 has one, LANES = 1 eight */
#define DIFFUSERS 4        /* allpasses a side */
#define DIFFUSION 0.62f    /* their gain: dense in four stages, gone in 0.08 s */
#define LINE_SECONDS 0.135 /* the longest line: 1.71 x 75 ms, and room for the next prime */
#define PREDELAY_SECONDS 0.25
#define DIFFUSER_SECONDS 0.0056
#define FADE_SECONDS 0.025 /* from one room to the next; a change that comes within a fade waits for its end */
#define TAP_L 5            /* the two rows of the mixing matrix that are heard: orthogonal, so the sides are unlike */
#define TAP_R 10

_Static_assert(QUANTUM % 4 == 0 && QUANTUM % LANES == 0, "quanta are turned over in squares of 4 frames and 4 lines");

typedef float v4 __attribute__((vector_size(16)));
typedef int32_t v4i __attribute__((vector_size(16)));

/* Seconds of the diffusers, left and right. */
static const double diffuser_seconds[2][DIFFUSERS] = {{0.00503, 0.00337, 0.00203, 0.00131},
                                                      {0.00539, 0.00313, 0.00227, 0.00149}};

/*
 * Turns a second of the pairs of lines (k, k + 8), Hz. A matrix that turns keeps energy as a still one does, but no
 * mode stays where it is, so none can ring out of the tail (Schlecht and Habets 2015). Slow enough not to be heard.
 */
static const double turn_hz[8] = {0.17, -0.25, 0.34, -0.20, 0.29, -0.43, 0.11, -0.46};

/* Signs with which the sides enter the lines (even lines take left, odd ones right). */
static const float entry_sign[LINES] = {1, 1, -1, 1, 1, -1, -1, -1, 1, -1, 1, 1, -1, 1, -1, -1};

/* Integrator states of the sections of all lines. */
struct memory {
	_Alignas(DSP_ALIGN) float ic[SECTIONS][2][LINES];
};

struct reverb {
	_Alignas(DSP_ALIGN) struct reverb_room room[2];
	struct memory memory[2];
	struct ramp wet, dry;    /* mix and on in one */
	struct ramp keep, cross; /* width: a side's own share and the other's */
	double rate;
	struct reverb_params asked; /* the last set, drawn into range */
	int now;                    /* the room that sounds */
	int stale;                  /* asked has moved on from it (or from the one that is being faded to) */
	int fade, fade_frames;      /* frames faded, 0 while no fade is under way; frames in all */
	int resting;                /* off and faded */
	double turn_c[8], turn_s[8], step_c[8], step_s[8]; /* cos and sin of the pairs' angles and of their way a quantum */
	int age;                                           /* frames in the memories; what is older than that is silence */
	int line_cap, line_stride, line_pos;               /* frames; multiples of QUANTUM */
	int pre_cap, pre_pos;
	int diffuser_cap, diffuser_pos;
	int diffuser[2][DIFFUSERS]; /* frames */
	                            /* then floats: LINES x line_stride, 2 x pre_cap, 2 x DIFFUSERS x diffuser_cap */
};

static int
whole_quanta(double frames)
{
	return ((int)frames + 2 * QUANTUM) / QUANTUM * QUANTUM;
}

static float *
line_memory(struct reverb *v, int k)
{
	return (float *)(v + 1) + (size_t)k * (size_t)v->line_stride;
}

static float *
pre_memory(struct reverb *v, int side)
{
	return line_memory(v, LINES) + (size_t)side * (size_t)v->pre_cap;
}

static float *
diffuser_memory(struct reverb *v, int side, int k)
{
	return pre_memory(v, 2) + (size_t)(side * DIFFUSERS + k) * (size_t)v->diffuser_cap;
}

/* Lines lie a cache line apart from a whole number of quanta, so that their ends do not compete for one cache set. */
static int
line_stride(double rate)
{
	return whole_quanta(LINE_SECONDS * rate) + DSP_ALIGN / (int)sizeof(float);
}

static size_t
reverb_size(double rate)
{
	size_t floats = (size_t)LINES * (size_t)line_stride(rate) + 2 * (size_t)whole_quanta(PREDELAY_SECONDS * rate) +
	                2 * DIFFUSERS * (size_t)whole_quanta(DIFFUSER_SECONDS * rate);
	return sizeof(struct reverb) + floats * sizeof(float);
}

static void
rest(struct reverb *v)
{
	memset(v->memory, 0, sizeof v->memory);
	memset(diffuser_memory(v, 0, 0), 0, 2 * DIFFUSERS * (size_t)v->diffuser_cap * sizeof(float));
	for (int k = 0; k < 8; k++) {
		v->turn_c[k] = 1;
		v->turn_s[k] = 0;
	}
	if (v->fade)
		v->now = !v->now;
	v->age = 0;
	v->line_pos = v->pre_pos = v->diffuser_pos = 0;
	v->fade = 0;
	v->resting = 1;
}

static void
reverb_init(void *state, double rate)
{
	struct reverb *v = state;
	v->rate = rate;
	v->line_cap = whole_quanta(LINE_SECONDS * rate);
	v->line_stride = line_stride(rate);
	v->pre_cap = whole_quanta(PREDELAY_SECONDS * rate);
	v->diffuser_cap = whole_quanta(DIFFUSER_SECONDS * rate);
	v->fade_frames = whole_quanta(FADE_SECONDS * rate) - QUANTUM;
	for (int side = 0; side < 2; side++)
		for (int k = 0; k < DIFFUSERS; k++)
			v->diffuser[side][k] = (int)(diffuser_seconds[side][k] * rate) | 1;
	for (int k = 0; k < 8; k++) {
		v->step_c[k] = f_cos(2 * F_PI * turn_hz[k] * QUANTUM / rate);
		v->step_s[k] = f_sin(2 * F_PI * turn_hz[k] * QUANTUM / rate);
	}
	ramp_init(&v->wet, rate, 0);
	ramp_init(&v->dry, rate, 1);
	ramp_init(&v->keep, rate, 1);
	ramp_init(&v->cross, rate, 0);
	v->asked = (struct reverb_params){0, 1800, 1.1f, 0.5f, 20, 60, 100, 100};
	v->now = 0;
	v->stale = 1;
	rest(v);
}

static float
within(float x, float low, float high)
{
	return x > low ? (x < high ? x : high) : low;
}

static void
reverb_set(void *state, const void *params, int snap)
{
	struct reverb *v = state;
	struct reverb_params p = *(const struct reverb_params *)params;
	p.time = within(p.time, 200, 12000);
	p.low = within(p.low, 0.3f, 2.5f);
	p.high = within(p.high, 0.1f, 1);
	p.predelay = within(p.predelay, 0, 250);
	p.size = within(p.size, 20, 100);
	p.width = within(p.width, 0, 100);
	p.mix = within(p.mix, 0, 100);

	const struct reverb_params *a = &v->asked;
	if (p.time != a->time || p.low != a->low || p.high != a->high || p.predelay != a->predelay || p.size != a->size)
		v->stale = 1;
	v->asked = p;
	float wet = p.on ? p.mix / 100 : 0;
	ramp_set(&v->wet, wet, snap);
	ramp_set(&v->dry, 1 - wet, snap);
	/* Turned by 0 to 45 degrees towards each other, the sides of uncorrelated reverb keep their power. */
	double turn = F_PI / 4 * (1 - (double)p.width / 100);
	ramp_set(&v->keep, (float)f_cos(turn), snap);
	ramp_set(&v->cross, (float)f_sin(turn), snap);
	if (v->stale && (snap || v->resting)) {
		v->fade = 0;
		reverb_design(&v->room[v->now], &v->asked, v->rate);
		v->stale = 0;
	}
	if (p.on)
		v->resting = 0;
}

/* QUANTUM frames of a ring of which pos is the next to be written, from `delay` frames before that (1 to cap). */
static void
recall(float *out, const float *ring, int cap, int pos, int delay, int age)
{
	int silent = delay > age ? delay - age : 0;
	if (silent > QUANTUM)
		silent = QUANTUM;
	int from = pos - delay;
	if (from < 0)
		from += cap;
	int first = cap - from < QUANTUM ? cap - from : QUANTUM;
	memcpy(out, ring + from, (size_t)first * sizeof *out);
	memcpy(out + first, ring, (size_t)(QUANTUM - first) * sizeof *out);
	memset(out, 0, (size_t)silent * sizeof *out);
}

/* Schroeder's allpass, in runs no longer than its delay. */
static void
diffuse(float *restrict x, float *restrict ring, int cap, int pos, int delay)
{
	for (int n = 0, run; n < QUANTUM; n += run) {
		int from = pos + n - delay;
		if (from < 0)
			from += cap;
		run = QUANTUM - n;
		if (run > delay)
			run = delay;
		if (run > cap - from)
			run = cap - from;
		float old[QUANTUM];
		memcpy(old, ring + from, (size_t)run * sizeof *old);
		float *restrict in = x + n, *restrict new = ring + pos + n;
		for (int k = 0; k < run; k++) {
			float w = in[k] + DIFFUSION * old[k];
			new[k] = w;
			in[k] = old[k] - DIFFUSION * w;
		}
	}
}

/* Rows of `from` (a line each) to columns of `to` (a frame each), or back; strides in floats. */
static inline void
turn_over(float *restrict to, int to_stride, const float *restrict from, int from_stride, int rows, int columns)
{
	static const v4i low = {0, 4, 1, 5}, high = {2, 6, 3, 7}, even = {0, 1, 4, 5}, odd = {2, 3, 6, 7};
	for (int r = 0; r < rows; r += 4)
		for (int c = 0; c < columns; c += 4) {
			const float *f = from + r * from_stride + c;
			v4 a = *(const v4 *)f, b = *(const v4 *)(f + from_stride);
			v4 d = *(const v4 *)(f + 2 * from_stride), e = *(const v4 *)(f + 3 * from_stride);
			v4 ab0 = __builtin_shuffle(a, b, low), ab1 = __builtin_shuffle(a, b, high);
			v4 de0 = __builtin_shuffle(d, e, low), de1 = __builtin_shuffle(d, e, high);
			float *t = to + c * to_stride + r;
			*(v4 *)t = __builtin_shuffle(ab0, de0, even);
			*(v4 *)(t + to_stride) = __builtin_shuffle(ab0, de0, odd);
			*(v4 *)(t + 2 * to_stride) = __builtin_shuffle(ab1, de1, even);
			*(v4 *)(t + 3 * to_stride) = __builtin_shuffle(ab1, de1, odd);
		}
}

/* The lines' ends through the shelves: x is QUANTUM x LINES, in place. ic1, ic2: a section's integrators. */
static void
absorb(float *restrict x, const struct reverb_room *restrict room, struct memory *restrict memory)
{
	for (int j = 0; j < GROUPS; j++) {
		vf ic1[SECTIONS], ic2[SECTIONS];
		for (int s = 0; s < SECTIONS; s++) {
			ic1[s] = ((const vf *)memory->ic[s][0])[j];
			ic2[s] = ((const vf *)memory->ic[s][1])[j];
		}
		vf *restrict io = (vf *)x + j;
		for (int n = 0; n < QUANTUM; n++, io += GROUPS) {
			vf y = *io;
#pragma GCC unroll 4
			for (int s = 0; s < SECTIONS; s++) {
				const struct section *c = &room->section[s];
				vf v1 = ((const vf *)c->a1)[j] * ic1[s] + ((const vf *)c->a2)[j] * (y - ic2[s]);
				vf v2 = ic2[s] + ((const vf *)c->g)[j] * v1;
				ic1[s] = v1 + v1 - ic1[s];
				ic2[s] = v2 + v2 - ic2[s];
				y = ((const vf *)c->m0)[j] * y + ((const vf *)c->m1)[j] * v1 + ((const vf *)c->m2)[j] * v2;
			}
			*io = y;
		}
		for (int s = 0; s < SECTIONS; s++) {
			((vf *)memory->ic[s][0])[j] = ic1[s];
			((vf *)memory->ic[s][1])[j] = ic2[s];
		}
	}
}

/* Turns the pairs of lines on by a quantum. Between quanta the angle's cos and sin run straight: never above length 1.
 */
static void
turn_pairs(struct reverb *v, float *restrict x)
{
	_Alignas(DSP_ALIGN) float c[8], s[8], dc[8], ds[8];
	for (int k = 0; k < 8; k++) {
		double c0 = v->turn_c[k], s0 = v->turn_s[k];
		double c1 = c0 * v->step_c[k] - s0 * v->step_s[k], s1 = s0 * v->step_c[k] + c0 * v->step_s[k];
		double norm = 1.5 - 0.5 * (c1 * c1 + s1 * s1);
		v->turn_c[k] = c1 *= norm;
		v->turn_s[k] = s1 *= norm;
		c[k] = (float)c0;
		s[k] = (float)s0;
		dc[k] = (float)((c1 - c0) / QUANTUM);
		ds[k] = (float)((s1 - s0) / QUANTUM);
	}
	for (int j = 0; j < HALF; j++) {
		vf cj = ((vf *)c)[j], sj = ((vf *)s)[j], dcj = ((vf *)dc)[j], dsj = ((vf *)ds)[j];
		vf *restrict io = (vf *)x + j;
		for (int n = 0; n < QUANTUM; n++, io += GROUPS) {
			vf a = io[0], b = io[HALF];
			io[0] = a * cj - b * sj;
			io[HALF] = a * sj + b * cj;
			cj += dcj;
			sj += dsj;
		}
	}
}

/* Two steps of Hadamard's matrix over rows `step` apart. */
static inline void
butterflies(float *x, int step)
{
	for (int k = 0; k < LINES; k++) {
		if (k / step % 4 != 0)
			continue;
		vf *restrict a = (vf *)(x + k * QUANTUM), *restrict b = (vf *)(x + (k + step) * QUANTUM);
		vf *restrict c = (vf *)(x + (k + 2 * step) * QUANTUM), *restrict d = (vf *)(x + (k + 3 * step) * QUANTUM);
		for (int n = 0; n < QUANTUM / LANES; n++) {
			vf p = a[n] + b[n], q = a[n] - b[n], r = c[n] + d[n], s = c[n] - d[n];
			a[n] = p + r;
			b[n] = q + s;
			c[n] = p - r;
			d[n] = q - s;
		}
	}
}

/* How far the fade has come at its n-th frame: 0 to 1 with no jump in slope or bend (6 t^5 - 15 t^4 + 10 t^3). */
static void
fade_weights(const struct reverb *v, float *w)
{
	for (int n = 0; n < QUANTUM; n++) {
		float t = (float)(v->fade + n) / (float)v->fade_frames;
		w[n] = t * t * t * ((6 * t - 15) * t + 10);
	}
}

/* What the lines of one room give back: QUANTUM x LINES. */
static void
lines_out(struct reverb *v, int which, float *restrict x)
{
	_Alignas(DSP_ALIGN) float rows[LINES * QUANTUM];
	for (int k = 0; k < LINES; k++)
		recall(rows + k * QUANTUM, line_memory(v, k), v->line_cap, v->line_pos, v->room[which].length[k], v->age);
	turn_over(x, LINES, rows, QUANTUM, LINES, QUANTUM);
	absorb(x, &v->room[which], &v->memory[which]);
}

/* The input through predelay and diffusers, with the gain it enters the lines with. */
static void
enter(struct reverb *v, int side, const float *in, const float *w, float *restrict out)
{
	const struct reverb_room *room = &v->room[v->now], *next = &v->room[!v->now];
	float *ring = pre_memory(v, side);
	memcpy(ring + v->pre_pos, in, QUANTUM * sizeof *in);
	int end = v->pre_pos + QUANTUM, age = v->age + QUANTUM;
	recall(out, ring, v->pre_cap, end, QUANTUM + room->predelay, age);
	for (int n = 0; n < QUANTUM; n++)
		out[n] *= room->entry;
	if (w) {
		float other[QUANTUM];
		recall(other, ring, v->pre_cap, end, QUANTUM + next->predelay, age);
		for (int n = 0; n < QUANTUM; n++)
			out[n] += w[n] * (other[n] * next->entry - out[n]);
	}
	for (int k = 0; k < DIFFUSERS; k++)
		diffuse(out, diffuser_memory(v, side, k), v->diffuser_cap, v->diffuser_pos, v->diffuser[side][k]);
}

/* One quantum of the network: in, the dry sides; wet, what is heard of it. */
static void
network(struct reverb *v, const float *l, const float *r, float *restrict wet_l, float *restrict wet_r)
{
	_Alignas(DSP_ALIGN) float x[QUANTUM * LINES], rows[LINES * QUANTUM], in[2][QUANTUM], w[QUANTUM];
	if (v->fade)
		fade_weights(v, w);
	enter(v, 0, l, v->fade ? w : NULL, in[0]);
	enter(v, 1, r, v->fade ? w : NULL, in[1]);

	lines_out(v, v->now, x);
	if (v->fade) {
		lines_out(v, !v->now, rows);
		for (int n = 0; n < QUANTUM; n++)
			for (int j = 0; j < GROUPS; j++) {
				vf *a = (vf *)(x + n * LINES) + j, b = ((vf *)(rows + n * LINES))[j];
				*a += w[n] * (b - *a);
			}
	}
	turn_pairs(v, x);
	turn_over(rows, QUANTUM, x, LINES, QUANTUM, LINES);
	butterflies(rows, 1);
	butterflies(rows, 4);
	memcpy(wet_l, rows + TAP_L * QUANTUM, QUANTUM * sizeof *wet_l);
	memcpy(wet_r, rows + TAP_R * QUANTUM, QUANTUM * sizeof *wet_r);
	for (int k = 0; k < LINES; k++) {
		float *restrict end = line_memory(v, k) + v->line_pos, sign = entry_sign[k];
		for (int n = 0; n < QUANTUM; n++)
			end[n] = rows[k * QUANTUM + n] + sign * in[k % 2][n];
	}

	v->line_pos = (v->line_pos + QUANTUM) % v->line_cap;
	v->pre_pos = (v->pre_pos + QUANTUM) % v->pre_cap;
	v->diffuser_pos = (v->diffuser_pos + QUANTUM) % v->diffuser_cap;
	if (v->age < v->pre_cap + v->line_cap)
		v->age += QUANTUM;
	if (v->fade) {
		v->fade += QUANTUM;
		if (v->fade > v->fade_frames) {
			v->fade = 0;
			v->now = !v->now;
		}
	}
}

static void
reverb_run(void *state, float *l, float *r)
{
	struct reverb *v = state;
	if (v->resting)
		return;
	if (v->stale && !v->fade) {
		reverb_design(&v->room[!v->now], &v->asked, v->rate);
		memset(&v->memory[!v->now], 0, sizeof v->memory[0]);
		v->stale = 0;
		v->fade = 1;
	}

	_Alignas(DSP_ALIGN) float wet[2][QUANTUM];
	network(v, l, r, wet[0], wet[1]);
	float g = v->wet.y, d = v->dry.y, own = v->keep.y, other = v->cross.y;
	int heard = v->wet.moving || g != 0;
	if (v->wet.moving || v->dry.moving || v->keep.moving || v->cross.moving) {
		for (int n = 0; n < QUANTUM; n++) {
			g = ramp_step(&v->wet);
			d = ramp_step(&v->dry);
			own = ramp_step(&v->keep);
			other = ramp_step(&v->cross);
			float a = wet[0][n], b = wet[1][n];
			l[n] = heard ? d * l[n] + g * (own * a + other * b) : l[n];
			r[n] = heard ? d * r[n] + g * (own * b + other * a) : r[n];
		}
		ramp_settle(&v->wet);
		ramp_settle(&v->dry);
		ramp_settle(&v->keep);
		ramp_settle(&v->cross);
	} else if (heard) {
		for (int n = 0; n < QUANTUM; n++) {
			float a = wet[0][n], b = wet[1][n];
			l[n] = d * l[n] + g * (own * a + other * b);
			r[n] = d * r[n] + g * (own * b + other * a);
		}
	}
	if (!v->asked.on && !v->wet.moving && !v->dry.moving)
		rest(v);
}

const struct dsp_unit LANED(reverb_unit) = {
    .name = "reverb",
    .size = reverb_size,
    .init = reverb_init,
    .set = reverb_set,
    .run = reverb_run,
};
