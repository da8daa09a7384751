#include "tests/desktest.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "session/session.h"

static uint64_t seed = 42;
static int solo_too; /* solo is edited too, which undo leaves as it is */

static unsigned
pick(unsigned count)
{
	return (unsigned)((test_random(&seed) + 1) / 2 * count) % count;
}

/* A line as a user, or someone else, might type it; many are refused. */
static void
random_line(char *line, size_t size)
{
	static const char *const ids[] = {"kick", "snare", "tom", "a", "b", "verb", "drums", "x1"};
	static const char *const texts[] = {
	    "\"Kick\"", "Snare", "\"with \\\"quotes\\\"\"", "\"\"", "\"\xc3\xa4 # no comment\"", "default"};
	static const char *const values[] = {"-6.5", "+= 1", "-= 2.5", "default", "toggle", "on", "off",   "1.2k",  "30ms",
	                                     "L30",  "0",    "-inf",   "bell",    "+= 0",   "12", "notch", "99999", "x"};
	static const char *const shorts[] = {"fader",    "mute",       "eq/2/freq",   "eq/*/on", "pan",
	                                     "delay",    "comp/ratio", "eq/1-3/gain", "nosuch",  "colour",
	                                     "channels", "hpf/on",     "trim",        "solo"};
	static const char *const wheres[] = {"strip/*", "strip/1-2", "strip/{kick,snare}", "bus/*",  "mix",
	                                     "master",  "@",         "{strip,bus}/*",      "strip/3"};
	const char *id = ids[pick(8)], *other = ids[pick(8)], *value = values[pick(18)];
	switch (pick(19)) {
	case 0:
	case 1:
		snprintf(line, size, "strip/%s/name %s", id, texts[pick(6)]);
		break;
	case 2:
		snprintf(line, size, "bus/%s/name %s", id, texts[pick(6)]);
		break;
	case 3:
		snprintf(line, size, "dca/%s/name %s", id, texts[pick(6)]);
		break;
	case 4:
		snprintf(line, size, "%s/%s %s", wheres[pick(9)], shorts[pick(solo_too ? 14 : 13)], value);
		break;
	case 5:
		snprintf(line, size, "strip/%s/%s %s", id, shorts[pick(solo_too ? 14 : 13)], value);
		break;
	case 6:
		snprintf(line, size, "%s/%s/send/%s/%s %s", pick(3) ? "strip" : "bus", id, other, pick(2) ? "level" : "on",
		         value);
		break;
	case 7:
		snprintf(line, size, "strip/%s/region/r%u/file \"%s.wav\"", id, pick(3), other);
		break;
	case 8:
		snprintf(line, size, "strip/%s/region/%s/%s %s", id, pick(2) ? "*" : "r1", pick(2) ? "gain" : "at", value);
		break;
	case 9:
		snprintf(line, size, "%s/%s/out %s%s", pick(3) ? "strip" : "bus", id, pick(4) ? "bus/" : "",
		         pick(4) ? other : "mix");
		break;
	case 10:
		snprintf(line, size, "strip/%s/%s/key %s/%s", id, pick(2) ? "comp" : "gate", pick(2) ? "strip" : "bus", other);
		break;
	case 11:
		snprintf(line, size, "strip/%s/dca \"%s,%s\"", id, other, ids[pick(8)]);
		break;
	case 12:
		snprintf(line, size, "delete %s/%s", pick(4) == 0 ? "bus" : pick(4) == 0 ? "dca" : "strip", id);
		break;
	case 13:
		snprintf(line, size, "delete strip/%s/%s", id, pick(2) ? "region/r1" : "send/verb");
		break;
	case 14:
	case 15:
		snprintf(line, size, "rename %s/%s %s", pick(3) == 0 ? "bus" : pick(3) == 0 ? "dca" : "strip", id, other);
		break;
	case 16:
		snprintf(line, size, "move %s/%s %u", pick(4) ? "strip" : "bus", id, pick(5));
		break;
	case 17:
		snprintf(line, size, "variant %s strip/{%s,%s}/%s %s", pick(2) ? "tv" : "loud", id, other,
		         pick(2) ? "mute" : "fader", value);
		break;
	default:
		if (pick(2))
			snprintf(line, size, "song/rate %s", pick(2) ? "44.1k" : "96k");
		else
			snprintf(line, size, "delete variant/tv");
		break;
	}
}

