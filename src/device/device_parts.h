/*
 * The device layer from inside: device.c and alsa.c (control thread, and the keeper that brings a lost device back),
 * play.c and null.c (the device's real-time thread). An opened device belongs to one thread at a time and goes from
 * the keeper to the real-time thread and back through two rings.
 */
#ifndef DEVICE_DEVICE_PARTS_H
#define DEVICE_DEVICE_PARTS_H

#include <alsa/asoundlib.h>
#include <semaphore.h>
#include <stdint.h>

#include "base/ring.h"
#include "device/device.h"
#include "device/sample.h"

#define NOTES 256        /* that fit into from_rt */
#define NOTES_KEPT 16    /* of these, for devices that come back to be closed */
#define LOOK_NS 50000000 /* how often the clock's thread looks for a device that came back */

/* An opened ALSA device. */
struct alsa_sink {
	snd_pcm_t *pcm;
	struct device_format format;
	const struct sample_format *sample;
	unsigned channels;
	snd_pcm_access_t access;
	snd_pcm_uframes_t chunk, buffer; /* frames written at a time (the period, or less), and room for all */
	float *floats;                   /* a chunk, stereo */
	unsigned char *bytes;            /* the same as the device takes it */
	void **planes;                   /* a pointer a channel into bytes, where channels are apart */
	uint32_t dither;                 /* seed */
};

/* What the device's thread works with. */
struct rt_device {
	device_process *process;
	void *arg;
	double rate;
	int period, first, hold;
	int stop;             /* an eventfd: readable once the thread is to end */
	struct ring *to_rt;   /* of struct alsa_sink *: devices that came back */
	struct ring *from_rt; /* of struct rt_note */
	sem_t *keeper;        /* wakes the one who reads from_rt */
	sem_t begun;          /* thread is known */
	pid_t thread;
	struct alsa_sink *sink; /* NULL: the clock runs */
	float *floats;          /* the clock's period, stereo */
};

/* From the device's thread: an event, and with DEVICE_LOST the sink to be closed. */
struct rt_note {
	enum device_event event;
	struct alsa_sink *sink;
};

/* alsa.c: opens and sets up, in nobody's real time. NULL with err filled; *busy (may be NULL): another holds it. */
struct alsa_sink *alsa_open(const struct device_config *config, int *busy, struct err *err);
void alsa_close(struct alsa_sink *s);
/* Keeps ALSA's library from writing to stderr. */
void alsa_hush(void);

/* play.c: plays until the thread is to end (0), or the device is gone (-1). */
int rt_play(struct rt_device *rt);

/* null.c: the clock. Until the thread is to end (0), or a device has come and is rt->sink (1). */
int rt_clock(struct rt_device *rt);

/* play.c: tells the keeper. */
void rt_tell(struct rt_device *rt, enum device_event event, struct alsa_sink *sink);

/* Waits for nothing but the end: 1 if it has come. */
int rt_pause(const struct rt_device *rt, int64_t nanoseconds);

/* thread.c: starts the device's thread, with FIFO priority if that is granted (*realtime). 0, or -1. */
int rt_thread_start(pthread_t *thread, void *(*run)(void *), void *arg, int *realtime);
#define RT_PRIORITY 70 /* above other sound programs' usual 50 to 60, below the kernel's watchdogs at 99 */
/* On that thread, first of all: name, signals, floating point, stack. */
void rt_thread_begin(const char *name);
/* Locks all memory where the limit cannot be reached (2), else what is given as far as it goes (1), or nothing (0). */
int rt_lock_all(void);
int rt_lock(const void *memory, size_t size);

#endif
