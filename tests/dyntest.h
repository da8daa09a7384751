/*
 * What the tests of the dynamics processors share: one strip in a bank whose other lanes are fed noise, its scalar
 * arithmetic in the kernels' order, and measurements of tones. Test programs only, one thread.
 */
#ifndef DYNTEST_H
#define DYNTEST_H

#include "desktest.h"

#include "base/fmath.h"
#include "base/fpu.h"
#include "dsp/dsp.h"

#include <stdio.h>
#include <string.h>

/* One strip in `lane` of a bank; the other lanes get noise of their own. */
struct strip {
	const struct dsp_proc *proc;
	int lanes, lane;
	void *state;
	float *buf[4];
	uint64_t seed;
};

/* Whether this CPU runs banks of that width. */
static inline int
strip_can(int lanes)
{
#if defined(__x86_64__)
	if (lanes == 8 && !__builtin_cpu_supports("avx2")) {
		printf("no AVX2: the banks of 8 lanes are not tested\n");
		return 0;
	}
#endif
	return lanes > 0;
}

static inline struct strip
strip_open(const struct dsp_proc *proc, int lanes, int lane, double rate)
{
	struct strip s = {.proc = proc, .lanes = lanes, .lane = lane, .seed = 99 + (uint64_t)lane};
	fpu_flush_denormals();
	s.state = aligned_alloc(DSP_ALIGN, (proc->size + DSP_ALIGN - 1) / DSP_ALIGN * DSP_ALIGN);
	for (int k = 0; k < 4; k++)
		s.buf[k] = aligned_alloc(DSP_ALIGN, sizeof(float) * QUANTUM * DSP_MAX_LANES);
	ck_assert_ptr_nonnull(s.state);
	proc->init(s.state, rate);
	return s;
}

static inline void
strip_close(struct strip *s)
{
	free(s->state);
	for (int k = 0; k < 4; k++)
		free(s->buf[k]);
}

/* A quantum in place; r NULL is a mono bank, kl NULL no external keys. */
static inline void
strip_run(struct strip *s, float *l, float *r, const float *kl, const float *kr)
{
	const float *in[4] = {l, r, kl, kr};
	for (int k = 0; k < 4; k++)
		for (int i = 0; in[k] && i < QUANTUM; i++)
			for (int j = 0; j < s->lanes; j++)
				s->buf[k][i * s->lanes + j] = j == s->lane ? in[k][i] : (float)test_random(&s->seed);
	struct dsp_io io = {s->buf[0], r ? s->buf[1] : NULL, kl ? s->buf[2] : NULL, kl && r ? s->buf[3] : NULL};
	s->proc->run(s->state, &io);
	for (int i = 0; i < QUANTUM; i++) {
		l[i] = s->buf[0][i * s->lanes + s->lane];
		if (r)
			r[i] = s->buf[1][i * s->lanes + s->lane];
	}
}

/* Frames (a multiple of QUANTUM) of a mono signal in place, with an optional key. */
static inline void
strip_run_mono(struct strip *s, float *x, const float *key, int frames)
{
	for (int i = 0; i + QUANTUM <= frames; i += QUANTUM)
		strip_run(s, x + i, NULL, key ? key + i : NULL, NULL);
}

static inline float *
tone(double hz, double rate, double amplitude, int frames)
{
	float *x = malloc(sizeof *x * (size_t)frames);
	for (int i = 0; i < frames; i++)
		x[i] = (float)(amplitude * sin(2 * M_PI * hz * i / rate));
	return x;
}

/* Amplitude of the part of x at hz, over whole periods. */
static inline double
tone_level(const float *x, int frames, double hz, double rate)
{
	double re = 0, im = 0;
	for (int i = 0; i < frames; i++) {
		re += (double)x[i] * cos(2 * M_PI * hz * i / rate);
		im += (double)x[i] * sin(2 * M_PI * hz * i / rate);
	}
	return 2 * hypot(re, im) / frames;
}

