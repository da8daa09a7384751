#include "control/desk/parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/text.h"
#include "control/desk/ear.h"

static void
queue_put(struct desk_queue *q, enum desk_event_kind kind, int from, const char *text)
{
	struct desk_item *item = malloc(sizeof *item + strlen(text) + 1);
	uint64_t one = 1;
	if (!item)
		return;
	item->next = NULL;
	item->kind = kind;
	item->from = from;
	strcpy(item->text, text);
	*q->last = item;
	q->last = &item->next;
	if (write(q->fd, &one, sizeof one) < 0)
		return; /* the counter is at its top: readable it is */
}

static struct desk_item *
queue_get(struct desk_queue *q)
{
	struct desk_item *item = q->first;
	uint64_t count;
	if (item && !(q->first = item->next)) {
		q->last = &q->first;
		if (read(q->fd, &count, sizeof count) < 0)
			return item; /* nothing to take back */
	}
	return item;
}

static void
queue_fini(struct desk_queue *q)
{
	struct desk_item *item;
	while ((item = queue_get(q)))
		free(item);
	if (q->fd >= 0)
		close(q->fd);
}

void
desk_ear_send(struct desk *d, int from, const char *lines)
{
	pthread_mutex_lock(&d->lock);
	queue_put(&d->lines, DESK_LINES, from, lines);
	pthread_mutex_unlock(&d->lock);
}

void
desk_send(struct desk *d, const char *line)
{
	desk_ear_send(d, 0, line);
}

int
desk_fd(const struct desk *d)
{
	return d->events.fd;
}

int
desk_event(struct desk *d, struct desk_event *event)
{
	pthread_mutex_lock(&d->lock);
	struct desk_item *item = queue_get(&d->events);
	pthread_mutex_unlock(&d->lock);
	if (!item)
		return -1;
	event->kind = item->kind;
	text_show(item->text, event->text, sizeof event->text);
	free(item);
	return 0;
}

void
desk_say(struct desk *d, enum desk_event_kind kind, const char *format, ...)
{
	char text[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	desk_say_line(d, kind, text);
}

void
desk_say_line(struct desk *d, enum desk_event_kind kind, const char *text)
{
	d->left |= kind == DESK_QUIT;
	if (d->hush && kind == DESK_SAYS)
		return;
	if (desk_ear_said(d, kind, text))
		return;
	pthread_mutex_lock(&d->lock);
	queue_put(&d->events, kind, 0, text);
	pthread_mutex_unlock(&d->lock);
}

struct desk_item *
desk_mail_line(struct desk *d, int *quit)
{
	pthread_mutex_lock(&d->lock);
	struct desk_item *item = queue_get(&d->lines);
	*quit = d->quit;
	pthread_mutex_unlock(&d->lock);
	return item;
}

int
desk_mail_open(struct desk *d, struct err *err)
{
	d->lines = (struct desk_queue){NULL, &d->lines.first, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
	d->events = (struct desk_queue){NULL, &d->events.first, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
	if (d->lines.fd < 0 || d->events.fd < 0)
		return err_set(err, "the desk cannot be opened: too many open files");
	return 0;
}

void
desk_mail_close(struct desk *d)
{
	queue_fini(&d->lines);
	queue_fini(&d->events);
}
