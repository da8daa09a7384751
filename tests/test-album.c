/* Albums: their files, where songs stand, the sheets of a disc, the sides of a record, and what is written. */
#include "bouncetest.h"

#include "master/album.h"
#include "master/album_lines.h"
#include "master/disc.h"
#include "master/outlier.h"
#include "master/sides.h"
#include "session/text.h"

#define RATE 44100

static struct album *
load(const char *text, const char *variant, double rate)
{
	struct err err = {""};
	write_text("x.album", text);
	struct album *a = album_load("x.album", variant, rate, &err);
	ck_assert_msg(a != NULL, "%s", err.text);
	return a;
}

static void
refused(const char *text, const char *why)
{
	struct err err = {""};
	write_text("x.album", text);
	struct album *a = album_load("x.album", NULL, RATE, &err);
	ck_assert_msg(a == NULL, "taken: %s", text);
	ck_assert_msg(strstr(err.text, why) != NULL, "\"%s\" is not in: %s", why, err.text);
}

START_TEST(test_file)
{
	test_begin();
	struct album *a =
	    load("stemdesk album 1\n# the record\nalbum/title \"A B\"\nalbum/rule loudest\nalbum/gap 1s\n"
	         "song/b/file b.wav\nsong/a/file \"sub dir/a.wav\"\nsong/a/title \"Ay\"\nsong/a/eq/1/gain -2\n"
	         "song/a/gap 441smp\nmaster/comp/on on\nvariant vinyl album/lufs -18\n"
	         "variant vinyl song/b/trim -3\n",
	         NULL, RATE);
	ck_assert_int_eq((int)a->songs, 2);
	ck_assert_str_eq(a->song[0].id, "b"); /* in the order of their file lines */
	ck_assert_str_eq(a->song[0].text[SONG_TITLE], "b");
	ck_assert_str_eq(a->song[1].text[SONG_TITLE], "Ay");
	ck_assert_str_eq(a->text[ALBUM_TITLE], "A B");
	ck_assert_int_eq((int)a->value[ALBUM_RULE], RULE_LOUDEST);
	ck_assert(isnan(a->value[ALBUM_LUFS]));
	ck_assert_double_eq(a->song[0].value[SONG_GAP], 0); /* nothing before the first */
	ck_assert_double_eq(a->song[1].value[SONG_GAP], 441);
	ck_assert_int_eq((int)a->lines, 2);
	ck_assert_str_eq(a->line[0].text, "strip/a/eq/1/gain -2");
	ck_assert_str_eq(a->line[1].text, "master/comp/on on");
	album_free(a);
	a = load("stemdesk album 1\nsong/b/file b.wav\nsong/c/file c.wav\nvariant vinyl album/lufs -18\n"
	         "variant cd album/lufs -9\nvariant vinyl song/b/trim -3\n",
	         "vinyl", RATE);
	ck_assert_double_eq(a->value[ALBUM_LUFS], -18);
	ck_assert_double_eq(a->song[1].value[SONG_GAP], 2 * RATE); /* as on a disc */
	ck_assert_str_eq(a->line[0].text, "strip/b/trim -3");
	album_free(a);
	refused("stemdesk 1\n", "first line");
	refused("stemdesk album 2\nsong/a/file a.wav\n", "version 2");
	refused("stemdesk album 1\n", "no songs");
	refused("stemdesk album 1\nsong/a/title x\n", "line 2");
	refused("stemdesk album 1\nsong/a/file a.wav\nalbum/colour red\n", "line 3");
	refused("stemdesk album 1\nsong/a/file a.wav\nsong/a/gap -1s\n", "line 3");
	refused("stemdesk album 1\nsong/A/file a.wav\n", "ID");
	refused("stemdesk album 1\nsong/a/file a.wav\nstrip/a/fader 0\n", "begin with");
	refused("stemdesk album 1\nsong/a/file a.wav\nsong/a/crossfade 1s\n", "first");
	refused("stemdesk album 1\nsong/a/file a.wav\nsong/b/file b.wav\nsong/b/gap 1s\nsong/b/crossfade 1s\n", "both");
	test_end();
}
END_TEST

