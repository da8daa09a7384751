#include "engine/stream.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/reel.h"
#include "media/convert.h"
#include "media/reader.h"

#define AHEAD_SECONDS 6.0      /* that a ring holds where memory allows */
#define READ_BYTES (256 << 10) /* at most at a time, so that no ring waits long for another */
#define IDLE_NS 20000000       /* between two looks at full rings; far below what a ring holds */

struct stream {
	struct stream *next;
	struct streams *owner;
	char *file;
	int64_t shift;               /* song frame of the file's frame 0 */
	struct media_reader *reader; /* NULL: skipped, silent */
	struct media_info info;      /* of what lies in the ring */
	struct reel *reel;           /* NULL until primed */
	int users;
	int busy; /* the disk thread reads for it */
	int done; /* the ring holds the file's end */
};

struct stream_source {
	struct source source;
	struct stream *stream;
	int64_t bad; /* samples made silent */
};

/* lock guards the list and all of a stream but the contents of its reel. */
struct streams {
	struct stems *stems;
	double rate;
	size_t memory, used; /* bytes */
	struct stream *first;
	float *decoded; /* a block of what libsndfile decodes, planar; the disk thread's */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work, moved; /* moved: the disk thread has finished a read */
	int stop;
};

#define DECODE_FRAMES 4096

static int64_t
read_coded(struct streams *s, struct stream *t, int64_t frame, int64_t frames, float *to)
{
	float *planar[MEDIA_CHANNELS];
	int channels = t->info.channels;
	if (frames > DECODE_FRAMES)
		frames = DECODE_FRAMES;
	for (int c = 0; c < channels; c++)
		planar[c] = s->decoded + c * DECODE_FRAMES;
	reader_read(t->reader, frame, frames, planar);
	for (int64_t k = 0; k < frames; k++)
		for (int c = 0; c < channels; c++)
			to[k * channels + c] = planar[c][k];
	return frames;
}

/* Reads a piece for a stream. What cannot be read is silence, so that the rest stays in its place. */
static void
fill(struct streams *s, struct stream *t)
{
	int64_t frame;
	void *to;
	int64_t frames = (int64_t)reel_room(t->reel, &frame, &to), most = READ_BYTES / t->info.frame_bytes;
	int coded = reader_info(t->reader)->sample == MEDIA_CODED;
	frames = frames < most ? frames : most;
	if (frames > t->info.frames - frame)
		frames = t->info.frames - frame;
	if (frames <= 0)
		return;
	if (coded) {
		frames = read_coded(s, t, frame, frames, to);
	} else {
		int64_t got = reader_read_raw(t->reader, frame, frames, to);
		got = got > 0 ? got : 0;
		int silence = t->info.sample == MEDIA_U8 ? 0x80 : 0;
		memset((char *)to + got * t->info.frame_bytes, silence, (size_t)((frames - got) * t->info.frame_bytes));
	}
	reel_wrote(t->reel, (size_t)frames);
}

/* The stream that will be empty first, of those with room worth a read. */
static struct stream *
emptiest(struct streams *s)
{
	struct stream *found = NULL;
	double least = 1;
	for (struct stream *t = s->first; t; t = t->next) {
		if (!t->reel || !t->reader)
			continue;
		int64_t frame;
		void *to;
		size_t room = reel_room(t->reel, &frame, &to);
		t->done = frame >= t->info.frames;
		double full = (double)reel_ahead(t->reel) / (double)reel_size(t->reel);
		if (!t->done && room && full < least && full <= 0.9375) {
			least = full;
			found = t;
		}
	}
	return found;
}

