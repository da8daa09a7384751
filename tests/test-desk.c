/* The desk on its own thread, with the clock device: lines in, events and snapshots out. */
#include "opendesk.h"

#include "control/desk/scope.h"

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

/* Frames of the playhead, where it stands still. */
#define STANDS_AT(d, line, frame)                                                                                      \
	do {                                                                                                               \
		desk_send(d, line);                                                                                            \
		WAIT_FOR(d, view.position == (frame) / 64 * 64);                                                               \
	} while (0)

/* 120 bpm, 4 beats, 24 kHz: a beat is 12000 frames, a bar 48000. */
START_TEST(test_places)
{
	struct desk *d = open_desk(0);
	STANDS_AT(d, "locate 2bar", 48000);
	STANDS_AT(d, "locate -1bar", 0);
	STANDS_AT(d, "locate +3 beats", 36000);
	STANDS_AT(d, "locate +0.5beats", 41968);
	STANDS_AT(d, "locate +1beat", 48000); /* to the next line of the grid */
	STANDS_AT(d, "locate +0.1s", 50400);
	STANDS_AT(d, "locate -1beat", 48000);
	STANDS_AT(d, "locate 1bar", 0);
	desk_send(d, "song/tempo 240");
	expect(d, DESK_SAYS, "song tempo 240");
	STANDS_AT(d, "locate +1bar", 24000);
	desk_send(d, "marker The Verse");
	expect(d, DESK_SAYS, "marker The Verse at 0:01.0");
	desk_send(d, "locate 2s");
	desk_send(d, "marker The Verse");
	expect(d, DESK_SAYS, "marker The Verse at 0:02.0");
	desk_send(d, "marker");
	expect(d, DESK_SAYS, "marker m1 at 0:02.0");
	desk_send(d, "get song/marker/*/at");
	expect(d, DESK_LINES, "song/marker/the-verse/at 24000");
	expect(d, DESK_LINES, "song/marker/the-verse-2/at 48000");
	expect(d, DESK_LINES, "song/marker/m1/at 48000");
	desk_send(d, "delete song/marker/the-verse-2");
	expect(d, DESK_SAYS, "is gone");
	desk_send(d, "undo");
	expect(d, DESK_SAYS, "undone: marker The Verse");
	desk_send(d, "undo");
	expect(d, DESK_SAYS, "undone: marker m1");
	desk_send(d, "locate prev");
	expect(d, DESK_SAYS, "The Verse, 0:01.0");
	WAIT_FOR(d, view.position == 24000 && !strcmp(view.section, "The Verse"));
	desk_send(d, "locate 0s");
	WAIT_FOR(d, view.position == 0 && !*view.section);
	desk_send(d, "locate next");
	expect(d, DESK_SAYS, "The Verse");
	desk_send(d, "locate 0s");
	desk_send(d, "locate the v");
	expect(d, DESK_SAYS, "The Verse, 0:01.0");
	desk_send(d, "locate nowhere");
	expect(d, DESK_ERROR, "marker");
	desk_send(d, "locate end");
	desk_send(d, "locate next");
	expect(d, DESK_ERROR, "no marker");
	desk_send(d, "song/marker/the-verse/name \"Chorus\"");
	expect(d, DESK_SAYS, "Chorus");
	desk_send(d, "save");
	expect(d, DESK_SAYS, "saved");
	struct err err;
	struct session *s = session_load("song.desk", 0, &err);
	ck_assert(s && session_find(s, "song/marker/the-verse"));
	ck_assert_str_eq(session_find(s, "song/marker/the-verse")->text[P_MARKER_NAME], "Chorus");
	ck_assert_double_eq(session_find(s, "song/marker/the-verse")->value[P_MARKER_AT], 24000);
	session_free(s);
	close_desk(d);
}
END_TEST

