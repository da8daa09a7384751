/* mix - the attainable limit for the bounce, with nothing of a product around it.
 * usage: mixplan STEMDIR | mix OUT.wav bare|full [sndfile|raw] [threads 1|2]
 * Stems: stereo, 48 kHz, of equal length; raw: 24-bit WAV only.
 * full: HPF + 4 peaking biquads + stereo-linked compressor (log domain, every sample)
 * in float across channels, fader and pan, sum, look-ahead true-peak limiter
 * (4 x oversampled detector), loudness and true peak by libebur128, 24-bit WAV. */
#include <ebur128.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <sndfile.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef W
#define W 16 /* lanes in a pack: W / 2 stereo stems */
#endif
#ifndef B
#define B 1024 /* frames a block */
#endif
#define S 8 /* blocks between two meetings of the threads */
#define MAXT 1024

typedef float vf __attribute__((vector_size(W * 4), aligned(W * 4)));
typedef int32_t vi __attribute__((vector_size(W * 4), aligned(W * 4)));

typedef uint64_t vu __attribute__((vector_size(W * 4), aligned(W * 4)));

typedef struct {
	vf b0, b1, b2, a1, a2, s1, s2;
} biquad;

typedef struct {
	biquad q[5];
	vf env, gain;
	vf buf[B];
} pack;

static char path[MAXT][4096];
static float gl[MAXT], gr[MAXT];
static SNDFILE *snd[MAXT];
static int fd[MAXT], raw, full, n, npacks;
static off_t at[MAXT];
static sf_count_t frames;
static pack *packs;

static void
coef(biquad *q, double b0, double b1, double b2, double a0, double a1, double a2)
{
	vf z = {0};
	q->b0 = z + (float)(b0 / a0), q->b1 = z + (float)(b1 / a0), q->b2 = z + (float)(b2 / a0);
	q->a1 = z + (float)(a1 / a0), q->a2 = z + (float)(a2 / a0);
	q->s1 = q->s2 = z;
}
static void
peak(biquad *q, double f, double qq, double db)
{
	double w = 2 * M_PI * f / 48000, a = pow(10, db / 40), al = sin(w) / (2 * qq), c = -2 * cos(w);
	coef(q, 1 + al * a, c, 1 - al * a, 1 + al / a, c, 1 - al / a);
}
static void
hpf(biquad *q, double f)
{
	double w = 2 * M_PI * f / 48000, al = sin(w) / (2 * M_SQRT1_2), c = cos(w);
	coef(q, (1 + c) / 2, -(1 + c), (1 + c) / 2, 1 + al, -2 * c, 1 - al);
}

static inline vf
vsel(vi m, vf a, vf b)
{
	return (vf)((m & (vi)a) | (~m & (vi)b));
}
static inline vf
vlog2(vf x)
{ /* about 1e-4 */
	vi i = (vi)x, e = (i >> 23) - 127;
	vf m = (vf)((i & 0x7fffff) | 0x3f800000);
	vf p = ((((-0.0821343f * m + 0.6494510f) * m - 2.1348346f) * m + 4.0700908f) * m - 2.5028710f);
	return p + __builtin_convertvector(e, vf);
}
static inline vf
vexp2(vf x)
{ /* x in (-60, 60) */
	vi i = __builtin_convertvector(x - 0.5f, vi);
	vf f = x - __builtin_convertvector(i, vf);
	vf p = ((((0.0135578f * f + 0.0520320f) * f + 0.2413793f) * f + 0.6930609f) * f + 1.0000026f);
	return p * (vf)((i + 127) << 23);
}

