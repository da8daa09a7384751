#include "device/device.h"

#include <alsa/asoundlib.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/ring.h"
#include "device/sample.h"

#define MAX_FDS 16
#define POLL_MS 200 /* a device that stands still is noticed after that */

struct alsa_device {
	struct device device;
	struct device_config config;
	snd_pcm_t *pcm;
	snd_pcm_uframes_t period, buffer;
	unsigned channels;
	const struct sample_format *sample;
	uint32_t dither;
	int realtime, started;
	int stop; /* an eventfd */
	pthread_t thread;
	float *floats;        /* a period, stereo */
	unsigned char *bytes; /* the same in the device's format */
};

static void
tell(struct alsa_device *d, enum device_event event)
{
	ring_put(d->device.events, &event);
}

/* After an error: 0 when the device can be written to again, 1 to wait a little, -1 when it is gone. */
static int
recover(struct alsa_device *d, int error)
{
	switch (error) {
	case -EINTR:
	case -EAGAIN:
		return 1;
	case -EPIPE:
		tell(d, DEVICE_XRUN);
		break;
	case -ESTRPIPE: {
		int status = snd_pcm_resume(d->pcm);
		if (status == -EAGAIN)
			return 1;
		tell(d, DEVICE_SUSPENDED);
		if (status == 0)
			return 0;
		break;
	}
	case -ENODEV:
	case -EBADFD:
	case -ENOTTY:
		return -1;
	}
	return snd_pcm_prepare(d->pcm) < 0 ? -1 : 0;
}

/* Writes one period of the song: frames written, or an error of ALSA. */
static snd_pcm_sframes_t
write_period(struct alsa_device *d, snd_pcm_uframes_t frames)
{
	d->config.process(d->config.arg, d->floats, (int)frames);
	sample_convert(d->sample, d->floats, d->bytes, (int)frames, (int)d->channels, &d->dither);
	size_t frame_bytes = (size_t)d->sample->bytes * d->channels;
	snd_pcm_uframes_t done = 0;
	while (done < frames) {
		snd_pcm_sframes_t n = snd_pcm_writei(d->pcm, d->bytes + done * frame_bytes, frames - done);
		if (n == -EAGAIN || n == -EINTR)
			n = snd_pcm_wait(d->pcm, POLL_MS) < 0 ? -EPIPE : 0;
		if (n < 0)
			return n;
		done += (snd_pcm_uframes_t)n;
	}
	return (snd_pcm_sframes_t)done;
}

/* Fills what room there is; starts the device once it is full. */
static int
fill(struct alsa_device *d)
{
	for (;;) {
		snd_pcm_sframes_t room = snd_pcm_avail_update(d->pcm);
		if (room < 0)
			return (int)room;
		if ((snd_pcm_uframes_t)room < d->period)
			break;
		snd_pcm_sframes_t n = write_period(d, d->period);
		if (n < 0)
			return (int)n;
	}
	if (snd_pcm_state(d->pcm) == SND_PCM_STATE_PREPARED)
		return snd_pcm_start(d->pcm);
	return 0;
}

/* 1: the control thread wants an end. */
static int
wait_for_room(struct alsa_device *d, int *error)
{
	struct pollfd fds[MAX_FDS + 1];
	int count = snd_pcm_poll_descriptors(d->pcm, fds + 1, MAX_FDS);
	fds[0] = (struct pollfd){.fd = d->stop, .events = POLLIN};
	int n = poll(fds, (nfds_t)(count > 0 ? count + 1 : 1), POLL_MS);
	unsigned short revents = 0;
	*error = 0;
	if (fds[0].revents)
		return 1;
	if (n > 0 && count > 0 && snd_pcm_poll_descriptors_revents(d->pcm, fds + 1, (unsigned)count, &revents) == 0 &&
	    revents & POLLERR) {
		snd_pcm_sframes_t room = snd_pcm_avail_update(d->pcm);
		*error = room < 0 ? (int)room : 0;
	}
	return 0;
}

static void *
alsa_run(void *arg)
{
	struct alsa_device *d = arg;
	d->realtime = device_thread_begin("rt-alsa");
	int error = fill(d);
	for (;;) {
		int status = error < 0 ? recover(d, error) : 0;
		if (status < 0) {
			struct pollfd stop = {.fd = d->stop, .events = POLLIN};
			tell(d, DEVICE_LOST);
			while (poll(&stop, 1, -1) <= 0)
				;
			return NULL;
		}
		int waited = 0;
		if (error == 0 || status > 0) {
			if (wait_for_room(d, &error))
				return NULL;
			waited = 1;
		}
		if (!waited || error == 0)
			error = fill(d);
	}
}

static int
refuse(struct alsa_device *d, struct err *err, const char *what, int status)
{
	return err_set(err, "device \"%s\": %s: %s; `stemdesk devices` lists what there is", d->config.name, what,
	               snd_strerror(status));
}

static int
choose_format(struct alsa_device *d, snd_pcm_hw_params_t *hw)
{
	for (const struct sample_format *f = sample_formats; f->bytes; f++)
		if (snd_pcm_hw_params_set_format(d->pcm, hw, (snd_pcm_format_t)f->alsa) == 0) {
			d->sample = f;
			return 0;
		}
	return -EINVAL;
}

