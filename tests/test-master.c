/*
 * Mastering to a loudness: six kinds of programme at four loudnesses, read back by libebur128 and by oversamplings
 * that are not ours; the same bits as a bounce; whom the limiting is due to; the command as users run it.
 */
#include "bouncetest.h"
#include "readers.h"

#include "base/fpu.h"
#include "master/blame.h"
#include "master/solve.h"

#define RATE 48000
#define SECONDS 8
#define FRAMES (SECONDS * RATE)

/* Noise that falls with frequency: one pole at about 700 Hz. */
static double
dark(uint64_t *seed, double *state)
{
	*state += 0.09 * (test_random(seed) - *state);
	return *state;
}

/* A hit every `every` seconds that dies by e in `decay` seconds. */
static double
hit(double time, double every, double decay)
{
	return exp(-fmod(time, every) / decay);
}

typedef double programme(double time, int side, uint64_t *seed, double *state);

/* A full band: noise and bass that pump a little. */
static double
band(double t, int side, uint64_t *seed, double *state)
{
	(void)side;
	return (0.3 * dark(seed, state) + 0.1 * sin(2 * M_PI * 55 * t)) * (0.7 + 0.3 * hit(t, 0.5, 0.2));
}

/* Drums alone: peaks far above their loudness. */
static double
drums(double t, int side, uint64_t *seed, double *state)
{
	double noise = test_random(seed), soft = (noise + *state) / 2; /* nothing at half the rate, as no microphone has */
	*state = noise;
	return 0.5 * sin(2 * M_PI * (50 + 60 * hit(t, 0.5, 0.03)) * fmod(t, 0.5)) * hit(t, 0.5, 0.2) +
	       (side ? 0.2 : 0.3) * soft * hit(t + 0.25, 0.5, 0.1);
}

/* Held tones, which the limiter must not ripple on. */
static double
pad(double t, int side, uint64_t *seed, double *state)
{
	(void)seed;
	(void)state;
	return 0.1 * (sin(2 * M_PI * 220 * t) + sin(2 * M_PI * (side ? 277.2 : 277.5) * t) + sin(2 * M_PI * 329.6 * t));
}

/* Syllables with pauses. */
static double
speech(double t, int side, uint64_t *seed, double *state)
{
	(void)side;
	double open = fmod(t, 2) < 1.4 ? pow(sin(M_PI * fmod(t, 0.2) / 0.2), 2) : 0;
	double buzz = 0;
	for (int k = 1; k < 20; k++)
		buzz += sin(2 * M_PI * 120 * k * t) / k;
	return open * (0.12 * buzz + 0.2 * dark(seed, state)) + 1e-4 * test_random(seed);
}

/* From soft to loud, 24 dB. */
static double
rise(double t, int side, uint64_t *seed, double *state)
{
	(void)side;
	return pow(10, -24.0 / 20 * (1 - t / SECONDS)) * (0.3 * dark(seed, state) + 0.15 * sin(2 * M_PI * 440 * t));
}

/* Bright: most of it between the samples. */
static double
bright(double t, int side, uint64_t *seed, double *state)
{
	(void)state;
	return 0.15 * sin(2 * M_PI * (side ? 15001.3 : 11999.7) * t + 0.8) + 0.1 * sin(2 * M_PI * 7000 * t) +
	       0.1 * test_random(seed) * hit(t, 0.125, 0.02);
}

static const struct {
	const char *name;
	programme *sample;
} programmes[] = {{"band", band},     {"drums", drums}, {"pad", pad},
                  {"speech", speech}, {"rise", rise},   {"bright", bright}};
#define PROGRAMMES (sizeof programmes / sizeof *programmes)

static struct premaster
made(programme *sample)
{
	struct premaster p = {.rate = RATE, .song_rate = RATE, .frames = FRAMES, .song_frames = FRAMES};
	struct err err = {""};
	struct pass pass;
	for (int c = 0; c < 2; c++) {
		uint64_t seed = 1 + (uint64_t)c;
		double state = 0;
		p.side[c] = malloc(FRAMES * sizeof(float));
		for (int t = 0; t < FRAMES; t++)
			p.side[c][t] = (float)sample((double)t / RATE, c, &seed, &state);
	}
	const struct limiter_params off = {.on = 0, .release = 50};
	ck_assert_msg(premaster_pass(&p, &off, NULL, &pass, &err) == 0, "%s", err.text);
	p.integrated = pass.integrated;
	p.true_peak = pass.true_peak;
	return p;
}

