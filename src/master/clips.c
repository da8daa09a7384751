#include "master/clips.h"

/*
 * A cut-off top is a run of at least three equal samples at the greatest magnitude of the whole channel (within half a
 * step of 14 bits, as integers reach one step further down than up), that the signal runs into with a slope: even
 * bass that is just coded in few bits comes up to its top gently. At full scale or, lowered later, anywhere below.
 */
#define LEAST_RUN 3
#define SLOPE 0.0005F   /* of the top: a 100 Hz tone cut by 1 dB runs into it with 0.006 */
#define STEEP 0.02F     /* of the top: another way to it; a steady tone comes the same way each time */
#define SLACK 0.999939F /* 1 - 2^-14 */
#define LEAST_TOP 0.03F /* what is so low is not looked at */

static float
magnitude(float x)
{
	return x < 0 ? -x : x;
}

/* A run of equal samples has ended. */
static void
end_run(struct clips *c)
{
	float at = magnitude(c->last);
	if (at >= c->top) {
		c->tops++;
		c->varied += c->tops > 1 && magnitude(c->before - c->beside) >= STEEP * at;
		c->beside = c->before;
	}
	if (c->run < LEAST_RUN || at < LEAST_TOP || at < c->top * SLACK || magnitude(c->last - c->before) < SLOPE * at)
		return;
	if (c->runs++ == 0)
		c->first = c->frames - (int64_t)c->run;
	c->cut += c->run;
	c->longest = c->run > c->longest ? c->run : c->longest;
}

void
clips_take(struct clips *c, const float *x, size_t frames)
{
	for (size_t t = 0; t < frames; t++) {
		if (x[t] == c->last && c->frames > 0) {
			c->run++;
		} else {
			if (c->run >= LEAST_RUN || magnitude(c->last) >= c->top)
				end_run(c);
			c->before = c->last;
			c->last = x[t];
			c->run = 1;
			float at = magnitude(x[t]);
			if (at > c->top) { /* what was found below a new top was no top */
				if (c->top < at * SLACK) {
					c->runs = c->longest = c->cut = 0;
					c->first = -1;
				}
				c->top = at;
				c->tops = c->varied = 0;
			}
		}
		c->frames++;
	}
}

void
clips_finish(struct clips *c)
{
	end_run(c);
	c->run = 0;
}
