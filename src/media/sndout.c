#include "media/sndout.h"

#include <sndfile.h>

#include <stdio.h>
#include <stdlib.h>

#include "media/id3.h"

#define BLOCK 1024 /* frames interleaved at a time */

/* libsndfile knows MP3 from 1.1 on; the running library is asked, not the header. */
#define FORMAT_MP3 (0x230000 | 0x0082)
#define FORMAT_OPUS (SF_FORMAT_OGG | 0x0064)

struct sndout {
	SNDFILE *file;
	struct part *part;
	const char *path;
	int channels;
	uint64_t before; /* bytes of a tag that stands before what the encoder writes */
	int failed;      /* a call of the part failed: its sentence is in err */
	struct err err;
	union {
		int ints[2 * BLOCK];
		float floats[2 * BLOCK];
	} buffer;
};

static sf_count_t
vio_length(void *user)
{
	struct sndout *out = user;
	return (sf_count_t)(part_length(out->part) - out->before);
}

static sf_count_t
vio_tell(void *user)
{
	struct sndout *out = user;
	return (sf_count_t)(part_tell(out->part) - out->before);
}

static sf_count_t
vio_seek(sf_count_t offset, int whence, void *user)
{
	struct sndout *out = user;
	if (whence == SEEK_CUR)
		offset += vio_tell(user);
	else if (whence == SEEK_END)
		offset += vio_length(user);
	if (offset < 0 || part_seek(out->part, out->before + (uint64_t)offset, &out->err) != 0) {
		out->failed = 1;
		return -1;
	}
	return offset;
}

static sf_count_t
vio_read(void *to, sf_count_t n, void *user)
{
	struct sndout *out = user;
	int64_t got = part_read(out->part, to, (size_t)n, &out->err);
	out->failed |= got < 0;
	return got < 0 ? 0 : got;
}

static sf_count_t
vio_write(const void *from, sf_count_t n, void *user)
{
	struct sndout *out = user;
	if (part_write(out->part, from, (size_t)n, &out->err) != 0) {
		out->failed = 1;
		return 0;
	}
	return n;
}

static SF_VIRTUAL_IO vio = {vio_length, vio_seek, vio_read, vio_write, vio_tell};

/* What failed: the disk, or the encoder. */
static int
fail(struct sndout *out, struct err *err)
{
	if (out->failed) {
		if (err)
			*err = out->err;
		return -1;
	}
	return err_set(err, "cannot write %s: %s", out->path, sf_strerror(out->file));
}

static int
format_of(const struct sink_spec *spec, struct err *err)
{
	switch (spec->format) {
	case SINK_FLAC:
		if (spec->bits != SINK_16 && spec->bits != SINK_24)
			return err_set(err, "cannot write %s with %s bits: FLAC has 16 or 24", spec->path,
			               sink_bits_name(spec->bits));
		if (spec->rate > 192000)
			return err_set(err, "cannot write %s at %g Hz: FLAC goes to 192000; choose a lower rate or WAV", spec->path,
			               spec->rate);
		return SF_FORMAT_FLAC | (spec->bits == SINK_16 ? SF_FORMAT_PCM_16 : SF_FORMAT_PCM_24);
	case SINK_VORBIS:
		if (spec->rate > 192000)
			return err_set(err, "cannot write %s at %g Hz: Vorbis goes to 192000; choose a lower rate", spec->path,
			               spec->rate);
		return SF_FORMAT_OGG | SF_FORMAT_VORBIS;
	case SINK_OPUS:
		if (spec->rate != 48000)
			return err_set(err, "cannot write %s at %g Hz: Opus is written at 48000 Hz; bounce with --rate 48000",
			               spec->path, spec->rate);
		return FORMAT_OPUS;
	case SINK_MP3:
		if (spec->rate > 48000)
			return err_set(err, "cannot write %s at %g Hz: MP3 goes to 48000 Hz; bounce with --rate 48000 or 44100",
			               spec->path, spec->rate);
		return FORMAT_MP3;
	case SINK_AUTO:
	case SINK_WAV:
	case SINK_RF64:
	case SINK_W64:
		break;
	}
	return err_set(err, "cannot write %s: no encoder for %s", spec->path, sink_format_name(spec->format));
}

