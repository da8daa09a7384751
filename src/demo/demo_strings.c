/* Plucked strings (Karplus and Strong 1983, tuned as Jaffe and Smith do): bass, acoustic guitar, driven guitars. */
#include "demo/demo_parts.h"

#include <string.h>

#define STRING_FRAMES 2400 /* the longest period: 20 Hz */

struct pluck {
	double at; /* frames */
	double hz;
	double seconds; /* until it is damped */
	double ring;    /* RT60 of the open string, s */
	double force;   /* 0 to 1: louder and brighter */
	double bright;  /* 0 to 1: the hardness of what plucks */
	double dull;    /* 0 to 0.5: how the string loses treble */
	double pick;    /* where it is plucked, of its length */
	uint64_t seed;
};

/* Adds a string to out. The loop: a delay, a two-point average for losses, an allpass for the rest of the period. */
static void
pluck(const struct pluck *p, float *out)
{
	float ring[STRING_FRAMES];
	double period = DEMO_RATE / p->hz;
	int whole = (int)(period - p->dull - 0.3);
	double rest = period - p->dull - whole, turn = (1 - rest) / (1 + rest);
	double keep = f_exp(-6.9078 * period / DEMO_RATE / p->ring), damp = f_exp(-6.9078 * period / DEMO_RATE / 0.09);
	uint64_t seed = p->seed;
	double soft = 0, softer = 0, slack = 1 - p->bright * (0.4 + 0.6 * p->force), mean = 0;
	if (whole >= STRING_FRAMES)
		return;
	for (int n = 0; n < whole; n++) {
		soft += (demo_noise(&seed) - soft) * (1 - 0.95 * slack);
		softer += (soft - softer) * (1 - 0.95 * slack);
		ring[n] = (float)softer;
		mean += softer / whole;
	}
	int gap = (int)(whole * p->pick);
	for (int n = whole - 1; n >= 0; n--) /* no harmonic that has a node under the plectrum */
		ring[n] = (float)(((double)ring[n] - mean - (n >= gap ? (double)ring[n - gap] - mean : 0)) * p->force);

	int at = (int)p->at, held = (int)(p->seconds * DEMO_RATE), frames = held + DEMO_RATE / 5, place = 0;
	double last = 0, in = 0, through = 0;
	if (at + frames > DEMO_FRAMES)
		frames = DEMO_FRAMES - at;
	for (int n = 0; n < frames; n++) {
		double x = (double)ring[place];
		out[at + n] += (float)(x * (n < 32 ? n / 32.0 : 1));
		double loss = (1 - p->dull) * x + p->dull * last;
		last = x;
		through = turn * (loss - through) + in;
		in = loss;
		ring[place] = (float)(through * (n < held ? keep : damp));
		place = place + 1 == whole ? 0 : place + 1;
	}
}

/* A bass with flat strings in a room that booms near its low G. */
void
play_bass(const struct demo_part *p, float *l)
{
	for (int k = 0; k < p->count; k++) {
		const struct demo_note *n = &p->note[k];
		pluck(&(struct pluck){n->at * DEMO_BEAT, demo_hz(n->key), n->length * 60 / DEMO_TEMPO, 5, n->force, 0.13, 0.42,
		                      0.17, 7000 + (uint64_t)k},
		      l);
	}
	struct demo_filter boom = demo_filter(98, 3.2), deep = demo_filter(58, 0.6), growl = demo_filter(720, 0.9),
	                   top = demo_filter(2600, 0.7);
	uint64_t hiss = 71;
	for (int n = 0; n < DEMO_FRAMES; n++) {
		double x = demo_bell(&boom, (double)l[n], 3.2);
		x = demo_bell(&deep, x, 2.4);
		x = demo_bell(&growl, x, 1.3);
		l[n] = (float)(demo_low(&top, x, NULL) + 4e-5 * demo_noise(&hiss));
	}
}

void
play_acoustic(const struct demo_part *p, float *l)
{
	for (int k = 0; k < p->count; k++) {
		const struct demo_note *n = &p->note[k];
		pluck(&(struct pluck){n->at * DEMO_BEAT, demo_hz(n->key + 0.03 * (k % 3 - 1)), n->length * 60 / DEMO_TEMPO, 3.2,
		                      n->force, 0.85, 0.20, 0.22, 8000 + (uint64_t)k},
		      l);
	}
	struct demo_filter air = demo_filter(104, 4), top = demo_filter(212, 3), wood = demo_filter(410, 2);
	struct demo_filter shine = demo_filter(6800, 0.7), thin = demo_filter(75, 0.7);
	uint64_t hiss = 81;
	for (int n = 0; n < DEMO_FRAMES; n++) {
		double x = demo_high(&thin, (double)l[n]);
		x = demo_bell(&air, x, 2.6);
		x = demo_bell(&top, x, 1.9);
		x = demo_bell(&wood, x, 1.4);
		l[n] = (float)(demo_bell(&shine, x, 1.8) + 1.0e-4 * demo_noise(&hiss));
	}
}

/* Two guitars of one player: strings, a valve stage that clips, a closed cabinet, and the mains humming along. */
void
play_rhythm(const struct demo_part *p, int twin, float *l)
{
	for (int k = 0; k < p->count; k++) {
		const struct demo_note *n = &p->note[k];
		double off = twin ? 0.06 : -0.02;
		pluck(&(struct pluck){n->at * DEMO_BEAT, demo_hz(n->key + off), n->length * 60 / DEMO_TEMPO,
		                      n->length < 0.3 ? 0.5 : 4, n->force, 0.7, twin ? 0.30 : 0.26, twin ? 0.11 : 0.14,
		                      9000 + (uint64_t)(k + 5000 * twin)},
		      l);
	}
	struct demo_filter tight = demo_filter(twin ? 130 : 110, 0.7), mid = demo_filter(twin ? 900 : 720, 0.8);
	struct demo_filter soften = demo_filter(4200, 0.7), box = demo_filter(twin ? 118 : 105, 1.4);
	struct demo_filter bite = demo_filter(twin ? 2500 : 3300, 1.6), roll = demo_filter(4700, 0.8),
	                   roll2 = demo_filter(5600, 0.6);
	double held = 0, hum = 0;
	uint64_t hiss = 91 + (uint64_t)twin;
	for (int n = 0; n < DEMO_FRAMES; n++) {
		hum += 50.0 / DEMO_RATE;
		double pickup = demo_high(&tight, (double)l[n]) + 1.2e-4 * demo_sine(hum) + 0.8e-4 * demo_sine(hum * 3) +
		                6e-5 * demo_noise(&hiss);
		double x = 14 * demo_low(&soften, demo_bell(&mid, pickup, 2), NULL) + 0.12;
		x = x / f_sqrt(1 + x * x); /* off centre, so even harmonics too */
		held += (x - held) * 0.0008;
		x = demo_bell(&box, x - held, 1.8);
		x = demo_bell(&bite, x, 2.2);
		l[n] = (float)(0.5 * demo_low(&roll2, demo_low(&roll, x, NULL), NULL));
	}
}
