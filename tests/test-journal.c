#include "tests/desktest.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session/journal.h"
#include "session/journal_file.h"

#define JOURNAL ".song.desk.d/journal"

static const char song[] = "stemdesk 1\n"
                           "# the song\n"
                           "strip/kick/name \"Kick\"\n"
                           "strip/kick/fader -3\n"
                           "strip/snare/name \"Snare\" # with brushes\n"
                           "bus/verb/name \"Verb\"\n";

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

/* Each test works in a directory of its own, which goes when it ends. */
static char home[20];

static void
enter(void)
{
	strcpy(home, "journal-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(home));
	ck_assert(!chdir(home));
}

static void
leave(void)
{
	char command[64];
	ck_assert(!chdir(".."));
	snprintf(command, sizeof command, "chmod -R u+w %s; rm -rf %s", home, home);
	ck_assert(!system(command));
}

static void
spill(const char *path, const char *text, size_t len)
{
	FILE *file = fopen(path, "wb");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, len, file), len);
	ck_assert(!fclose(file));
}

static char *
slurp(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return NULL;
	char *text = calloc(1, 1 << 20);
	ck_assert_ptr_nonnull(text);
	*len = fread(text, 1, (1 << 20) - 1, file);
	fclose(file);
	return text;
}

static int
count_files(const char *pattern)
{
	char command[128], answer[32] = "";
	snprintf(command, sizeof command, "ls -d %s 2>/dev/null | wc -l", pattern);
	FILE *pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	ck_assert_ptr_nonnull(fgets(answer, sizeof answer, pipe));
	pclose(pipe);
	return atoi(answer);
}

static struct session *
loaded(void)
{
	struct err err = {""};
	struct session *s = session_load("song.desk", 0, &err);
	ck_assert_msg(s != NULL, "%s", err.text);
	return s;
}

static void
edit(struct session *s, const char *line)
{
	struct err err = {""};
	if (!strcmp(line, "undo"))
		ck_assert(session_undo(s));
	else if (!strcmp(line, "redo"))
		ck_assert(session_redo(s));
	else
		ck_assert_msg(!session_line(s, line, &err), "%s: %s", line, err.text);
}

static char *
text_of(struct session *s)
{
	size_t len;
	char *text = session_text(s, &len), *whole = calloc(1, len + 1);
	ck_assert_ptr_nonnull(whole);
	memcpy(whole, text, len);
	free(text);
	return whole;
}

static void
is(struct session *s, const char *expected)
{
	char *text = text_of(s);
	ck_assert_str_eq(text, expected);
	free(text);
}

/* The journal of a session, put into its file as soon as it grows. */
struct kept {
	struct journal *journal;
	struct journal_file *file;
};

static void
put(void *user, enum journal_how how, const char *text, size_t len)
{
	struct kept *k = user;
	struct err err = {""};
	if (how == JOURNAL_ANEW)
		journal_file_begin(k->file, text, len, false);
	else
		journal_file_add(k->file, text, len);
	ck_assert_msg(!journal_file_write(k->file, &err), "%s", err.text);
	ck_assert_msg(!journal_file_sync(k->file, &err), "%s", err.text);
}

static struct kept
keep(struct session *s, struct journal_back *back)
{
	struct kept k = {journal_new(s), journal_file_new("song.desk")};
	struct err err = {""};
	size_t len, base_len;
	journal_recover(k.journal, "song.desk", back);
	const char *text = journal_text(k.journal, &len), *base = journal_base(k.journal, &base_len);
	journal_file_begin(k.file, text, len, back->whole);
	if (base)
		journal_file_base(k.file, base, base_len);
	ck_assert_msg(!journal_file_write(k.file, &err), "%s", err.text);
	return k;
}

static void
drop(struct kept *k, struct session *s)
{
	journal_free(k->journal);
	journal_file_free(k->file);
	session_free(s);
}

/* 0 where there is no file yet. */
static size_t
size_of(const char *path)
{
	struct stat st;
	return stat(path, &st) ? 0 : (size_t)st.st_size;
}

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

