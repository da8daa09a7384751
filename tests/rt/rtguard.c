/*
 * An LD_PRELOAD checker for calls that must not be made from a real-time audio thread (malloc, locks, files, stdio,
 * sleeps ...):  LD_PRELOAD=./librtguard.so RTGUARD_NEED=1 ./program; echo $?     99: violations
 *
 * A thread is real-time
 *   - from pthread_setname_np() or prctl(PR_SET_NAME) with a name that starts with "rt-" (RTGUARD_THREADS=prefix,...)
 *     until its start routine returns: all is reported but poll, ppoll and ioctl, with which it waits for its device;
 * or
 *   - between rtguard_enter() and rtguard_exit(), which the program declares weak and calls if they are there. This
 *     section is stricter: nothing that can wait is let through, and flush-to-zero is checked.
 * rtguard_suspend()/rtguard_resume() bracket set-up and tear-down. Not seen, and allowed: trylock, sem_post,
 * clock_gettime.
 *
 * Each distinct call site is reported once with a backtrace; at exit there is a table and, if anything was found, the
 * exit status is 99 (RTGUARD_EXIT). RTGUARD_SECCOMP=1 also traps the thread's system calls in the kernel, so that those
 * made inside libc (futex waits, malloc's mmap and brk, stdio's write) are seen too; the trapped thread's return value
 * is lost and it must not be detached.
 *
 * RTGUARD_ALLOW=name,..  RTGUARD_DENY=name,..  RTGUARD_LOG=file  RTGUARD_QUIET=1  RTGUARD_ABORT=1 (core dump at the
 * first)  RTGUARD_NEED=1 (fail if no thread was ever real-time)  RTGUARD_IGNORE_LIBS=libasound,.. (calls made directly
 * by these are counted, not reported).
 * Not together with the address and thread sanitizers (they own malloc).
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#define API __attribute__((visibility("default")))
#define TLS static __thread __attribute__((tls_model("initial-exec")))
#define CALLER __builtin_return_address(0)
#define NSITE 1024

/* glibc's own allocator entry points: no dlsym() before main() */
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t),
    *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

TLS int rt_named, rt_strict, rt_off, in_guard, seccomp_on;
TLS unsigned seen_gen;
TLS struct rusage ru0;

static struct site {
	_Atomic(void *) pc;
	const char *what;
	atomic_ulong n;
} sites[NSITE];
static atomic_ulong total, ignored, rtthreads, nsections, majflt, minflt, fpu_bad;
static int logfd = 2, exit_code = 99, opt_abort, opt_seccomp, opt_quiet, ready;
static char names[256] = "rt-", allow[512], deny[512], ignlibs[512] = "libasound,libpulse,libpipewire,libspa";

static atomic_uint gen;
static pthread_t marked[64];
static atomic_int nmarked;

static void
out(const char *fmt, ...)
{
	char b[1024];
	va_list ap;
	int n;
	va_start(ap, fmt);
	n = vsnprintf(b, sizeof b, fmt, ap);
	va_end(ap);
	if (n > (int)sizeof b)
		n = sizeof b;
	if (n > 0)
		syscall(SYS_write, logfd, b, (size_t)n);
}

static int
in_list(const char *list, const char *w)
{
	size_t l = strlen(w);
	const char *p = list;
	while (*p) {
		size_t n = strcspn(p, ",");
		if (n == l && !memcmp(p, w, l))
			return 1;
		p += n + (p[n] == ',');
	}
	return 0;
}

static int
rt_state(void) /* 0 no, 1 real-time thread, 2 strict section */
{
	unsigned g = atomic_load_explicit(&gen, memory_order_acquire);
	if (in_guard || !ready)
		return 0;
	if (seen_gen != g) { /* someone named a thread from outside */
		int i, n = atomic_load(&nmarked);
		seen_gen = g;
		for (i = 0; i < n && i < 64; i++)
			if (pthread_equal(marked[i], pthread_self())) {
				if (!rt_named)
					atomic_fetch_add(&rtthreads, 1);
				rt_named = 1;
			}
	}
	if (rt_off)
		return 0;
	return rt_strict > 0 ? 2 : rt_named;
}

