#include <stdio.h>
#include <stdlib.h>

#include "base/units.h"
#include "dsp/ops.h"
#include "master/faults_parts.h"

#define GAP 0.25    /* seconds without that end a hit */
#define LIMITED 1.0 /* dB of reduction that are told */
#define SLICE 512   /* frames that true peaks are measured in; a divisor of every block */
#define REACH 64    /* frames to each side that they depend on */
#define NEAR 6.0    /* dB below the ceiling: from there on a peak between samples may be above it */

/* One fault that goes on. */
struct hit {
	int open;
	struct fault fault;
	float top; /* the greatest sample so far, whose moment is the fault's */
	int frames;
	struct blame blame;
};

struct levels_watch {
	const struct dsp_ops *ops;
	void *meter; /* of loudness, for its true peak */
	int limits;  /* the master's limiter is on */
	double ceiling;
	int64_t gap;
	struct hit hit[FAULT_LIMIT + 1];
};

struct levels_watch *
levels_new(struct faulty *f)
{
	struct levels_watch *w = calloc(1, sizeof *w);
	const double *master = session_master(f->session)->value;
	size_t size;
	if (w) {
		w->ops = dsp_ops_pick(0);
		size = (w->ops->loudness->size() + DSP_ALIGN - 1) / DSP_ALIGN * DSP_ALIGN;
		w->meter = aligned_alloc(DSP_ALIGN, size);
		w->limits = master[P_LIMIT_ON] != 0;
		w->ceiling = master[P_LIMIT_CEILING];
		w->gap = (int64_t)(GAP * taps_rate(f->taps));
	}
	if (!w || !w->meter) {
		levels_free(w);
		err_set(f->err, "not enough memory");
		return NULL;
	}
	return w;
}

void
levels_free(struct levels_watch *w)
{
	if (!w)
		return;
	free(w->meter);
	free(w);
}

static int
say(struct faulty *f, enum fault_kind kind, const struct hit *h)
{
	char whom[230];
	const char *comma = blame_text(f->session, &h->blame, whom, sizeof whom) ? ", " : "";
	struct fault *fault = fault_add(f, kind);
	if (!fault)
		return -1;
	*fault = h->fault;
	fault->kind = kind;
	fault->uid = blame_whom(&h->blame);
	fault->share = h->blame.share > 1 ? 1 : h->blame.share;
	if (kind == FAULT_PEAK)
		snprintf(fault->text, sizeof fault->text, "%.1f dB above the ceiling of %.1f dBTP%s%s", fault->figure,
		         f->levels->ceiling, comma, whom);
	else if (kind == FAULT_CLIP)
		snprintf(fault->text, sizeof fault->text, "%.1f dB above full scale, %d sample%s cut off%s%s", fault->figure,
		         h->frames, h->frames == 1 ? "" : "s", comma, whom);
	else
		snprintf(fault->text, sizeof fault->text, "%.1f dB of limiting%s%s", fault->figure, comma, whom);
	return 0;
}

static int
end(struct faulty *f, enum fault_kind kind)
{
	struct hit *h = &f->levels->hit[kind];
	int failed = h->open ? say(f, kind, h) : 0;
	*h = (struct hit){0};
	return failed;
}

/* A hit of `figure` from one frame to another, whose highest sample `top` lies at `at`. */
static int
note(struct faulty *f, enum fault_kind kind, double figure, int64_t from, int64_t to, int64_t at, float top, int frames)
{
	struct hit *h = &f->levels->hit[kind];
	if (h->open && from - h->fault.to > f->levels->gap && end(f, kind))
		return -1;
	if (!h->open)
		*h = (struct hit){.open = 1, .fault = {.from = from}};
	h->fault.to = to;
	h->frames += frames;
	h->fault.figure = figure > h->fault.figure ? figure : h->fault.figure;
	if (top > h->top) {
		h->top = top;
		h->fault.frame = at;
		blame_look(f->taps, at, &h->blame);
	}
	return 0;
}

static float
magnitude(float x)
{
	return x < 0 ? -x : x;
}

/* The greatest sample of a node's frames, and where. */
static float
top_of(const struct taps *t, int node, int64_t frame, int frames, int64_t *at)
{
	float top = 0;
	for (int c = 0; c < 2; c++) {
		const float *x = taps_at(t, node, c, frame);
		for (int k = 0; k < frames; k++)
			if (magnitude(x[k]) > top) {
				top = magnitude(x[k]);
				*at = frame + k;
			}
	}
	return top;
}

static float
peak_of(const struct faulty *f, int node, int64_t frame)
{
	float peak = 0;
	for (int c = 0; c < 2; c++) {
		float side = f->levels->ops->bank->peak(taps_at(f->taps, node, c, frame), f->to->block);
		peak = side > peak ? side : peak;
	}
	return peak;
}

static int
look_for_clips(struct faulty *f, int64_t frame)
{
	int mix = taps_mix(f->taps), over = 0;
	int64_t at = frame, first = -1, last = frame;
	if (peak_of(f, mix, frame) <= 1)
		return 0;
	float top = top_of(f->taps, mix, frame, f->to->block, &at);
	for (int k = 0; k < f->to->block; k++)
		for (int c = 0; c < 2; c++)
			if (magnitude(taps_at(f->taps, mix, c, frame)[k]) > 1) {
				over++;
				first = first < 0 ? frame + k : first;
				last = frame + k;
			}
	return note(f, FAULT_CLIP, gain_to_db((double)top), first, last, at, top, over);
}

/* Slices end where the block before ended less what lies behind them, which is to be there. */
static int
look_for_peaks(struct faulty *f, int64_t frame)
{
	struct levels_watch *w = f->levels;
	int master = taps_master(f->taps);
	double least = w->ceiling - NEAR;
	if (w->limits)
		return 0;
	for (int64_t from = frame - REACH; from < frame - REACH + f->to->block; from += SLICE) {
		int64_t at = from;
		float top = top_of(f->taps, master, from, SLICE, &at);
		if (gain_to_db((double)top) < least)
			continue;
		w->ops->loudness->init(w->meter, (int)taps_rate(f->taps));
		w->ops->loudness->run(w->meter, taps_at(f->taps, master, 0, from - REACH),
		                      taps_at(f->taps, master, 1, from - REACH), SLICE + 2 * REACH);
		double over = loudness_true_peak(w->meter) - w->ceiling;
		if (over > 0.005 && note(f, FAULT_PEAK, over, from, from + SLICE, at, top, 0))
			return -1;
	}
	return 0;
}

int
levels_take(struct faulty *f, int64_t frame, double limited)
{
	int64_t at = frame;
	if (f->kinds & 1u << FAULT_CLIP && look_for_clips(f, frame))
		return -1;
	if (f->kinds & 1u << FAULT_PEAK && look_for_peaks(f, frame))
		return -1;
	if (!(f->kinds & 1u << FAULT_LIMIT) || limited < LIMITED)
		return 0;
	/* what the limiter works for is what is greatest in the mix about then */
	int64_t from = frame - f->to->block / 2;
	float top = top_of(f->taps, taps_mix(f->taps), from, f->to->block, &at);
	return note(f, FAULT_LIMIT, limited, from, frame + f->to->block, at, top, 0);
}

int
levels_end(struct faulty *f)
{
	for (int kind = 0; kind <= FAULT_LIMIT; kind++)
		if (end(f, (enum fault_kind)kind))
			return -1;
	return 0;
}