START_TEST(goes_on_after_a_full_disk)
{
	struct err err = {""};
	struct stat st;
	struct journal_back back;
	enter();
	spill("song.desk", song, sizeof song - 1);
	struct session *s = loaded();
	struct kept k = keep(s, &back);
	size_t len, before;
	edit(s, "strip/kick/fader 1");
	const char *text = journal_text(k.journal, &before);
	journal_file_begin(k.file, text, before, false);
	ck_assert(!journal_file_write(k.file, &err));
	signal(SIGXFSZ, SIG_IGN);
	for (int n = 0; n < 40; n++)
		edit(s, n % 2 ? "strip/kick/fader 1" : "strip/kick/fader 2");
	text = journal_text(k.journal, &len);
	journal_file_add(k.file, text + before, len - before);
	/* room for a part of what is new: nothing half stays */
	struct rlimit old, small;
	ck_assert(!getrlimit(RLIMIT_FSIZE, &old));
	small = (struct rlimit){before + 100, old.rlim_max};
	ck_assert(!setrlimit(RLIMIT_FSIZE, &small));
	for (int turn = 0; turn < 3; turn++) {
		ck_assert(journal_file_write(k.file, &err));
		ck_assert_msg(strstr(err.text, strerror(EFBIG)) != NULL, "%s", err.text);
		ck_assert(!stat(JOURNAL, &st) && (size_t)st.st_size == before);
	}
	/* so with one that begins anew: the old one stays until the new one is whole */
	journal_file_begin(k.file, text, len, false);
	ck_assert(journal_file_write(k.file, &err));
	ck_assert(!stat(JOURNAL, &st) && (size_t)st.st_size == before);
	ck_assert_int_eq(count_files(".song.desk.d/*.new"), 0);
	ck_assert(!setrlimit(RLIMIT_FSIZE, &old));
	ck_assert(!journal_file_write(k.file, &err) && !journal_file_sync(k.file, &err));
	size_t there;
	char *file = slurp(JOURNAL, &there);
	ck_assert(there == len && !memcmp(file, text, len));
	free(file);
	drop(&k, s);
	leave();
}
END_TEST

/* Runs as a user whom permissions stop; root drops its rights in a child. */
static void
as_user(void (*test)(void))
{
	pid_t child = fork();
	ck_assert(child >= 0);
	if (child == 0) {
		if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
			_exit(2);
		test();
		_exit(0);
	}
	int status;
	ck_assert(waitpid(child, &status, 0) == child);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %d", status);
}

static void
in_a_read_only_folder(void)
{
	struct err err = {""};
	struct journal_back back;
	struct session *s = session_load("song.desk", 0, &err);
	if (!s)
		_exit(3);
	struct journal *j = journal_new(s);
	struct journal_file *file = journal_file_new("song.desk");
	journal_recover(j, "song.desk", &back);
	if (session_line(s, "strip/kick/fader 1", &err))
		_exit(4);
	size_t len;
	const char *text = journal_text(j, &len);
	journal_file_begin(file, text, len, false);
	if (journal_file_write(file, &err) != -1 || !strstr(err.text, strerror(EACCES)))
		_exit(5);
	if (journal_file_write(file, &err) != -1)
		_exit(6);
	journal_file_free(file);
	journal_free(j);
	session_free(s);
}

START_TEST(goes_on_where_nothing_can_be_written)
{
	enter();
	spill("song.desk", song, sizeof song - 1);
	ck_assert(!chmod("song.desk", 0644) && !chmod(".", 0555));
	as_user(in_a_read_only_folder);
	ck_assert_int_eq(count_files(".song.desk.d"), 0);
	ck_assert(!chmod(".", 0755));
	leave();
}
END_TEST

START_TEST(follows_no_link)
{
	struct err err;
	struct journal_back back;
	size_t len;
	enter();
	spill("song.desk", song, sizeof song - 1);
	spill("victim", "precious", 8);
	ck_assert(!mkdir(".song.desk.d", 0755) && !symlink("../victim", JOURNAL));
	struct session *s = loaded();
	struct kept k = keep(s, &back);
	ck_assert(!back.edits);
	journal_follow(k.journal, put, &k);
	edit(s, "strip/kick/fader 1");
	char *text = slurp("victim", &len);
	ck_assert_str_eq(text, "precious");
	free(text);
	/* a file that is not what was written to it is made anew */
	ck_assert(!unlink(JOURNAL) && !symlink("../victim", JOURNAL));
	edit(s, "strip/kick/fader 2");
	ck_assert(!journal_file_write(k.file, &err));
	text = slurp("victim", &len);
	ck_assert_str_eq(text, "precious");
	free(text);
	drop(&k, s);
	leave();
}
END_TEST

START_TEST(comes_back_when_somebody_removes_it)
{
	struct journal_back back;
	enter();
	spill("song.desk", song, sizeof song - 1);
	struct session *s = loaded();
	struct kept k = keep(s, &back);
	journal_follow(k.journal, put, &k);
	edit(s, "strip/kick/fader 1");
	ck_assert(!system("rm -rf .song.desk.d"));
	edit(s, "strip/snare/fader 2");
	char *there = text_of(s);
	drop(&k, s);
	s = loaded();
	k = keep(s, &back);
	is(s, there);
	ck_assert_uint_eq(back.edits, 2);
	free(there);
	drop(&k, s);
	leave();
}
END_TEST

TEST_MAIN("journal", 60, knows_its_checksum, brings_all_back_with_undo, survives_a_cut_at_every_byte,
          survives_flipped_bytes, begins_anew_after_a_save, undoes_what_was_saved, joins_what_is_one_step,
          keeps_a_journal_of_another_version, knows_that_all_is_saved, brings_back_what_was_never_saved,
          goes_on_after_a_full_disk, goes_on_where_nothing_can_be_written, follows_no_link,
          comes_back_when_somebody_removes_it)
