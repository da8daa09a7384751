/* The import cache: length, alignment, reuse, its key, two programs at once, what is left after a stop. */
#include "wavmake.h"

#include <sndfile.h>
#include <stdbool.h>
#include <sys/wait.h>

#include "media/import.h"
#include "media/reader.h"

static void
begin(void)
{
	made_begin();
	setenv("XDG_CACHE_HOME", made_folder, 1);
}

/* Files in the cache, hidden ones too. */
static int
cached_files(void)
{
	int n = 0;
	DIR *dir = opendir("stemdesk");
	for (struct dirent *e; dir && (e = readdir(dir));)
		n += strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
	if (dir)
		closedir(dir);
	return n;
}

static void
end(void)
{
	DIR *dir = opendir("stemdesk");
	char path[512];
	for (struct dirent *e; dir && (e = readdir(dir));) {
		snprintf(path, sizeof path, "stemdesk/%s", e->d_name);
		unlink(path);
	}
	if (dir)
		closedir(dir);
	made_end();
}

static const double pi = 3.14159265358979323846;

/* Channel c of a made stem: a sine of its own, Hz. */
static double
tone(int c)
{
	return 100 + 777 * c;
}

static void
make_tones(const char *name, int rate, int channels, int64_t frames, double level)
{
	SF_INFO sf = {.samplerate = rate, .channels = channels, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
	SNDFILE *f = sf_open(name, SFM_WRITE, &sf);
	ck_assert_ptr_nonnull(f);
	double *p = malloc(sizeof *p * (size_t)(frames * channels));
	for (int64_t k = 0; k < frames; k++)
		for (int c = 0; c < channels; c++)
			p[k * channels + c] = level * sin(2 * pi * tone(c) * (double)k / rate + c);
	ck_assert_int_eq(sf_writef_double(f, p, frames), frames);
	free(p);
	sf_close(f);
}

static void
import(const char *name, int rate, char out[IMPORT_PATH_SIZE], struct media_info *cached)
{
	struct media_info info;
	struct err err;
	ck_assert_msg(media_probe(name, &info, &err) == 0, "%s", err.text);
	ck_assert_msg(import_stem(name, &info, rate, NULL, NULL, out, cached, &err) == 0, "%s", err.text);
}

/* frames * ratio, to the nearest whole number */
START_TEST(lengths)
{
	static const struct {
		int from, to, channels;
		int64_t frames, expected;
	} table[] = {
	    {44100, 48000, 1, 44100, 48000}, {44100, 48000, 2, 1, 1},         {44100, 48000, 2, 1000, 1088},
	    {48000, 44100, 2, 1000, 919},    {96000, 48000, 1, 10001, 5001},  {22050, 48000, 1, 30011, 65330},
	    {8000, 192000, 1, 4321, 103704}, {192000, 8000, 1, 100011, 4167}, {44100, 48000, 33, 5000, 5442},
	};
	begin();
	for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
		struct media_info info, cached;
		char path[IMPORT_PATH_SIZE];
		make_tones("a.wav", table[k].from, table[k].channels, table[k].frames, 0.5);
		ck_assert_int_eq(media_probe("a.wav", &info, NULL), 0);
		ck_assert_int_eq(import_frames(&info, table[k].to), table[k].expected);
		import("a.wav", table[k].to, path, &cached);
		ck_assert_int_eq(cached.frames, table[k].expected);
		ck_assert_int_eq(cached.rate, table[k].to);
		ck_assert_int_eq(cached.channels, table[k].channels);
		ck_assert_int_eq(cached.size, import_size(&info, table[k].to));
		ck_assert_int_eq(import_bad_samples(&cached), 0);
	}
	end();
}
END_TEST

/* Away from its ends the converted sine is the sine, channel by channel, at the same time. */
START_TEST(alignment)
{
	static const struct {
		int from, to, channels;
	} table[] = {{44100, 48000, 2}, {48000, 44100, 1}, {96000, 48000, 3}, {22050, 48000, 1}, {44100, 96000, 5}};
	begin();
	for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
		struct media_info cached;
		struct err err;
		char path[IMPORT_PATH_SIZE];
		enum { N = 20000 };
		static float rows[5][N];
		float *row[MEDIA_CHANNELS] = {rows[0], rows[1], rows[2], rows[3], rows[4]};
		make_tones("a.wav", table[k].from, table[k].channels, 2 * table[k].from, 0.5);
		import("a.wav", table[k].to, path, &cached);
		struct media_reader *r = reader_open(path, &cached, &err);
		ck_assert_msg(r != NULL, "%s", err.text);
		int64_t first = table[k].to / 2;
		ck_assert_int_eq(reader_read(r, first, N, row), N);
		for (int c = 0; c < table[k].channels; c++) {
			double worst = 0;
			for (int i = 0; i < N; i++) {
				double want = 0.5 * sin(2 * pi * tone(c) * (double)(first + i) / table[k].to + c);
				worst = fmax(worst, fabs((double)rows[c][i] - want));
			}
			/* a thousandth of a frame off would be about -80 dB at the highest of the tones */
			ck_assert_msg(test_db(worst) < -120, "%d to %d Hz, channel %d is %.1f dB off", table[k].from, table[k].to,
			              c, test_db(worst));
		}
		reader_close(r);
	}
	end();
}
END_TEST

