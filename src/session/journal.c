#include "session/journal_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"

uint32_t
journal_crc(uint32_t crc, const char *text, size_t len)
{
	crc = ~crc;
	for (size_t k = 0; k < len; k++) {
		crc ^= (unsigned char)text[k];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

/* FNV-1a over the lines that undo knows of: tells states of the same session apart. */
static uint64_t
state_of(const struct session *s)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (const struct line *l = s->head.next; l; l = l->next) {
		if (l->kind == LINE_VALUE && model_aside((enum param_id)l->param))
			continue;
		for (size_t k = 0; k < l->len; k++)
			h = (h ^ (unsigned char)l->text[k]) * 0x100000001b3u;
		h = (h ^ '\n') * 0x100000001b3u;
	}
	return h;
}

/* Adds a line, to be given out by the caller. */
static void
add(struct journal *j, const char *line, size_t len, bool joined)
{
	char head[64], stamp[32];
	time_t when = j->time ? j->time : time(NULL);
	struct tm utc;
	gmtime_r(&when, &utc);
	strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &utc);
	int n = snprintf(head, sizeof head, "%llu%s %s ", (unsigned long long)j->number++, joined ? "+" : "", stamp);
	j->crc = journal_crc(journal_crc(j->crc, head, (size_t)n), line, len);
	size_t need = j->len + (size_t)n + len + 11;
	if (need > j->room)
		j->text = text_realloc(j->text, j->room = need * 2);
	char *to = j->text + j->len;
	to += sprintf(to, "%08x ", (unsigned)j->crc);
	to = mempcpy(mempcpy(to, head, (size_t)n), line, len);
	*to++ = '\n';
	*to = '\0';
	j->len = (size_t)(to - j->text);
}

/* Keeps the session's text as it is now. */
static void
take_text(struct journal *j)
{
	free(j->now);
	j->now = session_text(j->session, &j->now_len);
}

static void
push_state(struct journal *j, uint64_t state)
{
	if (++j->at >= j->state_room) {
		j->state_room = j->state_room ? j->state_room * 2 : 64;
		j->state = text_realloc(j->state, j->state_room * sizeof *j->state);
	}
	j->state[j->at] = state;
	j->states = j->at + 1;
}

void
journal_begin(struct journal *j)
{
	char line[80];
	j->len = j->number = j->crc = 0;
	take_text(j);
	if (!*j->session->on_disk) {
		free(j->base);
		j->base = text_copy(j->now, j->base_len = j->now_len);
	}
	j->unsaved = !*j->session->on_disk;
	char hex[65];
	sha256_hex(j->now, j->now_len, hex);
	int n = snprintf(line, sizeof line, "journal 1 %s", j->unsaved ? hex : j->session->on_disk);
	add(j, line, (size_t)n, false);
	j->at = SIZE_MAX;
	push_state(j, state_of(j->session));
	free(j->selection);
	j->selection = NULL;
}

/* Says what @ stands for, where that is not known yet. */
static void
add_selection(struct journal *j)
{
	const struct list *list = &j->session->selected;
	char *line = text_copy("select", 6);
	for (size_t k = 0; k < list->count; k++) {
		char *more = text_format("%s %s", line, inner(list->node[k])->address);
		free(line);
		line = more;
	}
	if (!j->selection || strcmp(j->selection, line) != 0)
		add(j, line, strlen(line), false);
	free(j->selection);
	j->selection = line;
}

/* The place behind the line that begins at text[at]. */
static size_t
next_line(const char *text, size_t len, size_t at)
{
	const char *end = memchr(text + at, '\n', len - at);
	return end ? (size_t)(end - text) + 1 : len;
}

