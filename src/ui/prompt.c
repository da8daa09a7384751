#include "ui/prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
prompt_begin(struct prompt *p, char sign, const char *text)
{
	p->open = sign;
	p->place = -1;
	snprintf(p->text, sizeof p->text, "%s%s", text, *text ? " " : "");
	p->length = p->at = strlen(p->text);
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

static void
recall(struct prompt *p, int step)
{
	int place = p->place + step;
	if (place < -1 || place >= PROMPT_HISTORY || (place >= 0 && !p->history[place]))
		return;
	if (p->place < 0)
		memcpy(p->kept, p->text, sizeof p->kept);
	snprintf(p->text, sizeof p->text, "%s", place < 0 ? p->kept : p->history[place]);
	p->place = place;
	p->length = p->at = strlen(p->text);
}

static void
remember(struct prompt *p)
{
	char *copy = strspn(p->text, " ") < p->length ? strdup(p->text) : NULL;
	if (!copy || (p->history[0] && !strcmp(p->history[0], copy))) {
		free(copy);
		return;
	}
	free(p->history[PROMPT_HISTORY - 1]);
	memmove(p->history + 1, p->history, (PROMPT_HISTORY - 1) * sizeof *p->history);
	p->history[0] = copy;
}

int
prompt_key(struct prompt *p, const char *key)
{
	if (!strcmp(key, "Enter")) {
		remember(p);
		p->open = 0;
		return PROMPT_DONE;
	}
	if (!strcmp(key, "Esc") || !strcmp(key, "C-c") || (!strcmp(key, "BS") && !p->length)) {
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
	} else if (!strcmp(key, "Up"))
		recall(p, 1);
	else if (!strcmp(key, "Down"))
		recall(p, -1);
	else if (!strcmp(key, "Space"))
		insert(p, " ");
	else if (strlen(key) == 1 || (unsigned char)*key >= 0x80)
		insert(p, key);
	return PROMPT_TYPING;
}

void
prompt_draw(const struct prompt *p, struct grid *g, int row)
{
	char before[sizeof p->text];
	snprintf(before, sizeof before, "%.*s", (int)p->at, p->text);
	/* what does not fit goes out on the left */
	const char *from = p->text;
	size_t room = g->cols > 2 ? (size_t)g->cols - 2 : 1;
	if (p->at > room) {
		from += p->at - room;
		while ((*from & 0xc0) == 0x80)
			from++;
	}
	snprintf(before, sizeof before, "%.*s", (int)(p->text + p->at - from), from);
	grid_put(g, row, 0, (unsigned char)p->open, 0);
	g->cursor_col = grid_text(g, row, 1, -1, 0, before);
	grid_text(g, row, 1, g->cols - 1, 0, from);
	g->cursor_row = row;
}
