/* The table of targets: all places are in it, the user's rows join it, and verdicts follow the places' own words. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "desktest.h"
#include "master/targets.h"

static struct targets
built_in(void)
{
	struct targets t;
	struct err err = {""};
	ck_assert_msg(targets_parse(&t, "", 0, "none", &err) == 0, "%s", err.text);
	return t;
}

static struct target
named(const struct targets *t, const char *name)
{
	const struct target *row = targets_find(t, name);
	ck_assert_msg(row != NULL, "%s", name);
	return *row;
}

/* The figures that a master is delivered by: EBU R 128, ATSC A/85, AES77 and what the services state. */
static const struct figures {
	const char *name;
	double lufs, tolerance, ceiling;
} figures[] = {
    {"spotify", -14, -1, -1},      {"spotify-loud", -11, -1, -1}, {"spotify-quiet", -19, -1, -1},
    {"apple-music", -16, -1, -1},  {"youtube", -14, -1, -1},      {"tidal", -14, -1, -1},
    {"amazon-music", -14, -1, -2}, {"deezer", -15, -1, -1},       {"ebu-r128", -23, 0.2, -1},
    {"atsc-a85", -24, 2, -2},      {"aes77-track", -16, 1, -1},   {"aes77-album", -14, 1, -1},
    {"aes77-speech", -18, 1, -1},  {"podcast", -16, 1, -1},
};

START_TEST(test_figures)
{
	struct targets t = built_in();
	for (size_t k = 0; k < sizeof figures / sizeof *figures; k++) {
		struct target row = named(&t, figures[k].name);
		ck_assert_msg(row.lufs == figures[k].lufs && row.ceiling == figures[k].ceiling, "%s", row.name);
		ck_assert_msg(figures[k].tolerance < 0 ? isnan(row.tolerance) : row.tolerance == figures[k].tolerance, "%s",
		              row.name);
	}
	static const char *const without[] = {"soundcloud", "bandcamp", "cd", "cd-safe", "vinyl"};
	for (size_t k = 0; k < sizeof without / sizeof *without; k++)
		ck_assert(isnan(named(&t, without[k]).lufs));
	named(&t, "club");
	ck_assert(named(&t, "cd").ceiling == -0.1 && named(&t, "cd-safe").ceiling == -1);
	ck_assert(named(&t, "tidal").album == ALBUM_LOUDEST && named(&t, "aes77-album").album == ALBUM_LOUDEST);
	for (size_t k = 0; k < t.count; k++) {
		struct target *row = &t.row[k];
		ck_assert_msg(strlen(row->date) == 7 && row->tier >= 1 && row->tier <= 3 && *row->note, "%s", row->name);
	}
	ck_assert_uint_ge(vinyl_profiles_count, 3);
	for (size_t k = 0; k < vinyl_profiles_count; k++)
		ck_assert(vinyl_profiles[k].mono_below >= 150 && vinyl_profiles[k].mono_below <= 300 &&
		          vinyl_profiles[k].no_boost_above == 10000 &&
		          vinyl_profiles[k].most_minutes > vinyl_profiles[k].minutes);
	targets_free(&t);
}
END_TEST

/* Each row, printed, is a row again; so what `targets` prints can be put into the user's file. */
START_TEST(test_round_trip)
{
	struct targets t = built_in(), again;
	char text[32768] = "", line[TARGET_LINE];
	struct err err = {""};
	for (size_t k = 0; k < t.count; k++) {
		strcat(text, target_line(&t.row[k], line));
		strcat(text, "\n");
	}
	ck_assert_msg(targets_parse(&again, text, strlen(text), "printed", &err) == 0, "%s", err.text);
	ck_assert_uint_eq(again.count, t.count);
	for (size_t k = 0; k < t.count; k++) {
		char twice[TARGET_LINE];
		ck_assert_str_eq(target_line(&t.row[k], line), target_line(&again.row[k], twice));
	}
	targets_free(&t);
	targets_free(&again);
}
END_TEST

