#include "device/device.h"

#include "base/fpu.h"
#include "base/ring.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>

#define PRIORITY 70 /* above other sound programs' usual 50 to 60, below the kernel's watchdogs at 99 */

struct device *
device_open(const struct device_config *config, struct device_format *got, struct err *err)
{
	memset(got, 0, sizeof *got);
	return strcmp(config->name, "null") ? alsa_open(config, got, err) : null_open(config, got, err);
}

void
device_close(struct device *d)
{
	if (d)
		d->close(d);
}

int
device_poll(struct device *d, enum device_event *event)
{
	return ring_get(d->events, event);
}

int
device_thread_begin(const char *name)
{
	sigset_t all;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	fpu_flush_denormals();
	struct sched_param param = {.sched_priority = PRIORITY};
	int realtime = pthread_setschedparam(pthread_self(), SCHED_FIFO, &param) == 0;
	pthread_setname_np(pthread_self(), name);
	return realtime;
}
