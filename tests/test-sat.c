/* Saturation: harmonics and aliases of the three characters, latency and pass band, off lanes, lanes, moves, clicks. */
#include "base/fpu.h"
#include "desktest.h"
#include "dsp/sat.h"

#include <stdio.h>
#include <string.h>

#define PI 3.14159265358979323846
#define ALIGNED(size) (((size) + DSP_ALIGN - 1) / DSP_ALIGN * DSP_ALIGN)

struct bank {
	const struct dsp_proc *proc;
	int lanes;
	void *state;
	float *l, *r;
};

static int
has_wide(void)
{
#if defined(__x86_64__)
	static int told;
	if (!__builtin_cpu_supports("avx2") && !told++)
		printf("no AVX2 here: eight lanes are skipped\n");
	return __builtin_cpu_supports("avx2") != 0;
#else
	return 1;
#endif
}

static struct bank
bank_new(int lanes, double rate)
{
	struct bank b = {lanes == 1 ? &sat_proc_w1 : lanes == 4 ? &sat_proc_w4 : &sat_proc_w8, lanes, NULL, NULL, NULL};
	b.state = aligned_alloc(DSP_ALIGN, ALIGNED(b.proc->size));
	b.l = aligned_alloc(DSP_ALIGN, ALIGNED(sizeof(float) * QUANTUM * (size_t)lanes));
	b.r = aligned_alloc(DSP_ALIGN, ALIGNED(sizeof(float) * QUANTUM * (size_t)lanes));
	ck_assert(b.state && b.l && b.r);
	memset(b.l, 0, sizeof(float) * QUANTUM * (size_t)lanes);
	memset(b.r, 0, sizeof(float) * QUANTUM * (size_t)lanes);
	b.proc->init(b.state, rate);
	return b;
}

static void
bank_free(struct bank *b)
{
	free(b->state);
	free(b->l);
	free(b->r);
}

static void
bank_run(struct bank *b)
{
	b->proc->run(b->state, &(struct dsp_io){.l = b->l, .r = b->r});
}

/* A tone of amplitude 1 through settled saturation: `count` frames after `skip`. */
static void
render_tone(const struct sat_params *p, double rate, double hz, int skip, double *y, int count)
{
	struct bank b = bank_new(4, rate);
	b.proc->set(b.state, 0, p, 1);
	for (int t = 0; t < skip + count;) {
		for (int n = 0; n < QUANTUM; n++)
			b.l[n * 4] = b.r[n * 4] = (float)sin(2 * PI * fmod(hz * (t + n), rate) / rate);
		bank_run(&b);
		for (int n = 0; n < QUANTUM; n++, t++)
			if (t >= skip && t < skip + count)
				y[t - skip] = b.l[n * 4];
	}
	bank_free(&b);
}

/* Amplitude at a frequency that has whole periods in `count` frames. */
static double
amplitude(const double *y, int count, double hz, double rate)
{
	double step = 2 * PI * hz / rate, c = cos(step), s = sin(step), re = 0, im = 0, x = 1, q = 0;
	for (int n = 0; n < count; n++) {
		re += y[n] * x;
		im += y[n] * q;
		double next = x * c - q * s;
		q = x * s + q * c;
		x = next;
	}
	return 2 * hypot(re, im) / count;
}

static double
shape(int type, double x)
{
	double t = tanh(x);
	return type == SAT_TUBE ? t + 0.25 * t * t : t;
}

/* Trapezoid over a period: for periodic analytic functions its error falls exponentially; 4096 points leave none. */
static double
harmonic(int type, double gain, int n)
{
	double re = 0, im = 0;
	for (int k = 0; k < 4096; k++) {
		double a = 2 * PI * k / 4096, y = shape(type, gain * sin(a));
		re += y * cos(n * a);
		im += y * sin(n * a);
	}
	return 2 * hypot(re, im) / 4096;
}