/* Sectors of 588 frames: a pause rounds up to one, songs without a pause follow to the frame. */
START_TEST(test_plan)
{
	struct err err = {""};
	struct album_place p[4];
	int64_t frames[] = {100000, 50000, 70000, 60001};
	test_begin();
	struct album *a = load("stemdesk album 1\nsong/a/file a.wav\nsong/b/file b.wav\nsong/b/gap 0s\nsong/c/file c.wav\n"
	                       "song/c/gap 1s\nsong/d/file d.wav\nsong/d/crossfade 5000smp\nsong/d/from 1000smp\n"
	                       "song/d/to 51000smp\nsong/d/fade-out 100smp\n",
	                       NULL, RATE);
	ck_assert_int_eq(album_plan(a, RATE, frames, p, &err), 0);
	ck_assert_int_eq(p[0].at, 0);
	ck_assert_int_eq(p[1].at, 100000);
	ck_assert_int_eq(p[1].mark, 100000 / 588 * 588);
	ck_assert_int_eq(p[1].pause, p[1].mark);
	int64_t c = (150000 + 44100 + 587) / 588 * 588;
	ck_assert_int_eq(p[2].at, c);
	ck_assert_int_eq(p[2].mark, c);
	ck_assert_int_eq(p[2].pause, (150000 + 587) / 588 * 588);
	ck_assert_int_eq(p[2].fade_out, 5000);
	ck_assert_int_eq(p[3].at, c + 70000 - 5000);
	ck_assert_int_eq(p[3].fade_in, 5000);
	ck_assert_int_eq(p[3].fade_out, 100);
	ck_assert_int_eq(p[3].from, 1000);
	ck_assert_int_eq(p[3].end, c + 65000 + 50000);
	frames[3] = 900; /* shorter than its beginning */
	ck_assert_int_eq(album_plan(a, RATE, frames, p, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "song/d"));
	frames[3] = 4000; /* shorter than its crossfade */
	ck_assert_int_eq(album_plan(a, RATE, frames, p, &err), -1);
	album_free(a);
	/* silence before the first song is its pause; no song is in two crossfades at a time */
	a = load("stemdesk album 1\nsong/a/file a.wav\nsong/a/gap 2s\nsong/b/file b.wav\nsong/b/crossfade 30000smp\n"
	         "song/c/file c.wav\nsong/c/crossfade 20000smp\n",
	         NULL, RATE);
	ck_assert_int_eq(album_plan(a, RATE, (const int64_t[]){100000, 50000, 70000}, p, &err), 0);
	ck_assert_int_eq(p[0].pause, 0);
	ck_assert_int_eq(p[0].mark, 2 * RATE);
	ck_assert_int_eq(p[0].at, 2 * RATE);
	ck_assert_int_eq(album_plan(a, RATE, (const int64_t[]){100000, 49999, 70000}, p, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "song/c"));
	ck_assert_int_eq(album_sector(48000), 640);
	ck_assert_int_eq(album_sector(11025), 147);
	ck_assert_int_eq(album_sector(22050 + 1), 1);
	album_free(a);
	test_end();
}
END_TEST

/* Codes from the standards' own examples: ISO 3901's, GS1's EAN-13 and UPC-A. */
START_TEST(test_codes)
{
	struct err err;
	char isrc[13], upc[14];
	ck_assert_int_eq(disc_isrc("US-S1Z-99-00001", isrc, &err), 0);
	ck_assert_str_eq(isrc, "USS1Z9900001");
	ck_assert_int_eq(disc_isrc("gbaye0601498", isrc, &err), 0);
	ck_assert_str_eq(isrc, "GBAYE0601498");
	static const char *const wrong[] = {
	    "", "USS1Z990000", "USS1Z99000011", "1SS1Z9900001", "USS1Z99000O1", "US S1Z\t9900001"};
	for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++)
		ck_assert_msg(disc_isrc(wrong[k], isrc, &err) == -1, "%s", wrong[k]);
	ck_assert_int_eq(disc_upc("4006381333931", upc, &err), 0);
	ck_assert_int_eq(disc_upc("036000291452", upc, &err), 0);
	ck_assert_str_eq(upc, "0036000291452");
	ck_assert_int_eq(disc_upc("4006381333932", upc, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "would be 1"));
	ck_assert_int_eq(disc_upc("40063813339", upc, &err), -1);
}
END_TEST

/* CD-TEXT is ISO 8859-1, which cdrdao takes in octal: \351 is its e with an acute. */
START_TEST(test_cd_text)
{
	struct disc_track track = {.title = "Caf\u00e9 \u2013 \u201cTwo\u201d\u2026 \u4e16", .artist = "", .isrc = ""};
	struct disc d = {
	    .title = "\u00c6\\", .artist = "", .upc = "", .date = "", .genre = "", .track = &track, .tracks = 1};
	char *toc = disc_toc(&d, "\u00e9.wav");
	ck_assert_ptr_nonnull(strstr(toc, "TITLE \"Caf\\351 - \\\"Two\\\"... ?\"\n"));
	ck_assert_ptr_nonnull(strstr(toc, "TITLE \"\\306\\\\\"\n"));
	ck_assert_ptr_nonnull(strstr(toc, "FILE \"\u00e9.wav\" ")); /* a file's name stays what it is */
	free(toc);
}
END_TEST

