/* The views of the whole desk as text: sends and buses, the stage, the song along its time, scenes and notes. */
#include "viewtest.h"

/* Waits for a route between two places of the view: the last of those that are made. */
static void
await_route(struct desk *d, enum desk_route_kind kind, int from, int to)
{
	for (int turns = 0; !desk_route_find(&s.routes, kind, from, to); turns++) {
		ck_assert_msg(turns < 2000, "no route from %d to %d", from, to);
		poll(NULL, 0, 10);
		desk_routes(d, &s.routes);
	}
}

/* Strips across, buses down; who feeds a bus and where it plays to, in words. */
START_TEST(test_sends)
{
	struct desk *d = begin();
	static const char *const lines[] = {
	    "bus/verb/name Verb",         "bus/dly/name Delay",        "strip/a/send/verb/level -12",
	    "strip/b/send/verb/level -6", "strip/b/send/verb/tap pre", "strip/b/send/dly/level -20",
	    "strip/b/send/dly/on off",    "bus/dly/out bus/verb",      "strip/b/comp/key strip/a"};
	await(d, "name", "A");
	struct grid g = draw("sends", 21, 80, 0);
	ck_assert_msg(strstr(text(&g, 3), "no bus yet"), "%s", text(&g, 3));
	for (size_t k = 0; k < sizeof lines / sizeof *lines; k++)
		desk_send(d, lines[k]);
	desk_send(d, "select b");
	WAIT_FOR(d, view.strips == 6 && view.selected == 1);
	await(d, "comp/key", "strip/a");
	await_route(d, DESK_ROUTE_COMP_KEY, 0, 1);
	g = draw("sends", 21, 80, 1);
	ck_assert_str_eq(text(&g, 0), "p pre    1       2       b1      b2");
	ck_assert_str_eq(text(&g, 1), "x off    A       B       Verb    Delay");
	ck_assert_str_eq(text(&g, 2), " output  Mix     Mix     Mix     Verb");
	ck_assert_str_eq(text(&g, 3), ">Verb     -12.0    -6.0p              .");
	ck_assert_str_eq(text(&g, 4), " Delay        .   -20.0x      .");
	ck_assert_str_eq(text(&g, 6), "B to Verb  level -6.0 dB  on  taken pre fader");
	ck_assert_str_eq(text(&g, 7), "B plays to Mix, Verb -6.0 before its fader, Delay -20.0 off");
	ck_assert_str_eq(text(&g, 8), "Verb hears A -12.0, B -6.0 before its fader, Delay; it plays to Mix");
	ck_assert_str_eq(text(&g, 9), "Delay hears B -20.0 off; it plays to Verb");
	/* the cursor on the level; j to the other bus, Tab to its switch, k to the output */
	char address[160];
	ck_assert_int_eq(g.cursor_row, 6);
	ck_assert_int_eq(g.cursor_col, (int)strlen("B to Verb  level "));
	s.current->command(&s, "row", "1");
	s.current->command(&s, "column", "1");
	ck_assert_int_eq(screen_focus(&s, address, sizeof address), 0);
	ck_assert_str_eq(address, "@/send/dly/on");
	s.current->command(&s, "column", "5");
	screen_focus(&s, address, sizeof address);
	ck_assert_str_eq(address, "@/send/dly/tap");
	s.current->command(&s, "row", "-5");
	screen_focus(&s, address, sizeof address);
	ck_assert_str_eq(address, "@/out");
	/* a strip without that send has a level alone, which would make it */
	s.row[s.current - views] = 6;
	desk_send(d, "select a");
	WAIT_FOR(d, view.selected == 0);
	await(d, "name", "A");
	screen_focus(&s, address, sizeof address);
	ck_assert_str_eq(address, "@/send/dly/level");
	g = draw("sends", 21, 80, 1);
	ck_assert_str_eq(text(&g, 6), "A to Delay  level not sent");
	ck_assert_str_eq(text(&g, 7), "A plays to Mix, Verb -12.0, drives the comp of B");
	end(d);
}
END_TEST

