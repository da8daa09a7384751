/*
 * The demo song: sixteen stems of one length, none silent or clipped, peaks as a recordist leaves them, the same bytes
 * each time, instruments where they belong in the spectrum, in tune; the folder treated with care; the lines of its
 * mix.
 */
#include "demo/demo_song.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sndfile.h>

#include "base/fmath.h"
#include "session/session.h"

#include "desktest.h"

static char folder[2][64];

static void
folders(void)
{
	for (int k = 0; k < 2; k++) {
		snprintf(folder[k], sizeof folder[k], "test-demo-%d-%d.tmp", (int)getpid(), k);
		ck_assert(mkdir(folder[k], 0777) == 0);
	}
}

static void
clear(const char *dir)
{
	char path[512];
	DIR *d = opendir(dir);
	for (struct dirent *e; d && (e = readdir(d));)
		if (e->d_name[0] != '.') {
			snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
			unlink(path);
		}
	if (d)
		closedir(d);
}

static void
folders_gone(void)
{
	for (int k = 0; k < 2; k++) {
		clear(folder[k]);
		rmdir(folder[k]);
	}
}

static void
in_folder(char path[512], const char *dir, const char *name)
{
	snprintf(path, 512, "%s/%s", dir, name);
}

static int
entries(const char *dir)
{
	int count = 0;
	DIR *d = opendir(dir);
	for (struct dirent *e; d && (e = readdir(d));)
		count += e->d_name[0] != '.';
	if (d)
		closedir(d);
	return count;
}

struct sound {
	SF_INFO info;
	float *x;
};

static struct sound
sound_read(const char *name)
{
	char path[512];
	struct sound s = {{0}, NULL};
	in_folder(path, folder[0], name);
	SNDFILE *f = sf_open(path, SFM_READ, &s.info);
	ck_assert_msg(f != NULL, "%s", path);
	s.x = malloc((size_t)(s.info.frames * s.info.channels) * sizeof *s.x);
	ck_assert(sf_readf_float(f, s.x, s.info.frames) == s.info.frames);
	sf_close(f);
	return s;
}

/* Root mean square frequency of the spectrum, Hz, by Parseval from differences: 2 sin(w/2) stands for w. */
static double
middle_of(const struct sound *s)
{
	double energy = 0, slope = 0;
	sf_count_t count = s->info.frames * s->info.channels;
	for (sf_count_t n = s->info.channels; n < count; n++) {
		double d = (double)s->x[n] - (double)s->x[n - s->info.channels];
		slope += d * d;
		energy += (double)s->x[n] * (double)s->x[n];
	}
	return asin(fmin(1, sqrt(slope / energy) / 2)) * s->info.samplerate / M_PI;
}

/* Level of one frequency in a stretch of the left channel (Goertzel under a Hann window). */
static double
level_at(const struct sound *s, double hz, double from, double seconds)
{
	int first = (int)(from * 48000), frames = (int)(seconds * 48000);
	double re = 0, im = 0;
	for (int n = 0; n < frames; n++) {
		double w = 0.5 - 0.5 * cos(2 * M_PI * n / frames), x = w * (double)s->x[(first + n) * s->info.channels];
		re += x * cos(2 * M_PI * hz * n / 48000);
		im += x * sin(2 * M_PI * hz * n / 48000);
	}
	return 20 * log10(4 * hypot(re, im) / frames + 1e-12);
}

static int
same_bytes(const char *name)
{
	static char a[65536], b[65536];
	char path[2][512];
	int fd[2], same = 1;
	for (int k = 0; k < 2; k++) {
		in_folder(path[k], folder[k], name);
		fd[k] = open(path[k], O_RDONLY);
		ck_assert(fd[k] >= 0);
	}
	for (ssize_t n = 1; same && n > 0;) {
		n = read(fd[0], a, sizeof a);
		same = read(fd[1], b, sizeof b) == n && n >= 0 && !memcmp(a, b, (size_t)n);
	}
	close(fd[0]);
	close(fd[1]);
	return same;
}

