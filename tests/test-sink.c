/* The file sink: bytes, every format read back, RF64, counted clipping, and old files that survive every failure. */
#define RIFF_MAX 300000 /* so that a small file is too large for a plain WAV */
#include "media/wavhead.c"

#include "desktest.h"

#include <errno.h>
#include <fcntl.h>
#include <dirent.h>
#include <signal.h>
#include <sndfile.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];

static void
enter_folder(void)
{
	strcpy(folder, "/tmp/test-sink-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

/* Removes the folder; it must hold `files` files then: nothing is left behind. */
static void
leave_folder(int files)
{
	DIR *list = opendir(".");
	const struct dirent *entry;
	int found = 0;
	while ((entry = readdir(list))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			found++;
			unlink(entry->d_name);
		}
	}
	closedir(list);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(folder), 0);
	ck_assert_int_eq(found, files);
}

static struct sink_spec
spec_of(const char *path, enum sink_bits bits)
{
	return (struct sink_spec){.path = path, .bits = bits, .rate = 48000, .channels = 2};
}

/* Writes a whole file in pieces of odd sizes. */
static void
write_file(const struct sink_spec *spec, const float *l, const float *r, size_t n)
{
	struct err err = {""};
	struct sink *sink = sink_open(spec, &err);
	ck_assert_msg(sink != NULL, "%s", err.text);
	for (size_t at = 0, piece = 1; at < n; at += piece, piece = piece * 3 % 4001) {
		piece = piece < n - at ? piece : n - at;
		const float *planar[2] = {l + at, r + at};
		ck_assert_msg(sink_write(sink, planar, piece, &err) == 0, "%s", err.text);
	}
	ck_assert_msg(sink_commit(sink, &err) == 0, "%s", err.text);
}

static size_t
slurp(const char *path, uint8_t *to, size_t room)
{
	FILE *file = fopen(path, "rb");
	ck_assert_ptr_nonnull(file);
	size_t n = fread(to, 1, room, file);
	fclose(file);
	return n;
}

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

TEST_MAIN("sink", 60, test_bytes, test_lossless)
