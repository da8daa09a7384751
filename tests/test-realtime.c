/*
 * What the real-time thread calls while a desk plays, is edited, rebuilt and located: nothing that allocates, locks,
 * waits or touches files. The calls are caught here, between the marks that the player sets.
 */
#include "control/desk/desk.h"
#include "control/desk/ear.h"
#include "control/desk/scope.h"
#include "desktest.h"
#include "session/session.h"
#include "wavmake.h"

#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define INSTRUMENTED 1 /* sanitizers own these calls */
#else
#define INSTRUMENTED 0
#endif

static _Thread_local int inside;
static atomic_int sections, caught;
static const char *_Atomic first_caught;

void rtguard_enter(void);
void rtguard_exit(void);

void
rtguard_enter(void)
{
	inside = 1;
	atomic_fetch_add(&sections, 1);
}

void
rtguard_exit(void)
{
	inside = 0;
}

#if !INSTRUMENTED
static void catch (const char *what)
{
	if (!inside)
		return;
	const char *none = NULL;
	atomic_compare_exchange_strong(&first_caught, &none, what);
	atomic_fetch_add(&caught, 1);
}

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void __libc_free(void *);

void *
malloc(size_t size)
{
	catch ("malloc");
	return __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	catch ("calloc");
	return __libc_calloc(count, size);
}

void *
realloc(void *p, size_t size)
{
	catch ("realloc");
	return __libc_realloc(p, size);
}

void
free(void *p)
{
	catch ("free");
	__libc_free(p);
}

/* The function that would have been called. */
#define NEXT(type, name)                                                                                               \
	static type *next;                                                                                                 \
	if (!next)                                                                                                         \
	next = (type *)dlsym(RTLD_NEXT, name)

typedef int on_mutex(pthread_mutex_t *);
typedef ssize_t on_read(int, void *, size_t);
typedef ssize_t on_pread(int, void *, size_t, off_t);
typedef ssize_t on_write(int, const void *, size_t);
typedef int on_sleep(const struct timespec *, struct timespec *);
typedef int on_poll(struct pollfd *, nfds_t, int);

int
pthread_mutex_lock(pthread_mutex_t *m)
{
	NEXT(on_mutex, "pthread_mutex_lock");
	catch ("pthread_mutex_lock");
	return next(m);
}

ssize_t
read(int fd, void *p, size_t n)
{
	NEXT(on_read, "read");
	catch ("read");
	return next(fd, p, n);
}

ssize_t
pread64(int fd, void *p, size_t n, off_t at)
{
	NEXT(on_pread, "pread64");
	catch ("pread");
	return next(fd, p, n, at);
}

ssize_t
write(int fd, const void *p, size_t n)
{
	NEXT(on_write, "write");
	catch ("write");
	return next(fd, p, n);
}

int
nanosleep(const struct timespec *t, struct timespec *rest)
{
	NEXT(on_sleep, "nanosleep");
	catch ("nanosleep");
	return next(t, rest);
}

int
poll(struct pollfd *fds, nfds_t count, int ms)
{
	NEXT(on_poll, "poll");
	catch ("poll");
	return next(fds, count, ms);
}
#endif

/* Or this would prove nothing: what is forbidden is seen. */
START_TEST(test_the_trap_shuts)
{
	static const char *const names[] = {"malloc", "free", "pthread_mutex_lock", "write", "poll"};
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	for (int k = 0; k < 5 && !INSTRUMENTED; k++) {
		atomic_store(&first_caught, NULL);
		void *volatile p = k == 1 ? malloc(9) : NULL;
		inside = 1;
		if (k == 0)
			p = malloc(9);
		else if (k == 1)
			free(p);
		else if (k == 2)
			pthread_mutex_lock(&lock);
		else if (k == 3)
			p = write(-1, "", 0) ? NULL : p;
		else
			poll(NULL, 0, 0);
		inside = 0;
		const char *seen = atomic_load(&first_caught);
		ck_assert_msg(seen && !strcmp(seen, names[k]), "%s was not seen", names[k]);
		if (k == 0)
			free(p);
	}
}
END_TEST

