#include "device/device_parts.h"

#include "base/fpu.h"

#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STACK_BYTES (64 * 1024) /* that the callback is sure to find in memory */

const char device_realtime_advice[] =
    "no real-time priority: sound may stutter when the machine is busy. To grant it, put these two lines "
    "into\n" DEVICE_LIMITS_FILE ", say `adduser USER audio` as root, and log in again:\n"
    "    " DEVICE_RTPRIO_LINE "\n"
    "    @audio - memlock unlimited";

static int
start_at(pthread_t *thread, void *(*run)(void *), void *arg, int priority)
{
	pthread_attr_t attr;
	struct sched_param param = {.sched_priority = priority};
	if (pthread_attr_init(&attr))
		return -1;
	int status = pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED) ||
	             pthread_attr_setschedpolicy(&attr, SCHED_FIFO) || pthread_attr_setschedparam(&attr, &param) ||
	             pthread_create(thread, &attr, run, arg);
	pthread_attr_destroy(&attr);
	return status ? -1 : 0;
}

int
rt_thread_start(pthread_t *thread, void *(*run)(void *), void *arg, int *realtime)
{
	struct rlimit limit = {0, 0};
	*realtime = 1;
	if (start_at(thread, run, arg, RT_PRIORITY) == 0)
		return 0;
	/* The limit may be lower than what is asked for. */
	if (getrlimit(RLIMIT_RTPRIO, &limit) == 0 && limit.rlim_cur > 0 && limit.rlim_cur < RT_PRIORITY &&
	    start_at(thread, run, arg, (int)limit.rlim_cur) == 0)
		return 0;
	*realtime = 0;
	return pthread_create(thread, NULL, run, arg) ? -1 : 0;
}

/* Not inlined: the pages touched are those that the callback's frames will lie in. */
static __attribute__((noinline)) void
touch_stack(void)
{
	volatile unsigned char room[STACK_BYTES];
	for (size_t k = 0; k < sizeof room; k += 1024)
		room[k] = 0;
	rt_lock((const void *)room, sizeof room);
}

void
rt_thread_begin(const char *name)
{
	sigset_t all;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	fpu_flush_denormals();
	touch_stack();
	pthread_setname_np(pthread_self(), name);
}

static int
may_lock_without_limit(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY)
		return 1;
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0, 0, 0}};
	return syscall(SYS_capget, &head, data) == 0 && data[0].effective & 1u << CAP_IPC_LOCK;
}

/*
 * Under a limit, locking what is to come would make a later malloc() fail, so only small things are locked there.
 * Pages are locked once they are touched: whole stacks and libraries would not fit a small machine.
 */
int
rt_lock_all(void)
{
	return may_lock_without_limit() && mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0 ? 2 : 0;
}

int
rt_lock(const void *memory, size_t size)
{
	return mlock(memory, size) == 0;
}
