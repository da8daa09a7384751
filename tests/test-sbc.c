/*
 * SBC there and back: what it keeps of sines and noise by formula, silence, time, and frame by frame against another
 * encoder and decoder (ffmpeg), to which our frames are handed as a stream, and whose stream we read.
 */
#include "bouncetest.h"
#include "dsp/sbc.h"

#define FRAMES (400 * SBC_FRAME)
#define HEADER 13 /* bytes of a frame before its samples, of joint stereo with 8 bands */

static struct sbc codec;
static double in[FRAMES][2], out[FRAMES][2], other[FRAMES][2];

/* Beats, a voice that wanders between the sides, hiss on one of them and a silence, in steps of 16 bits. */
static void
make_song(double rate)
{
	uint64_t seed = 7;
	for (int t = 0; t < FRAMES; t++) {
		double s = t / rate, beat = fmod(s, 0.25), hiss = test_random(&seed), apart = test_random(&seed);
		double voice = 0.2 * sin(2 * M_PI * 440 * s) + 0.1 * sin(2 * M_PI * 2793 * s) + 0.03 * sin(2 * M_PI * 9100 * s);
		double drum = 0.4 * exp(-beat * 20) * sin(2 * M_PI * 60 * s) + 0.2 * exp(-beat * 60) * hiss;
		double place = 0.5 + 0.5 * sin(2 * M_PI * 0.7 * s);
		int sounding = t / (50 * SBC_FRAME) != 5;
		in[t][0] = sounding * (drum + voice * place) + 0.01 * sounding * apart;
		in[t][1] = sounding * (drum + voice * (1 - place));
		for (int c = 0; c < 2; c++)
			in[t][c] = rint(in[t][c] * 32767) / 32768;
	}
}

/* The level of what `a` differs from `b` by, `late` frames later, against b's, dB. */
static double
difference(double (*a)[2], double (*b)[2], int late)
{
	double error = 0, power = 0;
	for (int t = 4096; t < FRAMES; t++)
		for (int c = 0; c < 2; c++) {
			error += pow(a[t][c] - b[t - late][c], 2);
			power += pow(b[t - late][c], 2);
		}
	return 10 * log10((error + 1e-30) / power);
}

/* Bits, highest first. */
struct bits {
	uint8_t byte[256];
	int count;
};

static void
put(struct bits *b, int value, int count)
{
	for (int k = count - 1; k >= 0; k--, b->count++)
		if (value >> k & 1)
			b->byte[b->count / 8] |= (uint8_t)(0x80 >> b->count % 8);
}

static int
get(struct bits *b, int count)
{
	int value = 0;
	for (; count > 0; count--, b->count++)
		value = 2 * value + (b->byte[b->count / 8] >> (7 - b->count % 8) & 1);
	return value;
}

/* x^8 + x^4 + x^3 + x^2 + 1, from 0x0f, over all of the header but sync word and itself. */
static int
check(const struct bits *b)
{
	int sum = 0x0f;
	for (int k = 8; k < 8 * (HEADER); k++) {
		int bit = b->byte[k / 8] >> (7 - k % 8) & 1;
		if (k / 8 != 3)
			sum = (sum << 1 ^ ((sum >> 7 ^ bit) & 1 ? 0x1d : 0)) & 0xff;
	}
	return sum;
}

/* A2DP, table 12.14: the stream's frame. */
static void
pack(const struct sbc_sent *sent, int row, int pool, FILE *file)
{
	struct bits b = {.count = 0};
	put(&b, 0x9c, 8);
	put(&b, row, 2);
	put(&b, 3, 2); /* 16 blocks */
	put(&b, 3, 2); /* joint stereo */
	put(&b, 0, 1); /* loudness */
	put(&b, 1, 1); /* 8 bands */
	put(&b, pool, 8);
	put(&b, 0, 8);
	for (int k = 0; k < SBC_BANDS; k++)
		put(&b, sent->joint[k], 1);
	for (int c = 0; c < 2; c++)
		for (int k = 0; k < SBC_BANDS; k++)
			put(&b, sent->scale[c][k], 4);
	b.byte[3] = (uint8_t)check(&b);
	for (int block = 0; block < SBC_BLOCKS; block++)
		for (int c = 0; c < 2; c++)
			for (int k = 0; k < SBC_BANDS; k++)
				put(&b, sent->sample[block][c][k], sent->bits[c][k]);
	fwrite(b.byte, 1, (size_t)(b.count + 7) / 8, file);
}

