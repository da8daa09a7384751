#include "media/history.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "media/probe.h"

#define REACH (1 << 20) /* bytes searched at each end of the file */
#define HASH_DIGITS 64

static const char mark[] = "T=" MEDIA_ORIGINATOR " ", session_mark[] = "; session=", variant_mark[] = "; variant=";

/* The length of the text from p on: to the first control character. */
static size_t
text_length(const char *p, size_t n)
{
	size_t k = 0;
	while (k < n && (unsigned char)p[k] >= 0x20 && p[k] != 0x7f)
		k++;
	return k;
}

static bool
take(char *to, size_t size, const char *from, size_t n)
{
	if (n >= size)
		return false;
	memcpy(to, from, n);
	to[n] = '\0';
	return true;
}

/* Reads "T=stemdesk 0.1.0; session=HASH; variant=NAME", which begins at p. */
static bool
parse(const char *p, size_t n, struct history *h)
{
	const char *at = memmem(p, n, session_mark, strlen(session_mark)), *end = p + n;
	if (!at || !take(h->maker, sizeof h->maker, p + 2, (size_t)(at - p) - 2))
		return false;
	at += strlen(session_mark);
	if (end - at < HASH_DIGITS || !take(h->session, sizeof h->session, at, HASH_DIGITS) ||
	    strspn(h->session, "0123456789abcdef") != HASH_DIGITS)
		return false;
	at += HASH_DIGITS;
	h->variant[0] = '\0';
	size_t words = strlen(variant_mark);
	if ((size_t)(end - at) > words && !memcmp(at, variant_mark, words))
		return take(h->variant, sizeof h->variant, at + words, (size_t)(end - at) - words);
	return true;
}

static bool
search(const char *p, size_t n, struct history *h)
{
	size_t words = strlen(mark);
	for (const char *end = p + n, *at; (at = memmem(p, (size_t)(end - p), mark, words)); p = at + words)
		if (parse(at, text_length(at, (size_t)(end - at)), h))
			return true;
	return false;
}

/* Up to REACH bytes from an offset; -1 where they cannot be read. */
static ssize_t
read_bytes(int fd, off_t offset, char *to)
{
	size_t n = 0;
	while (n < REACH) {
		ssize_t got = pread(fd, to + n, REACH - n, offset + (off_t)n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	return (ssize_t)n;
}

int
history_read(const char *path, struct history *history, struct err *err)
{
	char shown[512];
	int fd = media_open(path, NULL, err);
	if (fd < 0)
		return -1;
	text_show(path, shown, sizeof shown);
	char *bytes = malloc(REACH);
	off_t size = lseek(fd, 0, SEEK_END);
	bool found = false;
	ssize_t n = bytes ? read_bytes(fd, 0, bytes) : 0;
	if (n > 0)
		found = search(bytes, (size_t)n, history);
	if (!found && n >= 0 && size > REACH && (n = read_bytes(fd, size > 2 * REACH ? size - REACH : REACH, bytes)) > 0)
		found = search(bytes, (size_t)n, history);
	int result = 0;
	if (!bytes)
		result = err_set(err, "%s: not enough memory", shown);
	else if (n < 0)
		result = err_set(err, "%s: cannot be read: %s", shown, strerror(errno));
	else if (!found)
		result = err_set(err,
		                 "%s: does not say which session made it; it is no bounce of stemdesk, or the tool that wrote "
		                 "it last threw its history away",
		                 shown);
	free(bytes);
	close(fd);
	return result;
}