static void *
disk_run(void *arg)
{
	struct streams *s = arg;
	pthread_setname_np(pthread_self(), "disk");
	pthread_mutex_lock(&s->lock);
	while (!s->stop) {
		struct stream *t = emptiest(s);
		if (t) {
			t->busy = 1;
			pthread_mutex_unlock(&s->lock);
			fill(s, t);
			pthread_mutex_lock(&s->lock);
			t->busy = 0;
			pthread_cond_broadcast(&s->moved);
			continue;
		}
		struct timespec until;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += IDLE_NS;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&s->work, &s->lock, &until);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

struct streams *
streams_new(struct stems *stems, double rate, size_t memory, struct err *err)
{
	struct streams *s = calloc(1, sizeof *s);
	if (!s)
		return err_set(err, "not enough memory"), NULL;
	s->stems = stems;
	s->rate = rate;
	s->memory = memory;
	s->decoded = malloc(sizeof(float) * MEDIA_CHANNELS * DECODE_FRAMES);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->work, NULL);
	pthread_cond_init(&s->moved, NULL);
	if (!s->decoded || pthread_create(&s->thread, NULL, disk_run, s)) {
		free(s->decoded);
		free(s);
		return err_set(err, "the disk thread cannot be started: not enough memory or threads"), NULL;
	}
	return s;
}

void
streams_free(struct streams *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->stop = 1;
	pthread_cond_signal(&s->work);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->work);
	pthread_cond_destroy(&s->moved);
	free(s->decoded);
	free(s);
}

/* Real-time: planar frames from the ring; what is missing in it is silence and counted. */
static void
stream_read(struct source *source, int64_t frame, int frames, float *const *planar)
{
	struct stream_source *f = (struct stream_source *)source;
	const struct stream *t = f->stream;
	int64_t early = frame < 0 ? -frame : 0,
	        most = t->info.frames - frame; /* frames before the file, and up to its end */
	int64_t want = most < frames ? most : frames, at = early < frames ? early : frames;
	struct reel_piece piece[2];
	float *side[MEDIA_CHANNELS];
	for (int c = 0; c < source->channels; c++)
		if (planar[c])
			memset(planar[c], 0, (size_t)frames * sizeof(float));
	if (want <= at || !t->reel)
		return;
	size_t got = reel_take(t->reel, frame + at, (size_t)(want - at), piece);
	for (int k = 0; k < 2; k++) {
		if (!piece[k].frames)
			continue;
		for (int c = 0; c < source->channels; c++)
			side[c] = planar[c] ? planar[c] + at : NULL;
		f->bad += media_convert(&t->info, piece[k].data, (int64_t)piece[k].frames, side);
		at += (int64_t)piece[k].frames;
	}
	(void)got;
	source->starved += at < want;
}

static void
stream_close(struct source *source)
{
	struct stream_source *f = (struct stream_source *)source;
	struct stream *t = f->stream;
	struct streams *s = t->owner;
	pthread_mutex_lock(&s->lock);
	if (f->bad)
		stems_tell_bad(s->stems, t->file, f->bad);
	free(f);
	if (--t->users == 0) {
		while (t->busy)
			pthread_cond_wait(&s->moved, &s->lock);
		struct stream **at = &s->first;
		while (*at != t)
			at = &(*at)->next;
		*at = t->next;
		if (t->reel)
			s->used -= reel_size(t->reel) * (size_t)t->info.frame_bytes;
		reel_free(t->reel);
		stems_close(s->stems, t->file, t->reader);
		free(t->file);
		free(t);
	}
	pthread_mutex_unlock(&s->lock);
}

static struct stream *
open_stream(struct streams *s, const char *file, int64_t shift, struct err *err)
{
	struct stream *t = calloc(1, sizeof *t);
	if (!t || !(t->file = strdup(file))) {
		free(t);
		err_set(err, "%s: not enough memory", file);
		return NULL;
	}
	if (stems_reader(s->stems, file, &t->reader, err)) {
		free(t->file);
		free(t);
		return NULL;
	}
	t->owner = s;
	t->shift = shift;
	t->info.channels = MEDIA_CHANNELS;
	if (t->reader)
		t->info = *reader_info(t->reader);
	if (t->info.sample == MEDIA_CODED) {
		t->info.sample = MEDIA_F32;
		t->info.big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
		t->info.frame_bytes = t->info.channels * (int)sizeof(float);
	}
	return t;
}

