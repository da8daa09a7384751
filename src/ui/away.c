#include "ui/away.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#define LOOK_MS 500 /* between two looks, should a signal come just before the wait */

static volatile sig_atomic_t asked_to_end;

static void
on_signal(int number)
{
	(void)number;
	asked_to_end = 1;
}

/* What the terminal was is nothing now: reading ends at once, and what is written goes nowhere. */
static void
let_go(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && null >= 0; fd++)
		if (isatty(fd) || fd != STDERR_FILENO)
			dup2(null, fd);
	if (null >= 0)
		close(null);
}

void
away_run(struct desk *d)
{
	static const int ends[] = {SIGTERM, SIGINT}, nothing[] = {SIGHUP, SIGTSTP, SIGTTOU, SIGTTIN};
	struct sigaction end = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};
	for (size_t k = 0; k < sizeof nothing / sizeof *nothing; k++)
		sigaction(nothing[k], &ignore, NULL);
	for (size_t k = 0; k < sizeof ends / sizeof *ends; k++)
		sigaction(ends[k], &end, NULL);
	let_go();
	int left = 0;
	while (!left && !asked_to_end) {
		struct desk_event event;
		struct pollfd ready = {.fd = desk_fd(d), .events = POLLIN};
		poll(&ready, 1, LOOK_MS);
		while (desk_event(d, &event) == 0)
			left |= event.kind == DESK_QUIT;
	}
}
