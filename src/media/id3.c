#include "media/id3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/tags.h"

#define UTF8 3

/* Seven bits a byte, so that no length looks like the beginning of sound (id3v2.4.0-structure, 6.2). */
static void
put_size(FILE *to, size_t size)
{
	for (int shift = 21; shift >= 0; shift -= 7)
		fputc((int)(size >> shift & 0x7f), to);
}

/* A frame of a text; `before` are its description and what else comes first, with their zeros. */
static void
put_frame(FILE *to, const char *id, const char *before, size_t length, const char *text)
{
	fwrite(id, 1, 4, to);
	put_size(to, 1 + length + strlen(text));
	fwrite("\0\0", 1, 2, to);
	fputc(UTF8, to);
	fwrite(before, 1, length, to);
	fputs(text, to);
}

/* A comment of FLAC as the frame that says the same. */
static int
put_tag(void *arg, const char *name, const char *text)
{
	static const struct {
		const char *name, *id;
	} rows[] = {{"TITLE", "TIT2"}, {"ARTIST", "TPE1"}, {"ALBUM", "TALB"},      {"DATE", "TDRC"},
	            {"GENRE", "TCON"}, {"ISRC", "TSRC"},   {"TRACKNUMBER", "TRCK"}};
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
		if (!strcmp(name, rows[k].name)) {
			put_frame(arg, rows[k].id, "", 0, text);
			return 1;
		}
	if (strcmp(name, "TRACKTOTAL") != 0) /* stands behind the number */
		put_frame(arg, "TXXX", name, strlen(name) + 1, text);
	return 1;
}

unsigned char *
id3_tag(const struct sink_tags *t, const char *comment, size_t *size)
{
	char *frames = NULL, *all = NULL;
	FILE *to = open_memstream(&frames, size), *whole = NULL;
	if (!to)
		return NULL;
	tags_each(t, "/", put_tag, to);
	if (comment)
		put_frame(to, "COMM", "XXX", 4, comment); /* no language; no description */
	int failed = fclose(to) != 0;
	size_t length = *size;
	if (!failed && (whole = open_memstream(&all, size))) {
		fwrite("ID3\4\0\0", 1, 6, whole);
		put_size(whole, length);
		fwrite(frames, 1, length, whole);
		failed = fclose(whole) != 0;
	}
	free(frames);
	if (!failed && all)
		return (unsigned char *)all;
	free(all);
	return NULL;
}