static void
collect(void *user, const char *line)
{
	char **all = user;
	char *more = NULL;
	ck_assert(asprintf(&more, "%s%s\n", *all, line) >= 0);
	free(*all);
	*all = more;
}

/* All values of a session as lines: what the model says, apart from the text. */
static char *
model(struct session *s)
{
	char *all = strdup("");
	struct err err;
	ck_assert(!session_get(s, "*", collect, &all, &err));
	static const char *const many[] = {"strip/*", "bus/*", "dca/*"};
	for (size_t k = 0; k < 3; k++)
		session_get(s, many[k], collect, &all, &err);
	return all;
}

static char *
text(struct session *s)
{
	size_t len;
	char *all = session_text(s, &len);
	all = realloc(all, len + 1);
	ck_assert_ptr_nonnull(all);
	all[len] = '\0';
	return all;
}

/* The same without what undo leaves alone. */
static char *
less(char *all)
{
	char *to = all, *rest = all;
	for (char *line; (line = strsep(&rest, "\n"));) {
		size_t len = strlen(line);
		if (strstr(line, "/solo "))
			continue;
		memmove(to, line, len);
		to += len;
		if (rest)
			*to++ = '\n';
	}
	*to = '\0';
	return all;
}

/* The model that follows edits is the one that reading the text anew gives. */
static void
same_when_read(struct session *s)
{
	char *now = text(s), *is = model(s);
	struct session *fresh = session_new();
	struct err err = {""};
	ck_assert_msg(!session_parse(fresh, now, strlen(now), "song.desk", 0, &err), "%s\n%s", err.text, now);
	char *read = model(fresh);
	ck_assert_msg(!strcmp(is, read), "the model:\n%s\nread anew:\n%s\nfrom:\n%s", is, read, now);
	free(now);
	free(is);
	free(read);
	session_free(fresh);
}

static const char start_text[] =
    "\xef\xbb\xbf# a song of ours\r\n\r\nstemdesk 1\r\nsong/title \"Song\"   # for now\r\n\r\n# the kick\r\n"
    "strip/kick/name \"Kick\"\r\n  strip/kick/fader  -3 # soft\n\n# inside\nstrip/kick/future/thing 3\nstrip/kick/pan "
    "L10\n"
    "strip/snare/name Snare\n\tstrip/snare/send/verb/level -12\nstrip/snare/dca \"drums\"\n# the end of it\n\n"
    "bus/verb/name \"Verb\"\nbus/verb/reverb/on on\ndca/drums/name Drums\nmix/fader -1.5 #\n"
    "variant tv strip/{kick,snare}/mute on # no drums\nmaster/limiter/ceiling -0.5";