static void
unmade(struct premaster *p)
{
	free(p->side[0]);
	free(p->side[1]);
}

/* Integrated loudness within 0.05 LU, true peak within 0.05 dB of the ceiling, on any reader and with either limiter.
 */
START_TEST(test_exact)
{
	static const double loudnesses[] = {-9, -14, -16, -23};
	const int smooth = _i >= (int)PROGRAMMES;
	const struct limiter_params limiter = {.ceiling = -1, .release = 50, .smooth = smooth};
	struct premaster p = made(programmes[_i % (int)PROGRAMMES].sample);
	const char *name = programmes[_i % (int)PROGRAMMES].name;
	const struct sink_spec file = {.path = "out.wav", .bits = SINK_24, .dither = DITHER_DEFAULT};
	test_begin();
	for (size_t k = 0; k < sizeof loudnesses / sizeof *loudnesses; k++) {
		struct solution s;
		struct pass pass;
		struct err err = {""};
		struct readings r;
		ck_assert_msg(solve_loudness(&p, &limiter, loudnesses[k], NULL, NULL, &s, &err) == 0, "%s", err.text);
		if (smooth && s.pass.limited == 0) /* the same bits as without */
			continue;
		ck_assert_msg(premaster_pass(&p, &s.limiter, &file, &pass, &err) == 0, "%s", err.text);
		read_all("out.wav", &r);
		ck_assert_msg(s.reached && fabs(r.lufs - loudnesses[k]) <= 0.05, "%s at %g: %g after %d passes, gain %g", name,
		              loudnesses[k], r.lufs, s.passes, (double)s.limiter.gain);
		for (size_t n = 0; n < READERS; n++)
			ck_assert_msg(r.peak[n] <= -1 + 0.05, "%s at %g%s: peaks at %g by %s", name, loudnesses[k],
			              smooth ? ", smooth" : "", r.peak[n], readers[n].name);
		ck_assert_int_eq(pass.clipped, 0);
		/* what does not reach the ceiling is not limited */
		if (p.true_peak + (double)s.limiter.gain < -1.1)
			ck_assert(pass.limited == 0 && pass.limited_at == -1);
		else if (p.true_peak + (double)s.limiter.gain > -0.9)
			ck_assert(pass.limited >= p.true_peak + (double)s.limiter.gain + 1 - 0.3);
	}
	test_end();
	unmade(&p);
}
END_TEST

/* The reader that is made here, on what its formula gives: a peak between the samples, whatever part of a frame it is.
 */
START_TEST(test_readers)
{
	double *x = calloc(2 * 4000, sizeof *x);
	for (int q = 0; q <= 64; q++) {
		for (int t = 0; t < 4000; t++) {
			double from = t - 2000 - q / 64.0;
			x[2 * t] = 0.1 * exp(-from * from / 2e5) * cos(2 * M_PI * 0.4 * from);
			x[2 * t + 1] = 0.5 * exp(-from * from / 2e5) * cos(2 * M_PI * 0.45 * from);
		}
		struct sound s = {.channels = 2, .rate = RATE, .frames = 4000, .x = x};
		ck_assert_msg(fabs(read_sinc(&s, NULL) - test_db(0.5)) <= 0.012, "%d: %g", q, read_sinc(&s, NULL));
	}
	free(x);
}
END_TEST

