/* The file sink where it cannot write, is killed, refused its place, or meets links: the file is whole, or the old one.
 */
#include "sinktest.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* Calls of the sink that a test lets fail, once, with EIO: the n-th from now on; 0: none. */
static int failing_write, failing_sync, failing_rename;

static int
fails(int *countdown)
{
	errno = EIO;
	return *countdown > 0 && --*countdown == 0;
}

ssize_t
pwrite(int fd, const void *bytes, size_t n, off_t offset)
{
	/* The sink never uses the file's own position. */
	return fails(&failing_write) || lseek(fd, offset, SEEK_SET) < 0 ? -1 : write(fd, bytes, n);
}

int
fsync(int fd)
{
	return fails(&failing_sync) ? -1 : (int)syscall(SYS_fsync, fd);
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	return fails(&failing_rename) ? -1 : (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, 0);
}

static void
write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

static void
assert_text(const char *path, const char *text)
{
	char got[64] = "";
	got[slurp(path, (uint8_t *)got, sizeof got - 1)] = '\0';
	ck_assert_str_eq(got, text);
}

static int
count_parts(void)
{
	DIR *list = opendir(".");
	const struct dirent *entry;
	int found = 0;
	while ((entry = readdir(list)))
		found += strstr(entry->d_name, ".part-") != NULL;
	closedir(list);
	return found;
}

/* Writes until it is killed, having told so through the pipe after a megabyte. */
static void
write_for_ever(int tell)
{
	static const float silence[1024];
	const float *planar[2] = {silence, silence};
	struct sink_spec spec = spec_of("song.wav", SINK_24);
	struct sink *sink = sink_open(&spec, NULL);
	for (int k = 0; sink && k < 200; k++)
		sink_write(sink, planar, 1024, NULL);
	if (write(tell, "x", 1) == 1)
		for (;;)
			pause();
	_exit(1);
}

START_TEST(test_kill)
{
	static const float silence[64];
	const float *planar[2] = {silence, silence};
	enter_folder();
	write_text("song.wav", "old");
	write_text(".song.wav.part-elsewhere-1-00000000", "another host's");
	int tell[2];
	ck_assert_int_eq(pipe(tell), 0);
	pid_t child = fork();
	if (child == 0)
		write_for_ever(tell[1]);
	char c;
	ck_assert_int_eq(read(tell[0], &c, 1), 1);
	ck_assert_int_eq(count_parts(), 2);
	struct sink_spec spec = spec_of("other.wav", SINK_24);
	sink_abort(sink_open(&spec, NULL));
	ck_assert_int_eq(count_parts(), 2); /* a living writer's part stays */
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_text("song.wav", "old");
	ck_assert_int_eq(count_parts(), 2);
	struct sink *sink = sink_open(&spec, NULL);
	ck_assert_ptr_nonnull(sink);
	ck_assert_int_eq(count_parts(), 2); /* the dead one's is gone, ours has come */
	ck_assert_int_eq(sink_write(sink, planar, 64, NULL), 0);
	ck_assert_int_eq(sink_commit(sink, NULL), 0);
	assert_text("song.wav", "old");
	leave_folder(3); /* song, other, the part of another host */
}
END_TEST

/* Writes 6 MB where that cannot go: an error with `word` in it, the old file as it was, nothing left over. */
static void
fail_to_write(const char *path, const char *word)
{
	static float noise[2][1024];
	const float *planar[2] = {noise[0], noise[1]};
	uint64_t seed = 5;
	write_text(path, "old");
	struct sink_spec spec = spec_of(path, SINK_24);
	struct err err = {""};
	struct sink *sink = sink_open(&spec, &err);
	ck_assert_msg(sink != NULL, "%s", err.text);
	int status = 0;
	for (int k = 0; k < 1000 && status == 0; k++) {
		for (int j = 0; j < 1024; j++)
			noise[0][j] = noise[1][j] = (float)test_random(&seed);
		status = sink_write(sink, planar, 1024, &err);
	}
	ck_assert_int_eq(status, -1);
	ck_assert_msg(strstr(err.text, word) != NULL, "%s", err.text);
	err.text[0] = '\0';
	ck_assert_int_eq(sink_commit(sink, &err), -1);
	ck_assert_str_ne(err.text, "");
	assert_text(path, "old");
	ck_assert_int_eq(count_parts(), 0);
}

