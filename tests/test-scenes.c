/* Scenes: stored in the session, recalled whole and in parts, faded to. */
#include "opendesk.h"

#include <string.h>

static struct err err;

static void
line(struct session *s, const char *text)
{
	ck_assert_msg(session_line(s, text, &err) == 0, "%s: %s", text, err.text);
}

static double
value(struct session *s, const char *address, enum param_id id)
{
	const struct node *node = session_find(s, address);
	ck_assert_msg(node != NULL, "%s is not there", address);
	return node->value[id];
}

static struct session *
song(void)
{
	struct session *s = session_new();
	line(s, "strip/a/name A");
	line(s, "strip/b/name B");
	line(s, "bus/verb/name Verb");
	line(s, "dca/all/name All");
	line(s, "strip/a/fader -3");
	line(s, "strip/a/eq/2/gain 4");
	line(s, "strip/a/send/verb/level -12");
	line(s, "strip/b/mute on");
	line(s, "strip/b/solo on");
	return s;
}

/* All comes back that a scene holds, new strips and what is safe stay, and it is one step. */
START_TEST(test_recall)
{
	struct session *s = song();
	const char *title;
	size_t redos;
	line(s, "scene store 3 \"First chorus\"");
	ck_assert_str_eq(session_scene(s, 0, &title), "3");
	ck_assert_str_eq(title, "First chorus");
	ck_assert_ptr_null(session_scene(s, 1, NULL));
	line(s, "strip/c/name C");
	line(s, "strip/c/fader -20");
	line(s, "strip/*/comp/on on");
	line(s, "strip/a/fader -9");
	line(s, "strip/a/eq/2/gain 0");
	line(s, "strip/b/send/verb/level -6");
	line(s, "delete strip/a/send/verb");
	line(s, "strip/b/mute off");
	line(s, "strip/b/solo off");
	line(s, "dca/all/fader -10");
	line(s, "mix/fader -1");
	size_t steps = session_steps(s, &redos);
	line(s, "scene recall 3");
	ck_assert_uint_eq(session_steps(s, &redos), steps + 1);
	ck_assert_double_eq(value(s, "strip/a", P_FADER), -3);
	ck_assert_double_eq(value(s, "strip/a", P_EQ2_GAIN), 4);
	ck_assert_double_eq(value(s, "strip/a", P_COMP_ON), 0);
	ck_assert_double_eq(value(s, "strip/a/send/verb", P_SEND_LEVEL), -12);
	ck_assert_double_eq(value(s, "strip/b/send/verb", P_SEND_LEVEL), PARAM_SILENCE_DB);
	ck_assert_double_eq(value(s, "strip/b", P_MUTE), 1);
	ck_assert_double_eq(value(s, "strip/b", P_SOLO), 0);
	ck_assert_double_eq(value(s, "dca/all", P_FADER), 0);
	ck_assert_double_eq(value(s, "mix", P_FADER), 0);
	ck_assert_double_eq(value(s, "strip/c", P_FADER), -20);
	ck_assert_double_eq(value(s, "strip/c", P_COMP_ON), 1);
	ck_assert_int_eq(session_undo(s), 1);
	ck_assert_double_eq(value(s, "strip/a", P_FADER), -9);
	ck_assert_double_eq(value(s, "mix", P_FADER), -1);
	line(s, "strip/a/scene-safe on");
	line(s, "scene recall 3");
	ck_assert_double_eq(value(s, "strip/a", P_FADER), -9);
	ck_assert_double_eq(value(s, "mix", P_FADER), 0);
	session_free(s);
}
END_TEST

START_TEST(test_parts)
{
	struct session *s = song();
	line(s, "scene store verse");
	line(s, "strip/*/fader -9");
	line(s, "strip/*/pan L20");
	line(s, "strip/a/send/verb/level -20");
	line(s, "scene recall verse faders");
	ck_assert_double_eq(value(s, "strip/a", P_FADER), -3);
	ck_assert_double_eq(value(s, "strip/b", P_FADER), 0);
	ck_assert_double_eq(value(s, "strip/a", P_PAN), -20);
	line(s, "strip/*/fader -9");
	line(s, "scene recall verse faders pans strip/b");
	ck_assert_double_eq(value(s, "strip/a", P_FADER), -9);
	ck_assert_double_eq(value(s, "strip/b", P_FADER), 0);
	ck_assert_double_eq(value(s, "strip/b", P_PAN), 0);
	ck_assert_double_eq(value(s, "strip/a/send/verb", P_SEND_LEVEL), -20);
	line(s, "scene recall verse sends");
	ck_assert_double_eq(value(s, "strip/a/send/verb", P_SEND_LEVEL), -12);
	static const char *const bad[][2] = {
	    {"scene recall 5", "no scene \"5\""},          {"scene recall verse nonsense", "no part of the desk"},
	    {"scene recall verse strip/nobody", "nobody"}, {"scene store 9", "no name for a scene"},
	    {"scene store recall", "no name for one"},     {"scene 2 strip/a/fader loud", "loud"}};
	for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
		ck_assert_msg(session_line(s, bad[k][0], &err) != 0, "%s", bad[k][0]);
		ck_assert_msg(strstr(err.text, bad[k][1]) != NULL, "%s", err.text);
	}
	session_free(s);
}
END_TEST

