#include "master/detect_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fft.h"
#include "base/fmath.h"
#include "base/units.h"
#include "session/text.h"

/*
 * What spectra of short blocks (about 43 ms, Hann's window) tell: the noise that is left where nobody plays, and the
 * edge that a lossy coder cuts the treble at.
 */
#define LEVELS 130         /* classes of 1 dB below full scale */
#define BANDS 12           /* of equal width up to half the rate, that noise is looked at in */
#define STILL 0.7          /* dB from block to block: a sound that rings out falls faster (16 dB/s) */
#define STEPS 96           /* bands that edges are looked for in, each 250 Hz */
#define STEP 250.0         /* Hz */
#define EDGE_AUDIBLE 1e-11 /* power of a bin, of full scale: -110 dB */

struct tone {
	double rate, bin;
	int channels, steps;
	size_t n, fill;
	struct fft *fft;
	float *window, *x[2], *re, *im;
	double *power; /* of each bin of the block at hand */
	double scale;
	double before[2]; /* level of the last two blocks, dB */
	uint32_t blocks;  /* that sound at all */
	uint32_t loud[LEVELS];
	struct still {
		uint32_t blocks;
		double sum[BANDS], logs[BANDS]; /* of bins: power, and its natural logarithm */
	} still[LEVELS];                    /* blocks that are as loud as those before them */
	uint32_t bins[BANDS];
	uint32_t heard[STEPS], cut[STEPS]; /* blocks with sound below this step; those with none above it */
	double all[STEPS];                 /* power of each step, summed over blocks */
};

static void tone_free(void *state);

static void *
tone_begin(int rate, int channels)
{
	int log2 = 10;
	struct tone *u = text_alloc(sizeof *u);
	*u = (struct tone){.rate = rate, .channels = channels};
	while (rate / (double)(1 << log2) > 25)
		log2++;
	u->n = (size_t)1 << log2;
	u->bin = rate / (double)u->n;
	u->steps = (int)fmin(STEPS, floor(rate / 2 / STEP));
	u->fft = fft_new(log2);
	u->window = text_alloc(u->n * sizeof(float));
	u->re = text_alloc(u->n * sizeof(float));
	u->im = text_alloc(u->n * sizeof(float));
	u->power = text_alloc(u->n * sizeof(double));
	double energy = 0;
	for (size_t t = 0; t < u->n; t++) {
		double w = 0.5 - 0.5 * f_cos(2 * F_PI * ((double)t + 0.5) / (double)u->n);
		u->window[t] = (float)w;
		energy += w * w;
	}
	/* so that all bins together are the mean square of a side, 1 for a full square wave */
	u->scale = 2 / (energy * (double)u->n * channels);
	for (int c = 0; c < 2; c++) {
		u->x[c] = text_alloc(u->n * sizeof(float));
		memset(u->x[c], 0, u->n * sizeof(float));
	}
	u->before[0] = u->before[1] = HUGE_VAL;
	if (!u->fft) {
		tone_free(u);
		return NULL;
	}
	return u;
}

static void
tone_free(void *state)
{
	struct tone *u = state;
	fft_free(u->fft);
	free(u->window);
	free(u->re);
	free(u->im);
	free(u->power);
	free(u->x[0]);
	free(u->x[1]);
	free(u);
}

/* Keeps a block that is as loud as the two before it. */
static void
note_still(struct tone *u, int level)
{
	struct still *s = &u->still[level];
	size_t half = u->n / 2, from = (size_t)(150 / u->bin) + 1;
	s->blocks++;
	for (size_t k = from; k < half; k++) {
		size_t b = k * BANDS / half;
		s->sum[b] += u->power[k];
		s->logs[b] += f_log(u->power[k] + 1e-30);
	}
}

/* Notes at which steps this block ends. */
static void
note_edges(struct tone *u)
{
	double step[STEPS];
	for (int k = 0; k < u->steps; k++) {
		size_t from = (size_t)lrint(k * STEP / u->bin), to = (size_t)lrint((k + 1) * STEP / u->bin);
		double sum = 0;
		for (size_t i = from; i < to; i++)
			sum += u->power[i];
		step[k] = sum / (double)(to - from);
		u->all[k] += step[k];
	}
	/* three steps below, one left out, and up to three above */
	for (int k = 40; k + 2 < u->steps; k++) {
		int more = k + 4 < u->steps ? 3 : u->steps - 1 - k;
		double below = (step[k - 3] + step[k - 2] + step[k - 1]) / 3, above = 0;
		for (int i = 1; i <= more; i++)
			above += step[k + i] / more;
		if (below < EDGE_AUDIBLE)
			continue;
		u->heard[k]++;
		u->cut[k] += below > 300 * above;
	}
}

