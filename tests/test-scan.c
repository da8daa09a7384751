/* Folders into strips: natural order, names, sides, many channels, cut takes, time stamps, what is left out. */
#include "wavmake.h"

#include <stdbool.h>

#include "media/names.h"
#include "media/scan.h"

static void
make(const char *name, int channels, int frames)
{
	struct bytes o = {.n = 0};
	put_riff(&o, "RIFF", channels, 48000, 16);
	put_data(&o, frames, channels * 2);
	end_riff(&o);
	save(name, &o);
}

static void
make_stamped(const char *name, int channels, int rate, int frames, uint64_t stamp)
{
	struct bytes o = {.n = 0};
	put_riff(&o, "RIFF", channels, rate, 16);
	put_bext(&o, "", "recorder", stamp, "");
	put_data(&o, frames, channels * 2);
	end_riff(&o);
	save(name, &o);
}

static struct scan *
look(void)
{
	struct err err;
	struct scan *s = scan_folder(".", &err);
	ck_assert_msg(s != NULL, "%s", err.text);
	return s;
}

/* The scan in one line: "id[name]channels:file+right/channel@at+frames,... " */
static const char *
tell(const struct scan *s)
{
	static char text[16384];
	size_t n = 0;
	for (size_t k = 0; k < s->strips; k++) {
		const struct scan_strip *strip = &s->strip[k];
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s[%s]%d:", k ? " " : "", strip->id, strip->name,
		                      strip->channels);
		for (size_t i = 0; i < strip->regions; i++) {
			const struct scan_region *r = &strip->region[i];
			n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", i ? "," : "", name_base(s->file[r->file].path));
			if (r->right >= 0)
				n += (size_t)snprintf(text + n, sizeof text - n, "+%s", name_base(s->file[r->right].path));
			if (r->channel != 1)
				n += (size_t)snprintf(text + n, sizeof text - n, "/%d", r->channel);
			n += (size_t)snprintf(text + n, sizeof text - n, "@%lld+%lld", (long long)r->at, (long long)r->frames);
		}
	}
	text[n] = '\0';
	return text;
}

#define EXPECT(expected)                                                                                               \
	do {                                                                                                               \
		struct scan *seen = look();                                                                                    \
		ck_assert_str_eq(tell(seen), expected);                                                                        \
		scan_free(seen);                                                                                               \
	} while (0)

START_TEST(natural)
{
	static const char *const sorted[] = {"1",
	                                     "01",
	                                     "2",
	                                     "10",
	                                     "a",
	                                     "A",
	                                     "a1",
	                                     "a2b",
	                                     "a2c",
	                                     "a10b",
	                                     "B",
	                                     "kick 2",
	                                     "kick 10",
	                                     "Kick 11",
	                                     "x00001",
	                                     "x2",
	                                     "x2.5",
	                                     "x2.10",
	                                     "x18446744073709551617",
	                                     "x18446744073709551618"};
	size_t n = sizeof sorted / sizeof *sorted;
	for (size_t a = 0; a < n; a++)
		for (size_t b = 0; b < n; b++) {
			int order = name_compare(sorted[a], sorted[b]);
			/* "1" and "01", "a" and "A" are equal but for their bytes: any order, but one */
			bool tie = (a < 2 && b < 2) || (a >= 4 && a < 6 && b >= 4 && b < 6);
			if (tie)
				ck_assert_int_eq(order > 0, name_compare(sorted[b], sorted[a]) < 0);
			else
				ck_assert_msg((order < 0) == (a < b) && (order > 0) == (a > b), "%s, %s: %d", sorted[a], sorted[b],
				              order);
			ck_assert_int_eq(order == 0, a == b);
		}
}
END_TEST

START_TEST(slugs)
{
	static const struct {
		const char *name, *slug;
	} table[] = {
	    {"Lead Vox", "lead-vox"},
	    {"  Kick__(In)!", "kick-in"},
	    {"808", "s808"},
	    {"Größe Ænima", "grosse-aenima"},
	    {"e\xcc\x81t\xc3\xa9", "ete"},
	    {"\xe3\x83\x89\xe3\x83\xa9\xe3\x83\xa0", "strip"},
	    {"\xff\x1b", "strip"},
	    {"", "strip"},
	    {"A very long name that nobody would want to type again", "a-very-long-name-that-nobody-wou"},
	};
	for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
		char slug[ID_SIZE];
		name_slug(table[k].name, slug);
		ck_assert_str_eq(slug, table[k].slug);
	}
}
END_TEST

