/* Bounces by the real program, as a user asks for them: what it says, how it exits, what it leaves of the files there.
 */
#include "programtest.h"

static double
loud(int64_t t, int c)
{
	return 3.2 * sine(t, c);
}

START_TEST(test_clip_and_json)
{
	test_begin();
	make_sound("kick.wav", 2, RATE, FRAMES, loud, 0);
	make_sound("pad.wav", 2, RATE, FRAMES, sine, 0);
	write_text("song.desk", ONE("kick") REGION("pad"));
	ck_assert_int_eq(DESK("bounce song.desk -o m.wav --bits 16 --dither none"), 3);
	SAYS("err", "\"kick\" is loudest");
	SAYS("err", "--bits 32f");
	struct sound m = read_sound("m.wav");
	unsigned long long edge = 0;
	for (int64_t k = 0; k < 2 * m.frames; k++)
		edge += m.x[k] >= 32767.0 / 32768 || m.x[k] <= -1;
	char count[64];
	ck_assert_int_eq(DESK("bounce song.desk -o m.wav --bits 16 --dither none --json"), 3);
	/* samples at the edge are those that were clipped, beside a few that just reach it */
	unsigned long long clipped = (unsigned long long)json_number("clipped_samples");
	ck_assert_uint_le(clipped, edge);
	ck_assert_uint_ge(clipped + edge / 20, edge);
	snprintf(count, sizeof count, "%llu samples were clipped", clipped);
	SAYS("err", count);
	ck_assert_double_eq_tol(json_number("sample_peak_dbfs"), test_db(4.2 * 0.25), 0.02);
	ck_assert_int_eq((int)json_number("frames"), FRAMES);
	ck_assert_int_eq((int)json_number("rate"), RATE);
	SAYS("out", "\"loudest_at_peak\":\"strip/kick\"");
	SAYS("out", "\"limited_db\":null");
	ck_assert_int_eq(DESK("bounce song.desk -o \"$(printf 'a\\377\\001\\042.wav')\" --json --bits 32f"), 0);
	SAYS("out", "\"file\":\"a\\ufffd\\u0001\\\".wav\"");
	if (run("command -v python3") == 0) {
		ck_assert_int_eq(DESK("bounce song.desk -o m.wav --json --bits 32f >json"), 0);
		ck_assert_int_eq(run("python3 -m json.tool json"), 0);
	}
	/* the table for people says the same */
	ck_assert_int_eq(DESK("bounce song.desk -o m.wav --json --bits 32f"), 0);
	double integrated = json_number("integrated_lufs"), peak = json_number("true_peak_dbtp");
	ck_assert_int_eq(DESK("bounce song.desk -o m.wav --bits 32f"), 0);
	char line[64];
	snprintf(line, sizeof line, "integrated     %8.2f LUFS", integrated);
	SAYS("out", line);
	snprintf(line, sizeof line, "true peak      %8.2f dBTP", peak);
	SAYS("out", line);
	/* and what it advises helps */
	const char *advice = strstr(read_text("err"), "mix/trim");
	ck_assert_ptr_null(advice);
	DESK("bounce song.desk -o m.wav --bits 16");
	advice = strstr(read_text("err"), "`mix/trim -= ");
	ck_assert_ptr_nonnull(advice);
	double trim = strtod(advice + 13, NULL);
	ck_assert_int_eq(DESK("set song.desk 'mix/trim -= %.1f'", trim), 0);
	ck_assert_int_eq(DESK("bounce song.desk -o m.wav --bits 16"), 0);
	test_end();
}
END_TEST

START_TEST(test_own_stems)
{
	test_begin();
	make_sound("kick.wav", 2, RATE, FRAMES, sine, 0);
	write_text("song.desk", ONE("kick"));
	ck_assert_int_eq(run("ln -s kick.wav soft.wav; ln kick.wav hard.wav; mkdir sub; ln -s .. sub/up; cp kick.wav was"),
	                 0);
	static const char *const names[] = {"kick.wav", "soft.wav", "hard.wav", "./sub/../kick.wav", "sub/up/kick.wav"};
	for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
		ck_assert_int_eq(DESK("bounce song.desk -o %s", names[k]), 1);
		SAYS("err", "is a stem of this session");
	}
	/* a stem that is called as a bounce of the session would be */
	ck_assert_int_eq(run("cp kick.wav song.wav"), 0);
	write_text("song.desk", ONE("song"));
	ck_assert_int_eq(DESK("bounce song.desk"), 1);
	ck_assert_int_eq(DESK("bounce song.desk -o song.desk --format wav"), 1);
	SAYS("err", "the session itself");
	/* and as its stems would be */
	ck_assert_int_eq(run("cp kick.wav 01_kick.wav"), 0);
	write_text("song.desk", "stemdesk 1\nstrip/kick/name kick\nstrip/kick/region/r1/file 01_kick.wav\n");
	ck_assert_int_eq(DESK("bounce song.desk --stems ."), 1);
	ck_assert_int_eq(run("cmp kick.wav was && cmp 01_kick.wav was && cmp song.wav was"), 0);
	test_end();
}
END_TEST