static int
unpack(FILE *file, int row, int pool, struct sbc_sent *sent)
{
	struct bits b = {.count = 0};
	size_t size = HEADER + (size_t)(SBC_BLOCKS * pool + 7) / 8;
	if (fread(b.byte, 1, size, file) != size)
		return -1;
	ck_assert_int_eq(get(&b, 8), 0x9c);
	ck_assert_int_eq(get(&b, 8), row << 6 | 3 << 4 | 3 << 2 | 1);
	ck_assert_int_eq(get(&b, 8), pool);
	ck_assert_int_eq(get(&b, 8), check(&b));
	for (int k = 0; k < SBC_BANDS; k++)
		sent->joint[k] = get(&b, 1);
	for (int c = 0; c < 2; c++)
		for (int k = 0; k < SBC_BANDS; k++)
			sent->scale[c][k] = get(&b, 4);
	sbc_allocate(sent, pool, row);
	for (int block = 0; block < SBC_BLOCKS; block++)
		for (int c = 0; c < 2; c++)
			for (int k = 0; k < SBC_BANDS; k++)
				sent->sample[block][c][k] = get(&b, sent->bits[c][k]);
	return 0;
}

static void
read_pcm(const char *path, double (*to)[2])
{
	FILE *f = fopen(path, "rb");
	int16_t x[2];
	ck_assert_ptr_nonnull(f);
	memset(to, 0, sizeof in);
	for (int t = 0; t < FRAMES && fread(x, sizeof x, 1, f) == 1; t++)
		for (int c = 0; c < 2; c++)
			to[t][c] = x[c] / 32768.0;
	fclose(f);
}

static void
write_pcm(const char *path)
{
	FILE *f = fopen(path, "wb");
	ck_assert_ptr_nonnull(f);
	for (int t = 0; t < FRAMES; t++)
		for (int c = 0; c < 2; c++) {
			int16_t x = (int16_t)lrint(in[t][c] * 32768);
			fwrite(&x, sizeof x, 1, f);
		}
	fclose(f);
}

static const struct {
	int rate, row, pool;
	double kbits;
} rates[] = {{44100, 2, 53, 328}, {48000, 3, 51, 345}}; /* A2DP, table 4.7: high quality, joint stereo */

/* Our frames are a stream that another decoder takes, and what it makes of them is what ours does. */
static void
try_decoder(size_t k)
{
	FILE *f = fopen("ours.sbc", "wb");
	ck_assert_ptr_nonnull(f);
	sbc_init(&codec, rates[k].rate);
	for (int t = 0; t < FRAMES; t++) {
		memcpy(out[t], in[t], sizeof *out);
		sbc_step(&codec, out[t]);
		if (codec.frame == 0)
			pack(&codec.sent, rates[k].row, rates[k].pool, f);
	}
	double kbits = 8.0 * (double)ftell(f) * rates[k].rate / FRAMES / 1000;
	fclose(f);
	ck_assert_double_eq_tol(sbc_kbits(rates[k].rate), kbits, 1e-6);
	ck_assert_int_eq(run("ffmpeg -nostdin -v error -y -f sbc -i ours.sbc -f s16le ours.pcm"), 0);
	ck_assert_str_eq(read_text("err"), "");
	read_pcm("ours.pcm", other);
	/* its words are of 16 bits, its filters of 15: their errors */
	ck_assert_double_lt(difference(out, other, SBC_FRAME), -70);
}

/* Another encoder's stream of the same song: scales, sides and samples, but for what its short words round elsewhere.
 */