/* Left and right by the columns, front and back by the rows; what moves it is the command `stage`. */
START_TEST(test_stage)
{
	enum { HIGH = 21 - 2 - 2 };
	struct desk *d = begin();
	s.desk = d;
	desk_send(d, "@/pan L50");
	await(d, "pan", "L50");
	struct grid g = draw("stage", 21, 81, 1);
	ck_assert_msg(!strncmp(text(&g, HIGH) + 20, "1 A", 3), "%s", text(&g, HIGH)); /* a quarter of 80 columns */
	ck_assert_msg(text(&g, HIGH)[40] == '2', "%s", text(&g, HIGH));
	ck_assert_ptr_nonnull(strstr(text(&g, 19), "1 A  pan L50  depth 0"));
	ck_assert_int_eq(g.cursor_row, 19);
	ck_assert_int_eq(g.cursor_col, (int)strlen("1 A  pan L50  depth ")); /* depth has the focus at first */
	ck_assert_int_eq(s.current->command(&s, "step", "5"), 1);
	await(d, "stage/depth", "25 %");
	WAIT_FOR(d, view.strip[0].depth == 25);
	s.view = view;
	g = draw("stage", 21, 81, 1);
	ck_assert_msg(!strncmp(text(&g, 1 + 12) + 20, "1 A", 3), "%s", text(&g, 13)); /* a quarter of 16 rows up */
	ck_assert_ptr_nonnull(strstr(text(&g, 19), "depth 25  2.0 times as far"));
	/* 3 dB down with twice the distance */
	await(d, "fader", "-3.0 dB");
	s.current->command(&s, "reset", "");
	await(d, "fader", "0.0 dB");
	/* two in a place are one sign with a +, and are told */
	desk_send(d, "@/pan C");
	await(d, "pan", "C");
	g = draw("stage", 21, 81, 1);
	ck_assert_msg(!strncmp(text(&g, HIGH) + 40, "1+ A", 4), "%s", text(&g, HIGH));
	ck_assert_str_eq(text(&g, 20), "there too: 2 B");
	/* its pan is an ordinary value */
	ck_assert_int_eq(s.current->row(&s, 0, (char[160]){0}, 160), 0);
	desk_send(d, "select master");
	WAIT_FOR(d, view.strip[view.selected].kind == DESK_MASTER);
	s.view = view;
	g = draw("stage", 21, 81, 1);
	ck_assert_ptr_nonnull(strstr(text(&g, 19), "stands nowhere"));
	end(d);
}
END_TEST

/* Stems at half scale, -6 dB: read in the background, put where their regions lie, with their gains. */
START_TEST(test_tape)
{
	struct desk *d = begin();
	static const char *const lines[] = {"strip/b/region/r1/at 60000",
	                                    "strip/b/region/r1/gain -6",
	                                    "strip/b/region/r1/from 30000",
	                                    "song/marker/one/at 0",
	                                    "song/marker/two/at 60000",
	                                    "song/marker/two/name Two",
	                                    "loop 1.25s 2.5s"};
	s.desk = d;
	for (size_t k = 0; k < sizeof lines / sizeof *lines; k++)
		desk_send(d, lines[k]);
	WAIT_FOR(d, view.length == 90000 && view.loop_out > 0);
	s.view = view;
	for (int turns = 0; s.tape.done < 1 || s.tape.length != 90000 || s.tape.markers < 2 ||
	                    s.tape.level[1][DESK_TAPE_POINTS - 1] < DESK_TAPE_SILENT;
	     turns++) {
		ck_assert_msg(turns < 2000, "the stems are not read: %g of %g frames", (double)s.tape.done,
		              (double)s.tape.length);
		poll(NULL, 0, 10);
		desk_tape(d, &s.tape);
	}
	const int half = DESK_TAPE_FULL - 24, third = DESK_TAPE_POINTS / 3;
	for (int k = 0; k < DESK_TAPE_POINTS; k++) {
		int edge = abs(k - 2 * third) < 3;
		ck_assert_msg(edge || s.tape.level[0][k] == (k < 2 * third ? half - 1 : DESK_TAPE_NOTHING), "point %d: %d", k,
		              s.tape.level[0][k]);
		ck_assert_msg(edge || abs(s.tape.level[1][k] - (k < 2 * third ? DESK_TAPE_NOTHING : half - 24)) <= 1,
		              "point %d: %d", k, s.tape.level[1][k]);
	}
	ck_assert_int_eq(s.tape.markers, 2);
	ck_assert_str_eq(s.tape.marker[0].name, "one");
	ck_assert_int_eq(s.tape.marker[1].at, 60000);
	/* 3.75 s in 75 columns: 20 a second; two strips, four rows high */
	struct grid g = draw("tape", 12, 84, 1);
	ck_assert_str_eq(text(&g, 0) + 9, "|one                                              |Two");
	ck_assert_str_eq(text(&g, 1) + 9, "0:00                0:01                0:02                0:03");
	ck_assert_msg(!strncmp(text(&g, 2) + 9, "V...", 4) && text(&g, 2)[9 + 25] == '[' && text(&g, 2)[9 + 26] == '=' &&
	                  text(&g, 2)[9 + 50] == ']',
	              "%s", text(&g, 2));
	/* -6.25 dB of 36 are 26.4 of 32 eighths: three rows are full, and two eighths of the fourth */
	ck_assert_msg(text(&g, 3)[9] == '.' && text(&g, 4)[9] == '#', "%s", text(&g, 3));
	ck_assert_msg(!strncmp(text(&g, 6), "1 A", 3) && strlen(text(&g, 6)) <= 9 + 51, "%s", text(&g, 6));
	ck_assert_msg(!strncmp(text(&g, 10), "2 B", 3) && text(&g, 10)[9] == ' ', "%s", text(&g, 10));
	ck_assert_ptr_nonnull(strstr(text(&g, 11), "0:00.0 of 0:03.8"));
	ck_assert_int_eq(g.cursor_row, 6);
	end(d);
}
END_TEST

