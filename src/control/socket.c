#include "control/socket.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "control/desk/ear.h"
#include "control/socket_client.h"
#include "control/socket_place.h"

#define BATCH_MAX ((size_t)256 << 10) /* bytes of lines that are done together */
#define READ_MAX ((size_t)64 << 10)   /* a client with so much to read yet is not heard */
/* Bytes of sound that wait for who listens, 1.3 s at 48 kHz: beyond it pieces are missed. */
#define LISTEN_MAX ((size_t)512 << 10)
#define METERS_MS 100
#define AFTER_FULL_MS 100 /* where there are no descriptors left for a client */
#define LISTEN_MS 10
#define HOLDS_MS 1000 /* between two looks at who holds the session */

struct socket_server {
	struct desk *desk;
	char *path;
	struct socket_place place;
	struct desk_ear ear;
	pthread_t thread;
	int wake;    /* an eventfd */
	int next_id; /* of a client */
	int listening;
	struct desk_view view;
	pthread_mutex_t lock;
	struct client client[SOCKET_CLIENTS]; /* slots without one have id 0; see socket_client.h for what is guarded */
	unsigned long long version;           /* guarded */
	int quit;                             /* guarded */
};

static void
wake_up(struct socket_server *s)
{
	uint64_t one = 1;
	if (write(s->wake, &one, sizeof one) < 0)
		return; /* its counter is at its top: it is awake */
}

/* What the desk calls, on its own thread. */
static void
on_said(void *arg, int from, enum desk_event_kind kind, const char *text)
{
	struct socket_server *s = arg;
	if (kind == DESK_QUIT || kind == DESK_CHANGED)
		return;
	pthread_mutex_lock(&s->lock);
	int public = kind == DESK_SAYS || (kind == DESK_ERROR && !from);
	s->version += public != 0;
	for (struct client *c = s->client; c < s->client + SOCKET_CLIENTS; c++) {
		if (c->id && c->id == from)
			client_line_out(c, kind == DESK_LINES ? "value " : "say ", text);
		if (c->id && public && c->watch & WATCH_EVENTS)
			client_say(c, "event %llu %s", s->version, text);
	}
	pthread_mutex_unlock(&s->lock);
	wake_up(s);
}

static void
on_done(void *arg, int from, const char *error)
{
	struct socket_server *s = arg;
	pthread_mutex_lock(&s->lock);
	for (struct client *c = s->client; c < s->client + SOCKET_CLIENTS; c++) {
		if (!c->id || c->id != from)
			continue;
		if (error)
			client_say(c, "error %s", error);
		else
			client_say(c, "ok");
		c->busy = 0;
	}
	pthread_mutex_unlock(&s->lock);
	wake_up(s);
}

static int
on_wants(void *arg)
{
	struct socket_server *s = arg;
	int watched = 0;
	pthread_mutex_lock(&s->lock);
	for (struct client *c = s->client; c < s->client + SOCKET_CLIENTS; c++)
		watched |= c->id && c->watch & WATCH_EVENTS;
	pthread_mutex_unlock(&s->lock);
	return watched;
}

static void
on_changed(void *arg, const char *line)
{
	struct socket_server *s = arg;
	pthread_mutex_lock(&s->lock);
	s->version++;
	for (struct client *c = s->client; c < s->client + SOCKET_CLIENTS; c++) {
		if (!c->id || !(c->watch & WATCH_EVENTS))
			continue;
		char number[48];
		snprintf(number, sizeof number, "change %llu ", s->version);
		if (line)
			client_line_out(c, number, line);
		else
			client_say(c, "structure %llu", s->version);
	}
	pthread_mutex_unlock(&s->lock);
	wake_up(s);
}

/* The rest is the socket's own thread. */
static void
answer(struct socket_server *s, struct client *c, const char *error)
{
	pthread_mutex_lock(&s->lock);
	if (error)
		client_say(c, "error %s", error);
	else
		client_say(c, "ok");
	pthread_mutex_unlock(&s->lock);
}

