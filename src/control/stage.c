#include "control/stage.h"

#include <math.h>

#include "session/params.h"

static double
round_to(double value, double grid)
{
	return floor(value * grid + 0.5) / grid;
}

/* dB of a factor, silence where it is next to nothing. */
static double
level_of(double level, double factor)
{
	return factor < 1e-3 ? PARAM_SILENCE_DB : round_to(level + 20 * log10(factor), 10);
}

void
stage_place(double depth, struct stage_place *place)
{
	const double doublings = depth / 25, part = depth / 100 * M_PI / 2;
	*place = (struct stage_place){.near = PARAM_SILENCE_DB, .far = PARAM_SILENCE_DB};
	if (depth <= 0)
		return;
	place->level = round_to(-3 * doublings, 100);
	place->corner = round_to(20000 * exp2(-doublings / 2), 0.1);
	place->near = level_of(-30 + 6 * doublings, cos(part));
	place->far = level_of(-30 + 6 * doublings, sin(part));
}