static struct source *
stream_open(void *arg, const char *file, int64_t shift, struct err *err)
{
	struct streams *s = arg;
	struct stream_source *f = calloc(1, sizeof *f);
	if (!f)
		return err_set(err, "%s: not enough memory", file), NULL;
	pthread_mutex_lock(&s->lock);
	struct stream *t = s->first;
	while (t && (t->reel || t->shift != shift || strcmp(t->file, file)))
		t = t->next;
	if (!t && (t = open_stream(s, file, shift, err))) {
		t->next = s->first;
		s->first = t;
	}
	if (t) {
		t->users++;
		f->stream = t;
		f->source = (struct source){t->info.channels, t->info.frames, 0, stream_read, stream_close};
	} else {
		free(f);
		f = NULL;
	}
	pthread_mutex_unlock(&s->lock);
	return f ? &f->source : NULL;
}

struct source_opener
streams_opener(struct streams *s)
{
	return (struct source_opener){stream_open, s};
}

/*
 * The part of its wish that each new ring gets. Three quarters of the memory are the most that one graph takes and a
 * quarter is always there for the next, as both are there while one follows the other.
 */
static double
share(const struct streams *s)
{
	double wish = 0;
	for (const struct stream *t = s->first; t; t = t->next)
		if (!t->reel && t->reader)
			wish += AHEAD_SECONDS * s->rate * t->info.frame_bytes;
	double memory = (double)s->memory, left = memory - (double)s->used;
	left = left < memory / 4 ? memory / 4 : left > memory * 3 / 4 ? memory * 3 / 4 : left;
	return wish > left ? left / wish : 1;
}

static int
make_reel(struct streams *s, struct stream *t, double part, int64_t position)
{
	int64_t from = position - t->shift, frames = (int64_t)(AHEAD_SECONDS * s->rate * part);
	from = from < 0 ? 0 : from;
	if (frames > t->info.frames - from)
		frames = t->info.frames - from;
	if (frames < 1)
		frames = 1;
	t->reel = reel_new((size_t)frames, (size_t)t->info.frame_bytes, from);
	if (t->reel)
		s->used += (size_t)frames * (size_t)t->info.frame_bytes;
	return t->reel ? 0 : -1;
}

static int
primed(const struct stream *t, int frames)
{
	if (!t->reel || !t->reader || t->done)
		return 1;
	size_t ahead = reel_ahead(t->reel), size = reel_size(t->reel) * 15 / 16;
	return ahead >= (size_t)frames || ahead >= size;
}

int
streams_prime(struct streams *s, int64_t position, int frames, struct err *err)
{
	int failed = 0;
	pthread_mutex_lock(&s->lock);
	double part = share(s);
	for (struct stream *t = s->first; t; t = t->next)
		if (!t->reel && t->reader && make_reel(s, t, part, position))
			failed = err_set(err, "%s: not enough memory for its ring", t->file);
	pthread_cond_signal(&s->work);
	for (struct stream *t = s->first; t && !failed;) {
		if (primed(t, frames)) {
			t = t->next;
			continue;
		}
		pthread_cond_wait(&s->moved, &s->lock);
		t = s->first;
	}
	pthread_mutex_unlock(&s->lock);
	return failed;
}

size_t
streams_memory(struct streams *s)
{
	pthread_mutex_lock(&s->lock);
	size_t used = s->used;
	pthread_mutex_unlock(&s->lock);
	return used;
}

double
streams_fill(struct streams *s)
{
	double least = 1;
	pthread_mutex_lock(&s->lock);
	for (struct stream *t = s->first; t; t = t->next)
		if (t->reel && !t->done) {
			double full = (double)reel_ahead(t->reel) / (double)reel_size(t->reel);
			least = full < least ? full : least;
		}
	pthread_mutex_unlock(&s->lock);
	return least;
}
