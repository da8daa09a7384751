/* What the tests of the equaliser and the filters share: kernels by width, banks on the heap, the analogue truth. */
#ifndef EQTEST_H
#define EQTEST_H

#include "base/fpu.h"
#include "desktest.h"
#include "dsp/dsp.h"
#include "dsp/eq.h"
#include "dsp/filter.h"

#include <complex.h>
#include <stdio.h>
#include <string.h>

extern const struct dsp_proc eq_proc_w1, eq_proc_w4, eq_proc_w8, filter_proc_w1, filter_proc_w4, filter_proc_w8;

struct bank {
	const struct dsp_proc *proc;
	int lanes;
	void *state;
	float *l, *r; /* one quantum */
};

static inline struct bank
bank_new(const struct dsp_proc *proc, int lanes, double rate)
{
	struct bank b = {proc, lanes, NULL, NULL, NULL};
	size_t buffer = sizeof(float) * (size_t)(QUANTUM * lanes);
	b.state = aligned_alloc(DSP_ALIGN, (proc->size + DSP_ALIGN - 1) / DSP_ALIGN * DSP_ALIGN);
	b.l = aligned_alloc(DSP_ALIGN, (buffer + DSP_ALIGN - 1) / DSP_ALIGN * DSP_ALIGN);
	b.r = aligned_alloc(DSP_ALIGN, (buffer + DSP_ALIGN - 1) / DSP_ALIGN * DSP_ALIGN);
	memset(b.l, 0, buffer);
	memset(b.r, 0, buffer);
	proc->init(b.state, rate);
	fpu_flush_denormals();
	return b;
}

static inline void
bank_free(struct bank *b)
{
	free(b->state);
	free(b->l);
	free(b->r);
}

static inline void
bank_run(struct bank *b, int stereo)
{
	struct dsp_io io = {b->l, stereo ? b->r : NULL, NULL, NULL};
	b->proc->run(b->state, &io);
}

/* One quantum of one lane in place; r may be NULL in a mono bank. The other lanes hear silence. */
static inline void
bank_lane(struct bank *b, int lane, float *l, float *r)
{
	memset(b->l, 0, sizeof(float) * (size_t)(QUANTUM * b->lanes));
	memset(b->r, 0, sizeof(float) * (size_t)(QUANTUM * b->lanes));
	for (int n = 0; n < QUANTUM; n++) {
		b->l[n * b->lanes + lane] = l[n];
		if (r)
			b->r[n * b->lanes + lane] = r[n];
	}
	bank_run(b, r != NULL);
	for (int n = 0; n < QUANTUM; n++) {
		l[n] = b->l[n * b->lanes + lane];
		if (r)
			r[n] = b->r[n * b->lanes + lane];
	}
}

/* H(s) of the RBJ cookbook at f Hz. */
static inline double complex
eq_truth(const struct eq_band *b, double f)
{
	double a = pow(10, b->gain / 40), q = b->q;
	double complex s = (double complex)I * (f / b->freq), s2 = s * s, d = s2 + s / q + 1;
	switch ((enum eq_type)b->type) {
	case EQ_BELL:
		return (s2 + s * (a / q) + 1) / (s2 + s / (a * q) + 1);
	case EQ_LOWSHELF:
		return a * (s2 + sqrt(a) / q * s + a) / (a * s2 + sqrt(a) / q * s + 1);
	case EQ_HIGHSHELF:
		return a * (a * s2 + sqrt(a) / q * s + 1) / (s2 + sqrt(a) / q * s + a);
	case EQ_NOTCH:
		return (s2 + 1) / d;
	case EQ_LOWPASS:
		return 1 / d;
	case EQ_HIGHPASS:
		return s2 / d;
	case EQ_BANDPASS:
		return s / q / d;
	}
	return 0;
}

/* |DFT| of x at f Hz. */
static inline double
gain_at(const float *x, int n, double f, double rate)
{
	double complex step = cexp(-(double complex)I * 2 * M_PI * f / rate), turn = 1, sum = 0;
	for (int k = 0; k < n; k++) {
		sum += turn * (double)x[k];
		turn *= step;
	}
	return cabs(sum);
}

#endif
