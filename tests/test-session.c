#include "tests/desktest.h"

#include <stdio.h>
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
	ck_assert_uint_eq(len, strlen(expected));
	ck_assert_msg(!memcmp(text, expected, len), "%.*s\nis not\n%s", (int)len, text, expected);
	free(text);
}

static void
line(struct session *s, const char *text)
{
	struct err err = {""};
	ck_assert_msg(!session_line(s, text, &err), "%s: %s", text, err.text);
}

static void
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
	line(s, "strip/kick/delay 10ms");
	text_is(s, "stemdesk 1\nsong/tempo 90\nstrip/kick/name \"Kick\"\nstrip/kick/delay 480\nstrip/kick/fader -6.5\n"
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

/* Files as people, editors and git leave them: the bytes come back. */
static const char *const messy[] = {
    "stemdesk 1",
    "stemdesk 1\n",
    "\n\n  \t\n# comment\nstemdesk 1\n\n\n",
    "\xef\xbb\xbfstemdesk 1\r\n\r\nstrip/a/name A\r\n",
    "\xef\xbb\xbf# hello\r\n\r\n  stemdesk   1 # one\r\n  strip/a/name  \"A \\\"x\\\"\"   # first\r\n\tstrip/a/fader "
    "-3dB",
    "stemdesk 1\nstrip/a/fader -3\nstrip/a/name A\nstrip/a/fader -6\n",
    "stemdesk 1\nstrip/a/name \"\\u{1f941} \\n\\t\\\\\"\nstrip/a/note \"\xc3\xa4\xe2\x82\xac\"\nfuture/thing \"x\" 3 "
    "y\n",
    "stemdesk 1\nbus/b/name B\r\nstrip/a/send/b/level -inf\nstrip/a/name A\n\n\nvariant tv strip/*/mute on",
    "stemdesk 1\nstrip/a/name A\nstrip/a/delay 10ms\nsong/rate 44.1k\nstrip/a/pan L30\nstrip/a/fader +3\n",
};

START_TEST(keeps_every_byte)
{
	for (size_t k = 0; k < sizeof messy / sizeof *messy; k++) {
		struct session *s = parsed(messy[k]);
		text_is(s, messy[k]);
		ck_assert(!session_dirty(s));
		session_free(s);
	}
	struct session *s = parsed(messy[8]);
	ck_assert(session_find(s, "strip/a")->value[P_DELAY] == 441);
	line(s, "song/rate 96k");
	ck_assert(session_find(s, "strip/a")->value[P_DELAY] == 960);
	session_free(s);
}
END_TEST

START_TEST(edits_in_place)
{
	struct session *s = parsed("stemdesk 1\nstrip/a/name A\n\tstrip/a/fader  -3dB  # low");
	line(s, "strip/a/fader += 1");
	text_is(s, "stemdesk 1\nstrip/a/name A\n\tstrip/a/fader  -2  # low");
	line(s, "strip/a/mute on");
	text_is(s, "stemdesk 1\nstrip/a/name A\n\tstrip/a/fader  -2  # low\nstrip/a/mute on\n");
	line(s, "strip/a/fader 0");
	text_is(s, "stemdesk 1\nstrip/a/name A\nstrip/a/mute on\n");
	line(s, "strip/a/name \"New # name\"");
	line(s, "strip/a/mute toggle");
	text_is(s, "stemdesk 1\nstrip/a/name \"New # name\"\n");
	line(s, "strip/a/eq/2/type highshelf");
	line(s, "strip/a/eq/2/type += 1");
	line(s, "strip/a/eq/1-2/gain -2");
	line(s, "strip/a/eq/1-2/gain -= 1step");
	line(s, "strip/a/hpf/on += 0.1 steps");
	line(s, "song/title \"T\"");
	line(s, "master/limiter/ceiling -0.3");
	line(s, "mix/fader -1");
	line(s, "dca/d/name D");
	line(s, "bus/b/name B");
	line(s, "strip/z/name Z");
	text_is(s, "stemdesk 1\nsong/title \"T\"\nstrip/a/name \"New # name\"\nstrip/a/hpf/on on\nstrip/a/eq/1/gain -3\n"
	           "strip/a/eq/2/type notch\nstrip/a/eq/2/gain -3\nstrip/z/name \"Z\"\nbus/b/name \"B\"\ndca/d/name \"D\"\n"
	           "mix/fader -1\nmaster/limiter/ceiling -0.3\n");
	/* A value that is set to what it is stays as somebody wrote it. */
	session_free(s);
	s = parsed("stemdesk 1\nstrip/a/name A\nstrip/a/eq/2/freq 1.2kHz\nstrip/a/pan 0\n");
	line(s, "strip/a/eq/2/freq 1200");
	line(s, "strip/a/pan C");
	text_is(s, "stemdesk 1\nstrip/a/name A\nstrip/a/eq/2/freq 1.2kHz\nstrip/a/pan 0\n");
	ck_assert(!session_dirty(s));
	/* Of two lines for one value the later counts, and default takes both away. */
	session_free(s);
	s = parsed("stemdesk 1\nstrip/a/name A\nstrip/a/pan L5\nstrip/a/pan R7\n");
	ck_assert(session_find(s, "strip/a")->value[P_PAN] == 7);
	line(s, "strip/a/pan default");
	text_is(s, "stemdesk 1\nstrip/a/name A\n");
	session_undo(s);
	ck_assert(session_find(s, "strip/a")->value[P_PAN] == 7);
	session_free(s);
}
END_TEST

START_TEST(names_several_at_once)
{
	struct session *s =
	    parsed("stemdesk 1\nstrip/a/name A\nstrip/b/name B\nstrip/c/name C\nstrip/d/name D\nbus/v/name V\n");
	struct err err;
	static const struct {
		const char *line;
		const char *muted;
	} table[] = {
	    {"strip/*/mute on", "abcd"},      {"strip/2-3/mute on", "bc"},       {"strip/{a,4}/mute on", "ad"},
	    {"strip/3/mute on", "c"},         {"strip/@/mute on", "bd"},         {"@/mute on", "bd"},
	    {"strip/{1-2,d}/mute on", "abd"}, {"{strip,bus}/*/mute on", "abcd"}, {"strip/2-99/mute on", "bcd"},
	    {"*/*/mute toggle", "abcd"},
	};
	ck_assert(!session_select(s, "strip/{b,d}", &err));
	for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
		char muted[8] = "";
		line(s, table[k].line);
		for (size_t n = 0; n < 4; n++) {
			struct node *node = session_node(s, K_STRIP, n);
			if (node->value[P_MUTE] != 0)
				strcat(muted, node->id);
		}
		ck_assert_msg(!strcmp(muted, table[k].muted), "%s: %s", table[k].line, muted);
		session_undo(s);
		text_is(s, "stemdesk 1\nstrip/a/name A\nstrip/b/name B\nstrip/c/name C\nstrip/d/name D\nbus/v/name V\n");
	}
	refused(s, "strip/9/mute on", "there is no strip 9");
	refused(s, "strip/kik/mute on", "there is no strip kik");
	refused(s, "strip/a/fadr 3", "no such parameter");
	refused(s, "strip/a/send/x/level 3", "no such send");
	refused(s, "strip/a/region/r1/gain 3", "no such region");
	refused(s, "strip/{a,b/mute on", "there is no strip");
	refused(s, "strip//mute on", "no address");
	refused(s, "strip/a/mute", "a value is missing");
	refused(s, "strip/a/mute on off", "more than one value");
	refused(s, "strip/*/fader 13", "out of range");
	refused(s, "strip/a/name \"open", "not closed");
	refused(s, "strip/a/name \"\\q\"", "escape");
	refused(s, "strip/a/name \"\xff\"", "UTF-8");
	refused(s, "strip/a/name A\nstrip/b/name B", "one line");
	refused(s, "strip/A/name A", "there is no strip A");
	refused(s, "strip/a/out mixx", "mix, none or a bus");
	refused(s, "strip/a/out strip/b", "mix, none or a bus");
	refused(s, "strip/a/out bus/nil", "there is no bus/nil");
	refused(s, "strip/a/comp/key dca/x", "none, or a node");
	refused(s, "strip/a/dca \"x\"", "there is no dca/x");
	refused(s, "strip/a", "no parameter");
	refused(s, "strip/a/name += 1", "no number");
	refused(s, "strip/a/name += 1step", "no steps");
	refused(s, "delete mix", "always there");
	refused(s, "rename strip/a b", "lines of strip/b already");
	refused(s, "rename strip/a 7", "no id");
	refused(s, "move strip/a 5", "1 to 4");
	session_select(s, NULL, &err);
	refused(s, "@/mute on", "nothing is selected");
	line(s, "# nothing");
	line(s, "");
	ck_assert(!session_dirty(s));
	session_free(s);
}
END_TEST

