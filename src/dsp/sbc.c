#include "dsp/sbc.h"

#include <string.h>

/*
 * Source: Bluetooth SIG, Advanced Audio Distribution Profile, appendix B (technical specification of SBC): filter banks
 * of 12.7 and 12.8, scale factors, joint stereo and bit allocation of 12.6, and its tables. In its letters: C the
 * window, M the matrices of cosines, S samples of bands, X and V the pasts of both filter banks.
 */
static const double window[SBC_TAPS] = {
    0.00000000E+00,  1.56575398E-04,  3.43256425E-04,  5.54620202E-04,  8.23919506E-04,  1.13992507E-03,
    1.47640169E-03,  1.78371725E-03,  2.01182542E-03,  2.10371989E-03,  1.99454554E-03,  1.61656283E-03,
    9.02154502E-04,  -1.78805361E-04, -1.64973098E-03, -3.49717454E-03, 5.65949473E-03,  8.02941163E-03,
    1.04584443E-02,  1.27472335E-02,  1.46525263E-02,  1.59045603E-02,  1.62208471E-02,  1.53184106E-02,
    1.29371806E-02,  8.85757540E-03,  2.92408442E-03,  -4.91578024E-03, -1.46404076E-02, -2.61098752E-02,
    -3.90751381E-02, -5.31873032E-02, 6.79989431E-02,  8.29847578E-02,  9.75753918E-02,  1.11196689E-01,
    1.23264548E-01,  1.33264415E-01,  1.40753505E-01,  1.45389847E-01,  1.46955068E-01,  1.45389847E-01,
    1.40753505E-01,  1.33264415E-01,  1.23264548E-01,  1.11196689E-01,  9.75753918E-02,  8.29847578E-02,
    -6.79989431E-02, -5.31873032E-02, -3.90751381E-02, -2.61098752E-02, -1.46404076E-02, -4.91578024E-03,
    2.92408442E-03,  8.85757540E-03,  1.29371806E-02,  1.53184106E-02,  1.62208471E-02,  1.59045603E-02,
    1.46525263E-02,  1.27472335E-02,  1.04584443E-02,  8.02941163E-03,  -5.65949473E-03, -3.49717454E-03,
    -1.64973098E-03, -1.78805361E-04, 9.02154502E-04,  1.61656283E-03,  1.99454554E-03,  2.10371989E-03,
    2.01182542E-03,  1.78371725E-03,  1.47640169E-03,  1.13992507E-03,  8.23919506E-04,  5.54620202E-04,
    3.43256425E-04,  1.56575398E-04,
};

/* How much less than its level a band is worth to the ear, by rate. */
static const int offsets[4][SBC_BANDS] = {
    {-2, 0, 0, 0, 0, 0, 0, 1},
    {-3, 0, 0, 0, 0, 0, 1, 2},
    {-4, 0, 0, 0, 0, 0, 1, 2},
    {-4, 0, 0, 0, 0, 0, 1, 2},
};

/* The bits that a block's samples share: A2DP's high quality, 328 and 345 kb/s. */
#define POOL_44 53
#define POOL_48 51
#define FASTEST 50000.0 /* Hz: from here on half the rate */
#define FULL 32768.0

/* cos(k pi / 16), k from 0 to 31 */
#define C1 0.98078528040323043
#define C2 0.92387953251128674
#define C3 0.83146961230254524
#define C4 0.70710678118654757
#define C5 0.55557023301960229
#define C6 0.38268343236508984
#define C7 0.19509032201612833
static const double cosine[32] = {1,  C1,  C2,  C3,  C4,  C5,  C6,  C7,  0, -C7, -C6, -C5, -C4, -C3, -C2, -C1,
                                  -1, -C1, -C2, -C3, -C4, -C5, -C6, -C7, 0, C7,  C6,  C5,  C4,  C3,  C2,  C1};

