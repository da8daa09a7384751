/* What speakers make of strips: levels, sides and noise by formula. */
#include "bouncetest.h"

#include "dsp/sbc.h"
#include "master/translate.h"

#define RATE 48000
#define FRAMES (12 * RATE)

static double hertz, side;

static double
tone(int64_t t, int c)
{
	return (c ? side : 1) * 0.1 * sin(2 * M_PI * hertz * (double)t / RATE);
}

static void
make(const char *path, double of, double other)
{
	hertz = of;
	side = other;
	make_sound(path, 2, RATE, FRAMES, tone, 0);
}

static struct translation
play(const char *text)
{
	struct err err = {""};
	struct translation t;
	struct session *s = session_new();
	ck_assert_msg(session_parse(s, text, strlen(text), "test", 0, &err) == 0, "%s", err.text);
	struct stems *stems = stems_new(s, "song.desk", 0, NULL, NULL);
	ck_assert_msg(translate_session(s, stems, NULL, NULL, &t, &err) == 0, "%s", err.text);
	stems_free(stems);
	session_free(s);
	return t;
}

/* The mean of a third's gain is that of its middle for a tone that lies there. */
START_TEST(test_levels)
{
	const struct speaker box = {.low = 500,
	                            .low_slope = 24,
	                            .high = 20000,
	                            .high_slope = 6,
	                            .mono = 0,
	                            .bell = 1000,
	                            .bell_gain = 0,
	                            .bell_q = 1,
	                            .noise = (double)NAN};
	struct translate_loss loss;
	test_begin();
	make("low.wav", 63.1, 1);
	make("mid.wav", 2000, 1);
	struct translation t = play("stemdesk 1\nstrip/low/name Low\nstrip/low/region/r/file low.wav\n"
	                            "strip/low/region/r/fade-in 1s\nstrip/low/region/r/fade-out 1s\n"
	                            "strip/mid/name Mid\nstrip/mid/region/r/file mid.wav\n");
	ck_assert_uint_eq(t.parts, 3);
	ck_assert_str_eq(t.part[0].name, "Low");
	ck_assert_str_eq(balance_name(t.part[0].heaviest), "63");
	ck_assert_str_eq(balance_name(t.part[1].heaviest), "2k");
	translate_judge(&box, &t.part[0], &t.part[2], &loss);
	ck_assert_double_eq_tol(loss.change, -10 * log10(1 + pow(500 / 63.1, 8)), 0.3);
	ck_assert(loss.lost);
	translate_judge(&box, &t.part[1], &t.part[2], &loss);
	ck_assert_double_eq_tol(loss.change, -10 * log10(1 + pow(2000 / 20000.0, 2)), 0.1);
	ck_assert(!loss.lost);
	translation_fini(&t);
	test_end();
}
END_TEST

/* One side upside down is gone in mono, and below the frequency where only the bass is mono. */
START_TEST(test_sides)
{
	struct translate_loss loss;
	test_begin();
	make("wide.wav", 50, -1);
	make("mid.wav", 1000, 1);
	struct translation t = play("stemdesk 1\nstrip/wide/name Wide\nstrip/wide/region/r/file wide.wav\n"
	                            "strip/mid/name Mid\nstrip/mid/region/r/file mid.wav\n");
	translate_judge(speaker_find("mono"), &t.part[0], &t.part[2], &loss);
	ck_assert(loss.lost);
	ck_assert_double_lt(loss.side, -60);
	const struct speaker bass = {.low = 1,
	                             .low_slope = 6,
	                             .high = 1e6,
	                             .high_slope = 6,
	                             .mono = 120,
	                             .bell = 1000,
	                             .bell_q = 1,
	                             .noise = (double)NAN};
	translate_judge(&bass, &t.part[0], &t.part[2], &loss);
	ck_assert_double_eq_tol(loss.change, -10 * log10(1 + pow(120 / 50.0, 8)), 0.5);
	translate_judge(&bass, &t.part[1], &t.part[2], &loss);
	ck_assert_double_eq_tol(loss.change, 0, 0.05);
	translation_fini(&t);
	test_end();
}
END_TEST

/* A soft strip below the noise drowns, one that only sounds now and then is judged by when it does. */
START_TEST(test_noise)
{
	const struct speaker road = {.low = 1,
	                             .low_slope = 6,
	                             .high = 1e6,
	                             .high_slope = 6,
	                             .mono = 0,
	                             .bell = 1000,
	                             .bell_q = 1,
	                             .noise = -10,
	                             .noise_slope = 0};
	struct translate_loss loss;
	double sum = 0;
	for (int b = 0; b < BALANCE_BANDS; b++)
		sum += pow(10, (speaker_noise(&road, b) + speaker_weight(balance_hertz(b))) / 10);
	ck_assert_double_eq_tol(10 * log10(sum), -10, 1e-9);   /* the noise is as loud as it says */
	ck_assert_double_eq_tol(speaker_weight(997), 0, 0.02); /* BS.1770: a tone of 997 Hz reads its level */
	test_begin();
	make("loud.wav", 1000, 1);
	make("soft.wav", 400, 1);
	struct translation t = play("stemdesk 1\nstrip/loud/name Loud\nstrip/loud/region/r/file loud.wav\n"
	                            "strip/soft/name Soft\nstrip/soft/region/r/file soft.wav\nstrip/soft/fader -40\n"
	                            "strip/hit/name Hit\nstrip/hit/region/r/file soft.wav\n"
	                            "strip/hit/region/r/length 48000smp\nstrip/hit/fader -6\n");
	translate_judge(&road, &t.part[0], &t.part[3], &loss);
	ck_assert(!loss.lost);
	translate_judge(&road, &t.part[1], &t.part[3], &loss);
	ck_assert(loss.lost && loss.drowned > 0.9 && loss.against > -3);
	ck_assert_double_eq_tol(t.part[2].sounds, 1.0 / 14, 0.02);
	translate_judge(&road, &t.part[2], &t.part[3], &loss);
	ck_assert(!loss.lost);
	translation_fini(&t);
	test_end();
}
END_TEST

