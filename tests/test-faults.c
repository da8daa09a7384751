/* Faults of a mix and its master, made: whose they are, when, and how great by formula; and none where there is none.
 */
#include "bouncetest.h"

#include "master/faults.h"
#include "master/taps.h"

#define RATE 48000
#define FRAMES (6 * RATE)
#define BIT(kind) (1u << (kind))

/* A tone with a burst at another frequency, each side at its own factor. */
static struct {
	double hertz, level, side[2];
	double burst_hertz, burst, from, to; /* seconds */
} made;

static double
tone(int64_t t, int c)
{
	double s = (double)t / RATE, x = made.level * sin(2 * M_PI * made.hertz * s);
	if (s >= made.from && s < made.to)
		x += made.burst * sin(2 * M_PI * made.burst_hertz * (s - made.from));
	return x * made.side[c];
}

static void
make(const char *path, double hertz, double level, double left, double right)
{
	made.hertz = hertz;
	made.level = level;
	made.side[0] = left;
	made.side[1] = right;
	made.from = made.to = 0;
	make_sound(path, 2, RATE, FRAMES, tone, 0);
}

static void
make_burst(const char *path, double hertz, double level, double burst_hertz, double burst, double from, double to)
{
	made.hertz = hertz;
	made.level = level;
	made.side[0] = made.side[1] = 1;
	made.burst_hertz = burst_hertz;
	made.burst = burst;
	made.from = from;
	made.to = to;
	make_sound(path, 2, RATE, FRAMES, tone, 0);
}

static struct session *session;
static struct faults faults;

static void
find(const char *text, unsigned kinds)
{
	struct err err = {""};
	session = session_new();
	ck_assert_msg(session_parse(session, text, strlen(text), "test", 0, &err) == 0, "%s", err.text);
	struct stems *stems = stems_new(session, "song.desk", 0, NULL, NULL);
	const struct faults_options o = {.kinds = kinds, .threads = 2};
	ck_assert_msg(faults_find(session, stems, &o, &faults, &err) == 0, "%s", err.text);
	stems_free(stems);
}

static void
done(void)
{
	faults_fini(&faults);
	session_free(session);
}

static uint32_t
uid(const char *address)
{
	return session_find(session, address)->uid;
}

/* The only fault, of that strip, at a time. */
static const struct fault *
only(enum fault_kind kind, const char *address, double from, double to)
{
	ck_assert_uint_eq(faults.count, 1);
	const struct fault *f = &faults.found[0];
	ck_assert_int_eq(f->kind, kind);
	ck_assert_msg(f->uid == uid(address), "%s is of another", f->text);
	double at = (double)f->frame / RATE;
	ck_assert_msg(at >= from && at <= to, "%s at %.3f s", f->text, at);
	return f;
}

#define STRIP(id, name) "strip/" id "/name " name "\nstrip/" id "/region/r/file " id ".wav\n"
#define HIT_FROM 2.5
#define HIT_TO 2.6
#define HIT 1.2
#define BED 0.1

static void
make_hit(void)
{
	make("bed.wav", 220, BED, 1, 1);
	make_burst("hit.wav", 100, 0, 1000, HIT, HIT_FROM, HIT_TO);
}

/* A hit that the limiter must take down to its ceiling: by as much as it stands above, and it is the hit's. */
START_TEST(test_limit)
{
	test_begin();
	make_hit();
	find("stemdesk 1\n" STRIP("bed", "Bed") STRIP("hit", "Hit"), BIT(FAULT_LIMIT) | BIT(FAULT_PEAK));
	const struct fault *f = only(FAULT_LIMIT, "strip/hit", HIT_FROM, HIT_TO);
	/* the ceiling is -1 dBTP; the bed adds or takes up to its level */
	ck_assert_double_ge(f->figure, test_db(HIT - BED) + 1);
	ck_assert_double_le(f->figure, test_db(HIT + BED) + 1 + 0.1);
	/* of a whole made of two tones that are no multiples, the share of one is that of its power */
	ck_assert_double_ge(f->share, 0.8);
	ck_assert_ptr_nonnull(strstr(f->text, "% of it Hit"));
	ck_assert(faults_heavy(&faults) == (f->figure >= 3));
	done();
	/* in a bus the strip is named behind it */
	find("stemdesk 1\nbus/all/name All\n" STRIP("bed", "Bed") STRIP("hit", "Hit") "strip/hit/out bus/all\n",
	     BIT(FAULT_LIMIT));
	f = only(FAULT_LIMIT, "strip/hit", HIT_FROM, HIT_TO);
	ck_assert_ptr_nonnull(strstr(f->text, "All (Hit)"));
	done();
	test_end();
}
END_TEST

