/* Keymaps: what lines mean, what is refused and where, and that the built-in one knows every command. */
#include "control/desk/desk.h"
#include "control/keymap.h"
#include "desktest.h"

#include <stdio.h>
#include <string.h>

static char told[8192];

static void
tell(void *arg, const char *sentence)
{
	(void)arg;
	snprintf(told + strlen(told), sizeof told - strlen(told), "%s\n", sentence);
}

static struct keymap *
read_map(const char *text, int mistakes)
{
	struct keymap *m = keymap_new();
	told[0] = '\0';
	ck_assert_msg(keymap_parse(m, text, "my.keys", KEYMAP_BASE, tell, NULL) == mistakes, "%s", told);
	return m;
}

static struct keymap *
read_shipped(const char *name)
{
	setenv("XDG_CONFIG_HOME", "/nowhere", 1); /* no lines of whoever runs this */
	struct keymap *m = keymap_new();
	told[0] = '\0';
	ck_assert_msg(keymap_open(m, name, tell, NULL) == 0, "%s", told);
	return m;
}

/* Types keys (with spaces between) and compares the last command; "" for none, "..." for more to come. */
static void
types(const struct keymap *m, const char *view, const char *keys, const char *want)
{
	struct keymap_typed typed = {"", 0};
	char line[128] = "", all[128], *at = all;
	int got = KEYMAP_NONE;
	snprintf(all, sizeof all, "%s", keys);
	for (char *key; (key = strsep(&at, " "));)
		got = keymap_key(m, view, key, &typed, line, sizeof line);
	const char *result = got == KEYMAP_COMMAND ? line : got == KEYMAP_MORE ? "..." : "";
	ck_assert_msg(!strcmp(result, want), "%s in %s: \"%s\", not \"%s\"", keys, view, result, want);
}

START_TEST(test_keys)
{
	struct keymap *m = read_map("# comment\n\n"
	                            "bind mixer l select next %1\n"
	                            "bind mixer gg select first\n"
	                            "bind mixer ZZ exit\n"
	                            "bind any <Space> toggle\n"
	                            "bind any <C-r> redo\n"
	                            "bind mixer <PgUp> @/fader += %0.1\n"
	                            "  bind\thelp  <lt>   scroll -%10  \n"
	                            "bind help l scroll 1\n"
	                            "bind mixer ä undo\n",
	                            0);
	types(m, "mixer", "l", "select next 1");
	types(m, "mixer", "1 2 l", "select next 12");
	types(m, "mixer", "1 0 l", "select next 10");
	types(m, "mixer", "0", "...");
	types(m, "mixer", "0 l", "select next 1");
	types(m, "mixer", "3", "...");
	types(m, "mixer", "g", "...");
	types(m, "mixer", "g g", "select first");
	types(m, "mixer", "g x", "");
	types(m, "mixer", "Z Z", "exit");
	types(m, "mixer", "Space", "toggle");
	types(m, "help", "Space", "toggle");
	types(m, "help", "l", "scroll 1");
	types(m, "help", "2 <", "scroll -20");
	types(m, "mixer", "<", "");
	types(m, "mixer", "C-r", "redo");
	types(m, "mixer", "5 PgUp", "@/fader += 0.5");
	types(m, "mixer", "ä", "undo");
	types(m, "mixer", "F1", "");
	ck_assert_str_eq(keymap_keys_of(m, "mixer", "exit"), "ZZ");
	ck_assert_str_eq(keymap_keys_of(m, "help", "toggle"), "<Space>");
	ck_assert_str_eq(keymap_keys_of(m, "help", "exit"), "");
	keymap_free(m);
}
END_TEST

START_TEST(test_mistakes)
{
	static const struct {
		const char *text, *say;
	} rows[] = {
	    {"\nbound mixer x undo\n", "my.keys:2: \"bound\": lines are"},
	    {"bind mixer x\n", "my.keys:1: bind wants VIEW KEYS COMMAND"},
	    {"bind nowhere x undo\n", "my.keys:1: there is no view \"nowhere\""},
	    {"bind mixer <Huh> undo\n", "my.keys:1: \"<Huh>\" is no key"},
	    {"bind mixer <C-R> undo\n", "my.keys:1: \"<C-R>\" is no key"},
	    {"bind mixer 3 undo\n", "my.keys:1: 3: digits are counts"},
	    {"bind mixer 0 undo\n", "my.keys:1: 0: digits are counts"},
	    {"bind mixer x frobnicate\n", "my.keys:1: \"frobnicate\" is no command"},
	    {"bind mixer x undo\nbind mixer x redo\n", "my.keys:2: x is bound already in line 1"},
	    {"bind mixer g undo\nbind mixer gg redo\n", "my.keys:2: gg and g of line 1: one begins with the other"},
	    {"bind mixer \033[2J undo\n", "my.keys:1: \"^["},
	};
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		struct keymap *m = read_map(rows[k].text, 1);
		ck_assert_msg(strstr(told, rows[k].say) == told, "%s: \"%s\"", rows[k].say, told);
		ck_assert_ptr_null(strchr(told, '\033'));
		keymap_free(m);
	}
}
END_TEST

/* A user's lines go before the built-in ones, in one view or all, and take keys away. */
START_TEST(test_override)
{
	struct keymap *m =
	    read_map("bind mixer gg select first\nbind mixer gm select master\nbind any u undo\nbind any x redo\n", 0);
	told[0] = '\0';
	ck_assert_msg(
	    keymap_parse(m, "bind mixer g play\nbind mixer u stop\nunbind any x\n", "user", KEYMAP_USER, tell, NULL) == 0,
	    "%s", told);
	types(m, "mixer", "g", "play");
	types(m, "mixer", "u", "stop");
	types(m, "help", "u", "undo");
	types(m, "mixer", "x", "");
	keymap_free(m);
}
END_TEST

