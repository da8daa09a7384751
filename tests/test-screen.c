/* The console's frame: what is to be told apart in plain text, names that would do harm, keys and the prompt. */
#include "control/complete.h"
#include "opendesk.h"
#include "ui/act.h"
#include "ui/entry.h"
#include "ui/focus.h"
#include "ui/popup.h"
#include "ui/view.h"

#include <locale.h>
#include <string.h>

static struct screen s;
static struct keymap *keys;
static struct grid g;
static char rows[64][2048];

static void
no_mistake(void *arg, const char *sentence)
{
	(void)arg;
	ck_abort_msg("%s", sentence);
}

static void
begin(struct desk *d)
{
	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
	/* what is typed here is nobody's history or preset */
	setenv("XDG_STATE_HOME", "/dev/null/none", 1);
	setenv("XDG_CONFIG_HOME", "/dev/null/none", 1);
	memset(&s, 0, sizeof s);
	keys = keymap_new();
	keymap_parse(keys, keymap_texts->text, "default.keys", KEYMAP_BASE, no_mistake, NULL);
	s.desk = d;
	s.keys = keys;
	s.current = views;
	s.now = 100;
	focus_begin(&s);
}

static void
end(void)
{
	keymap_free(keys);
	prompt_fini(&s.prompt);
	grid_fini(&g);
}

/* Six strips, the mix and the master, without a desk behind them. */
static void
make_strips(void)
{
	static const char *const names[] = {"Kick", "Snare", "Hat", "Bass", "Keys", "Vox", "Mix", "Master"};
	s.view = (struct desk_view){.strips = 8, .rate = 48000};
	for (int k = 0; k < 8; k++) {
		struct desk_strip *strip = &s.view.strip[k];
		strip->uid = (uint32_t)k + 1;
		strip->kind = k == 6 ? DESK_MIX : k == 7 ? DESK_MASTER : DESK_STRIP;
		strip->number = k < 6 ? k + 1 : 1;
		snprintf(strip->name, sizeof strip->name, "%s", names[k]);
		snprintf(strip->address, sizeof strip->address, "strip/%s", names[k]);
		strip->peak[0] = strip->peak[1] = strip->level[0] = strip->level[1] = DESK_SILENCE;
		strip->hold = strip->most = DESK_SILENCE;
	}
}

static void
draw(int height, int width, int ascii)
{
	g.ascii = ascii;
	ck_assert_int_eq(grid_resize(&g, height, width), 0);
	screen_draw(&s, &g);
	for (int row = 0; row < height; row++)
		grid_row(&g, row, rows[row], sizeof rows[row]);
}

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

static void
type(const char *text)
{
	char key[8];
	for (; *text; text++) {
		snprintf(key, sizeof key, *text == ' ' ? "Space" : "%c", *text);
		act_key(&s, key);
	}
}

/* What may follow a prefix is shown after half a second, from the live map; Esc forgets it, and so do counts. */
START_TEST(test_prefix)
{
	begin(NULL);
	make_strips();
	act_key(&s, "g");
	draw(24, 80, 0);
	ck_assert_int_eq(popup_due(&s), 0);
	s.now += 0.6;
	draw(24, 80, 0);
	int heading = -1;
	for (int row = 0; row < 24; row++)
		heading = strstr(rows[row], " g ...") == rows[row] ? row : heading;
	ck_assert_int_gt(heading, 3);
	char all[8192] = "";
	for (int row = heading; row < 24; row++)
		strcat(all, rows[row]);
	ck_assert_msg(strstr(all, "e equaliser") && strstr(all, "o overview") && strstr(all, "? tell what the next key"),
	              "%s", all);
	/* in the smallest window they are all there too */
	int views_shown = 0;
	draw(10, 40, 0);
	all[0] = '\0';
	for (int row = 0; row < 10; row++)
		strcat(all, rows[row]);
	for (size_t k = 0; keymap_begin(keys, "mixer", "g", k); k++) {
		char entry[24];
		snprintf(entry, sizeof entry, " %s ", keymap_begin(keys, "mixer", "g", k)->keys + 1);
		ck_assert_msg(strstr(all, entry), "%s: %s", entry, all);
		views_shown++;
	}
	ck_assert_int_gt(views_shown, 6);
	act_key(&s, "Esc");
	ck_assert_str_eq(s.typed.keys, "");
	type("12");
	ck_assert_int_eq(s.typed.count, 12);
	act_key(&s, "Esc");
	ck_assert_int_eq(s.typed.count, 0);
	act_key(&s, "\u00e4");
	ck_assert_msg(s.error && strstr(s.message, "\u00e4 is no key here; ? shows the keys"), "%s", s.message);
	end();
}
END_TEST

