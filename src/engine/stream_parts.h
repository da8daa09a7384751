/*
 * Streams from inside: stream.c (control thread), stream_disk.c (the disk's threads) and stream_rt.c (the thread that
 * renders, which reads what is settled before its graph runs, and rings).
 */
#ifndef ENGINE_STREAM_PARTS_H
#define ENGINE_STREAM_PARTS_H

#include <pthread.h>

#include "base/reel.h"
#include "engine/loop.h"
#include "engine/stream.h"
#include "media/convert.h"
#include "media/reader.h"

#define READERS 32 /* threads at the most, all but one of them with a read that does not come back */

enum stream_opening { OPENED, TO_OPEN, TO_CONVERT };

/*
 * A file being read. Its ring counts frames of its own: those of the file up to the loop's end, and behind it the loop
 * again and again (stream_frame).
 */
struct stream {
	struct stream *next;
	struct streams *owner;
	char *file, *path;           /* as the session names it, and where it lies */
	enum stream_opening opening; /* what is to be done before it can be read */
	int left_behind;             /* its graph was built without waiting for that */
	int known;                   /* info is that of the file; else it is taken for silence */
	int unlike;                  /* what its graph knows of the file is not so: another is to be built */
	uint32_t edition;            /* counts those of the file that were unlike */
	int begun;                   /* its graph is built: no other takes part in it */
	struct err why;              /* it could not be opened, "" while that is not so */
	int64_t shift;               /* song frame of the file's frame 0 */
	struct loop loop;            /* in frames of the file */
	int64_t use[2];              /* frames of the file that are wanted: from, up to */
	struct media_reader *reader; /* NULL: skipped, silent */
	struct media_info info;      /* of what lies in the ring */
	struct reel *reel;           /* NULL until primed */
	struct reel *lead;           /* the frames before the loop's beginning, from its own frame 0; NULL: no loop */
	int users;
	int busy;      /* a disk thread reads for it */
	int done;      /* the ring holds all that there is */
	int failing;   /* the last read did not bring what it should */
	int told;      /* the user knows that it is silent */
	int64_t since; /* ns: busy since, or when it failed */
};

/* Frames of the ring: up to `end` the file's own, then `round` of the loop without end (0: nothing more). */
static inline int64_t
stream_end(const struct stream *t)
{
	int64_t to = t->use[1] < t->info.frames ? t->use[1] : t->info.frames;
	return t->loop.out > t->loop.in && t->loop.out < to ? t->loop.out : to;
}

static inline int64_t
stream_again(const struct stream *t)
{
	return t->loop.in > t->use[0] ? t->loop.in : t->use[0];
}

static inline int64_t
stream_round(const struct stream *t)
{
	int64_t round = t->loop.out > t->loop.in ? stream_end(t) - stream_again(t) : 0;
	return round > 0 ? round : 0;
}

/* Where a frame of the ring lies in the file. */
static inline int64_t
stream_frame(const struct stream *t, int64_t at)
{
	int64_t end = stream_end(t), round = stream_round(t);
	return at < end || round == 0 ? at : stream_again(t) + (at - end) % round;
}

struct stream_source {
	struct source source;
	struct stream *stream;
	int64_t bad; /* samples made silent */
};

/* stream_rt.c */
void stream_read(struct source *source, int64_t frame, int frames, float *const *planar);
void stream_lead(struct source *source, int at, int frames, float *const *planar);

struct disk_thread {
	struct streams *owner;
	pthread_t id;
	int runs, ended;
};

/* lock guards all but the contents of rings. */
struct streams {
	struct stems *stems;
	double rate;
	size_t memory, used; /* bytes */
	struct loop loop;    /* for what is opened next */
	struct stream *first;
	struct stream *left; /* given up while a read for them was under way */
	int hurry;           /* no graph waits for a file that hangs */
	int64_t patience;    /* ns that the graph being built waits yet for those */
	struct disk_thread thread[READERS];
	int converting;       /* a file is being converted */
	int waiting, lookout; /* threads with nothing to do; one of them looks for work */
	pthread_mutex_t lock;
	pthread_cond_t work, look, moved; /* moved: a read is over */
	int stop;
	int abandoned; /* the owner is gone: the last thread frees all */
};

/* stream_disk.c: starts a thread (lock held). -1: there are no more. */
int disk_start(struct streams *s);
/* Waits (lock held) for one of the two conditions that have our clock, look and moved, or so long. */
void disk_wait(struct streams *s, pthread_cond_t *cond, int64_t ns);
/* A read (opening, conversion) under way that does not come back. */
int disk_is_stuck(const struct stream *t);
/* One under way that others wait for; a conversion works more than it reads. */
int disk_is_reading(const struct stream *t);
/* The same of any stream of its file, or every thread has one (lock held): nothing more is asked of the file now. */
int disk_file_hangs(const struct streams *s, const struct stream *t);
/* What a reader's samples are in a ring. */
struct media_info disk_info(const struct media_reader *reader);
/* How many threads have not come to their end (lock held); frees what is left when all have. */
int disk_threads(const struct streams *s);
void disk_free(struct streams *s);

#endif