START_TEST(sides)
{
	static const struct {
		const char *stem;
		char side;
		const char *base;
	} table[] = {
	    {"Kick.L", 'L', "Kick"},  {"Kick_R", 'R', "Kick"},
	    {"Kick-l", 'L', "Kick"},  {"OH r", 'R', "OH"},
	    {"Pno.left", 'L', "Pno"}, {"Pno - Right", 'R', "Pno"},
	    {"Gtr(L)", 'L', "Gtr"},   {"Gtr (R)", 'R', "Gtr"},
	    {"Vocal", 0, NULL},       {"L", 0, NULL},
	    {".L", 0, NULL},          {"Bright", 0, NULL},
	    {"Floor", 0, NULL},       {"", 0, NULL},
	};
	for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
		size_t length = 0;
		char side = name_side(table[k].stem, &length);
		ck_assert_msg(side == table[k].side, "%s", table[k].stem);
		if (side)
			ck_assert_msg(length == strlen(table[k].base) && !strncmp(table[k].stem, table[k].base, length), "%s",
			              table[k].stem);
	}
}
END_TEST

START_TEST(names_and_order)
{
	made_begin();
	make("10_Bass.wav", 1, 100);
	make("01_Lead Vox.wav", 2, 200);
	make("2-kick_in.WAV", 1, 300);
	make("Kick in.wav", 1, 400);
	make("808 Boom.wav", 1, 500);
	make("x\x1b[31m\xe2\x80\xaey.wav", 1, 600);
	EXPECT("lead-vox[Lead Vox]2:01_Lead Vox.wav@0+200 kick-in[kick in]1:2-kick_in.WAV@0+300 "
	       "bass[Bass]1:10_Bass.wav@0+100 boom[Boom]1:808 Boom.wav@0+500 kick-in-2[Kick in]1:Kick in.wav@0+400 "
	       "x-31m-u-202e-y[x^[[31m<U+202E>y]1:x\x1b[31m\xe2\x80\xaey.wav@0+600");
	made_end();
	made_begin();
	make("808 Boom.wav", 1, 500);
	make("Kick.wav", 1, 500);
	make("01.wav", 1, 500);
	make("kick-2.wav", 1, 500);
	make("kick.aif.wav", 1, 500);
	EXPECT("s01[01]1:01.wav@0+500 s808-boom[808 Boom]1:808 Boom.wav@0+500 kick-2[kick-2]1:kick-2.wav@0+500 "
	       "kick-aif[kick.aif]1:kick.aif.wav@0+500 kick[Kick]1:Kick.wav@0+500");
	made_end();
}
END_TEST

START_TEST(pairs)
{
	made_begin();
	make("Kick.L.wav", 1, 100);
	make("Kick.R.wav", 1, 120);
	make("03_OH_L.wav", 1, 100);
	make("04_OH_R.wav", 1, 100);
	make("Alone-L.wav", 1, 100);
	make("Wide L.wav", 2, 100);
	make("Wide R.wav", 2, 100);
	make_stamped("Far_L.wav", 1, 48000, 100, 48000);
	make_stamped("Far_R.wav", 1, 48000, 100, 96000);
	EXPECT("oh[OH]2:03_OH_L.wav+04_OH_R.wav@0+100 alone-l[Alone-L]1:Alone-L.wav@0+100 far-l[Far L]1:Far_L.wav@0+100 "
	       "far-r[Far R]1:Far_R.wav@48000+100 kick[Kick]2:Kick.L.wav+Kick.R.wav@0+120 wide-l[Wide L]2:Wide L.wav@0+100 "
	       "wide-r[Wide R]2:Wide R.wav@0+100");
	made_end();
}
END_TEST

START_TEST(many_channels)
{
	struct bytes o = {.n = 0};
	made_begin();
	put_riff(&o, "RIFF", 4, 48000, 24);
	put_ixml(&o, "<BWFXML><TRACK_LIST><TRACK_COUNT>3</TRACK_COUNT>"
	             "<TRACK><CHANNEL_INDEX>7</CHANNEL_INDEX><INTERLEAVE_INDEX>2</INTERLEAVE_INDEX><NAME>Boom &amp; "
	             "Co</NAME></TRACK>"
	             "<TRACK><CHANNEL_INDEX>1</CHANNEL_INDEX><NAME> Lav 1 </NAME></TRACK>"
	             "<TRACK><CHANNEL_INDEX>4</CHANNEL_INDEX><NAME></NAME></TRACK></TRACK_LIST></BWFXML>");
	put_data(&o, 50, 12);
	end_riff(&o);
	save("Scene_12.wav", &o);
	EXPECT("lav-1[Lav 1]1:Scene_12.wav@0+50 boom-co[Boom & Co]1:Scene_12.wav/2@0+50 "
	       "scene-12-03[Scene 12 03]1:Scene_12.wav/3@0+50 scene-12-04[Scene 12 04]1:Scene_12.wav/4@0+50");
	made_end();
}
END_TEST

