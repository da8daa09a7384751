/* The bounce through the engine: what is in the file is what was asked for, in every format and by every way to it. */
#include "bouncetest.h"

#include <ebur128.h>

#include "deskgraph.h"

#define RATE 48000
#define FRAMES 60000

static const struct bounce_options floats = {.file = {.bits = SINK_32F}, .tail = 0};

static uint64_t noise_state;

static double
noise(int64_t t, int c)
{
	(void)t;
	(void)c;
	return (double)(float)(0.5 * test_random(&noise_state));
}

static double
sine(int64_t t, int c)
{
	return 0.25 * sin(2 * M_PI * (c ? 1500 : 1000) * (double)t / RATE);
}

/* Bursts with pauses, loud and soft: a programme for compressors and meters. */
static double
programme(int64_t t, int c)
{
	double beat = fmod((double)t / RATE, 0.25), loud = (t / RATE) % 3 == 1 ? 0.2 : 0.9;
	return (double)(float)(loud * exp(-beat * 12) * sin(2 * M_PI * (c ? 220 : 330) * (double)t / RATE) +
	                       0.02 * test_random(&noise_state));
}

#define TWO                                                                                                            \
	"stemdesk 1\n"                                                                                                     \
	"strip/a/name A\nstrip/a/region/r1/file a.wav\n"                                                                   \
	"strip/b/name B\nstrip/b/region/r1/file b.wav\n"

static void
make_two(made_sample *sample)
{
	noise_state = 1;
	make_sound("a.wav", 2, RATE, FRAMES, sample, 0);
	make_sound("b.wav", 2, RATE, FRAMES, sample, 0);
}

START_TEST(test_sum)
{
	test_begin();
	make_two(noise);
	struct sound a = read_sound("a.wav"), b = read_sound("b.wav");
	struct bounce_options how = floats;
	how.file.bits = SINK_64F;
	struct sound mix = bounced(TWO, how, NULL);
	ck_assert_int_eq(mix.frames, FRAMES);
	double square = 0;
	for (int64_t k = 0; k < 2 * FRAMES; k++)
		square += pow(mix.x[k] - (a.x[k] + b.x[k]), 2);
	ck_assert_double_le(10 * log10(square / (2 * FRAMES) + 1e-300), -150);
	test_end();
}
END_TEST

/* Half a step of what the file holds, and nothing else, is lost. */
START_TEST(test_formats)
{
	static const struct {
		const char *path;
		enum sink_bits bits;
		int major, minor;
		double steps; /* of full scale; 0: floats, exact */
	} rows[] = {
	    {"m.wav", SINK_16, SF_FORMAT_WAV, SF_FORMAT_PCM_16, 32768},
	    {"m.wav", SINK_24, SF_FORMAT_WAV, SF_FORMAT_PCM_24, 8388608},
	    {"m.wav", SINK_32, SF_FORMAT_WAV, SF_FORMAT_PCM_32, 2147483648.0},
	    {"m.wav", SINK_32F, SF_FORMAT_WAV, SF_FORMAT_FLOAT, 0},
	    {"m.wav", SINK_64F, SF_FORMAT_WAV, SF_FORMAT_DOUBLE, 0},
	    {"m.rf64", SINK_24, SF_FORMAT_RF64, SF_FORMAT_PCM_24, 8388608},
	    {"m.rf64", SINK_32F, SF_FORMAT_RF64, SF_FORMAT_FLOAT, 0},
	    {"m.w64", SINK_24, SF_FORMAT_W64, SF_FORMAT_PCM_24, 8388608},
	    {"m.w64", SINK_64F, SF_FORMAT_W64, SF_FORMAT_DOUBLE, 0},
	    {"m.flac", SINK_16, SF_FORMAT_FLAC, SF_FORMAT_PCM_16, 32768},
	    {"m.flac", SINK_24, SF_FORMAT_FLAC, SF_FORMAT_PCM_24, 8388608},
	};
	test_begin();
	make_two(sine);
	struct sound whole = bounced(TWO, floats, NULL);
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		struct bounce_options how = {.file = {rows[k].path, SINK_AUTO, rows[k].bits, 0, 0, DITHER_NONE, 0, 0, NULL, 0}};
		struct sound got = bounced(TWO, how, NULL);
		ck_assert_int_eq(got.format & SF_FORMAT_TYPEMASK, rows[k].major);
		ck_assert_int_eq(got.format & SF_FORMAT_SUBMASK, rows[k].minor);
		ck_assert_int_eq(got.rate, RATE);
		ck_assert_int_eq(got.frames, FRAMES);
		ck_assert_double_le(sound_difference(&got, &whole, 0), rows[k].steps > 0 ? 0.5 / rows[k].steps : 0);
	}
	test_end();
}
END_TEST

