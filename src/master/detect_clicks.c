#include "master/detect_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "master/predict.h"
#include "session/text.h"

/*
 * Clicks of some samples: what linear prediction from the sound on both sides cannot explain, and what leaves that
 * sound as it was: with a few frames filled in as the sound about them says, nothing unexplained is left (Godsill and
 * Rayner, Digital Audio Restoration, 5). A drum's stroke is as sudden, but its sound goes on and no filling explains
 * it; a saw's edge comes again. A click of one sample shows at the predictor's matched filter, far below what is seen
 * in the wave: so only what is steeper than the sound within 20 ms counts, the rest is not heard. Fourth differences,
 * which are cheap, tell where to look closer.
 *
 * held   a window of sound: AROUND frames, SPAN that are looked at, AROUND more
 * at     the first of the SPAN frames, from the start of the track
 */
#define AROUND 2048
#define SPAN 4096
#define HELD (AROUND + SPAN + AROUND)
#define CELL 32 /* frames whose greatest difference is kept */
#define CELLS (HELD / CELL)
#define BESIDE 16     /* cells to each side that are compared */
#define HINT 1.5F     /* times the greatest difference beside it: worth a closer look */
#define GAP 12        /* frames to each side of the greatest, of which nothing is learnt */
#define SLOPES 880    /* frames to each side whose second differences are compared: 18 to 20 ms */
#define LEARN 1000    /* frames to each side that the predictor is learnt from */
#define NEAR 256      /* frames to each side whose mean error is what the sound leaves unexplained there */
#define OVER_PEAK 2.0 /* times the greatest error beside it, both through the matched filter */
#define OVER_RMS 8.0  /* times the mean error near it */
#define QUIETER 3.0   /* times the error of the quieter side that may be left: else a sound begins or ends there */
#define LEAST 0.0009  /* of full scale: what is softer is not heard */
#define KEPT DETECT_TIMES

/* What counts as a click: the shorter, the less the filling can take away that was music. */
static const struct {
	int gap;      /* frames that are filled */
	double steep; /* times the greatest second difference of the sound beside it */
	double over;  /* times the mean error, through the matched filter */
	double left;  /* times the mean error that may be left */
	double gain;  /* times the error that is left, before */
} kinds[] = {{3, 1.2, 12, 2, 1}, {3, 2.4, OVER_RMS, 1.5, 1}, {9, 1.7, 30, 2, 1}, {PREDICT_GAP, 2.5, 30, 2, 4}};

struct click {
	int64_t at;
	double size; /* error, of full scale */
};

struct clicks {
	int channels, rate;
	int64_t at, frames;
	size_t fill;
	float *held[2];
	uint32_t count;
	int64_t here[SPAN / CELL]; /* found in this window, so that both sides count one once */
	int heres;
	double most; /* dB over the error beside it */
	struct click kept[KEPT];
};

static void *
clicks_begin(int rate, int channels)
{
	struct clicks *k = text_alloc(sizeof *k);
	*k = (struct clicks){.channels = channels, .rate = rate, .fill = AROUND};
	for (int c = 0; c < channels; c++) {
		k->held[c] = text_alloc(HELD * sizeof(float));
		memset(k->held[c], 0, HELD * sizeof(float));
	}
	return k;
}

static void
clicks_free(void *state)
{
	struct clicks *k = state;
	free(k->held[0]);
	free(k->held[1]);
	free(k);
}

static double
second_difference(const float *x)
{
	return fabs((double)x[-1] - 2 * (double)x[0] + (double)x[1]);
}

/* How much steeper the sound is here than about here. */
static double
steepness(const float *x)
{
	double here = 0, beside = 1e-9;
	for (int i = -SLOPES; i <= SLOPES; i++) {
		if (abs(i) <= GAP)
			here = fmax(here, second_difference(x + i));
		else if (abs(i) > GAP + 4)
			beside = fmax(beside, second_difference(x + i));
	}
	return here / beside;
}

/* Judges the frame at x of held sound; the size of the click there, 0: none. *over: dB over what is beside it. */
static double
look_closer(const float *x, double *over)
{
	enum { REACH = LEARN + GAP + 1 };
	double a[PREDICT_ORDER + 1], error[2 * REACH + 1], own = 0, steep = steepness(x);
	if (steep < kinds[0].steep)
		return 0;
	predict_learn(x - GAP - LEARN, x + GAP + 1, LEARN, a);
	for (int i = -REACH; i <= REACH; i++) {
		double sum = 0;
		for (int j = 0; j <= PREDICT_ORDER; j++)
			sum += a[j] * (double)x[i - j];
		error[i + REACH] = sum;
	}
	/* the filter that a click of one sample comes out of highest */
	for (int j = 0; j <= PREDICT_ORDER; j++)
		own += a[j] * a[j];
	double peak = 0, beside = 0, power[2] = {0, 0};
	int top = 0;
	for (int i = -REACH; i <= REACH - PREDICT_ORDER; i++) {
		double sum = 0;
		for (int j = 0; j <= PREDICT_ORDER; j++)
			sum += a[j] * error[i + j + REACH];
		sum = fabs(sum) / sqrt(own);
		if (abs(i) > GAP + PREDICT_ORDER)
			beside = fmax(beside, sum);
		else if (abs(i) <= GAP && sum > peak) {
			peak = sum;
			top = i;
		}
	}
	for (int i = 0; i < NEAR; i++) {
		double before = error[REACH - GAP - 1 - i], behind = error[REACH + GAP + PREDICT_ORDER + 1 + i];
		power[0] += before * before / NEAR;
		power[1] += behind * behind / NEAR;
	}
	double rms = sqrt(fmax(power[0], power[1])) + 1e-6, quiet = sqrt(fmin(power[0], power[1])) + 1e-6;
	*over = gain_to_db(peak / rms);
	if (peak < OVER_PEAK * beside || peak < OVER_RMS * rms)
		return 0;
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		struct filled f;
		if (steep < kinds[k].steep || peak < kinds[k].over * rms)
			continue;
		if (!predict_fill(a, kinds[k].gap < PREDICT_GAP ? x + top : x, kinds[k].gap, &f) && f.size > LEAST &&
		    f.left < kinds[k].left * rms && f.left < QUIETER * quiet && f.was > kinds[k].gain * f.left)
			return f.size;
	}
	return 0;
}

