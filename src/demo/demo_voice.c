/*
 * Voices that sing vowels: a glottal wave through five formants side by side (Klatt 1980), sibilants, breath, vibrato,
 * and pitch that slides and is never quite true. Formants of the vowels as in Peterson and Barney's and Klatt's tables.
 */
#include "demo/demo_parts.h"

#include <stddef.h>
#include <string.h>

#define FORMANTS 5
#define EVERY 32 /* frames between looks at pitch and mouth */

struct vowel {
	char name;
	double hz[FORMANTS], db[FORMANTS];
};

static const struct vowel vowels[] = {
    {'a', {760, 1180, 2700, 3500, 4700}, {0, -5, -11, -15, -26}},
    {'e', {450, 1850, 2650, 3450, 4700}, {0, -13, -12, -15, -26}},
    {'i', {340, 2200, 2850, 3600, 4700}, {0, -17, -13, -16, -26}},
    {'o', {480, 860, 2600, 3300, 4600}, {0, -8, -15, -17, -30}},
    {'u', {360, 720, 2500, 3300, 4600}, {0, -13, -21, -23, -34}},
    {'m', {260, 1000, 2200, 3200, 4500}, {-6, -26, -30, -36, -46}}, /* lips closed */
};

static const double width[FORMANTS] = {75, 95, 130, 170, 240}; /* Hz */

static const struct vowel *
vowel(char name)
{
	for (size_t k = 0; k < sizeof vowels / sizeof *vowels; k++)
		if (vowels[k].name == name)
			return &vowels[k];
	return vowels;
}

struct singer {
	double phase, step, pitch;
	double hz[FORMANTS], gain[FORMANTS];          /* the mouth now */
	double c[FORMANTS], d[FORMANTS], e[FORMANTS]; /* resonators: y = e x + c y1 - d y2 */
	double y1[FORMANTS], y2[FORMANTS];
	double level, waver, drift, tilt, past;
};

/* Noise of a consonant, ending where its note begins. A singer close to the microphone: s is as loud as the vowels. */
static void
consonant(char which, double at, double force, uint64_t *seed, float *l)
{
	int frames = which == 's' ? DEMO_RATE * 13 / 100 : DEMO_RATE * 3 / 100, from = (int)at - frames * 3 / 4;
	struct demo_filter f = demo_filter(which == 's' ? 7100 : 3900, which == 's' ? 1.5 : 0.9);
	for (int n = 0; n < frames; n++) {
		double t = (double)n / frames, band, shape = which == 's' ? 4 * t * (1 - t) : (1 - t) * (1 - t);
		demo_low(&f, demo_noise(seed), &band);
		if (from + n >= 0 && from + n < DEMO_FRAMES)
			l[from + n] += (float)(band * shape * force * (which == 's' ? 0.55 : 0.35));
	}
}

static void
breathe(double until, uint64_t *seed, float *l)
{
	int frames = DEMO_RATE * 28 / 100, from = (int)until - frames - DEMO_RATE / 12;
	struct demo_filter f = demo_filter(1900, 0.8);
	for (int n = 0; n < frames; n++) {
		double t = (double)n / frames, band;
		demo_low(&f, demo_noise(seed), &band);
		if (from + n >= 0 && from + n < DEMO_FRAMES)
			l[from + n] += (float)(band * t * (1 - t) * 0.06);
	}
}

