/* Programme meters against the tables of their standards: tone bursts, steps and falls, at several rates and widths. */
#include "base/fpu.h"
#include "desktest.h"
#include "dsp/ops.h"

/* A strip in one lane of a bank; its neighbours get noise. */
struct needle {
	const struct dsp_ops *ops;
	enum meter_kind kind;
	int lane;
	double rate;
	void *state;
	float *side[2];
	uint64_t seed;
};

static int
needle_open(struct needle *n, int lanes, enum meter_kind kind, double rate)
{
	*n = (struct needle){.ops = dsp_ops_pick(lanes), .kind = kind, .rate = rate, .seed = 7};
	if (!n->ops)
		return 0;
	fpu_flush_denormals();
	n->lane = lanes / 2;
	n->state = aligned_alloc(DSP_ALIGN, (n->ops->meter->size + DSP_ALIGN - 1) / DSP_ALIGN * DSP_ALIGN);
	for (int side = 0; side < 2; side++)
		n->side[side] = aligned_alloc(DSP_ALIGN, sizeof(float) * QUANTUM * DSP_MAX_LANES);
	ck_assert_ptr_nonnull(n->state);
	n->ops->meter->init(n->state, rate);
	return 1;
}

static void
needle_close(struct needle *n)
{
	free(n->state);
	free(n->side[0]);
	free(n->side[1]);
}

/*
 * Quanta of a sine of amplitude `level` that sounds from frame `from` up to `to`, both on the left and, 6 dB lower, on
 * the right. Returns the needle's greatest reading on the way, and keeps every quantum's in `at` (may be NULL).
 */
static double
needle_run(struct needle *n, double hz, double level, int from, int to, int quanta, double *at)
{
	double most = 0;
	int lanes = n->ops->lanes;
	for (int q = 0; q < quanta; q++) {
		for (int t = 0; t < QUANTUM; t++) {
			int frame = q * QUANTUM + t;
			double x = frame >= from && frame < to ? level * sin(2 * M_PI * hz * (frame - from) / n->rate) : 0;
			for (int k = 0; k < lanes; k++) {
				n->side[0][t * lanes + k] = (float)(k == n->lane ? x : test_random(&n->seed));
				n->side[1][t * lanes + k] = (float)(k == n->lane ? x / 2 : test_random(&n->seed));
			}
		}
		n->ops->meter->run(n->state, n->kind, n->side[0], n->side[1]);
		double l = (double)n->ops->meter->level(n->state, n->kind, n->lane, 0);
		double r = (double)n->ops->meter->level(n->state, n->kind, n->lane, 1);
		ck_assert_double_le(fabs(r - l / 2), 1e-5);
		most = l > most ? l : most;
		if (at)
			at[q] = l;
	}
	return most;
}

static const double rates[] = {44100, 48000, 96000, 192000};
static const int widths[] = {1, 4, 8};

#define FOR_ALL(kind, needle, rate)                                                                                    \
	for (int row = 0; row < 12; row++)                                                                                 \
		if (needle_open(&needle, widths[row / 4], kind, rate = rates[row % 4]))

/* A steady tone of 1 kHz reads its own level, on every kind. */
START_TEST(test_steady)
{
	struct needle n;
	double rate;
	for (int kind = METER_K; kind < METER_KINDS; kind++)
		FOR_ALL((enum meter_kind)kind, n, rate)
		{
			int quanta = (int)(3 * rate / QUANTUM);
			double *at = malloc(sizeof *at * (size_t)quanta);
			needle_run(&n, 1000, 0.25, 0, 1 << 30, quanta, at);
			double off = test_db(at[quanta - 1] / 0.25);
			ck_assert_msg(fabs(off) < 0.1, "kind %d at %.0f Hz, %d lanes: %.2f dB", kind, rate, widths[row / 4], off);
			free(at);
			needle_close(&n);
		}
}
END_TEST

/* Isolated bursts of 5 kHz against the reading of the steady tone: IEC 60268-10, dynamic response of both types. */
START_TEST(test_bursts)
{
	static const struct {
		enum meter_kind kind;
		double ms, db, tolerance;
	} rows[] = {
	    {METER_PPM, 100, 0, 0.5}, {METER_PPM, 10, -2.5, 0.5}, {METER_PPM, 5, -4, 0.5},
	    {METER_PPM, 1.5, -9, 1},  {METER_PPM, 0.5, -17, 2.0}, {METER_DIN, 10, -1, 0.5},
	    {METER_DIN, 5, -2, 1},    {METER_DIN, 3, -4, 1},      {METER_DIN, 0.4, -15, 4},
	};
	struct needle n;
	double rate;
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
		FOR_ALL(rows[k].kind, n, rate)
		{
			double steady = needle_run(&n, 5000, 0.5, 0, 1 << 30, (int)(1.5 * rate / QUANTUM), NULL);
			/* wherever in a quantum it begins */
			for (int from = 0; from < QUANTUM; from += 21) {
				n.ops->meter->init(n.state, rate);
				int to = from + (int)lround(rows[k].ms * 0.001 * rate);
				double db = test_db(needle_run(&n, 5000, 0.5, from, to, to / QUANTUM + 3, NULL) / steady);
				ck_assert_msg(fabs(db - rows[k].db) <= rows[k].tolerance,
				              "kind %d, %.1f ms at %.0f Hz from frame %d: %.2f dB, not %.1f +- %.1f", (int)rows[k].kind,
				              rows[k].ms, rate, from, db, rows[k].db, rows[k].tolerance);
			}
			needle_close(&n);
		}
}
END_TEST

