/*
 * Faults of devices, against the real device code: each is survived, told, and costs no more of the song than it must.
 * Linked with alsa/apifail.c, which gives answers of ALSA's library that the misbehaving device cannot.
 */
#include "faulttest.h"

#define MANY 1000000000

/* A fault, and what may come of it. Periods are of 256 frames, three a buffer. */
struct fault {
	const char *name, *faults, *api;
	double seconds; /* of playing */
	int hold;
	enum device_event told; /* must be, once or more; 0: nothing need be told */
	double from, until;     /* seconds: the first of these must come between them */
	int back;               /* the device must be lost, and be back within 1 s of this many ms; -1: lost for good */
	int64_t lost;           /* frames of the ramp at most */
};

/*
 * What a fault costs: an underrun nothing (all was played), a forced one what the buffer held; a lost device, with song
 * time held, what the buffer and one period held; without, as long as it was away.
 */
enum { BUFFER = 768, PERIOD = 256 };

static const struct fault faults[] = {
    {"clean", "", "", 1.0, 0, 0, 0, 0, 0, 0},
    {"xrun", "xrun@0.4", "", 1.0, 0, DEVICE_XRUN, 0.3, 1.4, 0, BUFFER},
    {"xrun thrice", "xrun@0.3,xrun@0.5,xrun@0.7", "", 1.2, 0, DEVICE_XRUN, 0.2, 1.3, 0, 3 * BUFFER},
    {"suspend", "suspend@0.4", "", 1.0, 0, DEVICE_SUSPENDED, 0.3, 1.4, 0, 0},
    {"resume not known", "suspend@0.4", "resume=ENOSYS*0", 1.0, 0, DEVICE_SUSPENDED, 0.3, 1.4, 0, BUFFER},
    {"resume later", "suspend@0.4", "resume=EAGAIN*10", 1.3, 0, DEVICE_SUSPENDED, 0.3, 1.4, 0, 0},
    {"unplug, replug", "unplug@0.4,replug@1.0", "", 2.4, 0, DEVICE_LOST, 0.3, 1.4, 1000, 2 * 48000},
    {"unplug, replug, held", "unplug@0.4,replug@1.0", "", 2.4, 1, DEVICE_LOST, 0.3, 1.4, 1000, BUFFER + PERIOD},
    {"unplug twice", "unplug@0.3,replug@0.5,unplug@1.5,replug@1.7", "", 3.2, 1, DEVICE_LOST, 0.2, 1.3, 500,
     2 * (BUFFER + PERIOD)},
    {"unplug for good", "unplug@0.4", "", 1.5, 0, DEVICE_LOST, 0.3, 1.4, -1, 0},
    {"stall", "stall@0.4:0.7", "", 1.6, 0, DEVICE_STALLED, 0.5, 1.4, 0, 0},
    {"stall for good", "stall@0.4:60", "", 3.6, 1, DEVICE_STALLED, 0.5, 1.4, 2000, BUFFER + PERIOD},
    {"error flag", "pollerr@0.3:0.4", "", 1.0, 0, 0, 0, 0, 0, 0},
    {"failed write", "eio@0.4", "", 1.0, 0, 0, 0, 0, 0, 0},
    {"interrupted write", "eintr@0.4", "", 1.0, 0, 0, 0, 0, 0, 0},
    {"interrupted calls", "", "writei=EINTR*20@50,avail_update=EINTR*3@200", 1.0, 0, 0, 0, 0, 0, 0},
    {"writes of 7 frames", "short@0=7", "", 1.0, 0, 0, 0, 0, 0, 0},
    {"halves of writes", "", "writei=SHORT*40@10", 1.0, 0, 0, 0, 0, 0, 0},
    {"woken for nothing", "spurious@0.2:0.6", "", 1.0, 0, 0, 0, 0, 0, 0},
    {"late wake-ups", "jitter@0=5", "", 1.0, 0, 0, 0, 0, 0, 0},
    {"position in steps", "burst@0.2:0.6=4", "", 1.0, 0, 0, 0, 0, 0, 0},
    {"clock 200 ppm off", "drift@0=200", "", 1.0, 0, 0, 0, 0, 0, 0},
    {"prepare fails", "xrun@0.4", "prepare=ENODEV*1@1", 2.0, 1, DEVICE_LOST, 0.3, 1.4, 400, BUFFER + PERIOD},
};

