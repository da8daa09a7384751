#include "dyncheck.h"

#include "dsp/transient.h"

/* Runs a signal and returns the gain of its rms between two times, in dB. */
static double
gain_between(const struct transient_params *p, const float *x, int frames, double rate, double from, double to)
{
	float *y = malloc(sizeof *y * (size_t)frames);
	memcpy(y, x, sizeof *y * (size_t)frames);
	struct strip s = strip_open(&transient_proc_w4, 4, 3, rate);
	transient_proc_w4.set(s.state, 3, p, 1);
	strip_run_mono(&s, y, NULL, frames);
	double in = 0, out = 0;
	for (int i = (int)(from * rate); i < (int)(to * rate); i++) {
		in += (double)x[i] * (double)x[i];
		out += (double)y[i] * (double)y[i];
	}
	strip_close(&s);
	free(y);
	return 10 * log10(out / in);
}

/*
 * A note: from `before` dB it rises to -12 dBFS at 0.5 s within 2 ms, stays there for 300 ms, and dies away with
 * `slope` dB a second.
 */
static float *
note(double hz, double rate, double before, double slope, int frames)
{
	float *x = malloc(sizeof *x * (size_t)frames);
	for (int i = 0; i < frames; i++) {
		double t = i / rate - 0.5, level = t < 0 ? before : t < 0.002 ? before + (-12 - before) * t / 0.002 : -12;
		if (t > 0.3)
			level -= slope * (t - 0.3);
		x[i] = (float)(pow(10, level / 20) * sin(2 * M_PI * hz * i / rate));
	}
	return x;
}

/* Attacks: what follows the rise within 5 to 20 ms gets what was asked, what stands still gets nothing. */
START_TEST(attacks)
{
	static const double asked[] = {-15, -6, 3, 6, 15}, rates[] = {8000, 44100, 48000, 96000, 192000};
	static const double before[] = {-200, -60, -36}, tones[] = {100, 1000};
	for (int a = 0; a < 5; a++)
		for (int b = 0; b < 5; b++)
			for (int c = 0; c < 3; c++) {
				struct transient_params p = {.on = 1, .attack = asked[a]};
				int frames = (int)(1.5 * rates[b]) / QUANTUM * QUANTUM;
				float *x = note(tones[c % 2], rates[b], before[c], 60, frames);
				ck_assert_double_eq_tol(gain_between(&p, x, frames, rates[b], 0.505, 0.520), asked[a], 0.5);
				ck_assert_double_eq_tol(gain_between(&p, x, frames, rates[b], 0.7, 0.8), 0, 0.01);
				ck_assert_double_eq_tol(gain_between(&p, x, frames, rates[b], 1, 1.3), 0, 0.01);
				free(x);
			}
}
END_TEST

/* Sustain: what dies away at 30 dB a second and more gets what was asked, the attack and the steady part nothing. */
START_TEST(sustains)
{
	static const double asked[] = {-24, -6, 6, 24}, rates[] = {8000, 44100, 192000}, slopes[] = {30, 60, 90};
	for (int a = 0; a < 4; a++)
		for (int b = 0; b < 3; b++)
			for (int c = 0; c < 3; c++) {
				struct transient_params p = {.on = 1, .sustain = asked[a]};
				int frames = (int)(1.6 * rates[b]) / QUANTUM * QUANTUM;
				float *x = note(200, rates[b], -60, slopes[c], frames);
				ck_assert_double_eq_tol(gain_between(&p, x, frames, rates[b], 1.2, 1.4), asked[a], 0.5);
				ck_assert_double_eq_tol(gain_between(&p, x, frames, rates[b], 0.5, 0.8), 0, 0.1);
				free(x);
			}
}
END_TEST

/* Steady tones, low and high: nothing moves, and nothing is distorted. */
START_TEST(steady_tones)
{
	static const double hz[] = {31, 50, 110, 997, 7919, 15013};
	struct transient_params p = {.on = 1, .attack = 15, .sustain = 24};
	for (int k = 0; k < 6; k++) {
		int frames = 96000;
		float *x = tone(hz[k], 48000, 0.3, frames);
		ck_assert_double_eq_tol(gain_between(&p, x, frames, 48000, 1, 2), 0, 0.01);
		struct strip s = strip_open(&transient_proc_w1, 1, 0, 48000);
		transient_proc_w1.set(s.state, 0, &p, 1);
		strip_run_mono(&s, x, NULL, frames);
		ck_assert_double_le(tone_residue_db(x + 48000, 48000, hz[k], 48000), -120);
		strip_close(&s);
		free(x);
	}
}
END_TEST