static void
run(unsigned edits, unsigned checks)
{
	struct session *s = session_new();
	struct err err = {""};
	ck_assert_msg(!session_parse(s, start_text, sizeof start_text - 1, "song.desk", 0, &err), "%s", err.text);
	ck_assert_ptr_nonnull(session_warning(s, 0));
	ck_assert_ptr_null(session_warning(s, 1));
	char *begin = text(s), *begin_model = less(model(s));
	ck_assert_str_eq(begin, start_text);
	unsigned done = 0, depth = 0;
	for (unsigned k = 0; k < edits; k++) {
		char line[256];
		random_line(line, sizeof line);
		if (pick(20) == 0) {
			session_begin(s);
			depth++;
		} else if (depth && pick(5) == 0) {
			session_commit(s);
			depth--;
		}
		if (pick(30) == 0)
			session_select(s, pick(2) ? "strip/1-2" : "bus/*", &err);
		char *before = pick(8) == 0 ? text(s) : NULL;
		if (!session_line(s, line, &err)) {
			done++;
		} else if (before) {
			char *after = text(s);
			ck_assert_msg(!strcmp(before, after), "%s was refused and yet:\n%s\nbecame\n%s", line, before, after);
			free(after);
		}
		free(before);
		if (depth == 0 && pick(10) == 0) {
			/* Back and forth in between changes nothing. */
			char *here = less(text(s));
			unsigned back = 0;
			for (unsigned n = pick(4); n && session_undo(s); n--)
				back++;
			if (checks && pick(checks) == 0)
				same_when_read(s);
			for (; back; back--)
				ck_assert(session_redo(s));
			char *there = less(text(s));
			ck_assert_str_eq(here, there);
			free(here);
			free(there);
		}
		if (checks && pick(checks) == 0)
			same_when_read(s);
	}
	while (depth--)
		session_commit(s);
	ck_assert_uint_gt(done, edits / 8);
	same_when_read(s);
	char *end = less(text(s)), *end_model = less(model(s));
	ck_assert(session_dirty(s));
	while (session_undo(s))
		;
	same_when_read(s);
	char *undone = less(text(s)), *undone_model = less(model(s));
	ck_assert_str_eq(undone, begin);
	ck_assert_str_eq(undone_model, begin_model);
	ck_assert(solo_too || !session_dirty(s));
	while (session_redo(s))
		;
	same_when_read(s);
	char *redone = less(text(s)), *redone_model = less(model(s));
	ck_assert_str_eq(redone, end);
	ck_assert_str_eq(redone_model, end_model);
	free(begin);
	free(begin_model);
	free(end);
	free(end_model);
	free(undone);
	free(undone_model);
	free(redone);
	free(redone_model);
	session_free(s);
}

START_TEST(undoes_all_and_redoes_all)
{
	for (unsigned k = 0; k < 40; k++) {
		seed = 1000 + k;
		run(150, 6);
	}
	seed = 7;
	run(3000, 100);
	solo_too = 1;
	for (unsigned k = 0; k < 40; k++) {
		seed = 2000 + k;
		run(150, 6);
	}
	seed = 9;
	run(3000, 100);
}
END_TEST

START_TEST(groups_and_merges_steps)
{
	struct session *s = session_new();
	struct err err = {""};
	session_begin(s);
	ck_assert(!session_line(s, "strip/a/name A", &err));
	ck_assert(!session_line(s, "strip/a/fader -3", &err));
	session_commit(s);
	session_begin(s);
	for (int k = 0; k < 100; k++)
		ck_assert(!session_line(s, "strip/a/fader += 0.1", &err));
	session_commit(s);
	ck_assert(session_find(s, "strip/a")->value[P_FADER] == 7);
	ck_assert_int_eq(session_undo(s), 1);
	ck_assert(session_find(s, "strip/a")->value[P_FADER] == -3);
	ck_assert_int_eq(session_undo(s), 1);
	ck_assert_ptr_null(session_find(s, "strip/a"));
	ck_assert_int_eq(session_undo(s), 0);
	ck_assert_int_eq(session_redo(s), 1);
	ck_assert(!session_line(s, "strip/a/mute on", &err));
	ck_assert_int_eq(session_redo(s), 0);
	/* A refused line in a group takes nothing of the group along. */
	session_begin(s);
	ck_assert(!session_line(s, "strip/a/fader -1", &err));
	ck_assert(session_line(s, "strip/a/{fader,pan} -30", &err) == 0);
	ck_assert(session_line(s, "strip/a/{fader,pan} 50", &err));
	session_commit(s);
	ck_assert(session_find(s, "strip/a")->value[P_FADER] == -30);
	ck_assert(session_find(s, "strip/a")->value[P_PAN] == -30);
	ck_assert_int_eq(session_undo(s), 1);
	ck_assert(session_find(s, "strip/a")->value[P_FADER] == -3);
	session_free(s);
}
END_TEST