static int said;

static void
count(void *arg, const char *sentence)
{
	(void)arg, (void)sentence;
	said++;
}

START_TEST(test_sheets)
{
	struct disc_track tracks[2] = {
	    {.title = "One \"1\"", .artist = "", .isrc = "US-S1Z-99-00001", .pause = 0, .begin = 0},
	    {.title = "Two", .artist = "Guest", .isrc = "", .pause = 75 * 61 + 3, .begin = 75 * 63}};
	struct disc d = {.title = "T",
	                 .artist = "A",
	                 .upc = "4006381333931",
	                 .date = "2026",
	                 .genre = "",
	                 .track = tracks,
	                 .tracks = 2,
	                 .sectors = 75 * 200 + 10};
	char *cue = disc_cue(&d, "t.wav"), *toc = disc_toc(&d, "t.wav");
	ck_assert_str_eq(cue,
	                 "REM DATE \"2026\"\nCATALOG 4006381333931\nPERFORMER \"A\"\nTITLE \"T\"\nFILE \"t.wav\" WAVE\n"
	                 "  TRACK 01 AUDIO\n    TITLE \"One '1'\"\n    PERFORMER \"A\"\n    ISRC USS1Z9900001\n"
	                 "    INDEX 01 00:00:00\n"
	                 "  TRACK 02 AUDIO\n    TITLE \"Two\"\n    PERFORMER \"Guest\"\n"
	                 "    INDEX 00 01:01:03\n    INDEX 01 01:03:00\n");
	ck_assert_ptr_nonnull(strstr(toc, "CD_DA\nCATALOG \"4006381333931\"\n"));
	ck_assert_ptr_nonnull(strstr(toc, "TITLE \"One \\\"1\\\"\""));
	ck_assert_ptr_nonnull(strstr(toc, "FILE \"t.wav\" 00:00:00 01:01:03\n"));
	ck_assert_ptr_nonnull(strstr(toc, "FILE \"t.wav\" 01:01:03 02:19:07\nSTART 00:01:72\n"));
	ck_assert_int_eq(disc_check(&d, count, NULL), 0);
	/* The pause before a track belongs to it: one of 2 s does not make 3 s into a track. */
	tracks[1].pause = 75 * 3;
	tracks[1].begin = 75 * 5;
	ck_assert_int_eq(disc_check(&d, count, NULL), 1);
	tracks[1].isrc = "uss1z9900001"; /* the first one's */
	ck_assert_int_eq(disc_check(&d, count, NULL), 2);
	tracks[1].isrc = "";
	said = 0;
	tracks[1].pause = 75 * 61 + 3;
	tracks[1].begin = d.sectors - 4 * 75 + 1; /* a sector too short */
	d.upc = "4006381333932";
	tracks[0].isrc = "nonsense";
	ck_assert_int_eq(disc_check(&d, count, NULL), 3);
	d.sectors = 80 * 60 * 75;
	ck_assert_int_eq(disc_check(&d, count, NULL), 3); /* too long, and no more too short */
	ck_assert_int_eq(said, 6);
	free(cue);
	free(toc);
}
END_TEST

START_TEST(test_sides)
{
	struct sides_song song[] = {{4, -14, 0}, {6, -13, 0}, {3, -10, 0}, {5, -14, 0}, {4, -14.5, 0}, {8, -15, 0}};
	const struct vinyl_profile plant = {.name = "p", .minutes = 12, .most_minutes = 17};
	struct sides s;
	sides_split(&plant, song, 6, &s);
	ck_assert_int_eq((int)s.first, 3); /* 13 and 17: any other split has a longer side */
	ck_assert_double_eq(s.minutes[0], 13);
	ck_assert_double_eq(s.minutes[1], 17);
	ck_assert_double_eq_tol(s.level[1], 20 * log10(17 / 12.0), 1e-9);
	ck_assert_int_eq(s.fits, 1);
	ck_assert_int_eq(s.loud_inside[0], 2);
	ck_assert_int_eq(s.loud_inside[1], -1);
	/* 10 and 20 are too long for the plant, 18 and 12 too: a side ends within the music rather than that. */
	song[3].joined = 1;
	sides_split(&plant, song, 6, &s);
	ck_assert_int_eq((int)s.first, 3);
	struct vinyl_profile more = plant;
	more.most_minutes = 18;
	sides_split(&more, song, 6, &s);
	ck_assert_int_eq((int)s.first, 4);
	/* By loudness 3 2 1 4 5 6: 3 to A (3), 2 to B (6), 1 to A (7), 4 to B (11), 5 to A (11), 6 to A (19). */
	static const size_t wanted[] = {2, 0, 4, 5, 1, 3};
	size_t order[6];
	ck_assert_int_eq((int)sides_order(song, 6, order), 4);
	for (size_t k = 0; k < 6; k++)
		ck_assert_int_eq((int)order[k], (int)wanted[k]);
}
END_TEST

