/*
 * For tests of the device layer: the misbehaving device of tests/alsa, a client that plays a ramp through it, and what
 * the device kept of that. Each case runs in a process of its own, some of them side by side.
 */
#ifndef FAULTTEST_H
#define FAULTTEST_H

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fpu.h"
#include "desktest.h"
#include "device/device.h"

#define RAMP_TOP 8388608 /* 2^23: sample = frame number / 2^23 is exact in float, 32 and 24 bits */

/* A client: its samples are the numbers of its frames, from 1. The device's thread owns what stands above the line. */
struct client {
	int32_t frame;
	int held;    /* calls for no frames */
	int odd;     /* calls without flush-to-zero or with signals open */
	int slow_at; /* the frame at which a call takes long, 0: none */
	int out;     /* the device's channel that gets the left side, from 0 */
	/* - */
	struct device *device;
	struct device_format got;
	struct err err;
	int count[DEVICE_BACK + 1];    /* events by kind */
	double start;                  /* when it was opened, in seconds */
	double first[DEVICE_BACK + 1]; /* seconds after the start, of the first of each kind */
};

/* What the device kept. */
struct kept {
	int files, channels, out;                         /* out: where the pair lies that is to have all */
	int64_t frames, silent, lost, back, wrong, first; /* wrong: a frame whose channels disagree */
	int32_t last;
};

static inline void
client_process(void *arg, float *out, int frames)
{
	struct client *c = arg;
	sigset_t blocked;
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	c->odd += !fpu_flushes_denormals() || !sigismember(&blocked, SIGTERM) || !sigismember(&blocked, SIGWINCH);
	c->held += frames == 0;
	for (int t = 0; t < frames; t++) {
		if (++c->frame == c->slow_at)
			for (double end = clock_seconds() + 0.1; clock_seconds() < end;)
				;
		out[2 * t] = out[2 * t + 1] = (float)(c->frame % RAMP_TOP) / RAMP_TOP;
	}
}

/* The folder of the case, whose file the device keeps what it plays in. */
static inline void
fault_begin(const char *folder)
{
	char path[PATH_MAX], here[PATH_MAX];
	const char *srcdir = getenv("srcdir");
	ck_assert_ptr_nonnull(realpath(srcdir ? srcdir : ".", here));
	snprintf(path, sizeof path, "%.4000s/tests/alsa/asound.conf", here);
	setenv("ALSA_CONFIG_PATH", path, 1);
	ck_assert_ptr_nonnull(realpath("tests/alsa", path));
	setenv("FAULTS_DIR", path, 1);
	snprintf(path, sizeof path, "%s/kept.wav", folder);
	setenv("FAULTS_OUT", path, 1);
}

static inline int
client_open(struct client *c, const char *name, int period, int periods, int anyway, int hold)
{
	c->start = clock_seconds();
	struct device_config config = {name, 48000, period, periods, c->out, anyway, hold, client_process, c};
	c->device = device_open(&config, &c->got, &c->err);
	return c->device ? 0 : -1;
}

static inline void
client_wait(struct client *c, double seconds)
{
	enum device_event event;
	for (double start = clock_seconds(); clock_seconds() - start < seconds; poll(NULL, 0, 5))
		while (device_poll(c->device, &event) == 0)
			if (c->count[event]++ == 0)
				c->first[event] = clock_seconds() - c->start;
}

static inline int32_t
kept_number(const unsigned char *at, int tag, int bits)
{
	float x;
	int32_t word = 0;
	int16_t half;
	if (tag == 3) {
		memcpy(&x, at, 4);
		return (int32_t)(x * RAMP_TOP);
	}
	if (bits == 16) {
		memcpy(&half, at, 2);
		return half;
	}
	memcpy(&word, at, (size_t)bits / 8);
	return word;
}

/* Reads what the device kept in one file; `shift` divides the words (a 32-bit word holds the ramp times 256). */
static inline int
kept_add(struct kept *k, const char *path, int shift)
{
	unsigned char head[44], frame[32 * 4];
	FILE *f = fopen(path, "rb");
	if (!f)
		return -1;
	if (fread(head, 1, 44, f) != 44) {
		fclose(f);
		return -1;
	}
	int tag = head[20], bits = head[34], size = head[32];
	k->channels = head[22];
	k->files++;
	while (fread(frame, 1, (size_t)size, f) == (size_t)size) {
		int32_t v = kept_number(frame + k->out * bits / 8, tag, bits) >> shift;
		k->frames++;
		for (int c = 0; c < k->channels; c++) {
			int32_t is = kept_number(frame + c * bits / 8, tag, bits);
			k->wrong += c == k->out || c == k->out + 1 ? is >> shift != v : is != 0;
		}
		if (v == 0) {
			k->silent++;
			continue;
		}
		if (k->last == 0)
			k->first = v;
		else if (v > k->last)
			k->lost += v - k->last - 1;
		else
			k->back++;
		k->last = v;
	}
	fclose(f);
	return 0;
}

static inline struct kept
kept_read(int shift, int out_channel)
{
	struct kept k = {.out = out_channel};
	char path[PATH_MAX];
	const char *out = getenv("FAULTS_OUT");
	for (int n = 1; n < 10; n++) {
		if (n == 1)
			snprintf(path, sizeof path, "%s", out);
		else
			snprintf(path, sizeof path, "%.*s-%d.wav", (int)strlen(out) - 4, out, n);
		kept_add(&k, path, shift);
	}
	return k;
}

/* Entries of a folder: of /proc/self/fd, of /proc/self/task. */
static inline int
entries(const char *folder)
{
	int n = 0;
	DIR *dir = opendir(folder);
	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static inline double
cpu_seconds(void)
{
	struct rusage r;
	getrusage(RUSAGE_SELF, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) + (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1e-6;
}

/* Says what is wrong in a case's own process; the count decides its end. */
static int case_faults;

#define EXPECT(name, what, ...)                                                                                        \
	do {                                                                                                               \
		if (!(what)) {                                                                                                 \
			case_faults++;                                                                                             \
			fprintf(stderr, "%s: not so: %s; ", name, #what);                                                          \
			fprintf(stderr, __VA_ARGS__);                                                                              \
			fputc('\n', stderr);                                                                                       \
		}                                                                                                              \
	} while (0)

/* Runs case 0 to count - 1, each in a process with a folder of its own, `width` at a time. How many failed. */
static inline int
run_cases(int count, int width, void (*run)(int which, const char *folder))
{
	int failed = 0, running = 0, status;
	char home[] = "/tmp/stemdesk-device-XXXXXX", folder[64], command[96];
	ck_assert_ptr_nonnull(mkdtemp(home));
	fflush(NULL);
	for (int k = 0; k < count || running > 0;) {
		if (k < count && running < width) {
			snprintf(folder, sizeof folder, "%s/%d", home, k);
			pid_t pid = fork();
			ck_assert_int_ge(pid, 0);
			if (pid == 0) {
				if (mkdir(folder, 0700))
					exit(1);
				fault_begin(folder);
				run(k, folder);
				exit(case_faults ? 1 : 0);
			}
			k++;
			running++;
			continue;
		}
		if (wait(&status) > 0) {
			running--;
			failed += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
			if (WIFSIGNALED(status))
				fprintf(stderr, "a case ended by signal %d\n", WTERMSIG(status));
		}
	}
	snprintf(command, sizeof command, "rm -rf '%s'", home);
	ck_assert_int_eq(system(command), 0);
	return failed;
}

#endif
