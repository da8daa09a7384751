/* The other end of the control socket (control/socket.h): who talks to a desk that has a session open. Any one thread.
 */
#ifndef CLI_REMOTE_H
#define CLI_REMOTE_H

#include <stddef.h>

#include "base/err.h"

struct remote;

/* Connects to the desk that has the session at `path` open. NULL with err filled; err->text is "" where there is none.
 */
struct remote *remote_open(const char *path, struct err *err);
void remote_close(struct remote *r);

/*
 * Sends a line and waits for its answer: 0, or -1 with err filled. `each` (may be NULL) gets every line before the
 * last: kind is "value" or "say".
 */
int remote_ask(struct remote *r, const char *line, void (*each)(void *user, const char *kind, const char *text),
               void *user, struct err *err);

/* What stood behind "ok" in the last answer. */
const char *remote_ok(const struct remote *r);

/* Reads bytes that follow an answer, after `listen`: 0, or -1 at the end. */
int remote_read(struct remote *r, void *data, size_t size);

#endif
