/*
 * Changes of the equaliser and the filters under a 1 kHz sine: nothing beside the carrier above -80 dBc, all settled
 * within 60 ms, also when values change again in the middle of a change.
 */
#include "eqtest.h"

#define RATE 48000.0
#define CARRIER 1000.0
#define WINDOW 4096    /* frames that a spectrum is taken of */
#define BESIDE 200.0   /* Hz: nearer to the carrier its own change of level is seen */
#define SPURIOUS -80.0 /* dBc */
#define SETTLED 0.060  /* s */
#define LEAD (300 * QUANTUM)
#define TAIL (96 * QUANTUM)

typedef double complex cplx;

/* In place, size a power of two. */
static void
fft(cplx *x, int size)
{
	for (int i = 1, j = 0; i < size; i++) {
		int bit = size >> 1;
		for (; j & bit; bit >>= 1)
			j ^= bit;
		j ^= bit;
		if (i < j) {
			cplx t = x[i];
			x[i] = x[j];
			x[j] = t;
		}
	}
	for (int half = 1; half < size; half *= 2) {
		cplx turn = cexp(-(cplx)I * M_PI / half);
		for (int at = 0; at < size; at += 2 * half) {
			cplx w = 1;
			for (int k = at; k < at + half; k++) {
				cplx y = x[k + half] * w;
				x[k + half] = x[k] - y;
				x[k] += y;
				w *= turn;
			}
		}
	}
}

/* The strongest component further than BESIDE from the carrier, in dB against it. */
static double
spurious(const float *x, double *where)
{
	static cplx s[WINDOW];
	double carrier = 0, most = 0;
	for (int n = 0; n < WINDOW; n++) {
		double t = 2 * M_PI * (n + 0.5) / WINDOW; /* Blackman-Harris: side lobes at -92 dB */
		s[n] = (0.35875 - 0.48829 * cos(t) + 0.14128 * cos(2 * t) - 0.01168 * cos(3 * t)) * (double)x[n];
	}
	fft(s, WINDOW);
	for (int k = 0; k < WINDOW / 2; k++) {
		double f = k * RATE / WINDOW, a = cabs(s[k]);
		if (fabs(f - CARRIER) <= BESIDE) {
			carrier = fmax(carrier, a);
		} else if (a > most) {
			most = a;
			*where = f;
		}
	}
	return test_db(most / carrier);
}

static float
sine(int n)
{
	return (float)(0.5 * sin(2 * M_PI * CARRIER / RATE * n));
}

/* Settings in force one after the other, `gap` quanta apart. */
struct story {
	const char *name;
	int gap;
	struct eq_params eq[4];
	struct filter_params filter[4];
	int count;
};

static void
check_story(const struct story *s)
{
	static float l[LEAD + TAIL], r[LEAD + TAIL], end[LEAD + TAIL], end_r[LEAD + TAIL];
	struct bank b[2][2];
	for (int k = 0; k < 2; k++) {
		b[k][0] = bank_new(&filter_proc_w1, 1, RATE);
		b[k][1] = bank_new(&eq_proc_w1, 1, RATE);
		b[k][0].proc->set(b[k][0].state, 0, &s->filter[k ? s->count - 1 : 0], 1);
		b[k][1].proc->set(b[k][1].state, 0, &s->eq[k ? s->count - 1 : 0], 1);
	}
	int last = LEAD + (s->count - 2) * s->gap * QUANTUM;
	for (int n = 0; n < LEAD + TAIL; n += QUANTUM) {
		int turn = (n - LEAD) / (s->gap * QUANTUM) + 1;
		if (n >= LEAD && (n - LEAD) % (s->gap * QUANTUM) == 0 && turn < s->count) {
			b[0][0].proc->set(b[0][0].state, 0, &s->filter[turn], 0);
			b[0][1].proc->set(b[0][1].state, 0, &s->eq[turn], 0);
		}
		for (int k = 0; k < QUANTUM; k++) {
			l[n + k] = end[n + k] = sine(n + k);
			r[n + k] = end_r[n + k] = 0.7f * sine(n + k + 5);
		}
		for (int k = 0; k < 2; k++) {
			bank_lane(&b[0][k], 0, l + n, r + n);
			bank_lane(&b[1][k], 0, end + n, end_r + n);
		}
	}
	for (int at = LEAD; at < last + 48 * QUANTUM; at += 8 * QUANTUM) {
		double where = 0, level = spurious(l + at - WINDOW / 2, &where);
		ck_assert_msg(level <= SPURIOUS, "%s: %.1f dBc at %.0f Hz", s->name, level, where);
	}
	double carrier = 0, rest = 0;
	for (int n = last + (int)(SETTLED * RATE); n < LEAD + TAIL; n++) {
		carrier = fmax(carrier, fabs((double)end[n]));
		rest = fmax(rest, fabs((double)(l[n] - end[n])));
	}
	ck_assert_msg(test_db(rest / carrier) <= SPURIOUS, "%s: %.1f dBc left after 60 ms", s->name,
	              test_db(rest / carrier));
	for (int k = 0; k < 4; k++)
		bank_free(&b[k / 2][k % 2]);
}