/* Without a limiter the same is a true peak above the ceiling, and above full scale what a file cuts off. */
START_TEST(test_peak)
{
	int over = 0;
	test_begin();
	make_hit();
	find("stemdesk 1\n" STRIP("bed", "Bed") STRIP("hit", "Hit") "master/limiter/on off\n",
	     BIT(FAULT_LIMIT) | BIT(FAULT_PEAK));
	const struct fault *f = only(FAULT_PEAK, "strip/hit", HIT_FROM, HIT_TO);
	ck_assert_double_ge(f->figure, test_db(HIT - BED) + 1);
	/* the burst begins and ends at a zero of its sine, with a bend; the curve goes over a little there at the most */
	ck_assert_double_le(f->figure, test_db(HIT + BED) + 1 + 0.2);
	done();
	find("stemdesk 1\n" STRIP("bed", "Bed") STRIP("hit", "Hit"), BIT(FAULT_CLIP));
	f = only(FAULT_CLIP, "strip/hit", HIT_FROM, HIT_TO);
	struct sound bed = read_sound("bed.wav"), hit = read_sound("hit.wav");
	double most = 0;
	for (int64_t k = 0; k < 2 * FRAMES; k++) {
		double x = fabs(bed.x[k] + hit.x[k]);
		over += x > 1;
		most = x > most ? x : most;
	}
	char words[80];
	snprintf(words, sizeof words, "%d samples", over);
	ck_assert_int_gt(over, 100);
	ck_assert_msg(strstr(f->text, words) != NULL, "%s, not %s", f->text, words);
	ck_assert_double_eq_tol(f->figure, test_db(most), 0.001);
	done();
	test_end();
}
END_TEST

/* What a bass loses in mono: 10 log10 of both sides' power over the middle's. */
START_TEST(test_mono)
{
	test_begin();
	make("sub.wav", 60, 0.3, 1, -0.5);
	make("top.wav", 3000, 0.3, 1, -1); /* not of the bass */
	find("stemdesk 1\n" STRIP("top", "Top") STRIP("sub", "Sub"), BIT(FAULT_BASS));
	const struct fault *f = only(FAULT_BASS, "strip/sub", 0, 6);
	ck_assert_double_eq_tol(f->figure, 10 * log10((0.25 * 0.25 + 0.75 * 0.75) / (0.25 * 0.25)), 0.1);
	ck_assert_double_eq_tol(f->share, 1, 0.001);
	done();
	/* two that play on one side each, one of them upside down: (1 - 0.9) / 2 of the middle, (1 + 0.9) / 2 of the rest
	 */
	make("left.wav", 60, 0.3, 1, 0);
	make("right.wav", 60, 0.3, 0, -0.9);
	find("stemdesk 1\n" STRIP("left", "Left") STRIP("right", "Right"), BIT(FAULT_BASS));
	f = only(FAULT_BASS, "strip/left", 0, 6);
	ck_assert_uint_eq(f->other, uid("strip/right"));
	ck_assert_double_eq_tol(f->figure, 10 * log10((0.05 * 0.05 + 0.95 * 0.95) / (0.05 * 0.05)), 0.1);
	ck_assert_double_eq_tol(f->share, 1 / 1.9, 0.001);
	done();
	/* on one side alone, 3.01 dB: that is how it is panned, and no fault */
	find("stemdesk 1\n" STRIP("left", "Left"), BIT(FAULT_BASS));
	ck_assert_uint_eq(faults.count, 0);
	done();
	test_end();
}
END_TEST

