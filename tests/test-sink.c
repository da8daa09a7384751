/* The file sink: bytes, every format read back, RF64, counted clipping. */
#define RIFF_MAX 300000 /* so that a small file is too large for a plain WAV */
#include "media/wavhead.c"

#include "sinktest.h"

#include <sndfile.h>

START_TEST(test_bytes)
{
	/* clang-format off */
	static const uint8_t want[] = {
		'R', 'I', 'F', 'F', 90, 0, 0, 0, 'W', 'A', 'V', 'E',
		'J', 'U', 'N', 'K', 28, 0, 0, 0, /* the place of ds64 */
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		'f', 'm', 't', ' ', 16, 0, 0, 0, 1, 0, 2, 0,
		0x44, 0xac, 0, 0, 0x98, 0x09, 0x04, 0, 6, 0, 24, 0, /* 44100 Hz, 264600 bytes a second, 6 a frame */
		'd', 'a', 't', 'a', 18, 0, 0, 0,
		0x00, 0x00, 0x40, 0x00, 0x00, 0xc0, /* 1/2, -1/2 */
		0x01, 0x00, 0x00, 0x00, 0x00, 0x80, /* one step, -1 */
		0xff, 0xff, 0x7f, 0x00, 0x00, 0x00, /* 1 is one step too much; not a number */
	};
	/* clang-format on */
	enter_folder();
	const float l[3] = {0.5f, 0x1p-23f, 1.0f}, r[3] = {-0.5f, -1.0f, NAN};
	struct sink_spec spec = spec_of("a.wav", SINK_BITS_DEFAULT);
	spec.rate = 44100;
	write_file(&spec, l, r, 3);
	uint8_t got[200];
	ck_assert_uint_eq(slurp("a.wav", got, sizeof got), sizeof want);
	ck_assert_mem_eq(got, want, sizeof want);
	leave_folder(1);
}
END_TEST

#define FRAMES 20011

/* Samples that every width from 16 bits on holds: no rounding, both ends of the range. */
static void
fill(float *l, float *r)
{
	uint64_t seed = 7;
	for (int k = 0; k < FRAMES; k++) {
		l[k] = (float)floor(test_random(&seed) * 32768) / 32768.0f;
		r[k] = (float)floor(test_random(&seed) * 32768) / 32768.0f;
	}
	l[5] = -1;
	r[6] = 32767.0f / 32768.0f;
}

static const struct {
	const char *path;
	enum sink_format format;
	enum sink_bits bits;
	int channels, want; /* libsndfile's name of it */
} lossless[] = {
    {"a.wav", SINK_AUTO, SINK_16, 2, SF_FORMAT_WAV | SF_FORMAT_PCM_16},
    {"b.wav", SINK_AUTO, SINK_24, 2, SF_FORMAT_WAV | SF_FORMAT_PCM_24},
    {"c.wav", SINK_AUTO, SINK_32, 2, SF_FORMAT_WAV | SF_FORMAT_PCM_32},
    {"d.wav", SINK_AUTO, SINK_32F, 2, SF_FORMAT_WAV | SF_FORMAT_FLOAT},
    {"e.wav", SINK_AUTO, SINK_64F, 1, SF_FORMAT_WAV | SF_FORMAT_DOUBLE},
    {"f.WAV", SINK_AUTO, SINK_24, 1, SF_FORMAT_WAV | SF_FORMAT_PCM_24}, /* odd length: padded */
    {"g.rf64", SINK_AUTO, SINK_24, 2, SF_FORMAT_RF64 | SF_FORMAT_PCM_24},
    {"h.wav", SINK_RF64, SINK_32F, 2, SF_FORMAT_RF64 | SF_FORMAT_FLOAT},
    {"i.wav", SINK_AUTO, SINK_64F, 2, SF_FORMAT_RF64 | SF_FORMAT_DOUBLE}, /* 320 kB: by itself here */
    {"j.w64", SINK_AUTO, SINK_16, 1, SF_FORMAT_W64 | SF_FORMAT_PCM_16},
    {"k.w64", SINK_AUTO, SINK_24, 2, SF_FORMAT_W64 | SF_FORMAT_PCM_24},
    {"l.w64", SINK_AUTO, SINK_32F, 2, SF_FORMAT_W64 | SF_FORMAT_FLOAT},
    {"m.flac", SINK_AUTO, SINK_16, 2, SF_FORMAT_FLAC | SF_FORMAT_PCM_16},
    {"n.flac", SINK_AUTO, SINK_BITS_DEFAULT, 1, SF_FORMAT_FLAC | SF_FORMAT_PCM_24},
};