START_TEST(test_users)
{
	static const char text[] = "# mine\r\n\n"
	                           "radio delivery -20 1 -3 - - track 2026-01 3 \"Radio 1\" \"my station\" # yes\n"
	                           "youtube stream -13 - -1 down - track 2027-01 2 YouTube \"moved\"";
	struct targets t, plain = built_in();
	struct err err = {""};
	ck_assert_msg(targets_parse(&t, text, sizeof text - 1, "mine", &err) == 0, "%s", err.text);
	ck_assert_uint_eq(t.count, plain.count + 1);
	ck_assert(named(&t, "radio").lufs == -20 && named(&t, "radio").use == USE_DELIVERY);
	ck_assert(named(&t, "youtube").lufs == -13);
	ck_assert_str_eq(named(&t, "radio").title, "Radio 1");
	targets_free(&t);
	targets_free(&plain);
}
END_TEST

/* Lines that are refused, and the word the sentence must have. */
static const struct bad {
	const char *line, *word;
} bad[] = {
    {"radio delivery -20 1 -3 - - track 2026-01 3 title", "columns"},
    {"Radio delivery -20 1 -3 - - track 2026-01 3 a b", "name"},
    {"radio post -20 1 -3 - - track 2026-01 3 a b", "use"},
    {"radio delivery loud 1 -3 - - track 2026-01 3 a b", "loudness"},
    {"radio delivery 3 1 -3 - - track 2026-01 3 a b", "loudness"},
    {"radio delivery nan 1 -3 - - track 2026-01 3 a b", "loudness"},
    {"radio delivery -20 -1 -3 - - track 2026-01 3 a b", "tolerance"},
    {"radio delivery -20 1 1 - - track 2026-01 3 a b", "ceiling"},
    {"radio delivery -20 1 -3 up - track 2026-01 3 a b", "turn"},
    {"radio delivery -20 1 -3 - x track 2026-01 3 a b", "headroom"},
    {"radio delivery -20 1 -3 - - tracks 2026-01 3 a b", "albums"},
    {"radio delivery -20 1 -3 - - track 2026-01-01-01 3 a b", "date"},
    {"radio delivery -20 1 -3 - - track 2026-01 4 a b", "tier"},
    {"radio stream - 1 -3 down - track 2026-01 3 a b", "loudness"},
    {"radio delivery -20 1 -3 - - track 2026-01 3 a \"b", "quote"},
};

START_TEST(test_bad)
{
	struct targets t;
	struct err err = {""};
	char text[300];
	snprintf(text, sizeof text, "\n%s\n", bad[_i].line);
	ck_assert_int_eq(targets_parse(&t, text, strlen(text), "mine", &err), -1);
	ck_assert_msg(!strncmp(err.text, "mine:2: ", 8) && strstr(err.text, bad[_i].word), "%s", err.text);
	ck_assert(t.row == NULL);
}
END_TEST

/* The file is looked for where XDG says; none is no failure. */
START_TEST(test_file)
{
	char folder[] = "/tmp/stemdesk-test-XXXXXX", path[128];
	struct targets t;
	struct err err = {""};
	ck_assert_ptr_nonnull(mkdtemp(folder));
	setenv("XDG_CONFIG_HOME", folder, 1);
	ck_assert_msg(targets_load(&t, &err) == 0, "%s", err.text);
	size_t count = t.count;
	targets_free(&t);
	snprintf(path, sizeof path, "%s/stemdesk", folder);
	ck_assert_int_eq(mkdir(path, 0777), 0);
	snprintf(path, sizeof path, "%s/stemdesk/targets", folder);
	FILE *file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs("radio delivery -20 1 -3 - - track 2026-01 3 Radio mine\n", file);
	fclose(file);
	ck_assert_msg(targets_load(&t, &err) == 0, "%s", err.text);
	ck_assert(t.count == count + 1 && targets_find(&t, "radio"));
	targets_free(&t);
	unlink(path);
	snprintf(path, sizeof path, "%s/stemdesk", folder);
	rmdir(path);
	rmdir(folder);
}
END_TEST