/* What a lossy encoder keeps of two tones: more than 99 % of their power, at the length they had. */
START_TEST(test_lossy)
{
	static const char *const paths[] = {"m.ogg", "m.opus", "m.mp3"};
	test_begin();
	make_two(sine);
	struct sound whole = bounced(TWO, floats, NULL);
	for (size_t k = 0; k < sizeof paths / sizeof *paths; k++) {
		struct bounce_options how = {.file = {.path = paths[k], .dither = DITHER_DEFAULT}};
		struct err err = {""};
		struct bounce_report report;
		if (bounce_text(TWO, &how, &report, &err)) { /* an old libsndfile */
			ck_assert_msg(strstr(err.text, "libsndfile") != NULL, "%s", err.text);
			continue;
		}
		struct sound got = read_sound(paths[k]);
		ck_assert_int_eq(got.rate, RATE);
		ck_assert_int_le(llabs(got.frames - FRAMES), 2304); /* frames of MP3 are not taken apart everywhere */
		double best = 0;
		for (int64_t lag = 0; lag <= got.frames - FRAMES + 1200; lag++) {
			double cross = 0, own = 0, other = 0;
			for (int64_t t = 5000; t < 15000; t++) {
				double x = whole.x[2 * t], y = got.x[2 * (t + lag)];
				cross += x * y;
				own += x * x;
				other += y * y;
			}
			best = fmax(best, cross * cross / (own * other));
			if (best > 0.99)
				break;
		}
		ck_assert_double_gt(best, 0.99);
	}
	test_end();
}
END_TEST

#define BUSY                                                                                                           \
	TWO "strip/a/comp/on on\nstrip/a/comp/threshold -30\nstrip/b/hpf/on on\nstrip/b/delay 37\n"                        \
	    "strip/b/pan R30\nbus/verb/name Verb\nbus/verb/reverb/on on\nbus/verb/reverb/time "                            \
	    "400\nstrip/a/send/verb/level -6\n"

START_TEST(test_slice)
{
	test_begin();
	make_two(programme);
	struct sound whole = bounced(BUSY, floats, NULL);
	static const int64_t ends[][2] = {{0, 100}, {1, 2}, {12345, 43210}, {59000, FRAMES}};
	for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) {
		struct bounce_options how = floats;
		how.file.path = "slice.wav";
		how.from = ends[k][0];
		how.to = ends[k][1];
		struct sound slice = bounced(BUSY, how, NULL);
		ck_assert_int_eq(slice.frames, ends[k][1] - ends[k][0]);
		ck_assert_double_eq(sound_difference(&slice, &whole, ends[k][0]), 0);
	}
	test_end();
}
END_TEST

/* Started in the middle, the desk knows nothing of what was before: the graph that a player starts there is the judge.
 */
START_TEST(test_from)
{
	test_begin();
	make_two(programme);
	static const char *const names[] = {"a.wav", "b.wav"};
	for (size_t k = 0; k < 2; k++) {
		struct sound stem = read_sound(names[k]);
		memory_noise(names[k], 2, stem.frames, 1, 1);
		for (int64_t t = 0; t < 2 * stem.frames; t++)
			memory_stems[k].side[t & 1][t / 2] = (float)stem.x[t];
	}
	struct bounce_options how = floats;
	how.start = 20001;
	struct sound got = bounced(BUSY, how, NULL);
	int64_t start = how.start / 64 * 64;
	ck_assert_int_eq(got.frames, FRAMES + 37 - start);
	struct session *s = parse(BUSY);
	float *want[2];
	render(s, &(struct render){.lanes = 4, .chunk = 512, .threads = 1, .start = how.start}, got.frames, want);
	double most = 0;
	for (int64_t t = 0; t < got.frames; t++) {
		ck_assert_msg(got.x[2 * t] == (double)want[0][t] && got.x[2 * t + 1] == (double)want[1][t], "frame %lld",
		              (long long)t);
		most = fmax(most, fabs(got.x[2 * t]));
	}
	ck_assert_double_gt(most, 0.1);
	struct sound whole = bounced(BUSY, floats, NULL); /* and that is another sound than the slice's */
	ck_assert_double_gt(sound_difference(&got, &whole, start), 1e-4);
	free(want[0]);
	free(want[1]);
	session_free(s);
	memory_forget();
	test_end();
}
END_TEST

