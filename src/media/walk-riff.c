/* RIFF and its two 64-bit children RF64 (EBU Tech 3306, ITU-R BS.2088) and Sony's W64: one walk, two chunk headers. */
#include "media/walk.h"

#include <stdlib.h>
#include <string.h>

struct chunk {
	char id[5];   /* the first four letters, in W64 too */
	int64_t at;   /* where its header stands */
	int64_t body; /* where its bytes begin */
	int64_t size; /* of its bytes, as the header says */
	int64_t next; /* where the next chunk would begin */
};

/* A size that no file reaches, small enough to be added to. */
#define WHATEVER (INT64_MAX / 4)

static const unsigned char w64_riff[12] = {0x2e, 0x91, 0xcf, 0x11, 0xa5, 0xd6, 0x28, 0xdb, 0x04, 0xc1, 0x00, 0x00};
static const unsigned char w64_tail[12] = {0xf3, 0xac, 0xd3, 0x11, 0x8c, 0xd1, 0x00, 0xc0, 0x4f, 0x8e, 0xdb, 0x8a};

/* Reads the chunk header at at. Returns 1, 0 at the end of the file, -1 where no header can stand. */
static int
chunk_read(int fd, const struct media_info *info, int64_t at, struct chunk *c)
{
	unsigned char head[24];
	bool w64 = info->form == MEDIA_W64;
	size_t n = w64 ? 24 : 8;
	if (at > info->size - (int64_t)n)
		return 0;
	if (walk_read(fd, at, head, n))
		return -1;
	memcpy(c->id, head, 4);
	c->id[4] = '\0';
	c->at = at;
	c->body = at + (int64_t)n;
	if (w64) {
		uint64_t size = le64(head + 16);
		if (memcmp(head + 4, w64_tail, 12))
			memcpy(c->id, "?   ", 4);
		/* recorders that were cut off leave anything as the size of the sound */
		if (!memcmp(c->id, "data", 4))
			size = size < 24 ? 24 : size > WHATEVER ? WHATEVER : size;
		if (size < 24 || size > WHATEVER)
			return -1;
		c->size = (int64_t)size - 24;
		c->next = c->body + (c->size + 7) / 8 * 8;
	} else {
		c->size = le32(head + 4);
		c->next = c->body + c->size + (c->size & 1);
	}
	return 1;
}

/* Whether what stands from at to the end of the file is whole chunks with readable names (or nothing). */
static bool
chunks_follow(int fd, const struct media_info *info, int64_t at)
{
	for (int k = 0; k < WALK_CHUNKS_MAX; k++) {
		struct chunk c;
		if (at == info->size || at == info->size + 1)
			return true;
		if (chunk_read(fd, info, at, &c) <= 0 || c.size > info->size - c.body)
			return false;
		for (int i = 0; i < 4; i++)
			if (c.id[i] < ' ' || c.id[i] > '~')
				return false;
		at = c.next;
	}
	return false;
}

static int
read_fmt(int fd, const struct chunk *c, struct media_info *info, struct err *err)
{
	unsigned char f[40] = {0};
	size_t n = c->size < (int64_t)sizeof f ? (size_t)c->size : sizeof f;
	if (n < 14 || walk_read(fd, c->body, f, n))
		return err_set(err, "its format chunk is too short (%lld bytes); it is damaged", (long long)c->size);
	unsigned tag = le16(f);
	unsigned channels = le16(f + 2), block = le16(f + 12), bits = le16(f + 14);
	uint32_t rate = le32(f + 4);
	if (walk_limits(channels, rate, err))
		return -1;
	info->channels = (int)channels;
	info->rate = (int)rate;
	if (tag == 0xfffe) {
		if (n < 40)
			return err_set(err, "its extensible format chunk is too short; it is damaged");
		info->speakers = le32(f + 20);
		tag = le16(f + 24);
		if (le16(f + 26))
			return err_set(err, "its samples are in a format that is not known here; convert it to WAV or FLAC");
	}
	if (tag == 0x50 || tag == 0x55)
		return err_set(err, "holds MP3 in a WAV wrapping; convert it to plain WAV or FLAC");
	info->bits = (int)bits;
	info->sample = MEDIA_CODED;
	if (tag != 1 && tag != 3)
		return 0;
	if (!block)
		block = channels * ((bits + 7) / 8);
	unsigned bytes = block / channels;
	if (bits < 1 || bytes * channels != block || bytes < (bits + 7) / 8 || bytes > 8)
		return err_set(err,
		               "its header says %u bits and %u bytes a frame of %u channels, which do not fit; it is damaged",
		               bits, block, channels);
	/* PCM in wider containers stands at their top, so the container alone counts */
	static const enum media_sample whole[9] = {0,           MEDIA_U8,    MEDIA_S16,   MEDIA_S24,  MEDIA_S32,
	                                           MEDIA_CODED, MEDIA_CODED, MEDIA_CODED, MEDIA_CODED};
	if (tag == 1)
		info->sample = whole[bytes];
	else if (bytes == 4 && bits == 32)
		info->sample = MEDIA_F32;
	else if (bytes == 8 && bits == 64)
		info->sample = MEDIA_F64;
	if (info->sample == MEDIA_CODED)
		return err_set(err, "has samples of %u bits in %u bytes, which cannot be read; convert it to WAV or FLAC", bits,
		               bytes);
	info->frame_bytes = (int)block;
	return 0;
}