static void
dismiss(struct socket_server *s, struct client *c, const char *why)
{
	pthread_mutex_lock(&s->lock);
	client_say(c, "error %s", why);
	client_flush(c);
	c->drop = 1;
	pthread_mutex_unlock(&s->lock);
}

static void
set_watch(struct socket_server *s, struct client *c, const char *what)
{
	int bits = 0, off = !strcmp(what, "off");
	if (!*what || strstr(what, "events"))
		bits |= WATCH_EVENTS;
	if (!*what || strstr(what, "meters"))
		bits |= WATCH_METERS;
	if (!bits && !off) {
		answer(s, c, "watch: say events, meters, both or off");
		return;
	}
	pthread_mutex_lock(&s->lock);
	c->watch = off ? 0 : bits;
	client_say(c, "ok");
	pthread_mutex_unlock(&s->lock);
}

static void
begin_listening(struct socket_server *s, struct client *c)
{
	desk_view(s->desk, &s->view);
	desk_ear_listen(s->desk, 1);
	s->listening = 1;
	c->listening = 1;
	pthread_mutex_lock(&s->lock);
	c->watch = 0;
	client_say(c, "ok %.0f", s->view.rate);
	pthread_mutex_unlock(&s->lock);
}

/* A line between begin and commit. */
static void
add_to_batch(struct socket_server *s, struct client *c, const char *line)
{
	size_t size = strlen(line);
	size_t room = c->batch_size + size + sizeof "\n\nsave";
	char *more = room > BATCH_MAX ? NULL : realloc(c->batch, room);
	if (!more) {
		free(c->batch);
		c->batch = NULL;
		answer(s, c, "begin: too many lines at once; nothing of them was done");
		return;
	}
	memcpy(more + c->batch_size, line, size);
	strcpy(more + c->batch_size + size, "\n");
	c->batch = more;
	c->batch_size += size + 1;
	answer(s, c, NULL);
}

static void
to_desk(struct socket_server *s, struct client *c, const char *lines)
{
	pthread_mutex_lock(&s->lock);
	c->busy = 1;
	pthread_mutex_unlock(&s->lock);
	desk_ear_send(s->desk, c->id, lines);
}

static void
commit(struct socket_server *s, struct client *c, int save)
{
	char *lines = c->batch;
	c->batch = NULL;
	if (!lines || !c->batch_size) {
		answer(s, c, lines ? NULL : "commit: nothing was begun");
	} else {
		/* there is room for it: see add_to_batch */
		lines[c->batch_size - 1] = '\0';
		if (save)
			strcpy(lines + c->batch_size - 1, "\nsave");
		to_desk(s, c, lines);
	}
	free(lines);
}

static void
take_line(struct socket_server *s, struct client *c, const char *line)
{
	const char *at = line + strspn(line, " \t");
	if (!strcmp(at, "commit") || !strcmp(at, "commit save"))
		commit(s, c, at[6] != '\0');
	else if (!*at || *at == '#')
		answer(s, c, NULL);
	else if (c->batch)
		add_to_batch(s, c, at);
	else if (!strcmp(at, "begin")) {
		c->batch = calloc(1, 1);
		c->batch_size = 0;
		answer(s, c, c->batch ? NULL : "not enough memory");
	} else if (!strncmp(at, "watch", 5) && (!at[5] || at[5] == ' '))
		set_watch(s, c, at + 5 + strspn(at + 5, " "));
	else if (!strcmp(at, "listen"))
		begin_listening(s, c);
	else
		to_desk(s, c, at);
}