START_TEST(test_tail)
{
	test_begin();
	make_two(sine);
	struct bounce_options how = floats;
	how.tail = 0.5;
	struct sound got = bounced(TWO, how, NULL);
	ck_assert_int_eq(got.frames, FRAMES + RATE / 2);
	how.tail = -1;
	struct sound dry = bounced(TWO, how, NULL), wet = bounced(BUSY "bus/verb/reverb/predelay 100\n", how, NULL);
	ck_assert_int_eq(dry.frames, FRAMES);
	ck_assert_int_ge(wet.frames, FRAMES + RATE / 2); /* the reverb's 400 ms and the time before it */
	ck_assert_int_le(wet.frames, FRAMES + RATE);
	double end = 0;
	for (int64_t k = 2 * (wet.frames - 480); k < 2 * wet.frames; k++)
		end = fmax(end, fabs(wet.x[k]));
	ck_assert_double_lt(end, 0.5 * 1e-3); /* 60 dB down */
	ck_assert_double_gt(end, 0);
	test_end();
}
END_TEST

/* Amplitude and phase of a tone, by the middle of a sound. */
static void
tone(const struct sound *s, int c, double freq, double *level, double *phase)
{
	double re = 0, im = 0;
	int64_t from = s->rate / 4, count = s->rate / 2;
	for (int64_t t = from; t < from + count; t++) {
		double window = 1 - cos(2 * M_PI * (double)(t - from) / (double)count),
		       at = 2 * M_PI * freq * (double)t / s->rate;
		re += window * s->x[t * s->channels + c] * sin(at);
		im += window * s->x[t * s->channels + c] * cos(at);
	}
	*level = 2 * hypot(re, im) / (double)count;
	*phase = atan2(im, re);
}

START_TEST(test_rate)
{
	static const double rates[] = {44100, 96000, 22050};
	test_begin();
	make_two(sine);
	for (size_t k = 0; k < 3; k++) {
		struct bounce_options how = floats;
		how.file.rate = rates[k];
		struct bounce_report report;
		struct sound got = bounced(TWO, how, &report);
		ck_assert_int_eq(got.rate, (int)rates[k]);
		ck_assert_int_eq(got.frames, (int64_t)floor(FRAMES * rates[k] / RATE + 0.5));
		ck_assert_int_eq(report.frames, got.frames);
		for (int c = 0; c < 2; c++) {
			double freq = c ? 1500 : 1000, level, phase;
			tone(&got, c, freq, &level, &phase);
			ck_assert_double_le(fabs(test_db(level / 0.5)), 0.01);
			ck_assert_double_le(fabs(phase / (2 * M_PI) * rates[k] / freq), 0.01); /* frames */
		}
	}
	test_end();
}
END_TEST

/* What libebur128 reads of a file. */
struct judged {
	double integrated, range, true_peak;
};

static struct judged
judge(const struct sound *s)
{
	ebur128_state *e = ebur128_init((unsigned)s->channels, (unsigned long)s->rate,
	                                EBUR128_MODE_I | EBUR128_MODE_LRA | EBUR128_MODE_TRUE_PEAK);
	struct judged j = {0, 0, 0};
	ck_assert_int_eq(ebur128_add_frames_double(e, s->x, (size_t)s->frames), EBUR128_SUCCESS);
	ebur128_loudness_global(e, &j.integrated);
	ebur128_loudness_range(e, &j.range);
	for (int c = 0; c < s->channels; c++) {
		double peak;
		ebur128_true_peak(e, (unsigned)c, &peak);
		j.true_peak = fmax(j.true_peak, peak);
	}
	j.true_peak = test_db(j.true_peak);
	ebur128_destroy(&e);
	return j;
}