/* Eleven songs alike and one that is louder, narrower and dull: it alone stands apart, and the lines help. */
START_TEST(test_outliers)
{
	static struct measured m[12];
	static struct outlier_row row[12];
	uint64_t seed = 3;
	for (int k = 0; k < 12; k++) {
		m[k] = (struct measured){.integrated = -14 + 0.3 * test_random(&seed),
		                         .range = 7 + test_random(&seed),
		                         .plr = 12 + 0.5 * test_random(&seed),
		                         .width = -9 + 0.5 * test_random(&seed)};
		for (int b = 0; b < BALANCE_BANDS; b++)
			m[k].band[b].level = -20 - fabs(b - 8.0) + 0.4 * test_random(&seed);
	}
	m[4].integrated += 4;
	m[4].width -= 10;
	for (int b = 0; b < BALANCE_BANDS; b++)
		m[4].band[b].level += 4 - (b > 20 ? 8 : 0);
	outlier_judge(m, 12, 48000, row);
	for (int k = 0; k < 12; k++) {
		ck_assert_msg((row[k].out != 0) == (k == 4), "song %d", k);
		ck_assert_msg((row[k].bands_out != 0) == (k == 4), "song %d", k);
	}
	ck_assert_uint_eq(row[4].out, 1u << OUTLIER_LOUDNESS | 1u << OUTLIER_WIDTH);
	ck_assert_double_eq_tol(row[4].trim, -(4 - outlier_least[OUTLIER_LOUDNESS]), 0.7);
	ck_assert_double_gt(row[4].width, 100);
	ck_assert_int_gt(row[4].match.bands, 0);
	ck_assert_double_gt(row[4].match.response[27], row[4].match.response[10] + 2); /* brighter again */
}
END_TEST

static double
tone(int64_t t, int c)
{
	return 0.05 * sin(2 * M_PI * (c ? 301 : 220.5) * (double)t / RATE);
}

static double
tone_on(int64_t t, int c)
{
	return tone(t + 300001, c);
}

#define TWO                                                                                                            \
	"stemdesk album 1\nalbum/title \"Gapless\"\nalbum/artist \"Us\"\nalbum/rule none\nalbum/upc 036000291452\n"        \
	"song/a/file a.wav\nsong/a/title \"First\"\nsong/a/isrc US-S1Z-99-00001\n"                                         \
	"song/b/file b.wav\nsong/b/title \"Se/cond\"\nsong/b/gap 0s\n"

/* Two halves of one sound, cut anywhere, are whole again, in one file and in two; and it is the same again. */
START_TEST(test_gapless)
{
	test_begin();
	make_sound("a.wav", 2, RATE, 300001, tone, 0);
	make_sound("b.wav", 2, RATE, 250000, tone_on, 0);
	write_text("r.album", TWO);
	ck_assert_int_eq(DESK("album r.album --into one --image --bits 32f"), 0);
	ck_assert_int_eq(DESK("album r.album --into two --bits 32f"), 0);
	struct sound all = read_sound("one/Gapless.wav"), a = read_sound("two/01 First.wav"),
	             b = read_sound("two/02 Se-cond.wav");
	ck_assert_int_eq(all.frames % 588, 0);
	ck_assert_int_eq(a.frames, 300001 / 588 * 588);
	ck_assert_int_eq(a.frames + b.frames, all.frames);
	double most = 0;
	for (int64_t t = 0; t < all.frames; t++)
		for (int c = 0; c < 2; c++) {
			most = fmax(most, fabs(all.x[2 * t + c] - (t < 550001 ? (double)(float)tone(t, c) : 0)));
			ck_assert_double_eq(all.x[2 * t + c], t < a.frames ? a.x[2 * t + c] : b.x[2 * (t - a.frames) + c]);
		}
	ck_assert_double_le(20 * log10(most), -120);
	SAYS("one/Gapless.cue", "INDEX 01 00:06:60"); /* frame 300001 is in sector 510 */
	ck_assert_int_eq(DESK("album r.album --into three --bits 32f"), 0);
	ck_assert_int_eq(run("diff -r two three"), 0);
	ck_assert_int_eq(run("cd two && sha256sum -c SHA256SUMS"), 0);
	ck_assert_int_eq(access("one/Gapless.toc", F_OK), -1); /* no disc holds floats */
	ck_assert_int_eq(DESK("album r.album --into four --image"), 0);
	ck_assert_int_eq(access("four/Gapless.toc", F_OK), 0);
	test_end();
}
END_TEST