static int
lib_ignored(void *pc)
{
	Dl_info di;
	const char *b;
	char buf[sizeof ignlibs], *save = NULL, *t;
	int r = 0;
	if (!dladdr(pc, &di) || !di.dli_fname)
		return 0;
	b = strrchr(di.dli_fname, '/');
	b = b ? b + 1 : di.dli_fname;
	snprintf(buf, sizeof buf, "%s", ignlibs);
	for (t = strtok_r(buf, ",", &save); t; t = strtok_r(NULL, ",", &save))
		if (!strncmp(b, t, strlen(t)))
			r = 1;
	return r;
}

static void
hit(const char *what, void *pc)
{
	void *bt[32];
	unsigned h;
	int n, i, first = 0;
	if (in_list(allow, what))
		return;
	in_guard++;
	if (lib_ignored(pc)) {
		atomic_fetch_add(&ignored, 1);
		in_guard--;
		return;
	}
	atomic_fetch_add(&total, 1);
	h = (unsigned)(((uintptr_t)pc >> 2) * 2654435761u) % NSITE;
	for (i = 0; i < NSITE; i++, h = (h + 1) % NSITE) {
		void *e = NULL;
		if (atomic_compare_exchange_strong(&sites[h].pc, &e, pc)) {
			sites[h].what = what;
			first = 1;
			break;
		}
		if (e == pc && sites[h].what && !strcmp(sites[h].what, what))
			break;
	}
	if (i < NSITE)
		atomic_fetch_add(&sites[h].n, 1);
	if (first && !opt_quiet) {
		char nm[16] = "?";
		syscall(SYS_prctl, PR_GET_NAME, nm, 0, 0, 0);
		out("==rtguard== pid %d thread %ld '%s': %s() in %s\n", getpid(), (long)syscall(SYS_gettid), nm, what,
		    rt_strict > 0 ? "a real-time section" : "a real-time thread");
		n = backtrace(bt, 32);
		for (i = 0; i < n && bt[i] != pc; i++)
			;
		if (i == n)
			i = n > 2 ? 2 : 0;
		backtrace_symbols_fd(bt + i, n - i, logfd);
	}
	if (opt_abort)
		abort();
	in_guard--;
}

/* level 1: everywhere in a real-time thread; level 2: only in a strict section */
#define CHECK(name, level)                                                                                             \
	do {                                                                                                               \
		if (__builtin_expect(rt_state() >= (level), 0))                                                                \
			hit(name, CALLER);                                                                                         \
		else if (__builtin_expect(rt_state() && in_list(deny, name), 0))                                               \
			hit(name, CALLER);                                                                                         \
	} while (0)

/* ---- marking ---- */

static void seccomp_arm(void);

static void
check_fpu(void)
{
#if defined(__x86_64__) || defined(__i386__)
	unsigned csr;
	__asm__ volatile("stmxcsr %0" : "=m"(csr));
	if ((csr & 0x8040) != 0x8040)
		atomic_fetch_add(&fpu_bad, 1);
#elif defined(__aarch64__)
	uint64_t cr;
	__asm__ volatile("mrs %0, fpcr" : "=r"(cr));
	if (!(cr & (1u << 24)))
		atomic_fetch_add(&fpu_bad, 1);
#endif
}

static void
mark_self(void)
{
	if (rt_named)
		return;
	in_guard++;
	getrusage(RUSAGE_THREAD, &ru0);
	atomic_fetch_add(&rtthreads, 1);
	if (opt_seccomp)
		seccomp_arm();
	in_guard--;
	rt_named = 1;
}

static void
unmark_self(void)
{
	struct rusage r;
	if (!rt_named)
		return;
	rt_named = 0;
	if (ru0.ru_utime.tv_sec || ru0.ru_utime.tv_usec || ru0.ru_minflt || ru0.ru_nvcsw) {
		in_guard++;
		getrusage(RUSAGE_THREAD, &r);
		atomic_fetch_add(&majflt, (unsigned long)(r.ru_majflt - ru0.ru_majflt));
		atomic_fetch_add(&minflt, (unsigned long)(r.ru_minflt - ru0.ru_minflt));
		in_guard--;
	}
}

static int
name_matches(const char *n)
{
	const char *p = names;
	while (*p) {
		size_t l = strcspn(p, ",");
		if (l && !strncmp(n, p, l))
			return 1;
		p += l + (p[l] == ',');
	}
	return 0;
}

