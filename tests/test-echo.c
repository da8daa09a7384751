/* The delay effect: places and levels of repeats, filters by formula, note lengths, switching, widths, stability. */
#include "base/fpu.h"
#include "base/notes.h"
#include "desktest.h"
#include "dsp/echo.h"

#include "session/params.h"

#include <stdio.h>
#include <string.h>

#define PI 3.14159265358979323846

static const struct echo_params plain = {1, 1000, 50, 10, 20000, 0, 100};

static void *
echo_new(const struct dsp_unit *unit, double rate)
{
	size_t size = (unit->size(rate) + DSP_ALIGN - 1) / DSP_ALIGN * DSP_ALIGN;
	void *state = aligned_alloc(DSP_ALIGN, size);
	ck_assert(state != NULL);
	memset(state, 0, size);
	unit->init(state, rate);
	return state;
}

static void
echo_through(const struct dsp_unit *unit, void *state, float *l, float *r, int frames)
{
	for (int n = 0; n < frames; n += QUANTUM)
		unit->run(state, l + n, r + n);
}

/* 1 left and 1/4 right come back at every multiple of the time, halved each time (exactly: powers of two), else
 * silence. */
START_TEST(test_places)
{
	static const double times[] = {1, 2, 63, 64, 65, 127, 1000, 16537, 95999.6, 176400, 192000, 1e9, -5};
	fpu_flush_denormals();
	for (size_t row = 0; row < 2 * sizeof times / sizeof *times; row++) {
		struct echo_params p = plain;
		double rate = row % 3 ? 48000 : 44100;
		p.frames = times[row / 2];
		p.cross = row % 2;
		int gap = p.frames < 1 ? 1 : (int)fmin(floor(p.frames + 0.5), 4 * rate), total = (gap * 3 + 200) / 64 * 64;
		float *l = calloc((size_t)total, sizeof *l), *r = calloc((size_t)total, sizeof *r);
		void *state = echo_new(&echo_unit_w4, rate);
		echo_unit_w4.set(state, &p, 1);
		l[0] = 1;
		r[0] = 0.25f;
		echo_through(&echo_unit_w4, state, l, r, total);
		for (int n = 0; n < total; n++) {
			int k = n / gap, here = k >= 1 && n % gap == 0, other = p.cross && k % 2;
			float want_l = here ? ldexpf(other ? 0.25f : 1, 1 - k) : 0,
			      want_r = here ? ldexpf(other ? 1 : 0.25f, 1 - k) : 0;
			if (here && k > 100)
				break;
			ck_assert_msg(l[n] == want_l && r[n] == want_r, "time %g rate %g cross %d: frame %d has %g, %g", p.frames,
			              rate, p.cross, n, (double)l[n], (double)r[n]);
		}
		free(l);
		free(r);
		free(state);
	}
}
END_TEST

START_TEST(test_decay)
{
	enum { GAP = 480, TOTAL = 48000 };
	static float l[TOTAL], r[TOTAL];
	fpu_flush_denormals();
	struct echo_params p = plain;
	p.frames = GAP;
	p.feedback = 95;
	p.mix = 40;
	void *state = echo_new(&echo_unit_w1, 48000);
	echo_unit_w1.set(state, &p, 1);
	l[0] = 1;
	echo_through(&echo_unit_w1, state, l, r, TOTAL);
	ck_assert_double_le(fabs((double)l[0] - 0.6), 1e-7);
	for (int k = 1; k < TOTAL / GAP; k++)
		ck_assert_double_le(fabs((double)l[k * GAP] / (0.4 * pow(0.95, k - 1)) - 1), 2e-5);
	free(state);
}
END_TEST

/* The n-th repeat has gone n - 1 times through one-poles of the bilinear transform. */
START_TEST(test_filters)
{
	enum { GAP = 16384, TOTAL = 4 * GAP };
	static float l[TOTAL], r[TOTAL];
	static const double corners[][2] = {{10, 20000}, {100, 6000}, {10, 1000}, {2000, 20000}, {500, 200}};
	static const double rates[] = {44100, 96000};
	fpu_flush_denormals();
	for (size_t row = 0; row < 2 * sizeof corners / sizeof *corners; row++) {
		double rate = rates[row % 2], hpf = corners[row / 2][0], lpf = corners[row / 2][1];
		struct echo_params p = plain;
		p.frames = GAP;
		p.hpf = hpf;
		p.lpf = lpf;
		void *state = echo_new(&echo_unit_w4, rate);
		echo_unit_w4.set(state, &p, 1);
		memset(l, 0, sizeof l);
		memset(r, 0, sizeof r);
		r[0] = 1;
		echo_through(&echo_unit_w4, state, l, r, TOTAL);
		for (int k = 1; k <= 3; k++) {
			for (double hz = 20; hz < 0.45 * rate; hz *= 1.3) {
				double re = 0, im = 0, w = tan(PI * hz / rate), h = w / tan(PI * hpf / rate);
				double g = lpf < 20000 ? w / tan(PI * lpf / rate) : 0;
				double want = (hpf > 10 ? h / sqrt(1 + h * h) : 1) / sqrt(1 + g * g);
				for (int n = 0; n < GAP; n++) {
					double x = r[k * GAP + n];
					re += x * cos(2 * PI * hz * n / rate);
					im += x * sin(2 * PI * hz * n / rate);
				}
				want = pow(want, k - 1) * pow(0.5, k - 1);
				ck_assert_msg(want < 1e-4 || fabs(test_db(hypot(re, im) / want)) <= 0.02,
				              "hpf %g lpf %g rate %g repeat %d at %g Hz: %.3f dB off", hpf, lpf, rate, k, hz,
				              test_db(hypot(re, im) / want));
			}
		}
		free(state);
	}
}
END_TEST

