#include "dyncheck.h"

#include "dsp/gate.h"

static const struct gate_params defaults = {.on = 1,
                                            .ratio = 100,
                                            .threshold = -50,
                                            .hysteresis = 4,
                                            .range = 60,
                                            .attack = 1,
                                            .hold = 30,
                                            .release = 150,
                                            .key_hpf = 10,
                                            .key_lpf = 20000};

/* Runs a tone for a second at one level, then a second at another, and returns the gain in dB over the last 0.2 s. */
static double
gain_at(const struct gate_params *p, double hz, double before, double level, double rate)
{
	int half = (int)rate / QUANTUM * QUANTUM, frames = 2 * half, last = (int)(0.2 * rate);
	double amplitude = pow(10, level / 20);
	float *x = tone(hz, rate, amplitude, frames);
	for (int i = 0; i < half; i++)
		x[i] *= (float)pow(10, (before - level) / 20);
	struct strip s = strip_open(&gate_proc_w4, 4, 2, rate);
	gate_proc_w4.set(s.state, 2, p, 1);
	strip_run_mono(&s, x, NULL, frames);
	double out = tone_level(x + frames - last, last, hz, rate);
	strip_close(&s);
	free(x);
	return test_db(out / amplitude);
}

/* Range, hysteresis and the expander's slope, coming from above (open) and from below (closed). */
START_TEST(static_curve)
{
	struct gate_params p = defaults;
	p.threshold = -20;
	p.range = 40;
	p.release = 40;
	ck_assert_double_eq_tol(gain_at(&p, 1000, -60, -19.9, 48000), 0, 0.1);
	ck_assert_double_eq_tol(gain_at(&p, 1000, -60, -20.1, 48000), -40, 0.1);
	ck_assert_double_eq_tol(gain_at(&p, 1000, 0, -23.9, 48000), 0, 0.1);
	ck_assert_double_eq_tol(gain_at(&p, 1000, 0, -24.1, 48000), -40, 0.1);
	p.hysteresis = 0;
	ck_assert_double_eq_tol(gain_at(&p, 1000, 0, -20.1, 48000), -40, 0.1);
	static const double ratios[] = {1, 1.5, 2, 4}, levels[] = {-19, -21, -24, -30, -36, -50};
	for (int a = 0; a < 4; a++)
		for (int b = 0; b < 6; b++) {
			p.ratio = ratios[a];
			double want = levels[b] >= -20 ? 0 : -fmin((ratios[a] - 1) * (-20 - levels[b]), 40);
			ck_assert_double_eq_tol(gain_at(&p, 1000, -70, levels[b], 48000), want, 0.1);
		}
}
END_TEST

START_TEST(every_rate)
{
	static const double rates[] = {8000, 16000, 44100, 192000};
	for (int k = 0; k < 4; k++) {
		struct gate_params p = defaults;
		p.ratio = 2;
		p.threshold = -20;
		ck_assert_double_eq_tol(gain_at(&p, 40, -70, -30, rates[k]), -10, 0.1);
		p.ratio = 100;
		ck_assert_double_eq_tol(gain_at(&p, 40, 0, -22, rates[k]), 0, 0.1);
	}
}
END_TEST

START_TEST(attack_time)
{
	static const double rates[] = {8000, 48000, 192000}, times[] = {0.05, 1, 20, 200};
	for (int a = 0; a < 3; a++)
		for (int b = 0; b < 4; b++) {
			struct gate_params p = defaults;
			p.attack = times[b];
			int at = (int)(0.2 * rates[a]) / QUANTUM * QUANTUM + 5, frames = (int)rates[a] / QUANTUM * QUANTUM;
			double asked = times[b] * rates[a] / 1000;
			double *gain = step_response(&gate_proc_w4, &p, rates[a], -70, -10, at, frames);
			ck_assert_double_eq_tol(gain[at - 1], -60, 0.1); /* a song begins closed */
			ck_assert_double_eq_tol(crossing(gain, at, frames, -60 * exp(-1)), asked, fmax(0.03 * asked, 0.5));
			free(gain);
		}
}
END_TEST