static const char wired[] =
    "stemdesk 1\n"
    "strip/kick/name Kick\nstrip/kick/out bus/drums # grouped\nstrip/kick/dca \"all,beat\"\nstrip/kick/send/verb/level "
    "-9\n"
    "# the bass\nstrip/bass/name Bass\nstrip/bass/comp/key strip/kick\nstrip/bass/region/r1/file b.wav\n"
    "bus/drums/name Drums\nbus/drums/send/verb/tap pre\nbus/verb/name Verb\ndca/all/name All\ndca/beat/name Beat\n"
    "variant tv strip/{kick,bass}/mute on\nvariant tv strip/kick/send/verb/level -3\nvariant x strip/bass/comp/key "
    "strip/kick\n";

START_TEST(references_follow)
{
	struct session *s = parsed(wired);
	line(s, "rename strip/kick bd");
	line(s, "rename bus/verb hall");
	line(s, "rename dca/beat pulse");
	text_is(
	    s,
	    "stemdesk 1\n"
	    "strip/bd/name Kick\nstrip/bd/out bus/drums # grouped\nstrip/bd/dca \"all,pulse\"\nstrip/bd/send/hall/level "
	    "-9\n"
	    "# the bass\nstrip/bass/name Bass\nstrip/bass/comp/key strip/bd\nstrip/bass/region/r1/file b.wav\n"
	    "bus/drums/name Drums\nbus/drums/send/hall/tap pre\nbus/hall/name Verb\ndca/all/name All\ndca/pulse/name Beat\n"
	    "variant tv strip/{bd,bass}/mute on\nvariant tv strip/bd/send/hall/level -3\nvariant x strip/bass/comp/key "
	    "strip/bd\n");
	while (session_undo(s))
		;
	text_is(s, wired);
	line(s, "delete strip/kick");
	text_is(
	    s,
	    "stemdesk 1\n# the bass\nstrip/bass/name Bass\nstrip/bass/region/r1/file b.wav\n"
	    "bus/drums/name Drums\nbus/drums/send/verb/tap pre\nbus/verb/name Verb\ndca/all/name All\ndca/beat/name Beat\n"
	    "variant tv strip/{bass}/mute on\n");
	ck_assert_str_eq(session_find(s, "strip/bass")->text[P_COMP_KEY], "");
	session_undo(s);
	text_is(s, wired);
	line(s, "delete bus/* dca/all");
	text_is(s, "stemdesk 1\n"
	           "strip/kick/name Kick\nstrip/kick/dca \"beat\"\n"
	           "# the bass\nstrip/bass/name Bass\nstrip/bass/comp/key strip/kick\nstrip/bass/region/r1/file b.wav\n"
	           "dca/beat/name Beat\n"
	           "variant tv strip/{kick,bass}/mute on\nvariant x strip/bass/comp/key strip/kick\n");
	session_undo(s);
	text_is(s, wired);
	line(s, "move strip/bass 1");
	text_is(
	    s,
	    "stemdesk 1\n"
	    "# the bass\nstrip/bass/name Bass\nstrip/bass/comp/key strip/kick\nstrip/bass/region/r1/file b.wav\n"
	    "strip/kick/name Kick\nstrip/kick/out bus/drums # grouped\nstrip/kick/dca "
	    "\"all,beat\"\nstrip/kick/send/verb/level -9\n"
	    "bus/drums/name Drums\nbus/drums/send/verb/tap pre\nbus/verb/name Verb\ndca/all/name All\ndca/beat/name Beat\n"
	    "variant tv strip/{kick,bass}/mute on\nvariant tv strip/kick/send/verb/level -3\nvariant x strip/bass/comp/key "
	    "strip/kick\n");
	ck_assert_str_eq(session_node(s, K_STRIP, 0)->id, "bass");
	line(s, "move strip/bass 2");
	text_is(s, wired);
	session_free(s);
	/* Names that stand together at the top: the place is the one asked for all the same. */
	s = parsed("stemdesk 1\nstrip/a/name A\nstrip/b/name B\nstrip/c/name C\n\nstrip/a/pan L1\nstrip/b/pan "
	           "L2\nstrip/c/pan L3\n");
	for (unsigned from = 0; from < 3; from++) {
		for (unsigned to = 1; to <= 3; to++) {
			char text[32], id[2] = {(char)('a' + from), '\0'};
			snprintf(text, sizeof text, "move strip/%s %u", id, to);
			line(s, text);
			ck_assert_str_eq(session_node(s, K_STRIP, to - 1)->id, id);
			while (session_undo(s))
				;
		}
	}
	session_free(s);
}
END_TEST