/* Hz of a side by its rising zero crossings, of which the first and the last are placed between frames. */
static double
pitch(const struct sound *s, int c)
{
	double first = 0, last = 0;
	int count = 0;
	for (int64_t t = 2000; t + 2000 < s->frames; t++) {
		double a = s->x[t * s->channels + c], b = s->x[(t + 1) * s->channels + c];
		if (a < 0 && b >= 0) {
			last = (double)t + a / (a - b);
			first = count++ ? first : last;
		}
	}
	return (count - 1) * s->rate / (last - first);
}

static double
low(int64_t t, int c)
{
	(void)c;
	return 0.25 * sin(2 * M_PI * 500 * (double)t / 22050);
}

static double
high(int64_t t, int c)
{
	(void)c;
	return 0.25 * sin(2 * M_PI * 700 * (double)t / 44100);
}

START_TEST(test_mixed_rates)
{
	test_begin();
	make_sound("low.wav", 1, 22050, 22050, low, 0);
	make_sound("high.wav", 1, 44100, 44100, high, 0);
	make_sound("kick.wav", 2, RATE, FRAMES, sine, 0);
	ck_assert_int_eq(DESK("new low.wav high.wav kick.wav --rate 48000 -o song.desk"), 0);
	ck_assert_int_eq(DESK("set song.desk 'strip/low/pan L100' 'strip/high/pan R100' 'strip/kick/mute on'"), 0);
	ck_assert_int_eq(DESK("bounce song.desk -o m.wav --bits 32f"), 0);
	struct sound m = read_sound("m.wav");
	ck_assert_int_eq(m.rate, RATE);
	ck_assert_int_eq(m.frames, RATE);
	ck_assert_double_eq_tol(pitch(&m, 0), 500, 0.01);
	ck_assert_double_eq_tol(pitch(&m, 1), 700, 0.01);
	test_end();
}
END_TEST

static double
numbered(int64_t t, int c)
{
	return (c + 1) / 64.0 + (double)(t % 5) / 1024;
}

START_TEST(test_poly)
{
	test_begin();
	make_sound("take.wav", 32, RATE, 4800, numbered, SF_FORMAT_WAV | SF_FORMAT_PCM_24);
	ck_assert_int_eq(DESK("new take.wav -o song.desk"), 0);
	SAYS("out", "32 strips");
	ck_assert_int_eq(DESK("set song.desk 'strip/*/mute on' 'strip/*/pan-law balance' 'strip/17/mute off'"), 0);
	ck_assert_int_eq(DESK("bounce song.desk -o m.wav --bits 32f"), 0);
	struct sound m = read_sound("m.wav");
	for (int64_t t = 0; t < 4800; t++)
		for (int c = 0; c < 2; c++)
			ck_assert_double_eq(m.x[2 * t + c], numbered(t, 16));
	test_end();
}
END_TEST

static double
left(int64_t t, int c)
{
	(void)c;
	return sine(t, 0);
}

static double
right(int64_t t, int c)
{
	(void)c;
	return sine(t, 1);
}

START_TEST(test_pair)
{
	test_begin();
	ck_assert_int_eq(mkdir("takes", 0777), 0);
	make_sound("takes/Kick.L.wav", 1, RATE, FRAMES, left, 0);
	make_sound("takes/Kick.R.wav", 1, RATE, FRAMES, right, 0);
	ck_assert_int_eq(DESK("new takes -o song.desk"), 0);
	SAYS("out", "1 strip at");
	ck_assert_int_eq(DESK("bounce song.desk -o m.wav --bits 32f"), 0);
	struct sound m = read_sound("m.wav");
	for (int64_t t = 0; t < FRAMES; t++)
		ck_assert(m.x[2 * t] == (double)(float)sine(t, 0) && m.x[2 * t + 1] == (double)(float)sine(t, 1));
	/* never over the right side either */
	ck_assert_int_eq(DESK("bounce song.desk -o takes/Kick.R.wav"), 1);
	test_end();
}
END_TEST

