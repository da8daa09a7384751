/* The true-peak limiter: its ceiling on several readers, what it leaves alone, its distortion and its times. */
#include <ebur128.h>
#include <string.h>

#include "dsp/limiter.h"
#include "dyntest.h"

static const struct limiter_params usual = {1, 0, -1, 50, 0};

static void *
limiter_new(const struct dsp_unit *unit, double rate, struct limiter_params params)
{
	void *state = NULL;
	ck_assert(posix_memalign(&state, DSP_ALIGN, unit->size(rate)) == 0);
	memset(state, 0, unit->size(rate));
	fpu_flush_denormals();
	unit->init(state, rate);
	unit->set(state, &params, 1);
	return state;
}

/* Frames (a multiple of QUANTUM) in place. */
static void
limit(const struct dsp_unit *unit, void *state, float *l, float *r, int frames)
{
	for (int n = 0; n + QUANTUM <= frames; n += QUANTUM)
		unit->run(state, l + n, r + n);
}

static float *
room(unsigned frames)
{
	float *x = calloc(frames, sizeof *x);
	ck_assert_ptr_nonnull(x);
	return x;
}

static double
bessel_i0(double x)
{
	double sum = 1, term = 1;
	for (int n = 1; n < 60; n++)
		sum += term *= x / (2 * n) * (x / (2 * n));
	return sum;
}

/*
 * A reader at 32 points a frame: a sinc under a Kaiser window (beta 8) that reaches `reach` frames to each side. Skips
 * gaps between frames below a third of the greatest. dBTP.
 */
static double
read_peak(const float *x, int frames, int reach)
{
	float kernel[32][128], top = 0, best = 0;
	for (int p = 0; p < 32; p++) {
		for (int k = 0; k < 2 * reach; k++) {
			double d = p / 32.0 - (k - reach + 1), w = d / reach, sinc = d == 0 ? 1 : sin(M_PI * d) / (M_PI * d);
			kernel[p][k] = fabs(w) >= 1 ? 0 : (float)(sinc * bessel_i0(8 * sqrt(1 - w * w)) / bessel_i0(8));
		}
	}
	for (int n = 0; n < frames; n++)
		top = fabsf(x[n]) > top ? fabsf(x[n]) : top;
	for (int n = reach; n + reach < frames; n++) {
		if (fabsf(x[n]) < 0.35f * top && fabsf(x[n + 1]) < 0.35f * top)
			continue;
		for (int p = 0; p < 32; p++) {
			float sum[8] = {0}, all = 0;
			for (int k = 0; k < 2 * reach; k += 8)
				for (int m = 0; m < 8; m++)
					sum[m] += kernel[p][k + m] * x[n - reach + 1 + k + m];
			for (int m = 0; m < 8; m++)
				all += sum[m];
			best = fabsf(all) > best ? fabsf(all) : best;
		}
	}
	return test_db((double)best);
}

static double
read_ebur128(const float *l, const float *r, int frames, int rate)
{
	ebur128_state *e = ebur128_init(2, (unsigned long)rate, EBUR128_MODE_TRUE_PEAK);
	float *both = room(2 * (unsigned)frames);
	double peak[2];
	for (int n = 0; n < frames; n++) {
		both[2 * n] = l[n];
		both[2 * n + 1] = r[n];
	}
	ck_assert(ebur128_add_frames_float(e, both, (size_t)frames) == EBUR128_SUCCESS);
	ebur128_true_peak(e, 0, &peak[0]);
	ebur128_true_peak(e, 1, &peak[1]);
	ebur128_destroy(&e);
	free(both);
	return test_db(fmax(peak[0], peak[1]));
}

/* What tries the ceiling, frame n at time t. */
enum trial { QUARTER, QUARTER_BURSTS, BURSTS, WHITE, WHITE_TRIANGLE, BITS, MUSIC, CLIPPED, TRIALS };
static const char *const trial_names[TRIALS] = {
    "quarter-rate sine at 45 degrees", "bursts of it",  "bursts of 3 kHz", "white noise", "triangular noise",
    "random bits in bursts",           "music + 12 dB", "saturated music"};