/* Under load an underrun of the system's may come in anywhere: it costs no frame. */
static void
run_fault(int which, const char *folder)
{
	const struct fault *f = &faults[which];
	struct client c = {0};
	(void)folder;
	setenv("FAULTS", f->faults, 1);
	setenv("APIFAIL", f->api, 1);
	double cpu = cpu_seconds(), limit = getenv("SANITIZED") ? 0.8 : 0.3;
	/* What ALSA's library opens for good is open after the first device. */
	EXPECT(f->name, client_open(&c, "nodevice", PERIOD, 3, 0, 0) != 0, "there is no such device");
	EXPECT(f->name, client_open(&c, "faults", PERIOD, 3, 0, f->hold) == 0, "%s", c.err.text);
	if (!c.device)
		return;
	int descriptors = entries("/proc/self/fd"), threads = entries("/proc/self/task");
	client_wait(&c, f->seconds);
	int sounds = device_state(c.device, &c.got, &c.err);
	int now_open = entries("/proc/self/fd"), now_threads = entries("/proc/self/task");
	device_close(c.device);
	struct kept k = kept_read(0, 0);
	EXPECT(f->name, c.odd == 0, "%d calls without flush-to-zero or with open signals", c.odd);
	EXPECT(f->name, k.back == 0 && k.wrong == 0, "back %lld, wrong %lld", (long long)k.back, (long long)k.wrong);
	EXPECT(f->name, k.first == 1, "%lld", (long long)k.first);
	EXPECT(f->name, k.lost <= f->lost, "lost %lld of at most %lld", (long long)k.lost, (long long)f->lost);
	EXPECT(f->name, now_threads == threads, "%d threads, %d before", now_threads, threads);
	/* The lost device's own descriptors are closed; one that is back has as many. */
	EXPECT(f->name, now_open <= descriptors, "%d descriptors, %d before", now_open, descriptors);
	EXPECT(f->name, cpu_seconds() - cpu < limit * f->seconds, "%.2f s of CPU", cpu_seconds() - cpu);
	if (f->told) {
		EXPECT(f->name, c.count[f->told] > 0, "nothing was told");
		EXPECT(f->name, c.first[f->told] >= f->from && c.first[f->told] <= f->until, "told after %.2f s",
		       c.first[f->told]);
	}
	EXPECT(f->name, c.count[DEVICE_LOST] == 0 || f->back, "lost");
	EXPECT(f->name, sounds == (f->back >= 0), "%s", c.err.text);
	if (f->back > 0) {
		EXPECT(f->name, c.count[DEVICE_LOST] > 0 && c.count[DEVICE_BACK] == c.count[DEVICE_LOST], "lost %d, back %d",
		       c.count[DEVICE_LOST], c.count[DEVICE_BACK]);
		EXPECT(f->name, c.first[DEVICE_BACK] < f->back / 1000.0 + 1.1, "back after %.2f s", c.first[DEVICE_BACK]);
		EXPECT(f->name, k.files == 1 + c.count[DEVICE_BACK], "%d files", k.files);
		EXPECT(f->name, (c.held > 0) == f->hold, "%d calls for no frames", c.held);
	}
	if (f->back == -1) /* the song went on in silence */
		EXPECT(f->name, c.frame > 48000 * (f->seconds - 0.3), "%d frames", c.frame);
	else if (!f->hold)
		EXPECT(f->name, k.frames > 48000 * (f->seconds - 0.9), "%lld frames", (long long)k.frames);
}

