/*
 * Stems at another rate than the song's are converted once, into a cache ($XDG_CACHE_HOME/stemdesk, else
 * ~/.cache/stemdesk) of 32-bit float files that are named by the stem's content and the rate. Any thread but the
 * real-time one; programs that import the same stem at once do not disturb each other.
 */
#ifndef MEDIA_IMPORT_H
#define MEDIA_IMPORT_H

#include "base/err.h"
#include "media/probe.h"

#define IMPORT_PATH_SIZE 4096

/* Frames that a stem has at another rate: the nearest whole number. */
int64_t import_frames(const struct media_info *info, int rate);

/* Bytes of its converted file, to tell before. */
int64_t import_size(const struct media_info *info, int rate);

/*
 * Writes into out where the stem at path is or would be cached at this rate. Returns 1 where it is there, whole, and
 * fills *cached (which may be NULL); 0 where it is not; -1 with err where there is no place for a cache, or the stem
 * cannot be read or was changed since info was made.
 */
int import_path(const char *path, const struct media_info *info, int rate, char out[IMPORT_PATH_SIZE],
                struct media_info *cached, struct err *err);

/* Told how many of all frames are done; other than 0 stops the import. */
typedef int import_progress(void *arg, int64_t done, int64_t all);

/*
 * Converts a stem into the cache unless it is there (libsoxr, 64 bits inside, its delay taken out: frame 0 stays frame
 * 0). Fills out and *cached (which may be NULL) as import_path() does. progress may be NULL. Returns 0, or -1 with err:
 * no room (checked before), a read or write error, or progress said stop; then nothing is left behind.
 */
int import_stem(const char *path, const struct media_info *info, int rate, import_progress *progress, void *arg,
                char out[IMPORT_PATH_SIZE], struct media_info *cached, struct err *err);

/* Of a cached file: how many NaN and infinite samples its stem had. */
int64_t import_bad_samples(const struct media_info *cached);

#endif
