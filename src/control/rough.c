#include "control/rough.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cores.h"
#include "base/units.h"
#include "control/roles.h"
#include "engine/bounce.h"
#include "engine/graph.h"
#include "engine/pool.h"

#define LOUDNESS -23.0  /* LUFS that every strip is trimmed to, so that faders at 0 dB are alike */
#define STRIP_PEAK -6.0 /* dBFS that no trimmed strip goes beyond */
#define SILENT -50.0    /* dBFS that a strip must reach to be more than the noise of its cable */
#define TRIM_MOST 30.0  /* dB */
#define LEAD_GAP -4.0   /* LU from all others together up to the leading voices */
#define MIX_PEAK -6.0   /* dBFS of the mix, so that its master has room */
#define CHUNK 4096

/* Measures every strip of a render. */
struct listening {
	struct graph *graph;
	const struct loudness_unit *loudness;
	void **meter; /* by strip */
	int strips;
};

static int
listen_chunk(void *arg, int64_t chunk)
{
	struct listening *l = arg;
	for (int k = 0; k < l->strips; k++) {
		int at = 0;
		while (at < CHUNK) {
			int frames = CHUNK - at;
			const float *left = graph_out(l->graph, k, 0, chunk, at, &frames);
			l->loudness->run(l->meter[k], left, graph_out(l->graph, k, 1, chunk, at, &frames), (size_t)frames);
			at += frames;
		}
	}
	return 0;
}

/* A copy of a session with nothing between its strips and the meters. The caller frees it. */
static struct session *
bare_copy(struct session *session, struct err *err)
{
	static const char *const neutral[] = {"strip/*/trim default",   "strip/*/fader default", "strip/*/pan default",
	                                      "strip/*/mute off",       "strip/*/solo off",      "strip/*/dca default",
	                                      "strip/*/pan-law balance"};
	size_t size;
	char *text = session_text(session, &size);
	struct session *copy = text ? session_new() : NULL;
	int failed = !copy || session_parse(copy, text, size, "rough", 1, err);
	for (size_t k = 0; k < sizeof neutral / sizeof *neutral && !failed; k++)
		failed = session_line(copy, neutral[k], err);
	free(text);
	if (failed) {
		session_free(copy);
		return NULL;
	}
	return copy;
}

static double
half_decibels(double db)
{
	return floor(db * 2 + 0.5) / 2;
}

/* What was measured of a strip, and what is proposed. */
struct strip {
	const struct role *role;
	double trim, fader; /* dB; trim is NAN for one that is silent */
	double pan;         /* percent */
	double loudness;    /* LUFS after the trim */
	int mono;
};

/* Fills trim and loudness of each strip. */
static int
measure_trims(struct session *copy, struct stems *stems, struct strip *strip, int strips, struct err *err)
{
	struct graph_options options = {.ops = dsp_ops_pick(0), .chunk = CHUNK, .opener = stems_opener(stems)};
	struct graph *g = graph_new(copy, &options, err);
	struct listening l = {.graph = g, .loudness = options.ops->loudness, .strips = strips};
	size_t size = (l.loudness->size() + DSP_ALIGN - 1) / DSP_ALIGN * DSP_ALIGN;
	l.meter = calloc((size_t)strips + 1, sizeof *l.meter);
	int status = g && l.meter ? 0 : -1;
	for (int k = 0; k < strips && !status; k++) {
		l.meter[k] = aligned_alloc(DSP_ALIGN, size);
		if (!l.meter[k])
			status = err_set(err, "not enough memory to measure %d strips", strips);
		else
			l.loudness->init(l.meter[k], (int)session_rate(copy));
	}
	if (!status)
		status = pool_render(g, CHUNK, (graph_length(g) + CHUNK - 1) / CHUNK, core_count(), listen_chunk, &l, err);
	for (int k = 0; k < strips && !status; k++) {
		l.loudness->finish(l.meter[k]);
		double loudness = loudness_integrated(l.meter[k]), peak = loudness_sample_peak(l.meter[k]);
		double trim = fmin(isfinite(loudness) ? LOUDNESS - loudness : 0, STRIP_PEAK - peak);
		strip[k].trim = peak >= SILENT ? fmax(-60, fmin(TRIM_MOST, half_decibels(trim))) : (double)NAN;
		strip[k].loudness = loudness + strip[k].trim;
	}
	for (int k = 0; l.meter && k < strips; k++)
		free(l.meter[k]);
	free(l.meter);
	graph_free(g);
	return status;
}

