#include "control/desk/heard.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NONE ((float)-HUGE_VAL)
#define PEAK_POINTS 60  /* points of DESK_PAST_MS that a peak to short-term ratio looks back on: 3 s */
#define STEREO_POINTS 8 /* the same of correlation and balance: 0.4 s */
#define CLOUD_HZ 3000.0 /* frames a second that are kept of the cloud */
#define QUIET 1e-12     /* mean square: nothing to compare */

/* Sums over frames: of left, right, and of their product. */
struct stereo {
	double l, r, both;
};

struct desk_heard {
	double rate;
	const struct loudness_unit *unit;
	void *meter;
	int mastered;
	uint32_t lost, lost_before;

	/* points of DESK_PAST_MS */
	int frames;               /* of the one under way */
	float limited, peak;      /* its greatest, and of the samples */
	struct stereo sum;        /* of it */
	float peaks[PEAK_POINTS]; /* the last ones, in rings */
	struct stereo stereo[STEREO_POINTS];
	unsigned points;
	float limited_past[DESK_PAST], limited_now, limited_most;
	float taken[GRAPH_TAKERS][4],
	    taken_now[GRAPH_TAKERS][4]; /* the farthest from 0 of the point, and of the last one */
	float correlation, least, balance;

	/* the curve over the song */
	double song, step; /* seconds; to a point */
	int count, at;     /* points; the one that plays, -1: none yet */
	float past[DESK_LOUDNESS_POINTS];

	float cloud[DESK_CLOUD][2];
	unsigned cloud_at;
	int thin; /* frames until the next one of the cloud */
};

struct desk_heard *
desk_heard_new(double rate)
{
	struct desk_heard *h = calloc(1, sizeof *h);
	if (!h)
		return NULL;
	h->rate = rate;
	h->unit = dsp_ops_pick(0)->loudness;
	h->meter = aligned_alloc(DSP_ALIGN, (h->unit->size() + DSP_ALIGN - 1) / DSP_ALIGN * DSP_ALIGN);
	if (!h->meter) {
		free(h);
		return NULL;
	}
	desk_heard_reset(h);
	desk_heard_song(h, 1);
	return h;
}

void
desk_heard_free(struct desk_heard *h)
{
	if (!h)
		return;
	free(h->meter);
	free(h);
}

void
desk_heard_reset(struct desk_heard *h)
{
	h->unit->init(h->meter, (int)h->rate);
	h->lost_before = h->lost;
	memset(h->peaks, 0, sizeof h->peaks);
	memset(h->stereo, 0, sizeof h->stereo);
	h->correlation = h->least = NAN;
	h->balance = 0;
	h->limited_most = 0;
	h->at = -1;
	for (int k = 0; k < DESK_LOUDNESS_POINTS; k++)
		h->past[k] = NONE;
}

void
desk_heard_song(struct desk_heard *h, double seconds)
{
	if (seconds == h->song)
		return;
	double step = ceil(seconds / DESK_LOUDNESS_POINTS);
	step = step > 1 ? step : 1;
	h->song = seconds;
	h->count = (int)ceil(seconds / step);
	h->count = h->count < 1 ? 1 : h->count;
	if (step == h->step)
		return;
	h->step = step;
	h->at = -1;
	for (int k = 0; k < DESK_LOUDNESS_POINTS; k++)
		h->past[k] = NONE;
}

static void
end_point(struct desk_heard *h, int paused)
{
	struct stereo all = {0, 0, 0};
	double frames = STEREO_POINTS * h->rate * DESK_PAST_MS / 1000;
	h->peaks[h->points % PEAK_POINTS] = h->peak;
	h->stereo[h->points % STEREO_POINTS] = h->sum;
	h->points++;
	for (int k = 0; k < STEREO_POINTS; k++) {
		all.l += h->stereo[k].l;
		all.r += h->stereo[k].r;
		all.both += h->stereo[k].both;
	}
	int heard = all.l > QUIET * frames && all.r > QUIET * frames;
	h->correlation = heard ? (float)(all.both / sqrt(all.l * all.r)) : NAN;
	h->balance = heard ? (float)(10 * log10(all.r / all.l)) : 0;
	if (heard && !paused && !(h->least <= h->correlation))
		h->least = h->correlation;
	memmove(h->limited_past, h->limited_past + 1, (DESK_PAST - 1) * sizeof *h->limited_past);
	h->limited_past[DESK_PAST - 1] = h->limited_now = h->limited;
	h->sum = (struct stereo){0, 0, 0};
	memcpy(h->taken_now, h->taken, sizeof h->taken_now);
	memset(h->taken, 0, sizeof h->taken);
	h->limited = h->peak = 0;
	h->frames = 0;
}