/* the states live in registers through a block; more than two at once would spill */
static void
two_biquads(vf *restrict buf, biquad *restrict q, biquad *restrict r, int count)
{
	const biquad c = *q, d = *r;
	vf s1 = c.s1, s2 = c.s2, u1 = d.s1, u2 = d.s2;
	for (int t = 0; t < count; t++) {
		vf x = buf[t], y = c.b0 * x + s1, z = d.b0 * y + u1;
		s1 = c.b1 * x + s2 - c.a1 * y;
		s2 = c.b2 * x - c.a2 * y;
		u1 = d.b1 * y + u2 - d.a1 * z;
		u2 = d.b2 * y - d.a2 * z;
		buf[t] = z;
	}
	q->s1 = s1, q->s2 = s2, r->s1 = u1, r->s2 = u2;
}
static void
one_biquad(vf *restrict buf, biquad *restrict q, int count)
{
	const biquad c = *q;
	vf s1 = c.s1, s2 = c.s2;
	for (int t = 0; t < count; t++) {
		vf x = buf[t], y = c.b0 * x + s1;
		s1 = c.b1 * x + s2 - c.a1 * y;
		s2 = c.b2 * x - c.a2 * y;
		buf[t] = y;
	}
	q->s1 = s1, q->s2 = s2;
}

static void
run_pack(pack *p, vf *acc, int count, int first)
{
	static const float thr = -24, slope = 1 - 1 / 3.0f, makeup = 2;
	const float at_c = 1 - expf(-1 / (0.010f * 48000)), re_c = 1 - expf(-1 / (0.120f * 48000));
	const vi lo = (vi){0} + 0x7fffffff;
	vf env = p->env;
	const vf gain = p->gain;
	two_biquads(p->buf, &p->q[0], &p->q[1], count);
	two_biquads(p->buf, &p->q[2], &p->q[3], count);
	one_biquad(p->buf, &p->q[4], count);
	for (int t = 0; t < count; t++) {
		vf x = p->buf[t], a = (vf)((vi)x & lo), b = (vf)((vu)a << 32 | (vu)a >> 32); /* the other side */
		a = vsel(a > b, a, b);
		vf d = a - env;
		env += d * vsel(d > 0.0f, (vf){0} + at_c, (vf){0} + re_c);
		vf over = vlog2(env + 1e-9f) * 6.0206f - thr;
		vf knee = over + 3; /* soft knee of 6 dB */
		vf soft = knee * knee * (1 / 12.0f);
		over = vsel(over > 3.0f, over, vsel(knee > 0.0f, soft, (vf){0}));
		vf y = x * vexp2((makeup - over * slope) * (1 / 6.0206f)) * gain;
		acc[t] = first ? y : acc[t] + y;
	}
	p->env = env;
}

static void
fill(int s, float *tmp, int count)
{
	static __thread uint8_t bytes[B * 6 + 8];
	if (!raw) {
		sf_readf_float(snd[s], tmp, count);
		return;
	}
	ssize_t got = pread(fd[s], bytes + 1, count * 6, at[s]);
	if (got < 0)
		exit(3);
	at[s] += count * 6;
	for (int k = 0; k < count * 2; k++) {
		int32_t v;
		memcpy(&v, bytes + 3 * k, 4);
		tmp[k] = (float)(v & ~255) * (1.0f / 2147483648.0f);
	}
}

static void
tracks(int from, int to, vf *acc, int count)
{
	static __thread float tmp[B * 2];
	for (int p = from; p < to; p++) {
		for (int s = p * W / 2; s < (p + 1) * W / 2 && s < n; s++) {
			fill(s, tmp, count);
			float *dst = (float *)packs[p].buf + (s % (W / 2)) * 2;
			for (int t = 0; t < count; t++)
				memcpy(dst + t * W, tmp + 2 * t, 8);
		}
		run_pack(&packs[p], acc, count, p == from);
	}
}

/* the master: 4 x true-peak detector, look-ahead, box-smoothed gain */
#define LOOK 72
static const float fir[4][12] = {
    {0.0017089843750f, 0.0109863281250f, -0.0196533203125f, 0.0332031250000f, -0.0594482421875f, 0.1373291015625f,
     0.9721679687500f, -0.1022949218750f, 0.0476074218750f, -0.0266113281250f, 0.0148925781250f, -0.0083007812500f},
    {-0.0291748046875f, 0.0292968750000f, -0.0517578125000f, 0.0891113281250f, -0.1665039062500f, 0.4650878906250f,
     0.7797851562500f, -0.2003173828125f, 0.1015625000000f, -0.0582275390625f, 0.0330810546875f, -0.0189208984375f},
    {-0.0189208984375f, 0.0330810546875f, -0.0582275390625f, 0.1015625000000f, -0.2003173828125f, 0.7797851562500f,
     0.4650878906250f, -0.1665039062500f, 0.0891113281250f, -0.0517578125000f, 0.0292968750000f, -0.0291748046875f},
    {-0.0083007812500f, 0.0148925781250f, -0.0266113281250f, 0.0476074218750f, -0.1022949218750f, 0.9721679687500f,
     0.1373291015625f, -0.0594482421875f, 0.0332031250000f, -0.0196533203125f, 0.0109863281250f, 0.0017089843750f}};
