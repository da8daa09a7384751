/*
 * SBC, the codec that all Bluetooth audio speaks, there and back: what a song loses on its way through the air. Encoder
 * and decoder are those of the Advanced Audio Distribution Profile (A2DP, appendix B) in its setting of high quality,
 * 16 blocks of 8 bands, joint stereo, bits by loudness; what is sent in between stays numbers. The same bits on every
 * CPU. All is real-time safe and keeps to its state; the other functions are pure.
 */
#ifndef DSP_SBC_H
#define DSP_SBC_H

#define SBC_BANDS 8
#define SBC_BLOCKS 16
#define SBC_FRAME (SBC_BANDS * SBC_BLOCKS) /* samples of a side that are sent together */
#define SBC_TAPS (10 * SBC_BANDS)

/* What is sent of SBC_FRAME samples. Sides are left and right, or middle and difference in a band that is joint. */
struct sbc_sent {
	int joint[SBC_BANDS];
	int scale[2][SBC_BANDS];              /* 0 to 15: the band stays within 2^(scale + 1), in steps of 16 bits */
	int bits[2][SBC_BANDS];               /* of each of its samples, 0 to 16 */
	int sample[SBC_BLOCKS][2][SBC_BANDS]; /* 0 to 2^bits - 1 */
};

/* A block of a band, in steps of 16 bits: block, side, band. */
typedef double sbc_bands[SBC_BLOCKS][2][SBC_BANDS];

/* The way to half the rate and back, one sample at a time. */
#define SBC_HALF_PAIRS 16
#define SBC_HALF_TAPS (4 * SBC_HALF_PAIRS)
struct sbc_half {
	double down[2][SBC_HALF_TAPS], up[2][2 * SBC_HALF_PAIRS]; /* the past, rings */
	int at, odd;
};

struct sbc {
	int halves, pool, row;
	int frame;                           /* samples of the present frame that came in */
	double in[2][SBC_TAPS];              /* the newest first */
	double matrix[2][10][2 * SBC_BANDS]; /* of the last ten blocks, a ring */
	int newest;                          /* in that */
	double out[2][SBC_BANDS];
	sbc_bands coming, going; /* analysed so far; decoded and not yet heard all */
	struct sbc_sent sent;
	struct sbc_half half[2];
};

/*
 * For a song of `rate` Hz. The codec knows 48000 Hz at most: faster songs go through it at half or a quarter of their
 * rate, as whoever sends them does it.
 */
void sbc_init(struct sbc *s, double rate);

/* One sample of each side through the codec; +-1 is full scale, where both its ends clip. */
void sbc_step(struct sbc *s, double x[2]);

/* Samples that come out late, at the song's rate. */
int sbc_latency(double rate);

/* Bits a second, thousands. */
double sbc_kbits(double rate);

/* Bands as they are sent, and as they are understood; `row`: 0 to 3, 16000, 32000, 44100 and 48000 Hz. */
void sbc_encode(sbc_bands bands, int pool, int row, struct sbc_sent *sent);
void sbc_decode(const struct sbc_sent *sent, sbc_bands bands);

/* Bits of each sample, from the scales: both ends know them. */
void sbc_allocate(struct sbc_sent *sent, int pool, int row);

#endif