/* Pasted text is refused where nothing is typed; at the prompt it is one line of letters. */
START_TEST(test_paste)
{
	static const char *const pasted[] = {"Paste", "m", "Z", "Z", "Enter", "C-c", "x", "Pasted"};
	begin(NULL);
	make_strips();
	for (size_t k = 0; k < sizeof pasted / sizeof *pasted; k++)
		act_key(&s, pasted[k]);
	ck_assert_msg(s.error && strstr(s.message, "refused"), "%s", s.message);
	ck_assert_str_eq(s.typed.keys, "");
	act_key(&s, ":");
	for (size_t k = 0; k < sizeof pasted / sizeof *pasted; k++)
		act_key(&s, pasted[k]);
	ck_assert_int_eq(s.prompt.open, ':');
	ck_assert_str_eq(s.prompt.text, "mZZ x");
	act_key(&s, "Esc");
	ck_assert_int_eq(s.prompt.open, 0);
	end();
}
END_TEST

/* A word that is no command is told with where to look, and nothing is sent. */
START_TEST(test_unknown_command)
{
	begin(NULL);
	make_strips();
	type(":frobnicate 3");
	act_key(&s, "Enter");
	ck_assert_msg(s.error && strstr(s.message, "frobnicate 3: there is no such command"), "%s", s.message);
	ck_assert_msg(strstr(s.message, "Tab completes, ? lists all"), "%s", s.message);
	end();
}
END_TEST

/* Letters find strips: those that begin words before those that stand anywhere. */
START_TEST(test_search)
{
	begin(NULL);
	make_strips();
	strcpy(s.view.strip[0].name, "Over Kitchen");
	strcpy(s.view.strip[2].name, "OKRA");
	strcpy(s.view.strip[3].name, "Soak");
	act_key(&s, "/");
	type("ok");
	ck_assert_int_eq(s.prompt.offers, 3);
	ck_assert_str_eq(s.prompt.offer[0].text, "3 OKRA");
	ck_assert_str_eq(s.prompt.offer[1].text, "1 Over Kitchen");
	ck_assert_str_eq(s.prompt.offer[2].text, "4 Soak");
	type("zz");
	ck_assert_int_eq(s.prompt.offers, 0);
	act_key(&s, "Enter");
	ck_assert_msg(s.error && strstr(s.message, "\"okzz\""), "%s", s.message);
	ck_assert_int_gt(complete_score("LVox", "vox"), 0);
	ck_assert_int_eq(complete_score("LVox", "xov"), 0);
	ck_assert_int_gt(complete_score("Vox", "vo"), complete_score("Vibraphono", "vo"));
	end();
}
END_TEST

/* Waits until a value of the chosen strip reads so. */
static void
await_text(struct desk *d, const char *address, const char *text)
{
	const struct desk_value *v;
	for (int turns = 0;; turns++) {
		desk_strip_values(d, &s.values);
		v = desk_value_find(&s.values, address);
		if (v && !strcmp(v->text, text))
			return;
		ck_assert_int_lt(turns, 2000);
		poll(NULL, 0, 10);
	}
}

