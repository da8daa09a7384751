#include "engine/outlet.h"

#include <stdlib.h>
#include <string.h>

#include "media/rate.h"

static void *
aligned_zero(size_t size)
{
	size = (size + DSP_ALIGN - 1) / DSP_ALIGN * DSP_ALIGN;
	void *p = aligned_alloc(DSP_ALIGN, size);
	if (p)
		memset(p, 0, size);
	return p;
}

static void
release(struct outlet *o)
{
	rate_free(o->rates);
	free(o->limiter);
	free(o->meter);
	for (int c = 0; c < 2; c++) {
		free(o->wait[c]);
		free(o->room[c]);
	}
}

void
outlet_abort(struct outlet *o)
{
	sink_abort(o->sink);
	release(o);
	*o = (struct outlet){0};
}

int
outlet_commit(struct outlet *o, struct err *err)
{
	int status = o->sink ? sink_commit(o->sink, err) : 0;
	release(o);
	*o = (struct outlet){0};
	return status;
}

static int
open_converter(struct outlet *o, const struct outlet_spec *spec, struct err *err)
{
	if (o->rate != spec->song_rate) {
		o->rates = rate_new((uint32_t)spec->song_rate, (uint32_t)o->rate, 2, RATE_FLOAT, RATE_FLOAT, err);
		if (!o->rates)
			return -1;
		o->room_frames = rate_room(o->rates, (size_t)spec->chunk);
	}
	if (spec->limiter) {
		o->limiter = aligned_zero(spec->ops->master[MASTER_LIMITER]->size(o->rate));
		if (!o->limiter)
			return err_set(err, "bounce: not enough memory");
		spec->ops->master[MASTER_LIMITER]->init(o->limiter, o->rate);
		spec->ops->master[MASTER_LIMITER]->set(o->limiter, spec->limiter, 1);
		o->swallow = LIMITER_LATENCY;
	}
	return 0;
}

int
outlet_open(struct outlet *o, const struct outlet_spec *spec, struct err *err)
{
	*o = (struct outlet){.ops = spec->ops,
	                     .node = spec->node,
	                     .latency = spec->latency,
	                     .peak_frame = -1,
	                     .rate = spec->file->rate,
	                     .take = spec->take,
	                     .arg = spec->arg,
	                     .room_frames = QUANTUM};
	struct sink_spec file = *spec->file;
	file.frames_expected = (uint64_t)((double)file.frames_expected * o->rate / spec->song_rate);
	file.origin = (uint64_t)((double)file.origin * o->rate / spec->song_rate);
	int status = open_converter(o, spec, err);
	o->meter = aligned_zero(spec->ops->loudness->size());
	for (int c = 0; c < 2; c++) {
		o->wait[c] = aligned_zero(QUANTUM * sizeof(float));
		o->room[c] = aligned_zero(o->room_frames * sizeof(float));
	}
	if (!status && (!o->meter || !o->wait[0] || !o->wait[1] || !o->room[0] || !o->room[1]))
		status = err_set(err, "bounce: not enough memory");
	if (!status)
		spec->ops->loudness->init(o->meter, (int)o->rate);
	if (!status && file.path && !(o->sink = sink_open(&file, err)))
		status = -1;
	if (status)
		outlet_abort(o);
	return status;
}

/* Measures and writes frames that are ready. */
static int
deliver(struct outlet *o, const float *const *side, size_t frames, struct err *err)
{
	for (int c = 0; c < 2; c++) {
		if (o->ops->bank->peak(side[c], (int)frames) <= o->peak)
			continue;
		for (size_t t = 0; t < frames; t++) {
			float x = side[c][t] < 0 ? -side[c][t] : side[c][t];
			if (x > o->peak) {
				o->peak = x;
				o->peak_frame = o->frames + (int64_t)t;
			}
		}
	}
	o->ops->loudness->run(o->meter, side[0], side[1], frames);
	o->frames += (int64_t)frames;
	if (o->take && o->take(o->arg, side, frames, err))
		return -1;
	return o->sink ? sink_write(o->sink, side, frames, err) : 0;
}

/* Through the limiter, which works in quanta and comes late. */
static int
limit(struct outlet *o, const float *const *side, size_t frames, struct err *err)
{
	for (size_t t = 0; t < frames;) {
		size_t count = QUANTUM - (size_t)o->pending;
		count = count < frames - t ? count : frames - t;
		for (int c = 0; c < 2; c++)
			memcpy(o->wait[c] + o->pending, side[c] + t, count * sizeof(float));
		o->pending += (int)count;
		t += count;
		if (o->pending < QUANTUM)
			return 0;
		o->ops->master[MASTER_LIMITER]->run(o->limiter, o->wait[0], o->wait[1]);
		o->pending = 0;
		const float *ready[2] = {o->wait[0], o->wait[1]};
		if (o->swallow > 0)
			o->swallow -= QUANTUM;
		else if (deliver(o, ready, QUANTUM, err))
			return -1;
	}
	return 0;
}

static int
convert(struct outlet *o, const float *const *side, size_t frames, struct err *err)
{
	return o->limiter ? limit(o, side, frames, err) : deliver(o, side, frames, err);
}

int
outlet_take(struct outlet *o, const float *const *side, int frames, struct err *err)
{
	if (!o->rates)
		return convert(o, side, (size_t)frames, err);
	const void *in[2] = {side[0], side[1]};
	void *out[2] = {o->room[0], o->room[1]};
	size_t got;
	if (rate_run(o->rates, in, (size_t)frames, out, &got, err))
		return -1;
	const float *ready[2] = {o->room[0], o->room[1]};
	return convert(o, ready, got, err);
}

int
outlet_finish(struct outlet *o, int64_t frames, struct err *err)
{
	int64_t all = o->rates ? (int64_t)rate_length(o->rates, (uint64_t)frames) : frames;
	const float *ready[2] = {o->room[0], o->room[1]};
	void *out[2] = {o->room[0], o->room[1]};
	for (size_t got = 1; o->rates && got;) {
		if (rate_drain(o->rates, out, o->room_frames, &got, err) || convert(o, ready, got, err))
			return -1;
	}
	/* silence pushes out what the limiter holds; what is too much of it is not delivered */
	static const float silence[QUANTUM];
	const float *none[2] = {silence, silence};
	while (o->limiter && o->frames < all) {
		size_t missing = (size_t)(all - o->frames);
		if (missing < QUANTUM && o->swallow <= 0) {
			memset(o->wait[0] + o->pending, 0, (QUANTUM - (size_t)o->pending) * sizeof(float));
			memset(o->wait[1] + o->pending, 0, (QUANTUM - (size_t)o->pending) * sizeof(float));
			o->ops->master[MASTER_LIMITER]->run(o->limiter, o->wait[0], o->wait[1]);
			const float *last[2] = {o->wait[0], o->wait[1]};
			if (deliver(o, last, missing, err))
				return -1;
		} else if (limit(o, none, QUANTUM, err)) {
			return -1;
		}
	}
	o->ops->loudness->finish(o->meter);
	return 0;
}
