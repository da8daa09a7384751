#include "dsp/loudness.h"

#include <string.h>

#include "base/fmath.h"
#include "dsp/loudness-state.h"
#include "dsp/truepeak.h"

/* The kernel's state: what the read-outs know, and the table of its own width. */
struct meter {
	struct loudness m;
	struct truepeak truepeak;
};

#define OLD LOUDNESS_CHUNK /* where the new chunk begins in side[] */
#define GROUPS (LOUDNESS_CHUNK / TRUEPEAK_GROUP)
#define FIRST_GROUP (GROUPS - TRUEPEAK_REACH / TRUEPEAK_GROUP) /* of the gaps that a new chunk completes */

_Static_assert(2 * TRUEPEAK_REACH <= LOUDNESS_CHUNK, "a chunk completes its gaps from itself and the one before it");

static size_t
meter_size(void)
{
	return sizeof(struct meter);
}

/*
 * BS.1770 gives both biquads at 48 kHz only. These are the analogue prototypes behind them (a 4 dB shelf at 1682 Hz and
 * a high-pass at 38 Hz), transformed bilinearly for any rate, which at 48 kHz meets the standard's numbers.
 */
static void
filter_init(struct loudness_filter *f, double rate)
{
	double q = 0.7071752369554196, k = f_tan(F_PI * 1681.974450955533 / rate);
	double high = f_pow(10, 3.999843853973347 / 20), band = f_pow(high, 0.4996667741545416);
	double a0 = 1 + k / q + k * k;
	f->b0 = (high + band * k / q + k * k) / a0;
	f->b1 = 2 * (k * k - high) / a0;
	f->b2 = (high - band * k / q + k * k) / a0;
	f->a1 = 2 * (k * k - 1) / a0;
	f->a2 = (1 - k / q + k * k) / a0;
	q = 0.5003270373238773;
	k = f_tan(F_PI * 38.13547087602444 / rate);
	a0 = 1 + k / q + k * k;
	f->c1 = 2 * (k * k - 1) / a0;
	f->c2 = (1 - k / q + k * k) / a0;
}

static void
meter_init(void *state, int rate)
{
	struct meter *s = state;
	memset(s, 0, sizeof *s);
	s->m.rate = rate;
	s->m.piece_end = loudness_boundary(rate, 1);
	filter_init(&s->m.filter, rate);
	TIMED(truepeak_init)(&s->truepeak, TRUEPEAK_METER);
}

/*
 * The K filter over `frames` frames, adding up squares in the order of frames. Both sides go together; only a1 y1 and
 * c1 z1 stand between one frame and the next, everything else runs ahead.
 */
static void
filter_run(struct loudness_filter *f, loudness_pair *energy, const float *l, const float *r, size_t frames)
{
	loudness_pair x1 = f->x1, x2 = f->x2, y1 = f->y1, y2 = f->y2, bend = f->bend, z1 = f->z1, z2 = f->z2, sum = *energy;
	double b0 = f->b0, b1 = f->b1, b2 = f->b2, a1 = f->a1, a2 = f->a2, c1 = f->c1, c2 = f->c2;
	for (size_t n = 0; n < frames; n++) {
		loudness_pair x = {(double)l[n], (double)r[n]};
		loudness_pair y = ((x * b0 + (x1 * b1 + x2 * b2)) - y2 * a2) - y1 * a1;
		loudness_pair slope = y - y1;
		loudness_pair z = ((slope - bend) - z2 * c2) - z1 * c1;
		sum += z * z;
		x2 = x1, x1 = x, y2 = y1, y1 = y, bend = slope, z2 = z1, z1 = z;
	}
	f->x1 = x1, f->x2 = x2, f->y1 = y1, f->y2 = y2, f->bend = bend, f->z1 = z1, f->z2 = z2;
	*energy = sum;
}

static void
count_block(struct loudness_histogram *h, double energy)
{
	double lufs = loudness_of_energy(energy);
	if (!(lufs > LOUDNESS_GATE))
		return;
	double place = (lufs - LOUDNESS_GATE) / LOUDNESS_BIN;
	int bin = place < LOUDNESS_BINS - 1 ? (int)place : LOUDNESS_BINS - 1;
	h->blocks++;
	h->energy += energy;
	h->count[bin]++;
	h->sum[bin] += energy;
}

/* The sum of the last `pieces` pieces. */
static double
ring_sum(const struct loudness *m, int pieces)
{
	double sum = 0;
	for (int k = pieces; k >= 1; k--)
		sum += m->ring[(m->pieces + LOUDNESS_PIECES - (uint64_t)k) % LOUDNESS_PIECES];
	return sum;
}

