#include "ui/grid.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/text.h"

#define GAP 4 /* unchanged cells that are cheaper written again than jumped over */

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

int
grid_text(struct grid *g, int row, int col, int width, unsigned style, const char *text)
{
	int end = width < 0 ? g->cols : col + width;
	size_t left = strlen(text);
	while (left && col < end) {
		unsigned code;
		size_t n = text_decode(text, left, &code);
		if (!n) {
			n = 1;
			code = '?';
		}
		text += n;
		left -= n;
		int wide = code < 0x80 ? 1 : g->ascii ? 1 : wcwidth((wchar_t)code);
		if (wide == 0)
			continue;
		if (wide == 2 && col + 2 > end)
			break;
		grid_put(g, row, col, wide < 0 ? '?' : code, style);
		if (wide == 2) {
			grid_put(g, row, col + 1, ' ', style);
			if (row >= 0 && row < g->rows && col + 1 < g->cols && col >= 0)
				cell_at(g, row, col + 1)->ch = 0;
		}
		col += wide == 2 ? 2 : 1;
	}
	while (width >= 0 && col < end)
		grid_put(g, row, col++, ' ', style);
	return col;
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

/* Writes the cells from..to-1 of a row where they stand. */
static void
write_run(struct grid *old, const struct grid *now, int row, int from, int to, const struct grid_pen *pen,
          struct grid_bytes *bytes, unsigned *style)
{
	char text[4];
	pen->move(bytes, row, from);
	for (int col = from; col < to; col++) {
		const struct grid_cell *c = cell_at(now, row, col);
		*cell_at(old, row, col) = *c;
		if (!c->ch)
			continue;
		if (c->style != *style) {
			pen->style(bytes, c->style);
			*style = c->style;
		}
		grid_bytes_add(bytes, text, encode(c->ch, text));
	}
}

static int
same(const struct grid *a, const struct grid *b, int row, int col)
{
	const struct grid_cell *x = cell_at(a, row, col), *y = cell_at(b, row, col);
	return x->ch == y->ch && x->style == y->style;
}

static void
diff_row(struct grid *old, const struct grid *now, int row, const struct grid_pen *pen, struct grid_bytes *to,
         unsigned *style)
{
	for (int col = 0; col < now->cols; col++) {
		if (same(old, now, row, col))
			continue;
		int from = col, end = col + 1, quiet = 0;
		while (from && !cell_at(now, row, from)->ch)
			from--; /* a wide character is written whole */
		for (int k = end; k < now->cols && quiet <= GAP; k++) {
			quiet = same(old, now, row, k) ? quiet + 1 : 0;
			end = quiet ? end : k + 1;
		}
		while (end < now->cols && !cell_at(now, row, end)->ch)
			end++;
		write_run(old, now, row, from, end, pen, to, style);
		col = end - 1;
	}
}

int
grid_diff(struct grid *old, const struct grid *now, const struct grid_pen *pen, struct grid_bytes *to)
{
	unsigned style = 0;
	size_t before = to->count;
	if (old->rows != now->rows || old->cols != now->cols) {
		if (grid_resize(old, now->rows, now->cols))
			return -1;
		for (int k = 0; k < old->rows * old->cols; k++)
			old->cell[k].ch = '\n'; /* like nothing that is drawn */
	}
	for (int row = 0; row < now->rows; row++)
		diff_row(old, now, row, pen, to, &style);
	if (style)
		pen->style(to, 0);
	if (to->count != before || old->cursor_row != now->cursor_row || old->cursor_col != now->cursor_col)
		pen->move(to, now->cursor_row, now->cursor_col);
	old->cursor_row = now->cursor_row;
	old->cursor_col = now->cursor_col;
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
