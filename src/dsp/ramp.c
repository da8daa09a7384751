#include "dsp/bank.h"

#include "base/fmath.h"

#define RAMP_SECONDS 0.0045 /* as GLIDE_SECONDS: 0.1 % is left after 50 ms */

void
ramp_init(struct ramp *r, double rate, float value)
{
	r->rate = (float)(1 - f_exp(-1 / (RAMP_SECONDS * rate)));
	ramp_set(r, value, 1);
}

void
ramp_set(struct ramp *r, float value, int snap)
{
	float way = snap ? 0 : r->target - value;
	r->a = snap ? 0 : r->a + way;
	r->b = snap ? 0 : r->b + way;
	r->d = snap ? 0 : r->d + way;
	r->target = value;
	if (snap)
		r->y = value;
	r->moving = r->a != 0 || r->b != 0 || r->d != 0;
}

float
ramp_step(struct ramp *r)
{
	r->a -= r->a * r->rate;
	r->b += (r->a - r->b) * r->rate;
	r->d += (r->b - r->d) * r->rate;
	return r->y = r->target + r->d;
}

static float
size(float a)
{
	return a < 0 ? -a : a;
}

void
ramp_settle(struct ramp *r)
{
	float near = 1e-6f * (size(r->target) > 1 ? size(r->target) : 1);
	if (size(r->d) > near || size(r->b) > near || size(r->a) > near)
		return;
	r->y = r->target;
	r->a = r->b = r->d = 0;
	r->moving = 0;
}
