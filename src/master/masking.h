/*
 * Which strip covers which other one, in which bands, for how much of the time. Pure but for the memory it takes; any
 * thread, one at a time.
 *
 * Each strip's bands become an excitation pattern through rounded-exponential auditory filters, the lower skirt
 * widened as at 70 dB SPL (B. Glasberg, B. Moore, "Derivation of auditory filter shapes from notched-noise data",
 * Hearing Research 47, 1990). A strip is covered in a band where its excitation lies more than MASKING_OFFSET below
 * that of all others together, and covered by another where that one alone would do: the ratio that B. Moore, B.
 * Glasberg and T. Baer ("A model for the prediction of thresholds, loudness, and partial loudness", J. AES 45, 1997)
 * find at threshold above some 500 Hz. Their ratio is greater below; taking one for all covers less there, never more.
 * Sounds of the same time alone cover each other.
 */
#ifndef MASTER_MASKING_H
#define MASTER_MASKING_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "master/bandlog.h"

#define MASKING_OFFSET 3.0 /* dB */
#define MASKING_RANGE 15.0 /* dB below its own most, in time and among its bands, down to which a strip counts */
#define MASKING_LEAST 0.4  /* of its time that a strip is covered by one other, for a pair to be told */
#define MASKING_WEIGHT 0.1 /* of its energy that the bands of a pair hold at least */

/* The strips of a log that are compared: their nodes, and dB that each is turned by on its way to the mix. */
struct masking_strips {
	const struct bandlog *log;
	const int *node;
	const double *gain;
	int count;
};

/* How one strip fares in one band. */
struct masking_band {
	double energy;  /* its part of the strip's, 0 to 1, K-weighted */
	double covered; /* part of the time that it sounds in this band, 0 to 1 */
	int by;         /* who covers it the longest, -1: nobody */
	double by_time; /* and for how much of that time, were there nobody else */
	int64_t worst;  /* block in which it is covered deepest, -1: none */
	double depth;   /* dB that the others stand above it there */
};

struct masked_strip {
	double covered; /* part of its energy, K-weighted, that is covered */
	int by;         /* who covers most of that, -1: nobody */
	struct masking_band band[BANDLOG_BANDS];
};

/* One that covers another in neighbouring bands. */
struct masked_pair {
	int by, of;    /* of the strips */
	int low, high; /* bands */
	double time;   /* part of the time that `of` sounds there in which `by` alone covers it */
	double hidden; /* part of its whole energy that this hides, K-weighted */
	int64_t worst; /* block */
	double depth;  /* dB that `by` stands above what it covers there, the mean by power */
};

struct masking {
	struct masked_strip *strip; /* as given */
	struct masked_pair *pair;   /* the one that hides most first */
	size_t pairs;
};

/* 0, or -1 with err filled. */
int masking_judge(const struct masking_strips *strips, struct masking *m, struct err *err);
void masking_fini(struct masking *m);

/* The factor of power that a filter at `hertz` passes of what lies at `at` Hz. */
double masking_filter(double hertz, double at);

#endif
