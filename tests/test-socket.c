/* The control socket of a desk with the clock device: who may come in, what is answered, what a bad client can do. */
#include "sockettest.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/un.h>

#include "control/desk/ear.h"

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

/* Who watches and does not read is dropped; the others are answered as before. */
START_TEST(test_slow)
{
	char line[SOCKET_LINE];
	open_desk(RATE / 10);
	int slow = enter(), quick = enter();
	setsockopt(slow, SOL_SOCKET, SO_RCVBUF, &(int){4096}, sizeof(int));
	ask(slow, "watch events", "ok");
	for (int turn = 0; turn < 1200; turn++) {
		snprintf(line, sizeof line, "song/brief \"%d%03800d\"", turn, 0);
		ask(quick, line, "ok");
	}
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

/* What a command finds in the file of a session that a desk has open is changed in the desk: saved, and one step. */
START_TEST(test_applied)
{
	open_desk(FRAMES);
	int fd = enter();
	/* noise is no mix, which is told */
	ck_assert_int_eq(DESK("master song.desk -o m.wav --lufs=-30 --ceiling=-3 --apply"), 3);
	ck_assert_int_eq(DESK("get song.desk master/limiter/gain"), 0);
	double gain = strtod(read_text("out") + strlen("master/limiter/gain "), NULL);
	ck_assert(gain < -1);
	SAYS("song.desk", "master/limiter/gain -");
	SAYS("song.desk", "master/limiter/ceiling -3\n");
	say(fd, "undo");
	while (strcmp(hear(fd), "ok") != 0)
		;
	ck_assert_int_eq(DESK("get song.desk master/limiter/gain master/limiter/ceiling"), 0);
	ck_assert_str_eq(read_text("out"), "master/limiter/gain 0\nmaster/limiter/ceiling -1\n");
	ck_assert_int_eq(DESK("rough song.desk --apply"), 0);
	ck_assert(*read_text("out") != '\0');
	char first[256];
	snprintf(first, sizeof first, "%.*s", (int)strcspn(read_text("out"), "\n"), read_text("out"));
	ck_assert_int_eq(run("%s get song.desk %.*s", program, (int)strcspn(first, " "), first), 0);
	ck_assert_msg(!strncmp(read_text("out"), first, strlen(first)), "%s, not %s", read_text("out"), first);
	close(fd);
	close_desk();
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

TEST_MAIN("socket", 60, test_place, test_stale, test_lines, test_garbage, test_clients, test_slow, test_other_user,
          test_together, test_applied, test_refused, test_holder)