/* Writes the difference of two texts as lines that are replaced: what undo did to lines from before the journal. */
static void
add_difference(struct journal *j, const char *old, size_t old_len)
{
	size_t at = 0, number = 1, gone = 0, fresh = 0, a, b;
	const char *new = j->now;
	while (at < old_len && at < j->now_len) {
		a = next_line(old, old_len, at);
		if (a != next_line(new, j->now_len, at) || memcmp(old + at, new + at, a - at) != 0)
			break;
		at = a;
		number++;
	}
	/* what both end with, in whole lines */
	size_t same = 0, most = (old_len < j->now_len ? old_len : j->now_len) - at;
	while (same < most && old[old_len - same - 1] == new[j->now_len - same - 1])
		same++;
	while (same && ((old_len - same > at && old[old_len - same - 1] != '\n') ||
	                (j->now_len - same > at && new[j->now_len - same - 1] != '\n')))
		same--;
	for (a = at; a < old_len - same; gone++)
		a = next_line(old, old_len - same, a);
	for (b = at; b < j->now_len - same; fresh++)
		b = next_line(new, j->now_len - same, b);
	char *line = text_format("lines %zu %zu %zu", number, gone, fresh);
	add(j, line, strlen(line), false);
	free(line);
	for (b = at; b < j->now_len - same; b = a) {
		a = next_line(new, j->now_len - same, b);
		size_t end = a;
		while (end > b && (new[end - 1] == '\n' || new[end - 1] == '\r'))
			end--;
		line = text_format("| %.*s", (int)(end - b), new + b);
		add(j, line, strlen(line), true);
		free(line);
	}
}

void
journal_replaced(struct journal *j)
{
	char *old = j->now;
	size_t old_len = j->now_len;
	j->now = NULL;
	take_text(j);
	add_difference(j, old, old_len);
	push_state(j, state_of(j->session));
	free(old);
}

/* An undo or redo: the word alone where the journal's own steps lead there. */
static void
stepped(struct journal *j)
{
	uint64_t state = state_of(j->session);
	if (j->at && j->state[j->at - 1] == state) {
		add(j, "undo", 4, false);
		j->at--;
		take_text(j);
	} else if (j->at + 1 < j->states && j->state[j->at + 1] == state) {
		add(j, "redo", 4, false);
		j->at++;
		take_text(j);
	} else {
		journal_replaced(j);
	}
}

/* Gives out what is new, which then is kept by whoever took it. */
static void
give(struct journal *j, enum journal_how how)
{
	if (!j->put)
		return;
	j->put(j->user, how, j->text, j->len);
	j->len = 0;
}

static void
on_edit(void *user, const char *line, enum edit_how how)
{
	struct journal *j = user;
	if (how == EDIT_DONE) {
		take_text(j);
		j->state[j->at] = state_of(j->session);
		return;
	}
	size_t len = strlen(line);
	while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	if (!strcmp(line, "undo") || !strcmp(line, "redo")) {
		stepped(j);
	} else {
		if (memchr(line, '@', len))
			add_selection(j);
		add(j, line, len, how != EDIT_STEP);
		/* among others it is worth the while once, behind the last of them */
		bool now = !j->session->depth;
		uint64_t state = now ? state_of(j->session) : 0;
		if (now)
			take_text(j);
		if (how == EDIT_STEP || (how == EDIT_JOINED && !j->at))
			push_state(j, state);
		else if (how == EDIT_JOINED)
			j->state[j->at] = state, j->states = j->at + 1;
	}
	give(j, JOURNAL_ADD);
}

struct journal *
journal_new(struct session *s)
{
	struct journal *j = text_alloc(sizeof *j);
	memset(j, 0, sizeof *j);
	j->session = s;
	journal_begin(j);
	session_on_edit(s, on_edit, j);
	return j;
}

void
journal_free(struct journal *j)
{
	if (!j)
		return;
	session_on_edit(j->session, NULL, NULL);
	free(j->text);
	free(j->base);
	free(j->now);
	free(j->state);
	free(j->selection);
	free(j);
}

const char *
journal_text(const struct journal *j, size_t *len)
{
	*len = j->len;
	return j->text;
}

const char *
journal_base(const struct journal *j, size_t *len)
{
	*len = j->base_len;
	return j->unsaved ? j->base : NULL;
}

void
journal_follow(struct journal *j, journal_put put, void *user)
{
	j->put = put;
	j->user = user;
	free(j->text);
	j->text = NULL;
	j->len = j->room = 0;
}

void
journal_saved(struct journal *j)
{
	journal_begin(j);
	give(j, JOURNAL_ANEW);
}

size_t
journal_steps(const struct journal *j, size_t *redos)
{
	*redos = j->states - 1 - j->at;
	return j->at;
}