static double
high(int64_t t, int c)
{
	(void)c;
	return 0.1 * sin(2 * M_PI * 1000 * (double)t / RATE);
}

static double
low(int64_t t, int c)
{
	(void)c;
	return 0.1 * sin(2 * M_PI * 250 * (double)t / RATE);
}

/* How much of a tone there is around a frame, as a factor: a tenth of a second, whole periods of both tones. */
static double
much(const struct sound *s, int64_t at, double hz)
{
	double re = 0, im = 0;
	for (int64_t t = at - RATE / 20; t < at + RATE / 20; t++) {
		re += s->x[2 * t] * cos(2 * M_PI * hz * (double)t / RATE);
		im += s->x[2 * t] * sin(2 * M_PI * hz * (double)t / RATE);
	}
	return sqrt(re * re + im * im) / (RATE / 20.0);
}

/* In a crossfade of 8 s one song goes as the other comes, the powers of both adding up to one; outside it each is
 * whole. */
START_TEST(test_crossfade)
{
	test_begin();
	make_sound("a.wav", 2, RATE, 12 * RATE, high, 0);
	make_sound("b.wav", 2, RATE, 12 * RATE, low, 0);
	write_text("r.album", "stemdesk album 1\nalbum/title x\nalbum/rule none\nsong/a/file a.wav\nsong/b/file b.wav\n"
	                      "song/b/crossfade 8s\nsong/b/trim -6\n");
	ck_assert_int_eq(DESK("album r.album --into made --image --bits 32f"), 0);
	struct sound x = read_sound("made/x.wav");
	ck_assert_int_eq(x.frames, 16 * RATE);
	double half = pow(10, -6 / 20.0), last = 1;
	for (int s = 1; s < 16; s++) {
		double a = much(&x, s * RATE, 1000) / 0.1, b = much(&x, s * RATE, 250) / 0.1 / half;
		ck_assert_msg(fabs(a * a + b * b - 1) < 0.01, "at %d s: %g and %g", s, a, b);
		ck_assert_msg(s > 4 || fabs(a - 1) < 0.01, "at %d s: %g", s, a);
		ck_assert_msg(s < 12 || a < 0.01, "at %d s: %g", s, a);
		ck_assert_double_le(a, last + 0.001);
		last = a;
	}
	ck_assert_double_eq_tol(much(&x, 8 * RATE, 1000) / 0.1, sqrt(0.5), 0.01);
	test_end();
}
END_TEST

