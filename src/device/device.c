#include "device/device_parts.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "device/rtkit.h"

#define RETRY_NS 250000000 /* between attempts to open a lost device */

struct device {
	struct device_config config;
	struct rt_device rt;
	struct ring *events; /* keeper to control */
	sem_t wake;          /* the keeper's */
	pthread_t player, keeper;
	int started, kept, woken; /* which of threads and semaphore there are */
	pthread_mutex_t lock;     /* over what follows; keeper and control only */
	int away;
	struct device_format format; /* of the last device had */
	struct err why;              /* it is away */
};

int
device_poll(struct device *d, enum device_event *event)
{
	return ring_get(d->events, event);
}

const char *
device_event_words(enum device_event event)
{
	switch (event) {
	case DEVICE_XRUN:
		return "the device ran dry: the system woke the desk too late";
	case DEVICE_XRUN_OURS:
		return "the device ran dry: the desk needed longer than a period; try a longer one";
	case DEVICE_SUSPENDED:
		return "the machine slept; sound goes on";
	case DEVICE_STALLED:
		return "the device stands still";
	case DEVICE_LOST:
		return "the device is away; it will be used as soon as it is there";
	case DEVICE_BACK:
		return "the device is back";
	}
	return "";
}

int
device_state(struct device *d, struct device_format *got, struct err *err)
{
	pthread_mutex_lock(&d->lock);
	int away = d->away;
	*got = d->format;
	if (away && err)
		*err = d->why;
	pthread_mutex_unlock(&d->lock);
	return !away;
}

void
device_format_words(const struct device_format *format, char *text, size_t size)
{
	int n = snprintf(text, size, "%.0f Hz, %s, %d channel%s, %d frames of %d", format->rate, format->sample,
	                 format->channels, format->channels == 1 ? "" : "s", format->period, format->buffer);
	if (n < 0 || (size_t)n >= size || format->native == 0)
		return;
	if (format->native == format->rate)
		snprintf(text + n, size - (size_t)n, "; ALSA converts the samples for it");
	else
		snprintf(text + n, size - (size_t)n, "; it runs at %.0f Hz, ALSA converts", format->native);
}

static int
ends(const struct device *d)
{
	struct pollfd stop = {.fd = d->rt.stop, .events = POLLIN};
	return poll(&stop, 1, 0) > 0;
}

static void
set_away(struct device *d, int away, const struct err *why)
{
	pthread_mutex_lock(&d->lock);
	d->away = away;
	if (why)
		d->why = *why;
	pthread_mutex_unlock(&d->lock);
}

/* Passes on what the device's thread tells; a device that it gave back is closed. */
static void
pass_on(struct device *d)
{
	struct rt_note note;
	while (ring_get(d->rt.from_rt, &note) == 0) {
		if (note.event == DEVICE_LOST) {
			struct err why;
			err_set(&why, "device \"%s\" is gone: unplugged, or its driver or server stopped", d->config.name);
			set_away(d, 1, &why);
		}
		ring_put(d->events, &note.event);
		alsa_close(note.sink);
	}
}

/* Tries to open the lost device and hands it to its thread. */
static void
bring_back(struct device *d)
{
	struct err why;
	enum device_event back = DEVICE_BACK;
	struct alsa_sink *s = alsa_open(&d->config, NULL, &why);
	if (!s) {
		set_away(d, 1, &why);
		return;
	}
	pthread_mutex_lock(&d->lock);
	int realtime = d->format.realtime, locked = d->format.locked;
	d->format = s->format;
	d->format.realtime = realtime;
	d->format.locked = locked;
	d->away = 0;
	pthread_mutex_unlock(&d->lock);
	if (ring_put(d->rt.to_rt, &s) == 0)
		ring_put(d->events, &back);
	else
		alsa_close(s);
}

/* Brings a lost device back: what must wait (opening, closing) is done here and not on the device's thread. */
static void *
keep(void *arg)
{
	struct device *d = arg;
	sigset_t all;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	while (!ends(d)) {
		struct timespec until = clock_after(CLOCK_MONOTONIC, RETRY_NS);
		if (!d->away)
			while (sem_wait(&d->wake) && errno == EINTR)
				;
		else if (sem_clockwait(&d->wake, CLOCK_MONOTONIC, &until) && !ends(d))
			bring_back(d);
		pass_on(d);
	}
	return NULL;
}

static void *
run(void *arg)
{
	struct rt_device *rt = arg;
	rt->thread = gettid();
	sem_post(&rt->begun);
	rt_thread_begin(rt->sink ? "rt-alsa" : "rt-null");
	for (;;) {
		if (!rt->sink && !rt_clock(rt))
			return NULL;
		if (rt_play(rt) == 0)
			return NULL;
		struct alsa_sink *gone = rt->sink;
		rt->sink = NULL;
		rt_tell(rt, DEVICE_LOST, gone);
	}
}

