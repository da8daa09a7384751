#include "bouncetest.h"

#include "control/intake.h"
#include "control/regions.h"

#define RATE 48000

static double
sine(int64_t t, int c)
{
	return 0.25 * sin(2 * M_PI * (c ? 1500 : 1000) * (double)t / RATE);
}

static double
other(int64_t t, int c)
{
	return t == 9000 ? 0.5 : sine(t, c);
}

static char said[16384];

static void
hear(void *arg, const char *sentence)
{
	++*(int *)arg;
	strcat(strcat(said, sentence), "\n");
}

static struct session *
session_of(const char *folder)
{
	struct err err = {""};
	struct session *s = session_new();
	struct scan *scan = scan_folder(folder, &err);
	ck_assert_msg(scan && intake_add(s, scan, "song.desk", &err) >= 0, "%s", err.text);
	scan_free(scan);
	return s;
}

static const struct node *
only_region(struct session *s, const char *strip)
{
	const struct node *node = session_find(s, strip);
	ck_assert_ptr_nonnull(node);
	ck_assert_uint_eq(node->children, 1);
	return node->child[0];
}

/* Stems that were renamed are known by their sound; their strips stay. */
START_TEST(finds_renamed_stems)
{
	test_begin();
	mkdir("stems", 0777);
	make_sound("stems/kick.wav", 1, RATE, 20000, sine, 0);
	make_sound("stems/snare.wav", 1, RATE, 20000, other, 0);
	make_sound("stems/gtr.L.wav", 1, RATE, 30000, sine, 0);
	make_sound("stems/gtr.R.wav", 1, RATE, 30000, other, 0);
	make_sound("stems/many.wav", 8, RATE, 10000, sine, 0);
	struct session *s = session_of("stems");
	struct err err = {""};
	int count = 0;
	ck_assert(!session_line(s, "strip/snare/fader -7", &err));
	ck_assert(!rename("stems/snare.wav", "stems/SD.wav") && !rename("stems/gtr.L.wav", "stems/Guitar.L.wav") &&
	          !rename("stems/gtr.R.wav", "stems/Guitar.R.wav") && !rename("stems/many.wav", "stems/poly.wav"));
	struct scan *scan = scan_folder("stems", &err);
	ck_assert_int_eq(regions_relink(s, "song.desk", scan, hear, &count, &err), 1 + 1 + 8);
	ck_assert_msg(count == 3, "%s", said);
	ck_assert_str_eq(only_region(s, "strip/snare")->text[P_REGION_FILE], "stems/SD.wav");
	ck_assert_str_eq(only_region(s, "strip/gtr")->text[P_REGION_FILE], "stems/Guitar.L.wav");
	ck_assert_str_eq(only_region(s, "strip/gtr")->text[P_REGION_RIGHT], "stems/Guitar.R.wav");
	ck_assert_str_eq(only_region(s, "strip/kick")->text[P_REGION_FILE], "stems/kick.wav");
	ck_assert(session_find(s, "strip/snare")->value[P_FADER] == -7);
	ck_assert_int_eq(intake_add(s, scan, "song.desk", &err), 0);
	ck_assert_int_eq(regions_relink(s, "song.desk", scan, hear, &count, &err), 0);
	scan_free(scan);
	/* One undo takes all of it back. */
	ck_assert(session_undo(s));
	ck_assert_str_eq(only_region(s, "strip/gtr")->text[P_REGION_RIGHT], "stems/gtr.R.wav");
	ck_assert_str_eq(only_region(s, "strip/snare")->text[P_REGION_FILE], "stems/snare.wav");
	session_free(s);
	test_end();
}
END_TEST

/* A file that looks alike in length alone, or that plays already, is not the lost one. */
START_TEST(takes_no_other)
{
	test_begin();
	make_sound("a.wav", 1, RATE, 20000, sine, 0);
	make_sound("b.wav", 1, RATE, 20000, sine, 0);
	struct session *s = session_of(".");
	struct err err = {""};
	int count = 0;
	ck_assert(!remove("a.wav"));
	make_sound("c.wav", 1, RATE, 20000, other, 0);
	struct scan *scan = scan_folder(".", &err);
	ck_assert_int_eq(regions_relink(s, "song.desk", scan, hear, &count, &err), 0);
	scan_free(scan);
	session_free(s);
	test_end();
}
END_TEST

