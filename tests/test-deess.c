#include "dyncheck.h"

#include "dsp/deess.h"

#include <complex.h>

static const struct deess_params defaults = {
    .on = 1, .freq = 6500, .q = 1.5, .threshold = -30, .range = 8, .release = 60};

/*
 * The gain at each frequency while a tone in the middle of the band drives the cut: a weak second tone is measured.
 * With the driver at the middle the cut stands still, so that the bell is a linear filter. Returns the driver's gain in
 * dB in *driven.
 */
static double
gain_beside(const struct deess_params *p, double rate, double hz, double driver, double *driven)
{
	int frames = (int)rate / QUANTUM * QUANTUM, last = (int)(0.5 * rate);
	float *x = tone(p->freq, rate, driver, frames);
	for (int i = 0; i < frames; i++)
		x[i] += (float)(0.0001 * sin(2 * M_PI * hz * i / rate));
	struct strip s = strip_open(&deess_proc_w4, 4, 1, rate);
	deess_proc_w4.set(s.state, 1, p, 1);
	strip_run_mono(&s, x, NULL, frames);
	double out = tone_level(x + frames - last, last, hz, rate);
	*driven = test_db(tone_level(x + frames - last, last, p->freq, rate) / driver);
	strip_close(&s);
	free(x);
	return test_db(out / 0.0001);
}

/*
 * Only its band: an octave and more away, and from the middle on as far as the bell's formula says:
 * |H|^2 = (u^4 + G^2) / (u^4 + 1), u = 1.1 q |w - 1/w| with w the ratio of the bilinear transform's frequencies.
 */
START_TEST(only_its_band)
{
	static const double rates[] = {44100, 48000, 96000, 192000}, at[] = {0.125, 0.25, 0.5, 0.7, 0.9, 1.1, 1.4, 2, 2.5};
	for (int a = 0; a < 4; a++)
		for (int b = 0; b < 9; b++) {
			double hz = 2 * round(3250 * at[b]), driven; /* whole periods in half a second */
			double got = gain_beside(&defaults, rates[a], hz, 0.5, &driven);
			double w = tan(M_PI * hz / rates[a]) / tan(M_PI * 6500 / rates[a]);
			double u = pow(1.1 * 1.5 * fabs(w - 1 / w), 4), cut = pow(10, -16.0 / 20);
			ck_assert_double_eq_tol(driven, -8, 0.1);
			ck_assert_double_eq_tol(got, 10 * log10((u + cut) / (u + 1)), 0.05);
			if (at[b] <= 0.5 || at[b] >= 2)
				ck_assert_msg(fabs(got) <= 0.1, "%g Hz at %g: %g dB", hz, rates[a], got);
		}
}
END_TEST

/* The cut is the level in the band above the threshold, up to the range; a loud tone elsewhere does nothing. */
START_TEST(threshold_in_the_band)
{
	struct deess_params p = defaults;
	p.range = 12;
	for (double level = -40; level <= 0; level += 5) {
		double driven, want = -fmin(fmax(level + 30, 0), 12);
		gain_beside(&p, 48000, 300, pow(10, level / 20), &driven);
		ck_assert_double_eq_tol(driven, want, 0.1);
	}
	static const double rates[] = {16000, 32000, 48000, 192000};
	for (int k = 0; k < 4; k++) {
		double driven;
		p.freq = 4000;
		gain_beside(&p, rates[k], 300, pow(10, -22.0 / 20), &driven);
		ck_assert_double_eq_tol(driven, -8, 0.1);
	}
	int frames = 48000;
	float *x = tone(800, 48000, 0.5, frames);
	struct strip s = strip_open(&deess_proc_w1, 1, 0, 48000);
	deess_proc_w1.set(s.state, 0, &defaults, 1);
	strip_run_mono(&s, x, NULL, frames);
	ck_assert(deess_proc_w1.reduction(s.state, 0) == 0);
	ck_assert_double_eq_tol(test_db(tone_level(x + 24000, 24000, 800, 48000) / 0.5), 0, 0.001);
	strip_close(&s);
	free(x);
}
END_TEST

/* Lets go with the release asked: the cut as the meter shows it, from quantum to quantum. */
START_TEST(release_time)
{
	static const double releases[] = {20, 60, 500};
	for (int k = 0; k < 3; k++) {
		struct deess_params p = defaults;
		p.release = releases[k];
		struct strip s = strip_open(&deess_proc_w1, 1, 0, 48000);
		deess_proc_w1.set(s.state, 0, &p, 1);
		double first = 0, started = 0, t = 0;
		for (int q = 0; q < 1500; q++) {
			float x[QUANTUM];
			for (int i = 0; i < QUANTUM; i++)
				x[i] = q < 300 ? (float)(0.5 * sin(2 * M_PI * 6500 * (q * QUANTUM + i) / 48000.0)) : 0;
			strip_run(&s, x, NULL, NULL, NULL);
			double cut = (double)deess_proc_w1.reduction(s.state, 0); /* greatest of a quantum: its first frame's */
			if (q > 300 && first == 0 && cut < 7) {
				first = cut;
				started = q;
			}
			if (first != 0 && t == 0 && cut <= 2) {
				t = (q - started) * QUANTUM / 48.0 / log(first / cut);
				break;
			}
		}
		ck_assert_double_eq_tol(t, releases[k], 0.03 * releases[k]);
		strip_close(&s);
	}
}
END_TEST