void
device_close(struct device *d)
{
	uint64_t one = 1;
	struct alsa_sink *s;
	if (!d)
		return;
	if (d->rt.stop >= 0 && write(d->rt.stop, &one, sizeof one) != (ssize_t)sizeof one)
		return; /* an eventfd that is written once takes it; a thread that cannot be told to end keeps its memory */
	if (d->started)
		pthread_join(d->player, NULL);
	if (d->kept) {
		sem_post(&d->wake);
		pthread_join(d->keeper, NULL);
	}
	if (d->rt.from_rt && d->events)
		pass_on(d);
	while (d->rt.to_rt && ring_get(d->rt.to_rt, &s) == 0)
		alsa_close(s);
	alsa_close(d->rt.sink);
	if (d->woken) {
		sem_destroy(&d->wake);
		sem_destroy(&d->rt.begun);
	}
	pthread_mutex_destroy(&d->lock);
	if (d->rt.stop >= 0)
		close(d->rt.stop);
	ring_free(d->rt.to_rt);
	ring_free(d->rt.from_rt);
	ring_free(d->events);
	free(d->rt.floats);
	free((void *)d->config.name);
	free(d);
}

/* All but the threads. -1: no memory. */
static int
prepare(struct device *d, const struct device_config *config)
{
	d->config = *config;
	d->config.name = strdup(config->name);
	pthread_mutex_init(&d->lock, NULL);
	d->rt = (struct rt_device){.process = config->process,
	                           .arg = config->arg,
	                           .rate = config->rate,
	                           .period = config->period,
	                           .first = config->first,
	                           .keeper = &d->wake,
	                           .stop = eventfd(0, EFD_CLOEXEC)};
	d->rt.to_rt = ring_new(2, sizeof(struct alsa_sink *));
	d->rt.from_rt = ring_new(NOTES, sizeof(struct rt_note));
	d->rt.floats = calloc((size_t)config->period * 2, sizeof *d->rt.floats);
	d->events = ring_new(64, sizeof(enum device_event));
	d->woken = sem_init(&d->wake, 0, 0) == 0 && sem_init(&d->rt.begun, 0, 0) == 0;
	return d->config.name && d->rt.stop >= 0 && d->rt.to_rt && d->rt.from_rt && d->rt.floats && d->events && d->woken
	           ? 0
	           : -1;
}

/* Starts the threads. */
static int
start(struct device *d, int clock)
{
	int all = rt_lock_all(), realtime;
	d->format.locked = all > d->format.locked ? all : d->format.locked;
	rt_lock(d->rt.floats, (size_t)d->config.period * 2 * sizeof *d->rt.floats);
	if (rt_thread_start(&d->player, run, &d->rt, &realtime))
		return -1;
	d->started = 1;
	while (sem_wait(&d->rt.begun) && errno == EINTR)
		;
	if (!realtime && !clock)
		realtime = rtkit_ask(d->rt.thread, RT_PRIORITY) == 0;
	pthread_mutex_lock(&d->lock);
	d->format.realtime = realtime;
	pthread_mutex_unlock(&d->lock);
	if (clock)
		return 0;
	if (pthread_create(&d->keeper, NULL, keep, d))
		return -1;
	d->kept = 1;
	return 0;
}

struct device *
device_open(const struct device_config *config, struct device_format *got, struct err *err)
{
	int clock = !strcmp(config->name, "null");
	struct device *d = calloc(1, sizeof *d);
	memset(got, 0, sizeof *got);
	alsa_hush();
	if (!d || prepare(d, config)) {
		err_set(err, "device \"%s\": not enough memory or files", config->name);
		device_close(d);
		return NULL;
	}
	d->format =
	    (struct device_format){config->rate, 2, config->period, config->period * config->periods, "none", 0, 0, 0, 0};
	if (!clock) {
		struct err why;
		d->rt.sink = alsa_open(config, &got->busy, &why);
		if (d->rt.sink) {
			d->format = d->rt.sink->format;
		} else if (config->anyway) {
			enum device_event lost = DEVICE_LOST;
			d->away = 1;
			d->why = why;
			ring_put(d->events, &lost);
		} else {
			if (err)
				*err = why;
			device_close(d);
			return NULL;
		}
		/* The null clock is never held: it is what was asked for. */
		d->rt.hold = config->hold;
	}
	if (start(d, clock)) {
		err_set(err, "device \"%s\": not enough memory or threads", config->name);
		device_close(d);
		return NULL;
	}
	device_state(d, got, NULL);
	return d;
}
