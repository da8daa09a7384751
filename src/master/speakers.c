#include "master/speakers.h"

#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "dsp/sbc.h"

#define NONE ((double)NAN)
#define WIRE SPEAKER_WIRE
#define SBC SPEAKER_SBC
const struct speaker speakers[] = {
#define SPEAKER(...) {__VA_ARGS__},
#include "master/speakers.def"
#undef SPEAKER
    {.name = NULL},
};

const struct speaker *
speaker_find(const char *name)
{
	for (const struct speaker *s = speakers; s->name; s++)
		if (!strcmp(s->name, name))
			return s;
	return NULL;
}

double
speaker_kbits(const struct speaker *s, double rate)
{
	return s->codec == SPEAKER_SBC ? sbc_kbits(rate) : 0;
}

void
speaker_words(const struct speaker *s, double rate, char *text, size_t size)
{
	if (s->codec == SPEAKER_SBC)
		snprintf(text, size, "%s (SBC %.0f kb/s)", s->title, speaker_kbits(s, rate));
	else
		snprintf(text, size, "%s", s->title);
}

/* Butterworth: its slope says its order. */
static double
corner(double ratio, int slope)
{
	return -10 * log10(1 + pow(ratio, slope / 3.0));
}

static double
bell(const struct speaker *s, double hertz)
{
	double a = pow(10, s->bell_gain / 40), w = hertz / s->bell, real = 1 - w * w;
	double up = w * a / s->bell_q, down = w / (a * s->bell_q);
	return 10 * log10((real * real + up * up) / (real * real + down * down));
}

void
speaker_gain(const struct speaker *s, double hertz, double *mid, double *side)
{
	*mid = corner(s->low / hertz, s->low_slope) + corner(hertz / s->high, s->high_slope) + bell(s, hertz);
	*side = *mid;
	if (s->mono == 1)
		*side = -HUGE_VAL;
	else if (s->mono > 0)
		*side += corner(s->mono / hertz, 24);
}

double
speaker_weight(double hertz)
{
	/* the filters of BS.1770-5 at 48 kHz */
	double complex z = CMPLX(cos(2 * M_PI * hertz / 48000), -sin(2 * M_PI * hertz / 48000));
	double complex shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z * z) /
	                       (1 - 1.69065929318241 * z + 0.73248077421585 * z * z);
	double complex high = (1 - 2 * z + z * z) / (1 - 1.99004745483398 * z + 0.99007225036621 * z * z);
	return 20 * log10(cabs(shelf * high)) - 0.691;
}

double
speaker_noise(const struct speaker *s, int band)
{
	double all = 0;
	if (isnan(s->noise))
		return -HUGE_VAL;
	for (int b = 0; b < BALANCE_BANDS; b++) {
		double level = s->noise_slope * fmax(0, log2(balance_hertz(b) / 50));
		all += pow(10, (level + speaker_weight(balance_hertz(b))) / 10);
	}
	return s->noise + s->noise_slope * fmax(0, log2(balance_hertz(band) / 50)) - 10 * log10(all);
}
