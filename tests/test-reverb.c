/*
 * The reverb against its header's formula an octave at a time, and what makes a tail natural: dense echoes, no mode
 * that stands out, sides that differ; then its manners: the same bits at any width, clean switching, no clicks,
 * stability.
 */
#include <complex.h>
#include <stdio.h>
#include <string.h>

#include "base/fpu.h"
#include "dsp/dsp.h"
#include "dsp/reverb.h"

#include "desktest.h"

static const struct reverb_params usual = {1, 1800, 1.1f, 0.5f, 20, 60, 100, 100};

static void *
unit_new(const struct dsp_unit *unit, double rate)
{
	size_t size = (unit->size(rate) + DSP_ALIGN - 1) / DSP_ALIGN * DSP_ALIGN;
	void *state = aligned_alloc(DSP_ALIGN, size);
	memset(state, 0, size);
	unit->init(state, rate);
	return state;
}

/* Runs a unit over whole quanta in place. */
static void
unit_run(const struct dsp_unit *unit, void *state, float *l, float *r, int frames)
{
	for (int n = 0; n < frames; n += QUANTUM)
		unit->run(state, l + n, r + n);
}

static float *
silence(int frames)
{
	return calloc((size_t)frames, sizeof(float));
}

static void
noise(float *x, int frames, uint64_t *seed)
{
	for (int n = 0; n < frames; n++)
		x[n] = (float)(0.5 * test_random(seed));
}

/* The response to an impulse: source 0 left, 1 right, 2 on both. */
static void
response(const struct reverb_params *p, double rate, int frames, int source, float **l, float **r)
{
	void *state = unit_new(&reverb_unit_w4, rate);
	reverb_unit_w4.set(state, p, 1);
	*l = silence(frames);
	*r = silence(frames);
	(*l)[0] = source != 1;
	(*r)[0] = source != 0;
	unit_run(&reverb_unit_w4, state, *l, *r, frames);
	free(state);
}

static double complex
turn(double angle)
{
	return CMPLX(cos(angle), sin(angle));
}

/* A Butterworth section, bilinear; low or high-pass. */
struct section {
	double b0, b1, b2, a1, a2;
};

static struct section
section(double hz, double rate, double q, int high)
{
	double g = tan(M_PI * hz / rate), a0 = 1 + g / q + g * g;
	double b = (high ? 1 : g * g) / a0;
	return (struct section){b, high ? -2 * b : 2 * b, b, 2 * (g * g - 1) / a0, (1 - g / q + g * g) / a0};
}

/* An octave round its middle: high and low-passes of eighth order. */
#define BAND 8
static void
octave(struct section s[BAND], double middle, double rate)
{
	for (int k = 0; k < 4; k++) {
		double q = 1 / (2 * cos(M_PI * (2 * k + 1) / 16));
		s[k] = section(middle / sqrt(2), rate, q, 1);
		s[4 + k] = section(middle * sqrt(2), rate, q, 0);
	}
}

static void
band_filter(const struct section s[BAND], const float *x, double *y, int frames)
{
	double z[BAND][2] = {{0}};
	for (int n = 0; n < frames; n++) {
		double v = (double)x[n];
		for (int k = 0; k < BAND; k++) {
			double w = s[k].b0 * v + z[k][0];
			z[k][0] = s[k].b1 * v - s[k].a1 * w + z[k][1];
			z[k][1] = s[k].b2 * v - s[k].a2 * w;
			v = w;
		}
		y[n] = v;
	}
}

static double
band_power(const struct section s[BAND], double hz, double rate)
{
	double complex z = turn(-2 * M_PI * hz / rate), h = 1;
	for (int k = 0; k < BAND; k++)
		h *= (s[k].b0 + s[k].b1 * z + s[k].b2 * z * z) / (1 + s[k].a1 * z + s[k].a2 * z * z);
	return creal(h * conj(h));
}

/* The header's formula. */
static double
rt60(const struct reverb_params *p, double hz)
{
	double time = (double)p->time / 1000, low = fmax((double)p->low, 0.1 / time),
	       high = fmax((double)p->high, 0.1 / time);
	return time / (1 + (1 / low - 1) / (1 + pow(hz / 250, 8)) + (1 / high - 1) / (1 + pow(4000 / hz, 8)));
}

