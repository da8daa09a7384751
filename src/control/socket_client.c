#include "control/socket_client.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"

#define OUT_MAX ((size_t)2 << 20) /* bytes that wait: more than all that a full desk can answer at once */

void
client_init(struct client *c, int fd, int id)
{
	*c = (struct client){.fd = fd, .id = id};
}

void
client_fini(struct client *c)
{
	close(c->fd);
	free(c->batch);
	free(c->out);
	*c = (struct client){.fd = -1};
}

void
client_put(struct client *c, const void *data, size_t size)
{
	if (c->drop)
		return;
	if (c->out_size + size > c->out_room) {
		size_t room = (c->out_size + size) * 2;
		char *more = c->out_size + size > OUT_MAX ? NULL : realloc(c->out, room);
		if (!more) {
			c->drop = 1;
			c->out_size = 0;
			return;
		}
		c->out = more;
		c->out_room = room;
	}
	memcpy(c->out + c->out_size, data, size);
	c->out_size += size;
}

void
client_line_out(struct client *c, const char *before, const char *line)
{
	client_put(c, before, strlen(before));
	client_put(c, line, strlen(line));
	client_put(c, "\n", 1);
}

void
client_say(struct client *c, const char *format, ...)
{
	char line[SOCKET_LINE];
	va_list args;
	va_start(args, format);
	int length = vsnprintf(line, sizeof line, format, args);
	va_end(args);
	size_t size = (size_t)length < sizeof line - 1 ? (size_t)length : sizeof line - 2;
	line[size++] = '\n';
	client_put(c, line, size);
}

void
client_flush(struct client *c)
{
	while (c->out_size && !c->hung) {
		ssize_t n = send(c->fd, c->out, c->out_size, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		c->hung = n < 0;
		c->out_size -= n < 0 ? 0 : (size_t)n;
		memmove(c->out, c->out + (n < 0 ? 0 : n), c->out_size);
	}
	if (c->hung)
		c->out_size = 0;
}

void
client_read(struct client *c)
{
	if (c->ended || c->got == SOCKET_LINE)
		return;
	ssize_t n = recv(c->fd, c->in + c->got, SOCKET_LINE - c->got, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	c->ended = n <= 0;
	if (n == 0 && c->got && c->in[c->got - 1] != '\n')
		c->in[c->got++] = '\n'; /* the end ends the last line too */
	c->got = c->listening ? 0 : c->got + (n < 0 ? 0 : (size_t)n);
}

int
client_has_line(const struct client *c)
{
	return c->got == SOCKET_LINE || memchr(c->in, '\n', c->got);
}

/* Whether it is UTF-8 without controls. */
static int
is_text(const char *line, size_t size)
{
	for (size_t at = 0; at < size;) {
		unsigned code;
		size_t n = text_decode(line + at, size - at, &code);
		if (!n || (code < ' ' && code != '\t') || code == 0x7f)
			return 0;
		at += n;
	}
	return 1;
}

int
client_line(struct client *c, char line[SOCKET_LINE + 1])
{
	char *end = memchr(c->in, '\n', c->got);
	if (!end)
		return c->got == SOCKET_LINE ? -1 : 0;
	size_t size = (size_t)(end - c->in), taken = size + 1;
	if (size && c->in[size - 1] == '\r')
		size--;
	memcpy(line, c->in, size);
	line[size] = '\0';
	c->got -= taken;
	memmove(c->in, c->in + taken, c->got);
	return is_text(line, size) ? 1 : -1;
}