static void
try_encoder(size_t k)
{
	struct sbc_sent sent;
	int frames = 0, scales = 0, near = 0, all = 0, same = 0;
	write_pcm("song.pcm");
	/* at 128 kb/s it sends joint stereo; its bitpool is then the quality over 118 */
	ck_assert_int_eq(run("ffmpeg -nostdin -v error -y -f s16le -ar %d -ac 2 -i song.pcm -c:a sbc -b:a 128k "
	                     "-global_quality %d -f sbc "
	                     "theirs.sbc",
	                     rates[k].rate, rates[k].pool * 118),
	                 0);
	FILE *f = fopen("theirs.sbc", "rb");
	ck_assert_ptr_nonnull(f);
	sbc_init(&codec, rates[k].rate);
	for (int t = 0; t < FRAMES; t++) {
		double x[2] = {in[t][0], in[t][1]};
		sbc_step(&codec, x);
		if (codec.frame)
			continue;
		ck_assert_int_eq(unpack(f, rates[k].row, rates[k].pool, &sent), 0);
		frames++;
		if (memcmp(sent.scale, codec.sent.scale, sizeof sent.scale) ||
		    memcmp(sent.joint, codec.sent.joint, sizeof sent.joint))
			continue;
		scales++;
		for (int i = 0; i < 2 * SBC_FRAME; i++) {
			int apart = abs((&sent.sample[0][0][0])[i] - (&codec.sent.sample[0][0][0])[i]);
			all++;
			same += apart == 0;
			near += apart <= 1;
		}
	}
	fclose(f);
	ck_assert_int_eq(frames, FRAMES / SBC_FRAME);
	ck_assert_double_gt((double)scales / frames, 0.9);
	ck_assert_int_eq(near, all);
	ck_assert_double_gt((double)same / all, 0.99);
	ck_assert_int_eq(run("ffmpeg -nostdin -v error -y -f sbc -i theirs.sbc -f s16le theirs.pcm"), 0);
	read_pcm("theirs.pcm", other);
	double ours = difference(out, in, sbc_latency(rates[k].rate));
	double theirs = difference(other, in, sbc_latency(rates[k].rate) - SBC_FRAME);
	ck_assert_double_eq_tol(ours, theirs, 0.2);                        /* as much is lost */
	ck_assert_double_lt(difference(out, other, SBC_FRAME), ours - 15); /* and it is the same */
}

START_TEST(test_others)
{
	if (system("ffmpeg -hide_banner -encoders 2>/dev/null | grep -q ' sbc '")) {
		printf("SKIPPED: there is no ffmpeg that knows SBC to compare with (Debian package ffmpeg)\n");
		return;
	}
	test_begin();
	for (size_t k = 0; k < sizeof rates / sizeof *rates; k++) {
		make_song(rates[k].rate);
		try_decoder(k);
		try_encoder(k);
	}
	test_end();
}
END_TEST

/* What ffmpeg 5.1 sends of kept(), 44.1 kHz: for those who have none. */
#define KEPT_FRAMES 4
static const char kept_stream[] =
    "9cbd35b6fecb99a99aa99998897eedbb6df6db6bf76ddb6fb6db5dbb6edb71b6daea13869b71b6d3892b95043246a67a9e36727099e3b6"
    "cdb79471931dc76dc55255a0cdcb4f449995d831d47b24d35588d7913095146e688a584e26578eebc6e148b2c87719a75b662a9347113b"
    "116d5720474deb24729cbd35397ecbaaa99ab999998a4227395122a388c8a57825466b5ebbc43561349b31d9d9acce3adb2ced096f69aa"
    "e977778b735535790124a7027141e95a4c8f5aa576cd0ed5e7138cb77776b244db6d3333c5a236d39a1e1aaee53485e426ae97053905a6"
    "6932454a25dbb43c56cc4cb2ddde12c6d3509cbd3554fecbaaa99aba999989a6cecce31b171db768789addc4d990133b36892646996855"
    "5a6db7aceeed2e436dc6877869899c6e93bb328ceee396de1dda6a76e37aa8a8090a20912c2b6a93e4b29cbb43b8bed137161a1db62569"
    "ca4eecedb33a695b77676da56371e2a219240c94246ca9224fb31b9cbd3544eecbaaa9a9a99999897267766de69d545c2c3372189c6919"
    "999bb1b8d172d0f09df1a527a533325f6d430f615a462659b1d1d9e1b6944a318ecef1bf5c66a277779312eb658bbbc37ca8dba4226eec"
    "99c2ac3b836cd0995166c66664de4db8c2433bb75471b69dde1e3a132d368ecee9e2eb91";