API void
rtguard_enter(void)
{
	if (!rt_strict++ && opt_seccomp && !seccomp_on) {
		in_guard++;
		seccomp_arm();
		in_guard--;
	}
	atomic_fetch_add_explicit(&nsections, 1, memory_order_relaxed);
	check_fpu();
}
API void
rtguard_exit(void)
{
	if (rt_strict > 0)
		rt_strict--;
}
API void
rtguard_suspend(void)
{
	rt_off++;
}
API void
rtguard_resume(void)
{
	if (rt_off > 0)
		rt_off--;
}
API unsigned long
rtguard_count(void)
{
	return atomic_load(&total);
}

static void *
sym(const char *n)
{
	void *p;
	in_guard++;
	p = dlsym(RTLD_NEXT, n);
	in_guard--;
	return p;
}
#define REAL(name)                                                                                                     \
	static __typeof__(&name) real;                                                                                     \
	if (__builtin_expect(!real, 0))                                                                                    \
	real = (__typeof__(&name))sym(#name)

API int
pthread_setname_np(pthread_t t, const char *n)
{
	REAL(pthread_setname_np);
	int r = real(t, n);
	if (r == 0 && name_matches(n)) {
		if (pthread_equal(t, pthread_self()))
			mark_self();
		else {
			int i = atomic_fetch_add(&nmarked, 1);
			if (i < 64) {
				marked[i] = t;
				atomic_fetch_add(&gen, 1);
			}
		}
	}
	return r;
}

API int
prctl(int op, ...)
{
	unsigned long a[4];
	va_list ap;
	int i, r;
	va_start(ap, op);
	for (i = 0; i < 4; i++)
		a[i] = va_arg(ap, unsigned long);
	va_end(ap);
	r = (int)syscall(SYS_prctl, op, a[0], a[1], a[2], a[3]);
	if (op == PR_SET_NAME && r == 0 && ready && name_matches((const char *)a[0]))
		mark_self();
	return r;
}

struct tramp {
	void *(*fn)(void *);
	void *arg;
};
static void *
tramp(void *p)
{
	struct tramp t = *(struct tramp *)p;
	void *r;
	__libc_free(p);
	r = t.fn(t.arg);
	unmark_self();
	if (seccomp_on)
		syscall(SYS_exit, 0); /* libc's way out blocks SIGSYS; join still works, the result is NULL */
	return r;
}
API int
pthread_create(pthread_t *th, const pthread_attr_t *at, void *(*fn)(void *), void *arg)
{
	REAL(pthread_create);
	struct tramp *t;
	CHECK("pthread_create", 1);
	in_guard++;
	t = __libc_malloc(sizeof *t);
	t->fn = fn;
	t->arg = arg;
	int r = real(th, at, tramp, t);
	if (r)
		__libc_free(t);
	in_guard--;
	return r;
}
API void
pthread_exit(void *r)
{
	REAL(pthread_exit);
	unmark_self();
	real(r);
	__builtin_unreachable();
}

/* a trapped system call with SIGSYS blocked kills the process: never block it */
API int
pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
	REAL(pthread_sigmask);
	sigset_t s;
	if (set && how != SIG_UNBLOCK) {
		s = *set;
		sigdelset(&s, SIGSYS);
		set = &s;
	}
	return real(how, set, old);
}

/* ---- memory ---- */
API void *
malloc(size_t n)
{
	CHECK("malloc", 1);
	return __libc_malloc(n);
}
API void
free(void *p)
{
	if (p)
		CHECK("free", 1);
	__libc_free(p);
}
API void *
calloc(size_t a, size_t b)
{
	CHECK("calloc", 1);
	return __libc_calloc(a, b);
}
API void *
realloc(void *p, size_t n)
{
	CHECK("realloc", 1);
	return __libc_realloc(p, n);
}
API void *
memalign(size_t a, size_t n)
{
	CHECK("memalign", 1);
	return __libc_memalign(a, n);
}
API void *
aligned_alloc(size_t a, size_t n)
{
	CHECK("aligned_alloc", 1);
	return __libc_memalign(a, n);
}
API int
posix_memalign(void **p, size_t a, size_t n)
{
	CHECK("posix_memalign", 1);
	*p = __libc_memalign(a, n);
	return *p ? 0 : ENOMEM;
}

