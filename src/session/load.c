#include "session/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "base/text.h"
#include "session/folder.h"

enum { WARNINGS_MAX = 1000 };

static void __attribute__((format(printf, 4, 5)))
warn(struct session *s, const char *name, size_t number, const char *format, ...)
{
	char text[1024];
	va_list list;
	if (s->warning_count >= WARNINGS_MAX)
		return;
	va_start(list, format);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	if (s->warning_count == s->warning_room) {
		s->warning_room = s->warning_room ? s->warning_room * 2 : 16;
		s->warning = text_realloc(s->warning, s->warning_room * sizeof *s->warning);
	}
	char *whole = text_format("%s:%zu: %s", name, number, text), shown[2048];
	text_show(whole, shown, sizeof shown);
	s->warning[s->warning_count++] = text_copy(shown, strlen(shown));
	free(whole);
}

const char *
session_warning(struct session *s, size_t k)
{
	return k < s->warning_count ? s->warning[k] : NULL;
}

/* Frees all that a session holds. */
static void
clear(struct session *s)
{
	edit_clear(s);
	for (struct line *l = s->head.next, *next; l; l = next) {
		next = l->next;
		line_free(l);
	}
	model_fini(s);
	for (size_t k = 0; k < s->warning_count; k++)
		free(s->warning[k]);
	free(s->warning);
	variant_fini(s);
	free(s->pending);
	free(s->selected.node);
}

/* Makes a session without lines of what was cleared or fresh. */
static void
init(struct session *s)
{
	session_change changed = s->changed;
	void *user = s->changed_user, *edited_user = s->edited_user;
	session_edit edited = s->edited;
	uint32_t last_uid = s->last_uid;
	memset(s, 0, sizeof *s);
	s->changed = changed;
	s->changed_user = user;
	s->edited = edited;
	s->edited_user = edited_user;
	s->last_uid = last_uid;
	s->tail = &s->head;
	s->newline = END_LF;
	s->version = STORE_VERSION;
	model_init(s);
}

static void
init_empty(struct session *s)
{
	char text[32];
	init(s);
	int len = snprintf(text, sizeof text, "stemdesk %d", STORE_VERSION);
	struct line *line = line_new(text, (size_t)len, END_LF);
	line_read(s, line, NULL);
	line_link(s, line, s->tail);
}

struct session *
session_new(void)
{
	struct session *s = text_alloc(sizeof *s);
	init_empty(s);
	return s;
}

void
session_free(struct session *s)
{
	if (!s)
		return;
	clear(s);
	free(s);
}

static int
read_version(struct session *s, const struct line *line, struct err *err)
{
	struct words w;
	if (words_init(&w, line->text, line->len, err))
		return -1;
	const char *text = w.count == 2 ? w.word[1].text : "";
	size_t digits = strspn(text, "0123456789");
	int result = 0;
	if (!digits || text[digits] || digits > 6 || !strcmp(text, "0"))
		result = err_set(err, "the version line reads \"stemdesk %d\"", STORE_VERSION);
	else if (strtoul(text, NULL, 10) > STORE_VERSION)
		result =
		    err_set(err, "the session was made by a later stemdesk (version %s, this one knows %d): update stemdesk",
		            text, STORE_VERSION);
	else
		s->version = (unsigned)strtoul(text, NULL, 10);
	words_fini(&w);
	return result;
}

static bool
is_conflict(const char *text, size_t len)
{
	static const char *const marks[] = {"<<<<<<<", "=======", ">>>>>>>", "|||||||"};
	for (size_t k = 0; k < 4; k++) {
		if (len >= 7 && !memcmp(text, marks[k], 7))
			return true;
	}
	return false;
}

struct loader {
	const char *name;
	int lenient;
	bool version; /* the version line was there */
};

static int
take_line(struct session *s, struct loader *load, const char *text, size_t len, enum line_end end, size_t number,
          struct err *err)
{
	struct err why;
	if (len > TEXT_LINE_MAX)
		return err_set(err, "the line is longer than %d bytes", TEXT_LINE_MAX);
	if (number > STORE_LINES_MAX)
		return err_set(err, "more than %d lines are no session", STORE_LINES_MAX);
	if (text_invalid(text, len) != len)
		return err_set(err, "column %zu: this is not UTF-8 text", text_invalid(text, len) + 1);
	if (is_conflict(text, len))
		return err_set(err,
		               "an unresolved merge: choose one side, then delete the lines of <<<<<<<, ======= and >>>>>>>");
	struct line *line = line_new(text, len, end);
	line->number_in_file = number;
	int result = line_read(s, line, &why);
	line_link(s, line, s->tail);
	if (line->kind != LINE_PLAIN && !load->version) {
		if (line->kind != LINE_VERSION)
			return err_set(err, "a session begins with the line \"stemdesk %d\"", STORE_VERSION);
		load->version = true;
		return read_version(s, line, err);
	}
	if (line->kind == LINE_VERSION)
		return err_set(err, "a second version line");
	if (result && !load->lenient)
		return err_set(err, "%s", why.text);
	if (result)
		warn(s, load->name, number, "%s: skipped", why.text);
	else if (line->kind == LINE_UNKNOWN)
		warn(s, load->name, number, "%.60s: unknown, kept as it is", line->text + strspn(line->text, " \t"));
	if (line->kind == LINE_VALUE && !result && inner(line->node)->top[line->param])
		warn(s, load->name, number, "%s/%s is set a second time: this one counts", inner(line->node)->address,
		     params[line->param].address);
	line_attach(s, line);
	return 0;
}

