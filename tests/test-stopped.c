/* Bounces by the real program that are stopped, killed, without room, or of damaged stems: what is left, and said. */
#include "programtest.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>

#include "base/clock.h"

/* Half an hour of silence and a sound behind it, through strips enough to keep one thread busy for many seconds. */
static void
slow_session(void)
{
	char text[8192] = ONE("kick") "strip/kick/region/r1/at 86400000\n";
	make_sound("kick.wav", 2, RATE, FRAMES, sine, 0);
	for (int k = 0; k < 24; k++)
		snprintf(text + strlen(text), sizeof text - strlen(text),
		         "strip/s%d/name S\nstrip/s%d/comp/on on\nstrip/s%d/sat/on on\nstrip/s%d/eq/1/gain 6\n", k, k, k, k);
	write_text("song.desk", text);
}

/* Waits until the bounce has begun its part file. */
static int
part_is_there(void)
{
	for (int k = 0; k < 10000; k++) {
		int there = 0;
		DIR *dir = opendir(".");
		for (struct dirent *e; dir && (e = readdir(dir));)
			there |= !strncmp(e->d_name, ".m.wav.part-", 12);
		closedir(dir);
		if (there)
			return 1;
		usleep(2000);
	}
	return 0;
}

static pid_t
start_bounce(void)
{
	pid_t pid = fork();
	if (pid == 0) {
		char path[PATH_MAX + 16];
		/* whoever started us may ignore them, as nohup and a shell's & do, and so would the bounce */
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		signal(SIGHUP, SIG_DFL);
		snprintf(path, sizeof path, "%s/stemdesk", test_origin);
		int null = open("/dev/null", O_WRONLY);
		dup2(null, 1);
		dup2(null, 2);
		execl(path, "stemdesk", "bounce", "song.desk", "-o", "m.wav", "--threads", "1", "--mastered", (char *)NULL);
		_exit(127);
	}
	return pid;
}

START_TEST(test_stopped)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	test_begin();
	slow_session();
	for (size_t k = 0; k < 3; k++) {
		write_text("m.wav", "old");
		pid_t pid = start_bounce();
		int status;
		ck_assert(part_is_there());
		ck_assert_int_eq(kill(pid, signals[k]), 0);
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFEXITED(status));
		ck_assert_int_eq(WEXITSTATUS(status), 1);
		ck_assert_str_eq(read_text("m.wav"), "old");
		ck_assert_int_eq(run("ls -A | grep part"), 1);
	}
	test_end();
}
END_TEST

START_TEST(test_killed)
{
	test_begin();
	slow_session();
	write_text("m.wav", "old");
	pid_t pid = start_bounce();
	int status;
	ck_assert(part_is_there());
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	ck_assert_str_eq(read_text("m.wav"), "old");
	ck_assert_int_eq(run("ls -A | grep part"), 0);
	/* what it left goes with the next bounce */
	ck_assert_int_eq(DESK("bounce song.desk -o m.wav --range 0-100"), 0);
	ck_assert_int_eq(run("ls -A | grep part"), 1);
	ck_assert_int_eq(read_sound("m.wav").frames, 100);
	test_end();
}
END_TEST

START_TEST(test_full)
{
	test_begin();
	make_sound("kick.wav", 2, RATE, FRAMES, sine, 0);
	write_text("song.desk", ONE("kick"));
	write_text("m.wav", "old");
	ck_assert_int_eq(run("(ulimit -f 50; %s bounce song.desk -o m.wav)", program), 1);
	SAYS("err", "cannot write m.wav");
	ck_assert_str_eq(read_text("m.wav"), "old");
	ck_assert_int_eq(run("ls -A | grep part"), 1);
	test_end();
}
END_TEST

static double
holes(int64_t t, int c)
{
	return t % 1000 == 7 ? nan("") : t % 1000 == 8 ? HUGE_VAL : sine(t, c);
}

START_TEST(test_bad_samples)
{
	test_begin();
	make_sound("kick.wav", 2, RATE, FRAMES, holes, 0);
	write_text("song.desk", ONE("kick") "strip/kick/comp/on on\nstrip/kick/eq/2/gain 6\nbus/verb/name v\n"
	                                    "bus/verb/reverb/on on\nstrip/kick/send/verb/level 0\n");
	ck_assert_int_eq(DESK("bounce song.desk -o m.wav --bits 32f"), 0);
	SAYS("err", "kick.wav: 96 samples are no numbers"); /* 24 times 2 of 2 channels */
	struct sound m = read_sound("m.wav");
	for (int64_t k = 0; k < 2 * m.frames; k++)
		ck_assert(isfinite(m.x[k]) && fabs(m.x[k]) < 4);
	test_end();
}
END_TEST

/* A WAV with a chunk that leads back to itself, on which the packaged libsndfile never returns. */
static void
make_damaged(const char *path)
{
	make_sound(path, 2, RATE, FRAMES, sine, 0);
	FILE *file = fopen(path, "r+b");
	ck_assert_ptr_nonnull(file);
	fseek(file, 16, SEEK_SET);
	fwrite("\xf8\xff\xff\xff", 1, 4, file); /* the format chunk's size: minus eight */
	fclose(file);
}

START_TEST(test_damaged)
{
	test_begin();
	make_sound("kick.wav", 2, RATE, FRAMES, sine, 0);
	make_damaged("bad.wav");
	write_text("song.desk", ONE("kick") REGION("bad"));
	double began = clock_seconds();
	ck_assert_int_eq(DESK("bounce song.desk -o m.wav"), 1);
	ck_assert_double_le(clock_seconds() - began, 20); /* it does not hang */
	SAYS("err", "bad.wav");
	SAYS("err", "damaged");
	SAYS("err", "--skip-bad");
	ck_assert_int_ne(access("m.wav", F_OK), 0);
	ck_assert_int_eq(DESK("bounce song.desk -o m.wav --bits 32f --skip-bad"), 0);
	SAYS("err", "bad.wav");
	struct sound m = read_sound("m.wav"), kick = read_sound("kick.wav");
	ck_assert_double_eq(sound_difference(&m, &kick, 0), 0);
	/* gone, and empty */
	ck_assert_int_eq(run("rm bad.wav"), 0);
	ck_assert_int_eq(DESK("bounce song.desk -o m.wav"), 1);
	SAYS("err", "bad.wav");
	make_sound("bad.wav", 2, RATE, 0, sine, 0);
	ck_assert_int_eq(DESK("bounce song.desk -o m.wav"), 1);
	SAYS("err", "bad.wav");
	ck_assert_int_eq(run(": >bad.wav"), 0);
	ck_assert_int_eq(DESK("bounce song.desk -o m.wav"), 1);
	SAYS("err", "bad.wav");
	test_end();
}
END_TEST

START_TEST(test_nothing)
{
	test_begin();
	write_text("song.desk", "stemdesk 1\n");
	ck_assert_int_eq(DESK("bounce song.desk -o m.wav"), 1);
	SAYS("err", "nothing to write");
	ck_assert_int_eq(DESK("bounce song.desk --stems s --range 0-100"), 1);
	SAYS("err", "no strip");
	ck_assert_int_eq(DESK("bounce song.desk -o m.wav --range 0-1000"), 0); /* silence that was asked for */
	ck_assert_int_eq(read_sound("m.wav").frames, 1000);
	test_end();
}
END_TEST

TEST_MAIN("stopped", 120, test_stopped, test_killed, test_full, test_bad_samples, test_damaged, test_nothing)
