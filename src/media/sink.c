#include "media/sink.h"

#include "media/part.h"
#include "media/sndout.h"
#include "media/tags.h"
#include "media/wavhead.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BLOCK 1024 /* frames converted at a time */

struct sink {
	struct sink_spec spec; /* format and bits settled */
	char *path, *history;  /* what spec points at */
	struct sink_tags *tags;
	struct part *part;
	struct sndout *encoder; /* of the formats that libsndfile writes; else NULL */
	struct dither_state dither[2];
	int dithered;
	struct pcm_clip clip[2];
	uint64_t frames;
	float samples[2][BLOCK];
	int32_t steps[2][BLOCK];
	uint8_t packed[BLOCK * 2 * sizeof(double) + PCM_SLACK];
};

static const struct {
	const char *name, *endings; /* endings: words with a space behind each */
	enum sink_format format;
} formats[] = {
    {"wav", "wav wave bwf ", SINK_WAV}, {"rf64", "rf64 ", SINK_RF64},     {"w64", "w64 ", SINK_W64},
    {"flac", "flac ", SINK_FLAC},       {"ogg", "ogg oga ", SINK_VORBIS}, {"opus", "opus ", SINK_OPUS},
    {"mp3", "mp3 ", SINK_MP3},
};
#define FORMATS (sizeof formats / sizeof *formats)

static const struct {
	const char *name;
	enum sink_bits bits;
	int width; /* of integers; 0: floats */
} bit_depths[] = {
    {"16", SINK_16, 16}, {"24", SINK_24, 24}, {"32", SINK_32, 32}, {"32f", SINK_32F, 0}, {"64f", SINK_64F, 0},
};
#define BIT_DEPTHS (sizeof bit_depths / sizeof *bit_depths)

int
sink_format_named(const char *name)
{
	for (size_t k = 0; k < FORMATS; k++)
		if (strcmp(formats[k].name, name) == 0)
			return (int)formats[k].format;
	return -1;
}

int
sink_bits_named(const char *name)
{
	for (size_t k = 0; k < BIT_DEPTHS; k++)
		if (strcmp(bit_depths[k].name, name) == 0)
			return (int)bit_depths[k].bits;
	return -1;
}

enum sink_format
sink_format_of_path(const char *path)
{
	const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
	size_t n = dot ? strlen(++dot) : 0;
	for (size_t k = 0; n && k < FORMATS; k++)
		for (const char *word = formats[k].endings; *word; word = strchr(word, ' ') + 1)
			if (strncasecmp(word, dot, n) == 0 && word[n] == ' ')
				return formats[k].format;
	return SINK_AUTO;
}

const char *
sink_format_name(enum sink_format format)
{
	for (size_t k = 0; k < FORMATS; k++)
		if (formats[k].format == format)
			return formats[k].name;
	return "auto";
}

const char *
sink_bits_name(enum sink_bits bits)
{
	for (size_t k = 0; k < BIT_DEPTHS; k++)
		if (bit_depths[k].bits == bits)
			return bit_depths[k].name;
	return "default";
}

static int
width_of(enum sink_bits bits)
{
	for (size_t k = 0; k < BIT_DEPTHS; k++)
		if (bit_depths[k].bits == bits)
			return bit_depths[k].width;
	return 0;
}

static int
is_lossy(enum sink_format format)
{
	return format == SINK_VORBIS || format == SINK_OPUS || format == SINK_MP3;
}

static enum sink_format
format_of(const struct sink_spec *spec)
{
	return spec->format != SINK_AUTO ? spec->format : sink_format_of_path(spec->path);
}

enum sink_bits
sink_bits_of(const struct sink_spec *spec)
{
	if (spec->bits != SINK_BITS_DEFAULT)
		return spec->bits;
	return is_lossy(format_of(spec)) ? SINK_BITS_DEFAULT : SINK_24;
}

/* Settles format and bits and refuses what the format cannot hold. */
static int
settle(struct sink_spec *spec, struct err *err)
{
	spec->bits = sink_bits_of(spec);
	spec->format = format_of(spec);
	if (spec->format == SINK_AUTO)
		return err_set(err,
		               "cannot tell the format of %s: end the name in .wav, .rf64, .w64, .flac, .ogg, .opus or .mp3, "
		               "or name the format",
		               spec->path);
	if (spec->channels < 1 || spec->channels > 2)
		return err_set(err, "cannot write %s: %d channels; a file has 1 or 2", spec->path, spec->channels);
	if (!(spec->rate >= 8000 && spec->rate <= 768000) || spec->rate != (double)(uint32_t)spec->rate)
		return err_set(err, "cannot write %s: a rate of %g Hz; it is a whole number from 8000 to 768000", spec->path,
		               spec->rate);
	if (is_lossy(spec->format) && spec->bits != SINK_BITS_DEFAULT)
		return err_set(err, "cannot write %s with %s bits: %s has no bits to choose; leave them out", spec->path,
		               sink_bits_name(spec->bits), sink_format_name(spec->format));
	if (!(spec->quality >= 0 && spec->quality <= 1))
		return err_set(err, "cannot write %s: a quality of %g; it is from 0 to 1", spec->path, spec->quality);
	int width = width_of(spec->bits);
	if (spec->dither == DITHER_DEFAULT)
		spec->dither = width == 16 ? DITHER_TPDF : DITHER_NONE;
	if (spec->dither != DITHER_NONE && width != 16 && width != 24)
		return err_set(err, "cannot dither %s: dither is for 16 and 24 bit integers; leave it out", spec->path);
	return 0;
}

