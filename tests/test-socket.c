/* The control socket of a desk with the clock device: who may come in, what is answered, what a bad client can do. */
#include "bouncetest.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>

#include "control/desk/desk.h"
#include "control/desk/ear.h"
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

static double
noise(int64_t t, int c)
{
	uint64_t state = (uint64_t)(2 * t + c + 1) * 0x9e3779b97f4a7c15u;
	return 0.25 * test_random(&state) + 0.01;
}

static void
begin(void)
{
	test_begin();
	snprintf(runtime, sizeof runtime, "%s/run", test_home);
	ck_assert_int_eq(mkdir(runtime, 0700), 0);
	setenv("XDG_RUNTIME_DIR", runtime, 1);
}

static void
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

static void
close_desk(void)
{
	socket_close(server);
	desk_close(desk);
	test_end();
}

/* A client that waits at most five seconds for anything. */
static int
come(void)
{
	int fd = socket_place_connect("song.desk");
	ck_assert_int_ge(fd, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_sec = 5}, sizeof(struct timeval));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){.tv_sec = 5}, sizeof(struct timeval));
	return fd;
}

/* The next line, without its end; NULL: the other side closed. */
static const char *
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

static void
hear_begin(int fd, const char *begin_with)
{
	const char *line = hear(fd);
	ck_assert_msg(line && !strncmp(line, begin_with, strlen(begin_with)), "\"%s\" does not begin with \"%s\"",
	              line ? line : "(closed)", begin_with);
}

static void
put(int fd, const char *bytes, size_t n)
{
	ck_assert_int_eq(send(fd, bytes, n, MSG_NOSIGNAL), (ssize_t)n);
}

static void
say(int fd, const char *line)
{
	put(fd, line, strlen(line));
	put(fd, "\n", 1);
}

/* Says a line; its last answer begins so. */
static void
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

static int
enter(void)
{
	int fd = come();
	ck_assert_str_eq(hear(fd), "stemdesk 1");
	return fd;
}

static int
mode_of(const char *path)
{
	struct stat st;
	ck_assert_msg(lstat(path, &st) == 0, "%s", path);
	return st.st_mode & 0777;
}

START_TEST(test_place)
{
	struct socket_place place, other;
	struct err err;
	char path[512], file[600], there[128];
	begin();
	write_text("song.desk", SONG);
	umask(0);
	ck_assert_int_eq(socket_place_listen(&place, "song.desk", &err), 0);
	snprintf(path, sizeof path, "%s/stemdesk", runtime);
	ck_assert_int_eq(mode_of(path), 0700);
	snprintf(file, sizeof file, "%s/%s", path, place.name);
	ck_assert_int_eq(mode_of(file), 0600);
	ck_assert_int_eq(socket_place_listen(&other, "song.desk", &err), 1); /* a living one is let alone */
	/* the name is that of the file, whatever the way to it */
	ck_assert_int_eq(symlink("song.desk", "link.desk"), 0);
	ck_assert_int_eq(mkdir("sub", 0700), 0);
	int fd = socket_place_connect("sub/../link.desk");
	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_int_lt(socket_place_connect("other.desk"), 0);
	socket_place_close(&place);
	ck_assert_int_ne(access(file, F_OK), 0);
	ck_assert_int_eq(rmdir(path), 0); /* nothing is left */
	ck_assert_int_lt(socket_place_connect("song.desk"), 0);
	/* a folder that others can read, or that is a link to elsewhere, is not ours */
	snprintf(there, sizeof there, "/tmp/stemdesk-%u", (unsigned)geteuid());
	for (int k = 0; k < 2; k++) {
		ck_assert_int_eq(k ? symlink(test_home, path) : mkdir(path, 0755), 0);
		ck_assert_int_eq(socket_place_listen(&place, "song.desk", &err), 0);
		ck_assert_int_eq(mode_of(there), 0700);
		snprintf(file, sizeof file, "%s/%s", there, place.name);
		ck_assert_int_eq(access(file, F_OK), 0);
		fd = socket_place_connect("song.desk");
		ck_assert_int_ge(fd, 0);
		close(fd);
		socket_place_close(&place);
		ck_assert_int_eq(k ? unlink(path) : rmdir(path), 0);
	}
	test_end();
}
END_TEST

