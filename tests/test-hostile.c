/* Session files that are wrong, or meant to harm: refused with the line, or kept; shown so that no terminal is moved.
 */
#include "sessiontest.h"

static const struct {
	const char *text;
	const char *why;
} bad_files[] = {
    {"", "song.desk: no session: its first line would be \"stemdesk 1\""},
    {"# only a comment\n", "no session"},
    {"strip/a/name A\n", "song.desk:1: a session begins with the line \"stemdesk 1\""},
    {"stemdesk\n", "song.desk:1: the version line reads"},
    {"stemdesk 2\n",
     "song.desk:1: the session was made by a later stemdesk (version 2, this one knows 1): update stemdesk"},
    {"stemdesk 0\n", "song.desk:1: the version line"},
    {"stemdesk 1\nstemdesk 1\n", "song.desk:2: a second version line"},
    {"stemdesk 1\n\nstrip/a/fader 99\n", "song.desk:3: \"99\" is out of range for fader: -inf to 12 dB"},
    {"stemdesk 1\nstrip/a/fader\n", "song.desk:2: strip/a/fader has no value"},
    {"stemdesk 1\nstrip/a/name Kick In\n", "song.desk:2: column 19: strip/a/name has more than one value"},
    {"stemdesk 1\nstrip/a/name \"x\n", "song.desk:2: column 14: the quotes are not closed"},
    {"stemdesk 1\nstrip/a/name \"x\"y\n", "song.desk:2: column 17: a space is missing"},
    {"stemdesk 1\n<<<<<<< HEAD\n", "song.desk:2: an unresolved merge"},
    {"stemdesk 1\n=======\n", "song.desk:2: an unresolved merge"},
    {"stemdesk 1\n>>>>>>> theirs\n", "song.desk:2: an unresolved merge"},
    {"stemdesk 1\n# \xc3\x28\n", "song.desk:2: column 3: this is not UTF-8"},
    {"stemdesk 1\n# \xed\xa0\x80\n", "not UTF-8"},
    {"stemdesk 1\nstrip/a/name A\nstrip/a/out bus/none\n", "song.desk:3: strip/a/out: there is no bus/none"},
    {"stemdesk 1\nstrip/a/name A\nstrip/a/send/v/level 0\n",
     "song.desk:3: strip/a/send/v: there is no bus/v to send to"},
    {"stemdesk 1\nstrip/a/name A\nstrip/a/delay 300ms\nsong/rate 96000\n", "song.desk: line 3: at this song rate"},
    {"stemdesk 1\nvariant tv\n", "song.desk:2: a variant's line reads"},
    {"stemdesk 1\nstrip/a/name A\nvariant tv strip/a/mute maybe\n",
     "song.desk:3: variant tv: \"maybe\" is not possible"},
};

START_TEST(refuses_bad_files)
{
	for (size_t k = 0; k < sizeof bad_files / sizeof *bad_files; k++) {
		struct session *s = session_new();
		struct err err = {""};
		int result = session_parse(s, bad_files[k].text, strlen(bad_files[k].text), "song.desk", 0, &err);
		ck_assert_msg(result == -1, "accepted: %s", bad_files[k].text);
		ck_assert_msg(strstr(err.text, bad_files[k].why) != NULL, "\"%s\"\nis not\n\"%s\"", err.text, bad_files[k].why);
		text_is(s, "stemdesk 1\n");
		session_free(s);
	}
}
END_TEST