static void
set_tags(SNDFILE *file, const struct sink_tags *t)
{
	char track[16];
	const struct {
		int key;
		const char *text;
	} rows[] = {{SF_STR_TITLE, t->title}, {SF_STR_ARTIST, t->artist}, {SF_STR_ALBUM, t->album},
	            {SF_STR_DATE, t->date},   {SF_STR_GENRE, t->genre},   {SF_STR_TRACKNUMBER, t->track ? track : ""}};
	snprintf(track, sizeof track, "%d", t->track);
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
		if (*rows[k].text)
			sf_set_string(file, rows[k].key, rows[k].text);
}

static int
put_id3(struct sndout *out, const struct sink_spec *spec, struct err *err)
{
	size_t size;
	unsigned char *tag = id3_tag(spec->tags, spec->history, &size);
	int status =
	    tag ? part_write(out->part, tag, size, err) : err_set(err, "cannot write %s: out of memory", spec->path);
	out->before = size;
	free(tag);
	return status;
}

struct sndout *
sndout_open(struct part *part, const struct sink_spec *spec, struct err *err)
{
	SF_INFO info = {.samplerate = (int)spec->rate, .channels = spec->channels, .format = format_of(spec, err)};
	if (info.format < 0)
		return NULL;
	if (!sf_format_check(&info)) {
		err_set(err, "cannot write %s: the installed libsndfile (%s) does not write %s at %g Hz%s", spec->path,
		        sf_version_string(), sink_format_name(spec->format), spec->rate,
		        spec->format == SINK_MP3 ? "; MP3 needs libsndfile 1.1 or later and a rate of 8000 to 48000 Hz" : "");
		return NULL;
	}
	struct sndout *out = calloc(1, sizeof *out);
	if (!out) {
		err_set(err, "cannot write %s: out of memory", spec->path);
		return NULL;
	}
	out->part = part;
	out->path = spec->path;
	out->channels = spec->channels;
	if (spec->tags && spec->format == SINK_MP3 && put_id3(out, spec, err)) {
		free(out);
		return NULL;
	}
	out->file = sf_open_virtual(&vio, SFM_WRITE, &info, out);
	if (!out->file) {
		fail(out, err);
		free(out);
		return NULL;
	}
	double quality = spec->quality > 0 ? spec->quality : 0.8;
	if (spec->format != SINK_FLAC)
		sf_command(out->file, SFC_SET_VBR_ENCODING_QUALITY, &quality, sizeof quality);
	sf_command(out->file, SFC_SET_CLIPPING, NULL, SF_TRUE);
	if (spec->history)
		sf_set_string(out->file, SF_STR_COMMENT, spec->history);
	/* those of FLAC are media/tags.h's, those of MP3 stand there already */
	if (spec->tags && spec->format != SINK_FLAC && spec->format != SINK_MP3)
		set_tags(out->file, spec->tags);
	return out;
}

static int
check(struct sndout *out, sf_count_t done, size_t asked, struct err *err)
{
	return out->failed || done != (sf_count_t)asked ? fail(out, err) : 0;
}

int
sndout_ints(struct sndout *out, const int32_t *const *planar, size_t frames, int width, struct err *err)
{
	for (size_t at = 0; at < frames; at += BLOCK) {
		size_t n = frames - at < BLOCK ? frames - at : BLOCK;
		for (int c = 0; c < out->channels; c++)
			for (size_t k = 0; k < n; k++)
				out->buffer.ints[k * (size_t)out->channels + (size_t)c] = planar[c][at + k] * (1 << (32 - width));
		if (check(out, sf_writef_int(out->file, out->buffer.ints, (sf_count_t)n), n, err) != 0)
			return -1;
	}
	return 0;
}

int
sndout_floats(struct sndout *out, const float *const *planar, size_t frames, struct err *err)
{
	for (size_t at = 0; at < frames; at += BLOCK) {
		size_t n = frames - at < BLOCK ? frames - at : BLOCK;
		for (int c = 0; c < out->channels; c++)
			for (size_t k = 0; k < n; k++)
				out->buffer.floats[k * (size_t)out->channels + (size_t)c] = planar[c][at + k];
		if (check(out, sf_writef_float(out->file, out->buffer.floats, (sf_count_t)n), n, err) != 0)
			return -1;
	}
	return 0;
}

int
sndout_finish(struct sndout *out, struct err *err)
{
	int status = sf_close(out->file);
	out->file = NULL;
	if (out->failed)
		return fail(out, err);
	return status == 0 ? 0 : err_set(err, "cannot write %s: %s", out->path, sf_error_number(status));
}

void
sndout_close(struct sndout *out)
{
	if (!out)
		return;
	if (out->file)
		sf_close(out->file);
	free(out);
}
