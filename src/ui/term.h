/*
 * The terminal: capabilities, size, raw mode, keys in, bytes out without ever waiting. Belongs to the UI's thread, and
 * there is one terminal.
 */
#ifndef UI_TERM_H
#define UI_TERM_H

#include "base/err.h"
#include "ui/grid.h"
#include "ui/mouse.h"

/*
 * Takes the terminal of stdin and stdout over: raw mode, alternate screen. -1 with err filled where there is none.
 * `mouse`: its mouse
 * is listened to. Signals that end the program are noted (term_ended), those that would leave the terminal broken
 * restore it first.
 */
int term_open(int mouse, struct err *err);
void term_close(void);

/* Descriptors to poll: keys to read, and room for output (while bytes wait). */
int term_in(void);
int term_out(void);

void term_size(int *rows, int *cols);
int term_resized(void);   /* whether the window changed since the last call */
int term_continued(void); /* whether the program was stopped and goes on: draw anew */
int term_stopped(void);   /* a stop was asked for; it came about, with the terminal given back, and is over */
int term_ended(void);     /* a signal asked to end, or the terminal is gone */
int term_hung_up(void);   /* the latter alone */
int term_utf8(void);
int term_colours(void); /* 0: none, or NO_COLOR is set */

/* The pen for grid_diff, and what clears the screen. */
const struct grid_pen *term_pen(void);
void term_clear(struct grid_bytes *to);
void term_bell(struct grid_bytes *to);

/* Writes as much of the bytes as goes now and drops that from them. */
void term_flush(struct grid_bytes *bytes);

/*
 * Adds a question to what goes to the terminal, which it answers when it has drawn what stands before it; 0: it is none
 * that can be asked. term_answers counts the answers since its last call; they come by term_key and are no keys.
 */
int term_ask(struct grid_bytes *to);
int term_answers(void);

/*
 * The next key: its name ("a", "Space", "C-r", "Up") in key, of 16 bytes. 1: there is one; 0: none now, and *wait is
 * the milliseconds after which to ask again, -1 for never: an Esc may yet become an arrow. What comes between
 * "Paste" and "Pasted" was pasted.
 */
int term_key(char key[16], int *wait);

/* What the mouse did, after the key "Mouse". */
struct mouse term_mouse(void);

#endif
