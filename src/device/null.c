#include "device/device.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/ring.h"

/* A clock without sound: a period is asked for whenever its time has come, and thrown away. */
struct null_device {
	struct device device;
	struct device_config config;
	pthread_t thread;
	int stop; /* an eventfd */
	float *buffer;
};

static void *
null_run(void *arg)
{
	struct null_device *d = arg;
	struct timespec start, now;
	struct pollfd stop = {.fd = d->stop, .events = POLLIN};
	double played = 0;
	device_thread_begin("rt-null");
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		double due = played / d->config.rate;
		double passed = (double)(now.tv_sec - start.tv_sec) + (double)(now.tv_nsec - start.tv_nsec) * 1e-9;
		int wait = due > passed ? (int)((due - passed) * 1000) + 1 : 0;
		if (poll(&stop, 1, wait) > 0)
			return NULL;
		if (wait)
			continue;
		d->config.process(d->config.arg, d->buffer, d->config.period);
		played += d->config.period;
	}
}

static void
null_close(struct device *device)
{
	struct null_device *d = (struct null_device *)device;
	uint64_t one = 1;
	if (write(d->stop, &one, sizeof one) == (ssize_t)sizeof one)
		pthread_join(d->thread, NULL);
	close(d->stop);
	ring_free(d->device.events);
	free(d->buffer);
	free(d);
}

struct device *
null_open(const struct device_config *config, struct device_format *got, struct err *err)
{
	struct null_device *d = calloc(1, sizeof *d);
	if (!d)
		return err_set(err, "null device: not enough memory"), NULL;
	d->device.close = null_close;
	d->device.events = ring_new(16, sizeof(enum device_event));
	d->config = *config;
	d->buffer = calloc((size_t)config->period * 2, sizeof *d->buffer);
	d->stop = eventfd(0, EFD_CLOEXEC);
	if (!d->device.events || !d->buffer || d->stop < 0 || pthread_create(&d->thread, NULL, null_run, d)) {
		err_set(err, "null device: not enough memory or threads");
		if (d->stop >= 0)
			close(d->stop);
		ring_free(d->device.events);
		free(d->buffer);
		free(d);
		return NULL;
	}
	*got = (struct device_format){config->rate, 2, config->period, config->period * config->periods, "none", 0};
	return &d->device;
}
