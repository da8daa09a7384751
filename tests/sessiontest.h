/* Sessions of lines for tests: read, compared, changed, refused. Test programs only. */
#ifndef SESSIONTEST_H
#define SESSIONTEST_H

#include "desktest.h"

#include <stdio.h>
#include <string.h>

#include "session/session.h"

static inline struct session *
parsed(const char *text)
{
	struct session *s = session_new();
	struct err err = {""};
	ck_assert_msg(!session_parse(s, text, strlen(text), "song.desk", 0, &err), "%s", err.text);
	return s;
}

static inline void
text_is(struct session *s, const char *expected)
{
	size_t len;
	char *text = session_text(s, &len);
	ck_assert_uint_eq(len, strlen(expected));
	ck_assert_msg(!memcmp(text, expected, len), "%.*s\nis not\n%s", (int)len, text, expected);
	free(text);
}

static inline void
line(struct session *s, const char *text)
{
	struct err err = {""};
	ck_assert_msg(!session_line(s, text, &err), "%s: %s", text, err.text);
}

static inline void
refused(struct session *s, const char *text, const char *why)
{
	struct err err = {""};
	size_t before_len, after_len;
	char *before = session_text(s, &before_len);
	ck_assert_msg(session_line(s, text, &err) == -1, "%s was accepted", text);
	ck_assert_msg(strstr(err.text, why) != NULL, "%s: \"%s\" does not say \"%s\"", text, err.text, why);
	char *after = session_text(s, &after_len);
	ck_assert(before_len == after_len && !memcmp(before, after, after_len));
	free(before);
	free(after);
}

struct lines {
	char text[4096];
};

static inline void
gather(void *user, const char *text)
{
	struct lines *l = user;
	ck_assert(strlen(l->text) + strlen(text) + 2 < sizeof l->text);
	strcat(strcat(l->text, text), "\n");
}

#endif
