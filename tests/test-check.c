/*
 * The detectors of `check`: made faults of stated strengths in stems of the demo song, each found in 95 of 100; the
 * same stems as they are, with 2 false alarms in 100 at most; delays to a frame, and lines that mend them.
 */
#include "master/detect.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "demo/demo_song.h"
#include "media/reader.h"
#include "media/sink.h"

#include "wavmake.h"

#define RATE 48000
#define SECONDS 24
#define FRAMES (SECONDS * RATE)
#define FROM (40 * RATE) /* every part plays here */

/* A part of a stem. */
struct stem {
	const char *name;
	int channels;
	float *side[2];
};

#define STEMS 16
static struct stem stem[STEMS];
static float *work[2];

/* What is really wrong with the demo's stems in that part: amplifiers hum, and some notes are cut off by the next. */
static const struct {
	const char *stem, *detector;
} known[] = {
    {"09_Rhythm Gtr.wav", "hum"},  {"10_Double Gtr.wav", "hum"},   {"01_Kick.wav", "clicks"},
    {"04_Toms.wav", "clicks"},     {"05_Overheads.wav", "clicks"}, {"08_Acoustic Gtr.wav", "clicks"},
    {"14_Lead Vox.wav", "clicks"},
};

static int
is_known(const char *name, const char *detector)
{
	for (size_t k = 0; k < sizeof known / sizeof *known; k++)
		if (!strcmp(known[k].stem, name) && !strcmp(known[k].detector, detector))
			return 1;
	return 0;
}

static void
load_stems(void)
{
	char folder[] = "/tmp/stemdesk-check-XXXXXX", path[128];
	struct err err = {""};
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_msg(demo_render(folder, &err, NULL, NULL) == 0, "%s", err.text);
	for (int k = 0; k < STEMS; k++) {
		struct media_info info;
		snprintf(path, sizeof path, "%s/%s", folder, demo_stem(k));
		ck_assert_msg(media_probe(path, &info, &err) == 0, "%s", err.text);
		struct media_reader *r = reader_open(path, &info, &err);
		ck_assert_ptr_nonnull(r);
		stem[k] = (struct stem){.name = demo_stem(k), .channels = info.channels};
		for (int c = 0; c < info.channels; c++)
			stem[k].side[c] = malloc(FRAMES * sizeof(float));
		ck_assert_int_eq(reader_read(r, FROM, FRAMES, stem[k].side), FRAMES);
		reader_close(r);
		unlink(path);
	}
	ck_assert_ptr_null(demo_stem(STEMS));
	rmdir(folder);
	for (int c = 0; c < 2; c++)
		work[c] = malloc(FRAMES * sizeof(float));
}

static void
free_stems(void)
{
	for (int c = 0; c < 2; c++) {
		for (int k = 0; k < STEMS; k++)
			free(stem[k].side[c]);
		free(work[c]);
	}
}

static double
peak_of(const float *const *side, int channels)
{
	double peak = 0;
	for (int c = 0; c < channels; c++)
		for (int t = 0; t < FRAMES; t++)
			peak = fmax(peak, fabs((double)side[c][t]));
	return peak;
}

static double
gauss(uint64_t *seed)
{
	double sum = 0;
	for (int k = 0; k < 12; k++)
		sum += test_random(seed);
	return sum / 2;
}

/* Faults: `x` is one side, `peak` the stem's, strength as in the table. They return whether there is one now. */
static int
make_clip(float *x, double peak, double db, uint64_t *seed)
{
	/* cut off, and lowered to anywhere afterwards */
	float top = (float)(peak * pow(10, -db / 20)), gain = (float)(0.3 + 0.35 * (1 + test_random(seed))) / top;
	int cut = 0;
	for (int t = 0; t < FRAMES; t++) {
		cut += x[t] > top || x[t] < -top;
		x[t] = rintf((x[t] > top ? top : x[t] < -top ? -top : x[t]) * gain * 8388608) / 8388608;
	}
	return cut >= 10;
}

static int
make_dc(float *x, double peak, double percent, uint64_t *seed)
{
	(void)peak;
	(void)seed;
	for (int t = 0; t < FRAMES; t++)
		x[t] += (float)(percent / 100);
	return 1;
}

static void
hum(float *x, double base, double db)
{
	static const double part[] = {1, 0.5, 0.7, 0.25, 0.4};
	double power = 0;
	for (int k = 0; k < 5; k++)
		power += part[k] * part[k];
	for (int t = 0; t < FRAMES; t++)
		for (int k = 0; k < 5; k++)
			x[t] +=
			    (float)(pow(10, db / 20) / sqrt(power) * part[k] * sin(2 * M_PI * base * (k + 1) * t / RATE + 1.3 * k));
}

