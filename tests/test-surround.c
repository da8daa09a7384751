/*
 * Loudness of files of more channels than two, as `measure` reads them: what the formulas of ITU-R BS.1770-4 give for
 * tones, by mask and by custom.
 */
#include "bouncetest.h"

#define RATE 48000
#define MOST 8

/* A tone of 1 kHz in each channel for some seconds, dBFS; 0: silence. Then another part, or none. */
struct made {
	int channels, mask; /* mask 0: a plain WAV */
	double seconds;
	double db[2][MOST];
};

/* libsndfile's names of the mask's bits. */
static const int bits[] = {SF_CHANNEL_MAP_LEFT,
                           SF_CHANNEL_MAP_RIGHT,
                           SF_CHANNEL_MAP_CENTER,
                           SF_CHANNEL_MAP_LFE,
                           SF_CHANNEL_MAP_REAR_LEFT,
                           SF_CHANNEL_MAP_REAR_RIGHT,
                           0,
                           0,
                           SF_CHANNEL_MAP_REAR_CENTER,
                           SF_CHANNEL_MAP_SIDE_LEFT,
                           SF_CHANNEL_MAP_SIDE_RIGHT};

static void
make(const char *path, const struct made *m)
{
	SF_INFO info = {.channels = m->channels,
	                .samplerate = RATE,
	                .format = (m->mask ? SF_FORMAT_WAVEX : SF_FORMAT_WAV) | SF_FORMAT_PCM_24};
	SNDFILE *file = sf_open(path, SFM_WRITE, &info);
	int map[MOST], n = 0;
	ck_assert(file != NULL);
	for (size_t bit = 0; bit < sizeof bits / sizeof *bits; bit++)
		if (m->mask >> bit & 1)
			map[n++] = bits[bit];
	if (m->mask) {
		ck_assert_int_eq(n, m->channels);
		ck_assert_int_eq(sf_command(file, SFC_SET_CHANNEL_MAP_INFO, map, (int)sizeof *map * n), SF_TRUE);
	}
	int64_t frames = (int64_t)(m->seconds * RATE);
	double *x = calloc((size_t)(frames * m->channels), sizeof *x);
	for (int part = 0; part < 2 && (part == 0 || m->db[1][0] < 0); part++) {
		for (int64_t t = 0; t < frames; t++)
			for (int c = 0; c < m->channels; c++)
				if (m->db[part][c] < 0)
					x[t * m->channels + c] = pow(10, m->db[part][c] / 20) * sin(2 * M_PI * 1000 * (double)t / RATE);
		ck_assert_int_eq(sf_writef_double(file, x, frames), frames);
	}
	free(x);
	sf_close(file);
}

static double
number(const char *key)
{
	const char *at = strstr(read_text("out"), key);
	ck_assert_msg(at != NULL, "%s", key);
	return strtod(at + strlen(key) + 2, NULL);
}

/*
 * What a tone of 1 kHz reads by channel: full scale on one side is -3.01 LUFS (997 Hz in the standard), so n tones are
 * 10 lg(sum of weight 10^(dB / 10)) - 3.01. Tech 3341, case 6: L R at -28, C at -24, Ls Rs at -30 dBFS are -23 +- 0.1,
 * exactly -23.02.
 */
static const struct row {
	struct made made;
	double weight[MOST];
	const char *speakers;
} rows[] = {
    {{5, 0, 20, {{-28, -28, -24, -30, -30}}}, {1, 1, 1, 1.41, 1.41}, "L R C Ls Rs"},
    {{5, 0x37, 20, {{-28, -28, -24, -30, -30}}}, {1, 1, 1, 1.41, 1.41}, "L R C Ls Rs"},
    {{5, 0x607, 20, {{-28, -28, -24, -30, -30}}}, {1, 1, 1, 1.41, 1.41}, "L R C Ls Rs"},
    {{6, 0, 5, {{-28, -28, -24, -10, -30, -30}}}, {1, 1, 1, 0, 1.41, 1.41}, "L R C LFE Ls Rs"},
    {{6, 0x60f, 5, {{-28, -28, -24, -10, -30, -30}}}, {1, 1, 1, 0, 1.41, 1.41}, "L R C LFE Ls Rs"},
    {{8, 0x63f, 5, {{-30, -30, -30, -5, -20, -20, -25, -25}}}, {1, 1, 1, 0, 1, 1, 1.41, 1.41}, "L R C LFE Lb Rb Ls Rs"},
    {{8, 0, 5, {{-30, -30, -30, -5, -20, -20, -25, -25}}}, {1, 1, 1, 0, 1, 1, 1.41, 1.41}, "L R C LFE Lb Rb Ls Rs"},
    {{4, 0, 5, {{-28, -28, -22, -22}}}, {1, 1, 1.41, 1.41}, "L R Ls Rs"},
    {{4, 0x107, 5, {{-28, -28, -35, -20}}}, {1, 1, 1, 1}, "L R C Cb"},
    {{3, 0, 5, {{-28, -28, -20}}}, {1, 1, 1}, "L R C"},
};

