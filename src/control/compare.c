#include "control/compare.h"

#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "media/reader.h"

#define BLOCK 8192 /* frames, or bytes */

struct compare {
	int old;
	char *path;
	struct compared result;
	pthread_t thread;
	pthread_mutex_t lock;
	int stop, done; /* guarded */
};

static int
stopped(void *arg, int64_t done, int64_t all)
{
	struct compare *c = arg;
	(void)done, (void)all;
	pthread_mutex_lock(&c->lock);
	int stop = c->stop;
	pthread_mutex_unlock(&c->lock);
	return stop;
}

static int
same_bytes(struct compare *c)
{
	char a[BLOCK], b[BLOCK];
	int fd = open(c->path, O_RDONLY | O_CLOEXEC), same = fd >= 0;
	off_t at = 0;
	for (ssize_t n = 1; same && n > 0 && !stopped(c, 0, 0); at += n) {
		n = pread(c->old, a, sizeof a, at);
		same = n >= 0 && pread(fd, b, sizeof b, at) == n && memcmp(a, b, (size_t)(n > 0 ? n : 0)) == 0;
	}
	if (fd >= 0)
		close(fd);
	return same;
}

static void
compare_block(struct compared *r, float *const *a, float *const *b, int channels, int64_t at, int64_t frames)
{
	for (int64_t t = 0; t < frames; t++)
		for (int k = 0; k < channels; k++) {
			double apart = fabs((double)a[k][t] - (double)b[k][t]);
			if (apart > 0 && r->first < 0)
				r->first = at + t;
			if (apart > r->apart)
				r->apart = apart;
		}
}

/* Sample by sample; what one has more counts against silence. */
static void
compare_sound(struct compare *c, const char *old)
{
	struct media_info a, b;
	struct err err;
	struct compared *r = &c->result;
	struct media_reader *from = NULL, *to = NULL;
	if (media_probe(old, &a, &err) || media_probe(c->path, &b, &err) || a.rate != b.rate || a.channels != b.channels ||
	    a.channels > 2)
		return;
	from = reader_open(old, &a, &err);
	to = from ? reader_open(c->path, &b, &err) : NULL;
	float *memory = malloc(4 * BLOCK * sizeof *memory);
	if (to && memory) {
		float *const one[2] = {memory, memory + BLOCK}, *const two[2] = {memory + 2 * BLOCK, memory + 3 * BLOCK};
		int64_t all = a.frames > b.frames ? a.frames : b.frames, least = a.frames + b.frames - all;
		r->same_kind = 1;
		for (int64_t at = 0; at < all && !stopped(c, 0, 0); at += BLOCK) {
			int64_t n = all - at < BLOCK ? all - at : BLOCK;
			reader_read(from, at, n, one);
			reader_read(to, at, n, two);
			compare_block(r, one, two, a.channels, at, n);
		}
		if (r->first < 0 && least < all)
			r->first = least;
	}
	free(memory);
	reader_close(from);
	reader_close(to);
}

static void *
compare_run(void *arg)
{
	struct compare *c = arg;
	struct compared *r = &c->result;
	struct err err;
	char old[64];
	snprintf(old, sizeof old, "/proc/self/fd/%d", c->old);
	r->same_bytes = same_bytes(c);
	if (!r->same_bytes) {
		compare_sound(c, old);
		int failed = measure_file(old, stopped, c, &r->old, &err);
		if (!failed)
			measured_fini(&r->old);
		if (!failed && measure_file(c->path, stopped, c, &r->new, &err) == 0) {
			measured_fini(&r->new);
			r->measured = 1;
		}
	}
	r->apart = r->apart > 0 ? gain_to_db(r->apart) : -HUGE_VAL;
	pthread_mutex_lock(&c->lock);
	c->done = 1;
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

struct compare *
compare_new(int old, const char *path)
{
	struct compare *c = calloc(1, sizeof *c);
	if (c && (c->path = strdup(path))) {
		c->old = old;
		c->result.first = -1;
		pthread_mutex_init(&c->lock, NULL);
		if (pthread_create(&c->thread, NULL, compare_run, c) == 0)
			return c;
		pthread_mutex_destroy(&c->lock);
	}
	if (c)
		free(c->path);
	free(c);
	close(old);
	return NULL;
}

int
compare_done(struct compare *c, struct compared *to)
{
	pthread_mutex_lock(&c->lock);
	int done = c->done;
	pthread_mutex_unlock(&c->lock);
	if (done)
		*to = c->result;
	return done;
}

void
compare_free(struct compare *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->stop = 1;
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	pthread_mutex_destroy(&c->lock);
	close(c->old);
	free(c->path);
	free(c);
}
