#include "dsp/loudness.h"
#include "dsp/loudness-state.h"

#include "base/fmath.h"

#define RELATIVE_GATE 10.0 /* LU below the mean of what passed the absolute gate, for integrated loudness */
#define RANGE_GATE 20.0    /* the same for the loudness range (Tech 3342) */
#define RANGE_LOW 0.10     /* the range leads from this part of the blocks */
#define RANGE_HIGH 0.95    /* to this */

static double
db_of_peak(float peak)
{
	return peak > 0 ? 20 * f_log10((double)peak) : LOUDNESS_SILENCE;
}

static double
loudness_of_sum(const struct loudness *m, double sum, uint64_t window)
{
	return loudness_of_energy(sum > 0 ? sum / loudness_window(m, window) : 0);
}

double
loudness_momentary(const void *state)
{
	const struct loudness *m = state;
	return loudness_of_sum(m, m->momentary, LOUDNESS_MOMENTARY);
}

double
loudness_shortterm(const void *state)
{
	const struct loudness *m = state;
	return loudness_of_sum(m, m->shortterm, LOUDNESS_PIECES);
}

double
loudness_piece(const void *state)
{
	const struct loudness *m = state;
	return m->pieces ? m->ring[(m->pieces - 1) % LOUDNESS_PIECES] : 0;
}

double
loudness_max_momentary(const void *state)
{
	return loudness_of_energy(((const struct loudness *)state)->max_momentary);
}

double
loudness_max_shortterm(const void *state)
{
	return loudness_of_energy(((const struct loudness *)state)->max_shortterm);
}

/* The first bin whose blocks' mean passes a gate `below` LU under the mean of all. */
static int
gate_bin(const struct loudness_histogram *h, double below)
{
	double gate = h->energy / (double)h->blocks * f_pow(10, -below / 10);
	double lufs = loudness_of_energy(gate);
	int bin = lufs > LOUDNESS_GATE ? (int)((lufs - LOUDNESS_GATE) / LOUDNESS_BIN) : 0;
	bin = bin > 0 ? bin - 1 : 0;
	while (bin < LOUDNESS_BINS - 1 && (!h->count[bin] || h->sum[bin] < gate * h->count[bin]))
		bin++;
	return bin;
}

double
loudness_integrated(const void *state)
{
	const struct loudness_histogram *h = &((const struct loudness *)state)->gating;
	if (!h->blocks)
		return LOUDNESS_SILENCE;
	double energy = 0;
	uint64_t blocks = 0;
	for (int bin = gate_bin(h, RELATIVE_GATE); bin < LOUDNESS_BINS; bin++) {
		energy += h->sum[bin];
		blocks += h->count[bin];
	}
	return loudness_of_energy(energy / (double)blocks);
}

/* The loudness that `part` of the blocks above the range's gate stay below (nearest rank). */
static double
percentile(const struct loudness_histogram *h, double part)
{
	if (!h->blocks)
		return LOUDNESS_SILENCE;
	int first = gate_bin(h, RANGE_GATE);
	uint64_t blocks = 0, below = 0;
	for (int bin = first; bin < LOUDNESS_BINS; bin++)
		blocks += h->count[bin];
	uint64_t rank = (uint64_t)(part * (double)(blocks - 1) + 0.5);
	int bin = first;
	while ((below += h->count[bin]) <= rank)
		bin++;
	return loudness_of_energy(h->sum[bin] / h->count[bin]);
}

double
loudness_range_low(const void *state)
{
	return percentile(&((const struct loudness *)state)->range, RANGE_LOW);
}

double
loudness_range_high(const void *state)
{
	return percentile(&((const struct loudness *)state)->range, RANGE_HIGH);
}

double
loudness_range(const void *state)
{
	const struct loudness *m = state;
	return m->range.blocks ? loudness_range_high(m) - loudness_range_low(m) : 0;
}

double
loudness_true_peak(const void *state)
{
	const struct loudness *m = state;
	return db_of_peak(m->true_peak[0] > m->true_peak[1] ? m->true_peak[0] : m->true_peak[1]);
}

double
loudness_side_true_peak(const void *state, int side)
{
	return db_of_peak(((const struct loudness *)state)->true_peak[side]);
}

double
loudness_sample_peak(const void *state)
{
	const struct loudness *m = state;
	return db_of_peak(m->peak[0] > m->peak[1] ? m->peak[0] : m->peak[1]);
}

float
loudness_side_peak(const void *state, int side)
{
	return ((const struct loudness *)state)->peak[side];
}

uint64_t
loudness_frames(const void *state)
{
	return ((const struct loudness *)state)->frames;
}
