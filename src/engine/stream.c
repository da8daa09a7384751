#include "engine/stream_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define AHEAD_SECONDS 6.0  /* that a ring holds where memory allows */
#define TURN_NS 50000000   /* between two looks at what is waited for */
#define CLOSE_TURNS 6      /* of those: how long a read under way is waited for before its stream is given up */
#define OPEN_NS 1000000000 /* in a hurry: how long a graph waits for all openings that do not come to an end */
#define LOW_SECONDS 0.5    /* less than that ahead of a read that hangs: it is told */

struct streams *
streams_new(struct stems *stems, double rate, size_t memory, struct err *err)
{
	struct streams *s = calloc(1, sizeof *s);
	pthread_condattr_t monotonic;
	if (!s)
		return err_set(err, "not enough memory"), NULL;
	s->stems = stems;
	s->rate = rate;
	s->memory = memory;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->work, NULL);
	pthread_cond_init(&s->look, &monotonic);
	pthread_cond_init(&s->moved, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_mutex_lock(&s->lock);
	int failed = disk_start(s);
	pthread_mutex_unlock(&s->lock);
	if (failed) {
		streams_free(s);
		return err_set(err, "the disk thread cannot be started: not enough memory or threads"), NULL;
	}
	return s;
}

static void
free_stream(struct streams *s, struct stream *t)
{
	reel_free(t->reel);
	reel_free(t->lead);
	stems_close(s->stems, t->file, t->reader);
	free(t->file);
	free(t->path);
	free(t);
}

/* Streams that were given up and whose reads have come back by now. */
static void
free_left(struct streams *s)
{
	for (struct stream **at = &s->left; *at;) {
		struct stream *t = *at;
		if (t->busy) {
			at = &t->next;
			continue;
		}
		*at = t->next;
		free_stream(s, t);
	}
}

void
streams_free(struct streams *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->stop = 1;
	pthread_cond_broadcast(&s->work);
	pthread_cond_broadcast(&s->look);
	for (int turns = 0; disk_threads(s) && turns < CLOSE_TURNS; turns++)
		disk_wait(s, &s->moved, TURN_NS);
	free_left(s);
	/* a disk that does not answer keeps its thread, which then frees what it wrote to */
	s->abandoned = disk_threads(s) > 0;
	for (int k = 0; k < READERS; k++)
		if (s->thread[k].runs && !s->thread[k].ended)
			pthread_detach(s->thread[k].id);
		else if (s->thread[k].runs)
			pthread_join(s->thread[k].id, NULL);
	int abandoned = s->abandoned;
	pthread_mutex_unlock(&s->lock);
	if (!abandoned)
		disk_free(s);
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
		for (int turns = 0; disk_is_reading(t) && turns < CLOSE_TURNS; turns++)
			disk_wait(s, &s->moved, TURN_NS);
		struct stream **at = &s->first;
		while (*at != t)
			at = &(*at)->next;
		*at = t->next;
		if (t->reel)
			s->used -= reel_size(t->reel) * (size_t)t->info.frame_bytes;
		t->next = s->left;
		s->left = t;
	}
	free_left(s);
	pthread_mutex_unlock(&s->lock);
}

/* Before the first use of its ring: the part of the file that is read. */
static void
stream_use(struct source *source, int64_t from, int64_t to)
{
	struct stream *t = ((struct stream_source *)source)->stream;
	pthread_mutex_lock(&t->owner->lock);
	int fresh = t->use[1] == INT64_MAX;
	t->use[0] = fresh || from < t->use[0] ? from : t->use[0];
	t->use[1] = fresh || to > t->use[1] ? to : t->use[1];
	pthread_mutex_unlock(&t->owner->lock);
}

/* What is known of the file by another stream of it. */
static void
ask_others(const struct streams *s, struct stream *t)
{
	for (const struct stream *u = s->first; u; u = u->next) {
		if (strcmp(u->file, t->file) != 0)
			continue;
		t->told |= u->told;
		if (u->opening == TO_CONVERT)
			t->opening = TO_CONVERT;
		t->edition = u->edition > t->edition ? u->edition : t->edition;
		if (u->known && !t->known)
			t->info = u->info;
		t->known |= u->known;
	}
}

