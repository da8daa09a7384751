/*
 * Stems of the demo song coded as MP3 or Vorbis, in turn, by the sinks' own libraries and read back: the lossy detector
 * of `check` names the coder in 95 of 100, and none in the stems as they are.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sndfile.h>

#include "demo/demo_song.h"
#include "desktest.h"
#include "master/detect.h"
#include "media/sink.h"

#define RATE 48000
#define FRAMES (16 * RATE)
#define FROM (40 * RATE) /* every part plays here */

static float *side[2];

/* Reads a part of a file, rounded to 16 bits as files of today are; how many channels it has. */
static int
load(const char *path, int64_t from)
{
	SF_INFO info = {0};
	SNDFILE *file = sf_open(path, SFM_READ, &info);
	ck_assert_msg(file != NULL, "%s: %s", path, sf_strerror(NULL));
	float *both = calloc(FRAMES, 2 * sizeof *both);
	ck_assert_int_eq(sf_seek(file, from, SEEK_SET), from);
	ck_assert_int_gt(sf_readf_float(file, both, FRAMES), FRAMES / 2);
	sf_close(file);
	for (int c = 0; c < info.channels; c++)
		for (int t = 0; t < FRAMES; t++)
			side[c][t] = rintf(both[t * info.channels + c] * 32768) / 32768;
	free(both);
	return info.channels;
}

static void
store(const char *path, enum sink_format format, double quality, int channels)
{
	struct err err = {""};
	struct sink_spec spec = {.path = path, .format = format, .rate = RATE, .channels = channels, .quality = quality};
	struct sink *sink = sink_open(&spec, &err);
	ck_assert_msg(sink != NULL, "%s", err.text);
	ck_assert_int_eq(sink_write(sink, (const float *const *)side, FRAMES, &err), 0);
	ck_assert_int_eq(sink_commit(sink, &err), 0);
}

/* Whether lossy is found, with that word ("" for any) in what is said. */
static int
hears(int channels, const char *word)
{
	uint64_t lossy = (uint64_t)1 << detector_named("lossy");
	struct findings f = {0};
	struct heard *h = detect_begin(RATE, channels, lossy);
	detect_take(h, (const float *const *)side, FRAMES);
	detect_end(h, lossy, &f);
	int found = f.count > 0 && strstr(f.found[0].text, word);
	findings_fini(&f);
	return found;
}

static const struct {
	enum sink_format format;
	double quality; /* 0.5: about 128 kbit/s of stereo */
	const char *ending, *word;
} coders[] = {{SINK_MP3, 0.5, "mp3", "MP3"}, {SINK_VORBIS, 0.5, "ogg", "Vorbis"}};

START_TEST(test_coders)
{
	char folder[] = "/tmp/stemdesk-coded-XXXXXX", path[128], coded[160];
	int found[2] = {0, 0}, clean = 0, stems = 0, every = test_step(5);
	struct err err = {""};
	SF_INFO mp3 = {.samplerate = RATE, .channels = 2, .format = 0x230082}; /* since libsndfile 1.1 */
	int first = sf_format_check(&mp3) ? 0 : 1;
	for (int c = 0; c < 2; c++)
		side[c] = malloc(FRAMES * sizeof(float));
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_msg(demo_render(folder, &err, NULL, NULL) == 0, "%s", err.text);
	for (int n = 0; demo_stem(n); n++) {
		snprintf(path, sizeof path, "%s/%s", folder, demo_stem(n));
		if (n % every) {
			unlink(path);
			continue;
		}
		int k = first ? first : stems % 2;
		snprintf(coded, sizeof coded, "%s/coded.%s", folder, coders[k].ending);
		store(coded, coders[k].format, coders[k].quality, load(path, FROM));
		int named = hears(load(coded, 0), coders[k].word);
		if (!named)
			printf("%s: not in %s\n", coders[k].word, demo_stem(n));
		found[k] += named;
		unlink(coded);
		clean += hears(load(path, FROM), "");
		stems++;
		unlink(path);
	}
	rmdir(folder);
	printf("%d stems: MP3 %d, Vorbis %d, as they are %d\n", stems, found[0], found[1], clean);
	ck_assert_int_ge((found[0] + found[1]) * 100, stems * 95);
	ck_assert_int_eq(clean, 0);
	for (int c = 0; c < 2; c++)
		free(side[c]);
}
END_TEST

TEST_MAIN("coded", 300, test_coders)
