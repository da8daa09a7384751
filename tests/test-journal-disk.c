/* The journal where its place is full, not to be written, a link, or taken away. */
#include "journaltest.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

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

TEST_MAIN("journal-disk", 60, goes_on_after_a_full_disk, goes_on_where_nothing_can_be_written, follows_no_link,
          comes_back_when_somebody_removes_it)
