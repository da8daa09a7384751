/* What commands open: sessions, folders of stems, stems, mixes given as files. Control thread. */
#ifndef CLI_OPENING_H
#define CLI_OPENING_H

#include "cli/cli.h"
#include "engine/stems.h"
#include "media/scan.h"
#include "session/session.h"

int opening_is_folder(const char *path);
/* Whether a path names a session rather than a sound file or a folder. */
int opening_is_session(const char *path);

/* FOLDER/NAME.desk of a folder; the caller frees it. */
char *opening_session_path(const char *folder);
/*
 * The session of a folder: FOLDER/NAME.desk, else the only one that lies there, else where FOLDER/NAME.desk will be.
 * The caller frees it. NULL: err is filled.
 */
char *opening_folder(const char *folder, struct err *err);

/* Loads a session as --lenient says, of the first word the copy that --copy names; its warnings go to stderr. */
struct session *opening_session(const struct cli *cli, const char *path, struct err *err);

/* Its stems as --skip-bad says, with a bar while they are converted. NULL: no memory. */
struct stems *opening_stems(const struct cli *cli, struct session *session, const char *path);

/* A session of a folder (one path) or of stems, to lie at session_path; rate 0: the stems'. NULL: err is filled. */
struct session *opening_make(const struct cli *cli, char *const *paths, int count, const char *session_path,
                             double rate, struct err *err);

/* Says what a scan left out, and which files are unfinished. */
void opening_tell_refused(const struct cli *cli, const struct scan *scan);

/* Says which stems have changed, and with `gone` which cannot be read. */
void opening_check_stems(const struct cli *cli, struct session *session, const char *path, int gone);

/*
 * A session, or a mix given as a file as a session of one strip, so that it goes through the same chain; and its stems.
 * NULL with err filled (stems: no memory).
 */
struct session *opening_song(const struct cli *cli, const char *path, struct err *err);
struct stems *opening_song_stems(const struct cli *cli, struct session *session, const char *path);

/* Gives the path of each file that the session's strips play. */
void opening_each_file(struct session *session, struct stems *stems, void (*each)(void *arg, const char *path),
                       void *arg);

/* A strip of one channel, the session's first, plays it at its own level on both sides, whatever the strips' pan law.
 */
int opening_unity(struct session *session, struct err *err);

#endif