START_TEST(refuses_loops)
{
	struct session *s =
	    parsed("stemdesk 1\nbus/a/name A\nbus/b/name B\nbus/c/name C\nstrip/s/name S\nbus/a/out bus/b\n");
	refused(s, "bus/a/out bus/a", "bus/a -> bus/a");
	refused(s, "bus/b/out bus/a", "bus/a -> bus/b -> bus/a");
	line(s, "bus/b/send/c/level -6");
	refused(s, "bus/c/out bus/a", "in a loop");
	line(s, "strip/s/out bus/a");
	refused(s, "strip/s/gate/key bus/c", "in a loop");
	refused(s, "strip/s/comp/key strip/s", "strip/s -> strip/s");
	line(s, "bus/b/comp/key strip/s");
	line(s, "mix/comp/key bus/b");
	struct err err = {""};
	session_free(s);
	static const char loop[] = "stemdesk 1\nbus/a/name A\nbus/b/name B\nbus/a/out bus/b\nbus/b/send/a/on on\n";
	s = session_new();
	ck_assert_int_eq(session_parse(s, loop, sizeof loop - 1, "song.desk", 0, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "song.desk: the signal would run in a loop: bus/"));
	session_free(s);
}
END_TEST

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

START_TEST(lays_variants_over)
{
	struct session *s =
	    parsed("stemdesk 1\nstrip/lead/name L\nstrip/adlib/name A\nstrip/lead/fader -3\n"
	           "variant tv strip/{lead,adlib}/mute on\nvariant up strip/lead/fader += 1.5\nvariant tv mix/trim -1\n");
	struct err err = {""};
	struct node *lead = session_find(s, "strip/lead");
	ck_assert_str_eq(session_variant(s, 0), "tv");
	ck_assert_str_eq(session_variant(s, 1), "up");
	ck_assert_ptr_null(session_variant(s, 2));
	ck_assert(!session_apply_variant(s, "tv", &err));
	ck_assert(lead->value[P_MUTE] == 1 && session_mix(s)->value[P_TRIM] == -1 && lead->value[P_FADER] == -3);
	ck_assert(!session_dirty(s));
	ck_assert(!session_apply_variant(s, "up", &err));
	ck_assert(lead->value[P_MUTE] == 0 && lead->value[P_FADER] == -1.5);
	ck_assert(session_apply_variant(s, "none", &err));
	ck_assert_str_eq(err.text, "there is no variant \"none\"");
	ck_assert(lead->value[P_FADER] == -1.5);
	line(s, "variant up strip/lead/fader += 2");
	line(s, "variant up strip/adlib/pan L20");
	ck_assert(!session_apply_variant(s, "up", &err));
	ck_assert(lead->value[P_FADER] == -1);
	refused(s, "variant up strip/nobody/pan L20", "nothing of that name");
	refused(s, "variant up strip/lead/pan on", "not possible");
	refused(s, "variant up strip/lead/name x", "cannot change");
	ck_assert(!session_apply_variant(s, NULL, &err));
	text_is(s, "stemdesk 1\nstrip/lead/name L\nstrip/adlib/name A\nstrip/lead/fader -3\n"
	           "variant tv strip/{lead,adlib}/mute on\nvariant up strip/lead/fader += 2\nvariant up strip/adlib/pan "
	           "L20\nvariant tv mix/trim -1\n");
	line(s, "delete variant/tv");
	ck_assert_str_eq(session_variant(s, 0), "up");
	ck_assert_ptr_null(session_variant(s, 1));
	session_free(s);
}
END_TEST