START_TEST(test_lossless)
{
	static float l[FRAMES], r[FRAMES], got[FRAMES * 2];
	fill(l, r);
	enter_folder();
	for (size_t row = 0; row < sizeof lossless / sizeof *lossless; row++) {
		struct sink_spec spec = spec_of(lossless[row].path, lossless[row].bits);
		int channels = spec.channels = lossless[row].channels;
		spec.format = lossless[row].format;
		spec.dither = DITHER_NONE;
		spec.origin = 0x123456789;
		spec.history = "A=PCM,F=48000,M=stereo,T=stemdesk 0123\n";
		write_file(&spec, l, r, FRAMES);
		SF_INFO info = {0};
		SNDFILE *file = sf_open(spec.path, SFM_READ, &info);
		ck_assert_msg(file != NULL, "%s: %s", spec.path, sf_strerror(NULL));
		ck_assert_msg(info.format == lossless[row].want, "%s: %x", spec.path, (unsigned)info.format);
		ck_assert_int_eq(info.frames, FRAMES);
		ck_assert_int_eq(info.channels, channels);
		ck_assert_int_eq(info.samplerate, 48000);
		ck_assert_int_eq(sf_readf_float(file, got, FRAMES), FRAMES);
		for (int k = 0; k < FRAMES; k++) {
			ck_assert(got[k * channels] == l[k]);
			ck_assert(channels == 1 || got[k * channels + 1] == r[k]);
		}
		int major = info.format & SF_FORMAT_TYPEMASK;
		SF_BROADCAST_INFO_VAR(256) bext = {0};
		if (major == SF_FORMAT_WAV || major == SF_FORMAT_RF64) {
			ck_assert_int_eq(sf_command(file, SFC_GET_BROADCAST_INFO, &bext, sizeof bext), SF_TRUE);
			ck_assert_str_eq(bext.originator, "stemdesk");
			ck_assert_uint_eq(bext.time_reference_low, 0x23456789);
			ck_assert_uint_eq(bext.time_reference_high, 1);
			ck_assert_ptr_nonnull(strstr(bext.coding_history, "A=PCM,F=48000,M=stereo,T=stemdesk 0123\r\n"));
		} else if (major == SF_FORMAT_FLAC) {
			ck_assert_str_eq(sf_get_string(file, SF_STR_COMMENT), spec.history);
		}
		sf_close(file);
	}
	leave_folder(sizeof lossless / sizeof *lossless);
}
END_TEST

static const struct {
	const char *path;
	double limit; /* of the difference in level, dB */
	int delay;    /* frames the file may be longer, where the format cannot say its length */
} lossy[] = {{"a.ogg", 0.1, 0}, {"b.opus", 0.1, 0}, {"c.mp3", 0.1, 3 * 1152}};

