/* Masters for what is pressed, from the command line: a disc of one song, a plant's profile, a bound on limiting. */
#include "bouncetest.h"

#define RATE 48000

/* A tone below a click twice a second: all of what a limiter sees is the clicks. */
static double
clicks(int64_t t, int c)
{
	return 0.1 * sin(0.05 * (double)t + c) + (t % 24000 == 700 ? 0.6 : 0);
}

/* 100 Hz on the sides alone, 1 kHz in the middle, as loud; clicks above them. */
static double
wide(int64_t t, int c)
{
	double low = 0.1 * sin(2 * M_PI * 100 * (double)t / RATE), mid = 0.1 * sin(2 * M_PI * 1000 * (double)t / RATE);
	return mid + (c ? -low : low) + (t % 24000 == 700 ? 0.6 : 0);
}

START_TEST(test_limiting)
{
	test_begin();
	setenv("XDG_CONFIG_HOME", test_home, 1);
	make_sound("a.wav", 2, RATE, 6 * RATE, clicks, 0);
	/* no loudness: as much as the bound, and no more */
	ck_assert_int_eq(DESK("master a.wav -o b.wav -t cd --limiting=3 --json"), 0);
	ck_assert_msg(fabs(json_number("limited_db") - 3) < 0.1, "%s", read_text("out"));
	double three = json_number("integrated_lufs");
	ck_assert_int_eq(DESK("master a.wav -o b.wav -t cd --limiting=0 --json"), 0);
	ck_assert_msg(json_number("limited_db") < 0.1, "%s", read_text("out"));
	/* each dB into the limiter lifts the tone by one: it holds nearly all of the loudness */
	ck_assert_msg(fabs(three - json_number("integrated_lufs") - 3) < 0.4, "%g", three);
	/* a loudness within the bound is reached, one beyond it is not, and that is said */
	ck_assert_int_eq(DESK("master a.wav -o b.wav --lufs=-22 --ceiling=-1 --limiting=3 --json"), 0);
	ck_assert_msg(fabs(json_number("integrated_lufs") + 22) <= 0.05, "%s", read_text("out"));
	ck_assert_int_eq(DESK("master a.wav -o b.wav --lufs=-9 --ceiling=-1 --limiting=3 --json"), 0);
	ck_assert(json_number("integrated_lufs") < -10);
	ck_assert(json_number("limited_db") <= 3.05);
	SAYS("err", "more would need more than 3.0 dB of limiting");
	ck_assert_int_eq(DESK("master a.wav -o b.wav -t cd"), 2);
	SAYS("err", "--limiting=3");
	ck_assert_int_eq(DESK("master a.wav -o b.wav -t cd --limiting=30"), 2);
	test_end();
}
END_TEST

START_TEST(test_disc)
{
	test_begin();
	setenv("XDG_CONFIG_HOME", test_home, 1);
	make_sound("a.wav", 2, RATE, 5 * RATE + 77, clicks, 0);
	ck_assert_int_eq(DESK("master a.wav -o d.wav -t cd --limiting=3 --disc"), 0);
	struct sound d = read_sound("d.wav");
	ck_assert_int_eq(d.rate, 44100);
	ck_assert_int_eq(d.format & SF_FORMAT_SUBMASK, SF_FORMAT_PCM_16);
	/* the song's frames at 44.1 kHz, filled up to whole sectors: 5 s are 375 of them, the 77 frames begin another */
	ck_assert_int_eq(d.frames, 376 * 588);
	SAYS("d.cue", "FILE \"d.wav\" WAVE");
	SAYS("d.cue", "TITLE \"d\"");
	SAYS("d.cue", "INDEX 01 00:00:00");
	SAYS("d.toc", "FILE \"d.wav\" 00:00:00 00:05:01");
	/* the same again is the same file */
	ck_assert_int_eq(DESK("master a.wav -o e.wav -t cd --limiting=3 --disc"), 0);
	struct sound e = read_sound("e.wav");
	ck_assert(e.frames == d.frames && memcmp(e.x, d.x, (size_t)(2 * d.frames) * sizeof *d.x) == 0);
	/* four seconds at least; and a disc is what it is */
	make_sound("short.wav", 2, RATE, 3 * RATE, clicks, 0);
	ck_assert_int_eq(DESK("master short.wav -o s.wav -t cd --limiting=3 --disc"), 3);
	SAYS("err", "have 4 s at least");
	static const char *const others[] = {"--rate=48000", "--bits=24", "--format=flac", "--mono"};
	for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
		ck_assert_int_eq(DESK("master a.wav -o x.wav -t cd --limiting=3 --disc %s", others[k]), 2);
		ck_assert_int_ne(access("x.wav", F_OK), 0);
	}
	/* one channel goes to both sides */
	make_sound("mono.wav", 1, RATE, 5 * RATE, clicks, 0);
	ck_assert_int_eq(DESK("master mono.wav -o m.wav -t cd --limiting=3 --disc"), 0);
	struct sound m = read_sound("m.wav");
	ck_assert_int_eq(m.channels, 2);
	double most = 0;
	for (int64_t t = 0; t < m.frames; t++)
		most = fmax(most, fabs(m.x[2 * t] - m.x[2 * t + 1]));
	ck_assert_msg(most < 4.0 / 32768, "%g", most); /* each side has a dither of its own */
	test_end();
}
END_TEST

START_TEST(test_plant)
{
	test_begin();
	setenv("XDG_CONFIG_HOME", test_home, 1);
	make_sound("w.wav", 2, RATE, 6 * RATE, wide, 0);
	/* the sides' 100 Hz lie below what the plant has in mono: they are gone */
	ck_assert_int_eq(DESK("master w.wav -o v.wav -t vinyl --limiting=0 --vinyl=vinyl-strict"), 0);
	SAYS("out", "master/stereo/mono 300");
	SAYS("out", "master/hpf/freq 40");
	struct sound v = read_sound("v.wav");
	double side = 0, mid = 0;
	for (int64_t t = RATE; t < 5 * RATE; t++) {
		side += pow(v.x[2 * t] - v.x[2 * t + 1], 2);
		mid += pow(v.x[2 * t] + v.x[2 * t + 1], 2);
	}
	ck_assert_msg(test_db(side / mid) / 2 < -20, "the sides stand at %.1f dB", test_db(side / mid) / 2);
	/* what is lifted where nothing may be is told */
	ck_assert_int_eq(
	    DESK("master w.wav -o v.wav -t vinyl --limiting=0 --vinyl=vinyl-middle --with 'master/eq/6/gain 3'"), 3);
	SAYS("err", "lifts 10000 Hz");
	ck_assert_int_eq(DESK("master w.wav -o v.wav -t vinyl --limiting=0 --vinyl=wax"), 2);
	SAYS("err", "no such profile");
	test_end();
}
END_TEST

TEST_MAIN("pressing", 120, test_limiting, test_disc, test_plant)
