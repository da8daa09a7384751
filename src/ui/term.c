#include "ui/term.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <curses.h>
#include <term.h>

#include "base/text.h"

#define ESC_MS 40 /* an Esc that is followed by nothing for so long is the key Esc */

static struct {
	int open, out; /* out: a description of our own, so that not waiting is ours alone */
	struct termios before;
	volatile sig_atomic_t resized, ended, continued, stop;
	char input[512];
	size_t held;
	struct timespec since; /* of the first byte held */
	int pasting, gone;
} term = {.out = -1};

static struct grid_bytes *sink; /* of tputs */

static int
put_sink(int c)
{
	char byte = (char)c;
	grid_bytes_add(sink, &byte, 1);
	return c;
}

static void
put(struct grid_bytes *to, const char *capability)
{
	if (!capability)
		return;
	sink = to;
	tputs(capability, 1, put_sink);
	sink = NULL;
}

static char *
capability(const char *name)
{
	char *text = tigetstr(name);
	return (intptr_t)text == -1 ? NULL : text; /* -1: no capability of strings at all */
}

static void
move_to(struct grid_bytes *to, int row, int col)
{
	put(to, tiparm(capability("cup"), row, col));
}

int
term_colours(void)
{
	const char *no = getenv("NO_COLOR");
	int count = tigetnum("colors");
	return (no && *no) || count < 8 ? 0 : count;
}

static void
set_style(struct grid_bytes *to, unsigned style)
{
	put(to, capability("sgr0"));
	if (style & GRID_BOLD)
		put(to, capability("bold"));
	if (style & GRID_UNDERLINE)
		put(to, capability("smul"));
	if (style & GRID_REVERSE)
		put(to, capability("rev"));
	if (style >> 8 && term_colours() && capability("setaf"))
		put(to, tiparm(capability("setaf"), (int)(style >> 8)));
}

const struct grid_pen *
term_pen(void)
{
	static const struct grid_pen pen = {move_to, set_style};
	return &pen;
}

void
term_clear(struct grid_bytes *to)
{
	put(to, capability("sgr0"));
	put(to, capability("clear"));
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
	put(&bytes, capability("smcup"));
	put(&bytes, capability("smkx"));
	put(&bytes, capability("clear"));
	grid_bytes_add(&bytes, "\033[?2004h", capability("kmous") ? 8 : 0); /* bracketed paste, where xterm is spoken */
	write_now(&bytes);
}

static void
leave(void)
{
	struct grid_bytes bytes = {NULL, 0, 0};
	int rows, cols;
	grid_bytes_add(&bytes, "\033[?2004l", capability("kmous") ? 8 : 0);
	put(&bytes, capability("sgr0"));
	put(&bytes, capability("rmkx"));
	if (capability("rmcup")) {
		put(&bytes, capability("rmcup"));
	} else {
		term_size(&rows, &cols);
		move_to(&bytes, rows - 1, 0);
		grid_bytes_add(&bytes, "\r\n", 2);
	}
	put(&bytes, capability("cnorm"));
	write_now(&bytes);
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
	else
		term.ended = 1;
}