static int
set_up(struct alsa_device *d, struct device_format *got, struct err *err)
{
	snd_pcm_hw_params_t *hw;
	snd_pcm_sw_params_t *sw;
	snd_pcm_hw_params_alloca(&hw);
	snd_pcm_sw_params_alloca(&sw);
	int status = snd_pcm_hw_params_any(d->pcm, hw);
	if (status < 0)
		return refuse(d, err, "has no playback", status);
	if ((status = snd_pcm_hw_params_set_access(d->pcm, hw, SND_PCM_ACCESS_RW_INTERLEAVED)) < 0)
		return refuse(d, err, "takes no interleaved frames (try its plughw: name)", status);
	if ((status = choose_format(d, hw)) < 0)
		return refuse(d, err, "takes none of float, 32, 24 and 16 bits", status);
	unsigned rate = (unsigned)d->config.rate;
	if (snd_pcm_hw_params_set_rate(d->pcm, hw, rate, 0) < 0)
		return err_set(err,
		               "device \"%s\": does not run at %u Hz, the song's rate; try its plughw: name, which converts",
		               d->config.name, rate);
	d->channels = 2;
	if ((status = snd_pcm_hw_params_set_channels_near(d->pcm, hw, &d->channels)) < 0)
		return refuse(d, err, "has no usable number of channels", status);
	d->period = (snd_pcm_uframes_t)d->config.period;
	if ((status = snd_pcm_hw_params_set_period_size_near(d->pcm, hw, &d->period, NULL)) < 0)
		return refuse(d, err, "refuses every period", status);
	d->buffer = d->period * (snd_pcm_uframes_t)d->config.periods;
	if ((status = snd_pcm_hw_params_set_buffer_size_near(d->pcm, hw, &d->buffer)) < 0)
		return refuse(d, err, "refuses every buffer", status);
	if ((status = snd_pcm_hw_params(d->pcm, hw)) < 0)
		return refuse(d, err, "refuses its own settings", status);
	snd_pcm_hw_params_get_period_size(hw, &d->period, NULL);
	snd_pcm_hw_params_get_buffer_size(hw, &d->buffer);
	snd_pcm_sw_params_current(d->pcm, sw);
	snd_pcm_sw_params_set_avail_min(d->pcm, sw, d->period);
	snd_pcm_sw_params_set_start_threshold(d->pcm, sw, d->buffer * 2); /* started by hand, once full */
	if ((status = snd_pcm_sw_params(d->pcm, sw)) < 0)
		return refuse(d, err, "refuses its own settings", status);
	*got = (struct device_format){d->config.rate, (int)d->channels, (int)d->period, (int)d->buffer, d->sample->name, 0};
	return 0;
}

static void
alsa_close(struct device *device)
{
	struct alsa_device *d = (struct alsa_device *)device;
	uint64_t one = 1;
	if (d->started && write(d->stop, &one, sizeof one) == (ssize_t)sizeof one)
		pthread_join(d->thread, NULL);
	if (d->pcm)
		snd_pcm_close(d->pcm);
	if (d->stop >= 0)
		close(d->stop);
	ring_free(d->device.events);
	free(d->floats);
	free(d->bytes);
	free(d);
}

struct device *
alsa_open(const struct device_config *config, struct device_format *got, struct err *err)
{
	struct alsa_device *d = calloc(1, sizeof *d);
	if (!d)
		return err_set(err, "device \"%s\": not enough memory", config->name), NULL;
	d->device.close = alsa_close;
	d->config = *config;
	d->dither = 1;
	d->stop = eventfd(0, EFD_CLOEXEC);
	int status = snd_pcm_open(&d->pcm, config->name, SND_PCM_STREAM_PLAYBACK, SND_PCM_NONBLOCK);
	if (status < 0) {
		d->pcm = NULL;
		if (status == -EBUSY)
			err_set(err, "device \"%s\": another program plays on it; close that, or choose another with -D",
			        config->name);
		else
			refuse(d, err, "cannot be opened", status);
	} else if (set_up(d, got, err) == 0) {
		d->device.events = ring_new(64, sizeof(enum device_event));
		d->floats = calloc(d->period * 2, sizeof *d->floats);
		d->bytes = calloc(d->period * d->channels, (size_t)d->sample->bytes);
		if (d->device.events && d->floats && d->bytes && d->stop >= 0 &&
		    pthread_create(&d->thread, NULL, alsa_run, d) == 0) {
			d->started = 1;
			return &d->device;
		}
		err_set(err, "device \"%s\": not enough memory or threads", config->name);
	}
	alsa_close(&d->device);
	return NULL;
}

int
device_list(void (*emit)(void *arg, const char *name, const char *about), void *arg, struct err *err)
{
	void **hints;
	int status = snd_device_name_hint(-1, "pcm", &hints);
	if (status < 0)
		return err_set(err, "devices: ALSA cannot list them: %s", snd_strerror(status));
	for (void **hint = hints; *hint; hint++) {
		char *way = snd_device_name_get_hint(*hint, "IOID");
		char *name = snd_device_name_get_hint(*hint, "NAME");
		char *about = snd_device_name_get_hint(*hint, "DESC");
		if (name && (!way || !strcmp(way, "Output")))
			emit(arg, name, about ? about : "");
		free(way);
		free(name);
		free(about);
	}
	snd_device_name_free_hint(hints);
	return 0;
}
