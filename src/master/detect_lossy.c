#include "master/detect_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "master/detect_grid.h"
#include "session/text.h"

/*
 * Excerpts of a track that tell most about a coder: full of treble, and without a stroke, which coders cut into short
 * blocks.
 *
 * held  the excerpt under way, by channel
 * kept  the best ones
 */
#define EXCERPTS 30
#define LOOKED 10    /* of them, from the best to the worst: what coders drop differs */
#define PARTS 8      /* of an excerpt, of which none should be much louder than the one before */
#define STROKE 8.0   /* times as loud */
#define QUIET 1e-11F /* power of differences: what is softer says nothing */

struct coder {
	int channels;
	size_t fill;
	int64_t at; /* first frame of held */
	float *held[2];
	struct kept {
		int64_t at;
		double score;
		float *side[2];
	} kept[EXCERPTS];
	int count;
};

static void
coder_free(void *state)
{
	struct coder *u = state;
	for (int c = 0; c < 2; c++) {
		free(u->held[c]);
		for (int k = 0; k < EXCERPTS; k++)
			free(u->kept[k].side[c]);
	}
	free(u);
}

static void *
coder_begin(int rate, int channels)
{
	struct coder *u = text_alloc(sizeof *u);
	(void)rate;
	*u = (struct coder){.channels = channels};
	for (int c = 0; c < channels; c++) {
		u->held[c] = text_alloc(GRID_EXCERPT * sizeof(float));
		for (int k = 0; k < EXCERPTS; k++)
			u->kept[k].side[c] = text_alloc(GRID_EXCERPT * sizeof(float));
	}
	return u;
}

/* How much an excerpt promises: mean level of its treble, dB, less what it rises by at once. */
static double
promise(const struct coder *u)
{
	double sum = 0, rise = 0, before = 0;
	for (int p = 0; p < PARTS; p++) {
		float power = 0;
		for (int c = 0; c < u->channels; c++) {
			const float *x = u->held[c] + p * (GRID_EXCERPT / PARTS);
			for (int t = 1; t < GRID_EXCERPT / PARTS; t++)
				power += (x[t] - x[t - 1]) * (x[t] - x[t - 1]);
		}
		double level = 10 * log10((double)(power / (GRID_EXCERPT / PARTS) + QUIET));
		sum += level / PARTS;
		rise = p > 0 ? fmax(rise, level - before) : 0;
		before = level;
	}
	return sum - 2 * fmax(0, rise - 10 * log10(STROKE));
}

static void
end_excerpt(struct coder *u)
{
	double score = promise(u);
	int to = u->count;
	if (to == EXCERPTS) {
		to = 0;
		for (int k = 1; k < EXCERPTS; k++)
			to = u->kept[k].score < u->kept[to].score ? k : to;
		if (u->kept[to].score >= score)
			return;
	} else {
		u->count++;
	}
	u->kept[to].at = u->at;
	u->kept[to].score = score;
	for (int c = 0; c < u->channels; c++)
		memcpy(u->kept[to].side[c], u->held[c], GRID_EXCERPT * sizeof(float));
}

static void
coder_take(void *state, const float *const *side, size_t frames)
{
	struct coder *u = state;
	for (size_t at = 0; at < frames;) {
		size_t n = GRID_EXCERPT - u->fill < frames - at ? GRID_EXCERPT - u->fill : frames - at;
		for (int c = 0; c < u->channels; c++)
			memcpy(u->held[c] + u->fill, side[c] + at, n * sizeof(float));
		u->fill += n;
		at += n;
		if (u->fill == GRID_EXCERPT) {
			end_excerpt(u);
			u->at += GRID_EXCERPT;
			u->fill = 0;
		}
	}
}

const struct listener coder_listener = {coder_begin, coder_take, NULL, coder_free};

/* Whether the excerpts hold what 16 bits can. */
static int
is_coarse(const struct coder *u)
{
	for (int k = 0; k < u->count; k++)
		for (int c = 0; c < u->channels; c++)
			for (int t = 0; t < GRID_EXCERPT; t++) {
				float x = u->kept[k].side[c][t] * 32768;
				if (x != rintf(x))
					return 0;
			}
	return 1;
}

static int
by_score(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;
	return x->score > y->score ? -1 : x->score < y->score ? 1 : x->at < y->at ? -1 : x->at > y->at;
}

/* Coders round either both sides, or their sum and difference: makes the first side the nth of these. */
static void
take_part(struct kept *k, int n)
{
	float most = 0, *x = k->side[0], *y = k->side[1];
	for (int t = 0; t < GRID_EXCERPT; t++)
		most = fmaxf(most, fabsf(x[t] - y[t]));
	for (int t = 0; t < GRID_EXCERPT; t++)
		switch (n) {
		case 0:
			break;
		case 1:
			x[t] = (most > 0 ? x[t] - y[t] : x[t] + y[t]) * 0.70710678F;
			break;
		case 2:
			x[t] = y[t];
			break;
		case 3:
			x[t] = (x[t] + y[t]) * 0.70710678F;
			break;
		}
}

/* The coder whose grid shows in what was kept. */
static struct grid_found
grid_of(struct coder *u)
{
	struct grid_excerpt excerpt[LOOKED];
	int n = 0, coarse = is_coarse(u);
	qsort(u->kept, (size_t)u->count, sizeof *u->kept, by_score);
	for (; n < LOOKED && n < u->count; n++) {
		struct kept *from = &u->kept[u->count > LOOKED ? n * u->count / LOOKED : n];
		if (u->channels > 1)
			take_part(from, n % 4);
		excerpt[n] = (struct grid_excerpt){from->at, from->side[0]};
	}
	return grid_find(excerpt, n, coarse ? 0x1p-15 : 0x1p-18);
}

#define EDGE_CODER 14000.0 /* Hz; below it hardly a coder cuts */

void
detect_lossy(const struct heard *h, struct findings *to)
{
	double drop, edge = tone_edge(h, &drop);
	struct grid_found grid = grid_of(h->by[HEAR_CODER]);
	if (grid.coder != GRID_NONE) {
		struct finding *f = finding_new(to, DETECT_FAULT, edge);
		finding_say(f, "it was coded as %s: what the coder dropped is missing in each of its blocks",
		            grid.coder == GRID_MP3 ? "MP3" : "AAC or Vorbis");
	} else if (edge > 0) {
		struct finding *f = finding_new(to, DETECT_FAULT, edge);
		finding_say(f, "nothing above %.1f kHz, %.0f dB less than just below it: %s", edge / 1e3, drop,
		            edge < EDGE_CODER ? "it was recorded at a low sample rate, or coded in few bits"
		                              : "the edge of a lossy coder");
	}
}