/* What a killed desk leaves is taken over. */
START_TEST(test_stale)
{
	struct socket_place place;
	struct err err;
	int ready[2];
	begin();
	write_text("song.desk", SONG);
	ck_assert_int_eq(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0) {
		int status = socket_place_listen(&place, "song.desk", &err);
		if (write(ready[1], &status, sizeof status) > 0)
			pause();
		_exit(1);
	}
	int status = -1;
	ck_assert_int_eq(read(ready[0], &status, sizeof status), sizeof status);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(socket_place_listen(&place, "song.desk", &err), 1);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	ck_assert_int_lt(socket_place_connect("song.desk"), 0);
	ck_assert_int_eq(socket_place_listen(&place, "song.desk", &err), 0);
	int fd = socket_place_connect("song.desk");
	ck_assert_int_ge(fd, 0);
	close(fd);
	socket_place_close(&place);
	test_end();
}
END_TEST

START_TEST(test_lines)
{
	char line[2 * SOCKET_LINE];
	open_desk(RATE / 10);
	int fd = enter();
	say(fd, "strip/a/fader -6.5");
	ck_assert_str_eq(hear(fd), "say 1 A fader -6.5 dB (was 0.0 dB)");
	ck_assert_str_eq(hear(fd), "ok");
	say(fd, "get strip/a/fader\r");
	ck_assert_str_eq(hear(fd), "value strip/a/fader -6.5");
	ck_assert_str_eq(hear(fd), "ok");
	say(fd, "strip/a/fader 700");
	hear_begin(fd, "error ");
	say(fd, "undo");
	ck_assert_str_eq(hear(fd), "say undone: 1 A fader 0.0 dB (was -6.5 dB)");
	ck_assert_str_eq(hear(fd), "ok");
	ask(fd, "frobnicate", "error ");
	ask(fd, "", "ok");
	ask(fd, "# a remark", "ok");
	/* in pieces, and many at once: answered in their order */
	put(fd, "get strip/a", 11);
	poll(NULL, 0, 30);
	put(fd, "/trim\nget strip/b/solo\nnonsense\nget strip/b/fader\n", 50);
	ck_assert_str_eq(hear(fd), "value strip/a/trim 0");
	ck_assert_str_eq(hear(fd), "ok");
	ck_assert_str_eq(hear(fd), "value strip/b/solo off");
	ck_assert_str_eq(hear(fd), "ok");
	hear_begin(fd, "error ");
	ck_assert_str_eq(hear(fd), "value strip/b/fader -3");
	ck_assert_str_eq(hear(fd), "ok");
	/* the longest line, 4096 bytes with its end */
	int n = snprintf(line, sizeof line, "song/brief \"");
	memset(line + n, 'x', sizeof line - (size_t)n);
	memcpy(line + SOCKET_LINE - 2, "\"\n", 3);
	put(fd, line, SOCKET_LINE);
	hear_begin(fd, "say ");
	ck_assert_str_eq(hear(fd), "ok");
	/* it comes back whole */
	say(fd, "get song/brief");
	const char *back = hear(fd);
	ck_assert_uint_eq(strlen(back), 6 + SOCKET_LINE - 1);
	ck_assert_int_eq(strncmp(back + 6, line, SOCKET_LINE - 1), 0);
	ck_assert_str_eq(hear(fd), "ok");
	/* the last line needs no end, and who does not wait for an answer is heard too */
	put(fd, "strip/b/mute on", 15);
	ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
	hear_begin(fd, "say 2 B mute on");
	ck_assert_str_eq(hear(fd), "ok");
	ck_assert_ptr_null(hear(fd));
	close(fd);
	fd = enter();
	say(fd, "# one\nstrip/b/mute off\nstrip/b/solo on");
	close(fd);
	struct desk_view *view = calloc(1, sizeof *view);
	for (int turns = 0; !view->strip[1].solo || view->strip[1].mute; desk_view(desk, view)) {
		ck_assert_int_lt(turns++, 500);
		poll(NULL, 0, 10);
	}
	free(view);
	close_desk();
}
END_TEST

