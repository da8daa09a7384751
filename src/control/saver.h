/*
 * The thread that writes the journal: what the control thread hands over is in the file at once and on the disk within
 * two seconds, however slow the disk is, and nobody waits for it. The control thread makes, feeds and frees it.
 */
#ifndef CONTROL_SAVER_H
#define CONTROL_SAVER_H

#include <stddef.h>

struct saver;

/* Called from the saver's thread, once when writing fails and once when it works again. */
typedef void (*saver_tell)(void *user, int failed, const char *text);

/* For the session at `path`; NULL where there is no memory or thread. */
struct saver *saver_new(const char *path, saver_tell tell, void *user);

/* The journal's whole text from now on; `there`: the file holds it already. base (or NULL): what it begins with, where
 * that is in no file. */
void saver_begin(struct saver *s, const char *text, size_t len, int there, const char *base, size_t base_len);

/* More at its end. */
void saver_add(struct saver *s, const char *text, size_t len);

/* Where the user is: replaces what was there; "" removes it. */
void saver_state(struct saver *s, const char *text);

/* How long the session was listened to; stays when the rest goes. */
void saver_listened(struct saver *s, const char *text);

/* Waits until all that was handed over is written, at most so long. -1: it is not. */
int saver_drain(struct saver *s, int ms);

/* Writes what there is (for at most a second) and ends. With `done` all is saved: journal and state go. */
void saver_free(struct saver *s, int done);

#endif