/* One strip's life: noise in bursts, values that change every few quanta. */
static void
live(const struct dsp_unit *unit, int again, float *l, float *r, int frames)
{
	void *state = echo_new(unit, 48000);
	uint64_t seed = 3, values = 4;
	struct echo_params p = plain, last = p;
	for (int n = 0; n < frames; n += QUANTUM) {
		if (n / QUANTUM % 13 == 0) {
			p.on = test_random(&values) > -0.5;
			p.frames = 3000 * (1 + test_random(&values));
			p.feedback = 47 * (1 + test_random(&values));
			p.hpf = 10 + 300 * fmax(0, test_random(&values));
			p.lpf = 14000 + 13000 * test_random(&values);
			p.cross = test_random(&values) > 0;
			p.mix = 50 * (1 + test_random(&values));
		}
		if (again || n == 0 || memcmp(&p, &last, sizeof p))
			unit->set(state, &p, n == 0);
		last = p;
		for (int k = n; k < n + QUANTUM; k++) {
			l[k] = n / QUANTUM % 40 < 20 ? (float)test_random(&seed) : 0;
			r[k] = n / QUANTUM % 40 < 30 ? (float)test_random(&seed) : 0;
		}
		unit->run(state, l + n, r + n);
	}
	free(state);
}

START_TEST(test_widths)
{
	enum { TOTAL = 64 * 3000 };
	static float l[2][TOTAL], r[2][TOTAL];
	const struct dsp_unit *units[] = {&echo_unit_w1, &echo_unit_w4, &echo_unit_w8};
	fpu_flush_denormals();
	live(&echo_unit_w1, 0, l[0], r[0], TOTAL);
	double power = 0;
	for (int n = 0; n < TOTAL; n++)
		power += (double)l[0][n] * (double)l[0][n] / TOTAL;
	ck_assert(power > 0.05 && power < 10);
	for (int k = 0; k < 3; k++) {
#if defined(__x86_64__)
		if (k == 2 && !__builtin_cpu_supports("avx2")) {
			printf("no AVX2 here: eight lanes are skipped\n");
			continue;
		}
#endif
		live(units[k], 1, l[1], r[1], TOTAL);
		ck_assert(!memcmp(l[0], l[1], sizeof l[0]));
		ck_assert(!memcmp(r[0], r[1], sizeof r[0]));
	}
}
END_TEST

/* Off: bits pass; and once off, it has forgotten what it heard. */
START_TEST(test_rest)
{
	enum { TOTAL = 64 * 400 };
	static float l[TOTAL], r[TOTAL], in[TOTAL];
	uint64_t seed = 8;
	fpu_flush_denormals();
	struct echo_params p = plain;
	p.frames = 48000;
	p.feedback = 95;
	void *state = echo_new(&echo_unit_w4, 48000);
	echo_unit_w4.set(state, &p, 1);
	for (int n = 0; n < TOTAL; n++)
		in[n] = l[n] = r[n] = n % 5 ? (float)test_random(&seed) : -0.0f;
	echo_through(&echo_unit_w4, state, l, r, TOTAL);
	ck_assert(memcmp(l, in, sizeof l) != 0);
	p.on = 0;
	echo_unit_w4.set(state, &p, 0);
	memcpy(l, in, sizeof l);
	memcpy(r, in, sizeof r);
	echo_through(&echo_unit_w4, state, l, r, TOTAL);
	ck_assert(memcmp(l, in, 64 * 10 * sizeof *l) != 0);
	ck_assert(!memcmp(l + TOTAL / 2, in + TOTAL / 2, sizeof l / 2));
	ck_assert(!memcmp(r + TOTAL / 2, in + TOTAL / 2, sizeof r / 2));
	p.on = 1;
	p.frames = 4000;
	echo_unit_w4.set(state, &p, 0);
	memset(l, 0, sizeof l);
	memset(r, 0, sizeof r);
	l[4999] = 1;
	echo_through(&echo_unit_w4, state, l, r, TOTAL);
	for (int n = 0; n < TOTAL; n++)
		ck_assert((l[n] == 0 || (n - 4999) % 4000 == 0) && r[n] == 0);
	ck_assert_double_le(fabs((double)l[8999] - 1), 2e-3);
	free(state);
}
END_TEST