#define BAND(...)                                                                                                      \
	{                                                                                                                  \
		.on = 1, .band = { [1] = {1, __VA_ARGS__} }                                                                    \
	}

START_TEST(values_of_a_band)
{
	static const struct story stories[] = {
	    {"bell 1k 0 to 12 dB", 1, {BAND(EQ_BELL, 0, 1000, 0, 1), BAND(EQ_BELL, 0, 1000, 12, 1)}, {{0}}, 2},
	    {"bell 1k 12 to 0 dB", 1, {BAND(EQ_BELL, 0, 1000, 12, 1), BAND(EQ_BELL, 0, 1000, 0, 1)}, {{0}}, 2},
	    {"bell 1k 0 to -12 dB, Q 4", 1, {BAND(EQ_BELL, 0, 1000, 0, 4), BAND(EQ_BELL, 0, 1000, -12, 4)}, {{0}}, 2},
	    {"bell 250 to 1k, Q 1", 1, {BAND(EQ_BELL, 0, 250, 12, 1), BAND(EQ_BELL, 0, 1000, 12, 1)}, {{0}}, 2},
	    {"bell 1k to 4k, Q 1", 1, {BAND(EQ_BELL, 0, 1000, 12, 1), BAND(EQ_BELL, 0, 4000, 12, 1)}, {{0}}, 2},
	    {"bell 4k to 1k, Q 4", 1, {BAND(EQ_BELL, 0, 4000, 12, 4), BAND(EQ_BELL, 0, 1000, 12, 4)}, {{0}}, 2},
	    {"bell 500 to 2k, Q 10", 1, {BAND(EQ_BELL, 0, 500, 12, 10), BAND(EQ_BELL, 0, 2000, 12, 10)}, {{0}}, 2},
	    {"bell 60 to 240, Q 1", 1, {BAND(EQ_BELL, 0, 60, 12, 1), BAND(EQ_BELL, 0, 240, 12, 1)}, {{0}}, 2},
	    {"bell 240 to 60, Q 1", 1, {BAND(EQ_BELL, 0, 240, 12, 1), BAND(EQ_BELL, 0, 60, 12, 1)}, {{0}}, 2},
	    {"bell 5k to 20k", 1, {BAND(EQ_BELL, 0, 5000, -12, 1), BAND(EQ_BELL, 0, 20000, -12, 1)}, {{0}}, 2},
	    {"bell Q 0.7 to 2.8 at 1.2k", 1, {BAND(EQ_BELL, 0, 1200, 12, 0.7), BAND(EQ_BELL, 0, 1200, 12, 2.8)}, {{0}}, 2},
	    {"bell Q 4 to 1 at 800", 1, {BAND(EQ_BELL, 0, 800, -12, 4), BAND(EQ_BELL, 0, 800, -12, 1)}, {{0}}, 2},
	    {"bell 200 to 800, Q 4", 1, {BAND(EQ_BELL, 0, 200, 12, 4), BAND(EQ_BELL, 0, 800, 12, 4)}, {{0}}, 2},
	    {"bell 3k to 750, Q 8", 1, {BAND(EQ_BELL, 0, 3000, 12, 8), BAND(EQ_BELL, 0, 750, 12, 8)}, {{0}}, 2},
	    {"lowshelf 300 to 1200",
	     1,
	     {BAND(EQ_LOWSHELF, 0, 300, 12, 0.7), BAND(EQ_LOWSHELF, 0, 1200, 12, 0.7)},
	     {{0}},
	     2},
	    {"highshelf 4k to 1k",
	     1,
	     {BAND(EQ_HIGHSHELF, 0, 4000, -12, 0.7), BAND(EQ_HIGHSHELF, 0, 1000, -12, 0.7)},
	     {{0}},
	     2},
	    {"highshelf -6 to 6 dB",
	     1,
	     {BAND(EQ_HIGHSHELF, 0, 3000, -6, 0.7), BAND(EQ_HIGHSHELF, 0, 3000, 6, 0.7)},
	     {{0}},
	     2},
	    {"lowpass 5k to 1250", 1, {BAND(EQ_LOWPASS, 0, 5000, 0, 2), BAND(EQ_LOWPASS, 0, 1250, 0, 2)}, {{0}}, 2},
	    {"highpass 200 to 800", 1, {BAND(EQ_HIGHPASS, 0, 200, 0, 1), BAND(EQ_HIGHPASS, 0, 800, 0, 1)}, {{0}}, 2},
	    {"notch 2k to 500", 1, {BAND(EQ_NOTCH, 0, 2000, 0, 1), BAND(EQ_NOTCH, 0, 500, 0, 1)}, {{0}}, 2},
	    {"bandpass 1k to 2k", 1, {BAND(EQ_BANDPASS, 0, 1000, 0, 1), BAND(EQ_BANDPASS, 0, 2000, 0, 1)}, {{0}}, 2},
	};
	for (size_t k = 0; k < sizeof stories / sizeof *stories; k++)
		check_story(&stories[k]);
}
END_TEST