#define W(level, ret, name, params, args)                                                                              \
	API ret name params                                                                                                \
	{                                                                                                                  \
		REAL(name);                                                                                                    \
		CHECK(#name, level);                                                                                           \
		return real args;                                                                                              \
	}
W(1, void *, mmap, (void *a, size_t l, int p, int f, int fd, off_t o), (a, l, p, f, fd, o))
W(1, int, munmap, (void *a, size_t l), (a, l))

/* ---- locks and waits ---- */
W(1, int, pthread_mutex_lock, (pthread_mutex_t * m), (m))
W(1, int, pthread_mutex_timedlock, (pthread_mutex_t * m, const struct timespec *t), (m, t))
W(1, int, pthread_rwlock_rdlock, (pthread_rwlock_t * m), (m))
W(1, int, pthread_rwlock_wrlock, (pthread_rwlock_t * m), (m))
W(1, int, pthread_spin_lock, (pthread_spinlock_t * m), (m))
W(1, int, pthread_cond_wait, (pthread_cond_t * c, pthread_mutex_t *m), (c, m))
W(1, int, pthread_cond_timedwait, (pthread_cond_t * c, pthread_mutex_t *m, const struct timespec *t), (c, m, t))
W(1, int, pthread_cond_signal, (pthread_cond_t * c), (c))
W(1, int, pthread_cond_broadcast, (pthread_cond_t * c), (c))
W(1, int, pthread_join, (pthread_t t, void **r), (t, r))
W(1, int, sem_wait, (sem_t * s), (s))
W(1, int, sem_timedwait, (sem_t * s, const struct timespec *t), (s, t))
W(2, int, poll, (struct pollfd * p, nfds_t n, int t), (p, n, t))
W(2, int, ppoll, (struct pollfd * p, nfds_t n, const struct timespec *t, const sigset_t *s), (p, n, t, s))
W(1, int, select, (int n, fd_set *r, fd_set *w, fd_set *e, struct timeval *t), (n, r, w, e, t))
W(1, int, nanosleep, (const struct timespec *a, struct timespec *b), (a, b))
W(1, int, clock_nanosleep, (clockid_t c, int f, const struct timespec *a, struct timespec *b), (c, f, a, b))
W(1, int, usleep, (useconds_t u), (u))
W(1, unsigned, sleep, (unsigned s), (s))
W(1, int, sched_yield, (void), ())

/* ---- files, sockets, processes ---- */
W(1, ssize_t, read, (int f, void *b, size_t n), (f, b, n))
W(1, ssize_t, write, (int f, const void *b, size_t n), (f, b, n))
W(1, ssize_t, pread, (int f, void *b, size_t n, off_t o), (f, b, n, o))
W(1, ssize_t, pwrite, (int f, const void *b, size_t n, off_t o), (f, b, n, o))
W(1, ssize_t, readv, (int f, const struct iovec *v, int n), (f, v, n))
W(1, ssize_t, writev, (int f, const struct iovec *v, int n), (f, v, n))
W(1, off_t, lseek, (int f, off_t o, int w), (f, o, w))
W(1, int, close, (int f), (f))
W(1, int, fsync, (int f), (f))
W(1, int, fdatasync, (int f), (f))
W(1, int, rename, (const char *a, const char *b), (a, b))
W(1, int, unlink, (const char *a), (a))
W(1, int, stat, (const char *p, struct stat *s), (p, s))
W(1, int, fstat, (int f, struct stat *s), (f, s))
W(1, int, access, (const char *p, int m), (p, m))
W(1, ssize_t, send, (int f, const void *b, size_t n, int g), (f, b, n, g))
W(1, ssize_t, recv, (int f, void *b, size_t n, int g), (f, b, n, g))
W(1, ssize_t, sendto, (int f, const void *b, size_t n, int g, const struct sockaddr *a, socklen_t l),
  (f, b, n, g, a, l))
W(1, ssize_t, sendmsg, (int f, const struct msghdr *m, int g), (f, m, g))
W(1, pid_t, fork, (void), ())
W(1, int, system, (const char *c), (c))
W(1, void *, dlopen, (const char *n, int f), (n, f))

#define OPENW(name)                                                                                                    \
	API int name(const char *p, int f, ...)                                                                            \
	{                                                                                                                  \
		static int (*real)(const char *, int, ...);                                                                    \
		mode_t m = 0;                                                                                                  \
		va_list ap;                                                                                                    \
		if (!real)                                                                                                     \
			real = (int (*)(const char *, int, ...))sym(#name);                                                        \
		if (f & (O_CREAT | O_TMPFILE)) {                                                                               \
			va_start(ap, f);                                                                                           \
			m = (mode_t)va_arg(ap, int);                                                                               \
			va_end(ap);                                                                                                \
		}                                                                                                              \
		CHECK(#name, 1);                                                                                               \
		return real(p, f, m);                                                                                          \
	}
OPENW(open)
OPENW(open64)
API int
ioctl(int fd, unsigned long req, ...)
{
	static int (*real)(int, unsigned long, ...);
	va_list ap;
	void *a;
	if (!real)
		real = (int (*)(int, unsigned long, ...))sym("ioctl");
	va_start(ap, req);
	a = va_arg(ap, void *);
	va_end(ap);
	CHECK("ioctl", 2);
	return real(fd, req, a);
}

/* ---- stdio and logging ---- */
W(1, FILE *, fopen, (const char *p, const char *m), (p, m))
W(1, FILE *, fopen64, (const char *p, const char *m), (p, m))
W(1, int, fclose, (FILE * f), (f))
W(1, size_t, fread, (void *b, size_t s, size_t n, FILE *f), (b, s, n, f))
W(1, size_t, fwrite, (const void *b, size_t s, size_t n, FILE *f), (b, s, n, f))
W(1, int, fflush, (FILE * f), (f))
W(1, int, fputs, (const char *s, FILE *f), (s, f))
W(1, int, puts, (const char *s), (s))
W(1, int, fputc, (int c, FILE *f), (c, f))
W(1, int, putchar, (int c), (c))
W(1, int, vfprintf, (FILE * f, const char *m, va_list a), (f, m, a))
W(1, int, vprintf, (const char *m, va_list a), (m, a))
#define PF(name, decl, call)                                                                                           \
	API int name decl                                                                                                  \
	{                                                                                                                  \
		va_list ap;                                                                                                    \
		int r;                                                                                                         \
		CHECK(#name, 1);                                                                                               \
		in_guard++;                                                                                                    \
		va_start(ap, m);                                                                                               \
		r = call;                                                                                                      \
		va_end(ap);                                                                                                    \
		in_guard--;                                                                                                    \
		return r;                                                                                                      \
	}
PF(printf, (const char *m, ...), vfprintf(stdout, m, ap))
PF(fprintf, (FILE * f, const char *m, ...), vfprintf(f, m, ap))
PF(__printf_chk, (int g, const char *m, ...), ((void)g, vfprintf(stdout, m, ap)))
PF(__fprintf_chk, (FILE * f, int g, const char *m, ...), ((void)g, vfprintf(f, m, ap)))
API void
syslog(int p, const char *m, ...)
{
	va_list ap;
	static void (*real)(int, const char *, va_list);
	if (!real)
		real = (void (*)(int, const char *, va_list))sym("vsyslog");
	CHECK("syslog", 1);
	va_start(ap, m);
	real(p, m, ap);
	va_end(ap);
}

/* ---- system calls seen by the kernel ---- */

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
__asm__(
    ".text\n.globl rtguard_raw\n.hidden rtguard_raw\n.type rtguard_raw,@function\nrtguard_raw:\n"
    "mov %rdi,%rax\nmov %rsi,%rdi\nmov %rdx,%rsi\nmov %rcx,%rdx\nmov %r8,%r10\nmov %r9,%r8\nmov 8(%rsp),%r9\nsyscall\n"
    ".globl rtguard_raw_ret\n.hidden rtguard_raw_ret\nrtguard_raw_ret:\nret\n");
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
__asm__(".text\n.globl rtguard_raw\n.hidden rtguard_raw\n.type rtguard_raw,%function\nrtguard_raw:\n"
        "mov x8,x0\nmov x0,x1\nmov x1,x2\nmov x2,x3\nmov x3,x4\nmov x4,x5\nmov x5,x6\nsvc #0\n"
        ".globl rtguard_raw_ret\n.hidden rtguard_raw_ret\nrtguard_raw_ret:\nret\n");
#endif

#ifdef ARCH
extern long rtguard_raw(long nr, long a, long b, long c, long d, long e, long f);
extern const char rtguard_raw_ret[];

static const struct {
	int nr;
	const char *name;
	int level;
} traps[] = {
    {SYS_read, "syscall read", 1},
    {SYS_write, "syscall write", 1},
    {SYS_pread64, "syscall pread64", 1},
    {SYS_pwrite64, "syscall pwrite64", 1},
    {SYS_writev, "syscall writev", 1},
    {SYS_openat, "syscall openat", 1},
    {SYS_close, "syscall close", 1},
    {SYS_lseek, "syscall lseek", 1},
    {SYS_newfstatat, "syscall newfstatat", 1},
    {SYS_fsync, "syscall fsync", 1},
    {SYS_futex, "syscall futex", 1},
    {SYS_mmap, "syscall mmap", 1},
    {SYS_munmap, "syscall munmap", 1},
    {SYS_mprotect, "syscall mprotect", 1},
    {SYS_brk, "syscall brk", 1},
    {SYS_madvise, "syscall madvise", 1},
    {SYS_clock_nanosleep, "syscall clock_nanosleep", 1},
    {SYS_nanosleep, "syscall nanosleep", 1},
    {SYS_sendto, "syscall sendto", 1},
    {SYS_sendmsg, "syscall sendmsg", 1},
    {SYS_recvmsg, "syscall recvmsg", 1},
    {SYS_ppoll, "syscall ppoll", 2},
    {SYS_ioctl, "syscall ioctl", 2},
#ifdef SYS_poll
    {SYS_poll, "syscall poll", 2},
#endif
};

static void
on_sys(int sig, siginfo_t *si, void *uc_)
{
	ucontext_t *uc = uc_;
	int saved = errno, st;
	size_t i;
	long r;
	(void)sig;
#if defined(__x86_64__)
	greg_t *g = uc->uc_mcontext.gregs;
	void *pc = (void *)g[REG_RIP];
	r = rtguard_raw(si->si_syscall, g[REG_RDI], g[REG_RSI], g[REG_RDX], g[REG_R10], g[REG_R8], g[REG_R9]);
	g[REG_RAX] = r;
#else
	unsigned long long *x = uc->uc_mcontext.regs;
	void *pc = (void *)uc->uc_mcontext.pc;
	r = rtguard_raw(si->si_syscall, x[0], x[1], x[2], x[3], x[4], x[5]);
	x[0] = (unsigned long long)r;
#endif
	st = rt_state();
	if (st)
		for (i = 0; i < sizeof traps / sizeof *traps; i++)
			if (traps[i].nr == si->si_syscall && st >= traps[i].level)
				hit(traps[i].name, pc);
	errno = saved;
}

static void
seccomp_arm(void) /* for this thread only; cannot be undone, but costs nothing when marked off */
{
	enum { N = sizeof traps / sizeof *traps };
	struct sock_filter f[N + 12];
	struct sock_fprog pr;
	struct sigaction sa;
	uint64_t ret = (uint64_t)(uintptr_t)rtguard_raw_ret;
	int i, n = 0;
	sigset_t ss;
	if (seccomp_on)
		return;
	sigemptyset(&ss);
	sigaddset(&ss, SIGSYS);
	{
		REAL(pthread_sigmask);
		real(SIG_UNBLOCK, &ss, NULL);
	}
	memset(&sa, 0, sizeof sa);
	sa.sa_sigaction = on_sys;
	sa.sa_flags = SA_SIGINFO | SA_NODEFER;
	sigaction(SIGSYS, &sa, NULL);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer));
	f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)ret, 0, 3);
	f[n++] =
	    (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer) + 4);
	f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(ret >> 32), 0, 1);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (i = 0; i < N; i++) {
		f[n] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)traps[i].nr, (uint8_t)(N - i), 0);
		n++;
	}
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
	pr.len = (unsigned short)n;
	pr.filter = f;
	syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &pr) == 0)
		seccomp_on = 1;
	else
		out("==rtguard== no seccomp filter here: %s\n", strerror(errno));
}
#else
static void
seccomp_arm(void)
{
}
#endif

