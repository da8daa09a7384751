/*
 * The folder beside a session (".song.desk.d" for song.desk): lock and earlier copies, in which nothing of the song
 * itself stands, so that git can ignore it. Control thread.
 */
#ifndef SESSION_FOLDER_H
#define SESSION_FOLDER_H

#include <stddef.h>

#include "base/err.h"

/* Where a session lies, with symbolic links followed to the end. */
struct folder {
	int dir;    /* the session's own directory */
	int beside; /* the folder beside it, -1 where there is none and none was to be made */
	char *base; /* the session's name in dir */
	char *path; /* the session, links followed */
};

/* Opens both; `make` makes the folder beside where there is none. */
int folder_open(struct folder *f, const char *path, int make, struct err *err);
void folder_close(struct folder *f);

/* Writes a file whole: as a new one beside, on the disk, then in place of the old. mode 0 is the usual. */
int folder_write(const struct folder *f, int dir, const char *name, const char *text, size_t len, unsigned mode);

/* Reads a regular file of at most `limit` bytes; NULL with errno set (EFBIG, EINVAL) otherwise. The caller frees it. */
char *folder_read(int dir, const char *name, size_t limit, size_t *len);

#endif