/* A file of just below 4 GiB that takes no room on the disk. */
static void
make_full(const char *name, int channels, int64_t bytes)
{
	struct bytes o = {.n = 0};
	put_riff(&o, "RIFF", channels, 48000, 24);
	put_chunk_head(&o, "data", (uint32_t)bytes);
	save(name, &o);
	ck_assert_int_eq(truncate(name, (off_t)(44 + bytes)), 0);
}

START_TEST(takes)
{
	made_begin();
	make("00000001.WAV", 3, 90);
	make("00000002.WAV", 3, 90);
	make("00000003.WAV", 3, 10);
	EXPECT("track-01[Track 01]1:00000001.WAV@0+90,00000002.WAV@90+90,00000003.WAV@180+10 "
	       "track-02[Track 02]1:00000001.WAV/2@0+90,00000002.WAV/2@90+90,00000003.WAV/2@180+10 "
	       "track-03[Track 03]1:00000001.WAV/3@0+90,00000002.WAV/3@90+90,00000003.WAV/3@180+10");
	made_end();

	made_begin();
	make("REC_009.wav", 2, 90);
	make("REC_010.wav", 2, 90);
	make("REC_011.wav", 2, 80);
	/* equal stems, a different length first, a gap, another format: no takes */
	make("Tom-1.wav", 1, 90);
	make("Tom-2.wav", 1, 90);
	make("Vox-1.wav", 1, 50);
	make("Vox-2.wav", 1, 90);
	make("Gtr-1.wav", 1, 90);
	make("Gtr-3.wav", 1, 50);
	make("Pad-1.wav", 1, 90);
	make("Pad-2.wav", 2, 50);
	EXPECT("gtr-1[Gtr-1]1:Gtr-1.wav@0+90 gtr-3[Gtr-3]1:Gtr-3.wav@0+50 pad-1[Pad-1]1:Pad-1.wav@0+90 "
	       "pad-2[Pad-2]2:Pad-2.wav@0+50 rec[REC]2:REC_009.wav@0+90,REC_010.wav@90+90,REC_011.wav@180+80 "
	       "tom-1[Tom-1]1:Tom-1.wav@0+90 tom-2[Tom-2]1:Tom-2.wav@0+90 vox-1[Vox-1]1:Vox-1.wav@0+50 "
	       "vox-2[Vox-2]1:Vox-2.wav@0+90");
	made_end();

	/* two files are one take where the first is as full as a file gets */
	made_begin();
	make_full("Live-1.wav", 2, 4294967280);
	make_full("Live-2.wav", 2, 6000);
	EXPECT("live[Live]2:Live-1.wav@0+715827880,Live-2.wav@715827880+1000");
	made_end();

	/* time stamps decide: the first two continue, the third begins later */
	made_begin();
	make_stamped("Gtr-01.wav", 1, 48000, 500, 4800000);
	make_stamped("Gtr-02.wav", 1, 48000, 300, 4800500);
	make_stamped("Gtr-03.wav", 1, 48000, 300, 4801500);
	EXPECT("gtr[Gtr]1:Gtr-01.wav@0+500,Gtr-02.wav@500+300 gtr-03[Gtr-03]1:Gtr-03.wav@1500+300");
	made_end();
}
END_TEST

START_TEST(stamps)
{
	/* relative to the earliest, at each file's own rate; no stamp is no offset */
	made_begin();
	make_stamped("a.wav", 1, 48000, 100, 48000 * 3601 + 24000);
	make_stamped("b.wav", 1, 44100, 100, 44100 * 3602);
	make_stamped("c.wav", 1, 96000, 100, 0);
	make("d.wav", 1, 100);
	struct scan *s = look();
	ck_assert_int_eq(s->rate, 48000);
	scan_free(s);
	EXPECT("a[a]1:a.wav@0+100 b[b]1:b.wav@22050+100 c[c]1:c.wav@0+100 d[d]1:d.wav@0+100");
	/* more than half a day apart: not one recording */
	make_stamped("e.wav", 1, 48000, 100, (uint64_t)48000 * 3600 * 14);
	EXPECT("a[a]1:a.wav@0+100 b[b]1:b.wav@0+100 c[c]1:c.wav@0+100 d[d]1:d.wav@0+100 e[e]1:e.wav@0+100");
	made_end();
	/* from the song's beginning */
	made_begin();
	make_stamped("a.wav", 1, 48000, 100, 0);
	make_stamped("b.wav", 1, 48000, 100, 480);
	EXPECT("a[a]1:a.wav@0+100 b[b]1:b.wav@480+100");
	made_end();
}
END_TEST

