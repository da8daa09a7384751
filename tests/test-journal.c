/* The journal of edits: all comes back, whatever became of its file; what is joined, saved, or of another version. */
#include "journaltest.h"

/* What a user does: values, patterns, the selection, structure, undo and redo. */
static const char *const edits[] = {
    "strip/kick/fader -6.5",
    "strip/*/mute on",
    "@/pan += 5",
    "strip/snare/solo on",
    "strip/tom/name \"Tom \\\"1\\\" ü\"",
    "strip/tom/solo on",
    "undo",
    "strip/*/solo toggle",
    "redo",
    "rename strip/snare sn",
    "move strip/sn 1",
    "strip/kick/send/verb/level -12",
    "undo",
    "undo",
    "strip/sn/fader 1.5",
    "delete strip/kick",
    "@/fader -= 1",
    "undo",
    "redo",
};
enum { EDITS = sizeof edits / sizeof *edits };

/* Makes the journal of all the edits; the session's text after each of them, and where the edit ends in the file. */
static char *
make(char *after[EDITS + 1], size_t end[EDITS + 1], size_t *len)
{
	struct err err;
	struct journal_back back;
	spill("song.desk", song, sizeof song - 1);
	struct session *s = loaded();
	struct kept k = keep(s, &back);
	journal_text(k.journal, &end[0]);
	journal_follow(k.journal, put, &k);
	after[0] = text_of(s);
	for (size_t n = 0; n < EDITS; n++) {
		if (strchr(edits[n], '@'))
			ck_assert(!session_select(s, n < 5 ? "strip/{kick,snare}" : "strip/sn", &err));
		edit(s, edits[n]);
		after[n + 1] = text_of(s);
		end[n + 1] = size_of(JOURNAL);
	}
	drop(&k, s);
	char *text = slurp(JOURNAL, len);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_eq(*len, end[EDITS]);
	return text;
}

static void
free_all(char *after[EDITS + 1])
{
	for (size_t n = 0; n <= EDITS; n++)
		free(after[n]);
}

START_TEST(knows_its_checksum)
{
	/* The check value of CRC-32 (ISO-HDLC): of the digits 1 to 9. The first line's has no line before it. */
	char *after[EDITS + 1], command[256], answer[64] = "";
	size_t end[EDITS + 1], len;
	enter();
	char *text = make(after, end, &len);
	/* gzip writes the same checksum behind what it packs, low byte first */
	snprintf(command, sizeof command,
	         "head -n 1 %s | cut -c 10- | tr -d '\\n' | gzip -c | tail -c 8 | head -c 4 | od -An -tx1 | awk '{print $4 "
	         "$3 $2 $1}'",
	         JOURNAL);
	FILE *pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	ck_assert_ptr_nonnull(fgets(answer, sizeof answer, pipe));
	pclose(pipe);
	ck_assert_msg(!strncmp(text, answer, 8), "%.8s against %.8s", text, answer);
	ck_assert_ptr_nonnull(strstr(text, " strip/kick/fader -6.5\n"));
	ck_assert_ptr_nonnull(strstr(text, " select strip/kick strip/snare\n"));
	free(text);
	free_all(after);
	leave();
}
END_TEST

START_TEST(brings_all_back_with_undo)
{
	char *after[EDITS + 1];
	size_t end[EDITS + 1], len, redos;
	struct journal_back back;
	enter();
	free(make(after, end, &len));
	struct session *s = loaded();
	struct kept k = keep(s, &back);
	is(s, after[EDITS]);
	ck_assert_uint_eq(back.edits, EDITS);
	ck_assert(back.whole && !back.damaged && !back.other && !*back.aside);
	ck_assert_uint_eq(strlen(back.when), 16);
	ck_assert(session_dirty(s));
	/* some were undone, of which some were done again, and a step was lost to an edit after an undo; solo is none */
	size_t undos = journal_steps(k.journal, &redos), done = 0;
	ck_assert_uint_eq(redos, 0);
	while (session_undo(s))
		done++;
	ck_assert_uint_eq(undos, done);
	edit(s, "strip/*/solo off"); /* which undo leaves as it is */
	is(s, song);
	drop(&k, s);
	/* those undos are not in the file, as nobody followed the journal: it goes on where it was */
	s = loaded();
	k = keep(s, &back);
	journal_follow(k.journal, put, &k);
	edit(s, "song/title \"More\"");
	char *more = text_of(s);
	drop(&k, s);
	s = loaded();
	k = keep(s, &back);
	is(s, more);
	ck_assert_uint_eq(back.edits, EDITS + 1);
	free(more);
	drop(&k, s);
	free_all(after);
	leave();
}
END_TEST

