/*
 * The stems of a session as files: found beside the session, probed, converted once where their rate differs, and
 * opened for a graph that may wait for the disk. Control thread; the sources are read by the thread that renders, and
 * stem_... may be called by any thread that may wait.
 */
#ifndef ENGINE_STEMS_H
#define ENGINE_STEMS_H

#include "engine/source.h"
#include "media/import.h"
#include "session/session.h"

struct stems;

/* Called while a stem is converted, first with 0: which one, bytes that its copy takes, and how far (0 to 1). */
typedef void stems_progress(void *arg, const char *file, int64_t bytes, double done);

/* Stems of the session at `path` (NULL: relative to the working directory). skip_bad: a damaged stem is silent. */
struct stems *stems_new(struct session *session, const char *path, int skip_bad, stems_progress *progress, void *arg);
void stems_free(struct stems *s);

/* An opener for graph_new: sources that read files. */
struct source_opener stems_opener(struct stems *s);

/*
 * For those who read stems in their own way: the reader of a stem at the song's rate (NULL: skipped, silent). 0, or -1
 * with err filled. stems_close keeps what went wrong as warnings.
 */
struct media_reader;
int stems_reader(struct stems *s, const char *file, struct media_reader **reader, struct err *err);
/* What comes of a stem that cannot be opened: 0, it is left out, and that is a warning; or -1 with err filled. */
int stems_skip(struct stems *s, const struct err *why, struct err *err);
void stems_close(struct stems *s, const char *file, struct media_reader *reader);
void stems_tell_bad(struct stems *s, const char *file, int64_t bad);

/*
 * The reader of the file at a path, at a rate: 0; 1 where it must be converted first, to so many bytes; -1 with err.
 * stem_convert does that; stem_read does whichever is needed. They return NULL with err where that fails.
 */
int stem_find(const char *path, int rate, struct media_reader **reader, int64_t *bytes, struct err *err);
struct media_reader *stem_convert(const char *path, int rate, import_progress *progress, void *arg, struct err *err);
struct media_reader *stem_read(const char *path, int rate, struct err *err);

/* The k-th sentence about a stem that is told but does not stop the work (skipped, samples made silent), or NULL. */
const char *stems_warning(const struct stems *s, size_t k);

/* Why a stem that is closed by now could not be read to its end, or NULL; with skip_bad that is a warning instead. */
const char *stems_broken(const struct stems *s);

/* The file a session's name of a stem means; the caller frees it. */
char *stems_path(const struct stems *s, const char *file);

#endif