/* The steady part of a sine keeps its level; the comment is there. */
START_TEST(test_lossy)
{
	static float sine[48000], got[60000 * 2];
	for (int k = 0; k < 48000; k++)
		sine[k] = (float)(0.5 * sin(2 * M_PI * 1000 * k / 48000));
	enter_folder();
	SF_INFO mp3 = {.samplerate = 48000, .channels = 2, .format = 0x230082};
	int rows = sf_format_check(&mp3) ? 3 : 2;
	for (int row = 0; row < rows; row++) {
		struct sink_spec spec = spec_of(lossy[row].path, SINK_BITS_DEFAULT);
		spec.history = "T=stemdesk 0123";
		write_file(&spec, sine, sine, 48000);
		SF_INFO info = {0};
		SNDFILE *file = sf_open(spec.path, SFM_READ, &info);
		ck_assert_msg(file != NULL, "%s: %s", spec.path, sf_strerror(NULL));
		ck_assert_int_ge(info.frames, 48000);
		ck_assert_int_le(info.frames, 48000 + lossy[row].delay);
		ck_assert_int_eq(info.samplerate, 48000);
		ck_assert_int_ge(sf_readf_float(file, got, 60000), 48000);
		double sum = 0;
		for (int k = 12000; k < 36000; k++)
			sum += (double)got[2 * k] * (double)got[2 * k];
		double level = 10 * log10(sum / 24000 / 0.125);
		ck_assert_msg(fabs(level) <= lossy[row].limit, "%s: %.3f dB", spec.path, level);
		ck_assert_ptr_nonnull(sf_get_string(file, SF_STR_COMMENT));
		ck_assert_ptr_nonnull(strstr(sf_get_string(file, SF_STR_COMMENT), "stemdesk 0123"));
		sf_close(file);
	}
	if (rows == 2) {
		struct sink_spec spec = spec_of("c.mp3", SINK_BITS_DEFAULT);
		struct err err = {""};
		ck_assert_ptr_null(sink_open(&spec, &err));
		ck_assert_ptr_nonnull(strstr(err.text, "libsndfile 1.1"));
	}
	leave_folder(rows);
}
END_TEST

/* Rounding of random samples against libm's nearbyint, to nearest and ties to even. */
START_TEST(test_rounding)
{
	static const int widths[] = {16, 24, 32};
	for (int w = 0; w < 3; w++) {
		uint64_t seed = 3;
		float in[1003];
		int32_t out[1003];
		struct pcm_clip clip = {0};
		for (int round = 0; round < 100; round++) {
			for (int k = 0; k < 1003; k++) {
				double x = test_random(&seed) * pow(2, -(k % 40));
				in[k] = (float)(k % 3 ? x : floor(x * pow(2, widths[w])) / pow(2, widths[w])); /* halves, too */
			}
			pcm_round(in, out, 1003, widths[w], &clip);
			for (int k = 0; k < 1003; k++) {
				double want = nearbyint((double)in[k] * pow(2, widths[w] - 1));
				if (want > pow(2, widths[w] - 1) - 1)
					want = pow(2, widths[w] - 1) - 1;
				ck_assert_msg((double)out[k] == want, "%d bits: %.9g is %d", widths[w], (double)in[k], out[k]);
			}
		}
		ck_assert_uint_eq(clip.frames, 100300);
	}
}
END_TEST

/* Clipped samples are set to the end of the range and counted; the first is told. */
START_TEST(test_clipping)
{
	static float l[FRAMES], r[FRAMES], got[FRAMES * 2];
	l[1500] = 1.0f;
	l[1501] = -1.0f; /* fits */
	l[1502] = 4.0f;
	r[19000] = -1e30f;
	r[19001] = INFINITY;
	const float *planar[2] = {l, r};
	enter_folder();
	for (enum sink_bits bits = SINK_16; bits <= SINK_32F; bits++) {
		struct sink_spec spec = spec_of("a.wav", bits);
		spec.dither = DITHER_NONE;
		struct sink *sink = sink_open(&spec, NULL);
		ck_assert_ptr_nonnull(sink);
		ck_assert_int_eq(sink_write(sink, planar, FRAMES, NULL), 0);
		struct pcm_clip left = *sink_clip(sink, 0), right = *sink_clip(sink, 1);
		int whole = bits != SINK_32F;
		ck_assert_uint_eq(left.frames, FRAMES);
		ck_assert_uint_eq(left.clipped, whole ? 2 : 0);
		ck_assert_uint_eq(left.first, whole ? 1500 : 0);
		ck_assert_uint_eq(left.nonfinite, 0);
		ck_assert_uint_eq(right.clipped, whole ? 1 : 0);
		ck_assert_uint_eq(right.first, whole ? 19000 : 0);
		ck_assert_uint_eq(right.nonfinite, 1);
		ck_assert_int_eq(sink_commit(sink, NULL), 0);
		SF_INFO info = {0};
		SNDFILE *file = sf_open("a.wav", SFM_READ, &info);
		ck_assert_int_eq(sf_readf_float(file, got, FRAMES), FRAMES);
		sf_close(file);
		ck_assert(whole ? got[3004] > 0.9999f && got[3004] <= 1 : got[3004] == 4);
		ck_assert(got[3002] == -1);
		ck_assert(got[38001] == (whole ? -1 : -1e30f));
		ck_assert(got[38003] == 0);
	}
	leave_folder(1);
}
END_TEST

