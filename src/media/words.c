/* The words and numbers that recorders put beside the sound: BWF bext, iXML, RIFF INFO, Vorbis comments. */
#include "media/walk.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Copies a field that may lack its NUL, without the blanks at its end. */
static void
copy_field(char *out, size_t size, const unsigned char *p, size_t n)
{
	size_t length = 0;
	while (length < n && length + 1 < size && p[length])
		length++;
	memcpy(out, p, length);
	while (length && (out[length - 1] == ' ' || out[length - 1] == '\n' || out[length - 1] == '\r'))
		length--;
	out[length] = '\0';
}

static bool
is_own(const char *maker, size_t n)
{
	size_t length = strlen(MEDIA_ORIGINATOR);
	return n >= length && !memcmp(maker, MEDIA_ORIGINATOR, length) &&
	       (n == length || maker[length] == ' ' || maker[length] == '\0');
}

void
walk_bext(struct media_info *info, const unsigned char *p, size_t n)
{
	/* EBU Tech 3285: description 256, originator 32, reference 32, date 10, time 8, time reference 8 bytes */
	if (n < 346)
		return;
	copy_field(info->description, sizeof info->description, p, 256);
	copy_field(info->originator, sizeof info->originator, p + 256, 32);
	/* a file with a history is a bounce; one without is a stem that we made */
	info->own |= n > 602 && p[602] && is_own(info->originator, strlen(info->originator));
	/* more than ten days after midnight is no time of day but garbage */
	uint64_t stamp = le64(p + 338);
	info->stamped = stamp < (uint64_t)MEDIA_RATE_MAX * 864000;
	info->stamp = info->stamped ? (int64_t)stamp : 0;
}

void
walk_comments(struct media_info *info, const unsigned char *p, size_t n)
{
	if (n < 8)
		return;
	size_t at = 4;
	size_t vendor = le32(p);
	if (vendor > n - 8)
		return;
	at += vendor;
	uint32_t count = le32(p + at);
	at += 4;
	for (uint32_t k = 0; k < count && at + 4 <= n; k++) {
		size_t size = le32(p + at);
		at += 4;
		if (size > n - at)
			return;
		const char *text = (const char *)p + at;
		/* where FLAC has its coding history */
		if (size > 8 && !strncasecmp(text, "COMMENT=", 8))
			info->own |= memmem(text, size, "T=" MEDIA_ORIGINATOR, strlen("T=" MEDIA_ORIGINATOR)) != NULL;
		at += size;
	}
}

/* Finds <tag> in p..end and its closing tag. Returns where its content begins, *stop where it ends; NULL if missing. */
static const char *
element(const char *p, const char *end, const char *tag, const char **stop)
{
	char open[32], close[32];
	size_t n = (size_t)snprintf(open, sizeof open, "<%s>", tag);
	size_t m = (size_t)snprintf(close, sizeof close, "</%s>", tag);
	const char *from = memmem(p, (size_t)(end - p), open, n);
	if (!from)
		return NULL;
	from += n;
	*stop = memmem(from, (size_t)(end - from), close, m);
	return *stop ? from : NULL;
}

static long
number(const char *p, const char *end, const char *tag)
{
	const char *stop;
	const char *from = element(p, end, tag, &stop);
	long value = 0;
	if (!from)
		return 0;
	while (from < stop && (*from == ' ' || *from == '\n' || *from == '\t' || *from == '\r'))
		from++;
	for (; from < stop && *from >= '0' && *from <= '9' && value < 100000; from++)
		value = value * 10 + (*from - '0');
	return value;
}

/* Copies XML text, its five named entities undone, without blanks at the ends, cut at a whole UTF-8 character. */
static void
copy_xml(char *out, size_t size, const char *p, const char *end)
{
	static const struct {
		const char *name;
		char is;
	} entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
	size_t used = 0;
	while (p < end && (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r'))
		p++;
	while (p < end && *p && used + 1 < size) {
		char c = *p;
		size_t taken = 1;
		for (size_t k = 0; c == '&' && k < sizeof entities / sizeof *entities; k++) {
			size_t n = strlen(entities[k].name);
			if ((size_t)(end - p) >= n && !memcmp(p, entities[k].name, n)) {
				c = entities[k].is;
				taken = n;
			}
		}
		out[used++] = c;
		p += taken;
	}
	if (p < end && ((unsigned char)*p & 0xc0) == 0x80) {
		while (used && ((unsigned char)out[used - 1] & 0xc0) == 0x80)
			used--;
		if (used)
			used--;
	}
	while (used && (out[used - 1] == ' ' || out[used - 1] == '\n' || out[used - 1] == '\t' || out[used - 1] == '\r'))
		used--;
	out[used] = '\0';
}

void
walk_ixml(struct media_info *info, const char *p, size_t n)
{
	const char *end, *stop;
	const char *list = element(p, p + n, "TRACK_LIST", &end);
	if (!list)
		return;
	long place = 0;
	for (const char *track; (track = element(list, end, "TRACK", &stop)); list = stop) {
		place++;
		long index = number(track, stop, "INTERLEAVE_INDEX");
		if (!index)
			index = number(track, stop, "CHANNEL_INDEX");
		if (!index)
			index = place;
		const char *over;
		const char *name = element(track, stop, "NAME", &over);
		if (name && index >= 1 && index <= MEDIA_CHANNELS)
			copy_xml(info->track[index - 1], sizeof info->track[0], name, over);
	}
}