/* Keys of the grammar on a real desk: a row, steps, tenths, typed values, marks, defaults. */
START_TEST(test_grammar)
{
	struct desk *d = open_desk(0);
	begin(d);
#define AWAIT(what)                                                                                                    \
	do {                                                                                                               \
		WAIT_FOR(d, what);                                                                                             \
		s.view = view;                                                                                                 \
		for (int turns = 0; s.values.uid != view.strip[view.selected].uid; turns++) {                                  \
			ck_assert_int_lt(turns, 2000);                                                                             \
			desk_strip_values(d, &s.values);                                                                           \
			poll(NULL, 0, turns ? 10 : 0);                                                                             \
		}                                                                                                              \
	} while (0)
	AWAIT(view.strips == 4);
	type("3K");
	AWAIT(view.strip[0].fader == 3);
	type("H");
	AWAIT(view.strip[0].fader == 2.9f);
	act_key(&s, "PgDn");
	AWAIT(view.strip[0].fader < -0.05f && view.strip[0].fader > -0.15f);
	type("jL");
	AWAIT(view.strip[0].pan == 0.5f);
	type("10J");
	AWAIT(view.strip[0].pan == -49.5f);
	act_key(&s, "BS");
	AWAIT(view.strip[0].pan == 0);
	type("k=-6.5");
	await_text(d, "fader", "-0.1 dB");
	act_key(&s, "Esc");
	type("=-6.5");
	draw(24, 80, 0);
	ck_assert_msg(!strncmp(rows[23], "=A fader (-144 to 12 dB), now -0.1 dB: -6.5", 43), "%s", rows[23]);
	ck_assert_int_eq(g.cursor_col, 43);
	draw(10, 40, 0); /* where there is no room, the line above tells what it is about */
	ck_assert_msg(!strcmp(rows[9], "=-6.5") && !strncmp(rows[8], "A fader (-144 to 12 dB), now -0.1 dB:", 37), "%s\n%s",
	              rows[8], rows[9]);
	act_key(&s, "Enter");
	AWAIT(view.strip[0].fader == -6.5f);
	type("=+1.5");
	act_key(&s, "Enter");
	AWAIT(view.strip[0].fader == -5);
	/* marked: the chosen one gets the value, the others move along; two signs set all alike */
	type("v");
	AWAIT(view.marks == 1);
	type("l");
	AWAIT(view.selected == 1);
	type("v");
	AWAIT(view.marks == 2);
	type("=2");
	act_key(&s, "Enter");
	AWAIT(view.strip[1].fader == 2 && view.strip[0].fader == -3);
	type("==-9");
	act_key(&s, "Enter");
	AWAIT(view.strip[0].fader == -9 && view.strip[1].fader == -9);
	type("V");
	AWAIT(view.marks == 0);
	/* a switch is flipped, and steps put it on and off */
	type("jjj");
	act_key(&s, "Enter");
	AWAIT(view.strip[1].mute == 0);
	type("K");
	AWAIT(view.strip[1].mute == 1);
	type("J");
	await_text(d, "mute", "off");
	/* what a key or a value is, without doing anything */
	type("g?m");
	ck_assert_msg(!strncmp(s.message, "m: @/mute toggle: mute", 22), "%s", s.message);
	type("I");
	ck_assert_msg(!strncmp(s.message, "mute: mute; on or off, now off, the default", 43), "%s", s.message);
	/* views, and back */
	type("ge");
	ck_assert_str_eq(s.current->name, "eq");
	type("?");
	ck_assert_str_eq(s.current->name, "help");
	type("q");
	ck_assert_str_eq(s.current->name, "eq");
	type("q");
	ck_assert_str_eq(s.current->name, "mixer");
	/* a desk that was left in the help comes back there */
	s.help_from = NULL;
	s.current = view_find("help");
	type("?");
	ck_assert_str_eq(s.current->name, "mixer");
	end();
	close_desk(d);
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
	strcpy(s.message, "song.desk: in use by process 31013 on studio, idle 4 min (if that is not so, remove "
	                  ".song.desk.d/lock beside it); you can look and listen, not change");
	draw(24, 80, 0);
	ck_assert_msg(strstr(rows[22], "song.desk: in use") == rows[22] && strstr(rows[23], "not change"), "%s\n%s",
	              rows[22], rows[23]);
	ck_assert_msg(strstr(rows[21], "1 Kick  fader") == rows[21], "%s", rows[21]); /* and the strip above it */
	end();
}
END_TEST

TEST_MAIN("screen", 120, test_plain_text, test_focus, test_names, test_prefix, test_paste, test_unknown_command,
          test_search, test_grammar, test_cursor, test_any_keys, test_long_message)