/* One byte too many, controls, bytes that are no UTF-8, NUL: told, and shown out; others do not notice. */
START_TEST(test_garbage)
{
	static const struct {
		const char *bytes;
		size_t n;
	} bad[] = {{"\xff\xfe\n", 3}, {"strip/a\0/mute on\n", 17}, {"\x1b[2J\n", 5}, {"\xc0\xaf\n", 3}, {"\n\x7f\n", 3}};
	char line[SOCKET_LINE];
	uint64_t state = 1;
	open_desk(RATE / 10);
	int other = enter();
	for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
		int fd = enter();
		put(fd, bad[k].bytes, bad[k].n);
		const char *answer = hear(fd);
		if (*bad[k].bytes == '\n') {
			ck_assert_str_eq(answer, "ok");
			answer = hear(fd);
		}
		ck_assert_msg(answer && !strncmp(answer, "error ", 6), "%zu: %s", k, answer ? answer : "(closed)");
		ck_assert_ptr_null(hear(fd));
		close(fd);
	}
	int fd = enter();
	memset(line, 'x', sizeof line);
	put(fd, line, sizeof line);
	hear_begin(fd, "error a line");
	ck_assert_ptr_null(hear(fd));
	close(fd);
	for (int turn = 0; turn < 200; turn++) {
		fd = come();
		for (size_t k = 0; k < sizeof line; k++)
			line[k] = (char)(int)(test_random(&state) * 128);
		(void)!send(fd, line, (size_t)(1000 + turn), MSG_NOSIGNAL);
		close(fd);
	}
	ask(other, "get strip/b/fader", "ok");
	close(other);
	close_desk();
}
END_TEST

START_TEST(test_clients)
{
	int fd[SOCKET_CLIENTS];
	open_desk(RATE / 10);
	for (int k = 0; k < SOCKET_CLIENTS; k++)
		fd[k] = enter();
	for (int turn = 0; turn < 3; turn++) {
		int more = come();
		hear_begin(more, "error ");
		ck_assert_ptr_null(hear(more));
		close(more);
	}
	for (int k = 0; k < SOCKET_CLIENTS; k++)
		ask(fd[k], "strip/a/fader += 0.5", "ok");
	say(fd[7], "get strip/a/fader");
	ck_assert_str_eq(hear(fd[7]), "value strip/a/fader 4");
	close(fd[3]);
	for (int turns = 0;; turns++) {
		/* that it went is noticed by a thread */
		fd[3] = come();
		if (!strcmp(hear(fd[3]), "stemdesk 1"))
			break;
		ck_assert_int_lt(turns, 500);
		close(fd[3]);
		poll(NULL, 0, 10);
	}
	ask(fd[3], "get strip/a/fader", "ok");
	for (int k = 0; k < SOCKET_CLIENTS; k++)
		close(fd[k]);
	close_desk();
}
END_TEST