static double
hiss(int64_t t, int c)
{
	uint64_t seed = (uint64_t)(2 * t + c) * 0x9e3779b97f4a7c15u;
	test_random(&seed);
	return 0.3 * test_random(&seed);
}

/* What a codec adds to a song is the difference of the two; a strip below it is lost there, and nowhere else. */
START_TEST(test_codec)
{
	const struct speaker *blue = speaker_find("bluetooth"), *wire = speaker_find("laptop");
	static struct sbc sbc;
	struct translate_loss loss;
	char words[80];
	test_begin();
	make("soft.wav", 3150, 1);
	make_sound("hiss.wav", 2, RATE, FRAMES, hiss, 0);
	struct translation t = play("stemdesk 1\nstrip/hiss/name Hiss\nstrip/hiss/region/r/file hiss.wav\n"
	                            "strip/soft/name Soft\nstrip/soft/region/r/file soft.wav\nstrip/soft/fader -60\n"
	                            "strip/less/name Less\nstrip/less/region/r/file soft.wav\nstrip/less/fader -10\n");
	const struct translate_part *mix = &t.part[3];
	translate_judge(blue, &t.part[1], mix, &loss);
	ck_assert(loss.lost && loss.coded > 0.9 && loss.drowned > 0.9 && loss.added > 0);
	translate_judge(wire, &t.part[1], mix, &loss);
	ck_assert(!loss.lost && loss.coded == 0 && loss.added < -1000);
	translate_judge(blue, &t.part[2], mix, &loss);
	ck_assert(!loss.lost && loss.coded < 0.1 && loss.added < 0);
	/* all thirds together, against the codec alone */
	double error = 0, *in = calloc(FRAMES, 2 * sizeof *in);
	int late = sbc_latency(RATE);
	ck_assert_ptr_nonnull(in);
	sbc_init(&sbc, RATE);
	for (int f = 0; f < FRAMES; f++) {
		double x[2];
		for (int c = 0; c < 2; c++)
			x[c] = in[2 * f + c] = hiss(f, c) + tone(f, c) * (pow(10, -0.5) + 0.001);
		sbc_step(&sbc, x);
		for (int c = 0; c < 2 && f >= late; c++)
			error += pow(x[c] - in[2 * (f - late) + c], 2) / FRAMES;
	}
	free(in);
	/* thirds end at 22.4 kHz, with half of the last band, which gets the fewest bits */
	double all = balance_whole(mix->coded);
	ck_assert(all < 10 * log10(error) && all > 10 * log10(error) - 1.5);
	speaker_words(blue, 48000, words, sizeof words);
	ck_assert_str_eq(words, "Bluetooth speaker (SBC 345 kb/s)");
	speaker_words(blue, 88200, words, sizeof words);
	ck_assert_str_eq(words, "Bluetooth speaker (SBC 328 kb/s)");
	speaker_words(wire, 48000, words, sizeof words);
	ck_assert_str_eq(words, wire->title);
	translation_fini(&t);
	test_end();
}
END_TEST

START_TEST(test_command)
{
	test_begin();
	make("low.wav", 50, 1);
	make("mid.wav", 2000, 1);
	write_text("s.desk", "stemdesk 1\nstrip/low/name Sub\nstrip/low/region/r/file low.wav\n"
	                     "strip/mid/name Mid\nstrip/mid/region/r/file mid.wav\n");
	ck_assert_int_eq(DESK("translate s.desk"), 0);
	SAYS("out", "phone on the table loses\n  Sub:");
	ck_assert_int_eq(DESK("translate s.desk -s phone --json"), 0);
	SAYS("out", "\"name\":\"Sub\"");
	ck_assert_int_eq(DESK("translate mid.wav"), 0);
	SAYS("out", "the mix itself");
	SAYS("out", "Bluetooth speaker (SBC 345 kb/s): the codec adds noise ");
	ck_assert_int_eq(DESK("translate s.desk -s bluetooth"), 0);
	SAYS("out", "dB below Sub\n");
	ck_assert_int_eq(DESK("translate s.desk -s bluetooth --json"), 0);
	SAYS("out", "\"codec_kbits\":345,");
	ck_assert_int_eq(DESK("translate --list"), 0);
	SAYS("out", "earbuds");
	SAYS("out", "SBC 328 kb/s (345 at 48 kHz); bass tuned up");
	ck_assert_int_eq(DESK("translate s.desk -s nothing"), 2);
	ck_assert_int_eq(DESK("translate"), 2);
	for (const struct speaker *s = speakers; s->name; s++)
		ck_assert(s->low > 0 && s->high > s->low && s->low_slope % 6 == 0 && s->bell_q > 0 && *s->note);
	test_end();
}
END_TEST

TEST_MAIN("translate", 60, test_levels, test_sides, test_noise, test_codec, test_command)
