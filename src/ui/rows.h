/*
 * Values of the chosen strip as rows to walk through, in groups with a heading: which there are, and how they are
 * drawn. Pure but for the grid; the UI's thread.
 */
#ifndef UI_ROWS_H
#define UI_ROWS_H

#include "control/desk/scope.h"
#include "ui/grid.h"

#define ROWS_MOST (2 * DESK_VALUES) /* each value may have a heading of its own */

struct rows {
	int count;              /* headings too */
	short value[ROWS_MOST]; /* which value; -1 - K is the heading of value K */
};

/*
 * The values of some groups in that order (words with spaces between; NULL: all) that a search text finds ("" or NULL:
 * all): each of its words stands in the heading or the help, or its letters in that order in the address.
 */
void rows_make(struct rows *r, const struct desk_values *v, const char *groups, const char *search);

enum { ROW_NONE = 1, ROW_END = -1 };

/* The address of the value in row k, behind `before`. 0; ROW_NONE: it is a heading; ROW_END: there are no more. */
int rows_address(const struct rows *r, const struct desk_values *v, int k, const char *before, char *to, size_t size);

/* The first row of the group that many on from row `at` (back: of its own first), or of the last there is. */
int rows_group(const struct rows *r, int at, int steps);

/* The row of an address, -1 where it is not there. */
int rows_find(const struct rows *r, const struct desk_values *v, const char *address);

/*
 * Draws as many rows as there is room for, from *first on, which moves so that row `at` is seen; that one has the
 * focus, and the cursor goes there.
 */
void rows_draw(const struct rows *r, const struct desk_values *v, int at, int *first, struct grid *g);

/* The heading of a value's group in words. */
const char *rows_title(const struct desk_value *v, char *to, size_t size);

#endif