/* Has a disk thread open the file, and waits for it, but not for one that hangs or is converted. */
static int
open_soon(struct streams *s, struct stream *t, struct err *err)
{
	if (!(t->path = stems_path(s->stems, t->file)))
		return err_set(err, "%s: not enough memory", t->file);
	t->opening = TO_OPEN;
	ask_others(s, t);
	t->next = s->first;
	s->first = t;
	pthread_cond_signal(&s->look);
	int64_t began = clock_ns();
	while (t->opening == TO_OPEN && !disk_file_hangs(s, t) && clock_ns() - began < s->patience)
		disk_wait(s, &s->moved, TURN_NS);
	t->left_behind = t->opening != OPENED;
	if (t->opening == TO_OPEN)
		s->patience -= clock_ns() - began;
	if (t->left_behind || t->reader || stems_skip(s->stems, &t->why, err) == 0)
		return 0;
	s->first = t->next;
	return -1;
}

static int
open_now(struct streams *s, struct stream *t, struct err *err)
{
	if (stems_reader(s->stems, t->file, &t->reader, err))
		return -1;
	if (t->reader)
		t->info = disk_info(t->reader);
	t->known = t->reader != NULL;
	t->next = s->first;
	s->first = t;
	return 0;
}

static struct stream *
open_stream(struct streams *s, const char *file, int64_t shift, const struct loop *loop, struct err *err)
{
	struct stream *t = calloc(1, sizeof *t);
	if (!t || !(t->file = strdup(file))) {
		free(t);
		err_set(err, "%s: not enough memory", file);
		return NULL;
	}
	t->owner = s;
	t->shift = shift;
	t->loop = *loop;
	t->use[1] = INT64_MAX;
	t->info.channels = MEDIA_CHANNELS;
	t->users = 1;
	if (s->hurry ? open_soon(s, t, err) : open_now(s, t, err)) {
		free_stream(s, t);
		return NULL;
	}
	return t;
}