START_TEST(test_loop)
{
	struct desk *d = open_desk(0);
	desk_send(d, "loop");
	expect(d, DESK_ERROR, "no loop is set");
	desk_send(d, "loop 1s 1.01s");
	expect(d, DESK_ERROR, "too short");
	desk_send(d, "loop 0.5s 0.9s");
	expect(d, DESK_SAYS, "loop 0:00.5 to 0:00.9");
	WAIT_FOR(d, view.looping && view.loop_in == 12032 && view.loop_out == 21632);
	desk_send(d, "play");
	/* it passes the end many times and never stands behind it */
	for (int turns = 0, round = 0; round < 3; turns++) {
		int64_t before = view.position;
		poll(NULL, 0, 10);
		desk_view(d, &view);
		ck_assert_int_lt(view.position, 21632);
		round += view.position < before;
		ck_assert_int_lt(turns, 2000);
	}
	ck_assert_int_ge(view.position, 12032);
	ck_assert_uint_eq(view.starved, 0);
	/* a strip comes while it goes round */
	desk_send(d, "strip/more/name More");
	expect(d, DESK_SAYS, "More is new");
	WAIT_FOR(d, view.position < 14000);
	desk_send(d, "loop off");
	expect(d, DESK_SAYS, "off");
	WAIT_FOR(d, view.position > 24000);
	/* one that lies behind: there at once */
	desk_send(d, "loop on");
	WAIT_FOR(d, view.looping && view.position < 21632);
	desk_send(d, "stop");
	desk_send(d, "loop off");
	desk_send(d, "locate 1s");
	desk_send(d, "loop in");
	WAIT_FOR(d, view.looping && view.loop_in == 24000 && view.loop_out == 60032);
	desk_send(d, "locate 2s");
	desk_send(d, "loop out");
	WAIT_FOR(d, view.loop_in == 24000 && view.loop_out == 48000);
	desk_send(d, "loop 0s +1bar");
	WAIT_FOR(d, view.loop_in == 0 && view.loop_out == 48000);
	desk_send(d, "song/marker/a/at 6400smp");
	desk_send(d, "song/marker/b/at 19200smp");
	desk_send(d, "loop a");
	WAIT_FOR(d, view.loop_in == 6400 && view.loop_out == 19200);
	desk_send(d, "loop b end");
	WAIT_FOR(d, view.loop_in == 19200 && view.loop_out == 60032);
	ck_assert_uint_eq(view.starved, 0);
	close_desk(d);
}
END_TEST

/* Strips alone are in the monitor's words, not in undo, and go with one word. */
START_TEST(test_monitor_solos)
{
	struct desk *d = open_desk(0);
	desk_send(d, "monitor pfl 2");
	expect(d, DESK_SAYS, "mix, pfl b");
	desk_send(d, "monitor afl 1");
	expect(d, DESK_SAYS, "afl a, pfl b");
	desk_send(d, "monitor afl b");
	expect(d, DESK_SAYS, "afl a, afl b");
	desk_send(d, "monitor afl b");
	expect(d, DESK_SAYS, "mix, afl a");
	desk_send(d, "monitor key comp b");
	expect(d, DESK_SAYS, "key of comp of b");
	desk_send(d, "monitor pfl nobody");
	expect(d, DESK_ERROR, "nobody");
	desk_send(d, "monitor key eq a");
	expect(d, DESK_ERROR, "gate, deess or comp");
	desk_send(d, "play");
	WAIT_FOR(d, view.playing && view.position > 4800);
	desk_send(d, "monitor unsolo");
	expect(d, DESK_SAYS, "monitor: mix, as it is");
	WAIT_FOR(d, view.undos == 0);
	desk_send(d, "monitor level 3");
	expect(d, DESK_ERROR, "level"); /* never louder than what is bounced */
	desk_send(d, "monitor out 3");
	expect(d, DESK_ERROR, "has 2 channels");
	desk_send(d, "monitor out x");
	expect(d, DESK_ERROR, "pair");
	int64_t before = view.position;
	WAIT_FOR(d, view.position > before);
	close_desk(d);
}
END_TEST