START_TEST(test_variants)
{
	test_begin();
	make_sound("kick.wav", 2, RATE, FRAMES, sine, 0);
	make_sound("lead.wav", 2, RATE, FRAMES, loud, 0);
	write_text("song.desk",
	           ONE("kick") REGION(
	               "lead") "strip/lead/fader -6\nvariant tv strip/lead/mute on\nvariant up strip/lead/fader -5\n");
	ck_assert_int_eq(DESK("bounce song.desk -o m.wav --bits 32f --variant tv"), 0);
	struct sound m = read_sound("m.wav"), kick = read_sound("kick.wav");
	ck_assert_double_eq(sound_difference(&m, &kick, 0), 0);
	ck_assert_int_eq(DESK("recall m.wav"), 0);
	SAYS("err", "--variant tv");
	ck_assert_int_eq(DESK("bounce song.desk -o m.wav --bits 32f --variant nope"), 1);
	SAYS("err", "nope");
	ck_assert_int_eq(DESK("bounce song.desk --bits 32f --variant all"), 0);
	ck_assert_int_eq(run("cmp song-tv.wav m.wav"), 0);
	ck_assert_int_eq(run("cmp song.wav song-up.wav"), 1);
	ck_assert_int_eq(DESK("bounce song.desk --bits 32f --variant all --stems parts"), 0);
	ck_assert_int_eq(
	    run("test -f parts/song/02_lead.wav && test -f parts/tv/01_kick.wav && test -f parts/up/02_lead.wav"), 0);
	test_end();
}
END_TEST

START_TEST(test_recall)
{
	static const char *const files[] = {"m.wav", "m.rf64", "m.w64", "m.flac", "m.ogg", "m.opus"};
	test_begin();
	make_sound("kick.wav", 2, RATE, FRAMES, sine, 0);
	write_text("song.desk", ONE("kick") "strip/kick/fader -3\n");
	ck_assert_int_eq(run("cp song.desk was; mkdir away"), 0);
	for (size_t k = 0; k < sizeof files / sizeof *files; k++)
		ck_assert_int_eq(DESK("bounce song.desk -o %s", files[k]), 0);
	ck_assert_int_eq(DESK("set song.desk 'strip/kick/fader -9'"), 0);
	for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
		ck_assert_int_eq(run("copy=$(%s recall %s) && cmp \"$copy\" was", program, files[k]), 0);
	}
	/* from elsewhere: by the session's name, or from the folder one is in */
	ck_assert_int_eq(run("mv m.wav away"), 0);
	ck_assert_int_eq(DESK("recall away/m.wav"), 0);
	ck_assert_int_eq(run("cd away && %s recall m.wav", program), 1);
	SAYS("err", "recall FILE SESSION");
	ck_assert_int_eq(run("cd away && %s recall m.wav ../song.desk", program), 0);
	/* the session itself may be gone */
	ck_assert_int_eq(run("mv song.desk gone"), 0);
	ck_assert_int_eq(DESK("recall m.flac -o back.desk"), 0);
	ck_assert_int_eq(run("cmp back.desk was"), 0);
	ck_assert_int_eq(DESK("recall m.flac -o back.desk"), 1);
	SAYS("err", "is there already");
	ck_assert_int_eq(DESK("bounce back.desk -o again.flac"), 0);
	ck_assert_int_eq(run("cmp again.flac m.flac"), 0);
	ck_assert_int_eq(DESK("recall kick.wav"), 1);
	SAYS("err", "no bounce of stemdesk");
	test_end();
}
END_TEST

/* Where the session's folder cannot be written, the bounce itself still works. */
START_TEST(test_no_copy)
{
	test_begin();
	make_sound("kick.wav", 2, RATE, FRAMES, sine, 0);
	write_text("song.desk", ONE("kick"));
	write_text(".song.desk.d", "in the way");
	ck_assert_int_eq(DESK("bounce song.desk -o m.wav"), 0);
	SAYS("err", "recall");
	ck_assert_int_eq(DESK("recall m.wav song.desk"), 1);
	test_end();
}
END_TEST

START_TEST(test_names)
{
	test_begin();
	ck_assert_int_eq(mkdir("Mein Lied", 0777), 0);
	make_sound("Mein Lied/Gro\xc3\x9f \xe2\x80\xae.wav", 2, RATE, FRAMES, sine, 0);
	make_sound("Mein Lied/esc\033[31m.wav", 2, RATE, FRAMES, sine, 0);
	ck_assert_int_eq(DESK("new 'Mein Lied'"), 0);
	ck_assert_int_eq(DESK("bounce 'Mein Lied/Mein Lied.desk' --bits 32f"), 0);
	ck_assert_int_eq(read_sound("Mein Lied/Mein Lied.wav").frames, FRAMES);
	ck_assert_int_eq(run("ln -s 'Mein Lied/Mein Lied.desk' link.desk"), 0); /* its stems lie where it leads to */
	ck_assert_int_eq(DESK("bounce link.desk -o link.wav --bits 32f"), 0);
	ck_assert_int_eq(run("cmp link.wav 'Mein Lied/Mein Lied.wav'"), 0);
	ck_assert_int_eq(DESK("bounce \"$(printf 'no\\033[31m.desk')\""), 1);
	ck_assert_ptr_null(strchr(read_text("err"), '\033'));
	ck_assert_int_eq(DESK("bounce 'Mein Lied/Mein Lied.desk' -o \"$(printf 'a\\033[31m.wav')\" --bits 32f"), 0);
	ck_assert_ptr_null(strchr(read_text("out"), '\033'));
	ck_assert_int_eq(DESK("bounce 'Mein Lied/Mein Lied.desk' --stems parts --bits 32f"), 0);
	ck_assert_ptr_null(strchr(read_text("out"), '\033'));
	ck_assert_int_eq(run("ls parts | wc -l | grep -qx ' *2'"), 0);
	test_end();
}
END_TEST