/* Waits until the shelf has that many things which stand first in the line of one, and draws it. */
static struct grid
await_shelf(struct desk *d, int k, const char *words, int changes)
{
	for (int turns = 0;
	     s.shelf.count <= k || strcmp(s.shelf.item[k].words, words) != 0 || s.shelf.item[k].changes != changes;
	     turns++) {
		ck_assert_msg(turns < 2000, "%d: \"%s\" with %d changes did not come", k, words, changes);
		poll(NULL, 0, 10);
		desk_shelf(d, &s.shelf);
	}
	return draw("scenes", 21, 80, 1);
}

/* Scenes with what each would change, notes in the order of the song, presets; Enter takes one. */
START_TEST(test_scenes)
{
	struct desk *d = begin();
	s.desk = d;
	struct grid g = await_shelf(d, 7, "free: Enter keeps how the desk stands", 0);
	ck_assert_str_eq(text(&g, 1), "> 1                free: Enter keeps how the desk stands");
	ck_assert_int_eq(g.cursor_row, 1);
	desk_send(d, "scene store 2 Verse");
	desk_send(d, "locate 1s");
	desk_send(d, "note louder here");
	desk_send(d, "strip/a/fader -3");
	desk_send(d, "strip/b/pan L20");
	await_shelf(d, 8, "louder here", 0);
	g = await_shelf(d, 1, "Verse", 2);
	ck_assert_int_eq(scenes_command(&s, "row", "1"), 1);
	g = draw("scenes", 21, 80, 1);
	ck_assert_str_eq(text(&g, 2), "> 2                Verse  would change 2 values");
	ck_assert_str_eq(text(&g, 18), "would change: 1 A fader 0.0 dB, 2 B pan C");
	ck_assert_str_eq(text(&g, 10), "  0:01.0           louder here");
	/* Enter recalls it: nothing would change any more */
	scenes_command(&s, "press", "");
	g = await_shelf(d, 1, "Verse", 0);
	ck_assert_str_eq(text(&g, 2), "> 2                Verse  is how the desk stands");
	/* from kind to kind, and not past the ends */
	scenes_command(&s, "column", "1");
	ck_assert_int_eq(s.shelf.item[s.shelf_at].kind, DESK_NOTES);
	scenes_command(&s, "column", "5");
	ck_assert_int_eq(s.shelf.item[s.shelf_at].kind, DESK_PRESETS);
	ck_assert_int_eq(s.shelf.item[s.shelf_at - 1].kind, DESK_NOTES);
	scenes_command(&s, "row", "999");
	ck_assert_int_eq(s.shelf_at, s.shelf.count - 1);
	g = draw("scenes", 9, 80, 1);
	ck_assert_uint_eq(g.cell[g.cursor_row * g.stride + g.cursor_col].style & GRID_REVERSE, GRID_REVERSE);
	scenes_command(&s, "column", "-9");
	ck_assert_int_eq(s.shelf_at, 0);
	end(d);
}
END_TEST

TEST_MAIN("views-desk", 120, test_sends, test_stage, test_tape, test_scenes)
