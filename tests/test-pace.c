/* When frames go to the terminal: how many may be under way, for how long, and what ssh's own line says of it. */
#include "desktest.h"
#include "ui/link.h"
#include "ui/pace.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Two frames of meters and four in all wait for their answers, for a second. */
START_TEST(test_under_way)
{
	struct pace p;
	pace_init(&p, 0.03);
	for (int k = 0; k < 2; k++) {
		ck_assert_double_eq(pace_wait(&p, 10 + k * 0.03, 0), 0);
		pace_drew(&p, 10 + k * 0.03, 1);
	}
	ck_assert_double_eq_tol(pace_wait(&p, 10.1, 0), 0.9, 1e-9);
	ck_assert_double_eq(pace_wait(&p, 10.1, 1), 0);
	pace_drew(&p, 10.1, 1);
	pace_drew(&p, 10.1, 1);
	ck_assert_double_eq_tol(pace_wait(&p, 10.1, 1), 0.9, 1e-9);
	pace_answered(&p, 10.12, 3);
	ck_assert_double_eq(pace_wait(&p, 10.2, 0), 0);
	/* a round trip of 0.3 s: one is enough */
	pace_answered(&p, 10.4, 1);
	pace_drew(&p, 10.5, 1);
	ck_assert_double_eq_tol(pace_wait(&p, 10.6, 0), 0.9, 1e-9);
}
END_TEST

/* One that never answers is asked now and then, and not waited for; it is heard when it does. */
START_TEST(test_mute)
{
	struct pace p;
	double now = 10;
	int asked = 0;
	pace_init(&p, 0.03);
	for (int k = 0; k < 400; k++) {
		double wait = pace_wait(&p, now, 0);
		ck_assert_double_le(wait, 1);
		now += wait > 0.03 ? wait : 0.03;
		int asks = pace_asks(&p, now);
		asked += asks;
		pace_drew(&p, now, asks);
	}
	ck_assert_int_lt(asked, 12);
	ck_assert_double_lt(now, 10 + 400 * 0.03 + 2);
	pace_answered(&p, now, 1);
	ck_assert_int_eq(pace_asks(&p, now), 1);
}
END_TEST

static int
port_of(int fd)
{
	struct sockaddr_in at;
	socklen_t size = sizeof at;
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	return ntohs(at.sin_port);
}

/* What the other side has not taken is seen, and that it took it; without such a line nothing is known. */
START_TEST(test_link)
{
	static char data[1 << 20];
	char connection[80];
	struct link l;
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int listener = socket(AF_INET, SOCK_STREAM, 0), ours = socket(AF_INET, SOCK_STREAM, 0), theirs;
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	at.sin_port = htons((uint16_t)port_of(listener));
	ck_assert_int_eq(connect(ours, (struct sockaddr *)&at, sizeof at), 0);
	ck_assert_int_ge(theirs = accept(listener, NULL, NULL), 0);
	snprintf(connection, sizeof connection, "127.0.0.1 %d 127.0.0.1 %d", ntohs(at.sin_port), port_of(ours));
	setenv("SSH_CONNECTION", connection, 1);
	unsetenv("TMUX");
	unsetenv("STY");
	link_open(&l);
	ck_assert_int_eq(link_waiting(&l), -1);
	setenv("TMUX", "/none,1,0", 1);
	link_open(&l);
	/* a kernel without the module says nothing */
	int known = link_waiting(&l) >= 0;
	ssize_t n, sent = 0, taken = 0;
	while ((n = send(ours, data, sizeof data, MSG_DONTWAIT)) > 0)
		sent += n;
	ck_assert_msg(link_waiting(&l) > 0 || !known, "%zd bytes went, and none wait", sent);
	while (taken < sent && (n = recv(theirs, data, sizeof data, 0)) > 0)
		taken += n;
	for (int turns = 0; known && link_waiting(&l) > 0; turns++) {
		ck_assert_int_lt(turns, 2000);
		poll(NULL, 0, 10);
	}
	close(theirs);
	close(ours);
	close(listener);
	link_close(&l);
	static const char *const wrong[] = {"", "127.0.0.1 22", "a 1 b 2", "::1 1 127.0.0.1 2"};
	for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
		setenv("SSH_CONNECTION", wrong[k], 1);
		link_open(&l);
		ck_assert_int_eq(link_waiting(&l), -1);
		link_close(&l);
	}
}
END_TEST

TEST_MAIN("pace", 60, test_under_way, test_mute, test_link)
