#include "engine/stream_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define READ_BYTES (256 << 10) /* at most at a time, so that no ring waits long for another */
#define LEAST_SECONDS 0.125    /* and at least, for a ring that is nearly empty */
#define IDLE_NS 20000000       /* between two looks at full rings; far below what a ring holds */
#define PATIENCE_NS 300000000  /* a read that takes longer no longer keeps others waiting */
#define RETRY_NS 250000000     /* between attempts at a file that cannot be read */
#define CROWDED_SECONDS 1.0    /* in a ring while there are more of them than one graph may have */
#define DECODE_FRAMES 4096
#define OPENS_AT 0.05 /* so full a ring is as urgent as a file to open */

void
disk_wait(struct streams *s, pthread_cond_t *cond, int64_t ns)
{
	const struct timespec at = clock_after(CLOCK_MONOTONIC, ns);
	pthread_cond_timedwait(cond, &s->lock, &at);
}

int
disk_is_stuck(const struct stream *t)
{
	return t->busy && clock_ns() - t->since > PATIENCE_NS;
}

int
disk_is_reading(const struct stream *t)
{
	return t->busy && t->opening != TO_CONVERT && !disk_is_stuck(t);
}

int
disk_file_hangs(const struct streams *s, const struct stream *t)
{
	const struct stream *lists[2] = {s->first, s->left};
	int stuck = 0;
	for (int k = 0; k < 2; k++)
		for (const struct stream *u = lists[k]; u; u = u->next) {
			if (!disk_is_stuck(u))
				continue;
			if (!strcmp(u->file, t->file))
				return 1;
			stuck++;
		}
	return stuck == disk_threads(s);
}

struct media_info
disk_info(const struct media_reader *reader)
{
	struct media_info info = *reader_info(reader);
	if (info.sample == MEDIA_CODED) {
		info.sample = MEDIA_F32;
		info.big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
		info.frame_bytes = info.channels * (int)sizeof(float);
	}
	return info;
}

static int64_t
read_coded(const struct stream *t, int64_t frame, int64_t frames, float *to)
{
	float *planar[MEDIA_CHANNELS], *decoded;
	int channels = t->info.channels;
	if (frames > DECODE_FRAMES)
		frames = DECODE_FRAMES;
	decoded = malloc(sizeof *decoded * (size_t)channels * DECODE_FRAMES);
	if (!decoded)
		return -1;
	for (int c = 0; c < channels; c++)
		planar[c] = decoded + c * DECODE_FRAMES;
	int64_t got = reader_read(t->reader, frame, frames, planar);
	for (int64_t k = 0; k < frames; k++)
		for (int c = 0; c < channels; c++)
			to[k * channels + c] = planar[c][k];
	free(decoded);
	return got < 0 ? got : frames;
}

/* Frames of the file as they lie in the ring: as many as are there now. */
static int64_t
read_frames(const struct stream *t, int64_t frame, int64_t frames, void *to)
{
	int coded = reader_info(t->reader)->sample == MEDIA_CODED;
	return coded ? read_coded(t, frame, frames, to) : reader_read_raw(t->reader, frame, frames, to);
}

/* The frames before the loop's beginning; what lies outside of the file or cannot be read is silence. */
static void
fill_lead(struct stream *t)
{
	int64_t at, first = t->loop.in - LOOP_FADE, from = first < t->use[0] ? t->use[0] : first;
	int64_t end = t->use[1] < t->info.frames ? t->use[1] : t->info.frames;
	void *to;
	end = end < t->loop.in ? end : t->loop.in;
	reel_room(t->lead, &at, &to);
	memset(to, t->info.sample == MEDIA_U8 ? 0x80 : 0, (size_t)(LOOP_FADE * t->info.frame_bytes));
	if (from < end)
		read_frames(t, from, end - from, (char *)to + (from - first) * t->info.frame_bytes);
	reel_wrote(t->lead, LOOP_FADE);
}

