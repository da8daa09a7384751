#include "dyncheck.h"

#include "dsp/comp.h"

static const struct comp_params defaults = {
    .on = 1, .threshold = -20, .ratio = 3, .knee = 6, .attack = 10, .release = 120, .mix = 100, .key_hpf = 10};

/* The static curve of Giannoulis et al. 2012, eq. 4, as reduction in dB. */
static double
curve(const struct comp_params *p, double level)
{
	double over = level - p->threshold, slope = p->ratio >= 100 ? 1 : 1 - 1 / p->ratio;
	if (2 * over < -p->knee)
		return 0;
	if (2 * fabs(over) <= p->knee && p->knee > 0)
		return slope * (over + p->knee / 2) * (over + p->knee / 2) / (2 * p->knee);
	return slope * over;
}

/* Runs a tone for `seconds` and returns the gain in dB over the last 0.2 s. */
static double
gain_at(const struct comp_params *p, double hz, double level, double rate, double seconds)
{
	int frames = (int)(seconds * rate) / QUANTUM * QUANTUM, last = (int)(0.2 * rate);
	double amplitude = pow(10, level / 20);
	float *x = tone(hz, rate, amplitude, frames);
	struct strip s = strip_open(&comp_proc_w4, 4, 2, rate);
	comp_proc_w4.set(s.state, 2, p, 1);
	strip_run_mono(&s, x, NULL, frames);
	double out = tone_level(x + frames - last, last, hz, rate);
	strip_close(&s);
	free(x);
	return test_db(out / amplitude);
}

START_TEST(static_curve)
{
	static const double ratios[] = {1, 1.5, 3, 10, 100}, knees[] = {0, 6, 24};
	for (int a = 0; a < 5; a++)
		for (int b = 0; b < 3; b++)
			for (double level = -36; level <= 0; level += 3) {
				struct comp_params p = defaults;
				p.ratio = ratios[a];
				p.knee = knees[b];
				p.makeup = 5;
				ck_assert_double_eq_tol(gain_at(&p, 1000, level, 48000, 0.5), 5 - curve(&p, level), 0.1);
			}
}
END_TEST

/* Every rate and low notes: a sine reads its peak. */
START_TEST(every_rate)
{
	static const double rates[] = {8000, 11025, 16000, 32000, 44100, 88200, 192000};
	for (int k = 0; k < 7; k++) {
		ck_assert_double_eq_tol(gain_at(&defaults, 500, -5, rates[k], 0.6), -curve(&defaults, -5), 0.1);
		ck_assert_double_eq_tol(gain_at(&defaults, 40, -5, rates[k], 0.6), -curve(&defaults, -5), 0.1);
	}
}
END_TEST

/* Attack: frames until 1 - 1/e of the change; a frame's rounding is allowed where 3 % are less. */
START_TEST(attack_time)
{
	static const double rates[] = {8000, 48000, 192000}, times[] = {0.05, 0.5, 10, 250};
	for (int a = 0; a < 3; a++)
		for (int b = 0; b < 4; b++) {
			struct comp_params p = defaults;
			p.attack = times[b];
			int at = (int)(0.1 * rates[a]) / QUANTUM * QUANTUM + 17, frames = (int)(2.5 * rates[a]) / QUANTUM * QUANTUM;
			double asked = times[b] * rates[a] / 1000, from = curve(&p, -14), to = curve(&p, -2);
			p.threshold = -20;
			double *gain = step_response(&comp_proc_w4, &p, rates[a], -30, -2, at, frames);
			from = 0;
			double got = crossing(gain, at, frames, -(from + (to - from) * (1 - exp(-1))));
			ck_assert_double_eq_tol(got, asked, fmax(0.03 * asked, 0.5));
			free(gain);
		}
}
END_TEST

