/*
 * What a bounce says of itself: the coding history that names the session it was made of. Any thread but the real-time
 * one; no state.
 */
#ifndef MEDIA_HISTORY_H
#define MEDIA_HISTORY_H

#include "base/err.h"

struct history {
	char maker[64];    /* "stemdesk 0.1.0"; show it through text_show() only */
	char session[65];  /* SHA-256 of the session, 64 hex digits */
	char variant[129]; /* name of the variant, "" for none; show it through text_show() only */
};

/*
 * Reads the history of the sound file at path. It is plain text in every format that is written here (BWF coding
 * history, FLAC and Ogg comments, ID3), and other tools carry it over when they convert, so it is searched for in the
 * first and the last megabyte of the file and no decoder is asked. -1 where the file cannot be read or has none; err
 * says "PATH: reason".
 */
int history_read(const char *path, struct history *history, struct err *err);

#endif
