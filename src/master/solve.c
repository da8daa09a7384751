#include "master/solve.h"

#include <math.h>

#define LEAST_GAIN (-24.0) /* the range of master/limiter/gain */
#define MOST_GAIN 36.0
#define CLOSE_ENOUGH                                                                                                   \
	0.01 /* LU at which the search ends: far within the tolerance, for readers that differ a little                    \
	      */
#define MOST_PASSES 14

/*
 * The search. Loudness grows with the gain, though slower the more is limited, so:
 *
 * low, high    gains known to give too little and too much (at first just beyond the ends of the range)
 * gain, error  the last try; error in LU above what is wanted
 * before, ...  the one before it
 */
struct search {
	double low, high;
	double gain, error, before, before_error;
	int tries;
};

static double
rounded(double gain)
{
	gain = gain < LEAST_GAIN ? LEAST_GAIN : gain > MOST_GAIN ? MOST_GAIN : gain;
	return floor(gain * 1000 + 0.5) / 1000;
}

/* The secant's next gain; inside what is known, else halfway. */
static double
next_gain(const struct search *s)
{
	double slope = 1;
	if (s->tries > 1 && s->gain != s->before)
		slope = (s->error - s->before_error) / (s->gain - s->before);
	/* hardly louder for more gain: the end of the range tells whether it can be had at all */
	if (s->error < 0 && slope < 0.02 && s->high > MOST_GAIN)
		return MOST_GAIN;
	/* a limiter deep at work hardly gets louder: steps of 12 dB at the most */
	slope = slope > 0.01 ? slope : 0.01;
	double step = -s->error / slope;
	double gain = s->gain + (step > 12 ? 12 : step < -12 ? -12 : step);
	if (gain <= s->low || gain >= s->high)
		gain = (s->low + s->high) / 2;
	return gain;
}

static void
learn(struct search *s, double gain, double error)
{
	s->before = s->gain;
	s->before_error = s->error;
	s->gain = gain;
	s->error = error;
	s->tries++;
	if (error < 0)
		s->low = gain;
	else
		s->high = gain;
}

static int
try_gain(const struct premaster *p, double gain, struct solution *s, struct err *err)
{
	s->limiter.gain = (float)rounded(gain);
	s->passes++;
	return premaster_pass(p, &s->limiter, NULL, &s->pass, err);
}

int
solve_loudness(const struct premaster *p, const struct limiter_params *limiter, double lufs,
               int (*progress)(void *arg, int passes), void *arg, struct solution *s, struct err *err)
{
	if (!isfinite(p->integrated))
		return err_set(err,
		               "there is nothing loud enough to master: it is silence, below -70 LUFS or shorter than 0.4 s");
	struct search search = {.low = LEAST_GAIN - 0.001, .high = MOST_GAIN + 0.001};
	struct solution best = {.limiter = *limiter, .passes = 0}, now = best;
	double least = HUGE_VAL, gain = rounded(lufs - p->integrated);
	best.limiter.on = now.limiter.on = 1;
	while (search.tries < MOST_PASSES) {
		if (try_gain(p, gain, &now, err))
			return -1;
		double error = now.pass.integrated - lufs;
		if (fabs(error) < least) {
			least = fabs(error);
			best = now;
		}
		learn(&search, gain, error);
		if (progress && progress(arg, now.passes))
			return 1;
		if (fabs(error) <= CLOSE_ENOUGH)
			break;
		double next = rounded(next_gain(&search));
		if (next == gain || (error < 0 && gain >= MOST_GAIN) || (error > 0 && gain <= LEAST_GAIN))
			break;
		gain = next;
	}
	best.passes = now.passes;
	best.reached = least <= SOLVE_TOLERANCE;
	*s = best;
	return 0;
}

int
solve_limiting(const struct premaster *p, const struct limiter_params *limiter, double most, struct solution *s,
               struct err *err)
{
	if (!isfinite(p->true_peak))
		return err_set(err, "there is nothing loud enough to master: it is silence");
	*s = (struct solution){.limiter = *limiter, .reached = 1};
	s->limiter.on = 1;
	/* the peak's reduction follows the gain dB by dB; a second try takes out what the limiter's own margin adds */
	double gain = (double)limiter->ceiling + most - p->true_peak;
	for (int k = 0; k < 3; k++) {
		if (try_gain(p, gain, s, err))
			return -1;
		double over = s->pass.limited - most;
		if (over <= 0)
			break;
		gain = (double)s->limiter.gain - over - 0.01;
	}
	return 0;
}