struct lines {
	char text[4096];
};

static void
gather(void *user, const char *text)
{
	struct lines *l = user;
	ck_assert(strlen(l->text) + strlen(text) + 2 < sizeof l->text);
	strcat(strcat(l->text, text), "\n");
}

START_TEST(gets_values)
{
	struct session *s =
	    parsed("stemdesk 1\nstrip/a/name \"A b\"\nstrip/a/fader -6.50\nstrip/a/send/v/level -12dB\nbus/v/name V\n");
	struct lines l = {""};
	struct err err;
	ck_assert(!session_get(s, "strip/a/{fader,pan,out,note}", gather, &l, &err));
	ck_assert_str_eq(l.text, "strip/a/note \"\"\nstrip/a/out mix\nstrip/a/pan C\nstrip/a/fader -6.5\n");
	*l.text = '\0';
	ck_assert(!session_get(s, "strip/*", gather, &l, &err));
	ck_assert_str_eq(l.text, "strip/a/name \"A b\"\nstrip/a/fader -6.5\nstrip/a/send/v/level -12\n");
	*l.text = '\0';
	ck_assert(!session_get(s, "bus/v/hpf", gather, &l, &err));
	ck_assert_str_eq(l.text, "bus/v/hpf/on off\nbus/v/hpf/freq 80\nbus/v/hpf/slope 12\n");
	ck_assert_int_eq(session_get(s, "bus/v/nothing", gather, &l, &err), -1);
	session_free(s);
}
END_TEST