static void
take_frames(struct desk_heard *h, const float *l, const float *r)
{
	int thin = (int)(h->rate / CLOUD_HZ);
	for (int t = 0; t < QUANTUM; t++) {
		float a = l[t] < 0 ? -l[t] : l[t], b = r[t] < 0 ? -r[t] : r[t];
		h->sum.l += (double)l[t] * (double)l[t];
		h->sum.r += (double)r[t] * (double)r[t];
		h->sum.both += (double)l[t] * (double)r[t];
		a = a > b ? a : b;
		h->peak = a > h->peak ? a : h->peak;
		if (--h->thin > 0)
			continue;
		h->thin = thin;
		float *point = h->cloud[h->cloud_at++ % DESK_CLOUD];
		point[0] = 0.5f * (r[t] - l[t]);
		point[1] = 0.5f * (l[t] + r[t]);
	}
}

/* The curve over the song: a point that is entered begins anew. */
static void
draw_curve(struct desk_heard *h, int64_t frame)
{
	int at = (int)((double)frame / h->rate / h->step);
	float now = (float)loudness_shortterm(h->meter);
	if (at < 0 || at >= DESK_LOUDNESS_POINTS)
		return;
	h->past[at] = at != h->at || now > h->past[at] ? now : h->past[at];
	h->at = at;
}

void
desk_heard_take(struct desk_heard *h, const struct player_look *look, int paused)
{
	h->lost = look->lost;
	if (look->mastered != h->mastered || (look->begins && !paused))
		desk_heard_reset(h);
	h->mastered = look->mastered;
	take_frames(h, look->heard[0], look->heard[1]);
	h->limited = look->limited > h->limited ? look->limited : h->limited;
	for (int k = 0; k < GRAPH_TAKERS * 4; k++)
		if (fabsf(look->taken[k / 4][k % 4]) > fabsf(h->taken[k / 4][k % 4]))
			h->taken[k / 4][k % 4] = look->taken[k / 4][k % 4];
	if (!paused) {
		h->unit->run(h->meter, look->heard[0], look->heard[1], QUANTUM);
		h->limited_most = look->limited > h->limited_most ? look->limited : h->limited_most;
		draw_curve(h, look->frame);
	}
	h->frames += QUANTUM;
	if (h->frames >= h->rate * DESK_PAST_MS / 1000)
		end_point(h, paused);
}

void
desk_heard_read(const struct desk_heard *h, struct desk_loudness *m, int gated)
{
	m->mastered = h->mastered;
	m->seconds = (double)loudness_frames(h->meter) / h->rate;
	m->lost = h->lost - h->lost_before;
	m->momentary = (float)loudness_momentary(h->meter);
	m->shortterm = (float)loudness_shortterm(h->meter);
	m->max_momentary = (float)loudness_max_momentary(h->meter);
	m->max_shortterm = (float)loudness_max_shortterm(h->meter);
	if (gated) {
		m->integrated = (float)loudness_integrated(h->meter);
		m->range_low = (float)loudness_range_low(h->meter);
		m->range = isfinite(m->range_low) ? (float)loudness_range(h->meter) : NAN;
		m->range_high = (float)loudness_range_high(h->meter);
	}
	float peak = 0, highest = NONE;
	for (int c = 0; c < 2; c++) {
		float sample = loudness_side_peak(h->meter, c);
		m->true_peak[c] = (float)loudness_side_true_peak(h->meter, c);
		m->sample_peak[c] = sample > 0 ? 20 * log10f(sample) : NONE;
		highest = m->true_peak[c] > highest ? m->true_peak[c] : highest;
	}
	for (int k = 0; k < PEAK_POINTS; k++)
		peak = h->peaks[k] > peak ? h->peaks[k] : peak;
	m->plr = isfinite(m->integrated) ? highest - m->integrated : NAN;
	m->psr = isfinite(m->shortterm) && peak > 0 ? 20 * log10f(peak) - m->shortterm : NAN;
	m->point_seconds = h->step;
	m->points = h->count;
	m->now = h->at;
	memcpy(m->past, h->past, sizeof m->past);
	m->limited = h->limited_now;
	memcpy(m->multi, h->taken_now[GRAPH_MULTI], sizeof m->multi);
	memcpy(m->dyneq, h->taken_now[GRAPH_DYNEQ], sizeof m->dyneq);
	m->clipped = h->taken_now[GRAPH_CLIPPER][0];
	m->limited_most = h->limited_most;
	memcpy(m->limited_past, h->limited_past, sizeof m->limited_past);
	m->correlation = h->correlation;
	m->least_correlation = h->least;
	m->balance = h->balance;
	memcpy(m->cloud, h->cloud, sizeof m->cloud);
}
