#include "master/blame.h"

#include <stdlib.h>
#include <string.h>

#include "base/fpu.h"
#include "engine/graph.h"

#define CHUNK 1024
#define HALF 48    /* frames to each side of the moment */
#define RUN_UP 4.0 /* seconds played before it, so that compressors and reverbs are where they were */
#define SPAN (2 * HALF)

/* The moment as every node plays it. */
struct look {
	struct graph *graph;
	int nodes;
	int64_t at;  /* the span's first frame, from the graph's start */
	float *span; /* nodes x 2 x SPAN */
};

static float *
span_of(const struct look *k, int node, int side)
{
	return k->span + ((size_t)node * 2 + (size_t)side) * SPAN;
}

/* Copies what of the node's span lies in a chunk. */
static void
gather(struct look *k, int node, int64_t chunk)
{
	int64_t first = k->at + graph_latency(k->graph, node) - chunk * CHUNK;
	for (int64_t t = first < 0 ? 0 : first; t < CHUNK && t < first + SPAN;) {
		int frames = CHUNK - (int)t;
		const float *side[2] = {NULL, NULL};
		for (int c = 0; c < 2; c++)
			side[c] = graph_out(k->graph, node, c, chunk, (int)t, &frames);
		if (frames > first + SPAN - t)
			frames = (int)(first + SPAN - t);
		for (int c = 0; c < 2; c++)
			memcpy(span_of(k, node, c) + (t - first), side[c], (size_t)frames * sizeof(float));
		t += frames;
	}
}

static double
product(const float *a, const float *b)
{
	double sum = 0;
	for (int t = 0; t < 2 * SPAN; t++) /* both sides lie one behind the other */
		sum += (double)a[t] * (double)b[t];
	return sum;
}

/* The node below `nodes` that makes most of `sum`; only of those that play into the mix, or only of those that do not.
 */
static int
greatest(const struct look *k, const float *sum, int direct, double *share)
{
	double whole = product(sum, sum);
	int most = -1;
	*share = 0;
	for (int node = 0; node < graph_mix(k->graph) && whole > 0; node++) {
		double part = product(span_of(k, node, 0), sum) / whole;
		if (graph_feeds_mix(k->graph, node) == direct && part > *share) {
			*share = part;
			most = node;
		}
	}
	return most;
}

static int
find(struct look *k, struct session *session, struct blame *b)
{
	float sum[2 * SPAN] = {0};
	for (int node = 0; node < graph_mix(k->graph); node++)
		for (int t = 0; t < 2 * SPAN && graph_feeds_mix(k->graph, node); t++)
			sum[t] += span_of(k, node, 0)[t];
	int top = greatest(k, sum, 1, &b->share);
	if (top < 0)
		return 0;
	b->top = graph_uid(k->graph, top);
	const struct node *bus;
	for (size_t j = 0; (bus = session_node(session, K_BUS, j)); j++)
		if (bus->uid == b->top) {
			int within = greatest(k, span_of(k, top, 0), 0, &b->within_share);
			b->within = within < 0 ? 0 : graph_uid(k->graph, within);
		}
	return 0;
}

int
blame_moment(struct session *session, struct stems *stems, int64_t frame, struct blame *b, struct err *err)
{
	struct graph_options how = {.chunk = CHUNK, .without_limiter = 1, .opener = stems_opener(stems)};
	struct look k = {.graph = graph_new(session, &how, err)};
	*b = (struct blame){0};
	if (!k.graph)
		return -1;
	int64_t start = frame - HALF - (int64_t)(RUN_UP * session_rate(session));
	start = start < 0 ? 0 : start / QUANTUM * QUANTUM;
	k.nodes = graph_nodes(k.graph);
	k.at = frame - HALF - start < 0 ? 0 : frame - HALF - start;
	k.span = calloc((size_t)k.nodes * 2 * SPAN, sizeof(float));
	int status = k.span ? 0 : err_set(err, "not enough memory");
	int64_t last = k.at + SPAN;
	for (int node = 0; node < k.nodes; node++)
		last = k.at + SPAN + graph_latency(k.graph, node) > last ? k.at + SPAN + graph_latency(k.graph, node) : last;
	if (!status) {
		fpu_flush_denormals();
		graph_start(k.graph, session, start);
		for (int64_t chunk = 0; chunk * CHUNK < last; chunk++) {
			graph_process(k.graph, CHUNK);
			for (int node = 0; node < graph_mix(k.graph); node++)
				gather(&k, node, chunk);
		}
		status = find(&k, session, b);
	}
	free(k.span);
	graph_free(k.graph);
	return status;
}