START_TEST(warns_and_is_lenient)
{
	static const char text[] =
	    "stemdesk 1\nstrip/a/name A\nstrip/a/fader 99 # loud\nstrip/a/out bus/later\nfuture/x 3\n"
	    "strip/ghost/pan L5\nstrip/a/pan L1\nstrip/a/pan L2\nvariant tv strip/nobody/mute on\n";
	static const char *const warnings[] = {
	    "song.desk:3: \"99\" is out of range for fader: -inf to 12 dB: skipped",
	    "song.desk:5: future/x 3: unknown, kept as it is",
	    "song.desk:8: strip/a/pan is set a second time: this one counts",
	    "song.desk:4: there is no bus/later: skipped",
	    "song.desk:6: strip/ghost is not there (its name line makes it): kept as it is",
	    "song.desk:9: names nothing in this session: skipped",
	};
	struct session *s = session_new();
	ck_assert(!session_parse(s, text, sizeof text - 1, "song.desk", 1, NULL));
	for (size_t k = 0; k < sizeof warnings / sizeof *warnings; k++)
		ck_assert_str_eq(session_warning(s, k), warnings[k]);
	ck_assert_ptr_null(session_warning(s, 6));
	text_is(s, text);
	struct node *a = session_find(s, "strip/a");
	ck_assert(a->value[P_FADER] == 0 && a->value[P_PAN] == -2);
	ck_assert_str_eq(a->text[P_OUT], "");
	ck_assert_ptr_null(session_find(s, "strip/ghost"));
	/* What is there already counts as soon as it can. */
	line(s, "bus/later/name Later");
	line(s, "strip/ghost/name Ghost");
	line(s, "strip/a/fader -3");
	ck_assert_str_eq(a->text[P_OUT], "bus/later");
	ck_assert(session_find(s, "strip/ghost")->value[P_PAN] == -5);
	text_is(s,
	        "stemdesk 1\nstrip/a/name A\nstrip/a/fader -3 # loud\nstrip/a/out bus/later\nfuture/x 3\n"
	        "strip/ghost/name \"Ghost\"\nstrip/ghost/pan L5\nstrip/a/pan L1\nstrip/a/pan L2\nbus/later/name \"Later\"\n"
	        "variant tv strip/nobody/mute on\n");
	while (session_undo(s))
		;
	text_is(s, text);
	ck_assert_str_eq(a->text[P_OUT], "");
	session_free(s);
}
END_TEST

/* Anything at all may stand in a file: it is refused or kept, and edits go on working. */
START_TEST(survives_hostile_text)
{
	static const char *const pieces[] = {"stemdesk 1\n",
	                                     "strip/",
	                                     "a",
	                                     "/name ",
	                                     "\"x\"",
	                                     "\n",
	                                     "bus/",
	                                     "send/",
	                                     "region/",
	                                     "/level ",
	                                     "-inf",
	                                     "/file ",
	                                     "\"",
	                                     "\\",
	                                     "\\u{",
	                                     "}",
	                                     "{",
	                                     "variant ",
	                                     "tv ",
	                                     "*",
	                                     "@",
	                                     " += ",
	                                     "9999999999",
	                                     "1e308",
	                                     "\r\n",
	                                     "#",
	                                     "\xff",
	                                     "\xc3\xa4",
	                                     "/out ",
	                                     "bus/a",
	                                     "/comp/key strip/a",
	                                     "dca",
	                                     " ",
	                                     "\t",
	                                     "mix",
	                                     "master/limiter/",
	                                     "song/rate ",
	                                     "44.1k",
	                                     "/delay 5ms",
	                                     "<<<<<<<",
	                                     ":",
	                                     "%",
	                                     "L",
	                                     "-"};
	uint64_t seed = 5;
	for (int round = 0; round < 3000; round++) {
		char text[1024] = "stemdesk 1\nstrip/a/name A\nbus/a/name B\n";
		size_t len = round % 3 ? strlen(text) : 0;
		while (len < 700 && fabs(test_random(&seed)) > 0.02) {
			const char *piece = pieces[(size_t)(fabs(test_random(&seed)) * 43.99)];
			strcpy(text + len, piece);
			len += strlen(piece);
			if (fabs(test_random(&seed)) < 0.05 && len)
				text[(size_t)(fabs(test_random(&seed)) * (double)(len - 1))] = (char)(test_random(&seed) * 128);
		}
		struct session *s = session_new();
		struct err err;
		if (!session_parse(s, text, len, "x", round & 1, &err)) {
			size_t out_len;
			char *out = session_text(s, &out_len);
			ck_assert(out_len == len && !memcmp(out, text, len));
			free(out);
			session_line(s, "strip/*/fader -3", &err);
			session_line(s, "rename strip/a b", &err);
			session_line(s, "delete bus/*", &err);
			session_line(s, "variant tv strip/*/mute on", &err);
			session_apply_variant(s, "tv", &err);
			while (session_undo(s))
				;
			out = session_text(s, &out_len);
			ck_assert(out_len == len && !memcmp(out, text, len));
			free(out);
		}
		text[len] = '\0';
		session_line(s, text, &err);
		session_free(s);
	}
}
END_TEST

