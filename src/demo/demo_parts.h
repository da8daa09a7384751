/*
 * What the demo song's parts share: the notes of the score, and sound sources small enough to be inlined. Internal to
 * demo_*.c; one thread. Arithmetic and base/fmath.h only, so that the bytes are the same on every machine.
 */
#ifndef DEMO_DEMO_PARTS_H
#define DEMO_DEMO_PARTS_H

#include <stdint.h>

#include "base/fmath.h"

#define DEMO_RATE 48000
#define DEMO_TEMPO 100.0
#define DEMO_BARS 30      /* and one more for the last chord to ring */
#define DEMO_BEAT 28800.0 /* frames: 60 s DEMO_RATE / DEMO_TEMPO */
#define DEMO_FRAMES (28800 * 4 * DEMO_BARS + DEMO_RATE * 4)
#define DEMO_NOTES 2048

/* Sections, by their first bars. */
enum { INTRO = 0, VERSE = 4, CHORUS = 12, BREAK = 20, LAST_CHORUS = 22, LAST_BAR = 30 };

enum demo_drum { KICK, SNARE, HAT, HAT_OPEN, TOM_HIGH, TOM_MID, TOM_LOW, CRASH_LEFT, CRASH_RIGHT, RIDE, DRUMS };
enum demo_percussion { SHAKER, TAMBOURINE, CLAP, PERCUSSIONS };

struct demo_note {
	double at, length; /* beats */
	int key;           /* MIDI number, or an enum demo_drum or demo_percussion */
	double force;      /* 0 to 1 */
	char vowel;        /* of a voice: a e i o u */
	char start;        /* the consonant before it: s t m, or 0 */
};

struct demo_part {
	int count;
	struct demo_note note[DEMO_NOTES];
};

/* The score: each fills a part. */
void score_drums(struct demo_part *p);
void score_percussion(struct demo_part *p);
void score_bass(struct demo_part *p);
void score_acoustic(struct demo_part *p);
void score_rhythm(struct demo_part *p, int twin); /* the same, played a second time by another hand */
void score_keys(struct demo_part *p);
void score_pad(struct demo_part *p);
void score_synth(struct demo_part *p);
void score_lead(struct demo_part *p);
void score_backing(struct demo_part *p, int high);

#define DEMO_WORK 10000000 /* bytes that a player may be given to work in */

/* Players: each adds its part to DEMO_FRAMES zeroed frames; r is NULL for mono stems. */
enum demo_mic { MIC_KICK, MIC_SNARE, MIC_HAT, MIC_TOMS, MIC_OVERHEADS };
void play_drums(const struct demo_part *p, enum demo_mic mic, float *l, float *r, void *work);
void play_percussion(const struct demo_part *p, float *l, float *r);
void play_bass(const struct demo_part *p, float *l);
void play_acoustic(const struct demo_part *p, float *l);
void play_rhythm(const struct demo_part *p, int twin, float *l);
void play_keys(const struct demo_part *p, float *l, float *r);
void play_pad(const struct demo_part *p, float *l, float *r);
void play_synth(const struct demo_part *p, float *l);
void play_voice(const struct demo_part *p, int singer, double vibrato, int lead, float *l);

static inline uint32_t
demo_bits(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 32);
}

/* -1 to 1, even */
static inline double
demo_noise(uint64_t *state)
{
	return (double)(int32_t)demo_bits(state) / 2147483648.0;
}

/* About -1 to 1, more often near 0: how hands err. */
static inline double
demo_hand(uint64_t *state)
{
	return (demo_noise(state) + demo_noise(state) + demo_noise(state)) / 2;
}

static inline double
demo_hz(double key)
{
	return 440 * f_exp2((key - 69) / 12);
}

/* Per-frame factor of a decay to 1/e in that many seconds. */
static inline double
demo_decay(double seconds)
{
	return f_exp(-1 / (seconds * DEMO_RATE));
}

/* sin of x turns, to 4e-6: Taylor's series on a quarter. */
static inline double
demo_sine(double x)
{
	x -= (double)(int64_t)x;
	x += x < 0 ? 1 : 0;
	x = x > 0.75 ? x - 1 : x > 0.25 ? 0.5 - x : x;
	double t = 2 * F_PI * x, z = t * t;
	return t * (1 + z * (-1.0 / 6 + z * (1.0 / 120 + z * (-1.0 / 5040 + z * (1.0 / 362880)))));
}

/* What smooths a jump of height 1 at phase 0 of a wave that moves by step a frame (polyBLEP). */
static inline double
demo_blep(double phase, double step)
{
	if (phase < step) {
		double t = phase / step;
		return t + t - t * t - 1;
	}
	if (phase > 1 - step) {
		double t = (phase - 1) / step;
		return t * t + t + t + 1;
	}
	return 0;
}

/* State-variable filter (Simper). */
struct demo_filter {
	double a1, a2, g, k, low, band;
};

static inline void
demo_tune(struct demo_filter *f, double hz, double q)
{
	f->g = f_tan(F_PI * (hz < 21000 ? hz : 21000) / DEMO_RATE);
	f->k = 1 / q;
	f->a1 = 1 / (1 + f->g * (f->g + f->k));
	f->a2 = f->g * f->a1;
}

static inline struct demo_filter
demo_filter(double hz, double q)
{
	struct demo_filter f = {0, 0, 0, 0, 0, 0};
	demo_tune(&f, hz, q);
	return f;
}

/* One frame; leaves the band-pass (peak gain q) in *band where asked, returns the low-pass. */
static inline double
demo_low(struct demo_filter *f, double x, double *band)
{
	double v1 = f->a1 * f->band + f->a2 * (x - f->low), v2 = f->low + f->g * v1;
	f->band = 2 * v1 - f->band;
	f->low = 2 * v2 - f->low;
	if (band)
		*band = v1;
	return v2;
}

static inline double
demo_high(struct demo_filter *f, double x)
{
	double band, low = demo_low(f, x, &band);
	return x - f->k * band - low;
}

/* A bell: the band at unity peak is f->k times the band-pass. */
static inline double
demo_bell(struct demo_filter *f, double x, double gain)
{
	double band;
	demo_low(f, x, &band);
	return x + (gain - 1) * f->k * band;
}

#endif
