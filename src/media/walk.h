/*
 * The bounded walk over a sound file's chunks, for media/ alone: every size is checked against the file before it is
 * used, every step goes forward, and the number of steps has a limit. No state; any thread but the real-time one.
 */
#ifndef MEDIA_WALK_H
#define MEDIA_WALK_H

#include "media/probe.h"

/* Where the sizes stand that media_repair() writes. */
struct walk_sizes {
	int64_t form_at;   /* the outermost size; 0 where there is none */
	int64_t data_at;   /* the size of the chunk with the sound */
	int64_t frames_at; /* AIFF: the number of frames */
	int64_t ds64_at;   /* RF64: the first of ds64's sizes; WAV: a JUNK chunk that a ds64 fits into; 0 is none */
	int64_t body;      /* where the sound's chunk begins behind its header (AIFF: behind offset and block size) */
};

/*
 * Reads the header of the file open at fd, of info->size bytes, into *info. For MEDIA_CODED frames, rate and channels
 * may still come from libsndfile. err gets the reason alone.
 */
int walk(int fd, struct media_info *info, struct walk_sizes *sizes, struct err *err);

/* The walks of the single kinds, called by walk() when the first bytes are right. */
int walk_riff(int fd, struct media_info *info, struct walk_sizes *sizes, struct err *err);
int walk_aiff(int fd, struct media_info *info, struct walk_sizes *sizes, struct err *err);
int walk_flac(int fd, struct media_info *info, struct err *err);

/* What the chunks with words hold; n bytes at p. They never fail: what is not understood is left out. */
void walk_bext(struct media_info *info, const unsigned char *p, size_t n);
void walk_ixml(struct media_info *info, const char *p, size_t n);
void walk_comments(struct media_info *info, const unsigned char *p, size_t n);

/* Reads n bytes at offset; -1 where the file has fewer or cannot be read. */
int walk_read(int fd, int64_t offset, void *buffer, size_t n);

/* Checks channels and rate against the limits. */
int walk_limits(int64_t channels, double rate, struct err *err);

#define WALK_CHUNKS_MAX 4096
#define WALK_TEXT_MAX 262144 /* bytes read of a chunk with words */

static inline uint32_t
le16(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static inline uint32_t
le32(const unsigned char *p)
{
	return le16(p) | le16(p + 2) << 16;
}

static inline uint64_t
le64(const unsigned char *p)
{
	return (uint64_t)le32(p) | (uint64_t)le32(p + 4) << 32;
}

static inline uint32_t
be16(const unsigned char *p)
{
	return (uint32_t)p[0] << 8 | (uint32_t)p[1];
}

static inline uint32_t
be32(const unsigned char *p)
{
	return be16(p) << 16 | be16(p + 2);
}

#endif