/* Eight new samples, the newest first in x, to one of each band. */
static void
analyse(const double x[SBC_TAPS], double s[SBC_BANDS])
{
	double y[2 * SBC_BANDS];
	for (int k = 0; k < 2 * SBC_BANDS; k++) {
		y[k] = 0;
		for (int i = k; i < SBC_TAPS; i += 2 * SBC_BANDS)
			y[k] += window[i] * x[i];
	}
	for (int b = 0; b < SBC_BANDS; b++) {
		s[b] = 0;
		for (int k = 0; k < 2 * SBC_BANDS; k++)
			s[b] += cosine[(2 * b + 1) * (k + 28) % 32] * y[k];
	}
}

/* One of each band to eight samples; v is the past of a side, `newest` where in it these go. */
static void
synthesise(const double s[SBC_BANDS], double v[10][2 * SBC_BANDS], int newest, double out[SBC_BANDS])
{
	for (int k = 0; k < 2 * SBC_BANDS; k++) {
		v[newest][k] = 0;
		for (int b = 0; b < SBC_BANDS; b++)
			v[newest][k] += cosine[(2 * b + 1) * (k + 4) % 32] * s[b];
	}
	for (int j = 0; j < SBC_BANDS; j++) {
		double sum = 0;
		for (int b = 0; b < 10; b++)
			sum -= window[SBC_BANDS * b + j] * v[(newest + b) % 10][b % 2 * SBC_BANDS + j];
		out[j] = SBC_BANDS * sum;
	}
}

/* The least scale that holds a level. */
static int
scale_of(double most)
{
	int scale = 0;
	while (scale < 15 && most > (double)(2 << scale))
		scale++;
	return scale;
}

static double
larger(double most, double x)
{
	double size = x < 0 ? -x : x;
	return size > most ? size : most;
}

/* The scales of a band: as middle and difference where these need less. */
static void
scale_band(sbc_bands bands, int b, struct sbc_sent *sent)
{
	double most[4] = {0};
	for (int k = 0; k < SBC_BLOCKS; k++) {
		double l = bands[k][0][b], r = bands[k][1][b];
		most[0] = larger(most[0], l);
		most[1] = larger(most[1], r);
		most[2] = larger(most[2], (l + r) / 2);
		most[3] = larger(most[3], (l - r) / 2);
	}
	int apart = scale_of(most[0]) + scale_of(most[1]), together = scale_of(most[2]) + scale_of(most[3]);
	sent->joint[b] = b < SBC_BANDS - 1 && together < apart;
	for (int c = 0; c < 2; c++)
		sent->scale[c][b] = scale_of(most[2 * sent->joint[b] + c]);
	for (int k = 0; k < SBC_BLOCKS && sent->joint[b]; k++) {
		double l = bands[k][0][b], r = bands[k][1][b];
		bands[k][0][b] = (l + r) / 2;
		bands[k][1][b] = (l - r) / 2;
	}
}

/* What those above a slice of bits take of the pool when it is cut one lower. */
static int
slice_bits(const int need[2 * SBC_BANDS], int slice)
{
	int bits = 0;
	for (int j = 0; j < 2 * SBC_BANDS; j++)
		bits += need[j] == slice + 1 ? 2 : need[j] > slice + 1 && need[j] < slice + 16;
	return bits;
}

void
sbc_allocate(struct sbc_sent *sent, int pool, int row)
{
	int need[2 * SBC_BANDS], bits[2 * SBC_BANDS], slice = 0, used = 0, more;
	for (int j = 0; j < 2 * SBC_BANDS; j++) { /* left and right of a band in turn */
		int scale = sent->scale[j % 2][j / 2], loudness = scale - offsets[row][j / 2];
		need[j] = scale == 0 ? -5 : loudness > 0 ? loudness / 2 : loudness;
		slice = need[j] > slice ? need[j] : slice;
	}
	while ((more = slice_bits(need, slice)) + used <= pool) {
		used += more;
		slice--;
		if (used == pool)
			break;
	}
	for (int j = 0; j < 2 * SBC_BANDS; j++) {
		bits[j] = need[j] < slice + 2 ? 0 : need[j] - slice;
		bits[j] = bits[j] > 16 ? 16 : bits[j];
	}
	/* what is left: first a bit more for who has some, or the first two, then to whoever has room */
	for (int j = 0; j < 2 * SBC_BANDS && used < pool; j++) {
		int add = bits[j] >= 2 && bits[j] < 16 ? 1 : need[j] == slice + 1 && pool > used + 1 ? 2 : 0;
		bits[j] += add;
		used += add;
	}
	for (int j = 0; j < 2 * SBC_BANDS && used < pool; j++)
		if (bits[j] < 16) {
			bits[j]++;
			used++;
		}
	for (int j = 0; j < 2 * SBC_BANDS; j++)
		sent->bits[j % 2][j / 2] = bits[j];
}

