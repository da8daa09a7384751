#include "tests/desktest.h"

#include <string.h>

#include "session/session.h"

static struct session *
parsed(const char *text)
{
	struct session *s = session_new();
	struct err err = {""};
	ck_assert_msg(!session_parse(s, text, strlen(text), "song.desk", 0, &err), "%s", err.text);
	return s;
}

static void
text_is(struct session *s, const char *expected)
{
	size_t len;
	char *text = session_text(s, &len);
	ck_assert_str_eq(text, expected);
	ck_assert_uint_eq(len, strlen(expected));
	free(text);
}

static void
line(struct session *s, const char *text)
{
	struct err err = {""};
	ck_assert_msg(!session_line(s, text, &err), "%s: %s", text, err.text);
}

START_TEST(makes_a_desk)
{
	struct session *s = session_new();
	line(s, "strip/kick/name \"Kick\"");
	line(s, "strip/snare/name Snare");
	line(s, "strip/kick/fader -6.5dB");
	line(s, "bus/verb/name \"Verb\"");
	line(s, "strip/*/send/verb/level -12");
	line(s, "strip/kick/region/r1/file \"Kick In.wav\"");
	line(s, "mix/fader += -1.5");
	line(s, "song/tempo 90");
	text_is(s, "stemdesk 1\nsong/tempo 90\nstrip/kick/name \"Kick\"\nstrip/kick/fader -6.5\n"
	           "strip/kick/send/verb/level -12\nstrip/kick/region/r1/file \"Kick In.wav\"\nstrip/snare/name \"Snare\"\n"
	           "strip/snare/send/verb/level -12\nbus/verb/name \"Verb\"\nmix/fader -1.5\n");
	ck_assert_ptr_nonnull(session_find(s, "strip/kick/send/verb"));
	ck_assert(session_find(s, "strip/kick")->value[P_FADER] == -6.5);
	while (session_undo(s))
		;
	text_is(s, "stemdesk 1\n");
	ck_assert_ptr_null(session_node(s, K_STRIP, 0));
	while (session_redo(s))
		;
	ck_assert_str_eq(session_node(s, K_STRIP, 1)->text[P_NAME], "Snare");
	session_free(s);
}
END_TEST

START_TEST(keeps_what_it_reads)
{
	static const char messy[] = "\xef\xbb\xbf# hello\r\n\r\nstemdesk 1\r\n  strip/a/name  \"A \\\"x\\\"\"   # first\r\n"
	                            "strip/a/fader -3dB# no comment: kept";
	struct session *s = session_new();
	ck_assert(session_parse(s, messy, strlen(messy), "x", 1, NULL) == 0);
	text_is(s, messy);
	session_free(s);
	s = parsed("stemdesk 1\nstrip/a/name A\n\tstrip/a/fader  -3dB  # low");
	line(s, "strip/a/fader += 1");
	text_is(s, "stemdesk 1\nstrip/a/name A\n\tstrip/a/fader  -2  # low");
	line(s, "strip/a/fader 0");
	text_is(s, "stemdesk 1\nstrip/a/name A\n");
	session_free(s);
}
END_TEST

TEST_MAIN("session", 30, makes_a_desk, keeps_what_it_reads)
