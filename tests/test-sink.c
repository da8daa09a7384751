/* The file sink: bytes, every format read back, RF64, counted clipping, and old files that survive every failure. */
#define RIFF_MAX 300000 /* so that a small file is too large for a plain WAV */
#include "media/wavhead.c"

#include "desktest.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sndfile.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Calls of the sink that a test lets fail, once, with EIO: the n-th from now on; 0: none. */
static int failing_write, failing_sync, failing_rename;

static int
fails(int *countdown)
{
	errno = EIO;
	return *countdown > 0 && --*countdown == 0;
}

ssize_t
pwrite(int fd, const void *bytes, size_t n, off_t offset)
{
	/* The sink never uses the file's own position. */
	return fails(&failing_write) || lseek(fd, offset, SEEK_SET) < 0 ? -1 : write(fd, bytes, n);
}

int
fsync(int fd)
{
	return fails(&failing_sync) ? -1 : (int)syscall(SYS_fsync, fd);
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	return fails(&failing_rename) ? -1 : (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, 0);
}

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
			remove(entry->d_name);
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

static void
write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

static void
assert_text(const char *path, const char *text)
{
	char got[64] = "";
	got[slurp(path, (uint8_t *)got, sizeof got - 1)] = '\0';
	ck_assert_str_eq(got, text);
}

static int
count_parts(void)
{
	DIR *list = opendir(".");
	const struct dirent *entry;
	int found = 0;
	while ((entry = readdir(list)))
		found += strstr(entry->d_name, ".part-") != NULL;
	closedir(list);
	return found;
}

/* Writes until it is killed, having told so through the pipe after a megabyte. */
static void
write_for_ever(int tell)
{
	static const float silence[1024];
	const float *planar[2] = {silence, silence};
	struct sink_spec spec = spec_of("song.wav", SINK_24);
	struct sink *sink = sink_open(&spec, NULL);
	for (int k = 0; sink && k < 200; k++)
		sink_write(sink, planar, 1024, NULL);
	if (write(tell, "x", 1) == 1)
		for (;;)
			pause();
	_exit(1);
}

START_TEST(test_kill)
{
	static const float silence[64];
	const float *planar[2] = {silence, silence};
	enter_folder();
	write_text("song.wav", "old");
	write_text(".song.wav.part-elsewhere-1-00000000", "another host's");
	int tell[2];
	ck_assert_int_eq(pipe(tell), 0);
	pid_t child = fork();
	if (child == 0)
		write_for_ever(tell[1]);
	char c;
	ck_assert_int_eq(read(tell[0], &c, 1), 1);
	ck_assert_int_eq(count_parts(), 2);
	struct sink_spec spec = spec_of("other.wav", SINK_24);
	sink_abort(sink_open(&spec, NULL));
	ck_assert_int_eq(count_parts(), 2); /* a living writer's part stays */
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_text("song.wav", "old");
	ck_assert_int_eq(count_parts(), 2);
	struct sink *sink = sink_open(&spec, NULL);
	ck_assert_ptr_nonnull(sink);
	ck_assert_int_eq(count_parts(), 2); /* the dead one's is gone, ours has come */
	ck_assert_int_eq(sink_write(sink, planar, 64, NULL), 0);
	ck_assert_int_eq(sink_commit(sink, NULL), 0);
	assert_text("song.wav", "old");
	leave_folder(3); /* song, other, the part of another host */
}
END_TEST

/* Writes 6 MB where that cannot go: an error with `word` in it, the old file as it was, nothing left over. */
static void
fail_to_write(const char *path, const char *word)
{
	static float noise[2][1024];
	const float *planar[2] = {noise[0], noise[1]};
	uint64_t seed = 5;
	write_text(path, "old");
	struct sink_spec spec = spec_of(path, SINK_24);
	struct err err = {""};
	struct sink *sink = sink_open(&spec, &err);
	ck_assert_msg(sink != NULL, "%s", err.text);
	int status = 0;
	for (int k = 0; k < 1000 && status == 0; k++) {
		for (int j = 0; j < 1024; j++)
			noise[0][j] = noise[1][j] = (float)test_random(&seed);
		status = sink_write(sink, planar, 1024, &err);
	}
	ck_assert_int_eq(status, -1);
	ck_assert_msg(strstr(err.text, word) != NULL, "%s", err.text);
	err.text[0] = '\0';
	ck_assert_int_eq(sink_commit(sink, &err), -1);
	ck_assert_str_ne(err.text, "");
	assert_text(path, "old");
	ck_assert_int_eq(count_parts(), 0);
}