START_TEST(bounds_what_it_reads)
{
	struct err err = {""};
	struct session *s = session_new();
	size_t len = 0, room = 8 << 20;
	char *text = malloc(room);
	ck_assert_ptr_nonnull(text);
	len = (size_t)sprintf(text, "stemdesk 1\n# ");
	memset(text + len, 'x', 70000);
	ck_assert_int_eq(session_parse(s, text, len + 70000, "x", 0, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "x:2: the line is longer than 65536 bytes"));
	memset(text + len, '\n', room - len);
	ck_assert_int_eq(session_parse(s, text, room, "x", 0, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "lines are no session"));
	for (unsigned k = 0; len + 40 < room; k++)
		len += (size_t)sprintf(text + len, "\nstrip/s%u/name x", k);
	ck_assert_int_eq(session_parse(s, text, len, "x", 0, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "more than 65536 nodes"));
	free(text);
	session_free(s);
}
END_TEST

/* What a hostile file says reaches no terminal as it is, and text that is written by an edit has no teeth. */
START_TEST(shows_nothing_that_bites)
{
	struct err err = {""};
	struct session *s = session_new();
	static const char bad[] = "stemdesk 1\nstrip/a/fader \x1b[2J\xe2\x80\xae\n";
	ck_assert_int_eq(session_parse(s, bad, sizeof bad - 1, "song.desk", 0, &err), -1);
	ck_assert_msg(!strpbrk(err.text, "\x1b\x80") && strstr(err.text, "^[[2J<U+202E>"), "%s", err.text);
	ck_assert(!session_parse(s, bad, sizeof bad - 1, "song.desk", 1, &err));
	ck_assert_ptr_null(strpbrk(session_warning(s, 0), "\x1b\x80"));
	session_free(s);
	s = parsed("stemdesk 1\nstrip/a/name A\n");
	struct session *old = parsed("stemdesk 1\nstrip/a/name A\n");
	struct lines l = {""};
	ck_assert(
	    !session_set_text(s, session_find(s, "strip/a"), P_NAME, "x\x1b]\xc2\x9b\xe2\x80\xae\n\"\xc3\xa4\\", &err));
	text_is(s, "stemdesk 1\nstrip/a/name \"x\\u{1b}]\\u{9b}\\u{202e}\\n\\\"\xc3\xa4\\\\\"\n");
	ck_assert_str_eq(session_find(s, "strip/a")->text[P_NAME], "x\x1b]\xc2\x9b\xe2\x80\xae\n\"\xc3\xa4\\");
	session_diff(old, s, gather, &l);
	ck_assert_ptr_null(strpbrk(l.text, "\x1b\x9b\x80"));
	ck_assert_int_eq(session_line(s, "strip/a/\x1b[2J 3", &err), -1);
	ck_assert_ptr_null(strchr(err.text, 0x1b));
	session_free(s);
	session_free(old);
}
END_TEST

TEST_MAIN("hostile", 60, refuses_bad_files, warns_and_is_lenient, survives_hostile_text, bounds_what_it_reads,
          shows_nothing_that_bites)