/* A saw and noise in whole numbers; *seed begins with 1. */
static void
kept(int t, uint32_t *seed, double x[2])
{
	*seed = *seed * 1664525u + 1013904223u;
	int saw = t * 331 % 16001 - 8000, noise = (int)(*seed >> 20) - 2048;
	x[0] = (saw + floor(noise / 4.0)) / 32768;
	x[1] = (floor(saw / 2.0) - noise) / 32768;
}

START_TEST(test_kept)
{
	static uint8_t bytes[sizeof kept_stream / 2];
	struct sbc_sent sent;
	uint32_t seed = 1;
	int same = 0;
	for (size_t k = 0; k < sizeof bytes; k++)
		ck_assert_int_eq(sscanf(kept_stream + 2 * k, "%2hhx", &bytes[k]), 1);
	FILE *f = fmemopen(bytes, sizeof bytes, "rb");
	ck_assert_ptr_nonnull(f);
	sbc_init(&codec, 44100);
	for (int t = 0; t < KEPT_FRAMES * SBC_FRAME; t++) {
		double x[2];
		kept(t, &seed, x);
		sbc_step(&codec, x);
		if (codec.frame)
			continue;
		ck_assert_int_eq(unpack(f, 2, 53, &sent), 0);
		ck_assert(!memcmp(sent.scale, codec.sent.scale, sizeof sent.scale));
		ck_assert(!memcmp(sent.joint, codec.sent.joint, sizeof sent.joint));
		for (int i = 0; i < 2 * SBC_FRAME; i++) {
			int apart = abs((&sent.sample[0][0][0])[i] - (&codec.sent.sample[0][0][0])[i]);
			ck_assert_int_le(apart, 1);
			same += apart == 0;
		}
	}
	fclose(f);
	ck_assert_int_gt(same, KEPT_FRAMES * 2 * SBC_FRAME * 99 / 100);
}
END_TEST

/*
 * What noise loses is what the steps of its bands say: a rounding error has a twelfth of its step's square as power,
 * the banks pass it on as it is, and middle and difference give each side the sum of theirs. Both sides apart, nearly
 * one, the right one silent.
 */
START_TEST(test_steps)
{
	static const double apart[] = {1, 0.02, 0};
	for (size_t k = 0; k < 6; k++) {
		double rate = rates[k % 2].rate, error = 0, want = 0, most = 0;
		int late = sbc_latency(rate), used = 0, joint = 0;
		uint64_t seed = 5;
		double white = pow(0.4 * 32768, 2) / 3, own = apart[k / 2], shared = apart[k / 2] > 0 ? 1 - own : 0;
		/* of left and right; of middle and difference */
		const double power[2][2] = {
		    {white, white * (shared * shared + own * own)},
		    {white * (pow((1 + shared) / 2, 2) + own * own / 4), white * (pow((1 - shared) / 2, 2) + own * own / 4)}};
		sbc_init(&codec, rate);
		for (int t = 0; t < FRAMES / 2; t++) {
			double left = test_random(&seed), right = test_random(&seed);
			in[t][0] = out[t][0] = 0.4 * left;
			in[t][1] = out[t][1] = 0.4 * (shared * left + own * right);
			sbc_step(&codec, out[t]);
			for (int c = 0; c < 2 && t >= SBC_FRAME * 4; c++)
				error += pow((out[t][c] - in[t - late][c]) * 32768, 2);
			if (codec.frame || t < SBC_FRAME * 3)
				continue;
			for (int c = 0; c < 2; c++)
				for (int b = 0; b < SBC_BANDS; b++) {
					const struct sbc_sent *sent = &codec.sent;
					double step = (4 << sent->scale[c][b]) / (pow(2, sent->bits[c][b]) - 1);
					double lost = sent->bits[c][b] ? step * step / 12 : power[sent->joint[b]][c] / SBC_BANDS;
					int silent = apart[k / 2] == 0 && c == 1;
					want += silent ? 0 : lost * (sent->joint[b] ? 2 : 1) * SBC_FRAME;
					used += codec.sent.bits[c][b];
					joint += codec.sent.joint[b];
				}
			most += rates[k % 2].pool;
		}
		ck_assert_double_eq_tol(10 * log10(error / want), 0, 0.5);
		ck_assert_double_eq(used, most); /* no bit is left */
		if (k / 2 > 0)                   /* all bands but the last, counted on both sides */
			ck_assert_double_eq(joint, k / 2 == 1 ? most / rates[k % 2].pool * 2 * (SBC_BANDS - 1) : 0);
	}
}
END_TEST