/* Release, from when the reduction begins to fall; and how long that takes from the last loud frame. */
START_TEST(hold_and_release_time)
{
	static const double rates[] = {8000, 48000, 192000}, releases[] = {5, 120, 4000}, holds[] = {0, 20, 100, 500};
	for (int a = 0; a < 3; a++)
		for (int b = 0; b < 3; b++)
			for (int h = 0; h < 4; h++) {
				if (releases[b] > 1000 && h > 0)
					continue;
				struct comp_params p = defaults;
				p.attack = 1;
				p.release = releases[b];
				p.hold = holds[h];
				for (int shift = 0; shift < 80; shift += 27) {
					int at = (int)(0.2 * rates[a]) / QUANTUM * QUANTUM + shift;
					int frames = (int)((releases[b] > 1000 ? 5.0 : 1.2) * rates[a]) / QUANTUM * QUANTUM;
					double full = curve(&p, -2), ms = rates[a] / 1000;
					double *gain = step_response(&comp_proc_w4, &p, rates[a], -2, -40, at, frames);
					/* the pole's path through two points gives where it began and its time */
					double t1 = crossing(gain, at, frames, -full * 0.9),
					       t2 = crossing(gain, at, frames, -full * exp(-1));
					double tau = (t2 - t1) / (1 + log(0.9)), began = t1 + tau * log(0.9);
					ck_assert_double_eq_tol(tau, releases[b] * ms, 0.03 * releases[b] * ms);
					if (holds[h] > 0)
						ck_assert_double_eq_tol(began, holds[h] * ms, 0.03 * holds[h] * ms);
					else if (releases[b] < 1000)
						ck_assert_msg(began >= 16.9 * ms && began <= 19 * ms, "%g ms", began / ms);
					free(gain);
				}
			}
}
END_TEST

/* Default attack and release (10 and 120 ms), ratio 3, threshold -20: 6 dB of reduction at -11 dBFS. */
START_TEST(distortion)
{
	static const struct {
		double hz, limit;
	} rows[] = {{50, -100}, {30, -60}, {41, -60}, {100, -100}, {1000, -100}};
	static const double rates[] = {44100, 48000, 96000};
	for (int a = 0; a < 3; a++)
		for (int b = 0; b < 5; b++) {
			int frames = (int)(3 * rates[a]) / QUANTUM * QUANTUM, last = (int)rates[a];
			float *x = tone(rows[b].hz, rates[a], pow(10, -11.0 / 20), frames);
			struct strip s = strip_open(&comp_proc_w1, 1, 0, rates[a]);
			comp_proc_w1.set(s.state, 0, &defaults, 1);
			strip_run_mono(&s, x, NULL, frames);
			ck_assert_double_eq_tol(comp_proc_w1.reduction(s.state, 0), 6, 0.1);
			double residue = tone_residue_db(x + frames - last, last, rows[b].hz, rates[a]);
			ck_assert_msg(residue <= rows[b].limit, "%g Hz at %g: %g dB", rows[b].hz, rates[a], residue);
			strip_close(&s);
			free(x);
		}
}
END_TEST

/* Both sides get one gain, whichever is louder, at every moment. */
START_TEST(stereo_link)
{
	struct strip s = strip_open(&comp_proc_w4, 4, 0, 48000);
	comp_proc_w4.set(s.state, 0, &defaults, 1);
	uint64_t seed = 5;
	for (int q = 0; q < 400; q++) {
		float l[QUANTUM], r[QUANTUM], a[QUANTUM], b[QUANTUM];
		for (int i = 0; i < QUANTUM; i++) {
			double loud = q / 100 % 2 ? 1 : 0.01;
			a[i] = l[i] = (float)((0.6 + 0.3 * test_random(&seed)) * loud);
			b[i] = r[i] = (float)((0.6 + 0.3 * test_random(&seed)) * 0.1);
		}
		strip_run(&s, l, r, NULL, NULL);
		for (int i = 0; i < QUANTUM; i++)
			ck_assert_double_eq_tol(test_db((double)l[i] / (double)a[i]), test_db((double)r[i] / (double)b[i]), 0.02);
	}
	ck_assert_double_gt(comp_proc_w4.reduction(s.state, 0), 1);
	strip_close(&s);
}
END_TEST

/* The key's high-pass is a Butterworth of second order, by the bilinear transform. */
START_TEST(key_high_pass)
{
	struct comp_params p = defaults;
	p.key_hpf = 400;
	p.knee = 0;
	static const double hz[] = {100, 200, 400, 1600};
	for (int k = 0; k < 4; k++) {
		double w = tan(M_PI * hz[k] / 48000) / tan(M_PI * 400 / 48000), h = w * w / sqrt(1 + w * w * w * w);
		ck_assert_double_eq_tol(gain_at(&p, hz[k], 0, 48000, 0.6), -curve(&p, test_db(h)), 0.1);
	}
}
END_TEST