/* ---- start and end ---- */

static void
summary(void)
{
	static atomic_int done;
	struct rusage r;
	int i;
	if (atomic_exchange(&done, 1))
		return;
	in_guard++;
	if (rt_named) {
		getrusage(RUSAGE_THREAD, &r);
	}
	out("==rtguard== pid %d: %lu violation(s); real-time threads %lu, sections %lu; ignored in device libraries %lu; "
	    "page faults major %lu minor %lu; sections entered without flush-to-zero %lu\n",
	    getpid(), atomic_load(&total), atomic_load(&rtthreads), atomic_load(&nsections), atomic_load(&ignored),
	    atomic_load(&majflt), atomic_load(&minflt), atomic_load(&fpu_bad));
	for (i = 0; i < NSITE; i++) {
		void *pc = atomic_load(&sites[i].pc);
		Dl_info d;
		if (!pc)
			continue;
		if (!dladdr(pc, &d))
			d.dli_fname = d.dli_sname = NULL;
		out("==rtguard== %8lu x %-22s from %s (%s+0x%lx)\n", atomic_load(&sites[i].n), sites[i].what,
		    d.dli_sname ? d.dli_sname : "?", d.dli_fname ? d.dli_fname : "?",
		    d.dli_fname ? (unsigned long)((uintptr_t)pc - (uintptr_t)d.dli_fbase) : 0);
	}
	in_guard--;
}

