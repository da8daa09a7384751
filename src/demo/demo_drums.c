/* The drums, as five microphones hear them, and the percussion. */
#include "demo/demo_parts.h"

#include <stddef.h>
#include <string.h>

#define HIT_FRAMES (DEMO_RATE * 3)
#define WALLS 4
#define SHOTS 3 /* different cymbal strokes */

/* What a microphone hears of a drum: dB (left and right of stereo ones), -99 nothing; frames the sound is under way. */
static const struct {
	float left, right;
	int late;
} heard[5][DRUMS] = {
    [MIC_KICK] = {{0, 0, 0},
                  {-30, 0, 45},
                  {-99, 0, 0},
                  {-99, 0, 0},
                  {-32, 0, 50},
                  {-30, 0, 50},
                  {-28, 0, 45},
                  {-99, 0, 0},
                  {-99, 0, 0},
                  {-99, 0, 0}},
    [MIC_SNARE] = {{-32, 0, 45},
                   {0, 0, 0},
                   {-27, 0, 40},
                   {-25, 0, 40},
                   {-30, 0, 40},
                   {-30, 0, 50},
                   {-34, 0, 70},
                   {-99, 0, 0},
                   {-99, 0, 0},
                   {-99, 0, 0}},
    [MIC_HAT] = {{-40, 0, 70},
                 {-24, 0, 45},
                 {0, 0, 0},
                 {0, 0, 0},
                 {-34, 0, 60},
                 {-36, 0, 80},
                 {-40, 0, 90},
                 {-22, 0, 60},
                 {-99, 0, 0},
                 {-99, 0, 0}},
    [MIC_TOMS] = {{-26, -24, 60},
                  {-20, -22, 50},
                  {-34, -40, 60},
                  {-33, -39, 60},
                  {0, -14, 0},
                  {-4, -4, 0},
                  {-14, 0, 0},
                  {-32, -36, 70},
                  {-36, -30, 70},
                  {-38, -30, 70}},
    [MIC_OVERHEADS] = {{-13, -13, 150},
                       {-7, -8, 120},
                       {-11, -17, 110},
                       {-9, -15, 110},
                       {-8, -13, 120},
                       {-10, -10, 130},
                       {-13, -8, 140},
                       {-3, -9, 60},
                       {-9, -3, 60},
                       {-12, -7, 70}},
};

static int
kick(float *x, double force, uint64_t *seed)
{
	int frames = DEMO_RATE * 6 / 10;
	double body = 1, fall = demo_decay(0.17), drop = 1, dropped = demo_decay(0.021), snap = 1,
	       snapped = demo_decay(0.0045);
	double phase = 0.0;
	struct demo_filter beater = demo_filter(3400, 1.1);
	for (int n = 0; n < frames; n++) {
		phase += (49 + 95 * drop + 260 * snap * force) / DEMO_RATE;
		double click;
		demo_low(&beater, demo_noise(seed) * snap, &click);
		double rise = n < 24 ? n / 24.0 : 1;
		x[n] = (float)(rise * force * (body * demo_sine(phase) + (0.25 + 0.5 * force) * click));
		body *= fall;
		drop *= dropped;
		snap *= snapped;
	}
	return frames;
}

/* Two modes of the head, the wires, and a ring at 905 Hz that somebody should have taped. */
static int
snare(float *x, double force, uint64_t *seed)
{
	int frames = DEMO_RATE * 8 / 10;
	double a = 1, b = 1, wires = 1, ring = 1, fa = demo_decay(0.075), fb = demo_decay(0.05);
	double fw = demo_decay(0.07 + 0.05 * force), fr = demo_decay(0.30), p = 0.25, q = 0.25, r = 0, bend = 1;
	struct demo_filter high = demo_filter(1500, 0.8), air = demo_filter(5200, 0.9);
	for (int n = 0; n < frames; n++) {
		bend = 1 + 0.12 * a;
		p += 187 * bend / DEMO_RATE;
		q += 331 * bend / DEMO_RATE;
		r += 905.0 / DEMO_RATE;
		double w = demo_noise(seed) * wires, bright;
		demo_low(&air, w, &bright);
		double sound = 0.55 * a * demo_sine(p) + 0.35 * b * demo_sine(q) + 0.10 * ring * demo_sine(r) +
		               (0.15 + 0.45 * force) * (0.6 * demo_high(&high, w) + 0.8 * bright);
		x[n] = (float)(sound * force * (n < 10 ? n / 10.0 : 1));
		a *= fa;
		b *= fb;
		wires *= fw;
		ring *= fr;
	}
	return frames;
}

static int
tom(float *x, double hz, double seconds, double force, uint64_t *seed)
{
	int frames = (int)(seconds * 5 * DEMO_RATE);
	double body = 1, over = 1, skin = 1, fall = demo_decay(seconds), fo = demo_decay(seconds * 0.45),
	       fs = demo_decay(0.012);
	double p = 0, q = 0;
	struct demo_filter stick = demo_filter(1800, 0.8);
	if (frames > HIT_FRAMES)
		frames = HIT_FRAMES;
	for (int n = 0; n < frames; n++) {
		double f = hz * (1 + 0.35 * over * over * force), s;
		p += f / DEMO_RATE;
		q += f * 1.59 / DEMO_RATE;
		demo_low(&stick, demo_noise(seed) * skin, &s);
		x[n] = (float)(force * (0.8 * body * demo_sine(p) + 0.25 * over * demo_sine(q) + 0.7 * s * force));
		body *= fall;
		over *= fo;
		skin *= fs;
	}
	return frames;
}

