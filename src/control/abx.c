#include "control/abx.h"

#include <math.h>

static int
draw(struct abx *t)
{
	/* the steps of splitmix64 (S. Vigna): every bit of the seed counts */
	uint64_t z = t->seed += 0x9e3779b97f4a7c15;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (int)((z ^ z >> 31) & 1);
}

void
abx_begin(struct abx *t, uint64_t seed)
{
	*t = (struct abx){.seed = seed};
	t->x = draw(t);
}

int
abx_answer(struct abx *t, int answer)
{
	int right = answer == t->x;
	t->trials++;
	t->right += right;
	t->x = draw(t);
	return right;
}

double
abx_chance(int trials, int right)
{
	double sum = 0;
	for (int k = right; k <= trials; k++)
		sum += exp(lgamma(trials + 1) - lgamma(k + 1) - lgamma(trials - k + 1) - trials * log(2));
	return sum > 1 ? 1 : sum;
}
