#include "master/detect_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "session/text.h"

/*
 * Clicks of some samples: what linear prediction from the sound round about cannot explain, and what is over at once
 * (Godsill and Rayner, Digital Audio Restoration, 5.2). A drum's stroke is as sudden, but its sound goes on; a saw's
 * edge comes again. So only what stands alone for 40 ms on both sides counts. Fourth differences, which are cheap, tell
 * where to look closer.
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
#define ORDER 32      /* of the prediction */
#define GAP 12        /* frames to each side of the greatest, of which nothing is learnt */
#define ALONE 1920    /* frames to each side */
#define HINT 1.5F     /* times the greatest difference beside it: worth a closer look */
#define OVER_PEAK 3.0 /* times the greatest error beside it */
#define OVER_RMS 14.0 /* times the error's mean beside it */
#define ONSET 1.6     /* times the power before: a sound begins there */
#define LEAST 0.0003  /* error, of full scale: what is softer is not heard */
#define KEPT DETECT_TIMES

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

/* Levinson's recursion: the predictor of ORDER from autocorrelations; 0 where there is nothing to predict. */
static int
predictor(const double *r, double *a)
{
	double error = r[0] * (1 + 1e-9) + 1e-12;
	memset(a, 0, (ORDER + 1) * sizeof *a);
	a[0] = 1;
	for (int m = 1; m <= ORDER; m++) {
		double sum = r[m];
		for (int i = 1; i < m; i++)
			sum += a[i] * r[m - i];
		double k = -sum / error, was[ORDER + 1];
		memcpy(was, a, sizeof was);
		for (int i = 1; i < m; i++)
			a[i] = was[i] + k * was[m - i];
		a[m] = k;
		error *= 1 - k * k;
		if (error <= 0)
			return 0;
	}
	return 1;
}

/* Judges frame t of held sound; the size of the click there, 0: none. *over: dB over what is beside it. */
static double
look_closer(const float *x, int t, double *over)
{
	enum { N = 2 * AROUND };
	double w[N], r[ORDER + 1], a[ORDER + 1];
	const float *from = x + t - AROUND;
	for (int i = 0; i < N; i++)
		w[i] = (double)from[i];
	/* learn from all but the click: over the gap a straight line */
	double left = w[AROUND - GAP - 1], right = w[AROUND + GAP + 1];
	for (int i = -GAP; i <= GAP; i++)
		w[AROUND + i] = left + (right - left) * (i + GAP + 1) / (2 * GAP + 2);
	for (int lag = 0; lag <= ORDER; lag++) {
		double sum = 0;
		for (int i = lag; i < N; i++)
			sum += w[i] * w[i - lag];
		r[lag] = sum;
	}
	if (!predictor(r, a))
		return 0;
	double peak = 0, beside = 0, power[2] = {0, 0};
	int count[2] = {0, 0};
	for (int i = AROUND - ALONE; i <= AROUND + ALONE; i++) {
		double e = 0;
		for (int j = 0; j <= ORDER; j++)
			e += a[j] * (double)from[i - j];
		e = fabs(e);
		if (i >= AROUND - GAP && i <= AROUND + GAP) {
			peak = e > peak ? e : peak;
		} else if (i < AROUND - GAP || i > AROUND + GAP + ORDER) {
			int side = i > AROUND;
			beside = e > beside ? e : beside;
			power[side] += e * e;
			count[side]++;
		}
	}
	/* a click leaves the sound as it was; where it is louder behind it, in itself or in its error, a note begins */
	double sound[2] = {1e-9, 1e-9};
	for (int i = GAP; i < ALONE; i++) {
		sound[0] += w[AROUND - i] * w[AROUND - i];
		sound[1] += w[AROUND + i] * w[AROUND + i];
	}
	if (sound[1] > ONSET * sound[0] || sound[0] > 4 * sound[1] || power[1] > 2 * power[0] + 1e-9)
		return 0;
	double rms = sqrt(fmax(power[0] / count[0], power[1] / count[1])) + 1e-6;
	*over = gain_to_db(peak / rms);
	return peak > LEAST && peak > OVER_PEAK * beside && peak > OVER_RMS * rms ? peak : 0;
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
		double over, size = look_closer(x, at, &over);
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
