#include "master/masking.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "master/speakers.h"

#define BANDS BANDLOG_BANDS
#define ROOM 40  /* bands in an array that vectors run over */
#define SPL 70.0 /* dB SPL of an ERB, for which the lower skirt is drawn */
#define STEPS ((int)(2 * MASKING_RANGE))
#define AUDIBLE 70 /* level code, -80 dBFS: what is softer does not count */

/*
 * sounds, hidden     blocks in which a strip sounds in a band; of them those in which it is covered
 * by                 of those, who alone covered it: strips x strips x BANDS
 * energy, lost       a strip's in a band, and what of it is covered
 * most               level codes: the greatest of a strip in a band
 * excitation         of the block under way: strips x ROOM; all: of all strips together
 */
struct judge {
	const struct masking_strips *s;
	struct masking *m;
	float spread[BANDS][ROOM], power[256], offset;
	double weight[BANDS];
	unsigned (*sounds)[BANDS], (*hidden)[BANDS], (*by)[BANDS];
	double (*energy)[BANDS], *lost, *lost_by;
	uint8_t (*most)[BANDS];
	float (*excitation)[ROOM], all[ROOM], *gain;
	size_t room;
};

double
masking_filter(double hertz, double at)
{
	double erb = 24.7 * (0.00437 * hertz + 1), p = 4 * hertz / erb, g = fabs(at - hertz) / hertz;
	double flat = 4000 / (24.7 * 5.37); /* p at 1 kHz */
	if (at < hertz)
		p *= 1 - 0.35 / flat * (SPL - 51);
	return (1 + p * g) * exp(-p * g);
}

static void
make_tables(struct judge *j)
{
	for (int k = 0; k < 256; k++)
		j->power[k] = k == BANDLOG_SILENCE ? 0 : (float)pow(10, bandlog_db(k) / 10);
	for (int from = 0; from < BANDS; from++) {
		for (int b = 0; b < BANDS; b++)
			j->spread[from][b] = (float)masking_filter(bandlog_hertz(b), bandlog_hertz(from));
		j->weight[from] = pow(10, speaker_weight(bandlog_hertz(from)) / 10);
	}
	for (int k = 0; k < j->s->count; k++)
		j->gain[k] = (float)pow(10, j->s->gain[k] / 10);
	j->offset = (float)pow(10, -MASKING_OFFSET / 10);
}

static const uint8_t *
levels(const struct judge *j, int64_t block, int strip)
{
	return bandlog_levels(j->s->log, block, j->s->node[strip]);
}

/* Whether a strip is itself enough in a band to count there now. */
static int
counts(const struct judge *j, int strip, int band, uint8_t level)
{
	return level >= AUDIBLE && level + STEPS >= j->most[strip][band];
}

/* Whether a band is one of those that make a strip. */
static int
is_own(const struct judge *j, int strip, int band)
{
	double most = 0;
	for (int b = 0; b < BANDS; b++)
		most = j->energy[strip][b] > most ? j->energy[strip][b] : most;
	return j->energy[strip][band] > 0 && j->energy[strip][band] >= most * pow(10, -MASKING_RANGE / 10);
}

static double
whole(const struct judge *j, int strip)
{
	double sum = 0;
	for (int b = 0; b < BANDS; b++)
		sum += j->energy[strip][b];
	return sum;
}

static void
find_most(struct judge *j)
{
	for (int64_t block = 0; block < bandlog_blocks(j->s->log); block++)
		for (int k = 0; k < j->s->count; k++) {
			const uint8_t *level = levels(j, block, k);
			for (int b = 0; b < BANDS; b++) {
				j->most[k][b] = level[b] > j->most[k][b] ? level[b] : j->most[k][b];
				if (level[b] >= AUDIBLE)
					j->energy[k][b] += (double)j->power[level[b]] * j->weight[b];
			}
		}
}

static void
excite(struct judge *j, int64_t block)
{
	memset(j->all, 0, sizeof j->all);
	for (int k = 0; k < j->s->count; k++) {
		const uint8_t *level = levels(j, block, k);
		float *to = j->excitation[k];
		memset(to, 0, ROOM * sizeof *to);
		for (int from = 0; from < BANDS; from++) {
			float power = j->power[level[from]] * j->gain[k];
			for (int b = 0; power > 0 && b < ROOM; b++)
				to[b] += power * j->spread[from][b];
		}
		for (int b = 0; b < ROOM; b++)
			j->all[b] += to[b];
	}
}

/* Whose excitation is greatest in a band, but for one strip. */
static int
greatest(const struct judge *j, int but, int band)
{
	int most = -1;
	for (int k = 0; k < j->s->count; k++)
		if (k != but && j->excitation[k][band] > 0 && (most < 0 || j->excitation[k][band] > j->excitation[most][band]))
			most = k;
	return most;
}

static int
is_covered(const struct judge *j, int strip, int band)
{
	float own = j->excitation[strip][band];
	return own < j->offset * (j->all[band] - own);
}