START_TEST(test_harmonics)
{
	static double y[4800];
	fpu_flush_denormals();
	for (int type = SAT_TANH; type <= SAT_TUBE; type++) {
		for (double drive = -12; drive <= 24; drive += 12) {
			struct sat_params p = {1, type, drive, 0, 100};
			render_tone(&p, 48000, 1000, 64 * 800, y, 4800);
			double first = harmonic(type, pow(10, drive / 20), 1);
			int seen = 0;
			for (int n = 1; n < 20; n++) {
				double want = harmonic(type, pow(10, drive / 20), n), got = amplitude(y, 4800, n * 1000, 48000);
				if (test_db(want / first) < -100) {
					ck_assert_double_le(test_db(got / first), -98);
					continue;
				}
				seen++;
				ck_assert_msg(fabs(test_db(got / want)) <= 0.1, "type %d drive %g harmonic %d: %.3f dB off", type,
				              drive, n, test_db(got / want));
			}
			ck_assert_int_ge(seen, type == SAT_TUBE ? 4 : 2);
			double mean = 0;
			for (int n = 0; n < 4800; n++)
				mean += y[n] / 4800;
			ck_assert_double_le(test_db(mean / first), -80);
		}
	}
	struct sat_params p = {1, SAT_TAPE, 12, 0, 100};
	render_tone(&p, 48000, 1000, 64 * 800, y, 4800);
	double first = amplitude(y, 4800, 1000, 48000);
	ck_assert_double_ge(test_db(amplitude(y, 4800, 3000, 48000) / first), -40);
	ck_assert_double_le(test_db(amplitude(y, 4800, 2000, 48000) / first), -110);
}
END_TEST

/* 10 kHz: its harmonics fold to where no harmonic is. */
START_TEST(test_aliases)
{
	static double y[9600];
	static const double rates[] = {44100, 48000, 96000};
	fpu_flush_denormals();
	for (int r = 0; r < 3; r++) {
		for (int type = SAT_TANH; type <= SAT_TAPE; type++) {
			for (double drive = 12; drive <= 24; drive += 12) {
				struct sat_params p = {1, type, drive, 0, 100};
				int count = (int)(rates[r] / 100); /* bins of 100 Hz: every alias is a multiple of that */
				render_tone(&p, rates[r], 10000, (int)rates[r], y, count);
				double tone = amplitude(y, count, 10000, rates[r]), worst = 0, at = 0;
				for (double hz = 100; hz < 20000; hz += 100) {
					double a = hz == 10000 ? 0 : amplitude(y, count, hz, rates[r]);
					if (a > worst) {
						worst = a;
						at = hz;
					}
				}
				ck_assert_msg(test_db(worst / tone) <= (drive == 12 ? -100 : -90),
				              "rate %g type %d drive %g: %.1f dBc at %g", rates[r], type, drive, test_db(worst / tone),
				              at);
			}
		}
	}
}
END_TEST

/* A small impulse: gain 1 at drive 0 within 0.005 dB to 20 kHz (0.4535 of the rate), and a delay of 64 frames exactly.
 */
START_TEST(test_pass_band)
{
	static const double rates[] = {44100, 48000, 96000, 192000};
	fpu_flush_denormals();
	for (int r = 0; r < 4; r++) {
		for (int type = SAT_TANH; type <= SAT_TAPE; type++) {
			struct bank b = bank_new(1, rates[r]);
			struct sat_params p = {1, type, 0, 0, 100};
			b.proc->set(b.state, 0, &p, 1);
			double h[256];
			for (int t = 0; t < 256; t += QUANTUM) {
				memset(b.l, 0, sizeof(float) * QUANTUM);
				b.l[0] = t ? 0 : 1e-4f;
				bank_run(&b);
				for (int n = 0; n < QUANTUM; n++)
					h[t + n] = 1e4 * (double)b.l[n];
			}
			int peak = 0;
			for (int n = 0; n < 256; n++)
				peak = fabs(h[n]) > fabs(h[peak]) ? n : peak;
			ck_assert_int_eq(peak, SAT_LATENCY);
			ck_assert_int_eq(b.proc->latency, SAT_LATENCY);
			/* tube's DC block lets go of the lowest octaves' phase, and its tail is longer than this window */
			for (double f = type == SAT_TUBE ? 0.02 : 0.001; f < 0.4535; f += 0.0017) {
				double re = 0, im = 0;
				for (int n = 0; n < 256; n++) {
					re += h[n] * cos(2 * PI * f * (n - SAT_LATENCY));
					im -= h[n] * sin(2 * PI * f * (n - SAT_LATENCY));
				}
				double limit = type == SAT_TUBE ? 0.05 : 0.005;
				ck_assert_msg(fabs(test_db(hypot(re, im))) <= limit, "rate %g type %d, %g of it: %.4f dB", rates[r],
				              type, f, test_db(hypot(re, im)));
				ck_assert_double_le(fabs(im), type == SAT_TUBE ? 0.01 : 1e-4);
			}
			bank_free(&b);
		}
	}
}
END_TEST