/* Opens the session with this journal beside it: the edits that lie before the damage are there, and no more. */
static void
check_damaged(const char *text, size_t len, size_t damage, const size_t *end, char *const *after)
{
	struct journal_back back;
	size_t whole = 0, kept_len;
	ck_assert(!system("rm -f .song.desk.d/journal*"));
	spill(JOURNAL, text, len);
	struct session *s = loaded();
	struct journal *j = journal_new(s);
	journal_recover(j, "song.desk", &back);
	while (whole < EDITS && end[whole + 1] <= damage)
		whole++;
	char *now = text_of(s);
	ck_assert_msg(!strcmp(now, after[whole]), "damage at %zu: not as after edit %zu", damage, whole);
	free(now);
	ck_assert_uint_eq(back.edits, whole);
	journal_free(j);
	session_free(s);
	if (len == end[whole]) /* cut between two lines: that nobody can see */
		return;
	bool between = len < end[EDITS] && text[len - 1] == '\n' && damage == len;
	if (between)
		return; /* cut behind a selection */
	ck_assert_msg(back.damaged && *back.aside, "damage at %zu of %zu", damage, len);
	char path[128];
	snprintf(path, sizeof path, ".song.desk.d/%s", back.aside);
	char *kept = slurp(path, &kept_len);
	ck_assert_ptr_nonnull(kept);
	ck_assert(kept_len == len && !memcmp(kept, text, len));
	free(kept);
}

START_TEST(survives_a_cut_at_every_byte)
{
	char *after[EDITS + 1];
	size_t end[EDITS + 1], len;
	enter();
	char *text = make(after, end, &len);
	for (size_t cut = 1; cut < len; cut++)
		check_damaged(text, cut, cut, end, after);
	free(text);
	free_all(after);
	leave();
}
END_TEST

START_TEST(survives_flipped_bytes)
{
	char *after[EDITS + 1];
	size_t end[EDITS + 1], len;
	uint64_t random = 3;
	enter();
	char *text = make(after, end, &len);
	for (size_t at = 0; at < len; at++) {
		/* of every byte one bit, all bits in turn, and some bytes that are wholly another */
		char mask = at % 9 == 8 ? (char)(1 + (int)(127 * (test_random(&random) + 1) / 2)) : (char)(1 << at % 9);
		text[at] = (char)(text[at] ^ mask);
		check_damaged(text, len, at, end, after);
		text[at] = (char)(text[at] ^ mask);
	}
	free(text);
	free_all(after);
	leave();
}
END_TEST

START_TEST(begins_anew_after_a_save)
{
	struct err err;
	struct journal_back back;
	enter();
	spill("song.desk", song, sizeof song - 1);
	struct session *s = loaded();
	struct kept k = keep(s, &back);
	journal_follow(k.journal, put, &k);
	ck_assert_int_eq(count_files(JOURNAL), 0); /* without edits there is none */
	edit(s, "strip/kick/fader -6.5");
	edit(s, "delete strip/snare");
	edit(s, "bus/verb/fader 2");
	edit(s, "undo");
	char *first = text_of(s);
	ck_assert(!session_save(s, "song.desk", &err));
	journal_saved(k.journal);
	drop(&k, s);
	s = loaded();
	k = keep(s, &back);
	ck_assert_uint_eq(back.edits, 0);
	ck_assert(back.whole && !back.damaged && !back.other);
	is(s, first);
	free(first);
	drop(&k, s);
	leave();
}
END_TEST

START_TEST(undoes_what_was_saved)
{
	/* An undo that goes back to before the save comes back too, comments and all; so do the steps behind it. */
	struct err err;
	struct journal_back back;
	enter();
	spill("song.desk", song, sizeof song - 1);
	struct session *s = loaded();
	struct kept k = keep(s, &back);
	journal_follow(k.journal, put, &k);
	edit(s, "strip/kick/fader -6.5");
	edit(s, "delete strip/snare");
	edit(s, "bus/verb/fader 2");
	ck_assert(!session_save(s, "song.desk", &err));
	journal_saved(k.journal);
	edit(s, "undo");
	edit(s, "undo");
	edit(s, "undo");
	is(s, song);
	edit(s, "redo");
	char *there = text_of(s);
	drop(&k, s);
	s = loaded();
	k = keep(s, &back);
	is(s, there);
	ck_assert_uint_eq(back.edits, 4);
	ck_assert(!back.damaged && back.whole);
	/* three steps back and one forth: two steps lead to the file */
	edit(s, "undo");
	edit(s, "undo");
	ck_assert(!session_undo(s));
	size_t len;
	char *file = slurp("song.desk", &len);
	is(s, file);
	free(file);
	free(there);
	drop(&k, s);
	/* a cut within what an undo did leaves it out, whole */
	char *text = slurp(JOURNAL, &len);
	size_t cut = (size_t)(strstr(text, "| strip/snare") - text);
	ck_assert(!truncate(JOURNAL, (off_t)cut));
	s = loaded();
	k = keep(s, &back);
	ck_assert_uint_eq(back.edits, 1);
	ck_assert(back.damaged);
	struct node *verb = session_find(s, "bus/verb");
	ck_assert(verb && verb->value[P_FADER] == 0 && !session_find(s, "strip/snare"));
	free(text);
	drop(&k, s);
	leave();
}
END_TEST

