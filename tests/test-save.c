#include "tests/desktest.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/sha256.h"
#include "session/session.h"

/* Each test works in a directory of its own, which goes when it ends. */
static char home[16];

static void
enter(void)
{
	strcpy(home, "save-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(home));
	ck_assert(!chdir(home));
}

static void
leave(void)
{
	char command[64];
	ck_assert(!chdir(".."));
	snprintf(command, sizeof command, "rm -rf %s", home);
	ck_assert(!system(command));
}

static char *
slurp(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return NULL;
	char *text = calloc(1, 1 << 20);
	ck_assert_ptr_nonnull(text);
	ck_assert(fread(text, 1, (1 << 20) - 1, file) < (1 << 20) - 1);
	fclose(file);
	return text;
}

static void
file_is(const char *path, const char *expected)
{
	char *text = slurp(path);
	ck_assert_ptr_nonnull(text);
	ck_assert_str_eq(text, expected);
	free(text);
}

static void
spill(const char *path, const char *text)
{
	FILE *file = fopen(path, "wb");
	ck_assert_ptr_nonnull(file);
	ck_assert(fputs(text, file) >= 0);
	ck_assert(!fclose(file));
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
loaded(const char *path)
{
	struct err err = {""};
	struct session *s = session_load(path, 0, &err);
	ck_assert_msg(s != NULL, "%s", err.text);
	return s;
}

static void
saved(struct session *s, const char *path)
{
	struct err err = {""};
	ck_assert_msg(!session_save(s, path, &err), "%s", err.text);
}

static void
line(struct session *s, const char *text)
{
	struct err err = {""};
	ck_assert_msg(!session_line(s, text, &err), "%s", err.text);
}

START_TEST(knows_sha256)
{
	/* FIPS 180-2, appendix B, and the empty message. */
	char hex[65];
	sha256_hex("abc", 3, hex);
	ck_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, hex);
	ck_assert_str_eq(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	sha256_hex("", 0, hex);
	ck_assert_str_eq(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	char *as = malloc(1000000);
	ck_assert_ptr_nonnull(as);
	memset(as, 'a', 1000000);
	sha256_hex(as, 1000000, hex);
	free(as);
	ck_assert_str_eq(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
END_TEST

START_TEST(saves_and_keeps_earlier_copies)
{
	enter();
	struct session *s = session_new();
	struct err err;
	struct stat st;
	char hash[65], kept[65], text[64];
	line(s, "song/title \"One\"");
	ck_assert(session_dirty(s));
	saved(s, "song.desk");
	ck_assert(!session_dirty(s));
	file_is("song.desk", "stemdesk 1\nsong/title \"One\"\n");
	file_is(".song.desk.d/.gitignore", "*\n");
	ck_assert_int_eq(count_files(".song.desk.d/earlier-*"), 0);
	session_hash(s, hash);
	ck_assert(!chmod("song.desk", 0640));
	line(s, "song/title \"Two\"");
	saved(s, "song.desk");
	ck_assert(!stat("song.desk", &st) && (st.st_mode & 07777) == 0640);
	ck_assert_int_eq(count_files(".song.desk.d/earlier-*"), 1);
	char *copy = session_find_copy("song.desk", hash, &err);
	ck_assert_ptr_nonnull(copy);
	file_is(copy, "stemdesk 1\nsong/title \"One\"\n");
	free(copy);
	session_undo(s);
	ck_assert(session_dirty(s));
	session_redo(s);
	ck_assert(!session_dirty(s));
	/* Of many saves the last 50 stay, and what a bounce used. */
	ck_assert(!session_keep_copy(s, "song.desk", kept, &err));
	for (int k = 0; k < 60; k++) {
		snprintf(text, sizeof text, "song/title \"%d\"", k);
		line(s, text);
		saved(s, "song.desk");
	}
	ck_assert_int_eq(count_files(".song.desk.d/earlier-*"), 50);
	ck_assert_int_eq(count_files(".song.desk.d/new-*"), 0);
	ck_assert_ptr_null(session_find_copy("song.desk", hash, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "no copy of the session"));
	copy = session_find_copy("song.desk", kept, &err);
	ck_assert_ptr_nonnull(copy);
	file_is(copy, "stemdesk 1\nsong/title \"Two\"\n");
	free(copy);
	session_hash(s, hash);
	copy = session_find_copy("song.desk", hash, &err);
	ck_assert_str_eq(copy, "song.desk");
	free(copy);
	ck_assert_ptr_null(session_find_copy("song.desk", "../../../etc/passwd", &err));
	session_free(s);
	leave();
}
END_TEST

START_TEST(notices_other_writers)
{
	enter();
	char hash[65];
	struct err err;
	struct session *s = session_new();
	ck_assert(!session_overtaken(s, "song.desk"));
	spill("song.desk", "stemdesk 1\n# theirs\n");
	ck_assert(session_overtaken(s, "song.desk"));
	session_free(s);
	s = loaded("song.desk");
	line(s, "song/title x");
	ck_assert(!session_overtaken(s, "song.desk"));
	spill("song.desk", "stemdesk 1\n# theirs again\n");
	ck_assert(session_overtaken(s, "song.desk"));
	struct session *theirs = loaded("song.desk");
	session_hash(theirs, hash);
	session_free(theirs);
	saved(s, "song.desk");
	ck_assert(!session_overtaken(s, "song.desk"));
	char *copy = session_find_copy("song.desk", hash, &err);
	ck_assert_ptr_nonnull(copy);
	file_is(copy, "stemdesk 1\n# theirs again\n");
	free(copy);
	session_free(s);
	leave();
}
END_TEST

START_TEST(follows_links_of_the_session_alone)
{
	enter();
	struct err err = {""};
	ck_assert(!mkdir("real", 0777) && !symlink("real/song.desk", "link.desk") && !symlink("link.desk", "again.desk"));
	struct session *s = session_new();
	line(s, "song/title \"One\"");
	saved(s, "again.desk");
	file_is("real/song.desk", "stemdesk 1\nsong/title \"One\"\n");
	ck_assert_int_eq(count_files("real/.song.desk.d .link.desk.d"), 1);
	/* A folder beside that is a link leads nowhere. */
	ck_assert(!mkdir("victim", 0777) && !symlink("victim", ".evil.desk.d"));
	ck_assert_int_eq(session_save(s, "evil.desk", &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "a link is not followed"));
	ck_assert_int_eq(count_files("victim/* evil.desk"), 0);
	ck_assert(session_lock("evil.desk", &err) == -1);
	ck_assert(!symlink("loop", "loop"));
	ck_assert_int_eq(session_save(s, "loop", &err), -1);
	ck_assert_int_eq(session_save(s, "real", &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "no ordinary file"));
	ck_assert_int_eq(session_save(s, "nowhere/song.desk", &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "nowhere/: No such file or directory"));
	session_free(s);
	ck_assert_ptr_null(session_load("real", 0, &err));
	ck_assert_ptr_null(session_load("nothing.desk", 0, &err));
	ck_assert_str_eq(err.text, "nothing.desk: No such file or directory");
	leave();
}
END_TEST

START_TEST(says_why_a_folder_is_closed)
{
	enter();
	struct err err = {""};
	spill("song.desk", "stemdesk 1\n");
	ck_assert(!chmod("song.desk", 0444));
	pid_t pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		/* Root may do anything: become somebody else. */
		if (geteuid() == 0 &&
		    (chown(".", 65534, 65534) || chown("song.desk", 65534, 65534) || setgid(65534) || setuid(65534)))
			_exit(10);
		struct session *s = session_load("song.desk", 0, &err);
		if (!s || session_save(s, "song.desk", &err) != -1 || !strstr(err.text, "write-protected"))
			_exit(1);
		if (chmod("song.desk", 0644) || session_save(s, "song.desk", &err))
			_exit(2);
		if (system("rm -rf .song.desk.d") || chmod(".", 0555))
			_exit(3);
		if (session_save(s, "song.desk", &err) != -1 || !strstr(err.text, "Permission denied"))
			_exit(4);
		if (session_lock("song.desk", &err) != -1 || !strstr(err.text, "Permission denied"))
			_exit(5);
		if (chmod(".", 0755))
			_exit(6);
		session_free(s);
		_exit(0);
	}
	int status;
	ck_assert(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	leave();
}
END_TEST

/* A child saves versions of a session over and over until it is killed: one whole version is there, always. */
START_TEST(is_whole_after_a_kill)
{
	enter();
	uint64_t seed = 3;
	struct session *s = session_new();
	line(s, "song/brief \"start\"");
	saved(s, "song.desk");
	session_free(s);
	for (int round = 0; round < 40; round++) {
		pid_t pid = fork();
		ck_assert_int_ge(pid, 0);
		if (!pid) {
			struct err err;
			s = session_load("song.desk", 0, &err);
			static char brief[40000];
			for (int k = 0; s; k++) {
				size_t len = (size_t)snprintf(brief, sizeof brief, "song/brief \"%d-%d ", round, k);
				memset(brief + len, 'x', 30000);
				strcpy(brief + len + 30000, " end\"");
				if (session_line(s, brief, &err) || session_save(s, "song.desk", &err))
					_exit(1);
			}
			_exit(2);
		}
		struct timespec some = {0, 500000 + (long)(fabs(test_random(&seed)) * 15e6)};
		nanosleep(&some, NULL);
		kill(pid, SIGKILL);
		int status;
		ck_assert(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
		s = loaded("song.desk");
		const char *brief = session_song(s)->text[P_BRIEF];
		ck_assert(!strcmp(brief, "start") || !strcmp(brief + strlen(brief) - 4, " end"));
		session_free(s);
	}
	s = loaded("song.desk");
	ck_assert_str_ne(session_song(s)->text[P_BRIEF], "start");
	line(s, "song/brief \"last\"");
	saved(s, "song.desk");
	ck_assert_int_eq(count_files(".song.desk.d/new-*"), 0);
	session_free(s);
	leave();
}
END_TEST

START_TEST(is_whole_on_a_full_disk)
{
	enter();
	struct err err = {""};
	struct session *s = session_new();
	static char brief[9000] = "song/brief \"";
	line(s, "song/title \"One\"");
	saved(s, "song.desk");
	memset(brief + strlen(brief), 'x', 8000);
	strcat(brief, "\"");
	line(s, brief);
	struct rlimit old, little;
	ck_assert(!getrlimit(RLIMIT_FSIZE, &old));
	signal(SIGXFSZ, SIG_IGN);
	for (rlim_t limit = 0; limit < 8000; limit += 1000) {
		little = old;
		little.rlim_cur = limit;
		ck_assert(!setrlimit(RLIMIT_FSIZE, &little));
		int result = session_save(s, "song.desk", &err);
		ck_assert(!setrlimit(RLIMIT_FSIZE, &old));
		ck_assert_int_eq(result, -1);
		ck_assert_ptr_nonnull(strstr(err.text, "the file is as it was: File too large"));
		ck_assert(session_dirty(s));
		file_is("song.desk", "stemdesk 1\nsong/title \"One\"\n");
		ck_assert_int_eq(count_files(".song.desk.d/new-*"), 0);
	}
	saved(s, "song.desk");
	session_free(s);
	s = loaded("song.desk");
	ck_assert_uint_eq(strlen(session_song(s)->text[P_BRIEF]), 8000);
	session_free(s);
	leave();
}
END_TEST

START_TEST(locks)
{
	enter();
	struct err err = {""};
	int ready[2], go[2];
	char byte;
	ck_assert(!pipe(ready) && !pipe(go));
	pid_t pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		close(go[1]);
		byte = session_lock("song.desk", &err) ? 'n' : 'y';
		if (write(ready[1], &byte, 1) != 1 || read(go[0], &byte, 1) < 0)
			_exit(1);
		_exit(0);
	}
	close(go[0]);
	ck_assert(read(ready[0], &byte, 1) == 1 && byte == 'y');
	ck_assert_int_eq(session_lock("song.desk", &err), SESSION_HELD);
	char who[80], host[64];
	ck_assert(!gethostname(host, sizeof host));
	snprintf(who, sizeof who, "song.desk: in use by pid %d, busy just now", (int)pid);
	ck_assert_str_eq(err.text, who);
	/* the lock tells when its user did something last */
	static const struct {
		int seconds;
		const char *words;
	} idle[] = {
	    {65, "idle 1 min"}, {245, "idle 4 min"}, {7140, "idle 119 min"}, {7260, "idle 2 h"}, {86410, "idle 24 h"}};
	for (size_t k = 0; k < sizeof idle / sizeof *idle; k++) {
		const struct timespec when[2] = {{time(NULL) - idle[k].seconds, 0}, {time(NULL) - idle[k].seconds, 0}};
		ck_assert(!utimensat(AT_FDCWD, ".song.desk.d/lock", when, 0));
		ck_assert_int_eq(session_lock("song.desk", &err), SESSION_HELD);
		snprintf(who, sizeof who, "song.desk: in use by pid %d, %s", (int)pid, idle[k].words);
		ck_assert_str_eq(err.text, who);
	}
	session_unlock("song.desk");
	ck_assert_int_eq(session_lock("song.desk", &err), SESSION_HELD);
	/* The holder's saves, and anybody's, leave the lock alone. */
	struct session *s = session_new();
	saved(s, "song.desk");
	line(s, "song/title x");
	saved(s, "song.desk");
	session_free(s);
	ck_assert_int_eq(session_lock("song.desk", &err), SESSION_HELD);
	/* Dead without a word: the next one takes over. */
	kill(pid, SIGKILL);
	ck_assert(waitpid(pid, NULL, 0) == pid);
	ck_assert_int_eq(session_lock("song.desk", &err), 0);
	ck_assert_int_eq(session_lock("song.desk", &err), 0);
	session_unlock("song.desk");
	ck_assert_int_eq(count_files(".song.desk.d/lock"), 0);
	/* A pid that lives but began at another time is not the holder. */
	char text[128];
	snprintf(text, sizeof text, "%s %d 1\n", host, (int)getppid());
	spill(".song.desk.d/lock", text);
	ck_assert_int_eq(session_lock("song.desk", &err), 0);
	/* What is no pid names nobody. */
	snprintf(text, sizeof text, "%s 4294967295 0\n", host);
	spill(".song.desk.d/lock", text);
	ck_assert_int_eq(session_lock("song.desk", &err), 0);
	/* Of another machine nobody knows here. */
	spill(".song.desk.d/lock", "elsewhere 1 1\n");
	ck_assert_int_eq(session_lock("song.desk", &err), SESSION_HELD_FAR);
	ck_assert_str_eq(err.text, "song.desk: in use by pid 1 on elsewhere, busy just now (if it is gone, remove "
	                           ".song.desk.d/lock beside it)");
	ck_assert_int_eq(session_takeover("song.desk", &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "pid 1 on elsewhere"));
	spill(".song.desk.d/lock", "");
	ck_assert_int_eq(session_lock("song.desk", &err), 0);
	session_unlock("song.desk");
	leave();
}
END_TEST

/* Many want a dead holder's lock at once: one gets it. */
START_TEST(one_takes_over)
{
	enter();
	struct err err = {""};
	char text[128], host[64];
	ck_assert(!gethostname(host, sizeof host));
	for (int round = 0; round < 10; round++) {
		int start[2], done[2], got = 0;
		pid_t child[6];
		ck_assert(!session_lock("song.desk", &err));
		session_unlock("song.desk");
		snprintf(text, sizeof text, "%s 1073741822 5\n", host);
		spill(".song.desk.d/lock", text);
		ck_assert(!pipe(start) && !pipe(done));
		for (int k = 0; k < 6; k++) {
			child[k] = fork();
			ck_assert_int_ge(child[k], 0);
			if (child[k])
				continue;
			char byte;
			close(start[1]);
			if (read(start[0], &byte, 1) < 0)
				_exit(1);
			byte = session_lock("song.desk", &err) == 0;
			if (write(done[1], &byte, 1) != 1)
				_exit(1);
			/* Stay alive until all have tried. */
			pause();
			_exit(0);
		}
		close(start[0]);
		close(start[1]);
		for (int k = 0; k < 6; k++) {
			char byte;
			ck_assert(read(done[0], &byte, 1) == 1);
			got += byte;
		}
		for (int k = 0; k < 6; k++) {
			kill(child[k], SIGKILL);
			ck_assert(waitpid(child[k], NULL, 0) == child[k]);
		}
		close(done[0]);
		close(done[1]);
		ck_assert_int_eq(got, 1);
		unlink(".song.desk.d/lock");
	}
	leave();
}
END_TEST

TEST_MAIN("save", 60, knows_sha256, saves_and_keeps_earlier_copies, notices_other_writers,
          follows_links_of_the_session_alone, says_why_a_folder_is_closed, is_whole_after_a_kill,
          is_whole_on_a_full_disk, locks, one_takes_over)