/* Unless it is told otherwise the monitor begins softly, says so once, and comes back no louder. */
START_TEST(test_monitor_begins)
{
	struct desk *d = open_desk(0);
	struct desk_options options = {.device = "null"};
	struct err err;
	static const struct {
		const char *line, *words, *later;
	} runs[] = {{"monitor level 0", "", "-20.0 dB"},
	            {"monitor level += 3", "-17.0 dB", "-20.0 dB"},
	            {"monitor level -= 12.5", "-32.5 dB", "-32.5 dB"},
	            {"monitor level += 99", "", "-20.0 dB"}};
	WAIT_FOR(d, !*view.monitor); /* as the option said */
	desk_send(d, "play");
	desk_send(d, "save");
	expect(d, DESK_SAYS, "saved");
	desk_close(d);
	const char *begins = "-20.0 dB";
	for (size_t k = 0; k < sizeof runs / sizeof *runs; k++) {
		struct session *s = session_load("song.desk", 0, &err);
		ck_assert_ptr_nonnull(s);
		ck_assert_ptr_nonnull(d = desk_open(s, "song.desk", &options, &err));
		WAIT_FOR(d, !strcmp(view.monitor, begins));
		desk_send(d, "monitor dim");
		expect(d, DESK_SAYS, "dim");
		desk_send(d, "monitor neutral");
		expect(d, DESK_SAYS, begins); /* the level is not among what it ends */
		desk_send(d, "play");
		expect(d, DESK_SAYS, k < 3 ? "monitor at -20 dB" : "monitor at -32.5 dB");
		desk_send(d, "toggle");
		desk_send(d, "toggle");
		desk_send(d, runs[k].line);
		expect(d, DESK_SAYS, "monitor: mix");
		WAIT_FOR(d, !strcmp(view.monitor, runs[k].words));
		desk_send(d, "monitor level 0.1");
		expect(d, DESK_ERROR, "level");
		desk_close(d);
		begins = runs[k].later;
	}
	options.monitor = "loud";
	struct session *s = session_load("song.desk", 0, &err);
	ck_assert_ptr_null(d = desk_open(s, "song.desk", &options, &err));
	ck_assert_msg(strstr(err.text, "--monitor") != NULL, "%s", err.text);
	options.monitor = "-6dB";
	ck_assert_ptr_nonnull(s = session_load("song.desk", 0, &err));
	ck_assert_ptr_nonnull(d = desk_open(s, "song.desk", &options, &err));
	WAIT_FOR(d, !strcmp(view.monitor, "-6.0 dB"));
	close_desk(d);
}
END_TEST

/* Another rate while it plays: the song goes on at the same second of it. */
START_TEST(test_rate_is_edited)
{
	struct desk *d = open_desk(0);
	desk_send(d, "monitor dim");
	expect(d, DESK_SAYS, "dim");
	desk_send(d, "locate 1s");
	desk_send(d, "play");
	WAIT_FOR(d, view.position > 24000);
	desk_send(d, "song/rate 48000");
	WAIT_FOR(d, view.rate == 48000 && view.position > 52000);
	int64_t before = view.position;
	WAIT_FOR(d, view.position > before + 4800 && view.playing);
	WAIT_FOR(d, view.length == 120000);
	desk_send(d, "undo");
	WAIT_FOR(d, view.rate == 24000 && view.length == 60000);
	close_desk(d);
}
END_TEST

