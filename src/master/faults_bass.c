#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "master/faults_parts.h"

/*
 * What the sum of the sides loses against both sides is the power of their difference. A strip's part of that is the
 * projection of its own difference onto the mix's, as in master/blame.h; they add up to 1. What strips take from each
 * other, on both sides, is the power of their sum against the sum of their powers.
 */
#define LOST 3.5      /* dB in mono: 3 are what a bass on one side alone loses, or one that differs from side to side */
#define CANCELLED 6.0 /* dB that strips take from each other */
#define RANGE 20.0    /* dB below the strongest second of the song: what is softer is no bass */
#define SOFTEST 1e-6  /* mean square: the same in itself, -60 dBFS */
#define SECONDS 1.0   /* that are judged as one */
#define PAIR 0.25     /* of the power that two strips take from all that both have, to be called out of polarity */

/* A second of the song. */
struct second {
	int64_t frame;
	double mid, side;       /* power of the mix */
	double apart, together; /* of strips: the sum of their powers, the power of their sum */
	int pair[2];            /* who stand most against each other; -1: nobody */
};

/*
 * share    by node and second: its part of the mix's difference, a bus's strips' of the bus's
 * against  by pair of nodes: twice the real part of their cross power, of the second under way
 * own      by node: its power, of the second under way
 */
struct bass_watch {
	struct second *second;
	float *share;
	size_t count, room;
	int nodes, blocks, every; /* blocks so far of the second, and that it has */
	double *against, *own, *gain;
};

struct bass_watch *
bass_new(struct faulty *f)
{
	struct bass_watch *w = calloc(1, sizeof *w);
	size_t nodes = (size_t)taps_mix(f->taps) + 1;
	if (w) {
		w->nodes = (int)nodes;
		w->every = (int)(SECONDS * taps_rate(f->taps) / f->to->block + 0.5);
		w->against = calloc(nodes * nodes, sizeof *w->against);
		w->own = calloc(nodes, sizeof *w->own);
		w->gain = calloc(nodes, sizeof *w->gain);
	}
	if (!w || !w->against || !w->own || !w->gain) {
		bass_free(w);
		err_set(f->err, "not enough memory");
		return NULL;
	}
	for (int k = 0; k < f->strips; k++)
		w->gain[f->node[k]] = pow(10, f->gain[k] / 20);
	return w;
}

void
bass_free(struct bass_watch *w)
{
	if (!w)
		return;
	free(w->second);
	free(w->share);
	free(w->against);
	free(w->own);
	free(w->gain);
	free(w);
}

static double
cross(const float a[][2], const float b[][2], int lines)
{
	double sum = 0;
	for (int i = 0; i < lines; i++)
		sum += (double)a[i][0] * (double)b[i][0] + (double)a[i][1] * (double)b[i][1];
	return sum;
}

static double
both_sides(const struct bandlog_lines *a, const struct bandlog_lines *b, int lines)
{
	return cross(a->mid, b->mid, lines) + cross(a->side, b->side, lines);
}

/* The second that is under way; a new one where the last is full. -1: no memory, and what comes is not judged. */
static int
second_now(struct bass_watch *w, int64_t frame)
{
	if (w->blocks == w->every)
		w->blocks = 0;
	if (w->blocks++)
		return w->count ? 0 : -1;
	if (w->count == w->room) {
		size_t room = w->room ? 2 * w->room : 256;
		struct second *second = realloc(w->second, room * sizeof *second);
		w->second = second ? second : w->second;
		float *share = second ? realloc(w->share, room * (size_t)w->nodes * sizeof *share) : NULL;
		w->share = share ? share : w->share;
		if (!share)
			return w->blocks = 0, -1;
		w->room = room;
	}
	w->second[w->count] = (struct second){.frame = frame, .pair = {-1, -1}};
	memset(w->share + w->count++ * (size_t)w->nodes, 0, (size_t)w->nodes * sizeof *w->share);
	memset(w->against, 0, (size_t)w->nodes * (size_t)w->nodes * sizeof *w->against);
	memset(w->own, 0, (size_t)w->nodes * sizeof *w->own);
	return 0;
}

/* Of the strips whose gain is known: powers, and those of each pair together. */
static void
pair_up(struct bass_watch *w, struct second *s, const struct bandlog_lines *node, int lines)
{
	for (int a = 0; a < w->nodes; a++) {
		if (!node[a].sounds || w->gain[a] <= 0)
			continue;
		double own = both_sides(&node[a], &node[a], lines) * w->gain[a] * w->gain[a];
		w->own[a] += own;
		s->apart += own;
		s->together += own;
		for (int b = 0; b < a; b++) {
			if (!node[b].sounds || w->gain[b] <= 0)
				continue;
			double both = 2 * both_sides(&node[a], &node[b], lines) * w->gain[a] * w->gain[b];
			w->against[(size_t)a * (size_t)w->nodes + (size_t)b] += both;
			s->together += both;
		}
	}
}

/* Who stand most against each other when a second ends. */
static void
choose_pair(struct bass_watch *w)
{
	struct second *s = &w->second[w->count - 1];
	double least = 0;
	for (int a = 0; a < w->nodes; a++)
		for (int b = 0; b < a; b++) {
			double both = w->against[(size_t)a * (size_t)w->nodes + (size_t)b];
			if (both < least && -both > PAIR * (w->own[a] + w->own[b])) {
				least = both;
				s->pair[0] = b;
				s->pair[1] = a;
			}
		}
}