static float hist[2][B + 12], delayed[LOOK * 2], want[LOOK], box[LOOK], gain_now = 1;
static double boxsum = LOOK;
static int pos;
static void
limiter(float *io, int count)
{
	const float ceil = 0.891f, rel = 1 - expf(-1 / (0.05f * 48000));
	static int ready;
	if (!ready)
		for (int k = ready = 0; k < LOOK; k++)
			want[k] = box[k] = 1;
	ready = 1;
	static float pk[B];
	for (int t = 0; t < count; t++)
		pk[t] = 0;
	for (int c = 0; c < 2; c++) {
		float *h = hist[c];
		memmove(h, h + B, 12 * sizeof *h);
		for (int t = 0; t < count; t++)
			h[12 + t] = io[2 * t + c];
		for (int p = 0; p < 4; p++)
			for (int t = 0; t < count; t++) {
				float s = 0;
				for (int k = 0; k < 12; k++)
					s += fir[p][k] * h[1 + t + k];
				s = fabsf(s);
				pk[t] = pk[t] > s ? pk[t] : s;
			}
	}
	for (int t = 0; t < count; t++) {
		want[pos] = pk[t] > ceil ? ceil / pk[t] : 1;
		float low = 1;
		if (want[pos] < 1 || gain_now < 1)
			for (int k = 0; k < LOOK; k++)
				low = want[k] < low ? want[k] : low;
		gain_now = low < gain_now ? low : gain_now + rel * (low - gain_now);
		boxsum += gain_now - box[pos];
		box[pos] = gain_now;
		float g = (float)(boxsum / LOOK), l = io[2 * t], r = io[2 * t + 1];
		io[2 * t] = delayed[2 * pos] * g;
		io[2 * t + 1] = delayed[2 * pos + 1] * g;
		delayed[2 * pos] = l, delayed[2 * pos + 1] = r;
		pos = pos + 1 == LOOK ? 0 : pos + 1;
	}
}

static SNDFILE *out;
static ebur128_state *meter;
static float *mixed;
static void
master(vf *a, vf *b, int count)
{
	for (int t = 0; t < count; t++) {
		vf v = a[t];
		if (b)
			v += b[t];
		float l = 0, r = 0;
		for (int k = 0; k < W; k += 2)
			l += v[k], r += v[k + 1];
		mixed[2 * t] = l, mixed[2 * t + 1] = r;
	}
	limiter(mixed, count);
	ebur128_add_frames_float(meter, mixed, count);
	sf_writef_float(out, mixed, count);
}

static vf *accs[2][2];
static pthread_barrier_t bar;
static int split;
static void *
second(void *none)
{
	for (sf_count_t f = 0, i = 0; f < frames; f += S * B, i ^= 1) {
		for (sf_count_t g = f; g < frames && g < f + S * B; g += B)
			tracks(split, npacks, accs[1][i] + (g - f), frames - g < B ? (int)(frames - g) : B);
		pthread_barrier_wait(&bar);
	}
	return none;
}

