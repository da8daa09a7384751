#include "master/detect_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "base/units.h"
#include "master/clips.h"
#include "session/text.h"

#define CHUNK 512 /* frames that halves of a wave are told apart in */

#define NEAR 400 /* the NEAR-th of a second to each side of a peak */

/* Between the frames: a sinc under Hann's window that reaches TAPS / 2 frames to each side, at PHASES points a frame.
 */
#define TAPS 16
#define PHASES 8
#define HIGH 0.8F /* of a block's peak: between such frames the wave may be higher still */
#define LOUD 0.1F /* of the track's peak so far: only of such blocks it is asked */

/* A block under way behind the last one, and the tops of both halves of the wave: an offset makes one of them lower. */
struct levels_work {
	size_t fill;
	float *held[2]; /* by channel: the block before the last, the last one, the one under way */
	float peak[2];
	double sum[2], square[2], product;
	struct clips up[2], down[2];
	float loudest;               /* peak of any block so far */
	float between[PHASES][TAPS]; /* see there; phase 0 is the frame itself */
};

static void
make_between(float (*point)[TAPS])
{
	for (int p = 1; p < PHASES; p++)
		for (int k = 0; k < TAPS; k++) {
			double d = (double)p / PHASES + TAPS / 2 - 1 - k;
			double window = 0.5 + 0.5 * f_cos(F_PI * d / (TAPS / 2));
			point[p][k] = (float)(f_sin(F_PI * d) / (F_PI * d) * window);
		}
}

static void *
levels_begin(int rate, int channels)
{
	struct levels *l = text_alloc(sizeof *l);
	*l = (struct levels){.channels = channels, .block = (size_t)(rate / LEVELS_BLOCKS)};
	l->work = text_alloc(sizeof *l->work);
	*l->work = (struct levels_work){0};
	make_between(l->work->between);
	for (int c = 0; c < 2; c++)
		l->work->up[c].first = l->work->down[c].first = -1;
	for (int c = 0; c < channels; c++) {
		l->work->held[c] = text_alloc(3 * l->block * sizeof(float));
		memset(l->work->held[c], 0, 3 * l->block * sizeof(float));
	}
	return l;
}

static void
levels_free(void *state)
{
	struct levels *l = state;
	for (int c = 0; c < 2; c++) {
		free(l->kept[c]);
		free(l->work->held[c]);
	}
	free(l->work);
	free(l);
}

/* The greatest magnitude between a frame and the next. */
static float
between(const struct levels *l, const float *x)
{
	float most = 0;
	for (int p = 1; p < PHASES; p++) {
		float sum = 0;
		for (int k = 0; k < TAPS; k++)
			sum += l->work->between[p][k] * x[k - TAPS / 2 + 1];
		most = fmaxf(most, fabsf(sum));
	}
	return most;
}

/* Of the block in the middle of what is held: the peak between the frames, and the mean square about it. */
static void
look_near(struct levels *l, const float *held, struct level_block *b)
{
	size_t at = l->block, reach = l->block * LEVELS_BLOCKS / NEAR;
	double sum = 0;
	for (size_t t = l->block; t < 2 * l->block; t++)
		at = fabsf(held[t]) > fabsf(held[at]) ? t : at;
	for (size_t t = at - reach; t <= at + reach; t++)
		sum += (double)held[t] * (double)held[t];
	b->near = (float)(sum / (double)(2 * reach + 1));
	b->over = b->peak;
	l->work->loudest = fmaxf(l->work->loudest, b->peak);
	if (b->peak < LOUD * l->work->loudest)
		return;
	for (size_t t = l->block; t < 2 * l->block; t++)
		if (fabsf(held[t]) >= HIGH * b->peak && fabsf(held[t]) >= fabsf(held[t - 1]) &&
		    fabsf(held[t]) >= fabsf(held[t + 1]))
			b->over = fmaxf(b->over, fmaxf(between(l, held + t - 1), between(l, held + t)));
}

