#include "ui/focus.h"

#include <string.h>

static int
row_at(const struct screen *s, int k, char *address, size_t size)
{
	return s->current->row ? s->current->row(s, k, address, size) : ROW_END;
}

void
focus_begin(struct screen *s)
{
	for (const struct view *v = views; v->name; v++)
		s->row[v - views] = v->first_row;
}

int
screen_row(const struct screen *s)
{
	char address[160];
	int wanted = s->row[s->current - views], found = -1, end = 0;
	/* the one wanted, or else its neighbour: another strip may have fewer values */
	for (int k = 0; !end && (k <= wanted || found < 0); k++) {
		int got = row_at(s, k, address, sizeof address);
		found = got == 0 ? k : found;
		end = got == ROW_END;
	}
	return found;
}

int
screen_focus(const struct screen *s, char *address, size_t size)
{
	int row = screen_row(s);
	if (row >= 0)
		row_at(s, row, address, size);
	return row < 0 ? -1 : 0;
}

const struct desk_value *
screen_value(const struct screen *s, const char *address)
{
	const struct desk_view *v = &s->view;
	if (!strncmp(address, "master/", 7) && s->master.values.count)
		return desk_value_find(&s->master.values, address + 7);
	size_t length = strlen(s->values.address);
	if (v->strips && s->values.uid != v->strip[v->selected].uid)
		return NULL; /* chosen just now: they are on their way */
	if (!strncmp(address, "@/", 2))
		return desk_value_find(&s->values, address + 2);
	if (length && !strncmp(address, s->values.address, length) && address[length] == '/')
		return desk_value_find(&s->values, address + length + 1);
	return NULL;
}

void
focus_walk(struct screen *s, int steps)
{
	char address[160];
	int *row = &s->row[s->current - views], way = steps < 0 ? -1 : 1;
	*row = screen_row(s);
	for (int k = *row + way; k >= 0 && steps; k += way) {
		int got = row_at(s, k, address, sizeof address);
		if (got == ROW_END)
			break;
		if (got == 0) {
			*row = k;
			steps -= way;
		}
	}
}