static void
fill_trial(enum trial trial, float *l, float *r, int frames, int rate)
{
	uint64_t seed = 77 + (uint64_t)rate;
	double low = 0, high = 0;
	for (int n = 0; n < frames; n++) {
		double t = (double)n / rate, white = test_random(&seed), v = 0;
		low += 0.01 * (white - low);
		high += 0.1 * (test_random(&seed) - high);
		double quarter = sin(M_PI / 2 * n + M_PI / 4), beat = fmod(t, 0.5);
		double music = low + 0.2 * high + 0.5 * exp(-6 * beat) * sin(2 * M_PI * 60 * t) +
		               0.15 * sin(2 * M_PI * 220 * t) + 0.3 * test_random(&seed) * exp(-30 * fmod(t, 0.25));
		switch (trial) {
		case QUARTER:
			v = 2 * quarter;
			break;
		case QUARTER_BURSTS:
			v = fmod(t, 0.07) < 0.005 ? 4 * quarter : 0.05 * quarter;
			break;
		case BURSTS:
			v = fmod(t, 0.3) < 0.01 ? 4 * sin(2 * M_PI * 3000 * t) : 0.01 * sin(2 * M_PI * 100 * t);
			break;
		case WHITE:
			v = 4 * white;
			break;
		case WHITE_TRIANGLE:
			v = 2 * (white + test_random(&seed));
			break;
		case BITS:
			v = fmod(t, 0.11) < 0.03 ? (white > 0 ? 3 : -3) : low;
			break;
		case MUSIC:
			v = 4 * music;
			break;
		case CLIPPED:
			v = 4 * tanh(6 * (music + 0.2 * white));
			break;
		case TRIALS:
			break;
		}
		l[n] = (float)v;
		r[n] = (float)(0.8 * v + 0.1 * test_random(&seed));
	}
}

/* No true peak above the ceiling + 0.02 dB, whoever reads it. */
START_TEST(test_ceiling)
{
	static const int rates[] = {44100, 48000, 96000}, reaches[] = {16, 32, 64};
	static const double ceilings[] = {-1, -0.1, -3};
	enum trial trial = (enum trial)(_i / 2);
	for (int k = 0; k < 3; k++) {
		int frames = 2 * rates[k] / QUANTUM * QUANTUM;
		float *l = room((unsigned)frames), *r = room((unsigned)frames);
		struct limiter_params params = usual;
		params.ceiling = (float)ceilings[k];
		params.smooth = _i % 2;
		void *state = limiter_new(&limiter_unit_w4, rates[k], params);
		fill_trial(trial, l, r, frames, rates[k]);
		limit(&limiter_unit_w4, state, l, r, frames);
		double over = read_ebur128(l, r, frames, rates[k]) - ceilings[k];
		ck_assert_msg(over <= 0.02, "%s, %d Hz: libebur128 %+.3f dB", trial_names[trial], rates[k], over);
		for (int m = 0; m < 3; m++) {
			over = read_peak(l, frames / (m + 1), reaches[m]) - ceilings[k];
			ck_assert_msg(over <= 0.02, "%s, %d Hz, reach %d: %+.3f dB", trial_names[trial], rates[k], reaches[m],
			              over);
			ck_assert_msg(over > -3, "%s, %d Hz, reach %d: %+.3f dB, too low", trial_names[trial], rates[k], reaches[m],
			              over);
		}
		free(state);
		free(l);
		free(r);
	}
}
END_TEST

