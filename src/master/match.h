/*
 * An equaliser that brings one tonal balance to another: bands fitted to what thirds of an octave lack. Pure functions;
 * any thread but the real-time one.
 *
 * The fit is least squares over bands' gains, frequencies and Qs together (Levenberg, Quart. Appl. Math. 2, 1944;
 * Marquardt, SIAM J. Appl. Math. 11, 1963) from several beginnings, against the responses of the very sections that the
 * engine will run.
 */
#ifndef MASTER_MATCH_H
#define MASTER_MATCH_H

#include "dsp/eq.h"
#include "master/balance.h"
#include "session/session.h"

struct match {
	struct eq_band band[EQ_BANDS];
	int bands;                      /* in use */
	double response[BALANCE_BANDS]; /* dB, that they give in each third */
	double left;                    /* dB, the greatest distance to what was wanted, in thirds that count */
};

/*
 * Fits up to `bands` bands to `want` (dB to add in each third; NAN: it does not count) within +-cap dB. Bands that
 * would do less than 0.1 dB are left out.
 */
void match_fit(const double want[BALANCE_BANDS], double rate, double cap, int bands, struct match *m);

/* The response of bands in each third, dB: the mean power over the third. */
void match_response(const struct eq_band *band, int bands, double rate, double response[BALANCE_BANDS]);

/* The numbers (1 to EQ_BANDS) of a node's bands that do nothing yet; returns how many. */
int match_places(const struct node *node, int place[EQ_BANDS]);

/* The lines that set a band at `address` ("master/eq/1"), each to `each`. */
void match_lines(const struct eq_band *band, const char *address, void (*each)(void *arg, const char *line), void *arg);

/*
 * What `from` lacks against `to`, dB a third, levels set aside; NAN in thirds where one of them holds less than
 * 1/100,000 of its power.
 */
void match_difference(const struct balance_band from[BALANCE_BANDS], const struct balance_band to[BALANCE_BANDS],
                      double want[BALANCE_BANDS]);

#endif
