/* Reading: every format equals libsndfile's own reading, at any position; NaN, silence past the ends, exchanged files.
 */
#include "desktest.h"

#include <sndfile.h>
#include <string.h>
#include <unistd.h>

#include "base/fpu.h"
#include "media/reader.h"

static char folder[] = "/tmp/test-reader-XXXXXX";

static void
setup(void)
{
	strcpy(folder, "/tmp/test-reader-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

static void
cleanup(void)
{
	unlink("a");
	unlink("b");
	ck_assert_int_eq(chdir("/"), 0);
	rmdir(folder);
}

#define FRAMES 30011

static void
write_file(const char *path, int format, int channels, int64_t frames)
{
	SF_INFO sf = {.samplerate = 48000, .channels = channels, .format = format};
	SNDFILE *f = sf_open(path, SFM_WRITE, &sf);
	ck_assert_msg(f != NULL, "format %x: %s", (unsigned)format, sf_strerror(NULL));
	double *p = malloc((size_t)(frames * channels) * sizeof *p);
	uint64_t seed = (uint64_t)(format + channels);
	for (int64_t k = 0; k < frames * channels; k++)
		p[k] = test_random(&seed);
	p[0] = -1;
	ck_assert_int_eq(sf_writef_double(f, p, frames), frames);
	free(p);
	sf_close(f);
}

static float *
read_all(const char *path, int channels, int64_t frames)
{
	SF_INFO sf = {0};
	SNDFILE *f = sf_open(path, SFM_READ, &sf);
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(sf.frames, frames);
	float *p = malloc((size_t)(frames * channels) * sizeof *p);
	ck_assert_int_eq(sf_readf_float(f, p, frames), frames);
	sf_close(f);
	return p;
}

static void
compare(const char *name, const char *path, int channels, int64_t frames)
{
	struct media_info info;
	struct err err;
	ck_assert_msg(media_probe(path, &info, &err) == 0, "%s: %s", name, err.text);
	ck_assert_int_eq(info.channels, channels);
	ck_assert_int_eq(info.rate, 48000);
	ck_assert_msg(info.frames == frames, "%s, %d channels: %lld frames", name, channels, (long long)info.frames);
	ck_assert(!info.unfinished);
	float *expected = read_all(path, channels, frames);
	struct media_reader *r = reader_open(path, &info, &err);
	ck_assert_msg(r != NULL, "%s: %s", name, err.text);
	enum { MOST = 9000 };
	float *rows = malloc(sizeof(float) * MOST * (size_t)channels);
	uint64_t seed = 7;
	int64_t at = 0;
	for (int turn = 0; turn < 60; turn++) {
		float *planar[MEDIA_CHANNELS];
		int64_t count = (int64_t)((test_random(&seed) + 1) / 2 * (turn % 3 ? 700 : MOST));
		if (turn % 4 == 0)
			at = (int64_t)((test_random(&seed) + 1) / 2 * (double)(frames + 2000)) - 1000;
		for (int c = 0; c < channels; c++)
			planar[c] = test_random(&seed) < 0.6 ? rows + (size_t)c * MOST : NULL;
		for (int64_t k = 0; k < MOST * channels; k++)
			rows[k] = 99;
		int64_t got = reader_read(r, at, count, planar);
		int64_t first = at < 0 ? 0 : at, last = at + count < frames ? at + count : frames;
		ck_assert_int_eq(got, last > first ? last - first : 0);
		for (int c = 0; c < channels; c++)
			for (int64_t k = 0; planar[c] && k <= count && k < MOST; k++) {
				int64_t f = at + k;
				float want = k == count ? 99.0f : f < 0 || f >= frames ? 0.0f : expected[f * channels + c];
				/* the comparison before the assertion, whose bookkeeping is slow */
				if (planar[c][k] != want)
					ck_abort_msg("%s, %d channels: channel %d frame %lld is %.9g, not %.9g", name, channels, c,
					             (long long)f, (double)planar[c][k], (double)want);
			}
		at += count;
	}
	ck_assert_ptr_null(reader_error(r));
	ck_assert_int_eq(reader_bad_samples(r), 0);
	reader_close(r);
	free(rows);
	free(expected);
}

static const struct {
	const char *name;
	int format;
	int channels_max;
	enum media_form form;
	enum media_sample sample;
} formats[] = {
    {"wav u8", SF_FORMAT_WAV | SF_FORMAT_PCM_U8, 64, MEDIA_WAV, MEDIA_U8},
    {"wav 16", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 64, MEDIA_WAV, MEDIA_S16},
    {"wav 24", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 64, MEDIA_WAV, MEDIA_S24},
    {"wav 32", SF_FORMAT_WAV | SF_FORMAT_PCM_32, 64, MEDIA_WAV, MEDIA_S32},
    {"wav float", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 64, MEDIA_WAV, MEDIA_F32},
    {"wav double", SF_FORMAT_WAV | SF_FORMAT_DOUBLE, 64, MEDIA_WAV, MEDIA_F64},
    {"wav ulaw", SF_FORMAT_WAV | SF_FORMAT_ULAW, 64, MEDIA_WAV, MEDIA_CODED},
    {"wavex 16", SF_FORMAT_WAVEX | SF_FORMAT_PCM_16, 64, MEDIA_WAV, MEDIA_S16},
    {"wavex 24", SF_FORMAT_WAVEX | SF_FORMAT_PCM_24, 64, MEDIA_WAV, MEDIA_S24},
    {"wavex 32", SF_FORMAT_WAVEX | SF_FORMAT_PCM_32, 64, MEDIA_WAV, MEDIA_S32},
    {"wavex float", SF_FORMAT_WAVEX | SF_FORMAT_FLOAT, 64, MEDIA_WAV, MEDIA_F32},
    {"wavex double", SF_FORMAT_WAVEX | SF_FORMAT_DOUBLE, 64, MEDIA_WAV, MEDIA_F64},
    {"rf64 16", SF_FORMAT_RF64 | SF_FORMAT_PCM_16, 64, MEDIA_RF64, MEDIA_S16},
    {"rf64 24", SF_FORMAT_RF64 | SF_FORMAT_PCM_24, 64, MEDIA_RF64, MEDIA_S24},
    {"rf64 float", SF_FORMAT_RF64 | SF_FORMAT_FLOAT, 64, MEDIA_RF64, MEDIA_F32},
    {"w64 16", SF_FORMAT_W64 | SF_FORMAT_PCM_16, 64, MEDIA_W64, MEDIA_S16},
    {"w64 24", SF_FORMAT_W64 | SF_FORMAT_PCM_24, 64, MEDIA_W64, MEDIA_S24},
    {"w64 float", SF_FORMAT_W64 | SF_FORMAT_FLOAT, 64, MEDIA_W64, MEDIA_F32},
    {"w64 double", SF_FORMAT_W64 | SF_FORMAT_DOUBLE, 64, MEDIA_W64, MEDIA_F64},
    {"aiff s8", SF_FORMAT_AIFF | SF_FORMAT_PCM_S8, 64, MEDIA_AIFF, MEDIA_S8},
    {"aiff 16", SF_FORMAT_AIFF | SF_FORMAT_PCM_16, 64, MEDIA_AIFF, MEDIA_S16},
    {"aiff 24", SF_FORMAT_AIFF | SF_FORMAT_PCM_24, 64, MEDIA_AIFF, MEDIA_S24},
    {"aiff 32", SF_FORMAT_AIFF | SF_FORMAT_PCM_32, 64, MEDIA_AIFF, MEDIA_S32},
    {"aiff float", SF_FORMAT_AIFF | SF_FORMAT_FLOAT, 64, MEDIA_AIFF, MEDIA_F32},
    {"aiff double", SF_FORMAT_AIFF | SF_FORMAT_DOUBLE, 64, MEDIA_AIFF, MEDIA_F64},
    {"aiff sowt", SF_FORMAT_AIFF | SF_FORMAT_PCM_16 | SF_ENDIAN_LITTLE, 64, MEDIA_AIFF, MEDIA_S16},
    {"aiff sowt 24", SF_FORMAT_AIFF | SF_FORMAT_PCM_24 | SF_ENDIAN_LITTLE, 64, MEDIA_AIFF, MEDIA_S24},
    {"aiff u8", SF_FORMAT_AIFF | SF_FORMAT_PCM_U8, 64, MEDIA_AIFF, MEDIA_U8},
    {"aiff alaw", SF_FORMAT_AIFF | SF_FORMAT_ALAW, 64, MEDIA_AIFF, MEDIA_CODED},
    {"flac 16", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 8, MEDIA_FLAC, MEDIA_CODED},
    {"flac 24", SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 8, MEDIA_FLAC, MEDIA_CODED},
};

START_TEST(every_format)
{
	static const int channels[] = {1, 2, 3, 8, 33};
	setup();
	for (size_t k = 0; k < sizeof formats / sizeof *formats; k++)
		for (size_t c = 0; c < sizeof channels / sizeof *channels; c++) {
			/* even: libsndfile counts the pad byte of an AIFF with odd bytes of sound as a frame */
			int64_t frames = channels[c] > 2 ? FRAMES / 5 : FRAMES - 1;
			struct media_info info;
			if (channels[c] > formats[k].channels_max)
				continue;
			write_file("a", formats[k].format, channels[c], frames);
			compare(formats[k].name, "a", channels[c], frames);
			ck_assert_int_eq(media_probe("a", &info, NULL), 0);
			ck_assert_msg(info.form == formats[k].form, "%s", formats[k].name);
			ck_assert_msg(info.sample == formats[k].sample, "%s", formats[k].name);
		}
	cleanup();
}
END_TEST

/* The exact values of whole numbers, one frame of each extreme. */
START_TEST(scales)
{
	static const unsigned char raw[] = {0x00, 0x80, 0xff, 0x7f, 0x01, 0x00, 0xff, 0xff,              /* 16 */
	                                    0x00, 0x00, 0x80, 0xff, 0xff, 0x7f, 0x01, 0,    0,           /* 24 */
	                                    0x00, 0x00, 0x00, 0x80, 0x01, 0x00, 0x00, 0x00, 0, 0, 0, 64, /* 32 */
	                                    0x00, 0xff, 0x81};                                           /* u8 */
	static const struct {
		enum media_sample sample;
		int bytes, at, n;
		float value[4];
	} table[] = {
	    {MEDIA_S16, 2, 0, 4, {-1, 32767 / 32768.0f, 1 / 32768.0f, -1 / 32768.0f}},
	    {MEDIA_S24, 3, 8, 3, {-1, 8388607 / 8388608.0f, 1 / 8388608.0f}},
	    {MEDIA_S32, 4, 17, 3, {-1, 1 / 2147483648.0f, 0.5f}},
	    {MEDIA_U8, 1, 29, 3, {-1, 127 / 128.0f, 1 / 128.0f}},
	};
	for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
		struct media_info info = {.sample = table[k].sample, .channels = 1, .frame_bytes = table[k].bytes};
		float out[4], *planar = out;
		media_convert(&info, raw + table[k].at, table[k].n, &planar);
		for (int i = 0; i < table[k].n; i++)
			ck_assert_msg(out[i] == table[k].value[i], "format %zu value %d", k, i);
	}
}
END_TEST

static void
check_bad(int format, int channels)
{
	enum { N = 4000 };
	static const int at[] = {0, 1, 17, 1000, 2047, N - 1};
	enum { BAD = sizeof at / sizeof *at };
	const double is[] = {NAN, INFINITY, -INFINITY, -NAN, 1e300, NAN};
	SF_INFO sf = {.samplerate = 48000, .channels = channels, .format = format};
	SNDFILE *f = sf_open("b", SFM_WRITE, &sf);
	ck_assert_ptr_nonnull(f);
	double *p = malloc(sizeof *p * (size_t)(N * channels));
	bool wide = (format & SF_FORMAT_SUBMASK) == SF_FORMAT_DOUBLE;
	for (int k = 0; k < N; k++)
		for (int c = 0; c < channels; c++) {
			double v = 0.25;
			for (int i = 0; i < BAD; i++)
				if (k == at[i] && c == i % channels)
					v = !wide && is[i] == 1e300 ? (double)INFINITY : is[i];
			p[k * channels + c] = v;
		}
	/* through floats where the file has them: libsndfile's own narrowing of 1e300 is not the matter here */
	for (int k = 0; k < N * channels && !wide; k++)
		((float *)(void *)p)[k] = (float)p[k];
	ck_assert_int_eq(wide ? sf_writef_double(f, p, N) : sf_writef_float(f, (float *)(void *)p, N), N);
	free(p);
	sf_close(f);
	struct media_info info;
	struct err err;
	ck_assert_msg(media_probe("b", &info, &err) == 0, "%s", err.text);
	struct media_reader *r = reader_open("b", &info, &err);
	ck_assert_ptr_nonnull(r);
	static float rows[3][N];
	float *planar[3] = {rows[0], rows[1], rows[2]};
	ck_assert_int_eq(reader_read(r, 0, N, planar), N);
	ck_assert_int_eq(reader_bad_samples(r), BAD);
	for (int k = 0; k < N; k++)
		for (int c = 0; c < channels; c++) {
			float want = 0.25f;
			for (int i = 0; i < BAD; i++)
				if (k == at[i] && c == i % channels)
					want = 0;
			if (rows[c][k] != want)
				ck_abort_msg("frame %d channel %d", k, c);
		}
	reader_close(r);
}

START_TEST(bad_numbers)
{
	static const int kinds[] = {SF_FORMAT_WAV, SF_FORMAT_RF64, SF_FORMAT_W64, SF_FORMAT_AIFF};
	setup();
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
		for (int channels = 1; channels <= 3; channels++) {
			check_bad(kinds[k] | SF_FORMAT_FLOAT, channels);
			check_bad(kinds[k] | SF_FORMAT_DOUBLE, channels);
		}
	cleanup();
}
END_TEST

START_TEST(exchanged_or_cut)
{
	struct media_info info;
	struct err err;
	setup();
	write_file("a", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 2, FRAMES);
	write_file("b", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 2, FRAMES);
	ck_assert_int_eq(media_probe("a", &info, &err), 0);
	ck_assert_ptr_null(reader_open("b", &info, &err));
	ck_assert_msg(strstr(err.text, "changed") != NULL, "%s", err.text);
	struct media_reader *r = reader_open("a", &info, &err);
	ck_assert_ptr_nonnull(r);
	ck_assert_int_eq(truncate("a", info.data_offset + 20000 * info.frame_bytes), 0);
	static float l[FRAMES], right[FRAMES];
	float *planar[2] = {l, right};
	for (int k = 0; k < FRAMES; k++)
		l[k] = 9;
	ck_assert_int_eq(reader_read(r, 19000, 5000, planar), -1);
	ck_assert_ptr_nonnull(reader_error(r));
	ck_assert_msg(strstr(reader_error(r)->text, "a: ") == reader_error(r)->text, "%s", reader_error(r)->text);
	for (int k = 1000; k < 5000; k++)
		if (l[k] != 0)
			ck_abort_msg("frame %d is %g", k, (double)l[k]);
	ck_assert(l[5000] == 9);
	reader_close(r);
	cleanup();
}
END_TEST

/* The raw side: bytes now, floats later, the same values. */
START_TEST(raw_side)
{
	struct media_info info;
	struct err err;
	setup();
	write_file("a", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 5, FRAMES);
	ck_assert_int_eq(media_probe("a", &info, &err), 0);
	struct media_reader *r = reader_open("a", &info, &err);
	ck_assert_ptr_nonnull(r);
	enum { N = 1000 };
	static unsigned char raw[N * 15];
	static float one[5][N], two[5][N];
	float *a[5], *b[5];
	for (int c = 0; c < 5; c++) {
		a[c] = one[c];
		b[c] = two[c];
	}
	ck_assert_int_eq(info.frame_bytes, 15);
	ck_assert_int_eq(reader_read_raw(r, FRAMES - 600, N, raw), 600);
	media_convert(&info, raw, 600, a);
	ck_assert_int_eq(reader_read(r, FRAMES - 600, N, b), 600);
	ck_assert_int_eq(memcmp(one, two, sizeof one), 0);
	ck_assert_int_eq(reader_read_raw(r, FRAMES, N, raw), 0);
	reader_close(r);
	cleanup();
}
END_TEST

TEST_MAIN("reader", 60, every_format, scales, bad_numbers, exchanged_or_cut, raw_side)