static double heard = -1;

static void
hear(void *arg, double done)
{
	ck_assert_ptr_eq(arg, folder);
	ck_assert(done > heard && done <= 1);
	heard = done;
}

START_TEST(test_stems)
{
	folders();
	struct err err = {""};
	ck_assert_msg(demo_render(folder[0], &err, hear, folder) == 0, "%s", err.text);
	ck_assert(heard == 1);
	ck_assert(demo_render(folder[1], &err, NULL, NULL) == 0);

	int count = 0;
	sf_count_t frames = 0;
	while (demo_stem(count)) {
		const char *name = demo_stem(count);
		ck_assert_int_eq(atoi(name), count + 1);
		struct sound s = sound_read(name);
		ck_assert_int_eq(s.info.samplerate, 48000);
		ck_assert_int_eq(s.info.format, SF_FORMAT_WAV | SF_FORMAT_PCM_24);
		frames = count ? frames : s.info.frames;
		ck_assert_int_eq(s.info.frames, frames);
		double peak = 0, energy = 0, mean = 0, sides = 0;
		for (sf_count_t n = 0; n < frames * s.info.channels; n++) {
			double x = (double)s.x[n];
			peak = fmax(peak, fabs(x));
			energy += x * x / (double)(frames * s.info.channels);
			mean += x / (double)(frames * s.info.channels);
			if (s.info.channels == 2 && n % 2)
				sides = fmax(sides, fabs(x - (double)s.x[n - 1]));
		}
		ck_assert_msg(test_db(peak) <= -3 && test_db(peak) >= -12, "%s: peak %.1f dBFS", name, test_db(peak));
		ck_assert_msg(10 * log10(energy) > -50, "%s: %.1f dBFS rms", name, 10 * log10(energy));
		ck_assert_msg(fabs(mean) < 0.01, "%s: offset %g", name, mean);
		if (s.info.channels == 2)
			ck_assert_msg(sides > 0.05 * peak, "%s: stereo without sides", name);
		ck_assert_msg(same_bytes(name), "%s: two renders differ", name);
		free(s.x);
		count++;
	}
	ck_assert_int_ge(count, 12);
	ck_assert_int_eq(entries(folder[0]), count);
	ck_assert_int_ge(frames, 60 * 48000);
	printf("%d stems of %.1f s\n", count, (double)frames / 48000);

	static const char *const rising[] = {"01_Kick.wav", "07_Bass.wav", "09_Rhythm Gtr.wav", "05_Overheads.wav",
	                                     "03_Hat.wav"};
	double below = 0;
	for (size_t k = 0; k < sizeof rising / sizeof *rising; k++) {
		struct sound s = sound_read(rising[k]);
		double middle = middle_of(&s);
		printf("%s: middle at %.0f Hz\n", rising[k], middle);
		ck_assert_double_gt(middle, below);
		below = middle;
		free(s.x);
	}

	/* In tune: bar 3 is in C (bass, lead synth on g'' at its first beat), bar 1 in A minor. Equal temperament, a = 440.
	 */
	struct sound bass = sound_read("07_Bass.wav"), synth = sound_read("13_Lead Synth.wav");
	double c = 440 * pow(2, (36 - 69) / 12.0), g = 440 * pow(2, (79 - 69) / 12.0);
	ck_assert_double_gt(level_at(&bass, c, 4.9, 0.7), level_at(&bass, c * pow(2, 1.0 / 12), 4.9, 0.7) + 12);
	ck_assert_double_gt(level_at(&bass, c, 4.9, 0.7), level_at(&bass, c / pow(2, 1.0 / 12), 4.9, 0.7) + 12);
	ck_assert_double_gt(level_at(&synth, g, 4.85, 0.3), level_at(&synth, g * pow(2, 1.0 / 12), 4.85, 0.3) + 12);
	/* A flaw to mend: an s stands 20 dB above the vowel that follows, round 7 kHz. */
	struct sound lead = sound_read("14_Lead Vox.wav");
	double hiss = 0, vowel = 0;
	for (double hz = 6200; hz < 8000; hz += 100) {
		hiss += pow(10, level_at(&lead, hz, 28.71, 0.1) / 10);
		vowel += pow(10, level_at(&lead, hz, 29.1, 0.1) / 10);
	}
	ck_assert_double_gt(10 * log10(hiss / vowel), 20);
	free(bass.x);
	free(synth.x);
	free(lead.x);
	folders_gone();
}
END_TEST