START_TEST(test_mastered)
{
	static const struct {
		double rate, ceiling;
		const char *extra;
	} rows[] = {{0, -1, ""},
	            {44100, -1, ""},
	            {96000, -1, ""},
	            {0, -3, "master/limiter/ceiling -3\n"},
	            {44100, -0.3, "master/limiter/ceiling -0.3\n"}};
	test_begin();
	for (int k = 0; k < 2; k++) {
		make_two(k ? noise : programme);
		for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
			char text[1024];
			snprintf(text, sizeof text, TWO "master/limiter/gain 9\n%s", rows[row].extra);
			struct bounce_options how = floats;
			struct bounce_report report;
			how.file.rate = rows[row].rate;
			how.mastered = 1;
			struct sound got = bounced(text, how, &report);
			struct judged want = judge(&got);
			ck_assert_int_eq(got.frames,
			                 (int64_t)floor(FRAMES * (rows[row].rate > 0 ? rows[row].rate : RATE) / RATE + 0.5));
			ck_assert_double_le(want.true_peak, rows[row].ceiling + 0.02);
			ck_assert_double_ge(want.true_peak, rows[row].ceiling - 1); /* and it is driven */
			ck_assert_double_le(report.true_peak, rows[row].ceiling + 0.02);
			ck_assert_double_gt(report.limited, 5);
		}
	}
	test_end();
}
END_TEST

/* Twelve seconds that gates and ranges have work with; noise without the top octave, which readers of true peaks share.
 */
static double
long_programme(int64_t t, int c)
{
	static double past[2][3];
	double seconds = (double)t / RATE, level = seconds < 4 ? 0.05 : seconds < 8 ? 0.3 : 0.005;
	double *x = past[c];
	memmove(x + 1, x, 2 * sizeof *x);
	x[0] = test_random(&noise_state);
	return level * (programme(t, c) + (x[0] + 2 * x[1] + x[2]) / 4);
}

START_TEST(test_loudness)
{
	static const double rates[] = {0, 44100, 96000};
	test_begin();
	noise_state = 5;
	make_sound("a.wav", 2, RATE, 12 * RATE, long_programme, 0);
	make_sound("b.wav", 2, RATE, 11 * RATE, long_programme, 0);
	for (size_t k = 0; k < 3; k++) {
		struct bounce_options how = floats;
		struct bounce_report report;
		how.file.rate = rates[k];
		struct sound got = bounced(TWO, how, &report);
		struct judged want = judge(&got);
		ck_assert_double_le(fabs(report.integrated - want.integrated), 0.02);
		ck_assert_double_le(fabs(report.range - want.range), 0.1); /* its histogram has steps of 0.1 LU */
		double peak = 0;
		for (int64_t i = 0; i < 2 * got.frames; i++)
			peak = fmax(peak, fabs(got.x[i]));
		ck_assert_double_le(fabs(report.sample_peak - test_db(peak)), 1e-4);
		ck_assert_double_ge(report.true_peak, report.sample_peak - 0.05);
		ck_assert_double_le(fabs(report.true_peak - want.true_peak), 0.2);
	}
	test_end();
}
END_TEST

