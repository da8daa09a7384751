#include "engine/bounce.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"
#include "dsp/loudness.h"
#include "engine/graph.h"
#include "engine/pool.h"

#define MAX_TAIL 30.0 /* seconds after the last region that reverbs and delays get at the most */

/* A bounce under way: what its tail (engine/pool.h) needs. */
struct bounce {
	const struct bounce_options *options;
	struct bounce_report *report;
	struct err *err;
	struct graph *graph;
	const struct dsp_ops *ops;
	struct sink *sink;
	void *meter;
	int node, latency, chunk;
	int64_t start, from, to; /* frames of the song */
	float peak;
};

static double
seconds_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double
larger(double a, double b)
{
	return a > b ? a : b;
}

/* Seconds that a bus rings on: the reverb's RT60, the delay's repeats down to -60 dB. */
static double
ring_time(const struct node *bus)
{
	double reverb = 0, echo = 0;
	if (bus->value[P_REVERB_ON] != 0)
		reverb = (bus->value[P_REVERB_TIME] * larger(1, bus->value[P_REVERB_LOW]) + bus->value[P_REVERB_PREDELAY]) / 1000;
	if (bus->value[P_ECHO_ON] != 0) {
		double feedback = bus->value[P_ECHO_FEEDBACK] / 100, repeats = feedback > 0.001 ? -3 / f_log10(feedback) : 0;
		echo = 2 * (1 + repeats); /* at the longest time there is */
		if (bus->value[P_ECHO_NOTE] == 0)
			echo *= bus->value[P_ECHO_TIME] / 2000;
	}
	return reverb + echo;
}

static int64_t
tail_frames(struct session *session, double asked)
{
	double tail = asked;
	if (asked < 0) {
		const struct node *bus;
		tail = 0;
		for (size_t k = 0; (bus = session_node(session, K_BUS, k)); k++)
			tail = larger(tail, ring_time(bus));
		tail = tail < MAX_TAIL ? tail : MAX_TAIL;
	}
	return (int64_t)(tail * session_rate(session));
}

/* The strip that was loudest in the quantum that holds this frame of the song. */
static void
blame(struct bounce *b, int64_t frame)
{
	float most = 0;
	for (int k = 0; k < graph_mix(b->graph); k++) {
		int64_t time = frame - b->start + graph_latency(b->graph, k);
		for (int side = 0; side < 2; side++) {
			float peak = graph_peak(b->graph, k, side, time);
			if (peak > most && graph_feeds_mix(b->graph, k)) {
				most = peak;
				b->report->loudest = graph_uid(b->graph, k);
			}
		}
	}
	b->report->loudest_peak = gain_to_db((double)most);
}

static void
find_peak(struct bounce *b, const float *const side[2], int frames, int64_t song)
{
	for (int c = 0; c < 2; c++) {
		if (b->ops->bank->peak(side[c], frames) <= b->peak)
			continue;
		for (int t = 0; t < frames; t++) {
			float x = side[c][t] < 0 ? -side[c][t] : side[c][t];
			if (x > b->peak) {
				b->peak = x;
				b->report->peak_frame = song + t;
			}
		}
		blame(b, b->report->peak_frame);
	}
}

/* Takes a finished chunk: drops latency and what lies outside of the slice, measures and writes the rest. */
static int
take_chunk(void *arg, int64_t chunk)
{
	struct bounce *b = arg;
	int64_t song = b->start + chunk * b->chunk - b->latency;
	int at = 0;
	while (at < b->chunk) {
		int frames = b->chunk - at;
		const float *side[2];
		for (int c = 0; c < 2; c++)
			side[c] = graph_out(b->graph, b->node, c, chunk, at, &frames);
		int64_t begin = song + at, skip = b->from > begin ? b->from - begin : 0;
		int64_t count = (begin + frames < b->to ? begin + frames : b->to) - begin - skip;
		at += frames;
		if (skip >= frames || count <= 0)
			continue;
		const float *slice[2] = {side[0] + skip, side[1] + skip};
		find_peak(b, slice, (int)count, begin + skip);
		b->ops->loudness->run(b->meter, slice[0], slice[1], (size_t)count);
		if (b->sink && sink_write(b->sink, slice, (size_t)count, b->err))
			return -1;
		b->report->frames += count;
	}
	if (b->options->progress && b->options->progress(b->options->arg, b->report->frames, b->to - b->from))
		return 1;
	return 0;
}