/* Both sides get one gain. */
START_TEST(stereo_link)
{
	struct transient_params p = {.on = 1, .attack = 9, .sustain = -9};
	struct strip s = strip_open(&transient_proc_w4, 4, 0, 48000);
	transient_proc_w4.set(s.state, 0, &p, 1);
	uint64_t seed = 5;
	double most = 0;
	for (int q = 0; q < 600; q++) {
		float l[QUANTUM], r[QUANTUM], a[QUANTUM], b[QUANTUM];
		for (int i = 0; i < QUANTUM; i++) {
			double loud = exp(-(q % 150) * 0.02);
			a[i] = l[i] = (float)((0.6 + 0.3 * test_random(&seed)) * loud);
			b[i] = r[i] = (float)((0.6 + 0.3 * test_random(&seed)) * 0.1 * loud);
		}
		strip_run(&s, l, r, NULL, NULL);
		for (int i = 0; i < QUANTUM; i++) {
			double gain = test_db((double)l[i] / (double)a[i]);
			ck_assert_double_eq_tol(gain, test_db((double)r[i] / (double)b[i]), 0.02);
			most = fmax(most, fabs(gain));
		}
	}
	ck_assert_double_gt(most, 3);
	strip_close(&s);
}
END_TEST

/* The whole shaper in scalars. */
struct twin {
	struct ref_keyed keyed;
	struct ref_glide attack, sustain;
	float below, above, gain, rise, fall, move;
};

static const float lowest = (float)(-80 * 0.16609640474436813), dead = (float)0.16609640474436813,
                   span = (float)(0.2 / 0.16609640474436813);

static void
twin_rest(struct twin *t)
{
	t->below = t->above = lowest;
	t->gain = 0;
}

static void
twin_init(void *twin, double rate)
{
	struct twin *t = twin;
	memset(t, 0, sizeof *t);
	ref_keyed_init(&t->keyed, rate);
	ref_glide_init(&t->attack, rate, 0);
	ref_glide_init(&t->sustain, rate, 0);
	t->rise = (float)(1 - f_exp(-1000 / (20 * rate)));
	t->fall = (float)(1 - f_exp(-1000 / (300 * rate)));
	t->move = (float)(1 - f_exp(-1000 / (0.7 * rate)));
	twin_rest(t);
}

static void
twin_set(void *twin, const void *params, int snap)
{
	struct twin *t = twin;
	const struct transient_params *p = params;
	int jump = snap || !t->keyed.active;
	ref_glide_set(&t->attack, (float)(p->attack * 0.16609640474436813), jump);
	ref_glide_set(&t->sustain, (float)(p->sustain * 0.16609640474436813), jump);
	if (ref_keyed_set(&t->keyed, p->on, 1, 0, 0, 0, 0, snap))
		twin_rest(t);
}

static float
share(float octaves)
{
	return ref_min(ref_max(octaves - dead, 0) * span, 1);
}

static void
twin_run(void *twin, float *l, float *r, const float *kl, const float *kr)
{
	struct twin *t = twin;
	if (!t->keyed.active) {
		t->keyed.peak.at += QUANTUM;
		return;
	}
	const float *in[4] = {l, r, kl, kr};
	float rise = t->keyed.on.y < 0.9f ? 1 : t->rise;
	for (int i = 0; i < QUANTUM; i++) {
		float key[2], level = ref_max(ref_keyed_level(&t->keyed, in, i, key), lowest);
		float attack = ref_glide_step(&t->attack), sustain = ref_glide_step(&t->sustain);
		t->below = ref_min(t->below + (level - t->below) * rise, level);
		t->above = ref_max(t->above + (level - t->above) * t->fall, level);
		t->gain += (attack * share(level - t->below) + sustain * share(t->above - level) - t->gain) * t->move;
		ref_keyed_apply(&t->keyed, ref_exp2(t->gain), key, &l[i], &r[i]);
	}
	ref_glide_settle(&t->attack);
	ref_glide_settle(&t->sustain);
	if (ref_keyed_settle(&t->keyed))
		twin_rest(t);
}

/* Random values, among them the ends of ranges. */
static void
random_params(void *params, uint64_t *seed)
{
	struct transient_params *p = params;
	p->on = test_random(seed) < 0.6;
	p->attack = 15 * test_random(seed);
	p->sustain = 24 * test_random(seed);
}

static struct twin one_twin;
static const struct dyn_case transient_case = {
    .bank = {&transient_proc_w1, &transient_proc_w4, &transient_proc_w8},
    .random = random_params,
    .twin = &one_twin,
    .init = twin_init,
    .set = twin_set,
    .run = twin_run,
};

START_TEST(clicks)
{
	struct transient_params a = {.on = 1, .attack = 12, .sustain = 12}, b = {.on = 0, .attack = 12, .sustain = 12};
	check_jumps(&transient_case, 0.5, &a, &b, 0, "on and off");
	b.on = 1;
	b.attack = b.sustain = 0;
	check_jumps(&transient_case, 0.5, &a, &b, 0, "values");
}
END_TEST

START_TEST(same_bits)
{
	check_same_bits(&transient_case);
}
END_TEST

START_TEST(off_is_rest)
{
	struct transient_params on = {.on = 1, .attack = 6, .sustain = -6}, off = {.on = 0};
	check_off_is_rest(&transient_case, &on, &off);
}
END_TEST

TEST_MAIN("transient", 60, attacks, sustains, steady_tones, stereo_link, clicks, same_bits, off_is_rest)
