/*
 * What is agreed with devices of all kinds, and that each plays the same frames: formats, accesses, rates, channels,
 * periods; the samples themselves; who holds a device.
 */
#include "faulttest.h"

#include "device/holder.h"
#include "device/sample.h"

#include <alsa/asoundlib.h>

/* A device by what it can, and what must come of a wish for 48 kHz and 256 frames, three times. */
struct kind {
	const char *name, *device;
	int out; /* the channel, from 0, that is to get the left side */
	const char *formats, *rates, *channels, *accesses, *period_bytes, *buffer_bytes, *periods;
	const char *sample;       /* that is agreed; NULL: none is, the device is refused */
	int count;                /* channels */
	int wish, period, buffer; /* frames; 0: whatever it is */
	double native;            /* Hz: told that ALSA converts from it; 0: it does not */
	int shift;                /* of the words that the device keeps; -1: they are not the ramp */
};

#define ANY_SIZE "", "", ""

static const struct kind kinds[] = {
    {"all", "faults", 0, "", "", "", "", ANY_SIZE, "FLOAT", 2, 256, 256, 768, 0, 0},
    {"S32", "faults", 0, "S16_LE,S24_LE,S24_3LE,S32_LE", "", "", "", ANY_SIZE, "S32", 2, 256, 256, 768, 0, 8},
    {"packed 24", "faults", 0, "S16_LE,S24_LE,S24_3LE", "", "", "", ANY_SIZE, "S24_3LE", 2, 256, 256, 768, 0, 0},
    {"24 in 32", "faults", 0, "S16_LE,S24_LE", "", "", "", ANY_SIZE, "S24", 2, 256, 256, 768, 0, 0},
    {"16", "faults", 0, "S16_LE,U8", "", "", "", ANY_SIZE, "S16", 2, 256, 256, 768, 0, -1},
    {"16 behind a plug", "plugfaults", 0, "S16_LE", "", "", "", ANY_SIZE, "S16", 2, 256, 256, 768, 0, -1},
    {"8 only", "faults", 0, "U8", "", "", "", ANY_SIZE, "FLOAT", 2, 256, 256, 768, 48000, -1},
    {"mapped", "faults", 0, "", "", "", "mmapi", ANY_SIZE, "FLOAT", 2, 256, 256, 768, 0, 0},
    {"apart", "faults", 0, "", "", "", "rwn", ANY_SIZE, "FLOAT", 2, 256, 256, 768, 0, 0},
    {"mapped apart", "faults", 0, "S32_LE", "", "", "mmapn", ANY_SIZE, "S32", 2, 256, 256, 768, 0, 8},
    {"mapped apart, 24 of 8", "faults", 0, "S24_3LE", "", "8", "mmapn", ANY_SIZE, "S24_3LE", 8, 256, 256, 768, 0, 0},
    {"44.1 kHz only", "faults", 0, "", "44100", "", "", ANY_SIZE, "FLOAT", 2, 256, 0, 0, 44100, -1},
    {"44.1 kHz, plugged", "plugfaults", 0, "S32_LE", "44100", "", "", ANY_SIZE, "FLOAT", 2, 256, 0, 0, 44100, -1},
    {"rates", "faults", 0, "", "44100,48000,96000", "", "", ANY_SIZE, "FLOAT", 2, 256, 256, 768, 0, 0},
    {"mono", "faults", 0, "", "", "1", "", ANY_SIZE, "FLOAT", 1, 256, 256, 768, 0, 0},
    {"mono, 32", "faults", 0, "S32_LE", "", "1", "", ANY_SIZE, "S32", 1, 256, 256, 768, 0, 8},
    {"8 channels", "faults", 0, "", "", "8", "", ANY_SIZE, "FLOAT", 8, 256, 256, 768, 0, 0},
    {"4 to 10", "faults", 0, "S32_LE", "", "4-10", "", ANY_SIZE, "S32", 4, 256, 256, 768, 0, 8},
    {"8 channels, out 3-4", "faults", 2, "", "", "8", "", ANY_SIZE, "FLOAT", 8, 256, 256, 768, 0, 0},
    {"8 channels, out 7-8", "faults", 6, "S32_LE", "", "8", "", ANY_SIZE, "S32", 8, 256, 256, 768, 0, 8},
    {"8 apart, out 3-4", "faults", 2, "S24_3LE", "", "8", "mmapn", ANY_SIZE, "S24_3LE", 8, 256, 256, 768, 0, 0},
    {"4 to 10, out 5-6", "faults", 4, "S32_LE", "", "4-10", "", ANY_SIZE, "S32", 6, 256, 256, 768, 0, 8},
    {"odd period", "faults", 0, "S32_LE", "", "2", "", "3528", "", "", "S32", 2, 256, 441, 0, 0, 8},
    {"asked odd", "faults", 0, "S32_LE", "", "2", "", ANY_SIZE, "S32", 2, 441, 441, 1323, 0, 8},
    {"long periods", "faults", 0, "S32_LE", "", "2", "", "16384-65536", "", "", "S32", 2, 256, 2048, 0, 0, 8},
    {"asked 300, from 512", "faults", 0, "S32_LE", "", "2", "", "4096-65536", "", "", "S32", 2, 300, 512, 1536, 0, 8},
    {"short periods", "faults", 0, "S32_LE", "", "2", "", "64-256", "", "", "S32", 2, 256, 32, 96, 0, 8},
    {"two periods", "faults", 0, "S32_LE", "", "2", "", "", "", "2", "S32", 2, 256, 256, 512, 0, 8},
    {"small buffer", "faults", 0, "S32_LE", "", "2", "", "", "128-4096", "", "S32", 2, 256, 256, 512, 0, 8},
    {"asked 32", "faults", 0, "", "", "", "", ANY_SIZE, "FLOAT", 2, 32, 32, 96, 0, 0},
    {"asked 4096", "faults", 0, "", "", "", "", ANY_SIZE, "FLOAT", 2, 4096, 4096, 12288, 0, 0},
    {"nothing there", "nodevice", 0, "", "", "", "", ANY_SIZE, NULL, 0, 256, 0, 0, 0, 0},
    {"no such name", "nobody", 0, "", "", "", "", ANY_SIZE, NULL, 0, 256, 0, 0, 0, 0},
};

