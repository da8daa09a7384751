/* Editing at the desk: steps of undo, marked strips and typed values. */
#include "control/gesture.h"
#include "opendesk.h"

/* What joins a gesture: the same address nudged within a second, or dragged; nothing else. */
START_TEST(test_gesture)
{
	static const struct {
		const char *line;
		int drag;
		unsigned selection;
		double when;
		int joins;
	} cases[] = {
	    {"@/fader += 1", 0, 1, 10, 0},     {"@/fader += 1", 0, 1, 10.9, 1},   {"@/fader -= 3", 0, 1, 11.8, 1},
	    {"@/fader += 1", 0, 1, 12.9, 0},                                /* too late */
	    {"@/pan += 1", 0, 1, 13, 0},       {"@/pan += 1", 0, 2, 13, 0}, /* another strip */
	    {"@/pan 0", 0, 2, 13, 0},          {"@/pan 0", 0, 2, 13, 0},    /* what is typed is a step */
	    {"strip/a/fader -1", 1, 2, 20, 0}, {"strip/a/fader -2", 1, 2, 25, 1}, {"strip/a/fader += 1", 0, 2, 25, 0},
	    {"  @/fader   += 1", 0, 2, 30, 0}, {"@/fader += 1", 0, 2, 30.5, 1},
	};
	struct gesture g = {.kind = GESTURE_NONE};
	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
		ck_assert_msg(gesture_joins(&g, cases[k].line, cases[k].drag, cases[k].selection, cases[k].when) ==
		                  cases[k].joins,
		              "line %zu", k);
	gesture_end(&g);
	ck_assert(!gesture_joins(&g, "@/fader += 1", 0, 2, 30.6));
}
END_TEST

/* A drag is one step; a command ends it; undo says what it took back. */
START_TEST(test_steps)
{
	struct desk *d = open_desk(0);
	for (int k = 1; k <= 5; k++) {
		char line[64];
		snprintf(line, sizeof line, "drag strip/a/fader -%d", k);
		desk_send(d, line);
		snprintf(line, sizeof line, "1 A fader -%d.0 dB", k);
		expect(d, DESK_SAYS, line);
	}
	WAIT_FOR(d, view.undos == 1);
	desk_send(d, "play");
	desk_send(d, "drag strip/a/fader -7");
	expect(d, DESK_SAYS, "-7.0 dB");
	WAIT_FOR(d, view.undos == 2);
	desk_send(d, "undo");
	expect(d, DESK_SAYS, "undone: 1 A fader -5.0 dB (was -7.0 dB)");
	desk_send(d, "undo");
	expect(d, DESK_SAYS, "undone: 1 A fader 0.0 dB (was -5.0 dB)");
	WAIT_FOR(d, view.undos == 0 && view.redos == 2 && view.strip[0].fader == 0);
	desk_send(d, "redo");
	expect(d, DESK_SAYS, "redone: 1 A fader -5.0 dB");
	desk_send(d, "drag undo");
	expect(d, DESK_ERROR, "drag wants");
	/* a line that is refused takes nothing from what can be done again */
	desk_send(d, "strip/a/fader loud");
	expect(d, DESK_ERROR, "loud");
	WAIT_FOR(d, view.undos == 1 && view.redos == 1);
	close_desk(d);
}
END_TEST

/* Very many steps, all taken back and done again. */
START_TEST(test_without_limit)
{
	struct desk *d = open_desk(0);
	int many = 3000 / test_step(10);
	char line[64];
	for (int k = 1; k <= many; k++) {
		snprintf(line, sizeof line, "strip/a/fader -%d.%d", k / 100, k % 100 + 100);
		desk_send(d, line);
	}
	WAIT_FOR(d, view.undos == many);
	for (int k = 0; k < many; k++)
		desk_send(d, "undo");
	WAIT_FOR(d, view.undos == 0 && view.redos == many && view.strip[0].fader == 0);
	for (int k = 0; k < many; k++)
		desk_send(d, "redo");
	WAIT_FOR(d, view.undos == many && fabsf(view.strip[0].fader + (float)many / 100 + 0.1f) < 1e-4f);
	close_desk(d);
}
END_TEST

