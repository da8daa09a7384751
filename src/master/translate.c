#include "master/translate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fpu.h"
#include "base/text.h"
#include "engine/graph.h"
#include "master/air.h"
#include "media/reader.h"

#define CHUNK 4096
#define TAIL 2.0    /* seconds that are played behind the last region */
#define QUIET 1e-4f /* a chunk whose samples all stay below it is silence: -80 dBFS */

/* Power of middle and difference in a third. */
static void
sides_of(const struct balance_band *b, double *mid, double *side)
{
	double all = balance_power(b->level), ratio = balance_power(b->width);
	*mid = b->width > 1000 ? 0 : all / (1 + ratio);
	*side = all - *mid;
}

static void
weigh(struct translate_part *p)
{
	double all = 0, most = 0;
	for (int b = 0; b < BALANCE_BANDS; b++) {
		double x = balance_power(p->band[b].level) * balance_power(speaker_weight(balance_hertz(b)));
		all += x;
		if (x > most) {
			most = x;
			p->heaviest = b;
		}
	}
	p->loudness = all > 0 ? 10 * log10(all) : -HUGE_VAL;
}

/* A part of which nothing is known yet. */
static void
part_init(struct translate_part *p, const char *name)
{
	snprintf(p->name, sizeof p->name, "%s", name);
	for (int b = 0; b < BALANCE_BANDS; b++)
		p->coded[b].level = p->coded[b].width = -HUGE_VAL;
}

/* A meter for each node that counts: all strips and the mix, which goes through the codec beside. */
struct listening {
	struct graph *graph;
	struct air *air;
	struct balance **meter;
	int *node;
	int64_t *sounded; /* chunks that were no silence */
	size_t count;
};

/* What a node put out in the last chunk. */
static void
listen_to(struct listening *l, size_t k, int64_t chunk, int frames)
{
	float most = 0;
	for (int at = 0; at < frames;) {
		int count = frames - at;
		const float *side[2];
		for (int c = 0; c < 2; c++)
			side[c] = graph_out(l->graph, l->node[k], c, chunk, at, &count);
		balance_take(l->meter[k], side[0], side[1], (size_t)count);
		if (k == l->count - 1)
			air_take(l->air, side[0], side[1], (size_t)count);
		for (int t = 0; t < count; t++)
			most = fmaxf(most, fmaxf(fabsf(side[0][t]), fabsf(side[1][t])));
		at += count;
	}
	l->sounded[k] += most > QUIET;
}

static int
make_meters(struct listening *l, struct session *session, struct translation *t, struct err *err)
{
	int nodes = graph_nodes(l->graph);
	double rate = graph_rate(l->graph);
	l->meter = calloc((size_t)nodes, sizeof *l->meter);
	l->node = calloc((size_t)nodes, sizeof *l->node);
	l->sounded = calloc((size_t)nodes, sizeof *l->sounded);
	t->part = calloc((size_t)nodes, sizeof *t->part);
	l->air = air_new(rate);
	if (!l->meter || !l->node || !l->sounded || !t->part || !l->air)
		return err_set(err, "not enough memory");
	t->rate = rate;
	const struct node *strip;
	for (size_t k = 0; (strip = session_node(session, K_STRIP, k)); k++)
		for (int n = 0; n < graph_mix(l->graph); n++)
			if (graph_uid(l->graph, n) == strip->uid) {
				struct translate_part *p = &t->part[l->count];
				char name[sizeof p->name];
				part_init(p, text_show(*strip->text[P_NAME] ? strip->text[P_NAME] : strip->id, name, sizeof name));
				p->uid = strip->uid;
				l->node[l->count++] = n;
			}
	part_init(&t->part[l->count], "Mix");
	t->part[l->count].uid = session_mix(session)->uid;
	l->node[l->count++] = graph_mix(l->graph);
	t->parts = l->count;
	for (size_t k = 0; k < l->count; k++)
		if (!(l->meter[k] = balance_new(rate)))
			return err_set(err, "not enough memory");
	return 0;
}

static void
free_meters(struct listening *l)
{
	for (size_t k = 0; k < l->count; k++)
		balance_free(l->meter[k]);
	free(l->meter);
	free(l->node);
	free(l->sounded);
	air_free(l->air);
	graph_free(l->graph);
}

int
translate_session(struct session *session, struct stems *stems, int (*progress)(void *arg, int64_t done, int64_t all),
                  void *arg, struct translation *t, struct err *err)
{
	struct graph_options how = {.chunk = CHUNK, .opener = stems_opener(stems)};
	struct listening l = {.graph = graph_new(session, &how, err)};
	*t = (struct translation){.part = NULL};
	if (!l.graph)
		return -1;
	int status = make_meters(&l, session, t, err);
	int64_t all = graph_length(l.graph) + (int64_t)(TAIL * graph_rate(l.graph));
	fpu_flush_denormals();
	if (!status)
		graph_start(l.graph, session, 0);
	int64_t chunk = 0;
	for (; !status && chunk * CHUNK < all; chunk++) {
		graph_process(l.graph, CHUNK);
		for (size_t k = 0; k < l.count; k++)
			listen_to(&l, k, chunk, CHUNK);
		if (progress && progress(arg, chunk * CHUNK, all))
			status = 1;
	}
	for (size_t k = 0; k < l.count && !status; k++) {
		balance_finish(l.meter[k], t->part[k].band);
		t->part[k].sounds = (double)l.sounded[k] / (double)(chunk ? chunk : 1);
		weigh(&t->part[k]);
	}
	if (!status)
		air_finish(l.air, t->part[t->parts - 1].coded);
	free_meters(&l);
	if (status)
		translation_fini(t);
	return status;
}

