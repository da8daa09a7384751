#include "media/import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha256.h"
#include "base/text.h"
#include "media/part.h"
#include "media/rate.h"
#include "media/reader.h"
#include "media/walk.h"
#include "media/wavhead.h"

/* Changes when the converter's result does, so that old files are not taken for new ones. */
#define RECIPE "stemdesk import 1: libsoxr 32-bit quality"

/* Files up to WHOLE bytes are read whole for their key; of longer ones SAMPLES blocks, and their time of change. */
#define WHOLE (4 << 20)
#define BLOCK 16384
#define SAMPLES 64

/* Frames converted at a time, of whichever side has more. */
#define STEP 4096

#define BAD_WORDS "samples that were NaN or infinite: "

int64_t
import_frames(const struct media_info *info, int rate)
{
	int64_t seconds = info->frames / info->rate, rest = info->frames % info->rate;
	return seconds * rate + (2 * rest * rate + info->rate) / (2 * (int64_t)info->rate);
}

static struct sink_spec
spec_of(const struct media_info *info, int rate)
{
	return (struct sink_spec){.format = SINK_WAV, .bits = SINK_32F, .rate = rate, .channels = info->channels};
}

int64_t
import_size(const struct media_info *info, int rate)
{
	struct sink_spec spec = spec_of(info, rate);
	return (int64_t)wavhead_size(&spec) + import_frames(info, rate) * info->channels * (int64_t)sizeof(float);
}

/* Writes the cache's folder; the XDG rules say that a relative path there is to be ignored. */
static int
cache_folder(char out[IMPORT_PATH_SIZE], struct err *err)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	int n = -1;
	if (xdg && *xdg == '/')
		n = snprintf(out, IMPORT_PATH_SIZE, "%s/stemdesk", xdg);
	else if (home && *home == '/')
		n = snprintf(out, IMPORT_PATH_SIZE, "%s/.cache/stemdesk", home);
	if (n < 0)
		return err_set(err, "there is no place for converted stems: set XDG_CACHE_HOME or HOME to a folder");
	/* what follows is "/", 32 digits, "-", a rate and an ending */
	if (n > IMPORT_PATH_SIZE - 64)
		return err_set(err, "the name of the cache's folder is too long; set XDG_CACHE_HOME to a shorter one");
	return 0;
}

static int
make_folders(char *path, struct err *err)
{
	for (char *p = path + 1;; p++) {
		if (*p && *p != '/')
			continue;
		char was = *p;
		*p = '\0';
		if (mkdir(path, 0700) && errno != EEXIST) {
			char shown[512];
			return err_set(err, "%s: cannot be made for converted stems: %s", text_show(path, shown, sizeof shown),
			               strerror(errno));
		}
		*p = was;
		if (!was)
			return 0;
	}
}

/* The key of a file's content: a hash of hashes of its blocks and of what decides how it is converted. */
static int
content_key(const char *path, const struct media_info *info, int rate, char key[65], struct err *err)
{
	bool whole = info->size <= WHOLE;
	int64_t blocks = whole ? (info->size + BLOCK - 1) / BLOCK : SAMPLES;
	size_t size = 256 + 64 * (size_t)blocks;
	char *text = malloc(size);
	int fd = text ? media_open(path, info, err) : err_set(err, "%s", strerror(ENOMEM));
	if (fd < 0) {
		free(text);
		return -1;
	}
	size_t n =
	    (size_t)snprintf(text, 256, "%s\n%d %d %d %lld %lld %lld\n", RECIPE, rate, info->rate, info->channels,
	                     (long long)info->frames, (long long)info->size, whole ? 0LL : (long long)info->modified);
	int status = 0;
	for (int64_t k = 0; k < blocks && !status; k++) {
		unsigned char block[BLOCK];
		int64_t at = whole ? k * BLOCK : (info->size - BLOCK) / (SAMPLES - 1) * k;
		size_t length = info->size - at < BLOCK ? (size_t)(info->size - at) : BLOCK;
		status = walk_read(fd, at, block, length);
		sha256_hex(block, length, key);
		memcpy(text + n, key, 64);
		n += 64;
	}
	close(fd);
	if (status) {
		char shown[512];
		err_set(err, "%s: cannot be read: %s", text_show(path, shown, sizeof shown), strerror(errno));
	} else {
		sha256_hex(text, n, key);
	}
	free(text);
	return status;
}

int
import_path(const char *path, const struct media_info *info, int rate, char out[IMPORT_PATH_SIZE],
            struct media_info *cached, struct err *err)
{
	char key[65];
	struct media_info found;
	if (cache_folder(out, err) || content_key(path, info, rate, key, err))
		return -1;
	size_t n = strlen(out);
	snprintf(out + n, IMPORT_PATH_SIZE - n, "/%.32s-%d.wav", key, rate);
	if (media_probe(out, &found, NULL) || found.sample != MEDIA_F32 || found.channels != info->channels ||
	    found.rate != rate || found.frames != import_frames(info, rate) || found.unfinished)
		return 0;
	found.by_content = true;
	if (cached)
		*cached = found;
	return 1;
}

int64_t
import_bad_samples(const struct media_info *cached)
{
	size_t n = strlen(BAD_WORDS);
	return strncmp(cached->description, BAD_WORDS, n) ? 0 : atoll(cached->description + n);
}

/* A conversion under way. */
struct job {
	struct media_reader *reader;
	struct part *part;
	struct rate *rate[MEDIA_CHANNELS / 2]; /* one for each two channels */
	int channels;
	size_t step, room;       /* frames read at a time, and the most that come of them */
	float *in, *out, *woven; /* channels rows of step frames, of room frames, room interleaved frames */
	int64_t left;            /* frames still to be written */
};