static void
run_kind(int which, const char *folder)
{
	const struct kind *k = &kinds[which];
	struct client c = {.out = k->out};
	char words[200];
	(void)folder;
	setenv("FAULTS_FORMATS", k->formats, 1);
	setenv("FAULTS_RATES", k->rates, 1);
	setenv("FAULTS_CHANNELS", k->channels, 1);
	setenv("FAULTS_ACCESS", k->accesses, 1);
	setenv("FAULTS_PERIOD_BYTES", k->period_bytes, 1);
	setenv("FAULTS_BUFFER_BYTES", k->buffer_bytes, 1);
	setenv("FAULTS_PERIODS", k->periods, 1);
	int status = client_open(&c, k->device, k->wish, 3, 0, 0);
	if (!k->sample) {
		EXPECT(k->name, status != 0 && strstr(c.err.text, k->device) && strstr(c.err.text, "stemdesk devices"), "%s",
		       c.err.text);
		return;
	}
	EXPECT(k->name, status == 0, "%s", c.err.text);
	if (status)
		return;
	client_wait(&c, 0.4);
	device_close(c.device);
	struct kept kept = kept_read(k->shift < 0 ? 0 : k->shift, k->out);
	device_format_words(&c.got, words, sizeof words);
	EXPECT(k->name, !strcmp(c.got.sample, k->sample), "%s", words);
	EXPECT(k->name, c.got.channels == k->count && kept.channels >= 1, "%s", words);
	EXPECT(k->name, c.got.rate == 48000 && c.got.native == k->native, "%s", words);
	EXPECT(k->name, (strstr(words, "converts") != NULL) == (k->native != 0), "%s", words);
	EXPECT(k->name, (k->period == 0 || c.got.period == k->period) && (k->buffer == 0 || c.got.buffer == k->buffer),
	       "%s", words);
	EXPECT(k->name, c.got.buffer >= 2 * c.got.period, "%s", words);
	EXPECT(k->name, kept.frames > 44100 / 10, "%lld frames", (long long)kept.frames);
	if (k->shift >= 0)
		EXPECT(k->name, kept.first == 1 && kept.lost == 0 && kept.back == 0 && kept.wrong == 0,
		       "from %lld, lost %lld, back %lld, wrong %lld", (long long)kept.first, (long long)kept.lost,
		       (long long)kept.back, (long long)kept.wrong);
}

START_TEST(devices_of_all_kinds)
{
	ck_assert_int_eq(run_cases(sizeof kinds / sizeof *kinds, 6, run_kind), 0);
}
END_TEST

static const struct sample_format *
format_of(int alsa)
{
	for (const struct sample_format *f = sample_formats; f->bytes; f++)
		if (f->alsa == alsa)
			return f;
	return NULL;
}

/* A left sample in a format without dither. */
static int32_t
converted(int alsa, float x)
{
	const struct sample_format *f = format_of(alsa);
	struct sample_layout layout = {2, 0, 2 * (size_t)f->bytes, (size_t)f->bytes};
	float in[2] = {x, 0};
	unsigned char out[8] = {0};
	uint32_t seed = 1;
	sample_convert(f, &layout, in, out, 1, &seed);
	int32_t word;
	memcpy(&word, out, 4);
	return f->bytes == 3 ? (int32_t)((uint32_t)word << 8) >> 8 : word;
}