/* Keeps the block that is full (or the rest at the end), and what was not known of the one before. */
static void
end_block(struct levels *l)
{
	struct levels_work *w = l->work;
	double n = (double)w->fill;
	if (l->blocks == l->room) {
		l->room = 2 * l->room + 1024;
		for (int c = 0; c < l->channels; c++)
			l->kept[c] = text_realloc(l->kept[c], l->room * sizeof *l->kept[c]);
	}
	for (int c = 0; c < l->channels; c++) {
		l->kept[c][l->blocks] =
		    (struct level_block){w->peak[c], (float)(w->square[c] / n), (float)(w->sum[c] / n), 0, w->peak[c]};
		if (l->blocks > 0)
			look_near(l, w->held[c], &l->kept[c][l->blocks - 1]);
		memmove(w->held[c], w->held[c] + l->block, 2 * l->block * sizeof(float));
		l->square[c] += w->square[c];
		w->peak[c] = 0;
		w->sum[c] = w->square[c] = 0;
	}
	l->product += w->product;
	w->product = 0;
	w->fill = 0;
	l->blocks++;
}

static void
take_side(struct levels *l, int c, const float *x, size_t frames)
{
	struct levels_work *w = l->work;
	double sum = 0, square = 0;
	float peak = w->peak[c];
	for (size_t t = 0; t < frames; t++) {
		float a = fabsf(x[t]);
		peak = a > peak ? a : peak;
		sum += (double)x[t];
		square += (double)x[t] * (double)x[t];
	}
	w->peak[c] = peak;
	w->sum[c] += sum;
	w->square[c] += square;
	memcpy(w->held[c] + 2 * l->block + w->fill, x, frames * sizeof(float));
	for (size_t at = 0; at < frames; at += CHUNK) {
		float half[CHUNK];
		size_t n = frames - at < CHUNK ? frames - at : CHUNK;
		for (size_t t = 0; t < n; t++)
			half[t] = x[at + t] > 0 ? x[at + t] : 0;
		clips_take(&w->up[c], half, n);
		for (size_t t = 0; t < n; t++)
			half[t] = x[at + t] < 0 ? x[at + t] : 0;
		clips_take(&w->down[c], half, n);
	}
}

static void
levels_take(void *state, const float *const *side, size_t frames)
{
	struct levels *l = state;
	struct levels_work *w = l->work;
	for (size_t at = 0; at < frames;) {
		size_t n = l->block - w->fill < frames - at ? l->block - w->fill : frames - at;
		for (int c = 0; c < l->channels; c++)
			take_side(l, c, side[c] + at, n);
		if (l->channels > 1)
			for (size_t t = at; t < at + n; t++)
				w->product += (double)side[0][t] * (double)side[1][t];
		w->fill += n;
		at += n;
		if (w->fill == l->block)
			end_block(l);
	}
}

/* Times at exactly one top that are come to in different ways: a machine's equal strokes are alike before it too. */
#define LEAST_TOPS 4

static void
levels_finish(void *state)
{
	struct levels *l = state;
	if (l->work->fill > 0)
		end_block(l);
	for (int c = 0; c < l->channels; c++) {
		struct clips *half[2] = {&l->work->up[c], &l->work->down[c]};
		struct clip_count *all = &l->clipped[c];
		*all = (struct clip_count){.first = -1};
		for (int k = 0; k < 2; k++) {
			clips_finish(half[k]);
			all->runs += half[k]->runs;
			all->frames += half[k]->cut;
			if (half[k]->tops >= LEAST_TOPS && half[k]->varied >= LEAST_TOPS - 1)
				all->tops += half[k]->tops;
			all->longest = half[k]->longest > all->longest ? half[k]->longest : all->longest;
			if (half[k]->first >= 0 && (all->first < 0 || half[k]->first < all->first))
				all->first = half[k]->first;
		}
	}
}

const struct listener levels_listener = {levels_begin, levels_take, levels_finish, levels_free};

