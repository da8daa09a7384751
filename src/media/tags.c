#include "media/tags.h"

#include <FLAC/metadata.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"

struct sink_tags *
tags_copy(const struct sink_tags *t)
{
	struct sink_tags *copy = malloc(sizeof *copy);
	if (!copy)
		return NULL;
	*copy = *t;
	const char **text[] = {&copy->title, &copy->artist, &copy->album, &copy->date, &copy->genre, &copy->isrc};
	int lacking = 0;
	for (size_t k = 0; k < sizeof text / sizeof *text; k++) {
		*text[k] = strdup(*text[k]);
		lacking |= !*text[k];
	}
	if (!lacking)
		return copy;
	tags_free(copy);
	return NULL;
}

void
tags_free(struct sink_tags *t)
{
	if (!t)
		return;
	free((char *)t->title);
	free((char *)t->artist);
	free((char *)t->album);
	free((char *)t->date);
	free((char *)t->genre);
	free((char *)t->isrc);
	free(t);
}

int
tags_each(const struct sink_tags *t, const char *of, int (*each)(void *arg, const char *name, const char *text),
          void *arg)
{
	char track[32] = "", tracks[16] = "", text[32];
	if (t->tracks)
		snprintf(tracks, sizeof tracks, "%d", t->tracks);
	if (t->track)
		snprintf(track, sizeof track, "%d%s%s", t->track, of && t->tracks ? of : "", of ? tracks : "");
	const struct {
		const char *name, *text;
	} texts[] = {{"TITLE", t->title}, {"ARTIST", t->artist}, {"ALBUM", t->album},    {"DATE", t->date},
	             {"GENRE", t->genre}, {"ISRC", t->isrc},     {"TRACKNUMBER", track}, {"TRACKTOTAL", tracks}};
	int done = 1;
	for (size_t k = 0; k < sizeof texts / sizeof *texts && done; k++)
		done = !*texts[k].text || each(arg, texts[k].name, texts[k].text);
	const struct {
		const char *name;
		double gain, peak;
	} rows[] = {{"TRACK", t->track_gain, t->track_peak}, {"ALBUM", t->album_gain, t->album_peak}};
	for (size_t k = 0; k < 2 && done && t->measured; k++) {
		char name[40];
		if (!(rows[k].gain > -100 && rows[k].gain < 100))
			continue; /* silence */
		snprintf(name, sizeof name, "REPLAYGAIN_%s_GAIN", rows[k].name);
		snprintf(text, sizeof text, "%.2f dB", rows[k].gain);
		done = each(arg, name, text);
		snprintf(name, sizeof name, "REPLAYGAIN_%s_PEAK", rows[k].name);
		snprintf(text, sizeof text, "%.6f", db_to_gain(rows[k].peak));
		done = done && each(arg, name, text);
	}
	return done;
}

/* 0: no memory, or a text that is no UTF-8. */
static int
add(void *arg, const char *name, const char *text)
{
	FLAC__StreamMetadata_VorbisComment_Entry entry;
	return FLAC__metadata_object_vorbiscomment_entry_from_name_value_pair(&entry, name, text) &&
	       FLAC__metadata_object_vorbiscomment_append_comment(arg, entry, 0);
}

/* The comment block of a file, put in where there is none. */
static FLAC__StreamMetadata *
comments_of(FLAC__Metadata_Iterator *at)
{
	do
		if (FLAC__metadata_iterator_get_block_type(at) == FLAC__METADATA_TYPE_VORBIS_COMMENT)
			return FLAC__metadata_iterator_get_block(at);
	while (FLAC__metadata_iterator_next(at));
	FLAC__StreamMetadata *block = FLAC__metadata_object_new(FLAC__METADATA_TYPE_VORBIS_COMMENT);
	if (block && FLAC__metadata_iterator_insert_block_after(at, block))
		return block;
	FLAC__metadata_object_delete(block);
	return NULL;
}

int
tags_flac(const char *path, const struct sink_tags *t, struct err *err)
{
	FLAC__Metadata_Chain *chain = FLAC__metadata_chain_new();
	FLAC__Metadata_Iterator *at = FLAC__metadata_iterator_new();
	FLAC__StreamMetadata *block = NULL;
	int done = chain && at && FLAC__metadata_chain_read(chain, path);
	if (done) {
		FLAC__metadata_iterator_init(at, chain);
		block = comments_of(at);
		done = block && tags_each(t, NULL, add, block) && FLAC__metadata_chain_write(chain, 1, 0);
	}
	if (at)
		FLAC__metadata_iterator_delete(at);
	if (chain)
		FLAC__metadata_chain_delete(chain);
	return done ? 0 : err_set(err, "%s: the file is written, but its tags cannot be", path);
}
