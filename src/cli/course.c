#include "cli/course.h"

#include "base/clock.h"

#define ALMOST 0.99 /* that is shown at the most before the end */

void
course_begin(struct course *c, double pass, int lines)
{
	*c = (struct course){.pass = pass, .last = clock_seconds()};
	cli_bar_begin(&c->bar, 0);
	c->bar.lines = lines;
}

void
course_plan(struct course *c, enum course_kind kind, double more)
{
	c->planned[kind] = c->done[kind] + more;
}

double
course_left(const struct course *c)
{
	double render = c->done[COURSE_RENDERS] > 0 ? c->spent[COURSE_RENDERS] / c->done[COURSE_RENDERS] : 0;
	double pass = c->done[COURSE_PASSES] > 0 ? c->spent[COURSE_PASSES] / c->done[COURSE_PASSES] : render * c->pass;
	double renders = c->planned[COURSE_RENDERS] - c->done[COURSE_RENDERS];
	double passes = c->planned[COURSE_PASSES] - c->done[COURSE_PASSES];
	return (renders > 0 ? renders * render : 0) + (passes > 0 ? passes * pass : 0);
}

void
course_at(struct course *c, const char *what, enum course_kind kind, double done)
{
	double now = clock_seconds(), passed = now - c->bar.began;
	c->spent[kind] += now - c->last;
	c->last = now;
	c->done[kind] = done;
	double part = c->done[COURSE_RENDERS] > 0 ? passed / (passed + course_left(c)) : 0;
	cli_bar_show(&c->bar, what, part < ALMOST ? part : ALMOST);
}

void
course_end(struct course *c)
{
	cli_bar_show(&c->bar, "", 1);
}