/* Off: the same bits 64 frames later, alone and beside lanes that are on, and again after having been on. */
START_TEST(test_off_bits)
{
	fpu_flush_denormals();
	struct bank b = bank_new(4, 48000);
	uint64_t seed = 5;
	static float in[QUANTUM * 200];
	for (int k = 0; k < QUANTUM * 200; k++)
		in[k] = k % 7 ? (float)test_random(&seed) : -0.0f;
	in[100] = 1e-41f;
	struct sat_params on = {1, SAT_TUBE, 20, -3, 80}, off = {0, SAT_TUBE, 20, -3, 80};
	for (int q = 0; q < 200; q++) {
		if (q == 10)
			b.proc->set(b.state, 1, &on, 0);
		if (q == 20)
			b.proc->set(b.state, 2, &on, 0);
		if (q == 50)
			b.proc->set(b.state, 2, &off, 0);
		for (int n = 0; n < QUANTUM; n++)
			for (int k = 0; k < 4; k++)
				b.l[n * 4 + k] = b.r[n * 4 + k] = in[q * QUANTUM + n];
		bank_run(&b);
		int differs = 0;
		for (int n = 0; n < QUANTUM && q; n++) {
			ck_assert(!memcmp(&b.l[n * 4], &in[(q - 1) * QUANTUM + n], sizeof(float)));
			ck_assert(!memcmp(&b.r[n * 4 + 3], &in[(q - 1) * QUANTUM + n], sizeof(float)));
			differs += memcmp(&b.l[n * 4 + 2], &in[(q - 1) * QUANTUM + n], sizeof(float)) != 0;
		}
		if (q == 49)
			ck_assert_int_gt(differs, QUANTUM / 2);
		if (q >= 190)
			ck_assert_int_eq(differs, 0);
	}
	bank_free(&b);
}
END_TEST

#define STORY 400

/*
 * What happens to the strip at quantum q of a story; the same values again where nothing new happens. A fade out to
 * rest takes some 70 quanta: it is cut short once, comes to rest with values under way twice, and values change during
 * the rest.
 */
static struct sat_params
story(int q)
{
	struct sat_params p = {q >= 3 && (q < 60 || (q >= 75 && q < 120) || (q >= 210 && q < 240) || q >= 330), SAT_TANH,
	                       10, -3, 100};
	if (q >= 20)
		p.type = q < 90 ? SAT_TAPE : q < 100 ? SAT_TANH : q < 225 ? SAT_TUBE : SAT_TAPE;
	if (q >= 30)
		p.drive = q < 65 ? 24 : q < 180 ? 3 : q < 200 ? 15 : q < 300 ? 9 : 20;
	if (q >= 40)
		p.mix = q < 220 ? 40 : 70;
	return p;
}

/*
 * The story of one strip in a lane of a bank, between neighbours who live by `neighbours` (0: all off). `again`: set
 * every quantum. At `move_at` the strip moves to another lane of another bank, which has been running with its own
 * strips.
 */