static int
make_hum_50(float *x, double peak, double db, uint64_t *seed)
{
	(void)peak;
	hum(x, 50 * (1 + 0.001 * test_random(seed)), db);
	return 1;
}

static int
make_hum_60(float *x, double peak, double db, uint64_t *seed)
{
	(void)peak;
	hum(x, 60 * (1 + 0.001 * test_random(seed)), db);
	return 1;
}

static int
make_noise(float *x, double peak, double db, uint64_t *seed)
{
	(void)peak;
	for (int t = 0; t < FRAMES; t++)
		x[t] += (float)(pow(10, db / 20) * gauss(seed));
	return 1;
}

/* So many dB above the steepest second difference of the sound 20 ms about it; frames in turn up and down. */
static void
click(float *const *x, int channels, int at, int frames, double db)
{
	double steepest = 0;
	for (int c = 0; c < channels; c++)
		for (int t = at - RATE / 50; t < at + RATE / 50; t++)
			steepest = fmax(steepest, fabs((double)x[c][t - 1] - 2 * (double)x[c][t] + (double)x[c][t + 1]));
	for (int c = 0; c < channels; c++)
		for (int i = 0; i < frames; i++)
			x[c][at + i] += (float)(fmax(0.001, steepest / 2 * pow(10, db / 20)) * (i % 2 ? -0.8 : 1));
}

/*
 * A limiter that looks 2 ms ahead and lets go within 50 ms, so much below the peak: the least gain of the frames ahead,
 * let go, and smoothed over as many. There is a fault where at least six strokes of different height are lowered.
 */
static int
make_limit(float *x, double peak, double db, uint64_t *seed)
{
	enum { LOOK = RATE / 500 };
	double top = peak * pow(10, -db / 20), gain = 1, sum = 0, lowest = 1, highest = 0;
	double *least = malloc(FRAMES * sizeof *least);
	int strokes = 0, last = -RATE;
	(void)seed;
	for (int t = 0; t < FRAMES; t++)
		least[t] = 1;
	for (int t = 0; t < FRAMES; t++) {
		double wanted = top / fmax(fabs((double)x[t]), top);
		for (int i = t; wanted < 1 && i >= 0 && i >= t - LOOK; i--)
			least[i] = fmin(least[i], wanted);
		if (wanted > 0.94)
			continue;
		strokes += t - last > RATE / 20;
		last = t;
		lowest = fmin(lowest, wanted);
		highest = fmax(highest, wanted);
	}
	for (int t = 0; t < FRAMES; t++) {
		least[t] = gain = fmin(least[t], 1 - (1 - gain) * exp(-1 / (0.05 * RATE)));
		sum += gain - (t > LOOK ? least[t - LOOK - 1] : 0);
		double smooth = sum / (t < LOOK ? t + 1 : LOOK + 1);
		x[t] = rintf(x[t] * (float)smooth * 8388608) / 8388608;
	}
	free(least);
	return strokes >= 6 && highest > lowest * 1.06;
}

#define PAUSES 0xF47FU /* stems with a pause in that part, a bit each: not strummed guitars and pads */

static const struct {
	const char *detector;
	int (*make)(float *x, double peak, double strength, uint64_t *seed);
	double strength;
	unsigned stems; /* those it can be judged in, a bit each; 0: all */
} faults[] = {
    {"clipping", make_clip, 3, 0},      {"clipping", make_clip, 6, 0},
    {"dc", make_dc, 0.15, 0},           {"dc", make_dc, -5, 0},
    {"hum", make_hum_50, -40, 0},       {"hum", make_hum_60, -40, 0},
    {"noise", make_noise, -45, PAUSES}, {"clipping", make_clip, 1, 0},
    {"limited", make_limit, 3, 0},      {"limited", make_limit, 6, 0},
    {"limited", make_limit, 10, 0},
};

/* What the chosen detectors (0: all) find in `work`. */
static struct findings
listen(int channels, uint64_t chosen)
{
	struct findings f = {0};
	struct heard *h = detect_begin(RATE, channels, chosen);
	/* odd pieces: blocks end inside them */
	for (int t = 0; t < FRAMES; t += 7777) {
		const float *const piece[2] = {work[0] + t, work[1] + t};
		detect_take(h, piece, FRAMES - t < 7777 ? (size_t)(FRAMES - t) : 7777);
	}
	detect_end(h, chosen, &f);
	return f;
}

