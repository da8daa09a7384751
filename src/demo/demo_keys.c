/* Keys: an electric piano by frequency modulation, a pad of detuned saws, and a lead synthesizer that slides. */
#include "demo/demo_parts.h"

#include <stddef.h>

/* Carrier and modulator in tune for the body, a second pair at fourteen times for the tine (Chowning 1973). */
void
play_keys(const struct demo_part *p, float *l, float *r)
{
	for (int k = 0; k < p->count; k++) {
		const struct demo_note *note = &p->note[k];
		double hz = demo_hz(note->key), force = note->force, step = hz / DEMO_RATE;
		int at = (int)(note->at * DEMO_BEAT), held = (int)(note->length * DEMO_BEAT), frames = held + DEMO_RATE / 4;
		double body = 1, tine = 1, fall = demo_decay(1.9 * f_exp2((60 - note->key) / 24.0)), ting = demo_decay(0.09);
		double damp = demo_decay(0.045), a = 0, b = 0.1, c = 0, side = (note->key - 62) / 40.0;
		for (int n = 0; n < frames && at + n < DEMO_FRAMES; n++) {
			a += step;
			b += step * 1.0006;
			c += step * 14;
			double index = (0.10 + 0.22 * force) * body;
			double y =
			    demo_sine(a + index * demo_sine(b)) * body + 0.16 * force * tine * demo_sine(a + 0.08 * demo_sine(c));
			double rise = n < 48 ? n / 48.0 : 1;
			y *= 0.25 * force * rise;
			l[at + n] += (float)(y * (1 - side * 0.5));
			r[at + n] += (float)(y * (1 + side * 0.5));
			body *= n < held ? fall : damp;
			tine *= ting;
		}
	}
	double sway = 0, mean[2] = {0, 0}, slow = 1 - demo_decay(0.02); /* the tremolo walks between the sides */
	for (int n = 0; n < DEMO_FRAMES; n++) {
		sway += 4.6 / DEMO_RATE;
		double s = 0.28 * demo_sine(sway);
		/* carrier and modulator in unison leave an offset, as they drift one that drifts: below hearing, taken away */
		mean[0] += ((double)l[n] - mean[0]) * slow;
		mean[1] += ((double)r[n] - mean[1]) * slow;
		l[n] = (float)(((double)l[n] - mean[0]) * (1 + s));
		r[n] = (float)(((double)r[n] - mean[1]) * (1 - s));
	}
}

void
play_pad(const struct demo_part *p, float *l, float *r)
{
	static const double detune[4] = {-0.11, -0.04, 0.05, 0.12};
	for (int k = 0; k < p->count; k++) {
		const struct demo_note *note = &p->note[k];
		int at = (int)(note->at * DEMO_BEAT), held = (int)(note->length * DEMO_BEAT), frames = held + DEMO_RATE;
		double phase[4], step[4], level = 0, rise = demo_decay(0.5), fall = demo_decay(0.35);
		uint64_t seed = 300 + (uint64_t)k;
		for (int s = 0; s < 4; s++) {
			phase[s] = 0.5 + 0.5 * demo_noise(&seed);
			step[s] = demo_hz(note->key + detune[s]) / DEMO_RATE;
		}
		for (int n = 0; n < frames && at + n < DEMO_FRAMES; n++) {
			level = n < held ? 1 - (1 - level) * rise : level * fall;
			double y[2] = {0, 0};
			for (int s = 0; s < 4; s++) {
				phase[s] += step[s];
				phase[s] -= phase[s] >= 1 ? 1 : 0;
				y[s & 1] += 2 * phase[s] - 1 - demo_blep(phase[s], step[s]);
			}
			double g = 0.1 * level * note->force;
			l[at + n] += (float)(g * (y[0] + 0.25 * y[1]));
			r[at + n] += (float)(g * (y[1] + 0.25 * y[0]));
		}
	}
	struct demo_filter f[2] = {demo_filter(900, 0.9), demo_filter(900, 0.9)};
	double sweep = 0;
	for (int n = 0; n < DEMO_FRAMES; n++) {
		if (n % 64 == 0) {
			double hz = 1100 * f_exp2(0.9 * demo_sine(sweep) + 0.8 * n / DEMO_FRAMES);
			demo_tune(&f[0], hz, 0.9);
			demo_tune(&f[1], hz * 1.06, 0.9);
			sweep += 64 * 0.045 / DEMO_RATE;
		}
		l[n] = (float)demo_low(&f[0], (double)l[n], NULL);
		r[n] = (float)demo_low(&f[1], (double)r[n], NULL);
	}
}

void
play_synth(const struct demo_part *p, float *l)
{
	double phase = 0, sub = 0, pitch = p->count ? p->note[0].key : 60, level = 0, open = 0, wave = 0;
	double slide = demo_decay(0.022), rise = demo_decay(0.004), fall = demo_decay(0.06), close = demo_decay(0.19);
	struct demo_filter f = demo_filter(1000, 1), g = demo_filter(1000, 1);
	int k = 0, since = 0;
	double step = 0;
	for (int n = 0; n < DEMO_FRAMES; n++) {
		while (k < p->count && n >= (int)(p->note[k].at * DEMO_BEAT)) {
			open = p->note[k].force;
			since = 0;
			k++;
		}
		if (k == 0)
			continue;
		const struct demo_note *note = &p->note[k - 1];
		int on = since < (int)(note->length * DEMO_BEAT);
		if (!on && level < 1e-5)
			continue;
		pitch = note->key + (pitch - note->key) * slide;
		if (n % 16 == 0) {
			double late = since > DEMO_RATE / 4 ? 0.22 : 0;
			wave += 16 * 5.4 / DEMO_RATE;
			step = demo_hz(pitch + late * demo_sine(wave)) / DEMO_RATE;
			demo_tune(&f, 600 + 4800 * open, 1.6);
			demo_tune(&g, 900 + 6800 * open, 0.7);
		}
		phase += step;
		phase -= phase >= 1 ? 1 : 0;
		sub += step * 0.5;
		sub -= sub >= 1 ? 1 : 0;
		double half = sub + 0.5 >= 1 ? sub - 0.5 : sub + 0.5;
		double saw = 2 * phase - 1 - demo_blep(phase, step);
		double square = (sub < 0.5 ? 1 : -1) + demo_blep(sub, step * 0.5) - demo_blep(half, step * 0.5);
		level = on ? 1 - (1 - level) * rise : level * fall;
		open *= close;
		open = open > 0.12 ? open : 0.12;
		l[n] = (float)(0.3 * level * note->force * demo_low(&g, demo_low(&f, saw + 0.45 * square, NULL), NULL));
		since++;
	}
}