/* Who could cover a strip in a band without the others' help, counted. */
static void
count_coverers(struct judge *j, int strip, int band)
{
	for (int k = 0; k < j->s->count; k++)
		if (k != strip && j->excitation[strip][band] < j->offset * j->excitation[k][band])
			j->by[(size_t)strip * (size_t)j->s->count + (size_t)k][band]++;
}

static void
judge_band(struct judge *j, int64_t block, int strip, int band, uint8_t level)
{
	struct masking_band *to = &j->m->strip[strip].band[band];
	int now = counts(j, strip, band, level);
	j->sounds[strip][band] += now != 0;
	if (!is_covered(j, strip, band))
		return;
	if (level >= AUDIBLE) {
		double energy = (double)j->power[level] * j->weight[band];
		j->lost[strip] += energy;
		j->lost_by[(size_t)strip * (size_t)j->s->count + (size_t)greatest(j, strip, band)] += energy;
	}
	if (!now)
		return;
	j->hidden[strip][band]++;
	count_coverers(j, strip, band);
	float own = j->excitation[strip][band];
	double depth = 10 * log10((double)((j->all[band] - own) / own));
	if (to->worst < 0 || depth > to->depth) {
		to->worst = block;
		to->depth = depth;
	}
}

static void
run_through(struct judge *j)
{
	for (int64_t block = 0; block < bandlog_blocks(j->s->log); block++) {
		excite(j, block);
		for (int k = 0; k < j->s->count; k++) {
			const uint8_t *level = levels(j, block, k);
			for (int b = 0; b < BANDS; b++)
				if (level[b] != BANDLOG_SILENCE && j->excitation[k][b] > 0)
					judge_band(j, block, k, b, level[b]);
		}
	}
}

/* For how much of the time a strip sounds in a band another one alone covers it. */
static double
by_time(const struct judge *j, int strip, int by, int band)
{
	unsigned sounds = j->sounds[strip][band];
	return sounds ? (double)j->by[(size_t)strip * (size_t)j->s->count + (size_t)by][band] / sounds : 0;
}

static void
finish_strip(struct judge *j, int strip)
{
	struct masked_strip *s = &j->m->strip[strip];
	const double *by = j->lost_by + (size_t)strip * (size_t)j->s->count;
	double all = whole(j, strip);
	s->covered = all > 0 ? j->lost[strip] / all : 0;
	for (int k = 0; k < j->s->count; k++)
		if (by[k] > 0 && (s->by < 0 || by[k] > by[s->by]))
			s->by = k;
	for (int b = 0; b < BANDS; b++) {
		struct masking_band *band = &s->band[b];
		band->energy = all > 0 ? j->energy[strip][b] / all : 0;
		band->covered = j->sounds[strip][b] ? (double)j->hidden[strip][b] / j->sounds[strip][b] : 0;
		for (int k = 0; k < j->s->count; k++)
			if (by_time(j, strip, k, b) > band->by_time) {
				band->by = k;
				band->by_time = by_time(j, strip, k, b);
			}
	}
}

/* A pair while the song is gone through for it: what its strip has in these bands. */
struct tally {
	double most, lost; /* K-weighted power: the greatest of a block; what is covered */
	int64_t sounds, hidden;
};

static double
power_of(const struct judge *j, const struct masked_pair *p, int64_t block)
{
	const uint8_t *level = levels(j, block, p->of);
	double power = 0;
	for (int b = p->low; b <= p->high; b++)
		power += level[b] >= AUDIBLE ? (double)j->power[level[b]] * j->weight[b] : 0;
	return power;
}

/* One block of a pair: covered where most of what the strip has in its bands is. */
static void
follow(const struct judge *j, struct masked_pair *p, struct tally *t, int64_t block, double power)
{
	const uint8_t *level = levels(j, block, p->of);
	double lost = 0, depth = 0;
	for (int b = p->low; b <= p->high; b++) {
		float own = j->excitation[p->of][b], by = j->excitation[p->by][b];
		double part = level[b] >= AUDIBLE ? (double)j->power[level[b]] * j->weight[b] : 0;
		if (part <= 0 || own >= by * j->offset)
			continue;
		lost += part;
		depth += part * 10 * log10((double)(by / own));
	}
	t->sounds++;
	if (lost < power / 2)
		return;
	t->hidden++;
	t->lost += lost;
	if (p->worst < 0 || depth / lost > p->depth) {
		p->worst = block;
		p->depth = depth / lost;
	}
}

