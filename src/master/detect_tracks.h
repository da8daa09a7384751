/* What a session's strips play, read from the files as they are: a track each. Control thread opens and frees; a track
 * is read by one thread at a time. */
#ifndef MASTER_DETECT_TRACKS_H
#define MASTER_DETECT_TRACKS_H

#include "media/probe.h"
#include "master/detect.h"

/* A region of a track: some channels of a file, or of two. */
struct track_part {
	char *path[2]; /* path[1]: of the right side, NULL where one file has all */
	struct media_info info[2];
	int channel;                    /* first one taken, from 0 */
	int64_t at, from, frames;       /* on the track, in the file, how many: frames of the track's rate */
	struct media_reader *reader[2]; /* while the track is read */
};

struct track {
	struct detect_track is;
	struct track_part *part;
	size_t parts;
	struct err broken; /* why it could not be read to its end, "" where it was */
	float *loud;       /* mean square of each second, once it was listened to */
	size_t seconds;
	float *scratch[2];
	size_t room;
};

struct tracks {
	struct session *session;
	struct track *track;
	size_t count;
	/* Strips whose file cannot be opened: which, and why. */
	struct track_refusal {
		const struct node *strip;
		struct err why;
	} * refused;
	size_t refusals;
	double rate; /* the song's, Hz */
	int threads;
};

/* NULL with err filled: the session has no strips. */
struct tracks *tracks_open(struct session *session, const char *path, struct err *err);
void tracks_free(struct tracks *t);

/* Opens a track's files: 0, or -1 with track->broken filled. */
int track_begin(struct track *t);
/* Reads count frames from frame on, silence where no region is; planar has one array a channel. -1: broken is filled.
 */
int track_read(struct track *t, int64_t frame, int64_t count, float *const *planar);
void track_end(struct track *t);

#endif
