/* For tests of the master's units (dsp/ops.h): one unit and its state, signals through it, what tones come out as. */
#ifndef UNITTEST_H
#define UNITTEST_H

#include <stdio.h>
#include <string.h>

#include "base/fpu.h"
#include "desktest.h"
#include "dsp/ops.h"

static const int unit_widths[] = {1, 4, 8};

/* The unit's table for a width, or NULL where this processor has none. */
static inline const struct dsp_unit *
unit_of(enum dsp_master which, int lanes)
{
	const struct dsp_ops *ops = dsp_ops_pick(lanes);
	return ops ? ops->master[which] : NULL;
}

static inline void *
unit_new(const struct dsp_unit *unit, double rate, const void *params)
{
	void *state = NULL;
	ck_assert(posix_memalign(&state, DSP_ALIGN, unit->size(rate)) == 0);
	memset(state, 0, unit->size(rate));
	fpu_flush_denormals();
	unit->init(state, rate);
	unit->set(state, params, 1);
	return state;
}

/* Frames (a multiple of QUANTUM) in place. */
static inline void
unit_run(const struct dsp_unit *unit, void *state, float *l, float *r, int frames)
{
	for (int n = 0; n + QUANTUM <= frames; n += QUANTUM)
		unit->run(state, l + n, r + n);
}

static inline float *
unit_room(int frames)
{
	float *x = calloc((size_t)frames, sizeof *x);
	ck_assert_ptr_nonnull(x);
	return x;
}

static inline void
unit_noise(float *x, int frames, double level, uint64_t seed)
{
	for (int n = 0; n < frames; n++)
		x[n] = (float)(level * test_random(&seed));
}

static inline void
unit_tone(float *x, int frames, double hz, double rate, double amplitude)
{
	for (int n = 0; n < frames; n++)
		x[n] += (float)(amplitude * sin(2 * M_PI * hz * n / rate));
}

/* Amplitude and phase of the part of x at hz, under a Hann window; frames are many periods. */
static inline double
unit_level(const float *x, int frames, double hz, double rate, double *phase)
{
	double re = 0, im = 0;
	for (int n = 0; n < frames; n++) {
		double w = 1 - cos(2 * M_PI * (n + 0.5) / frames), a = 2 * M_PI * hz * n / rate;
		re += w * (double)x[n] * cos(a);
		im += w * (double)x[n] * sin(a);
	}
	if (phase)
		*phase = atan2(re, im);
	return 2 * hypot(re, im) / frames;
}

/* The same of an impulse's answer: the response at hz as a factor, and its phase. */
static inline double
unit_response(const float *x, int frames, double hz, double rate, double *phase)
{
	double re = 0, im = 0;
	for (int n = 0; n < frames; n++) {
		re += (double)x[n] * cos(2 * M_PI * hz * n / rate);
		im -= (double)x[n] * sin(2 * M_PI * hz * n / rate);
	}
	if (phase)
		*phase = atan2(im, re);
	return hypot(re, im);
}

/*
 * The four weights of the tree of Linkwitz-Riley crossovers at hz: each low half is 1 / (1 + x^4) and each high half
 * x^4 / (1 + x^4), all in one phase, x the ratio to the crossover as the bilinear transform has it.
 */
static inline void
unit_bands(double hz, const double cross[3], double rate, double weight[4])
{
	double low[3];
	for (int k = 0; k < 3; k++)
		low[k] = 1 / (1 + pow(tan(M_PI * hz / rate) / tan(M_PI * cross[k] / rate), 4));
	weight[0] = low[1] * low[0];
	weight[1] = low[1] * (1 - low[0]);
	weight[2] = (1 - low[1]) * low[2];
	weight[3] = (1 - low[1]) * (1 - low[2]);
}

/*
 * What every unit keeps: off it changes no bit (but for its latency), on and off again it ends there too, and all
 * widths give the same bits.
 */
static inline void
unit_check_rules(enum dsp_master which, double rate, const void *on, const void *off, size_t size)
{
	enum { FRAMES = 64 * 600 };
	char kept[512];
	ck_assert(size <= sizeof kept);
	float *wet[2] = {unit_room(FRAMES), unit_room(FRAMES)}, *first[2] = {unit_room(FRAMES), unit_room(FRAMES)};
	float *dry[2] = {unit_room(FRAMES), unit_room(FRAMES)};
	for (int c = 0; c < 2; c++)
		unit_noise(dry[c], FRAMES, 0.9, 5 + (uint64_t)c);
	for (int k = 0; k < 3; k++) {
		const struct dsp_unit *unit = unit_of(which, unit_widths[k]);
		if (!unit)
			continue;
		void *state = unit_new(unit, rate, off);
		for (int c = 0; c < 2; c++)
			memcpy(wet[c], dry[c], FRAMES * sizeof(float));
		for (int n = 0; n < FRAMES; n += QUANTUM) {
			memcpy(kept, n < FRAMES / 4 ? off : n < FRAMES / 2 ? on : off, size);
			unit->set(state, kept, 0);
			unit->run(state, wet[0] + n, wet[1] + n);
		}
		int late = unit->latency, changed = 0;
		for (int c = 0; c < 2; c++) {
			ck_assert(!memcmp(wet[c] + late, dry[c], (FRAMES / 4 - (size_t)late) * sizeof(float)));
			changed |= !!memcmp(wet[c] + FRAMES / 4 + late, dry[c] + FRAMES / 4, FRAMES / 4 * sizeof(float));
			/* off again: 5000 frames are time to fade, even at 96 kHz */
			size_t back = FRAMES / 2 + 7000;
			ck_assert_msg(!memcmp(wet[c] + back + late, dry[c] + back, (FRAMES - back - (size_t)late) * sizeof(float)),
			              "the bits do not come back");
			if (k == 0)
				memcpy(first[c], wet[c], FRAMES * sizeof(float));
			else
				ck_assert_msg(!memcmp(first[c], wet[c], FRAMES * sizeof(float)), "%d lanes differ", unit_widths[k]);
		}
		ck_assert_msg(changed, "on, it changes nothing");
		if (unit->busy)
			ck_assert_int_eq(unit->busy(state), 0);
		free(state);
	}
	for (int c = 0; c < 2; c++) {
		free(wet[c]);
		free(first[c]);
		free(dry[c]);
	}
}

#endif