START_TEST(switches)
{
	static const struct story stories[] = {
	    {"band off", 1, {BAND(EQ_BELL, 0, 900, 12, 1), {.on = 1}}, {{0}}, 2},
	    {"band on", 1, {{.on = 1}, BAND(EQ_BELL, 0, 900, -12, 2)}, {{0}}, 2},
	    {"equaliser off", 1, {BAND(EQ_LOWSHELF, 0, 900, 12, 1), {.on = 0}}, {{0}}, 2},
	    {"lowpass to highpass", 1, {BAND(EQ_LOWPASS, 0, 1500, 0, 1), BAND(EQ_HIGHPASS, 0, 700, 0, 1)}, {{0}}, 2},
	    {"bell to highshelf", 1, {BAND(EQ_BELL, 0, 1000, 12, 1), BAND(EQ_HIGHSHELF, 0, 1000, 12, 1)}, {{0}}, 2},
	    {"stereo to middle", 1, {BAND(EQ_BELL, 0, 1000, 12, 1), BAND(EQ_BELL, EQ_MID, 1000, 12, 1)}, {{0}}, 2},
	    {"middle to side", 1, {BAND(EQ_BELL, EQ_MID, 1000, 12, 1), BAND(EQ_BELL, EQ_SIDE, 1000, 12, 1)}, {{0}}, 2},
	    {"HPF on", 1, {{0}, {0}}, {{0}, {1, FILTER_24DB, 80, 0, 0, 0}}, 2},
	    {"HPF off", 1, {{0}, {0}}, {{1, FILTER_12DB, 500, 0, 0, 0}, {0}}, 2},
	    {"HPF 100 to 400", 1, {{0}, {0}}, {{1, FILTER_24DB, 100, 0, 0, 0}, {1, FILTER_24DB, 400, 0, 0, 0}}, 2},
	    {"HPF 6 to 24 dB", 1, {{0}, {0}}, {{1, FILTER_6DB, 700, 0, 0, 0}, {1, FILTER_24DB, 700, 0, 0, 0}}, 2},
	    {"HPF 18 to 12 dB", 1, {{0}, {0}}, {{1, FILTER_18DB, 900, 0, 0, 0}, {1, FILTER_12DB, 900, 0, 0, 0}}, 2},
	    {"LPF on", 1, {{0}, {0}}, {{0}, {0, 0, 0, 1, FILTER_24DB, 1500}}, 2},
	    {"LPF 16k to 4k", 1, {{0}, {0}}, {{0, 0, 0, 1, FILTER_18DB, 16000}, {0, 0, 0, 1, FILTER_18DB, 4000}}, 2},
	    {"LPF 1k to 4k", 1, {{0}, {0}}, {{0, 0, 0, 1, FILTER_12DB, 1000}, {0, 0, 0, 1, FILTER_12DB, 4000}}, 2},
	};
	for (size_t k = 0; k < sizeof stories / sizeof *stories; k++)
		check_story(&stories[k]);
}
END_TEST

START_TEST(changes_in_a_change)
{
	static const struct story stories[] = {
	    {"gain there and back",
	     5,
	     {BAND(EQ_BELL, 0, 1000, 0, 1), BAND(EQ_BELL, 0, 1000, 12, 1), BAND(EQ_BELL, 0, 1000, 0, 1)},
	     {{0}},
	     3},
	    {"frequency in steps",
	     3,
	     {BAND(EQ_BELL, 0, 500, 12, 2), BAND(EQ_BELL, 0, 800, 12, 2), BAND(EQ_BELL, 0, 1200, 12, 2),
	      BAND(EQ_BELL, 0, 2000, 12, 2)},
	     {{0}},
	     4},
	    {"off while it comes", 4, {{.on = 1}, BAND(EQ_HIGHSHELF, 0, 1000, -12, 0.7), {.on = 1}}, {{0}}, 3},
	    {"HPF off and on",
	     7,
	     {{0}, {0}, {0}},
	     {{1, FILTER_12DB, 300, 0, 0, 0}, {0}, {1, FILTER_12DB, 600, 0, 0, 0}},
	     3},
	};
	for (size_t k = 0; k < sizeof stories / sizeof *stories; k++)
		check_story(&stories[k]);
}
END_TEST

TEST_MAIN("eq-change", 60, values_of_a_band, switches, changes_in_a_change)