/* Silence stays silence, bit for bit, from the start and behind a song. */
START_TEST(test_silence)
{
	sbc_init(&codec, 48000);
	make_song(48000);
	for (int t = 0; t < 4 * SBC_FRAME; t++) {
		double x[2] = {0, 0};
		sbc_step(&codec, x);
		ck_assert(x[0] == 0 && x[1] == 0);
	}
	for (int t = 0; t < 40 * SBC_FRAME; t++) {
		int sounding = t < 30 * SBC_FRAME;
		double x[2] = {sounding * in[t][0], sounding * in[t][1]};
		sbc_step(&codec, x);
		ck_assert(t < 30 * SBC_FRAME + sbc_latency(48000) + SBC_FRAME || (x[0] == 0 && x[1] == 0));
	}
}
END_TEST

/* What is beyond full scale is cut off before it is sent, and behind. */
START_TEST(test_clips)
{
	static struct sbc cut;
	double most = 0;
	sbc_init(&codec, 44100);
	sbc_init(&cut, 44100);
	for (int t = 0; t < 40 * SBC_FRAME; t++) {
		double loud = 3 * sin(2 * M_PI * 441 * t / 44100.0), x[2] = {loud, 0.1 * loud};
		double y[2] = {fmax(-1, fmin(32767 / 32768.0, loud)), 0.1 * loud};
		sbc_step(&codec, x);
		sbc_step(&cut, y);
		ck_assert(x[0] == y[0] && x[1] == y[1]);
		ck_assert(x[0] >= -1 && x[0] <= 32767 / 32768.0);
		most = fmax(most, fabs(x[0]));
	}
	ck_assert_double_eq(most, 1); /* what a square's edges overshoot by */
}
END_TEST

/* Two sines, found again where sbc_latency says, at all rates; faster ones lose what the codec's own rate cannot hold.
 */
START_TEST(test_rates)
{
	static const double all[] = {22050, 32000, 44100, 48000, 88200, 96000, 176400, 192000};
	for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
		double rate = all[k], best = 0;
		int late = sbc_latency(rate), found = 0;
		sbc_init(&codec, rate);
		for (int t = 0; t < FRAMES; t++) {
			double s = t / rate;
			in[t][0] = out[t][0] = 0.5 * sin(2 * M_PI * 997 * s) + 0.2 * sin(2 * M_PI * 5003 * s);
			in[t][1] = out[t][1] = 0.3 * sin(2 * M_PI * 1733 * s);
			sbc_step(&codec, out[t]);
		}
		for (int by = late - 20; by <= late + 20; by++)
			if (difference(out, in, by) < best) {
				best = difference(out, in, by);
				found = by;
			}
		ck_assert_int_eq(found, late);
		ck_assert_double_lt(best, -50);
		ck_assert(sbc_kbits(rate) > 100 && sbc_kbits(rate) < 346);
	}
	for (int pass = 0; pass < 2; pass++) {
		double power = 0;
		sbc_init(&codec, 96000);
		for (int t = 0; t < FRAMES; t++) {
			double x[2] = {0.5 * sin(2 * M_PI * (pass ? 30000 : 19000) * t / 96000), 0};
			sbc_step(&codec, x);
			power += t < FRAMES / 2 ? 0 : 2 * x[0] * x[0] / (FRAMES / 2);
		}
		if (pass)
			ck_assert_double_lt(10 * log10(power), -6.02 - 70);
		else
			ck_assert_double_eq_tol(10 * log10(power), -6.02, 0.05);
	}
}
END_TEST

TEST_MAIN("sbc", 60, test_others, test_kept, test_steps, test_silence, test_clips, test_rates)