START_TEST(hold_and_release_time)
{
	static const double rates[] = {8000, 48000, 192000}, releases[] = {5, 150, 1000}, holds[] = {0, 20, 30, 300, 2000};
	for (int a = 0; a < 3; a++)
		for (int b = 0; b < 3; b++)
			for (int h = 0; h < 5; h++) {
				struct gate_params p = defaults;
				p.release = releases[b];
				p.hold = holds[h];
				int at = (int)(0.2 * rates[a]) / QUANTUM * QUANTUM + 27 * h;
				int frames = (int)((0.4 + (holds[h] + 2 * releases[b]) / 1000) * rates[a]) / QUANTUM * QUANTUM;
				double ms = rates[a] / 1000;
				double *gain = step_response(&gate_proc_w4, &p, rates[a], -10, -70, at, frames);
				double t1 = crossing(gain, at, frames, -6), t2 = crossing(gain, at, frames, -60 * (1 - exp(-1)));
				/* the pole's path through two points gives its time and where it began */
				double tau = (t2 - t1) / (1 + log(0.9)), began = t1 + tau * log(0.9);
				ck_assert_double_eq_tol(tau, releases[b] * ms, 0.03 * releases[b] * ms);
				if (holds[h] > 0)
					ck_assert_double_eq_tol(began, holds[h] * ms, 0.03 * holds[h] * ms);
				else
					ck_assert_msg(began >= 16.9 * ms && began <= 19 * ms, "%g ms", began / ms);
				free(gain);
			}
}
END_TEST

/*
 * A tom: 90 Hz dying away with 300 ms, beating at 25 Hz, in noise 50 dB below. However fast the gate, it opens once and
 * closes once; without hysteresis and hold it would chatter, as the count of a bare level against the threshold shows.
 */
START_TEST(no_chatter)
{
	static const double thresholds[] = {-20, -26, -32};
	for (int k = 0; k < 3; k++) {
		struct gate_params p = defaults;
		p.threshold = thresholds[k];
		p.hysteresis = 5;
		p.attack = 0.05;
		p.release = 5;
		int frames = 96000, opened = 0, closed = 0, bare = 0, was = 0, above = 0;
		float *x = malloc(sizeof *x * (size_t)frames), *y = malloc(sizeof *y * (size_t)frames);
		uint64_t seed = 4;
		for (int i = 0; i < frames; i++) {
			double t = (i - 9600) / 48000.0, body = t < 0 ? 0 : exp(-t / 0.3) * (1 + 0.25 * sin(2 * M_PI * 25 * t));
			y[i] = x[i] = (float)(0.7 * body * sin(2 * M_PI * 90 * t) + 0.002 * test_random(&seed));
			int now = 0.7 * body > pow(10, p.threshold / 20);
			bare += was && !now;
			was = now;
		}
		struct strip s = strip_open(&gate_proc_w1, 1, 0, 48000);
		gate_proc_w1.set(s.state, 0, &p, 1);
		for (int i = 0; i < frames; i += QUANTUM) {
			strip_run(&s, y + i, NULL, NULL, NULL);
			for (int j = i; j < i + QUANTUM; j++) {
				if (fabsf(x[j]) < 1e-4f)
					continue;
				double gain = test_db((double)y[j] / (double)x[j]);
				if (above ? gain < -3 : gain > -3)
					*(above ? &closed : &opened) += 1;
				above = gain >= -3;
			}
		}
		ck_assert_int_eq(opened, 1);
		ck_assert_int_eq(closed, 1);
		ck_assert_int_gt(bare, 1);
		strip_close(&s);
		free(x);
		free(y);
	}
}
END_TEST

