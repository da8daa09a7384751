/* Intake: what is taken, what is refused and why, hostile and broken files, repair of unfinished ones. */
#include "wavmake.h"

#include <sndfile.h>
#include <stdbool.h>

#include "base/clock.h"
#include "media/guard.h"
#include "media/reader.h"

#define LONGEST 20 /* seconds: what hangs is ended after 1.5, and the machine may be busy */

/* The file must be refused, and in time, with its name first and these words in the reason. */
static void
refused(const char *name, const char *words)
{
	struct media_info info;
	struct err err;
	double start = clock_seconds();
	ck_assert_msg(media_probe(name, &info, &err) == -1, "%s was taken", name);
	ck_assert_msg(clock_seconds() - start < LONGEST, "%s took %.1f s", name, clock_seconds() - start);
	ck_assert_msg(strncmp(err.text, name, strlen(name)) == 0 && !strncmp(err.text + strlen(name), ": ", 2), "%s",
	              err.text);
	ck_assert_msg(strstr(err.text, words) != NULL, "%s does not say: %s", err.text, words);
}

static void
taken(const char *name, struct media_info *info)
{
	struct err err;
	ck_assert_msg(media_probe(name, info, &err) == 0, "%s", err.text);
}

START_TEST(no_sound_files)
{
	static const struct {
		const char *head;
		size_t n;
		const char *words;
	} table[] = {
	    {"OggS\0\2", 6, "an Ogg file"},
	    {"ID3\3\0", 5, "an MP3 file"},
	    {"\xff\xfb\x90", 3, "an MP3 file"},
	    {"\0\0\0\x20"
	     "ftypM4A ",
	     12, "an MPEG-4 file"},
	    {"caff\0\1", 6, "a CAF file"},
	    {"RIFX", 4, "RIFX"},
	    {"MThd", 4, "MIDI"},
	    {"RIFF\0\0\0\0AVI ", 12, "not a sound file"},
	    {"%PDF-1.5 .....", 12, "not a sound file"},
	};
	made_begin();
	for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
		struct bytes o = {.n = 0};
		put_raw(&o, table[k].head, table[k].n);
		put_zero(&o, 100);
		save("x.wav", &o);
		refused("x.wav", table[k].words);
	}
	struct bytes o = {.n = 0};
	save("x.wav", &o);
	refused("x.wav", "is empty");
	put_text(&o, "RIFF");
	save("x.wav", &o);
	refused("x.wav", "too short");
	ck_assert_int_eq(mkfifo("pipe", 0666), 0);
	refused("pipe", "is a pipe");
	refused(".", "is a folder");
	refused("/dev/zero", "is a device");
	refused("missing", "cannot be opened");
	ck_assert_int_eq(symlink("pipe", "link"), 0);
	refused("link", "is a pipe");
	made_end();
}
END_TEST

START_TEST(limits)
{
	static const struct {
		int channels, rate;
		const char *words; /* NULL: taken */
	} table[] = {
	    {1, 8000, NULL},      {64, 192000, NULL},       {0, 48000, "no channels"},        {65, 48000, "65 channels"},
	    {1, 7999, "7999 Hz"}, {1, 192001, "192001 Hz"}, {65535, 48000, "65535 channels"}, {2, 0, " 0 Hz"},
	};
	made_begin();
	for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
		struct bytes o = {.n = 0};
		struct media_info info;
		put_riff(&o, "RIFF", table[k].channels, table[k].rate, 16);
		put_data(&o, table[k].channels ? 8192 / table[k].channels : 8, 2 * table[k].channels);
		end_riff(&o);
		save("x.wav", &o);
		if (table[k].words) {
			refused("x.wav", table[k].words);
		} else {
			taken("x.wav", &info);
			ck_assert_int_eq(info.channels, table[k].channels);
			ck_assert_int_eq(info.rate, table[k].rate);
		}
	}
	made_end();
}
END_TEST

