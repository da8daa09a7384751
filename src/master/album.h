/*
 * An album as its file says it: songs in their order, what joins and corrects them, and the master they share. Control
 * thread.
 *
 * The file is lines of the session's language: `album/KEY VALUE` and `song/ID/KEY VALUE`, and `master/...` for the
 * shared chain. What a song's line says beyond the keys of an album is a parameter of the strip that the song becomes
 * (trim, eq/2/gain, width ...). `variant NAME ADDRESS VALUE` holds for one medium alone. The order of the songs is that
 * of their file lines.
 */
#ifndef MASTER_ALBUM_H
#define MASTER_ALBUM_H

#include <stdint.h>

#include "base/err.h"
#include "session/session.h"

enum album_key {
	ALBUM_TITLE,
	ALBUM_ARTIST,
	ALBUM_UPC,
	ALBUM_DATE,
	ALBUM_GENRE,
	ALBUM_CHAIN, /* a session whose master section is the shared chain */
	ALBUM_TARGET,
	ALBUM_RULE, /* below 0: the target's */
	ALBUM_LUFS, /* NAN: the target's */
	ALBUM_CEILING,
	ALBUM_RATE, /* Hz; 0: the first song's */
	ALBUM_GAP,  /* frames, of songs that name none */
	ALBUM_KEYS
};

/* What the target's loudness is that of. */
enum album_rule { RULE_ALBUM, RULE_LOUDEST, RULE_NONE };

enum song_key {
	SONG_FILE, /* a sound file or a session */
	SONG_TITLE,
	SONG_ARTIST, /* "": the album's */
	SONG_ISRC,
	SONG_VARIANT, /* of its session */
	SONG_GAP,     /* frames of silence before it */
	SONG_CROSSFADE,
	SONG_FROM,
	SONG_TO, /* 0: its end */
	SONG_FADE_IN,
	SONG_FADE_OUT,
	SONG_KEYS
};

struct album_song {
	char *id;
	char *text[SONG_KEYS]; /* never NULL */
	double value[SONG_KEYS];
	int gap; /* it names its own */
};

struct album {
	char *folder; /* that files are relative to, with its slash, or "" */
	char *text[ALBUM_KEYS];
	double value[ALBUM_KEYS];
	struct album_song *song;
	size_t songs;
	struct album_line { /* lines of the session that the album becomes */
		char *text;
		int number;
	} * line;
	size_t lines;
};

/*
 * What must be known before an album can be read: the rate that its file names (0: none) and its first song's file, as
 * seen from here, which the caller frees. -1: err names line and reason.
 */
int album_outline(const char *path, const char *variant, double *rate, char **first, struct err *err);

/*
 * Reads an album; `variant` (or NULL) lays its lines over; rate (above 0) is what times are counted in. NULL: err names
 * line and reason.
 */
struct album *album_load(const char *path, const char *variant, double rate, struct err *err);
void album_free(struct album *a);

/* The text of an album's file; the caller frees it. NULL: err names the reason. */
char *album_text(const char *path, struct err *err);

/* A file's path as seen from here; the caller frees it. */
char *album_path(const struct album *a, const char *file);

/* Where a song stands, in frames of the album from its beginning. */
struct album_place {
	int64_t from, length; /* taken of its file */
	int64_t at, end;      /* end: the frame behind its last */
	int64_t fade_in, fade_out;
	int64_t mark;  /* where its track begins: the sector at or before `at` */
	int64_t pause; /* where the pause before it begins; mark where there is none */
};

/* Frames of a sector at a rate: 75 a second, 1 where that is no whole number. */
int64_t album_sector(double rate);

/*
 * Lays the songs out; frames are the lengths of their files at `rate`. A song with a pause before it begins on a
 * sector. -1: err names the song.
 */
int album_plan(const struct album *a, double rate, const int64_t *frames, struct album_place *place, struct err *err);

/* The album as a session: a strip for each song, of the sound files `file`. NULL: err is filled. */
struct session *album_session(const struct album *a, double rate, char *const *file, const struct album_place *place,
                              struct err *err);

/* What the album's lines say beyond its own keys, into that session. -1: err names the line. */
int album_apply(const struct album *a, struct session *s, struct err *err);

#endif
