/*
 * The demo song: a song of our own as raw stems, synthesised on the spot, and the lines of its mix.
 * Called by the demo command, on the control thread; it computes for some seconds and writes files.
 */
#ifndef DEMO_DEMO_SONG_H
#define DEMO_DEMO_SONG_H

#include "base/err.h"

/*
 * Writes the stems (01_Kick.wav ..., 48 kHz, 24-bit, all of one length) into dir, which is made where it is missing.
 * The same bytes everywhere. A file that is there already is never touched: -1 and err names it, and what this call had
 * written is taken away again, as after any failure. progress (may be NULL) is called with arg and 0 to 1.
 */
int demo_render(const char *dir, struct err *err, void (*progress)(void *arg, double done), void *arg);

/* The k-th stem's file name, NULL past the last. */
const char *demo_stem(int k);

/*
 * The song's mix: lines of the session language for strips whose ids are those stems' names (`lead-vox`); NULL at the
 * end. To be applied in order to a session made of the folder.
 */
extern const char *const demo_lines[];

#endif
