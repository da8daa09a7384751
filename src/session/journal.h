/*
 * The crash journal: each edit of a session as a line of text, and what brings them back. Control thread; the bytes it
 * gives out are put into the file by whoever saves (session/journal_file.h).
 *
 * The file ".song.desk.d/journal" is text. Each line reads `CRC NUMBER[+] TIME LINE`: the CRC-32 of all that follows it
 * and of the CRC before it, a number that counts from 0, UTC, and a line of the language; + joins it to the undo step
 * before (solo has it too, and belongs to none). Line 0 reads `journal 1 HASH`: the SHA-256 of the session file that
 * the edits belong to. Beside edits there are `select ADDRESS...` (what @ stands for from here on), `undo` and `redo`,
 * and, where an undo goes back to before the last save, `lines AT GONE NEW` with NEW lines `| TEXT`: what it did to the
 * lines of the file.
 */
#ifndef SESSION_JOURNAL_H
#define SESSION_JOURNAL_H

#include "session/session.h"

struct journal;

/* What to do with bytes: add them behind what is in the file, or begin the file anew with them. */
enum journal_how { JOURNAL_ADD, JOURNAL_ANEW };
typedef void (*journal_put)(void *user, enum journal_how how, const char *text, size_t len);

/* What came back from the last time. Names of files are in the folder beside. */
struct journal_back {
	size_t edits;   /* that were done again, undo and redo counted too */
	char when[20];  /* local time of the last: "2026-11-22 19:50" */
	bool damaged;   /* the file was damaged behind them */
	bool other;     /* the file belongs to another version of the session */
	bool whole;     /* the file holds just what journal_text says, and can be added to */
	char aside[80]; /* name under which the file is kept, "" where it was not laid aside */
};

/* Follows the session's edits from now on, by session_on_edit. The session must be as its file is, or new. */
struct journal *journal_new(struct session *s);
void journal_free(struct journal *j);

/*
 * Does again what the journal of the session at `path` tells, as far as it is undamaged, with its undo steps. Never
 * deletes: what is damaged or belongs to another version is renamed. The caller holds the lock.
 */
void journal_recover(struct journal *j, const char *path, struct journal_back *back);

/* A session that was never saved but has a journal, as it was before its edits; NULL where there is none. */
struct session *journal_unsaved(const char *path);

/* Whether the session at `path` has a journal with edits, to be told before its file changes without them. */
bool journal_waits(const char *path);

/* The journal so far, until it is followed; good until the next edit. */
const char *journal_text(const struct journal *j, size_t *len);

/* The text that the journal begins with where it is in no file yet, else NULL. */
const char *journal_base(const struct journal *j, size_t *len);

/* Gives out bytes from now on, and keeps none: what there is so far must have been taken. */
void journal_follow(struct journal *j, journal_put put, void *user);

/* After the session was saved: begins anew. */
void journal_saved(struct journal *j);

/* Undo steps, and steps to do again, that the journal knows. */
size_t journal_steps(const struct journal *j, size_t *redos);

/* Renames the journal of the session at `path` to "journal-WHY-TIME" (`aside`, 80 bytes). */
int journal_lay_aside(const char *path, const char *why, char *aside, struct err *err);

#endif