/* Below the ceiling, and when it is off, the very bits come out LIMITER_LATENCY frames later. */
START_TEST(test_transparent)
{
	static const int rates[] = {8000, 44100, 48000, 96000, 192000};
	for (int on = 0; on < 3; on++) {
		for (int k = 0; k < 5; k++) {
			enum { FRAMES = 200 * QUANTUM };
			float *l = room(FRAMES), *r = room(FRAMES), *x = room(FRAMES), *y = room(FRAMES);
			struct limiter_params params = usual;
			params.on = on > 0;
			params.smooth = on > 1;
			params.gain = on ? 0 : 20;
			void *state = limiter_new(&limiter_unit_w4, rates[k], params);
			uint64_t seed = 5;
			for (int n = 0; n < FRAMES; n++) { /* on: a tone at 0.3 dB below the ceiling; off: far above it */
				x[n] = l[n] = (float)(on ? pow(10, -1.3 / 20) * sin(0.1 * n) : 9 * test_random(&seed));
				y[n] = r[n] = (float)(0.1 * test_random(&seed));
			}
			limit(&limiter_unit_w4, state, l, r, FRAMES);
			ck_assert(memcmp(l + LIMITER_LATENCY, x, sizeof *x * (FRAMES - LIMITER_LATENCY)) == 0);
			ck_assert(memcmp(r + LIMITER_LATENCY, y, sizeof *y * (FRAMES - LIMITER_LATENCY)) == 0);
			for (int n = 0; n < LIMITER_LATENCY; n++)
				ck_assert(l[n] == 0 && r[n] == 0);
			ck_assert(((struct limiter_meter *)state)->greatest == 0);
			free(state);
			free(l);
			free(r);
			free(x);
			free(y);
		}
	}
}
END_TEST

/* 6 dB of limiting, in a steady state, over the last whole second; the meter says how much it is. */
START_TEST(test_distortion)
{
	static const double tones[][2] = {{50, 0}, {1000, 0}, {50, 5000}, {997, 0}};
	static const double limits[] = {-120, -120, -100, -120};
	for (int rate = 44100; rate <= 96000; rate += rate == 44100 ? 3900 : 48000) {
		for (int k = 0; k < 4; k++) {
			int frames = (3 * rate + LIMITER_LATENCY) / QUANTUM * QUANTUM;
			float *l = room((unsigned)frames), *r = room((unsigned)frames);
			for (int n = 0; n < frames; n++) {
				double v = sin(2 * M_PI * tones[k][0] * n / rate), w = sin(2 * M_PI * tones[k][1] * n / rate);
				l[n] = (float)(tones[k][1] > 0 ? v + 0.25 * w : v);
				r[n] = 0.5f * l[n];
			}
			struct limiter_params params = {1, 0, -6.0206f, 50, _i};
			if (tones[k][1] > 0)
				params.gain = -1.9382f; /* its peaks are at 1.25 */
			void *state = limiter_new(&limiter_unit_w4, rate, params);
			limit(&limiter_unit_w4, state, l, r, frames);
			double reduction = (double)((struct limiter_meter *)state)->reduction;
			ck_assert_msg(fabs(reduction - 6.0206) <= 0.05, "reduction %g dB", reduction);
			/* Takes the second tone out, then measures what is beside the first. */
			float *last = l + frames - rate;
			double re = 0, im = 0;
			for (int n = 0; n < rate && tones[k][1] > 0; n++) {
				re += (double)last[n] * cos(2 * M_PI * tones[k][1] * n / rate) * 2 / rate;
				im += (double)last[n] * sin(2 * M_PI * tones[k][1] * n / rate) * 2 / rate;
			}
			for (int n = 0; n < rate; n++)
				last[n] -=
				    (float)(re * cos(2 * M_PI * tones[k][1] * n / rate) + im * sin(2 * M_PI * tones[k][1] * n / rate));
			double residue = tone_residue_db(last, rate, tones[k][0], rate);
			ck_assert_msg(residue <= limits[k], "%g + %g Hz at %d Hz: %.1f dB", tones[k][0], tones[k][1], rate,
			              residue);
			free(state);
			free(l);
			free(r);
		}
	}
}
END_TEST