static double
now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Who watches and does not read is dropped; the others are answered as before. */
START_TEST(test_slow)
{
	char line[SOCKET_LINE];
	double longest = 0;
	open_desk(RATE / 10);
	int slow = enter(), quick = enter();
	setsockopt(slow, SOL_SOCKET, SO_RCVBUF, &(int){4096}, sizeof(int));
	ask(slow, "watch events", "ok");
	for (int turn = 0; turn < 1200; turn++) {
		snprintf(line, sizeof line, "song/brief \"%d%03800d\"", turn, 0);
		double began = now();
		ask(quick, line, "ok");
		longest = fmax(longest, now() - began);
	}
	ck_assert_double_lt(longest, 1);
	/* what was on its way can still be read: by far not all, then comes the end */
	size_t got = 0;
	ssize_t n;
	while ((n = recv(slow, line, sizeof line, 0)) > 0)
		got += (size_t)n;
	ck_assert_msg(n == 0 || errno == ECONNRESET, "it is not closed");
	ck_assert_uint_lt(got, 1200 * 3800);
	close(slow);
	/* who asks for more than it reads is not heard until it reads, and loses nothing */
	slow = enter();
	for (int turn = 0; turn < 200; turn++)
		say(slow, "get song/brief");
	ask(quick, "get strip/a/fader", "ok");
	for (int turn = 0; turn < 200; turn++) {
		hear_begin(slow, "value song/brief");
		ck_assert_str_eq(hear(slow), "ok");
	}
	close(slow);
	close(quick);
	close_desk();
}
END_TEST

/* Where the folder's rights do not keep another user out, the socket does. */
START_TEST(test_other_user)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char folder[100];
	if (geteuid() != 0)
		return; /* only root can become another user */
	open_desk(RATE / 10);
	snprintf(folder, sizeof folder, "%s/stemdesk", runtime);
	ck_assert_int_eq(run("cd %s && ls | grep -v lock", folder), 0);
	snprintf(address.sun_path, sizeof address.sun_path, "%.80s/%.*s", folder, 24, read_text("out"));
	for (int open = 0; open < 2; open++) {
		if (open)
			ck_assert_int_eq(run("chmod 777 %s %s %s %s", test_home, runtime, folder, address.sun_path), 0);
		pid_t child = fork();
		if (child == 0) {
			char c;
			int fd = socket(AF_UNIX, SOCK_STREAM, 0);
			if (setgid(65534) || setuid(65534))
				_exit(3);
			if (connect(fd, (struct sockaddr *)&address, sizeof address))
				_exit(errno == EACCES ? 4 : 5);
			ssize_t n = recv(fd, &c, 1, 0);
			_exit(n == 0 || (n < 0 && errno == ECONNRESET) ? 6 : 7);
		}
		int status;
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_int_eq(WEXITSTATUS(status), open ? 6 : 4);
	}
	close_desk();
}
END_TEST

