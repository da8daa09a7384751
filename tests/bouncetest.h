/* For tests of bounces: sound files made and read back, sessions bounced through the engine, the program run. */
#ifndef BOUNCETEST_H
#define BOUNCETEST_H

#include <ftw.h>
#include <limits.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "desktest.h"
#include "engine/bounce.h"
#include "engine/stems.h"
#include "session/session.h"

struct sound {
	int channels, rate, format; /* libsndfile's */
	int64_t frames;
	double *x; /* interleaved */
};

/* What read_sound has allocated; test_end frees it. */
#define SOUNDS_MAX 256
static double *sounds[SOUNDS_MAX];
static int sound_count;

/* What a made file holds at frame t of channel c. */
typedef double made_sample(int64_t t, int c);

static char test_home[64], test_origin[PATH_MAX], program[PATH_MAX + 32];

static inline int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

/* The working directory becomes a new folder; `program` is the built one, to be run by sh. */
static inline void
test_begin(void)
{
	ck_assert_ptr_nonnull(getcwd(test_origin, sizeof test_origin));
	snprintf(program, sizeof program, "'%s/stemdesk'", test_origin);
	strcpy(test_home, "/tmp/stemdesk-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(test_home));
	ck_assert_int_eq(chdir(test_home), 0);
	setenv("XDG_CACHE_HOME", test_home, 1);
}

static inline void
test_end(void)
{
	ck_assert_int_eq(chdir(test_origin), 0);
	while (sound_count)
		free(sounds[--sound_count]);
	nftw(test_home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A WAV of 32-bit floats (or of a format of libsndfile). */
static inline void
make_sound(const char *path, int channels, int rate, int64_t frames, made_sample *sample, int format)
{
	SF_INFO info = {
	    .channels = channels, .samplerate = rate, .format = format ? format : SF_FORMAT_WAV | SF_FORMAT_FLOAT};
	SNDFILE *file = sf_open(path, SFM_WRITE, &info);
	ck_assert_msg(file != NULL, "%s: %s", path, sf_strerror(NULL));
	double *x = calloc((size_t)(frames * channels) + 1, sizeof *x);
	for (int64_t t = 0; t < frames; t++)
		for (int c = 0; c < channels; c++)
			x[t * channels + c] = sample(t, c);
	ck_assert_int_eq(sf_writef_double(file, x, frames), frames);
	sf_close(file);
	free(x);
}

static inline struct sound
read_sound(const char *path)
{
	SF_INFO info = {0};
	SNDFILE *file = sf_open(path, SFM_READ, &info);
	ck_assert_msg(file != NULL, "%s: %s", path, sf_strerror(NULL));
	struct sound s = {.channels = info.channels, .rate = info.samplerate, .format = info.format, .frames = info.frames};
	s.x = calloc((size_t)(s.frames * s.channels) + 1, sizeof *s.x);
	ck_assert_int_lt(sound_count, SOUNDS_MAX);
	sounds[sound_count++] = s.x;
	ck_assert_int_eq(sf_readf_double(file, s.x, s.frames), s.frames);
	sf_close(file);
	return s;
}

/* Greatest difference of b, from its frame `from` on, to all of a; as a factor. */
static inline double
sound_difference(const struct sound *a, const struct sound *b, int64_t from)
{
	double most = 0;
	ck_assert_int_eq(a->channels, b->channels);
	ck_assert_int_le(a->frames + from, b->frames);
	for (int64_t k = 0; k < a->frames * a->channels; k++)
		most = fmax(most, fabs(a->x[k] - b->x[k + from * a->channels]));
	return most;
}

static inline void
write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

/* A file's text, in one of a few buffers. */
static inline const char *
read_text(const char *path)
{
	static char text[4][65536];
	static int turn;
	char *to = text[turn++ % 4];
	FILE *file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s", path);
	size_t n = fread(to, 1, sizeof text[0] - 1, file);
	to[n] = '\0';
	fclose(file);
	return to;
}

/* Bounces a session's text as its options say: what bounce() returns. */
static inline int
bounce_text(const char *text, const struct bounce_options *options, struct bounce_report *report, struct err *err)
{
	struct session *s = session_new();
	ck_assert_msg(session_parse(s, text, strlen(text), "test", 0, err) == 0, "%s", err->text);
	struct stems *stems = stems_new(s, "song.desk", 0, NULL, NULL);
	int status = bounce(s, stems, options, report, err);
	stems_free(stems);
	session_free(s);
	return status;
}

/* The same where it must work; the file is read back. */
static inline struct sound
bounced(const char *text, struct bounce_options options, struct bounce_report *report)
{
	struct err err = {""};
	struct bounce_report unused;
	if (!options.file.path)
		options.file.path = "mix.wav";
	int status = bounce_text(text, &options, report ? report : &unused, &err);
	ck_assert_msg(status == 0, "%s", err.text);
	return read_sound(options.file.path);
}

/* Runs a command of sh: its exit status (128 + the signal that ended it); what it said is in the files out and err. */
static inline int __attribute__((format(printf, 1, 2))) run(const char *format, ...)
{
	char command[PATH_MAX + 4096], all[PATH_MAX + 8192];
	va_list args;
	va_start(args, format);
	vsnprintf(command, sizeof command, format, args);
	va_end(args);
	snprintf(all, sizeof all, "{ %s; } >out 2>err", command);
	int status = system(all);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The number behind a key of the JSON in out. */
static inline double
json_number(const char *key)
{
	char quoted[64];
	snprintf(quoted, sizeof quoted, "\"%s\":", key);
	const char *at = strstr(read_text("out"), quoted);
	ck_assert_msg(at != NULL, "%s is not in %s", key, read_text("out"));
	return strtod(at + strlen(quoted), NULL);
}

#define DESK(format, ...) run("%s " format, program __VA_OPT__(, ) __VA_ARGS__)
#define SAYS(file, word)                                                                                               \
	ck_assert_msg(strstr(read_text(file), word) != NULL, "\"%s\" is not in: %s", word, read_text(file))

#endif
