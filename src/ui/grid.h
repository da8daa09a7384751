/*
 * The screen as a grid of cells: views draw text into it, and what differs from the last frame becomes bytes for the
 * terminal. Knows no terminal; belongs to the UI's thread.
 */
#ifndef UI_GRID_H
#define UI_GRID_H

#include <stddef.h>
#include <stdint.h>

/* Styles are bits; the colour of the desk's table (1 red to 7 white, 0 none) stands above them. */
enum { GRID_BOLD = 1, GRID_REVERSE = 2, GRID_UNDERLINE = 4 };
#define GRID_COLOUR(c) ((unsigned)(c) << 8)

struct grid_cell {
	uint32_t ch; /* a character; 0: the right half of a wide one */
	unsigned style;
};

/* What is known of the terminal's own cursor: -1 where nothing is. */
struct grid_place {
	int row, col;
	unsigned style; /* that characters get */
};
#define GRID_STYLE_UNKNOWN (~0u)

struct grid {
	int rows, cols, stride;     /* stride: cells from one row to the next, cols but for a part of another grid */
	int ascii;                  /* nothing else is drawn */
	int cursor_row, cursor_col; /* where the terminal's cursor is to stand */
	struct grid_place at;       /* of a grid that is shown: where it stands */
	struct grid_cell *cell;
};

/* Bytes for the terminal. */
struct grid_bytes {
	char *data;
	size_t count, room;
};

/* How a terminal is told what to do, in as few bytes as it understands. */
struct grid_pen {
	void (*move)(struct grid_bytes *to, const struct grid_place *from, int row, int col);
	void (*style)(struct grid_bytes *to, unsigned from, unsigned style);
	void (*blank)(struct grid_bytes *to);                     /* the rest of the row; NULL: it cannot */
	void (*repeat)(struct grid_bytes *to, int ch, int count); /* an ASCII character; NULL: it cannot */
	int corner; /* a character in the last cell would scroll: it stays blank */
};

/* Sets the size (at least 1 x 1) and blanks all. 0, or -1: no memory, nothing changed. */
int grid_resize(struct grid *g, int rows, int cols);
void grid_fini(struct grid *g);
void grid_clear(struct grid *g);

/*
 * The first of `all` things of which `shown` are seen at once: `first`, or as near to it as can be so that the one `at`
 * (-1: none) is among them and no room is left.
 */
int grid_scroll(int first, int at, int shown, int all);

/* A part of a grid as a grid of its own, which shares its cells and is not to be resized; outside parts are cut off. */
struct grid grid_part(const struct grid *g, int row, int col, int rows, int cols);

/* A character of width 1; outside of the grid: nothing. */
void grid_put(struct grid *g, int row, int col, uint32_t ch, unsigned style);

/*
 * Text (UTF-8) in `width` cells from there on, cut or filled with blanks; width -1: as long as it is. Characters
 * without a width are left out, those that cannot be shown are question marks. Returns the column behind it.
 */
int grid_text(struct grid *g, int row, int col, int width, unsigned style, const char *text);
int grid_printf(struct grid *g, int row, int col, int width, unsigned style, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* Cells that a text takes, and how many bytes of it go into so many cells. */
int grid_width(const struct grid *g, const char *text);
size_t grid_fits(const struct grid *g, const char *text, int cells);

/* Bytes of a text that go into a line of so many cells, whole words where that is possible; blanks stand behind it. */
size_t grid_line(const struct grid *g, const char *text, int cells);

/* A text in lines from `row` down, each a whole row of the grid; what does not fit is left out. */
void grid_paragraph(struct grid *g, int row, unsigned style, const char *text);

/*
 * Adds what makes a terminal that shows `old` show `now`, and makes old equal; old of another size: everything. The
 * terminal keeps the last style.
 */
int grid_diff(struct grid *old, const struct grid *now, const struct grid_pen *pen, struct grid_bytes *to);

int grid_bytes_add(struct grid_bytes *to, const char *data, size_t count);

/* A row as text without its trailing blanks, for tests; out has size bytes. */
char *grid_row(const struct grid *g, int row, char *out, size_t size);

#endif