/* All that is not the tone against the tone, in dB: distortion and noise over whole periods. */
static inline double
tone_residue_db(const float *x, int frames, double hz, double rate)
{
	double re = 0, im = 0, sum = 0;
	for (int i = 0; i < frames; i++) {
		re += (double)x[i] * cos(2 * M_PI * hz * i / rate) * 2 / frames;
		im += (double)x[i] * sin(2 * M_PI * hz * i / rate) * 2 / frames;
	}
	for (int i = 0; i < frames; i++) {
		double e = (double)x[i] - re * cos(2 * M_PI * hz * i / rate) - im * sin(2 * M_PI * hz * i / rate);
		sum += e * e;
	}
	return 10 * log10(sum / frames / ((re * re + im * im) / 2) + 1e-30);
}

/*
 * The greatest line more than `skirt` Hz from the tone against a tone of `amplitude`, in dBc, in x[0..frames) under a
 * four-term Blackman-Harris window (side lobes below -92 dB). Lines are looked at every two bins of frames / rate.
 */
static inline double
spurious_dbc(const float *x, int frames, double hz, double rate, double skirt, double amplitude)
{
	double carrier = amplitude * 0.35875 * frames / 2, worst = 0;
	double *w = malloc(sizeof *w * (size_t)frames);
	for (int i = 0; i < frames; i++) {
		double a = 2 * M_PI * (i + 0.5) / frames;
		w[i] = (0.35875 - 0.48829 * cos(a) + 0.14128 * cos(2 * a) - 0.01168 * cos(3 * a)) * (double)x[i];
	}
	for (double f = 0; f < rate / 2; f += 2 * rate / frames) {
		if (fabs(f - hz) < skirt)
			continue;
		double c = 1, s = 0, dc = cos(2 * M_PI * f / rate), ds = sin(2 * M_PI * f / rate), re = 0, im = 0;
		for (int i = 0; i < frames; i++) {
			re += w[i] * c;
			im += w[i] * s;
			double n = c * dc - s * ds;
			s = s * dc + c * ds;
			c = n;
		}
		worst = fmax(worst, hypot(re, im));
	}
	free(w);
	return 20 * log10(worst / carrier + 1e-30);
}

/*
 * A level that steps from one value to another (its sign alternates every ten frames, its magnitude is constant) and
 * the gain that answers, in dB; the first frame of the new level is `at`.
 */
static inline double *
step_response(const struct dsp_proc *proc, const void *p, double rate, double from, double to, int at, int frames)
{
	float *x = malloc(sizeof *x * (size_t)frames);
	double *gain = malloc(sizeof *gain * (size_t)frames);
	for (int i = 0; i < frames; i++)
		x[i] = (float)pow(10, (i < at ? from : to) / 20) * (i / 10 % 2 ? 1 : -1);
	float *y = malloc(sizeof *y * (size_t)frames);
	memcpy(y, x, sizeof *y * (size_t)frames);
	struct strip s = strip_open(proc, 4, 1, rate);
	proc->set(s.state, 1, p, 1);
	strip_run_mono(&s, y, NULL, frames);
	for (int i = 0; i < frames; i++)
		gain[i] = test_db((double)y[i] / (double)x[i]);
	strip_close(&s);
	free(x);
	free(y);
	return gain;
}

/* Where gain crosses `level` on its way from frame `at`, between frames. */
static inline double
crossing(const double *gain, int at, int frames, double level)
{
	int up = gain[at - 1] < level;
	for (int i = at; i < frames; i++)
		if (up ? gain[i] >= level : gain[i] <= level)
			return i - 1 + (level - gain[i - 1]) / (gain[i] - gain[i - 1]) - (at - 1);
	return -1;
}

/* Scalar twins of dsp/lanes.h and dsp/glide.h, operation by operation. */
static inline float
ref_max(float a, float b)
{
	return a > b ? a : b;
}

static inline float
ref_min(float a, float b)
{
	return a < b ? a : b;
}

static inline float
ref_log2(float x)
{
	int32_t bits, e;
	x = ref_max(x, 1.17549435e-38f);
	memcpy(&bits, &x, 4);
	e = (bits - 0x3f3504f3) >> 23;
	bits -= (int32_t)((uint32_t)e << 23);
	memcpy(&x, &bits, 4);
	float t = x - 1.0f, t2 = t * t;
	float p0 = -0.72135715f * t + 1.44269477f, p2 = -0.36008722f * t + 0.48093944f;
	float p4 = -0.25006903f * t + 0.28670745f, p6 = -0.14574452f * t + 0.23689040f;
	return ((p6 * t2 + p4) * (t2 * t2) + (p2 * t2 + p0)) * t + (float)e;
}

