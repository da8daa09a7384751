#include "master/codec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "media/decode.h"
#include "media/rate.h"
#include "media/reader.h"

#define BLOCK 8192 /* frames */

const struct codec codecs[] = {
    {"opus", "Opus, about 130 kbit/s", SINK_OPUS, 0.25},
    {"vorbis", "Ogg Vorbis, about 160 kbit/s", SINK_VORBIS, 0.5},
    {"mp3", "MP3, V2, about 190 kbit/s", SINK_MP3, 0.8},
    {"mp3-low", "MP3, V6, about 115 kbit/s", SINK_MP3, 0.4},
    {NULL, NULL, SINK_AUTO, 0},
};

const struct codec *
codec_find(const char *name)
{
	for (const struct codec *c = codecs; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

/* The rate that an encoder takes: its only one, or the file's as far as it goes. */
static int
rate_for(const struct codec *codec, int rate)
{
	if (codec->format == SINK_OPUS)
		return 48000;
	return codec->format == SINK_MP3 && rate > 48000 ? rate % 44100 ? 48000 : 44100 : rate;
}

/* Buffers of a trip. */
struct work {
	float *in[2], *out[2];
	size_t room;
};

static int
work_init(struct work *w, size_t room, struct err *err)
{
	int lacking = 0;
	*w = (struct work){.room = room};
	for (int c = 0; c < 2; c++) {
		w->in[c] = malloc(BLOCK * sizeof(float));
		w->out[c] = malloc(room * sizeof(float));
		lacking = lacking || !w->in[c] || !w->out[c];
	}
	return lacking ? err_set(err, "not enough memory") : 0;
}

static void
work_fini(struct work *w)
{
	for (int c = 0; c < 2; c++) {
		free(w->in[c]);
		free(w->out[c]);
	}
}

static int
put(struct sink *sink, float *const *planar, size_t frames, struct err *err)
{
	const float *side[2] = {planar[0], planar[1]};
	return sink_write(sink, side, frames, err);
}

/* The whole file into the sink, through the converter where there is one. */
static int
feed(struct media_reader *reader, struct rate *rate, struct sink *sink, struct work *w, struct err *err)
{
	const struct media_info *info = reader_info(reader);
	size_t got;
	for (int64_t at = 0; at < info->frames; at += BLOCK) {
		size_t n = info->frames - at < BLOCK ? (size_t)(info->frames - at) : BLOCK;
		if (reader_read(reader, at, (int64_t)n, w->in) < 0)
			return err_set(err, "%s", reader_error(reader)->text);
		if (!rate) {
			if (put(sink, w->in, n, err))
				return -1;
			continue;
		}
		const void *in[2] = {w->in[0], w->in[1]};
		void *out[2] = {w->out[0], w->out[1]};
		if (rate_run(rate, in, n, out, &got, err) || put(sink, w->out, got, err))
			return -1;
	}
	for (got = 1; rate && got;) {
		void *out[2] = {w->out[0], w->out[1]};
		if (rate_drain(rate, out, w->room, &got, err) || put(sink, w->out, got, err))
			return -1;
	}
	return 0;
}

static int
encode(const struct codec *codec, const char *path, const char *to, struct codec_trip *trip, struct err *err)
{
	struct media_info info;
	char shown[512];
	if (media_probe(path, &info, err))
		return -1;
	if (info.channels > 2)
		return err_set(err, "%s: has %d channels; what is encoded is mono or stereo",
		               text_show(path, shown, sizeof shown), info.channels);
	trip->rate = rate_for(codec, info.rate);
	struct media_reader *reader = reader_open(path, &info, err);
	struct rate *rate = NULL;
	if (reader && trip->rate != info.rate)
		rate = rate_new((uint32_t)info.rate, (uint32_t)trip->rate, info.channels, RATE_FLOAT, RATE_FLOAT, err);
	struct work w;
	struct sink_spec spec = {.path = to,
	                         .format = codec->format,
	                         .rate = trip->rate,
	                         .channels = info.channels,
	                         .dither = DITHER_NONE,
	                         .quality = codec->quality};
	int status = reader && (trip->rate == info.rate || rate) ? 0 : -1;
	status = work_init(&w, rate ? rate_room(rate, BLOCK) : BLOCK, err) || status ? -1 : 0;
	struct sink *sink = status ? NULL : sink_open(&spec, err);
	if (sink && feed(reader, rate, sink, &w, err)) {
		sink_abort(sink);
		status = -1;
	} else if (sink) {
		status = sink_commit(sink, err);
	} else {
		status = -1;
	}
	work_fini(&w);
	rate_free(rate);
	reader_close(reader);
	return status;
}

/* Decodes, measures and keeps. */
static int
decode(const char *path, const char *decoded, struct codec_trip *trip, struct err *err)
{
	int rate, channels;
	struct decoder *d = decoder_open(path, &rate, &channels, err);
	if (!d)
		return -1;
	struct sink_spec spec = {.path = decoded,
	                         .format = SINK_WAV,
	                         .bits = SINK_32F,
	                         .rate = rate,
	                         .channels = channels,
	                         .dither = DITHER_NONE};
	struct work w;
	struct stat st;
	struct meter *meter = meter_new(rate, channels, err);
	struct sink *sink = meter && decoded ? sink_open(&spec, err) : NULL;
	int status = meter && (sink || !decoded) ? 0 : -1;
	status = work_init(&w, BLOCK, err) || status ? -1 : 0;
	int64_t n, frames = 0;
	while (!status && (n = decoder_read(d, w.in, BLOCK)) > 0) {
		const float *side[2] = {w.in[0], w.in[1]};
		status = meter_take(meter, side, (size_t)n, err);
		if (!status && sink)
			status = sink_write(sink, side, (size_t)n, err);
		frames += n;
	}
	if (!status)
		status = meter_finish(meter, &trip->back, err);
	if (sink && status)
		sink_abort(sink);
	else if (sink)
		status = sink_commit(sink, err);
	if (!status && stat(path, &st) == 0 && frames > 0)
		trip->kbits = (double)st.st_size * 8 / 1000 / ((double)frames / rate);
	meter_free(meter);
	work_fini(&w);
	decoder_close(d);
	return status;
}

int
codec_run(const struct codec *codec, const char *path, const char *decoded, struct codec_trip *trip, struct err *err)
{
	const char *folder = getenv("TMPDIR");
	char home[4096], coded[4200];
	*trip = (struct codec_trip){0};
	snprintf(home, sizeof home, "%s/stemdesk-codec-XXXXXX", folder && *folder ? folder : "/var/tmp");
	if (!mkdtemp(home))
		return err_set(err, "%s: no folder for the encoded file can be made: %s; set TMPDIR to one", home,
		               strerror(errno));
	snprintf(coded, sizeof coded, "%s/coded", home);
	int status = encode(codec, path, coded, trip, err) || decode(coded, decoded, trip, err) ? -1 : 0;
	unlink(coded);
	rmdir(home);
	return status;
}