/* Reads a piece for a stream. -1: it is not there; the place of what is missing stays free. */
static int
fill(const struct streams *s, struct stream *t)
{
	int64_t at, most = READ_BYTES / t->info.frame_bytes, least = (int64_t)(LEAST_SECONDS * s->rate);
	void *to;
	int64_t frames = (int64_t)reel_room(t->reel, &at, &to), ahead = (int64_t)reel_ahead(t->reel);
	/* small pieces first, so that all rings begin at once */
	most = ahead < least && least < most ? least : ahead < most && ahead > least ? ahead : most;
	frames = frames < most ? frames : most;
	int64_t end = stream_end(t), round = stream_round(t), from = stream_frame(t, at);
	frames = frames < end - from ? frames : end - from;
	if (t->lead && reel_ahead(t->lead) == 0 && (ahead > least || frames <= 0))
		fill_lead(t);
	if (frames <= 0 || (at >= end && !round))
		return 0;
	int64_t got = read_frames(t, from, frames, to);
	if (got > 0)
		reel_wrote(t->reel, (size_t)got);
	return got > 0 ? 0 : -1;
}

/* A file that cannot be read may have gone and come back. */
static void
look_again(struct streams *s, struct stream *t)
{
	struct err err;
	struct media_reader *again = reader_again(t->reader, &err);
	if (!again)
		return;
	struct media_reader *was = t->reader;
	pthread_mutex_lock(&s->lock);
	t->reader = again;
	pthread_mutex_unlock(&s->lock);
	reader_close(was);
}

/* What a graph was told of a file before it was open: whether that is so. */
static int
is_as_told(const struct stream *t, const struct media_info *now)
{
	const struct media_info *was = &t->info;
	return t->known && was->channels == now->channels && was->frames == now->frames && was->sample == now->sample &&
	       was->big_endian == now->big_endian && was->frame_bytes == now->frame_bytes;
}

/* A conversion that no graph waits for any more is given up. */
static int
is_unwanted(void *arg, int64_t done, int64_t all)
{
	const struct stream *t = arg, *u;
	(void)done;
	(void)all;
	pthread_mutex_lock(&t->owner->lock);
	for (u = t->owner->stop ? NULL : t->owner->first; u && strcmp(u->file, t->file) != 0;)
		u = u->next;
	pthread_mutex_unlock(&t->owner->lock);
	return !u;
}

/* The next step to an open file, begun with the lock and ended with it. Conversions follow one another. */
static void
open_file(struct streams *s, struct stream *t)
{
	struct media_reader *reader = NULL;
	struct err why = {""};
	int64_t bytes;
	int convert = t->opening == TO_CONVERT, status = 0;
	s->converting += convert;
	pthread_mutex_unlock(&s->lock);
	if (convert)
		reader = stem_convert(t->path, (int)s->rate, is_unwanted, t, &why);
	else
		status = stem_find(t->path, (int)s->rate, &reader, &bytes, &why);
	pthread_mutex_lock(&s->lock);
	s->converting -= convert;
	t->opening = status == 1 ? TO_CONVERT : OPENED;
	if (t->opening != OPENED)
		return;
	t->why = why;
	if (!reader)
		return;
	struct media_info info = disk_info(reader);
	t->unlike = t->left_behind && !is_as_told(t, &info);
	t->edition += (uint32_t)t->unlike;
	if (t->unlike) {
		reader_close(reader);
		return;
	}
	if (!t->left_behind)
		t->info = info;
	t->known = 1;
	t->reader = reader;
}

/* How much of its wish a stream has; 1: nothing is to be read. */
static double
fullness(struct stream *t)
{
	int64_t frame;
	void *to;
	if (t->opening != OPENED)
		return t->busy || (t->opening == TO_CONVERT && t->owner->converting) ? 1 : OPENS_AT;
	if (!t->reel || !t->reader || t->busy || (t->failing && clock_ns() - t->since < RETRY_NS))
		return 1;
	size_t room = reel_room(t->reel, &frame, &to);
	t->done = frame >= stream_end(t) && stream_round(t) == 0;
	double full = (double)reel_ahead(t->reel) / (double)reel_size(t->reel);
	/* while one graph follows another, the rings of both do not fill the memory twice */
	int crowded = t->owner->used > t->owner->memory && (double)reel_ahead(t->reel) > CROWDED_SECONDS * t->owner->rate;
	return t->done || !room || crowded || full > 0.9375 ? 1 : full;
}

