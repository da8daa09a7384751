/*
 * Songs of an album against each other: who stands apart from the middle of all, and what would bring them closer. Pure
 * functions; any thread but the real-time one.
 */
#ifndef MASTER_OUTLIER_H
#define MASTER_OUTLIER_H

#include <stdint.h>

#include "master/match.h"
#include "master/measure.h"

enum outlier_figure {
	OUTLIER_LOUDNESS, /* LUFS */
	OUTLIER_RANGE,    /* LU */
	OUTLIER_PLR,      /* dB */
	OUTLIER_WIDTH,    /* dB, side against mid */
	OUTLIER_FIGURES
};

struct outlier_row {
	double figure[OUTLIER_FIGURES];
	double apart[OUTLIER_FIGURES]; /* from the album's median */
	unsigned out;                  /* bits of enum outlier_figure that stand apart */
	double want[BALANCE_BANDS];    /* dB a third to the album's median balance; NAN: does not count */
	uint32_t bands_out;            /* bits of thirds that stand apart */
	double trim, width;            /* proposed: dB, and percent (100: as it is) */
	struct match match;            /* proposed, where thirds stand apart */
};

/* How far a figure may lie from the median before it stands apart, at least; in its unit. */
extern const double outlier_least[OUTLIER_FIGURES];
#define OUTLIER_BAND 4.0 /* dB, of a third */

/*
 * Judges songs; the median is that of all. A figure stands apart where it is farther from it than three times the
 * songs' usual distance (the median of distances, by 1.4826: Hampel's identifier) and than outlier_least.
 */
void outlier_judge(const struct measured *song, size_t songs, double rate, struct outlier_row *row);

#endif
