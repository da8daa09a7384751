/* Notes with their places in the song, the brief, and how long was listened. */
#include "control/hours.h"
#include "opendesk.h"

START_TEST(test_session)
{
	struct session *s = session_new();
	struct err err = {""};
	static const char *const lines[] = {"song/note/abc/text \"too loud\"", "song/note/abc/at 480",
	                                    "song/note/xyz/text B", "song/marker/bridge/at 9600"};
	for (size_t k = 0; k < sizeof lines / sizeof *lines; k++)
		ck_assert_msg(session_line(s, lines[k], &err) == 0, "%s: %s", lines[k], err.text);
	struct node *note = session_find(s, "song/note/abc");
	ck_assert_ptr_nonnull(note);
	ck_assert_str_eq(note->text[P_NOTE_TEXT], "too loud");
	ck_assert_double_eq(note->value[P_NOTE_AT], 480);
	ck_assert(session_find(s, "song")->children == 3 && session_find(s, "song/marker/bridge") != NULL);
	/* a note that nothing makes, and one on a strip */
	ck_assert(session_line(s, "song/note/new/at 5", &err) != 0);
	ck_assert(session_line(s, "song/note/9/text x", &err) != 0);
	ck_assert_int_eq(session_line(s, "delete song/note/abc", &err), 0);
	ck_assert_ptr_null(session_find(s, "song/note/abc"));
	ck_assert_int_eq(session_undo(s), 1);
	ck_assert_ptr_nonnull(session_find(s, "song/note/abc"));
	size_t len;
	char *text = session_text(s, &len);
	struct session *again = session_new();
	ck_assert_msg(session_parse(again, text, len, "song.desk", 0, &err) == 0, "%s", err.text);
	ck_assert_ptr_null(session_warning(again, 0));
	ck_assert_str_eq(session_find(again, "song/note/xyz")->text[P_NOTE_TEXT], "B");
	free(text);
	session_free(again);
	session_free(s);
}
END_TEST

START_TEST(test_desk)
{
	struct desk *d = open_desk(0);
	desk_send(d, "note");
	expect(d, DESK_ERROR, "note what?");
	desk_send(d, "notes");
	expect(d, DESK_SAYS, "no notes yet");
	desk_send(d, "locate 1.5s");
	desk_send(d, "note \"the bass\" is late \xe2\x80\xae");
	expect(d, DESK_SAYS, "note at 0:01.5: \"the bass\" is late");
	desk_send(d, "locate 0.5s");
	desk_send(d, "note more voice");
	expect(d, DESK_SAYS, "note at 0:00.5: more voice");
	WAIT_FOR(d, view.undos == 2);
	desk_send(d, "notes");
	expect(d, DESK_LINES, "note 1 at 0:00.5: more voice (20");
	expect(d, DESK_LINES, "note 2 at 0:01.5: \"the bass\" is late");
	desk_send(d, "notes next");
	expect(d, DESK_SAYS, "note 2 at");
	WAIT_FOR(d, view.position == 36000 / 64 * 64);
	desk_send(d, "notes prev");
	expect(d, DESK_SAYS, "note 1 at");
	desk_send(d, "notes 2");
	expect(d, DESK_SAYS, "note 2 at");
	desk_send(d, "notes 3");
	expect(d, DESK_ERROR, "there are 2");
	/* a note is no marker */
	WAIT_FOR(d, view.position == 36000 / 64 * 64);
	ck_assert_str_eq(view.section, "");
	desk_send(d, "locate prev");
	expect(d, DESK_ERROR, "no marker before");
	desk_send(d, "undo");
	expect(d, DESK_SAYS, "undone: note at");
	desk_send(d, "song/brief \"Warm, close, the voice in front\"");
	WAIT_FOR(d, !strcmp(view.brief, "Warm, close, the voice in front") && view.undos == 2);
	close_desk(d);
}
END_TEST

/* An hour in all brings a word, a pause of ten minutes begins anew, shorter ones do not. */
START_TEST(test_hours)
{
	struct hours h = {.listened = 100};
	int words = 0;
	for (int k = 0; k < 3599; k++)
		words += hours_add(&h, 1, 1) != 0;
	ck_assert_int_eq(words, 0);
	for (int k = 0; k < HOURS_PAUSE - 1; k++)
		words += hours_add(&h, 1, 0) != 0;
	ck_assert_int_eq(words, 0);
	ck_assert_int_eq(hours_add(&h, 1, 1), 60);
	ck_assert_double_eq(h.listened, 3700);
	for (int k = 0; k < 3599; k++)
		words += hours_add(&h, 1, 1) != 0;
	ck_assert_int_eq(words, 0);
	ck_assert_int_eq(hours_add(&h, 1, 1), 120);
	for (int k = 0; k < HOURS_PAUSE; k++)
		hours_add(&h, 1, 0);
	ck_assert_double_eq(h.sitting, 0);
	for (int k = 0; k < 3599; k++)
		words += hours_add(&h, 1, 1) != 0;
	ck_assert_int_eq(words, 0);
	ck_assert_int_eq(hours_add(&h, 1, 1), 60);
}
END_TEST

/* What was heard is counted, and there again the next time; silence is not. */
START_TEST(test_listened)
{
	struct desk *d = open_desk(0);
	struct err err;
	desk_send(d, "song/brief \"Warm\"");
	expect(d, DESK_SAYS, "Warm");
	desk_send(d, "save");
	expect(d, DESK_SAYS, "saved");
	desk_send(d, "strip/a/mute on");
	desk_send(d, "locate 0s"); /* begins muted, not gliding there */
	desk_send(d, "play");
	WAIT_FOR(d, view.position > 12000);
	ck_assert_double_eq(view.listened, 0);
	desk_send(d, "strip/a/mute off");
	WAIT_FOR(d, view.listened > 0.5);
	desk_send(d, "stop");
	desk_send(d, "exit");
	WAIT_FOR(d, !view.playing);
	desk_close(d);
	FILE *file = fopen(".song.desk.d/listened", "r");
	double seconds = 0;
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%lf", &seconds), 1);
	fclose(file);
	ck_assert_double_ge(seconds, 1);
	const struct desk_options options = {.device = "null"};
	struct session *s = session_load("song.desk", 0, &err);
	ck_assert_ptr_nonnull(s);
	ck_assert_ptr_nonnull(d = desk_open(s, "song.desk", &options, &err));
	expect(d, DESK_SAYS, "brief: Warm");
	WAIT_FOR(d, view.listened >= seconds);
	close_desk(d);
}
END_TEST

TEST_MAIN("notes", 60, test_session, test_desk, test_hours, test_listened)