START_TEST(test_no_room)
{
	enter_folder();
	signal(SIGXFSZ, SIG_IGN);
	struct rlimit was, small;
	getrlimit(RLIMIT_FSIZE, &was);
	small = was;
	small.rlim_cur = 1 << 20;
	setrlimit(RLIMIT_FSIZE, &small);
	fail_to_write("a.wav", "ulimit");
	fail_to_write("b.flac", "ulimit");
	setrlimit(RLIMIT_FSIZE, &was);
	/* More than any disk has: told before a byte is written. */
	struct sink_spec spec = spec_of("a.wav", SINK_24);
	spec.frames_expected = UINT64_C(1) << 58;
	struct err err = {""};
	ck_assert_ptr_null(sink_open(&spec, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "are free"));
	assert_text("a.wav", "old");
	ck_assert_int_eq(count_parts(), 0);
	leave_folder(2);
}
END_TEST

/* A real full disk, where this process may make one. */
START_TEST(test_full_disk)
{
	enter_folder();
	ck_assert_int_eq(mkdir("disk", 0700), 0);
	if (unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("none", "disk", "tmpfs", 0, "size=1m") == 0) {
		ck_assert_int_eq(chdir("disk"), 0);
		fail_to_write("a.wav", "free some space");
		fail_to_write("b.flac", "free some space");
		struct sink_spec spec = spec_of("a.wav", SINK_24);
		spec.frames_expected = 200000;
		ck_assert_ptr_null(sink_open(&spec, NULL));
		ck_assert_int_eq(chdir(".."), 0);
		ck_assert_int_eq(umount("disk"), 0);
	}
	leave_folder(1);
}
END_TEST

/* Opens, writes 2 MB and commits: 0, or -1 from the call that failed. */
static int
write_all_of(const char *path, struct err *err)
{
	static const float silence[1024];
	const float *planar[2] = {silence, silence};
	struct sink_spec spec = spec_of(path, SINK_32);
	struct sink *sink = sink_open(&spec, err);
	int status = sink ? 0 : -1;
	for (int k = 0; k < 256 && status == 0; k++)
		status = sink_write(sink, planar, 1024, err);
	if (sink && status == 0)
		return sink_commit(sink, err);
	sink_abort(sink);
	return status;
}

/* Every single write, the sync and the renaming fail once with an I/O error. */
START_TEST(test_io_errors)
{
	enter_folder();
	write_text("song.wav", "old");
	int writes = 0;
	for (;; writes++) {
		struct err err = {""};
		failing_write = writes + 1;
		int status = write_all_of("song.wav", &err);
		failing_write = 0;
		if (status == 0)
			break;
		ck_assert_ptr_nonnull(strstr(err.text, "song.wav: Input/output error"));
		ck_assert_int_eq(count_parts(), 0);
		assert_text("song.wav", "old");
	}
	ck_assert_int_ge(writes, 9); /* 2 MB through 256 KiB, and the header again */
	write_text("song.wav", "old");
	int *const calls[] = {&failing_sync, &failing_rename};
	for (int k = 0; k < 2; k++) {
		struct err err = {""};
		*calls[k] = 1;
		ck_assert_int_eq(write_all_of("song.wav", &err), -1);
		ck_assert_int_eq(*calls[k], 0);
		ck_assert_ptr_nonnull(strstr(err.text, "song.wav: Input/output error"));
		ck_assert_int_eq(count_parts(), 0);
		assert_text("song.wav", "old");
	}
	failing_sync = 2; /* the folder's: the file is whole and in its place, but the user is told */
	struct err err = {""};
	ck_assert_int_eq(write_all_of("song.wav", &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "is written, but"));
	leave_folder(1);
}
END_TEST

/* Killed at any time, also while it commits: the file is the old one or the new one, whole. */
START_TEST(test_kill_any_time)
{
	uint64_t seed = 21;
	int old = 0, new = 0;
	enter_folder();
	for (int k = 0; k < 40; k++) {
		write_text("song.wav", "old");
		pid_t child = fork();
		if (child == 0)
			_exit(write_all_of("song.wav", NULL) != 0);
		usleep((useconds_t)(5000 + 5000 * test_random(&seed)));
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		struct stat st;
		ck_assert_int_eq(stat("song.wav", &st), 0);
		ck_assert_msg(st.st_size == 3 || st.st_size == 80 + 256 * 1024 * 8, "%lld bytes", (long long)st.st_size);
		old += st.st_size == 3;
		new += st.st_size != 3;
	}
	ck_assert_int_eq(old + new, 40);
	ck_assert_int_eq(write_all_of("song.wav", NULL), 0);
	leave_folder(1); /* with it went what the killed ones left */
}
END_TEST

