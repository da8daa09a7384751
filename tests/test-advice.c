#include "tests/desktest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/session.h"

/* A desk as somebody has it who mistypes. */
static struct session *
desk(void)
{
	static const char text[] = "stemdesk 1\nstrip/lead-vox/name \"Lead Vox\"\nstrip/bv-vox/name \"BV\"\n"
	                           "strip/kick/name \"Kick\"\nbus/verb/name \"Verb\"\ndca/all/name \"All\"\n"
	                           "variant tv strip/lead-vox/mute on\nvariant loud mix/fader 3\n";
	struct session *s = session_new();
	struct err err = {""};
	ck_assert_msg(!session_parse(s, text, strlen(text), "song.desk", 0, &err), "%s", err.text);
	return s;
}

static const struct {
	const char *line, *says;
} mistakes[] = {
    {"strip/kick/fadr 1", "did you mean fader?"},
    {"strip/kick/eq/2/frequency 1k", "did you mean eq/2/freq?"},
    {"strip/kick/eq/7/freq 30", "did you mean eq/"},
    {"strip/kick/hpf on", "; there is hpf/on, hpf/freq, hpf/slope"},
    {"strip/*/hpf on", "; there is hpf/on, hpf/freq, hpf/slope"},
    {"strip/*vox/hpf on", "; there is hpf/on, hpf/freq, hpf/slope"},
    {"strip/kick/reverb/on on", "; only buses have it"},
    {"strip/kick/limiter/on on", "; only the master has it"},
    {"strip/Kick/fader 1", "did you mean strip/kick/fader?"},
    {"strip/leadvox/fader 1", "did you mean strip/lead-vox/fader?"},
    {"kick/fader 1", "did you mean strip/kick/fader?"},
    {"guitar/fader 1", "addresses begin with song, strip, bus"},
    {"bus/drums/comp/on on", "its line bus/drums/name makes it"},
    {"song/bpm 120", "`stemdesk params` lists all"},
    {"strip/*tom/mute on", "there is no strip *tom"},
    {"bus/Drums/name Drums", "an id is small letters"},
    {"strip/kick/out drums", "mix, none or a bus"},
    {"strip/kick/out kick", "mix, none or a bus"},
    {"strip/kick/comp/key nobody", "none, or a node"},
};

START_TEST(names_what_was_meant)
{
	struct session *s = desk();
	for (size_t k = 0; k < sizeof mistakes / sizeof *mistakes; k++) {
		struct err err = {""};
		ck_assert_msg(session_line(s, mistakes[k].line, &err) == -1, "%s", mistakes[k].line);
		ck_assert_msg(strstr(err.text, mistakes[k].says) != NULL, "%s: \"%s\" does not say \"%s\"", mistakes[k].line,
		              err.text, mistakes[k].says);
	}
	session_free(s);
}
END_TEST

/* Words as long as lines may be are refused without harm. */
START_TEST(bears_long_words)
{
	struct session *s = desk();
	char line[4096] = "strip/";
	memset(line + 6, 'k', sizeof line - 20);
	strcpy(line + 6 + sizeof line - 20, "/fader 1");
	struct err err = {""};
	ck_assert_int_eq(session_line(s, line, &err), -1);
	memcpy(line, "strip/kick/", 11);
	ck_assert_int_eq(session_line(s, line, &err), -1);
	session_free(s);
}
END_TEST

START_TEST(stars_stand_for_letters)
{
	static const struct {
		const char *pattern;
		int lead, bv, kick;
	} table[] = {{"*vox", 1, 1, 0}, {"*-vox", 1, 1, 0},     {"l*", 1, 0, 0},    {"*i*", 0, 0, 1},  {"l*x", 1, 0, 0},
	             {"*", 1, 1, 1},    {"{l*,kick}", 1, 0, 1}, {"*vox*", 1, 1, 0}, {"k**k", 0, 0, 1}, {"*-*o*", 1, 1, 0}};
	for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
		struct session *s = desk();
		struct err err = {""};
		char line[64];
		snprintf(line, sizeof line, "strip/%s/mute on", table[k].pattern);
		ck_assert_msg(!session_line(s, line, &err), "%s: %s", line, err.text);
		ck_assert_msg((session_find(s, "strip/lead-vox")->value[P_MUTE] != 0) == table[k].lead &&
		                  (session_find(s, "strip/bv-vox")->value[P_MUTE] != 0) == table[k].bv &&
		                  (session_find(s, "strip/kick")->value[P_MUTE] != 0) == table[k].kick,
		              "%s", line);
		session_free(s);
	}
}
END_TEST

static double
value(struct session *s, const char *node, enum param_id id)
{
	return session_find(s, node)->value[id];
}

/* What is shown as "-6.5 dB" can be written so. */
START_TEST(units_may_stand_apart)
{
	struct session *s = desk();
	struct err err = {""};
	static const char *const lines[] = {
	    "strip/kick/fader -6.5 dB", "strip/kick/hpf/freq 1.2 kHz", "strip/kick/comp/release 1.5 s",
	    "strip/kick/delay 10 ms",   "strip/kick/comp/mix 50 %",    "strip/kick/trim += 2 dB",
	    "strip/kick/trim -= .5 dB", "strip/kick/trim +=1 dB",
	};
	for (size_t k = 0; k < sizeof lines / sizeof *lines; k++)
		ck_assert_msg(!session_line(s, lines[k], &err), "%s: %s", lines[k], err.text);
	ck_assert(value(s, "strip/kick", P_FADER) == -6.5 && value(s, "strip/kick", P_HPF_FREQ) == 1200);
	ck_assert(value(s, "strip/kick", P_COMP_RELEASE) == 1500);
	ck_assert(value(s, "strip/kick", P_DELAY) == 480 && value(s, "strip/kick", P_COMP_MIX) == 50);
	ck_assert(value(s, "strip/kick", P_TRIM) == 2.5);
	static const char *const bad[] = {"strip/kick/fader -6 Hz", "strip/kick/fader -6 3", "strip/kick/fader -6 dB dB",
	                                  "strip/kick/trim += 1 2 3", "strip/kick/trim +="};
	for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
		ck_assert_msg(session_line(s, bad[k], &err) == -1, "%s was accepted", bad[k]);
	session_free(s);
}
END_TEST