/*
 * A burst of 10 ms: the gain starts at most 10 ms before it (smooth: 15 ms), and nine tenths are back 60 ms after it.
 * Smooth, the boxes that the gain runs through end as long after the burst.
 */
START_TEST(test_times)
{
	static const double releases[] = {50, 5, 200};
	for (int rate = 44100; rate <= 96000; rate += rate == 44100 ? 3900 : 48000) {
		for (int k = 0; k < 3; k++) {
			int frames = rate / QUANTUM * QUANTUM, at = rate / 2, length = rate / 100, back = frames;
			float *l = room((unsigned)frames), *r = room((unsigned)frames), *x = room((unsigned)frames);
			struct limiter_params params = usual;
			params.release = (float)releases[k];
			params.smooth = _i;
			void *state = limiter_new(&limiter_unit_w4, rate, params);
			for (int n = 0; n < frames; n++)
				x[n] = l[n] = r[n] = n >= at && n < at + length ? 1.8f : 0.001f;
			limit(&limiter_unit_w4, state, l, r, frames);
			int ducks = 0;
			double deepest = 0;
			for (int n = 0; n < frames - LIMITER_LATENCY; n++) {
				double gain = (double)l[n + LIMITER_LATENCY] / (double)x[n];
				if (gain < 0.999 && !ducks)
					ducks = n;
				deepest = fmin(deepest, test_db(gain));
			}
			for (int n = frames - LIMITER_LATENCY - 1; n >= at + length; n--) {
				if (test_db((double)l[n + LIMITER_LATENCY] / (double)x[n]) < 0.1 * deepest)
					break;
				back = n;
			}
			double early = 1000.0 * (at - ducks) / rate, t90 = 1000.0 * (back - at - length) / rate;
			ck_assert_msg(early >= 0 && early <= (_i ? 15 : 10), "%d Hz: ducks %g ms early", rate, early);
			ck_assert_msg(t90 <= fmax(1.2 * releases[k], _i ? 16 : 8), "%d Hz, release %g ms: t90 %g ms", rate,
			              releases[k], t90);
			ck_assert_msg(t90 >= 0.6 * releases[k], "%d Hz, release %g ms: t90 %g ms", rate, releases[k], t90);
			free(state);
			free(l);
			free(r);
			free(x);
		}
	}
}
END_TEST

/* A jump in a 1 kHz tone: nothing above -80 dBc (of the louder level) farther than 300 Hz from it, settled after 60 ms,
 * no peak over the ceiling. */
static const struct jump {
	const char *name;
	struct limiter_params from, to;
	double settle; /* ms beyond the glide's 60: where the release has its say */
} jumps[] = {
    {"gain up", {1, 2, -6, 50, 0}, {1, 14, -6, 50, 0}, 0},
    {"gain down", {1, 14, -6, 50, 0}, {1, 2, -6, 50, 0}, 0},
    {"gain up from below", {1, -12, -6, 50, 0}, {1, 0, -6, 50, 0}, 0},
    {"gain down to below", {1, 0, -6, 50, 0}, {1, -12, -6, 50, 0}, 0},
    {"gain below", {1, -24, -1, 50, 0}, {1, -12, -1, 50, 0}, 0},
    {"ceiling down", {1, 6, -1, 50, 0}, {1, 6, -13, 50, 0}, 0},
    {"ceiling up", {1, 6, -13, 50, 0}, {1, 6, -1, 50, 0}, 0},
    {"ceiling down from above", {1, 0, 0, 50, 0}, {1, 0, -12, 50, 0}, 0},
    {"release", {1, 6, -6, 50, 0}, {1, 6, -6, 5, 0}, 0},
    {"on", {0, 0, -6, 50, 0}, {1, 0, -6, 50, 0}, 0},
    {"off", {1, 0, -6, 50, 0}, {0, 0, -6, 50, 0}, 0},
    {"on with gain", {0, 12, -6, 50, 0}, {1, 12, -6, 50, 0}, 0},
    {"off with gain", {1, 12, -6, 50, 0}, {0, 12, -6, 50, 0}, 0},
    {"smooth", {1, 6, -6, 50, 0}, {1, 6, -6, 50, 1}, 15},
    {"brisk", {1, 6, -6, 50, 1}, {1, 6, -6, 50, 0}, 15},
    {"smooth with less gain", {1, 12, -6, 50, 0}, {1, 3, -3, 50, 1}, 15},
    {"brisk with more gain", {1, 3, -3, 5, 1}, {1, 12, -6, 5, 0}, 15},
};

