#include "engine/bounce.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cores.h"
#include "base/notes.h"
#include "base/text.h"
#include "base/units.h"
#include "dsp/loudness.h"
#include "engine/graph.h"
#include "engine/outlet.h"
#include "engine/pool.h"
#include "engine/split.h"

#define MAX_TAIL 30.0 /* seconds after the last region that reverbs and delays get at the most */

/* A bounce under way: what its tail (engine/pool.h) needs. */
struct bounce {
	const struct bounce_options *options;
	struct bounce_report *report;
	struct err *err;
	struct session *session;
	struct stems *stems;
	struct graph *graph;
	const struct dsp_ops *ops;
	struct outlet *outlet;
	size_t outlets;
	int chunk;
	int64_t start, from, to, done; /* frames of the song; done: written so far */
	int64_t gap[2], written;       /* frames of silence before and behind it; of all that goes out */
};

static double
larger(double a, double b)
{
	return a > b ? a : b;
}

/* Seconds that a bus rings on: the reverb's RT60, the delay's repeats down to -60 dB. */
static double
ring_time(const struct node *bus, const struct node *song)
{
	double reverb = 0, echo = 0;
	if (bus->value[P_REVERB_ON] != 0)
		reverb =
		    (bus->value[P_REVERB_TIME] * larger(1, bus->value[P_REVERB_LOW]) + bus->value[P_REVERB_PREDELAY]) / 1000;
	if (bus->value[P_ECHO_ON] != 0) {
		double feedback = bus->value[P_ECHO_FEEDBACK] / 100, repeats = feedback > 0.001 ? -3 / f_log10(feedback) : 0;
		int note = (int)bus->value[P_ECHO_NOTE];
		double once =
		    note ? (double)note_frames(note, song->value[P_TEMPO], 48000) / 48000 : bus->value[P_ECHO_TIME] / 1000;
		echo = once * (1 + repeats);
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
			tail = larger(tail, ring_time(bus, session_song(session)));
		tail = tail < MAX_TAIL ? tail : MAX_TAIL;
	}
	return (int64_t)(tail * session_rate(session));
}

/* The strip or bus that was loudest in the quantum that holds this frame of the song, of those that play into the mix.
 */
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

/* Gives an outlet its part of a chunk: latency and what lies outside of the slice are dropped. */
static int
feed_outlet(struct bounce *b, struct outlet *o, int64_t chunk)
{
	int64_t song = b->start + chunk * b->chunk - o->latency;
	for (int at = 0; at < b->chunk;) {
		int frames = b->chunk - at;
		const float *side[2];
		for (int c = 0; c < 2; c++)
			side[c] = graph_out(b->graph, o->node, c, chunk, at, &frames);
		int64_t begin = song + at, skip = b->from > begin ? b->from - begin : 0;
		int64_t count = (begin + frames < b->to ? begin + frames : b->to) - begin - skip;
		at += frames;
		if (skip >= frames || count <= 0)
			continue;
		const float *slice[2] = {side[0] + skip, side[1] + skip};
		float before = o->peak;
		if (outlet_take(o, slice, (int)count, b->err))
			return -1;
		if (o->peak > before && !b->options->stems && o == b->outlet)
			blame(b, b->from - b->gap[0] + (int64_t)((double)o->peak_frame * graph_rate(b->graph) / o->rate));
		b->done = begin + skip + count - b->from;
	}
	return 0;
}

static int
take_chunk(void *arg, int64_t chunk)
{
	struct bounce *b = arg;
	for (size_t k = 0; k < b->outlets; k++)
		if (feed_outlet(b, &b->outlet[k], chunk))
			return -1;
	return b->options->progress && b->options->progress(b->options->arg, b->done, b->written) ? 1 : 0;
}

static uint64_t
clipped(const struct outlet *o)
{
	return o->sink ? sink_clip(o->sink, 0)->clipped + sink_clip(o->sink, 1)->clipped : 0;
}