START_TEST(mix_of_dry)
{
	static const double mixes[] = {0, 25, 50, 100};
	for (int k = 0; k < 4; k++) {
		struct comp_params p = defaults;
		p.mix = mixes[k];
		p.makeup = 4;
		double wet = pow(10, (4 - curve(&p, -2)) / 20), m = mixes[k] / 100;
		ck_assert_double_eq_tol(gain_at(&p, 1000, -2, 48000, 0.5), test_db(1 - m + m * wet), 0.1);
	}
}
END_TEST

/* An external key drives it, and listening plays that key behind its filter. */
START_TEST(keys)
{
	int frames = 48000 / QUANTUM * QUANTUM, last = 9600;
	float *x = tone(1000, 48000, 0.05, frames), *key = tone(3000, 48000, 0.5, frames);
	struct comp_params p = defaults;
	p.external = 1;
	struct strip s = strip_open(&comp_proc_w4, 4, 3, 48000);
	comp_proc_w4.set(s.state, 3, &p, 1);
	strip_run_mono(&s, x, key, frames);
	double got = test_db(tone_level(x + frames - last, last, 1000, 48000) / 0.05);
	ck_assert_double_eq_tol(got, -curve(&p, test_db(0.5)), 0.1);
	p.listen = 1;
	p.key_hpf = 3000;
	comp_proc_w4.set(s.state, 3, &p, 0);
	for (int i = 0; i < frames; i++)
		x[i] = (float)(0.05 * sin(2 * M_PI * 1000 * i / 48000));
	strip_run_mono(&s, x, key, frames);
	got = test_db(tone_level(x + frames - last, last, 3000, 48000) / 0.5);
	ck_assert_double_eq_tol(got, 10 * log10(0.5), 0.01);
	ck_assert_double_le(tone_level(x + frames - last, last, 1000, 48000), 1e-5);
	strip_close(&s);
	free(x);
	free(key);
}
END_TEST

/* The whole compressor in scalars. */
struct twin {
	struct ref_keyed keyed;
	struct ref_follow follow;
	struct ref_glide threshold, slope, knee, makeup;
};

static void
twin_init(void *twin, double rate)
{
	struct twin *c = twin;
	memset(c, 0, sizeof *c);
	ref_keyed_init(&c->keyed, rate);
	ref_glide_init(&c->threshold, rate, 0);
	ref_glide_init(&c->slope, rate, 0);
	ref_glide_init(&c->knee, rate, 0);
	ref_glide_init(&c->makeup, rate, 0);
}

static void
twin_rest(struct twin *c)
{
	c->follow.asked = c->follow.away = c->follow.count = 0;
}

static void
twin_set(void *twin, const void *params, int snap)
{
	struct twin *c = twin;
	const struct comp_params *p = params;
	int jump = snap || !c->keyed.active;
	double rate = c->keyed.rate, window = c->keyed.peak.count * c->keyed.peak.frames + 0.5 * (c->keyed.peak.frames - 1);
	ref_glide_set(&c->threshold, (float)(p->threshold * 0.16609640474436813), jump);
	ref_glide_set(&c->slope, p->ratio < 100 ? (float)(1 - 1 / p->ratio) : 1, jump);
	ref_glide_set(&c->knee, (float)(p->knee * 0.16609640474436813), jump);
	ref_glide_set(&c->makeup, (float)(p->makeup * 0.16609640474436813), jump);
	ref_follow_set(&c->follow, p->attack, p->release, p->hold * 0.001 * rate - window, rate);
	if (ref_keyed_set(&c->keyed, p->on, p->mix / 100, p->external, p->key_hpf > 10 ? p->key_hpf : 0, 0, p->listen,
	                  snap))
		twin_rest(c);
}