/* Time from -5 to -35 dB of what is left (Schroeder), times 2; remaining[n] is what is left from frame n on. */
static double
fall_time(const double *remaining, int frames, double rate)
{
	int at[2] = {-1, -1};
	for (int n = 0; n < frames; n++)
		for (int k = 0; k < 2; k++)
			if (at[k] < 0 && remaining[n] < remaining[0] * pow(10, k ? -3.5 : -0.5))
				at[k] = n;
	ck_assert(at[1] > 0);
	return 2 * (at[1] - at[0]) / rate;
}

static const struct {
	double rate;
	struct reverb_params p;
} times[] = {
    {48000, {1, 1800, 1.1f, 0.5f, 20, 60, 100, 100}}, {48000, {1, 800, 1, 1, 0, 60, 100, 100}},
    {48000, {1, 3000, 0.5f, 0.3f, 0, 80, 100, 100}},  {44100, {1, 1000, 2, 0.2f, 0, 40, 100, 100}},
    {48000, {1, 200, 1, 0.5f, 0, 60, 100, 100}},      {48000, {1, 12000, 0.3f, 0.1f, 0, 100, 100, 100}},
    {48000, {1, 1500, 2.5f, 0.1f, 0, 20, 100, 100}},  {8000, {1, 400, 1, 1, 0, 20, 100, 100}},
    {96000, {1, 600, 1.3f, 0.6f, 0, 60, 100, 100}},   {192000, {1, 1200, 1.2f, 0.4f, 10, 100, 100, 100}},
};

START_TEST(test_time_per_octave)
{
	fpu_flush_denormals();
	double worst = 0;
	for (size_t t = 0; t < sizeof times / sizeof *times; t++) {
		const struct reverb_params *p = &times[t].p;
		double rate = times[t].rate;
		int frames = (int)((0.4 + (double)p->time / 1000 * fmax(1, (double)p->low) * 0.85) * rate) / QUANTUM * QUANTUM;
		float *x[4]; /* two sources at two ears, as rooms are measured at several places */
		response(p, rate, frames, 0, &x[0], &x[1]);
		response(p, rate, frames, 1, &x[2], &x[3]);
		double *y = malloc(2 * (size_t)frames * sizeof *y), *left = y + frames;
		for (double middle = 125; middle < 9000 && middle * sqrt(2) < 0.45 * rate; middle *= 2) {
			struct section s[BAND];
			octave(s, middle, rate);
			memset(left, 0, (size_t)frames * sizeof *left);
			for (int k = 0; k < 4; k++) {
				band_filter(s, x[k], y, frames);
				double sum = 0;
				for (int n = frames - 1; n >= 0; n--)
					left[n] += sum += y[n] * y[n];
			}
			double measured = fall_time(left, frames, rate);
			memset(left, 0, (size_t)frames * sizeof *left);
			for (int k = -60; k <= 60; k++) {
				double hz = middle * pow(2, k / 40.0), time = rt60(p, hz);
				if (hz > 0.49 * rate)
					continue;
				double energy = band_power(s, hz, rate) * hz * time, step = pow(10, -6 / (rate * time));
				for (int n = 0; n < frames; n++, energy *= step)
					left[n] += energy;
			}
			double wanted = fall_time(left, frames, rate);
			double error = measured / wanted - 1;
			if (getenv("REVERB_SHOW"))
				printf("%6.0f Hz rate, %5.0f ms: %5.0f Hz: asked %.3f, naive %.3f, got %.3f (%+.1f %%)\n", rate,
				       (double)p->time, middle, wanted, rt60(p, middle), measured, 100 * error);
			worst = fmax(worst, fabs(error));
		}
		free(y);
		for (int k = 0; k < 4; k++)
			free(x[k]);
	}
	printf("RT60 per octave: within %.1f %%\n", 100 * worst);
	ck_assert_double_le(worst, 0.10);
}
END_TEST

/* Echoes a second, counted as turning points above a quarter of the rms, and how Gaussian they lie (Abel and Huang
 * 2006). */