static void
tell(int lanes, int lane, int neighbours, int again, int move_at, float *out)
{
	struct bank b = bank_new(lanes, 48000), other = bank_new(lanes, 48000), *now = &b;
	uint64_t seed = 9, noise = (uint64_t)neighbours + 77;
	for (int q = 0; q < STORY; q++) {
		struct sat_params p = story(q), before = story(q ? q - 1 : 0);
		if (q == 0 || again || memcmp(&p, &before, sizeof p))
			now->proc->set(now->state, lane, &p, q == 0);
		if (q == move_at) {
			int to = (lane + 1) % lanes;
			other.proc->move(other.state, to, now->state, lane);
			now = &other;
			lane = to;
		}
		for (int k = 0; k < lanes && neighbours; k++) {
			struct sat_params n = {(q / (5 + k)) % 3 != 0, (q / 17 + k) % 3, 6 * k - 6, 0, 90};
			if (k != lane)
				now->proc->set(now->state, k, &n, 0);
			if (q < move_at)
				other.proc->set(other.state, k, &n, 0);
		}
		for (int n = 0; n < QUANTUM; n++) {
			float l = (float)test_random(&seed), r = q % 20 < 10 ? -0.0f : 0.3f * l;
			for (int k = 0; k < lanes; k++) {
				now->l[n * lanes + k] = k == lane ? l : (float)test_random(&noise);
				now->r[n * lanes + k] = k == lane ? r : (float)test_random(&noise);
			}
		}
		bank_run(now);
		if (q < move_at)
			bank_run(&other);
		for (int n = 0; n < QUANTUM; n++) {
			*out++ = now->l[n * lanes + lane];
			*out++ = now->r[n * lanes + lane];
		}
	}
	bank_free(&b);
	bank_free(&other);
}

START_TEST(test_lanes)
{
	static float want[STORY * QUANTUM * 2], got[STORY * QUANTUM * 2];
	static const struct {
		int lanes, lane, neighbours, again, move_at;
	} rows[] = {
	    {1, 0, 0, 1, -1},  {4, 2, 0, 0, -1},  {4, 0, 1, 0, -1},  {4, 3, 2, 1, -1},  {8, 5, 1, 0, -1}, {8, 0, 2, 1, -1},
	    {1, 0, 0, 0, 35},  {4, 1, 1, 0, 31},  {4, 3, 2, 1, 62},  {8, 7, 1, 0, 76},  {8, 2, 2, 1, 21}, {4, 0, 0, 0, 61},
	    {4, 2, 1, 0, 150}, {4, 2, 1, 0, 211}, {4, 2, 0, 0, 150}, {4, 0, 1, 0, 331},
	};
	fpu_flush_denormals();
	tell(1, 0, 0, 0, -1, want);
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		if (rows[k].lanes == 8 && !has_wide())
			continue;
		memset(got, 1, sizeof got);
		tell(rows[k].lanes, rows[k].lane, rows[k].neighbours, rows[k].again, rows[k].move_at, got);
		for (int n = 0; n < STORY * QUANTUM * 2; n++)
			ck_assert_msg(!memcmp(&want[n], &got[n], sizeof *want), "row %zu differs first in quantum %d: %a, %a", k,
			              n / 2 / QUANTUM, (double)want[n], (double)got[n]);
	}
}
END_TEST

/*
 * A jump of one value during a 1 kHz sine: half way between harmonics (which the glide may touch) there is nothing
 * above -80 dBc, seen through a Kaiser window of 100 ms around it; and 60 ms later it sounds as if it had always been
 * so.
 */