#define JUMPS (int)(sizeof jumps / sizeof *jumps)

START_TEST(test_jumps)
{
	struct jump turned = jumps[_i % JUMPS];
	const struct jump *j = &turned; /* the second time, what is brisk there is smooth and the other way round */
	turned.from.smooth ^= _i >= JUMPS;
	turned.to.smooth ^= _i >= JUMPS;
	int frames = 48000 / QUANTUM * QUANTUM, at = 24000 / QUANTUM * QUANTUM, window = 8192;
	float *l = tone(1000, 48000, 0.7, frames), *r = tone(1000, 48000, 0.35, frames);
	void *state = limiter_new(&limiter_unit_w4, 48000, j->from);
	limit(&limiter_unit_w4, state, l, r, at);
	limiter_unit_w4.set(state, &j->to, 0);
	limit(&limiter_unit_w4, state, l + at, r + at, frames - at);
	double before_at = tone_level(l + at - 4800, 4800, 1000, 48000);
	double louder = fmax(before_at, tone_level(l + frames - 4800, 4800, 1000, 48000));
	for (int shift = -2048; shift <= 2048; shift += 2048) {
		double got = spurious_dbc(l + at - window / 2 + shift, window, 1000, 48000, 300, louder);
		ck_assert_msg(got <= -80, "%s: %g dBc", j->name, got);
	}
	int settled = at + (int)((60 + j->settle) * 48);
	double early = tone_level(l + settled, 480, 1000, 48000), late = tone_level(l + frames - 480, 480, 1000, 48000);
	ck_assert_msg(fabs(test_db(early / late)) <= 0.05, "%s: %g dB at 60 ms", j->name, test_db(early / late));
	double before = j->from.on ? (double)j->from.ceiling : 12, after = j->to.on ? (double)j->to.ceiling : 12;
	ck_assert_double_le(read_peak(l, at, 32), before + 0.02);
	ck_assert_double_le(read_peak(l + at - 256, settled - at + 256, 32), fmax(before, after) + 0.02);
	ck_assert_double_le(read_peak(l + settled, frames - settled, 32), after + 0.02);
	free(state);
	free(l);
	free(r);
}
END_TEST

/* Gain and ceiling jump about during music: no true peak above the higher of the ceilings of the last 60 ms. */
START_TEST(test_restless)
{
	enum { PARTS = 40 };
	int part = 4800 / QUANTUM * QUANTUM, frames = PARTS * part;
	float *l = room((unsigned)frames), *r = room((unsigned)frames), ceilings[PARTS];
	uint64_t seed = 3;
	fill_trial(MUSIC, l, r, frames, 48000);
	void *state = limiter_new(&limiter_unit_w4, 48000, usual);
	for (int k = 0; k < PARTS; k++) {
		struct limiter_params params = usual;
		params.gain = (float)(10 * test_random(&seed));
		params.ceiling = ceilings[k] = (float)(-8 + 8 * test_random(&seed));
		params.release = (float)(60 + 50 * test_random(&seed));
		params.smooth = _i && test_random(&seed) > 0;
		limiter_unit_w4.set(state, &params, k == 0);
		limit(&limiter_unit_w4, state, l + k * part, r + k * part, part);
	}
	for (int k = 1; k < PARTS; k++) {
		double highest = fmax((double)ceilings[k - 1], (double)ceilings[k]);
		int settled = k * part + 48 * 60, end = (k + 1) * part;
		ck_assert_double_le(read_peak(l + k * part, part, 32), highest + 0.02);
		ck_assert_double_le(read_peak(l + settled, end - settled, 32), (double)ceilings[k] + 0.02);
	}
	free(state);
	free(l);
	free(r);
}
END_TEST