START_TEST(test_echo_density)
{
	fpu_flush_denormals();
	for (int size = 20; size <= 100; size += 40) {
		struct reverb_params p = {1, 2500, 1, 1, 0, (float)size, 100, 100};
		double rate = 48000;
		int frames = 48000, window = 960;
		float *side[2];
		response(&p, rate, frames, 0, &side[0], &side[1]);
		double fewest = 1e9, lowest = 9;
		for (int k = 0; k < 2; k++)
			for (int at = 4800; at + window < 36000; at += window / 2) {
				const float *x = side[k] + at;
				double power = 0;
				int outside = 0, echoes = 0;
				for (int n = 0; n < window; n++)
					power += (double)x[n] * (double)x[n] / window;
				for (int n = 0; n < window; n++) {
					double a = fabs((double)x[n]);
					outside += a > sqrt(power);
					echoes += a > sqrt(power) / 4 && a > fabs((double)x[n - 1]) && a >= fabs((double)x[n + 1]);
				}
				fewest = fmin(fewest, echoes * rate / window);
				lowest = fmin(lowest, outside / (window * erfc(1 / sqrt(2))));
			}
		printf("size %d: %.0f echoes a second or more, normalised density %.2f or more\n", size, fewest, lowest);
		ck_assert_double_ge(fewest, 1000);
		ck_assert_double_ge(lowest, 0.6);
		free(side[0]);
		free(side[1]);
	}
}
END_TEST

static void
fft(double complex *x, int n)
{
	for (int i = 1, j = 0; i < n; i++) {
		int bit = n >> 1;
		for (; j & bit; bit >>= 1)
			j ^= bit;
		j ^= bit;
		if (i < j) {
			double complex t = x[i];
			x[i] = x[j];
			x[j] = t;
		}
	}
	for (int len = 2; len <= n; len *= 2) {
		double complex step = turn(-2 * M_PI / len);
		for (int i = 0; i < n; i += len) {
			double complex w = 1;
			for (int k = 0; k < len / 2; k++, w *= step) {
				double complex a = x[i + k], b = x[i + k + len / 2] * w;
				x[i + k] = a + b;
				x[i + k + len / 2] = a - b;
			}
		}
	}
}

/*
 * The late spectrum (from a third of RT60 on, averaged over windows of a third of a second and both sides, each window
 * brought to one level) holds no bin 6 dB above the mean of its neighbourhood of a third octave.
 */
START_TEST(test_no_mode_stands_out)
{
	fpu_flush_denormals();
	enum { N = 16384 };
	for (int t = 0; t < 6; t++) {
		struct reverb_params p = {1, t < 3 ? 3000 : 12000, 1, 1, 0, (float)(20 + 40 * (t % 3)), 100, 100};
		int frames = (int)(48 * 0.8 * (double)p.time) / QUANTUM * QUANTUM, from = (int)(16 * (double)p.time);
		float *x[4];
		response(&p, 48000, frames, 0, &x[0], &x[1]);
		response(&p, 48000, frames, 1, &x[2], &x[3]);
		double *power = calloc(N / 2, sizeof *power);
		double complex *z = malloc(N * sizeof *z);
		for (int at = from; at + N <= frames; at += N / 2)
			for (int k = 0; k < 4; k++) {
				double level = 0;
				for (int n = 0; n < N; n++)
					level += (double)x[k][at + n] * (double)x[k][at + n];
				for (int n = 0; n < N; n++)
					z[n] = (double)x[k][at + n] * (0.5 - 0.5 * cos(2 * M_PI * n / N)) / sqrt(level);
				fft(z, N);
				for (int n = 0; n < N / 2; n++)
					power[n] += creal(z[n] * conj(z[n]));
			}
		double worst = 0, where = 0;
		for (int n = 20; n < N * 5 / 12; n++) {
			int a = (int)(n / 1.122), b = (int)(n * 1.122);
			double mean = 0;
			for (int k = a; k <= b; k++)
				mean += power[k] / (b - a + 1);
			if (power[n] > worst * mean) {
				worst = power[n] / mean;
				where = n * 48000.0 / N;
			}
		}
		printf("RT60 %.0f ms, size %.0f: highest mode %+.1f dB (%.0f Hz)\n", (double)p.time, (double)p.size,
		       10 * log10(worst), where);
		ck_assert_double_le(10 * log10(worst), 6);
		free(power);
		free(z);
		for (int k = 0; k < 4; k++)
			free(x[k]);
	}
}
END_TEST

