#include "engine/pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/fpu.h"

/*
 * A step runs level 0 of chunk `step` beside levels 1.. and the tail of chunk `step - 1`. The lock guards all fields
 * below it.
 *
 * level, job   the next piece of the chunk behind; level == levels is its tail
 * busy         pieces of that level that are under way
 * first        the next bank of level 0 of the chunk ahead
 * ahead        banks of level 0 that are done
 */
struct pool {
	struct graph *g;
	int frames, levels;
	int64_t chunks;
	int (*tail)(void *, int64_t);
	void *arg;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	int64_t step;
	int level, job, busy, first, ahead;
	int status;
};

static int
level_jobs(const struct pool *p, int level)
{
	return level < p->levels ? graph_level_jobs(p->g, level) : 1;
}

static int
behind_done(const struct pool *p)
{
	return p->step == 0 || p->level > p->levels;
}

static int
ahead_done(const struct pool *p)
{
	return p->step == p->chunks || p->ahead == level_jobs(p, 0);
}

/* On to the next level and the next step, as far as what is done allows. Called locked. */
static void
advance(struct pool *p)
{
	for (;;) {
		if (!behind_done(p) && p->job == level_jobs(p, p->level) && p->busy == 0) {
			p->level++;
			p->job = 0;
		} else if (p->step <= p->chunks && behind_done(p) && ahead_done(p)) {
			p->step++;
			p->level = 1;
			p->job = p->busy = p->first = p->ahead = 0;
		} else {
			break;
		}
	}
	pthread_cond_broadcast(&p->moved);
}

/* Takes and does one piece of work: 0 when all is done. Called locked, returns locked. */
static int
work(struct pool *p)
{
	for (;;) {
		if (p->step > p->chunks || p->status)
			return 0;
		if (p->step > 0 && p->level <= p->levels && p->job < level_jobs(p, p->level)) {
			int level = p->level, job = p->job++, status = 0;
			int64_t chunk = p->step - 1;
			p->busy++;
			pthread_mutex_unlock(&p->lock);
			if (level < p->levels)
				graph_job(p->g, level, job, chunk, p->frames);
			else
				status = p->tail(p->arg, chunk);
			pthread_mutex_lock(&p->lock);
			p->busy--;
			if (status)
				p->status = status;
			break;
		}
		if (p->step < p->chunks && p->first < level_jobs(p, 0)) {
			int job = p->first++;
			int64_t chunk = p->step;
			pthread_mutex_unlock(&p->lock);
			graph_job(p->g, 0, job, chunk, p->frames);
			pthread_mutex_lock(&p->lock);
			p->ahead++;
			break;
		}
		pthread_cond_wait(&p->moved, &p->lock);
	}
	advance(p);
	return 1;
}

static void *
run(void *arg)
{
	struct pool *p = arg;
	fpu_flush_denormals();
	pthread_mutex_lock(&p->lock);
	while (work(p))
		;
	pthread_cond_broadcast(&p->moved);
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

int
pool_render(struct graph *g, int frames, int64_t chunks, int threads, int (*tail)(void *, int64_t), void *arg,
            struct err *err)
{
	struct pool p = {
	    .g = g, .frames = frames, .levels = graph_levels(g), .chunks = chunks, .tail = tail, .arg = arg, .level = 1};
	pthread_t *thread = calloc((size_t)threads, sizeof *thread);
	if (!thread)
		return err_set(err, "bounce: not enough memory for %d threads", threads);
	pthread_mutex_init(&p.lock, NULL);
	pthread_cond_init(&p.moved, NULL);
	advance(&p);
	int started = 0;
	while (started < threads && pthread_create(&thread[started], NULL, run, &p) == 0)
		started++;
	if (started == 0)
		p.status = err_set(err, "bounce: no thread could be started; try again when the machine is less busy");
	for (int k = 0; k < started; k++)
		pthread_join(thread[k], NULL);
	pthread_cond_destroy(&p.moved);
	pthread_mutex_destroy(&p.lock);
	free(thread);
	return p.status;
}