START_TEST(words)
{
	struct bytes o = {.n = 0};
	struct media_info info;
	made_begin();
	put_riff(&o, "RIFF", 2, 96000, 24);
	put_bext(&o, "Scene \x1b[1m", "Recorder 7   ", 96000ull * 36000 + 17, "");
	put_ixml(&o, "<BWFXML><TRACK_LIST><TRACK><NAME>L &lt;1&gt; and much more than fits \xc3\xa9\xc3\xa9\xc3\xa9</NAME>"
	             "</TRACK></TRACK_LIST></BWFXML>");
	put_data(&o, 10, 6);
	end_riff(&o);
	save("x.wav", &o);
	taken("x.wav", &info);
	ck_assert_str_eq(info.description, "Scene \x1b[1m");
	ck_assert_str_eq(info.originator, "Recorder 7");
	ck_assert(info.stamped && !info.own);
	ck_assert_int_eq(info.stamp, (int64_t)96000 * 36000 + 17);
	/* 31 bytes are room for the blank and half of a letter, which falls away */
	ck_assert_str_eq(info.track[0], "L <1> and much more than fits");
	ck_assert_int_eq(info.bits, 24);
	ck_assert_int_eq(info.frame_bytes, 6);
	ck_assert_int_eq(info.frames, 10);

	/* words behind the sound count too; a cut one there is no reason to refuse */
	o.n = 0;
	put_riff(&o, "RIFF", 1, 48000, 16);
	put_data(&o, 10, 2);
	put_bext(&o, "late", "", 5, "");
	put_chunk_head(&o, "LIST", 0x7fffffff);
	end_riff(&o);
	save("x.wav", &o);
	taken("x.wav", &info);
	ck_assert_str_eq(info.description, "late");
	ck_assert_int_eq(info.stamp, 5);
	ck_assert(!info.unfinished);
	made_end();
}
END_TEST

/* Chunks that lead back to themselves, or nowhere: refused at once, in every kind of file. */
START_TEST(loops)
{
	static const uint32_t sizes[] = {0xfffffff8, 0xfffffff0, 0xffffffff, 0x80000000, 0x7fffffff, 0xffffffdc, 600};
	struct bytes o;
	made_begin();
	for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
		for (int coded = 0; coded < 2; coded++) {
			o.n = 0;
			put_riff(&o, "RIFF", 1, 48000, coded ? 8 : 16);
			o.b[20] = coded ? 7 : 1;
			put_chunk_head(&o, "LIST", sizes[k]);
			put_zero(&o, 524 - o.n);
			end_riff(&o);
			save("x.wav", &o);
			refused("x.wav", "past the end of the file");
		}
		/* mu-law is libsndfile's: it must not see a bad chunk behind the sound either */
		o.n = 0;
		put_riff(&o, "RIFF", 1, 48000, 8);
		o.b[20] = 7;
		put_data(&o, 100, 1);
		put_chunk_head(&o, "LIST", sizes[k]);
		put_zero(&o, 524 - o.n);
		end_riff(&o);
		save("x.wav", &o);
		refused("x.wav", "past the end of the file");

		o.n = 0;
		put_text(&o, "FORM");
		put_be(&o, 516, 4);
		put_text(&o, "AIFFNAME");
		put_be(&o, sizes[k], 4);
		put_zero(&o, 524 - o.n);
		save("x.aif", &o);
		refused("x.aif", "past the end of the file");
	}
	/* W64: sizes count their own header, so that 0 stays where it is and a negative one goes back */
	for (uint64_t size = 0; size < 48; size += 8) {
		o.n = 0;
		put_raw(&o, "riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0", 16);
		put_le(&o, 524, 8);
		put_raw(&o, "wave\xf3\xac\xd3\x11\x8c\xd1\0\xc0\x4f\x8e\xdb\x8a", 16);
		put_raw(&o, "junk\xf3\xac\xd3\x11\x8c\xd1\0\xc0\x4f\x8e\xdb\x8a", 16);
		put_le(&o, size < 24 ? size : -size, 8);
		put_zero(&o, 524 - o.n);
		save("x.w64", &o);
		refused("x.w64", "cannot be");
	}
	/* more chunks than any recorder writes */
	o.n = 0;
	put_riff(&o, "RIFF", 1, 48000, 16);
	while (o.n < 60000)
		put_chunk_head(&o, "JUNK", 0);
	put_data(&o, 10, 2);
	save("x.wav", &o);
	refused("x.wav", "more than 4096 chunks");
	made_end();
}
END_TEST