START_TEST(test_no_room)
{
	enter_folder();
	signal(SIGXFSZ, SIG_IGN);
	struct rlimit was, small;
	getrlimit(RLIMIT_FSIZE, &was);
	small = was;
	small.rlim_cur = 1 << 20;
	setrlimit(RLIMIT_FSIZE, &small);
	fail_to_write("a.wav", "ulimit");
	fail_to_write("b.flac", "ulimit");
	setrlimit(RLIMIT_FSIZE, &was);
	/* More than any disk has: told before a byte is written. */
	struct sink_spec spec = spec_of("a.wav", SINK_24);
	spec.frames_expected = UINT64_C(1) << 58;
	struct err err = {""};
	ck_assert_ptr_null(sink_open(&spec, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "are free"));
	assert_text("a.wav", "old");
	ck_assert_int_eq(count_parts(), 0);
	leave_folder(2);
}
END_TEST

/* A real full disk, where this process may make one. */
START_TEST(test_full_disk)
{
	enter_folder();
	ck_assert_int_eq(mkdir("disk", 0700), 0);
	if (unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("none", "disk", "tmpfs", 0, "size=1m") == 0) {
		ck_assert_int_eq(chdir("disk"), 0);
		fail_to_write("a.wav", "free some space");
		fail_to_write("b.flac", "free some space");
		struct sink_spec spec = spec_of("a.wav", SINK_24);
		spec.frames_expected = 200000;
		ck_assert_ptr_null(sink_open(&spec, NULL));
		ck_assert_int_eq(chdir(".."), 0);
		ck_assert_int_eq(umount("disk"), 0);
	}
	leave_folder(1);
}
END_TEST

/* Opens, writes 2 MB and commits: 0, or -1 from the call that failed. */
static int
write_all_of(const char *path, struct err *err)
{
	static const float silence[1024];
	const float *planar[2] = {silence, silence};
	struct sink_spec spec = spec_of(path, SINK_32);
	struct sink *sink = sink_open(&spec, err);
	int status = sink ? 0 : -1;
	for (int k = 0; k < 256 && status == 0; k++)
		status = sink_write(sink, planar, 1024, err);
	if (sink && status == 0)
		return sink_commit(sink, err);
	sink_abort(sink);
	return status;
}

/* Every single write, the sync and the renaming fail once with an I/O error. */
START_TEST(test_io_errors)
{
	enter_folder();
	write_text("song.wav", "old");
	int writes = 0;
	for (;; writes++) {
		struct err err = {""};
		failing_write = writes + 1;
		int status = write_all_of("song.wav", &err);
		failing_write = 0;
		if (status == 0)
			break;
		ck_assert_ptr_nonnull(strstr(err.text, "song.wav: Input/output error"));
		ck_assert_int_eq(count_parts(), 0);
		assert_text("song.wav", "old");
	}
	ck_assert_int_ge(writes, 9); /* 2 MB through 256 KiB, and the header again */
	write_text("song.wav", "old");
	int *const calls[] = {&failing_sync, &failing_rename};
	for (int k = 0; k < 2; k++) {
		struct err err = {""};
		*calls[k] = 1;
		ck_assert_int_eq(write_all_of("song.wav", &err), -1);
		ck_assert_int_eq(*calls[k], 0);
		ck_assert_ptr_nonnull(strstr(err.text, "song.wav: Input/output error"));
		ck_assert_int_eq(count_parts(), 0);
		assert_text("song.wav", "old");
	}
	failing_sync = 2; /* the folder's: the file is whole and in its place, but the user is told */
	struct err err = {""};
	ck_assert_int_eq(write_all_of("song.wav", &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "is written, but"));
	leave_folder(1);
}
END_TEST