static void
twin_run(void *twin, float *l, float *r, const float *kl, const float *kr)
{
	struct twin *c = twin;
	if (!c->keyed.active) {
		c->keyed.peak.at += QUANTUM;
		return;
	}
	const float *in[4] = {l, r, kl, kr};
	for (int i = 0; i < QUANTUM; i++) {
		float key[2], level = ref_keyed_level(&c->keyed, in, i, key);
		float threshold = ref_glide_step(&c->threshold), slope = ref_glide_step(&c->slope);
		float knee = ref_glide_step(&c->knee), over = level - threshold + knee * 0.5f;
		float k = ref_min(ref_max(over, 0), knee), factor = 0.5f / ref_max(knee, 1e-3f);
		float y = ref_follow_step(&c->follow, slope * (k * k * factor + ref_max(over - knee, 0)));
		ref_keyed_apply(&c->keyed, ref_exp2(ref_glide_step(&c->makeup) - y), key, &l[i], &r[i]);
	}
	ref_glide_settle(&c->threshold);
	ref_glide_settle(&c->slope);
	ref_glide_settle(&c->knee);
	ref_glide_settle(&c->makeup);
	if (ref_keyed_settle(&c->keyed))
		twin_rest(c);
}

/* Random values, among them the ends of ranges. */
static void
random_params(void *params, uint64_t *seed)
{
	struct comp_params *p = params;
	p->on = test_random(seed) < 0.6;
	p->threshold = -30 + 30 * test_random(seed);
	p->ratio = test_random(seed) < 0 ? 100 : 5 + 4 * test_random(seed);
	p->knee = fmax(0, 24 * test_random(seed));
	p->attack = 5.05 + 5 * test_random(seed);
	p->hold = fmax(0, 100 * test_random(seed));
	p->release = 55 + 50 * test_random(seed);
	p->makeup = 12 * test_random(seed);
	p->mix = fmin(100, 80 + 70 * fabs(test_random(seed)));
	p->external = test_random(seed) < 0;
	p->key_hpf = fmax(10, 800 * test_random(seed));
	p->listen = test_random(seed) < -0.4;
}

static struct twin one_twin;
static const struct dyn_case comp_case = {
    .bank = {&comp_proc_w1, &comp_proc_w4, &comp_proc_w8},
    .random = random_params,
    .twin = &one_twin,
    .init = twin_init,
    .set = twin_set,
    .run = twin_run,
};

START_TEST(clicks)
{
	struct comp_params a = defaults, b = defaults;
	double own = 7 * 40;
	a.release = b.release = 40;
	a.attack = b.attack = 0.05;
	b.on = 0;
	check_jumps(&comp_case, 0.5, &a, &b, own, "on and off");
	b = a;
	b.threshold = -8;
	check_jumps(&comp_case, 0.5, &a, &b, own, "threshold");
	b = a;
	b.makeup = 12;
	check_jumps(&comp_case, 0.5, &a, &b, own, "make-up");
	b = a;
	a.makeup = -2;
	b.makeup = -2;
	b.mix = 15;
	check_jumps(&comp_case, 0.5, &a, &b, own, "mix");
	b = a;
	a.ratio = 1.2;
	check_jumps(&comp_case, 0.5, &a, &b, own, "ratio");
}
END_TEST

START_TEST(same_bits)
{
	check_same_bits(&comp_case);
}
END_TEST

START_TEST(off_is_rest)
{
	struct comp_params on = defaults, off = defaults;
	on.key_hpf = 100;
	on.hold = 50;
	off.on = 0;
	check_off_is_rest(&comp_case, &on, &off);
}
END_TEST

/* The lanes' elementary functions, by their scalar twins, to the bounds dsp/lanes.h gives. */
START_TEST(elementary)
{
	ck_assert(ref_log2(1) == 0 && ref_exp2(0) == 1);
	for (double x = 1e-37; x < 1e37; x *= 1.0037) {
		double exact = log2((double)(float)x), step = exp2(fmax(floor(log2(fabs(exact) + 1e-30)), -24) - 24);
		ck_assert_double_eq_tol((double)ref_log2((float)x), exact, 1.1e-7 + 2 * step);
	}
	for (double x = -125.9; x < 126.9; x += 0.00731) {
		double exact = exp2((double)(float)x);
		ck_assert_double_eq_tol((double)ref_exp2((float)x) / exact, 1, 2.5e-7);
	}
}
END_TEST

TEST_MAIN("comp", 60, static_curve, every_rate, attack_time, hold_and_release_time, distortion, stereo_link,
          key_high_pass, mix_of_dry, keys, clicks, same_bits, off_is_rest, elementary)