/* Return times of the same standard: type I 20 dB in 1.7 +- 0.3 s, type II 24 dB in 2.8 +- 0.3 s. */
START_TEST(test_falls)
{
	static const struct {
		enum meter_kind kind;
		double db, seconds;
	} rows[] = {{METER_PPM, -24, 2.8}, {METER_DIN, -20, 1.7}};
	struct needle n;
	double rate;
	for (size_t k = 0; k < 2; k++)
		FOR_ALL(rows[k].kind, n, rate)
		{
			int second = (int)(rate / QUANTUM), quanta = 5 * second, q = second;
			double *at = malloc(sizeof *at * (size_t)quanta);
			needle_run(&n, 1000, 0.5, 0, second * QUANTUM, quanta, at);
			while (q < quanta && test_db(at[q] / at[second - 1]) > rows[k].db)
				q++;
			double took = (q - second + 1) * QUANTUM / rate;
			ck_assert_msg(fabs(took - rows[k].seconds) < 0.3, "kind %d at %.0f Hz: %.2f s", (int)rows[k].kind, rate,
			              took);
			free(at);
			needle_close(&n);
		}
}
END_TEST

/*
 * A step of 1 kHz: the VU needle (IEC 60268-17) is at 99 % after 300 ms +- 10 %, swings over by 1 to 1.5 % and falls as
 * it rose; the K-System's is at 99 % after 600 ms and never over.
 */
START_TEST(test_steps)
{
	struct needle n;
	double rate;
	FOR_ALL(METER_VU, n, rate)
	{
		int second = (int)(rate / QUANTUM), q = 0, fallen = 2 * second;
		double *at = malloc(sizeof *at * 4 * (size_t)second);
		double most = needle_run(&n, 1000, 0.5, 0, 2 * second * QUANTUM, 4 * second, at), rest = at[2 * second - 1];
		while (at[q] < 0.99 * rest)
			q++;
		while (at[fallen] > 0.01 * rest)
			fallen++;
		ck_assert_double_le(fabs((q + 1) * QUANTUM / rate - 0.3), 0.03);
		ck_assert_double_le(fabs((fallen - 2 * second + 1) * QUANTUM / rate - 0.3), 0.03);
		ck_assert_double_ge(most / rest, 1.01);
		ck_assert_double_le(most / rest, 1.015);
		free(at);
		needle_close(&n);
	}
	FOR_ALL(METER_K, n, rate)
	{
		int second = (int)(rate / QUANTUM), q = 0;
		double *at = malloc(sizeof *at * 3 * (size_t)second);
		double most = needle_run(&n, 1000, 0.5, 0, 1 << 30, 3 * second, at), rest = at[3 * second - 1];
		while (at[q] < 0.99 * rest)
			q++;
		ck_assert_double_le(fabs((q + 1) * QUANTUM / rate - 0.6), 0.012);
		ck_assert_double_le(most / rest, 1.002);
		free(at);
		needle_close(&n);
	}
}
END_TEST

/* RMS and mean part where a signal is no sine: of a square wave of 0.5 both stand higher than its peak, by formula. */
START_TEST(test_shapes)
{
	static const struct {
		enum meter_kind kind;
		double reads; /* times the amplitude */
	} rows[] = {{METER_K, 1.41421356}, {METER_VU, 1.57079633}};
	for (size_t k = 0; k < 2; k++) {
		struct needle n;
		ck_assert(needle_open(&n, 4, rows[k].kind, 48000));
		for (int q = 0; q < 2250; q++) {
			for (int t = 0; t < QUANTUM * 4; t++)
				n.side[0][t] = n.side[1][t] = t / 4 % 8 < 4 ? 0.5f : -0.5f;
			n.ops->meter->run(n.state, n.kind, n.side[0], n.side[1]);
		}
		double level = (double)n.ops->meter->level(n.state, n.kind, n.lane, 0);
		ck_assert_double_le(fabs(level / 0.5 - rows[k].reads), 0.001);
		needle_close(&n);
	}
}
END_TEST

TEST_MAIN("meter", 60, test_steady, test_bursts, test_falls, test_steps, test_shapes)
