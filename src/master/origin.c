#include "master/origin.h"

#include "base/units.h"

void
origin_begin(struct origin *o, double rate)
{
	*o = (struct origin){.rate = rate, .head = -1};
	o->clips[0].first = o->clips[1].first = -1;
}

static int
silent(float l, float r)
{
	return l < ORIGIN_SILENCE && l > -ORIGIN_SILENCE && r < ORIGIN_SILENCE && r > -ORIGIN_SILENCE;
}

void
origin_take(struct origin *o, const float *const *side, size_t frames)
{
	for (int c = 0; c < 2; c++)
		clips_take(&o->clips[c], side[c], frames);
	for (size_t t = 0; t < frames; t++) {
		double l = (double)side[0][t], r = (double)side[1][t];
		o->sum[0] += l;
		o->sum[1] += r;
		o->square[0] += l * l;
		o->square[1] += r * r;
		o->product += l * r;
		if (silent(side[0][t], side[1][t])) {
			o->tail++;
		} else {
			if (o->head < 0)
				o->head = o->frames + (int64_t)t;
			o->tail = 0;
		}
	}
	o->frames += (int64_t)frames;
}

void
origin_finish(struct origin *o)
{
	double power = f_sqrt(o->square[0]) * f_sqrt(o->square[1]), both = o->square[0] + o->square[1];
	o->correlation = power > 0 ? o->product / power : 0;
	o->mono = both > 0 ? -gain_to_db(f_sqrt(both + 2 * o->product > 0 ? (both + 2 * o->product) / (2 * both) : 0)) : 0;
	if (o->head < 0)
		o->head = o->frames;
	for (int c = 0; c < 2; c++) {
		o->mean[c] = o->frames > 0 ? o->sum[c] / (double)o->frames : 0;
		clips_finish(&o->clips[c]);
	}
}