void
bass_take(void *arg, int64_t block, const struct bandlog_lines *node, int lines)
{
	struct faulty *f = arg;
	struct bass_watch *w = f->bass;
	int mix = taps_mix(f->taps);
	if (second_now(w, taps_from(f->taps) + block * f->to->block))
		return;
	struct second *s = &w->second[w->count - 1];
	float *share = w->share + (w->count - 1) * (size_t)w->nodes;
	if (node[mix].sounds) {
		s->mid += cross(node[mix].mid, node[mix].mid, lines);
		s->side += cross(node[mix].side, node[mix].side, lines);
		for (int k = 0; k < mix; k++)
			if (node[k].sounds && taps_into(f->taps, k) >= 0)
				share[k] += (float)cross(node[k].side, node[taps_into(f->taps, k)].side, lines);
	}
	pair_up(w, s, node, lines);
	if (w->blocks == w->every)
		choose_pair(w);
}

/* dB that b is below a. */
static double
below(double a, double b)
{
	return b > a * 1e-6 ? 10 * log10(a / b) : 60;
}

/* Who makes the difference of the sides in a second: one, or one and another that have it together. */
static void
say_lost(struct faulty *f, struct fault *fault, size_t worst)
{
	const struct bass_watch *w = f->bass;
	double *share = calloc((size_t)w->nodes, sizeof *share), all = 0, second = 0;
	struct blame b;
	char whom[160], other[100] = "";
	int mix = taps_mix(f->taps), beside = -1;
	if (!share)
		return;
	for (int k = 0; k < mix; k++) {
		share[k] = (double)w->share[worst * (size_t)w->nodes + (size_t)k];
		all += taps_into(f->taps, k) == mix ? share[k] : 0;
	}
	for (int k = 0; k < mix && all > 0; k++)
		share[k] /= all;
	blame_most(f->taps, share, &b);
	for (int k = 0; k < mix; k++)
		if (taps_into(f->taps, k) == mix && taps_uid(f->taps, k) != b.top && share[k] > second) {
			second = share[k];
			beside = k;
		}
	blame_name(f->session, &b, whom, sizeof whom);
	fault->uid = blame_whom(&b);
	fault->share = b.share > 1 ? 1 : b.share;
	if (beside >= 0 && second >= PAIR) {
		char name[80];
		fault->other = taps_uid(f->taps, beside);
		snprintf(other, sizeof other, ", %.0f %% %s", second * 100, fault_name(f, beside, name, sizeof name));
	}
	snprintf(fault->text, sizeof fault->text, "%.1f dB of the bass are lost in mono, %.0f %% of it %s%s", fault->figure,
	         fault->share * 100, whom, other);
	free(share);
}

static void
say_cancelled(struct faulty *f, struct fault *fault, const struct second *s)
{
	char a[100], b[100];
	fault->share = 1;
	fault->uid = taps_uid(f->taps, s->pair[1]);
	fault->other = taps_uid(f->taps, s->pair[0]);
	snprintf(fault->text, sizeof fault->text, "%.1f dB of the bass are lost: %s and %s stand against each other",
	         fault->figure, fault_name(f, s->pair[0], a, sizeof a), fault_name(f, s->pair[1], b, sizeof b));
}

/* dB that a second loses, in mono or between strips; 0 where it is too soft, or that is not worth a word. */
static double
lost_in(const struct second *s, int cancelled, double loudest)
{
	double all = cancelled ? s->apart : s->mid + s->side, left = cancelled ? s->together : s->mid;
	double lost = below(all, left);
	if (all <= loudest || (cancelled && s->pair[0] < 0))
		return 0;
	return lost >= (cancelled ? CANCELLED : LOST) ? lost : 0;
}

/* Seconds in a row that lose something are one fault. */
static int
find(struct faulty *f, int cancelled)
{
	struct bass_watch *w = f->bass;
	double least = 0, window = 2.0 * f->to->block;
	for (size_t k = 0; k < w->count; k++) {
		double all = cancelled ? w->second[k].apart : w->second[k].mid + w->second[k].side;
		least = all > least ? all : least;
	}
	/* lines are unscaled: a sine of power p makes 3/32 n^2 of it a block with Hann's window of n */
	double silence = SOFTEST * w->every * window * window * 3 / 32;
	least = least * pow(10, -RANGE / 10) > silence ? least * pow(10, -RANGE / 10) : silence;
	int64_t length = (int64_t)w->every * f->to->block;
	struct fault *fault = NULL;
	size_t worst = 0;
	for (size_t k = 0; k <= w->count; k++) {
		double lost = k < w->count ? lost_in(&w->second[k], cancelled, least) : 0;
		if (lost <= 0 && fault) {
			cancelled ? say_cancelled(f, fault, &w->second[worst]) : say_lost(f, fault, worst);
			fault = NULL;
		}
		if (lost <= 0)
			continue;
		if (!fault) {
			if (!(fault = fault_add(f, FAULT_BASS)))
				return -1;
			fault->from = w->second[k].frame;
		}
		fault->to = w->second[k].frame + length;
		if (lost > fault->figure) {
			fault->figure = lost;
			fault->frame = w->second[k].frame;
			worst = k;
		}
	}
	return 0;
}

int
bass_end(struct faulty *f)
{
	if (f->bass->blocks < f->bass->every && f->bass->count)
		choose_pair(f->bass);
	return find(f, 0) || find(f, 1) ? -1 : 0;
}