/* A jump of a value during a sine that has settled: nothing above -80 dBc 500 Hz and more away from it. */
START_TEST(test_jumps)
{
	static const struct echo_params rows[][2] = {
	    {{1, 4800 + 24, 0, 10, 20000, 0, 100}, {0, 4800 + 24, 0, 10, 20000, 0, 100}},
	    {{0, 4800 + 12, 30, 10, 20000, 0, 50}, {1, 4800 + 12, 30, 10, 20000, 0, 50}},
	    {{1, 4800, 0, 10, 20000, 0, 100}, {1, 7224, 0, 10, 20000, 0, 100}},
	    {{1, 480 + 12, 90, 10, 20000, 0, 100}, {1, 180, 90, 10, 20000, 0, 100}},
	    {{1, 4800, 50, 10, 20000, 0, 100}, {1, 4800, 12, 10, 20000, 0, 100}},
	    {{1, 480, 90, 10, 20000, 0, 100}, {1, 480, 90, 800, 20000, 0, 100}},
	    {{1, 480, 90, 100, 8000, 0, 100}, {1, 480, 90, 100, 2000, 0, 100}},
	    {{1, 480, 90, 100, 8000, 0, 100}, {1, 480, 90, 400, 20000, 0, 100}},
	    {{1, 4812, 50, 10, 20000, 0, 100}, {1, 4812, 50, 10, 20000, 1, 100}},
	    {{1, 4824, 50, 10, 20000, 0, 100}, {1, 4824, 50, 10, 20000, 0, 0}},
	};
	enum { HALF = 2400, AT = 64 * 2000, END = AT + 64 * 300 };
	static float l[END], r[END];
	static double window[2 * HALF];
	double beta = 16, norm = 0;
	fpu_flush_denormals();
	for (int n = 0; n < 2 * HALF; n++) {
		double x = (n + 0.5) / HALF - 1, z = beta * sqrt(1 - x * x) / 2, term = 1, sum = 1;
		for (int k = 1; k < 60; k++)
			sum += term *= z * z / k / k;
		window[n] = sum;
		norm += sum;
	}
	for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
		void *state = echo_new(&echo_unit_w4, 48000), *settled = echo_new(&echo_unit_w4, 48000);
		echo_unit_w4.set(state, &rows[row][0], 1);
		for (int n = 0; n < END; n++)
			r[n] = 0.5f * (l[n] = (float)sin(2 * PI * (n % 48) / 48));
		echo_through(&echo_unit_w4, state, l, r, AT);
		echo_unit_w4.set(state, &rows[row][1], 0);
		echo_through(&echo_unit_w4, state, l + AT, r + AT, END - AT);
		double carrier = 0, worst = 0;
		for (double hz = 1000; hz <= 23000; hz += hz == 1000 ? 500 : 250) {
			double re = 0, im = 0;
			for (int n = 0; n < 2 * HALF; n++) {
				double v = window[n] * (double)l[AT + 1000 - HALF + n] / norm * 2;
				re += v * cos(2 * PI * hz * n / 48000);
				im += v * sin(2 * PI * hz * n / 48000);
			}
			double a = hypot(re, im);
			carrier = hz == 1000 ? a : carrier;
			worst = hz != 1000 && a > worst ? a : worst;
		}
		ck_assert_double_ge(carrier, 0.2);
		ck_assert_msg(test_db(worst / carrier) <= -80, "row %zu: spurious %.1f dBc", row, test_db(worst / carrier));
		if (rows[row][1].feedback == 0) { /* else repeats of the old go on, as they should */
			static float sl[END], sr[END];
			for (int n = 0; n < END; n++)
				sr[n] = 0.5f * (sl[n] = (float)sin(2 * PI * (n % 48) / 48));
			echo_unit_w4.set(settled, &rows[row][1], 1);
			echo_through(&echo_unit_w4, settled, sl, sr, END);
			for (int n = AT + 2880; n < END; n++)
				ck_assert_double_le(fabs((double)(l[n] - sl[n])), 0.002);
		}
		free(state);
		free(settled);
	}
}
END_TEST

/* Noise at full scale, all values jumping at the greatest feedback: bounded; then silence: it dies away by 95 % a
 * repeat. */