/* The chunks with words; losing them is no reason to refuse a stem. */
static void
read_words(int fd, const struct chunk *c, struct media_info *info)
{
	bool bext = !strcmp(c->id, "bext"), ixml = !strcmp(c->id, "iXML");
	if (!bext && !ixml)
		return;
	size_t n = c->size < WALK_TEXT_MAX ? (size_t)c->size : WALK_TEXT_MAX;
	char *p = malloc(n + 1);
	if (!p)
		return;
	if (!walk_read(fd, c->body, p, n)) {
		p[n] = '\0';
		if (bext)
			walk_bext(info, (unsigned char *)p, n);
		else
			walk_ixml(info, p, n);
	}
	free(p);
}

/* Takes the sound's chunk: how much of what it promises is there, and where the walk goes on. */
static int
read_data(int fd, struct chunk *c, uint64_t ds64_data, struct media_info *info, struct walk_sizes *sizes)
{
	int64_t there = info->size - c->body;
	int64_t said = c->size;
	bool tail = false; /* to the end of the file and nothing behind */
	if (info->form == MEDIA_RF64 && said == 0xffffffff)
		said = ds64_data > WHATEVER ? WHATEVER : (int64_t)ds64_data;
	if (info->form == MEDIA_WAV && said == 0xffffffff)
		said = WHATEVER; /* to the end of the file, however long */
	info->data_offset = c->body;
	sizes->body = c->body;
	sizes->data_at = c->body - (info->form == MEDIA_W64 ? 8 : 4);
	if (said > there) {
		info->unfinished = true;
		tail = true;
		said = there;
	} else if (said == 0 && there > 0 && !chunks_follow(fd, info, c->body)) {
		info->unfinished = true;
		tail = true;
	} else if (info->form == MEDIA_WAV && there > 0xffffffff && !chunks_follow(fd, info, c->body + said + (said & 1))) {
		/* a recorder that ran past 4 GiB and wrote what was left of the size */
		info->unfinished = true;
		tail = true;
	}
	if (info->sample != MEDIA_CODED) {
		info->frames = said / info->frame_bytes;
		info->frames_found = tail ? there / info->frame_bytes : info->frames;
	}
	int64_t pad = info->form == MEDIA_W64 ? -said & 7 : said & 1;
	c->next = tail ? info->size : c->body + said + pad;
	return 0;
}

int
walk_riff(int fd, struct media_info *info, struct walk_sizes *sizes, struct err *err)
{
	unsigned char head[40];
	uint64_t ds64_data = 0;
	bool fmt = false, data = false;
	int64_t at = 12;
	if (walk_read(fd, 0, head, 12))
		return err_set(err, "cannot be read");
	info->form = head[0] == 'r' ? MEDIA_W64 : head[1] == 'I' ? MEDIA_WAV : MEDIA_RF64;
	sizes->form_at = 4;
	if (info->form == MEDIA_W64) {
		if (walk_read(fd, 0, head, 40) || memcmp(head + 4, w64_riff, 12) || memcmp(head + 24, "wave", 4) ||
		    memcmp(head + 28, w64_tail, 12))
			return err_set(err, "begins like a W64 file but is none");
		sizes->form_at = 16;
		at = 40;
	}
	for (int k = 0;; k++) {
		struct chunk c;
		int found = chunk_read(fd, info, at, &c);
		if (k == WALK_CHUNKS_MAX)
			return err_set(err, "has more than %d chunks; it is damaged", WALK_CHUNKS_MAX);
		if (found < 0 && !data)
			return err_set(err, "its chunk at byte %lld cannot be; it is damaged", (long long)at);
		if (found <= 0)
			break;
		bool sound = !strcmp(c.id, "data");
		if (sound && data)
			return err_set(err, "has two data chunks; it is damaged");
		if (sound && !fmt)
			return err_set(err, "has sound before its format; it is damaged");
		if (sound) {
			data = true;
			if (read_data(fd, &c, ds64_data, info, sizes))
				return -1;
		} else if (c.size > info->size - c.body) {
			/* behind the sound a cut chunk costs only words, but libsndfile must not see it */
			if (data && info->sample != MEDIA_CODED)
				break;
			return err_set(
			    err, "its chunk at byte %lld is said to be %lld bytes long, past the end of the file; it is damaged",
			    (long long)at, (long long)c.size);
		} else if (!strcmp(c.id, "fmt ")) {
			if (fmt)
				return err_set(err, "has two format chunks; it is damaged");
			if (read_fmt(fd, &c, info, err))
				return -1;
			fmt = true;
		} else if (info->form == MEDIA_RF64 && !strcmp(c.id, "ds64") && c.size >= 24) {
			unsigned char d[24];
			if (walk_read(fd, c.body, d, sizeof d))
				return err_set(err, "cannot be read");
			ds64_data = le64(d + 8);
			sizes->ds64_at = c.body;
		} else if (info->form == MEDIA_WAV && at == 12 && c.size >= 28 &&
		           (!strcmp(c.id, "JUNK") || !strcmp(c.id, "junk"))) {
			sizes->ds64_at = c.body;
		} else {
			read_words(fd, &c, info);
		}
		at = c.next;
	}
	if (!fmt)
		return err_set(err, "has no format chunk; it is damaged");
	if (!data)
		return err_set(err, "has no data chunk; it holds no sound");
	return 0;
}
