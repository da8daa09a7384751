/*
 * A desk with a stem on a disk that does not answer as it is opened, caught here until it is let go: the desk lives,
 * the other strips play, and the stem sounds once it is there.
 */
#include "opendesk.h"

#include "control/desk/tape.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t opened = PTHREAD_COND_INITIALIZER;
static int shut, waiting;

typedef int on_open(const char *, int, ...);

int
open(const char *path, int how, ...)
{
	static on_open *next;
	va_list args;
	va_start(args, how);
	mode_t mode = how & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
	va_end(args);
	if (!next)
		next = (on_open *)dlsym(RTLD_NEXT, "open");
	int watched = !strcmp(path, "b.wav") && (how & O_ACCMODE) == O_RDONLY;
	pthread_mutex_lock(&gate);
	waiting += watched;
	while (watched && shut)
		pthread_cond_wait(&opened, &gate);
	waiting -= watched;
	pthread_mutex_unlock(&gate);
	return next(path, how, mode);
}

static void
set_gate(int is_shut)
{
	pthread_mutex_lock(&gate);
	shut = is_shut;
	pthread_cond_broadcast(&opened);
	pthread_mutex_unlock(&gate);
}

static void
wait_for_nobody(void)
{
	for (int turns = 0, left = 1; turns < 2000 && left; turns++) {
		pthread_mutex_lock(&gate);
		left = waiting;
		pthread_mutex_unlock(&gate);
		poll(NULL, 0, 10);
	}
}

/* The strips are squares at half scale in the middle: -6.02 - 3.01 dB. */
static int
sounds(int strip)
{
	return view.strip[strip].peak[0] > -9.1f && view.strip[strip].peak[0] < -8.9f;
}

START_TEST(test_a_stem_comes_late)
{
	set_gate(1);
	struct desk *d = open_desk(0);
	expect(d, DESK_ERROR, "b.wav: the disk does not answer; its strip is silent until it does");
	desk_send(d, "strip/b/mute off");
	expect(d, DESK_SAYS, "2 B mute off");
	desk_send(d, "loop 0s 2s");
	expect(d, DESK_SAYS, "");
	desk_send(d, "play");
	WAIT_FOR(d, view.playing && sounds(0));
	ck_assert_double_le((double)view.strip[1].peak[0], -140);
	/* another graph of the same stems, and one more of another structure */
	desk_send(d, "locate 0s");
	desk_send(d, "bus/verb/name Verb");
	WAIT_FOR(d, view.strips == 5 && sounds(0));
	ck_assert_double_le((double)view.strip[1].peak[0], -140);
	set_gate(0);
	WAIT_FOR(d, sounds(0) && sounds(1));
	close_desk(d);
}
END_TEST

START_TEST(test_the_desk_ends)
{
	set_gate(1);
	struct desk *d = open_desk(0);
	struct desk_tape tape = {0};
	desk_tape(d, &tape);
	expect(d, DESK_ERROR, "b.wav: the disk does not answer");
	desk_send(d, "strip/a/mute on");
	expect(d, DESK_SAYS, "1 A mute on");
	close_desk(d);
	set_gate(0);
	wait_for_nobody();
}
END_TEST

TEST_MAIN("hang", 120, test_a_stem_comes_late, test_the_desk_ends)