START_TEST(test_stability)
{
	static float l[QUANTUM], r[QUANTUM];
	uint64_t seed = 21;
	fpu_flush_denormals();
	struct echo_params p = plain;
	p.feedback = 95;
	void *state = echo_new(&echo_unit_w4, 48000);
	echo_unit_w4.set(state, &p, 1);
	double peak = 0, power = 0;
	int quanta = 48000 * 60 / QUANTUM;
	for (int q = 0; q < quanta; q++) {
		if (q % 3 == 0) {
			p.frames = 1 + 600 * (1 + test_random(&seed));
			p.hpf = test_random(&seed) > 0 ? 2000 : 10;
			p.lpf = test_random(&seed) > 0 ? 200 : 20000;
			p.cross = test_random(&seed) > 0;
			echo_unit_w4.set(state, &p, 0);
		}
		for (int n = 0; n < QUANTUM; n++) {
			l[n] = (float)test_random(&seed);
			r[n] = (float)test_random(&seed);
		}
		echo_unit_w4.run(state, l, r);
		for (int n = 0; n < QUANTUM; n++) {
			peak = fmax(peak, fmax(fabs((double)l[n]), fabs((double)r[n])));
			power += (double)l[n] * (double)l[n] / quanta / QUANTUM;
		}
	}
	ck_assert(isfinite(peak));
	ck_assert_double_le(peak, 40); /* twice the sum of the powers of 0.95 */
	ck_assert_double_ge(power, 0.1);
	p = plain;
	p.feedback = 95;
	p.frames = 480;
	echo_unit_w4.set(state, &p, 0);
	double late = 0;
	for (int q = 0; q < 48000 * 4 / QUANTUM; q++) {
		memset(l, 0, sizeof l);
		memset(r, 0, sizeof r);
		echo_unit_w4.run(state, l, r);
		for (int n = 0; n < QUANTUM; n++)
			late = q >= 48000 * 4 / QUANTUM - 8 ? fmax(late, fabs((double)l[n])) : 0;
	}
	/* 4 s are 400 repeats: -178 dB; a tenth of them may pass before the new time is in force */
	ck_assert_double_le(test_db(late / peak), -160);
	free(state);
}
END_TEST

START_TEST(test_notes)
{
	static const double tempos[] = {60, 120, 97.3, 120.1, 173.07, 300, 20, 33.333333};
	static const double rates[] = {44100, 48000, 96000, 192000};
	char words[200], *word;
	int place = 0;
	snprintf(words, sizeof words, "%s", params[P_ECHO_NOTE].choices);
	for (word = strtok(words, " "); word; word = strtok(NULL, " "), place++) {
		int under = 0;
		char kind = ' ';
		if (sscanf(word, "1/%d%c", &under, &kind) < 1) {
			ck_assert_int_eq(note_frames(place, 120, 48000), 0);
			continue;
		}
		for (size_t t = 0; t < sizeof tempos / sizeof *tempos; t++) {
			for (size_t k = 0; k < sizeof rates / sizeof *rates; k++) {
				/* quarters x 60 rate / tempo = over / below, in whole numbers */
				int64_t over = 4 * 60 * (int64_t)rates[k] * (kind == 'd' ? 3 : kind == 't' ? 2 : 1) * 1000000;
				int64_t below = under * (kind == 'd' ? 2 : kind == 't' ? 3 : 1) * (int64_t)llround(tempos[t] * 1e6);
				int64_t got = note_frames(place, tempos[t], rates[k]);
				ck_assert_msg(2 * over >= (2 * got - 1) * below && 2 * over < (2 * got + 1) * below,
				              "%s at %g, %g: %lld", word, tempos[t], rates[k], (long long)got);
			}
		}
	}
	ck_assert_int_eq(place, NOTE_COUNT);
	ck_assert_int_eq(note_frames(5, 120, 48000), 24000);
	ck_assert_int_eq(note_frames(9, 120, 44100), 16538); /* 16537.5 */
	ck_assert_int_eq(note_frames(-1, 120, 48000), 0);
	ck_assert_int_eq(note_frames(NOTE_COUNT, 120, 48000), 0);
	ck_assert_int_eq(note_frames(5, 0, 48000), 0);
	ck_assert_int_eq(ms_frames(375, 44100), 16538);
	ck_assert_int_eq(ms_frames(2000, 192000), 384000);
	ck_assert_int_eq(ms_frames(0.1, 48000), 5); /* 4.8 */
	ck_assert_int_eq(ms_frames(-1, 48000), 0);
}
END_TEST

TEST_MAIN("delay", 60, test_places, test_decay, test_filters, test_widths, test_rest, test_jumps, test_stability,
          test_notes)