float
levels_peak(const struct levels *l, size_t block)
{
	float a = l->kept[0][block].peak, b = l->channels > 1 ? l->kept[1][block].peak : 0;
	return a > b ? a : b;
}

#define CLIP_WAVE 0.6 /* of a wave's time: what is flat for longer is a square wave, made so */

void
detect_clipping(const struct heard *h, struct findings *to)
{
	const struct levels *l = h->by[HEAR_LEVELS];
	struct clip_count all = {.first = -1};
	for (int c = 0; c < l->channels; c++) {
		const struct clip_count *k = &l->clipped[c];
		if ((double)k->frames > CLIP_WAVE * (double)h->frames)
			continue;
		all.runs += k->runs;
		all.tops += k->tops;
		all.frames += k->frames;
		all.longest = k->longest > all.longest ? k->longest : all.longest;
		if (k->first >= 0 && (all.first < 0 || k->first < all.first))
			all.first = k->first;
	}
	if (all.runs == 0 && all.tops > 0) {
		struct finding *f = finding_new(to, DETECT_FAULT, (double)all.tops);
		finding_say(f, "%llu tops end at exactly one level, cut off for a sample or two", (unsigned long long)all.tops);
		return;
	}
	if (all.runs == 0)
		return;
	double a_minute = (double)all.runs * 60 * h->rate / (double)h->frames;
	enum detect_weight weight = all.runs < 3 && all.longest < 6 ? DETECT_NOTE
	                            : a_minute > 30                 ? DETECT_GRAVE
	                                                            : DETECT_FAULT;
	struct finding *f = finding_new(to, weight, (double)all.runs);
	finding_time(f, (double)all.first / h->rate);
	finding_say(f, "%llu place%s cut off at the top, the longest for %llu samples (%.2f ms)",
	            (unsigned long long)all.runs, all.runs == 1 ? "" : "s", (unsigned long long)all.longest,
	            1e3 * (double)all.longest / h->rate);
}

#define SOUND 0.000316F /* -70 dBFS: a stem that never gets there is silent */
#define HEAD 10.0       /* seconds */

void
detect_silence(const struct heard *h, struct findings *to)
{
	const struct levels *l = h->by[HEAR_LEVELS];
	size_t first = 0, last = l->blocks;
	float peak = 0;
	for (size_t k = 0; k < l->blocks; k++)
		peak = levels_peak(l, k) > peak ? levels_peak(l, k) : peak;
	if (peak < SOUND) {
		struct finding *f = finding_new(to, DETECT_FAULT, gain_to_db((double)peak));
		if (peak > 0)
			finding_say(f, "nothing louder than %.1f dBFS in the whole stem", gain_to_db((double)peak));
		else
			finding_say(f, "the whole stem is silent");
		return;
	}
	while (levels_peak(l, first) < SOUND)
		first++;
	while (levels_peak(l, last - 1) < SOUND)
		last--;
	double head = (double)first / LEVELS_BLOCKS, tail = (double)(l->blocks - last) / LEVELS_BLOCKS;
	if (head >= HEAD) {
		struct finding *f = finding_new(to, DETECT_NOTE, gain_to_db((double)peak));
		finding_time(f, head);
		finding_say(f, "%.1f s of silence before the first sound", head);
	}
	if (tail >= 3 * HEAD) {
		struct finding *f = finding_new(to, DETECT_NOTE, gain_to_db((double)peak));
		finding_time(f, (double)last / LEVELS_BLOCKS);
		finding_say(f, "%.1f s of silence after the last sound", tail);
	}
}

#define DC_SPAN 10      /* blocks: 0.2 s, of which bass has whole waves */
#define DC_LEAST 0.0008 /* of full scale */
#define DC_SURE 4       /* times the uncertainty of the mean */

/*
 * The offset of a side: the mean of spans, each weighed by how little it swings, so that pauses say more than music
 * whose waves are not alike above and below. *unsure: how far the spans differ by that.
 */