/* Chooses faders and pans by name. */
static void
arrange(struct session *session, struct strip *strip, int strips)
{
	int all[ROLE_COUNT_MAX] = {0}, mono[ROLE_COUNT_MAX] = {0}, turn[ROLE_COUNT_MAX] = {0};
	double lean = 0;
	for (int k = 0; k < strips; k++) {
		const struct node *node = session_node(session, K_STRIP, (size_t)k);
		strip[k].role = role_of(node->text[P_NAME]);
		strip[k].mono = node->value[P_CHANNELS] != 2;
		if (!isfinite(strip[k].trim))
			continue;
		all[role_number(strip[k].role)]++;
		mono[role_number(strip[k].role)] += strip[k].mono && !role_side(node->text[P_NAME]);
	}
	for (int k = 0; k < strips; k++) {
		size_t r = role_number(strip[k].role);
		if (!isfinite(strip[k].trim))
			continue;
		int side = role_side(session_node(session, K_STRIP, (size_t)k)->text[P_NAME]);
		strip[k].fader = half_decibels(strip[k].role->fader - strip[k].role->share * log10(all[r]));
		if (strip[k].mono)
			strip[k].pan = side ? 100 * side : role_pan(strip[k].role, turn[r]++, mono[r], lean);
		lean += strip[k].pan;
	}
}

/* Lowers all others until the leading voices stand above them. */
static void
make_room(struct strip *strip, int strips)
{
	double lead = 0, others = 0;
	for (int k = 0; k < strips; k++) {
		double power = pow(10, (strip[k].loudness + strip[k].fader) / 10);
		if (!isfinite(strip[k].trim) || !isfinite(power) || strip[k].role->flags & ROLE_MUTE)
			continue;
		*(strip[k].role->flags & ROLE_LEAD ? &lead : &others) += power;
	}
	if (lead <= 0 || others <= 0)
		return;
	double down = half_decibels(LEAD_GAP - 10 * log10(lead / others));
	for (int k = 0; k < strips && down > 0; k++)
		if (!(strip[k].role->flags & ROLE_LEAD))
			strip[k].fader -= fmin(down, 12);
}

/* Where proposals go. */
struct proposal {
	struct session *session, *copy;
	void (*emit)(void *arg, const char *line);
	void *arg;
};

/* Sets a value in the copy, and emits its line where the session has another. */
static int
propose(struct proposal *to, const struct node *node, enum param_id id, double value, struct err *err)
{
	char text[64], *line;
	const struct node *is = session_find(to->session, session_address(node));
	struct node *copied = session_find(to->copy, session_address(node));
	if (session_set(to->copy, copied, id, value, err))
		return -1;
	if (is && is->value[id] == value)
		return 0;
	param_format(&params[id], value, text, sizeof text);
	if (asprintf(&line, "%s/%s %s", session_address(node), params[id].address, text) < 0)
		return err_set(err, "not enough memory");
	to->emit(to->arg, line);
	free(line);
	return 0;
}

static int
propose_strip(struct proposal *to, const struct node *node, const struct strip *strip, struct err *err)
{
	if (!isfinite(strip->trim))
		return 0;
	if (propose(to, node, P_TRIM, strip->trim, err))
		return -1;
	if (strip->role->flags & ROLE_MUTE)
		return propose(to, node, P_MUTE, 1, err);
	/* Where both sides are there already, the pan is left as it is. */
	double pan = strip->mono ? strip->pan : session_find(to->session, session_address(node))->value[P_PAN];
	return propose(to, node, P_PAN, pan, err) || propose(to, node, P_FADER, strip->fader, err) ? -1 : 0;
}

/* Brings the mix to its peak by its trim. */
static int
propose_mix(struct proposal *to, struct stems *stems, struct err *err)
{
	struct bounce_options options = {.tail = 0};
	struct bounce_report report;
	if (bounce(to->copy, stems, &options, &report, err))
		return -1;
	if (!isfinite(report.sample_peak))
		return 0;
	const struct node *mix = session_mix(to->copy);
	double trim = mix->value[P_TRIM] + floor((MIX_PEAK - report.sample_peak) * 2) / 2;
	return propose(to, mix, P_TRIM, fmax(-60, fmin(TRIM_MOST, trim)), err);
}

int
rough_mix(struct session *session, struct stems *stems, void (*emit)(void *, const char *), void *arg, struct err *err)
{
	int strips = 0;
	while (session_node(session, K_STRIP, (size_t)strips))
		strips++;
	if (strips == 0)
		return err_set(err, "the session has no strips; `stemdesk new FOLDER` makes one that has");
	struct proposal to = {session, bare_copy(session, err), emit, arg};
	struct strip *strip = calloc((size_t)strips, sizeof *strip);
	int status = to.copy && strip ? measure_trims(to.copy, stems, strip, strips, err) : -1;
	if (!status)
		status = session_line(to.copy, "strip/*/pan-law default", err);
	if (!status) {
		arrange(to.copy, strip, strips);
		make_room(strip, strips);
	}
	for (int k = 0; k < strips && !status; k++)
		status = propose_strip(&to, session_node(to.copy, K_STRIP, (size_t)k), &strip[k], err);
	if (!status)
		status = propose_mix(&to, stems, err);
	session_free(to.copy);
	free(strip);
	return status;
}
