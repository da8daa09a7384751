#include "media/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sndfile.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define WALL_MS 1500
#define MEMORY (256u << 20)

struct report {
	int failed;
	int channels, rate;
	int64_t frames;
	char text[160];
};

static void
limit(int what, rlim_t value)
{
	struct rlimit was;
	if (!getrlimit(what, &was) && value < was.rlim_max)
		was.rlim_max = value;
	was.rlim_cur = was.rlim_max < value ? was.rlim_max : value;
	setrlimit(what, &was);
}

/* The address space in use now, bytes. */
static rlim_t
space_used(void)
{
	char text[64] = "";
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;
	if (f) {
		if (fgets(text, sizeof text, f))
			sscanf(text, "%lu", &pages);
		fclose(f);
	}
	return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* The child's life. Only what it needs stays open, and no handler of ours (that would mend a terminal) runs here. */
static void
child(int fd, int out, rlim_t space)
{
	struct report report = {.failed = 1};
	float block[1024];
	sigset_t none;
	for (int k = 1; k < NSIG; k++)
		signal(k, SIG_DFL);
	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	int low = fd < out ? fd : out, high = fd < out ? out : fd;
	/* decoders that talk must not write over the screen */
	int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int k = 0; k < 3 && nowhere >= 0 && low > 2; k++)
		dup2(nowhere, k);
#ifdef SYS_close_range
	if (low > 3)
		syscall(SYS_close_range, 3u, (unsigned)low - 1, 0u);
	if (high > low + 1)
		syscall(SYS_close_range, (unsigned)low + 1, (unsigned)high - 1, 0u);
	syscall(SYS_close_range, (unsigned)high + 1, ~0u, 0u);
#endif
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_CPU, 2);
	limit(RLIMIT_FSIZE, 0);
	if (space)
		limit(RLIMIT_AS, space + MEMORY);

	SF_INFO sf = {0};
	SNDFILE *file = sf_open_fd(fd, SFM_READ, &sf, 0);
	if (!file) {
		snprintf(report.text, sizeof report.text, "%s", sf_strerror(NULL));
	} else if (sf.channels < 1 || sf.channels > MEDIA_CHANNELS) {
		snprintf(report.text, sizeof report.text, "it has %d channels", sf.channels);
	} else {
		sf_count_t n = (sf_count_t)(sizeof block / sizeof *block) / sf.channels;
		if (n > sf.frames)
			n = sf.frames;
		if (sf_readf_float(file, block, n) != n)
			snprintf(report.text, sizeof report.text, "its first frames cannot be decoded");
		else if (!sf.seekable || sf_seek(file, sf.frames - n, SEEK_SET) != sf.frames - n)
			snprintf(report.text, sizeof report.text, "its end cannot be reached");
		else
			report.failed = 0;
		report.channels = sf.channels;
		report.rate = sf.samplerate;
		report.frames = sf.frames;
	}
	ssize_t sent = write(out, &report, sizeof report);
	_exit(sent == (ssize_t)sizeof report ? 0 : 1);
}

static int64_t
now_ms(void)
{
	return clock_ns() / 1000000;
}

/* Waits for the report until the time is over. Returns the bytes that came, or -1 at the end of the time. */
static ssize_t
receive(int in, struct report *report)
{
	int64_t end = now_ms() + WALL_MS;
	for (;;) {
		struct pollfd p = {.fd = in, .events = POLLIN};
		int64_t left = end - now_ms();
		if (left <= 0)
			return -1;
		int ready = poll(&p, 1, (int)left);
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return -1;
		ssize_t n = read(in, report, sizeof *report);
		if (n < 0 && errno == EINTR)
			continue;
		return n < 0 ? 0 : n;
	}
}

int
guard_sndfile(int fd, struct media_info *info, struct err *err)
{
	int link[2];
	sigset_t all, was;
	struct report report;
	rlim_t space = space_used();
	if (pipe2(link, O_CLOEXEC))
		return err_set(err, "cannot be checked: %s", strerror(errno));
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	pid_t pid = fork();
	if (pid == 0)
		child(fd, link[1], space);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	close(link[1]);
	if (pid < 0) {
		close(link[0]);
		return err_set(err, "cannot be checked: %s", strerror(errno));
	}
	ssize_t got = receive(link[0], &report);
	kill(pid, SIGKILL);
	struct rusage used = {0};
	while (wait4(pid, NULL, 0, &used) < 0 && errno == EINTR)
		;
	close(link[0]);
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_set(err, "cannot be read: %s", strerror(errno));

	if (got < 0 && used.ru_utime.tv_sec == 0 && used.ru_utime.tv_usec < 500000)
		return err_set(err, "could not be read within %.1f seconds; if its disk is slow or was asleep, try again",
		               WALL_MS / 1000.0);
	if (got < 0)
		return err_set(err, "could not be opened within %.1f seconds; it is damaged", WALL_MS / 1000.0);
	if (got != (ssize_t)sizeof report)
		return err_set(err, "made its decoder fail (it asked for too much time or memory, or broke); it is damaged");
	report.text[sizeof report.text - 1] = '\0';
	if (report.failed)
		return err_set(err, "cannot be decoded: %s", report.text);
	if (report.channels != info->channels || report.rate != info->rate ||
	    (info->frames && report.frames != info->frames) || report.frames < 1)
		return err_set(
		    err, "its decoder finds %d channels, %d Hz and %lld frames where its header promises others; it is damaged",
		    report.channels, report.rate, (long long)report.frames);
	info->frames = info->frames_found = report.frames;
	return 0;
}