static void
keep(struct clicks *k, int64_t at, double size)
{
	int least = 0;
	for (int i = 1; i < KEPT; i++)
		if (k->kept[i].size < k->kept[least].size)
			least = i;
	if (size > k->kept[least].size)
		k->kept[least] = (struct click){at, size};
}

static int
is_known(const struct clicks *k, int64_t frame)
{
	for (int i = 0; i < k->heres; i++)
		if (llabs(k->here[i] - frame) < 2 * GAP)
			return 1;
	return 0;
}

/* Looks at the window's middle on one side. */
static void
look(struct clicks *k, const float *x)
{
	float cell[CELLS];
	memset(cell, 0, sizeof cell);
	for (int c = 0; c < CELLS; c++) {
		int from = c ? c * CELL : 4;
		float most = 0;
		for (int t = from; t < (c + 1) * CELL; t++) {
			float d = fabsf(x[t] - 4 * x[t - 1] + 6 * x[t - 2] - 4 * x[t - 3] + x[t - 4]);
			most = d > most ? d : most;
		}
		cell[c] = most;
	}
	for (int c = AROUND / CELL; c < (AROUND + SPAN) / CELL; c++) {
		if (cell[c] < (float)LEAST || cell[c] < cell[c - 1] || cell[c] <= cell[c + 1])
			continue;
		float beside = 0;
		for (int i = 2; i <= BESIDE; i++) {
			beside = fmaxf(beside, cell[c - i]);
			beside = fmaxf(beside, cell[c + i]);
		}
		if (cell[c] < HINT * beside)
			continue;
		int at = c * CELL;
		float most = 0;
		for (int t = at; t < at + CELL; t++) {
			float d = fabsf(x[t] - 4 * x[t - 1] + 6 * x[t - 2] - 4 * x[t - 3] + x[t - 4]);
			if (d > most) {
				most = d;
				at = t;
			}
		}
		at = at - 2 < AROUND ? AROUND : at - 2; /* the middle of the difference */
		double over, size = look_closer(x + at, &over);
		int64_t frame = k->at + at - AROUND;
		if (size <= 0 || frame < AROUND / 2 || is_known(k, frame) || k->heres == SPAN / CELL)
			continue;
		k->here[k->heres++] = frame;
		k->count++;
		k->most = fmax(k->most, over);
		keep(k, frame, size);
	}
}

static void
step(struct clicks *k)
{
	k->heres = 0;
	for (int c = 0; c < k->channels; c++) {
		look(k, k->held[c]);
		memmove(k->held[c], k->held[c] + SPAN, 2 * AROUND * sizeof(float));
	}
	k->at += SPAN;
	k->fill = 2 * AROUND;
}

static void
clicks_take(void *state, const float *const *side, size_t frames)
{
	struct clicks *k = state;
	for (size_t at = 0; at < frames;) {
		size_t n = HELD - k->fill < frames - at ? HELD - k->fill : frames - at;
		for (int c = 0; c < k->channels; c++)
			memcpy(k->held[c] + k->fill, side[c] + at, n * sizeof(float));
		k->fill += n;
		at += n;
		if (k->fill == HELD)
			step(k);
	}
	k->frames += (int64_t)frames;
}

const struct listener clicks_listener = {clicks_begin, clicks_take, NULL, clicks_free};

static int
by_time(const void *a, const void *b)
{
	const struct click *x = a, *y = b;
	return (x->at > y->at) - (x->at < y->at);
}

void
detect_clicks(const struct heard *h, struct findings *to)
{
	struct clicks *k = h->by[HEAR_CLICKS];
	if (k->count == 0)
		return;
	struct click sorted[KEPT];
	memcpy(sorted, k->kept, sizeof sorted);
	qsort(sorted, KEPT, sizeof *sorted, by_time);
	struct finding *f = finding_new(to, k->count > 2 ? DETECT_FAULT : DETECT_NOTE, k->most);
	for (int i = 0; i < KEPT; i++)
		if (sorted[i].size > 0)
			finding_time(f, (double)sorted[i].at / h->rate);
	finding_say(f, "%u click%s of some samples, up to %.0f dB above what the sound there explains", k->count,
	            k->count == 1 ? "" : "s", k->most);
}
