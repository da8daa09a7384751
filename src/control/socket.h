/*
 * The control socket of an open desk: a thread of its own that takes lines from up to eight clients of the same user
 * and gives them answers, events, meters and sound. socket_open and socket_close belong to the thread that opened the
 * desk, which stays open between them.
 *
 * A client reads "stemdesk 1" and then sends lines of at most 4 KiB; each is answered by "value LINE" (what was asked
 * for) and "say WORDS" (what changed), any number of them, and then by "ok" or "error SENTENCE". Lines are those of the
 * language, commands of the desk (control/desk/ear.h says which), and
 *   begin, commit [save]    what stands between is done together or not at all
 *   watch [events] [meters] | watch off
 *                           from now on: "change N ADDRESS VALUE", "structure N", "event N WORDS" with N counting up;
 *                           ten times a second "meters N FRAME playing|stopped" and "meter ADDRESS L R REDUCTION" in dB
 *   listen                  answered by "ok RATE"; then the connection gives struct player_heard, piece by piece
 * A client that does not read is dropped, one that listens misses pieces.
 */
#ifndef CONTROL_SOCKET_H
#define CONTROL_SOCKET_H

#include "control/desk/desk.h"

#define SOCKET_CLIENTS 8
#define SOCKET_LINE 4096 /* bytes, with the newline */

struct socket_server;

/* Opens the socket of the session at `path`, there while the desk holds it. NULL with err filled: the desk does
 * without. */
struct socket_server *socket_open(struct desk *d, const char *path, struct err *err);
void socket_close(struct socket_server *s);

#endif
