#include "ui/prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
prompt_begin(struct prompt *p, char sign, const char *label, const char *text)
{
	p->open = sign;
	p->place = -1;
	snprintf(p->label, sizeof p->label, "%s", label);
	snprintf(p->text, sizeof p->text, "%s%s", text, *text ? " " : "");
	p->length = p->at = strlen(p->text);
	prompt_offer_none(p);
}

void
prompt_fini(struct prompt *p)
{
	for (int k = 0; k < PROMPT_HISTORY; k++)
		free(p->history[k]);
}

static size_t
back(const struct prompt *p, size_t at)
{
	while (at && (p->text[--at] & 0xc0) == 0x80)
		;
	return at;
}

static size_t
forth(const struct prompt *p, size_t at)
{
	if (at < p->length)
		at++;
	while (at < p->length && (p->text[at] & 0xc0) == 0x80)
		at++;
	return at;
}

static void
cut(struct prompt *p, size_t from, size_t to)
{
	memmove(p->text + from, p->text + to, p->length - to + 1);
	p->length -= to - from;
	p->at = from;
}

static void
insert(struct prompt *p, const char *text)
{
	size_t n = strlen(text);
	if (p->length + n >= sizeof p->text)
		return;
	memmove(p->text + p->at + n, p->text + p->at, p->length - p->at + 1);
	memcpy(p->text + p->at, text, n);
	p->length += n;
	p->at += n;
}

/* Goes to an older or newer line that holds what was typed before. */
static void
recall(struct prompt *p, int step)
{
	int place = p->place + step;
	if (p->place < 0)
		memcpy(p->kept, p->text, sizeof p->kept);
	while (place >= 0 && place < PROMPT_HISTORY && p->history[place] && !strstr(p->history[place], p->kept))
		place += step;
	if (p->open != ':' || place < -1 || place >= PROMPT_HISTORY || (place >= 0 && !p->history[place]))
		return;
	snprintf(p->text, sizeof p->text, "%s", place < 0 ? p->kept : p->history[place]);
	p->place = place;
	p->length = p->at = strlen(p->text);
}

static void
remember(struct prompt *p)
{
	char *copy = p->open == ':' && strspn(p->text, " ") < p->length ? strdup(p->text) : NULL;
	if (!copy || (p->history[0] && !strcmp(p->history[0], copy))) {
		free(copy);
		return;
	}
	free(p->history[PROMPT_HISTORY - 1]);
	memmove(p->history + 1, p->history, (PROMPT_HISTORY - 1) * sizeof *p->history);
	p->history[0] = copy;
}

static int
is_letter(const char *key)
{
	return strlen(key) == 1 || (unsigned char)*key >= 0x80;
}

void
prompt_paste(struct prompt *p, const char *key)
{
	int blank = !strcmp(key, "Enter") || !strcmp(key, "Tab") || !strcmp(key, "Space") || !strcmp(key, "C-j");
	if (blank && p->at && p->text[p->at - 1] != ' ')
		insert(p, " ");
	else if (!blank && is_letter(key))
		insert(p, key);
}

void
prompt_replace(struct prompt *p, size_t from, const char *text)
{
	if (from <= p->at)
		cut(p, from, p->at);
	insert(p, text);
}

void
prompt_offer_none(struct prompt *p)
{
	p->offers = 0;
	p->chosen = -1;
}

void
prompt_offer(struct prompt *p, int score, const char *text, const char *help)
{
	int at = p->offers;
	while (at && p->offer[at - 1].score < score)
		at--;
	if (at == PROMPT_OFFERS)
		return;
	p->offers += p->offers < PROMPT_OFFERS;
	memmove(&p->offer[at + 1], &p->offer[at], (size_t)(p->offers - 1 - at) * sizeof *p->offer);
	p->offer[at].score = score;
	snprintf(p->offer[at].text, sizeof p->offer[at].text, "%s", text);
	snprintf(p->offer[at].help, sizeof p->offer[at].help, "%s", help);
}

