#include "ui/pace.h"

#include <string.h>

#define WATCHDOG 1.0 /* seconds after which no answer is waited for */
#define RETRY 2.0    /* seconds between questions to a terminal that does not answer */
#define SLOW 0.15    /* seconds of a round trip from which one frame under way is enough */

enum { METERS = 2, EDITS = PACE_ASKED }; /* frames that may be under way */

void
pace_init(struct pace *p, double every)
{
	memset(p, 0, sizeof *p);
	p->every = every;
}

double
pace_wait(const struct pace *p, double now, int urgent)
{
	int most = urgent ? EDITS : p->round > SLOW ? 1 : METERS;
	double wait = urgent ? 0 : p->drawn + p->every - now;
	if (p->unanswered >= most && p->asked[0] + WATCHDOG - now > wait)
		wait = p->asked[0] + WATCHDOG - now;
	return wait > 0 ? wait : 0;
}

int
pace_asks(const struct pace *p, double now)
{
	return !p->mute || now - p->tried >= RETRY;
}

/* Forgets the oldest questions. */
static void
drop(struct pace *p, int count)
{
	count = count < p->unanswered ? count : p->unanswered;
	p->unanswered -= count;
	memmove(p->asked, p->asked + count, (size_t)p->unanswered * sizeof *p->asked);
}

void
pace_drew(struct pace *p, double now, int asked)
{
	p->drawn = now;
	if (p->unanswered && now - p->asked[0] >= WATCHDOG) {
		p->mute = !p->ever;
		p->unanswered = 0;
	}
	if (!asked)
		return;
	p->tried = now;
	if (p->mute)
		return;
	if (p->unanswered == PACE_ASKED)
		drop(p, 1);
	p->asked[p->unanswered++] = now;
}

void
pace_answered(struct pace *p, double now, int answers)
{
	if (!answers)
		return;
	p->ever = 1;
	p->mute = 0;
	if (p->unanswered)
		p->round = now - p->asked[answers < p->unanswered ? answers - 1 : p->unanswered - 1];
	drop(p, answers);
}
