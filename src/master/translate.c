#include "master/translate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fpu.h"
#include "base/text.h"
#include "engine/graph.h"

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

/* A meter for each node that counts: all strips and the mix. */
struct listening {
	struct graph *graph;
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
	if (!l->meter || !l->node || !l->sounded || !t->part)
		return err_set(err, "not enough memory");
	const struct node *strip;
	for (size_t k = 0; (strip = session_node(session, K_STRIP, k)); k++)
		for (int n = 0; n < graph_mix(l->graph); n++)
			if (graph_uid(l->graph, n) == strip->uid) {
				struct translate_part *p = &t->part[l->count];
				p->uid = strip->uid;
				text_show(*strip->text[P_NAME] ? strip->text[P_NAME] : strip->id, p->name, sizeof p->name);
				l->node[l->count++] = n;
			}
	t->part[l->count].uid = session_mix(session)->uid;
	strcpy(t->part[l->count].name, "Mix");
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
	graph_free(l->graph);
}

int
translate_session(struct session *session, struct stems *stems, int (*progress)(void *arg, int64_t done, int64_t all),
                  void *arg, struct translation *t, struct err *err)
{
	struct graph_options how = {.chunk = CHUNK, .opener = stems_opener(stems)};
	struct listening l = {.graph = graph_new(session, &how, err)};
	*t = (struct translation){NULL, 0};
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
	free_meters(&l);
	if (status)
		translation_fini(t);
	return status;
}

int
translate_mix(const struct balance_band band[BALANCE_BANDS], struct translation *t, struct err *err)
{
	*t = (struct translation){.part = calloc(1, sizeof *t->part), .parts = 1};
	if (!t->part)
		return err_set(err, "not enough memory");
	memcpy(t->part->band, band, sizeof t->part->band);
	strcpy(t->part->name, "Mix");
	t->part->sounds = 1;
	weigh(t->part);
	return 0;
}

void
translation_fini(struct translation *t)
{
	free(t->part);
	*t = (struct translation){NULL, 0};
}

/* Loudness on a speaker, K-weighted power; without its side parts in *middle, and what its noise covers in *drowned. */
static double
heard(const struct speaker *speaker, const struct translate_part *part, double song, double *middle, double *drowned)
{
	double all = 0;
	*middle = *drowned = 0;
	for (int b = 0; b < BALANCE_BANDS; b++) {
		double mid, side, mid_gain, side_gain, hertz = balance_hertz(b), weight = balance_power(speaker_weight(hertz));
		sides_of(&part->band[b], &mid, &side);
		speaker_gain(speaker, hertz, &mid_gain, &side_gain);
		double third = mid * balance_power(mid_gain) + side * balance_power(side_gain);
		all += third * weight;
		*middle += (mid + side) * balance_power(mid_gain) * weight;
		if (third < balance_power(speaker_noise(speaker, b) + song) * part->sounds)
			*drowned += third * weight;
	}
	return all;
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
	double middle, drowned, mix_middle, mix_drowned;
	double song = heard(speaker, mix, -HUGE_VAL, &mix_middle, &mix_drowned);
	double all = heard(speaker, part, level(song), &middle, &drowned);
	*loss = (struct translate_loss){0};
	if (!isfinite(part->loudness) || song <= 0)
		return;
	loss->change = level(all) - part->loudness;
	loss->against = loss->change - (level(song) - mix->loudness);
	loss->drowned = all > 0 ? drowned / all : 1;
	loss->side = level(all) - level(middle);
	loss->lost = loss->against < TRANSLATE_LOST || loss->drowned > TRANSLATE_DROWNED;
}
