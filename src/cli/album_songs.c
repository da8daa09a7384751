#include "cli/album_songs.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/cores.h"
#include "base/fpu.h"

#define THREADS_MAX 64

/* Pieces of work, taken one by one. */
struct pool {
	int (*work)(void *arg, size_t k, struct err *err);
	void *arg;
	size_t count, next;
	int failed;
	struct err err;
	pthread_mutex_t lock; /* guards next, failed and err */
};

static void *
work_on(void *arg)
{
	struct pool *p = arg;
	fpu_flush_denormals(); /* as in every thread that makes the sound */
	for (;;) {
		struct err err;
		pthread_mutex_lock(&p->lock);
		size_t k = p->failed ? p->count : p->next++;
		pthread_mutex_unlock(&p->lock);
		if (k >= p->count)
			return NULL;
		if (p->work(p->arg, k, &err) == 0)
			continue;
		pthread_mutex_lock(&p->lock);
		if (!p->failed)
			p->err = err;
		p->failed = 1;
		pthread_mutex_unlock(&p->lock);
	}
}

int
album_songs_each(size_t count, int threads, int (*work)(void *arg, size_t k, struct err *err), void *arg,
                 struct err *err)
{
	struct pool p = {.work = work, .arg = arg, .count = count, .lock = PTHREAD_MUTEX_INITIALIZER};
	pthread_t thread[THREADS_MAX];
	int most = threads ? threads : core_count();
	int started = 0;
	while (started < most - 1 && started < THREADS_MAX && (size_t)started + 1 < count &&
	       pthread_create(&thread[started], NULL, work_on, &p) == 0)
		started++;
	work_on(&p);
	while (started)
		pthread_join(thread[--started], NULL);
	if (p.failed)
		*err = p.err;
	return p.failed ? -1 : 0;
}

struct measuring {
	const struct premaster *p;
	struct albumed *r;
	int mastered;
};

static int
measure_one(void *arg, size_t k, struct err *err)
{
	const struct measuring *m = arg;
	struct albumed_song *song = &m->r->song[k];
	const struct album_place *place = &song->place;
	if (!m->mastered)
		return premaster_measure(m->p, place->at, place->end, &song->as_it_is, err);
	/* of what its file holds: a crossfade belongs to the song that comes */
	int64_t to = k + 1 < m->r->album->songs ? m->r->song[k + 1].place.mark : m->p->frames;
	return premaster_measure(m->p, place->mark, to, &song->mastered, err);
}

int
album_songs_measure(const struct premaster *p, int threads, int mastered, struct albumed *r, struct err *err)
{
	struct measuring m = {p, r, mastered};
	return album_songs_each(r->album->songs, threads, measure_one, &m, err);
}

/* Gives each song's frames of a pass to its meter. */
struct splitter {
	const struct albumed *r;
	struct meter **meter;
	int64_t at;
};

static int
split(void *arg, const float *const *side, size_t frames, struct err *err)
{
	struct splitter *s = arg;
	int64_t begin = s->at, end = s->at + (int64_t)frames;
	s->at = end;
	for (size_t k = 0; k < s->r->album->songs; k++) {
		const struct album_place *place = &s->r->song[k].place;
		int64_t from = place->at > begin ? place->at : begin, to = place->end < end ? place->end : end;
		const float *here[2] = {side[0] + (from - begin), side[1] + (from - begin)};
		if (from < to && meter_take(s->meter[k], here, (size_t)(to - from), err))
			return -1;
	}
	return 0;
}

int
album_songs_loudest(const struct premaster *p, const struct limiter_params *limiter, const struct albumed *r,
                    double *loudest, struct pass *pass, struct err *err)
{
	size_t songs = r->album->songs;
	struct splitter s = {.r = r, .meter = calloc(songs, sizeof(struct meter *))};
	int status = s.meter ? 0 : err_set(err, "not enough memory");
	*loudest = -HUGE_VAL;
	for (size_t k = 0; !status && k < songs; k++)
		status = (s.meter[k] = meter_new((int)p->rate, 2, err)) ? 0 : -1;
	status = status ? status : premaster_pass_to(p, limiter, split, &s, pass, err);
	for (size_t k = 0; s.meter && k < songs; k++) {
		struct measured m;
		if (!status && !(status = meter_finish(s.meter[k], &m, err))) {
			*loudest = fmax(*loudest, m.integrated);
			measured_fini(&m);
		}
		meter_free(s.meter[k]);
	}
	free(s.meter);
	return status;
}

struct keeping {
	struct premaster *p;
	int64_t at;
};

/* What comes out of the limiter has gone into it before. */
static int
keep(void *arg, const float *const *side, size_t frames, struct err *err)
{
	struct keeping *k = arg;
	if (k->at + (int64_t)frames > k->p->frames)
		return err_set(err, "the album came out longer than it went in");
	for (int c = 0; c < 2; c++)
		memcpy(k->p->side[c] + k->at, side[c], frames * sizeof(float));
	k->at += (int64_t)frames;
	return 0;
}

int
album_songs_limit(struct premaster *p, const struct limiter_params *limiter, struct pass *pass, struct err *err)
{
	struct keeping k = {p, 0};
	return premaster_pass_to(p, limiter, keep, &k, pass, err);
}
