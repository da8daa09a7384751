/* The console's frame: what is to be told apart in plain text, names that would do harm. */
#include "screentest.h"

/* The overview as one text, no style in it. */
static const char *
plain(int height, int width)
{
	static char all[64 * 1024];
	draw(height, width, 1);
	all[0] = '\0';
	for (int row = 0; row < height; row++) {
		strcat(all, rows[row]);
		strcat(all, "\n");
	}
	return all;
}

/*
 * Each state of a strip alone makes a text of its own, in the columns of that strip: without colour, reverse or
 * anything but ASCII.
 */
START_TEST(test_plain_text)
{
	static const int sizes[][2] = {{10, 40}, {24, 80}, {45, 160}};
	begin(NULL);
	for (size_t n = 0; n < sizeof sizes / sizeof *sizes; n++) {
		enum { STATES = 8 };
		static char seen[STATES][64 * 1024];
		for (int state = 0; state < STATES; state++) {
			make_strips();
			struct desk_strip *strip = &s.view.strip[3];
			strip->mute = state == 1;
			strip->solo = state == 2;
			s.view.selected = state == 3 ? 3 : 0;
			strip->marked = state == 4;
			strip->clips = state == 5;
			strip->fader = state == 6 ? -144 : 0;
			s.view.mastered = state == 7;
			strcpy(seen[state], plain(sizes[n][0], sizes[n][1]));
			for (int before = 0; before < state; before++)
				ck_assert_msg(strcmp(seen[before], seen[state]) != 0, "at %d x %d states %d and %d look alike:\n%s",
				              sizes[n][1], sizes[n][0], before, state, seen[state]);
		}
	}
	/* how many are marked is said wherever one looks */
	make_strips();
	s.view.marks = 4;
	for (s.current = views; s.current->name; s.current++) {
		ck_assert_msg(strstr(plain(24, 80), "4 marked"), "%s: %s", s.current->name, rows[0]);
		ck_assert_msg(strstr(plain(10, 40), "4 marked"), "%s: %s", s.current->name, rows[0]);
	}
	end();
}
END_TEST

/* What has the focus is told in the line that the cursor stands in, and the cursor stands at its beginning. */
START_TEST(test_focus)
{
	static const char *const told[] = {"trim +0.0 dB", "fader -3.0 dB", "pan L20", "width", "mute off", "solo off"};
	begin(NULL);
	make_strips();
	s.view.strip[0].fader = -3;
	s.view.strip[0].pan = -20;
	focus_walk(&s, -5);
	for (size_t k = 0; k < sizeof told / sizeof *told; k++) {
		draw(24, 80, 0);
		ck_assert_msg(!strncmp(rows[g.cursor_row] + g.cursor_col, told[k], strlen(told[k])),
		              "%s, not at column %d of %s", told[k], g.cursor_col, rows[g.cursor_row]);
		focus_walk(&s, 1);
	}
	/* the master has no pan: its neighbour has the focus, and the row is kept for the next strip */
	focus_walk(&s, -10);
	focus_walk(&s, 2);
	char address[160];
	s.view.selected = 7;
	ck_assert_int_eq(screen_focus(&s, address, sizeof address), 0);
	ck_assert_str_eq(address, "@/fader");
	s.view.selected = 1;
	ck_assert_int_eq(screen_focus(&s, address, sizeof address), 0);
	ck_assert_str_eq(address, "@/pan");
	end();
}
END_TEST

/* Names of any kind leave their neighbours where they were, in every view, and nothing of them steers a terminal. */
START_TEST(test_names)
{
	static const char *const names[] = {"\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57",
	                                    "e\u0301e\u0301e\u0301e\u0301",
	                                    "\u202egnol\u202d",
	                                    "a\tb\nc",
	                                    "\033[2J\033]0;x\007",
	                                    "\x9b"
	                                    "31m\xff\xfe",
	                                    "\u05e9\u05dc\u05d5\u05dd",
	                                    "\U0001f469\u200d\U0001f3a4\U0001f3fd"};
	static struct grid_cell want[24 * 80];
	begin(NULL);
	make_strips();
	draw(24, 80, 0);
	memcpy(want, g.cell, sizeof want);
	/* the third strip begins in column 18, and the fourth in 27 */
	ck_assert_uint_eq(want[80 + 18].ch, '3');
	ck_assert_uint_eq(want[80 + 27].ch, '4');
	for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
		snprintf(s.view.strip[2].name, sizeof s.view.strip[2].name, "%s", names[k]);
		snprintf(s.message, sizeof s.message, "%s", names[k]);
		for (s.current = views; s.current->name; s.current++) {
			draw(24, 80, k & 1);
			for (int cell = 0; cell < g.rows * g.cols; cell++) {
				uint32_t ch = g.cell[cell].ch;
				ck_assert_msg(ch == 0 || (ch >= ' ' && ch != 0x7f && (ch < 0x80 || ch >= 0xa0)), "U+%04X of %s in %s",
				              ch, names[k], s.current->name);
				ck_assert_msg(ch < 0x200b || ch > 0x202e, "U+%04X of %s in %s", ch, names[k], s.current->name);
			}
		}
		s.current = views;
		draw(24, 80, 0);
		for (int row = 1; row < 22; row++)
			for (int col = 0; col < 80; col++)
				ck_assert_msg((col >= 18 && col < 26) || g.cell[row * 80 + col].ch == want[row * 80 + col].ch,
				              "%s: U+%04X at %d, %d", names[k], g.cell[row * 80 + col].ch, row, col);
		s.message[0] = '\0';
	}
	end();
}
END_TEST