/* The time of each pair and its worst block; those that last too short are dropped. */
static int
follow_all(struct judge *j, struct err *err)
{
	struct masking *m = j->m;
	struct tally *tally = calloc(m->pairs + 1, sizeof *tally);
	const double range = pow(10, -MASKING_RANGE / 10);
	int64_t blocks = bandlog_blocks(j->s->log);
	size_t left = 0;
	if (!tally)
		return err_set(err, "not enough memory");
	for (int64_t block = 0; block < blocks; block++)
		for (size_t k = 0; k < m->pairs; k++)
			tally[k].most = fmax(tally[k].most, power_of(j, &m->pair[k], block));
	for (int64_t block = 0; block < blocks && m->pairs; block++) {
		excite(j, block);
		for (size_t k = 0; k < m->pairs; k++) {
			double power = power_of(j, &m->pair[k], block);
			if (power > 0 && power >= tally[k].most * range)
				follow(j, &m->pair[k], &tally[k], block, power);
		}
	}
	for (size_t k = 0; k < m->pairs; k++) {
		struct masked_pair *p = &m->pair[k];
		double all = whole(j, p->of);
		p->time = tally[k].sounds ? (double)tally[k].hidden / (double)tally[k].sounds : 0;
		p->hidden = all > 0 ? tally[k].lost / all : 0;
		if (p->time >= MASKING_LEAST)
			m->pair[left++] = *p;
	}
	m->pairs = left;
	free(tally);
	return 0;
}

static int
add_pair(struct judge *j, const struct masked_pair *pair, struct err *err)
{
	struct masking *m = j->m;
	double energy = 0;
	for (int b = pair->low; b <= pair->high; b++)
		energy += m->strip[pair->of].band[b].energy;
	if (energy < MASKING_WEIGHT)
		return 0;
	if (m->pairs == j->room) {
		size_t room = j->room ? 2 * j->room : 32;
		struct masked_pair *more = realloc(m->pair, room * sizeof *more);
		if (!more)
			return err_set(err, "not enough memory");
		m->pair = more;
		j->room = room;
	}
	m->pair[m->pairs++] = *pair;
	return 0;
}

/* Neighbouring bands of one strip that another covers for most of their time. */
static int
find_pairs(struct judge *j, int strip, struct err *err)
{
	for (int by = 0; by < j->s->count; by++) {
		struct masked_pair pair = {.by = by, .of = strip, .low = -1, .worst = -1};
		for (int b = 0; b <= BANDS; b++) {
			int goes_on = b < BANDS && by_time(j, strip, by, b) >= MASKING_LEAST && is_own(j, strip, b);
			if (goes_on && pair.low < 0)
				pair.low = b;
			if (goes_on)
				pair.high = b;
			if (!goes_on && pair.low >= 0 && add_pair(j, &pair, err))
				return -1;
			pair.low = goes_on ? pair.low : -1;
		}
	}
	return 0;
}

static int
by_hidden(const void *a, const void *b)
{
	const struct masked_pair *x = a, *y = b;
	if (x->hidden != y->hidden)
		return (x->hidden < y->hidden) - (x->hidden > y->hidden);
	return x->of != y->of ? x->of - y->of : x->low - y->low;
}

static int
make_room(struct judge *j, struct err *err)
{
	size_t count = (size_t)j->s->count;
	j->sounds = calloc(count + 1, sizeof *j->sounds);
	j->hidden = calloc(count + 1, sizeof *j->hidden);
	j->by = calloc(count * count + 1, sizeof *j->by);
	j->energy = calloc(count + 1, sizeof *j->energy);
	j->lost = calloc(count + 1, sizeof *j->lost);
	j->lost_by = calloc(count * count + 1, sizeof *j->lost_by);
	j->most = calloc(count + 1, sizeof *j->most);
	j->excitation = calloc(count + 1, sizeof *j->excitation);
	j->gain = calloc(count + 1, sizeof *j->gain);
	j->m->strip = calloc(count + 1, sizeof *j->m->strip);
	if (!j->sounds || !j->hidden || !j->by || !j->energy || !j->lost || !j->lost_by || !j->most || !j->excitation ||
	    !j->gain || !j->m->strip)
		return err_set(err, "not enough memory");
	for (size_t k = 0; k < count; k++) {
		j->m->strip[k].by = -1;
		for (int b = 0; b < BANDS; b++)
			j->m->strip[k].band[b].by = -1, j->m->strip[k].band[b].worst = -1;
	}
	return 0;
}

int
masking_judge(const struct masking_strips *strips, struct masking *m, struct err *err)
{
	struct judge *j = calloc(1, sizeof *j);
	*m = (struct masking){NULL, NULL, 0};
	if (!j)
		return err_set(err, "not enough memory");
	j->s = strips;
	j->m = m;
	int status = make_room(j, err);
	if (!status) {
		make_tables(j);
		find_most(j);
		run_through(j);
	}
	for (int k = 0; k < strips->count && !status; k++)
		finish_strip(j, k);
	for (int k = 0; k < strips->count && !status; k++)
		status = find_pairs(j, k, err);
	status = status ? status : follow_all(j, err);
	if (!status && m->pairs)
		qsort(m->pair, m->pairs, sizeof *m->pair, by_hidden);
	free(j->sounds);
	free(j->hidden);
	free(j->by);
	free(j->energy);
	free(j->lost);
	free(j->lost_by);
	free(j->most);
	free(j->excitation);
	free(j->gain);
	free(j);
	if (status)
		masking_fini(m);
	return status;
}

void
masking_fini(struct masking *m)
{
	free(m->strip);
	free(m->pair);
	*m = (struct masking){NULL, NULL, 0};
}