/* The loudest honest master has the limiting it was asked for, and is softer than one that takes more. */
START_TEST(test_honest)
{
	const struct limiter_params limiter = {.ceiling = -1, .release = 50};
	struct premaster p = made(drums);
	struct solution honest, loud;
	struct err err = {""};
	ck_assert_int_eq(solve_limiting(&p, &limiter, HONEST_DB, &honest, &err), 0);
	ck_assert_msg(honest.pass.limited <= HONEST_DB && honest.pass.limited > HONEST_DB - 0.5, "%g", honest.pass.limited);
	ck_assert_int_eq(solve_loudness(&p, &limiter, honest.pass.integrated + 1, NULL, NULL, &loud, &err), 0);
	ck_assert_msg(loud.reached && loud.pass.limited > HONEST_DB && loud.pass.limited_at > 0 &&
	                  loud.pass.limited_time > 0,
	              "%g after %g: limited by %g at %d, %g of the time", loud.pass.integrated, honest.pass.integrated,
	              loud.pass.limited, (int)loud.pass.limited_at, loud.pass.limited_time);
	/* silence cannot be made loud, and a loudness beyond the limiter's reach is told */
	memset(p.side[0], 0, FRAMES * sizeof(float));
	memset(p.side[1], 0, FRAMES * sizeof(float));
	p.integrated = p.true_peak = -HUGE_VAL;
	ck_assert_int_eq(solve_loudness(&p, &limiter, -14, NULL, NULL, &loud, &err), -1);
	ck_assert_int_eq(solve_limiting(&p, &limiter, 3, &loud, &err), -1);
	unmade(&p);
	p = made(speech);
	ck_assert_int_eq(solve_loudness(&p, &limiter, -0.5, NULL, NULL, &loud, &err), 0);
	ck_assert(!loud.reached && loud.pass.integrated < -1);
	ck_assert_int_le(loud.passes, 8); /* and soon */
	unmade(&p);
}
END_TEST

static double
kick_sample(int64_t t, int c)
{
	(void)c;
	return t >= 2 * RATE && t < 2 * RATE + 4800 ? 0.9 * cos(2 * M_PI * 60 * (double)(t - 2 * RATE) / RATE) : 0;
}

static double
strings_sample(int64_t t, int c)
{
	return 0.2 * sin(2 * M_PI * (c ? 441 : 440) * (double)t / RATE) * hit((double)t / RATE, 1, 0.15);
}

#define SONG                                                                                                           \
	"stemdesk 1\nsong/rate 48000\nbus/drums/name Drums\nstrip/kick/name Kick\nstrip/kick/out bus/drums\n"              \
	"strip/kick/region/a/file kick.wav\nstrip/strings/name Strings\nstrip/strings/region/b/file strings.wav\n"

static void
make_song(const char *more)
{
	char text[2048];
	make_sound("kick.wav", 2, RATE, 4 * RATE, kick_sample, 0);
	make_sound("strings.wav", 2, RATE, 4 * RATE, strings_sample, 0);
	snprintf(text, sizeof text, "%s%s", SONG, more);
	write_text("song.desk", text);
}

/* The gain that is found, written into the session, makes a bounce of the same bits; wherever the song was kept. */
START_TEST(test_same_bits)
{
	struct err err = {""};
	test_begin();
	make_song(
	    "master/limiter/ceiling -1\nmaster/eq/1/gain 2\nmaster/multi/on on\nmaster/stereo/on on\nmaster/stereo/mono "
	    "100\n"
	    "master/dyneq/on on\nmaster/dyneq/2/on on\nmaster/clip/on on\nmaster/clip/level -6\nmaster/fade/out 9600smp\n");
	struct session *s = session_load("song.desk", 0, &err);
	ck_assert_msg(s != NULL, "%s", err.text);
	for (int disk = 0; disk < 2; disk++)
		for (int convert = 0; convert < 2; convert++) {
			struct stems *stems = stems_new(s, "song.desk", 0, NULL, NULL);
			struct premaster p;
			struct solution sol;
			struct pass pass;
			struct bounce_report report;
			setenv("TMPDIR", test_home, 1);
			struct premaster_options o = {.rate = convert ? 44100 : 0, .most = disk ? 1 : 0, .threads = 1};
			ck_assert_msg(premaster_render(s, stems, &o, &p, &err) == 0, "%s", err.text);
			ck_assert(p.on_disk == disk && p.frames == (convert ? 4 * 44100 : 4 * RATE));
			const struct limiter_params limiter = {.ceiling = -1, .release = 50};
			ck_assert_int_eq(solve_loudness(&p, &limiter, -12, NULL, NULL, &sol, &err), 0);
			struct sink_spec file = {.path = "solved.wav", .bits = SINK_32F};
			ck_assert_int_eq(premaster_pass(&p, &sol.limiter, &file, &pass, &err), 0);
			ck_assert(fabs(pass.integrated + 12) <= 0.05 && pass.limited > 1);
			char line[64];
			snprintf(line, sizeof line, "master/limiter/gain %.3f", (double)sol.limiter.gain);
			ck_assert_int_eq(session_line(s, line, &err), 0);
			struct bounce_options b = {.file = {.path = "bounced.wav", .bits = SINK_32F, .rate = convert ? 44100 : 0},
			                           .mastered = 1,
			                           .tail = -1,
			                           .threads = 1};
			ck_assert_msg(bounce(s, stems, &b, &report, &err) == 0, "%s", err.text);
			struct sound solved = read_sound("solved.wav"), mastered = read_sound("bounced.wav");
			ck_assert_int_eq(solved.frames, mastered.frames);
			ck_assert(sound_difference(&solved, &mastered, 0) == 0);
			premaster_free(&p);
			stems_free(stems);
		}
	session_free(s);
	test_end();
}
END_TEST

