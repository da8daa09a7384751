#include "media/overview.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"

#define BLOCK (8 * OVERVIEW_FRAMES) /* frames read at a time */
#define REST_NS 2000000             /* between two of them: others have a disk too */
#define PATIENCE_NS 300000000       /* that the end waits for a read under way */

struct overview {
	struct overview *next;
	char *name, *path;
	int rate, done;
	overview_open *opens;
	struct media_reader *reader; /* the thread's; NULL: not open yet, or done */
	int channels;
	int64_t frames, points, read; /* read: points so far */
	float *peak;                  /* channels * points, by channel */
};

struct overviews {
	pthread_mutex_t lock;
	pthread_cond_t wake, over;
	pthread_t thread;
	int running, quit, pause; /* guarded */
	int ended, abandoned;     /* guarded: the thread is done; the owner has gone, so it frees all */
	uint32_t version;         /* guarded */
	struct overview *first;   /* guarded; those that are there stay */
	float *planar[MEDIA_CHANNELS];
};

struct overviews *
overviews_new(void)
{
	struct overviews *o = calloc(1, sizeof *o);
	if (!o)
		return NULL;
	pthread_mutex_init(&o->lock, NULL);
	pthread_cond_init(&o->wake, NULL);
	pthread_cond_init(&o->over, NULL);
	return o;
}

static void
free_all(struct overviews *o)
{
	while (o->first) {
		struct overview *v = o->first;
		o->first = v->next;
		reader_close(v->reader);
		free(v->peak);
		free(v->path);
		free(v->name);
		free(v);
	}
	for (int c = 0; c < MEDIA_CHANNELS; c++)
		free(o->planar[c]);
	pthread_cond_destroy(&o->wake);
	pthread_cond_destroy(&o->over);
	pthread_mutex_destroy(&o->lock);
	free(o);
}

void
overviews_free(struct overviews *o)
{
	if (!o)
		return;
	struct timespec until = clock_after(CLOCK_REALTIME, PATIENCE_NS);
	pthread_mutex_lock(&o->lock);
	o->quit = 1;
	pthread_cond_broadcast(&o->wake);
	while (o->running && !o->ended && pthread_cond_timedwait(&o->over, &o->lock, &until) == 0)
		;
	/* a disk that does not answer keeps the thread, which then frees what it wrote to */
	o->abandoned = o->running && !o->ended;
	if (o->abandoned)
		pthread_detach(o->thread);
	else if (o->running)
		pthread_join(o->thread, NULL);
	int abandoned = o->abandoned;
	pthread_mutex_unlock(&o->lock);
	if (!abandoned)
		free_all(o);
}

/* Reads a block of a file, without the lock, and keeps its points. Returns whether the file is done. */
static int
read_block(struct overviews *o, struct overview *v)
{
	float peak[MEDIA_CHANNELS][BLOCK / OVERVIEW_FRAMES] = {{0}};
	int64_t at = v->read * OVERVIEW_FRAMES, points = v->points - v->read, bad = 0;
	points = points > BLOCK / OVERVIEW_FRAMES ? BLOCK / OVERVIEW_FRAMES : points;
	for (int c = 0; c < v->channels; c++)
		if (!o->planar[c] && !(o->planar[c] = malloc(BLOCK * sizeof(float))))
			bad = 1;
	bad = bad || reader_read(v->reader, at, BLOCK, o->planar) < 0;
	for (int c = 0; c < v->channels && !bad; c++)
		for (int64_t n = 0; n < points * OVERVIEW_FRAMES; n++) {
			float x = fabsf(o->planar[c][n]), *most = &peak[c][n / OVERVIEW_FRAMES];
			*most = x > *most ? x : *most;
		}
	pthread_mutex_lock(&o->lock);
	for (int c = 0; c < v->channels; c++)
		memcpy(v->peak + c * v->points + v->read, peak[c], (size_t)points * sizeof(float));
	v->read = bad ? v->points : v->read + points;
	o->version++;
	pthread_mutex_unlock(&o->lock);
	return v->read == v->points;
}

static struct overview *
next_unread(struct overviews *o)
{
	struct overview *v = o->first;
	while (v && v->done)
		v = v->next;
	return v;
}

/* Opens a file, without the lock. Returns whether it is done, for there is nothing to be read. */
static int
open_file(struct overviews *o, struct overview *v)
{
	struct err err;
	struct media_reader *reader = v->opens(v->path, v->rate, &err);
	const struct media_info *info = reader ? reader_info(reader) : NULL;
	int64_t points = info ? (info->frames + OVERVIEW_FRAMES - 1) / OVERVIEW_FRAMES : 0;
	float *peak = points > 0 ? calloc((size_t)points * (size_t)info->channels, sizeof *peak) : NULL;
	v->reader = reader;
	if (!peak)
		return 1;
	pthread_mutex_lock(&o->lock);
	v->channels = info->channels;
	v->frames = info->frames;
	v->points = points;
	v->peak = peak;
	o->version++;
	pthread_mutex_unlock(&o->lock);
	return 0;
}

