#include "master/detect_parts.h"

#include <math.h>
#include <stdlib.h>

#include "base/units.h"
#include "session/text.h"

/*
 * A limiter leaves strokes of different sound at one level: its ceiling. Without one, strokes as high as one another
 * are the same stroke again, as a machine plays it, or they are few: as many as just below. So of all levels near the
 * top the one is looked for that most kinds of strokes end at, against as many as would by chance. Limiters that look
 * at frames leave frames at their ceiling, those that look between frames the wave between them.
 */
static const struct {
	double width; /* dB that strokes of one level lie in */
	int over;     /* between the frames */
} views[] = {{0.003, 0}, {0.012, 1}};

#define DEEP                                                                                                           \
	1.0           /* dB below the top that a ceiling is looked for in: a ceiling between frames may be missed by some  \
	               */
#define BELOW 0.3 /* dB below a level that tell what chance is */
#define STROKES 5 /* at one level, at least */
#define HIGHER 0.34 /* of them that may be higher */
#define KIND 0.1    /* dB of crest that strokes of one kind are alike in */
#define KINDS 4     /* at one level, at least */
#define SURE 6.0    /* times the spread that the kinds are more than by chance */

/* The top of a wave that is higher than what is 20 ms before and behind it. */
struct stroke {
	float level, crest; /* dBFS; dB over the mean of some ms about it */
};

static int
by_level(const void *a, const void *b)
{
	float x = ((const struct stroke *)a)->level, y = ((const struct stroke *)b)->level;
	return (x < y) - (x > y);
}

static int
by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

static const struct level_block *
louder(const struct levels *l, size_t k, int over, float *height)
{
	const struct level_block *a = &l->kept[0][k], *b = l->channels > 1 ? &l->kept[1][k] : a;
	const struct level_block *most = (over ? b->over > a->over : b->peak > a->peak) ? b : a;
	*height = over ? most->over : most->peak;
	return most;
}

/* Fills room for a stroke a block with all strokes, the highest first; how many. */
static size_t
strokes_of(const struct levels *l, int over, struct stroke *to)
{
	size_t count = 0;
	float before = 0, height, behind;
	for (size_t k = 0; k < l->blocks; k++, before = height) {
		const struct level_block *b = louder(l, k, over, &height);
		if (k + 1 < l->blocks)
			louder(l, k + 1, over, &behind);
		else
			behind = 0;
		if (height > 0 && height >= before && height > behind)
			to[count++] = (struct stroke){
			    (float)gain_to_db((double)height),
			    (float)(gain_to_db((double)b->peak) - 10 * log10((double)b->near + 1e-20)),
			};
	}
	qsort(to, count, sizeof *to, by_level);
	return count;
}

/* Of how many kinds strokes are; `crest` has room for one each. */
static size_t
kinds_of(const struct stroke *s, size_t count, float *crest)
{
	size_t kinds = 0;
	double last = -HUGE_VAL;
	for (size_t k = 0; k < count; k++)
		crest[k] = s[k].crest;
	qsort(crest, count, sizeof *crest, by_size);
	for (size_t k = 0; k < count; k++)
		if ((double)crest[k] > last + KIND) {
			kinds++;
			last = (double)crest[k];
		}
	return kinds;
}

struct ceiling {
	double sure;  /* 0: none */
	double level; /* dBFS */
	size_t strokes;
};

static void
find_ceiling(const struct stroke *s, size_t count, double width, float *crest, struct ceiling *best)
{
	double last = HUGE_VAL;
	for (size_t i = 0; i < count && (double)s[i].level >= (double)s[0].level - DEEP; i++) {
		double level = (double)s[i].level;
		size_t end = i, below;
		if (level > last - width / 4)
			continue;
		last = level;
		while (end < count && (double)s[end].level >= level - width)
			end++;
		for (below = end; below < count && (double)s[below].level >= level - width - BELOW; below++)
			;
		if (end - i < STROKES || (double)i > HIGHER * (double)(end - i))
			continue;
		size_t kinds = kinds_of(s + i, end - i, crest);
		double chance = (double)(below - end + 1) * width / BELOW, sure = ((double)kinds - chance) / sqrt(chance + 0.3);
		if (kinds >= KINDS && sure > best->sure)
			*best = (struct ceiling){sure, level, end - i};
	}
}

#define PILE_NEAR 0.2F  /* dB below the top that a limiter that lets some through leaves peaks in */
#define PILE_BELOW 2.0F /* dB below it that peaks without a limiter lie in as well */
#define PILE 1.6        /* times as dense near the top as below */
#define PILE_BLOCKS 12  /* near the top, at least */
#define PILE_KINDS 4.0  /* of sound that stands there, weighed by how many of each */
#define CLASSES 160     /* of 0.25 dB of crest */

/* Whether peaks pile up below the top, whatever the sound they stand in; how many, and how much denser. */
static size_t
pile_up(const struct levels *l, double *denser)
{
	size_t near = 0, below = 0;
	uint32_t class[CLASSES] = {0};
	float top = 0, height;
	for (size_t k = 0; k < l->blocks; k++)
		top = fmaxf(top, levels_peak(l, k));
	float edge = top * (float)db_to_gain(-(double)PILE_NEAR), low = top * (float)db_to_gain(-(double)PILE_BELOW);
	for (size_t k = 0; k < l->blocks && top > 0; k++) {
		const struct level_block *b = louder(l, k, 0, &height);
		if (height < edge) {
			below += height >= low;
			continue;
		}
		near++;
		double crest = gain_to_db((double)b->peak) - 10 * log10((double)b->near + 1e-20);
		class[(int)fmax(0, fmin(CLASSES - 1, 4 * crest))]++;
	}
	double square = 0;
	for (int k = 0; k < CLASSES; k++)
		square += (double)class[k] * class[k];
	double kinds = square > 0 ? (double)near * (double)near / square : 0;
	*denser = (double)near / (double)PILE_NEAR / (((double)below + 1) / (double)(PILE_BELOW - PILE_NEAR));
	return near >= PILE_BLOCKS && *denser >= PILE && kinds >= PILE_KINDS ? near : 0;
}

void
detect_limited(const struct heard *h, struct findings *to)
{
	const struct levels *l = h->by[HEAR_LEVELS];
	struct stroke *s = text_alloc((l->blocks + 1) * sizeof *s);
	float *crest = text_alloc((l->blocks + 1) * sizeof *crest);
	struct ceiling best = {0, 0, 0};
	double denser;
	for (size_t v = 0; v < sizeof views / sizeof *views; v++)
		find_ceiling(s, strokes_of(l, views[v].over, s), views[v].width, crest, &best);
	free(crest);
	free(s);
	size_t pile = pile_up(l, &denser);
	if (best.sure < SURE && pile == 0)
		return;
	struct finding *f = finding_new(to, DETECT_FAULT, denser);
	if (best.sure >= SURE)
		finding_say(f, "limited already: %zu peaks of several kinds end at exactly %.2f dBFS", best.strokes,
		            best.level);
	else
		finding_say(f, "limited already: %zu peaks lie within %.1f dB of the top, %.1f times as dense as just below",
		            pile, (double)PILE_NEAR, denser);
}