int
prompt_key(struct prompt *p, const char *key)
{
	if (!strcmp(key, "Enter")) {
		remember(p);
		p->open = 0;
		return PROMPT_DONE;
	}
	if (!strcmp(key, "Esc") || !strcmp(key, "C-c") || !strcmp(key, "C-g") || (!strcmp(key, "BS") && !p->length)) {
		p->open = 0;
		return PROMPT_LEFT;
	}
	if (!strcmp(key, "BS"))
		cut(p, back(p, p->at), p->at);
	else if (!strcmp(key, "Del"))
		cut(p, p->at, forth(p, p->at));
	else if (!strcmp(key, "Left"))
		p->at = back(p, p->at);
	else if (!strcmp(key, "Right"))
		p->at = forth(p, p->at);
	else if (!strcmp(key, "Home") || !strcmp(key, "C-a"))
		p->at = 0;
	else if (!strcmp(key, "End") || !strcmp(key, "C-e"))
		p->at = p->length;
	else if (!strcmp(key, "C-u"))
		cut(p, 0, p->at);
	else if (!strcmp(key, "C-k"))
		cut(p, p->at, p->length), p->at = p->length;
	else if (!strcmp(key, "C-w")) {
		size_t from = p->at;
		while (from && p->text[from - 1] == ' ')
			from--;
		while (from && p->text[from - 1] != ' ')
			from--;
		cut(p, from, p->at);
	} else if (!strcmp(key, "Up") || !strcmp(key, "C-p") || !strcmp(key, "C-r"))
		recall(p, 1);
	else if (!strcmp(key, "Down") || !strcmp(key, "C-n"))
		recall(p, -1);
	else if (!strcmp(key, "Space"))
		insert(p, " ");
	else if (is_letter(key))
		insert(p, key);
	return PROMPT_TYPING;
}

/* What the line may mean, above it: as many as there is room for, the chosen one among them. */
static void
draw_offers(const struct prompt *p, struct grid *g, int bottom)
{
	int rows = p->offers < 8 ? p->offers : 8, wide = 12;
	rows = rows < bottom - 1 ? rows : bottom - 1;
	int first = p->chosen >= rows ? p->chosen - rows + 1 : 0;
	for (int k = 0; k < rows; k++) {
		int n = grid_width(g, p->offer[first + k].text);
		wide = n > wide && n < g->cols / 2 ? n : wide;
	}
	for (int k = 0; k < rows; k++) {
		const struct prompt_offer *o = &p->offer[first + k];
		int row = bottom - rows + k;
		unsigned style = first + k == p->chosen ? GRID_REVERSE : GRID_UNDERLINE;
		grid_put(g, row, 0, first + k == p->chosen ? '>' : ' ', style);
		int at = grid_text(g, row, 1, wide, style | GRID_BOLD, o->text);
		grid_put(g, row, at, ' ', style);
		grid_text(g, row, at + 1, g->cols - at - 1, style, o->help);
	}
	if (p->offers > rows && rows > 0)
		grid_printf(g, bottom - 1, g->cols - 12, 12, GRID_REVERSE, " %d more", p->offers - rows);
}

void
prompt_draw(const struct prompt *p, struct grid *g, int row)
{
	char before[sizeof p->text];
	/* what it is about stands above where it would take the room of what is typed */
	int label = grid_width(g, p->label), above = label && label + grid_width(g, p->text) + 2 >= g->cols && row > 0;
	int col = above ? 1 : 1 + label, room = g->cols - 1 - col;
	draw_offers(p, g, row - above);
	grid_text(g, row, 0, g->cols, 0, "");
	grid_put(g, row, 0, (unsigned char)p->open, GRID_BOLD);
	grid_text(g, row - above, above ? 0 : 1, above ? g->cols : label, 0, p->label);
	/* what does not fit goes out on the left */
	const char *from = p->text;
	snprintf(before, sizeof before, "%.*s", (int)p->at, p->text);
	while (from < p->text + p->at && grid_width(g, before + (from - p->text)) > room)
		from += grid_fits(g, from, 2) ? grid_fits(g, from, 2) : 1;
	grid_text(g, row, col, g->cols - col, 0, from);
	g->cursor_col = col + grid_width(g, before + (from - p->text));
	g->cursor_row = row;
}
