/* Words, quotes and UTF-8 of the language's lines. Pure functions; any thread may call them. */
#ifndef SESSION_TEXT_H
#define SESSION_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* One word of a line. */
struct word {
	size_t at, end; /* the bytes it takes in the line, quotes included */
	char *text;     /* with quotes and escapes resolved */
	bool quoted;
};

/* The longest line of the language, bytes. */
enum { TEXT_LINE_MAX = 65536 };

/* A line cut into words. The memory belongs to it: words_fini. */
struct words {
	struct word *word;
	size_t count;
	size_t comment; /* where a trailing comment's # stands, or the line's length */
	char *memory;
};

/*
 * Cuts a line into words: white space parts them, "..." holds one together (with \" \\ \n \t \r \u{hex}), # before a
 * word begins a comment. Fails on an open quote, an unknown escape or something glued to a quote's end.
 */
int words_init(struct words *w, const char *line, size_t len, struct err *err);
void words_fini(struct words *w);

/* A number and its unit, which may stand apart, as one text: "-6 dB"; the caller frees it. */
char *words_value(const struct word *word, size_t words);

/* Writes text in quotes with what must be escaped, and what could steer a terminal; the caller frees it. */
char *text_quote(const char *text);

/* The place of the first byte that is not UTF-8 (or NUL), or len where all are. */
size_t text_invalid(const char *text, size_t len);

/* Whether text is an id: a letter a-z, then letters a-z, digits and -; at most 64 bytes. */
bool text_is_id(const char *text, size_t len);

/* Makes a message that may hold words of a file fit to be shown, where result is a failure; returns result. */
int text_clean(struct err *err, int result);

/* Memory that is always there: out of memory ends the program with a word, as nothing can be saved without it. */
void *text_alloc(size_t size);
void *text_realloc(void *old, size_t size);
char *text_copy(const char *text, size_t len);
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