/* Broken in ways of their own. */
START_TEST(broken)
{
	struct bytes o;
	made_begin();
#define BROKEN(words, ...)                                                                                             \
	do {                                                                                                               \
		o.n = 0;                                                                                                       \
		__VA_ARGS__;                                                                                                   \
		save("x.wav", &o);                                                                                             \
		refused("x.wav", words);                                                                                       \
	} while (0)
	BROKEN("no data chunk", put_riff(&o, "RIFF", 1, 48000, 16));
	BROKEN("before its format", put_text(&o, "RIFF....WAVE"), put_data(&o, 10, 2));
	BROKEN("two data", put_riff(&o, "RIFF", 1, 48000, 16), put_data(&o, 9, 2), put_data(&o, 9, 2));
	BROKEN("no sound", put_riff(&o, "RIFF", 1, 48000, 16), put_data(&o, 0, 2));
	BROKEN("do not fit", put_riff(&o, "RIFF", 2, 48000, 24), o.b[32] = 5, put_data(&o, 10, 6));
	BROKEN("do not fit", put_riff(&o, "RIFF", 2, 48000, 16), o.b[34] = 0, put_data(&o, 10, 4));
	BROKEN("holds MP3", put_riff(&o, "RIFF", 2, 48000, 16), o.b[20] = 0x55, put_data(&o, 10, 4));
	BROKEN("40 bits", put_riff(&o, "RIFF", 1, 48000, 40), put_data(&o, 10, 5));
	/* libsndfile's to judge: a format that does not exist */
	BROKEN("cannot be decoded", put_riff(&o, "RIFF", 1, 48000, 16), o.b[21] = 0x77, put_data(&o, 10, 2));
	BROKEN("no sound behind it", put_text(&o, "fLaC"), put_be(&o, 0x80000022, 4), put_be(&o, 0x10001000, 4),
	       put_zero(&o, 6), put_be(&o, 0x0bb80170, 4), put_be(&o, 48000, 4), put_zero(&o, 16));
	BROKEN("without a length", put_text(&o, "fLaC"), put_be(&o, 0x80000022, 4), put_be(&o, 0x10001000, 4),
	       put_zero(&o, 6), put_be(&o, 0x0bb80170, 4), put_zero(&o, 120));
	BROKEN("cannot be decoded", put_text(&o, "fLaC"), put_be(&o, 0x80000022, 4), put_be(&o, 0x10001000, 4),
	       put_zero(&o, 6), put_be(&o, 0x0bb80170, 4), put_be(&o, 48000, 4), put_zero(&o, 16), put_zero(&o, 3000));
	BROKEN("past the end", put_text(&o, "fLaC"), put_be(&o, 0x00000022, 4), put_be(&o, 0x10001000, 4), put_zero(&o, 6),
	       put_be(&o, 0x0bb80170, 4), put_be(&o, 48000, 4), put_zero(&o, 16), put_be(&o, 0x81ffffff, 4));
	made_end();
}
END_TEST

/* What hangs inside of the decoder is ended in time: a pipe that nobody writes to stands for it. */
START_TEST(guard)
{
	int link[2];
	struct media_info info = {.channels = 1, .rate = 48000};
	struct err err;
	ck_assert_int_eq(pipe(link), 0);
	double start = clock_seconds();
	ck_assert_int_eq(guard_sndfile(link[0], &info, &err), -1);
	ck_assert_double_le(clock_seconds() - start, LONGEST);
}
END_TEST

/* An unfinished file: how many frames can be read before and after its repair, and what libsndfile finds then. */
static void
check_unfinished(const char *name, int64_t before, int64_t after)
{
	struct media_info info;
	struct err err;
	taken(name, &info);
	ck_assert_msg(info.unfinished, "%s", name);
	ck_assert_int_eq(info.frames, before);
	ck_assert_int_eq(info.frames_found, after);
	int64_t size = info.size;
	ck_assert_msg(media_repair(name, &err) == 0, "%s", err.text);
	taken(name, &info);
	ck_assert_msg(!info.unfinished, "%s", name);
	ck_assert_int_eq(info.frames, after);
	ck_assert_int_eq(info.size, size);
	SF_INFO sf = {0};
	SNDFILE *f = sf_open(name, SFM_READ, &sf);
	ck_assert_msg(f != NULL, "%s: %s", name, sf_strerror(NULL));
	ck_assert_int_eq(sf.frames, after);
	double *p = calloc((size_t)(after * sf.channels), sizeof *p);
	ck_assert_int_eq(sf_readf_double(f, p, after), after);
	for (int64_t k = 0; k < after * sf.channels; k++)
		if (p[k] <= 0)
			ck_abort_msg("%s: sample %lld was touched", name, (long long)k);
	free(p);
	sf_close(f);
	ck_assert_int_eq(media_repair(name, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "nothing to repair"));
}