START_TEST(test_sides_differ)
{
	fpu_flush_denormals();
	for (int both = 0; both <= 2; both += 2)
		for (int width = 0; width <= 100; width += 50) {
			struct reverb_params p = {1, 2500, 1, 1, 0, 60, (float)width, 100};
			int frames = 96000;
			float *l, *r;
			response(&p, 48000, frames, both, &l, &r);
			double ll = 0, rr = 0, lr = 0;
			for (int n = 9600; n < frames; n++) {
				ll += (double)l[n] * (double)l[n];
				rr += (double)r[n] * (double)r[n];
				lr += (double)l[n] * (double)r[n];
			}
			double c = lr / sqrt(ll * rr);
			printf("width %d, %s: correlation %+.3f, balance %+.2f dB\n", width, both ? "centre" : "left", c,
			       10 * log10(ll / rr));
			if (width == 100)
				ck_assert_double_le(fabs(c), 0.2);
			if (width == 0)
				ck_assert_double_ge(c, 0.99999);
			ck_assert_double_le(fabs(10 * log10(ll / rr)), 1.5);
			free(l);
			free(r);
		}
}
END_TEST

/* A random setting from a seed, in and out of range. */
static struct reverb_params
any_params(uint64_t *seed)
{
	float x[8];
	for (int k = 0; k < 8; k++)
		x[k] = (float)(0.5 + 0.55 * test_random(seed));
	return (struct reverb_params){x[0] > 0.1f, 200 * powf(60, x[1]), 0.3f + 2.2f * x[2], 0.1f + 0.9f * x[3],
	                              250 * x[4],  20 + 80 * x[5],       100 * x[6],         100 * x[7]};
}

static void
random_ride(const struct dsp_unit *unit, double rate, int quanta, int repeat, float *l, float *r)
{
	uint64_t seed = 7, settings = 9;
	void *state = unit_new(unit, rate);
	struct reverb_params p = usual;
	unit->set(state, &p, 1);
	noise(l, quanta * QUANTUM, &seed);
	noise(r, quanta * QUANTUM, &seed);
	for (int q = 0; q < quanta; q++) {
		if (q % 37 == 36)
			p = any_params(&settings);
		if (q % 37 == 36 || repeat)
			unit->set(state, &p, 0);
		unit->run(state, l + q * QUANTUM, r + q * QUANTUM);
	}
	free(state);
}

START_TEST(test_same_bits)
{
	fpu_flush_denormals();
	enum { QUANTA = 1500, FRAMES = QUANTA * QUANTUM };
	size_t bytes = FRAMES * sizeof(float);
	float *l[2] = {silence(FRAMES), silence(FRAMES)}, *r[2] = {silence(FRAMES), silence(FRAMES)};
	random_ride(&reverb_unit_w1, 48000, QUANTA, 0, l[0], r[0]);
	random_ride(&reverb_unit_w4, 48000, QUANTA, 0, l[1], r[1]);
	ck_assert_mem_eq(l[0], l[1], bytes);
	ck_assert_mem_eq(r[0], r[1], bytes);
	random_ride(&reverb_unit_w4, 48000, QUANTA, 1, l[1], r[1]);
	ck_assert_mem_eq(l[0], l[1], bytes);
	ck_assert_mem_eq(r[0], r[1], bytes);
#ifdef __x86_64__
	int wide = __builtin_cpu_supports("avx2");
#else
	int wide = 1;
#endif
	if (wide) {
		random_ride(&reverb_unit_w8, 48000, QUANTA, 0, l[1], r[1]);
		ck_assert_mem_eq(l[0], l[1], bytes);
		ck_assert_mem_eq(r[0], r[1], bytes);
	} else {
		printf("eight lanes: skipped, this CPU has no AVX2\n");
	}
	for (int k = 0; k < 2; k++) {
		free(l[k]);
		free(r[k]);
	}
}
END_TEST

/* A second of noise through a unit in `state`. */
enum { SECOND = 750 * QUANTUM };
static void
noise_second(void *state, float *l, float *r)
{
	uint64_t seed = 3;
	noise(l, SECOND, &seed);
	noise(r, SECOND, &seed);
	unit_run(&reverb_unit_w4, state, l, r, SECOND);
}