START_TEST(keeps_the_engines_key)
{
	struct session *s = session_new();
	struct err err = {""};
	ck_assert(!session_line(s, "strip/a/name A", &err));
	ck_assert(!session_line(s, "strip/a/region/r1/file a.wav", &err));
	ck_assert(!session_line(s, "bus/v/name V", &err));
	ck_assert(!session_line(s, "strip/a/send/v/level -6", &err));
	uint32_t strip = session_find(s, "strip/a")->uid, send = session_find(s, "strip/a/send/v")->uid;
	uint32_t bus = session_find(s, "bus/v")->uid, region = session_find(s, "strip/a/region/r1")->uid;
	ck_assert(!session_line(s, "rename strip/a b", &err));
	ck_assert(!session_line(s, "rename bus/v w", &err));
	ck_assert_uint_eq(session_find(s, "strip/b")->uid, strip);
	ck_assert_uint_eq(session_find(s, "strip/b/send/w")->uid, send);
	ck_assert_uint_eq(session_find(s, "strip/b/region/r1")->uid, region);
	ck_assert_uint_eq(session_find(s, "bus/w")->uid, bus);
	ck_assert(!session_line(s, "strip/a/name Another", &err));
	ck_assert_uint_ne(session_find(s, "strip/a")->uid, strip);
	session_undo(s);
	session_undo(s);
	session_undo(s);
	ck_assert_uint_eq(session_find(s, "strip/a")->uid, strip);
	ck_assert_uint_eq(session_find(s, "strip/a/send/v")->uid, send);
	ck_assert_uint_eq(session_find(s, "bus/v")->uid, bus);
	ck_assert(!session_line(s, "delete strip/a", &err));
	session_undo(s);
	ck_assert_uint_eq(session_find(s, "strip/a")->uid, strip);
	session_free(s);
}
END_TEST

/* What the engine would hold if it only listened. */
struct mirror {
	struct session *s;
	unsigned structural, values;
	double fader;
};

static void
listen(void *user, struct node *node, int param, bool structural)
{
	struct mirror *m = user;
	ck_assert(param < 0 || node->live);
	m->structural += structural;
	m->values += !structural;
	if (param == P_FADER && !strcmp(session_address(node), "strip/a"))
		m->fader = node->value[P_FADER];
}

START_TEST(tells_what_changed)
{
	struct session *s = session_new();
	struct err err = {""};
	struct mirror m = {.s = s};
	session_on_change(s, listen, &m);
	ck_assert(!session_line(s, "strip/a/name A", &err));
	ck_assert_uint_ge(m.structural, 1);
	m.structural = m.values = 0;
	ck_assert(!session_line(s, "strip/a/fader -6", &err));
	ck_assert_uint_eq(m.structural, 0);
	ck_assert_uint_eq(m.values, 1);
	ck_assert(m.fader == -6);
	ck_assert(!session_line(s, "strip/a/fader -6", &err));
	ck_assert_uint_eq(m.values, 1);
	session_undo(s);
	ck_assert(m.fader == 0);
	session_redo(s);
	ck_assert(m.fader == -6);
	m.structural = m.values = 0;
	ck_assert(session_line(s, "strip/a/{fader,out} bus/none-such", &err));
	ck_assert_uint_eq(m.structural + m.values, 0);
	ck_assert(!session_line(s, "strip/a/out none", &err));
	ck_assert_uint_ge(m.structural, 1);
	m.structural = 0;
	ck_assert(!session_line(s, "variant up strip/a/fader += 1.5", &err));
	ck_assert(!session_apply_variant(s, "up", &err));
	ck_assert(m.fader == -4.5);
	ck_assert(!session_line(s, "strip/a/fader -10", &err));
	ck_assert(m.fader == -8.5);
	ck_assert(!session_apply_variant(s, NULL, &err));
	ck_assert(m.fader == -10);
	ck_assert(!session_line(s, "delete strip/a", &err));
	ck_assert_uint_ge(m.structural, 1);
	session_free(s);
}
END_TEST

