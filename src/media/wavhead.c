#include "media/wavhead.h"

#include <stdio.h>
#include <string.h>

/* The greatest length of a plain WAV; tests shrink it. */
#ifndef RIFF_MAX
#define RIFF_MAX 0xffffffffu
#endif

#define DS64_SIZE 28
#define BEXT_SIZE 602 /* EBU Tech 3285: before the coding history */

/* Where header bytes go: with out NULL they are only counted. */
struct writer {
	uint8_t *out;
	size_t at;
};

static void
put(struct writer *w, const void *bytes, size_t n)
{
	if (w->out)
		memcpy(w->out + w->at, bytes, n);
	w->at += n;
}

static void
put_zeros(struct writer *w, size_t n)
{
	if (w->out)
		memset(w->out + w->at, 0, n);
	w->at += n;
}

static void
put_int(struct writer *w, uint64_t value, int bytes)
{
	for (int k = 0; k < bytes; k++, value >>= 8)
		put(w, &(uint8_t){(uint8_t)value}, 1);
}

/* W64 names its chunks by GUIDs, most of which are the RIFF name and the same 12 bytes. */
static const uint8_t w64_riff[16] = "riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00";
static const uint8_t w64_tail[12] = {0xf3, 0xac, 0xd3, 0x11, 0x8c, 0xd1, 0x00, 0xc0, 0x4f, 0x8e, 0xdb, 0x8a};

/* Begins a chunk of `size` bytes of content. */
static void
put_chunk(struct writer *w, const struct sink_spec *spec, const char *name, uint64_t size)
{
	put(w, name, 4);
	if (spec->format == SINK_W64) {
		put(w, w64_tail, sizeof w64_tail);
		put_int(w, size + 24, 8);
	} else {
		put_int(w, size > 0xffffffff ? 0xffffffff : size, 4);
	}
}

/* Chunks begin at even offsets, in W64 at multiples of eight. */
static size_t
padding(const struct sink_spec *spec, uint64_t at)
{
	return (size_t)(-at & (spec->format == SINK_W64 ? 7 : 1));
}

/* The coding history with the line ends that EBU Tech 3285 asks for; its length. */
static size_t
put_history(struct writer *w, const char *history)
{
	size_t n = 0;
	char last = '\n';
	for (const char *c = history; *c; last = *c++) {
		if (*c == '\n' && last != '\r') {
			put(w, "\r", 1);
			n++;
		}
		put(w, c, 1);
		n++;
	}
	if (last != '\n') {
		put(w, "\r\n", 2);
		n += 2;
	}
	return n;
}

/* Text in a field of a fixed size. */
static void
put_field(struct writer *w, const char *text, size_t size)
{
	size_t n = strlen(text) < size ? strlen(text) : size;
	put(w, text, n);
	put_zeros(w, size - n);
}

/* A loudness or level in hundredths; 0x7fff where there is none. */
static void
put_hundredths(struct writer *w, double x)
{
	int known = x > -300 && x < 300;
	put_int(w, known ? (uint64_t)(int64_t)(x < 0 ? x * 100 - 0.5 : x * 100 + 0.5) : 0x7fff, 2);
}

static void
put_bext(struct writer *w, const struct sink_spec *spec)
{
	struct writer none = {NULL, 0};
	const struct sink_tags *t = spec->tags;
	int measured = t && t->measured;
	put_chunk(w, spec, "bext", BEXT_SIZE + put_history(&none, spec->history));
	put_field(w, t ? t->title : "", 256); /* description */
	put_field(w, "stemdesk", 32);         /* originator */
	put_zeros(w, 32 + 10 + 8);            /* reference; date and time, left out so that a bounce can be repeated */
	put_int(w, spec->origin, 8);
	put_int(w, measured ? 2 : 1, 2); /* version */
	put_zeros(w, 64);                /* UMID */
	if (measured) {
		put_hundredths(w, t->integrated);
		put_hundredths(w, t->range);
		put_hundredths(w, t->true_peak);
		put_hundredths(w, t->max_momentary);
		put_hundredths(w, t->max_shortterm);
	}
	put_zeros(w, measured ? 180 : 190); /* reserved */
	put_history(w, spec->history);
	put_zeros(w, padding(spec, w->at));
}

/* A text of the INFO list, ended by NUL and even; its length. */
static size_t
put_info(struct writer *w, const char *name, const char *text)
{
	size_t n = strlen(text) + 1;
	if (n == 1)
		return 0;
	put(w, name, 4);
	put_int(w, n, 4);
	put(w, text, n);
	put_zeros(w, n & 1);
	return 8 + n + (n & 1);
}

static size_t
put_infos(struct writer *w, const struct sink_tags *t)
{
	char track[16] = "";
	if (t->track)
		snprintf(track, sizeof track, "%d", t->track);
	return put_info(w, "INAM", t->title) + put_info(w, "IART", t->artist) + put_info(w, "IPRD", t->album) +
	       put_info(w, "ICRD", t->date) + put_info(w, "IGNR", t->genre) + put_info(w, "ITRK", track);
}