START_TEST(faults_are_survived)
{
	ck_assert_int_eq(run_cases(sizeof faults / sizeof *faults, 6, run_fault), 0);
}
END_TEST

/* A callback that takes 100 ms of a buffer of 16: the underrun is the desk's own. */
static void
run_slow(int which, const char *folder)
{
	struct client c = {.slow_at = 20000};
	(void)which;
	(void)folder;
	EXPECT("slow", client_open(&c, "faults", PERIOD, 3, 0, 0) == 0, "%s", c.err.text);
	client_wait(&c, 0.9);
	device_close(c.device);
	EXPECT("slow", c.count[DEVICE_XRUN_OURS] >= 1, "%d of ours, %d of the system's", c.count[DEVICE_XRUN_OURS],
	       c.count[DEVICE_XRUN]);
	EXPECT("slow", kept_read(0, 0).lost == 0, "frames were lost");
}

/* A device that another program holds: refused with a sentence, or waited for. */
static void
run_busy(int which, const char *folder)
{
	struct client c = {0};
	(void)folder;
	setenv("FAULTS", "busy:0.5", 1);
	if (which == 1) {
		int threads = entries("/proc/self/task"); /* a sanitizer may have one of its own */
		EXPECT("busy", client_open(&c, "faults", PERIOD, 3, 0, 0) != 0, "it was opened");
		EXPECT("busy", c.got.busy == 1, "not told to be worth another try");
		EXPECT("busy", strstr(c.err.text, "busy") && strstr(c.err.text, "-D"), "%s", c.err.text);
		EXPECT("busy", entries("/proc/self/task") == threads, "a thread was left");
		return;
	}
	EXPECT("busy", client_open(&c, "faults", PERIOD, 3, 1, 1) == 0, "%s", c.err.text);
	EXPECT("busy", device_state(c.device, &c.got, &c.err) == 0 && strstr(c.err.text, "busy"), "%s", c.err.text);
	client_wait(&c, 2.2);
	device_close(c.device);
	struct kept k = kept_read(0, 0);
	EXPECT("busy", c.count[DEVICE_LOST] == 1 && c.count[DEVICE_BACK] == 1, "%d %d", c.count[DEVICE_LOST],
	       c.count[DEVICE_BACK]);
	EXPECT("busy", c.first[DEVICE_BACK] < 1.5, "back after %.2f s", c.first[DEVICE_BACK]);
	EXPECT("busy", k.first == 1 && k.lost == 0, "from %lld, lost %lld", (long long)k.first, (long long)k.lost);
}

static void
run_other(int which, const char *folder)
{
	if (which == 0)
		run_slow(which, folder);
	else
		run_busy(which, folder);
}

START_TEST(blame_and_busy)
{
	ck_assert_int_eq(run_cases(3, 3, run_other), 0);
}
END_TEST

/* The clock: real time, no device. */
START_TEST(clock_keeps_time)
{
	struct client c = {0};
	double start = clock_seconds(), cpu = cpu_seconds();
	ck_assert_int_eq(client_open(&c, "null", 300, 2, 0, 1), 0);
	ck_assert_int_eq(c.got.period, 300);
	client_wait(&c, 1.0);
	device_close(c.device);
	double passed = clock_seconds() - start;
	ck_assert_int_eq(c.frame % 300, 0);
	ck_assert_int_eq(c.odd, 0);
	ck_assert_int_eq(c.held, 0);
	ck_assert_double_le(c.frame, 48000 * passed + 600);
	/* never ahead of time; how far behind is the machine's load */
	ck_assert_double_ge(c.frame, 48000 * 0.3);
	ck_assert_double_lt(cpu_seconds() - cpu, 0.5);
}
END_TEST

TEST_MAIN("device", 120, faults_are_survived, blame_and_busy, clock_keeps_time)
