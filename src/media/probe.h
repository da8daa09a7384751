/*
 * Intake: says what a sound file holds, or refuses it with the reason, without trusting a byte of it.
 * Any thread but the real-time one; the functions keep no state. Files that libsndfile must decode (FLAC, compressed
 * WAV and AIFF) are first opened in a forked child with limits, so a probe may take up to two seconds.
 */
#ifndef MEDIA_PROBE_H
#define MEDIA_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define MEDIA_CHANNELS 64
#define MEDIA_RATE_MIN 8000
#define MEDIA_RATE_MAX 192000

/* What our own bounces carry: as BWF originator beside a coding history, in FLAC as T= in a comment. */
#define MEDIA_ORIGINATOR "stemdesk"

enum media_form { MEDIA_WAV, MEDIA_RF64, MEDIA_W64, MEDIA_AIFF, MEDIA_FLAC };

/* How a sample lies in the file. MEDIA_CODED: only libsndfile can tell. */
enum media_sample { MEDIA_CODED, MEDIA_U8, MEDIA_S8, MEDIA_S16, MEDIA_S24, MEDIA_S32, MEDIA_F32, MEDIA_F64 };

struct media_info {
	enum media_form form;
	enum media_sample sample;
	bool big_endian;     /* of samples of more than a byte */
	int bits;            /* of a sample as its maker declares it */
	int channels;        /* 1..MEDIA_CHANNELS */
	uint32_t speakers;   /* of the channels, as an extensible WAV's mask has them; 0: not said */
	int rate;            /* Hz */
	int64_t frames;      /* that can be read now */
	int64_t data_offset; /* of the first frame, bytes; not for MEDIA_CODED */
	int frame_bytes;     /* of one frame in the file; not for MEDIA_CODED */

	bool stamped;  /* the file has a BWF time reference */
	int64_t stamp; /* frames since midnight */
	bool own;      /* one of our own bounces */

	bool unfinished;      /* the header does not fit the file: a recorder was cut off */
	int64_t frames_found; /* that would be readable after media_repair(); equal to frames in a sound file */

	/* Bytes from the file, as they stand: show them through text_show() only. "" where there are none. */
	char description[257];
	char originator[33];
	char track[MEDIA_CHANNELS][32]; /* iXML track names, by channel */

	/* Which file this was, to notice that it was exchanged since. */
	uint64_t device, inode;
	int64_t size;     /* bytes */
	int64_t modified; /* ns since 1970 */
	bool by_content;  /* its name says its content (the import cache): another file of its size there is as good */
};

/*
 * Fills *info from the file at path. Only regular files (and symlinks to them) of 1..MEDIA_CHANNELS channels and
 * MEDIA_RATE_MIN..MEDIA_RATE_MAX Hz that hold sound are taken; for all else returns -1 and err says "PATH: reason".
 */
int media_probe(const char *path, struct media_info *info, struct err *err);

/*
 * Writes the sizes that an unfinished header lacks, in place; the sound itself is not touched. Returns 0, or -1 where
 * the file is not unfinished, cannot be repaired or written.
 */
int media_repair(const char *path, struct err *err);

/*
 * Opens path for reading as media_probe does (never blocking, regular files only) and checks that it is still the file
 * that info was made from (any file where info is NULL). Returns a descriptor that the caller closes, or -1.
 */
int media_open(const char *path, const struct media_info *info, struct err *err);

/* Whether the file's first bytes are those of a sound file, one that media_probe refuses included. n: bytes in head. */
bool media_is_sound(const void *head, size_t n);

#endif
