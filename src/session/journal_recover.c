#include "session/journal_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha256.h"
#include "session/folder.h"

enum { JOURNAL_MAX = 1 << 30 }; /* bytes that are read */

/* A line of the journal that has the right checksum and number. */
struct entry {
	bool joined;
	time_t time;
	const char *text; /* not terminated */
	size_t len;
};

/* Where the reading of a journal stands. */
struct reader {
	const char *text;
	size_t len, at; /* at: behind the last good line */
	uint32_t crc;
	uint64_t number;
};

/* Lines of a file that were replaced, gathered until all are there. */
struct replaced {
	bool open;
	size_t at, gone, fresh, have;
	char **line;
};

char *
journal_read(int beside, size_t *len)
{
	struct stat st;
	if (beside < 0 || fstatat(beside, "journal", &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
		return NULL;
	return folder_read(beside, "journal", JOURNAL_MAX, len);
}

/* The next line, where it is good: what is not written exactly so is damage. */
static bool
next(struct reader *r, struct entry *e)
{
	const char *line = r->text + r->at, *end = memchr(line, '\n', r->len - r->at);
	char head[64];
	if (!end || end - line < 11 || line[8] != ' ')
		return false;
	uint32_t crc = journal_crc(r->crc, line + 9, (size_t)(end - line) - 9);
	snprintf(head, sizeof head, "%08x", (unsigned)crc);
	if (memcmp(line, head, 8) != 0)
		return false;
	const char *at = line + 9;
	int n = snprintf(head, sizeof head, "%llu", (unsigned long long)r->number);
	if (end - at < n + 22 || memcmp(at, head, (size_t)n) != 0)
		return false;
	at += n;
	e->joined = *at == '+';
	at += e->joined;
	struct tm utc = {.tm_isdst = 0};
	if (*at != ' ' || strptime(at + 1, "%Y-%m-%dT%H:%M:%SZ", &utc) != at + 21 || at[21] != ' ')
		return false;
	e->time = timegm(&utc);
	e->text = at + 22;
	e->len = (size_t)(end - e->text);
	r->crc = crc;
	r->number++;
	r->at = (size_t)(end - r->text) + 1;
	return true;
}

/* The hash that a journal's first line tells. */
static bool
read_head(struct reader *r, char hex[65], time_t *when)
{
	struct entry e;
	if (!next(r, &e) || e.len != 74 || memcmp(e.text, "journal 1 ", 10) != 0)
		return false;
	*when = e.time;
	memcpy(hex, e.text + 10, 64);
	hex[64] = '\0';
	return strspn(hex, "0123456789abcdef") == 64;
}

void
journal_select(struct session *s, const struct words *w)
{
	s->selected.count = 0;
	for (size_t k = 1; k < w->count; k++) {
		struct node *node = session_find(s, w->word[k].text);
		if (node && node->live)
			model_list_add(&s->selected, node);
	}
}

static void
drop_replaced(struct replaced *lines)
{
	for (size_t k = 0; k < lines->have; k++)
		free(lines->line[k]);
	free(lines->line);
	*lines = (struct replaced){.open = false};
}

/* Replaces lines of the session's file once all of them are known. */
static int
replace(struct journal *j, struct replaced *lines)
{
	struct session *s = j->session;
	if (!lines->open || lines->have < lines->fresh)
		return 0;
	struct line *after = &s->head;
	for (size_t k = 1; k < lines->at && after; k++)
		after = after->next;
	size_t start = edit_start(s);
	int result = after ? 0 : -1;
	for (size_t k = 0; k < lines->gone && !result; k++) {
		if (after->next)
			edit_remove(s, after->next);
		else
			result = -1;
	}
	for (size_t k = 0; k < lines->have && !result; k++)
		after = edit_insert(s, after, lines->line[k]);
	result = edit_end(s, start, result, NULL);
	if (!result)
		journal_replaced(j);
	drop_replaced(lines);
	return result;
}

static int
gather(struct replaced *lines, const struct entry *e)
{
	if (!lines->open || e->len < 2 || e->text[0] != '|' || lines->have == lines->fresh)
		return -1;
	lines->line = text_realloc(lines->line, (lines->have + 1) * sizeof *lines->line);
	lines->line[lines->have++] = text_copy(e->text + 2, e->len - 2);
	return 0;
}

/* Does again what a line tells that is no line of the language; 1 where it is one. */
static int
do_word(struct journal *j, struct replaced *lines, const char *text, struct err *err)
{
	struct words w;
	int result = 1;
	if (!strcmp(text, "undo"))
		return session_undo(j->session) ? 0 : -1;
	if (!strcmp(text, "redo"))
		return session_redo(j->session) ? 0 : -1;
	if (words_init(&w, text, strlen(text), err))
		return -1;
	if (w.count && !strcmp(w.word[0].text, "select")) {
		journal_select(j->session, &w);
		result = 0;
	} else if (w.count == 4 && !strcmp(w.word[0].text, "lines")) {
		*lines = (struct replaced){.open = true,
		                           .at = strtoul(w.word[1].text, NULL, 10),
		                           .gone = strtoul(w.word[2].text, NULL, 10),
		                           .fresh = strtoul(w.word[3].text, NULL, 10)};
		result = lines->at ? 0 : -1;
	}
	words_fini(&w);
	return result;
}

/* What of the journal can be done again, is; the reader stands behind that at the end. */
static void
do_again(struct journal *j, struct reader *r, struct journal_back *back)
{
	struct replaced lines = {.open = false};
	struct reader good = *r;
	struct entry e;
	struct err err;
	bool open = false;
	time_t last = 0;
	while (next(r, &e)) {
		bool more = lines.open;
		if (open && !e.joined) {
			session_commit(j->session);
			open = false;
		}
		j->time = e.time;
		char *text = text_copy(e.text, e.len);
		int result = more ? gather(&lines, &e) : do_word(j, &lines, text, &err);
		if (result > 0) {
			if (!open)
				session_begin(j->session);
			open = true;
			result = session_line(j->session, text, &err);
		}
		bool counts = strncmp(text, "select", 6) != 0 && !more;
		free(text);
		if (!result)
			result = replace(j, &lines);
		if (result)
			break;
		back->edits += counts;
		last = e.time;
		if (!lines.open)
			good = *r;
	}
	if (lines.open)
		back->edits--;
	drop_replaced(&lines);
	if (open)
		session_commit(j->session);
	j->time = 0;
	*r = good;
	struct tm local;
	if (last && localtime_r(&last, &local))
		strftime(back->when, sizeof back->when, "%Y-%m-%d %H:%M", &local);
}

/* Whether all that the journal tells led from its own version of the session to the one at hand. */
static bool
is_saved(const char *path, const char *hex, struct reader *r, const char *on_disk)
{
	struct err err;
	struct journal_back back = {.edits = 0};
	char *copy = session_find_copy(path, hex, &err), now[65];
	struct session *s = copy ? session_load(copy, 1, &err) : NULL;
	free(copy);
	if (!s)
		return false;
	struct journal *j = journal_new(s);
	do_again(j, r, &back);
	session_hash(s, now);
	journal_free(j);
	session_free(s);
	return !strcmp(now, on_disk);
}

/* Gives the journal's file another name; a copy stays under the old one where `keep` is set. */
static int
lay_aside(int beside, const char *why, bool keep, char *aside)
{
	char stamp[32];
	time_t now = time(NULL);
	struct tm local;
	localtime_r(&now, &local);
	strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &local);
	for (int turn = 0; turn < 1000; turn++) {
		snprintf(aside, 80, turn ? "journal-%s-%s.%d" : "journal-%s-%s", why, stamp, turn);
		if (!linkat(beside, "journal", beside, aside, 0))
			return keep ? 0 : unlinkat(beside, "journal", 0);
		if (errno == EEXIST)
			continue;
		/* no links here: then the name changes at once */
		if (faccessat(beside, aside, F_OK, AT_SYMLINK_NOFOLLOW) && !renameat(beside, "journal", beside, aside))
			return 0;
		if (faccessat(beside, aside, F_OK, AT_SYMLINK_NOFOLLOW))
			break;
	}
	*aside = '\0';
	return -1;
}

int
journal_lay_aside(const char *path, const char *why, char *aside, struct err *err)
{
	struct folder f;
	if (folder_open(&f, path, 0, err))
		return -1;
	int result = f.beside < 0 || faccessat(f.beside, "journal", F_OK, AT_SYMLINK_NOFOLLOW)
	                 ? 1
	                 : lay_aside(f.beside, why, false, aside);
	folder_close(&f);
	return result < 0 ? err_set(err, "%s: its journal cannot be renamed: %s", path, strerror(errno)) : 0;
}

void
journal_recover(struct journal *j, const char *path, struct journal_back *back)
{
	struct folder f;
	char hex[65] = "";
	time_t when;
	*back = (struct journal_back){.edits = 0};
	if (folder_open(&f, path, 0, NULL))
		return;
	struct reader r = {.len = 0};
	char *text = journal_read(f.beside, &r.len);
	r.text = text;
	if (text && !read_head(&r, hex, &when)) {
		back->damaged = true;
	} else if (text && strcmp(hex, j->session->on_disk) != 0) {
		/* a program that was killed right after saving leaves a journal of what is in the file */
		back->other = !is_saved(path, hex, &r, j->session->on_disk);
	} else if (text) {
		j->time = when;
		journal_begin(j);
		do_again(j, &r, back);
		back->damaged = r.at != r.len;
		back->whole = !back->damaged && j->len == r.len && !memcmp(j->text, text, r.len);
	}
	if (back->damaged || back->other)
		lay_aside(f.beside, back->other ? "other" : "damaged", back->edits != 0, back->aside);
	free(text);
	folder_close(&f);
}

struct session *
journal_unsaved(const char *path)
{
	struct folder f;
	struct err err;
	char hex[65];
	time_t when;
	if (folder_open(&f, path, 0, NULL))
		return NULL;
	struct reader r = {.len = 0};
	char *text = journal_read(f.beside, &r.len), *copy = NULL;
	r.text = text;
	if (text && faccessat(f.dir, f.base, F_OK, AT_SYMLINK_NOFOLLOW) && read_head(&r, hex, &when))
		copy = session_find_copy(path, hex, &err);
	struct session *s = copy ? session_load(copy, 1, &err) : NULL;
	free(copy);
	free(text);
	folder_close(&f);
	return s;
}

bool
journal_waits(const char *path)
{
	struct folder f;
	struct entry e;
	char hex[65];
	time_t when;
	if (folder_open(&f, path, 0, NULL))
		return false;
	struct reader r = {.len = 0};
	char *text = journal_read(f.beside, &r.len);
	r.text = text;
	bool waits = text && read_head(&r, hex, &when) && next(&r, &e);
	free(text);
	folder_close(&f);
	return waits;
}
