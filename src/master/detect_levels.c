#include "master/detect_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "master/clips.h"
#include "session/text.h"

#define CHUNK 512 /* frames that halves of a wave are told apart in */

#define NEAR 400 /* the NEAR-th of a second to each side of a peak */

/* A block under way behind the last one, and the tops of both halves of the wave: an offset makes one of them lower. */
struct levels_work {
	size_t fill;
	float *held[2]; /* by channel: the block before the last, the last one, the one under way */
	float peak[2];
	double sum[2], square[2], product;
	struct clips up[2], down[2];
};

static void *
levels_begin(int rate, int channels)
{
	struct levels *l = text_alloc(sizeof *l);
	*l = (struct levels){.channels = channels, .block = (size_t)(rate / LEVELS_BLOCKS)};
	l->work = text_alloc(sizeof *l->work);
	*l->work = (struct levels_work){0};
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

/* Of the block in the middle of what is held: the mean square about its peak. */
static float
near_peak(const struct levels *l, const float *held)
{
	size_t at = l->block, reach = l->block * LEVELS_BLOCKS / NEAR;
	double sum = 0;
	for (size_t t = l->block; t < 2 * l->block; t++)
		at = fabsf(held[t]) > fabsf(held[at]) ? t : at;
	for (size_t t = at - reach; t <= at + reach; t++)
		sum += (double)held[t] * (double)held[t];
	return (float)(sum / (double)(2 * reach + 1));
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
		l->kept[c][l->blocks] = (struct level_block){w->peak[c], (float)(w->square[c] / n), (float)(w->sum[c] / n), 0};
		if (l->blocks > 0)
			l->kept[c][l->blocks - 1].near = near_peak(l, w->held[c]);
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

static float
loudest(const struct levels *l, size_t block)
{
	float a = l->kept[0][block].peak, b = l->channels > 1 ? l->kept[1][block].peak : 0;
	return a > b ? a : b;
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
		peak = loudest(l, k) > peak ? loudest(l, k) : peak;
	if (peak < SOUND) {
		struct finding *f = finding_new(to, DETECT_FAULT, gain_to_db((double)peak));
		if (peak > 0)
			finding_say(f, "nothing louder than %.1f dBFS in the whole stem", gain_to_db((double)peak));
		else
			finding_say(f, "the whole stem is silent");
		return;
	}
	while (loudest(l, first) < SOUND)
		first++;
	while (loudest(l, last - 1) < SOUND)
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

#define LIMIT_NEAR 0.2F  /* dB below the ceiling that a limiter leaves peaks in */
#define LIMIT_BELOW 2.0F /* dB below it that peaks without a limiter lie in as well */
#define LIMIT_PILE 1.6   /* times as dense near the ceiling as below */
#define LIMIT_BLOCKS 12  /* near the ceiling, at least */
#define LIMIT_KINDS 4.0  /* of sound that stands there: the same stroke again is no limiter */
#define KINDS 160        /* classes of 0.25 dB of crest */

#define LIMIT_EXACT 0.002F /* dB below the ceiling that a limiter with an eye on samples leaves its peaks in */
#define LIMIT_ABOUT 0.05F  /* dB below it that other sound's peaks would lie in as well */
#define LIMIT_SHARE 0.6    /* of these that are exact, at least */
#define LIMIT_PEAKS 6      /* there, at least */
#define LIMIT_ALIKE 0.2    /* dB of crest: the same stroke again */
#define LIMIT_OTHERS 0.12  /* of those peaks that are of another stroke, at least */

static int
by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

/* The peak of a block over the mean of what is about it, dB. */
static float
crest_at(const struct levels *l, size_t block)
{
	const struct level_block *b = &l->kept[l->channels > 1 && l->kept[1][block].peak > l->kept[0][block].peak][block];
	return (float)(gain_to_db((double)b->peak) - 10 * log10((double)b->near + 1e-20));
}

/* How many peaks end at the very top, where they are of several kinds; else 0. */
static size_t
exact_peaks(const struct levels *l, float top)
{
	float *crest = text_alloc((l->blocks + 1) * sizeof *crest), edge = top * (float)db_to_gain(-(double)LIMIT_EXACT),
	      about = top * (float)db_to_gain(-(double)LIMIT_ABOUT);
	size_t peaks = 0, exact = 0, near = 0, others = 0;
	for (size_t k = 0; k < l->blocks; k++) {
		near += loudest(l, k) >= about;
		exact += loudest(l, k) >= edge;
		if (loudest(l, k) >= edge && (k == 0 || loudest(l, k - 1) < edge))
			crest[peaks++] = crest_at(l, k);
	}
	qsort(crest, peaks, sizeof *crest, by_size);
	for (size_t k = 0; k < peaks; k++)
		others += fabsf(crest[k] - crest[peaks / 2]) > (float)LIMIT_ALIKE;
	free(crest);
	if (peaks < LIMIT_PEAKS || (double)exact < LIMIT_SHARE * (double)near)
		return 0;
	return (double)others >= fmax(2, LIMIT_OTHERS * (double)peaks) ? peaks : 0;
}

/*
 * Peaks that pile up at one level, whatever the sound they stand in. Without a limiter the highest peaks are the
 * rarest. An instrument that is played by a machine has equal peaks too, but the same sound about each.
 */
void
detect_limited(const struct heard *h, struct findings *to)
{
	const struct levels *l = h->by[HEAR_LEVELS];
	size_t near = 0, below = 0;
	uint32_t kind[KINDS] = {0};
	float top = 0;
	for (size_t k = 0; k < l->blocks; k++)
		top = loudest(l, k) > top ? loudest(l, k) : top;
	float edge = top * (float)db_to_gain(-(double)LIMIT_NEAR), low = top * (float)db_to_gain(-(double)LIMIT_BELOW);
	for (size_t k = 0; k < l->blocks && top > 0; k++) {
		float peak = loudest(l, k);
		if (peak < edge) {
			below += peak >= low;
			continue;
		}
		near++;
		kind[(int)fmax(0, fmin(KINDS - 1, 4 * (double)crest_at(l, k)))]++;
	}
	double square = 0;
	for (int k = 0; k < KINDS; k++)
		square += (double)kind[k] * kind[k];
	double kinds = square > 0 ? (double)near * (double)near / square : 0;
	double pile = (double)near / (double)LIMIT_NEAR / (((double)below + 1) / (double)(LIMIT_BELOW - LIMIT_NEAR));
	size_t exact = exact_peaks(l, top);
	if (exact == 0 && (near < LIMIT_BLOCKS || pile < LIMIT_PILE || kinds < LIMIT_KINDS))
		return;
	struct finding *f = finding_new(to, DETECT_FAULT, pile);
	if (exact > 0)
		finding_say(f, "limited already: %zu peaks of several kinds end at exactly %.2f dBFS", exact,
		            gain_to_db((double)top));
	else
		finding_say(f, "limited already: %zu peaks lie within %.1f dB of %.1f dBFS, %.1f times as dense as just below",
		            near, (double)LIMIT_NEAR, gain_to_db((double)top), pile);
}
