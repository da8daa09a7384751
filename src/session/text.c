#include "session/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void *
checked(void *memory)
{
	if (!memory) {
		fputs("stemdesk: out of memory\n", stderr);
		abort();
	}
	return memory;
}

void *
text_alloc(size_t size)
{
	return checked(calloc(1, size ? size : 1));
}

void *
text_realloc(void *old, size_t size)
{
	return checked(realloc(old, size ? size : 1));
}

char *
text_copy(const char *text, size_t len)
{
	char *copy = checked(malloc(len + 1));
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *
text_format(const char *format, ...)
{
	char *text = NULL;
	va_list list;
	va_start(list, format);
	if (vasprintf(&text, format, list) < 0)
		text = NULL;
	va_end(list);
	return checked(text);
}

size_t
text_invalid(const char *text, size_t len)
{
	size_t at = 0;
	while (at < len) {
		unsigned code;
		size_t n = text_decode(text + at, len - at, &code);
		if (!n || !code)
			return at;
		at += n;
	}
	return len;
}

bool
text_is_id(const char *text, size_t len)
{
	if (len < 1 || len > 64 || text[0] < 'a' || text[0] > 'z')
		return false;
	for (size_t k = 1; k < len; k++) {
		char c = text[k];
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return true;
}

static char *
put_utf8(char *to, uint32_t code)
{
	if (code < 0x80) {
		*to++ = (char)code;
	} else if (code < 0x800) {
		*to++ = (char)(0xc0 | code >> 6);
		*to++ = (char)(0x80 | (code & 0x3f));
	} else if (code < 0x10000) {
		*to++ = (char)(0xe0 | code >> 12);
		*to++ = (char)(0x80 | (code >> 6 & 0x3f));
		*to++ = (char)(0x80 | (code & 0x3f));
	} else {
		*to++ = (char)(0xf0 | code >> 18);
		*to++ = (char)(0x80 | (code >> 12 & 0x3f));
		*to++ = (char)(0x80 | (code >> 6 & 0x3f));
		*to++ = (char)(0x80 | (code & 0x3f));
	}
	return to;
}

/* Reads the escape behind a backslash at line[*at]; moves *at behind it. Returns the new end of the text, NULL on
 * failure. */
static char *
read_escape(const char *line, size_t len, size_t *at, char *to)
{
	char c = *at < len ? line[(*at)++] : '\0';
	if (c == '"' || c == '\\')
		*to++ = c;
	else if (c == 'n')
		*to++ = '\n';
	else if (c == 't')
		*to++ = '\t';
	else if (c == 'r')
		*to++ = '\r';
	else if (c == 'u' && *at < len && line[*at] == '{') {
		uint32_t code = 0;
		size_t digits = 0;
		for (++*at; *at < len && digits < 7; ++*at, digits++) {
			char h = line[*at];
			int digit = h >= '0' && h <= '9'   ? h - '0'
			            : h >= 'a' && h <= 'f' ? h - 'a' + 10
			            : h >= 'A' && h <= 'F' ? h - 'A' + 10
			                                   : -1;
			if (digit < 0)
				break;
			code = code * 16 + (uint32_t)digit;
		}
		if (!digits || *at >= len || line[*at] != '}' || !code || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
			return NULL;
		++*at;
		to = put_utf8(to, code);
	} else {
		return NULL;
	}
	return to;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

int
words_init(struct words *w, const char *line, size_t len, struct err *err)
{
	memset(w, 0, sizeof *w);
	size_t room = 8;
	w->word = text_alloc(room * sizeof *w->word);
	/* No escape grows, and each word needs one byte for its end. */
	char *to = w->memory = text_alloc(len * 2 + 2);
	size_t at = 0;
	w->comment = len;
	for (;;) {
		while (at < len && is_space(line[at]))
			at++;
		if (at < len && line[at] == '#')
			w->comment = at;
		if (at >= w->comment)
			return 0;
		if (w->count == room)
			w->word = text_realloc(w->word, (room *= 2) * sizeof *w->word);
		struct word *word = &w->word[w->count];
		*word = (struct word){.at = at, .text = to, .quoted = line[at] == '"'};
		if (!word->quoted) {
			while (at < len && !is_space(line[at]))
				*to++ = line[at++];
		} else {
			bool closed = false;
			for (at++; at < len && !closed;) {
				char c = line[at++];
				if (c == '"') {
					closed = true;
				} else if (c == '\\') {
					char *next = read_escape(line, len, &at, to);
					if (!next) {
						int column = (int)at;
						words_fini(w);
						return err_set(err, "column %d: no such escape (there are \\\" \\\\ \\n \\t \\r \\u{hex})",
						               column);
					}
					to = next;
				} else {
					*to++ = c;
				}
			}
			if (!closed || (at < len && !is_space(line[at]))) {
				int column = (int)(closed ? at : word->at) + 1;
				words_fini(w);
				return err_set(err,
				               closed ? "column %d: a space is missing after the quotes"
				                      : "column %d: the quotes are not closed",
				               column);
			}
		}
		*to++ = '\0';
		word->end = at;
		w->count++;
	}
}

void
words_fini(struct words *w)
{
	free(w->word);
	free(w->memory);
	memset(w, 0, sizeof *w);
}

char *
words_value(const struct word *word, size_t words)
{
	if (words > 1)
		return text_format("%s %s", word[0].text, word[1].text);
	return text_copy(word[0].text, strlen(word[0].text));
}

/* Whether a character could steer a terminal or hide: controls, bidi controls, separators of lines, zero width. */
static bool
is_unsafe(unsigned code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200b || code == 0x200e ||
	       code == 0x200f || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x2069) || code == 0xfeff;
}

char *
text_quote(const char *text)
{
	size_t len = strlen(text);
	char *quoted = text_alloc(len * 6 + 3), *to = quoted;
	*to++ = '"';
	for (size_t at = 0, n; at < len; at += n) {
		unsigned code = 0;
		char c = text[at];
		n = text_decode(text + at, len - at, &code);
		if (c == '"' || c == '\\') {
			*to++ = '\\';
			*to++ = c;
		} else if (c == '\n' || c == '\t' || c == '\r') {
			*to++ = '\\';
			*to++ = c == '\n' ? 'n' : c == '\t' ? 't' : 'r';
		} else if (n && is_unsafe(code)) {
			to += sprintf(to, "\\u{%x}", code);
		} else {
			n = n ? n : 1;
			to = mempcpy(to, text + at, n);
		}
	}
	*to++ = '"';
	*to = '\0';
	return quoted;
}

int
text_clean(struct err *err, int result)
{
	char shown[sizeof err->text];
	if (err && result)
		strcpy(err->text, text_show(err->text, shown, sizeof shown));
	return result;
}