/* Full scale is 2^(bits - 1): nearest whole number, ties to even, held at the ends; no number is silence. */
START_TEST(samples_are_exact)
{
	static const struct {
		double x;
		int64_t s32, s24;
	} table[] = {{0, 0, 0},
	             {0.5, 1 << 30, 1 << 22},
	             {-1, INT32_MIN, -8388608},
	             {1, INT32_MAX, 8388607},
	             {3, INT32_MAX, 8388607},
	             {-3, INT32_MIN, -8388608},
	             {INFINITY, 0, 0},
	             {NAN, 0, 0},
	             {0x1p-23, 256, 1},
	             {0x1p-24, 128, 0},
	             {0x3p-24, 384, 2},
	             {-0x3p-24, -384, -2},
	             {0x1p-32, 0, 0},
	             {0x3p-32, 2, 0},
	             {-0x5p-32, -2, 0},
	             {0x5.8p-32, 3, 0},
	             {1 - 0x1p-24, 2147483520, 8388607}};
	for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
		ck_assert_int_eq(converted(SND_PCM_FORMAT_S32, (float)table[k].x), table[k].s32);
		ck_assert_int_eq(converted(SND_PCM_FORMAT_S24, (float)table[k].x), table[k].s24);
		ck_assert_int_eq(converted(SND_PCM_FORMAT_S24_3LE, (float)table[k].x), table[k].s24);
	}
	float same = 0.123456789f, back;
	int32_t word = converted(SND_PCM_FORMAT_FLOAT, same);
	memcpy(&back, &word, 4);
	ck_assert(back == same);
	ck_assert_int_eq(converted(SND_PCM_FORMAT_FLOAT, NAN), 0);
}
END_TEST

/*
 * Triangular dither of one step to either side: an error without bias, of variance 1/6 (its own) + 1/12 (rounding)
 * steps squared, whatever the level is.
 */
START_TEST(sixteen_bits_are_dithered)
{
	enum { N = 200000 };
	const struct sample_format *f = format_of(SND_PCM_FORMAT_S16);
	struct sample_layout layout = {2, 0, 4, 2};
	static float in[2 * N];
	static int16_t out[2 * N];
	uint32_t seed = 1;
	for (int level = 0; level < 4; level++) {
		double x = 0.25 * level / 32768, sum = 0, squares = 0;
		for (int k = 0; k < 2 * N; k++)
			in[k] = (float)x;
		sample_convert(f, &layout, in, (unsigned char *)out, N, &seed);
		for (int k = 0; k < 2 * N; k++) {
			double error = out[k] - x * 32768;
			sum += error;
			squares += error * error;
		}
		ck_assert_double_eq_tol(sum / (2 * N), 0, 5 * sqrt(0.25 / (2 * N)));
		ck_assert_double_eq_tol(squares / (2 * N), 0.25, 0.005);
	}
}
END_TEST

/* The pair of outputs that is asked for; one channel gets the mean of the sides. */
START_TEST(layouts)
{
	const struct sample_format *f = format_of(SND_PCM_FORMAT_FLOAT);
	float in[4] = {0.25f, 0.5f, -0.75f, 0.125f}, out[12];
	uint32_t seed = 1;
	sample_convert(f, &(struct sample_layout){6, 2, 24, 4}, in, (unsigned char *)out, 2, &seed);
	for (int k = 0; k < 12; k++)
		ck_assert(out[k] == (k % 6 == 2 ? in[k / 6 * 2] : k % 6 == 3 ? in[k / 6 * 2 + 1] : 0));
	sample_convert(f, &(struct sample_layout){2, 0, 4, 8}, in, (unsigned char *)out, 2, &seed);
	for (int k = 0; k < 4; k++)
		ck_assert(out[k] == in[k % 2 * 2 + k / 2]);
	sample_convert(f, &(struct sample_layout){1, 0, 4, 4}, in, (unsigned char *)out, 2, &seed);
	ck_assert(out[0] == 0.375f);
	ck_assert(out[1] == -0.3125f);
}
END_TEST

static void
write_file(const char *home, const char *path, const char *text)
{
	char name[256];
	snprintf(name, sizeof name, "%s/%s", home, path);
	for (char *slash = name + strlen(home) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		mkdir(name, 0700);
		*slash = '/';
	}
	FILE *f = fopen(name, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

/* The kernel's tables as they look: the thread that opened the device, and its program. */
START_TEST(who_holds_a_device)
{
	char home[] = "/tmp/stemdesk-proc-XXXXXX", who[64], command[96];
	ck_assert_ptr_nonnull(mkdtemp(home));
	write_file(home, "asound/card0/pcm0p/sub0/status", "closed\n");
	write_file(home, "asound/card1/pcm3p/sub0/status",
	           "state: RUNNING\nowner_pid   : 4712\ntrigger_time: 7.1\n-----\nhw_ptr      : 12\n");
	write_file(home, "4712/status", "Name:\talsa-sink-USB\nUmask:\t0022\nTgid:\t4711\nPid:\t4712\n");
	write_file(home, "4711/status", "Name:\tpulse\033[2Jaudio\nTgid:\t4711\nPid:\t4711\n");
	ck_assert_int_eq(holder_of(home, 0, 0, who, sizeof who), 0);
	ck_assert_int_eq(holder_of(home, 2, 0, who, sizeof who), 0);
	ck_assert_int_eq(holder_of(home, 1, 3, who, sizeof who), 4711);
	ck_assert_str_eq(who, "pulse?[2Jaudio");
	snprintf(command, sizeof command, "rm -rf '%s'", home);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

TEST_MAIN("negotiate", 90, devices_of_all_kinds, samples_are_exact, sixteen_bits_are_dithered, layouts,
          who_holds_a_device)