/* Two in the middle, one upside down, take the bass from each other. */
START_TEST(test_polarity)
{
	const char *const text = "stemdesk 1\nbus/low/name Low\nbus/low/fader 2\n" STRIP("di", "DI") STRIP("amp", "Amp")
	    STRIP("top", "Top") "strip/amp/out bus/low\nstrip/amp/fader -2\n";
	test_begin();
	make("di.wav", 60, 0.3, 1, 1);
	make("amp.wav", 60, -0.24, 1, 1);
	make("top.wav", 3000, 0.3, 1, 1);
	find(text, BIT(FAULT_BASS));
	const struct fault *f = only(FAULT_BASS, "strip/amp", 0, 6);
	ck_assert_uint_eq(f->other, uid("strip/di"));
	ck_assert_double_eq_tol(f->figure, 10 * log10((1 + 0.64) / (0.2 * 0.2)), 0.1);
	done();
	make("amp.wav", 60, 0.24, 1, 1);
	find(text, BIT(FAULT_BASS));
	ck_assert_uint_eq(faults.count, 0);
	done();
	test_end();
}
END_TEST

/* A burst of treble in a voice, beside cymbals that are nothing but treble. */
START_TEST(test_sibilance)
{
	test_begin();
	make_burst("vox.wav", 2000, 0.1, 7000, 0.3, 2, 2.3);
	make("hat.wav", 8000, 0.05, 1, 1);
	find("stemdesk 1\n" STRIP("hat", "Hat") STRIP("vox", "Vox"), BIT(FAULT_SIBILANCE));
	const struct fault *f = only(FAULT_SIBILANCE, "strip/vox", 2 - 0.05, 2.3);
	ck_assert_double_eq_tol(f->figure, 10 * log10((0.3 * 0.3 + 0.05 * 0.05) / (0.1 * 0.1)), 1);
	ck_assert_double_eq_tol(f->share, 0.3 * 0.3 / (0.3 * 0.3 + 0.05 * 0.05), 0.02);
	done();
	/* a softer one stays below the body */
	make_burst("vox.wav", 2000, 0.1, 7000, 0.08, 2, 2.3);
	find("stemdesk 1\n" STRIP("hat", "Hat") STRIP("vox", "Vox"), BIT(FAULT_SIBILANCE));
	ck_assert_uint_eq(faults.count, 0);
	done();
	/* cymbals alone for a while: loud treble without a body, but no voice's */
	make_burst("hat.wav", 8000, 0.01, 7000, 0.3, 2, 2.3);
	make("vox.wav", 2000, 0.1, 1, 1);
	find("stemdesk 1\n" STRIP("hat", "Hat") STRIP("vox", "Vox"), BIT(FAULT_SIBILANCE));
	ck_assert_uint_eq(faults.count, 0);
	done();
	test_end();
}
END_TEST

#define TONES 14

/* Noise of a narrow band: tones a few Hz apart with phases drawn from `seed`. */
static double noise_low, noise_high, noise_level, phase[TONES];

static double
noise(int64_t t, int c)
{
	double x = 0;
	(void)c;
	for (int k = 0; k < TONES; k++)
		x += sin(2 * M_PI * (noise_low + (noise_high - noise_low) * (k + 0.5) / TONES) * (double)t / RATE + phase[k]);
	return x * noise_level / sqrt(TONES / 2.0); /* noise_level: RMS */
}

static void
make_noise(const char *path, double low, double high, double level, uint64_t seed)
{
	noise_low = low;
	noise_high = high;
	noise_level = level;
	for (int k = 0; k < TONES; k++)
		phase[k] = M_PI * test_random(&seed);
	make_sound(path, 2, RATE, FRAMES, noise, 0);
}

