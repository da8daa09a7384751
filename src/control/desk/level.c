#include "control/desk/level.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "control/desk/parts.h"
#include "engine/bounce.h"

#define STRETCH 16.0 /* seconds that are compared */
#define LEAST 4.0    /* seconds; near the song's end the stretch begins before the playhead */

struct level {
	pthread_t thread;
	int running;
	pthread_mutex_t lock;
	struct level_side side[2];
	char *path;
	int64_t from, to; /* frames */
	struct levelled result;
	int done, quit; /* guarded; done: 1, or -1: it failed */
	struct err err;
};

static int
look_at_quit(void *arg, int64_t done, int64_t all)
{
	struct level *l = arg;
	(void)done, (void)all;
	pthread_mutex_lock(&l->lock);
	int quit = l->quit;
	pthread_mutex_unlock(&l->lock);
	return quit;
}

static int
measure(struct level *l, int k)
{
	l->result.loudness[k] = l->side[k].known;
	l->result.peak[k] = -HUGE_VAL;
	if (!l->side[k].session)
		return 0;
	struct stems *stems = stems_new(l->side[k].session, l->path, 1, NULL, NULL);
	const struct bounce_options o = {.mastered = l->side[k].mastered,
	                                 .start = l->from,
	                                 .from = l->from,
	                                 .to = l->to,
	                                 .progress = look_at_quit,
	                                 .arg = l};
	struct bounce_report report = {.integrated = 0};
	int status =
	    stems ? bounce(l->side[k].session, stems, &o, &report, &l->err) : err_set(&l->err, "not enough memory");
	stems_free(stems);
	l->result.loudness[k] = report.integrated;
	l->result.peak[k] = report.sample_peak;
	return status;
}

static void *
run(void *arg)
{
	struct level *l = arg;
	pthread_setname_np(pthread_self(), "levels");
	int failed = measure(l, 0) || measure(l, 1);
	pthread_mutex_lock(&l->lock);
	l->done = failed ? -1 : 1;
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

void
level_stretch(const struct desk *d, int64_t *from, int64_t *to)
{
	double rate = session_rate(d->session);
	*to = d->position + (int64_t)(STRETCH * rate);
	*to = *to < d->length ? *to : d->length;
	*from = *to - d->position < (int64_t)(LEAST * rate) ? *to - (int64_t)(LEAST * rate) : d->position;
	*from = *from > 0 ? *from / QUANTUM * QUANTUM : 0;
}

struct level *
level_begin(struct desk *d, const struct level_side side[2], struct err *err)
{
	struct level *l = calloc(1, sizeof *l);
	if (!l) {
		session_free(side[0].session);
		session_free(side[1].session);
		return err_set(err, "not enough memory to compare"), NULL;
	}
	pthread_mutex_init(&l->lock, NULL);
	memcpy(l->side, side, sizeof l->side);
	l->path = strdup(d->path);
	level_stretch(d, &l->from, &l->to);
	if (!l->path)
		err_set(err, "not enough memory to compare");
	else if (pthread_create(&l->thread, NULL, run, l))
		err_set(err, "it cannot be compared: no more threads");
	else
		l->running = 1;
	if (l->running)
		return l;
	level_free(l);
	return NULL;
}

int
level_done(struct level *l, struct levelled *to, struct err *err)
{
	pthread_mutex_lock(&l->lock);
	int done = l->done;
	pthread_mutex_unlock(&l->lock);
	if (done > 0)
		*to = l->result;
	else if (done < 0)
		*err = l->err;
	return done;
}

void
level_free(struct level *l)
{
	if (!l)
		return;
	if (l->running) {
		pthread_mutex_lock(&l->lock);
		l->quit = 1;
		pthread_mutex_unlock(&l->lock);
		pthread_join(l->thread, NULL);
	}
	pthread_mutex_destroy(&l->lock);
	session_free(l->side[0].session);
	session_free(l->side[1].session);
	free(l->path);
	free(l);
}