START_TEST(test_found)
{
	load_stems();
	for (size_t f = 0; f < sizeof faults / sizeof *faults; f += (size_t)test_step(3)) {
		int found = 0, made = 0;
		int detector = detector_named(faults[f].detector);
		char missed[512] = "";
		for (int k = 0; k < STEMS; k++) {
			uint64_t seed = 1000 * f + (uint64_t)k;
			double peak = peak_of((const float *const *)stem[k].side, stem[k].channels);
			if (faults[f].stems && !(faults[f].stems >> k & 1))
				continue;
			int there = 0;
			for (int c = 0; c < stem[k].channels; c++) {
				uint64_t same = seed;
				memcpy(work[c], stem[k].side[c], FRAMES * sizeof(float));
				there += faults[f].make(work[c], peak, faults[f].strength, &same);
			}
			if (!there)
				continue;
			struct findings got = listen(stem[k].channels, (uint64_t)1 << detector);
			made++;
			found += got.count > 0;
			if (!got.count)
				strcat(strcat(missed, " "), stem[k].name);
			for (size_t i = 0; i < got.count; i++)
				ck_assert_str_eq(got.found[i].by->name, faults[f].detector);
			findings_fini(&got);
		}
		printf("%-8s %6.2f: %d of %d%s%s\n", faults[f].detector, faults[f].strength, found, made,
		       *missed ? ", not in" : "", missed);
		ck_assert_msg(found >= 0.95 * made - 1e-9 || made - found <= 0, "%s %g: %d of %d", faults[f].detector,
		              faults[f].strength, found, made);
	}
	free_stems();
}
END_TEST

/* Clicks of 1 and 3 frames, 10 dB steeper than the sound about them, each found where it is. */
START_TEST(test_clicks)
{
	static const int lengths[] = {1, 3};
	int chosen = detector_named("clicks");
	load_stems();
	for (int n = 0; n < 2; n += test_step(2)) {
		int found = 0, made = 0;
		uint64_t seed = 77;
		for (int k = 0; k < STEMS; k++) {
			int at[3];
			if (is_known(stem[k].name, "clicks"))
				continue;
			for (int c = 0; c < stem[k].channels; c++)
				memcpy(work[c], stem[k].side[c], FRAMES * sizeof(float));
			for (int i = 0; i < 3; i++) {
				at[i] = (int)((i + 0.5 + 0.4 * test_random(&seed)) / 3 * FRAMES);
				click(work, stem[k].channels, at[i], lengths[n], 10);
			}
			struct findings got = listen(stem[k].channels, (uint64_t)1 << chosen);
			for (int i = 0; i < 3; i++) {
				int seen = 0;
				for (int j = 0; got.count > 0 && j < got.found[0].times; j++)
					seen |= fabs(got.found[0].at[j] - (double)at[i] / RATE) < 0.001;
				found += seen;
				made++;
			}
			findings_fini(&got);
		}
		printf("clicks of %d: %d of %d\n", lengths[n], found, made);
		ck_assert_int_ge(20 * found, 19 * made);
	}
	free_stems();
}
END_TEST

START_TEST(test_clean)
{
	int alarms = 0, judged = 0;
	load_stems();
	for (int k = 0; k < STEMS; k++) {
		for (int c = 0; c < stem[k].channels; c++)
			memcpy(work[c], stem[k].side[c], FRAMES * sizeof(float));
		struct findings got = listen(stem[k].channels, 0);
		for (int d = 0; detectors[d].name; d++)
			judged += detectors[d].judge != NULL;
		for (size_t i = 0; i < got.count; i++)
			if (!is_known(stem[k].name, got.found[i].by->name)) {
				printf("%s: %s: %s\n", stem[k].name, got.found[i].by->name, got.found[i].text);
				alarms++;
			}
		findings_fini(&got);
	}
	printf("%d false alarms of %d\n", alarms, judged);
	ck_assert_int_le(alarms * 50, judged);
	free_stems();
}
END_TEST

/* Writes a mono file of the current folder. */
static void
write_stem(const char *name, const float *x, int frames, int rate)
{
	struct err err = {""};
	struct sink_spec spec = {.path = name, .format = SINK_WAV, .bits = SINK_24, .rate = rate, .channels = 1};
	struct sink *sink = sink_open(&spec, &err);
	ck_assert_msg(sink != NULL, "%s", err.text);
	ck_assert_int_eq(sink_write(sink, &x, (size_t)frames, &err), 0);
	ck_assert_int_eq(sink_commit(sink, &err), 0);
}

