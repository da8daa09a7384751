/* Many masters in one go: one channel, several jobs, reports, names, what is left alone; and lines, trims and fades. */
#include "bouncetest.h"

#include <ebur128.h>

#define RATE 24000
#define FRAMES (2 * RATE)

static double level;

/* Syllables of a tone with harmonics, as loud as `level`. */
static double
speech(int64_t t, int c)
{
	double at = (double)t / RATE, in = fmod(at, 0.22), swell = in < 0.16 ? sin(M_PI * in / 0.16) : 0;
	(void)c;
	return level * swell *
	       (sin(2 * M_PI * 140 * at) + 0.5 * sin(2 * M_PI * 840 * at) + 0.2 * sin(2 * M_PI * 2900 * at));
}

static void
make_files(int count)
{
	ck_assert_int_eq(mkdir("in", 0777), 0);
	for (int k = 0; k < count; k++) {
		char name[32];
		snprintf(name, sizeof name, "in/%d.wav", k);
		level = 0.02 + 0.03 * k;
		make_sound(name, 1, RATE, FRAMES, speech, 0);
	}
}

/* What libebur128 reads in a file of one channel. */
static double
loudness(const char *path)
{
	struct sound x = read_sound(path);
	ck_assert_int_eq(x.channels, 1);
	ebur128_state *e = ebur128_init(1, RATE, EBUR128_MODE_I);
	double lufs;
	ck_assert_int_eq(ebur128_add_frames_double(e, x.x, (size_t)x.frames), 0);
	ck_assert_int_eq(ebur128_loudness_global(e, &lufs), 0);
	ebur128_destroy(&e);
	return lufs;
}

static int
lines_of(const char *path, const char *with)
{
	char text[1 << 16];
	int count = 0;
	snprintf(text, sizeof text, "%s", read_text(path));
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		count += strstr(line, with) != NULL;
	return count;
}

START_TEST(test_jobs)
{
	test_begin();
	make_files(7);
	ck_assert_int_eq(DESK("master in/*.wav --into one --lufs=-20 --ceiling=-1"), 0);
	ck_assert_int_eq(DESK("master in/*.wav --into many --lufs=-20 --ceiling=-1 --jobs 3 --csv"), 0);
	ck_assert_int_eq(lines_of("out", ""), 8);
	ck_assert_int_eq(lines_of("out", "file,input,status,"), 1);
	ck_assert_int_eq(lines_of("out", ",done,"), 7);
	for (int k = 0; k < 7; k++) {
		char name[2][32], *kept;
		snprintf(name[0], sizeof *name, "one/%d.wav", k);
		snprintf(name[1], sizeof *name, "many/%d.wav", k);
		ck_assert_msg(fabs(loudness(name[0]) + 20) <= 0.05, "%s: %g", name[0], loudness(name[0]));
		struct sound a = read_sound(name[0]), b = read_sound(name[1]);
		ck_assert_int_eq(a.frames, FRAMES);
		ck_assert(sound_difference(&a, &b, 0) == 0);
		/* told in the order of the inputs */
		snprintf(name[0], sizeof *name, "\nmany/%d.wav,in/%d.wav,", k, k);
		kept = strstr(read_text("out"), name[0]);
		ck_assert_ptr_nonnull(kept);
		ck_assert_int_eq(lines_of("out", name[0] + 1), 1);
	}
	test_end();
}
END_TEST