START_TEST(test_playing_calls_nothing)
{
	/* lines, and milliseconds of playing behind each */
	static const struct {
		const char *line;
		int ms;
	} rows[] = {
	    {"play", 100},
	    {"meter ppm", 40},
	    {"strip/a/fader -6", 40},
	    {"strip/*/eq/2/gain 6", 40},
	    {"strip/*/comp/on on", 40},
	    {"strip/*/sat/on on", 40},
	    {"strip/a/mute toggle", 40},
	    {"strip/b/solo on", 40},
	    {"unsolo", 40},
	    {"locate 0.5s", 60},
	    {"bus/x/name X", 60},
	    {"strip/a/out bus/x", 60},
	    {"strip/a/send/x/level -6", 60},
	    {"bus/x/reverb/on on", 60},
	    {"select b", 40},
	    {"meter vu", 40},
	    {"loudness reset", 40},
	    {"delete strip/b", 60},
	    {"undo", 60},
	    {"monitor master", 60},
	    {"monitor speaker car", 60},
	    {"monitor speaker bluetooth", 80},
	    {"monitor speaker off", 40},
	    {"loop 0.1s 0.3s", 200},
	    {"strip/b/mute toggle", 60}, /* in the loop */
	    {"strip/c/name C", 60},
	    {"delete strip/c", 60},
	    {"loop 0.2s 0.4s", 100},
	    {"loop off", 60},
	    {"monitor pfl a", 60},
	    {"monitor afl b", 60},
	    {"strip/a/comp/key strip/b", 60},
	    {"monitor key comp a", 60},
	    {"strip/a/comp/key-hpf 200", 60},
	    {"monitor unsolo", 60},
	    {"monitor mix", 60},
	    {"locate 3s", 100}, /* past the end of the stems */
	    {"stop", 60},
	    {"play", 60},
	    {"locate 0s", 60},
	};
	struct err err = {""};
	struct desk_options options = {.device = "null"};
	static struct desk_view view;
	static struct desk_scope scope;
	static struct desk_loudness loudness;
	struct desk_event event;
	made_begin();
	struct bytes o = {.n = 0};
	put_riff(&o, "RIFF", 1, 24000, 8);
	put_chunk_head(&o, "data", 60000);
	for (int t = 0; t < 60000; t++)
		put_le(&o, 128 + (t & 32 ? 64 : -64), 1);
	end_riff(&o);
	save("a.wav", &o);
	struct session *s = session_new();
	static const char *const lines[] = {"song/rate 24000", "strip/a/name A", "strip/a/region/r1/file a.wav",
	                                    "strip/b/name B", "strip/b/region/r1/file a.wav"};
	for (size_t k = 0; k < sizeof lines / sizeof *lines; k++)
		ck_assert_msg(session_line(s, lines[k], &err) == 0, "%s: %s", lines[k], err.text);
	struct desk *d = desk_open(s, "song.desk", &options, &err);
	ck_assert_msg(d != NULL, "%s", err.text);
	desk_ear_listen(d, 1); /* somebody else hears it too */
	atomic_store(&caught, 0);
	atomic_store(&first_caught, NULL);
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		desk_send(d, rows[k].line);
		poll(NULL, 0, rows[k].ms);
		desk_view(d, &view);
		desk_scope(d, &scope);
		desk_loudness(d, &loudness);
		while (desk_event(d, &event) == 0)
			ck_assert_msg(event.kind != DESK_ERROR, "%s: %s", rows[k].line, event.text);
		ck_assert_msg(atomic_load(&caught) == 0, "%s is called after \"%s\"", atomic_load(&first_caught), rows[k].line);
	}
	/* a second at 24 kHz in periods of 256 is 94 of them */
	ck_assert_int_gt(atomic_load(&sections), 50);
	struct player_heard piece;
	int64_t heard = 0;
	while (desk_ear_heard(d, &piece) == 0)
		heard += PLAYER_HEARD;
	ck_assert_int_gt(heard, 12000);
	ck_assert_uint_eq(view.starved, 0);
	ck_assert(scope.uid != 0 && loudness.seconds > 0);
	desk_close(d);
	made_end();
}
END_TEST

TEST_MAIN("realtime", 60, test_the_trap_shuts, test_playing_calls_nothing)