/* In the file they are lines: read back the same, followed through renames, gone with undo. */
START_TEST(test_lines)
{
	struct session *s = song();
	size_t len;
	char *before = session_text(s, &len);
	line(s, "scene store 1 Verse");
	line(s, "scene store 2");
	line(s, "strip/a/fader -7");
	line(s, "scene store 1");
	char *text = session_text(s, &len);
	text = realloc(text, len + 1);
	text[len] = '\0';
	ck_assert_ptr_nonnull(strstr(text, "\nscene 1 name \"Verse\"\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nscene 1 strip/a/fader -7\n"));
	ck_assert_ptr_null(strstr(text, "\nscene 1 strip/a/fader -3\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nscene 2 strip/a/fader -3\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nscene 2 strip/a/send/verb/level -12\n"));
	ck_assert_ptr_null(strstr(text, "scene 2 strip/b/solo"));
	struct session *again = session_new();
	ck_assert_msg(session_parse(again, text, len, "song.desk", 0, &err) == 0, "%s", err.text);
	ck_assert_ptr_null(session_warning(again, 0));
	line(again, "scene recall 2");
	ck_assert_double_eq(value(again, "strip/a", P_FADER), -3);
	line(again, "rename strip/a z");
	line(again, "strip/z/fader -1");
	line(again, "scene recall 2");
	ck_assert_double_eq(value(again, "strip/z", P_FADER), -3);
	line(again, "delete scene/1");
	ck_assert_str_eq(session_scene(again, 0, NULL), "2");
	ck_assert_ptr_null(session_scene(again, 1, NULL));
	session_free(again);
	while (session_undo(s))
		;
	free(text);
	free(before);
	session_free(s);
}
END_TEST

/* At the desk: said in words, compared, undone. */
START_TEST(test_desk)
{
	struct desk *d = open_desk(0);
	desk_send(d, "strip/a/fader -6");
	expect(d, DESK_SAYS, "-6.0 dB");
	desk_send(d, "scene store 1 Verse");
	expect(d, DESK_SAYS, "stored scene 1 (Verse)");
	desk_send(d, "scene recall 1");
	expect(d, DESK_SAYS, "all is so already");
	desk_send(d, "strip/a/fader 0");
	expect(d, DESK_SAYS, "0.0 dB");
	desk_send(d, "scene diff 1");
	expect(d, DESK_LINES, "1 A fader -6.0 dB (is 0.0 dB)");
	expect(d, DESK_SAYS, "scene 1 would change 1 value");
	desk_send(d, "scene 1");
	expect(d, DESK_SAYS, "scene 1 (Verse): 1 value changed");
	desk_send(d, "undo");
	expect(d, DESK_SAYS, "undone: 1 A fader 0.0 dB");
	desk_send(d, "scene recall 7");
	expect(d, DESK_ERROR, "there is no scene \"7\" yet");
	desk_send(d, "scene");
	expect(d, DESK_ERROR, "it reads");
	desk_send(d, "scenes");
	expect(d, DESK_LINES, "scene 1: Verse");
	close_desk(d);
}
END_TEST

/* A fade moves, is one step, is left to who moves by hand, and can be stopped and undone. */
START_TEST(test_fade)
{
	struct desk *d = open_desk(0);
	desk_send(d, "strip/*/fader -20");
	desk_send(d, "strip/a/mute on");
	desk_send(d, "scene store 1");
	desk_send(d, "strip/*/fader 0");
	desk_send(d, "strip/*/mute off");
	WAIT_FOR(d, view.undos == 5);
	int undos = view.undos;
	/* muted in the scene: heard to the end */
	desk_send(d, "scene fade 1 0.5");
	WAIT_FOR(d, view.strip[0].fader < 0);
	ck_assert_int_eq(view.undos, undos + 1);
	ck_assert(view.strip[0].mute == 0 || view.strip[0].fader == -20);
	WAIT_FOR(d, view.strip[0].fader == -20 && view.strip[1].fader == -20 && view.strip[0].mute);
	desk_send(d, "undo");
	WAIT_FOR(d, view.strip[0].fader == 0 && view.strip[1].fader == 0 && !view.strip[0].mute && view.undos == undos);
	/* a long one: one strip by hand, then stopped: the other one stays on its way */
	desk_send(d, "scene fade 1 200");
	WAIT_FOR(d, view.strip[1].fader < 0);
	desk_send(d, "strip/a/fader -1");
	WAIT_FOR(d, view.strip[0].fader == -1);
	desk_send(d, "scene stop");
	WAIT_FOR(d, view.undos == undos + 3);
	float there = view.strip[1].fader;
	ck_assert(there < 0 && there > -20 && view.strip[0].fader == -1);
	desk_send(d, "scene stop");
	desk_send(d, "undo");
	desk_send(d, "undo");
	desk_send(d, "undo");
	WAIT_FOR(d, view.undos == undos && view.strip[0].fader == 0 && view.strip[1].fader == 0);
	/* undo ends it */
	desk_send(d, "scene fade 1 200");
	WAIT_FOR(d, view.strip[1].fader < 0);
	desk_send(d, "undo");
	WAIT_FOR(d, view.undos == undos && view.strip[0].fader == 0 && view.strip[1].fader == 0);
	desk_send(d, "scene fade 1 200 strip/b");
	WAIT_FOR(d, view.strip[1].fader < 0);
	ck_assert(view.strip[0].fader == 0);
	/* stopped right away it is one step with its beginning */
	desk_send(d, "scene stop");
	WAIT_FOR(d, view.undos == undos + 1);
	desk_send(d, "undo");
	WAIT_FOR(d, view.strip[1].fader == 0);
	close_desk(d);
}
END_TEST

TEST_MAIN("scenes", 60, test_recall, test_parts, test_lines, test_desk, test_fade)