static void
job_fini(struct job *j)
{
	for (size_t k = 0; k < sizeof j->rate / sizeof *j->rate; k++)
		rate_free(j->rate[k]);
	reader_close(j->reader);
	part_abort(j->part);
	free(j->in);
	free(j->out);
	free(j->woven);
}

static int
job_init(struct job *j, const char *path, const struct media_info *info, int rate, const char *target, struct err *err)
{
	struct sink_spec spec = spec_of(info, rate);
	size_t head = wavhead_size(&spec);
	j->channels = info->channels;
	j->left = import_frames(info, rate);
	for (int c = 0; c < j->channels; c += 2) {
		j->rate[c / 2] =
		    rate_new((uint32_t)info->rate, (uint32_t)rate, j->channels - c < 2 ? 1 : 2, RATE_FLOAT, RATE_FLOAT, err);
		if (!j->rate[c / 2])
			return -1;
	}
	j->step = rate > info->rate ? (size_t)((int64_t)STEP * info->rate / rate) : STEP;
	j->room = rate_room(j->rate[0], j->step);
	j->in = malloc(sizeof(float) * j->step * (size_t)j->channels);
	j->out = malloc(sizeof(float) * j->room * (size_t)j->channels);
	j->woven = malloc(sizeof(float) * j->room * (size_t)j->channels);
	uint8_t *header = malloc(head);
	int status = 0;
	if (!j->in || !j->out || !j->woven || !header)
		status = err_set(err, "%s", strerror(ENOMEM));
	else if (!(j->reader = reader_open(path, info, err)))
		status = -1;
	else if (!(j->part = part_open(target, (uint64_t)import_size(info, rate), err)))
		status = err_prefix(err, "the cache of converted stems");
	if (!status) {
		wavhead_write(&spec, (uint64_t)j->left, header);
		status = part_write(j->part, header, head, err);
	}
	free(header);
	return status;
}

/* Interleaves and writes n frames of out, but never more than the file is to have. */
static int
job_write(struct job *j, size_t n, struct err *err)
{
	if ((int64_t)n > j->left)
		n = (size_t)j->left;
	for (int c = 0; c < j->channels; c++)
		for (size_t k = 0; k < n; k++)
			j->woven[k * (size_t)j->channels + (size_t)c] = j->out[(size_t)c * j->room + k];
	j->left -= (int64_t)n;
	return part_write(j->part, j->woven, n * (size_t)j->channels * sizeof *j->woven, err);
}

/* Runs n frames of in through the converters (0: drains them). Returns the frames got in out or -1. */
static int64_t
job_convert(struct job *j, size_t n, struct err *err)
{
	size_t got = 0;
	for (int c = 0; c < j->channels; c += 2) {
		float *in = j->in + (size_t)c * j->step, *out = j->out + (size_t)c * j->room;
		const void *from[2] = {in, in + j->step};
		void *to[2] = {out, out + j->room};
		if (n ? rate_run(j->rate[c / 2], from, n, to, &got, err) : rate_drain(j->rate[c / 2], to, j->room, &got, err))
			return -1;
	}
	return (int64_t)got;
}

static int
job_run(struct job *j, const struct media_info *info, import_progress *progress, void *arg, struct err *err)
{
	float *row[MEDIA_CHANNELS];
	int64_t got;
	for (int c = 0; c < j->channels; c++)
		row[c] = j->in + (size_t)c * j->step;
	for (int64_t at = 0; at < info->frames;) {
		int64_t n = info->frames - at < (int64_t)j->step ? info->frames - at : (int64_t)j->step;
		if (reader_read(j->reader, at, n, row) < 0)
			return err_set(err, "%s", reader_error(j->reader)->text);
		got = job_convert(j, (size_t)n, err);
		if (got < 0 || job_write(j, (size_t)got, err))
			return -1;
		at += n;
		if (progress && progress(arg, at, info->frames))
			return err_set(err, "the conversion was stopped");
	}
	while ((got = job_convert(j, 0, err)) > 0)
		if (job_write(j, (size_t)got, err))
			return -1;
	if (got < 0 || j->left)
		return got < 0 ? -1 : err_set(err, "the converter gave fewer frames than it promised");
	return 0;
}

/* Notes what was made silent behind the sound, in a chunk that media_probe() reads. */
static int
write_bad(struct part *part, int64_t bad, struct err *err)
{
	unsigned char chunk[8 + 602] = {'b', 'e', 'x', 't', 602 & 255, 602 >> 8};
	if (!bad)
		return 0;
	snprintf((char *)chunk + 8, 256, BAD_WORDS "%lld", (long long)bad);
	return part_write(part, chunk, sizeof chunk, err);
}

int
import_stem(const char *path, const struct media_info *info, int rate, import_progress *progress, void *arg,
            char out[IMPORT_PATH_SIZE], struct media_info *cached, struct err *err)
{
	struct job j = {0};
	char folder[IMPORT_PATH_SIZE];
	int there = import_path(path, info, rate, out, cached, err);
	if (there)
		return there < 0 ? -1 : 0;
	if (cache_folder(folder, err) || make_folders(folder, err))
		return -1;
	int status = job_init(&j, path, info, rate, out, err);
	if (!status)
		status = job_run(&j, info, progress, arg, err);
	if (!status)
		status = write_bad(j.part, reader_bad_samples(j.reader), err);
	if (!status) {
		status = part_commit(j.part, err);
		j.part = NULL;
	}
	job_fini(&j);
	if (!status && import_path(path, info, rate, out, cached, err) != 1)
		status = err_set(err, "the converted stem is not in the cache as it was written; try again");
	return status;
}