/* A piece is full: moves the windows on. Their sums are made anew at every gating block, so that errors don't gather.
 */
static void
end_piece(struct loudness *m)
{
	double energy = m->energy[0] + m->energy[1];
	uint64_t place = m->pieces % LOUDNESS_PIECES;
	uint64_t leaves = (m->pieces + LOUDNESS_PIECES - LOUDNESS_MOMENTARY) % LOUDNESS_PIECES;
	m->momentary += energy - m->ring[leaves];
	m->shortterm += energy - m->ring[place];
	m->ring[place] = energy;
	m->pieces++;
	m->energy = (loudness_pair){0, 0};
	m->piece_end = loudness_boundary(m->rate, m->pieces + 1);
	int gating = m->pieces % LOUDNESS_STEP == 0;
	if (gating) {
		m->momentary = ring_sum(m, LOUDNESS_MOMENTARY);
		m->shortterm = ring_sum(m, LOUDNESS_PIECES);
	}
	double momentary = m->momentary / loudness_window(m, LOUDNESS_MOMENTARY);
	double shortterm = m->shortterm / loudness_window(m, LOUDNESS_PIECES);
	if (momentary > m->max_momentary)
		m->max_momentary = momentary;
	if (shortterm > m->max_shortterm)
		m->max_shortterm = shortterm;
	if (gating && m->pieces >= LOUDNESS_MOMENTARY)
		count_block(&m->gating, momentary);
	if (gating && m->pieces >= LOUDNESS_PIECES)
		count_block(&m->range, shortterm);
}

/* The peaks of a whole chunk. Groups of frames that cannot rise above what is known are not interpolated. */
static void
end_chunk(struct meter *s)
{
	struct loudness *m = &s->m;
	const struct truepeak *t = &s->truepeak;
	for (int c = 0; c < 2; c++) {
		float *height = m->height[c], *bend = m->bend[c], *highest = &m->true_peak[c];
		TIMED(truepeak_bounds)(m->side[c] + OLD, LOUDNESS_CHUNK, height + GROUPS, bend + GROUPS);
		float peak = truepeak_greatest(height + GROUPS, GROUPS);
		m->peak[c] = peak > m->peak[c] ? peak : m->peak[c];
		if (truepeak_bound(t, height, bend, FIRST_GROUP, GROUPS) <= *highest)
			continue;
		for (int g = FIRST_GROUP; g < FIRST_GROUP + GROUPS; g++) {
			if (truepeak_bound(t, height, bend, g, 1) <= *highest)
				continue;
			float peaks[TRUEPEAK_GROUP];
			TIMED(truepeak_scan)(t, TRUEPEAK_METER, m->side[c] + TRUEPEAK_GROUP * g, NULL, *highest, peaks);
			peak = truepeak_greatest(peaks, TRUEPEAK_GROUP);
			*highest = peak > *highest ? peak : *highest;
		}
	}
	for (int c = 0; c < 2; c++) {
		memcpy(m->side[c], m->side[c] + OLD, sizeof(float) * LOUDNESS_CHUNK);
		memcpy(m->height[c], m->height[c] + GROUPS, sizeof(float) * GROUPS);
		memcpy(m->bend[c], m->bend[c] + GROUPS, sizeof(float) * GROUPS);
	}
	m->fill = 0;
}

static void
meter_run(void *state, const float *l, const float *r, size_t frames)
{
	struct meter *s = state;
	struct loudness *m = &s->m;
	while (frames) {
		size_t n = LOUDNESS_CHUNK - (size_t)m->fill;
		if (n > m->piece_end - m->frames)
			n = (size_t)(m->piece_end - m->frames);
		if (n > frames)
			n = frames;
		memcpy(m->side[0] + OLD + m->fill, l, n * sizeof *l);
		memcpy(m->side[1] + OLD + m->fill, r, n * sizeof *r);
		filter_run(&m->filter, &m->energy, l, r, n);
		m->fill += (int)n;
		m->frames += n;
		l += n, r += n, frames -= n;
		if (m->fill == LOUDNESS_CHUNK)
			end_chunk(s);
		if (m->frames == m->piece_end)
			end_piece(m);
	}
}

static void
meter_finish(void *state)
{
	struct meter *s = state;
	struct loudness *m = &s->m;
	for (int n = 0; n < 2; n++) {
		for (int c = 0; c < 2; c++)
			memset(m->side[c] + OLD + m->fill, 0, sizeof(float) * (size_t)(LOUDNESS_CHUNK - m->fill));
		end_chunk(s);
	}
}

const struct loudness_unit TIMED(loudness_unit) = {meter_size, meter_init, meter_run, meter_finish};