START_TEST(tells_differences)
{
	struct session *a = parsed(
	    "stemdesk 1\nstrip/kick/name Kick\nstrip/kick/fader -3\nstrip/kick/send/v/level -12\nstrip/snare/name Snare\n"
	    "strip/tom/name Tom\nbus/v/name Verb\nstrip/x/name X\nvariant tv strip/kick/mute on\nstrip/kick/eq/2/gain "
	    "1.01\n");
	struct session *b = parsed("stemdesk 1\nsong/title \"New\"\nstrip/x/name X\nstrip/kick/name Kick\nstrip/kick/fader "
	                           "-6.5\nstrip/kick/eq/1/freq 1.2k\n"
	                           "strip/kick/mute on\nstrip/sn/name Snare\nstrip/sn/out none\nstrip/sn/send/v/level "
	                           "-6\nbus/v/name Hall\nstrip/hat/name Hat\n"
	                           "strip/kick/eq/2/gain 1.02\nstrip/kick/region/r1/file k.wav\n");
	struct lines l = {""};
	ck_assert_uint_eq(session_diff(a, b, gather, &l), 15);
	ck_assert_str_eq(l.text, "Song: title \"New\" (was \"\")\n"
	                         "Tom: strip removed\n"
	                         "Kick: eq 1 freq 1.20 kHz (was 80.0 Hz)\n"
	                         "Kick: eq 2 gain 1.02 (was 1.01)\n"
	                         "Kick: fader -6.5 dB (was -3.0)\n"
	                         "Kick: mute on (was off)\n"
	                         "Kick: send v removed\n"
	                         "Kick: new region r1, k.wav\n"
	                         "Snare: id sn (was snare)\n"
	                         "Snare: out none (was mix)\n"
	                         "Snare: new send to v, -6.0 dB\n"
	                         "Hat: new strip\n"
	                         "X: moved\n"
	                         "Verb: renamed to Hall\n"
	                         "removed: variant tv strip/kick/mute on\n");
	ck_assert_uint_eq(session_diff(b, b, gather, &l), 0);
	/* A strip of another id and name is the same one while it has a region of the old one's. */
	struct session *c = parsed("stemdesk 1\nstrip/hh/name \"Hi-hat\"\nstrip/drum/name Kick\n"
	                           "strip/drum/region/r1/file k2.wav\nstrip/drum/region/r1/print \"1\"\n");
	struct session *d = parsed("stemdesk 1\nstrip/hh/name \"Hi-hat\"\nstrip/bd/name \"Bass Drum\"\n"
	                           "strip/bd/region/r1/file k.wav\nstrip/bd/region/r1/print \"2\"\n");
	*l.text = '\0';
	ck_assert_uint_eq(session_diff(c, d, gather, &l), 3);
	ck_assert_str_eq(l.text, "Bass Drum: id bd (was drum)\nKick: renamed to Bass Drum\n"
	                         "Bass Drum: region r1: file \"k.wav\" (was \"k2.wav\")\n");
	session_free(c);
	session_free(d);
	session_free(a);
	session_free(b);
}
END_TEST

START_TEST(makes_region_ids)
{
	struct session *s = parsed("stemdesk 1\nstrip/a/name A\n");
	char one[7], two[7], other[7], text[64];
	session_region_id(s, "Kick.wav host 1", one);
	session_region_id(s, "Kick.wav host 2", other);
	ck_assert_str_ne(one, other);
	ck_assert_uint_eq(strlen(one), 6);
	ck_assert(one[0] >= 'a' && one[0] <= 'z' && strspn(one, "abcdefghijklmnopqrstuvwxyz0123456789") == 6);
	snprintf(text, sizeof text, "strip/a/region/%s/file \"Kick.wav\"", one);
	line(s, text);
	session_region_id(s, "Kick.wav host 1", two);
	ck_assert_str_ne(one, two);
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

TEST_MAIN("session", 60, makes_a_desk, keeps_every_byte, edits_in_place, names_several_at_once, references_follow,
          refuses_loops, refuses_bad_files, warns_and_is_lenient, lays_variants_over, gets_values, tells_differences,
          makes_region_ids, survives_hostile_text, bounds_what_it_reads, shows_nothing_that_bites)
