#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "master/faults_parts.h"

/*
 * A strip is sibilant where 5 to 10 kHz of the mix stands above its body, 1 to 4 kHz, most of that is the strip's, and
 * the strip itself has a body at other times: so cymbals are not meant.
 */
#define ABOVE 3.0    /* dB, 5 to 10 kHz against 1 to 4 kHz, in the mix and in the strip */
#define USUAL (-3.0) /* dB, the same of the strip over the song: it must lie below */
#define STANDS 3.0   /* dB above the mean of the mix's 5 to 10 kHz over the song */
#define MOST 0.5     /* of the mix's that is the strip's */
#define GAP 0.15     /* seconds between two */

static double
power(int level)
{
	return level == BANDLOG_SILENCE ? 0 : pow(10, bandlog_db(level) / 10);
}

/* dB over the song, of a node: 5 to 10 kHz against 1 to 4 kHz; its mean power of 5 to 10 kHz in *mean. */
static double
usual(const struct faulty *f, int node, double *mean)
{
	double body = 0, high = 0;
	int64_t blocks = bandlog_blocks(f->log);
	for (int64_t b = 0; b < blocks; b++) {
		body += power(bandlog_levels(f->log, b, node)[BANDLOG_BODY]);
		high += power(bandlog_levels(f->log, b, node)[BANDLOG_SIBILANCE]);
	}
	*mean = blocks ? high / (double)blocks : 0;
	return high <= 0 ? -HUGE_VAL : body <= 0 ? HUGE_VAL : 10 * log10(high / body);
}

/* The strip that has most of the 5 to 10 kHz of all in a block, and its share. */
static int
greatest(const struct faulty *f, int64_t block, double *share)
{
	double all = 0, most = 0;
	int whose = -1;
	for (int k = 0; k < f->strips; k++) {
		double x = power(bandlog_levels(f->log, block, f->node[k])[BANDLOG_SIBILANCE]) * pow(10, f->gain[k] / 10);
		all += x;
		if (x > most) {
			most = x;
			whose = k;
		}
	}
	*share = all > 0 ? most / all : 0;
	return whose;
}

static int
ratio(const uint8_t *level)
{
	return level[BANDLOG_SIBILANCE] - level[BANDLOG_BODY]; /* half decibels */
}

static void
describe(const struct faulty *f, struct fault *fault, int node)
{
	char name[100];
	snprintf(fault->text, sizeof fault->text, "5 to 10 kHz stand %.1f dB above 1 to 4 kHz, %.0f %% of it %s",
	         fault->figure, fault->share * 100, fault_name(f, node, name, sizeof name));
}

int
sibilance_find(struct faulty *f)
{
	int mix = taps_mix(f->taps), block = f->to->block, *voice = calloc((size_t)f->strips + 1, sizeof *voice);
	double mean, unused;
	size_t first = f->to->count;
	if (!voice)
		return err_set(f->err, "not enough memory");
	usual(f, mix, &mean);
	for (int k = 0; k < f->strips; k++)
		voice[k] = usual(f, f->node[k], &unused) < USUAL;
	int64_t gap = (int64_t)(GAP * taps_rate(f->taps));
	for (int64_t b = 0; b < bandlog_blocks(f->log); b++) {
		const uint8_t *level = bandlog_levels(f->log, b, mix);
		double share, above = ratio(level) * 0.5;
		if (above < ABOVE || power(level[BANDLOG_SIBILANCE]) < mean * pow(10, STANDS / 10))
			continue;
		int k = greatest(f, b, &share);
		if (k < 0 || !voice[k] || share < MOST || ratio(bandlog_levels(f->log, b, f->node[k])) * 0.5 < ABOVE)
			continue;
		int64_t frame = taps_from(f->taps) + b * block;
		struct fault *last = f->to->count > first ? &f->to->found[f->to->count - 1] : NULL;
		uint32_t uid = taps_uid(f->taps, f->node[k]);
		if (!last || last->uid != uid || frame - last->to > gap) {
			if (!(last = fault_add(f, FAULT_SIBILANCE))) {
				free(voice);
				return -1;
			}
			last->figure = -1;
			last->from = frame;
			last->uid = uid;
		}
		last->to = frame + block;
		if (above > last->figure) {
			last->figure = above;
			last->frame = frame;
			last->share = share;
		}
		describe(f, last, f->node[k]);
	}
	free(voice);
	return 0;
}
