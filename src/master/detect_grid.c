#include "master/detect_grid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "master/detect_banks.h"
#include "master/detect_steps.h"
#include "session/text.h"

/*
 * The inverse decoder (Herre and Schug, Analysis of decompressed audio, AES 109, 2000; Moehrs, Herre and Geiger, AES
 * 112, 2002), of which the first step alone is needed: for each frame that a block could begin at, how much all
 * coefficients look like rounded ones. At the right one they do, one frame beside it every phase is another.
 *
 * depth  by offset: how far the figure lies below those beside it, in their usual deviation
 */
#define NEAR_FROM 3
#define NEAR_TO 18
#define DEEP 5.0 /* depth of one excerpt that counts, at most: strokes in a few of them are no grid */
#define LONGEST BANKS_LONG
#define STEPS 64 /* frames: where the blocks of Vorbis change their length its grid moves by multiples */
#define ALL (LONGEST + 2 * NEAR_TO)
#define SLOTS ((GRID_EXCERPT - BANKS_TAPS) / BANKS_BANDS)
#define FEW 4 /* excerpts that tell nothing for certain */

/*
 * Deviations that the deepest offset has to stand out by of all: sound that was never coded has 5.3 at most in a
 * hundred stems, and 5.9 where the best of every 64th offset is taken.
 */
#define CLEAR 5.5
#define CLEAR_STEPS 7.0

enum bank { BANK_BLOCK, BANK_GRANULE, BANK_THIRD };

/* The grids that are looked for. */
static const struct grid_kind {
	enum grid_coder coder;
	enum bank bank;
	enum banks_window window;
	enum steps_law law;
	int block;    /* coefficients of a block, frames from one to the next */
	int lowest;   /* coefficients that are not looked at: a frame hardly turns their phase */
	int period;   /* frames after which the grid is the same */
	double clear; /* deviations that it has to stand out by */
} kinds[] = {
    {GRID_MP3, BANK_GRANULE, BANKS_SINE, STEPS_GROWING, BANKS_GRANULE, 8, BANKS_GRANULE, CLEAR},
    {GRID_MP3, BANK_THIRD, BANKS_SINE, STEPS_GROWING, BANKS_THIRD, 3, BANKS_THIRD, CLEAR},
    {GRID_LONG, BANK_BLOCK, BANKS_SINE, STEPS_GROWING, BANKS_LONG, 16, BANKS_LONG, CLEAR},
    {GRID_LONG, BANK_BLOCK, BANKS_KAISER, STEPS_GROWING, BANKS_LONG, 16, BANKS_LONG, CLEAR},
    {GRID_LONG, BANK_BLOCK, BANKS_VORBIS, STEPS_ALIKE, BANKS_LONG, 16, STEPS, CLEAR_STEPS},
    {GRID_LONG, BANK_BLOCK, BANKS_SINE, STEPS_GROWING, BANKS_SHORT, 2, BANKS_SHORT, CLEAR},
    {GRID_LONG, BANK_BLOCK, BANKS_KAISER, STEPS_GROWING, BANKS_SHORT, 2, BANKS_SHORT, CLEAR},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* What is looked at: zeros, steps, and both together. */
enum sign { SIGN_ZEROS, SIGN_STEPS, SIGN_BOTH, SIGNS };

/*
 * band    slots of the polyphase bank, by phase
 * figure  by offset, from -NEAR_TO on
 * depth   by kind, sign and offset from the track's beginning: summed over excerpts
 */
struct grid {
	struct banks *banks;
	float step;
	float band[BANKS_BANDS][SLOTS][BANKS_BANDS];
	struct steps figure[ALL];
	double depth[KINDS][SIGNS][LONGEST];
};

/* Runs the polyphase bank over an excerpt at every phase. */
static void
split(struct grid *g, const float *x)
{
	for (int phase = 0; phase < BANKS_BANDS; phase++)
		banks_split(g->banks, x + phase, SLOTS, g->band[phase]);
}

/* What the blocks show that begin at the frame `at` of an excerpt and follow one another. */
static struct steps
figure_at(struct grid *g, const struct grid_kind *k, const float *x, int at)
{
	float coefficient[LONGEST];
	struct steps sum = {0, 0};
	/* as many at each offset */
	int room = k->bank == BANK_BLOCK ? GRID_EXCERPT : SLOTS * BANKS_BANDS;
	int blocks = (room - (k->block + 2 * NEAR_TO) - 2 * k->block) / k->block + 1;
	for (int j = 0; j < blocks; j++, at += k->block) {
		int slot = at / BANKS_BANDS;
		const float(*band)[BANKS_BANDS] = (const float(*)[BANKS_BANDS])g->band[at % BANKS_BANDS];
		switch (k->bank) {
		case BANK_BLOCK:
			banks_block(g->banks, k->block, k->window, x + at, coefficient);
			break;
		case BANK_GRANULE:
			banks_granule(g->banks, band + slot, coefficient);
			break;
		case BANK_THIRD:
			banks_third(g->banks, band + slot, coefficient);
			break;
		}
		steps_add(&sum, k->law, coefficient, k->block, k->lowest, g->step);
	}
	return sum;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double
median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof *v, by_value);
	return v[n / 2];
}