/* Solo is no step, stays through undo and redo, and is in the session. */
START_TEST(test_solo)
{
	struct desk *d = open_desk(0);
	desk_send(d, "strip/a/fader -3");
	desk_send(d, "strip/a/solo on");
	WAIT_FOR(d, view.strip[0].solo && view.undos == 1);
	desk_send(d, "undo");
	WAIT_FOR(d, view.strip[0].solo && view.undos == 0 && view.redos == 1 && view.strip[0].fader == 0);
	desk_send(d, "strip/b/solo on");
	desk_send(d, "strip/a/solo off");
	WAIT_FOR(d, view.strip[1].solo && !view.strip[0].solo && view.redos == 1);
	desk_send(d, "redo");
	WAIT_FOR(d, view.strip[1].solo && !view.strip[0].solo && view.strip[0].fader == -3);
	/* renaming a soloed strip and back */
	desk_send(d, "rename strip/b c");
	desk_send(d, "unsolo");
	WAIT_FOR(d, !view.strip[1].solo && !strcmp(view.strip[1].address, "strip/c"));
	desk_send(d, "undo");
	WAIT_FOR(d, !view.strip[1].solo && !strcmp(view.strip[1].address, "strip/b"));
	/* a new strip, soloed, undone: nothing of it stays */
	desk_send(d, "strip/n/name N");
	desk_send(d, "strip/n/solo on");
	WAIT_FOR(d, view.strips == 5 && view.strip[2].solo);
	desk_send(d, "undo");
	WAIT_FOR(d, view.strips == 4);
	desk_send(d, "strip/a/solo on");
	desk_send(d, "save");
	WAIT_FOR(d, !view.dirty);
	struct err err;
	struct session *s = session_load("song.desk", 0, &err);
	ck_assert_ptr_nonnull(s);
	ck_assert_ptr_null(session_warning(s, 0));
	ck_assert_double_eq(session_find(s, "strip/a")->value[P_SOLO], 1);
	ck_assert_double_eq(session_find(s, "strip/b")->value[P_SOLO], 0);
	session_free(s);
	close_desk(d);
}
END_TEST

/* Marked strips are edited together, and it is said how many. */
START_TEST(test_marks)
{
	struct desk *d = open_desk(0);
	desk_send(d, "strip/c/name C");
	expect(d, DESK_SAYS, "is new");
	desk_send(d, "mark a");
	expect(d, DESK_SAYS, "1 marked: a");
	desk_send(d, "mark 3");
	expect(d, DESK_SAYS, "2 marked: a, c");
	WAIT_FOR(d, view.marks == 2 && view.strip[0].marked && !view.strip[1].marked && view.strip[2].marked);
	desk_send(d, "@/fader -3");
	expect(d, DESK_SAYS, "2 marked: 1 A fader -3.0 dB (was 0.0 dB) and 1 more");
	desk_send(d, "mark invert");
	expect(d, DESK_SAYS, "1 marked: b");
	desk_send(d, "mark all");
	expect(d, DESK_SAYS, "3 marked");
	desk_send(d, "mark");
	expect(d, DESK_SAYS, "2 marked: b, c");
	desk_send(d, "delete strip/c");
	expect(d, DESK_SAYS, "gone");
	WAIT_FOR(d, view.marks == 1 && view.strip[1].marked);
	desk_send(d, "mark nobody");
	expect(d, DESK_ERROR, "mark nobody");
	desk_send(d, "mark none");
	expect(d, DESK_SAYS, "nothing is marked");
	desk_send(d, "@/pan L10");
	expect(d, DESK_SAYS, "1 A pan L10");
	close_desk(d);
}
END_TEST

