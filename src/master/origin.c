#include "master/origin.h"

#include <math.h>
#include <stdio.h>

#include "base/times.h"
#include "base/units.h"

#define MOST_DC (-46.0)          /* dBFS: 0.5 % of full scale, which takes room from one side of the peaks */
#define LEAST_CORRELATION (-0.2) /* below it the middle is mostly gone in mono */
#define CRUSHED_PLR 8.0          /* dB from peak to loudness: what is below has been limited hard before */

void
origin_begin(struct origin *o, double rate)
{
	*o = (struct origin){.rate = rate, .head = -1};
	o->clips[0].first = o->clips[1].first = -1;
}

static int
silent(float l, float r)
{
	return l < ORIGIN_SILENCE && l > -ORIGIN_SILENCE && r < ORIGIN_SILENCE && r > -ORIGIN_SILENCE;
}

void
origin_take(struct origin *o, const float *const *side, size_t frames)
{
	for (int c = 0; c < 2; c++)
		clips_take(&o->clips[c], side[c], frames);
	for (size_t t = 0; t < frames; t++) {
		double l = (double)side[0][t], r = (double)side[1][t];
		o->sum[0] += l;
		o->sum[1] += r;
		o->square[0] += l * l;
		o->square[1] += r * r;
		o->product += l * r;
		if (silent(side[0][t], side[1][t])) {
			o->tail++;
		} else {
			if (o->head < 0)
				o->head = o->frames + (int64_t)t;
			o->tail = 0;
		}
	}
	o->frames += (int64_t)frames;
}

void
origin_finish(struct origin *o)
{
	double power = f_sqrt(o->square[0]) * f_sqrt(o->square[1]), both = o->square[0] + o->square[1];
	o->correlation = power > 0 ? o->product / power : 0;
	o->mono = both > 0 ? -gain_to_db(f_sqrt(both + 2 * o->product > 0 ? (both + 2 * o->product) / (2 * both) : 0)) : 0;
	if (o->head < 0)
		o->head = o->frames;
	for (int c = 0; c < 2; c++) {
		o->mean[c] = o->frames > 0 ? o->sum[c] / (double)o->frames : 0;
		clips_finish(&o->clips[c]);
	}
}

double
origin_dc(const struct origin *o)
{
	double l = o->mean[0] < 0 ? -o->mean[0] : o->mean[0], r = o->mean[1] < 0 ? -o->mean[1] : o->mean[1];
	return gain_to_db(l > r ? l : r);
}

uint64_t
origin_cuts(const struct origin *o)
{
	return o->clips[0].runs + o->clips[1].runs;
}

size_t
origin_faults(const struct origin *o, int mono, char fault[ORIGIN_FAULTS][256])
{
	size_t n = 0;
	char at[32];
	int64_t first = o->clips[0].first;
	if (first < 0 || (o->clips[1].first >= 0 && o->clips[1].first < first))
		first = o->clips[1].first;
	if (origin_cuts(o))
		snprintf(fault[n++], sizeof *fault,
		         "the mix is cut off at the top %llu times, first at %s; bounce it again, lower or as 32f",
		         (unsigned long long)origin_cuts(o), time_text((double)first / o->rate, 3, at));
	/* a file of one channel reads 3 dB less than the two sides it is played on */
	double plr = o->true_peak - o->integrated - (mono ? 3.01 : 0), dc = origin_dc(o);
	if (isfinite(plr) && plr < CRUSHED_PLR)
		snprintf(fault[n++], sizeof *fault,
		         "its peaks stand only %.1f dB above its loudness: it is limited already; ask for the mix without "
		         "limiter",
		         plr);
	if (dc > MOST_DC)
		snprintf(fault[n++], sizeof *fault,
		         "it has DC of %.1f dBFS; switch the DC filters of its strips on (`strip/*/dc on`)", dc);
	if (o->correlation < LEAST_CORRELATION)
		snprintf(fault[n++], sizeof *fault,
		         "its sides stand against each other (correlation %.2f) and cancel in mono; look for a side with its "
		         "polarity turned",
		         o->correlation);
	return n;
}