/* The filter's skirt above is an ERB wide together with one as wide below: that is what ERB means. */
START_TEST(test_filter)
{
	static const double hertz[] = {60, 250, 1000, 6000};
	for (size_t k = 0; k < sizeof hertz / sizeof *hertz; k++) {
		double f = hertz[k], erb = 24.7 * (4.37 * f / 1000 + 1), area = 0, step = erb / 200;
		for (double at = f + step / 2; at < f + 20 * erb; at += step)
			area += masking_filter(f, at) * step;
		ck_assert_double_eq_tol(area, erb / 2, erb / 1000);
		/* what is loud spreads upwards: a filter lets more of what lies below it through */
		ck_assert_double_gt(masking_filter(f, f - erb), masking_filter(f, f + erb));
		ck_assert_double_eq_tol(masking_filter(f, f), 1, 1e-12);
	}
	/* bands are an ERB wide */
	for (int b = 0; b < BANDLOG_BANDS; b++)
		ck_assert_double_eq_tol(bandlog_edge(b + 1) - bandlog_edge(b), 24.7 * (4.37 * bandlog_hertz(b) / 1000 + 1),
		                        0.02 * bandlog_hertz(b));
}
END_TEST

static const struct masked_strip *
masked(const char *address)
{
	for (int k = 0; k < faults.strips; k++)
		if (faults.strip[k] == uid(address))
			return &faults.masking.strip[k];
	ck_abort_msg("%s is not there", address);
}

/* 20 dB louder in the same band covers, an octave and more away it does not. */
START_TEST(test_masking)
{
	const char *const text = "stemdesk 1\n" STRIP("soft", "Soft") STRIP("loud", "Loud") STRIP("high", "High")
	    STRIP("low", "Low") STRIP("gone", "Gone") "strip/gone/out none\n";
	test_begin();
	make_noise("loud.wav", 930, 1070, 0.2, 1);
	make_noise("soft.wav", 935, 1065, 0.02, 2);
	make_noise("high.wav", 2300, 2700, 0.02, 3);
	make_noise("low.wav", 380, 460, 0.02, 4);
	make_noise("gone.wav", 2300, 2700, 0.9, 5); /* nobody hears it */
	find(text, BIT(FAULT_MASKING));
	const struct fault *f = only(FAULT_MASKING, "strip/soft", 0, 6);
	ck_assert_uint_eq(f->other, uid("strip/loud"));
	ck_assert_ptr_nonnull(strstr(f->text, "Loud covers Soft at"));
	ck_assert_double_ge(f->figure, 0.95);
	ck_assert_double_ge(faults.masking.pair[0].depth, 20);
	ck_assert_int_ge(faults.masking.pair[0].low, 0);
	ck_assert_double_le(bandlog_edge(faults.masking.pair[0].low), 935);
	ck_assert_double_ge(bandlog_edge(faults.masking.pair[0].high + 1), 1065);
	ck_assert_double_ge(masked("strip/soft")->covered, 0.95);
	ck_assert_double_le(masked("strip/loud")->covered, 0.01);
	ck_assert_double_le(masked("strip/high")->covered, 0.02);
	ck_assert_double_le(masked("strip/low")->covered, 0.02);
	ck_assert_int_eq(faults.strips, 4);
	done();
	/* as loud as each other, neither covers for most of its time; 3 dB are the limit, so 1 dB is well above */
	make_noise("soft.wav", 935, 1065, 0.2, 2);
	find(text, BIT(FAULT_MASKING));
	ck_assert_uint_eq(faults.count, 0);
	done();
	/* turned down by its bus it is covered again */
	find("stemdesk 1\nbus/b/name B\nbus/b/fader -20\n" STRIP("soft", "Soft")
	         STRIP("loud", "Loud") "strip/soft/out bus/b\n",
	     BIT(FAULT_MASKING));
	only(FAULT_MASKING, "strip/soft", 0, 6);
	done();
	test_end();
}
END_TEST

/* Nothing is wrong, whatever is looked for; levels are those of full sines, wherever a strip comes late. */
START_TEST(test_clean)
{
	test_begin();
	make("bass.wav", 80, 0.2, 1, 1);
	make("keys.wav", 700, 0.1, 1, 0.7);
	make_burst("vox.wav", 2500, 0.1, 6000, 0.04, 1, 2);
	find("stemdesk 1\n" STRIP("bass", "Bass") STRIP("keys", "Keys") STRIP("vox", "Vox") "strip/vox/delay 10ms\n", 0);
	ck_assert_uint_eq(faults.count, 0);
	ck_assert(!faults_heavy(&faults));
	done();
	test_end();
}
END_TEST

