#include "master/detect_steps.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define GROUP STEPS_GROUP
#define MOST 4      /* steps that the greatest of a group can be; with more, sound that was never coded fits as well */
#define CLEAR 2.0F  /* a step, in those that the sound was rounded to */
#define LEFT 0.004F /* what is left beside a step at least, by rounding; square of a step */
#define CHANCE -0.75F /* of a group that was never coded, on average */

/* The steps by law, and the mean square that is left of values that know nothing of them. */
static const float value[2][MOST + 1] = {{0, 1, 2, 3, 4}, {0, 1, 2.5198421F, 4.3267487F, 6.3496042F}};
static const float left[2][MOST + 1] = {{1, 0.0833F, 0.0833F, 0.0833F, 0.0833F},
                                        {1, 0.0833F, 0.1492F, 0.2005F, 0.2453F}};

/* The logarithm to base 2 of a positive number, from its bits: 0.09 too low at most, which is enough for a mean. */
static inline float
roughly_log2(float x)
{
	int32_t bits;
	memcpy(&bits, &x, sizeof bits);
	return (float)bits * 0x1p-23F - 127;
}

/* Loops over a group are of one length and alike, so that they become vectors. */
#define ALL(i) for (int i = 0; i < GROUP; i++)

static inline float
sum_of(const float *x)
{
	float sum[4] = {0};
	for (int i = 0; i < GROUP; i += 4)
		for (int j = 0; j < 4; j++)
			sum[j] += x[i + j];
	return sum[0] + sum[1] + (sum[2] + sum[3]);
}

/* The mean square that a group leaves beside the nearest of `most` steps, of those that its greatest coefficient is. */
static inline __attribute__((always_inline)) float
beside(const float *v, const float *size, float unit, int most)
{
	float square[GROUP], to_steps = v[most] * unit, v2 = v[2], v3 = v[3], v4 = v[4];
	ALL(i)
	{
		float y = size[i] * to_steps, d = fabsf(y - 1), least = d < y ? d : y;
		if (most > 1) {
			d = fabsf(y - v2);
			least = d < least ? d : least;
		}
		if (most > 2) {
			d = fabsf(y - v3);
			least = d < least ? d : least;
		}
		if (most > 3) {
			d = fabsf(y - v4);
			least = d < least ? d : least;
		}
		square[i] = least * least;
	}
	return sum_of(square) / GROUP + LEFT;
}

/* How a group looks with the best of the steps that its greatest coefficient can be. */
static float
best_steps(enum steps_law law, const float *x, float step)
{
	const float *v = value[law], *chance = left[law];
	float size[GROUP], top[4] = {0}, best[MOST] = {1, 1, 1, 1};
	ALL(i) size[i] = fabsf(x[i]);
	for (int i = 0; i < GROUP; i += 4)
		for (int j = 0; j < 4; j++)
			top[j] = size[i + j] > top[j] ? size[i + j] : top[j];
	float p = top[0] > top[1] ? top[0] : top[1], q = top[2] > top[3] ? top[2] : top[3], greatest = p > q ? p : q;
	if (greatest < CLEAR * step)
		return CHANCE;
	float unit = 1 / greatest;
	best[0] = beside(v, size, unit, 1) / chance[1];
	if (greatest >= CLEAR * step * v[2])
		best[1] = beside(v, size, unit, 2) / chance[2];
	if (greatest >= CLEAR * step * v[3])
		best[2] = beside(v, size, unit, 3) / chance[3];
	if (greatest >= CLEAR * step * v[4])
		best[3] = beside(v, size, unit, 4) / chance[4];
	p = best[0] < best[1] ? best[0] : best[1];
	q = best[2] < best[3] ? best[2] : best[3];
	return roughly_log2(p < q ? p : q);
}

/* The logarithm of a group's powers. */
static float
logs(const float *x, float floor)
{
	float log[GROUP];
	ALL(i) log[i] = roughly_log2(x[i] * x[i] + floor);
	return sum_of(log);
}

void
steps_add(struct steps *to, enum steps_law law, const float *coefficient, int n, int from, float step)
{
	/* rounding has a deviation of step / sqrt(12), and so have orthonormal coefficients of it */
	float floor = step * step / 9, zeros = 0, steps = 0;
	for (int k = from; k + GROUP <= n; k += GROUP) {
		zeros += logs(coefficient + k, floor);
		steps += best_steps(law, coefficient + k, step);
	}
	to->zeros += (double)zeros;
	to->steps += (double)steps;
}