/* A reference at half the level of the song is heard 6.02 dB louder, alone, and nothing of it is in the mix. */
START_TEST(test_reference)
{
	struct desk *d = open_desk(0);
	struct bytes o = {.n = 0};
	put_riff(&o, "RIFF", 1, 24000, 8);
	put_chunk_head(&o, "data", 60000);
	for (int t = 0; t < 60000; t++)
		put_le(&o, 128 + (t & 32 ? 32 : -32), 1);
	end_riff(&o);
	save("other.wav", &o);
	desk_send(d, "reference");
	expect(d, DESK_ERROR, "no reference yet");
	desk_send(d, "reference none.wav");
	expect(d, DESK_ERROR, "none.wav");
	desk_send(d, "loop 0s 2s");
	expect(d, DESK_SAYS, "loop");
	desk_send(d, "play");
	desk_send(d, "reference other.wav");
	expect(d, DESK_SAYS, "reference 1 is there");
	expect(d, DESK_SAYS, "LUFS, range");
	WAIT_FOR(d, view.strips == 5);
	ck_assert_str_eq(view.strip[2].address, "strip/ref-1");
	ck_assert_str_eq(view.strip[2].out, "none");
	struct desk_loudness song;
	for (int turns = 0; turns < 2000; turns++) {
		desk_loudness(d, &song);
		if (song.seconds > 3.2)
			break;
		poll(NULL, 0, 10);
	}
	desk_send(d, "reference");
	expect(d, DESK_SAYS, "as loud as the song");
	WAIT_FOR(d, fabsf(view.strip[2].fader - 6.02f) < 0.2f && strstr(view.monitor, "ref-1"));
	desk_send(d, "reference");
	expect(d, DESK_SAYS, "the song is heard again");
	WAIT_FOR(d, !strstr(view.monitor, "ref-1"));
	/* by the last three seconds, and so each time it is heard from then on, until it is said otherwise */
	desk_send(d, "reference match shortterm");
	expect(d, DESK_SAYS, "last three seconds, each time");
	desk_send(d, "reference");
	expect(d, DESK_SAYS, "as loud as the song was here");
	desk_send(d, "reference match integrated");
	expect(d, DESK_SAYS, "so far");
	desk_send(d, "reference 1");
	expect(d, DESK_SAYS, "as loud as the song;");
	/* its file moves against the song, back and forth; both places together are one step */
	desk_send(d, "loop off");
	expect(d, DESK_SAYS, "loop");
	desk_send(d, "stop");
	WAIT_FOR(d, !view.playing);
	desk_send(d, "locate 1s");
	WAIT_FOR(d, view.position == 24000);
	desk_send(d, "reference at 1.5s");
	expect(d, DESK_SAYS, "plays 1.5s here");
	desk_send(d, "get strip/ref-1/region/file/from");
	expect(d, DESK_LINES, "from 12000");
	desk_send(d, "reference at 400smp");
	expect(d, DESK_SAYS, "plays 400smp here");
	desk_send(d, "get strip/ref-1/region/file/at");
	expect(d, DESK_LINES, "at 23600");
	desk_send(d, "get strip/ref-1/region/file/from");
	expect(d, DESK_LINES, "from 0");
	desk_send(d, "undo");
	expect(d, DESK_SAYS, "undone");
	desk_send(d, "get strip/ref-1/region/file/from");
	expect(d, DESK_LINES, "from 12000");
	desk_send(d, "reference at soon");
	expect(d, DESK_ERROR, "reference at");
	close_desk(d);
}
END_TEST

/* A place is heard by what was measured: turned down by what lies above its loudness; of the master anew. */
START_TEST(test_place)
{
	struct desk *d = open_desk(0);
	struct desk_loudness m = {.integrated = (float)-HUGE_VAL};
	desk_send(d, "monitor as youtube");
	expect(d, DESK_ERROR, "play the song first");
	desk_send(d, "master/limiter/gain -24");
	expect(d, DESK_SAYS, "gain");
	desk_send(d, "loop 0s 1s");
	expect(d, DESK_SAYS, "loop");
	desk_send(d, "play");
	for (int turns = 0; turns < 2000 && !isfinite(m.integrated); turns++, poll(NULL, 0, 10))
		desk_loudness(d, &m);
	ck_assert(m.integrated > -13);
	desk_send(d, "monitor as youtube");
	expect(d, DESK_SAYS, "heard as there (YouTube): turned down");
	WAIT_FOR(d, strstr(view.monitor, "as youtube -"));
	ck_assert_double_eq_tol(strtod(strstr(view.monitor, "youtube") + 7, NULL), -14 - (double)m.integrated, 0.3);
	desk_send(d, "monitor master");
	expect(d, DESK_SAYS, "monitor: master");
	WAIT_FOR(d, strstr(view.monitor, "as youtube +0.0 dB"));
	desk_send(d, "monitor as");
	expect(d, DESK_SAYS, "as it is");
	WAIT_FOR(d, !*view.monitor);
	desk_send(d, "monitor as");
	expect(d, DESK_SAYS, "YouTube");
	close_desk(d);
}
END_TEST

/* What the mix is like before it is mastered: a square wave is cut off, and its peaks stand nowhere above it. */
START_TEST(test_prepare)
{
	struct desk *d = open_desk(0);
	desk_send(d, "prepare");
	expect(d, DESK_SAYS, "looked at");
	expect(d, DESK_SAYS, "Not ready to master: the mix is cut off at the top");
	desk_send(d, "strip/a/mute on");
	expect(d, DESK_SAYS, "mute");
	desk_send(d, "prepare");
	expect(d, DESK_SAYS, "looked at");
	expect(d, DESK_ERROR, "silent");
	close_desk(d);
}
END_TEST

TEST_MAIN("desk", 60, test_prepare, test_place, test_reference, test_lines, test_undo, test_play, test_save_and_leave,
          test_view_only, test_no_device, test_places, test_loop, test_monitor_solos, test_monitor_begins,
          test_rate_is_edited)
