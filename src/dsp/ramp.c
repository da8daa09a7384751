#include "dsp/bank.h"

#include "base/fmath.h"

#define RAMP_SECONDS 0.0045 /* as GLIDE_SECONDS: 0.1 % is left after 50 ms */

void
ramp_init(struct ramp *r, double rate, float value)
{
	r->y = r->a = r->b = r->target = value;
	r->rate = (float)(1 - f_exp(-1 / (RAMP_SECONDS * rate)));
	r->moving = 0;
}

void
ramp_set(struct ramp *r, float value, int snap)
{
	r->target = value;
	if (snap)
		r->y = r->a = r->b = value;
	r->moving = r->y != value || r->a != value || r->b != value;
}

float
ramp_step(struct ramp *r)
{
	r->a += (r->target - r->a) * r->rate;
	r->b += (r->a - r->b) * r->rate;
	r->y += (r->b - r->y) * r->rate;
	return r->y;
}

static float
distance(float a, float b)
{
	return a > b ? a - b : b - a;
}

void
ramp_settle(struct ramp *r)
{
	float size = distance(r->target, 0), near = 1e-6f * (size > 1 ? size : 1);
	if (distance(r->y, r->target) > near || distance(r->a, r->target) > near || distance(r->b, r->target) > near)
		return;
	r->y = r->a = r->b = r->target;
	r->moving = 0;
}