/* The clipped samples of an integer file are those of the float file that lie beyond its range. */
START_TEST(test_clipped)
{
	test_begin();
	make_two(noise);
	struct bounce_options how = floats;
	struct bounce_report report;
	uint64_t want = 0;
	int64_t first = -1, peak_frame = -1;
	double peak = 0;
	struct sound loud = bounced(TWO "mix/trim 6\nstrip/b/fader -6\n", how, &report);
	ck_assert_uint_eq(report.clipped, 0); /* floats hold it */
	for (int64_t k = 0; k < 2 * loud.frames; k++) {
		double steps = nearbyint(loud.x[k] * 32768);
		if (steps > 32767 || steps < -32768) {
			want++;
			first = first < 0 ? k / 2 : first;
		}
		if (fabs(loud.x[k]) > peak) {
			peak = fabs(loud.x[k]);
			peak_frame = k / 2;
		}
	}
	ck_assert_uint_gt(want, 100);
	how.file.bits = SINK_16;
	how.file.dither = DITHER_NONE;
	struct sound got = bounced(TWO "mix/trim 6\nstrip/b/fader -6\n", how, &report);
	ck_assert_uint_eq(report.clipped, want);
	ck_assert_int_eq(report.first_clipped, first);
	ck_assert_int_eq(report.peak_frame, peak_frame);
	ck_assert_double_le(fabs(report.sample_peak - test_db(peak)), 1e-4);
	for (int64_t k = 0; k < 2 * got.frames; k++)
		ck_assert_double_le(fabs(got.x[k] - fmax(-1, fmin(32767.0 / 32768, loud.x[k]))), 0.5 / 32768 + 1e-9);
	test_end();
}
END_TEST

START_TEST(test_dither)
{
	static const struct {
		enum dither dither;
		enum sink_bits bits;
		double least, most; /* rms of the noise on silence, steps */
	} rows[] = {
	    {DITHER_NONE, SINK_16, 0, 0},
	    {DITHER_DEFAULT, SINK_24, 0, 0},
	    {DITHER_TPDF, SINK_16, 0.5 * 0.98, 0.5 * 1.02}, /* 1/4 of dither and 1/12 of rounding less: 0 or a step: 1/4 */
	    {DITHER_DEFAULT, SINK_16, 0.5 * 0.98, 0.5 * 1.02},
	    {DITHER_TPDF, SINK_24, 0.5 * 0.98, 0.5 * 1.02},
	    {DITHER_SHAPED, SINK_16, 0.5 * 1.05, 20},
	};
	test_begin();
	make_two(sine);
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		struct bounce_options how = {.file = {.bits = rows[k].bits, .dither = rows[k].dither}};
		struct sound got = bounced(TWO "strip/a/mute on\nstrip/b/mute on\n", how, NULL);
		double square = 0;
		for (int64_t i = 0; i < 2 * got.frames; i++)
			square += pow(got.x[i] * (rows[k].bits == SINK_16 ? 32768 : 8388608), 2);
		double rms = sqrt(square / (double)(2 * got.frames));
		ck_assert_double_ge(rms, rows[k].least);
		ck_assert_double_le(rms, rows[k].most);
	}
	test_end();
}
END_TEST

static char sum_of[16][PATH_MAX];
static int sum_count;

static void
note_stem(void *arg, const struct bounce_stem *stem)
{
	(void)arg;
	ck_assert_int_lt(sum_count, 16);
	snprintf(sum_of[sum_count++], PATH_MAX, "%s", stem->path);
}

#define GROUPED                                                                                                        \
	TWO "strip/c/name C\nstrip/c/region/r1/file c.wav\nstrip/c/channels 1\nstrip/c/pan L40\n"                          \
	    "bus/grp/name Group\nbus/grp/comp/on on\nbus/grp/comp/threshold -30\nbus/grp/comp/ratio 4\n"                   \
	    "strip/a/out bus/grp\nstrip/b/out bus/grp\n"                                                                   \
	    "bus/verb/name Verb\nbus/verb/reverb/on on\nbus/verb/reverb/time 300\nstrip/a/send/verb/level "                \
	    "-6\nstrip/c/send/verb/level -3\n"                                                                             \
	    "mix/eq/2/gain 4\nmix/eq/4/gain -3\nmix/hpf/on on\nmix/hpf/freq 40\n"
#define GLUE "mix/comp/on on\nmix/comp/threshold -24\nmix/comp/ratio 3\nmix/comp/makeup 2\n"