START_TEST(unfinished)
{
	static const struct {
		uint32_t size;
		int64_t before;
	} said[] = {{0, 0}, {0xffffffff, 500}, {100000, 500}};
	made_begin();
	for (size_t k = 0; k < sizeof said / sizeof *said; k++) {
		/* two bytes of a frame that was being written */
		struct bytes o = {.n = 0};
		put_riff(&o, "RIFF", 2, 48000, 24);
		size_t at = o.n + 4;
		put_data(&o, 500, 6);
		put_zero(&o, 2);
		for (int i = 0; i < 4; i++)
			o.b[at + (size_t)i] = (unsigned char)(said[k].size >> 8 * i);
		save("x.wav", &o);
		check_unfinished("x.wav", said[k].before, 500);
	}
	/* RF64 as recorders begin it: 64-bit sizes still 0 */
	struct bytes o = {.n = 0};
	put_chunk_head(&o, "RF64", 0xffffffff);
	put_text(&o, "WAVE");
	put_chunk_head(&o, "ds64", 28);
	put_zero(&o, 28);
	struct bytes r = {.n = 0};
	put_riff(&r, "RIFF", 1, 48000, 16);
	put_data(&r, 300, 2);
	memset(r.b + 40, 0xff, 4);
	put_raw(&o, r.b + 12, r.n - 12);
	save("x.rf64", &o);
	check_unfinished("x.rf64", 0, 300);

	/* libsndfile's own files with their last sizes missing */
	static const struct {
		const char *name;
		int format;
		int64_t data_at, frames_at;
		int bytes;
	} made[] = {{"x.w64", SF_FORMAT_W64 | SF_FORMAT_PCM_16, -8, 0, 8},
	            {"x.aif", SF_FORMAT_AIFF | SF_FORMAT_PCM_16, -12, 22, 4}};
	for (size_t k = 0; k < sizeof made / sizeof *made; k++) {
		SF_INFO sf = {.samplerate = 48000, .channels = 2, .format = made[k].format};
		SNDFILE *f = sf_open(made[k].name, SFM_WRITE, &sf);
		short sample[2000];
		for (int i = 0; i < 2000; i++)
			sample[i] = 77;
		ck_assert_ptr_nonnull(f);
		ck_assert_int_eq(sf_writef_short(f, sample, 1000), 1000);
		sf_close(f);
		struct media_info info;
		taken(made[k].name, &info);
		int fd = open(made[k].name, O_WRONLY);
		ck_assert_int_eq(pwrite(fd, "\0\0\0\0\0\1\0\0", (size_t)made[k].bytes, info.data_offset + made[k].data_at),
		                 made[k].bytes);
		if (made[k].frames_at)
			ck_assert_int_eq(pwrite(fd, "\0\0\0\0", 4, made[k].frames_at), 4);
		close(fd);
		check_unfinished(made[k].name, made[k].frames_at ? 0 : 1000, 1000);
	}
	made_end();
}
END_TEST

/* A recorder that ran past 4 GiB (the file has holes): with room for 64-bit sizes it becomes an RF64. */
START_TEST(past_4_gib)
{
	struct media_info info;
	struct err err;
	int64_t bytes = (int64_t)5 << 30;
	made_begin();
	for (int room = 0; room < 2; room++) {
		struct bytes r = {.n = 0}, o = {.n = 0};
		put_riff(&r, "RIFF", 2, 48000, 16);
		put_chunk_head(&r, "data", (uint32_t)bytes);
		put_raw(&o, r.b, 12);
		if (room) {
			put_chunk_head(&o, "JUNK", 28);
			put_zero(&o, 28);
		}
		put_raw(&o, r.b + 12, r.n - 12);
		save("x.wav", &o);
		ck_assert_int_eq(truncate("x.wav", (off_t)o.n + bytes), 0);
		taken("x.wav", &info);
		ck_assert(info.unfinished);
		ck_assert_int_eq(info.frames_found, bytes / 4);
		ck_assert_msg(media_repair("x.wav", &err) == 0, "%s", err.text);
		taken("x.wav", &info);
		ck_assert_int_eq(info.form, room ? MEDIA_RF64 : MEDIA_WAV);
		ck_assert_int_eq(info.frames, bytes / 4);
		ck_assert(info.unfinished == !room);
	}
	made_end();
}
END_TEST

