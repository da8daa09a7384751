/* FLAC's metadata blocks (RFC 9639): the stream's shape and words; its frames are libsndfile's. */
#include "media/walk.h"

#include <stdlib.h>
#include <string.h>

static void
read_words(int fd, int type, int64_t body, size_t size, struct media_info *info)
{
	if ((type != 2 && type != 4) || size > WALK_TEXT_MAX)
		return;
	unsigned char *p = malloc(size + 1);
	if (!p)
		return;
	if (!walk_read(fd, body, p, size)) {
		p[size] = '\0';
		if (type == 4)
			walk_comments(info, p, size);
		/* "flac --keep-foreign-metadata" keeps the chunks of the WAV whole */
		else if (size > 12 && !memcmp(p, "riffbext", 8))
			walk_bext(info, p + 12, size - 12);
		else if (size > 12 && !memcmp(p, "riffiXML", 8))
			walk_ixml(info, (char *)p + 12, size - 12);
	}
	free(p);
}

int
walk_flac(int fd, struct media_info *info, struct err *err)
{
	unsigned char b[34];
	int64_t at = 4;
	bool last = false;
	info->form = MEDIA_FLAC;
	info->sample = MEDIA_CODED;
	for (int k = 0; !last; k++) {
		if (k == WALK_CHUNKS_MAX)
			return err_set(err, "has more than %d metadata blocks; it is damaged", WALK_CHUNKS_MAX);
		if (walk_read(fd, at, b, 4))
			return err_set(err, "ends in the middle of its header; it is damaged");
		last = b[0] & 0x80;
		int type = b[0] & 0x7f;
		int64_t size = be32(b) & 0xffffff;
		int64_t body = at + 4;
		if (size > info->size - body)
			return err_set(err,
			               "its metadata block at byte %lld is said to reach past the end of the file; it is damaged",
			               (long long)at);
		if ((k == 0) != (type == 0) || type == 127)
			return err_set(err, "its metadata blocks are out of order; it is damaged");
		if (type == 0) {
			if (size != 34 || walk_read(fd, body, b, 34))
				return err_set(err, "its stream header is too short; it is damaged");
			int rate = (int)(be32(b + 10) >> 12);
			int channels = (b[12] >> 1 & 7) + 1;
			if (walk_limits(channels, rate, err))
				return -1;
			info->rate = rate;
			info->channels = channels;
			info->bits = (int)((be16(b + 12) >> 4 & 31) + 1);
			info->frames = (int64_t)(b[13] & 15) << 32 | be32(b + 14);
			if (!info->frames)
				return err_set(err,
				               "is a FLAC stream without a length in its header; decode it to WAV or encode it again");
		}
		read_words(fd, type, body, (size_t)size, info);
		at = body + size;
	}
	if (at >= info->size)
		return err_set(err, "has a FLAC header and no sound behind it; it is damaged");
	info->frames_found = info->frames;
	return 0;
}