/* The same bytes however the sound comes in, and again, where that is promised. */
START_TEST(test_same_bytes)
{
	static const char *const names[2][4] = {{"a.wav", "a.rf64", "a.w64", "a.flac"},
	                                        {"b.wav", "b.rf64", "b.w64", "b.flac"}};
	static float l[FRAMES], r[FRAMES];
	static uint8_t bytes[2][200000];
	fill(l, r);
	const float *planar[2] = {l, r};
	enter_folder();
	for (int row = 0; row < 4; row++) {
		struct sink_spec spec = spec_of(names[0][row], SINK_16);
		spec.dither = DITHER_SHAPED;
		spec.history = "T=stemdesk";
		write_file(&spec, l, r, FRAMES);
		spec.path = names[1][row];
		struct sink *sink = sink_open(&spec, NULL);
		ck_assert_ptr_nonnull(sink);
		ck_assert_int_eq(sink_write(sink, planar, FRAMES, NULL), 0);
		ck_assert_int_eq(sink_commit(sink, NULL), 0);
		size_t n = slurp(names[0][row], bytes[0], sizeof bytes[0]);
		ck_assert_uint_eq(slurp(names[1][row], bytes[1], sizeof bytes[1]), n);
		ck_assert_uint_gt(n, 40000);
		ck_assert_mem_eq(bytes[0], bytes[1], n);
	}
	leave_folder(8);
}
END_TEST

/* Headers of files far beyond 4 GiB: read by libsndfile from files with nothing but holes for sound. */
START_TEST(test_large)
{
	static const enum sink_format kinds[] = {SINK_WAV, SINK_RF64, SINK_W64};
	const uint64_t frames = UINT64_C(0x123456789);
	enter_folder();
	for (int k = 0; k < 3; k++) {
		struct sink_spec spec = spec_of("a", SINK_24);
		spec.format = kinds[k];
		spec.history = "T=stemdesk";
		uint8_t header[2048];
		size_t n = wavhead_size(&spec);
		ck_assert_uint_le(n, sizeof header);
		wavhead_write(&spec, frames, header);
		FILE *file = fopen("a", "wb");
		ck_assert_uint_eq(fwrite(header, 1, n, file), n);
		ck_assert_int_eq(fclose(file), 0);
		ck_assert_int_eq(truncate("a", (off_t)(n + frames * 6)), 0);
		SF_INFO info = {0};
		SNDFILE *sound = sf_open("a", SFM_READ, &info);
		ck_assert_msg(sound != NULL, "%s", sf_strerror(NULL));
		ck_assert_int_eq(info.frames, (sf_count_t)frames);
		ck_assert_int_eq(info.format, (k == 2 ? SF_FORMAT_W64 : SF_FORMAT_RF64) | SF_FORMAT_PCM_24);
		sf_close(sound);
		if (k < 2) { /* EBU Tech 3306: 64-bit lengths of the file without its head, the data, the frames */
			ck_assert_mem_eq(header, "RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0", 20);
			const uint64_t want[] = {n - 8 + frames * 6, frames * 6, frames};
			for (int j = 0; j < 24; j++)
				ck_assert_uint_eq(header[20 + j], (want[j / 8] >> (8 * (j % 8))) & 0xff);
			ck_assert_mem_eq(header + n - 8, "data\xff\xff\xff\xff", 8);
		}
	}
	leave_folder(1);
}
END_TEST

TEST_MAIN("sink", 60, test_bytes, test_lossless, test_lossy, test_rounding, test_clipping, test_same_bytes, test_large)
