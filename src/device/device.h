/*
 * Where sound goes: a device asks for frames on a thread of its own. The control thread opens, polls and closes; the
 * callback runs on the device's real-time thread and must neither wait nor allocate.
 */
#ifndef DEVICE_DEVICE_H
#define DEVICE_DEVICE_H

#include <stdint.h>

#include "base/err.h"

/* Fills `frames` frames of interleaved stereo floats. */
typedef void device_process(void *arg, float *out, int frames);

struct device_config {
	const char *name;    /* ALSA's name ("default", "hw:CARD=USB"), or "null": a clock without sound */
	double rate;         /* Hz, of the song */
	int period, periods; /* asked for: frames, and how many of them the buffer holds */
	device_process *process;
	void *arg;
};

/* What was got. */
struct device_format {
	double rate;
	int channels, period, buffer; /* frames */
	const char *sample;           /* ALSA's name of the sample format */
	int realtime;                 /* the thread has real-time priority */
};

struct device;

/* Opens and starts. NULL with err filled: busy, unknown, no usable format. */
struct device *device_open(const struct device_config *config, struct device_format *got, struct err *err);
void device_close(struct device *d);

/* What happened on the device's thread since the last call: 0, and the event; -1: nothing. */
enum device_event { DEVICE_XRUN = 1, DEVICE_SUSPENDED, DEVICE_LOST };
int device_poll(struct device *d, enum device_event *event);

/* Calls emit for every playback device that ALSA knows. */
int device_list(void (*emit)(void *arg, const char *name, const char *about), void *arg, struct err *err);

/* For devices: each kind begins with this. */
struct device {
	void (*close)(struct device *d);
	struct ring *events;
};
struct device *alsa_open(const struct device_config *config, struct device_format *got, struct err *err);
struct device *null_open(const struct device_config *config, struct device_format *got, struct err *err);

/* Gives the calling thread FIFO priority and a name, blocks its signals, flushes denormals; whether priority was got.
 */
int device_thread_begin(const char *name);

#endif