/* Takes the median from n values, and returns their usual deviation. */
static double
level_out(double *v, int n)
{
	double sorted[LONGEST];
	memcpy(sorted, v, (size_t)n * sizeof *v);
	double middle = median(sorted, n);
	for (int k = 0; k < n; k++) {
		v[k] -= middle;
		sorted[k] = fabs(v[k]);
	}
	return 1.4826 * median(sorted, n);
}

/* The depth of n offsets; a step of the sound itself lies on both sides of its frame and is no depth. */
static void
deepen(const struct steps *figure, enum sign sign, int n, double *depth)
{
	double of[ALL];
	for (int o = 0; o < n + 2 * NEAR_TO; o++)
		of[o] = sign == SIGN_ZEROS ? figure[o].zeros : figure[o].steps;
	for (int o = 0; o < n; o++) {
		const double *at = of + o + NEAR_TO;
		double before = 0, after = 0;
		for (int i = NEAR_FROM; i <= NEAR_TO; i++) {
			before += at[-i];
			after += at[i];
		}
		depth[o] = fmin(before, after) / (NEAR_TO - NEAR_FROM + 1) - at[0];
	}
	double usual = level_out(depth, n) + 1e-3;
	for (int o = 0; o < n; o++)
		depth[o] = fmax(-DEEP, fmin(DEEP, depth[o] / usual));
}

/* Adds the depths that an excerpt shows, at whose frame `at` the offset 0 lies. */
static void
add_depths(struct grid *g, int kind, int64_t at)
{
	const struct grid_kind *k = &kinds[kind];
	double one[SIGNS][LONGEST];
	deepen(g->figure, SIGN_ZEROS, k->block, one[SIGN_ZEROS]);
	deepen(g->figure, SIGN_STEPS, k->block, one[SIGN_STEPS]);
	for (int o = 0; o < k->block; o++)
		one[SIGN_BOTH][o] = one[SIGN_ZEROS][o] + one[SIGN_STEPS][o];
	for (int s = 0; s < SIGNS; s++) {
		double most[LONGEST];
		for (int o = 0; o < k->period; o++)
			most[o] = -HUGE_VAL;
		for (int o = 0; o < k->block; o++) {
			double *m = &most[(at + o) % k->period];
			*m = fmax(*m, one[s][o]);
		}
		for (int o = 0; o < k->period; o++)
			g->depth[kind][s][o] += most[o];
	}
}

/* The deepest of n offsets. */
static int
deepest(const double *depth, int n)
{
	int o = 0;
	for (int i = 1; i < n; i++)
		o = depth[i] > depth[o] ? i : o;
	return o;
}

/* Looks for a grid in all offsets of all kinds. */
static struct grid_found
search(struct grid *g, const struct grid_excerpt *excerpt, int count)
{
	struct grid_found found = {.coder = GRID_NONE};
	for (int e = 0; e < count; e++) {
		split(g, excerpt[e].x);
		for (int k = 0; k < KINDS; k++) {
			for (int o = 0; o < kinds[k].block + 2 * NEAR_TO; o++)
				g->figure[o] = figure_at(g, &kinds[k], excerpt[e].x, o);
			add_depths(g, k, excerpt[e].at + NEAR_TO);
		}
	}
	for (int k = 0; k < KINDS; k++)
		for (int s = 0; s < SIGNS; s++) {
			double *depth = g->depth[k][s], usual = level_out(depth, kinds[k].period);
			int o = deepest(depth, kinds[k].period);
			double clear = usual > 0 ? depth[o] / usual : 0;
			if (clear >= kinds[k].clear && clear > found.clear)
				found = (struct grid_found){kinds[k].coder, clear, kinds[k].period, o};
		}
	return found;
}

struct grid_found
grid_find(const struct grid_excerpt *excerpt, int count, double step)
{
	struct grid_found found = {.coder = GRID_NONE};
	if (count < FEW)
		return found;
	struct grid *g = text_alloc(sizeof *g);
	memset(g, 0, sizeof *g);
	g->step = (float)step;
	g->banks = banks_new();
	if (g->banks)
		found = search(g, excerpt, count);
	banks_free(g->banks);
	free(g);
	return found;
}