START_TEST(test_jumps)
{
	static const struct sat_params rows[][2] = {
	    {{0, SAT_TANH, 6, 0, 100}, {1, SAT_TANH, 6, 0, 100}},   {{1, SAT_TANH, 6, 0, 100}, {0, SAT_TANH, 6, 0, 100}},
	    {{0, SAT_TUBE, 18, 0, 100}, {1, SAT_TUBE, 18, 0, 100}}, {{1, SAT_TUBE, 6, -6, 100}, {0, SAT_TUBE, 6, 0, 100}},
	    {{0, SAT_TAPE, 6, 0, 100}, {1, SAT_TAPE, 6, 0, 100}},   {{1, SAT_TANH, 0, 0, 100}, {1, SAT_TANH, 12, 0, 100}},
	    {{1, SAT_TAPE, 24, 0, 100}, {1, SAT_TAPE, 12, 0, 100}}, {{1, SAT_TANH, 6, 0, 100}, {1, SAT_TANH, 6, -12, 100}},
	    {{1, SAT_TAPE, 12, 0, 100}, {1, SAT_TAPE, 12, 0, 0}},   {{1, SAT_TANH, 6, 0, 100}, {1, SAT_TUBE, 6, 0, 100}},
	    {{1, SAT_TUBE, 12, 0, 100}, {1, SAT_TAPE, 12, 0, 100}}, {{1, SAT_TAPE, 6, 0, 100}, {1, SAT_TANH, 6, 0, 100}},
	    {{1, SAT_TUBE, 24, 0, 100}, {1, SAT_TUBE, 12, 0, 50}},
	};
	enum { HALF = 2400, AT = 64 * 800, END = AT + 64 * 100 };
	static double y[END], ref[END], window[2 * HALF];
	double total = 0, beta = 16, norm = 0;
	fpu_flush_denormals();
	for (int n = 0; n < 2 * HALF; n++) {
		double x = (n + 0.5) / HALF - 1, z = beta * sqrt(1 - x * x) / 2, term = 1, sum = 1;
		for (int k = 1; k < 60; k++)
			sum += term *= z * z / k / k;
		window[n] = sum;
		norm += sum;
	}
	for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
		struct bank b = bank_new(4, 48000);
		b.proc->set(b.state, 0, &rows[row][0], 1);
		b.proc->set(b.state, 1, &rows[row][1], 1);
		for (int t = 0; t < END; t += QUANTUM) {
			if (t == AT)
				b.proc->set(b.state, 0, &rows[row][1], 0);
			for (int n = 0; n < QUANTUM; n++)
				for (int k = 0; k < 4; k++)
					b.l[n * 4 + k] = (float)sin(2 * PI * ((t + n) % 48) / 48);
			bank_run(&b);
			for (int n = 0; n < QUANTUM; n++) {
				y[t + n] = b.l[n * 4];
				ref[t + n] = b.l[n * 4 + 1];
			}
		}
		bank_free(&b);
		double carrier = 0, worst = 0;
		for (double hz = 1000; hz <= 20500; hz += hz == 1000 ? 500 : 1000) {
			double re = 0, im = 0;
			for (int n = 0; n < 2 * HALF; n++) {
				double v = window[n] * y[AT + 1500 - HALF + n] / norm * 2;
				re += v * cos(2 * PI * hz * n / 48000);
				im += v * sin(2 * PI * hz * n / 48000);
			}
			double a = hypot(re, im);
			if (hz == 1000)
				carrier = a;
			else
				worst = a > worst ? a : worst;
		}
		ck_assert_msg(test_db(worst / carrier) <= -80, "row %zu: spurious %.1f dBc", row, test_db(worst / carrier));
		total += carrier;
		/* a period's mean is taken off: what is left of tube's DC block is no sound */
		int late = AT + 64 + 2880;
		double error = 0, mean = 0;
		for (int n = 0; n < 48; n++)
			mean += (y[late + n] - ref[late + n]) / 48;
		for (int n = 0; n < 48; n++)
			error = fmax(error, fabs(y[late + n] - ref[late + n] - mean));
		ck_assert_msg(error <= 0.01, "row %zu: %g off after 60 ms", row, error);
	}
	ck_assert_double_gt(total, 5);
}
END_TEST

TEST_MAIN("saturation", 60, test_harmonics, test_aliases, test_pass_band, test_off_bits, test_lanes, test_jumps)