/* Listening plays what is taken away: with what is left it makes the whole. */
START_TEST(listening)
{
	struct deess_params p = defaults, q = defaults;
	q.listen = 1;
	struct strip a = strip_open(&deess_proc_w4, 4, 0, 48000), b = strip_open(&deess_proc_w4, 4, 2, 48000);
	deess_proc_w4.set(a.state, 0, &p, 1);
	deess_proc_w4.set(b.state, 2, &q, 1);
	uint64_t seed = 8;
	double taken = 0;
	for (int n = 0; n < 200; n++) {
		float x[QUANTUM], y[QUANTUM], whole[QUANTUM];
		for (int i = 0; i < QUANTUM; i++)
			x[i] = y[i] = whole[i] = (float)(0.3 * test_random(&seed));
		strip_run(&a, x, NULL, NULL, NULL);
		strip_run(&b, y, NULL, NULL, NULL);
		for (int i = 0; i < QUANTUM; i++) {
			ck_assert_double_eq_tol((double)x[i] + (double)y[i], (double)whole[i], 1e-6);
			taken = fmax(taken, fabs((double)y[i]));
		}
	}
	ck_assert_double_gt(taken, 0.01);
	strip_close(&a);
	strip_close(&b);
}
END_TEST

/* Both sides get one cut: a quiet side keeps its distance to the loud one. */
START_TEST(stereo_link)
{
	struct strip s = strip_open(&deess_proc_w4, 4, 0, 48000);
	deess_proc_w4.set(s.state, 0, &defaults, 1);
	int frames = 48000;
	float *l = tone(6500, 48000, 0.5, frames), *r = tone(6500, 48000, 0.01, frames);
	for (int i = 0; i < frames; i += QUANTUM)
		strip_run(&s, l + i, r + i, NULL, NULL);
	double a = tone_level(l + 24000, 24000, 6500, 48000) / 0.5, b = tone_level(r + 24000, 24000, 6500, 48000) / 0.01;
	ck_assert_double_eq_tol(test_db(a), -8, 0.1);
	ck_assert_double_eq_tol(test_db(a / b), 0, 0.02);
	strip_close(&s);
	free(l);
	free(r);
}
END_TEST

/* The whole de-esser in scalars. */
struct twin {
	struct ref_peak peak;
	struct ref_follow follow;
	struct ref_glide tan, ratio, damping, narrow, threshold, range, on, listen;
	float s[2][4];
	int active;
	double rate;
};

static void
twin_init(void *twin, double rate)
{
	struct twin *d = twin;
	memset(d, 0, sizeof *d);
	ref_peak_init(&d->peak, rate, 0.001);
	ref_glide_init(&d->tan, rate, 1);
	ref_glide_init(&d->ratio, rate, 1);
	ref_glide_init(&d->damping, rate, 1);
	ref_glide_init(&d->narrow, rate, 1);
	ref_glide_init(&d->threshold, rate, 0);
	ref_glide_init(&d->range, rate, 0);
	ref_glide_init(&d->on, rate, 0);
	ref_glide_init(&d->listen, rate, 0);
	d->rate = rate;
}

static void
twin_rest(struct twin *d)
{
	memset(d->peak.past, 0, sizeof d->peak.past);
	memset(d->s, 0, sizeof d->s);
	d->follow.asked = d->follow.away = 0;
	d->active = 0;
}

/* The poles by complex arithmetic: s + 1/s = p / Q with p = exp(3 pi i / 4). */
static void
poles(double q, double *ratio, double *damping)
{
	double complex z = cexp(CMPLX(0, 0.75 * M_PI)) / (2 * q), s = z + csqrt(z * z - 1);
	*ratio = cabs(s);
	*damping = -2 * creal(s) / cabs(s);
}

static void
twin_set(void *twin, const void *params, int snap)
{
	struct twin *d = twin;
	const struct deess_params *p = params;
	int jump = snap || !d->active;
	double freq = fmin(p->freq, 0.45 * d->rate), q = 1.1 * p->q, ratio, damping;
	poles(q, &ratio, &damping);
	ref_glide_set(&d->tan, (float)f_tan(F_PI * freq / d->rate), jump);
	ref_glide_set(&d->ratio, (float)ratio, jump);
	ref_glide_set(&d->damping, (float)damping, jump);
	ref_glide_set(&d->narrow, (float)(1 / q), jump);
	ref_glide_set(&d->threshold, (float)(p->threshold * 0.16609640474436813), jump);
	ref_glide_set(&d->range, (float)(p->range * 0.16609640474436813), jump);
	ref_glide_set(&d->listen, p->listen ? 1 : 0, jump);
	ref_glide_set(&d->on, p->on ? 1 : 0, snap);
	ref_follow_set(&d->follow, 1, p->release, 0, d->rate);
	if (p->on)
		d->active = 1;
	else if (d->on.y == 0)
		twin_rest(d);
}