static double
offset_of(const struct levels *l, int side, double *unsure)
{
	double weights = 0, sum = 0, square = 0;
	size_t spans = 0;
	for (size_t k = 0; k + DC_SPAN <= l->blocks; k += DC_SPAN) {
		double mean = 0, power = 0;
		for (size_t b = k; b < k + DC_SPAN; b++) {
			mean += (double)l->kept[side][b].mean / DC_SPAN;
			power += (double)l->kept[side][b].power / DC_SPAN;
		}
		double weight = 1 / (fmax(power - mean * mean, 0) + 1e-8);
		weights += weight;
		sum += weight * mean;
		square += weight * mean * mean;
		spans++;
	}
	if (spans < 2) {
		*unsure = HUGE_VAL;
		return 0;
	}
	double mean = sum / weights;
	*unsure = sqrt(fmax(square / weights - mean * mean, 0) / (double)spans);
	return mean;
}

void
detect_dc(const struct heard *h, struct findings *to)
{
	const struct levels *l = h->by[HEAR_LEVELS];
	double worst = 0, unsure = 0;
	int side = 0;
	for (int c = 0; c < l->channels; c++) {
		double spread, offset = offset_of(l, c, &spread);
		if (fabs(offset) > fabs(worst) && fabs(offset) > DC_SURE * spread) {
			worst = offset;
			unsure = spread;
			side = c;
		}
	}
	if (fabs(worst) < DC_LEAST)
		return;
	(void)unsure;
	struct finding *f = finding_new(to, fabs(worst) >= 0.005 ? DETECT_FAULT : DETECT_NOTE, gain_to_db(worst));
	finding_say(f, "an offset of %+.2f %% of full scale (%.1f dBFS)%s", 100 * worst, gain_to_db(worst),
	            l->channels == 1 ? ""
	            : side           ? ", most on the right"
	                             : ", most on the left");
	finding_fix(f, "dc on");
}

#define SAME -50.0 /* dB: what is left of a side without the other's part, at most */
#define EMPTY 1e-7 /* of the other side's power: -70 dB */

/* One side is the other's copy, or nothing. */
void
detect_sides(const struct heard *h, struct findings *to)
{
	const struct levels *l = h->by[HEAR_LEVELS];
	double a = l->square[0], b = l->square[1];
	if (l->channels < 2 || a + b <= 0 || (a + b) / (double)h->frames < 1e-9)
		return;
	if (fmin(a, b) <= EMPTY * fmax(a, b)) {
		int left = a > b; /* has the sound */
		double below = fmin(a, b) > 0 ? 10 * log10(fmin(a, b) / fmax(a, b)) : -HUGE_VAL;
		struct finding *f = finding_new(to, DETECT_FAULT, below);
		if (isfinite(below))
			finding_say(f, "the %s side is empty (%.0f dB below the other)", left ? "right" : "left", -below);
		else
			finding_say(f, "the %s side is empty", left ? "right" : "left");
		finding_fix(f, "channels 1");
		if (!left)
			finding_fix(f, "region/*/channel 2");
		return;
	}
	double rest = 1 - l->product * l->product / (a * b), residue = rest > 1e-14 ? 10 * log10(rest) : -140;
	if (residue > SAME)
		return;
	double apart = 10 * log10(b / a);
	int turned = l->product < 0;
	struct finding *f = finding_new(to, turned ? DETECT_GRAVE : DETECT_NOTE, residue);
	if (turned)
		finding_say(f, "the right side is the left one upside down: in mono the stem is gone");
	else if (fabs(apart) < 0.05)
		finding_say(f, "both sides are the same (what differs is %s%.0f dB below)", residue <= -139 ? "more than " : "",
		            -residue);
	else
		finding_say(f, "both sides are the same but for %.1f dB: a mono sound that was panned", fabs(apart));
	if (turned || fabs(apart) < 0.5)
		finding_fix(f, "channels 1");
}