/* The stream that will be empty first, of those with room worth a read; NULL while another is read for. */
static struct stream *
emptiest(struct streams *s)
{
	struct stream *found = NULL;
	double least = 1;
	int hang = 0;
	const struct stream *lists[2] = {s->first, s->left};
	for (int k = 0; k < 2; k++)
		for (const struct stream *t = lists[k]; t; t = t->next) {
			if (disk_is_reading(t))
				return NULL;
			hang |= t->busy;
		}
	for (struct stream *t = s->first; t; t = t->next) {
		double full = fullness(t);
		if (full < least && !(hang && disk_file_hangs(s, t))) {
			least = full;
			found = t;
		}
	}
	return found;
}

/* Reads for a stream, or the frames before its loop; the lock is given up meanwhile. */
static void
read_file(struct streams *s, struct stream *t)
{
	int failed, again = t->failing;
	pthread_mutex_unlock(&s->lock);
	if (again)
		look_again(s, t);
	failed = fill(s, t);
	pthread_mutex_lock(&s->lock);
	t->failing = failed != 0;
}

static void
work(struct streams *s, struct stream *t)
{
	t->busy = 1;
	t->since = clock_ns();
	if (t->opening != OPENED)
		open_file(s, t);
	else
		read_file(s, t);
	t->busy = 0;
	t->since = clock_ns();
	pthread_cond_broadcast(&s->moved);
	pthread_cond_signal(&s->look);
}

/*
 * One thread looks for work, and while it reads another looks. Reads follow one another, as disks like it, but one that
 * does not come back holds only its own thread.
 */
static void *
disk_run(void *arg)
{
	struct disk_thread *self = arg;
	struct streams *s = self->owner;
	pthread_setname_np(pthread_self(), "disk");
	pthread_mutex_lock(&s->lock);
	while (!s->stop) {
		struct stream *t = NULL;
		s->waiting++;
		while (s->lookout && !s->stop)
			pthread_cond_wait(&s->work, &s->lock);
		s->lookout = 1;
		while (!s->stop && !(t = emptiest(s)))
			disk_wait(s, &s->look, IDLE_NS);
		s->lookout = 0;
		s->waiting--;
		if (s->stop)
			break;
		if (s->waiting == 0)
			disk_start(s);
		pthread_cond_signal(&s->work);
		work(s, t);
	}
	self->ended = 1;
	pthread_cond_broadcast(&s->moved);
	int last = s->abandoned && disk_threads(s) == 0;
	pthread_mutex_unlock(&s->lock);
	if (last)
		disk_free(s);
	return NULL;
}

int
disk_threads(const struct streams *s)
{
	int count = 0;
	for (int k = 0; k < READERS; k++)
		count += s->thread[k].runs && !s->thread[k].ended;
	return count;
}

void
disk_free(struct streams *s)
{
	for (struct stream *t = s->left, *next; t; t = next) {
		next = t->next;
		reel_free(t->reel);
		reel_free(t->lead);
		reader_close(t->reader);
		free(t->file);
		free(t->path);
		free(t);
	}
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->work);
	pthread_cond_destroy(&s->look);
	pthread_cond_destroy(&s->moved);
	free(s);
}

int
disk_start(struct streams *s)
{
	for (int k = 0; k < READERS; k++) {
		if (s->thread[k].runs)
			continue;
		s->thread[k].owner = s;
		s->thread[k].runs = pthread_create(&s->thread[k].id, NULL, disk_run, &s->thread[k]) == 0;
		return s->thread[k].runs ? 0 : -1;
	}
	return -1;
}