static struct source *
stream_open(void *arg, const char *file, int64_t shift, int64_t late, struct err *err)
{
	struct streams *s = arg;
	struct stream_source *f = calloc(1, sizeof *f);
	if (!f)
		return err_set(err, "%s: not enough memory", file), NULL;
	pthread_mutex_lock(&s->lock);
	struct loop loop = {0, 0};
	if (s->loop.out > s->loop.in)
		loop = (struct loop){s->loop.in + late - shift, s->loop.out + late - shift};
	struct stream *t = s->first;
	while (t &&
	       (t->begun || t->shift != shift || t->loop.in != loop.in || t->loop.out != loop.out || strcmp(t->file, file)))
		t = t->next;
	if (t)
		t->users++;
	else
		t = open_stream(s, file, shift, &loop, err);
	if (t) {
		f->stream = t;
		f->source = (struct source){.channels = t->info.channels,
		                            .frames = t->info.frames,
		                            .edition = t->edition,
		                            .read = stream_read,
		                            .close = stream_close,
		                            .use = stream_use,
		                            .lead = stream_lead};
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

void
streams_hurry(struct streams *s)
{
	s->hurry = 1;
	s->patience = OPEN_NS;
}

void
streams_loop(struct streams *s, const struct loop *loop)
{
	pthread_mutex_lock(&s->lock);
	s->loop = *loop;
	pthread_mutex_unlock(&s->lock);
}

/* The part of its wish that each new ring gets: those of one graph share the memory. */
static double
share(const struct streams *s)
{
	double wish = 0;
	for (const struct stream *t = s->first; t; t = t->next)
		if (!t->begun && t->known)
			wish += AHEAD_SECONDS * s->rate * t->info.frame_bytes;
	return wish > (double)s->memory ? (double)s->memory / wish : 1;
}

/* The frame of its ring at which a stream that is played from `frame` of its file on begins. */
static int64_t
ring_begin(const struct stream *t, int64_t frame)
{
	int64_t from = loop_frame(&t->loop, frame), end = stream_end(t);
	int64_t pass = from < frame ? (frame - from) / (t->loop.out - t->loop.in) : 0;
	int64_t begin = pass ? stream_again(t) : t->use[0];
	begin = begin > 0 ? begin : 0;
	from = from > begin ? from : begin;
	from = from < end ? from : end > begin ? end : begin;
	return from + pass * stream_round(t);
}

static int
make_reel(struct streams *s, struct stream *t, double part, int64_t position)
{
	int64_t frames = (int64_t)(AHEAD_SECONDS * s->rate * part), from = ring_begin(t, position - t->shift);
	if (stream_round(t) == 0 && frames > stream_end(t) - from)
		frames = stream_end(t) - from;
	if (frames < 1)
		frames = 1;
	t->reel = reel_new((size_t)frames, (size_t)t->info.frame_bytes, from);
	if (stream_round(t) > 0)
		t->lead = reel_new(LOOP_FADE, (size_t)t->info.frame_bytes, 0);
	if (t->reel)
		s->used += (size_t)frames * (size_t)t->info.frame_bytes;
	return t->reel ? 0 : -1;
}

/* A file that cannot be read, or not now, is not waited for. */
static int
primed(const struct streams *s, const struct stream *t, int frames)
{
	if (!t->reel || !t->reader || t->done || t->failing || disk_file_hangs(s, t))
		return 1;
	size_t ahead = reel_ahead(t->reel), size = reel_size(t->reel) * 15 / 16;
	return ahead >= (size_t)frames || ahead >= size;
}

int
streams_prime(struct streams *s, int64_t position, int frames, struct err *err)
{
	int failed = 0;
	pthread_mutex_lock(&s->lock);
	s->patience = OPEN_NS;
	double part = share(s);
	for (struct stream *t = s->first; t; t = t->next) {
		if (!t->begun && t->known && make_reel(s, t, part, position))
			failed = err_set(err, "%s: not enough memory for its ring", t->file);
		t->begun = 1;
	}
	pthread_cond_signal(&s->look);
	for (struct stream *t = s->first; t && !failed;) {
		if (primed(s, t, frames)) {
			t = t->next;
			continue;
		}
		disk_wait(s, &s->moved, TURN_NS);
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
		if (t->reel && t->reader && !t->done && !t->failing && !disk_file_hangs(s, t)) {
			double full = (double)reel_ahead(t->reel) / (double)reel_size(t->reel);
			least = full < least ? full : least;
		}
	pthread_mutex_unlock(&s->lock);
	return least;
}

static void
tell(const struct stream *t, const char *words, struct err *news)
{
	char shown[256];
	err_set(news, "%s: %s", text_show(t->file, shown, sizeof shown), words);
}

/* What is told of a file once, whatever graphs read it. */
static void
tell_back(struct streams *s, const struct stream *t)
{
	for (struct stream *u = s->first; u; u = u->next)
		if (!u->failing && !strcmp(u->file, t->file))
			u->told = 0;
}

/* -1 silent, 1 back, 2 back in another graph: what is to be told of a stream now, or 0. */
static int
news_of(struct streams *s, struct stream *t, struct err *news)
{
	if (t->unlike) {
		t->unlike = 0;
		tell_back(s, t);
		tell(t, "can be read now and plays in its place", news);
		return 2;
	}
	if (t->left_behind && t->why.text[0]) {
		t->left_behind = 0;
		err_set(news, "%s; it is left out", t->why.text);
		return -1;
	}
	if (t->left_behind && t->opening != OPENED && !t->told) {
		t->told = 1;
		tell(t,
		     t->opening == TO_CONVERT ? "is silent while it is converted to the song's rate"
		                              : "the disk does not answer; its strip is silent until it does",
		     news);
		return -1;
	}
	if (!t->reel || !t->reader)
		return 0;
	int hangs = disk_file_hangs(s, t) && (double)reel_ahead(t->reel) < LOW_SECONDS * s->rate;
	int silent = t->failing || hangs;
	if (silent == t->told || (!silent && reel_ahead(t->reel) == 0 && !t->done))
		return 0;
	t->told = silent;
	if (!silent)
		tell_back(s, t);
	tell(t,
	     !silent ? "can be read again and plays in its place"
	     : hangs ? "the disk does not answer; its strip is silent until it can be read again"
	             : "cannot be read any more; its strip is silent until it can be read again",
	     news);
	return silent ? -1 : 1;
}

int
streams_news(struct streams *s, struct err *news)
{
	int found = 0;
	pthread_mutex_lock(&s->lock);
	for (struct stream *t = s->first; t && !found; t = t->next)
		found = news_of(s, t, news);
	pthread_mutex_unlock(&s->lock);
	return found;
}