START_TEST(tells_changes)
{
	static const struct {
		int channels, rate;
		int64_t frames;
		made_sample *sample;
		const char *says;
	} now[] = {
	    {1, RATE, 20000, sine, ""},
	    {1, RATE, 20000, other, "as long as before, with other sound"},
	    {2, RATE, 20000, sine, "2 channels, it had 1"},
	    {1, 44100, 20000, sine, "44100 Hz, it was 48000"},
	    {1, RATE, 24000, sine, "0.500 s long, it was 0.417"},
	};
	test_begin();
	make_sound("a.wav", 1, RATE, 20000, sine, 0);
	struct session *s = session_of(".");
	for (size_t k = 0; k < sizeof now / sizeof *now; k++) {
		int count = 0;
		said[0] = '\0';
		make_sound("a.wav", now[k].channels, now[k].rate, now[k].frames, now[k].sample, 0);
		regions_check(s, "song.desk", 1, hear, &count);
		ck_assert_int_eq(count, *now[k].says != 0);
		ck_assert_msg(strstr(said, now[k].says) != NULL, "%s", said);
	}
	int count = 0;
	remove("a.wav");
	regions_check(s, "song.desk", 0, hear, &count);
	ck_assert_int_eq(count, 0);
	regions_check(s, "song.desk", 1, hear, &count);
	ck_assert_int_eq(count, 1);
	session_free(s);
	test_end();
}
END_TEST

/* A file that the user gives a strip is the right one from then on. */
START_TEST(follows_the_user)
{
	test_begin();
	make_sound("a.wav", 1, RATE, 20000, sine, 0);
	struct session *s = session_of(".");
	make_sound("b.wav", 1, RATE, 30000, other, 0);
	make_sound("c.wav", 1, RATE, 10000, other, 0);
	struct err err = {""};
	int count = 0;
	struct regions_before *before = regions_remember(s);
	ck_assert(!session_line(s, "strip/a/region/*/file b.wav", &err));
	ck_assert(!session_line(s, "strip/new/name New", &err) && !session_line(s, "strip/new/region/r1/file c.wav", &err));
	regions_follow(s, "song.desk", before, hear, &count);
	regions_check(s, "song.desk", 1, hear, &count);
	ck_assert_msg(count == 0, "%s", said);
	ck_assert_ptr_nonnull(strstr(only_region(s, "strip/a")->text[P_REGION_PRINT], "48000/1/30000/"));
	ck_assert_ptr_nonnull(strstr(only_region(s, "strip/new")->text[P_REGION_PRINT], "48000/1/10000/"));
	/* What changed without a word is still told. */
	make_sound("b.wav", 1, RATE, 30000, sine, 0);
	regions_follow(s, "song.desk", regions_remember(s), hear, &count);
	regions_check(s, "song.desk", 1, hear, &count);
	ck_assert_int_eq(count, 1);
	before = regions_remember(s);
	ck_assert(!session_line(s, "strip/a/region/*/file nowhere.wav", &err));
	regions_follow(s, "song.desk", before, hear, &count);
	ck_assert_int_eq(count, 2);
	make_sound("wide.wav", 2, RATE, 10000, sine, 0);
	ck_assert(!session_line(s, "strip/new/channels 1", &err));
	before = regions_remember(s);
	ck_assert(!session_line(s, "strip/{a,new}/region/*/file wide.wav", &err));
	regions_follow(s, "song.desk", before, hear, &count);
	ck_assert_msg(count == 4 && strstr(said, "`strip/new/channels 2` takes both"), "%s", said);
	session_free(s);
	test_end();
}
END_TEST

TEST_MAIN("regions", 20, finds_renamed_stems, takes_no_other, tells_changes, follows_the_user)