/* Reads both ends of a file that was taken. */
static void
read_ends(const char *name, const struct media_info *info)
{
	struct err err;
	struct media_reader *r = reader_open(name, info, &err);
	float *row[MEDIA_CHANNELS];
	static float rows[MEDIA_CHANNELS][64];
	for (int c = 0; c < MEDIA_CHANNELS; c++)
		row[c] = rows[c];
	if (!r)
		return;
	reader_read(r, -10, 64, row);
	reader_read(r, info->frames - 32, 64, row);
	reader_close(r);
}

/* Bytes of good headers turned at random: each variant returns in time, within the limits, and can be read. */
START_TEST(fuzz)
{
	static const struct {
		int format, turns, bits;
		size_t head;
	} table[] = {
	    {SF_FORMAT_WAV | SF_FORMAT_PCM_24, 800, 24, 60},   {SF_FORMAT_WAVEX | SF_FORMAT_FLOAT, 1500, 32, 100},
	    {SF_FORMAT_RF64 | SF_FORMAT_PCM_16, 800, 16, 110}, {SF_FORMAT_W64 | SF_FORMAT_DOUBLE, 1500, 64, 140},
	    {SF_FORMAT_AIFF | SF_FORMAT_PCM_16, 800, 16, 80},  {SF_FORMAT_AIFF | SF_FORMAT_FLOAT, 1500, 32, 100},
	    {SF_FORMAT_WAV | SF_FORMAT_ULAW, 60, 8, 70},       {SF_FORMAT_WAV | SF_FORMAT_IMA_ADPCM, 60, 8, 70},
	    {SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 60, 16, 120},
	};
	uint64_t seed = 3;
	made_begin();
	for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
		SF_INFO sf = {.samplerate = 48000, .channels = 2, .format = table[k].format};
		SNDFILE *f = sf_open("good", SFM_WRITE, &sf);
		static float noise[4096];
		for (int i = 0; i < 4096; i++)
			noise[i] = (float)test_random(&seed) / 2;
		ck_assert_ptr_nonnull(f);
		ck_assert_int_eq(sf_writef_float(f, noise, 2048), 2048);
		sf_close(f);
		struct bytes good = {.n = 0};
		int fd = open("good", O_RDONLY);
		ssize_t n = read(fd, good.b, sizeof good.b);
		close(fd);
		ck_assert_int_gt(n, 1000);
		good.n = (size_t)n;
		struct media_info info;
		taken("good", &info);
		int refusals = 0;
		for (int turn = 0; turn < table[k].turns; turn++) {
			struct bytes bad = good;
			struct err err = {""};
			int flips = 1 + turn % 5;
			for (int i = 0; i < flips; i++) {
				size_t at = (size_t)((test_random(&seed) + 1) / 2 * (double)table[k].head);
				int value = (int)((test_random(&seed) + 1) * 128);
				bad.b[at] = turn % 3 ? (unsigned char)value : turn % 2 ? 0xff : 0;
			}
			if (turn % 7 == 0)
				bad.n = (size_t)((test_random(&seed) + 1) / 2 * (double)good.n);
			save("bad", &bad);
			double start = clock_seconds();
			int status = media_probe("bad", &info, &err);
			if (clock_seconds() - start > LONGEST)
				ck_abort_msg("format %x turn %d took %.1f s", (unsigned)table[k].format, turn, clock_seconds() - start);
			refusals += status != 0;
			if (status && strncmp(err.text, "bad: ", 5))
				ck_abort_msg("format %x turn %d: no reason: %s", (unsigned)table[k].format, turn, err.text);
			if (status)
				continue;
			if (info.channels < 1 || info.channels > MEDIA_CHANNELS || info.rate < 8000 || info.rate > 192000 ||
			    info.frames < 0 ||
			    (info.sample != MEDIA_CODED && info.data_offset + info.frames * info.frame_bytes > info.size))
				ck_abort_msg("format %x turn %d is out of its limits", (unsigned)table[k].format, turn);
			read_ends("bad", &info);
		}
		ck_assert_int_gt(refusals, table[k].turns / 10);
	}
	made_end();
}
END_TEST

TEST_MAIN("probe", 60, no_sound_files, limits, words, loops, broken, guard, unfinished, past_4_gib, fuzz)