/* Lines together: all or none, one step of undo; saved only if nothing else was to be saved. */
START_TEST(test_together)
{
	open_desk(RATE / 10);
	int fd = enter();
	ask(fd, "begin", "ok");
	ask(fd, "strip/a/fader -4", "ok");
	ask(fd, "strip/nobody/fader -4", "ok"); /* only kept so far */
	ask(fd, "commit", "error ");
	say(fd, "get strip/a/fader");
	ck_assert_str_eq(hear(fd), "value strip/a/fader 0");
	ck_assert_str_eq(hear(fd), "ok");
	ask(fd, "undo", "error "); /* nothing was done */
	ask(fd, "redo", "error ");
	ask(fd, "commit", "error ");
	ask(fd, "begin", "ok");
	ask(fd, "strip/a/fader -4", "ok");
	ask(fd, "strip/b/fader -5", "ok");
	ask(fd, "commit save", "ok");
	ck_assert_ptr_nonnull(strstr(read_text("song.desk"), "strip/a/fader -4\n"));
	ask(fd, "undo", "ok");
	say(fd, "get strip/{a,b}/fader");
	ck_assert_str_eq(hear(fd), "value strip/a/fader 0");
	ck_assert_str_eq(hear(fd), "value strip/b/fader -3");
	ck_assert_str_eq(hear(fd), "ok");
	/* now there is something of the user's that is not saved */
	ask(fd, "begin", "ok");
	ask(fd, "strip/a/pan R20", "ok");
	say(fd, "commit save");
	hear_begin(fd, "say 1 A pan R20");
	hear_begin(fd, "say not saved");
	ck_assert_str_eq(hear(fd), "ok");
	ck_assert_ptr_null(strstr(read_text("song.desk"), "R20"));
	/* by the program */
	ck_assert_int_eq(DESK("set song.desk 'strip/a/mute on' 'strip/b/mute on'"), 0);
	SAYS("err", "not saved");
	ck_assert_int_eq(DESK("get song.desk 'strip/*/mute'"), 0);
	ck_assert_str_eq(read_text("out"), "strip/a/mute on\nstrip/b/mute on\n");
	ask(fd, "save", "ok");
	ck_assert_int_eq(run("printf 'strip/a/mute off\\nstrip/a/trim 2\\n' | %s set song.desk -", program), 0);
	ck_assert_ptr_nonnull(strstr(read_text("song.desk"), "strip/a/trim 2\n"));
	/* scenes are lines too */
	ck_assert_int_eq(DESK("set song.desk 'scene store 2' 'strip/a/trim 5' 'scene recall 2'"), 0);
	ck_assert_ptr_nonnull(strstr(read_text("song.desk"), "scene 2 strip/a/trim 2\n"));
	ck_assert_int_eq(DESK("set song.desk 'strip/a/trim 3' 'strip/a/frob 3'"), 1);
	SAYS("err", "frob");
	ck_assert_int_eq(DESK("get song.desk strip/a/trim"), 0);
	ck_assert_str_eq(read_text("out"), "strip/a/trim 2\n");
	close(fd);
	close_desk();
	/* without a desk, on the file */
	begin();
	write_text("song.desk", SONG);
	ck_assert_int_eq(DESK("set song.desk 'strip/a/fader -1'"), 0);
	ck_assert_ptr_nonnull(strstr(read_text("song.desk"), "strip/a/fader -1\n"));
	test_end();
}
END_TEST

/* No file outside of the session's folder, no device, no end of the desk. */
START_TEST(test_refused)
{
	static const char *const commands[] = {"device null", "device file:x", "quit", "q!",    "quit!", "exit",
	                                       "wq",          "save /tmp/x",   "help", "prompt"};
	static const char *const files[] = {"/etc/passwd", "../a.wav", "x/../../a.wav", "..", "x/.."};
	char line[256];
	open_desk(RATE / 10);
	int fd = enter();
	for (size_t k = 0; k < sizeof commands / sizeof *commands; k++)
		ask(fd, commands[k], "error ");
	for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
		snprintf(line, sizeof line, "strip/a/region/r1/file %s", files[k]);
		ask(fd, line, "error a stem outside");
		snprintf(line, sizeof line, "value strip/a/region/r1/file =%s", files[k]);
		ask(fd, line, "error a stem outside");
		snprintf(line, sizeof line, "drag strip/a/region/r1/file %s", files[k]);
		ask(fd, line, "error a stem outside");
		snprintf(line, sizeof line, "strip/a/region/r2/file \"%s\"", files[k]);
		ask(fd, line, "error a stem outside");
		snprintf(line, sizeof line, "variant v strip/a/region/r1/file \"%s\"", files[k]);
		ask(fd, line, "error ");
	}
	say(fd, "get strip/a/region/*/file");
	ck_assert_str_eq(hear(fd), "value strip/a/region/r1/file \"a.wav\"");
	ck_assert_str_eq(hear(fd), "ok");
	ask(fd, "strip/a/region/r1/file ..b.wav", "ok"); /* only a name */
	/* each command's name is one of the table's */
	int may = 0;
	for (const struct desk_command *c = desk_commands; c->name; c++)
		may += desk_ear_may(c->name);
	ck_assert_int_ge(may, 15);
	ck_assert_int_eq(desk_ear_may("quit!"), 0);
	close(fd);
	close_desk();
}
END_TEST