/* Metal: partials that belong to no key, each with its own decay, and hiss above a corner. */
static int
metal(float *x, int frames, double low, double high, int partials, double seconds, double attack, double hiss,
      double corner, uint64_t *seed)
{
	memset(x, 0, (size_t)frames * sizeof *x);
	for (int k = 0; k < partials; k++) {
		double hz = low * f_pow(high / low, (k + 0.9 * demo_noise(seed) + 1) / (partials + 1));
		double fall = seconds * (0.35 + 0.65 * (1 - (double)k / partials)) * (1 + 0.3 * demo_noise(seed));
		double r = demo_decay(fall), c = 2 * r * f_cos(2 * F_PI * hz / DEMO_RATE), d = r * r;
		double level = 0.5 + 0.5 * demo_noise(seed), y1 = level * f_sin(2 * F_PI * hz / DEMO_RATE), y2 = 0;
		for (int n = 0; n < frames; n++) {
			double y = c * y1 - d * y2;
			x[n] += (float)y1;
			y2 = y1;
			y1 = y;
		}
	}
	struct demo_filter f = demo_filter(corner, 0.7);
	double wash = 1, fade = demo_decay(seconds * 0.4), snap = 1, snaps = demo_decay(0.004), rise = demo_decay(attack);
	double gain = 0.7 / f_sqrt(partials), start = 0;
	for (int n = 0; n < frames; n++) {
		double noise = demo_noise(seed);
		start += (1 - start) * (1 - rise);
		double y = start * gain * (double)x[n] + hiss * (wash * start + 0.6 * snap) * noise;
		double out = demo_high(&f, y), left = frames - n;
		x[n] = (float)(out * 0.5 * (left < 480 ? left / 480 : 1));
		wash *= fade;
		snap *= snaps;
	}
	return frames;
}

/* What the drums need to work in; zeroed before the first of them, the cymbals stay from one microphone to the next. */
struct cymbals {
	float sound[5][SHOTS][HIT_FRAMES]; /* hat, open hat, crashes, ride */
	int frames[5];
	float hit[HIT_FRAMES];      /* the stroke that is being added */
	float wall[2][WALLS][2400]; /* of the room behind the overheads */
};

_Static_assert(sizeof(struct cymbals) <= DEMO_WORK, "the drums' work fits");

static int
place_of(int drum)
{
	return drum == HAT           ? 0
	       : drum == HAT_OPEN    ? 1
	       : drum == CRASH_LEFT  ? 2
	       : drum == CRASH_RIGHT ? 3
	       : drum == RIDE        ? 4
	                             : -1;
}

static void
cast(struct cymbals *c)
{
	uint64_t hat = 31, open = 31, left = 33, right = 34, ride = 35;
	c->frames[0] = metal(c->sound[0][0], DEMO_RATE / 5, 3100, 15000, 44, 0.05, 0.0004, 0.8, 6200, &hat);
	c->frames[1] = metal(c->sound[1][0], DEMO_RATE * 8 / 10, 3100, 15000, 44, 0.42, 0.0006, 0.8, 5600, &open);
	c->frames[2] = metal(c->sound[2][0], HIT_FRAMES, 380, 14500, 90, 1.1, 0.004, 0.9, 600, &left);
	c->frames[3] = metal(c->sound[3][0], HIT_FRAMES, 450, 15500, 90, 0.9, 0.003, 0.9, 700, &right);
	c->frames[4] = metal(c->sound[4][0], HIT_FRAMES / 2, 520, 11000, 44, 0.7, 0.0005, 0.3, 800, &ride);
	/* the same plates struck elsewhere: a comb that moves with the stroke */
	for (int drum = 0; drum < 5; drum++)
		for (int k = 1; k < SHOTS; k++)
			for (int n = 0; n < c->frames[drum]; n++)
				c->sound[drum][k][n] = c->sound[drum][0][n] - (n < 7 * k ? 0 : 0.35f * c->sound[drum][0][n - 7 * k]);
}

static void
add(float *out, int at, const float *x, int frames, double gain)
{
	if (at + frames > DEMO_FRAMES)
		frames = DEMO_FRAMES - at;
	float g = (float)gain;
	for (int n = 0; n < frames; n++)
		out[at + n] += g * x[n];
}

static double
gain_of(double db)
{
	return db <= -99 ? 0 : f_exp(db * 0.11512925464970229);
}

