/*
 * The file a bounce is written to: planar floats in; WAV, RF64, W64, FLAC, Ogg Vorbis, Opus or MP3 out, with dither,
 * clipped samples counted, and the old file kept until the new one is whole. One thread at a time for each sink, never
 * the real-time one. WAV, RF64, W64 and FLAC hold no time stamps: the same sound gives the same bytes.
 */
#ifndef MEDIA_SINK_H
#define MEDIA_SINK_H

#include "base/err.h"
#include "dsp/dither.h"
#include "dsp/pcm.h"

#include <stddef.h>
#include <stdint.h>

enum sink_format {
	SINK_AUTO, /* by the ending of the path */
	SINK_WAV,  /* turns into RF64 by itself where it grows beyond 4 GiB */
	SINK_RF64,
	SINK_W64,
	SINK_FLAC,
	SINK_VORBIS,
	SINK_OPUS,
	SINK_MP3,
};

enum sink_bits {
	SINK_BITS_DEFAULT, /* 24 where samples are integers; the encoder's own where there is no choice */
	SINK_16,
	SINK_24,
	SINK_32,
	SINK_32F,
	SINK_64F,
};

/*
 * What a file says of its music: in FLAC and MP3 all of it, in WAV (BWF with loudness, EBU Tech 3285 version 2; ISRC as
 * EBU Tech 3352) all but ReplayGain, in other formats what libsndfile writes: title, artist, album, date, genre, track.
 * Texts may be "" but not NULL.
 */
struct sink_tags {
	const char *title, *artist, *album, *date, *genre, *isrc;
	int track, tracks;                                     /* 0: none */
	int measured;                                          /* what follows holds */
	double track_gain, track_peak, album_gain, album_peak; /* ReplayGain 2.0: dB, dBTP */
	double integrated, range;                              /* LUFS, LU */
	double true_peak, max_momentary, max_shortterm;        /* dBTP, LUFS */
};

struct sink_spec {
	const char *path;
	enum sink_format format;
	enum sink_bits bits;
	double rate;                  /* Hz, whole */
	int channels;                 /* 1 or 2 */
	enum dither dither;           /* acts on 16 and 24 bit integers */
	uint64_t frames_expected;     /* 0: not known; the room on the disk is checked against it */
	uint64_t origin;              /* frame of the song at which the file begins (BWF time reference) */
	const char *history;          /* coding history (BWF), a comment in the other formats; NULL: none */
	double quality;               /* of Vorbis, Opus, MP3: above 0 to 1; 0: 0.8 */
	const struct sink_tags *tags; /* while the sink is opened; NULL: none */
};

struct sink;

/* Names as on the command line: "wav" ..., "16" ... "32f"; -1 where there is no such one. SINK_AUTO for an unknown
 * ending. */
int sink_format_named(const char *name);
int sink_bits_named(const char *name);
enum sink_format sink_format_of_path(const char *path);
const char *sink_format_name(enum sink_format format);
const char *sink_bits_name(enum sink_bits bits);

/* The samples a spec will be written with: SINK_BITS_DEFAULT only in lossy formats. */
enum sink_bits sink_bits_of(const struct sink_spec *spec);

/* Begins the file. NULL with err filled where the format cannot hold this or the place cannot be written. */
struct sink *sink_open(const struct sink_spec *spec, struct err *err);

/* Appends frames, one array a channel. Samples that are not finite become silence. 0, or -1 with err filled. */
int sink_write(struct sink *sink, const float *const *planar, size_t frames, struct err *err);

/* What did not fit so far, of one channel; valid until the sink is committed or aborted. */
const struct pcm_clip *sink_clip(const struct sink *sink, int channel);

/* Finishes the file, puts it in its place and frees the sink, in any case. -1 with err filled: the old file stays. */
int sink_commit(struct sink *sink, struct err *err);

/* Drops what was written and frees the sink, which may be NULL. */
void sink_abort(struct sink *sink);

/* Whether writing `path` would replace the file `other` (the same inode, or the same place after links). */
int sink_would_overwrite(const char *path, const char *other);

#endif
