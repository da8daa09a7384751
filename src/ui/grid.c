#include "ui/grid.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/text.h"

#define REPEATED 8 /* equal characters from which a repetition is cheaper than they are */
#define ERASED 4   /* blanks to the end of a row from which they are cheaper erased */

int
grid_resize(struct grid *g, int rows, int cols)
{
	rows = rows < 1 ? 1 : rows > 1000 ? 1000 : rows;
	cols = cols < 1 ? 1 : cols > 1000 ? 1000 : cols;
	struct grid_cell *cell = realloc(g->cell, (size_t)rows * (size_t)cols * sizeof *cell);
	if (!cell)
		return -1;
	g->cell = cell;
	g->rows = rows;
	g->cols = g->stride = cols;
	grid_clear(g);
	return 0;
}

void
grid_fini(struct grid *g)
{
	free(g->cell);
	g->cell = NULL;
	g->rows = g->cols = 0;
}

void
grid_clear(struct grid *g)
{
	for (int row = 0; row < g->rows; row++)
		for (int col = 0; col < g->cols; col++)
			g->cell[row * g->stride + col] = (struct grid_cell){' ', 0};
	g->cursor_row = g->cursor_col = 0;
}

struct grid
grid_part(const struct grid *g, int row, int col, int rows, int cols)
{
	struct grid part = *g;
	row = row < 0 ? 0 : row > g->rows ? g->rows : row;
	col = col < 0 ? 0 : col > g->cols ? g->cols : col;
	part.rows = rows < 0 ? 0 : rows > g->rows - row ? g->rows - row : rows;
	part.cols = cols < 0 ? 0 : cols > g->cols - col ? g->cols - col : cols;
	part.cell += row * g->stride + col;
	part.cursor_row = part.cursor_col = 0;
	return part;
}

int
grid_scroll(int first, int at, int shown, int all)
{
	first = at >= 0 && first > at ? at : first;
	first = at >= 0 && first < at - shown + 1 ? at - shown + 1 : first;
	first = first > all - shown ? all - shown : first;
	return first < 0 ? 0 : first;
}

static struct grid_cell *
cell_at(const struct grid *g, int row, int col)
{
	return &g->cell[row * g->stride + col];
}

void
grid_put(struct grid *g, int row, int col, uint32_t ch, unsigned style)
{
	if (row < 0 || row >= g->rows || col < 0 || col >= g->cols)
		return;
	if (ch < ' ' || ch == 0x7f || (g->ascii && ch > 0x7f))
		ch = '?';
	/* half of a wide character must not stay behind */
	if (cell_at(g, row, col)->ch == 0 && col)
		cell_at(g, row, col - 1)->ch = ' ';
	if (col + 1 < g->cols && cell_at(g, row, col + 1)->ch == 0)
		cell_at(g, row, col + 1)->ch = ' ';
	*cell_at(g, row, col) = (struct grid_cell){ch, style};
}

/* Takes a character off a text: its code as it is shown, and its width in cells, 0 to 2. */
static int
next_glyph(const struct grid *g, const char **text, unsigned *code)
{
	size_t n = text_decode(*text, strlen(*text), code);
	*text += n ? n : 1;
	int wide = !n || *code < 0x80 || g->ascii ? 1 : wcwidth((wchar_t)*code);
	if (!n || wide < 0)
		*code = '?';
	return wide < 0 ? 1 : wide;
}

int
grid_text(struct grid *g, int row, int col, int width, unsigned style, const char *text)
{
	int end = width < 0 ? g->cols : col + width;
	while (*text && col < end) {
		unsigned code;
		int wide = next_glyph(g, &text, &code);
		if (wide == 0)
			continue;
		if (wide == 2 && col + 2 > end)
			break;
		grid_put(g, row, col, code, style);
		if (wide == 2) {
			grid_put(g, row, col + 1, ' ', style);
			if (row >= 0 && row < g->rows && col + 1 < g->cols && col >= 0)
				cell_at(g, row, col + 1)->ch = 0;
		}
		col += wide;
	}
	while (width >= 0 && col < end)
		grid_put(g, row, col++, ' ', style);
	return col;
}

