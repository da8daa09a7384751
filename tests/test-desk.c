/* The desk on its own thread, with the clock device: lines in, events and snapshots out. */
#include "opendesk.h"

START_TEST(test_lines)
{
	struct desk *d = open_desk(0);
	WAIT_FOR(d, view.strips == 4);
	ck_assert_str_eq(view.strip[0].name, "A");
	ck_assert_str_eq(view.strip[1].address, "strip/b");
	ck_assert_int_eq(view.strip[1].mute, 1);
	ck_assert_int_eq(view.strip[3].kind, DESK_MASTER);
	ck_assert_int_eq(view.undos, 0);
	desk_send(d, "strip/a/fader -6.5");
	expect(d, DESK_SAYS, "1 A fader -6.5 dB (was 0");
	WAIT_FOR(d, view.strip[0].fader == -6.5f && view.undos == 1 && view.dirty);
	desk_send(d, "select next");
	desk_send(d, "@/pan L30");
	expect(d, DESK_SAYS, "2 B pan L30 (was C)");
	WAIT_FOR(d, view.selected == 1 && view.strip[1].pan == -30);
	desk_send(d, "repeat");
	desk_send(d, "strip/*/trim += 1");
	expect(d, DESK_SAYS, "1 more");
	WAIT_FOR(d, view.strip[0].trim == 1 && view.strip[1].trim == 1);
	desk_send(d, "strip/a/fader 700");
	expect(d, DESK_ERROR, "700");
	desk_send(d, "frobnicate");
	expect(d, DESK_ERROR, "");
	desk_send(d, "select nobody");
	expect(d, DESK_ERROR, "nobody");
	desk_send(d, "get strip/a/fader");
	expect(d, DESK_LINES, "strip/a/fader -6.5");
	close_desk(d);
}
END_TEST

START_TEST(test_undo)
{
	struct desk *d = open_desk(0);
	desk_send(d, "undo");
	expect(d, DESK_ERROR, "nothing to undo"); /* what made the session is not the user's to take back */
	desk_send(d, "strip/a/mute on");
	expect(d, DESK_SAYS, "1 A mute on");
	desk_send(d, "undo");
	expect(d, DESK_SAYS, "undone: 1 A mute off");
	WAIT_FOR(d, !view.strip[0].mute && view.undos == 0 && view.redos == 1);
	desk_send(d, "redo");
	expect(d, DESK_SAYS, "redone: 1 A mute on");
	WAIT_FOR(d, view.strip[0].mute && view.undos == 1 && view.redos == 0);
	close_desk(d);
}
END_TEST

static int
playing_level(int strip, float low, float high)
{
	return view.strip[strip].peak[0] >= low && view.strip[strip].peak[0] <= high;
}

/* The strip is a square at half scale in the middle: -6.02 - 3.01 dB; the muted one is silent. */
START_TEST(test_play)
{
	struct desk *d = open_desk(0);
	desk_send(d, "play");
	WAIT_FOR(d, view.playing && view.position > 2400);
	int64_t before = view.position;
	WAIT_FOR(d, playing_level(0, -9.1f, -8.9f));
	WAIT_FOR(d, view.position > before);
	ck_assert_double_le((double)view.strip[1].peak[0], -140);
	ck_assert_uint_eq(view.xruns, 0);
	ck_assert_uint_eq(view.starved, 0);
	/* live edits: a fader, a DCA over it, a solo of the other */
	desk_send(d, "strip/a/fader -10");
	WAIT_FOR(d, playing_level(0, -19.1f, -18.9f));
	desk_send(d, "locate 0s");
	desk_send(d, "dca/all/name All");
	desk_send(d, "strip/a/dca all");
	desk_send(d, "dca/all/fader -10");
	WAIT_FOR(d, playing_level(0, -29.1f, -28.9f));
	desk_send(d, "locate 0s");
	desk_send(d, "strip/b/solo on");
	desk_send(d, "strip/b/mute off");
	WAIT_FOR(d, playing_level(1, -9.1f, -8.9f));
	WAIT_FOR(d, view.strip[0].peak[0] < -140);
	/* the structure changes under it: it plays on, and the new strip sounds */
	desk_send(d, "locate 0s");
	desk_send(d, "unsolo");
	desk_send(d, "strip/c/name C");
	desk_send(d, "strip/c/region/r1/file b.wav");
	WAIT_FOR(d, view.strips == 6 && playing_level(2, -9.1f, 0));
	ck_assert_int_eq(view.playing, 1);
	desk_send(d, "stop");
	WAIT_FOR(d, !view.playing);
	poll(NULL, 0, 100);
	desk_view(d, &view);
	before = view.position;
	poll(NULL, 0, 100);
	desk_view(d, &view);
	ck_assert_int_eq(view.position, before);
	desk_send(d, "locate 1s");
	WAIT_FOR(d, view.position == 24000);
	desk_send(d, "locate -0.5s");
	WAIT_FOR(d, view.position == 12000 / 64 * 64);
	close_desk(d);
}
END_TEST

START_TEST(test_save_and_leave)
{
	struct desk *d = open_desk(0);
	struct err err;
	desk_send(d, "quit");
	expect(d, DESK_ERROR, "not saved");
	desk_send(d, "save");
	expect(d, DESK_SAYS, "saved");
	WAIT_FOR(d, !view.dirty);
	struct session *s = session_load("song.desk", 0, &err);
	ck_assert_ptr_nonnull(s);
	ck_assert_ptr_nonnull(session_find(s, "strip/b"));
	session_free(s);
	desk_send(d, "quit");
	expect(d, DESK_QUIT, "");
	close_desk(d);
}
END_TEST

START_TEST(test_view_only)
{
	struct desk *d = open_desk(1);
	desk_send(d, "strip/a/fader -6.5");
	expect(d, DESK_ERROR, "looked at");
	desk_send(d, "save");
	expect(d, DESK_ERROR, "looked at");
	desk_send(d, "play");
	WAIT_FOR(d, view.playing && view.position > 0);
	ck_assert_double_eq((double)view.strip[0].fader, 0);
	desk_send(d, "quit");
	expect(d, DESK_QUIT, "");
	close_desk(d);
}
END_TEST

/* A device that is not there is no reason not to work: a word about it, and silence with a clock. */
START_TEST(test_no_device)
{
	struct desk *d = open_desk(0);
	desk_send(d, "device hw:CARD=NoSuchCard");
	expect(d, DESK_SAYS, "clock only");
	desk_send(d, "play");
	WAIT_FOR(d, view.playing && view.position > 2400);
	close_desk(d);
}
END_TEST

TEST_MAIN("desk", 60, test_lines, test_undo, test_play, test_save_and_leave, test_view_only, test_no_device)
