/* Sheets of text that lie beside a sound file: CUE, TOC, checksums. Control thread. */
#ifndef CLI_SHEETS_H
#define CLI_SHEETS_H

#include "base/err.h"

/* image.wav -> image.cue; the caller frees it. NULL: no memory. */
char *sheets_beside(const char *path, const char *ending);

/* Writes a text whole or not at all; text NULL: no memory. 0, or -1 with err filled. */
int sheets_write(const char *path, const char *text, struct err *err);

#endif
