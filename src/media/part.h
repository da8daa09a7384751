/*
 * A file written beside its target and put in the target's place only when it is whole: a kill, a full disk or an I/O
 * error leave the old file untouched. One thread at a time for each part, never the real-time one.
 */
#ifndef MEDIA_PART_H
#define MEDIA_PART_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct part;

/*
 * Begins a file that will be called `path` (a symlink's target is replaced, not the link), `expected` bytes long as far
 * as is known (0: unknown). Removes parts that dead processes of this host left in the same folder. Returns NULL with
 * err filled when the target is not a regular file or is write-protected, the folder cannot be written or lacks room.
 */
struct part *part_open(const char *path, uint64_t expected, struct err *err);

/* Writes at the current position, through a buffer. 0, or -1: from then on every call fails in the same way. */
int part_write(struct part *part, const void *bytes, size_t n, struct err *err);

/* Overwrites n bytes at `offset`, which are already written; the current position stays. */
int part_patch(struct part *part, uint64_t offset, const void *bytes, size_t n, struct err *err);

/* For encoders that seek: the current position, the length so far, and reading back. -1 on failure. */
int part_seek(struct part *part, uint64_t offset, struct err *err);
int64_t part_read(struct part *part, void *bytes, size_t n, struct err *err);
uint64_t part_tell(const struct part *part);
uint64_t part_length(const struct part *part);

/* Writes out, syncs, renames over the target, syncs the folder and frees `part`. -1: the old file is still there. */
int part_commit(struct part *part, struct err *err);

/* Removes what was written and frees `part`, which may be NULL. */
void part_abort(struct part *part);

/* Whether the two paths are one file, or would be (the same inode, or the same place after links). */
int part_same_file(const char *a, const char *b);

#endif
