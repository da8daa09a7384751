#include "ui/term_parts.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curses.h>
#include <term.h>

/* What the terminal can, read once. */
static struct {
	int colours;
	int ansi;         /* styles are the sequences that nearly all terminals share */
	int left_is_back; /* one to the left is a backspace */
	const char *cup, *hpa, *vpa, *cuf, *cub, *cuu, *cud, *el, *rep;
	char down[8]; /* one row down in the same column */
} can;

static struct grid_bytes *sink; /* of tputs */

static int
put_sink(int c)
{
	char byte = (char)c;
	grid_bytes_add(sink, &byte, 1);
	return c;
}

void
term_put(struct grid_bytes *to, const char *capability)
{
	if (!capability)
		return;
	if (!strstr(capability, "$<")) {
		grid_bytes_add(to, capability, strlen(capability));
		return;
	}
	sink = to;
	tputs(capability, 1, put_sink);
	sink = NULL;
}

char *
term_capability(const char *name)
{
	char *text = tigetstr(name);
	return (intptr_t)text == -1 ? NULL : text; /* -1: no capability of strings at all */
}

/* Whether a capability is a sequence, its padding apart. */
static int
is(const char *name, const char *sequence)
{
	const char *text = term_capability(name);
	size_t n = strlen(sequence);
	return text && !strncmp(text, sequence, n) && (!text[n] || text[n] == '$');
}

int
term_colours(void)
{
	return can.colours;
}

/* The shortest way so far, of the ways to a place. */
struct way {
	char text[64];
	size_t length;
};

static void
shorter(struct way *best, const char *text)
{
	size_t n = strlen(text);
	if (n < best->length && n < sizeof best->text) {
		memcpy(best->text, text, n + 1);
		best->length = n;
	}
}

static void
by_count(struct way *best, const char *capability, int count)
{
	if (capability && count > 0)
		shorter(best, tiparm(capability, count));
}

static void
by_repeating(struct way *best, const char *step, int count)
{
	char text[16] = "";
	size_t n = strlen(step);
	if (!n || n * (size_t)count >= sizeof text)
		return;
	for (int k = 0; k < count; k++)
		memcpy(text + (size_t)k * n, step, n + 1);
	shorter(best, text);
}

static struct way
vertical(int from, int row)
{
	struct way best = {"", from == row ? 0 : sizeof best.text};
	if (from == row)
		return best;
	if (can.vpa)
		shorter(&best, tiparm(can.vpa, row));
	if (row > from)
		by_repeating(&best, can.down, row - from);
	by_count(&best, row > from ? can.cud : can.cuu, row > from ? row - from : from - row);
	return best;
}

static struct way
horizontal(int from, int col)
{
	struct way best = {"", from == col ? 0 : sizeof best.text}, right = {"", sizeof right.text};
	char text[sizeof best.text + 1];
	if (from == col)
		return best;
	if (can.hpa)
		shorter(&best, tiparm(can.hpa, col));
	if (col == 0)
		shorter(&best, "\r");
	by_count(&right, can.cuf, col);
	if (col && right.length < sizeof right.text) {
		snprintf(text, sizeof text, "\r%s", right.text);
		shorter(&best, text);
	}
	if (from >= 0 && col > from)
		by_count(&best, can.cuf, col - from);
	if (from > col && can.left_is_back)
		by_repeating(&best, "\b", from - col);
	if (from > col)
		by_count(&best, can.cub, from - col);
	return best;
}

static void
move_to(struct grid_bytes *to, const struct grid_place *from, int row, int col)
{
	const char *cup = tiparm(can.cup, row, col);
	if (from->row < 0) {
		term_put(to, cup);
		return;
	}
	struct way best = {"", sizeof best.text};
	shorter(&best, cup);
	struct way down = vertical(from->row, row), across = horizontal(from->col, col);
	if (down.length + across.length < best.length) {
		memcpy(best.text, down.text, down.length);
		memcpy(best.text + down.length, across.text, across.length + 1);
	}
	term_put(to, best.text);
}

/* A style as the sequences of ECMA-48; what goes out of it takes all of it back. */
static void
set_ansi(struct grid_bytes *to, unsigned from, unsigned style)
{
	static const struct {
		unsigned bit;
		char number;
	} attributes[] = {{GRID_BOLD, '1'}, {GRID_UNDERLINE, '4'}, {GRID_REVERSE, '7'}};
	char text[32] = "\033[";
	size_t n = 2;
	unsigned less = from & ~style & 0xff, colour = style >> 8;
	int anew = from == GRID_STYLE_UNKNOWN || less || (!colour && from >> 8);
	if (anew && (style & 0xff || colour))
		text[n++] = '0', text[n++] = ';';
	for (size_t k = 0; k < sizeof attributes / sizeof *attributes; k++)
		if (style & attributes[k].bit && (anew || !(from & attributes[k].bit)))
			text[n++] = attributes[k].number, text[n++] = ';';
	if (colour && (anew || colour != from >> 8))
		text[n++] = '3', text[n++] = (char)('0' + colour), text[n++] = ';';
	n -= text[n - 1] == ';';
	text[n++] = 'm';
	grid_bytes_add(to, text, n);
}

static void
set_style(struct grid_bytes *to, unsigned from, unsigned style)
{
	if (!can.colours) {
		style &= 0xff;
		from = from == GRID_STYLE_UNKNOWN ? from : from & 0xff;
	}
	if (from == style)
		return;
	if (can.ansi) {
		set_ansi(to, from, style);
		return;
	}
	term_put(to, term_capability("sgr0"));
	if (style & GRID_BOLD)
		term_put(to, term_capability("bold"));
	if (style & GRID_UNDERLINE)
		term_put(to, term_capability("smul"));
	if (style & GRID_REVERSE)
		term_put(to, term_capability("rev"));
	if (style >> 8)
		term_put(to, tiparm(term_capability("setaf"), (int)(style >> 8)));
}

static void
blank_right(struct grid_bytes *to)
{
	term_put(to, can.el);
}

static void
repeat(struct grid_bytes *to, int ch, int count)
{
	term_put(to, tiparm(can.rep, ch, count));
}

static struct grid_pen pen = {move_to, set_style, NULL, NULL, 0};

const struct grid_pen *
term_pen(void)
{
	return &pen;
}

int
term_ansi(void)
{
	return can.ansi;
}

void
term_pen_open(void)
{
	const char *no = getenv("NO_COLOR"), *down = term_capability("cud1"), *setaf = term_capability("setaf");
	int colours = tigetnum("colors");
	can.colours = (no && *no) || colours < 8 || !setaf ? 0 : colours;
	can.ansi = is("bold", "\033[1m") && is("rev", "\033[7m") && is("smul", "\033[4m") &&
	           (!can.colours || !strcmp(tiparm(setaf, 1), "\033[31m"));
	can.left_is_back = is("cub1", "\b");
	can.cup = term_capability("cup");
	can.hpa = term_capability("hpa");
	can.vpa = term_capability("vpa");
	can.cuf = term_capability("cuf");
	can.cub = term_capability("cub");
	can.cuu = term_capability("cuu");
	can.cud = term_capability("cud");
	can.el = term_capability("el");
	can.rep = term_capability("rep");
	snprintf(can.down, sizeof can.down, "%s", down && strlen(down) < sizeof can.down ? down : "");
	pen.blank = can.el ? blank_right : NULL;
	pen.repeat = can.rep ? repeat : NULL;
	pen.corner = tigetflag("am") > 0 && tigetflag("xenl") <= 0;
}
