/* Text from files made fit to be shown: names and metadata reach a terminal or a message only through here. Any thread.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stddef.h>

/*
 * Writes raw (NUL-terminated bytes from anywhere) into out (size bytes, at least 1) with everything that could steer a
 * terminal or hide made visible: controls as ^X, bytes that are not UTF-8 as \x9b, bidi controls, zero-width and other
 * unseen characters as <U+202E>. Cuts at a whole piece where out is too small; out is always terminated. Returns out.
 */
char *text_show(const char *raw, char *out, size_t size);

/*
 * Reads one character of valid UTF-8 (no overlong forms, no surrogates, at most U+10FFFF) from s, which has n bytes.
 * Returns its length in bytes and stores its code in *code, or 0 where the bytes are not UTF-8 or n is 0.
 */
size_t text_decode(const char *s, size_t n, unsigned *code);

#endif
