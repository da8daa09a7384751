/* What is typed at the console: prefixes, pasted text, the prompt and its searches, the grammar of the keys. */
#include "screentest.h"

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

static void
type_into(struct prompt *p, const char *text)
{
	for (char key[2] = {0}; *text; text++) {
		key[0] = *text;
		prompt_key(p, *text == ' ' ? "Space" : key);
	}
}

START_TEST(test_prompt)
{
	struct prompt p = {0};
	prompt_begin(&p, ':', "", "select");
	type_into(&p, "kixk");
	prompt_key(&p, "Left");
	prompt_key(&p, "BS");
	type_into(&p, "c");
	ck_assert_str_eq(p.text, "select kick");
	ck_assert_int_eq(prompt_key(&p, "Enter"), PROMPT_DONE);
	prompt_begin(&p, ':', "", "");
	type_into(&p, "mix/fader -1");
	prompt_key(&p, "C-w");
	type_into(&p, "+2 ");
	prompt_key(&p, "\u00e4");
	prompt_key(&p, "BS");
	ck_assert_str_eq(p.text, "mix/fader +2 ");
	prompt_key(&p, "Up"); /* nothing before held that */
	ck_assert_str_eq(p.text, "mix/fader +2 ");
	prompt_key(&p, "Enter");
	prompt_begin(&p, ':', "", "");
	prompt_key(&p, "Up");
	ck_assert_str_eq(p.text, "mix/fader +2 ");
	prompt_key(&p, "Up");
	ck_assert_str_eq(p.text, "select kick");
	prompt_key(&p, "Down");
	ck_assert_str_eq(p.text, "mix/fader +2 ");
	prompt_key(&p, "C-u");
	type_into(&p, "kic");
	prompt_key(&p, "C-r");
	ck_assert_str_eq(p.text, "select kick");
	prompt_key(&p, "C-u");
	/* pasted text is one line of letters, whatever it holds */
	static const char *const pasted[] = {"a", "Enter", "C-j", "Up", "Esc", "b", "Space", "F1", "Tab", "C-c", "Enter"};
	for (size_t k = 0; k < sizeof pasted / sizeof *pasted; k++)
		prompt_paste(&p, pasted[k]);
	ck_assert_str_eq(p.text, "a b ");
	ck_assert_int_eq(p.open, ':');
	prompt_key(&p, "C-u");
	type_into(&p, "xy");
	prompt_key(&p, "Home");
	prompt_key(&p, "C-k");
	ck_assert_str_eq(p.text, "");
	ck_assert_int_eq(prompt_key(&p, "BS"), PROMPT_LEFT);
	prompt_fini(&p);
}
END_TEST

TEST_MAIN("typing", 120, test_prefix, test_paste, test_unknown_command, test_search, test_grammar, test_prompt)