/* The key's filters are Butterworths of second order: the expander shows the level behind them. */
START_TEST(key_filters)
{
	struct gate_params p = defaults;
	p.ratio = 2;
	p.threshold = 0;
	p.range = 90;
	for (int low = 0; low < 2; low++)
		for (double hz = 200; hz <= 3200; hz *= 2) {
			p.key_hpf = low ? 10 : 800;
			p.key_lpf = low ? 800 : 20000;
			double w = tan(M_PI * hz / 48000) / tan(M_PI * 800 / 48000);
			double level = test_db((low ? 1 : w * w) / sqrt(1 + w * w * w * w)) - 6;
			ck_assert_double_eq_tol(gain_at(&p, hz, -6, -6, 48000), level, 0.1);
		}
}
END_TEST

/* An external key opens it, and listening plays that key. */
START_TEST(keys)
{
	int frames = 48000 / QUANTUM * QUANTUM, last = 9600;
	float *x = tone(1000, 48000, 0.5, frames), *key = tone(3000, 48000, 0.001, frames);
	struct gate_params p = defaults;
	p.external = 1;
	struct strip s = strip_open(&gate_proc_w4, 4, 3, 48000);
	gate_proc_w4.set(s.state, 3, &p, 1);
	strip_run_mono(&s, x, key, frames);
	ck_assert_double_eq_tol(test_db(tone_level(x + frames - last, last, 1000, 48000) / 0.5), -60, 0.1);
	ck_assert_double_eq_tol((double)gate_proc_w4.reduction(s.state, 3), 60, 0.1);
	for (int i = 0; i < frames; i++)
		key[i] *= 500;
	p.listen = 1;
	gate_proc_w4.set(s.state, 3, &p, 0);
	strip_run_mono(&s, x, key, frames);
	ck_assert_double_eq_tol(test_db(tone_level(x + frames - last, last, 3000, 48000) / 0.5), 0, 0.01);
	ck_assert_double_le(tone_level(x + frames - last, last, 1000, 48000), 1e-6);
	strip_close(&s);
	free(x);
	free(key);
}
END_TEST

/* The whole gate in scalars. */
struct twin {
	struct ref_keyed keyed;
	struct ref_follow follow;
	struct ref_glide threshold, hysteresis, range;
	float slope, hold, low;
	int open;
};

static void
twin_init(void *twin, double rate)
{
	struct twin *g = twin;
	memset(g, 0, sizeof *g);
	ref_keyed_init(&g->keyed, rate);
	ref_glide_init(&g->threshold, rate, 0);
	ref_glide_init(&g->hysteresis, rate, 0);
	ref_glide_init(&g->range, rate, 0);
}

static void
twin_rest(struct twin *g)
{
	g->follow.asked = g->follow.away = g->low = 0;
	g->open = 0;
}

static void
twin_set(void *twin, const void *params, int snap)
{
	struct twin *g = twin;
	const struct gate_params *p = params;
	int fresh = !g->keyed.active, jump = snap || fresh;
	double rate = g->keyed.rate, window = g->keyed.peak.count * g->keyed.peak.frames + 0.5 * (g->keyed.peak.frames - 1);
	ref_glide_set(&g->threshold, (float)(p->threshold * 0.16609640474436813), jump);
	ref_glide_set(&g->hysteresis, (float)(p->hysteresis * 0.16609640474436813), jump);
	ref_glide_set(&g->range, (float)(p->range * 0.16609640474436813), jump);
	g->slope = p->ratio < 100 ? (float)(p->ratio - 1) : 1e6f;
	g->hold = ref_max((float)(p->hold * 0.001 * rate - window), 0);
	ref_follow_set(&g->follow, p->release, p->attack, 0, rate);
	if (ref_keyed_set(&g->keyed, p->on, 1, p->external, p->key_hpf > 10 ? p->key_hpf : 0,
	                  p->key_lpf < 20000 ? p->key_lpf : 0, p->listen, snap))
		twin_rest(g);
	else if (snap && fresh && p->ratio > 1)
		g->follow.asked = g->range.y;
}