START_TEST(joins_what_is_one_step)
{
	struct journal_back back;
	enter();
	spill("song.desk", song, sizeof song - 1);
	struct session *s = loaded();
	struct kept k = keep(s, &back);
	journal_follow(k.journal, put, &k);
	edit(s, "strip/kick/pan 10");
	session_begin(s);
	for (int n = 0; n < 5; n++)
		edit(s, "strip/kick/fader += 1");
	edit(s, "strip/snare/fader -3");
	session_commit(s);
	drop(&k, s);
	s = loaded();
	k = keep(s, &back);
	struct node *kick = session_find(s, "strip/kick");
	ck_assert_uint_eq(back.edits, 7);
	ck_assert(kick->value[P_FADER] == 2 && kick->value[P_PAN] == 10);
	edit(s, "undo");
	ck_assert(kick->value[P_FADER] == -3 && kick->value[P_PAN] == 10);
	edit(s, "undo");
	is(s, song);
	drop(&k, s);
	leave();
}
END_TEST

START_TEST(keeps_a_journal_of_another_version)
{
	char *after[EDITS + 1], path[128];
	size_t end[EDITS + 1], len, kept_len;
	struct journal_back back;
	static const char other[] = "stemdesk 1\nstrip/kick/name \"Another\"\n";
	enter();
	char *text = make(after, end, &len);
	spill("song.desk", other, sizeof other - 1);
	struct session *s = loaded();
	struct kept k = keep(s, &back);
	is(s, other);
	ck_assert(back.other && !back.damaged && !back.edits);
	snprintf(path, sizeof path, ".song.desk.d/%s", back.aside);
	char *kept = slurp(path, &kept_len);
	ck_assert(kept && kept_len == len && !memcmp(kept, text, len));
	ck_assert_int_eq(count_files(JOURNAL), 0);
	drop(&k, s);
	free(kept);
	free(text);
	free_all(after);
	leave();
}
END_TEST

START_TEST(knows_that_all_is_saved)
{
	/* Killed between saving and beginning anew: the journal tells how the saved file came about, and nothing is told.
	 */
	char *after[EDITS + 1];
	size_t end[EDITS + 1], len;
	struct err err;
	struct journal_back back;
	enter();
	char *text = make(after, end, &len);
	struct session *s = loaded();
	struct kept k = keep(s, &back);
	ck_assert(!session_save(s, "song.desk", &err));
	drop(&k, s);
	s = loaded();
	k = keep(s, &back);
	ck_assert(!back.other && !back.damaged && !back.edits);
	ck_assert(!session_dirty(s));
	is(s, after[EDITS]);
	drop(&k, s);
	free(text);
	free_all(after);
	leave();
}
END_TEST

START_TEST(brings_back_what_was_never_saved)
{
	struct journal_back back;
	enter();
	struct session *s = session_new();
	edit(s, "strip/kick/name Kick");
	edit(s, "strip/snare/name Snare");
	struct kept k = keep(s, &back);
	journal_follow(k.journal, put, &k);
	ck_assert_int_eq(count_files(".song.desk.d"), 0); /* only looked at: nothing is written */
	edit(s, "strip/kick/fader -6.5");
	edit(s, "delete strip/snare");
	char *there = text_of(s);
	drop(&k, s);
	s = journal_unsaved("song.desk");
	ck_assert_ptr_nonnull(s);
	k = keep(s, &back);
	ck_assert_uint_eq(back.edits, 2);
	is(s, there);
	free(there);
	drop(&k, s);
	leave();
}
END_TEST

TEST_MAIN("journal", 60, knows_its_checksum, brings_all_back_with_undo, survives_a_cut_at_every_byte,
          survives_flipped_bytes, begins_anew_after_a_save, undoes_what_was_saved, joins_what_is_one_step,
          keeps_a_journal_of_another_version, knows_that_all_is_saved, brings_back_what_was_never_saved)