START_TEST(test_stems)
{
	static const char *const extras[] = {"",
	                                     "mix/fader -4\nmix/trim 2\nmix/width 60\n",
	                                     GLUE,
	                                     GLUE "mix/order comp-eq\n",
	                                     "strip/a/solo on\nstrip/c/solo on\n",
	                                     GLUE "strip/c/solo on\nbus/verb/solo-safe on\n",
	                                     GLUE "mix/comp/key strip/c\nmix/comp/key-tap post\n",
	                                     GLUE "bus/stem-1/name Mine\nbus/stem-1/echo/on on\nbus/stem-key/name Mine\n"
	                                          "strip/c/send/stem-1/level -3\n",
	                                     GLUE "mix/fader -3\nmix/comp/mix 60\nmix/width 150\n"};
	test_begin();
	make_two(programme);
	make_sound("c.wav", 1, RATE, FRAMES, programme, 0);
	for (size_t k = 0; k < sizeof extras / sizeof *extras; k++) {
		char text[4096];
		snprintf(text, sizeof text, "%s%s", GROUPED, extras[k]);
		struct bounce_options how = floats;
		struct bounce_report report;
		struct err err = {""};
		struct sound mix = bounced(text, how, &report);
		ck_assert_double_gt(report.sample_peak, -20);
		ck_assert(mkdir("stems", 0777) == 0 || k > 0);
		how.stems = "stems";
		how.stem_done = note_stem;
		sum_count = 0;
		ck_assert_msg(bounce_text(text, &how, &report, &err) == 0, "%s", err.text);
		ck_assert_int_ge(sum_count, 3); /* c, the group, the reverb */
		double most = 0;
		int heard = 0;
		for (int n = 0; n < sum_count; n++) {
			struct sound stem = read_sound(sum_of[n]);
			ck_assert_int_eq(stem.frames, mix.frames);
			double loudest = 0;
			for (int64_t i = 0; i < 2 * mix.frames; i++) {
				mix.x[i] -= stem.x[i];
				loudest = fmax(loudest, fabs(stem.x[i]));
			}
			heard += loudest > 0.01;
		}
		ck_assert_int_ge(heard, 2);
		double square = 0;
		for (int64_t i = 0; i < 2 * mix.frames; i++) {
			square += mix.x[i] * mix.x[i];
			most = fmax(most, fabs(mix.x[i]));
		}
		double rms = 10 * log10(square / (double)(2 * mix.frames) + 1e-300);
		ck_assert_msg(rms <= -140, "%zu: %.1f dB", k, rms);
		ck_assert_msg(test_db(most) <= -120, "%zu: %.1f dB", k, test_db(most)); /* a few steps of a float near 0 dB */
	}
	test_end();
}
END_TEST

START_TEST(test_stems_refused)
{
	static const char *const rows[][2] = {{"mix/sat/on on\n", "saturation"},
	                                      {"mix/gate/on on\n", "gate"},
	                                      {"mix/deess/on on\n", "de-esser"},
	                                      {"mix/transient/on on\n", "transient"}};
	test_begin();
	make_two(sine);
	for (size_t k = 0; k < 4; k++) {
		char text[1024];
		struct bounce_options how = floats;
		struct bounce_report report;
		struct err err = {""};
		snprintf(text, sizeof text, TWO "%s", rows[k][0]);
		how.stems = ".";
		ck_assert_int_eq(bounce_text(text, &how, &report, &err), -1);
		ck_assert_msg(strstr(err.text, rows[k][1]) != NULL, "%s", err.text);
		ck_assert_int_ne(access("01_A.wav", F_OK), 0);
	}
	test_end();
}
END_TEST

static int
cut_off(void *arg, int64_t done, int64_t all)
{
	(void)arg;
	(void)all;
	if (done == 0)
		ck_assert_int_eq(truncate("b.wav", 50000), 0);
	return 0;
}

/* A stem that ends too early while it is played leaves no half of a mix. */
START_TEST(test_cut_off)
{
	test_begin();
	make_two(noise);
	struct bounce_options how = floats;
	struct bounce_report report;
	struct err err = {""};
	write_text("mix.wav", "old");
	how.file.path = "mix.wav";
	how.progress = cut_off;
	ck_assert_int_eq(bounce_text(TWO, &how, &report, &err), -1);
	ck_assert_msg(strstr(err.text, "b.wav") != NULL, "%s", err.text);
	ck_assert_str_eq(read_text("mix.wav"), "old");
	test_end();
}
END_TEST

TEST_MAIN("bounce", 120, test_sum, test_formats, test_lossy, test_slice, test_from, test_tail, test_rate, test_mastered,
          test_loudness, test_clipped, test_dither, test_stems, test_stems_refused, test_cut_off)
