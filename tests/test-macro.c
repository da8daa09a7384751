/* Macros: what was done, done again. */
#include "control/userfiles.h"
#include "opendesk.h"

START_TEST(test_macro)
{
	struct desk *d = open_desk(0);
	setenv("XDG_DATA_HOME", made_folder, 1);
	desk_send(d, "macro play x");
	expect(d, DESK_ERROR, "there is no macro x yet");
	desk_send(d, "macro record a");
	expect(d, DESK_SAYS, "recording macro a");
	WAIT_FOR(d, view.recording == 'a');
	desk_send(d, "@/fader -= 2");
	desk_send(d, "strip/a/fader loud");
	desk_send(d, "select next");
	expect(d, DESK_SAYS, "-2.0 dB");
	expect(d, DESK_ERROR, "loud");
	desk_send(d, "macro record");
	expect(d, DESK_SAYS, "macro a: 2 lines");
	WAIT_FOR(d, !view.recording && view.selected == 1 && view.undos == 1);
	char *path = userfiles_path(USER_DATA, "macros/a"), *text = userfiles_read(path, NULL);
	ck_assert_str_eq(text, "@/fader -= 2\nselect next\n");
	free(text);
	desk_send(d, "select a");
	desk_send(d, "macro play a");
	WAIT_FOR(d, view.undos == 2 && view.selected == 1 && view.strip[0].fader == -4);
	/* several times are one step; the second strip is the third in the order, so the mix is reached */
	desk_send(d, "select a");
	desk_send(d, "macro play 3");
	WAIT_FOR(d, view.undos == 3 && view.strip[0].fader == -6 && view.strip[1].fader == -2 && view.strip[2].fader == -2);
	desk_send(d, "undo");
	WAIT_FOR(d, view.undos == 2 && view.strip[0].fader == -4 && view.strip[1].fader == 0 && view.strip[2].fader == 0);
	/* what fails takes all of it back */
	static const char bad[] = "strip/a/fader -20\nstrip/a/fader loud\n";
	ck_assert_int_eq(userfiles_write(path, bad, sizeof bad - 1, NULL), 0);
	path[strlen(path) - 1] = 'b';
	ck_assert_int_eq(userfiles_write(path, bad, sizeof bad - 1, NULL), 0);
	desk_send(d, "macro play b");
	for (struct desk_event event = {.kind = DESK_CHANGED}; event.kind != DESK_ERROR;) {
		struct pollfd in = {.fd = desk_fd(d), .events = POLLIN};
		ck_assert_int_eq(poll(&in, 1, 20000), 1);
		ck_assert_int_eq(desk_event(d, &event), 0);
		ck_assert_msg(event.kind != DESK_ERROR || strstr(event.text, "macro b, line 2"), "%s", event.text);
	}
	WAIT_FOR(d, view.undos == 2 && view.strip[0].fader == -4);
	/* one that plays itself comes to an end */
	static const char loop[] = "macro play c\n";
	path[strlen(path) - 1] = 'c';
	ck_assert_int_eq(userfiles_write(path, loop, sizeof loop - 1, NULL), 0);
	desk_send(d, "macro play c");
	expect(d, DESK_ERROR, "plays itself");
	desk_send(d, "macro sing");
	expect(d, DESK_ERROR, "it reads");
	for (char letter = 'a'; letter <= 'c'; letter++) {
		path[strlen(path) - 1] = letter;
		unlink(path);
	}
	for (int k = 0; k < 2; k++) {
		*strrchr(path, '/') = '\0';
		rmdir(path);
	}
	free(path);
	close_desk(d);
}
END_TEST

TEST_MAIN("macro", 60, test_macro)