static int
count_calls(void *arg, int64_t done, int64_t all)
{
	ck_assert_int_le(done, all);
	++*(int *)arg;
	return 0;
}

/* libsndfile writes the time into its float files: the same bytes come from a copy alone. */
static void
copy(const char *from, const char *to)
{
	static char p[1 << 20];
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	ssize_t n = read(in, p, sizeof p);
	ck_assert_int_eq(write(out, p, (size_t)n), n);
	close(in);
	close(out);
}

START_TEST(reuse)
{
	struct media_info info, cached;
	struct err err;
	char one[IMPORT_PATH_SIZE], two[IMPORT_PATH_SIZE];
	int calls = 0;
	begin();
	make_tones("a.wav", 44100, 2, 50000, 0.5);
	ck_assert_int_eq(media_probe("a.wav", &info, NULL), 0);
	ck_assert_int_eq(import_path("a.wav", &info, 48000, one, NULL, &err), 0);
	ck_assert_int_eq(cached_files(), 0);
	ck_assert_int_eq(import_stem("a.wav", &info, 48000, count_calls, &calls, one, &cached, &err), 0);
	ck_assert_int_gt(calls, 5);
	ck_assert_int_eq(strncmp(one, made_folder, strlen(made_folder)), 0);

	/* there already: no work, the same file; a copy of the stem finds it too */
	calls = 0;
	ck_assert_int_eq(import_stem("a.wav", &info, 48000, count_calls, &calls, two, NULL, &err), 0);
	ck_assert_int_eq(calls, 0);
	ck_assert_str_eq(one, two);
	ck_assert_int_eq(import_path("a.wav", &info, 48000, two, NULL, &err), 1);
	copy("a.wav", "copy.wav");
	copy("a.wav", "again.wav");
	import("copy.wav", 48000, two, NULL);
	ck_assert_str_eq(one, two);
	ck_assert_int_eq(cached_files(), 1);

	/* another rate, another sound, one other bit: other files */
	import("a.wav", 96000, two, NULL);
	ck_assert_str_ne(one, two);
	make_tones("b.wav", 44100, 2, 50000, 0.25);
	import("b.wav", 48000, two, NULL);
	ck_assert_str_ne(one, two);
	int fd = open("copy.wav", O_RDWR);
	unsigned char byte;
	ck_assert_int_eq(pread(fd, &byte, 1, 200001), 1);
	byte ^= 1;
	ck_assert_int_eq(pwrite(fd, &byte, 1, 200001), 1);
	close(fd);
	import("copy.wav", 48000, two, NULL);
	ck_assert_str_ne(one, two);
	ck_assert_int_eq(cached_files(), 4);

	/* a stem that changed behind our back is told; a spoilt cache file is made anew */
	ck_assert_int_eq(truncate("a.wav", 1000), 0);
	ck_assert_int_eq(import_stem("a.wav", &info, 48000, NULL, NULL, two, NULL, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "changed"));
	ck_assert_int_eq(truncate(one, 1000), 0);
	import("again.wav", 48000, two, &cached);
	ck_assert_str_eq(one, two);
	ck_assert_int_eq(cached.frames, import_frames(&info, 48000));
	end();
}
END_TEST