static void
look(struct singer *s, const struct demo_note *note, int since, int singer, double vibrato, uint64_t *seed)
{
	double move = 1 - demo_decay(0.035 / EVERY);
	const struct vowel *to = vowel(note->start == 'm' && since < DEMO_RATE * 7 / 100 ? 'm' : note->vowel);
	double smaller = 1 + 0.03 * (singer % 3 - 1); /* other heads, other formants */
	for (int k = 0; k < FORMANTS; k++) {
		s->hz[k] += (to->hz[k] * smaller - s->hz[k]) * move;
		double gain = f_exp(to->db[k] * 0.11512925464970229) * (k & 1 ? -1 : 1);
		s->gain[k] += (gain - s->gain[k]) * move;
		double r = f_exp(-F_PI * width[k] / DEMO_RATE);
		s->d[k] = r * r;
		s->c[k] = 2 * r * f_cos(2 * F_PI * s->hz[k] / DEMO_RATE);
		s->e[k] = s->gain[k] * (1 - r);
	}
	double deep = since < DEMO_RATE / 4 ? 0 : since < DEMO_RATE / 2 ? (since - DEMO_RATE / 4) / (DEMO_RATE / 4.0) : 1;
	s->waver += EVERY * (5.3 + 0.25 * (singer % 3)) / DEMO_RATE;
	s->drift += (demo_noise(seed) - s->drift) * 0.02;
	double slide = 1 - demo_decay(0.030 / EVERY);
	s->pitch += (note->key - s->pitch) * slide;
	s->step = demo_hz(s->pitch + vibrato * deep * demo_sine(s->waver) + 0.35 * s->drift) / DEMO_RATE;
}

void
play_voice(const struct demo_part *p, int singer, double vibrato, int lead, float *l)
{
	struct singer s;
	uint64_t seed = 600 + (uint64_t)singer;
	double rise = demo_decay(lead ? 0.03 : 0.07), fall = demo_decay(lead ? 0.05 : 0.09);
	double late = lead ? 0 : 0.012 * demo_noise(&seed) * DEMO_RATE;
	int k = 0, since = 0;
	memset(&s, 0, sizeof s);
	for (int n = 0; n < FORMANTS; n++)
		s.hz[n] = vowels[0].hz[n];
	for (int n = 0; n < DEMO_FRAMES; n++) {
		while (k < p->count && n >= (int)(p->note[k].at * DEMO_BEAT + late)) {
			const struct demo_note *note = &p->note[k];
			double rested = k ? note->at - note[-1].at - note[-1].length : 2;
			if (rested > 0.5) {
				s.pitch = note->key - (lead ? 1.2 : 0.4); /* scoops up into a phrase */
				if (lead)
					breathe(n, &seed, l);
			}
			if (lead && (note->start == 's' || note->start == 't'))
				consonant(note->start, n, note->force, &seed, l);
			if (note->start == 't')
				s.level *= 0.2;
			since = 0;
			k++;
		}
		if (k == 0)
			continue;
		const struct demo_note *note = &p->note[k - 1];
		int on = since < (int)(note->length * DEMO_BEAT);
		if (!on && s.level < 1e-5)
			continue;
		if (n % EVERY == 0)
			look(&s, note, since, singer, vibrato, &seed);
		s.level = on ? note->force - (note->force - s.level) * rise : s.level * fall;

		/* the flow's slope: 2x - 3x^2 while the glottis is open, then shut at once */
		s.phase += s.step;
		s.phase -= s.phase >= 1 ? 1 : 0;
		double x = s.phase / 0.62, shut = s.phase - 0.62;
		double flow = x < 1 ? 2 * x - 3 * x * x : 0;
		flow += 0.5 * demo_blep(shut < 0 ? shut + 1 : shut, s.step);
		s.tilt += (flow - s.tilt) * (0.35 + 0.6 * note->force); /* soft singing is dull */
		double source = s.tilt + (0.02 + 0.02 * (x < 1)) * demo_noise(&seed), out = 0;
		double slope = source - 0.88 * s.past;
		s.past = source;
		for (int f = 0; f < FORMANTS; f++) {
			double y = s.e[f] * slope + s.c[f] * s.y1[f] - s.d[f] * s.y2[f];
			s.y2[f] = s.y1[f];
			s.y1[f] = y;
			out += y * (s.hz[f] / 500);
		}
		l[n] += (float)(8 * out * s.level);
		since++;
	}
	for (int n = 0; n < DEMO_FRAMES; n++)
		l[n] += (float)(2e-5 * demo_noise(&seed));
}