/* The ISRC as EBU Tech 3352 puts it. */
static size_t
put_isrc(struct writer *w, const char *isrc)
{
	static const char before[] =
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<ebuCoreMain xmlns=\"urn:ebu:metadata-schema:ebuCore_2012\" "
	    "xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><coreMetadata>"
	    "<identifier typeLabel=\"GUID\" typeDefinition=\"Globally Unique Identifier\" formatLabel=\"ISRC\" "
	    "formatDefinition=\"International Standard Recording Code\" "
	    "formatLink=\"http://www.ebu.ch/metadata/cs/ebu_IdentifierTypeCodeCS.xml#3.7\"><dc:identifier>ISRC:";
	static const char behind[] = "</dc:identifier></identifier></coreMetadata></ebuCoreMain>\n";
	put(w, before, sizeof before - 1);
	put(w, isrc, strlen(isrc));
	put(w, behind, sizeof behind - 1);
	return sizeof before + sizeof behind - 2 + strlen(isrc);
}

static void
put_tags(struct writer *w, const struct sink_spec *spec)
{
	struct writer none = {NULL, 0};
	const struct sink_tags *t = spec->tags;
	size_t infos = put_infos(&none, t);
	if (spec->format == SINK_W64)
		return;
	if (infos) {
		put_chunk(w, spec, "LIST", infos + 4);
		put(w, "INFO", 4);
		put_infos(w, t);
	}
	if (*t->isrc) {
		put_chunk(w, spec, "axml", put_isrc(&none, t->isrc));
		put_isrc(w, t->isrc);
		put_zeros(w, padding(spec, w->at));
	}
}

static int
is_float(const struct sink_spec *spec)
{
	return spec->bits == SINK_32F || spec->bits == SINK_64F;
}

static int
width(const struct sink_spec *spec)
{
	switch (spec->bits) {
	case SINK_16:
		return 16;
	case SINK_BITS_DEFAULT:
	case SINK_24:
		return 24;
	case SINK_32:
	case SINK_32F:
		return 32;
	case SINK_64F:
		return 64;
	}
	return 0;
}

size_t
wavhead_frame(const struct sink_spec *spec)
{
	return (size_t)spec->channels * (size_t)width(spec) / 8;
}

static void
put_fmt(struct writer *w, const struct sink_spec *spec)
{
	int extra = is_float(spec) && spec->format != SINK_W64 ? 2 : 0;
	put_chunk(w, spec, "fmt ", (uint64_t)(16 + extra));
	put_int(w, is_float(spec) ? 3 : 1, 2);
	put_int(w, (uint64_t)spec->channels, 2);
	put_int(w, (uint64_t)spec->rate, 4);
	put_int(w, (uint64_t)spec->rate * wavhead_frame(spec), 4);
	put_int(w, wavhead_frame(spec), 2);
	put_int(w, (uint64_t)width(spec), 2);
	put_zeros(w, (size_t)extra);
}

static void
put_header(struct writer *w, const struct sink_spec *spec, uint64_t frames, size_t size)
{
	uint64_t data = frames * wavhead_frame(spec), file = size + data + wavhead_padding(spec, frames);
	if (spec->format == SINK_W64) {
		put(w, w64_riff, sizeof w64_riff);
		put_int(w, file, 8);
		put(w, "wave", 4);
		put(w, w64_tail, sizeof w64_tail);
	} else {
		int big = spec->format == SINK_RF64 || file - 8 > RIFF_MAX;
		put(w, big ? "RF64" : "RIFF", 4);
		put_int(w, big ? 0xffffffff : file - 8, 4);
		put(w, "WAVE", 4);
		put_chunk(w, spec, big ? "ds64" : "JUNK", DS64_SIZE);
		put_int(w, big ? file - 8 : 0, 8);
		put_int(w, big ? data : 0, 8);
		put_int(w, big ? frames : 0, 8);
		put_zeros(w, 4); /* no table of other large chunks */
		if (big)
			data = UINT64_MAX; /* the chunk's own 32 bits say: see ds64 */
	}
	if (spec->history)
		put_bext(w, spec);
	if (spec->tags)
		put_tags(w, spec);
	put_fmt(w, spec);
	if (is_float(spec)) {
		put_chunk(w, spec, "fact", spec->format == SINK_W64 ? 8 : 4);
		if (spec->format == SINK_W64)
			put_int(w, frames, 8);
		else
			put_int(w, frames > 0xffffffff ? 0xffffffff : frames, 4);
	}
	put_chunk(w, spec, "data", data);
}

size_t
wavhead_size(const struct sink_spec *spec)
{
	struct writer w = {NULL, 0};
	put_header(&w, spec, 0, 0);
	return w.at;
}

void
wavhead_write(const struct sink_spec *spec, uint64_t frames, uint8_t *out)
{
	struct writer w = {out, 0};
	put_header(&w, spec, frames, wavhead_size(spec));
}

void
wavhead_stream(double rate, uint8_t out[WAVHEAD_STREAM])
{
	const struct sink_spec spec = {.format = SINK_WAV, .bits = SINK_32F, .rate = rate, .channels = 2};
	struct writer w = {out, 0};
	put(&w, "RIFF", 4);
	put_int(&w, 0xffffffff, 4);
	put(&w, "WAVE", 4);
	put_fmt(&w, &spec);
	put_chunk(&w, &spec, "fact", 4);
	put_int(&w, 0xffffffff, 4);
	put_chunk(&w, &spec, "data", UINT64_MAX);
}

size_t
wavhead_padding(const struct sink_spec *spec, uint64_t frames)
{
	/* Readers of W64 take what follows the samples for more of them, so the last chunk of a W64 is not filled up. */
	return spec->format == SINK_W64 ? 0 : padding(spec, frames * wavhead_frame(spec));
}
