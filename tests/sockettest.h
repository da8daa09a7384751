/* A desk with the clock device and its control socket, and a client that says lines. Test programs only. */
#ifndef SOCKETTEST_H
#define SOCKETTEST_H

#include "bouncetest.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "control/desk/desk.h"
#include "control/socket.h"
#include "control/socket_place.h"

#define RATE 96000
#define FRAMES (RATE * 5 / 2)

#define SONG                                                                                                           \
	"stemdesk 1\nsong/rate 96000\nstrip/a/name A\nstrip/a/region/r1/file a.wav\nstrip/a/comp/on on\n"                  \
	"strip/b/name B\nstrip/b/region/r1/file b.wav\nstrip/b/pan L30\nstrip/b/fader -3\n"

static struct desk *desk;
static struct socket_server *server;
static char runtime[80];

static inline double
noise(int64_t t, int c)
{
	uint64_t state = (uint64_t)(2 * t + c + 1) * 0x9e3779b97f4a7c15u;
	return 0.25 * test_random(&state) + 0.01;
}

static inline void
begin(void)
{
	test_begin();
	snprintf(runtime, sizeof runtime, "%s/run", test_home);
	ck_assert_int_eq(mkdir(runtime, 0700), 0);
	setenv("XDG_RUNTIME_DIR", runtime, 1);
}

static inline void
open_desk(int64_t frames)
{
	struct err err;
	begin();
	make_sound("a.wav", 2, RATE, frames, noise, 0);
	make_sound("b.wav", 1, RATE, frames, noise, 0);
	write_text("song.desk", SONG);
	struct session *s = session_load("song.desk", 0, &err);
	ck_assert_msg(s != NULL, "%s", err.text);
	desk = desk_open(s, "song.desk", &(struct desk_options){.device = "null", .monitor = "0"}, &err);
	ck_assert_msg(desk != NULL, "%s", err.text);
	server = socket_open(desk, "song.desk", &err);
	ck_assert_msg(server != NULL, "%s", err.text);
}

static inline void
close_desk(void)
{
	socket_close(server);
	desk_close(desk);
	test_end();
}

/* A client that waits at most 20 seconds for anything. */
static inline int
come(void)
{
	int fd = socket_place_connect("song.desk");
	ck_assert_int_ge(fd, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_sec = 20}, sizeof(struct timeval));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){.tv_sec = 20}, sizeof(struct timeval));
	return fd;
}

/* The next line, without its end; NULL: the other side closed. */
static inline const char *
hear(int fd)
{
	static char line[65536];
	size_t n = 0;
	for (char c; n < sizeof line - 1; line[n++] = c) {
		ssize_t got = recv(fd, &c, 1, 0);
		ck_assert_msg(got >= 0 || errno == ECONNRESET, "no answer");
		if (got <= 0)
			return NULL;
		if (c == '\n')
			break;
	}
	line[n] = '\0';
	return line;
}

static inline void
hear_begin(int fd, const char *begin_with)
{
	const char *line = hear(fd);
	ck_assert_msg(line && !strncmp(line, begin_with, strlen(begin_with)), "\"%s\" does not begin with \"%s\"",
	              line ? line : "(closed)", begin_with);
}

static inline void
put(int fd, const char *bytes, size_t n)
{
	ck_assert_int_eq(send(fd, bytes, n, MSG_NOSIGNAL), (ssize_t)n);
}

static inline void
say(int fd, const char *line)
{
	put(fd, line, strlen(line));
	put(fd, "\n", 1);
}

/* Says a line; its last answer begins so. */
static inline void
ask(int fd, const char *line, const char *answer)
{
	say(fd, line);
	const char *got;
	do {
		got = hear(fd);
		ck_assert_msg(got != NULL, "closed after \"%s\"", line);
	} while (!strncmp(got, "value ", 6) || !strncmp(got, "say ", 4));
	ck_assert_msg(!strncmp(got, answer, strlen(answer)), "\"%s\" is answered by \"%s\"", line, got);
}

static inline int
enter(void)
{
	int fd = come();
	ck_assert_str_eq(hear(fd), "stemdesk 1");
	return fd;
}

#endif