/* `include desk` lies between the built-in map and the user's lines, wherever it stands among them. */
START_TEST(test_include)
{
	static const char *const texts[] = {"include desk\nbind any z redo\nunbind any r\n",
	                                    "bind any z redo\nunbind any r\ninclude desk\n"};
	for (size_t k = 0; k < 2; k++) {
		struct keymap *m = keymap_new();
		told[0] = '\0';
		ck_assert_int_eq(keymap_parse(m, keymap_texts->text, "default.keys", KEYMAP_BASE, tell, NULL), 0);
		ck_assert_int_eq(keymap_parse(m, texts[k], "user", KEYMAP_USER, tell, NULL), 0);
		types(m, "mixer", "F3", "view eq");
		types(m, "mixer", "a", "mark");
		types(m, "mixer", "z", "redo");
		types(m, "mixer", "r", k ? "redo" : ""); /* what is taken away is what was there */
		types(m, "mixer", "m", "@/mute toggle");
		keymap_free(m);
	}
	struct keymap *m = keymap_new();
	told[0] = '\0';
	ck_assert_int_eq(keymap_parse(m, "include sofa\n", "user", KEYMAP_USER, tell, NULL), 1);
	ck_assert_msg(strstr(told, "user:1: include sofa: there is no such keymap"), "%s", told);
	keymap_free(m);
}
END_TEST

/* What may follow keys: the view's own and those of any that it leaves alone; the comment above says what for. */
START_TEST(test_begin)
{
	struct keymap *m = read_map("# head\n\n# moving about\nbind any ge view eq\nbind any gd view dynamics\n"
	                            "# unbound: play\nbind eq gex undo\n\nbind any q back\n",
	                            0);
	ck_assert_str_eq(keymap_begin(m, "mixer", "g", 0)->command, "view eq");
	ck_assert_str_eq(keymap_begin(m, "mixer", "g", 1)->command, "view dynamics");
	ck_assert_ptr_null(keymap_begin(m, "mixer", "g", 2));
	ck_assert_str_eq(keymap_begin(m, "eq", "g", 0)->command, "view dynamics");
	ck_assert_str_eq(keymap_begin(m, "eq", "g", 1)->keys, "gex");
	ck_assert_str_eq(keymap_begin(m, "mixer", "g", 1)->group, "moving about");
	ck_assert_str_eq(keymap_begin(m, "mixer", "q", 0)->group, "");
	keymap_free(m);
}
END_TEST

/* The maps of ours are without a mistake, and have every command of the table: bound, or named as unbound. */
START_TEST(test_shipped_are_whole)
{
	for (const struct keymap_text *t = keymap_texts; t->name; t++) {
		struct keymap *m = read_shipped(t->name);
		const struct keymap_bind *b;
		int bound = 0;
		for (const struct desk_command *c = desk_commands; c->name; c++) {
			char unbound[64];
			int found = 0;
			for (size_t k = 0; (b = keymap_bind(m, k)); k++)
				found |= desk_command_of(b->command, NULL) == c;
			bound += found;
			snprintf(unbound, sizeof unbound, "\n# unbound: %s\n", c->name);
			int listed = strstr(keymap_texts->text, unbound) || strstr(t->text, unbound);
			ck_assert_msg(found != listed, "%s is %s in %s.keys", c->name,
			              found ? "bound, and listed as unbound" : "neither bound nor listed as unbound", t->name);
			ck_assert_msg(*c->help != '\0', "%s has no help", c->name);
		}
		for (size_t k = 0; (b = keymap_bind(m, k)); k++)
			ck_assert_msg(*b->group, "%s.keys: %s stands below no comment that says what it is for", t->name, b->keys);
		ck_assert_int_gt(bound, 10);
		keymap_free(m);
	}
}
END_TEST

/* The files that are installed are those that are compiled in. */
START_TEST(test_shipped_are_the_files)
{
	const char *folder = getenv("srcdir");
	for (const struct keymap_text *t = keymap_texts; t->name; t++) {
		char path[512];
		static char text[65536];
		snprintf(path, sizeof path, "%s/keymaps/%s.keys", folder ? folder : ".", t->name);
		FILE *f = fopen(path, "r");
		ck_assert_msg(f != NULL, "%s is not there", path);
		text[fread(text, 1, sizeof text - 1, f)] = '\0';
		fclose(f);
		ck_assert_str_eq(text, t->text);
	}
}
END_TEST

/* A map for those who do not know vi: everything by arrows, function keys and single letters. */
START_TEST(test_desk)
{
	struct keymap *m = read_shipped("desk");
	types(m, "eq", "Right", "select next 1");
	types(m, "mixer", "Tab", "row 1");
	types(m, "eq", "Tab", "column 1");
	types(m, "eq", "Up", "step 1");
	types(m, "eq", "3 PgDn", "step -9");
	types(m, "mixer", "F4", "view dynamics");
	types(m, "mixer", "F10", "exit");
	types(m, "mixer", "z", "undo");
	types(m, "help", "Down", "scroll 1");
	keymap_free(m);
}
END_TEST

TEST_MAIN("keymap", 30, test_keys, test_mistakes, test_override, test_include, test_begin, test_shipped_are_whole,
          test_shipped_are_the_files, test_desk)
