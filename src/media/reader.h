/*
 * Reads a probed sound file as planar floats from any frame on. A reader belongs to one thread at a time, never the
 * real-time one: it waits for the disk.
 */
#ifndef MEDIA_READER_H
#define MEDIA_READER_H

#include "base/err.h"
#include "media/convert.h"
#include "media/probe.h"

struct media_reader;

/*
 * Opens the file that media_probe filled info from; info is copied. Takes 32 KiB and a little for files of plain
 * samples; what libsndfile decodes takes its memory on top. Returns NULL and err where the file cannot be opened or is
 * no longer the one that was probed.
 */
struct media_reader *reader_open(const char *path, const struct media_info *info, struct err *err);
void reader_close(struct media_reader *r);

/*
 * The same file opened anew, for it went away or changed and may be back: NULL with err where it is not there, or is
 * not of the same kind and length. By any thread.
 */
struct media_reader *reader_again(const struct media_reader *r, struct err *err);

const struct media_info *reader_info(const struct media_reader *r);

/*
 * Reads count frames from frame on (both may lie before the beginning or past the end: silence) into planar[0..
 * channels-1], each with room for count floats or NULL to skip the channel. Returns how many frames came from the file,
 * or -1 after a read error: then what could not be read is silence, and reader_error() says why.
 */
int64_t reader_read(struct media_reader *r, int64_t frame, int64_t count, float *const *planar);

/*
 * Reads whole frames as they stand in the file, for media_convert() later: at most count from frame on, into raw of
 * count * frame_bytes bytes. Returns the frames read (fewer only at the end of the file) or -1. Not for MEDIA_CODED.
 */
int64_t reader_read_raw(struct media_reader *r, int64_t frame, int64_t count, void *raw);

/* The first error of reading, NULL while there was none. */
const struct err *reader_error(const struct media_reader *r);

/* How many NaN and infinite samples were made silence so far. */
int64_t reader_bad_samples(const struct media_reader *r);

#endif