static inline float
ref_exp2(float x)
{
	int32_t bits, shift;
	x = ref_min(ref_max(x, -126.0f), 127.0f);
	float k = x + 12582912.0f, f = x - (k - 12582912.0f), f2 = f * f;
	float p1 = 2.4022242e-1f * f + 6.9314698e-1f, p3 = 9.6715126e-3f * f + 5.5507337e-2f;
	float p = ((1.3264727e-3f * f2 + p3) * f2 + p1) * f + 1.0f;
	memcpy(&bits, &p, 4);
	memcpy(&shift, &k, 4);
	bits = (int32_t)((uint32_t)bits + ((uint32_t)shift << 23));
	memcpy(&p, &bits, 4);
	return p;
}

/* a, b, d: distances from the target */
struct ref_glide {
	float y, a, b, d, target, rate;
};

static inline void
ref_glide_init(struct ref_glide *g, double rate, float value)
{
	g->y = g->target = value;
	g->a = g->b = g->d = 0;
	g->rate = (float)(1 - f_exp(-1 / (0.0045 * rate)));
}

static inline void
ref_glide_set(struct ref_glide *g, float value, int snap)
{
	float way = g->target - value;
	g->target = value;
	g->a = snap ? 0 : g->a + way;
	g->b = snap ? 0 : g->b + way;
	g->d = snap ? 0 : g->d + way;
	if (snap)
		g->y = value;
}

static inline float
ref_glide_step(struct ref_glide *g)
{
	g->a -= g->a * g->rate;
	g->b += (g->a - g->b) * g->rate;
	g->d += (g->b - g->d) * g->rate;
	return g->y = g->target + g->d;
}

static inline void
ref_glide_settle(struct ref_glide *g)
{
	float near = ref_max(fabsf(g->target), 1) * 1e-6f;
	if (!(fabsf(g->d) > near || fabsf(g->b) > near || fabsf(g->a) > near)) {
		g->y = g->target;
		g->a = g->b = g->d = 0;
	}
}

/* The windowed peak of dsp/dynamics.h from its definition: the maximum of count whole blocks and the one under way. */
struct ref_peak {
	float past[16384];
	int at, frames, count;
};

static inline void
ref_peak_init(struct ref_peak *p, double rate, double seconds)
{
	memset(p, 0, sizeof *p);
	p->frames = rate < 16000 ? 8 : rate < 32000 ? 16 : rate < 64000 ? 32 : 64;
	p->count = (int)(seconds * rate / p->frames) + 1;
}

static inline float
ref_peak_step(struct ref_peak *p, float x)
{
	p->past[p->at % 16384] = x;
	float y = 0;
	int first = (p->at / p->frames - p->count) * p->frames;
	for (int i = p->at; i >= first && i >= 0; i--)
		y = ref_max(p->past[i % 16384], y);
	p->at++;
	return y;
}

/* The key filter of dsp/dynamics.h. */
struct ref_filter {
	struct ref_glide g;
	int on;
	float s1[2], s2[2];
};

static inline void
ref_filter_set(struct ref_filter *f, int on, double hz, double rate, int snap)
{
	if (on)
		ref_glide_set(&f->g, (float)f_tan(F_PI * (hz < 0.49 * rate ? hz : 0.49 * rate) / rate), snap || !f->on);
	else
		memset(f->s1, 0, sizeof f->s1), memset(f->s2, 0, sizeof f->s2);
	f->on = on;
}

static inline void
ref_filter_step(struct ref_filter *f, float x[2], int low)
{
	float g = ref_glide_step(&f->g);
	float a1 = 1.0f / (g * (g + 1.41421356f) + 1.0f), a2 = g * a1, a3 = g * a2;
	for (int side = 0; f->on && side < 2; side++) {
		float v3 = x[side] - f->s2[side];
		float v1 = a1 * f->s1[side] + a2 * v3;
		float v2 = f->s2[side] + a2 * f->s1[side] + a3 * v3;
		f->s1[side] = v1 + v1 - f->s1[side];
		f->s2[side] = v2 + v2 - f->s2[side];
		x[side] = low ? v2 : x[side] - 1.41421356f * v1 - v2;
	}
}

/* The smoother of reductions of dsp/dynamics.h. */
struct ref_follow {
	float asked, away, up, down, hold, count;
};

