/* The session as text: what lines make, how they stand in the file, what follows a name, variants, differences. */
#include "sessiontest.h"

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

TEST_MAIN("session", 60, makes_a_desk, keeps_every_byte, edits_in_place, names_several_at_once, references_follow,
          refuses_loops, lays_variants_over, gets_values, tells_differences, makes_region_ids)