void
sbc_encode(sbc_bands bands, int pool, int row, struct sbc_sent *sent)
{
	for (int b = 0; b < SBC_BANDS; b++)
		scale_band(bands, b, sent);
	sbc_allocate(sent, pool, row);
	for (int c = 0; c < 2; c++)
		for (int b = 0; b < SBC_BANDS; b++) {
			int top = (1 << sent->bits[c][b]) - 1;
			double half = top / 2.0, unit = 1.0 / (2 << sent->scale[c][b]);
			for (int k = 0; k < SBC_BLOCKS; k++) {
				int sample = (int)((bands[k][c][b] * unit + 1) * half); /* never below 0 */
				sent->sample[k][c][b] = sample > top ? top : sample;
			}
		}
}

void
sbc_decode(const struct sbc_sent *sent, sbc_bands bands)
{
	for (int c = 0; c < 2; c++)
		for (int b = 0; b < SBC_BANDS; b++) {
			int top = (1 << sent->bits[c][b]) - 1;
			double size = 2 << sent->scale[c][b];
			for (int k = 0; k < SBC_BLOCKS; k++)
				bands[k][c][b] = top ? size * ((2 * sent->sample[k][c][b] + 1) / (double)top - 1) : 0;
		}
	for (int b = 0; b < SBC_BANDS; b++)
		for (int k = 0; k < SBC_BLOCKS && sent->joint[b]; k++) {
			double middle = bands[k][0][b], side = bands[k][1][b];
			bands[k][0][b] = middle + side;
			bands[k][1][b] = middle - side;
		}
}

static double
clipped(double x)
{
	return x > FULL - 1 ? FULL - 1 : x < -FULL ? -FULL : x;
}

/* At the codec's own rate: out comes what went in a frame and the filter banks ago. */
static void
step_coded(struct sbc *s, double x[2])
{
	int k = s->frame % SBC_BANDS, block = s->frame / SBC_BANDS;
	if (k == 0) {
		s->newest = (s->newest + 9) % 10;
		for (int c = 0; c < 2; c++)
			synthesise(s->going[block][c], s->matrix[c], s->newest, s->out[c]);
	}
	for (int c = 0; c < 2; c++) {
		s->in[c][SBC_BANDS - 1 - k] = clipped(x[c] * FULL);
		x[c] = clipped(s->out[c][k]) / FULL;
		if (k < SBC_BANDS - 1)
			continue;
		analyse(s->in[c], s->coming[block][c]);
		memmove(s->in[c] + SBC_BANDS, s->in[c], (SBC_TAPS - SBC_BANDS) * sizeof **s->in);
	}
	if (++s->frame == SBC_FRAME) {
		s->frame = 0;
		sbc_encode(s->coming, s->pool, s->row, &s->sent);
		sbc_decode(&s->sent, s->going);
	}
}

/*
 * A half-band of 63 taps by Kaiser's window (beta 8), those at odd distances from the middle, which is 1/2: 0.001 dB up
 * to 5/24 of the faster rate, -79 dB from 7/24 on, 20 and 28 kHz at 96 kHz.
 */
