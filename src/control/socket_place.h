/*
 * Where the control sockets of open sessions lie: "$XDG_RUNTIME_DIR/stemdesk/", a folder that is its owner's alone,
 * with one socket a session, called by a hash of the session's path. Any thread.
 */
#ifndef CONTROL_SOCKET_PLACE_H
#define CONTROL_SOCKET_PLACE_H

#include "base/err.h"

/* A socket that this process listens on. */
struct socket_place {
	int folder, lock; /* descriptors; lock: held as long as the socket is ours */
	int fd;           /* listens, without blocking */
	char name[32];
};

/*
 * Listens for a session; what a dead process left there is replaced. 0; 1 where a living process listens for it
 * already; -1 with err filled where the folder is not to be trusted or cannot be made.
 */
int socket_place_listen(struct socket_place *place, const char *session_path, struct err *err);

/* Takes the socket away and closes all; of a place that was never opened (all zeros) nothing. */
void socket_place_close(struct socket_place *place);

/* Connects to who listens for a session: a descriptor that blocks, or -1 where nobody does (or the folder is bad). */
int socket_place_connect(const char *session_path);

#endif
