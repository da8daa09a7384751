/* The program's bounce has the same bytes for every processor's libm, lane width and number of threads. */
#include <stdlib.h>
#include <sys/wait.h>

#include "wavmake.h"

#define FRAMES 5000 /* 24-bit stereo: 30 kB, no multiple of a quantum */

static char program[4096];

/* Noise that comes and goes, so that gates, compressors and shapers have work. */
static void
make_stem(const char *name, int channels, uint64_t seed)
{
	static struct bytes o;
	o.n = 0;
	put_riff(&o, "RIFF", channels, 48000, 24);
	put_chunk_head(&o, "data", (uint32_t)(FRAMES * channels * 3));
	for (int t = 0; t < FRAMES; t++)
		for (int c = 0; c < channels; c++)
			put_le(&o, (uint64_t)(int64_t)(test_random(&seed) * 4e6 * exp(-(t % 1700) / 500.0)), 3);
	put_zero(&o, (size_t)(FRAMES * channels * 3) & 1);
	end_riff(&o);
	save(name, &o);
}

/* Everything a strip has is at work somewhere; more strips than lanes, mono and stereo, buses, keys, sends. */
static void
make_session(void)
{
	FILE *f = fopen("busy.desk", "w");
	ck_assert_ptr_nonnull(f);
	fputs("stemdesk 1\nsong/rate 48000\nsong/tempo 132\n", f);
	for (int k = 0; k < 11; k++) {
		char name[32], id[16];
		snprintf(name, sizeof name, "part%d.wav", k);
		snprintf(id, sizeof id, "part%d", k);
		make_stem(name, 1 + k % 2, 77u + (unsigned)k);
		fprintf(f, "strip/%s/name \"%s\"\n", id, id);
		fprintf(f, "strip/%s/channels %d\n", id, 1 + k % 2);
		fprintf(f, "strip/%s/out %s\n", id, k % 3 ? "mix" : "bus/group");
		fprintf(f, "strip/%s/trim %d\nstrip/%s/polarity %s\n", id, k - 5, id, k % 4 ? "off" : "on");
		fprintf(f, "strip/%s/dc on\n", id);
		fprintf(f, "strip/%s/hpf/on on\nstrip/%s/hpf/freq %d\n", id, id, 30 + 20 * k);
		fprintf(f, "strip/%s/lpf/on on\nstrip/%s/lpf/freq %d\n", id, id, 18000 - 900 * k);
		fprintf(f, "strip/%s/gate/on %s\nstrip/%s/gate/threshold -30\n", id, k % 2 ? "on" : "off", id);
		fprintf(f, "strip/%s/deess/on %s\n", id, k % 3 ? "on" : "off");
		for (int band = 1; band <= 6; band++)
			fprintf(f, "strip/%s/eq/%d/gain %d\n", id, band, (band * 5 + k) % 13 - 6);
		fprintf(f, "strip/%s/comp/on on\nstrip/%s/comp/threshold %d\nstrip/%s/comp/attack %d\n", id, id, -20 - k, id,
		        1 + k);
		fprintf(f, "strip/%s/transient/on %s\nstrip/%s/transient/attack 4\n", id, k % 2 ? "off" : "on", id);
		fprintf(f, "strip/%s/sat/on %s\nstrip/%s/sat/drive %d\n", id, k % 4 ? "off" : "on", id, 3 + k);
		fprintf(f, "strip/%s/width %d\nstrip/%s/pan %s%d\n", id, 60 + 10 * k, id, k % 2 ? "L" : "R", 7 * k);
		fprintf(f, "strip/%s/fader %d.%d\n", id, -3 - k, k % 10);
		fprintf(f, "strip/%s/send/room/level %d\n", id, -8 - k);
		fprintf(f, "strip/%s/region/r%05d/file \"%s\"\n", id, k, name);
		fprintf(f, "strip/%s/region/r%05d/at %d\n", id, k, 37 * k);
	}
	fputs("strip/part2/comp/key strip/part5\nstrip/part4/gate/on on\nstrip/part4/gate/key bus/group\n"
	      "bus/group/name \"Group\"\nbus/group/comp/on on\nbus/group/comp/threshold -30\n"
	      "bus/room/name \"Room\"\nbus/room/reverb/on on\nbus/room/echo/on on\nbus/room/echo/note 1/8d\n"
	      "mix/eq/2/gain 2\nmaster/limiter/gain 9\nmaster/multi/on on\nmaster/multi/3/threshold -40\n"
	      "master/dyneq/on on\nmaster/dyneq/3/on on\nmaster/stereo/on on\nmaster/stereo/4/width 150\n"
	      "master/stereo/mono 90\nmaster/clip/on on\nmaster/clip/level -12\nmaster/fade/in 1500smp\n",
	      f);
	ck_assert_int_eq(fclose(f), 0);
}

/* Bounces to a file; how: words before and behind the command. */
static void
bounce(const char *file, const char *before, const char *behind)
{
	char line[8192];
	snprintf(line, sizeof line, "%s '%s' bounce busy.desk -o %s %s --tail 0.2 --bits 32f >log 2>&1", before, program,
	         file, behind);
	int status = system(line);
	if (status != 0)
		ck_assert_int_eq(system("cat log >&2"), 0);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s", line);
}

static char *
contents(const char *file, size_t *size)
{
	FILE *f = fopen(file, "r");
	ck_assert_msg(f != NULL, "%s", file);
	char *text = malloc(1 << 20);
	*size = fread(text, 1, 1 << 20, f);
	fclose(f);
	return text;
}

static void
ck_same_file(const char *a, const char *b)
{
	size_t size[2];
	char *text[2] = {contents(a, &size[0]), contents(b, &size[1])};
	ck_assert_uint_eq(size[0], size[1]);
	ck_assert_msg(memcmp(text[0], text[1], size[0]) == 0, "%s and %s differ", a, b);
	free(text[0]);
	free(text[1]);
}

START_TEST(same_bytes)
{
	static const char *const ways[][2] = {
	    {"GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-AVX2", ""},
	    {"GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-AVX2", "--lanes 4 --threads 3"},
	    {"", "--lanes 1 --threads 1"},
	    {"", "--lanes 4 --threads 2"},
	    {"", "--lanes 8 --threads 3"},
	};
	static const char *const taps[] = {"", "--mastered"};
	ck_assert_ptr_nonnull(realpath("stemdesk", program));
	made_begin();
	make_session();
	for (size_t tap = 0; tap < 2; tap++) {
		char way[256];
		snprintf(way, sizeof way, "--threads 1 %s", taps[tap]);
		bounce("one.wav", "", way);
		size_t size;
		char *text = contents("one.wav", &size);
		size_t live = 0;
		for (size_t k = size / 4; k < size / 2; k++)
			live += text[k] != 0;
		free(text);
		ck_assert_uint_gt(size, (size_t)FRAMES * 8);
		ck_assert_uint_gt(live, size / 8); /* it sounds */
		for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) {
			if (strstr(ways[k][1], "--lanes 8") && !__builtin_cpu_supports("avx2"))
				continue;
			snprintf(way, sizeof way, "%s %s", ways[k][1], taps[tap]);
			bounce("other.wav", ways[k][0], way);
			ck_same_file("one.wav", "other.wav");
			remove("other.wav");
		}
	}
	made_end();
}
END_TEST

TEST_MAIN("bits", 120, same_bytes)