/*
 * In the 2 ms around the kick's beginning (28 frames before, 68 after) its cosine x stays near 0.88 and the strings s
 * go through 0.6 of a period of 0.2 sin, of mean 0.09 and mean square 0.02: the kick's share is (x . (x + s)) / ((x +
 * s) . (x + s)) = 0.85 / 0.95. Later there are only strings.
 */
START_TEST(test_blame)
{
	struct err err = {""};
	struct blame b;
	test_begin();
	make_song("");
	struct session *s = session_load("song.desk", 0, &err);
	struct stems *stems = stems_new(s, "song.desk", 0, NULL, NULL);
	ck_assert_msg(blame_moment(s, stems, 2 * RATE + 20, &b, &err) == 0, "%s", err.text);
	ck_assert_uint_eq(b.top, session_find(s, "bus/drums")->uid);
	ck_assert_uint_eq(b.within, session_find(s, "strip/kick")->uid);
	ck_assert_msg(fabs(b.share - 0.89) < 0.03, "%g", b.share);
	ck_assert_msg(fabs(b.within_share - 1) < 0.01, "%g", b.within_share);
	ck_assert_int_eq(blame_moment(s, stems, 3 * RATE, &b, &err), 0);
	ck_assert_uint_eq(b.top, session_find(s, "strip/strings")->uid);
	ck_assert_msg(b.within == 0 && fabs(b.share - 1) < 0.01, "%g", b.share);
	ck_assert_int_eq(blame_moment(s, stems, 5, &b, &err), 0);
	ck_assert_uint_eq(b.top, session_find(s, "strip/strings")->uid);
	stems_free(stems);
	session_free(s);
	test_end();
}
END_TEST

static double
cut_sample(int64_t t, int c)
{
	double x = 1.5 * kick_sample(t, c) + strings_sample(t, c);
	return x > 1 ? 1 : x < -1 ? -1 : x;
}

static double
dc_sample(int64_t t, int c) /* the strings have a mean of 0.2 / (2 pi 440) = 0.00007 */
{
	return strings_sample(t, c) + 0.01;
}

static double
turned_sample(int64_t t, int c)
{
	return (c ? -1 : 1) * strings_sample(t, 0);
}