static void
read_meters(struct bounce *b)
{
	struct bounce_report *r = b->report;
	b->ops->loudness->finish(b->meter);
	r->sample_peak = gain_to_db((double)b->peak);
	r->true_peak = loudness_true_peak(b->meter);
	r->integrated = loudness_integrated(b->meter);
	r->range = loudness_range(b->meter);
	r->max_momentary = loudness_max_momentary(b->meter);
	r->max_shortterm = loudness_max_shortterm(b->meter);
	for (int c = 0; c < 2 && b->sink; c++) {
		const struct pcm_clip *clip = sink_clip(b->sink, c);
		r->clipped += clip->clipped;
		if (clip->clipped && (r->first_clipped < 0 || b->from + (int64_t)clip->first < r->first_clipped))
			r->first_clipped = b->from + (int64_t)clip->first;
	}
}

static int
render(struct bounce *b, struct session *session)
{
	const struct bounce_options *o = b->options;
	int64_t end = graph_length(b->graph) + tail_frames(session, o->tail);
	b->from = o->from > o->start ? o->from : b->start;
	b->to = o->to > 0 ? o->to : end;
	if (b->to <= b->from)
		return err_set(b->err, "bounce: nothing to write between frame %lld and frame %lld of the song",
		               (long long)b->from, (long long)b->to);
	struct sink_spec spec = o->file;
	spec.rate = session_rate(session);
	spec.channels = 2;
	spec.frames_expected = (uint64_t)(b->to - b->from);
	spec.origin = (uint64_t)b->from;
	if (spec.path && !(b->sink = sink_open(&spec, b->err)))
		return -1;
	b->ops->loudness->init(b->meter, (int)spec.rate);
	int64_t all = b->to - b->start + b->latency;
	int threads = o->threads > 0 ? o->threads : (int)sysconf(_SC_NPROCESSORS_ONLN);
	int status = pool_render(b->graph, b->chunk, (all + b->chunk - 1) / b->chunk, threads < 1 ? 1 : threads, take_chunk, b,
	                         b->err);
	if (status) {
		sink_abort(b->sink);
		return status;
	}
	read_meters(b);
	b->report->limited = o->mastered ? (double)graph_limited(b->graph) : 0;
	return b->sink ? sink_commit(b->sink, b->err) : 0;
}

/* Frames at a time: a third of a megabyte a strip's ring for small desks, less for large ones. */
static int
choose_chunk(struct session *session)
{
	size_t strips = 0;
	while (session_node(session, K_STRIP, strips))
		strips++;
	return strips <= 48 ? 4096 : 2048;
}

int
bounce(struct session *session, struct stems *stems, const struct bounce_options *options,
       struct bounce_report *report, struct err *err)
{
	struct bounce b = {.options = options, .report = report, .err = err, .ops = dsp_ops_pick(options->lanes)};
	double began = seconds_now();
	memset(report, 0, sizeof *report);
	report->first_clipped = report->peak_frame = -1;
	report->rate = session_rate(session);
	if (!b.ops)
		return err_set(err, "bounce: this processor has no vectors of %d lanes; use --lanes 1 or 4", options->lanes);
	b.chunk = options->chunk > 0 ? options->chunk : choose_chunk(session);
	struct graph_options how = {
		.ops = b.ops, .chunk = b.chunk, .shuffle = options->shuffle, .opener = stems_opener(stems)};
	b.graph = graph_new(session, &how, err);
	size_t size = b.ops->loudness->size();
	b.meter = aligned_alloc(DSP_ALIGN, (size + DSP_ALIGN - 1) / DSP_ALIGN * DSP_ALIGN);
	int status = -1;
	if (b.graph && b.meter) {
		graph_start(b.graph, session, options->start);
		b.start = options->start / QUANTUM * QUANTUM;
		b.node = options->mastered ? graph_master(b.graph) : graph_mix(b.graph);
		b.latency = graph_latency(b.graph, b.node);
		status = render(&b, session);
	} else if (b.graph) {
		err_set(err, "bounce: not enough memory");
	}
	graph_free(b.graph);
	free(b.meter);
	report->seconds_taken = seconds_now() - began;
	return status;
}
