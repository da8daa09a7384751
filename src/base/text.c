#include "base/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Characters that are drawn as nothing or that change how their neighbours are drawn. */
static const struct {
	unsigned first, last;
} unseen[] = {
    {0x80, 0x9f},       /* C1 controls */
    {0xad, 0xad},       /* soft hyphen */
    {0x34f, 0x34f},     /* combining grapheme joiner */
    {0x61c, 0x61c},     /* Arabic letter mark */
    {0x115f, 0x1160},   /* Hangul fillers */
    {0x17b4, 0x17b5},   /* Khmer inherent vowels */
    {0x180b, 0x180f},   /* Mongolian selectors and vowel separator */
    {0x200b, 0x200f},   /* zero-width space and joiners, direction marks */
    {0x2028, 0x202e},   /* line and paragraph separators, bidi embeddings and overrides */
    {0x2060, 0x206f},   /* word joiner, invisible operators, bidi isolates */
    {0x3164, 0x3164},   /* Hangul filler */
    {0xfe00, 0xfe0f},   /* variation selectors */
    {0xfeff, 0xfeff},   /* byte order mark */
    {0xffa0, 0xffa0},   /* halfwidth Hangul filler */
    {0xfff0, 0xfffb},   /* interlinear annotation and its unassigned neighbours */
    {0x1bca0, 0x1bca3}, /* shorthand format controls */
    {0x1d173, 0x1d17a}, /* musical format controls */
    {0xe0000, 0xe0fff}, /* tags, more variation selectors */
};

static bool
is_unseen(unsigned code)
{
	for (size_t k = 0; k < sizeof unseen / sizeof *unseen; k++)
		if (code >= unseen[k].first && code <= unseen[k].last)
			return true;
	return (code & 0xfffe) == 0xfffe;
}

size_t
text_decode(const char *s, size_t n, unsigned *code)
{
	const unsigned char *p = (const unsigned char *)s;
	if (!n)
		return 0;
	if (p[0] < 0x80) {
		*code = p[0];
		return 1;
	}
	size_t length = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4 || n < length)
		return 0;
	unsigned c = p[0] & (0x7fu >> length);
	for (size_t k = 1; k < length; k++) {
		if ((p[k] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[k] & 0x3fu);
	}
	static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
	if (c < least[length] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*code = c;
	return length;
}

char *
text_show(const char *raw, char *out, size_t size)
{
	size_t used = 0;
	for (size_t left = strlen(raw); left;) {
		char piece[16];
		unsigned code;
		size_t taken = text_decode(raw, left, &code);
		if (!taken) {
			snprintf(piece, sizeof piece, "\\x%02x", (unsigned)(unsigned char)*raw);
			taken = 1;
		} else if (code < 0x20 || code == 0x7f) {
			snprintf(piece, sizeof piece, "^%c", (int)(code ^ 0x40));
		} else if (is_unseen(code)) {
			snprintf(piece, sizeof piece, "<U+%04X>", code);
		} else {
			memcpy(piece, raw, taken);
			piece[taken] = '\0';
		}
		size_t length = strlen(piece);
		if (used + length >= size)
			break;
		memcpy(out + used, piece, length);
		used += length;
		raw += taken;
		left -= taken;
	}
	out[used] = '\0';
	return out;
}
