/*
 * One client of the control socket: bytes in and out. The socket's thread owns it; what is marked is guarded by the
 * server's lock, as the desk's thread puts answers there.
 */
#ifndef CONTROL_SOCKET_CLIENT_H
#define CONTROL_SOCKET_CLIENT_H

#include <stddef.h>

#include "control/socket.h"

enum { WATCH_EVENTS = 1, WATCH_METERS = 2 };

struct client {
	int fd;
	int id; /* above 0, never the same again */
	char in[SOCKET_LINE + 1];
	size_t got;  /* bytes in `in` */
	int ended;   /* it sends no more */
	int hung;    /* nor does it read: what it sent is still done */
	char *batch; /* lines since `begin`, NULL where there was none */
	size_t batch_size;
	int listening;
	char *out; /* guarded, as is all below */
	size_t out_size, out_room;
	int busy;  /* a line of it is with the desk */
	int watch; /* bits */
	int drop;  /* it is slow, or broke a rule */
};

void client_init(struct client *c, int fd, int id);
void client_fini(struct client *c);

/* Appends to what it is sent; marks it to be dropped where it does not read. */
void client_put(struct client *c, const void *data, size_t size);
void client_line_out(struct client *c, const char *before, const char *line); /* of any length */
void client_say(struct client *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sends what it takes, reads what is there. */
void client_flush(struct client *c);
void client_read(struct client *c);

/* Whether there is a whole line, or what cannot become one. */
int client_has_line(const struct client *c);

/* The next whole line, without its end: 1; 0: none yet; -1: it is too long or no text. */
int client_line(struct client *c, char line[SOCKET_LINE + 1]);

#endif
