/*
 * What the codec of Bluetooth audio changes of a song, in thirds of an octave: what comes back of it less the song
 * itself. Any thread but the real-time one, one at a time for each.
 */
#ifndef MASTER_AIR_H
#define MASTER_AIR_H

#include "master/balance.h"

struct air;

/* NULL: no memory. */
struct air *air_new(double rate);
void air_free(struct air *a);

void air_take(struct air *a, const float *l, const float *r, size_t frames);

/* After the last frame: the difference's thirds, as balance_finish has them. */
void air_finish(struct air *a, struct balance_band band[BALANCE_BANDS]);

#endif