static void
read_meters(struct bounce *b, const struct outlet *o)
{
	struct bounce_report *r = b->report;
	r->frames = o->frames;
	r->rate = o->rate;
	r->sample_peak = gain_to_db((double)o->peak);
	int64_t origin = (int64_t)((double)(b->from - b->gap[0]) * o->rate / graph_rate(b->graph));
	r->peak_frame = o->peak_frame < 0 ? -1 : origin + o->peak_frame;
	r->true_peak = loudness_true_peak(o->meter);
	r->integrated = loudness_integrated(o->meter);
	r->range = loudness_range(o->meter);
	r->max_momentary = loudness_max_momentary(o->meter);
	r->max_shortterm = loudness_max_shortterm(o->meter);
	for (size_t k = 0; k < b->outlets; k++)
		r->clipped += clipped(&b->outlet[k]);
	for (int c = 0; c < 2 && o->sink; c++) {
		const struct pcm_clip *clip = sink_clip(o->sink, c);
		if (clip->clipped && (r->first_clipped < 0 || origin + (int64_t)clip->first < r->first_clipped))
			r->first_clipped = origin + (int64_t)clip->first;
	}
}

/* Never over a stem of the session, whatever the names. */
static int
spare_stems(struct bounce *b, const char *path)
{
	const struct node *strip;
	for (size_t k = 0; (strip = session_node(b->session, K_STRIP, k)); k++)
		for (size_t c = 0; c < strip->children; c++)
			for (int right = 0; right < 2 && strip->child[c]->kind == K_REGION; right++) {
				const char *file = strip->child[c]->text[right ? P_REGION_RIGHT : P_REGION_FILE];
				char *stem = stems_path(b->stems, file), shown[512];
				int same = *file && stem && sink_would_overwrite(path, stem);
				free(stem);
				if (same)
					return err_set(
					    b->err, "%s: is a stem of this session and is not written over; choose another place with %s",
					    text_show(path, shown, sizeof shown), b->options->stems ? "--stems" : "-o");
			}
	return 0;
}

/* The mix beside its master: measured, and given away. */
static int
open_mix(struct bounce *b)
{
	double rate = session_rate(b->session);
	const struct sink_spec measured = {.rate = rate, .channels = 2};
	const struct outlet_spec spec = {.ops = b->ops,
	                                 .file = &measured,
	                                 .song_rate = rate,
	                                 .node = graph_mix(b->graph),
	                                 .latency = graph_latency(b->graph, graph_mix(b->graph)),
	                                 .chunk = b->chunk,
	                                 .take = b->options->take_mix,
	                                 .arg = b->options->arg};
	return outlet_open(&b->outlet[b->outlets++], &spec, b->err);
}

static void
read_mix(struct bounce *b, const struct outlet *o)
{
	b->report->mix.integrated = loudness_integrated(o->meter);
	b->report->mix.range = loudness_range(o->meter);
	b->report->mix.true_peak = loudness_true_peak(o->meter);
	b->report->mix.sample_peak = gain_to_db((double)o->peak);
}

/* Opens the outlet for a node; `path` NULL: nothing is written. */
static int
open_outlet(struct bounce *b, int node, const char *path)
{
	if (path && spare_stems(b, path))
		return -1;
	const struct bounce_options *o = b->options;
	struct sink_spec file = o->file;
	struct limiter_params limiter;
	double song = session_rate(b->session);
	file.path = path;
	file.rate = file.rate > 0 ? file.rate : song;
	file.channels = 2;
	file.frames_expected = (uint64_t)b->written;
	file.origin = (uint64_t)(b->from > b->gap[0] ? b->from - b->gap[0] : 0);
	struct outlet_spec spec = {.ops = b->ops,
	                           .file = &file,
	                           .song_rate = song,
	                           .node = node,
	                           .latency = graph_latency(b->graph, node),
	                           .chunk = b->chunk,
	                           .take = o->take,
	                           .arg = o->arg};
	if (o->mastered && file.rate != song && !o->before_limiter) {
		limiter = graph_limiter(session_master(b->session));
		spec.limiter = &limiter;
	}
	if (outlet_open(&b->outlet[b->outlets], &spec, b->err))
		return -1;
	b->outlets++;
	return 0;
}

