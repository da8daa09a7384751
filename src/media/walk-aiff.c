/* AIFF and AIFF-C (Apple, 1989 and 1991): big-endian chunks, the rate as an 80-bit float. */
#include "media/walk.h"

#include <math.h>
#include <string.h>

/* An 80-bit IEEE extended number as a double, -1 for negative ones, infinities and NaN. */
static double
extended(const unsigned char *p)
{
	int exponent = (int)be16(p);
	if (exponent >= 0x7fff)
		return -1;
	uint64_t mantissa = (uint64_t)be32(p + 2) << 32 | be32(p + 6);
	return ldexp((double)mantissa, exponent - 16383 - 63);
}

static int
read_comm(int fd, int64_t body, int64_t size, bool packed, struct media_info *info, int64_t *frames, struct err *err)
{
	unsigned char c[22] = {0};
	size_t n = packed ? 22 : 18;
	if (size < (int64_t)n || walk_read(fd, body, c, n))
		return err_set(err, "its COMM chunk is too short (%lld bytes); it is damaged", (long long)size);
	int channels = (int16_t)be16(c);
	int bits = (int16_t)be16(c + 6);
	double rate = extended(c + 8);
	if (walk_limits(channels, rate, err))
		return -1;
	*frames = be32(c + 2);
	info->channels = channels;
	info->rate = (int)(rate + 0.5);
	info->bits = bits;
	info->big_endian = true;
	info->sample = MEDIA_CODED;
	int bytes = (bits + 7) / 8;
	static const enum media_sample whole[5] = {MEDIA_CODED, MEDIA_S8, MEDIA_S16, MEDIA_S24, MEDIA_S32};
	const char *code = packed ? (const char *)c + 18 : "NONE";
	bool little = !memcmp(code, "sowt", 4) || !memcmp(code, "42n", 3) || !memcmp(code, "23n", 3);
	if (little || !memcmp(code, "NONE", 4) || !memcmp(code, "twos", 4) || !memcmp(code, "in24", 4) ||
	    !memcmp(code, "in32", 4)) {
		if (bytes < 1 || bytes > 4)
			return err_set(err, "its header says %d bits a sample; 1 to 32 can be read", bits);
		info->sample = whole[bytes];
		info->big_endian = !little;
	} else if (!memcmp(code, "fl32", 4) || !memcmp(code, "FL32", 4)) {
		info->sample = MEDIA_F32;
		bytes = 4;
	} else if (!memcmp(code, "fl64", 4) || !memcmp(code, "FL64", 4)) {
		info->sample = MEDIA_F64;
		bytes = 8;
	} else if (!memcmp(code, "raw ", 4)) {
		info->sample = MEDIA_U8;
		bytes = 1;
	}
	if (info->sample != MEDIA_CODED)
		info->frame_bytes = channels * bytes;
	return 0;
}

int
walk_aiff(int fd, struct media_info *info, struct walk_sizes *sizes, struct err *err)
{
	unsigned char head[16];
	if (walk_read(fd, 0, head, 12))
		return err_set(err, "cannot be read");
	bool packed = head[11] == 'C';
	int64_t frames = -1, sound = -1; /* as COMM says; bytes of sound as SSND says */
	info->form = MEDIA_AIFF;
	sizes->form_at = 4;
	int64_t at = 12;
	for (int k = 0; at <= info->size - 8; k++) {
		if (k == WALK_CHUNKS_MAX)
			return err_set(err, "has more than %d chunks; it is damaged", WALK_CHUNKS_MAX);
		if (walk_read(fd, at, head, 8))
			return err_set(err, "cannot be read");
		int64_t body = at + 8, size = be32(head + 4);
		bool past = size > info->size - body;
		if (!memcmp(head, "SSND", 4)) {
			if (sound >= 0)
				return err_set(err, "has two sound chunks; it is damaged");
			if (walk_read(fd, body, head + 8, 8))
				return err_set(err, "ends in the middle of its header; it is damaged");
			int64_t offset = be32(head + 8);
			if (offset > info->size - body - 8)
				return err_set(err, "its sound is said to begin past the end of the file; it is damaged");
			info->data_offset = body + 8 + offset;
			sizes->body = body + 8 + offset;
			sizes->data_at = at + 4;
			sound = size - 8 - offset;
			/* a recorder that was cut off left a size of nothing, or one that the file does not reach */
			if (past || sound <= 0) {
				info->unfinished = info->size > info->data_offset;
				sound = past ? info->size - info->data_offset : 0;
				break;
			}
		} else if (past) {
			if (sound >= 0 && frames >= 0 && info->sample != MEDIA_CODED)
				break;
			return err_set(
			    err, "its chunk at byte %lld is said to be %lld bytes long, past the end of the file; it is damaged",
			    (long long)at, (long long)size);
		} else if (!memcmp(head, "COMM", 4)) {
			if (frames >= 0)
				return err_set(err, "has two COMM chunks; it is damaged");
			if (read_comm(fd, body, size, packed, info, &frames, err))
				return -1;
			sizes->frames_at = body + 2;
		}
		at = body + size + (size & 1);
	}
	if (frames < 0)
		return err_set(err, "has no COMM chunk before its sound; it is damaged");
	if (sound < 0)
		return err_set(err, "has no sound chunk; it holds no sound");
	if (info->sample == MEDIA_CODED)
		return info->unfinished ? err_set(err, "its sound ends past the end of the file; it is damaged") : 0;
	int64_t there = (info->size - info->data_offset) / info->frame_bytes;
	info->frames = sound / info->frame_bytes;
	if (frames == 0 && info->frames > 0)
		info->unfinished = true;
	if (info->frames > frames)
		info->frames = frames;
	info->frames_found = info->unfinished ? there : info->frames;
	return 0;
}
