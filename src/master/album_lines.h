/* Lines put into an album's text, the rest of which stays as it is, comments and order too. Control thread. */
#ifndef MASTER_ALBUM_LINES_H
#define MASTER_ALBUM_LINES_H

#include "base/err.h"

/*
 * The text with a line `ADDRESS VALUE`, of that variant or (NULL) of all: in place of the line that held there, else
 * behind the last of the same song, else at the end. Takes the text and returns the new one, which the caller frees;
 * NULL: the text could not be cut into words, err is filled and the text is gone.
 */
char *album_lines_put(char *text, const char *variant, const char *line, struct err *err);

#endif
