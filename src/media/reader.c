#include "media/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

/* Fits a first-level cache, so that converting reads what pread just wrote there. */
#define BUFFER_BYTES 32768

struct media_reader {
	struct media_info info;
	int fd;
	SNDFILE *coded;      /* NULL for plain samples */
	int64_t place;       /* coded: the frame that libsndfile reads next */
	int64_t held_frame;  /* first frame in buffer */
	int64_t held_frames; /* how many there are */
	int64_t bad;         /* NaN and infinite samples so far */
	bool failed;
	struct err err;
	char *path;
	char shown[256]; /* the path, for messages */
	_Alignas(64) unsigned char buffer[BUFFER_BYTES];
};

struct media_reader *
reader_open(const char *path, const struct media_info *info, struct err *err)
{
	struct media_reader *r;
	int fd = media_open(path, info, err);
	if (fd < 0)
		return NULL;
	if (posix_memalign((void **)&r, 64, sizeof *r)) {
		close(fd);
		err_set(err, "%s", strerror(ENOMEM));
		return NULL;
	}
	memset(r, 0, offsetof(struct media_reader, buffer));
	r->info = *info;
	r->fd = fd;
	r->path = strdup(path);
	text_show(path, r->shown, sizeof r->shown);
	if (info->sample == MEDIA_CODED) {
		SF_INFO sf = {0};
		r->coded = sf_open_fd(fd, SFM_READ, &sf, 0);
		if (!r->coded || sf.channels != info->channels || sf.frames != info->frames) {
			err_set(err, "%s: cannot be decoded: %s", r->shown, sf_strerror(r->coded));
			reader_close(r);
			return NULL;
		}
	}
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return r;
}

void
reader_close(struct media_reader *r)
{
	if (!r)
		return;
	if (r->coded)
		sf_close(r->coded);
	close(r->fd);
	free(r->path);
	free(r);
}

struct media_reader *
reader_again(const struct media_reader *r, struct err *err)
{
	const struct media_info *was = &r->info;
	struct media_info now;
	if (!r->path || media_probe(r->path, &now, err))
		return NULL;
	if (now.sample != was->sample || now.channels != was->channels || now.rate != was->rate ||
	    now.frames != was->frames || now.data_offset != was->data_offset || now.frame_bytes != was->frame_bytes) {
		err_set(err, "%s: is another file now; open the session again to use it", r->shown);
		return NULL;
	}
	return reader_open(r->path, &now, err);
}

const struct media_info *
reader_info(const struct media_reader *r)
{
	return &r->info;
}

const struct err *
reader_error(const struct media_reader *r)
{
	return r->failed ? &r->err : NULL;
}

int64_t
reader_bad_samples(const struct media_reader *r)
{
	return r->bad;
}

static int64_t
fail(struct media_reader *r, int64_t frame, const char *why)
{
	if (!r->failed)
		err_set(&r->err, "%s: cannot be read at frame %lld: %s", r->shown, (long long)frame, why);
	r->failed = true;
	return -1;
}

int64_t
reader_read_raw(struct media_reader *r, int64_t frame, int64_t count, void *raw)
{
	int64_t bytes = r->info.frame_bytes;
	unsigned char *p = raw;
	if (r->coded || frame < 0)
		return -1;
	if (count > r->info.frames - frame)
		count = r->info.frames - frame;
	if (count <= 0)
		return 0;
	int64_t at = r->info.data_offset + frame * bytes;
	for (int64_t left = count * bytes; left > 0;) {
		ssize_t got = pread(r->fd, p, (size_t)left, (off_t)at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return fail(r, frame, got ? strerror(errno) : "the file became shorter");
		p += got;
		at += got;
		left -= got;
	}
	return count;
}

/* Plain samples: converts from the buffer, and refills it with what follows. Returns frames got, at least 1, or -1. */
static int64_t
read_plain(struct media_reader *r, int64_t frame, int64_t count, float *const *planar)
{
	int64_t bytes = r->info.frame_bytes;
	if (frame < r->held_frame || frame >= r->held_frame + r->held_frames) {
		r->held_frames = 0;
		int64_t got = reader_read_raw(r, frame, BUFFER_BYTES / bytes, r->buffer);
		if (got <= 0)
			return -1;
		r->held_frame = frame;
		r->held_frames = got;
	}
	int64_t skip = frame - r->held_frame;
	if (count > r->held_frames - skip)
		count = r->held_frames - skip;
	r->bad += media_convert(&r->info, r->buffer + skip * bytes, count, planar);
	return count;
}

static int64_t
read_coded(struct media_reader *r, int64_t frame, int64_t count, float *const *planar)
{
	float *block = (float *)(void *)r->buffer;
	int channels = r->info.channels;
	int64_t most = BUFFER_BYTES / (int64_t)sizeof *block / channels;
	if (frame < r->held_frame || frame >= r->held_frame + r->held_frames) {
		r->held_frames = 0;
		if (r->place != frame && sf_seek(r->coded, frame, SEEK_SET) != frame) {
			r->place = -1;
			return fail(r, frame, "it is damaged there");
		}
		int64_t want = r->info.frames - frame < most ? r->info.frames - frame : most;
		int64_t got = sf_readf_float(r->coded, block, want);
		r->place = got < want ? -1 : frame + got;
		if (got <= 0)
			return fail(r, frame, "it is damaged there");
		r->bad += media_silence_bad(block, got * channels);
		r->held_frame = frame;
		r->held_frames = got;
	}
	int64_t skip = frame - r->held_frame;
	if (count > r->held_frames - skip)
		count = r->held_frames - skip;
	for (int c = 0; c < channels; c++)
		if (planar[c])
			for (int64_t k = 0; k < count; k++)
				planar[c][k] = block[(skip + k) * channels + c];
	return count;
}

static void
silence(float *const *planar, int channels, int64_t from, int64_t to)
{
	for (int c = 0; c < channels; c++)
		if (planar[c] && to > from)
			memset(planar[c] + from, 0, (size_t)(to - from) * sizeof **planar);
}

int64_t
reader_read(struct media_reader *r, int64_t frame, int64_t count, float *const *planar)
{
	float *at[MEDIA_CHANNELS];
	int channels = r->info.channels;
	if (frame <= -count || frame >= r->info.frames) {
		silence(planar, channels, 0, count);
		return 0;
	}
	/* [from, to) of the count frames asked for lie in the file */
	int64_t from = frame < 0 ? -frame : 0;
	int64_t to = count < r->info.frames - frame ? count : r->info.frames - frame;
	silence(planar, channels, 0, from);
	for (int64_t k = from; k < to;) {
		for (int c = 0; c < channels; c++)
			at[c] = planar[c] ? planar[c] + k : NULL;
		int64_t got = r->coded ? read_coded(r, frame + k, to - k, at) : read_plain(r, frame + k, to - k, at);
		if (got < 0) {
			silence(planar, channels, k, count);
			return -1;
		}
		k += got;
	}
	silence(planar, channels, to, count);
	return to - from;
}
