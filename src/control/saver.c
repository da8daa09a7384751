#include "control/saver.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "session/journal_file.h"
#include "session/text.h"

#define SYNC_SECONDS 1.0  /* between two syncs: half of what may be lost with the power */
#define RETRY_SECONDS 2.0 /* after a failure */
#define END_SECONDS 1.0   /* the longest that ending takes */

enum kind { SAVER_BEGIN, SAVER_THERE, SAVER_BASE, SAVER_ADD, SAVER_STATE, SAVER_LISTENED };

struct item {
	struct item *next;
	enum kind kind;
	size_t len;
	char text[]; /* terminated */
};

struct saver {
	pthread_t thread;
	pthread_mutex_t lock; /* held for moments */
	pthread_cond_t wake, idle;
	struct item *first, **last;  /* guarded */
	int quit, done, busy, ended; /* guarded */

	/* the thread's own */
	struct journal_file *file;
	saver_tell tell;
	void *user;
	int failing;
	double synced, tried; /* seconds: when last */
};

static struct timespec
until(double when)
{
	return (struct timespec){(time_t)when, (long)((when - (double)(time_t)when) * 1e9)};
}

static void
hand(struct saver *s, enum kind kind, const char *text, size_t len)
{
	struct item *item = text_alloc(sizeof *item + len + 1);
	item->kind = kind;
	item->len = len;
	memcpy(item->text, text, len);
	item->text[len] = '\0';
	pthread_mutex_lock(&s->lock);
	*s->last = item;
	s->last = &item->next;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
}

void
saver_begin(struct saver *s, const char *text, size_t len, int there, const char *base, size_t base_len)
{
	hand(s, there ? SAVER_THERE : SAVER_BEGIN, text, len);
	if (base)
		hand(s, SAVER_BASE, base, base_len);
}

void
saver_add(struct saver *s, const char *text, size_t len)
{
	hand(s, SAVER_ADD, text, len);
}

void
saver_state(struct saver *s, const char *text)
{
	hand(s, SAVER_STATE, text, strlen(text));
}

void
saver_listened(struct saver *s, const char *text)
{
	hand(s, SAVER_LISTENED, text, strlen(text));
}

static void
take(struct saver *s, const struct item *item)
{
	switch (item->kind) {
	case SAVER_BEGIN:
	case SAVER_THERE:
		journal_file_begin(s->file, item->text, item->len, item->kind == SAVER_THERE);
		break;
	case SAVER_BASE:
		journal_file_base(s->file, item->text, item->len);
		break;
	case SAVER_ADD:
		journal_file_add(s->file, item->text, item->len);
		break;
	case SAVER_STATE:
		journal_file_small(s->file, "state", item->len ? item->text : NULL);
		break;
	case SAVER_LISTENED:
		journal_file_small(s->file, "listened", item->text);
		break;
	}
}

/* Writes and, where it is time, syncs; tells once what goes wrong and once that it goes again. */
static void
write_out(struct saver *s, int now)
{
	struct err err = {""};
	double time = clock_seconds();
	if (s->failing && !now && time < s->tried + RETRY_SECONDS)
		return;
	s->tried = time;
	int failed = journal_file_write(s->file, &err);
	if (!failed && journal_file_unsynced(s->file) && (now || time >= s->synced + SYNC_SECONDS)) {
		failed = journal_file_sync(s->file, &err);
		s->synced = clock_seconds();
	}
	pthread_mutex_lock(&s->lock);
	if (!failed != !s->failing && !s->quit)
		s->tell(s->user, failed, err.text);
	pthread_mutex_unlock(&s->lock);
	s->failing = failed;
}

/* When the thread has to do something though nobody wakes it; 0: never. */
static double
next_time(const struct saver *s)
{
	if (s->failing)
		return s->tried + RETRY_SECONDS;
	return journal_file_unsynced(s->file) ? s->synced + SYNC_SECONDS : 0;
}

static void *
run(void *arg)
{
	struct saver *s = arg;
	pthread_setname_np(pthread_self(), "saver");
	pthread_mutex_lock(&s->lock);
	for (;;) {
		double when = next_time(s);
		struct timespec at = until(when);
		if (!s->first && !s->quit && !(when && clock_seconds() >= when)) {
			s->busy = 0;
			pthread_cond_broadcast(&s->idle);
			if (when)
				pthread_cond_timedwait(&s->wake, &s->lock, &at);
			else
				pthread_cond_wait(&s->wake, &s->lock);
		}
		struct item *items = s->first;
		s->first = NULL;
		s->last = &s->first;
		int quit = s->quit, done = s->done;
		s->busy = 1;
		pthread_mutex_unlock(&s->lock);
		for (struct item *next; items; items = next) {
			next = items->next;
			take(s, items);
			free(items);
		}
		if (quit && done) {
			journal_file_remove(s->file);
			journal_file_small(s->file, "state", NULL);
		} else {
			write_out(s, quit);
		}
		pthread_mutex_lock(&s->lock);
		if (quit && !s->first)
			break;
	}
	s->ended = 1;
	s->busy = 0;
	pthread_cond_broadcast(&s->idle);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

struct saver *
saver_new(const char *path, saver_tell tell, void *user)
{
	struct saver *s = calloc(1, sizeof *s);
	pthread_condattr_t monotonic;
	if (!s)
		return NULL;
	s->last = &s->first;
	s->tell = tell;
	s->user = user;
	s->file = journal_file_new(path);
	journal_file_begin(s->file, "", 0, true);
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&s->wake, &monotonic);
	pthread_cond_init(&s->idle, &monotonic);
	pthread_condattr_destroy(&monotonic);
	s->busy = 1;
	if (pthread_create(&s->thread, NULL, run, s) == 0)
		return s;
	pthread_cond_destroy(&s->wake);
	pthread_cond_destroy(&s->idle);
	pthread_mutex_destroy(&s->lock);
	journal_file_free(s->file);
	free(s);
	return NULL;
}

/* Waits for the thread, with the lock held. */
static int
wait_idle(struct saver *s, const int *flag, int wanted, double seconds_from_now)
{
	struct timespec at = until(clock_seconds() + seconds_from_now);
	while (*flag != wanted || (!wanted && s->first))
		if (pthread_cond_timedwait(&s->idle, &s->lock, &at))
			return -1;
	return 0;
}

int
saver_drain(struct saver *s, int ms)
{
	pthread_mutex_lock(&s->lock);
	int late = wait_idle(s, &s->busy, 0, ms * 1e-3);
	pthread_mutex_unlock(&s->lock);
	return late;
}

void
saver_free(struct saver *s, int done)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->quit = 1;
	s->done = done;
	pthread_cond_signal(&s->wake);
	int late = wait_idle(s, &s->ended, 1, END_SECONDS);
	pthread_mutex_unlock(&s->lock);
	if (late) {
		/* the disk stands still: the program is about to end, and the thread's memory with it */
		pthread_detach(s->thread);
		return;
	}
	pthread_join(s->thread, NULL);
	pthread_cond_destroy(&s->wake);
	pthread_cond_destroy(&s->idle);
	pthread_mutex_destroy(&s->lock);
	while (s->first) {
		struct item *next = s->first->next;
		free(s->first);
		s->first = next;
	}
	journal_file_free(s->file);
	free(s);
}