int
grid_width(const struct grid *g, const char *text)
{
	int cells = 0;
	unsigned code;
	while (*text)
		cells += next_glyph(g, &text, &code);
	return cells;
}

size_t
grid_fits(const struct grid *g, const char *text, int cells)
{
	const char *at = text, *end = text;
	unsigned code;
	while (*at && (cells -= next_glyph(g, &at, &code)) >= 0)
		end = at;
	return (size_t)(end - text);
}

size_t
grid_line(const struct grid *g, const char *text, int cells)
{
	size_t n = grid_fits(g, text, cells), whole = n;
	while (text[n] && whole && text[whole] != ' ')
		whole--;
	return whole ? whole : n;
}

void
grid_paragraph(struct grid *g, int row, unsigned style, const char *text)
{
	for (; *text && row < g->rows; row++) {
		size_t n = grid_line(g, text, g->cols);
		grid_printf(g, row, 0, g->cols, style, "%.*s", (int)n, text);
		text += n;
		text += strspn(text, " ");
	}
}

int
grid_printf(struct grid *g, int row, int col, int width, unsigned style, const char *format, ...)
{
	char text[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return grid_text(g, row, col, width, style, text);
}

int
grid_bytes_add(struct grid_bytes *to, const char *data, size_t count)
{
	if (to->count + count > to->room) {
		size_t room = (to->count + count) * 2 + 1024;
		char *more = realloc(to->data, room);
		if (!more)
			return -1;
		to->data = more;
		to->room = room;
	}
	if (count)
		memcpy(to->data + to->count, data, count);
	to->count += count;
	return 0;
}

static size_t
encode(uint32_t ch, char *to)
{
	if (ch < 0x80) {
		to[0] = (char)ch;
		return 1;
	}
	size_t n = ch < 0x800 ? 2 : ch < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	for (size_t k = n; --k > 0; ch >>= 6)
		to[k] = (char)(0x80 | (ch & 0x3f));
	to[0] = (char)(lead[n] | ch);
	return n;
}

static int
is_blank(const struct grid_cell *c)
{
	return c->ch == ' ' && !(c->style & (GRID_REVERSE | GRID_UNDERLINE));
}

/* Blanks look alike in all colours. */
static int
same(const struct grid_cell *a, const struct grid_cell *b)
{
	return a->ch == b->ch && (a->style == b->style || (is_blank(a) && is_blank(b)));
}

/* Whether all terminals agree that it is one cell wide. */
static int
is_certain(uint32_t ch)
{
	return ch && ch != 0xad &&
	       (ch < 0x250 || (ch >= 0x2010 && ch < 0x231a) || (ch >= 0x2500 && ch < 0x25fd) ||
	        (ch >= 0x2800 && ch < 0x2900));
}

/* Whether a cell can be written in the style that is set. */
static int
fits(const struct grid_cell *c, unsigned style)
{
	if (is_blank(c))
		return !(style & (GRID_REVERSE | GRID_UNDERLINE));
	return c->style == style;
}

/* One frame on its way to the terminal. */
struct painter {
	struct grid *old;
	const struct grid *now;
	const struct grid_pen *pen;
	struct grid_bytes *to;
	struct grid_place at;
};

/* Writes cells of a row from where the cursor is; those of one style. Returns the column behind them. */
static int
write_cells(struct painter *p, int row, int col, int end)
{
	char text[4];
	const struct grid_cell *c = cell_at(p->now, row, col);
	int repeats = 1;
	if (!fits(c, p->at.style)) {
		unsigned style = is_blank(c) ? 0 : c->style;
		p->pen->style(p->to, p->at.style, style);
		p->at.style = style;
	}
	while (p->pen->repeat && col + repeats < end && c[repeats].ch == c->ch && fits(&c[repeats], p->at.style))
		repeats++;
	if (repeats >= REPEATED && c->ch < 0x80) {
		p->pen->repeat(p->to, (int)c->ch, repeats);
		p->at.col += repeats;
		return col + repeats;
	}
	grid_bytes_add(p->to, text, encode(c->ch, text));
	p->at.col++;
	if (!is_certain(c->ch) || (col + 1 < p->now->cols && !c[1].ch))
		p->at.col = p->at.row = -1;
	return col + 1;
}

/* Brings the cursor to a cell: over those between, or by a jump, whichever is shorter. */
static void
go(struct painter *p, int row, int col)
{
	char text[4];
	if (p->at.row == row && p->at.col == col)
		return;
	size_t before = p->to->count, through = 0;
	p->pen->move(p->to, &p->at, row, col);
	if (p->at.row == row && p->at.col >= 0 && p->at.col < col) {
		const struct grid_cell *c = cell_at(p->now, row, 0);
		for (int k = p->at.col; k < col; k++)
			through += fits(&c[k], p->at.style) && is_certain(c[k].ch) ? encode(c[k].ch, text) : 1000;
		if (through <= p->to->count - before) {
			p->to->count = before;
			for (int k = p->at.col; k < col; k++)
				grid_bytes_add(p->to, text, encode(c[k].ch, text));
		}
	}
	p->at.row = row;
	p->at.col = col;
}

static void
diff_row(struct painter *p, int row)
{
	const struct grid *now = p->now;
	struct grid_cell *was = cell_at(p->old, row, 0), *is = cell_at(now, row, 0);
	int end = now->cols, text_end = now->cols; /* behind what differs, and behind the last that is not blank */
	if (p->pen->corner && row == now->rows - 1)
		is[now->cols - 1] = (struct grid_cell){' ', 0};
	while (end && same(&was[end - 1], &is[end - 1]))
		end--;
	while (text_end && is_blank(&is[text_end - 1]))
		text_end--;
	for (int col = 0; col < end;) {
		if (same(&was[col], &is[col])) {
			col++;
			continue;
		}
		if (col >= text_end && end - col >= ERASED && p->pen->blank) {
			go(p, row, col);
			if (!fits(&is[col], p->at.style)) {
				p->pen->style(p->to, p->at.style, 0);
				p->at.style = 0;
			}
			p->pen->blank(p->to);
			break;
		}
		while (col && !is[col].ch)
			col--; /* a wide character is written whole */
		go(p, row, col);
		int last = col + 1;
		while (last < end && !same(&was[last], &is[last]))
			last++;
		if (p->pen->corner && row == now->rows - 1 && last == now->cols)
			last--;
		if (last <= col)
			break;
		do {
			col = write_cells(p, row, col, last);
			while (col < now->cols && !is[col].ch)
				col++; /* the right half came with it */
		} while (col < last && p->at.row >= 0);
		if (p->at.col >= now->cols)
			p->at.col = -1; /* on the last column or behind it, as the terminal likes */
	}
	memcpy(was, is, (size_t)now->cols * sizeof *was);
}

int
grid_diff(struct grid *old, const struct grid *now, const struct grid_pen *pen, struct grid_bytes *to)
{
	if (old->rows != now->rows || old->cols != now->cols) {
		if (grid_resize(old, now->rows, now->cols))
			return -1;
		for (int k = 0; k < old->rows * old->cols; k++)
			old->cell[k].ch = '\n'; /* like nothing that is drawn */
		old->at = (struct grid_place){-1, -1, GRID_STYLE_UNKNOWN};
	}
	struct painter p = {old, now, pen, to, old->at};
	for (int row = 0; row < now->rows; row++)
		diff_row(&p, row);
	if (p.at.row != now->cursor_row || p.at.col != now->cursor_col) {
		int row = now->cursor_row < now->rows ? now->cursor_row : now->rows - 1;
		int col = now->cursor_col < now->cols ? now->cursor_col : now->cols - 1;
		pen->move(to, &p.at, row, col);
		p.at.row = row;
		p.at.col = col;
	}
	old->at = p.at;
	return 0;
}

char *
grid_row(const struct grid *g, int row, char *out, size_t size)
{
	size_t n = 0, end = 0;
	for (int col = 0; col < g->cols && n + 5 < size; col++) {
		uint32_t ch = cell_at(g, row, col)->ch;
		if (!ch)
			continue;
		n += encode(ch, out + n);
		end = ch == ' ' ? end : n;
	}
	out[end] = '\0';
	return out;
}