START_TEST(test_touches_nothing)
{
	folders();
	struct err err = {""};
	char path[512];
	in_folder(path, folder[0], demo_stem(4));
	FILE *f = fopen(path, "w");
	fputs("mine", f);
	fclose(f);
	ck_assert(demo_render(folder[0], &err, NULL, NULL) == -1);
	ck_assert_msg(strstr(err.text, demo_stem(4)) != NULL, "%s", err.text);
	ck_assert_int_eq(entries(folder[0]), 1);
	char text[8] = "";
	f = fopen(path, "r");
	ck_assert(fgets(text, sizeof text, f) && !strcmp(text, "mine"));
	fclose(f);

	/* a link to nowhere is in the way as well */
	unlink(path);
	ck_assert(symlink("nowhere", path) == 0);
	ck_assert(demo_render(folder[0], &err, NULL, NULL) == -1);
	ck_assert_int_eq(entries(folder[0]), 1);

	/* a folder that cannot be made */
	in_folder(path, folder[1], "no/such");
	ck_assert(demo_render(path, &err, NULL, NULL) == -1);
	ck_assert_msg(strstr(err.text, path) != NULL, "%s", err.text);
	folders_gone();
}
END_TEST

/* "14_Lead Vox.wav" makes the strip lead-vox. */
static void
id_of(const char *file, char *id)
{
	size_t n = 0;
	for (const char *p = strchr(file, '_') + 1; strcmp(p, ".wav"); p++)
		id[n++] = *p == ' ' ? '-' : (char)(*p | 0x20);
	id[n] = '\0';
}

START_TEST(test_lines)
{
	struct session *s = session_new();
	struct err err = {""};
	char line[200], id[64];
	for (int k = 0; demo_stem(k); k++) {
		id_of(demo_stem(k), id);
		snprintf(line, sizeof line, "strip/%s/name \"%s\"", id, id);
		ck_assert_msg(session_line(s, line, &err) == 0, "%s: %s", line, err.text);
	}
	for (int k = 0; demo_lines[k]; k++)
		ck_assert_msg(session_line(s, demo_lines[k], &err) == 0, "%s: %s", demo_lines[k], err.text);

	/* two effects, a group, DCAs that hold every strip, notes, a brief */
	ck_assert(session_find(s, "bus/verb")->value[P_REVERB_ON] == 1);
	ck_assert(session_find(s, "bus/echo")->value[P_ECHO_ON] == 1);
	ck_assert_int_gt((int)strlen(session_song(s)->text[P_BRIEF]), 20);
	int notes = 0, grouped = 0, strips = 0, sends = 0;
	for (struct node *n; (n = session_node(s, K_STRIP, (size_t)strips)); strips++) {
		notes += n->text[P_NOTE][0] != 0;
		grouped += !strcmp(n->text[P_OUT], "bus/drums");
		sends += (int)n->children;
		ck_assert_msg(n->text[P_DCA][0] || !strcmp(n->text[P_OUT], "bus/drums"), "%s: no DCA", n->id);
		ck_assert_msg(n->value[P_FADER] != 0, "%s: fader untouched", n->id);
	}
	ck_assert_int_ge(notes, 4);
	ck_assert_int_ge(grouped, 5);
	ck_assert_int_ge(sends, 10);
	size_t len;
	char *text = session_text(s, &len);
	ck_assert_msg(session_parse(s, text, len, "demo", 0, &err) == 0, "%s", err.text);
	free(text);
	session_free(s);
}
END_TEST

TEST_MAIN("demo", 60, test_stems, test_touches_nothing, test_lines)