static void
block(struct tone *u)
{
	double sum = 0;
	size_t from = (size_t)(150 / u->bin) + 1;
	float most = 0;
	for (size_t t = 0; t < u->n; t++) {
		u->re[t] = u->x[0][t] * u->window[t];
		u->im[t] = u->x[1][t] * u->window[t];
		most = fmaxf(most, fmaxf(fabsf(u->re[t]), fabsf(u->im[t])));
	}
	if (most <= 0) {
		u->before[0] = u->before[1] = HUGE_VAL;
		return;
	}
	fft_run(u->fft, u->re, u->im);
	u->power[0] = 0;
	for (size_t k = 1; k < u->n / 2; k++) {
		double r = (double)u->re[k], i = (double)u->im[k], mr = (double)u->re[u->n - k], mi = (double)u->im[u->n - k];
		u->power[k] = (r * r + i * i + mr * mr + mi * mi) / 2 * u->scale;
		sum += k >= from ? u->power[k] : 0;
	}
	double level = 10 * f_log10(sum + 1e-20);
	int class = level > 0 ? 0 : level <= -LEVELS ? LEVELS - 1 : (int)-level;
	u->blocks++;
	u->loud[class]++;
	if (fabs(level - u->before[0]) < STILL && fabs(u->before[0] - u->before[1]) < STILL)
		note_still(u, class);
	u->before[1] = u->before[0];
	u->before[0] = level;
	note_edges(u);
}

static void
tone_take(void *state, const float *const *side, size_t frames)
{
	struct tone *u = state;
	for (size_t at = 0; at < frames;) {
		size_t n = u->n - u->fill < frames - at ? u->n - u->fill : frames - at;
		for (int c = 0; c < u->channels; c++)
			memcpy(u->x[c] + u->fill, side[c] + at, n * sizeof(float));
		u->fill += n;
		at += n;
		if (u->fill == u->n) {
			block(u);
			u->fill = 0;
		}
	}
}

static void
tone_finish(void *state)
{
	struct tone *u = state;
	size_t half = u->n / 2, from = (size_t)(150 / u->bin) + 1;
	for (size_t k = from; k < half; k++)
		u->bins[k * BANDS / half]++;
}

const struct listener tone_listener = {tone_begin, tone_take, tone_finish, tone_free};

#define NOISE_BLOCKS 12   /* that must be still, at least */
#define NOISE_SHARE 0.015 /* of the sound */
#define NOISE_FLAT -1.1   /* logarithm of the geometric mean over the arithmetic: noise -0.58, tones far below */

void
detect_noise(const struct heard *h, struct findings *to)
{
	const struct tone *u = h->by[HEAR_TONE];
	uint32_t least = (uint32_t)fmax(NOISE_BLOCKS, NOISE_SHARE * u->blocks), louder = 0;
	int loud = 0, floor = LEVELS - 3, flat = 0, judged = 0;
	while (loud < LEVELS - 1 && (louder += u->loud[loud]) < u->blocks / 100 + 1)
		loud++;
	while (floor > 0 && u->still[floor].blocks + u->still[floor + 1].blocks + u->still[floor + 2].blocks < least)
		floor--;
	if (floor <= loud)
		return;
	for (int b = 0; b < BANDS; b++) {
		double count = 0, sum = 0, logs = 0;
		for (int k = floor; k < floor + 3; k++) {
			count += (double)u->still[k].blocks * u->bins[b];
			sum += u->still[k].sum[b];
			logs += u->still[k].logs[b];
		}
		judged++;
		flat += count > 0 && sum / count > 1e-16 && logs / count - log(sum / count) > NOISE_FLAT;
	}
	double level = -(floor + 1.5), down = floor + 1.5 - (loud + 0.5);
	if (flat * 10 < judged * 6 || level < -84 || down < 12 || down > 55)
		return;
	struct finding *f = finding_new(to, down < 30 ? DETECT_GRAVE : down < 45 ? DETECT_FAULT : DETECT_NOTE, level);
	finding_say(f, "noise at %.0f dBFS where nobody plays, %.0f dB below what is played", level, down);
}

#define EDGE_LOW 10000.0   /* Hz */
#define EDGE_LOSSY 20700.0 /* above it converters cut */
#define EDGE_SHARE 0.75    /* of the blocks */

double
tone_edge(const struct heard *h, double *drop)
{
	const struct tone *u = h->by[HEAR_TONE];
	int edge = -1;
	*drop = 0;
	for (int k = (int)(EDGE_LOW / STEP) + 4; k + 2 < u->steps && k * STEP < EDGE_LOSSY; k++) {
		int more = k + 4 < u->steps ? 3 : u->steps - 1 - k;
		double below = (u->all[k - 3] + u->all[k - 2] + u->all[k - 1]) / 3, above = 0;
		double far = (u->all[k - 8] + u->all[k - 7] + u->all[k - 6]) / 3;
		for (int i = 1; i <= more; i++)
			above += u->all[k + i] / more;
		double falls = 10 * log10((below + 1e-30) / (above + 1e-30)),
		       slope = 10 * log10((far + 1e-30) / (below + 1e-30));
		if (u->heard[k] < 12 || u->cut[k] < EDGE_SHARE * u->heard[k] || falls < 22 || slope > falls / 2)
			continue;
		if (falls > *drop) {
			*drop = falls;
			edge = k;
		}
	}
	return edge < 0 ? 0 : edge * STEP + STEP / 2;
}