static void
make_bounce(const char *name)
{
	struct bytes o = {.n = 0};
	put_riff(&o, "RIFF", 2, 48000, 16);
	put_bext(&o, "", "stemdesk", 0, "A=PCM,F=48000,W=16,M=stereo,T=stemdesk\r\n");
	put_data(&o, 100, 4);
	end_riff(&o);
	save(name, &o);
}

START_TEST(left_out)
{
	made_begin();
	make("Kick.wav", 1, 100);
	make(".hidden.wav", 1, 100);
	make("._Kick.wav", 1, 100);
	make("half.wav.part", 1, 100);
	make_bounce("mix.wav");
	struct bytes o = {.n = 0};
	put_text(&o, "strip/kick/fader -6\n");
	save("song.desk", &o);
	save("notes.txt", &o);
	save("broken.wav", &o);
	ck_assert_int_eq(mkdir("more", 0777), 0);
	ck_assert_int_eq(mkdir("folder.wav", 0777), 0);
	ck_assert_int_eq(mkfifo("pipe.wav", 0666), 0);
	ck_assert_int_eq(symlink("Kick.wav", "Link.wav"), 0);
	ck_assert_int_eq(symlink("nowhere", "Dangling.wav"), 0);
	o.n = 0;
	put_text(&o, "OggS");
	put_zero(&o, 60);
	save("lossy.ogg", &o);
	put_text(&o, "COMMENT=T=stemdesk 0.1.0; session="
	             "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	save("our.ogg", &o);
	struct scan *s = look();
	ck_assert_str_eq(tell(s), "kick[Kick]1:Kick.wav@0+100 link[Link]1:Link.wav@0+100");
	ck_assert_uint_eq(s->own, 2);
	ck_assert_uint_eq(s->refusals, 2);
	ck_assert_str_eq(s->refused[0].path, "./broken.wav");
	ck_assert_ptr_nonnull(strstr(s->refused[0].reason, "not a sound file"));
	ck_assert_str_eq(s->refused[1].path, "./lossy.ogg");
	ck_assert_ptr_nonnull(strstr(s->refused[1].reason, "Ogg"));
	/* 3 unfit names, session, notes, 2 folders, pipe, dangling link */
	ck_assert_uint_eq(s->ignored, 9);
	scan_free(s);

	ck_assert_int_eq(rename("Kick.wav", "K\xffick.wav"), 0);
	s = look();
	ck_assert_uint_eq(s->refusals, 3);
	ck_assert_ptr_nonnull(strstr(s->refused[1].reason, "./K\\xffick.wav: its name is not UTF-8"));
	scan_free(s);

	/* named, a bounce is a stem like any other, and a pipe is refused */
	static const char *const named[] = {"pipe.wav", "mix.wav"};
	struct err err;
	s = scan_files(named, 2, &err);
	ck_assert_ptr_nonnull(s);
	ck_assert_str_eq(tell(s), "mix[mix]2:mix.wav@0+100");
	ck_assert_uint_eq(s->refusals, 1);
	ck_assert_ptr_nonnull(strstr(s->refused[0].reason, "a pipe"));
	scan_free(s);
	made_end();

	/* nothing but bounces: they are what there is */
	made_begin();
	make_bounce("drums.wav");
	EXPECT("drums[drums]2:drums.wav@0+100");
	made_end();
}
END_TEST

START_TEST(too_much)
{
	struct err err;
	static const char *many[SCAN_FILES_MAX + 1];
	for (size_t k = 0; k <= SCAN_FILES_MAX; k++)
		many[k] = "x";
	ck_assert_ptr_null(scan_files(many, SCAN_FILES_MAX + 1, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "4096"));
	ck_assert_ptr_null(scan_folder("/nonexistent/folder", &err));
	made_begin();
	make("wide.wav", 64, 10);
	static const char *wide[65];
	for (size_t k = 0; k < 65; k++)
		wide[k] = "wide.wav";
	ck_assert_ptr_null(scan_files(wide, 65, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "4160 strips"));
	struct scan *s = scan_files(wide, 64, &err);
	ck_assert_ptr_nonnull(s);
	ck_assert_uint_eq(s->strips, 4096);
	ck_assert_str_eq(s->strip[4095].id, "wide-64-64");
	scan_free(s);
	s = scan_files(wide, 0, &err);
	ck_assert_ptr_nonnull(s);
	ck_assert_uint_eq(s->strips, 0);
	ck_assert_int_eq(s->rate, 0);
	scan_free(s);
	made_end();
}
END_TEST

TEST_MAIN("scan", 30, natural, slugs, sides, names_and_order, pairs, many_channels, takes, stamps, left_out, too_much)