static int
same_user(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof peer;
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

static void
accept_client(struct socket_server *s)
{
	static const char full[] = "error eight others are here already\n", hello[] = "stemdesk 1\n";
	int fd = accept4(s->place.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			poll(NULL, 0, AFTER_FULL_MS); /* who waits would wake us at once again */
		return;
	}
	struct client *c = s->client;
	while (c < s->client + SOCKET_CLIENTS && c->id)
		c++;
	if (!same_user(fd) || c == s->client + SOCKET_CLIENTS) {
		if (same_user(fd))
			(void)!send(fd, full, sizeof full - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
		close(fd);
		return;
	}
	pthread_mutex_lock(&s->lock);
	client_init(c, fd, ++s->next_id);
	client_put(c, hello, sizeof hello - 1);
	pthread_mutex_unlock(&s->lock);
}

static void
close_client(struct socket_server *s, struct client *c)
{
	pthread_mutex_lock(&s->lock);
	client_fini(c);
	pthread_mutex_unlock(&s->lock);
}

/* What one client sent and takes. */
static void
serve(struct socket_server *s, struct client *c)
{
	char line[SOCKET_LINE + 1];
	int wait = 0;
	client_read(c);
	for (int got = 1; got > 0 && !c->listening;) {
		pthread_mutex_lock(&s->lock);
		wait = c->busy || c->drop || c->out_size > READ_MAX;
		pthread_mutex_unlock(&s->lock);
		got = wait ? 0 : client_line(c, line);
		if (got > 0)
			take_line(s, c, line);
		if (got < 0)
			dismiss(s, c, "a line is UTF-8 text of at most 4096 bytes; good bye");
		/* nobody tells when there is more of one that hung up */
		if (got == 0 && !wait && c->hung && !c->ended) {
			client_read(c);
			got = 1;
		}
	}
	pthread_mutex_lock(&s->lock);
	client_flush(c);
	int finished = !c->busy && (c->listening || !client_has_line(c)) && (!c->out_size || c->listening);
	int gone = c->drop || (finished && c->ended);
	pthread_mutex_unlock(&s->lock);
	if (gone)
		close_client(s, c);
}

static void
send_meters(struct socket_server *s)
{
	int wanted = 0;
	for (struct client *c = s->client; c < s->client + SOCKET_CLIENTS; c++)
		wanted |= c->id && c->watch & WATCH_METERS;
	if (!wanted)
		return;
	desk_view(s->desk, &s->view);
	pthread_mutex_lock(&s->lock);
	for (struct client *c = s->client; c < s->client + SOCKET_CLIENTS; c++) {
		if (!c->id || !(c->watch & WATCH_METERS))
			continue;
		client_say(c, "meters %llu %lld %s", s->version, (long long)s->view.position,
		           s->view.playing ? "playing" : "stopped");
		for (int k = 0; k < s->view.strips; k++) {
			const struct desk_strip *strip = &s->view.strip[k];
			if (strip->kind != DESK_DCA)
				client_say(c, "meter %s %.1f %.1f %.1f", strip->address, (double)strip->peak[0], (double)strip->peak[1],
				           (double)strip->reduction);
		}
	}
	pthread_mutex_unlock(&s->lock);
}

/* Hands what is heard to those who listen; who does not take it misses pieces. */
static void
send_sound(struct socket_server *s)
{
	struct player_heard piece;
	int listeners = 0;
	for (struct client *c = s->client; c < s->client + SOCKET_CLIENTS; c++)
		listeners += c->id && c->listening;
	if (!listeners && s->listening) {
		desk_ear_listen(s->desk, 0);
		s->listening = 0;
	}
	while (s->listening && desk_ear_heard(s->desk, &piece) == 0) {
		pthread_mutex_lock(&s->lock);
		for (struct client *c = s->client; c < s->client + SOCKET_CLIENTS; c++)
			if (c->id && c->listening && c->out_size + sizeof piece <= LISTEN_MAX)
				client_put(c, &piece, sizeof piece);
		pthread_mutex_unlock(&s->lock);
	}
}

/* What poll waits for: clients in their slots, then the socket and the wake. Returns for how long; -2: to the end. */
static int
gather(struct socket_server *s, struct pollfd fds[SOCKET_CLIENTS + 2])
{
	int wait = HOLDS_MS;
	pthread_mutex_lock(&s->lock);
	for (int k = 0; k < SOCKET_CLIENTS; k++) {
		const struct client *c = &s->client[k];
		int reads = !c->ended && c->got < SOCKET_LINE && (c->listening || (!c->busy && c->out_size <= READ_MAX));
		fds[k] = (struct pollfd){.fd = c->id && !c->hung ? c->fd : -1};
		fds[k].events = (short)((reads ? POLLIN : 0) | (c->out_size ? POLLOUT : 0));
		if (c->id && c->watch & WATCH_METERS && wait > METERS_MS)
			wait = METERS_MS;
		if (c->id && c->listening)
			wait = LISTEN_MS;
		else if (c->id && !c->busy && c->out_size <= READ_MAX && client_has_line(c))
			wait = 0;
	}
	int quit = s->quit;
	pthread_mutex_unlock(&s->lock);
	fds[SOCKET_CLIENTS] = (struct pollfd){.fd = s->place.fd, .events = POLLIN};
	fds[SOCKET_CLIENTS + 1] = (struct pollfd){.fd = s->wake, .events = POLLIN};
	return quit ? -2 : wait;
}

static int64_t
now_ms(void)
{
	return clock_ns() / 1000000;
}

/* The socket is there as long as the desk holds its session, which another may have held or may take over. */
static int
follow_hold(struct socket_server *s, struct err *err)
{
	int holds = desk_ear_holds(s->desk);
	if (!holds)
		socket_place_close(&s->place);
	return holds && s->place.fd < 0 ? socket_place_listen(&s->place, s->path, err) : 0;
}

static void *
run(void *arg)
{
	struct socket_server *s = arg;
	struct pollfd fds[SOCKET_CLIENTS + 2];
	struct err err;
	int64_t metered = 0, looked = now_ms();
	int wait;
	pthread_setname_np(pthread_self(), "socket");
	while ((wait = gather(s, fds)) != -2) {
		uint64_t count;
		poll(fds, SOCKET_CLIENTS + 2, wait);
		if (fds[SOCKET_CLIENTS + 1].revents && read(s->wake, &count, sizeof count) < 0)
			continue;
		for (int k = 0; k < SOCKET_CLIENTS; k++) {
			if (fds[k].fd >= 0 && fds[k].revents & (POLLHUP | POLLERR))
				s->client[k].hung = 1;
			if (s->client[k].id)
				serve(s, &s->client[k]);
		}
		if (fds[SOCKET_CLIENTS].revents)
			accept_client(s);
		if (now_ms() - looked >= HOLDS_MS) {
			follow_hold(s, &err);
			looked = now_ms();
		}
		send_sound(s);
		if (now_ms() - metered >= METERS_MS) {
			send_meters(s);
			metered = now_ms();
		}
	}
	return NULL;
}

struct socket_server *
socket_open(struct desk *d, const char *path, struct err *err)
{
	struct socket_server *s = calloc(1, sizeof *s);
	sigset_t all, before;
	if (!s || !(s->path = strdup(path))) {
		free(s);
		return err_set(err, "not enough memory for the control socket"), NULL;
	}
	s->desk = d;
	s->ear = (struct desk_ear){s, on_said, on_done, on_wants, on_changed};
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&s->lock, NULL);
	s->place = (struct socket_place){.folder = -1, .lock = -1, .fd = -1};
	int failed = follow_hold(s, err) < 0;
	/* signals are for the main thread */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	if (!failed && (s->wake < 0 || pthread_create(&s->thread, NULL, run, s)))
		failed = err_set(err, "the control socket cannot be opened: too many open files or threads");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed) {
		s->desk = NULL;
		socket_close(s);
		return NULL;
	}
	desk_ear_open(d, &s->ear);
	return s;
}

void
socket_close(struct socket_server *s)
{
	if (!s)
		return;
	if (s->desk) {
		desk_ear_close(s->desk);
		pthread_mutex_lock(&s->lock);
		s->quit = 1;
		pthread_mutex_unlock(&s->lock);
		wake_up(s);
		pthread_join(s->thread, NULL);
	}
	for (struct client *c = s->client; c < s->client + SOCKET_CLIENTS; c++)
		if (c->id)
			client_fini(c);
	socket_place_close(&s->place);
	if (s->wake >= 0)
		close(s->wake);
	pthread_mutex_destroy(&s->lock);
	free(s->path);
	free(s);
}
