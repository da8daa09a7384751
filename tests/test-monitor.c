/* The monitor's matrix by hand-worked gains, its neutrality, and its glides. */
#include <string.h>

#include "desktest.h"
#include "engine/monitor.h"

START_TEST(test_matrix)
{
	static const struct {
		struct monitor_settings set;
		double gain[4]; /* left from left, left from right, right from left, right from right */
	} rows[] = {
	    {{0}, {1, 0, 0, 1}},
	    {{.level = -6.020599913279624}, {0.5, 0, 0, 0.5}},
	    {{.dim = 1}, {0.1, 0, 0, 0.1}},
	    {{.level = -20, .dim = 1}, {0.01, 0, 0, 0.01}},
	    {{.mono = 1}, {0.5, 0.5, 0.5, 0.5}},
	    {{.side = 1}, {0.5, -0.5, 0.5, -0.5}},
	    {{.swap = 1}, {0, 1, 1, 0}},
	    {{.polarity = {0, 1}}, {1, 0, 0, -1}},
	    {{.cut = {1, 0}}, {0, 0, 0, 1}},
	    {{.mono = 1, .cut = {0, 1}}, {0.5, 0.5, 0, 0}},
	    {{.mono = 1, .polarity = {1, 0}}, {-0.5, -0.5, 0.5, 0.5}},
	};
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		float gain[4];
		monitor_matrix(&rows[k].set, gain);
		for (int m = 0; m < 4; m++)
			ck_assert_msg(fabs((double)gain[m] - rows[k].gain[m]) < 1e-7, "row %zu, gain %d: %g", k, m,
			              (double)gain[m]);
	}
}
END_TEST

START_TEST(test_neutral_passes_bits)
{
	struct rt_monitor m;
	float x[512], want[512], gain[4];
	uint64_t seed = 1;
	monitor_init(&m, 48000);
	for (int pass = 0; pass < 2; pass++) {
		for (int t = 0; t < 512; t++)
			x[t] = want[t] = (float)test_random(&seed);
		monitor_run(&m, x, 256);
		ck_assert(!memcmp(x, want, sizeof x));
		/* away and back: once settled the bits pass again */
		monitor_matrix(&(struct monitor_settings){.mono = 1}, gain);
		monitor_set(&m, gain);
		for (int k = 0; k < 40; k++)
			monitor_run(&m, x, 256);
		monitor_matrix(&(struct monitor_settings){0}, gain);
		monitor_set(&m, gain);
		for (int k = 0; k < 40; k++)
			monitor_run(&m, x, 256);
	}
}
END_TEST

/* A dim from 0 dB: no step is larger than a smooth curve of that length has, and it arrives. */
START_TEST(test_dim_glides)
{
	struct rt_monitor m;
	float gain[4], x[2 * 4800], before = 1;
	monitor_init(&m, 48000);
	monitor_matrix(&(struct monitor_settings){.dim = 1}, gain);
	monitor_set(&m, gain);
	for (int t = 0; t < 2 * 4800; t++)
		x[t] = 1;
	monitor_run(&m, x, 4800);
	for (int t = 0; t < 4800; t++) {
		ck_assert_double_le((double)(before - x[2 * t]), 0.0025); /* three poles of 4.5 ms: 0.9 * 0.27 / 216 frames */
		ck_assert(x[2 * t] <= before);
		before = x[2 * t];
	}
	ck_assert_double_le(fabs((double)x[2 * 2880] - 0.1), 0.001); /* 60 ms */
}
END_TEST

TEST_MAIN("monitor", 30, test_matrix, test_neutral_passes_bits, test_dim_glides)