static const struct {
	const char *path, *word;
	enum sink_format format;
	enum sink_bits bits;
	double rate;
	int channels;
	enum dither dither;
} refused[] = {
    {"folder", "is a folder", SINK_WAV, 0, 48000, 2, 0},     {"folder/", "directory", SINK_WAV, 0, 48000, 2, 0},
    {"pipe.wav", "regular file", 0, 0, 48000, 2, 0},         {"/dev/null", "regular file", SINK_WAV, 0, 48000, 2, 0},
    {"nowhere/a.wav", "make it first", 0, 0, 48000, 2, 0},   {"loop.wav", "symbolic links", 0, 0, 48000, 2, 0},
    {"a.mix", "end the name in", 0, 0, 48000, 2, 0},         {"wav", "end the name in", 0, 0, 48000, 2, 0},
    {"a.opus", "--rate 48000", 0, 0, 44100, 2, 0},           {"a.mp3", "MP3", 0, 0, 96000, 2, 0},
    {"a.flac", "16 or 24", 0, SINK_32F, 48000, 2, 0},        {"a.ogg", "no bits", 0, SINK_16, 48000, 2, 0},
    {"a.wav", "channels", 0, SINK_16, 48000, 3, 0},          {"a.wav", "rate", 0, SINK_16, 44100.5, 2, 0},
    {"a.wav", "dither", 0, SINK_32F, 48000, 2, DITHER_TPDF},
};

START_TEST(test_refused)
{
	enter_folder();
	ck_assert_int_eq(mkdir("folder", 0700), 0);
	ck_assert_int_eq(mkfifo("pipe.wav", 0600), 0);
	ck_assert_int_eq(symlink("loop.wav", "loop.wav"), 0);
	for (size_t row = 0; row < sizeof refused / sizeof *refused; row++) {
		struct sink_spec spec = {refused[row].path,
		                         refused[row].format,
		                         refused[row].bits,
		                         refused[row].rate,
		                         refused[row].channels,
		                         refused[row].dither,
		                         0,
		                         0,
		                         NULL,
		                         0,
		                         NULL};
		struct err err = {""};
		ck_assert_msg(sink_open(&spec, &err) == NULL, "%s", spec.path);
		ck_assert_msg(strstr(err.text, refused[row].word) != NULL, "%s: %s", spec.path, err.text);
	}
	leave_folder(3);
}
END_TEST

START_TEST(test_links)
{
	static const float one[1] = {0.25f};
	struct stat st;
	enter_folder();
	umask(027);
	write_text("real.wav", "old");
	ck_assert_int_eq(link("real.wav", "hard.wav"), 0);
	ck_assert_int_eq(symlink("real.wav", "link.wav"), 0);
	ck_assert_int_eq(symlink("./new.wav", "dangling.wav"), 0);
	ck_assert(sink_would_overwrite("link.wav", "real.wav"));
	ck_assert(sink_would_overwrite("hard.wav", "real.wav"));
	ck_assert(sink_would_overwrite("dangling.wav", "new.wav"));
	ck_assert(sink_would_overwrite("./none.wav", "none.wav"));
	ck_assert(!sink_would_overwrite("none.wav", "real.wav"));
	ck_assert(!sink_would_overwrite("none.wav", "nothing.wav"));
	struct sink_spec spec = spec_of("link.wav", SINK_24);
	write_file(&spec, one, one, 1);
	spec.path = "dangling.wav";
	write_file(&spec, one, one, 1);
	ck_assert(lstat("link.wav", &st) == 0 && S_ISLNK(st.st_mode));
	ck_assert(lstat("dangling.wav", &st) == 0 && S_ISLNK(st.st_mode));
	ck_assert(lstat("real.wav", &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 86 && (st.st_mode & 0777) == 0640);
	ck_assert(lstat("new.wav", &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 86);
	assert_text("hard.wav", "old");
	leave_folder(5);
}
END_TEST

TEST_MAIN("sink-disk", 60, test_kill, test_kill_any_time, test_io_errors, test_no_room, test_full_disk, test_refused,
          test_links)
