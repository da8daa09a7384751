/*
 * Others beside the UI who talk to a desk: the control socket's clients. desk_ear_open and desk_ear_close belong to the
 * thread that opened the desk; what an ear holds is called on the desk's thread and must not call back; the rest may be
 * called by any thread, but one at a time.
 */
#ifndef CONTROL_DESK_EAR_H
#define CONTROL_DESK_EAR_H

#include "control/desk/desk.h"
#include "engine/player.h"

/* What a desk calls. `from` is who sent the line that runs, 0 the UI or the desk itself. */
struct desk_ear {
	void *arg;
	/* What is put among the events; DESK_LINES and DESK_ERROR of an ear's line are for who sent it alone. */
	void (*said)(void *arg, int from, enum desk_event_kind kind, const char *text);
	/* A line of `from` (above 0) is done; error is NULL where it went well. */
	void (*done)(void *arg, int from, const char *error);
	/* Whether changes are to be told. */
	int (*wants)(void *arg);
	/* The session changed, whoever did it: "ADDRESS VALUE", or NULL where strips came, went or moved. */
	void (*changed)(void *arg, const char *line);
};

/* One ear at a time. */
void desk_ear_open(struct desk *d, const struct desk_ear *ear);
void desk_ear_close(struct desk *d);

/*
 * As desk_send for somebody (from > 0): a command, or lines of the language with '\n' between, which are one step of
 * undo and are done all or not at all. A last line "save" there saves the session if there was nothing to save before.
 * Refused: commands that only the desk's own user may give, and files outside of the session's folder.
 */
void desk_ear_send(struct desk *d, int from, const char *lines);

/* Whether somebody beside the UI may give this command (a name of desk_commands). */
int desk_ear_may(const char *command);

/* Whether the desk holds its session and may change it. */
int desk_ear_holds(struct desk *d);

/* Begins or ends to keep what is heard; the next piece of it: 0, or -1 where there is none yet. */
void desk_ear_listen(struct desk *d, int on);
int desk_ear_heard(struct desk *d, struct player_heard *piece);

#endif
