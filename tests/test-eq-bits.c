/*
 * The bits of the equaliser and the filters: a strip's output is the same in any lane, next to any neighbours, at every
 * width, after a move and however often values are repeated, and equals a plain scalar reference exactly. The rounding
 * of low bands is held to double precision.
 */
#include "dsp/section.h"
#include "eqtest.h"

#define RATE 48000.0
#define FRAMES (120 * QUANTUM)

struct width {
	const struct dsp_proc *eq, *filter;
	int lanes;
};

static int
widths(struct width w[3])
{
	w[0] = (struct width){&eq_proc_w1, &filter_proc_w1, 1};
	w[1] = (struct width){&eq_proc_w4, &filter_proc_w4, 4};
#ifdef __x86_64__
	if (!__builtin_cpu_supports("avx2")) {
		puts("skipped: eight lanes, this CPU has no AVX2");
		return 2;
	}
#endif
	w[2] = (struct width){&eq_proc_w8, &filter_proc_w8, 8};
	return 3;
}

static struct eq_params
random_eq(uint64_t *seed)
{
	struct eq_params p = {.on = test_random(seed) > -0.8};
	for (int k = 0; k < EQ_BANDS; k++)
		p.band[k] = (struct eq_band){.on = test_random(seed) > -0.3,
		                             .type = (int)(3.5 + 3.5 * test_random(seed)),
		                             .side = (int)(1.5 + 1.5 * test_random(seed)),
		                             .freq = 16 * pow(1250, 0.5 + 0.5 * test_random(seed)),
		                             .gain = 12 * test_random(seed),
		                             .q = 0.3 * pow(20, 0.5 + 0.5 * test_random(seed))};
	return p;
}

static struct filter_params
random_filter(uint64_t *seed)
{
	return (struct filter_params){
	    test_random(seed) > -0.3, (int)(2 + 2 * test_random(seed)), 10 * pow(200, 0.5 + 0.5 * test_random(seed)),
	    test_random(seed) > 0,    (int)(2 + 2 * test_random(seed)), 200 * pow(100, 0.5 + 0.5 * test_random(seed))};
}

/* A strip's story is all in its seed: what it hears, and what is set when. `repeat` says everything many times. */
static void
play_strip(const struct width *w, int lane, int stereo, uint64_t strip, uint64_t others, int repeat, int wander,
           float *l, float *r)
{
	struct bank bank[2][2] = {{bank_new(w->filter, w->lanes, RATE), bank_new(w->eq, w->lanes, RATE)},
	                          {bank_new(w->filter, w->lanes, RATE), bank_new(w->eq, w->lanes, RATE)}};
	struct eq_params eq[DSP_MAX_LANES] = {{0}};
	struct filter_params filter[DSP_MAX_LANES] = {{0}};
	uint64_t seed[DSP_MAX_LANES];
	for (int k = 0; k < w->lanes; k++)
		seed[k] = k == lane ? strip : others + (uint64_t)k;
	int here = 0, at = lane;
	for (int n = 0; n < FRAMES; n += QUANTUM) {
		struct bank *f = &bank[here][0], *e = &bank[here][1];
		if (wander && n == 31 * QUANTUM) { /* in the middle of a fade */
			here = 1;
			at = w->lanes - 1 - lane;
			for (int k = 0; k < 2; k++)
				bank[1][k].proc->move(bank[1][k].state, at, bank[0][k].state, lane);
			f = &bank[1][0];
			e = &bank[1][1];
		}
		for (int k = 0; k < w->lanes; k++) {
			int who = here && k == at ? lane : k;
			if (here && k != at)
				continue;
			int turn = n / QUANTUM % 30 == 0 || n == 38 * QUANTUM;
			if (turn) {
				eq[who] = random_eq(&seed[who]);
				filter[who] = random_filter(&seed[who]);
			}
			for (int again = 0; again < (turn ? 1 + 2 * repeat : repeat); again++) {
				f->proc->set(f->state, k, &filter[who], n == 0);
				e->proc->set(e->state, k, &eq[who], n == 0);
			}
		}
		for (int k = 0; k < w->lanes; k++) {
			int who = !here ? k : k == at ? lane : k == lane ? at : k;
			for (int i = 0; i < QUANTUM; i++) {
				e->l[i * w->lanes + k] = 0.3f * (float)test_random(&seed[who]);
				e->r[i * w->lanes + k] = 0.3f * (float)test_random(&seed[who]);
			}
		}
		struct dsp_io io = {e->l, stereo ? e->r : NULL, NULL, NULL};
		f->proc->run(f->state, &io);
		e->proc->run(e->state, &io);
		for (int i = 0; i < QUANTUM; i++) {
			l[n + i] = e->l[i * w->lanes + at];
			r[n + i] = e->r[i * w->lanes + at];
		}
	}
	for (int k = 0; k < 2; k++) {
		bank_free(&bank[k][0]);
		bank_free(&bank[k][1]);
	}
}

START_TEST(same_in_every_lane_and_width)
{
	static float truth[2][FRAMES], l[FRAMES], r[FRAMES];
	struct width w[3];
	int count = widths(w);
	for (uint64_t strip = 1; strip <= 6; strip++) {
		int stereo = strip % 3 != 0;
		play_strip(&w[0], 0, stereo, strip, 0, 0, 0, truth[0], truth[1]);
		for (int k = 0; k < count; k++)
			for (int lane = 0; lane < w[k].lanes; lane += 1 + (w[k].lanes > 4)) {
				int repeat = lane & 1, wander = (lane >> 1) & 1;
				play_strip(&w[k], lane, stereo, strip, 100 * strip + (uint64_t)lane, repeat, wander, l, r);
				ck_assert_msg(!memcmp(l, truth[0], sizeof l) && !memcmp(r, truth[1], sizeof r),
				              "strip %d, lane %d of %d", (int)strip, lane, w[k].lanes);
			}
	}
}
END_TEST