/* The command: files and sessions, its verdicts and what it refuses. */
START_TEST(test_command)
{
	test_begin();
	setenv("XDG_CONFIG_HOME", test_home, 1);
	make_song("");
	ck_assert_int_eq(DESK("master strings.wav -o soft.wav -t ebu-r128"), 0);
	SAYS("out", "no limiting");
	SAYS("out", "master/limiter/gain ");
	ck_assert_int_eq(DESK("measure soft.wav -t ebu-r128"), 0);
	SAYS("out", "within its tolerance");
	ck_assert_int_eq(DESK("measure strings.wav -t ebu-r128"), 3);

	ck_assert_int_eq(DESK("master song.desk -o loud.wav -t spotify --lufs=-6 --honest --apply"), 3);
	SAYS("err", "TOO LOUD");
	SAYS("out", "of it Drums (Kick)");
	SAYS("out", "honest");
	SAYS("song.desk", "master/limiter/gain");
	struct sound loud = read_sound("loud.wav"), honest = read_sound("loud-honest.wav");
	ck_assert(loud.frames == 4 * RATE && honest.frames == 4 * RATE);
	/* applied, a plain bounce is the same master, and its session is found again */
	ck_assert_int_eq(DESK("bounce song.desk --mastered -o again.wav"), 0);
	loud = read_sound("loud.wav");
	honest = read_sound("again.wav");
	ck_assert(sound_difference(&loud, &honest, 0) == 0);
	ck_assert_int_eq(DESK("recall loud.wav"), 0);

	/* the variant without drums goes through the song's gain: the strings alone, louder by just that */
	make_song("variant tv strip/kick/mute on\n");
	ck_assert_int_eq(DESK("master song.desk -o both.wav --lufs=-24 --siblings"), 0);
	SAYS("out", "both-tv.wav");
	ck_assert_int_eq(DESK("master song.desk -o both.wav --lufs=-24 --siblings --json"), 0);
	ck_assert_int_eq(DESK("master song.desk -o both.wav --lufs=-24 --siblings=karaoke"), 1);
	SAYS("err", "there are tv");
	ck_assert_int_eq(DESK("master song.desk -o both.wav --lufs=-24 --siblings=tv --json"), 0);
	const char *gain = strstr(read_text("out"), "\"gain_db\":"), *loudness = strstr(gain, "\"siblings\"");
	ck_assert_ptr_nonnull(loudness);
	double siblings = strtod(strstr(loudness, "lufs\":") + 6, NULL), by = strtod(gain + 10, NULL);
	ck_assert_int_eq(DESK("measure strings.wav --json"), 0);
	double before = json_number("integrated_lufs");
	ck_assert_msg(fabs(before + by - siblings) < 0.02, "%g + %g, %g", before, by, siblings);

	make_sound("cut.wav", 2, RATE, 4 * RATE, cut_sample, 0);
	ck_assert_int_eq(DESK("master cut.wav strings.wav --into many --lufs=-20"), 3);
	SAYS("err", "Not ready to master");
	SAYS("err", "cut off at the top");
	make_sound("dc.wav", 2, RATE, 4 * RATE, dc_sample, 0);
	ck_assert_int_eq(DESK("master dc.wav -o x.wav --lufs=-20"), 3);
	SAYS("err", "DC of -39.9 dBFS");
	make_sound("turned.wav", 2, RATE, 4 * RATE, turned_sample, 0);
	ck_assert_int_eq(DESK("master turned.wav -o x.wav --lufs=-20"), 3);
	SAYS("err", "correlation -1.00");
	ck_assert_int_eq(remove("x.wav"), 0);
	ck_assert_int_eq(DESK("measure many/cut.wav many/strings.wav"), 0);
	SAYS("out", "-20.0");

	ck_assert_int_eq(DESK("master strings.wav -o strings.wav --lufs=-20"), 1);
	ck_assert_int_eq(DESK("master song.desk -o kick.wav --lufs=-20"), 1);
	ck_assert_int_eq(DESK("master strings.wav -o x.wav"), 2);
	ck_assert_int_eq(DESK("master strings.wav -o x.wav -t cd"), 2);
	ck_assert_int_eq(DESK("master strings.wav -o x.wav -t nowhere"), 2);
	ck_assert_int_eq(DESK("master strings.wav cut.wav -o x.wav --lufs=-20"), 2);
	ck_assert_int_eq(DESK("master strings.wav --lufs=-20"), 2);
	ck_assert_int_eq(DESK("master strings.wav -o x.wav --lufs=-20 --apply"), 1);
	ck_assert_int_eq(access("x.wav", F_OK), -1);
	test_end();
}
END_TEST

/* 1 kHz at -20 dBFS at 44.1 kHz, whatever else the file says. */
static double
tone_sample(int64_t t, int c)
{
	(void)c;
	return 0.1 * sin(2 * M_PI * 1000 * (double)t / 44100);
}

