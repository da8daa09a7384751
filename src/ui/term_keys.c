#include "ui/term_parts.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

#define ESC_MS 25     /* an Esc that is followed by nothing for so long is the key Esc */
#define ANSWER_MS 400 /* that leaving waits for answers of a terminal that answers */
#define NEVER_MS 100  /* and of one that has never yet */
#define LATE_MS 500   /* for so long after it, what looks like the rest of a key's sequence is just that */

static struct {
	char input[512];
	size_t held;
	struct timespec since;   /* when the last byte came */
	struct timespec escaped; /* when an Esc was taken as the key, or bytes that came after it were thrown away */
	int late;                /* such bytes are under way */
	int pasting;
	struct mouse mouse;
	int answers;            /* status reports since term_answers */
	int questions, settled; /* asked for, and come, in all */
} in;

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
    {NULL, "\033[201~", "Pasted"}, {NULL, "\033[0n", "Answer"}, {NULL, "\033[3n", "Answer"},
};
#define SEQUENCES (sizeof sequences / sizeof *sequences)

static const char *own[SEQUENCES]; /* the terminal's, NULL where it has none */

void
term_keys_open(void)
{
	memset(&in, 0, sizeof in);
	for (size_t k = 0; k < SEQUENCES; k++)
		own[k] = sequences[k].capability ? term_capability(sequences[k].capability) : NULL;
}

int
term_answers(void)
{
	int answers = in.answers;
	in.answers = 0;
	return answers;
}

int
term_ask(struct grid_bytes *to)
{
	if (!term_ansi())
		return 0;
	in.questions++;
	grid_bytes_add(to, "\033[5n", 4);
	return 1;
}

static int
passed_ms(const struct timespec *since)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int)((now.tv_sec - since->tv_sec) * 1000 + (now.tv_nsec - since->tv_nsec) / 1000000);
}

/* Compares what is held with a sequence: its length where it is there, -1 where it may yet come, 0 where it is not. */
static int
match(const char *bytes)
{
	size_t length = strlen(bytes), n = in.held < length ? in.held : length;
	if (!length || memcmp(in.input, bytes, n))
		return 0;
	return n == length ? (int)length : -1;
}

struct mouse
term_mouse(void)
{
	return in.mouse;
}

/* A report of the mouse at the start of what is held: its length, 0: it is none, or does nothing. */
static int
mouse_report(void)
{
	char text[24];
	int button, col, row, length = 0;
	char end;
	snprintf(text, sizeof text, "%.*s", (int)(in.held < sizeof text ? in.held : sizeof text - 1), in.input);
	if (sscanf(text, "\033[<%d;%d;%d%c%n", &button, &col, &row, &end, &length) != 4 || (end != 'M' && end != 'm'))
		return 0;
	button &= ~(4 | 8 | 16); /* with keys held down or without */
	if (button != 0 && button != 32 && button != 64 && button != 65)
		return 0;
	in.mouse.kind = button == 64   ? MOUSE_UP
	                : button == 65 ? MOUSE_DOWN
	                : end == 'm'   ? MOUSE_RELEASE
	                : button == 32 ? MOUSE_DRAG
	                               : MOUSE_PRESS;
	in.mouse.row = row - 1;
	in.mouse.col = col - 1;
	return length;
}

/* The end of a control sequence that is no key of ours, so that its bytes do nothing. 0: it is not all there. */
static size_t
foreign(void)
{
	if (in.held < 3 || (in.input[1] != '[' && in.input[1] != 'O'))
		return 0;
	for (size_t k = 2; k < in.held; k++)
		if (in.input[k] >= 0x40 && in.input[k] <= 0x7e)
			return k + 1;
	return in.held >= 32 ? in.held : 0;
}

static void
drop(size_t count)
{
	in.held -= count;
	memmove(in.input, in.input + count, in.held);
}