START_TEST(test_bits_pass)
{
	fpu_flush_denormals();
	uint64_t seed = 3;
	float *l = silence(SECOND), *r = silence(SECOND), *plain_l = silence(SECOND), *plain_r = silence(SECOND);
	noise(plain_l, SECOND, &seed);
	noise(plain_r, SECOND, &seed);
	size_t bytes = SECOND * sizeof(float);
	struct reverb_params p = usual;
	void *state = unit_new(&reverb_unit_w4, 48000);

	noise_second(state, l, r); /* never set */
	ck_assert_mem_eq(l, plain_l, bytes);
	p.on = 0;
	reverb_unit_w4.set(state, &p, 1);
	noise_second(state, l, r);
	ck_assert_mem_eq(r, plain_r, bytes);

	p.on = 1;
	p.mix = 0;
	reverb_unit_w4.set(state, &p, 0);
	noise_second(state, l, r);
	ck_assert_mem_eq(l, plain_l, bytes);
	p.width = 30;
	reverb_unit_w4.set(state, &p, 0);
	noise_second(state, l, r);
	ck_assert_mem_eq(l, plain_l, bytes);

	/* mixed in, then off: 0.1 % is left after 50 ms, the bits pass again within 100 ms */
	p.mix = 100;
	reverb_unit_w4.set(state, &p, 0);
	noise_second(state, l, r);
	ck_assert(memcmp(l, plain_l, bytes) != 0);
	p.on = 0;
	reverb_unit_w4.set(state, &p, 0);
	noise_second(state, l, r);
	size_t settled = 4800;
	ck_assert_mem_eq(l + settled, plain_l + settled, bytes - settled * sizeof(float));
	ck_assert_mem_eq(r + settled, plain_r + settled, bytes - settled * sizeof(float));

	/* on again: like a new one, nothing of the old tail */
	p.on = 1;
	reverb_unit_w4.set(state, &p, 1);
	noise_second(state, l, r);
	void *fresh = unit_new(&reverb_unit_w4, 48000);
	reverb_unit_w4.set(fresh, &p, 1);
	noise_second(fresh, plain_l, plain_r);
	ck_assert_mem_eq(l, plain_l, bytes);
	ck_assert_mem_eq(r, plain_r, bytes);
	free(state);
	free(fresh);
	free(l);
	free(r);
	free(plain_l);
	free(plain_r);
}
END_TEST

/* 1 kHz on both sides, a jump after two seconds; what is heard below 400 Hz and above 2500 Hz from then on, against the
 * tone.
 */
START_TEST(test_no_clicks)
{
	fpu_flush_denormals();
	static const struct {
		const char *what;
		struct reverb_params to;
	} jumps[] = {
	    {"time up", {1, 7200, 1.1f, 0.5f, 20, 60, 100, 100}},   {"time down", {1, 450, 1.1f, 0.5f, 20, 60, 100, 100}},
	    {"low", {1, 1800, 0.3f, 0.5f, 20, 60, 100, 100}},       {"high", {1, 1800, 1.1f, 0.1f, 20, 60, 100, 100}},
	    {"predelay", {1, 1800, 1.1f, 0.5f, 250, 60, 100, 100}}, {"size up", {1, 1800, 1.1f, 0.5f, 20, 100, 100, 100}},
	    {"size down", {1, 1800, 1.1f, 0.5f, 20, 20, 100, 100}}, {"width", {1, 1800, 1.1f, 0.5f, 20, 60, 0, 100}},
	    {"mix", {1, 1800, 1.1f, 0.5f, 20, 60, 100, 25}},        {"off", {0, 1800, 1.1f, 0.5f, 20, 60, 100, 100}},
	};
	int frames = 192000 / QUANTUM * QUANTUM, jump = 96000 / QUANTUM * QUANTUM;
	for (size_t j = 0; j < sizeof jumps / sizeof *jumps; j++) {
		void *state = unit_new(&reverb_unit_w4, 48000);
		float *x[2] = {silence(frames), silence(frames)};
		for (int n = 0; n < frames; n++)
			x[0][n] = x[1][n] = (float)(0.5 * sin(2 * M_PI * n / 48));
		reverb_unit_w4.set(state, &usual, 1);
		unit_run(&reverb_unit_w4, state, x[0], x[1], jump);
		reverb_unit_w4.set(state, &jumps[j].to, 0);
		unit_run(&reverb_unit_w4, state, x[0] + jump, x[1] + jump, frames - jump);
		double *y = malloc((size_t)frames * sizeof *y), worst = 0;
		for (int side = 0; side < 2; side++)
			for (int part = 0; part < 2; part++) {
				/* a low-pass at 400 Hz or a high-pass at 2500 Hz, both of 16th order: the tone is 120 dB down */
				struct section s[BAND];
				for (int k = 0; k < BAND; k++)
					s[k] = section(part ? 2500 : 400, 48000, 1 / (2 * cos(M_PI * (2 * (k % 4) + 1) / 16)), part);
				band_filter(s, x[side], y, frames);
				double loud = 0;
				for (int n = jump - 4800; n < frames; n++)
					loud = fmax(loud, fabs((double)x[side][n]));
				for (int n = jump - 4800; n < frames; n++)
					worst = fmax(worst, fabs(y[n]) / loud);
			}
		printf("%s: spurious %.1f dB\n", jumps[j].what, test_db(worst));
		ck_assert_double_le(test_db(worst), -80);
		free(y);
		free(x[0]);
		free(x[1]);
		free(state);
	}
}
END_TEST