static float
section(float s[2], float g, float k, float x, float *high, float *low)
{
	float a1 = 1.0f / (g * (g + k) + 1.0f), a2 = g * a1, a3 = g * a2;
	float v3 = x - s[1], v1 = a1 * s[0] + a2 * v3, v2 = s[1] + a2 * s[0] + a3 * v3;
	s[0] = v1 + v1 - s[0];
	s[1] = v2 + v2 - s[1];
	*high = x - k * v1 - v2;
	*low = v2;
	return v1;
}

static void
twin_run(void *twin, float *l, float *r, const float *kl, const float *kr)
{
	struct twin *d = twin;
	(void)kl, (void)kr;
	if (!d->active) {
		d->peak.at += QUANTUM;
		return;
	}
	for (int i = 0; i < QUANTUM; i++) {
		float *x[2] = {&l[i], &r[i]}, middle[2], edges[2];
		float t = ref_glide_step(&d->tan), ratio = ref_glide_step(&d->ratio), k = ref_glide_step(&d->damping);
		float narrow = ref_glide_step(&d->narrow);
		for (int c = 0; c < 2; c++) {
			float high, low, band = section(d->s[c], t * ratio, k, *x[c], &high, &low);
			band = section(d->s[c] + 2, t / ratio, k, band, &high, &low);
			middle[c] = band * (narrow * narrow);
			edges[c] = high * (narrow / ratio) + low * (narrow * ratio);
		}
		float level = ref_log2(ref_peak_step(&d->peak, ref_max(fabsf(middle[0]), fabsf(middle[1]))));
		float threshold = ref_glide_step(&d->threshold), range = ref_glide_step(&d->range);
		float y = ref_follow_step(&d->follow, ref_min(ref_max(level - threshold, 0), range));
		float h = ref_exp2(y * -0.5f), on = ref_glide_step(&d->on), listen = ref_glide_step(&d->listen);
		for (int c = 0; c < 2; c++) {
			float taken = ((1.0f - h) * 1.41421356f * edges[c] + (1.0f - h * h) * middle[c]) * on;
			*x[c] -= taken;
			if (listen != 0)
				*x[c] += listen * (taken - *x[c]);
		}
	}
	ref_glide_settle(&d->tan);
	ref_glide_settle(&d->ratio);
	ref_glide_settle(&d->damping);
	ref_glide_settle(&d->narrow);
	ref_glide_settle(&d->threshold);
	ref_glide_settle(&d->range);
	ref_glide_settle(&d->on);
	ref_glide_settle(&d->listen);
	if (d->on.y == 0 && d->on.target == 0)
		twin_rest(d);
}

/* Random values, among them the ends of ranges. */
static void
random_params(void *params, uint64_t *seed)
{
	struct deess_params *p = params;
	p->on = test_random(seed) < 0.6;
	p->freq = 8000 + 6000 * test_random(seed);
	p->q = 3.25 + 2.75 * test_random(seed);
	p->threshold = fmin(0, -30 + 35 * test_random(seed));
	p->range = 12 + 12 * test_random(seed);
	p->release = 55 + 50 * test_random(seed);
	p->listen = test_random(seed) < -0.4;
}

static struct twin one_twin;
static const struct dyn_case deess_case = {
    .bank = {&deess_proc_w1, &deess_proc_w4, &deess_proc_w8},
    .random = random_params,
    .twin = &one_twin,
    .init = twin_init,
    .set = twin_set,
    .run = twin_run,
};

/* The widest band at its lowest, so that the sine is well within it. */
START_TEST(clicks)
{
	struct deess_params a = defaults, b;
	a.freq = 2000;
	a.q = 0.5;
	a.range = 24;
	a.release = 40;
	double own = 7 * 40;
	b = a;
	b.on = 0;
	check_jumps(&deess_case, 0.5, &a, &b, own, "on and off");
	b = a;
	b.threshold = -18;
	check_jumps(&deess_case, 0.5, &a, &b, own, "threshold");
	b = a;
	b.range = 12;
	check_jumps(&deess_case, 0.5, &a, &b, own, "range");
	b = a;
	b.freq = 8000;
	check_jumps(&deess_case, 0.5, &a, &b, own, "frequency");
	b = a;
	b.q = 2;
	check_jumps(&deess_case, 0.5, &a, &b, own, "q");
}
END_TEST

START_TEST(same_bits)
{
	check_same_bits(&deess_case);
}
END_TEST

START_TEST(off_is_rest)
{
	struct deess_params on = defaults, off = defaults;
	off.on = 0;
	check_off_is_rest(&deess_case, &on, &off);
}
END_TEST

TEST_MAIN("deess", 60, only_its_band, threshold_in_the_band, release_time, listening, stereo_link, clicks, same_bits,
          off_is_rest)
