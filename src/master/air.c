#include "master/air.h"

#include <stdlib.h>

#include "dsp/sbc.h"

#define BLOCK 1024

struct air {
	struct sbc sbc;
	struct balance *balance;
	double (*past)[2]; /* the song, a ring as long as the codec is late */
	int late, at;
};

struct air *
air_new(double rate)
{
	struct air *a = calloc(1, sizeof *a);
	if (!a)
		return NULL;
	sbc_init(&a->sbc, rate);
	a->late = sbc_latency(rate);
	a->past = calloc((size_t)a->late, sizeof *a->past);
	a->balance = balance_new(rate);
	if (!a->past || !a->balance) {
		air_free(a);
		return NULL;
	}
	return a;
}

void
air_free(struct air *a)
{
	if (!a)
		return;
	balance_free(a->balance);
	free(a->past);
	free(a);
}

/* A frame: what the codec has changed of the one that comes out of it. */
static void
step(struct air *a, float x[2])
{
	double coded[2] = {(double)x[0], (double)x[1]}, *past = a->past[a->at];
	sbc_step(&a->sbc, coded);
	for (int c = 0; c < 2; c++) {
		double song = past[c];
		past[c] = (double)x[c];
		x[c] = (float)(coded[c] - song);
	}
	a->at = (a->at + 1) % a->late;
}

void
air_take(struct air *a, const float *l, const float *r, size_t frames)
{
	float x[2][BLOCK];
	while (frames > 0) {
		size_t count = frames < BLOCK ? frames : BLOCK;
		for (size_t t = 0; t < count; t++) {
			float frame[2] = {l[t], r[t]};
			step(a, frame);
			x[0][t] = frame[0];
			x[1][t] = frame[1];
		}
		balance_take(a->balance, x[0], x[1], count);
		l += count;
		r += count;
		frames -= count;
	}
}

void
air_finish(struct air *a, struct balance_band band[BALANCE_BANDS])
{
	static const float silence[BLOCK];
	for (int left = a->late; left > 0; left -= BLOCK)
		air_take(a, silence, silence, (size_t)(left < BLOCK ? left : BLOCK));
	balance_finish(a->balance, band);
}