/* Loudness to the rule, by libebur128 in `measure`; tags and loudness where readers look for them. */
START_TEST(test_loudness)
{
	test_begin();
	make_sound("a.wav", 2, RATE, 400000, tone, 0);
	make_sound("b.wav", 2, RATE, 300000, tone, 0);
	write_text("r.album", TWO "song/b/trim -6\n");
	ck_assert_int_eq(run("sed -i 's/rule none/rule loudest/' r.album"), 0);
	ck_assert_int_eq(DESK("album r.album --lufs=-20 --into flac --format flac"), 0);
	ck_assert_int_eq(DESK("measure --json 'flac/01 First.flac'"), 0);
	double lufs =
	    strtod(strstr(read_text("out"), "integrated") + strcspn(strstr(read_text("out"), "integrated"), ":") + 1, NULL);
	ck_assert_double_eq_tol(lufs, -20, 0.05);
	/* AES77 holds an album to its loudest song; where the album names a rule, that holds. */
	ck_assert_int_eq(run("grep -v rule r.album >n.album"), 0);
	ck_assert_int_eq(DESK("album n.album --target aes77-album --json"), 0);
	const char *songs = strstr(read_text("out"), "\"songs\"");
	ck_assert_double_eq_tol(strtod(strstr(songs, "\"mastered_lufs\":") + 16, NULL), -14, 0.05);
	ck_assert_int_eq(run("sed 's/rule loudest/rule album/' r.album >n.album"), 0);
	ck_assert_int_eq(DESK("album n.album --target aes77-album --json"), 0);
	ck_assert_double_eq_tol(strtod(strstr(read_text("out"), "\"mastered_lufs\":") + 16, NULL), -14, 0.05);
	ck_assert_int_eq(DESK("album n.album --variant nobody"), 1);
	SAYS("err", "there is no variant");
	SNDFILE *file = sf_open("flac/01 First.flac", SFM_READ, &(SF_INFO){0});
	ck_assert_ptr_nonnull(file);
	ck_assert_str_eq(sf_get_string(file, SF_STR_TITLE), "First");
	ck_assert_str_eq(sf_get_string(file, SF_STR_ARTIST), "Us");
	sf_close(file);
	ck_assert_int_eq(run("grep -a -q 'REPLAYGAIN_TRACK_GAIN=2.0[0-9] dB' 'flac/01 First.flac'"), 0);
	ck_assert_int_eq(run("grep -a -q 'ISRC=USS1Z9900001' 'flac/01 First.flac'"), 0);
	ck_assert_int_eq(DESK("album r.album --lufs=-20 --into wav"), 0);
	SF_BROADCAST_INFO info;
	file = sf_open("wav/01 First.wav", SFM_READ, &(SF_INFO){0});
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(sf_command(file, SFC_GET_BROADCAST_INFO, &info, sizeof info), SF_TRUE);
	ck_assert_int_eq(info.version, 2);
	ck_assert_double_eq_tol(info.loudness_value / 100.0, -20, 0.05);
	ck_assert_str_eq(sf_get_string(file, SF_STR_TITLE), "First");
	sf_close(file);
	ck_assert_int_eq(run("grep -a -q 'ISRC:USS1Z9900001' 'wav/01 First.wav'"), 0);
	test_end();
}
END_TEST

/* A proposal stands for the line that the song has: followed, it leaves the song as far away as songs may be. */
START_TEST(test_proposal)
{
	test_begin();
	make_sound("a.wav", 2, RATE, 5 * RATE, tone, 0);
	write_text("r.album", "stemdesk album 1\nsong/a/file a.wav\nsong/b/file a.wav\nsong/c/file a.wav\n"
	                      "song/d/file a.wav\nsong/e/file a.wav\nsong/e/trim 8\n");
	ck_assert_int_eq(DESK("album r.album --json"), 0);
	const char *line = strstr(read_text("out"), "song/e/trim ");
	ck_assert_ptr_nonnull(line);
	ck_assert_double_eq_tol(strtod(line + 12, NULL), outlier_least[OUTLIER_LOUDNESS], 0.05);
	ck_assert_ptr_null(strstr(read_text("out"), "song/a/"));
	/* Written into the album, they leave nothing to propose. */
	ck_assert_int_eq(DESK("album r.album --lines --apply"), 0);
	ck_assert_int_eq(strncmp(read_text("out"), "song/e/trim ", 12), 0);
	SAYS("r.album", "song/e/file a.wav\nsong/e/trim ");
	ck_assert_ptr_null(strstr(read_text("r.album"), "trim 8"));
	ck_assert_int_eq(DESK("album r.album --lines"), 0);
	ck_assert_str_eq(read_text("out"), "");
	test_end();
}
END_TEST

/* A title names a file that a CUE sheet can name, and a plant's computer too; tags have an ISRC without hyphens. */
static void
put(const char *text, const char *variant, const char *line, const char *wanted)
{
	struct err err;
	char *now = album_lines_put(text_copy(text, strlen(text)), variant, line, &err);
	ck_assert_str_eq(now, wanted);
	free(now);
}

/* A line that is put in takes the place of the one that held, and touches nothing else. */
START_TEST(test_lines)
{
	put("v\nsong/a/trim 1 # why\nsong/b/trim 2\nsong/a/trim 3\n", NULL, "song/a/trim 4",
	    "v\nsong/a/trim 1 # why\nsong/b/trim 2\nsong/a/trim 4\n");
	put("song/a/file a\r\nvariant x song/a/trim 1\r\nsong/ab/file b\r\n", NULL, "song/a/trim 4",
	    "song/a/file a\nsong/a/trim 4\r\nvariant x song/a/trim 1\r\nsong/ab/file b\r\n");
	put("song/a/file a\nvariant x song/a/width 1\n# end\n", "x", "song/a/trim 4",
	    "song/a/file a\nvariant x song/a/width 1\nvariant \"x\" song/a/trim 4\n# end\n");
	put("song/a/file a", "x y", "song/a/trim 4", "song/a/file a\nvariant \"x y\" song/a/trim 4\n");
	put("", NULL, "song/a/trim 4", "song/a/trim 4\n");
}
END_TEST