static int
node_with_uid(const struct graph *g, uint32_t uid)
{
	int k = 0;
	while (graph_uid(g, k) != uid)
		k++;
	return k;
}

/* "03_Lead Vox.wav" of a stem: its number, its name without what no file name may have. The caller frees it. */
static char *
stem_path(const struct bounce *b, size_t number, const char *name)
{
	enum sink_format format = b->options->file.format == SINK_AUTO ? SINK_WAV : b->options->file.format;
	size_t size = strlen(b->options->stems) + strlen(name) + 32;
	char *path = malloc(size);
	if (!path)
		return NULL;
	int n = snprintf(path, size, "%s/%02zu_%s.%s", b->options->stems, number, name, sink_format_name(format));
	for (char *c = path + strlen(b->options->stems) + 1; c < path + n; c++)
		if (*c == '/' || (unsigned char)*c < 0x20)
			*c = '-';
	return path;
}

static int
open_stems(struct bounce *b, const struct split *split)
{
	for (size_t k = 0; k < split->stems; k++) {
		char address[200];
		snprintf(address, sizeof address, "bus/%s", split->stem[k].bus);
		char *path = stem_path(b, k + 1, split->stem[k].name);
		int status = path ? open_outlet(b, node_with_uid(b->graph, session_find(b->session, address)->uid), path)
		                  : err_set(b->err, "stems: not enough memory");
		free(path);
		if (status)
			return -1;
	}
	return 0;
}

/* All files into their places, or none from the first that fails. */
static int
commit(struct bounce *b, const struct split *split)
{
	int status = 0;
	for (size_t k = 0; k < b->outlets; k++) {
		struct bounce_stem stem = {.sample_peak = gain_to_db((double)b->outlet[k].peak),
		                           .clipped = clipped(&b->outlet[k])};
		if (status)
			outlet_abort(&b->outlet[k]);
		else
			status = outlet_commit(&b->outlet[k], b->err);
		if (!status && split->stems && b->options->stem_done) {
			char *path = stem_path(b, k + 1, split->stem[k].name);
			stem.path = path;
			stem.name = split->stem[k].name;
			if (path)
				b->options->stem_done(b->options->arg, &stem);
			free(path);
		}
	}
	b->outlets = 0;
	return status;
}

/* A whole master begins and ends where its section says, with silence around it. */
static void
cut(struct bounce *b, int64_t end)
{
	const struct bounce_options *o = b->options;
	const struct graph_fade *fade = graph_cut(b->graph);
	const double *master = session_master(b->session)->value;
	if (o->from == 0 && o->start == 0)
		b->from = fade->from;
	if (o->to == 0 && fade->to > 0 && fade->to < end)
		b->to = fade->to;
	if (o->from == 0 && o->start == 0 && o->to == 0) {
		b->gap[0] = (int64_t)master[P_GAP_BEFORE];
		b->gap[1] = (int64_t)master[P_GAP_AFTER];
	}
}

/* Silence in the file. */
static int
feed_gap(struct bounce *b, int64_t frames)
{
	static const float silence[QUANTUM];
	const float *side[2] = {silence, silence};
	for (; frames > 0; frames -= QUANTUM)
		if (outlet_take(&b->outlet[0], side, frames < QUANTUM ? (int)frames : QUANTUM, b->err))
			return -1;
	return 0;
}