START_TEST(test_value)
{
	struct desk *d = open_desk(0);
	desk_send(d, "strip/a/fader -3");
	desk_send(d, "strip/b/fader -10");
	desk_send(d, "strip/*/hpf/freq 100");
	desk_send(d, "strip/b/hpf/freq 200");
	desk_send(d, "mark all");
	WAIT_FOR(d, view.marks == 2);
	int undos = view.undos;
	/* the chosen one is set, the other goes along, in one step */
	desk_send(d, "value @/fader =-6.5");
	WAIT_FOR(d, view.strip[0].fader == -6.5f && view.strip[1].fader == -13.5f && view.undos == undos + 1);
	desk_send(d, "value @/fader ==-6.5");
	WAIT_FOR(d, view.strip[0].fader == -6.5f && view.strip[1].fader == -6.5f);
	desk_send(d, "undo");
	WAIT_FOR(d, view.strip[1].fader == -13.5f);
	desk_send(d, "value @/fader =+1");
	WAIT_FOR(d, view.strip[0].fader == -5.5f && view.strip[1].fader == -12.5f);
	desk_send(d, "value @/fader -= 1");
	WAIT_FOR(d, view.strip[0].fader == -6.5f && view.strip[1].fader == -13.5f);
	/* a command that changes something is repeated as a line is */
	desk_send(d, "value @/fader =+2");
	desk_send(d, "repeat");
	WAIT_FOR(d, view.strip[0].fader == -2.5f && view.strip[1].fader == -9.5f);
	desk_send(d, "undo");
	desk_send(d, "undo");
	WAIT_FOR(d, view.strip[0].fader == -6.5f && view.strip[1].fader == -13.5f);
	/* frequencies by the same ratio */
	desk_send(d, "value @/hpf/freq =150Hz");
	desk_send(d, "get strip/b/hpf/freq");
	struct desk_event event = {.kind = DESK_CHANGED};
	struct pollfd in = {.fd = desk_fd(d), .events = POLLIN};
	while (event.kind != DESK_LINES) {
		ck_assert_int_eq(poll(&in, 1, 20000), 1);
		ck_assert_int_eq(desk_event(d, &event), 0);
		if (strstr(event.text, "hpf freq") || strstr(event.text, "hpf/freq 150"))
			ck_assert_msg(event.kind == DESK_LINES || strstr(event.text, "2 marked"), "%s", event.text);
	}
	ck_assert_str_eq(event.text, "strip/b/hpf/freq 300");
	desk_send(d, "value @/fader =loud");
	expect(d, DESK_ERROR, "loud");
	desk_send(d, "value @/fader");
	expect(d, DESK_ERROR, "value wants");
	desk_send(d, "value strip/a/fader =1");
	WAIT_FOR(d, view.strip[0].fader == 1 && view.strip[1].fader == -13.5f);
	close_desk(d);
}
END_TEST

/* A console that is gone leaves its marks to the next, with its steps of undo; solo is among neither. */
START_TEST(test_takeover)
{
	struct desk *d = open_desk(0);
	struct err err;
	desk_send(d, "save");
	expect(d, DESK_SAYS, "saved");
	desk_send(d, "drag strip/a/fader -3");
	desk_send(d, "drag strip/a/fader -4");
	desk_send(d, "strip/a/solo on");
	desk_send(d, "mark b");
	desk_send(d, "mark master");
	WAIT_FOR(d, view.marks == 2 && view.undos == 1);
	desk_send(d, "hangup");
	WAIT_FOR(d, view.marks == 2);
	desk_close(d);
	const struct desk_options options = {.device = "null"};
	struct session *s = session_load("song.desk", 0, &err);
	ck_assert_ptr_nonnull(s);
	ck_assert_ptr_nonnull(d = desk_open(s, "song.desk", &options, &err));
	WAIT_FOR(d, view.marks == 2 && view.strip[1].marked && view.strip[3].marked && !view.strip[0].marked);
	ck_assert(view.strip[0].fader == -4 && view.strip[0].solo && view.undos == 1);
	desk_send(d, "undo");
	WAIT_FOR(d, view.strip[0].fader == 0 && view.strip[0].solo && view.undos == 0);
	close_desk(d);
}
END_TEST

TEST_MAIN("edit", 60, test_gesture, test_steps, test_without_limit, test_solo, test_marks, test_value, test_takeover)