int
term_open(struct err *err)
{
	int status;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &term.before))
		return err_set(err, "the console needs a terminal; without one, `stemdesk bounce` renders and `stemdesk play` "
		                    "plays a session");
	const char *name = getenv("TERM");
	if (!name || !*name || setupterm(NULL, STDOUT_FILENO, &status) != OK || !capability("cup"))
		return err_set(err,
		               "the terminal type \"%s\" is not known or cannot place its cursor; try TERM=xterm or "
		               "TERM=vt100",
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

int
term_ended(void)
{
	return term.ended || term.gone;
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

/* Sequences of keys: terminfo's, and those that terminals send whatever they call themselves. */
static const struct {
	const char *capability, *bytes, *key;
} sequences[] = {
    {"kcuu1", "\033[A", "Up"},     {"kcud1", "\033[B", "Down"}, {"kcuf1", "\033[C", "Right"},
    {"kcub1", "\033[D", "Left"},   {NULL, "\033OA", "Up"},      {NULL, "\033OB", "Down"},
    {NULL, "\033OC", "Right"},     {NULL, "\033OD", "Left"},    {"khome", "\033[H", "Home"},
    {"kend", "\033[F", "End"},     {NULL, "\033[1~", "Home"},   {NULL, "\033[4~", "End"},
    {NULL, "\033OH", "Home"},      {NULL, "\033OF", "End"},     {"kpp", "\033[5~", "PgUp"},
    {"knp", "\033[6~", "PgDn"},    {"kdch1", "\033[3~", "Del"}, {"kich1", "\033[2~", "Ins"},
    {"kcbt", "\033[Z", "S-Tab"},   {"kf1", "\033OP", "F1"},     {"kf2", "\033OQ", "F2"},
    {"kf3", "\033OR", "F3"},       {"kf4", "\033OS", "F4"},     {"kf5", "\033[15~", "F5"},
    {"kf6", "\033[17~", "F6"},     {"kf7", "\033[18~", "F7"},   {"kf8", "\033[19~", "F8"},
    {"kf9", "\033[20~", "F9"},     {"kf10", "\033[21~", "F10"}, {"kf11", "\033[23~", "F11"},
    {"kf12", "\033[24~", "F12"},   {NULL, "\033[11~", "F1"},    {NULL, "\033[200~", "Paste"},
    {NULL, "\033[201~", "Pasted"},
};

/* Compares what is held with a sequence: its length where it is there, -1 where it may yet come, 0 where it is not. */
static int
match(const char *bytes)
{
	size_t length = strlen(bytes), n = term.held < length ? term.held : length;
	if (!length || memcmp(term.input, bytes, n))
		return 0;
	return n == length ? (int)length : -1;
}

/* The end of a control sequence that is no key of ours, so that its bytes do nothing. 0: it is not all there. */
static size_t
foreign(void)
{
	if (term.held < 3 || (term.input[1] != '[' && term.input[1] != 'O'))
		return 0;
	for (size_t k = 2; k < term.held; k++)
		if (term.input[k] >= 0x40 && term.input[k] <= 0x7e)
			return k + 1;
	return term.held >= 32 ? term.held : 0;
}

static void
drop(size_t count)
{
	term.held -= count;
	memmove(term.input, term.input + count, term.held);
}

/* A sequence at the start of what is held: its length, the key in *key (NULL: swallowed); 0 none; -1 not all there. */
static int
sequence(const char **key)
{
	int partial = 0;
	for (size_t k = 0; k < sizeof sequences / sizeof *sequences; k++) {
		const char *own = sequences[k].capability ? capability(sequences[k].capability) : NULL;
		int n = own ? match(own) : 0;
		if (n <= 0) {
			partial |= n < 0;
			n = match(sequences[k].bytes);
			partial |= n < 0;
		}
		if (n > 0) {
			*key = sequences[k].key;
			return n;
		}
	}
	*key = NULL;
	if (term.input[0] != '\033')
		return 0;
	size_t n = foreign();
	return n ? (int)n : term.held > 1 && (term.input[1] == '[' || term.input[1] == 'O') ? -1 : partial ? -1 : 0;
}

static int
plain_key(char key[16])
{
	unsigned code;
	unsigned char c = (unsigned char)term.input[0];
	size_t n = 1;
	static const char *const named[] = {[8] = "BS", [9] = "Tab", [10] = "Enter", [13] = "Enter", [27] = "Esc"};
	if (c < 28 && named[c])
		strcpy(key, named[c]);
	else if (c == 127)
		strcpy(key, "BS");
	else if (c == ' ')
		strcpy(key, "Space");
	else if (c < 32)
		snprintf(key, 16, "C-%c", c == 0 ? '@' : c < 27 ? 'a' + c - 1 : c + 64);
	else if ((n = text_decode(term.input, term.held, &code)))
		snprintf(key, 16, "%.*s", (int)n, term.input);
	else if (term.held < 4 && c >= 0xc0)
		return 0; /* the rest of a character comes */
	else
		strcpy(key, "?"), n = 1;
	drop(n);
	return 1;
}

static int
held_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int)((now.tv_sec - term.since.tv_sec) * 1000 + (now.tv_nsec - term.since.tv_nsec) / 1000000);
}

static void
read_more(void)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	if (term.held == sizeof term.input || poll(&in, 1, 0) <= 0)
		return;
	ssize_t n = read(STDIN_FILENO, term.input + term.held, sizeof term.input - term.held);
	if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
		term.gone = 1; /* poll found it ready, and there is nothing: the line was cut */
	if (n > 0) {
		term.held += (size_t)n;
		clock_gettime(CLOCK_MONOTONIC, &term.since);
	}
}

int
term_key(char key[16], int *wait)
{
	*wait = -1;
	read_more();
	while (term.held) {
		const char *name;
		int n = sequence(&name);
		if (n < 0 && held_ms() < ESC_MS) {
			*wait = ESC_MS - held_ms();
			return 0;
		}
		if (n > 0) {
			drop((size_t)n);
			if (!name)
				continue;
			term.pasting = strcmp(name, "Paste") == 0 ? 1 : strcmp(name, "Pasted") == 0 ? 0 : term.pasting;
			if (!strcmp(name, "Pasted"))
				continue;
			strcpy(key, name);
			return 1;
		}
		if (!plain_key(key)) {
			if (held_ms() >= ESC_MS)
				drop(1);
			else
				*wait = ESC_MS;
			return 0;
		}
		if (!term.pasting)
			return 1;
	}
	return 0;
}