START_TEST(test_names)
{
	test_begin();
	make_sound("a.wav", 2, 44100, 5 * 44100, tone, 0);
	write_text("r.album", "stemdesk album 1\nalbum/title \"\\\"Who\\\"?\"\nsong/a/file a.wav\nsong/a/title \"A: B/C\"\n"
	                      "song/a/isrc US-S1Z-99-00001\n");
	ck_assert_int_eq(DESK("album r.album --into one --image"), 0);
	ck_assert_int_eq(access("one/'Who'-.wav", F_OK), 0);
	SAYS("one/'Who'-.cue", "FILE \"'Who'-.wav\" WAVE");
	SAYS("one/'Who'-.toc", "FILE \"'Who'-.wav\" 00:00:00 00:05:00");
	ck_assert_int_eq(DESK("album r.album --into two --format flac"), 0);
	ck_assert_int_eq(run("grep -a -q 'ISRC=USS1Z9900001' 'two/01 A- B-C.flac'"), 0);
	test_end();
}
END_TEST

/* An MP3 says it all too, in a tag before its sound whose length leads to the sound (ID3v2.4, 3.1 and 6.2). */
START_TEST(test_mp3)
{
	SF_INFO info = {.samplerate = 44100, .channels = 2, .format = 0x230082};
	if (!sf_format_check(&info))
		return; /* a libsndfile that writes none */
	test_begin();
	make_sound("a.wav", 2, 44100, 5 * 44100, tone, 0);
	write_text("r.album", "stemdesk album 1\nalbum/title \"\u00c9t\u00e9\"\nsong/a/file a.wav\n"
	                      "song/a/title \"A title of more than thirty letters\"\nsong/a/isrc US-S1Z-99-00001\n");
	ck_assert_int_eq(DESK("album r.album --into m --format mp3"), 0);
	const char *path = "m/01 A title of more than thirty letters.mp3";
	unsigned char head[4096];
	FILE *file = fopen(path, "r");
	ck_assert_int_eq((int)fread(head, 1, sizeof head, file), (int)sizeof head);
	fclose(file);
	ck_assert_mem_eq(head, "ID3\4\0\0", 6);
	size_t size = (size_t)head[6] << 21 | (size_t)head[7] << 14 | (size_t)head[8] << 7 | head[9];
	ck_assert_uint_lt(10 + size + 1, sizeof head);
	ck_assert_int_eq(head[10 + size], 0xff);
	ck_assert_int_eq(head[11 + size] & 0xe0, 0xe0);
	ck_assert_ptr_nonnull(memmem(head, size, "TSRC\0\0\0\15\0\0\3USS1Z9900001", 23));
	ck_assert_ptr_nonnull(memmem(head, size, "TRCK\0\0\0\4\0\0\0031/1", 14));
	ck_assert_ptr_nonnull(memmem(head, size, "\3REPLAYGAIN_ALBUM_GAIN\0", 23));
	SNDFILE *sound = sf_open(path, SFM_READ, &(SF_INFO){0});
	ck_assert_ptr_nonnull(sound);
	ck_assert_str_eq(sf_get_string(sound, SF_STR_TITLE), "A title of more than thirty letters");
	ck_assert_str_eq(sf_get_string(sound, SF_STR_ALBUM), "\u00c9t\u00e9");
	sf_close(sound);
	ck_assert_int_ge((int)read_sound(path).frames, 5 * 44100);
	test_end();
}
END_TEST

/* Above the bass one side against the other, which a needle cannot follow. */
static double
against(int64_t t, int c)
{
	return (c ? -0.3 : 0.3) * sin(2 * M_PI * 1000 * (double)t / RATE);
}

static double
bass(int64_t t, int c)
{
	return c ? 0 : 0.3 * sin(2 * M_PI * 100 * (double)t / RATE);
}