/* Noise while settings change at random, then silence: bounded, and gone when the longest time has passed. */
START_TEST(test_stable)
{
	fpu_flush_denormals();
	static const double rates[] = {8000, 11025, 44100, 192000};
	for (size_t t = 0; t < sizeof rates / sizeof *rates; t++) {
		void *state = unit_new(&reverb_unit_w4, rates[t]);
		uint64_t seed = 5 + t, settings = 11 + t;
		float l[QUANTUM], r[QUANTUM], peak = 0;
		struct reverb_params p = usual;
		reverb_unit_w4.set(state, &p, 1);
		for (int q = 0; q < 6000; q++) {
			if (q % 11 == 0) {
				p = any_params(&settings);
				p.on = q % 330 != 0;
				reverb_unit_w4.set(state, &p, q % 121 == 0);
			}
			noise(l, QUANTUM, &seed);
			noise(r, QUANTUM, &seed);
			reverb_unit_w4.run(state, l, r);
			for (int n = 0; n < QUANTUM; n++)
				peak = fmaxf(peak, fmaxf(fabsf(l[n]), fabsf(r[n])));
			ck_assert_msg(peak < 8, "%g Hz: peak %g", rates[t], (double)peak); /* false for NaN too */
		}
		p = (struct reverb_params){1, 1500, 2.5f, 1, 0, 100, 100, 100};
		reverb_unit_w4.set(state, &p, 0);
		double left = 0;
		int quanta = (int)(5 * rates[t] / QUANTUM); /* 80 dB at the slowest */
		for (int q = 0; q < quanta; q++) {
			memset(l, 0, sizeof l);
			memset(r, 0, sizeof r);
			reverb_unit_w4.run(state, l, r);
			if (q >= quanta - 10)
				for (int n = 0; n < QUANTUM; n++)
					left = fmax(left, fabs((double)l[n]));
		}
		printf("%g Hz: peak %.2f, left %.1f dB\n", rates[t], (double)peak, test_db(left));
		ck_assert_double_le(test_db(left), -50);
		ck_assert_double_gt(left, 0);
		free(state);
	}
}
END_TEST

/* White noise on both sides comes out as loud as it went in, for any time. */
START_TEST(test_level)
{
	fpu_flush_denormals();
	for (int t = 0; t < 3; t++) {
		struct reverb_params p = {1, (float[]){300, 1500, 5000}[t], 1, 1, 20, 60, 100, 100};
		void *state = unit_new(&reverb_unit_w4, 48000);
		float *l = silence(SECOND), *r = silence(SECOND);
		reverb_unit_w4.set(state, &p, 1);
		uint64_t seed = 1;
		double in = 0, out = 0;
		for (int s = 0; s < 12; s++) {
			noise(l, SECOND, &seed);
			noise(r, SECOND, &seed);
			if (s >= 6)
				for (int n = 0; n < SECOND; n++)
					in += (double)l[n] * (double)l[n] + (double)r[n] * (double)r[n];
			unit_run(&reverb_unit_w4, state, l, r, SECOND);
			if (s >= 6)
				for (int n = 0; n < SECOND; n++)
					out += (double)l[n] * (double)l[n] + (double)r[n] * (double)r[n];
		}
		printf("%.0f ms: noise %+.2f dB\n", (double)p.time, 10 * log10(out / in));
		ck_assert_double_le(fabs(10 * log10(out / in)), 1);
		free(l);
		free(r);
		free(state);
	}
}
END_TEST

TEST_MAIN("reverb", 60, test_time_per_octave, test_echo_density, test_no_mode_stands_out, test_sides_differ,
          test_same_bits, test_bits_pass, test_no_clicks, test_stable, test_level)
