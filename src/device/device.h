/*
 * Where sound goes: a device asks for frames on a thread of its own. The control thread opens, polls and closes; the
 * callback runs on the device's real-time thread and must neither wait nor allocate.
 *
 * A device that is lost (unplugged, standing still, its server gone) is replaced by a clock without sound until it can
 * be had again: the callback goes on on the same thread, the events tell, and nobody need do anything.
 */
#ifndef DEVICE_DEVICE_H
#define DEVICE_DEVICE_H

#include <stddef.h>

#include "base/err.h"

/* Fills `frames` frames of interleaved stereo floats. None are asked for where only messages are to be taken (hold). */
typedef void device_process(void *arg, float *out, int frames);

struct device_config {
	const char *name;    /* ALSA's name ("default", "hw:CARD=USB"), or "null": a clock without sound; copied */
	double rate;         /* Hz, of the song */
	int period, periods; /* asked for: frames, and how many of them the buffer holds */
	int first;           /* the device's channel that gets the left side, from 0; the next one gets the right */
	int anyway;          /* a device that cannot be had now is waited for, as if it had been lost */
	int hold;            /* while the device is away, song time stands still instead of running on in silence */
	device_process *process;
	void *arg;
};

/* What was got. */
struct device_format {
	double rate;
	int channels, period, buffer; /* frames */
	const char *sample;           /* ALSA's name of the sample format, "none" for the clock */
	int realtime;                 /* the thread has real-time priority */
	int locked;                   /* memory is locked: 2 all of it, 1 the device's buffers and stack, 0 nothing */
	double native;                /* Hz: the device's own rate where ALSA converts to it (or the format), else 0 */
	int busy;                     /* not got, for another program has it: worth another try */
};

struct device;

/* Opens and starts. NULL with err filled: busy (who holds it is named), unknown, no usable format. */
struct device *device_open(const struct device_config *config, struct device_format *got, struct err *err);
void device_close(struct device *d);

/* What happened on the device since the last call: 0, and the event; -1: nothing. */
enum device_event {
	DEVICE_XRUN = 1,  /* the device ran dry: the system let the thread run too late */
	DEVICE_XRUN_OURS, /* the same, but the callback took longer than a period */
	DEVICE_SUSPENDED, /* the machine slept; sound goes on */
	DEVICE_STALLED,   /* no frame was taken for some time */
	DEVICE_LOST,      /* gone: the clock runs in its place */
	DEVICE_BACK       /* had again, maybe with another format: see device_state */
};
int device_poll(struct device *d, enum device_event *event);
const char *device_event_words(enum device_event event);

/* 1: the device sounds, *got is its format. 0: it is away and the clock runs; err says why. */
int device_state(struct device *d, struct device_format *got, struct err *err);

/* A format in words: "48000 Hz, S32, 2 channels, 256 frames of 768", and what ALSA converts. */
void device_format_words(const struct device_format *format, char *text, size_t size);

/* Calls emit for every playback device that ALSA knows, hardware as hw:CARD=ID; about says what and who holds it. */
int device_list(void (*emit)(void *arg, const char *name, const char *about), void *arg, struct err *err);

/* Where real-time priority is granted, and by which line. */
#define DEVICE_LIMITS_FILE "/etc/security/limits.d/audio.conf"
#define DEVICE_RTPRIO_LINE "@audio - rtprio 95"

/* What to do where there is no real-time priority: a sentence and the lines for the file it names. */
extern const char device_realtime_advice[];

#endif