/* What is gathered side by side: a strip's frames as they stand in its file, whatever the threads and the block. */
struct seen {
	const struct sound *file;
	int64_t next;
};

static int
compare(void *arg, const struct taps *t, int64_t frame, double limited)
{
	struct seen *seen = arg;
	ck_assert_int_eq(frame, seen->next);
	ck_assert_double_eq(limited, 0);
	for (int c = 0; c < 2; c++) {
		const float *x = taps_at(t, 0, c, frame - 256), *mix = taps_at(t, taps_mix(t), c, frame - 256);
		for (int64_t k = 0; k < 512; k++) {
			int64_t at = frame - 256 + k;
			double expected = at < 0 || at >= seen->file->frames ? 0 : seen->file->x[2 * at + c];
			ck_assert_msg((double)x[k] == expected && (double)mix[k] == expected, "%ld", (long)at);
		}
	}
	seen->next += 256;
	return 0;
}

START_TEST(test_taps)
{
	const char *const text = "stemdesk 1\n" STRIP("bed", "Bed") "strip/off/name Off\nstrip/off/out none\n";
	test_begin();
	make("bed.wav", 331, 0.25, 1, -0.5);
	struct sound file = read_sound("bed.wav");
	for (int threads = 1; threads <= 3; threads += 2) {
		struct err err = {""};
		struct seen seen = {.file = &file};
		struct session *s = session_new();
		ck_assert_int_eq(session_parse(s, text, strlen(text), "test", 0, &err), 0);
		struct stems *stems = stems_new(s, "song.desk", 0, NULL, NULL);
		const struct taps_options how = {
		    .block = 256, .window = 512, .threads = threads, .tail = 0.1, .take = compare, .arg = &seen};
		struct taps *t = taps_new(s, stems, &how, &err);
		ck_assert_msg(t != NULL, "%s", err.text);
		ck_assert_int_eq(taps_into(t, 0), taps_mix(t));
		ck_assert_int_eq(taps_into(t, 1), -1);
		ck_assert_int_eq(taps_play(t, &err), 0);
		ck_assert_int_ge(seen.next, FRAMES + RATE / 10);
		taps_free(t);
		stems_free(stems);
		session_free(s);
	}
	test_end();
}
END_TEST

START_TEST(test_command)
{
	test_begin();
	make_hit();
	make_noise("soft.wav", 950, 1050, 0.001, 2);
	write_text("s.desk", "stemdesk 1\n" STRIP("bed", "Bed") STRIP("hit", "Hit") STRIP("soft", "Soft"));
	make("bed.wav", 1000, BED, 1, 1);
	ck_assert_int_eq(DESK("check s.desk --mix"), 3);
	SAYS("out", "% of it Hit");
	SAYS("out", "0:02.5");
	ck_assert_ptr_null(strstr(read_text("out"), "covers"));
	ck_assert_int_eq(DESK("check s.desk --masking"), 0);
	SAYS("out", "Bed covers Soft at");
	ck_assert_int_eq(DESK("check s.desk --mix --masking --json"), 3);
	SAYS("out", "\"fault\":\"limit\",\"reduction_db\":");
	SAYS("out", "\"strip\":\"strip/hit\"");
	SAYS("out", "\"strip\":\"strip/soft\",\"covered\":1.000,\"by\":\"strip/bed\",\"bands\":[{\"hz\":");
	ck_assert_int_eq(DESK("check s.desk --mix --lines"), 2);
	SAYS("err", "--lines");
	ck_assert_int_eq(DESK("check --detectors"), 0);
	SAYS("out", "sibilance");
	ck_assert_int_eq(DESK("check nothing.desk --mix"), 1);
	test_end();
}
END_TEST

TEST_MAIN("faults", 120, test_limit, test_peak, test_mono, test_polarity, test_sibilance, test_filter, test_masking,
          test_clean, test_taps, test_command)
