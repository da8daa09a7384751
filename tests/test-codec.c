/* Round trips through encoders: level, time and peaks of what comes back. */
#include "bouncetest.h"

#include "master/codec.h"
#include "master/speakers.h"

#define FRAMES 480000

static double
tone(int64_t t, int c)
{
	return 0.25 * sin(2 * M_PI * (c ? 440 : 660) * (double)t / 48000);
}

/* As loud as a master gets: a square of many partials whose peaks the encoder's phases put elsewhere. */
static double
square(int64_t t, int c)
{
	return 0.99 * (sin(2 * M_PI * (c ? 220.7 : 110.3) * (double)t / 48000) > 0 ? 1 : -1);
}

START_TEST(test_trip)
{
	struct err err = {""};
	struct codec_trip trip;
	test_begin();
	make_sound("a.wav", 2, 48000, FRAMES, tone, 0);
	make_sound("b.wav", 2, 44100, FRAMES, tone, 0);
	for (const struct codec *c = codecs; c->name; c++) {
		ck_assert_msg(codec_run(c, "a.wav", "back.wav", &trip, &err) == 0, "%s: %s", c->name, err.text);
		measured_fini(&trip.back);
		/* a sine of -15.05 dB mean square on each side, by the weights of BS.1770 at their frequencies */
		double power = (pow(10, speaker_weight(440) / 10) + pow(10, speaker_weight(660) / 10)) / 32;
		ck_assert_double_eq_tol(trip.back.integrated, 10 * log10(power), 0.3);
		ck_assert_double_eq_tol(trip.back.true_peak, -12.04, 1.5); /* it begins at once, which encoders smear */
		ck_assert_int_eq(trip.rate, 48000);
		ck_assert(trip.kbits > 20 && trip.kbits < 400);
		struct sound back = read_sound("back.wav");
		ck_assert_int_eq(back.channels, 2);
		ck_assert_int_ge(back.frames, FRAMES);
		ck_assert_int_le(back.frames, FRAMES + 4800);
	}
	ck_assert_int_eq(codec_run(codec_find("opus"), "b.wav", NULL, &trip, &err), 0);
	measured_fini(&trip.back);
	ck_assert_int_eq(trip.rate, 48000); /* Opus knows no other: converted before */
	ck_assert_int_eq(codec_run(codec_find("mp3"), "none.wav", NULL, &trip, &err), -1);
	ck_assert_ptr_null(codec_find("wax"));
	test_end();
}
END_TEST

START_TEST(test_command)
{
	test_begin();
	make_sound("soft.wav", 2, 48000, 96000, tone, 0);
	make_sound("loud.wav", 2, 48000, 96000, square, 0);
	ck_assert_int_eq(DESK("codec soft.wav"), 0);
	SAYS("out", "vorbis");
	ck_assert_int_eq(DESK("codec loud.wav -c mp3 --json"), 3);
	SAYS("err", "over full scale");
	ck_assert_int_eq(DESK("codec soft.wav -c opus -o back.wav"), 0);
	ck_assert_int_eq(access("back.wav", F_OK), 0);
	ck_assert_int_eq(DESK("codec soft.wav -c opus -o soft.wav"), 2);
	ck_assert_int_eq(DESK("codec soft.wav -o back.wav"), 2);
	ck_assert_int_eq(DESK("codec soft.wav -c wax"), 2);
	ck_assert_int_eq(run("ls -d ${TMPDIR:-/var/tmp}/stemdesk-codec-*"), 2); /* nothing stays behind */
	test_end();
}
END_TEST

TEST_MAIN("codec", 60, test_trip, test_command)
