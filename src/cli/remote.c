#include "cli/remote.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "control/socket.h"
#include "control/socket_place.h"

#define PATIENCE_SECONDS 30 /* for an answer: the desk may be reading stems */

struct remote {
	int fd;
	FILE *in;
	char *line; /* the last one read, without its end */
	size_t room;
	char ok[64];
	int patient; /* waits without end */
};

static int
read_line(struct remote *r)
{
	ssize_t n = getline(&r->line, &r->room, r->in);
	if (n <= 0 || r->line[n - 1] != '\n')
		return -1;
	r->line[n - 1] = '\0';
	return 0;
}

struct remote *
remote_open(const char *path, struct err *err)
{
	const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
	int fd = socket_place_connect(path);
	err->text[0] = '\0';
	if (fd < 0)
		return NULL;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	struct remote *r = calloc(1, sizeof *r);
	if (r)
		*r = (struct remote){.fd = fd, .in = fdopen(fd, "r")};
	if (!r || !r->in) {
		free(r);
		close(fd);
		return err_set(err, "not enough memory to talk to the desk"), NULL;
	}
	if (read_line(r) || strcmp(r->line, "stemdesk 1") != 0) {
		if (r->line && !strncmp(r->line, "error ", 6))
			err_set(err, "%s: the desk that has it open takes nobody more: %s", path, r->line + 6);
		else
			err_set(err, "%s: the desk that has it open does not answer", path);
		remote_close(r);
		return NULL;
	}
	return r;
}

void
remote_close(struct remote *r)
{
	if (!r)
		return;
	fclose(r->in);
	free(r->line);
	free(r);
}

static int
send_line(struct remote *r, const char *line, struct err *err)
{
	char whole[SOCKET_LINE];
	size_t size = strlen(line);
	if (size >= sizeof whole || memchr(line, '\n', size))
		return err_set(err, "a line to a running desk is one line of at most %d bytes", SOCKET_LINE - 1);
	memcpy(whole, line, size);
	whole[size++] = '\n';
	for (size_t at = 0; at < size;) {
		ssize_t n = send(r->fd, whole + at, size - at, MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR)
			return err_set(err, "the desk is gone: %s", strerror(errno));
		at += n < 0 ? 0 : (size_t)n;
	}
	return 0;
}

int
remote_ask(struct remote *r, const char *line, void (*each)(void *user, const char *kind, const char *text), void *user,
           struct err *err)
{
	if (send_line(r, line, err))
		return -1;
	while (read_line(r) == 0) {
		char *text = strchr(r->line, ' ');
		if (text)
			*text++ = '\0';
		if (!strcmp(r->line, "ok")) {
			snprintf(r->ok, sizeof r->ok, "%s", text ? text : "");
			return 0;
		}
		if (!strcmp(r->line, "error"))
			return err_set(err, "%s", text ? text : "refused");
		if (each)
			each(user, r->line, text ? text : "");
	}
	return err_set(err, "the desk went away before it answered");
}

const char *
remote_ok(const struct remote *r)
{
	return r->ok;
}

int
remote_read(struct remote *r, void *data, size_t size)
{
	if (!r->patient) {
		/* sound stands still as long as the desk's device does */
		setsockopt(r->fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){0}, sizeof(struct timeval));
		r->patient = 1;
	}
	return fread(data, 1, size, r->in) == size ? 0 : -1;
}