/* A record: a file and a sheet a side, without the pause that it is turned over in, and what its plant asks for. */
START_TEST(test_record)
{
	test_begin();
	make_sound("a.wav", 2, RATE, 5 * RATE, bass, 0);
	make_sound("w.wav", 2, RATE, 5 * RATE, against, 0);
	write_text("r.album",
	           "stemdesk album 1\nalbum/title R\nalbum/target spotify\nsong/a/file a.wav\nsong/b/file a.wav\n"
	           "song/c/file a.wav\nsong/d/file a.wav\n");
	ck_assert_int_eq(DESK("album r.album --into v --vinyl vinyl-strict"), 0);
	ck_assert_int_eq((int)read_sound("v/R - side A.wav").frames, 12 * RATE);
	ck_assert_int_eq((int)read_sound("v/R - side B.wav").frames, 12 * RATE);
	SAYS("v/R - side B.cue", "FILE \"R - side B.wav\" WAVE\n  TRACK 01 AUDIO\n    TITLE \"c\"\n    INDEX 01 00:00:00\n"
	                         "  TRACK 02 AUDIO\n    TITLE \"d\"\n    INDEX 00 00:05:00\n    INDEX 01 00:07:00\n");
	ck_assert_int_eq(access("v/R - side A.toc", F_OK), -1);
	SAYS("out", "master/stereo/mono 300\n");
	SAYS("out", "limiter gain 0.000 dB"); /* a place for streaming says nothing of a record */
	ck_assert_int_eq(run("cd v && sha256sum --quiet -c SHA256SUMS"), 0);
	struct sound side = read_sound("v/R - side A.wav");
	double apart = 0, level = 0; /* a bass of one side is in the middle then: half of it on each */
	for (int64_t k = RATE; k < 4 * RATE; k++) {
		apart += pow(side.x[2 * k] - side.x[2 * k + 1], 2);
		level += pow(side.x[2 * k], 2);
	}
	ck_assert_double_lt(apart, 0.01 * level);
	ck_assert_double_eq_tol(sqrt(2 * level / (3 * RATE)), 0.15, 0.03);
	write_text("w.album", "stemdesk album 1\nsong/a/file w.wav\nsong/b/file a.wav\nsong/b/trim -20\n");
	ck_assert_int_eq(DESK("album w.album --into w --vinyl vinyl-strict"), 3);
	SAYS("err", "album - side A.wav: vinyl-strict: the sides stand at ");
	ck_assert_int_eq(DESK("album w.album --into w --image --vinyl vinyl-strict"), 2);
	ck_assert_int_eq(DESK("album w.album --into w --vinyl nobody"), 2);
	test_end();
}
END_TEST

START_TEST(test_refused)
{
	test_begin();
	make_sound("a.wav", 2, RATE, 100000, tone, 0);
	make_sound("b.wav", 2, RATE, 300000, tone, 0);
	write_text("r.album", TWO);
	ck_assert_int_eq(DESK("album r.album --image"), 2);
	SAYS("err", "--into");
	ck_assert_int_eq(DESK("album none.album"), 1);
	SAYS("err", "none.album");
	ck_assert_int_eq(DESK("album r.album --into x --image"), 3); /* a track of 2.3 s */
	SAYS("err", "4 s at least");
	/* codes are looked at wherever they go */
	write_text("r.album", TWO "song/b/isrc XX-1\nalbum/upc 036000291453\n");
	ck_assert_int_eq(DESK("album r.album"), 3);
	SAYS("err", "no ISRC");
	SAYS("err", "would be 2");
	/* nor over what a song's session plays */
	ck_assert_int_eq(DESK("new b.wav -o b.desk"), 0);
	ck_assert_int_eq(
	    run("mkdir x2 && mv b.wav 'x2/02 Se-cond.wav' && sed -i 's#\"*b.wav\"*#\"x2/02 Se-cond.wav\"#' b.desk"), 0);
	write_text("r.album", "stemdesk album 1\nalbum/rule none\nsong/a/file a.wav\nsong/b/file b.desk\n"
	                      "song/b/title Se/cond\n");
	ck_assert_int_eq(DESK("album r.album --into x2"), 1);
	SAYS("err", "not written over");
	ck_assert_int_eq(run("mv 'x2/02 Se-cond.wav' b.wav"), 0);
	write_text("r.album", TWO "song/b/nonsense 3\n");
	ck_assert_int_eq(DESK("album r.album"), 1);
	SAYS("err", "line 12");
	ck_assert_int_eq(run("rm b.wav; true"), 0);
	write_text("r.album", TWO);
	ck_assert_int_eq(DESK("album r.album"), 1);
	SAYS("err", "song/b");
	test_end();
}
END_TEST

TEST_MAIN("album", 120, test_file, test_plan, test_codes, test_cd_text, test_sheets, test_sides, test_outliers,
          test_gapless, test_crossfade, test_loudness, test_proposal, test_lines, test_names, test_mp3, test_record,
          test_refused)