/*
 * Verdicts. The first is Spotify's own example: -20 LUFS with a peak of -5 dBTP is lifted only to -16. That of the
 * issue: 3.2 dB down from -1.0 leaves peaks at -4.2.
 */
static const struct judged {
	const char *target;
	double lufs, peak;
	enum fate fate;
	double gain, after, over;
	const char *text; /* part of the sentence */
} judged[] = {
    {"spotify", -20, -5, FATE_PART_UP, 4, -1, 0, "turned up 4.0 dB, to -16.0 LUFS"},
    {"spotify", -10.8, -1, FATE_DOWN, -3.2, -4.2, 0, "turned down 3.2 dB -> peaks at -4.2 dBTP"},
    {"spotify", -16, -6, FATE_UP, 2, -4, 0, "turned up 2.0 dB"},
    {"spotify", -16, -0.5, FATE_AS_IS, 0, -0.5, 0.5, "0.5 dB above"},
    {"spotify-loud", -16, -3, FATE_LIMITED, 5, -1, 0, "3.0 dB of it into a limiter"},
    {"youtube", -20, -5, FATE_AS_IS, 0, -5, 0, "played as it is"},
    {"youtube", -9, -1, FATE_DOWN, -5, -6, 0, "turned down 5.0 dB"},
    {"amazon-music", -14, -1.5, FATE_AS_IS, 0, -1.5, 0.5, "0.5 dB above the -2.0 dBTP"},
    {"bandcamp", -6, -1, FATE_AS_IS, 0, -1, 0, "played as it is"},
    {"ebu-r128", -23.15, -3, FATE_AS_IS, 0, -3, 0, "within"},
    {"ebu-r128", -21.5, -3, FATE_LOUD, -1.5, -3, 0, "1.5 LU too loud"},
    {"atsc-a85", -26.5, -3, FATE_QUIET, 2.5, -3, 0, "2.5 LU too soft"},
    {"cd", -6, -0.1, FATE_AS_IS, 0, -0.1, 0, "played as it is"},
    {"spotify", -HUGE_VAL, -HUGE_VAL, FATE_AS_IS, 0, -HUGE_VAL, 0, "played as it is"},
};

START_TEST(test_judged)
{
	const struct judged *j = &judged[_i];
	struct targets t = built_in();
	struct target row = named(&t, j->target);
	struct verdict v;
	char text[256];
	target_judge(&row, j->lufs, j->peak, &v);
	ck_assert_msg(v.fate == j->fate, "%s at %g: %s", j->target, j->lufs, fate_name(v.fate));
	ck_assert_msg(fabs(v.gain - j->gain) < 1e-9, "%g", v.gain);
	ck_assert_msg(v.peak == j->after || fabs(v.peak - j->after) < 1e-9, "%g", v.peak);
	ck_assert_msg(fabs(v.over - j->over) < 1e-9, "%g", v.over);
	ck_assert_msg(strstr(verdict_text(&row, &v, text, sizeof text), j->text) != NULL, "%s", text);
	ck_assert_int_eq(verdict_good(&v), j->over == 0 && j->fate != FATE_LOUD && j->fate != FATE_QUIET);
	targets_free(&t);
}
END_TEST

/* TEST_MAIN adds each test once; these run over their tables. */
int
main(void)
{
	Suite *suite = suite_create("targets");
	TCase *tcase = tcase_create("targets");
	tcase_add_test(tcase, test_figures);
	tcase_add_test(tcase, test_round_trip);
	tcase_add_test(tcase, test_users);
	tcase_add_test(tcase, test_file);
	tcase_add_loop_test(tcase, test_bad, 0, (int)(sizeof bad / sizeof *bad));
	tcase_add_loop_test(tcase, test_judged, 0, (int)(sizeof judged / sizeof *judged));
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
