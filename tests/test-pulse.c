/*
 * `stemdesk play` through a sound server that keeps pace as a card does (PulseAudio with a null sink): what it recorded
 * is the bounce, bit for bit. Skipped where there is no PulseAudio.
 */
#include "bouncetest.h"

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED 1 /* their memory grows as it likes */
#else
#define SANITIZED 0
#endif

#define RATE 48000
#define FRAMES 60000

static char sink[PATH_MAX], folder[256];

/* The frame of the record at which the mix begins: silence stands before it. */
static int64_t
beginning(const struct sound *record, const struct sound *mix)
{
	int64_t at = 0, quiet = 0;
	while (at < record->frames && record->x[2 * at] == 0 && record->x[2 * at + 1] == 0)
		at++;
	while (quiet < mix->frames && mix->x[2 * quiet] == 0 && mix->x[2 * quiet + 1] == 0)
		quiet++;
	return at - quiet;
}

enum { OTHER, WITH_GAPS, SAME };

static int
is_frame(const struct sound *record, int64_t at, const struct sound *mix, int64_t t)
{
	return memcmp(&record->x[2 * at], &mix->x[2 * t], 2 * sizeof(double)) == 0;
}

/*
 * Whether the record is the mix; or the mix with silence put in where the server had nothing to play, and where the
 * desk told that the device ran dry (`dry`), without what that threw away then; or neither.
 */
static int
compare(const struct sound *record, const struct sound *mix, int64_t from, int dry)
{
	int64_t at = from, gaps = 0;
	for (int64_t t = 0; t < mix->frames; t++, at++) {
		while (at < record->frames && !is_frame(record, at, mix, t) && record->x[2 * at] == 0 &&
		       record->x[2 * at + 1] == 0) {
			at++;
			gaps++;
		}
		if (at >= record->frames)
			return dry ? WITH_GAPS : OTHER;
		gaps += dry && !is_frame(record, at, mix, t);
		while (dry && t < mix->frames && !is_frame(record, at, mix, t))
			t++;
		if (t >= mix->frames || !is_frame(record, at, mix, t))
			return OTHER;
	}
	return gaps ? WITH_GAPS : SAME;
}

static int
play_once(int period)
{
	ck_assert_int_eq(run("sh '%s' start \"$PWD/record.wav\"", sink), 0);
	snprintf(folder, sizeof folder, "%.*s", (int)strcspn(read_text("out"), "\n"), read_text("out"));
	int status =
	    run("env $(tr -d \"'\" <%s/environment) %s play -D desk_pulse --period %d song.desk", folder, program, period);
	char said[2048];
	snprintf(said, sizeof said, "%.2000s", read_text("err"));
	run("sh '%s' stop %s", sink, folder);
	ck_assert_msg(status == 0, "%s", said);
	ck_assert_ptr_nonnull(strstr(said, "FLOAT"));
	struct sound mix = read_sound("mix.wav"), record = read_sound("record.wav");
	int64_t from = beginning(&record, &mix);
	return from < 0 ? OTHER : compare(&record, &mix, from, strstr(said, "ran dry") != NULL);
}

START_TEST(recorded_is_bounced)
{
	test_begin();
	make_sound("kick.wav", 1, RATE, FRAMES, made_noise, 0);
	make_sound("pad.wav", 2, RATE, FRAMES, made_noise, SF_FORMAT_WAV | SF_FORMAT_PCM_24);
	write_text("song.desk", "stemdesk 1\n"
	                        "strip/kick/name \"kick\"\nstrip/kick/region/r1/file kick.wav\n"
	                        "strip/kick/eq/on on\nstrip/kick/eq/2/gain 6\n"
	                        "strip/pad/name \"pad\"\nstrip/pad/region/r1/file pad.wav\nstrip/pad/pan L30\n");
	ck_assert_int_eq(DESK("bounce song.desk -o mix.wav --bits 32f"), 0);
	/* A loaded machine lets the server run dry: then there are gaps, but never another sound. */
	int is = OTHER;
	for (int attempt = 0; attempt < 4 && is != SAME; attempt++) {
		is = play_once(256 << attempt / 2);
		ck_assert_int_ne(is, OTHER);
	}
	if (is != SAME)
		puts("NOT TESTED whole: the machine was too busy, the sound server had gaps in every attempt");
	test_end();
}
END_TEST