API void
_exit(int code)
{
	if (ready && (atomic_load(&total) || atomic_load(&rtthreads) || atomic_load(&nsections))) {
		summary();
		if (atomic_load(&total))
			code = exit_code;
	}
	for (;;)
		syscall(SYS_exit_group, code);
}
API void
_Exit(int code)
{
	_exit(code);
}

__attribute__((destructor)) static void
fini(void)
{
	int need = getenv("RTGUARD_NEED") != NULL;
	if (!ready)
		return;
	int seen = atomic_load(&rtthreads) || atomic_load(&nsections);
	if (!atomic_load(&total) && !seen && !need)
		return;
	summary();
	if (atomic_load(&total) || (need && !seen)) {
		in_guard++;
		if (!atomic_load(&total))
			out("==rtguard== no thread was ever real-time (RTGUARD_NEED)\n");
		fflush(NULL);
		for (;;)
			syscall(SYS_exit_group, exit_code);
	}
}

static void
after_fork(void)
{
	int i;
	atomic_store(&total, 0);
	atomic_store(&ignored, 0);
	atomic_store(&rtthreads, 0);
	atomic_store(&nsections, 0);
	for (i = 0; i < NSITE; i++) {
		atomic_store(&sites[i].pc, NULL);
		atomic_store(&sites[i].n, 0);
	}
}

__attribute__((constructor)) static void
init(void)
{
	const char *s;
	void *bt[4];
	backtrace(bt, 4); /* loads libgcc now, not in the audio thread */
	if ((s = getenv("RTGUARD_LOG")) && *s) {
		int fd = (int)syscall(SYS_openat, AT_FDCWD, s, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
		if (fd >= 0)
			logfd = fd;
	}
	if ((s = getenv("RTGUARD_THREADS")))
		snprintf(names, sizeof names, "%s", s);
	if ((s = getenv("RTGUARD_ALLOW")))
		snprintf(allow, sizeof allow, "%s", s);
	if ((s = getenv("RTGUARD_DENY")))
		snprintf(deny, sizeof deny, "%s", s);
	if ((s = getenv("RTGUARD_IGNORE_LIBS")))
		snprintf(ignlibs, sizeof ignlibs, "%s", s);
	if ((s = getenv("RTGUARD_EXIT")))
		exit_code = atoi(s);
	opt_abort = getenv("RTGUARD_ABORT") != NULL;
	opt_quiet = getenv("RTGUARD_QUIET") != NULL;
	opt_seccomp = getenv("RTGUARD_SECCOMP") != NULL;
	pthread_atfork(NULL, NULL, after_fork);
	ready = 1;
}