/* A sequence at the start of what is held: its length, the key in *key (NULL: swallowed); 0 none; -1 not all there. */
static int
sequence(const char **key)
{
	int partial = 0;
	for (size_t k = 0; k < SEQUENCES; k++) {
		int n = own[k] ? match(own[k]) : 0;
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
	if (in.input[0] != '\033')
		return 0;
	int report = mouse_report();
	if (report) {
		*key = "Mouse";
		return report;
	}
	size_t n = foreign();
	return n ? (int)n : in.held > 1 && (in.input[1] == '[' || in.input[1] == 'O') ? -1 : partial ? -1 : 0;
}

static int
plain_key(char key[16])
{
	unsigned code;
	unsigned char c = (unsigned char)in.input[0];
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
	else if ((n = text_decode(in.input, in.held, &code)))
		snprintf(key, 16, "%.*s", (int)n, in.input);
	else if (in.held < 4 && c >= 0xc0)
		return 0; /* the rest of a character comes */
	else
		strcpy(key, "?"), n = 1;
	drop(n);
	return 1;
}

static void
read_more(void)
{
	struct pollfd ready = {.fd = STDIN_FILENO, .events = POLLIN};
	if (in.held == sizeof in.input || poll(&ready, 1, 0) <= 0)
		return;
	ssize_t n = read(STDIN_FILENO, in.input + in.held, sizeof in.input - in.held);
	if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
		term_lost(); /* poll found it ready, and there is nothing: the line was cut */
	if (n > 0) {
		in.held += (size_t)n;
		clock_gettime(CLOCK_MONOTONIC, &in.since);
	}
}

/*
 * The rest of a sequence whose Esc came so long before it that it was taken as the key: bytes to throw away, 0 where it
 * is none, -1 where that cannot be told yet.
 */
static int
late_rest(void)
{
	size_t k = 0;
	if (!in.escaped.tv_sec || passed_ms(&in.escaped) > LATE_MS) {
		in.late = 0;
		return 0;
	}
	if (!in.late && in.input[0] == 'O') {
		if (in.held < 2)
			return passed_ms(&in.since) < ESC_MS ? -1 : 0;
		return strchr("ABCDFHPQRS", in.input[1]) ? 2 : 0;
	}
	if (!in.late && in.input[k++] != '[')
		return 0;
	in.late = 1;
	for (; k < in.held && in.late; k++) {
		unsigned char c = (unsigned char)in.input[k];
		in.late = c >= 0x20 && c <= 0x3f;
		if (c < 0x20 || c > 0x7e)
			break;
	}
	return (int)k;
}

int
term_key(char key[16], int *wait)
{
	*wait = -1;
	read_more();
	while (in.held) {
		const char *name;
		int n = in.pasting ? 0 : late_rest();
		if (n > 0) {
			clock_gettime(CLOCK_MONOTONIC, &in.escaped);
			if (!in.late)
				in.escaped.tv_sec = 0;
			drop((size_t)n);
			continue;
		}
		if (n < 0) {
			*wait = ESC_MS - passed_ms(&in.since);
			return 0;
		}
		n = sequence(&name);
		if (n < 0 && passed_ms(&in.since) < ESC_MS) {
			*wait = ESC_MS - passed_ms(&in.since);
			return 0;
		}
		if (n > 0) {
			drop((size_t)n);
			if (name && !strcmp(name, "Answer"))
				in.answers++, in.settled++;
			if (!name || !strcmp(name, "Answer"))
				continue;
			in.pasting = strcmp(name, "Paste") == 0 ? 1 : strcmp(name, "Pasted") == 0 ? 0 : in.pasting;
			strcpy(key, name);
			return 1;
		}
		if (!plain_key(key)) {
			if (passed_ms(&in.since) >= ESC_MS)
				drop(1);
			else
				*wait = ESC_MS;
			return 0;
		}
		if (!in.pasting && !strcmp(key, "Esc"))
			clock_gettime(CLOCK_MONOTONIC, &in.escaped);
		return 1;
	}
	return 0;
}

void
term_keys_settle(void)
{
	struct timespec begun;
	char key[16];
	int wait, ms = in.settled ? ANSWER_MS : NEVER_MS;
	clock_gettime(CLOCK_MONOTONIC, &begun);
	while (in.questions > in.settled && passed_ms(&begun) < ms && !term_is_lost()) {
		struct pollfd ready = {.fd = STDIN_FILENO, .events = POLLIN};
		poll(&ready, 1, ms - passed_ms(&begun));
		while (term_key(key, &wait))
			;
	}
	tcflush(STDIN_FILENO, TCIFLUSH);
	in.held = 0;
	in.questions = in.settled;
}