/* A desk that only looks has no socket: who holds the session has it, and its lines reach that one. */
START_TEST(test_holder)
{
	struct err err;
	open_desk(RATE / 10);
	struct session *s = session_load("song.desk", 0, &err);
	ck_assert_ptr_nonnull(s);
	struct desk *looks = desk_open(s, "song.desk", &(struct desk_options){.device = "null", .view_only = 1}, &err);
	struct socket_server *none = socket_open(looks, "song.desk", &err);
	ck_assert_ptr_nonnull(none);
	int fd = enter();
	ask(fd, "strip/a/fader -6", "ok");
	close(fd);
	/* the holder leaves; the other may still only look */
	socket_close(server);
	poll(NULL, 0, 1200);
	ck_assert_int_lt(socket_place_connect("song.desk"), 0);
	socket_close(none);
	desk_close(looks);
	server = socket_open(desk, "song.desk", &err);
	fd = enter();
	say(fd, "get strip/a/fader");
	ck_assert_str_eq(hear(fd), "value strip/a/fader -6");
	close(fd);
	close_desk();
}
END_TEST

START_TEST(test_watch)
{
	unsigned long long last = 0, number;
	char word[64];
	open_desk(RATE);
	int fd = enter(), other = enter();
	ask(fd, "watch nonsense", "error ");
	ask(fd, "watch events", "ok");
	ask(other, "strip/a/fader -6.5", "ok");
	desk_send(desk, "strip/b/mute on"); /* the user at the desk */
	ask(other, "bus/room/name Room", "ok");
	static const char *const words[] = {"change strip/a/fader -6.5",     "event 1 A fader -6.5 dB (was 0.0 dB)",
	                                    "change strip/b/mute on",        "event 2 B mute on",
	                                    "change bus/room/name \"Room\"", "structure"};
	for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
		const char *line = hear(fd);
		int at = 0;
		ck_assert_ptr_nonnull(line);
		ck_assert_int_eq(sscanf(line, "%63s %llu%n", word, &number, &at), 2);
		ck_assert_uint_gt(number, last);
		last = number;
		char whole[256];
		snprintf(whole, sizeof whole, "%s%s", word, line + at);
		ck_assert_msg(!strncmp(whole, words[k], strlen(words[k])), "%s, not %s", whole, words[k]);
	}
	close(fd);
	fd = enter();
	ask(fd, "strip/b/mute off", "ok");
	ask(fd, "watch meters", "ok");
	desk_send(desk, "play");
	/* a peak of 0.26 (noise() at its most), -3 dB on the way and panned: below -11.7 dB, and not much below */
	double left = -200, began = now();
	int meters = 0;
	while (left < -20) {
		float l;
		const char *line = hear(fd);
		ck_assert_ptr_nonnull(line);
		if (sscanf(line, "meter strip/b %f", &l) == 1)
			left = (double)l;
		meters += !strncmp(line, "meters ", 7);
		ck_assert_double_lt(now() - began, 5);
	}
	ck_assert_double_lt(left, test_db(0.26) - 0);
	ck_assert_int_ge(meters, 1);
	say(fd, "watch off");
	while (strcmp(hear(fd), "ok") != 0)
		continue;
	struct pollfd quiet = {.fd = fd, .events = POLLIN};
	ck_assert_int_eq(poll(&quiet, 1, 300), 0);
	close(fd);
	close(other);
	close_desk();
}
END_TEST

static void
read_piece(int fd, struct player_heard *piece)
{
	ck_assert_int_eq(recv(fd, piece, sizeof *piece, MSG_WAITALL), sizeof *piece);
}

/* Whether frame t of what was heard is frame `at` of the bounce, bit for bit. */
static int
same(const struct player_heard *piece, int t, const struct sound *mix, int64_t at)
{
	return (double)piece->x[t][0] == mix->x[2 * at] && (double)piece->x[t][1] == mix->x[2 * at + 1];
}