int
main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	full = !strcmp(argv[2], "full");
	raw = argc > 3 && !strcmp(argv[3], "raw");
	int threads = argc > 4 ? atoi(argv[4]) : 1;
	while (n < MAXT && scanf("%4095[^\t]\t%f\t%f\n", path[n], &gl[n], &gr[n]) == 3) {
		SF_INFO info = {0};
		snd[n] = sf_open(path[n], SFM_READ, &info);
		if (!snd[n] || info.channels != 2)
			return fprintf(stderr, "mix: %s\n", path[n]), 1;
		frames = info.frames;
		if (raw) {
			uint8_t head[12], chunk[8];
			fd[n] = open(path[n], O_RDONLY);
			off_t o = 12;
			if (read(fd[n], head, 12) != 12)
				return 1;
			for (;;) {
				if (pread(fd[n], chunk, 8, o) != 8)
					return 1;
				uint32_t size = chunk[4] | chunk[5] << 8 | chunk[6] << 16 | (uint32_t)chunk[7] << 24;
				o += 8;
				if (!memcmp(chunk, "data", 4))
					break;
				o += size + (size & 1);
			}
			at[n] = o;
		}
		n++;
	}
	SF_INFO info = {.samplerate = 48000, .channels = 2, .format = SF_FORMAT_WAV | SF_FORMAT_PCM_24};
	out = sf_open(argv[1], SFM_WRITE, &info);
	if (!out || !n)
		return 1;
	mixed = calloc(B * 2, sizeof *mixed);
	if (!full) {
		float *tmp = calloc(B * 2, sizeof *tmp);
		for (sf_count_t f = 0; f < frames; f += B) {
			int count = frames - f < B ? (int)(frames - f) : B;
			memset(mixed, 0, B * 2 * sizeof *mixed);
			for (int s = 0; s < n; s++) {
				fill(s, tmp, count);
				for (int t = 0; t < count; t++) {
					mixed[2 * t] += gl[s] * tmp[2 * t];
					mixed[2 * t + 1] += gr[s] * tmp[2 * t + 1];
				}
			}
			sf_writef_float(out, mixed, count);
		}
		return sf_close(out);
	}
	npacks = (n + W / 2 - 1) / (W / 2);
	packs = aligned_alloc(64, npacks * sizeof *packs);
	memset(packs, 0, npacks * sizeof *packs);
	for (int p = 0; p < npacks; p++) {
		hpf(&packs[p].q[0], 80);
		peak(&packs[p].q[1], 120, 0.8, 2);
		peak(&packs[p].q[2], 400, 1.2, -3);
		peak(&packs[p].q[3], 2500, 1, 2);
		peak(&packs[p].q[4], 10000, 0.7, 1.5);
		for (int k = 0; k < W / 2 && p * W / 2 + k < n; k++)
			packs[p].gain[2 * k] = gl[p * W / 2 + k], packs[p].gain[2 * k + 1] = gr[p * W / 2 + k];
	}
	meter = ebur128_init(2, 48000, EBUR128_MODE_I | EBUR128_MODE_LRA | EBUR128_MODE_TRUE_PEAK);
	for (int a = 0; a < 4; a++)
		accs[a / 2][a % 2] = aligned_alloc(64, S * B * sizeof(vf));
	pthread_t th;
	if (threads > 1) {
		split = npacks / 2 > 0 ? npacks / 2 : 0;
		pthread_barrier_init(&bar, 0, 2);
		pthread_create(&th, 0, second, 0);
	}
	for (sf_count_t f = 0, i = 0; f < frames; f += S * B, i ^= 1) {
		for (sf_count_t g = f; split && g < frames && g < f + S * B; g += B)
			tracks(0, split, accs[0][i] + (g - f), frames - g < B ? (int)(frames - g) : B);
		if (threads > 1)
			pthread_barrier_wait(&bar);
		for (sf_count_t g = f; g < frames && g < f + S * B; g += B) {
			int count = frames - g < B ? (int)(frames - g) : B;
			if (threads == 1)
				tracks(0, npacks, accs[0][0], count);
			master(threads == 1 ? accs[0][0] : accs[1][i] + (g - f), split ? accs[0][i] + (g - f) : 0, count);
		}
	}
	double i, lra, l, r;
	ebur128_loudness_global(meter, &i);
	ebur128_loudness_range(meter, &lra);
	ebur128_true_peak(meter, 0, &l);
	ebur128_true_peak(meter, 1, &r);
	printf("I %.1f LUFS  LRA %.1f LU  TP %.2f dBTP\n", i, lra, 20 * log10(l > r ? l : r));
	return sf_close(out);
}