/* In every view that has values the cursor stands on the one that has the focus, which stands out there. */
START_TEST(test_cursor)
{
	struct desk *d = open_desk(0);
	begin(d);
	WAIT_FOR(d, view.strips == 4);
	int walked = 0;
	for (s.current = views; s.current->name; s.current++) {
		char address[160], last[160] = "";
		int row = -1, col = -1;
		if (!s.current->row)
			continue;
		await_text(d, "fader", "0.0 dB");
		/* a view that nobody looked at yet asks for its values with its first frame */
		screen_take(&s);
		draw(40, 120, 0);
		screen_take(&s);
		focus_walk(&s, -100);
		for (int k = 0; k < 12 && screen_focus(&s, address, sizeof address) == 0 && strcmp(address, last); k++) {
			draw(40, 120, 0);
			const struct grid_cell *at = &g.cell[g.cursor_row * g.stride + g.cursor_col];
			ck_assert_msg(at->style & (GRID_REVERSE | GRID_UNDERLINE), "%s: %s is plain where the cursor is, \"%s\"",
			              s.current->name, address, rows[g.cursor_row]);
			ck_assert_msg(g.cursor_row != row || g.cursor_col != col || s.current == views,
			              "%s: the cursor stays where it was for %s", s.current->name, address);
			row = g.cursor_row;
			col = g.cursor_col;
			strcpy(last, address);
			focus_walk(&s, 1);
			walked++;
		}
	}
	ck_assert_int_gt(walked, 40);
	end();
	close_desk(d);
}
END_TEST

/* Whatever is typed in whatever view and window, something is drawn and the cursor stands in it. */
START_TEST(test_any_keys)
{
	static const char *const named[] = {"Up",  "Down", "Left", "Right",  "PgUp", "PgDn",  "Tab",   "S-Tab",
	                                    "Esc", "BS",   "Del",  "Space",  "F1",   "Enter", "Paste", "Pasted",
	                                    "C-r", "Home", "End",  "\u6f22", "C-l",  "C-c",   "Ins",   "F12"};
	static const char letters[] = "hjklHJKLmsSCvVgGgGgGgggtoyPbeadlsmtwcvo?/:=+-.uxqtgI1234567890@ fktn";
	struct desk *d = open_desk(0);
	uint64_t seed = 7;
	begin(d);
	WAIT_FOR(d, view.strips == 4);
	for (int turn = 0; turn < 4000; turn++) {
		char key[16];
		size_t pick = (size_t)(fabs(test_random(&seed)) * 100);
		if (pick < 20)
			snprintf(key, sizeof key, "%s", named[(size_t)(fabs(test_random(&seed)) * (sizeof named / sizeof *named))]);
		else
			snprintf(key, sizeof key, "%c", letters[(size_t)(fabs(test_random(&seed)) * (sizeof letters - 1))]);
		s.now += 0.2;
		act_key(&s, strcmp(key, " ") ? key : "Space");
		ck_assert_ptr_nonnull(s.current);
		if (turn % 4)
			continue;
		struct desk_event event;
		while (desk_event(d, &event) == 0)
			screen_say(&s, event.kind == DESK_ERROR, "%s", event.text);
		screen_take(&s);
		int height = 1 + (int)(fabs(test_random(&seed)) * 50), width = 1 + (int)(fabs(test_random(&seed)) * 180);
		draw(height, width, turn % 3 == 0);
		ck_assert_msg(g.cursor_row >= 0 && g.cursor_row < height && g.cursor_col >= 0 && g.cursor_col < width,
		              "%s at %d x %d: the cursor stands at %d, %d", s.current->name, width, height, g.cursor_row,
		              g.cursor_col);
	}
	end();
	close_desk(d);
}
END_TEST

/* A message longer than the screen is wide stands there whole. */
START_TEST(test_long_message)
{
	begin(NULL);
	make_strips();
	strcpy(s.message, "song.desk: in use by pid 31013 on studio, idle 4 min (if it is gone, remove "
	                  ".song.desk.d/lock beside it); you can look and listen, not change");
	draw(24, 80, 0);
	ck_assert_msg(strstr(rows[22], "song.desk: in use") == rows[22] && strstr(rows[23], "not change"), "%s\n%s",
	              rows[22], rows[23]);
	ck_assert_msg(strstr(rows[21], "1 Kick  fader") == rows[21], "%s", rows[21]); /* and the strip above it */
	end();
}
END_TEST

TEST_MAIN("screen", 120, test_plain_text, test_focus, test_names, test_cursor, test_any_keys, test_long_message)
