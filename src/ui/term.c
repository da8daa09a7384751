#include "ui/term_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define NCURSES_NOMACROS /* a pen moves, too */
#include <curses.h>
#include <term.h>

#include "base/text.h"

static struct {
	int mouse;     /* is listened to */
	int open, out; /* out: a description of our own, so that not waiting is ours alone */
	struct termios before;
	volatile sig_atomic_t resized, ended, hung_up, continued, stop;
	int gone;
} term = {.out = -1};

void
term_clear(struct grid_bytes *to)
{
	term_put(to, term_capability("sgr0"));
	term_put(to, term_capability("clear"));
}

void
term_bell(struct grid_bytes *to)
{
	grid_bytes_add(to, "\a", 1);
}

/* Writes without waiting longer than a little: for entering and leaving. */
static void
write_now(struct grid_bytes *bytes)
{
	struct pollfd ready = {.fd = term.out, .events = POLLOUT};
	for (int turns = 0; bytes->count && turns < 20; turns++) {
		poll(&ready, 1, 10);
		term_flush(bytes);
	}
	free(bytes->data);
	*bytes = (struct grid_bytes){NULL, 0, 0};
}

static void
enter(void)
{
	struct termios raw = term.before;
	struct grid_bytes bytes = {NULL, 0, 0};
	raw.c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | INLCR | IGNCR | ISTRIP | IXON);
	raw.c_lflag &= ~(tcflag_t)(ECHO | ICANON | IEXTEN | ISIG);
	raw.c_oflag &= ~(tcflag_t)OPOST;
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	term_put(&bytes, term_capability("smcup"));
	term_put(&bytes, term_capability("smkx"));
	term_put(&bytes, term_capability("clear"));
	grid_bytes_add(&bytes, "\033[?2004h",
	               term_capability("kmous") ? 8 : 0); /* bracketed paste, where xterm is spoken */
	if (term.mouse)
		grid_bytes_add(&bytes, "\033[?1002h\033[?1006h", 16);
	write_now(&bytes);
}

static void
leave(void)
{
	struct grid_bytes bytes = {NULL, 0, 0};
	int rows, cols;
	grid_bytes_add(&bytes, "\033[?2004l", term_capability("kmous") ? 8 : 0);
	if (term.mouse)
		grid_bytes_add(&bytes, "\033[?1002l\033[?1006l", 16);
	term_put(&bytes, term_capability("sgr0"));
	term_put(&bytes, term_capability("rmkx"));
	if (term_capability("rmcup")) {
		term_put(&bytes, term_capability("rmcup"));
	} else {
		term_size(&rows, &cols);
		const struct grid_place nowhere = {-1, -1, GRID_STYLE_UNKNOWN};
		term_pen()->move(&bytes, &nowhere, rows - 1, 0);
		grid_bytes_add(&bytes, "\r\n", 2);
	}
	term_put(&bytes, term_capability("cnorm"));
	write_now(&bytes);
	term_keys_settle();
	/* not from the background, where this would stop us for good, and not waiting for a terminal that reads no more */
	struct sigaction ignore = {.sa_handler = SIG_IGN}, old;
	sigaction(SIGTTOU, &ignore, &old);
	tcsetattr(STDIN_FILENO, TCSANOW, &term.before);
	sigaction(SIGTTOU, &old, NULL);
}

static void
on_signal(int number)
{
	if (number == SIGWINCH)
		term.resized = 1;
	else if (number == SIGCONT)
		term.continued = 1;
	else if (number == SIGTSTP)
		term.stop = 1;
	else if (number == SIGHUP)
		term.hung_up = 1;
	else
		term.ended = 1;
}

int
term_open(int mouse, struct err *err)
{
	int status;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &term.before))
		return err_set(err, "the console needs a terminal; without one, `stemdesk bounce` renders and `stemdesk play` "
		                    "plays a session");
	const char *name = getenv("TERM");
	if (!name || !*name || setupterm(NULL, STDOUT_FILENO, &status) != OK || !term_capability("cup"))
		return err_set(err,
		               "the terminal type \"%s\" is not known or cannot place its cursor; TERM=xterm or TERM=vt100 may "
		               "fit, and `stemdesk --plain SESSION` talks in lines on any terminal",
		               name ? name : "");
	const char *tty = ttyname(STDOUT_FILENO);
	term.out = tty ? open(tty, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
	if (term.out < 0)
		return err_set(err, "the terminal cannot be opened: %s", strerror(errno));
	static const int signals[] = {SIGWINCH, SIGCONT, SIGTSTP, SIGTERM, SIGHUP, SIGINT};
	struct sigaction action = {.sa_handler = on_signal};
	for (size_t k = 0; k < sizeof signals / sizeof *signals; k++)
		sigaction(signals[k], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	term.open = 1;
	term_pen_open();
	term_keys_open();
	term.mouse = mouse && term_ansi();
	enter();
	return 0;
}

void
term_close(void)
{
	if (!term.open)
		return;
	term.open = 0;
	leave();
	close(term.out);
	term.out = -1;
}

int
term_in(void)
{
	return STDIN_FILENO;
}

int
term_out(void)
{
	return term.out;
}

void
term_size(int *rows, int *cols)
{
	struct winsize size;
	*rows = 24;
	*cols = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col) {
		*rows = size.ws_row;
		*cols = size.ws_col;
	}
}

int
term_resized(void)
{
	int resized = term.resized;
	term.resized = 0;
	return resized;
}

int
term_continued(void)
{
	int continued = term.continued;
	term.continued = 0;
	if (continued)
		enter();
	return continued;
}

int
term_stopped(void)
{
	if (!term.stop)
		return 0;
	term.stop = 0;
	leave();
	raise(SIGSTOP);
	tcgetattr(STDIN_FILENO, &term.before);
	enter();
	return 1;
}

void
term_lost(void)
{
	term.gone = 1;
}

int
term_is_lost(void)
{
	return term.gone;
}

int
term_hung_up(void)
{
	return !term.ended && (term.hung_up || term.gone);
}

int
term_ended(void)
{
	return term.ended || term.hung_up || term.gone;
}

int
term_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

void
term_flush(struct grid_bytes *bytes)
{
	while (bytes->count) {
		ssize_t n = write(term.out, bytes->data, bytes->count);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			term.gone = 1;
		if (n <= 0)
			return;
		bytes->count -= (size_t)n;
		memmove(bytes->data, bytes->data + n, bytes->count);
	}
}