/* One that cannot be read ends the work, or is told and passed by; what is newer than its input is left alone. */
START_TEST(test_going_on)
{
	struct stat before, after;
	test_begin();
	make_files(4);
	write_text("in/1.wav", "no sound at all");
	ck_assert_int_eq(DESK("master in/*.wav --into out1 --lufs=-20"), 1);
	ck_assert_int_eq(access("out1/0.wav", F_OK), 0);
	ck_assert_int_eq(access("out1/2.wav", F_OK), -1);
	for (int jobs = 1; jobs <= 2; jobs++) {
		ck_assert_int_eq(DESK("master in/*.wav --into out%d --lufs=-20 --keep-going --jobs %d --json", jobs, jobs), 1);
		ck_assert_int_eq(lines_of("out", "\"status\":\"done\""), 3);
		ck_assert_int_eq(lines_of("out", "\"status\":\"failed\""), 1);
		SAYS("err", "in/1.wav");
	}
	level = 0.1;
	make_sound("in/1.wav", 1, RATE, FRAMES, speech, 0);
	ck_assert_int_eq(stat("out2/0.wav", &before), 0);
	ck_assert_int_eq(DESK("master in/*.wav --into out2 --lufs=-20 --resume --jobs 2 --csv"), 0);
	ck_assert_int_eq(lines_of("out", ",kept,"), 3);
	ck_assert_int_eq(lines_of("out", ",done,"), 1);
	ck_assert_int_eq(lines_of("out", ",-20.0"), 4);
	ck_assert_int_eq(stat("out2/0.wav", &after), 0);
	ck_assert(before.st_ino == after.st_ino && before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
	ck_assert(fabs(loudness("out2/1.wav") + 20) <= 0.05);
	/* those that are there have another loudness than what is asked for now */
	ck_assert_int_eq(DESK("master in/*.wav --into out2 --lufs=-22 --resume --csv"), 0);
	ck_assert_int_eq(lines_of("out", ",kept,"), 0);
	ck_assert(fabs(loudness("out2/3.wav") + 22) <= 0.05);
	test_end();
}
END_TEST

START_TEST(test_names)
{
	test_begin();
	make_files(2);
	ck_assert_int_eq(mkdir("more", 0777), 0);
	make_sound("more/0.wav", 1, RATE, FRAMES, speech, 0);
	ck_assert_int_eq(DESK("master in/0.wav more/0.wav --into out1 --lufs=-20"), 2);
	SAYS("err", "two inputs");
	ck_assert_int_eq(DESK("master in/0.wav more/0.wav --into out1 -t podcast --lufs=-20 --name '{number} "
	                      "{folder}-{name} {target} {lufs}'"),
	                 0);
	ck_assert_int_eq(access("out1/01 in-0 podcast -20.wav", F_OK), 0);
	ck_assert_int_eq(access("out1/02 more-0 podcast -20.wav", F_OK), 0);
	ck_assert_int_eq(DESK("master in/0.wav --into out1 --lufs=-20 --name '{nam}'"), 2);
	SAYS("err", "there is no {nam}");
	ck_assert_int_eq(DESK("master in/0.wav -o x.wav --lufs=-20 --name '{name}'"), 2);
	test_end();
}
END_TEST

static double
noise(int64_t t, int c)
{
	static uint64_t seed = 77;
	(void)t;
	(void)c;
	double x = 0.5 * pow(test_random(&seed), 9); /* peaks far above its loudness, as a mix has them */
	return fabs(x) < 1e-30 ? 0 : x;              /* smaller ones count as nothing in the engine */
}

/* A tone with a knock on it twice a second. */
static double
knocks(int64_t t, int c)
{
	double at = (double)t / RATE, in = fmod(at, 0.5);
	return 0.05 * sin(2 * M_PI * (c ? 330 : 440) * at) + 0.8 * exp(-in * 60) * sin(2 * M_PI * 700 * in);
}

/* The loudest honest master says how loud that is; a little more is told, much more is told loudly. */
START_TEST(test_cost)
{
	test_begin();
	make_sound("a.wav", 2, RATE, 4 * FRAMES, knocks, 0);
	ck_assert_int_eq(DESK("master a.wav -o loud.wav --lufs=-3 --json"), 3);
	double honest = json_number("honest_lufs");
	ck_assert(honest < -3 && honest > -20);
	SAYS("err", "TOO LOUD");
	ck_assert_int_eq(DESK("master a.wav -o some.wav --lufs=%.2f --json", honest + 1), 0);
	double limited = json_number("limited_db");
	ck_assert_msg(limited > 3 && limited <= 6, "%g", limited);
	SAYS("err", "the limiter takes off");
	SAYS("err", "loudest master with 3 dB");
	test_end();
}
END_TEST

/* --trim and the fades are exact to the frame; --with sets what a session can; --mono takes the middle. */
START_TEST(test_lines)
{
	test_begin();
	make_sound("a.wav", 2, 48000, 96000, noise, 0);
	struct sound a = read_sound("a.wav");
	/* the limiter and its gain do nothing at this loudness but scale */
	ck_assert_int_eq(DESK("master a.wav -o b.wav --lufs=-30 --bits 32f --trim 1000smp-25000smp --fade-in 100smp --with "
	                      "'master/fade/shape line'"),
	                 0);
	struct sound b = read_sound("b.wav");
	ck_assert_int_eq(b.frames, 24000);
	double gain = b.x[2 * 12000] / a.x[2 * 13000];
	for (int t = 0; t < 24000; t++) {
		double wanted = gain * a.x[2 * (t + 1000)] * (t < 100 ? t / 100.0 : 1);
		ck_assert_msg(fabs(b.x[2 * t] - wanted) < 1e-7, "frame %d: %g, should be %g", t, b.x[2 * t], wanted);
	}
	ck_assert_int_eq(
	    DESK("master a.wav -o c.wav --lufs=-30 --trim 1.5s- --with 'master/gap/before 480smp' --fade-out 10ms"), 0);
	struct sound c = read_sound("c.wav");
	ck_assert_int_eq(c.frames, 24000 + 480);
	ck_assert(c.x[2 * 479] == 0 && c.x[2 * (c.frames - 1)] == 0);
	ck_assert_int_eq(DESK("master a.wav -o c.wav --lufs=-30 --mono --bits 32f"), 0);
	c = read_sound("c.wav");
	ck_assert_int_eq(c.channels, 1);
	gain = c.x[5000] / (a.x[10000] + a.x[10001]);
	for (int t = 100; t < 90000; t++)
		ck_assert(fabs(c.x[t] - gain * (a.x[2 * t] + a.x[2 * t + 1])) < 1e-7);
	/* in turn: the later one holds */
	write_text("chain.desk", "stemdesk 1\nmaster/cut/to 48000smp\nmaster/cut/from 100smp\n");
	ck_assert_int_eq(DESK("master a.wav -o c.wav --lufs=-30 --with chain.desk --with 'master/cut/from 1000smp'"), 0);
	ck_assert_int_eq(read_sound("c.wav").frames, 47000);
	remove("c.wav");
	ck_assert_int_eq(DESK("master a.wav -o c.wav --lufs=-30 --with 'master/nothing/on on'"), 1);
	SAYS("err", "master/nothing/on");
	ck_assert_int_eq(DESK("master a.wav -o c.wav --lufs=-30 --trim 3"), 2);
	ck_assert_int_eq(DESK("master a.wav -o c.wav --lufs=-30 --trim 9s-"), 1);
	ck_assert_int_eq(access("c.wav", F_OK), -1);
	test_end();
}
END_TEST

/* 0.2 s of silence, noise, 0.1 s of almost nothing. */
static double
between(int64_t t, int c)
{
	return t < 9600 ? 0 : t >= 91200 ? 0.0005 : noise(t, c);
}

/* What the mix was like, told beside what became of it: by its formulas. */
START_TEST(test_source)
{
	test_begin();
	make_sound("b.wav", 2, 48000, 96000, between, 0);
	ck_assert_int_eq(DESK("master b.wav -o c.wav --lufs=-30 --with 'master/eq/1/gain 6' --json"), 0);
	const char *out = read_text("out");
	ck_assert(fabs(strtod(strstr(out, "source_head_seconds\":") + 21, NULL) - 0.2) < 0.001);
	ck_assert(fabs(strtod(strstr(out, "source_tail_seconds\":") + 21, NULL) - 0.1) < 0.001);
	/* sides that have nothing to do with each other: correlation 0, half the power in mono */
	ck_assert(fabs(strtod(strstr(out, "source_correlation\":") + 20, NULL)) < 0.02);
	ck_assert(fabs(strtod(strstr(out, "source_mono_db\":") + 16, NULL) - 3.01) < 0.1);
	ck_assert_int_eq(DESK("measure b.wav --json"), 0);
	double lufs = json_number("integrated_lufs");
	ck_assert_int_eq(DESK("master b.wav -o c.wav --lufs=-30 --with 'master/eq/1/gain 6' --json"), 0);
	ck_assert(fabs(json_number("source_lufs") - lufs) < 0.02);
	test_end();
}
END_TEST

/* A song given to the desk goes into the master as it is, bit by bit, of one channel too; and the master is heard. */
START_TEST(test_desk)
{
	test_begin();
	setenv("XDG_RUNTIME_DIR", test_home, 1);
	make_sound("b.wav", 2, 48000, 48000, noise, 0);
	level = 0.3;
	make_sound("m.wav", 1, 48000, 48000, speech, 0);
	for (int mono = 0; mono < 2; mono++) {
		const char *name = mono ? "m" : "b";
		ck_assert_int_eq(run("printf 'status\\nsave\\nexit\\n' | %s --plain -D null %s.wav", program, name), 0);
		SAYS("out", "monitor: master");
		ck_assert_int_eq(DESK("bounce %s.desk -o x.wav --bits 32f", name), 0);
		ck_assert_int_eq(DESK("bounce %s.desk -o y.wav --bits 32f --mastered", name), 0);
		char wav[8];
		snprintf(wav, sizeof wav, "%s.wav", name);
		struct sound a = read_sound(wav), x = read_sound("x.wav"), y = read_sound("y.wav");
		ck_assert_int_eq(x.frames, a.frames);
		for (int64_t t = 0; t < a.frames; t++)
			for (int c = 0; c < 2; c++) {
				double wanted = a.x[t * a.channels + (mono ? 0 : c)];
				ck_assert_msg(x.x[2 * t + c] == wanted, "%s, frame %d: %.9g, should be %.9g", name, (int)t,
				              x.x[2 * t + c], wanted);
				ck_assert(y.x[2 * t + c] == x.x[2 * t + c]);
			}
	}
	/* the session is there now, and opens with what it holds */
	ck_assert_int_eq(DESK("set b.desk 'master/eq/1/gain 2'"), 0);
	ck_assert_int_eq(run("printf 'get master/eq/1/gain\\nquit\\n' | %s --plain -D null b.wav", program), 0);
	SAYS("out", "master/eq/1/gain 2");
	test_end();
}
END_TEST

TEST_MAIN("batch", 120, test_jobs, test_going_on, test_names, test_cost, test_lines, test_source, test_desk)