/* What is heard is the bounce: from its first frame, and behind what a listener that slept has missed. */
START_TEST(test_listen)
{
	struct player_heard piece;
	int64_t start = -1, compared = 0, missed = 0, next = -1;
	int slept = 0;
	open_desk(FRAMES);
	struct sound mix = bounced(SONG, (struct bounce_options){.file = {.bits = SINK_32F}}, NULL);
	int fd = enter();
	ask(fd, "listen", "ok 96000");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){4096}, sizeof(int));
	read_piece(fd, &piece);
	desk_send(desk, "play");
	for (int64_t at = 0; at < FRAMES;) {
		read_piece(fd, &piece);
		if (next >= 0 && piece.frame != next)
			missed += piece.frame - next;
		next = piece.frame + PLAYER_HEARD;
		for (int t = 0; t < PLAYER_HEARD; t++) {
			if (start < 0 && piece.x[t][0] != 0)
				start = piece.frame + t;
			at = start < 0 ? 0 : piece.frame + t - start;
			if (start < 0 || at >= FRAMES)
				continue;
			ck_assert_msg(same(&piece, t, &mix, at), "frame %lld of the song is not that of the bounce", (long long)at);
			compared++;
		}
		if (at > RATE / 2 && !slept++)
			poll(NULL, 0, 1300);
	}
	/* 1.3 s at 768 kB/s are more than waits for anybody */
	ck_assert_int_gt(missed, 0);
	ck_assert_int_eq(compared + missed, FRAMES);
	ck_assert_int_gt(compared, FRAMES / 2);
	ck_assert_int_eq(missed % PLAYER_HEARD, 0);
	close(fd);
	close_desk();
}
END_TEST

/* The program's WAV: its length, the mix in it, without a gap. */
START_TEST(test_listen_wav)
{
	char command[2 * PATH_MAX];
	open_desk(RATE);
	struct sound mix = bounced(SONG, (struct bounce_options){.file = {.bits = SINK_32F}}, NULL);
	ck_assert_int_eq(DESK("listen other.desk >l.wav"), 1);
	SAYS("err", "no desk has it open");
	int fd = enter();
	snprintf(command, sizeof command, "%s listen song.desk --seconds 1.8 >l.wav 2>missed", program);
	FILE *listener = popen(command, "r");
	ck_assert_ptr_nonnull(listener);
	struct stat st = {0};
	for (int turns = 0; stat("l.wav", &st) || st.st_size < 1000; turns++) {
		ck_assert_int_lt(turns, 500);
		poll(NULL, 0, 10);
	}
	ask(fd, "play", "ok");
	ck_assert_int_eq(pclose(listener), 0);
	struct sound heard = read_sound("l.wav");
	ck_assert_int_eq(heard.frames, RATE * 9 / 5);
	ck_assert_int_eq(heard.rate, RATE);
	ck_assert_int_eq(heard.channels, 2);
	int64_t start = 0;
	while (start < heard.frames && heard.x[2 * start] == 0)
		start++;
	ck_assert_int_lt(start, heard.frames - RATE);
	/* on a machine that stands still for a second pieces are missed: silence in their place, and told */
	int64_t silent = 0;
	for (int64_t t = 0; t < RATE; t++) {
		const double *a = heard.x + 2 * (start + t), *b = mix.x + 2 * t;
		int missed = a[0] == 0 && a[1] == 0;
		silent += missed;
		ck_assert_msg(missed || (a[0] == b[0] && a[1] == b[1]), "frame %lld is not the bounce's", (long long)t);
	}
	ck_assert_int_eq(silent > 0, strstr(read_text("missed"), "were missed") != NULL);
	close(fd);
	close_desk();
}
END_TEST

TEST_MAIN("socket", 60, test_place, test_stale, test_lines, test_garbage, test_clients, test_slow, test_other_user,
          test_together, test_refused, test_holder, test_watch, test_listen, test_listen_wav)