/* A long stem (above 4 MiB) is known by samples of it; every change of its time counts. */
START_TEST(long_stem)
{
	struct media_info info;
	struct err err;
	char one[IMPORT_PATH_SIZE], two[IMPORT_PATH_SIZE];
	struct bytes o = {.n = 0};
	begin();
	put_riff(&o, "RIFF", 2, 44100, 24);
	put_chunk_head(&o, "data", 60000000);
	save("a.wav", &o);
	ck_assert_int_eq(truncate("a.wav", 44 + 60000000), 0);
	ck_assert_int_eq(media_probe("a.wav", &info, NULL), 0);
	ck_assert_int_eq(import_path("a.wav", &info, 48000, one, NULL, &err), 0);
	ck_assert_int_eq(import_path("a.wav", &info, 48000, two, NULL, &err), 0);
	ck_assert_str_eq(one, two);
	ck_assert_int_eq(futimens(open("a.wav", O_RDONLY | O_CLOEXEC), (struct timespec[2]){{1, 0}, {1, 0}}), 0);
	ck_assert_int_eq(media_probe("a.wav", &info, NULL), 0);
	ck_assert_int_eq(import_path("a.wav", &info, 48000, two, NULL, &err), 0);
	ck_assert_str_ne(one, two);
	end();
}
END_TEST

START_TEST(bad_numbers)
{
	struct media_info cached;
	char path[IMPORT_PATH_SIZE];
	float sample[3000] = {0};
	begin();
	sample[5] = NAN;
	sample[1000] = INFINITY;
	sample[2999] = -INFINITY;
	SF_INFO sf = {.samplerate = 44100, .channels = 3, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
	SNDFILE *f = sf_open("a.wav", SFM_WRITE, &sf);
	ck_assert_int_eq(sf_writef_float(f, sample, 1000), 1000);
	sf_close(f);
	import("a.wav", 48000, path, &cached);
	ck_assert_int_eq(import_bad_samples(&cached), 3);
	static float rows[3][1088];
	float *row[3] = {rows[0], rows[1], rows[2]};
	struct media_reader *r = reader_open(path, &cached, NULL);
	ck_assert_int_eq(reader_read(r, 0, 1088, row), 1088);
	for (int k = 0; k < 3 * 1088; k++)
		if (rows[k / 1088][k % 1088] != 0)
			ck_abort_msg("sample %d", k);
	ck_assert_int_eq(reader_bad_samples(r), 0);
	reader_close(r);
	end();
}
END_TEST

/* Two programs import one stem at the same time: both succeed and one whole file is there. */
START_TEST(two_programs)
{
	struct media_info info, cached;
	char path[IMPORT_PATH_SIZE];
	pid_t pid[3];
	begin();
	make_tones("a.wav", 44100, 2, 200000, 0.5);
	ck_assert_int_eq(media_probe("a.wav", &info, NULL), 0);
	for (int k = 0; k < 3; k++)
		if ((pid[k] = fork()) == 0) {
			struct media_reader *r = NULL;
			if (import_stem("a.wav", &info, 48000, NULL, NULL, path, &cached, NULL) == 0)
				r = reader_open(path, &cached, NULL);
			float row[100], *rows[2] = {row, NULL};
			_exit(r && reader_read(r, 217000, 100, rows) == 100 && row[50] != 0 ? 0 : 1);
		}
	for (int k = 0; k < 3; k++) {
		int status;
		ck_assert_int_eq(waitpid(pid[k], &status, 0), pid[k]);
		ck_assert_int_eq(status, 0);
	}
	ck_assert_int_eq(cached_files(), 1);
	end();
}
END_TEST

static int
stop_late(void *arg, int64_t done, int64_t all)
{
	(void)arg;
	return done > all / 2;
}

START_TEST(stops)
{
	struct media_info info;
	struct err err;
	char path[IMPORT_PATH_SIZE];
	begin();
	make_tones("a.wav", 44100, 1, 50000, 0.5);
	ck_assert_int_eq(media_probe("a.wav", &info, NULL), 0);
	ck_assert_int_eq(import_stem("a.wav", &info, 48000, stop_late, NULL, path, NULL, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "stopped"));
	ck_assert_int_eq(cached_files(), 0);

	/* a relative XDG_CACHE_HOME is ignored; without any place the user is told */
	setenv("XDG_CACHE_HOME", "relative", 1);
	setenv("HOME", "/some/home", 1);
	ck_assert_int_eq(import_path("a.wav", &info, 48000, path, NULL, &err), 0);
	ck_assert_int_eq(strncmp(path, "/some/home/.cache/stemdesk/", 27), 0);
	unsetenv("HOME");
	ck_assert_int_eq(import_path("a.wav", &info, 48000, path, NULL, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "XDG_CACHE_HOME"));
	setenv("XDG_CACHE_HOME", "/dev/null/cache", 1);
	ck_assert_int_eq(import_stem("a.wav", &info, 48000, NULL, NULL, path, NULL, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "/dev/null"));
	end();
}
END_TEST

TEST_MAIN("import", 60, lengths, alignment, reuse, long_stem, bad_numbers, two_programs, stops)