static int
write_header(struct sink *sink, int patch, struct err *err)
{
	size_t n = wavhead_size(&sink->spec);
	uint8_t *header = malloc(n);
	if (!header)
		return err_set(err, "cannot write %s: out of memory", sink->path);
	wavhead_write(&sink->spec, sink->frames, header);
	int status = patch ? part_patch(sink->part, 0, header, n, err) : part_write(sink->part, header, n, err);
	free(header);
	return status;
}

static void
sink_free(struct sink *sink)
{
	sndout_close(sink->encoder);
	part_abort(sink->part);
	free(sink->path);
	free(sink->history);
	tags_free(sink->tags);
	free(sink);
}

/* A bound of the file's size; lossy encoders make far less than 16 bits of each sample. */
static uint64_t
expected_bytes(const struct sink_spec *spec)
{
	if (is_lossy(spec->format))
		return spec->frames_expected * (uint64_t)spec->channels / 2;
	return spec->frames_expected == 0 ? 0 : wavhead_size(spec) + spec->frames_expected * wavhead_frame(spec) + 8;
}

struct sink *
sink_open(const struct sink_spec *spec, struct err *err)
{
	struct sink_spec settled = *spec;
	if (settle(&settled, err) != 0)
		return NULL;
	struct sink *sink = calloc(1, sizeof *sink);
	if (!sink) {
		err_set(err, "cannot write %s: out of memory", spec->path);
		return NULL;
	}
	sink->spec = settled;
	sink->spec.path = sink->path = strdup(spec->path);
	sink->spec.history = sink->history = spec->history ? strdup(spec->history) : NULL;
	sink->spec.tags = sink->tags = spec->tags ? tags_copy(spec->tags) : NULL;
	if (!sink->path || (spec->history && !sink->history) || (spec->tags && !sink->tags)) {
		err_set(err, "cannot write %s: out of memory", spec->path);
		goto fail;
	}
	sink->dithered = settled.dither != DITHER_NONE;
	for (int c = 0; c < settled.channels && sink->dithered; c++)
		dither_init(&sink->dither[c], settled.dither, width_of(settled.bits), settled.rate, c);
	sink->part = part_open(spec->path, expected_bytes(&settled), err);
	if (!sink->part)
		goto fail;
	if (settled.format == SINK_WAV || settled.format == SINK_RF64 || settled.format == SINK_W64) {
		if (write_header(sink, 0, err) != 0)
			goto fail;
	} else if (!(sink->encoder = sndout_open(sink->part, &sink->spec, err))) {
		goto fail;
	}
	return sink;
fail:
	sink_free(sink);
	return NULL;
}

/* At most BLOCK frames. */
static int
write_block(struct sink *sink, const float *const *planar, size_t n, struct err *err)
{
	const struct sink_spec *spec = &sink->spec;
	int width = width_of(spec->bits);
	const float *samples[2] = {sink->samples[0], sink->samples[1]};
	const int32_t *steps[2] = {sink->steps[0], sink->steps[1]};
	for (int c = 0; c < spec->channels; c++) {
		struct pcm_clip *clip = &sink->clip[c];
		pcm_finite(planar[c], sink->samples[c], n, is_lossy(spec->format), clip);
		if (width == 0)
			continue;
		clip->frames -= n; /* both stages count */
		if (sink->dithered) {
			dither_run(&sink->dither[c], samples[c], sink->steps[c], n);
			pcm_clamp(sink->steps[c], n, width, clip);
		} else {
			pcm_round(samples[c], sink->steps[c], n, width, clip);
		}
	}
	sink->frames += n;
	if (sink->encoder)
		return width ? sndout_ints(sink->encoder, steps, n, width, err) : sndout_floats(sink->encoder, samples, n, err);
	size_t bytes;
	if (width)
		bytes = pcm_pack_ints(sink->packed, steps, spec->channels, n, width);
	else if (spec->bits == SINK_32F)
		bytes = pcm_pack_floats(sink->packed, samples, spec->channels, n);
	else
		bytes = pcm_pack_doubles(sink->packed, samples, spec->channels, n);
	return part_write(sink->part, sink->packed, bytes, err);
}

int
sink_write(struct sink *sink, const float *const *planar, size_t frames, struct err *err)
{
	for (size_t at = 0; at < frames; at += BLOCK) {
		const float *here[2] = {planar[0] + at, sink->spec.channels > 1 ? planar[1] + at : NULL};
		if (write_block(sink, here, frames - at < BLOCK ? frames - at : BLOCK, err) != 0)
			return -1;
	}
	return 0;
}

const struct pcm_clip *
sink_clip(const struct sink *sink, int channel)
{
	return &sink->clip[channel];
}

int
sink_commit(struct sink *sink, struct err *err)
{
	int status;
	if (sink->encoder) {
		status = sndout_finish(sink->encoder, err);
	} else {
		static const uint8_t zeros[8];
		status = part_write(sink->part, zeros, wavhead_padding(&sink->spec, sink->frames), err);
		if (status == 0)
			status = write_header(sink, 1, err);
	}
	if (status == 0) {
		status = part_commit(sink->part, err);
		sink->part = NULL;
	}
	if (status == 0 && sink->tags && sink->spec.format == SINK_FLAC)
		status = tags_flac(sink->path, sink->tags, err);
	sink_free(sink);
	return status;
}

void
sink_abort(struct sink *sink)
{
	if (sink)
		sink_free(sink);
}

int
sink_would_overwrite(const char *path, const char *other)
{
	return part_same_file(path, other);
}