static int
render(struct bounce *b, const struct split *split)
{
	const struct bounce_options *o = b->options;
	if (o->stems && !split->stems)
		return err_set(b->err, "no strip and no bus plays into the mix, so there are no stems to write");
	int64_t end = graph_length(b->graph) + tail_frames(b->session, o->tail);
	b->from = o->from > o->start ? o->from : b->start;
	b->to = o->to > 0 ? o->to : end;
	if (o->mastered)
		cut(b, end);
	if (b->to <= b->from || (b->from > 0 && b->from >= end))
		return err_set(b->err, "there is nothing to write from %.3f s on: the song is %.3f s long, with its tail",
		               (double)b->from / graph_rate(b->graph), (double)end / graph_rate(b->graph));
	b->written = b->to - b->from + b->gap[0] + b->gap[1];
	b->report->begin = b->from - b->gap[0];
	if (o->progress && o->progress(o->arg, 0, b->written))
		return 1;
	int node = o->mastered ? graph_master(b->graph) : graph_mix(b->graph);
	if (o->stems ? open_stems(b, split) : open_outlet(b, node, o->file.path))
		return -1;
	if (o->mastered && o->take_mix && open_mix(b))
		return -1;
	int latest = 0;
	for (size_t k = 0; k < b->outlets; k++)
		latest = b->outlet[k].latency > latest ? b->outlet[k].latency : latest;
	int64_t all = b->to - b->start + latest;
	int threads = o->threads > 0 ? o->threads : core_count();
	int status = feed_gap(b, b->gap[0]);
	if (!status)
		status = pool_render(b->graph, b->chunk, (all + b->chunk - 1) / b->chunk, threads, take_chunk, b, b->err);
	if (!status)
		status = feed_gap(b, b->gap[1]);
	for (size_t k = 0; k < b->outlets && !status; k++)
		status = outlet_finish(&b->outlet[k], k && o->take_mix ? b->to - b->from : b->written, b->err);
	if (status)
		return status;
	const struct limiter_meter *limiter = b->outlet[0].limiter;
	if (o->mastered)
		b->report->limited = (double)(limiter ? limiter->greatest : graph_limited(b->graph));
	read_meters(b, &b->outlet[0]);
	if (o->mastered && o->take_mix)
		read_mix(b, &b->outlet[1]);
	/* with the graph go the stems, and they say whether all of them was there */
	graph_free(b->graph);
	b->graph = NULL;
	if (stems_broken(b->stems))
		return err_set(b->err, "%s (--skip-bad makes the rest of it silent)", stems_broken(b->stems));
	return commit(b, split);
}

/* Frames at a time: enough that threads seldom meet, less for large desks so that their rings stay small. */
static int
choose_chunk(struct session *session)
{
	size_t strips = 0;
	while (session_node(session, K_STRIP, strips))
		strips++;
	return strips <= 48 ? 4096 : 2048;
}

int
bounce(struct session *session, struct stems *stems, const struct bounce_options *options, struct bounce_report *report,
       struct err *err)
{
	struct bounce b = {.options = options,
	                   .report = report,
	                   .err = err,
	                   .session = session,
	                   .stems = stems,
	                   .ops = dsp_ops_pick(options->lanes)};
	struct split split = {NULL, 0};
	double began = clock_seconds();
	memset(report, 0, sizeof *report);
	report->first_clipped = report->peak_frame = -1;
	if (!b.ops)
		return err_set(err, "this processor has no vectors of %d lanes; use --lanes 1 or 4", options->lanes);
	if (options->stems && split_session(session, &split, err))
		return -1;
	b.chunk = options->chunk > 0 ? options->chunk : choose_chunk(session);
	struct graph_options how = {.ops = b.ops,
	                            .chunk = b.chunk,
	                            .shuffle = options->shuffle,
	                            .opener = stems_opener(stems),
	                            .without_limiter =
	                                options->before_limiter ||
	                                (options->file.rate > 0 && options->file.rate != session_rate(session))};
	b.graph = graph_new(session, &how, err);
	b.outlet = calloc(split.stems + 2, sizeof *b.outlet);
	int status = -1;
	if (b.graph && b.outlet) {
		graph_start(b.graph, session, options->start);
		b.start = options->start / QUANTUM * QUANTUM;
		status = render(&b, &split);
	} else if (b.graph) {
		err_set(err, "not enough memory");
	}
	for (size_t k = 0; k < b.outlets; k++)
		outlet_abort(&b.outlet[k]);
	free(b.outlet);
	split_free(&split);
	graph_free(b.graph);
	report->seconds_taken = clock_seconds() - began;
	return status;
}