/* The room behind the overheads: three early walls and a short tail, sides crossed. */
static void
room(float ring[2][WALLS][2400], float *l, float *r)
{
	static const int length[2][WALLS] = {{1327, 1559, 1901, 2213}, {1381, 1607, 1867, 2269}};
	memset(ring, 0, 2 * sizeof *ring);
	int at[2][WALLS] = {{0}};
	double dull[2][WALLS] = {{0}}, past[2] = {0, 0};
	for (int n = 0; n < DEMO_FRAMES; n++) {
		float *side[2] = {l + n, r + n};
		double in[2] = {(double)*side[0], (double)*side[1]}, out[2] = {0, 0};
		for (int s = 0; s < 2; s++)
			for (int k = 0; k < WALLS; k++) {
				float *cell = &ring[s][k][at[s][k]];
				double back = (double)*cell;
				dull[s][k] += 0.45 * (back - dull[s][k]);
				*cell = (float)(in[(s + k) & 1] + 0.72 * dull[s][k]);
				at[s][k] = at[s][k] + 1 == length[s][k] ? 0 : at[s][k] + 1;
				out[s] += k & 2 ? -back : back;
			}
		for (int s = 0; s < 2; s++) {
			past[s] += 0.5 * (out[s] - past[s]);
			*side[s] = (float)(in[s] + 0.13 * past[s]);
		}
	}
}

void
play_drums(const struct demo_part *p, enum demo_mic mic, float *l, float *r, void *work)
{
	struct cymbals *c = work;
	float *hit = c->hit;
	if (!c->frames[0])
		cast(c);
	for (int k = 0; k < p->count; k++) {
		const struct demo_note *note = &p->note[k];
		int drum = note->key, late = heard[mic][drum].late, at = (int)(note->at * DEMO_BEAT) + late;
		double left = gain_of((double)heard[mic][drum].left), right = r ? gain_of((double)heard[mic][drum].right) : 0;
		uint64_t seed = 1000 + (uint64_t)k; /* a stroke sounds the same at every microphone */
		double force = note->force * note->force * 0.6 + note->force * 0.4;
		int place = place_of(drum), frames;
		const float *x = hit;
		if (left == 0)
			continue;
		if (place >= 0) {
			x = c->sound[place][k % SHOTS];
			frames = c->frames[place];
			left *= force;
			right *= force;
			/* the next stroke on the hat ends this one */
			for (int j = k + 1; place < 2 && j < p->count && j < k + 40; j++) {
				int gap = (int)((p->note[j].at - note->at) * DEMO_BEAT);
				if ((p->note[j].key == HAT || p->note[j].key == HAT_OPEN) && gap > 0 && gap < frames)
					frames = gap;
			}
		} else if (drum == KICK) {
			frames = kick(hit, force, &seed);
		} else if (drum == SNARE) {
			frames = snare(hit, force, &seed);
		} else {
			int t = drum - TOM_HIGH;
			frames = tom(hit, (double[]){172, 124, 83}[t], (double[]){0.24, 0.30, 0.42}[t], force, &seed);
		}
		add(l, at, x, frames, left);
		if (r)
			add(r, at + (mic == MIC_OVERHEADS ? (drum % 3) * 9 : 0), x, frames, right);
	}
	if (mic == MIC_OVERHEADS)
		room(c->wall, l, r);
}

void
play_percussion(const struct demo_part *p, float *l, float *r)
{
	static const double side[PERCUSSIONS] = {-0.5, 0.6, 0.05};
	for (int k = 0; k < p->count; k++) {
		const struct demo_note *note = &p->note[k];
		uint64_t seed = 5000 + (uint64_t)k;
		int at = (int)(note->at * DEMO_BEAT), frames = DEMO_RATE / 4;
		struct demo_filter a, b;
		double force = note->force, level = 1, fall, out;
		if (note->key == SHAKER) {
			a = demo_filter(6400, 1.4);
			fall = demo_decay(0.028);
		} else if (note->key == TAMBOURINE) {
			a = demo_filter(8800, 2.5);
			fall = demo_decay(0.075);
		} else {
			a = demo_filter(1250, 1.6);
			fall = demo_decay(0.045);
		}
		b = demo_filter(note->key == TAMBOURINE ? 5300 : 900, 3);
		for (int n = 0; n < frames && at + n < DEMO_FRAMES; n++) {
			double x = demo_noise(&seed), ring, more;
			demo_low(&a, x, &ring);
			demo_low(&b, x, &more);
			if (note->key == SHAKER) {
				double rise = n < 700 ? n / 700.0 : 1; /* beads need their time */
				out = 0.5 * ring * level * rise * rise;
			} else if (note->key == TAMBOURINE) {
				double jingle = 0.6 + 0.4 * demo_sine(n * 41.0 / DEMO_RATE);
				out = (0.45 * ring + 0.25 * more) * level * jingle;
			} else { /* four people clap, not quite at once */
				int burst = n % 520;
				double each = n < 1560 ? 1 - burst / 520.0 : level * 1.2;
				out = 0.8 * ring * each;
			}
			if (note->key != CLAP || n >= 1560)
				level *= fall;
			double s = side[note->key];
			l[at + n] += (float)(out * force * (1 - s) * 0.5);
			r[at + n] += (float)(out * force * (1 + s) * 0.5);
		}
	}
}