/* Bytes that are allocated now. */
static size_t
allocated(void)
{
	struct mallinfo2 m = mallinfo2();
	return m.uordblks + m.hblkhd;
}

/*
 * Nothing is forgotten in the longest of nights: a step a second for three and a half days leads back to the first
 * state. An op is 24 bytes and room for them doubles, a text takes 48 with what malloc needs, and a line that is at
 * default, and so not there, is kept whole: 200.
 */
START_TEST(forgets_nothing)
{
	enum { STEPS = 300000 };
	struct session *s = session_new();
	struct err err = {""};
	char line[64];
	size_t len, redos;
	ck_assert(!session_line(s, "strip/a/name A", &err));
	session_seal(s);
	char *first = session_text(s, &len);
	size_t before = allocated();
	for (unsigned k = 1; k <= STEPS / 2; k++) {
		snprintf(line, sizeof line, "strip/a/delay %u", k % 1000 + 1);
		ck_assert(!session_line(s, line, &err));
		ck_assert(!session_line(s, k % 2 ? "strip/a/mute on" : "strip/a/mute off", &err));
	}
	ck_assert_uint_le(allocated() - before, (size_t)STEPS * 48 + STEPS / 2 * 48 + STEPS / 4 * 200);
	char *last = session_text(s, &len);
	ck_assert_uint_eq(session_steps(s, &redos), STEPS);
	for (unsigned k = 0; k < STEPS; k++)
		ck_assert_int_eq(session_undo(s), 1);
	ck_assert_int_eq(session_undo(s), 0);
	char *back = session_text(s, &len);
	ck_assert_str_eq(back, first);
	for (unsigned k = 0; k < STEPS; k++)
		ck_assert_int_eq(session_redo(s), 1);
	char *again = session_text(s, &len);
	ck_assert_str_eq(again, last);
	free(first);
	free(last);
	free(back);
	free(again);
	session_free(s);
}
END_TEST

/* One step costs what it changes, not how often: a hand on three faders for a quarter of an hour. */
START_TEST(costs_what_it_changes)
{
	struct session *s = session_new();
	struct err err = {""};
	size_t redos;
	ck_assert(!session_line(s, "strip/a/name A", &err) && !session_line(s, "strip/b/name B", &err));
	ck_assert(!session_line(s, "strip/c/name C", &err) && !session_line(s, "strip/*/fader -9", &err));
	session_seal(s);
	size_t before = allocated();
	for (int k = 0; k < 30000; k++) {
		if (k)
			session_join(s);
		else
			session_begin(s);
		ck_assert(!session_line(s, k % 40 < 20 ? "strip/*/fader += 0.1" : "strip/*/fader -= 0.1", &err));
		session_commit(s);
	}
	ck_assert_uint_le(allocated() - before, 16384);
	ck_assert_uint_eq(session_steps(s, &redos), 1);
	/* what fails in a step that goes on takes back its own part alone */
	double was = session_find(s, "strip/b")->value[P_FADER];
	session_join(s);
	ck_assert(!session_line(s, "strip/b/fader -20", &err));
	session_abandon(s);
	ck_assert_double_eq(session_find(s, "strip/b")->value[P_FADER], was);
	ck_assert_int_eq(session_undo(s), 1);
	ck_assert_double_eq(session_find(s, "strip/a")->value[P_FADER], -9);
	ck_assert_double_eq(session_find(s, "strip/b")->value[P_FADER], -9);
	ck_assert_int_eq(session_redo(s), 1);
	ck_assert_double_eq(session_find(s, "strip/b")->value[P_FADER], was);
	session_free(s);
}
END_TEST

TEST_MAIN("undo", 120, undoes_all_and_redoes_all, groups_and_merges_steps, keeps_the_engines_key, tells_what_changed,
          forgets_nothing, costs_what_it_changes)