/* `measure` on files: containers, channels, what it prints and what it refuses. Tech 3341's tolerance is 0.1 LU. */
START_TEST(test_measure_command)
{
	static const struct {
		const char *name;
		int channels, format;
		double lufs;
	} files[] = {{"a.wav", 2, SF_FORMAT_WAV | SF_FORMAT_PCM_16, -20},
	             {"b.flac", 2, SF_FORMAT_FLAC | SF_FORMAT_PCM_24, -20},
	             {"c.aiff", 2, SF_FORMAT_AIFF | SF_FORMAT_PCM_24, -20},
	             {"d.wav", 1, SF_FORMAT_RF64 | SF_FORMAT_FLOAT, -20 - 3.01}};
	test_begin();
	setenv("XDG_CONFIG_HOME", test_home, 1);
	for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
		make_sound(files[k].name, files[k].channels, 44100, 4 * 44100, tone_sample, files[k].format);
		ck_assert_int_eq(DESK("measure --json %s", files[k].name), 0);
		double lufs = json_number("integrated_lufs");
		double peak = json_number("true_peak_dbtp");
		ck_assert_msg(fabs(lufs - files[k].lufs) <= 0.05, "%s: %g", files[k].name, lufs);
		ck_assert_msg(fabs(peak + 20) <= 0.1, "%s: %g", files[k].name, peak);
	}
	ck_assert_int_eq(DESK("measure a.wav d.wav"), 0);
	SAYS("out", "a.wav\n");
	ck_assert(strstr(read_text("out"), "Spotify") == NULL);
	ck_assert_int_eq(DESK("measure -v a.wav d.wav"), 0);
	SAYS("out", "Spotify");
	SAYS("out", "turned up 6.0 dB");
	ck_assert_int_eq(DESK("measure a.wav --plot=a.svg"), 0);
	SAYS("a.svg", "<svg ");
	SAYS("a.svg", "-14 spotify");
	SAYS("a.svg", "</svg>\n");
	/* names of targets stand below each other, not over each other */
	double last = -HUGE_VAL;
	int names = 0;
	for (char *c = strstr(read_text("a.svg"), "fill=\"#c60\">"); c; c = strstr(c + 1, "fill=\"#c60\">"), names++) {
		const char *at = c;
		while (strncmp(at, "y=\"", 3) != 0)
			at--;
		ck_assert_msg(strtod(at + 3, NULL) >= last + 12, "%.30s stands in the one above", at);
		last = strtod(at + 3, NULL);
	}
	ck_assert_int_gt(names, 5);
	/* the user's targets are judged by too */
	ck_assert_int_eq(mkdir("stemdesk", 0777), 0);
	write_text("stemdesk/targets", "radio delivery -20 0.5 -3 - - track 2026-01 3 Radio mine\n");
	ck_assert_int_eq(DESK("measure a.wav -t radio"), 0);
	ck_assert_int_eq(DESK("measure d.wav -t radio"), 3);
	ck_assert_int_eq(DESK("targets"), 0);
	SAYS("out", "\"Radio\" \"mine\"");
	write_text("stemdesk/targets", "radio delivery -20\n");
	ck_assert_int_eq(DESK("targets"), 1);
	SAYS("err", "targets:1:");
	remove("stemdesk/targets");
	make_sound("e.wav", 9, 44100, 4410, tone_sample, 0);
	ck_assert_int_eq(DESK("measure e.wav"), 1);
	SAYS("err", "9 channels");
	ck_assert_int_eq(DESK("measure nothing.wav a.wav"), 1);
	ck_assert_int_eq(DESK("measure a.wav -t nowhere"), 2);
	ck_assert_int_eq(DESK("measure a.wav d.wav --plot=x.svg"), 2);
	test_end();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("master");
	TCase *tcase = tcase_create("master");
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, test_exact, 0, 2 * (int)PROGRAMMES);
	tcase_add_test(tcase, test_readers);
	tcase_add_test(tcase, test_honest);
	tcase_add_test(tcase, test_same_bits);
	tcase_add_test(tcase, test_blame);
	tcase_add_test(tcase, test_command);
	tcase_add_test(tcase, test_measure_command);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