static inline void
ref_follow_set(struct ref_follow *f, double up_ms, double down_ms, double hold_frames, double rate)
{
	f->up = (float)(1 - f_exp(-1000 / (up_ms * rate)));
	f->down = (float)(1 - f_exp(-1000 / (down_ms * rate)));
	f->hold = hold_frames > 0 ? (float)hold_frames : 0;
	if (!(f->hold > 0))
		f->count = 0;
}

static inline float
ref_follow_step(struct ref_follow *f, float asked)
{
	float away = f->away + (f->asked - asked);
	float step = away * (away < 0 ? f->up : f->down);
	if (!(away > 0.0078125f)) {
		f->count = 0;
	} else if (f->count < f->hold) {
		f->count += 1;
		step = 0;
	}
	f->asked = asked;
	f->away = away - step;
	return asked + f->away;
}

/* The frame of dsp/keyed.h. */
struct ref_keyed {
	struct ref_peak peak;
	struct ref_filter hpf, lpf;
	struct ref_glide on, mix, listen;
	int active, external;
	double rate;
};

static inline void
ref_keyed_init(struct ref_keyed *k, double rate)
{
	memset(k, 0, sizeof *k);
	ref_peak_init(&k->peak, rate, 0.017);
	ref_glide_init(&k->hpf.g, rate, 1);
	ref_glide_init(&k->lpf.g, rate, 1);
	ref_glide_init(&k->on, rate, 0);
	ref_glide_init(&k->mix, rate, 1);
	ref_glide_init(&k->listen, rate, 0);
	k->rate = rate;
}

static inline void
ref_keyed_rest(struct ref_keyed *k)
{
	memset(k->peak.past, 0, sizeof k->peak.past);
	memset(k->hpf.s1, 0, sizeof k->hpf.s1);
	memset(k->hpf.s2, 0, sizeof k->hpf.s2);
	memset(k->lpf.s1, 0, sizeof k->lpf.s1);
	memset(k->lpf.s2, 0, sizeof k->lpf.s2);
	k->active = 0;
}

/* hpf and lpf in Hz, 0 is off. Returns whether the strip is at rest now. */
static inline int
ref_keyed_set(struct ref_keyed *k, int on, double mix, int external, double hpf, double lpf, int listen, int snap)
{
	int jump = snap || !k->active;
	ref_glide_set(&k->mix, (float)mix, jump);
	ref_glide_set(&k->listen, listen ? 1 : 0, jump);
	ref_glide_set(&k->on, on ? 1 : 0, snap);
	ref_filter_set(&k->hpf, hpf > 0, hpf, k->rate, jump);
	ref_filter_set(&k->lpf, lpf > 0, lpf, k->rate, jump);
	k->external = external;
	if (on)
		k->active = 1;
	else if (k->on.y == 0)
		ref_keyed_rest(k);
	return !k->active;
}

/* The level of frame i in octaves, and the filtered key. */
static inline float
ref_keyed_level(struct ref_keyed *k, const float *const in[4], int i, float key[2])
{
	key[0] = in[k->external ? 2 : 0][i];
	key[1] = in[k->external ? 3 : 1][i];
	ref_filter_step(&k->hpf, key, 0);
	ref_filter_step(&k->lpf, key, 1);
	return ref_log2(ref_peak_step(&k->peak, ref_max(fabsf(key[0]), fabsf(key[1]))));
}

static inline void
ref_keyed_apply(struct ref_keyed *k, float gain, const float key[2], float *l, float *r)
{
	float on = ref_glide_step(&k->on), wet = on * ref_glide_step(&k->mix), s = ref_glide_step(&k->listen) * on;
	gain = gain * wet + (1.0f - wet);
	*l *= gain;
	*r *= gain;
	if (s != 0) {
		*l += s * (key[0] - *l);
		*r += s * (key[1] - *r);
	}
}

/* At a quantum's end; returns whether the strip has faded out. */
static inline int
ref_keyed_settle(struct ref_keyed *k)
{
	ref_glide_settle(&k->hpf.g);
	ref_glide_settle(&k->lpf.g);
	ref_glide_settle(&k->on);
	ref_glide_settle(&k->mix);
	ref_glide_settle(&k->listen);
	if (k->on.y != 0 || k->on.target != 0)
		return 0;
	ref_keyed_rest(k);
	return 1;
}

#endif
