#include "control/rough.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "engine/bounce.h"
#include "engine/graph.h"
#include "engine/pool.h"

#define LOUDNESS -23.0  /* LUFS that every strip is trimmed to, so that faders at 0 dB are alike */
#define STRIP_PEAK -6.0 /* dBFS that no trimmed strip goes beyond */
#define MIX_PEAK -6.0   /* dBFS left for the mix and its master */
#define CHUNK 4096

/* What is usual for an instrument: its fader, and how far from the middle it stands where it is mono. First match wins.
 */
static const struct role {
	const char *words; /* any of them in the name, small letters, with a bar between */
	double fader;      /* dB */
	double pan;        /* percent; its sort goes left and right by turns */
} roles[] = {
    {"back|bv|choir|harmony|double|dbl|adlib", -8, 50},
    {"vox|vocal|voice|sing", 0, 0},
    {"kick|bassdrum|bd|kik", -1, 0},
    {"snare|snr|sd", -2, 0},
    {"hat|hh", -10, 30},
    {"tom", -6, 35},
    {"over|oh|cymbal|crash|ride", -9, 40},
    {"room|amb", -12, 0},
    {"perc|shaker|tamb|conga|bongo|clap|cowbell", -10, 45},
    {"drum|kit|beat|loop", -2, 0},
    {"bass|sub", -2, 0},
    {"gtr|guitar|acoustic|strum", -6, 60},
    {"lead|solo", -4, 10},
    {"pad|string|atmos|choir", -10, 50},
    {"piano|keys|key|organ|rhodes|ep|synth|clav", -7, 40},
    {"brass|horn|sax|trumpet|flute", -6, 30},
    {"fx|noise|riser", -12, 0},
    {"", -6, 30},
};

/* Whether a word of the list begins somewhere in the name where no letter stands before it. */
static int
matches(const char *name, const char *words)
{
	char small[128];
	size_t n = 0;
	for (; name[n] && n < sizeof small - 1; n++)
		small[n] = (char)tolower((unsigned char)name[n]);
	small[n] = '\0';
	if (!*words)
		return 1;
	while (*words) {
		size_t length = strcspn(words, "|");
		for (const char *at = small; (at = memmem(at, strlen(at), words, length)); at++)
			if (length > 2 || ((at == small || !isalpha((unsigned char)at[-1])) && !isalpha((unsigned char)at[length])))
				return 1;
		words += length;
		words += *words == '|';
	}
	return 0;
}

static const struct role *
role_of(const char *name)
{
	const struct role *role = roles;
	while (!matches(name, role->words))
		role++;
	return role;
}

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

/* Fills trim (dB) for each strip; NAN for one that is silent. */
static int
measure_trims(struct session *copy, struct stems *stems, double *trim, int strips, struct err *err)
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
		status = pool_render(g, CHUNK, (graph_length(g) + CHUNK - 1) / CHUNK, (int)sysconf(_SC_NPROCESSORS_ONLN),
		                     listen_chunk, &l, err);
	for (int k = 0; k < strips && !status; k++) {
		l.loudness->finish(l.meter[k]);
		double loudness = loudness_integrated(l.meter[k]), peak = loudness_sample_peak(l.meter[k]);
		trim[k] = isfinite(loudness) ? fmin(LOUDNESS - loudness, STRIP_PEAK - peak) : (double)NAN;
	}
	for (int k = 0; l.meter && k < strips; k++)
		free(l.meter[k]);
	free(l.meter);
	graph_free(g);
	return status;
}

static double
half_decibels(double db)
{
	return floor(db * 2 + 0.5) / 2;
}

static int
propose(struct session *copy, const char *line, void (*emit)(void *, const char *), void *arg, struct err *err)
{
	emit(arg, line);
	return session_line(copy, line, err);
}

static int
place_strip(struct session *copy, const struct node *strip, double trim, int turn, void (*emit)(void *, const char *),
            void *arg, struct err *err)
{
	const struct role *role = role_of(strip->text[P_NAME]);
	const char *address = session_address(strip);
	char line[256];
	if (!isfinite(trim))
		return 0;
	trim = fmin(60, fmax(-60, half_decibels(trim)));
	snprintf(line, sizeof line, "%s/trim %.1f", address, trim);
	if (propose(copy, line, emit, arg, err))
		return -1;
	snprintf(line, sizeof line, "%s/fader %.1f", address, role->fader);
	if (propose(copy, line, emit, arg, err))
		return -1;
	if (role->pan == 0 || strip->value[P_CHANNELS] == 2)
		return 0;
	snprintf(line, sizeof line, "%s/pan %c%.0f", address, turn % 2 ? 'R' : 'L', fmin(100, role->pan + 10 * (turn / 2)));
	return propose(copy, line, emit, arg, err);
}

int
rough_mix(struct session *session, struct stems *stems, void (*emit)(void *, const char *), void *arg, struct err *err)
{
	const struct node *strip;
	int strips = 0, turns[sizeof roles / sizeof *roles] = {0};
	while (session_node(session, K_STRIP, (size_t)strips))
		strips++;
	if (strips == 0)
		return err_set(err, "the session has no strips; `stemdesk new FOLDER` makes one that has");
	struct session *copy = bare_copy(session, err);
	double *trim = calloc((size_t)strips, sizeof *trim);
	int status = copy && trim ? measure_trims(copy, stems, trim, strips, err) : -1;
	if (!status)
		status = session_line(copy, "strip/*/pan-law default", err);
	for (size_t k = 0; !status && (strip = session_node(copy, K_STRIP, k)); k++) {
		int *turn = &turns[role_of(strip->text[P_NAME]) - roles];
		status = place_strip(copy, strip, trim[k], *turn, emit, arg, err);
		if (strip->value[P_CHANNELS] != 2)
			++*turn;
	}
	if (!status) {
		struct bounce_options options = {.tail = 0};
		struct bounce_report report;
		status = bounce(copy, stems, &options, &report, err);
		if (!status && report.sample_peak > MIX_PEAK) {
			char line[64];
			snprintf(line, sizeof line, "mix/trim %.1f",
			         session_mix(copy)->value[P_TRIM] - ceil((report.sample_peak - MIX_PEAK) * 2) / 2);
			emit(arg, line);
		}
	}
	session_free(copy);
	free(trim);
	return status;
}