/* What was asked wrongly: the status, and a word that the sentence must have. */
START_TEST(test_usage)
{
	static const struct {
		const char *words;
		int status;
		const char *says;
	} rows[] = {
	    {"bounce", 2, "usage"},
	    {"bounce nope.desk", 1, "nope.desk"},
	    {"bounce kick.wav", 1, "kick.wav"},
	    {"bounce .", 1, "no session"},
	    {"bounce song.desk more", 2, "more"},
	    {"bounce song.desk --frob", 2, "--frob"},
	    {"bounce song.desk -o", 2, "usage"},
	    {"bounce song.desk -o away/m.wav", 1, "folder"},
	    {"bounce song.desk -o .", 1, "format"},
	    {"bounce song.desk -o m.xyz", 1, "format"},
	    {"bounce song.desk -o m.flac --bits 32f", 1, "FLAC"},
	    {"bounce song.desk -o m.opus --rate 44100", 1, "48000"},
	    {"bounce song.desk -o m.wav --format mp4", 2, "mp4"},
	    {"bounce song.desk -o m.wav --bits 20", 2, "20"},
	    {"bounce song.desk -o m.wav --rate 7", 2, "--rate"},
	    {"bounce song.desk -o m.wav --rate 44100.5", 2, "--rate"},
	    {"bounce song.desk -o m.wav --dither loud", 2, "loud"},
	    {"bounce song.desk -o m.wav --bits 32f --dither tpdf", 1, "dither"},
	    {"bounce song.desk -o m.wav --range 1s-0s", 2, "before"},
	    {"bounce song.desk -o m.wav --range 0-0", 2, "before"},
	    {"bounce song.desk -o m.wav --range 5", 2, "dash"},
	    {"bounce song.desk -o m.wav --range x-y", 2, "--range"},
	    {"bounce song.desk -o m.wav --from 9s", 1, "nothing"},
	    {"bounce song.desk -o m.wav --from 1s --range 0-0.5s", 2, "--from"},
	    {"bounce song.desk -o m.wav --tail -1", 2, "--tail"},
	    {"bounce song.desk -o m.wav --tail soon", 2, "--tail"},
	    {"bounce song.desk -o m.wav --threads 0", 2, "--threads"},
	    {"bounce song.desk -o m.wav --threads 1000000", 2, "--threads"},
	    {"bounce song.desk -o m.wav --lanes 2", 2, "--lanes 2"},
	    {"bounce song.desk -o m.wav --variant tv", 1, "tv"},
	    {"bounce song.desk -o m.wav --stems s", 2, "-o"},
	    {"bounce song.desk --stems s --mastered", 2, "--mastered"},
	    {"bounce song.desk --stems kick.wav", 1, "kick.wav"},
	    {"bounce song.desk --stems no/where", 1, "no/where"},
	    {"new nowhere", 1, "nowhere"},
	    {"new . --rate 7", 2, "--rate"},
	    {"new kick.wav", 2, "-o"},
	    {"recall", 2, "usage"},
	    {"recall nope.wav", 1, "nope.wav"},
	    {"recall song.desk", 1, "song.desk"},
	    {"recall kick.wav a b", 2, "b"},
	    {"frob", 2, "frob"},
	};
	test_begin();
	make_sound("kick.wav", 2, RATE, FRAMES, sine, 0);
	write_text("song.desk", ONE("kick"));
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		int status = DESK("%s", rows[k].words);
		ck_assert_msg(status == rows[k].status, "%s: %d: %s", rows[k].words, status, read_text("err"));
		ck_assert_msg(strstr(read_text("err"), rows[k].says) != NULL, "%s: %s", rows[k].words, read_text("err"));
		ck_assert_str_eq(read_text("out"), "");
		ck_assert_int_ne(access("m.wav", F_OK), 0);
	}
	ck_assert_int_eq(DESK("bounce song.desk -o m.wav --threads 64 --lanes 1"), 0);
	test_end();
}
END_TEST

TEST_MAIN("program", 120, test_clip_and_json, test_own_stems, test_mixed_rates, test_poly, test_pair, test_variants,
          test_recall, test_no_copy, test_names, test_usage)
