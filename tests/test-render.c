/* What the console renders: each kind of the sheet through the built program, the files judged by libsndfile and
 * libebur128; the difference from the last one; a codec and back; the view. */
#include "opendesk.h"

#include <ebur128.h>
#include <libgen.h>
#include <limits.h>
#include <sndfile.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "control/complete.h"
#include "control/desk/render.h"
#include "control/desk/verdicts.h"
#include "ui/view.h"

#define RATE 48000
#define SECONDS 6

/* The desk starts this program again: that becomes the one that was built. */
__attribute__((constructor)) static void
become_stemdesk(int argc, char **argv)
{
	const char *program = getenv("TEST_STEMDESK");
	if (argc > 1 && !strcmp(argv[0], "stemdesk") && program)
		execv(program, argv);
}

/* A tone that beats, softer on the right, with a click above it: -20 dBFS or so. */
static void
write_song(const char *name)
{
	SF_INFO info = {.samplerate = RATE, .channels = 2, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
	SNDFILE *f = sf_open(name, SFM_WRITE, &info);
	ck_assert_ptr_nonnull(f);
	for (int t = 0; t < RATE * SECONDS; t++) {
		double x = 0.08 * sin(0.05 * t) * (1 + 0.5 * sin(0.0002 * t)) + (t % 24000 == 500 ? 0.3 : 0);
		const double frame[2] = {x, 0.7 * x};
		ck_assert_int_eq(sf_writef_double(f, frame, 1), 1);
	}
	sf_close(f);
}

static struct desk *
open_song(void)
{
	struct err err = {""};
	char program[PATH_MAX + 16], here[PATH_MAX];
	ck_assert_ptr_nonnull(getcwd(here, sizeof here));
	snprintf(program, sizeof program, "%s/stemdesk", here);
	ck_assert_msg(access(program, X_OK) == 0, "%s is not built", program);
	setenv("TEST_STEMDESK", program, 1);
	made_begin();
	setenv("XDG_CONFIG_HOME", "/dev/null/none", 1);
	setenv("XDG_CACHE_HOME", made_folder, 1);
	write_song("a.wav");
	struct session *s = session_new();
	static const char *const lines[] = {"strip/a/name A", "strip/a/region/r1/file a.wav"};
	for (size_t k = 0; k < sizeof lines / sizeof *lines; k++)
		ck_assert_msg(session_line(s, lines[k], &err) == 0, "%s: %s", lines[k], err.text);
	ck_assert_int_eq(session_save(s, "song.desk", &err), 0);
	const struct desk_options options = {.device = "null"};
	struct desk *d = desk_open(s, "song.desk", &options, &err);
	ck_assert_msg(d != NULL, "%s", err.text);
	return d;
}

static struct desk_render sheet;

static void
wait_sheet(struct desk *d, int (*is)(void), const char *what)
{
	for (int turns = 0;; turns++) {
		desk_render(d, &sheet);
		if (sheet.version && is())
			return;
		ck_assert_msg(turns < 9000, "%s did not come; %s %s", what, sheet.line, sheet.report.said);
		poll(NULL, 0, 10);
	}
}

static const char *wanted_file, *wanted_line;
static int
is_made(void)
{
	return !sheet.running && sheet.report.made && !strcmp(sheet.report.file, wanted_file) &&
	       sheet.report.change != DESK_COMPARING;
}
static int
is_line(void)
{
	return !strcmp(sheet.line, wanted_line);
}
static int
is_compared(void)
{
	return is_made() && sheet.report.change != DESK_FIRST;
}

static int
is_other(void)
{
	return is_made() && sheet.report.change == DESK_OTHER_SOUND;
}

/* Fills in and starts; the file is waited for. */
static void
make(struct desk *d, const char *const *lines, const char *line, const char *file)
{
	for (; *lines; lines++)
		desk_send(d, *lines);
	wanted_line = line;
	wait_sheet(d, is_line, line);
	wanted_file = file;
	desk_send(d, "render start");
	wait_sheet(d, is_made, file);
	ck_assert_msg(sheet.report.made == 1, "%s: %s", file, sheet.report.said);
}

struct heard {
	int rate, format;
	int64_t frames;
	double lufs, peak; /* LUFS, dBTP */
};

/* What independent readers make of a file. */
static struct heard
hear(const char *name)
{
	SF_INFO info = {0};
	SNDFILE *f = sf_open(name, SFM_READ, &info);
	ck_assert_msg(f != NULL, "%s: %s", name, sf_strerror(NULL));
	ebur128_state *meter =
	    ebur128_init((unsigned)info.channels, (unsigned long)info.samplerate, EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK);
	struct heard h = {.rate = info.samplerate, .format = info.format, .frames = info.frames, .peak = -400};
	float *block = malloc(4096 * (size_t)info.channels * sizeof *block);
	sf_count_t n;
	while ((n = sf_readf_float(f, block, 4096)) > 0)
		ck_assert_int_eq(ebur128_add_frames_float(meter, block, (size_t)n), EBUR128_SUCCESS);
	ck_assert_int_eq(ebur128_loudness_global(meter, &h.lufs), EBUR128_SUCCESS);
	for (int c = 0; c < info.channels; c++) {
		double peak;
		ck_assert_int_eq(ebur128_true_peak(meter, (unsigned)c, &peak), EBUR128_SUCCESS);
		h.peak = fmax(h.peak, test_db(peak));
	}
	free(block);
	ebur128_destroy(&meter);
	sf_close(f);
	return h;
}

static int
subtype(const struct heard *h)
{
	return h->format & SF_FORMAT_SUBMASK;
}

/* Reads a small text file. */
static const char *
text_of(const char *name)
{
	static char text[4096];
	FILE *f = fopen(name, "r");
	ck_assert_msg(f != NULL, "%s is not there", name);
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
	return text;
}

START_TEST(test_kinds)
{
	struct desk *d = open_song();
	struct heard song = hear("a.wav"), h;

	make(d, (const char *const[]){"render bits 32f", NULL}, "bounce song-mix.wav bits=32f", "song-mix.wav");
	h = hear("song-mix.wav");
	ck_assert_int_eq(h.rate, RATE);
	ck_assert_int_eq(subtype(&h), SF_FORMAT_FLOAT);
	ck_assert_msg(fabs(h.lufs - song.lufs) < 0.1, "the mix reads %.2f LUFS, its only stem %.2f", h.lufs, song.lufs);
	ck_assert_int_eq(sheet.report.change, DESK_FIRST);
	ck_assert_int_eq(sheet.report.places, 0);
	ck_assert_msg(fabs((double)sheet.report.integrated - h.lufs) < 0.05, "%f", (double)sheet.report.integrated);

	make(d, (const char *const[]){"render what master", "render loudness -18", NULL},
	     "master song-spotify.wav target=spotify lufs=-18", "song-spotify.wav");
	h = hear("song-spotify.wav");
	ck_assert_int_eq(subtype(&h), SF_FORMAT_PCM_24);
	ck_assert_msg(fabs(h.lufs + 18) <= 0.05, "%.3f LUFS, not -18", h.lufs);
	ck_assert_msg(h.peak <= -1 + 0.05, "%.2f dBTP above the ceiling of -1", h.peak);
	ck_assert_int_gt(sheet.report.places, 5);

	/* a disc: whole sectors of 588 frames, sheets that name the image, and no more limiting than was said */
	make(d, (const char *const[]){"render what cd", NULL}, "master song-cd.wav target=cd limiting=3 disc",
	     "song-cd.wav");
	h = hear("song-cd.wav");
	ck_assert_int_eq(h.rate, 44100);
	ck_assert_int_eq(subtype(&h), SF_FORMAT_PCM_16);
	ck_assert_int_eq(h.frames % 588, 0);
	ck_assert_msg(h.frames >= SECONDS * 44100 && h.frames < SECONDS * 44100 + 44100, "%lld", (long long)h.frames);
	ck_assert_msg(h.peak <= -0.1 + 0.05, "%.2f dBTP", h.peak);
	ck_assert_ptr_nonnull(strstr(text_of("song-cd.cue"), "FILE \"song-cd.wav\" WAVE"));
	ck_assert_ptr_nonnull(strstr(text_of("song-cd.cue"), "INDEX 01 00:00:00"));
	ck_assert_ptr_nonnull(strstr(text_of("song-cd.toc"), "FILE \"song-cd.wav\""));
	ck_assert_ptr_nonnull(strstr(sheet.report.words, "CUE"));

	/* a record: no limiting, so peaks are the mix's, moved; the lines of the plant come with it */
	make(d, (const char *const[]){"render what vinyl", "render plant vinyl-tolerant", NULL},
	     "master song-vinyl.wav target=vinyl limiting=0 vinyl=vinyl-tolerant", "song-vinyl.wav");
	h = hear("song-vinyl.wav");
	ck_assert_msg(h.peak <= -0.1 + 0.05 && h.peak > -1.5, "%.2f dBTP", h.peak);
	ck_assert_str_eq(sheet.report.limited, "no limiting");
	desk_send(d, "render apply");
	desk_send(d, "get master");
	int mono = 0;
	struct desk_event event;
	for (int turns = 0; !mono && turns < 2000; turns++, poll(NULL, 0, 10))
		while (desk_event(d, &event) == 0)
			mono |= strstr(event.text, "master/stereo/mono 150") != NULL;
	ck_assert_msg(mono, "the session did not take the plant's lines");
	close_desk(d);
}
END_TEST

/* What completes a line at the prompt. */
static int
offers(struct desk *d, const char *line, const char *text)
{
	static struct completion got;
	desk_complete(d, line, strlen(line), &got);
	for (int k = 0; k < got.count; k++)
		if (!strcmp(got.offer[k].text, text))
			return 1;
	return 0;
}

/* Waits until something is said; nothing fails before that. */
static const char *
wait_word(struct desk *d, const char *word)
{
	static struct desk_event event;
	for (int turns = 0;; turns++, poll(NULL, 0, 10)) {
		ck_assert_msg(turns < 9000, "\"%s\" was not said", word);
		while (desk_event(d, &event) == 0) {
			ck_assert_msg(event.kind != DESK_ERROR, "%s", event.text);
			if (event.kind == DESK_SAYS && strstr(event.text, word))
				return event.text;
		}
	}
}

/* A reference is no part of the song, however long it is; a master goes towards it, and its lines are taken over. */
START_TEST(test_like)
{
	struct desk *d = open_song();
	SF_INFO info = {.samplerate = RATE, .channels = 2, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
	SNDFILE *f = sf_open("my song.wav", SFM_WRITE, &info);
	ck_assert_ptr_nonnull(f);
	uint64_t state = 1;
	for (int t = 0; t < RATE * (SECONDS + 4); t++) {
		const double noise = 0.2 * test_random(&state), frame[2] = {noise, noise};
		ck_assert_int_eq(sf_writef_double(f, frame, 1), 1);
	}
	sf_close(f);
	ck_assert(!offers(d, "render ", "like"));
	desk_send(d, "reference my song.wav");
	make(d, (const char *const[]){"render what master", "render loudness -24", "render like my song.wav", NULL},
	     "master song-spotify.wav target=spotify lufs=-24 \"reference=my song.wav\"", "song-spotify.wav");
	struct heard h = hear("song-spotify.wav");
	ck_assert_msg(h.frames < (SECONDS + 1) * RATE, "%lld frames", (long long)h.frames);
	ck_assert_msg(fabs(h.lufs + 24) <= 0.05, "%f LUFS", h.lufs);
	double before, after;
	ck_assert_msg(sscanf(sheet.report.nearer, "thirds of an octave were %lf dB from the reference, and are %lf dB",
	                     &before, &after) == 2,
	              "\"%s\"", sheet.report.nearer);
	ck_assert_msg(after < before - 1, "%s", sheet.report.nearer);
	ck_assert_msg(sheet.report.lines > 3, "%d lines", sheet.report.lines);
	desk_send(d, "render apply");
	desk_send(d, "get master/eq/on");
	wait_word(d, "master plays as");
	close_desk(d);
}
END_TEST

/* Variants go beside the song: into a master through its gain, so that they stay as much softer as they are. */
START_TEST(test_variants)
{
	struct desk *d = open_song();
	struct desk_event event;
	int refused = 0;
	desk_send(d, "render what master");
	desk_send(d, "render loudness -24");
	wanted_line = "master song-spotify.wav target=spotify lufs=-24";
	wait_sheet(d, is_line, wanted_line);
	ck_assert_msg(!offers(d, "render ", "variant"), "a row for variants that are not there");
	desk_send(d, "variant tv strip/a/fader -6");
	desk_send(d, "variant low strip/a/fader -12");
	desk_send(d, "render variant tv,high");
	for (int turns = 0; !refused && turns < 2000; turns++, poll(NULL, 0, 10))
		while (desk_event(d, &event) == 0)
			refused |= event.kind == DESK_ERROR && strstr(event.text, "there are song, all, tv, low") != NULL;
	ck_assert_msg(refused, "a variant that is not there was taken");
	ck_assert(offers(d, "render ", "variant"));
	ck_assert(offers(d, "render variant ", "all") && offers(d, "render variant t", "tv"));
	ck_assert(offers(d, "render what ", "vinyl") && offers(d, "render target sp", "spotify"));
	ck_assert(!offers(d, "render target ", "vinyl-middle"));
	make(d, (const char *const[]){"render variant all", NULL},
	     "master song-spotify.wav target=spotify lufs=-24 siblings=all", "song-spotify.wav");
	double song = hear("song-spotify.wav").lufs, tv = hear("song-spotify-tv.wav").lufs,
	       low = hear("song-spotify-low.wav").lufs;
	ck_assert_msg(fabs(song + 24) <= 0.05 && fabs(song - tv - 6) < 0.02 && fabs(song - low - 12) < 0.02, "%f %f %f",
	              song, tv, low);
	ck_assert_int_eq(sheet.report.files, 2);
	ck_assert_str_eq(sheet.report.beside[1].name, "song-spotify-low.wav");
	ck_assert_msg(fabs((double)sheet.report.beside[1].integrated - low) < 0.02, "%f",
	              (double)sheet.report.beside[1].integrated);
	/* one of them; of a bounce it is that alone, unless the song is named too */
	ck_assert_int_eq(remove("song-spotify-tv.wav") | remove("song-spotify-low.wav"), 0);
	desk_send(d, "render variant low");
	wanted_line = "master song-spotify.wav target=spotify lufs=-24 siblings=low";
	wait_sheet(d, is_line, wanted_line);
	desk_send(d, "render start");
	wait_sheet(d, is_compared, "the master and one variant");
	ck_assert_int_eq(sheet.report.files, 1);
	ck_assert_int_eq(access("song-spotify-low.wav", F_OK), 0);
	ck_assert_int_ne(access("song-spotify-tv.wav", F_OK), 0);
	make(d, (const char *const[]){"render what mix", "render variant low", NULL}, "bounce song-low-mix.wav variant=low",
	     "song-low-mix.wav");
	ck_assert_int_eq(sheet.report.files, 0);
	make(d, (const char *const[]){"render variant song,tv", NULL}, "bounce song-mix.wav variant=song,tv",
	     "song-mix.wav");
	ck_assert_int_eq(sheet.report.files, 1);
	double mix = hear("song-mix.wav").lufs;
	ck_assert(fabs(mix - hear("song-mix-tv.wav").lufs - 6) < 0.02);
	ck_assert(fabs(mix - hear("song-low-mix.wav").lufs - 12) < 0.02);
	ck_assert_int_ne(access("song-mix-low.wav", F_OK), 0);
	close_desk(d);
}
END_TEST

START_TEST(test_difference)
{
	struct desk *d = open_song();
	const char *const none[] = {NULL};
	make(d, none, "bounce song-mix.wav", "song-mix.wav");
	desk_send(d, "render start");
	wait_sheet(d, is_compared, "the same bounce");
	ck_assert_int_eq(sheet.report.change, DESK_SAME_FILE);
	/* 6 dB less is 6 LU less, and other from the first sound on */
	desk_send(d, "strip/a/fader -6");
	desk_send(d, "render start");
	wait_sheet(d, is_other, "another bounce");
	ck_assert_msg(strstr(sheet.report.difference, "-6.0 LU, true peak -6.0 dB, as long") &&
	                  strstr(sheet.report.difference, "from 0:00.0 on"),
	              "%s", sheet.report.difference);
	close_desk(d);
}
END_TEST

/* What cannot be is refused with what there is; what runs can be stopped and leaves nothing. */
START_TEST(test_refused)
{
	struct desk *d = open_song();
	static const struct {
		const char *line, *told;
	} wrong[] = {
	    {"render colour red", "the rows are"},      {"render what opera", "there are mix, master, cd, vinyl"},
	    {"render bits 17", "there are 24, 16"},     {"render stop", "nothing is under way"},
	    {"render apply", "no master yet"},          {"render loudness -14", "the rows are"},
	    {"master -o x.wav", "say the file"},        {"bounce a.wav b.wav", "say the file"},
	    {"monitor codec wax", "opus, vorbis, mp3"},
	};
	for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
		desk_send(d, wrong[k].line);
		expect(d, DESK_ERROR, wrong[k].told);
	}
	desk_send(d, "render what master");
	desk_send(d, "render loudness 5");
	expect(d, DESK_ERROR, "from -60 to 0");
	desk_send(d, "render part loop");
	desk_send(d, "render start");
	expect(d, DESK_ERROR, "loop");
	desk_send(d, "bounce a.wav");
	expect(d, DESK_SAYS, "begun");
	expect(d, DESK_ERROR, "a.wav"); /* its own stem is never written over */
	close_desk(d);
}
END_TEST

/* The song through Opus is a reference at its own level, and is heard again at once as long as the song stays. */
START_TEST(test_codec)
{
	struct desk *d = open_song();
	static struct desk_verdicts v;
	int k;
	desk_send(d, "monitor codec opus");
	expect(d, DESK_SAYS, "goes through Opus");
	for (int turns = 0; desk_view(d, &view), !strstr(view.monitor, "codec opus"); turns++) {
		ck_assert_msg(turns < 9000, "no codec is heard");
		poll(NULL, 0, 10);
	}
	desk_verdicts(d, &v);
	for (k = 0; k < v.count && !(v.row[k].codec && !strcmp(v.row[k].name, "opus")); k++)
		;
	ck_assert_int_lt(k, v.count);
	ck_assert_int_eq(v.heard, k);
	ck_assert_msg(strstr(v.row[k].text, "dBTP after decoding") && v.row[k].good, "%s", v.row[k].text);
	desk_send(d, "monitor codec");
	WAIT_FOR(d, !strstr(view.monitor, "codec"));
	uint32_t structure = view.structure;
	desk_send(d, "monitor codec");
	WAIT_FOR(d, strstr(view.monitor, "codec opus"));
	ck_assert_uint_eq(view.structure, structure);
	desk_verdicts(d, &v);
	ck_assert_int_eq(v.heard, k);

	while (desk_event(d, &(struct desk_event){.kind = DESK_SAYS}) == 0)
		; /* what was said before */
	/* of another song another file takes its place, and undo finds the first again */
	desk_send(d, "strip/a/fader -3");
	desk_send(d, "monitor codec opus");
	wait_word(d, "goes through Opus");
	wait_word(d, "heard through Opus");
	desk_send(d, "undo");
	ck_assert_ptr_nonnull(strstr(wait_word(d, "undone"), "codec-opus"));
	close_desk(d);
}
END_TEST

static char rows[64][2048];

static const char *
drawn(struct screen *s, struct grid *g, int height, int width)
{
	static char all[64 * 1024];
	ck_assert_int_eq(grid_resize(g, height, width), 0);
	g->ascii = 1;
	screen_draw(s, g);
	*all = '\0';
	for (int row = 0; row < height; row++) {
		grid_row(g, row, rows[row], sizeof rows[row]);
		strcat(strcat(all, rows[row]), "\n");
	}
	return all;
}

/* In every window: the chosen row is seen and has the cursor; what runs has a bar; what came of it is told. */
START_TEST(test_view)
{
	static struct screen s;
	static const int sizes[][2] = {{10, 40}, {24, 80}, {45, 160}};
	struct grid g = {0};
	struct desk *d = open_song();
	desk_send(d, "render what vinyl");
	wanted_line = "master song-vinyl.wav target=vinyl limiting=0 vinyl=vinyl-middle";
	wait_sheet(d, is_line, wanted_line);
	s.view.strips = 1;
	s.view.rate = RATE;
	s.current = view_find("render");
	ck_assert_ptr_nonnull(s.current);
	struct keymap *keys = keymap_new();
	s.keys = keys;
	for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
		s.render = sheet;
		s.render_at = s.render_first = 0;
		for (int row = 0; row < sheet.rows; row++) {
			char all[64 * 1024];
			snprintf(all, sizeof all, "%s", drawn(&s, &g, sizes[k][0], sizes[k][1]));
			ck_assert_msg(strncmp(rows[g.cursor_row] + g.cursor_col, sheet.row[row].text, 4) == 0, "%s: %s",
			              sheet.row[row].name, all);
			s.current->command(&s, "row", "1");
		}
		ck_assert_int_eq(s.render_at, sheet.rows - 1);
		s.render.running = 1;
		s.render.percent = 40;
		s.render.left = 75;
		snprintf(s.render.doing, sizeof s.render.doing, "mastering x.wav");
		ck_assert_msg(strstr(drawn(&s, &g, sizes[k][0], sizes[k][1]), "40 %"), "no bar");
		if (sizes[k][1] >= 80)
			ck_assert_ptr_nonnull(strstr(drawn(&s, &g, sizes[k][0], sizes[k][1]), "1:15 left"));
		s.render.running = 0;
		s.render.report = (struct desk_report){.made = 1, .good = 1, .integrated = -14, .true_peak = -1, .range = NAN};
		s.render.report.change = DESK_SAME_FILE;
		snprintf(s.render.report.difference, sizeof s.render.report.difference, "the same, byte for byte");
		if (sizes[k][0] >= 24) {
			const char *all = drawn(&s, &g, sizes[k][0], sizes[k][1]);
			ck_assert_msg(strstr(all, "-14.0 LUFS, true peak -1.0 dBTP") && strstr(all, "byte for byte"), "%s", all);
		}
	}
	keymap_free(keys);
	grid_fini(&g);
	close_desk(d);
}
END_TEST

TEST_MAIN("render", 500, test_kinds, test_like, test_variants, test_difference, test_refused, test_codec, test_view)