/* In a file too, where a change of the song's rate reads times anew. */
START_TEST(units_stand_apart_in_files)
{
	static const char text[] = "stemdesk 1\nsong/rate 44.1 kHz\nstrip/a/name A\nstrip/a/delay 10 ms # late\n";
	struct session *s = session_new();
	struct err err = {""};
	size_t size;
	ck_assert_msg(!session_parse(s, text, strlen(text), "song.desk", 0, &err), "%s", err.text);
	ck_assert(session_rate(s) == 44100 && value(s, "strip/a", P_DELAY) == 441);
	ck_assert(!session_line(s, "song/rate 96 kHz", &err) && value(s, "strip/a", P_DELAY) == 960);
	ck_assert(!session_line(s, "strip/a/delay 20 ms", &err));
	char *now = session_text(s, &size);
	ck_assert_ptr_nonnull(strstr(now, "strip/a/delay 1920 # late\n"));
	free(now);
	session_free(s);
}
END_TEST

struct got {
	char text[2048];
};

static void
take(void *user, const char *line)
{
	struct got *got = user;
	strcat(strcat(got->text, line), "\n");
}

/* What get prints makes the same desk again. */
START_TEST(gets_everything)
{
	struct session *s = desk(), *again = session_new();
	struct got all = {""}, variants = {""}, tv = {""}, twice = {""};
	struct err err = {""};
	ck_assert(!session_get(s, "*", take, &all, &err));
	ck_assert(!session_get(s, "variant", take, &variants, &err));
	ck_assert(!session_get(s, "variant/tv", take, &tv, &err));
	ck_assert(session_get(s, "variant/no", take, &tv, &err) == -1);
	ck_assert_str_eq(variants.text, "variant tv strip/lead-vox/mute on\nvariant loud mix/fader 3\n");
	ck_assert_str_eq(tv.text, "variant tv strip/lead-vox/mute on\n");
	for (char *line = strtok(all.text, "\n"); line; line = strtok(NULL, "\n"))
		ck_assert_msg(!session_line(again, line, &err), "%s: %s", line, err.text);
	all.text[0] = '\0';
	ck_assert(!session_get(s, "*", take, &all, &err) && !session_get(again, "*", take, &twice, &err));
	ck_assert_str_eq(all.text, twice.text);
	session_free(s);
	session_free(again);
}
END_TEST

static const char *
text_of(struct session *s, const char *node, enum param_id id)
{
	return session_find(s, node)->text[id];
}

/* An id alone will do where only one kind of node can be meant; the session holds its whole address. */
START_TEST(ids_stand_for_addresses)
{
	struct session *s = desk();
	struct err err = {""};
	ck_assert_msg(!session_line(s, "strip/kick/out verb", &err), "%s", err.text);
	ck_assert_str_eq(text_of(s, "strip/kick", P_OUT), "bus/verb");
	ck_assert(!session_line(s, "strip/lead-vox/comp/key kick", &err) &&
	          !session_line(s, "strip/bv-vox/gate/key verb", &err));
	ck_assert_str_eq(text_of(s, "strip/lead-vox", P_COMP_KEY), "strip/kick");
	ck_assert_str_eq(text_of(s, "strip/bv-vox", P_GATE_KEY), "bus/verb");
	ck_assert(!session_line(s, "strip/kick/out mix", &err) && !session_line(s, "strip/lead-vox/comp/key none", &err));
	ck_assert_str_eq(text_of(s, "strip/kick", P_OUT), "");
	ck_assert_str_eq(text_of(s, "strip/lead-vox", P_COMP_KEY), "");
	session_free(s);
}
END_TEST

START_TEST(gets_parts_of_a_strip)
{
	struct session *s = desk();
	struct err err = {""};
	struct got sends = {""}, regions = {""}, pan = {""};
	ck_assert(!session_line(s, "strip/kick/send/verb/level -12", &err) &&
	          !session_line(s, "strip/kick/pan -33.5", &err) &&
	          !session_line(s, "strip/kick/region/r1/file a.wav", &err));
	ck_assert_msg(!session_get(s, "strip/kick/send", take, &sends, &err), "%s", err.text);
	ck_assert_msg(!session_get(s, "strip/*/region", take, &regions, &err), "%s", err.text);
	ck_assert(!session_get(s, "strip/kick/pan", take, &pan, &err));
	ck_assert_str_eq(sends.text, "strip/kick/send/verb/level -12\n");
	ck_assert_str_eq(regions.text, "strip/kick/region/r1/file \"a.wav\"\n");
	ck_assert_str_eq(pan.text, "strip/kick/pan L33.5\n");
	session_free(s);
}
END_TEST

TEST_MAIN("advice", 10, names_what_was_meant, bears_long_words, stars_stand_for_letters, units_may_stand_apart,
          units_stand_apart_in_files, gets_everything, ids_stand_for_addresses, gets_parts_of_a_strip)