/* Reads a file through a meter and the codec. */
static int
listen_file(struct media_reader *reader, struct balance *meter, struct air *air,
            int (*progress)(void *arg, int64_t done, int64_t all), void *arg, struct err *err)
{
	static const int64_t block = 4096;
	float x[2][4096];
	float *const planar[2] = {x[0], x[1]};
	const struct media_info *info = reader_info(reader);
	for (int64_t at = 0; at < info->frames; at += block) {
		int64_t count = info->frames - at < block ? info->frames - at : block;
		if (reader_read(reader, at, count, planar) < 0)
			return err_set(err, "%s", reader_error(reader)->text);
		const float *right = x[info->channels - 1];
		balance_take(meter, x[0], right, (size_t)count);
		air_take(air, x[0], right, (size_t)count);
		if (progress && progress(arg, at, info->frames))
			return 1;
	}
	return 0;
}

int
translate_file(const char *path, int (*progress)(void *arg, int64_t done, int64_t all), void *arg,
               struct translation *t, struct err *err)
{
	struct media_info info;
	char shown[512];
	*t = (struct translation){.part = NULL};
	if (media_probe(path, &info, err))
		return -1;
	if (info.channels > 2)
		return err_set(err, "%s: has %d channels; what speakers make of it is told of mono and stereo",
		               text_show(path, shown, sizeof shown), info.channels);
	struct media_reader *reader = reader_open(path, &info, err);
	struct balance *meter = balance_new(info.rate);
	struct air *air = air_new(info.rate);
	int status = reader ? 0 : -1;
	*t = (struct translation){.part = calloc(1, sizeof *t->part), .parts = 1, .rate = info.rate};
	if (reader && (!meter || !air || !t->part))
		status = err_set(err, "not enough memory");
	if (!status)
		status = listen_file(reader, meter, air, progress, arg, err);
	if (!status) {
		part_init(t->part, "Mix");
		balance_finish(meter, t->part->band);
		air_finish(air, t->part->coded);
		t->part->sounds = 1;
		weigh(t->part);
	}
	reader_close(reader);
	balance_free(meter);
	air_free(air);
	if (status)
		translation_fini(t);
	return status;
}

void
translation_fini(struct translation *t)
{
	free(t->part);
	*t = (struct translation){.part = NULL};
}

/* What is heard of a part on a speaker: K-weighted powers. */
struct heard {
	double all, middle;    /* the second without its side parts */
	double drowned, coded; /* what the speaker's noise or the codec's covers, and what the codec's does alone */
	double added;          /* what the codec adds to the mix */
};

/* A third's power behind the speaker. */
static double
passed(const struct balance_band *b, double mid_gain, double side_gain)
{
	double mid, side;
	sides_of(b, &mid, &side);
	return mid * balance_power(mid_gain) + side * balance_power(side_gain);
}

static struct heard
hear(const struct speaker *speaker, const struct translate_part *part, const struct translate_part *mix, double song)
{
	struct heard h = {0};
	for (int b = 0; b < BALANCE_BANDS; b++) {
		double mid_gain, side_gain, hertz = balance_hertz(b), weight = balance_power(speaker_weight(hertz));
		speaker_gain(speaker, hertz, &mid_gain, &side_gain);
		double third = passed(&part->band[b], mid_gain, side_gain);
		double added = speaker->codec == SPEAKER_SBC ? passed(&mix->coded[b], mid_gain, side_gain) : 0;
		double noise = balance_power(speaker_noise(speaker, b) + song);
		h.all += third * weight;
		h.middle += passed(&part->band[b], mid_gain, mid_gain) * weight;
		h.added += added * weight;
		if (third < (noise + added) * part->sounds)
			h.drowned += third * weight;
		if (third < added * part->sounds)
			h.coded += third * weight;
	}
	return h;
}

static double
level(double x)
{
	return x > 0 ? 10 * log10(x) : -HUGE_VAL;
}

void
translate_judge(const struct speaker *speaker, const struct translate_part *part, const struct translate_part *mix,
                struct translate_loss *loss)
{
	double song = hear(speaker, mix, mix, -HUGE_VAL).all;
	struct heard h = hear(speaker, part, mix, level(song));
	*loss = (struct translate_loss){.added = -HUGE_VAL};
	if (!isfinite(part->loudness) || song <= 0)
		return;
	loss->change = level(h.all) - part->loudness;
	loss->against = loss->change - (level(song) - mix->loudness);
	loss->drowned = h.all > 0 ? h.drowned / h.all : 1;
	loss->coded = h.all > 0 ? h.coded / h.all : 0;
	loss->added = h.all > 0 ? level(h.added * part->sounds) - level(h.all) : -HUGE_VAL;
	loss->side = level(h.all) - level(h.middle);
	loss->lost = loss->against < TRANSLATE_LOST || loss->drowned > TRANSLATE_DROWNED;
}
