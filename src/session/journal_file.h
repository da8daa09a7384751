/*
 * The journal's file: kept as the bytes that it is given, whatever the disk does meanwhile, and the small file that
 * says where the user was. One thread at a time: the saver's.
 */
#ifndef SESSION_JOURNAL_FILE_H
#define SESSION_JOURNAL_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct journal_file;

/* For the session at `path`; opens nothing yet. */
struct journal_file *journal_file_new(const char *path);
void journal_file_free(struct journal_file *f);

/* The file's whole content from now on; `there`: it holds just that already. */
void journal_file_begin(struct journal_file *f, const char *text, size_t len, bool there);

/* The text of a session that is in no file yet, kept as an earlier copy before the journal that needs it. */
void journal_file_base(struct journal_file *f, const char *text, size_t len);

/* More at its end. */
void journal_file_add(struct journal_file *f, const char *text, size_t len);

/*
 * Brings the file up to date. A content that was begun takes the old one's place at once and whole; one that has no
 * edits is not written where there is no file. What fails is taken back and done again by the next call.
 */
int journal_file_write(struct journal_file *f, struct err *err);

/* Whether what was written is not known to be on the disk; puts it there. */
bool journal_file_unsynced(const struct journal_file *f);
int journal_file_sync(struct journal_file *f, struct err *err);

/* Removes the file: all that it tells is saved. */
void journal_file_remove(struct journal_file *f);

/* Writes a small file beside it ("state", "listened") whole, or removes it (NULL). It may be lost with the power. */
void journal_file_small(struct journal_file *f, const char *name, const char *text);

/* Reads such a file of the session at `path`; NULL where there is none. The caller frees it. */
char *journal_file_read_small(const char *path, const char *name);

#endif