/* Judges what can only be judged with all lines there. */
static int
check_whole(struct session *s, struct loader *load, struct err *err)
{
	if (s->retime && line_retime(s, err) && !load->lenient)
		return err_prefix(err, "%s", load->name);
	size_t variants = 0, scenes = 0;
	model_restructure(s);
	for (struct line *l = s->head.next; l; l = l->next) {
		struct err why;
		size_t hits;
		if (l->kind == LINE_VARIANT) {
			bool scene = l->text[strspn(l->text, " \t")] == 's';
			if (scene ? ++scenes > STORE_SCENES_MAX : ++variants > STORE_VARIANTS_MAX)
				return err_set(err, "%s:%zu: more than %d lines of %s", load->name, l->number_in_file,
				               scene ? STORE_SCENES_MAX : STORE_VARIANTS_MAX, scene ? "scenes" : "variants");
			int result = variant_check(s, l, &hits, &why);
			if (result && !load->lenient)
				return err_set(err, "%s:%zu: %s", load->name, l->number_in_file, why.text);
			if (result || !hits)
				warn(s, load->name, l->number_in_file, "%s: skipped",
				     result ? why.text : "names nothing in this session");
		}
		if (l->kind != LINE_VALUE)
			continue;
		struct node *node = l->node;
		const char *address = inner(node)->address;
		if (params[l->param].type == T_REF && l->bad && l->string) {
			if (!load->lenient)
				return err_set(err, "%s:%zu: %s/%s: there is no %s", load->name, l->number_in_file, address,
				               params[l->param].address, l->string);
			warn(s, load->name, l->number_in_file, "there is no %s: skipped", l->string);
		}
		if (node->live)
			continue;
		if (node->kind == K_SEND && node->parent->live && !load->lenient)
			return err_set(err, "%s:%zu: %s: there is no bus/%s to send to", load->name, l->number_in_file, address,
			               node->id);
		warn(s, load->name, l->number_in_file, "%s is not there (its %s line makes it): kept as it is", address,
		     node->kind == K_REGION   ? "file"
		     : node->kind == K_MARKER ? "at"
		     : node->kind == K_NOTE   ? "text"
		                              : "name");
	}
	if (session_check_routing(s, err))
		return err_prefix(err, "%s", load->name);
	return 0;
}

int
session_parse(struct session *s, const char *text, size_t len, const char *name, int lenient, struct err *err)
{
	struct loader load = {name, lenient, false};
	size_t at = 0, number = 0;
	clear(s);
	init(s);
	int result = 0;
	if (len > STORE_FILE_MAX)
		result = err_set(err, "%s: larger than %d MiB, which no session is", name, STORE_FILE_MAX >> 20);
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		s->bom = true;
		at = 3;
	}
	while (at < len && !result) {
		const char *newline = memchr(text + at, '\n', len - at);
		size_t stop = newline ? (size_t)(newline - text) : len;
		enum line_end end = !newline ? END_NONE : stop > at && text[stop - 1] == '\r' ? END_CRLF : END_LF;
		size_t n = stop - at - (end == END_CRLF);
		if (!number++ && end == END_CRLF)
			s->newline = END_CRLF;
		result = take_line(s, &load, text + at, n, end, number, err);
		if (result)
			err_prefix(err, "%s:%zu", name, number);
		at = stop + 1;
	}
	if (!result && !load.version)
		result = err_set(err, "%s: no session: its first line would be \"stemdesk %d\"", name, STORE_VERSION);
	if (!result)
		result = check_whole(s, &load, err);
	if (result) {
		clear(s);
		init_empty(s);
	}
	s->pending_count = 0;
	s->restructure = s->retime = s->reroute = false;
	return text_clean(err, result);
}

struct session *
session_load(const char *path, int lenient, struct err *err)
{
	size_t len = 0;
	char *text = folder_read(AT_FDCWD, path, STORE_FILE_MAX, &len);
	if (!text) {
		err_set(err, "%s: %s", path,
		        errno == EFBIG    ? "larger than 64 MiB, which no session is"
		        : errno == EINVAL ? "is no session file; `stemdesk new` makes one of a folder of stems"
		                          : strerror(errno));
		return NULL;
	}
	/* Sound given by mistake: told before its noise is read as lines. */
	if (memchr(text, '\0', len < 4096 ? len : 4096)) {
		free(text);
		err_set(err, "%s: is no session file; `stemdesk new` makes one of stems", path);
		return NULL;
	}
	struct session *s = session_new();
	if (session_parse(s, text, len, path, lenient, err)) {
		session_free(s);
		s = NULL;
	} else {
		sha256_hex(text, len, s->on_disk);
	}
	free(text);
	return s;
}

char *
session_text(struct session *s, size_t *len)
{
	size_t size = 4;
	for (struct line *l = s->head.next; l; l = l->next)
		size += l->len + 2;
	char *text = text_alloc(size), *to = text;
	if (s->bom)
		to = mempcpy(to, "\xef\xbb\xbf", 3);
	for (struct line *l = s->head.next; l; l = l->next) {
		to = mempcpy(to, l->text, l->len);
		enum line_end end = l->end == END_NONE && l->next ? s->newline : l->end;
		if (end == END_CRLF)
			*to++ = '\r';
		if (end != END_NONE)
			*to++ = '\n';
	}
	*len = (size_t)(to - text);
	return text;
}
