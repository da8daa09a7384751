/* The filters of a strip: magnitude of every slope against the analogue Butterworth through the kernel, bits when off.
 */
#include "eqtest.h"

#define LIMIT_DB 0.15
#define FLOOR_DB -30

static double
butterworth_db(double x, int order)
{
	return -10 * log10(1 + pow(x, 2 * order));
}

/* Both filters, or with one frequency at 0 the other alone. */
static void
check_filter(double hpf, double lpf, int slope, double rate)
{
	struct bank b = bank_new(&filter_proc_w1, 1, rate);
	struct filter_params p = {hpf > 0, slope, hpf, lpf > 0, slope, lpf};
	b.proc->set(b.state, 0, &p, 1);
	int frames = (int)(40 * rate / (2 * M_PI * (hpf > 0 ? hpf : lpf)) + 1024) / QUANTUM * QUANTUM;
	float *x = calloc((size_t)frames, sizeof *x);
	x[0] = 1;
	for (int n = 0; n < frames; n += QUANTUM)
		bank_lane(&b, 0, x + n, NULL);
	for (int k = 0; k < 60; k++) {
		double f = 20000 * pow(10, -k / 20.0), truth = 0;
		if (hpf > 0)
			truth += butterworth_db(hpf / f, slope + 1);
		if (lpf > 0)
			truth += butterworth_db(f / lpf, slope + 1);
		double error = test_db(gain_at(x, frames, f, rate)) - truth;
		if (truth > FLOOR_DB)
			ck_assert_msg(fabs(error) <= LIMIT_DB, "HPF %g, LPF %g, %d dB an octave at %g: %.3f dB wrong at %g Hz", hpf,
			              lpf, 6 * (slope + 1), rate, error, f);
	}
	free(x);
	bank_free(&b);
}

START_TEST(every_slope)
{
	static const double rates[] = {44100, 48000, 96000};
	static const double hpf[] = {10, 40, 80, 300, 2000}, lpf[] = {200, 1000, 5000, 12000, 20000};
	for (int r = 0; r < 3; r++)
		for (int slope = FILTER_6DB; slope <= FILTER_24DB; slope++)
			for (int k = 0; k < 5; k++) {
				check_filter(hpf[k], 0, slope, rates[r]);
				check_filter(0, lpf[k], slope, rates[r]);
				check_filter(hpf[k], lpf[4], slope, rates[r]);
			}
}
END_TEST

/* A lane that is off, from the start or after its fade, keeps every bit next to lanes that filter. */
START_TEST(off_bits_are_untouched)
{
	struct bank b = bank_new(&filter_proc_w4, 4, 48000);
	struct filter_params on = {1, FILTER_24DB, 100, 1, FILTER_18DB, 8000},
	                     off = {0, FILTER_24DB, 100, 0, FILTER_6DB, 8000};
	for (int lane = 0; lane < 4; lane++)
		b.proc->set(b.state, lane, lane == 2 ? &off : &on, 1);
	uint64_t seed = 4;
	for (int n = 0; n < 120; n++) {
		float l[4 * QUANTUM], r[4 * QUANTUM];
		for (int k = 0; k < 4 * QUANTUM; k++) {
			l[k] = (float)test_random(&seed);
			r[k] = k % 9 ? l[k] : -0.0f;
		}
		if (n == 40)
			b.proc->set(b.state, 1, &off, 0);
		memcpy(b.l, l, sizeof l);
		memcpy(b.r, r, sizeof r);
		bank_run(&b, 1);
		for (int k = 0; k < 4 * QUANTUM; k++) {
			if (k % 4 == 2 || (k % 4 == 1 && n >= 40 + 48))
				ck_assert(!memcmp(b.l + k, l + k, sizeof *l) && !memcmp(b.r + k, r + k, sizeof *r));
			if (k % 4 == 0 && n)
				ck_assert(b.l[k] != l[k]);
		}
	}
	bank_free(&b);
}
END_TEST

TEST_MAIN("filter", 60, every_slope, off_bits_are_untouched)