START_TEST(test_weights)
{
	const struct row *row = &rows[_i];
	double power = 0, peak = -HUGE_VAL, wanted;
	char speakers[64];
	test_begin();
	make("a.wav", &row->made);
	for (int c = 0; c < row->made.channels; c++) {
		power += row->weight[c] * pow(10, row->made.db[0][c] / 10);
		peak = fmax(peak, row->made.db[0][c]);
	}
	wanted = 10 * log10(power) - 3.01;
	if (_i == 0)
		ck_assert_double_eq_tol(wanted, -23.02, 0.005);
	ck_assert_int_eq(DESK("measure a.wav --json"), 0);
	ck_assert_double_eq_tol(number("\"integrated_lufs"), wanted, 0.02);
	ck_assert_double_eq_tol(number("\"max_momentary_lufs"), wanted, 0.02);
	ck_assert_double_eq_tol(number("\"max_shortterm_lufs"), wanted, 0.02);
	ck_assert_double_eq_tol(number("\"range_lu"), 0, 0.02);
	ck_assert_double_eq_tol(number("\"true_peak_dbtp"), peak, 0.05);
	snprintf(speakers, sizeof speakers, "\"speakers\":\"%s\"", row->speakers);
	SAYS("out", speakers);
	SAYS("out", "\"correlation\":null");
	/* nobody was told that two meters differ */
	ck_assert_str_eq(read_text("err"), "");
	ck_assert_int_eq(DESK("measure a.wav"), 0);
	SAYS("out", row->speakers);
	SAYS("out", "of mono and stereo alone");
	test_end();
}
END_TEST

/* Tech 3342, case 1, in five channels, and the greatest of both scales: those of the louder part. */
START_TEST(test_range)
{
	const struct made made = {5, 0x37, 20, {{-30, -30, -26, -32, -32}, {-20, -20, -16, -22, -22}}};
	test_begin();
	make("a.wav", &made);
	ck_assert_int_eq(DESK("measure a.wav --json"), 0);
	double loud = 10 * log10(2 * pow(10, -2) + pow(10, -1.6) + 2 * 1.41 * pow(10, -2.2)) - 3.01;
	ck_assert_double_eq_tol(number("\"range_lu"), 10, 0.02);
	ck_assert_double_eq_tol(number("\"max_momentary_lufs"), loud, 0.02);
	ck_assert_double_eq_tol(number("\"max_shortterm_lufs"), loud, 0.02);
	ck_assert_str_eq(read_text("err"), "");
	test_end();
}
END_TEST

static double
silence(int64_t t, int c)
{
	(void)t, (void)c;
	return 0;
}

/* Nobody guesses which is which; and what is of mono and stereo says so. */
START_TEST(test_refused)
{
	const struct made seven = {7, 0, 1, {{-20, -20, -20, -20, -20, -20, -20}}};
	const struct made five = {5, 0, 1, {{-20, -20, -20, -20, -20}}};
	test_begin();
	make("seven.wav", &seven);
	make("five.wav", &five);
	ck_assert_int_eq(DESK("measure seven.wav"), 0);
	SAYS("out", "L R C LFE Cb Ls Rs");
	ck_assert_int_eq(DESK("measure five.wav --reference five.wav"), 1);
	SAYS("err", "5 channels");
	ck_assert_int_eq(DESK("measure five.wav --plot=x.svg"), 1);
	SAYS("err", "mono and stereo");
	ck_assert_int_eq(access("x.svg", F_OK), -1);
	ck_assert_int_eq(DESK("measure five.wav -t ebu-r128"), 3);
	make_sound("nine.wav", 9, RATE, 4800, silence, 0);
	ck_assert_int_eq(DESK("measure nine.wav"), 1);
	SAYS("err", "9 channels");
	SAYS("err", "channel mask");
	test_end();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("surround");
	TCase *tcase = tcase_create("surround");
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, test_weights, 0, (int)(sizeof rows / sizeof *rows));
	tcase_add_test(tcase, test_range);
	tcase_add_test(tcase, test_refused);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