/* Both sides get one gain; the meter shows the quantum's and keeps the greatest. */
START_TEST(test_link_and_meter)
{
	enum { FRAMES = 12800 };
	float *l = room(FRAMES), *r = room(FRAMES);
	void *state = limiter_new(&limiter_unit_w4, 48000, usual);
	struct limiter_meter *meter = state;
	for (int n = 0; n < FRAMES; n++) {
		double fade = fmin(1, fmin(fmax(0, n - FRAMES / 4.0), fmax(0, FRAMES / 2.0 + 500 - n)) / 500);
		l[n] = (float)(2 * fade * sin(0.13 * n));
		r[n] = 0.25f;
	}
	limit(&limiter_unit_w4, state, l, r, FRAMES / 2);
	ck_assert_double_le(fabs((double)meter->reduction - 7.02), 0.05); /* 2 is 6.02 dB, the ceiling -1 */
	for (int n = FRAMES / 4 + 3200; n < FRAMES / 2; n++)
		ck_assert_double_le(fabs(test_db((double)r[n] / 0.25) + 7.02), 0.05);
	limit(&limiter_unit_w4, state, l + FRAMES / 2, r + FRAMES / 2, FRAMES / 2);
	ck_assert(meter->reduction == 0);
	ck_assert_double_le(fabs((double)meter->greatest - 7.02), 0.05);
	free(state);
	free(l);
	free(r);
}
END_TEST

/* The same bytes at every width, with parameters under way. */
START_TEST(test_widths)
{
	enum { FRAMES = 600 * QUANTUM };
	const struct dsp_unit *units[] = {&limiter_unit_w1, &limiter_unit_w4, &limiter_unit_w8};
	float *x[3][2];
	int widths = strip_can(8) ? 3 : 2;
	for (int w = 0; w < widths; w++) {
		x[w][0] = room(FRAMES);
		x[w][1] = room(FRAMES);
		fill_trial(CLIPPED, x[w][0], x[w][1], FRAMES, 48000);
		void *state = limiter_new(units[w], 48000, usual);
		for (int k = 0; k < 6; k++) {
			struct limiter_params params = {k != 3, (float)(3 * k - 9), (float)-k, 50, k == 2 || k > 4};
			units[w]->set(state, &params, 0);
			units[w]->set(state, &params, 0);
			limit(units[w], state, x[w][0] + k * FRAMES / 6, x[w][1] + k * FRAMES / 6, FRAMES / 6);
		}
		for (int c = 0; c < 2; c++)
			ck_assert(memcmp(x[0][c], x[w][c], sizeof(float) * FRAMES) == 0);
		free(state);
	}
	for (int w = 0; w < widths; w++) {
		free(x[w][0]);
		free(x[w][1]);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("limiter");
	TCase *cases = tcase_create("limiter");
	tcase_set_timeout(cases, 60);
	tcase_add_loop_test(cases, test_ceiling, 0, 2 * TRIALS);
	tcase_add_test(cases, test_transparent);
	tcase_add_loop_test(cases, test_distortion, 0, 2);
	tcase_add_loop_test(cases, test_times, 0, 2);
	tcase_add_loop_test(cases, test_jumps, 0, 2 * JUMPS);
	tcase_add_loop_test(cases, test_restless, 0, 2);
	tcase_add_test(cases, test_link_and_meter);
	tcase_add_test(cases, test_widths);
	suite_add_tcase(suite, cases);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
