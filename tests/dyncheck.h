/*
 * What every dynamics processor must pass: the bits of its scalar twin in any lane of any width, rest when off, and no
 * clicks. Test programs only, one thread.
 */
#ifndef DYNCHECK_H
#define DYNCHECK_H

#include "dyntest.h"

/* A processor with its scalar twin; params are at most 256 bytes. */
struct dyn_case {
	const struct dsp_proc *bank[3]; /* of 1, 4 and 8 lanes */
	void (*random)(void *params, uint64_t *seed);
	void *twin;
	void (*init)(void *twin, double rate);
	void (*set)(void *twin, const void *params, int snap);
	void (*run)(void *twin, float *l, float *r, const float *kl, const float *kr); /* does nothing when off */
};

static const int dyn_widths[3] = {1, 4, 8};

/* Every width and lane, with restless neighbours and a move to another bank half way. */
static inline void
check_same_bits(const struct dyn_case *c)
{
	enum { QUANTA = 700 };
	char p[256];
	double worked = 0;
	for (int w = 0; w < 3; w++) {
		const struct dsp_proc *proc = c->bank[w];
		if (!strip_can(dyn_widths[w]))
			continue;
		for (int lane = 0; lane < dyn_widths[w]; lane += 3) {
			const double rate = lane ? 44100 : 96000;
			struct strip s = strip_open(proc, dyn_widths[w], lane, rate);
			struct strip other = strip_open(proc, dyn_widths[w], dyn_widths[w] - 1 - lane / 2, rate);
			c->init(c->twin, rate);
			uint64_t seed = 7, signal = 3, neighbours = 11 + (uint64_t)lane;
			for (int q = 0; q < QUANTA; q++) {
				if (q % 60 == 0) {
					c->random(p, &seed);
					proc->set(s.state, s.lane, p, q == 0);
					proc->set(s.state, s.lane, p, 0);
					c->set(c->twin, p, q == 0);
				}
				for (int k = 0; q % 37 == 0 && k < s.lanes; k++) {
					c->random(p, &neighbours);
					if (k != s.lane)
						proc->set(s.state, k, p, q % 2);
					if (q < QUANTA / 2 && k != other.lane)
						proc->set(other.state, k, p, 0);
				}
				if (q == QUANTA / 2) {
					proc->move(other.state, other.lane, s.state, s.lane);
					struct strip swap = s;
					s = other;
					other = swap;
				}
				float x[6][QUANTUM], silence[2][QUANTUM] = {{0}};
				double loud = pow(0.5 + 0.49 * sin(q * 0.05), 3);
				for (int i = 0; i < QUANTUM; i++)
					for (int k = 0; k < 6; k++)
						x[k][i] = k < 4 ? (float)(loud * test_random(&signal)) : x[k - 4][i];
				strip_run(&s, x[0], x[1], x[2], x[3]);
				if (q < QUANTA / 2)
					strip_run(&other, silence[0], silence[1], x[2], x[3]);
				worked += fabs((double)x[0][9] - (double)x[4][9]);
				c->run(c->twin, x[4], x[5], x[2], x[3]);
				ck_assert_mem_eq(x[0], x[4], sizeof x[0]);
				ck_assert_mem_eq(x[1], x[5], sizeof x[1]);
			}
			strip_close(&s);
			strip_close(&other);
		}
	}
	ck_assert_double_gt(worked, 1);
}

/* Off: bits pass untouched whatever they are while neighbours work; on again it starts as new. */
static inline void
check_off_is_rest(const struct dyn_case *c, const void *on, const void *off)
{
	for (int w = 1; w < 3; w++) {
		const struct dsp_proc *proc = c->bank[w];
		if (!strip_can(dyn_widths[w]))
			continue;
		struct strip s = strip_open(proc, dyn_widths[w], 1, 48000), fresh = strip_open(proc, dyn_widths[w], 1, 48000);
		proc->set(s.state, 0, on, 1);
		proc->set(s.state, 1, on, 1);
		uint64_t seed = 1;
		double worked = 0;
		for (int q = 0; q < 600; q++) {
			float x[QUANTUM], y[QUANTUM];
			for (int i = 0; i < QUANTUM; i++)
				x[i] = y[i] = (float)(test_random(&seed) * (q / 50 % 2 ? 1 : 0.05));
			if (q == 100)
				proc->set(s.state, 1, off, 0);
			if (q > 200 && q < 300) {
				for (int i = 0; i < QUANTUM; i++) {
					uint32_t bits = (uint32_t)(int32_t)(test_random(&seed) * 2147483648.0);
					if ((bits & 0x7f800000) == 0x7f800000)
						bits &= 0x807fffff; /* denormals rather than NaN and infinity */
					memcpy(&x[i], &bits, 4);
				}
				memcpy(y, x, sizeof y);
			}
			if (q == 300) {
				proc->set(s.state, 1, on, 0);
				proc->set(fresh.state, 1, on, 0);
			}
			float was = x[0];
			strip_run(&s, x, NULL, NULL, NULL);
			if (q >= 300)
				strip_run(&fresh, y, NULL, NULL, NULL);
			if (q > 200)
				ck_assert_mem_eq(x, y, sizeof x);
			if (q > 200 && q < 300 && proc->reduction)
				ck_assert(proc->reduction(s.state, 1) == 0);
			if (q > 400)
				worked += fabs((double)was - (double)x[0]);
		}
		ck_assert_double_gt(worked, 0.1);
		strip_close(&s);
		strip_close(&fresh);
	}
}

/*
 * A jump from one set of values to another during a 1 kHz sine: farther than 300 Hz from it nothing above -80 dB of its
 * louder state, and settled within 0.05 dB after 60 ms + `own` ms, the processor's own times.
 */
static inline void
check_jump(const struct dyn_case *c, double amplitude, const void *from, const void *to, double own, const char *what)
{
	int frames = 72000, at = 36032, window = 8192;
	float *x = tone(1000, 48000, amplitude, frames);
	struct strip s = strip_open(c->bank[1], 4, 0, 48000);
	s.proc->set(s.state, 0, from, 1);
	strip_run_mono(&s, x, NULL, at);
	s.proc->set(s.state, 0, to, 0);
	strip_run_mono(&s, x + at, NULL, frames - at);
	double loudest =
	    fmax(tone_level(x + at - 9600, 4800, 1000, 48000), tone_level(x + frames - 4800, 4800, 1000, 48000));
	for (int shift = -2048; shift <= 2048; shift += 2048) {
		double got = spurious_dbc(x + at - window / 2 + shift, window, 1000, 48000, 300, loudest);
		ck_assert_msg(got <= -80, "%s: %g dBc", what, got);
	}
	int settled = at + (int)((60 + own) * 48);
	ck_assert_int_lt(settled, frames - 960);
	ck_assert_double_ge(loudest, 0.01);
	double early = tone_level(x + settled, 480, 1000, 48000), late = tone_level(x + frames - 480, 480, 1000, 48000);
	ck_assert_msg(fabs(test_db(early / late)) <= 0.05, "%s settles: %g dB", what, test_db(early / late));
	strip_close(&s);
	free(x);
}

static inline void
check_jumps(const struct dyn_case *c, double amplitude, const void *a, const void *b, double own, const char *what)
{
	check_jump(c, amplitude, a, b, own, what);
	check_jump(c, amplitude, b, a, own, what);
}

#endif
