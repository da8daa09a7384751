/* loudness: CPU seconds of our running meter and of libebur128's true-peak scan, over 180 s of stereo at 48 kHz. */
#include <ebur128.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/fpu.h"
#include "dsp/loudness.h"
#include "dsp/ops.h"

#define SECONDS 180
#define RATE 48000
#define TURNS 3

static float side[2][RATE], both[2 * RATE];

static double
cpu(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* A decaying burst of noise four times a second: as crowded as drums. */
static void
make_second(void)
{
	uint32_t x = 1;
	float level = 0;
	for (int t = 0; t < RATE; t++) {
		level = t % (RATE / 4) ? level * 0.9997f : 0.7f;
		for (int c = 0; c < 2; c++) {
			x = x * 1664525u + 1013904223u;
			side[c][t] = both[2 * t + c] = level * ((float)(int32_t)x / 2147483648.0f);
		}
	}
}

static double
ours(double *integrated)
{
	const struct loudness_unit *unit = dsp_ops_pick(0)->loudness;
	void *state = aligned_alloc(64, (unit->size() + 63) / 64 * 64);
	if (!state)
		return 0;
	double began = cpu();
	unit->init(state, RATE);
	for (int k = 0; k < SECONDS; k++)
		unit->run(state, side[0], side[1], RATE);
	unit->finish(state);
	*integrated = loudness_integrated(state);
	double took = cpu() - began;
	free(state);
	return took;
}

static double
theirs(double *integrated)
{
	double began = cpu();
	ebur128_state *state = ebur128_init(2, RATE, EBUR128_MODE_I | EBUR128_MODE_LRA | EBUR128_MODE_TRUE_PEAK);
	for (int k = 0; state && k < SECONDS; k++)
		ebur128_add_frames_float(state, both, RATE);
	if (state)
		ebur128_loudness_global(state, integrated);
	double took = cpu() - began;
	ebur128_destroy(&state);
	return took;
}

int
main(void)
{
	double best[2] = {1e9, 1e9}, integrated[2] = {0, 0};
	make_second();
	fpu_flush_denormals();
	for (int k = 0; k < TURNS; k++) {
		double took[2] = {ours(&integrated[0]), theirs(&integrated[1])};
		for (int i = 0; i < 2; i++)
			best[i] = took[i] < best[i] ? took[i] : best[i];
	}
	printf("loudness, range and true peak of %d s: %.3f s cpu (%.2f LUFS), libebur128 %.3f s (%.2f LUFS): %.2f of it\n",
	       SECONDS, best[0], integrated[0], best[1], integrated[1], best[0] / best[1]);
	return 0;
}