/* One section in scalars, as struct section tells it; `carry` as in the kernel's low bands. */
struct scalar {
	float p, q, d, n1, n2, s1, s2, c1, c2;
	int carry;
};

static float
scalar_step(struct scalar *k, float x)
{
	float out = k->d * x + (k->n1 * k->s1 + k->n2 * k->s2);
	float add = ((x - k->p * k->s1) - k->q * k->s2) - k->c1;
	float add2 = (k->s1 - k->c2) + add, sum = k->s1 + add, sum2 = k->s2 + add2;
	if (k->carry) {
		k->c1 = (sum - k->s1) - add;
		k->c2 = (sum2 - k->s2) - add2;
	}
	k->s1 = sum;
	k->s2 = sum2;
	return out;
}

static struct prototype
bell(double gain, double q)
{
	double a = pow(10, gain / 40);
	return (struct prototype){{1, a / q, 1}, {1, 1 / (a * q), 1}};
}

START_TEST(equals_the_scalar_reference)
{
	struct eq_params p = {.on = 1};
	struct scalar s[2 * EQ_BANDS];
	int sections = 0;
	for (int k = 0; k < EQ_BANDS; k++) {
		static const double freqs[] = {30, 90, 800, 3000, 12000, 19000};
		double gain = k & 1 ? -6 : 8;
		p.band[k] = (struct eq_band){1, EQ_BELL, EQ_STEREO, freqs[k], gain, 1};
		struct section x[2];
		struct prototype h = bell(gain, 1);
		int n = section_design(x, &h, 2 * M_PI * freqs[k] / RATE, 2 * M_PI * 20000 / RATE);
		for (int i = 0; i < n; i++)
			s[sections++] =
			    (struct scalar){(float)x[i].p, (float)x[i].q, (float)x[i].d, (float)x[i].n1, (float)x[i].n2, 0, 0, 0, 0,
			                    freqs[k] < 100};
	}
	ck_assert_int_gt(sections, EQ_BANDS); /* the top bands take two */
	struct width w[3];
	int count = widths(w);
	for (int k = 0; k < count; k++) {
		struct bank b = bank_new(w[k].eq, w[k].lanes, RATE);
		b.proc->set(b.state, w[k].lanes / 2, &p, 1);
		struct scalar mine[2 * EQ_BANDS];
		memcpy(mine, s, sizeof mine);
		uint64_t seed = 9;
		for (int n = 0; n < 100; n++) {
			float l[QUANTUM], r[QUANTUM], want[QUANTUM];
			for (int i = 0; i < QUANTUM; i++) {
				l[i] = r[i] = want[i] = (float)test_random(&seed);
				for (int j = 0; j < sections; j++)
					want[i] = scalar_step(&mine[j], want[i]);
			}
			bank_lane(&b, w[k].lanes / 2, l, r);
			ck_assert_mem_eq(l, want, sizeof want);
			ck_assert_mem_eq(r, want, sizeof want);
		}
		bank_free(&b);
	}
}
END_TEST

/* Bells at 20 to 40 Hz and 96 kHz against double precision with the same numbers: noise at most -150 dBFS. */
START_TEST(noise_of_low_bells)
{
	for (int k = 0; k < 12; k++) {
		double freq = 20 + 10 * (k % 3), gain = k / 3 % 2 ? 12 : -12, q = k > 5 ? 2 : 0.7, rate = 96000;
		struct prototype h = bell(gain, q);
		struct section x[2];
		ck_assert_int_eq(section_design(x, &h, 2 * M_PI * freq / rate, 2 * M_PI * 20000 / rate), 1);
		double n[5] = {(float)x->p, (float)x->q, (float)x->d, (float)x->n1, (float)x->n2}, s1 = 0, s2 = 0, power = 0;
		struct bank b = bank_new(&eq_proc_w1, 1, rate);
		struct eq_params p = {.on = 1};
		p.band[0] = (struct eq_band){1, EQ_BELL, EQ_STEREO, freq, gain, q};
		b.proc->set(b.state, 0, &p, 1);
		int frames = 192000;
		for (int t = 0; t < frames; t += QUANTUM) {
			float in[QUANTUM];
			double want[QUANTUM];
			for (int i = 0; i < QUANTUM; i++) {
				double now = 2 * M_PI * (t + i) / rate;
				in[i] = (float)(0.5 * sin(997 * now) + 0.1 * sin(1.1 * freq * now));
				double y = (double)in[i], e = y - n[0] * s1 - n[1] * s2;
				want[i] = n[2] * y + n[3] * s1 + n[4] * s2;
				s1 += e;
				s2 += s1;
			}
			bank_lane(&b, 0, in, NULL);
			for (int i = 0; i < QUANTUM; i++)
				power += ((double)in[i] - want[i]) * ((double)in[i] - want[i]);
		}
		double level = 10 * log10(power / frames);
		ck_assert_msg(level <= -150, "%g Hz, %g dB, Q %g: noise %.1f dBFS", freq, gain, q, level);
		bank_free(&b);
	}
}
END_TEST

TEST_MAIN("eq-bits", 60, same_in_every_lane_and_width, equals_the_scalar_reference, noise_of_low_bells)