/* Killed at any time, also while it commits: the file is the old one or the new one, whole. */
START_TEST(test_kill_any_time)
{
	uint64_t seed = 21;
	int old = 0, new = 0;
	enter_folder();
	for (int k = 0; k < 40; k++) {
		write_text("song.wav", "old");
		pid_t child = fork();
		if (child == 0)
			_exit(write_all_of("song.wav", NULL) != 0);
		usleep((useconds_t)(5000 + 5000 * test_random(&seed)));
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		struct stat st;
		ck_assert_int_eq(stat("song.wav", &st), 0);
		ck_assert_msg(st.st_size == 3 || st.st_size == 80 + 256 * 1024 * 8, "%lld bytes", (long long)st.st_size);
		old += st.st_size == 3;
		new += st.st_size != 3;
	}
	ck_assert_int_eq(old + new, 40);
	ck_assert_int_eq(write_all_of("song.wav", NULL), 0);
	leave_folder(1); /* with it went what the killed ones left */
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

static const struct {
	const char *path, *word;
	enum sink_format format;
	enum sink_bits bits;
	double rate;
	int channels;
	enum dither dither;
} refused[] = {
    {"folder", "is a folder", SINK_WAV, 0, 48000, 2, 0},     {"folder/", "directory", SINK_WAV, 0, 48000, 2, 0},
    {"pipe.wav", "regular file", 0, 0, 48000, 2, 0},         {"/dev/null", "regular file", SINK_WAV, 0, 48000, 2, 0},
    {"nowhere/a.wav", "make it first", 0, 0, 48000, 2, 0},   {"loop.wav", "symbolic links", 0, 0, 48000, 2, 0},
    {"a.mix", "end the name in", 0, 0, 48000, 2, 0},         {"wav", "end the name in", 0, 0, 48000, 2, 0},
    {"a.opus", "--rate 48000", 0, 0, 44100, 2, 0},           {"a.mp3", "MP3", 0, 0, 96000, 2, 0},
    {"a.flac", "16 or 24", 0, SINK_32F, 48000, 2, 0},        {"a.ogg", "no bits", 0, SINK_16, 48000, 2, 0},
    {"a.wav", "channels", 0, SINK_16, 48000, 3, 0},          {"a.wav", "rate", 0, SINK_16, 44100.5, 2, 0},
    {"a.wav", "dither", 0, SINK_32F, 48000, 2, DITHER_TPDF},
};

START_TEST(test_refused)
{
	enter_folder();
	ck_assert_int_eq(mkdir("folder", 0700), 0);
	ck_assert_int_eq(mkfifo("pipe.wav", 0600), 0);
	ck_assert_int_eq(symlink("loop.wav", "loop.wav"), 0);
	for (size_t row = 0; row < sizeof refused / sizeof *refused; row++) {
		struct sink_spec spec = {refused[row].path,
		                         refused[row].format,
		                         refused[row].bits,
		                         refused[row].rate,
		                         refused[row].channels,
		                         refused[row].dither,
		                         0,
		                         0,
		                         NULL,
		                         0,
		                         NULL};
		struct err err = {""};
		ck_assert_msg(sink_open(&spec, &err) == NULL, "%s", spec.path);
		ck_assert_msg(strstr(err.text, refused[row].word) != NULL, "%s: %s", spec.path, err.text);
	}
	leave_folder(3);
}
END_TEST

START_TEST(test_links)
{
	static const float one[1] = {0.25f};
	struct stat st;
	enter_folder();
	umask(027);
	write_text("real.wav", "old");
	ck_assert_int_eq(link("real.wav", "hard.wav"), 0);
	ck_assert_int_eq(symlink("real.wav", "link.wav"), 0);
	ck_assert_int_eq(symlink("./new.wav", "dangling.wav"), 0);
	ck_assert(sink_would_overwrite("link.wav", "real.wav"));
	ck_assert(sink_would_overwrite("hard.wav", "real.wav"));
	ck_assert(sink_would_overwrite("dangling.wav", "new.wav"));
	ck_assert(sink_would_overwrite("./none.wav", "none.wav"));
	ck_assert(!sink_would_overwrite("none.wav", "real.wav"));
	ck_assert(!sink_would_overwrite("none.wav", "nothing.wav"));
	struct sink_spec spec = spec_of("link.wav", SINK_24);
	write_file(&spec, one, one, 1);
	spec.path = "dangling.wav";
	write_file(&spec, one, one, 1);
	ck_assert(lstat("link.wav", &st) == 0 && S_ISLNK(st.st_mode));
	ck_assert(lstat("dangling.wav", &st) == 0 && S_ISLNK(st.st_mode));
	ck_assert(lstat("real.wav", &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 86 && (st.st_mode & 0777) == 0640);
	ck_assert(lstat("new.wav", &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 86);
	assert_text("hard.wav", "old");
	leave_folder(5);
}
END_TEST

TEST_MAIN("sink", 60, test_bytes, test_lossless, test_lossy, test_rounding, test_clipping, test_same_bytes, test_kill,
          test_kill_any_time, test_io_errors, test_large, test_no_room, test_full_disk, test_refused, test_links)