static const double half_band[SBC_HALF_PAIRS] = {
    3.171598002466e-01, -1.026680392579e-01, 5.807684407539e-02, -3.794381217542e-02,
    2.616121265479e-02, -1.836183181843e-02, 1.287160362812e-02, -8.900495062347e-03,
    6.012201477612e-03, -3.931392557000e-03, 2.464012559637e-03, -1.461907488094e-03,
    8.066824770021e-04, -4.023011306516e-04, 1.715742046303e-04, -5.415183391552e-05,
};
#define HALF_MIDDLE (2 * SBC_HALF_PAIRS - 1) /* of its taps */

/* What lies so many samples back in a ring whose newest stands at `at`. */
static double
back(const double *ring, int size, int at, int samples)
{
	return ring[(at - samples + size) % size];
}

/* At twice or four times the codec's rate: every second sample goes on, and two come back of each. */
static void
step_half(struct sbc *s, int stage, double x[2])
{
	if (stage == 0) {
		step_coded(s, x);
		return;
	}
	struct sbc_half *h = &s->half[stage - 1];
	double slow[2];
	h->at = (h->at + 1) % SBC_HALF_TAPS;
	for (int c = 0; c < 2; c++)
		h->down[c][h->at] = x[c];
	if (h->odd) {
		for (int c = 0; c < 2; c++) {
			slow[c] = back(h->down[c], SBC_HALF_TAPS, h->at, HALF_MIDDLE) / 2;
			for (int k = 0; k < SBC_HALF_PAIRS; k++)
				slow[c] += half_band[k] * (back(h->down[c], SBC_HALF_TAPS, h->at, HALF_MIDDLE - 2 * k - 1) +
				                           back(h->down[c], SBC_HALF_TAPS, h->at, HALF_MIDDLE + 2 * k + 1));
		}
		step_half(s, stage - 1, slow);
		for (int c = 0; c < 2; c++)
			h->up[c][h->at / 2] = slow[c];
	}
	/* first what lies between two slow samples, then the later of them */
	for (int c = 0; c < 2; c++) {
		x[c] = h->odd ? 0 : back(h->up[c], 2 * SBC_HALF_PAIRS, h->at / 2, SBC_HALF_PAIRS - 1);
		for (int k = 0; k < SBC_HALF_PAIRS && h->odd; k++)
			x[c] += 2 * half_band[k] *
			        (back(h->up[c], 2 * SBC_HALF_PAIRS, h->at / 2, SBC_HALF_PAIRS - 1 - k) +
			         back(h->up[c], 2 * SBC_HALF_PAIRS, h->at / 2, SBC_HALF_PAIRS + k));
	}
	h->odd = !h->odd;
}

void
sbc_step(struct sbc *s, double x[2])
{
	step_half(s, s->halves, x);
}

static int
halves_of(double rate)
{
	return rate <= FASTEST ? 0 : rate <= 2 * FASTEST ? 1 : 2;
}

static double
coded_rate(double rate)
{
	return rate / (1 << halves_of(rate));
}

static int
pool_of(double rate)
{
	return coded_rate(rate) < 46000 ? POOL_44 : POOL_48;
}

void
sbc_init(struct sbc *s, double rate)
{
	double coded = coded_rate(rate);
	memset(s, 0, sizeof *s);
	s->halves = halves_of(rate);
	s->pool = pool_of(rate);
	s->row = coded < 24000 ? 0 : coded < 38000 ? 1 : coded < 46000 ? 2 : 3;
}

int
sbc_latency(double rate)
{
	/* a frame and both filter banks, whose windows meet in their middle */
	int late = SBC_FRAME + SBC_TAPS - SBC_BANDS + 1;
	for (int k = halves_of(rate); k > 0; k--)
		late = 2 * late + 2 * HALF_MIDDLE;
	return late;
}

double
sbc_kbits(double rate)
{
	/* sync, setting, pool and check; joint and scales; the blocks, filled up to bytes */
	int bits = 8 * 4 + SBC_BANDS + 4 * 2 * SBC_BANDS + SBC_BLOCKS * pool_of(rate);
	return 8 * ((bits + 7) / 8) * coded_rate(rate) / SBC_FRAME / 1000;
}