/*
 * 32 stereo strips at 1024 frames and three periods, for some seconds of what is ten minutes by hand: memory stays as
 * it is once the rings are full. Xruns that are the desk's own are told, not judged: a loaded machine stops its thread,
 * too.
 */
START_TEST(many_stems_play)
{
	char text[8192] = "stemdesk 1\n";
	test_begin();
	make_sound("noise.wav", 2, RATE, 12 * RATE, made_noise, SF_FORMAT_WAV | SF_FORMAT_PCM_24);
	for (int k = 0; k < 32; k++)
		snprintf(text + strlen(text), sizeof text - strlen(text),
		         "strip/s%d/name S\nstrip/s%d/region/r1/file s%d.wav\nstrip/s%d/fader -20\nstrip/s%d/comp/on on\n", k,
		         k, k, k, k);
	write_text("song.desk", text);
	ck_assert_int_eq(run("for k in $(seq 0 31); do ln noise.wav s$k.wav; done"), 0);
	int well = 0;
	for (int attempt = 0; attempt < 3 && !well; attempt++) {
		ck_assert_int_eq(run("sh '%s' start \"$PWD/record.wav\"", sink), 0);
		snprintf(folder, sizeof folder, "%.*s", (int)strcspn(read_text("out"), "\n"), read_text("out"));
		int status =
		    run("rm -f in; mkfifo in; env $(tr -d \"'\" <%s/environment) %s --plain --monitor=0 -D desk_pulse --period "
		        "1024 "
		        "song.desk <in >said 2>&1 & p=$!; exec 3>in; echo play >&3;"
		        "rss() { awk '/VmRSS/ { print $2 }' /proc/$p/status; }; was=0; n=0;"
		        "until now=$(rss); [ $now -eq $was ] || [ $n -gt 60 ]; do was=$now; n=$((n+1)); sleep 0.7; done;"
		        "sleep 4; echo $(($(rss) - now)) >grown; echo status >&3; echo 'quit!' >&3; exec 3>&-; wait $p",
		        folder, program);
		run("sh '%s' stop %s", sink, folder);
		ck_assert_msg(status == 0, "%s", read_text("said"));
		const char *words = strstr(read_text("said"), " xruns, ");
		ck_assert_msg(words != NULL, "%s", read_text("said"));
		well = atoi(words + 8) == 0;
		int grown = atoi(read_text("grown"));
		ck_assert_msg(SANITIZED || grown < 1024, "%d KiB more", grown);
	}
	if (!well)
		puts("NOT TESTED whole: the machine was too busy, each attempt had xruns");
	test_end();
}
END_TEST

int
main(void)
{
	const char *srcdir = getenv("srcdir");
	char here[PATH_MAX];
	if (!realpath(srcdir ? srcdir : ".", here))
		return EXIT_FAILURE;
	snprintf(sink, sizeof sink, "%.4000s/tests/alsa/null-sink", here);
	char command[3 * PATH_MAX];
	snprintf(
	    command, sizeof command,
	    "r=$(mktemp) && f=$(sh '%s' start \"$r\"); s=$?; [ $s -ne 0 ] || sh '%s' stop \"$f\"; rm -f \"$r\"; exit $s",
	    sink, sink);
	int status = system(command);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		puts("SKIPPED: nothing was played through PulseAudio");
		return 77;
	}
	TCase *tcase = tcase_create("pulse");
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, recorded_is_bounced);
	tcase_add_test(tcase, many_stems_play);
	Suite *suite = suite_create("pulse");
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
