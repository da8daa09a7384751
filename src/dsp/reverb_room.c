#include "dsp/reverb_room.h"

#include "base/fmath.h"
#include "dsp/reverb.h"

#define SHORTEST 0.1 /* s, of RT60 */
#define LOW_HZ 250.0
#define HIGH_HZ 4000.0

/* Lengths of the lines against their middle: a geometric row with its steps made uneven, so that sums rarely meet. */
static const double line_ratio[LINES] = {0.4500, 0.4973, 0.5391, 0.5897, 0.6487, 0.7021, 0.7723, 0.8437,
                                         0.9151, 1.0072, 1.0903, 1.1989, 1.3017, 1.4291, 1.5523, 1.7093};

static int
next_prime(int n)
{
	for (n |= 1;; n += 2) {
		int d = 3;
		while (d * d <= n && n % d != 0)
			d += 2;
		if (d * d > n)
			return n;
	}
}

/*
 * A Butterworth shelf of fourth order whose gain at the corner is half its dB: |H|^2 = (w^8 + z^8) / (w^8 + 1/z^8) with
 * z^8 = gain (a low shelf; a high one has 1/w for w). Its dB run as 1 / (1 + (f/corner)^8) while they are few.
 */
static void
shelf(struct section s[2], int line, double corner, double rate, double gain, int high)
{
	static const double damping[2] = {0.92387953251128674, 0.38268343236508977}; /* cos pi/8, cos 3 pi/8 */
	double root = f_pow(gain, 0.125), r = root * root;
	double g = f_tan(F_PI * corner / rate) * (high ? root : 1 / root);
	for (int k = 0; k < 2; k++) {
		double q = 2 * damping[k], a1 = 1 / (1 + g * (g + q));
		s[k].a1[line] = (float)a1;
		s[k].a2[line] = (float)(g * a1);
		s[k].g[line] = (float)g;
		s[k].m0[line] = (float)(high ? r * r : 1);
		s[k].m1[line] = (float)(high ? q * r * (1 - r) : q * (r - 1));
		s[k].m2[line] = (float)(high ? 1 - r * r : r * r - 1);
	}
}

/* Lengths, then each line's gain in dB at every frequency as its length demands (Jot): -60 length / (rate RT60). */
void
reverb_design(struct reverb_room *room, const struct reverb_params *p, double rate)
{
	double time = (double)p->time / 1000, least = SHORTEST / time;
	double low = (double)p->low < least ? least : (double)p->low;
	double high = (double)p->high < least ? least : (double)p->high;
	double middle = 0.0125 + 0.000625 * (double)p->size, shortest = low < high ? low : high;
	if (middle < 0.045 && middle < time / 80)
		middle = time / 80 < 0.045 ? time / 80 : 0.045; /* modes that ring for long have to lie close together */
	if (middle > time / 10)
		middle = time / 10; /* a room that falls silent soon is a small one */
	if (middle > time * shortest / 4)
		middle = time * shortest / 4; /* at most 15 dB a turn: what the shelves can follow */

	double sum = 0;
	int last = QUANTUM;
	for (int k = 0; k < LINES; k++) {
		int frames = (int)(middle * line_ratio[k] * rate);
		last = next_prime(frames > last + 1 ? frames : last + 1);
		room->length[k] = last;
		sum += last;
		double db = -60 * last / (rate * time);
		double gain = f_pow(10, db / 20);
		shelf(room->section, k, LOW_HZ, rate, f_pow(gain, 1 / low - 1), 0);
		if (HIGH_HZ < 0.45 * rate)
			shelf(room->section + 2, k, HIGH_HZ, rate, f_pow(gain, 1 / high - 1), 1);
		else
			shelf(room->section + 2, k, 0.45 * rate, rate, 1, 1);
		struct section *s = &room->section[0]; /* the line's gain and the mixing matrix's 1/4 */
		s->m0[k] = (float)(0.25 * gain);
		s->m1[k] *= (float)(0.25 * gain);
		s->m2[k] *= (float)(0.25 * gain);
	}
	/* Of a signal let in with gain 1 the taps hear 2/16 of kept + kept^2 + ..., kept the energy a turn leaves. */
	double kept = f_pow(10, -6 * sum / LINES / (rate * time));
	room->entry = (float)f_sqrt(8 * (1 - kept) / kept / (LINES / 2));
	room->predelay = (int)((double)p->predelay / 1000 * rate + 0.5);
}