static void *
run(void *arg)
{
	struct overviews *o = arg;
	const struct timespec rest = {0, REST_NS};
	setpriority(PRIO_PROCESS, 0, 19); /* of this thread alone */
	pthread_mutex_lock(&o->lock);
	while (!o->quit) {
		struct overview *v = o->pause ? NULL : next_unread(o);
		if (!v) {
			pthread_cond_wait(&o->wake, &o->lock);
			continue;
		}
		pthread_mutex_unlock(&o->lock);
		int done = v->reader ? read_block(o, v) : open_file(o, v);
		nanosleep(&rest, NULL);
		pthread_mutex_lock(&o->lock);
		if (done) {
			reader_close(v->reader);
			v->reader = NULL;
			v->done = 1;
			o->version++;
		}
	}
	o->ended = 1;
	int abandoned = o->abandoned;
	pthread_cond_signal(&o->over);
	pthread_mutex_unlock(&o->lock);
	if (abandoned)
		free_all(o);
	return NULL;
}

static struct overview *
find(struct overviews *o, const char *name)
{
	struct overview *v = o->first;
	while (v && strcmp(v->name, name) != 0)
		v = v->next;
	return v;
}

int
overviews_has(struct overviews *o, const char *name)
{
	pthread_mutex_lock(&o->lock);
	int has = find(o, name) != NULL;
	pthread_mutex_unlock(&o->lock);
	return has;
}

int
overviews_add(struct overviews *o, const char *name, const char *path, int rate, overview_open *opens)
{
	struct overview *v = calloc(1, sizeof *v), **last = &o->first;
	if (!v || !(v->name = strdup(name)) || !(v->path = strdup(path))) {
		if (v)
			free(v->name);
		free(v);
		return -1;
	}
	v->rate = rate;
	v->opens = opens;
	pthread_mutex_lock(&o->lock);
	while (*last)
		last = &(*last)->next;
	*last = v;
	o->version++;
	if (!o->running)
		o->running = pthread_create(&o->thread, NULL, run, o) == 0;
	int failed = o->running ? 0 : -1;
	pthread_cond_signal(&o->wake);
	pthread_mutex_unlock(&o->lock);
	return failed;
}

void
overviews_pause(struct overviews *o, int pause)
{
	pthread_mutex_lock(&o->lock);
	o->pause = pause;
	pthread_cond_signal(&o->wake);
	pthread_mutex_unlock(&o->lock);
}

uint32_t
overviews_version(struct overviews *o)
{
	pthread_mutex_lock(&o->lock);
	uint32_t version = o->version;
	pthread_mutex_unlock(&o->lock);
	return version;
}

double
overviews_done(struct overviews *o)
{
	double done = 0;
	int files = 0;
	pthread_mutex_lock(&o->lock);
	for (const struct overview *v = o->first; v; v = v->next, files++)
		done += v->done ? 1 : v->points ? (double)v->read / (double)v->points : 0;
	pthread_mutex_unlock(&o->lock);
	return files ? done / files : 1;
}

int64_t
overviews_frames(struct overviews *o, const char *name)
{
	pthread_mutex_lock(&o->lock);
	const struct overview *v = find(o, name);
	int64_t frames = v ? v->frames : 0;
	pthread_mutex_unlock(&o->lock);
	return frames;
}

/* The greatest of the points from..to-1, as far as they are read. */
static float
greatest(const struct overview *v, int channel, int64_t from, int64_t to)
{
	float most = 0;
	from = from < 0 ? 0 : from;
	to = to > v->points ? v->points : to;
	if (from < to && from >= v->read)
		return -1;
	to = to > v->read ? v->read : to;
	for (int64_t k = from; k < to; k++)
		most = fmaxf(most, v->peak[channel * v->points + k]);
	return most;
}

void
overviews_peaks(struct overviews *o, const char *name, int channel, int64_t from, int64_t to, int count, float *peak)
{
	pthread_mutex_lock(&o->lock);
	const struct overview *v = find(o, name);
	for (int k = 0; k < count; k++) {
		double part = (double)(to - from) / count;
		int64_t first = (int64_t)floor(((double)from + k * part) / OVERVIEW_FRAMES);
		int64_t last = (int64_t)ceil(((double)from + (k + 1) * part) / OVERVIEW_FRAMES);
		if (v && v->peak && channel >= 0 && channel < v->channels)
			peak[k] = greatest(v, channel, first, last > first ? last : first + 1);
		else
			peak[k] = v && !v->peak && !v->done ? -1 : 0;
	}
	pthread_mutex_unlock(&o->lock);
}