static struct session *
session_of(int count, const char *const *name)
{
	struct session *s = session_new();
	struct err err = {""};
	char line[128];
	for (int k = 0; k < count; k++) {
		snprintf(line, sizeof line, "strip/%s/name %s", name[k], name[k]);
		ck_assert_msg(session_line(s, line, &err) == 0, "%s", err.text);
		snprintf(line, sizeof line, "strip/%s/region/aaaaaa/file %s.wav", name[k], name[k]);
		ck_assert_msg(session_line(s, line, &err) == 0, "%s", err.text);
	}
	return s;
}

static struct detected
checked(struct session *s, const char *only)
{
	struct detected d;
	struct err err = {""};
	struct detect_options o = {.detectors = only ? (uint64_t)1 << detector_named(only) : 0};
	ck_assert_msg(detect_song(s, NULL, &o, &d, &err) == 0, "%s", err.text);
	return d;
}

#define LONG (12 * RATE)

/*
 * What a microphone hears of a source: it late by so many frames, in its own colour (a resonance, Q 0.7, of which it
 * lets through what is below), and noise of its own.
 */
static void
microphone(const float *source, int late, int turned, double corner, double noise, uint64_t seed, float *out)
{
	double w = 2 * M_PI * corner / RATE, alpha = sin(w) / 1.4, a0 = 1 + alpha, y1 = 0, y2 = 0, x1 = 0, x2 = 0;
	for (int t = 0; t < LONG; t++) {
		double x = t >= late ? (double)source[t - late] : 0, y = x;
		if (corner > 0)
			y = ((1 - cos(w)) * (x / 2 + x1 + x2 / 2) + 2 * cos(w) * y1 - (1 - alpha) * y2) / a0;
		x2 = x1;
		x1 = x;
		y2 = y1;
		y1 = y;
		out[t] = (float)((turned ? -0.5 : 0.5) * (corner > 0 ? 0.3 * x + 0.7 * y : y) + noise * gauss(&seed));
	}
}

static const struct {
	int late, turned;
	double corner, noise; /* Hz (0: as it is), of full scale */
} pairs[] = {
    {1, 0, 0, 1e-4},    {37, 0, 0, 1e-4},   {37, 1, 6000, 1e-3},   {480, 0, 3000, 1e-3}, {0, 1, 0, 1e-4},
    {0, 1, 5000, 1e-3}, {2000, 0, 0, 1e-3}, {2000, 1, 4000, 1e-3}, {131, 0, 8000, 3e-3}, {999, 1, 8000, 3e-3},
};

/* Stems whose sound has enough treble to show a frame: snare, acoustic guitar, a voice. */
static const int sources[] = {1, 7, 13};

START_TEST(test_pairs)
{
	static const char *const names[] = {"near", "far", "other"};
	struct err err = {""};
	float *out = malloc(LONG * sizeof *out);
	load_stems();
	made_begin();
	for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
		const float *source = stem[sources[k % 3]].side[0];
		microphone(source, 0, 0, 0, pairs[k].noise, 11 + k, out);
		write_stem("near.wav", out, LONG, RATE);
		microphone(source, pairs[k].late, pairs[k].turned, pairs[k].corner, pairs[k].noise, 77 + k, out);
		write_stem("far.wav", out, LONG, RATE);
		write_stem("other.wav", stem[6].side[0], LONG, RATE);
		struct session *s = session_of(3, names);
		struct detected d = checked(s, "pairs");
		ck_assert_msg(d.findings.count == 1, "pair %zu: %zu findings", k, d.findings.count);
		const struct finding *f = &d.findings.found[0];
		printf("%4d frames%s: %s; %s; %s\n", pairs[k].late, pairs[k].turned ? ", turned" : "", f->text, f->fix[0],
		       f->fix[1]);
		ck_assert_double_le(fabs(f->figure - pairs[k].late), 1);
		/* its lines mend it: then there is nothing to say */
		for (int i = 0; i < DETECT_FIXES; i++)
			if (*f->fix[i])
				ck_assert_msg(session_line(s, f->fix[i], &err) == 0, "%s: %s", f->fix[i], err.text);
		ck_assert_int_eq(
		    (int)(session_find(s, "strip/near")->value[P_POLARITY] + session_find(s, "strip/far")->value[P_POLARITY]),
		    pairs[k].turned);
		ck_assert_double_le(fabs(session_find(s, "strip/near")->value[P_DELAY] - pairs[k].late), 1);
		detect_free(&d);
		d = checked(s, "pairs");
		ck_assert_uint_eq(d.findings.count, 0);
		detect_free(&d);
		session_free(s);
	}
	made_end();
	free(out);
	free_stems();
}
END_TEST