static void
twin_run(void *twin, float *l, float *r, const float *kl, const float *kr)
{
	struct twin *g = twin;
	if (!g->keyed.active) {
		g->keyed.peak.at += QUANTUM;
		return;
	}
	const float *in[4] = {l, r, kl, kr};
	for (int i = 0; i < QUANTUM; i++) {
		float key[2], level = ref_keyed_level(&g->keyed, in, i, key), asked = 0;
		float threshold = ref_glide_step(&g->threshold), lower = threshold - ref_glide_step(&g->hysteresis);
		float range = ref_glide_step(&g->range);
		g->low = level < lower ? g->low + 1.0f : 0;
		if (level >= threshold)
			g->open = 1;
		else if (g->low > g->hold)
			g->open = 0;
		if (!g->open)
			asked = ref_min(ref_max(g->slope * (threshold - level), 0), range);
		float y = ref_follow_step(&g->follow, asked);
		ref_keyed_apply(&g->keyed, ref_exp2(0 - y), key, &l[i], &r[i]);
	}
	ref_glide_settle(&g->threshold);
	ref_glide_settle(&g->hysteresis);
	ref_glide_settle(&g->range);
	if (ref_keyed_settle(&g->keyed))
		twin_rest(g);
}

/* Random values, among them the ends of ranges. */
static void
random_params(void *params, uint64_t *seed)
{
	struct gate_params *p = params;
	p->on = test_random(seed) < 0.6;
	p->ratio = test_random(seed) < 0 ? 100 : 3 + 2 * test_random(seed);
	p->threshold = -20 + 20 * test_random(seed);
	p->hysteresis = fmax(0, 10 * test_random(seed));
	p->range = 45 + 45 * test_random(seed);
	p->attack = 5.05 + 5 * test_random(seed);
	p->hold = fmax(0, 100 * test_random(seed));
	p->release = 55 + 50 * test_random(seed);
	p->external = test_random(seed) < 0;
	p->key_hpf = fmax(10, 800 * test_random(seed));
	p->key_lpf = 15000 + 14000 * test_random(seed);
	p->listen = test_random(seed) < -0.4;
}

static struct twin one_twin;
static const struct dyn_case gate_case = {
    .bank = {&gate_proc_w1, &gate_proc_w4, &gate_proc_w8},
    .random = random_params,
    .twin = &one_twin,
    .init = twin_init,
    .set = twin_set,
    .run = twin_run,
};

/* The sine stays below the threshold, so that what jumps is the value, not the gate. */
START_TEST(clicks)
{
	struct gate_params a = defaults, b;
	double own = 7 * 40;
	a.attack = 0.05;
	a.release = 40;
	a.threshold = -3;
	b = a;
	b.on = 0;
	check_jumps(&gate_case, 0.5, &a, &b, own, "gate on and off");
	a.ratio = 2;
	a.threshold = 0;
	b = a;
	b.on = 0;
	check_jumps(&gate_case, 0.5, &a, &b, own, "expander on and off");
	b = a;
	a.threshold = -4;
	a.ratio = b.ratio = 1.8;
	b = a;
	b.threshold = -16;
	a.hysteresis = b.hysteresis = 0;
	check_jumps(&gate_case, 0.1, &a, &b, own, "threshold");
	b = a;
	a.range = 2;
	b.range = 14;
	check_jumps(&gate_case, 0.1, &a, &b, own, "range");
}
END_TEST

START_TEST(same_bits)
{
	check_same_bits(&gate_case);
}
END_TEST

START_TEST(off_is_rest)
{
	struct gate_params on = defaults, off;
	on.threshold = -10;
	on.key_hpf = 100;
	on.key_lpf = 9000;
	off = on;
	off.on = 0;
	check_off_is_rest(&gate_case, &on, &off);
}
END_TEST

TEST_MAIN("gate", 60, static_curve, every_rate, attack_time, hold_and_release_time, no_chatter, key_filters, keys,
          clicks, same_bits, off_is_rest)