/* Files: one that ends early, one at another rate, one that is not there, one that is empty of sound. */
START_TEST(test_files)
{
	static const char *const names[] = {"a", "b", "c", "short", "slow", "gone", "silent"};
	static const struct {
		const char *strip, *detector;
	} wanted[] = {
	    {"strip/short", "length"}, {"strip/slow", "rate"}, {"strip/slow", "length"}, {"strip/silent", "silence"}};
	float *x = calloc(LONG, sizeof *x);
	uint64_t seed = 5;
	made_begin();
	write_stem("silent.wav", x, LONG, RATE);
	for (int k = 0; k < 5; k++) {
		for (int t = 0; t < LONG; t++)
			x[t] = (float)(0.03 * gauss(&seed));
		char name[32];
		snprintf(name, sizeof name, "%s.wav", names[k]);
		/* a stem of 48 kHz whose header says 44.1 is 48 / 44.1 as long */
		write_stem(name, x, k == 3 ? LONG - 4800 : LONG, k == 4 ? 44100 : RATE);
	}
	struct session *s = session_of(7, names);
	struct detected d = checked(s, NULL);
	for (size_t w = 0; w < sizeof wanted / sizeof *wanted; w++) {
		int seen = 0;
		for (size_t k = 0; k < d.findings.count; k++) {
			const struct finding *f = &d.findings.found[k];
			seen += f->track >= 0 && !strcmp(f->by->name, wanted[w].detector) &&
			        !strcmp(session_address(detect_track(&d, f->track).strip), wanted[w].strip);
		}
		ck_assert_msg(seen == 1, "%s: %s %d times", wanted[w].strip, wanted[w].detector, seen);
	}
	/* the heaviest first: what is not there, and what plays at a wrong speed */
	ck_assert_str_eq(d.findings.found[0].by->name, "unreadable");
	ck_assert_ptr_nonnull(strstr(d.findings.found[0].text, "strip/gone"));
	ck_assert_int_eq(d.findings.found[0].weight, DETECT_GRAVE);
	ck_assert_uint_eq(d.findings.count, 1 + sizeof wanted / sizeof *wanted);
	detect_free(&d);
	session_free(s);
	made_end();
	free(x);
}
END_TEST

/* Sides: both the same, one empty, one upside down; each has its weight and its line. */
START_TEST(test_sides)
{
	static const struct {
		float left, right;
		enum detect_weight weight;
		const char *fix[2];
	} cases[] = {
	    {1, 1, DETECT_NOTE, {"channels 1", ""}},
	    {1, 0, DETECT_FAULT, {"channels 1", ""}},
	    {0, 1, DETECT_FAULT, {"channels 1", "region/*/channel 2"}},
	    {1, -1, DETECT_GRAVE, {"channels 1", ""}},
	    {1, 0.5F, DETECT_NOTE, {"", ""}},
	};
	for (int c = 0; c < 2; c++)
		work[c] = malloc(FRAMES * sizeof(float));
	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
		uint64_t seed = 3;
		for (int t = 0; t < FRAMES; t++) {
			float x = (float)(0.2 * test_random(&seed));
			work[0][t] = cases[k].left * x;
			work[1][t] = cases[k].right * x;
		}
		struct findings got = listen(2, (uint64_t)1 << detector_named("sides"));
		ck_assert_uint_eq(got.count, 1);
		ck_assert_int_eq(got.found[0].weight, cases[k].weight);
		for (int i = 0; i < 2; i++)
			ck_assert_str_eq(got.found[0].fix[i], cases[k].fix[i]);
		findings_fini(&got);
		/* two recordings of one noise, 30 dB over what each has of its own, are stereo */
		for (int t = 0; t < FRAMES; t++)
			work[1][t] = work[0][t] + (float)(0.2 * 0.0316 * test_random(&seed));
		got = listen(2, (uint64_t)1 << detector_named("sides"));
		ck_assert_msg(got.count == (cases[k].left == 0), "%zu", got.count);
		findings_fini(&got);
	}
	for (int c = 0; c < 2; c++)
		free(work[c]);
}
END_TEST

TEST_MAIN("check", 180, test_found, test_clicks, test_clean, test_pairs, test_files, test_sides)
