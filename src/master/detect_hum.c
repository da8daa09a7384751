#include "master/detect_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fft.h"
#include "base/fmath.h"
#include "base/units.h"
#include "session/text.h"

/*
 * Hum of the mains: lines at 50 or 60 Hz and their multiples that keep their frequency for half a minute, which no note
 * does. The sound below 1 kHz is taken down around each line, 20 points a second; each point is weighed by one over its
 * energy, so that pauses say more than what is played; and a section of points is transformed: what keeps its frequency
 * stands up as a peak, and the multiples of one mains stand at multiples of one offset.
 */
#define BASES 2
#define MULTIPLES 8
#define LOW_RATE 3000 /* Hz that the sound is brought down to, about */
#define POINTS 512    /* of a section: 25.6 s */
#define LEAST 100     /* points that are a section at the end */
#define BINS (2 * POINTS)
#define POINT_RATE 20.0
#define DRIFT 0.0015   /* of the frequency: what mains and clocks are off at most */
#define OFFSETS 31     /* that are tried within it */
#define LINE 16.0      /* dB over what is beside it: a line */
#define LONE 26.0      /* a line without others */
#define NARROW 6       /* bins to each side that a line is higher than */
#define SHARP 12.0F    /* times what is about it */
#define BESIDE_FROM 16 /* bins: 0.3 Hz */
#define BESIDE_TO 507  /* bins: 9.9 Hz */
#define TOOTH 0.35 /* of a line's power that what is beside it may have: what repeats in time has lines like a comb */
#define ALONE 0.35 /* of a line's energy that keeps phase and level: the hum is all there is */

static const double bases[BASES] = {50, 60};

/* What a section showed. */
struct hum_section {
	int base, lines; /* index into bases; how many, 0: no hum */
	unsigned which;  /* bits by multiple */
	double level;    /* dBFS, all lines together */
};

/*
 * low    the sound at the low rate, a window's length of it
 * point  by channel, base and multiple: the line's points of this section, weighed
 * weight sum of the points' weights, by channel
 */
struct hum {
	int channels, every, in_sum; /* every: frames that become one */
	double sum[2];
	double rate; /* of `low`, Hz */
	size_t n, fill, points;
	int64_t at; /* frame of `low` at which its window begins */
	float *window, *low[2];
	double gain; /* of the window: what a full sine's point is */
	float *re[2][BASES][MULTIPLES], *im[2][BASES][MULTIPLES];
	float *cos[BASES][MULTIPLES], *sin[BASES][MULTIPLES]; /* over a window */
	double weight[2], energy[2][BASES][MULTIPLES];        /* energy: of the points, weighed */
	struct fft *fft;
	struct hum_section *section;
	size_t sections, room;
};

static void
hum_free(void *state)
{
	struct hum *u = state;
	for (int b = 0; b < BASES; b++)
		for (int m = 0; m < MULTIPLES; m++) {
			free(u->cos[b][m]);
			free(u->sin[b][m]);
			for (int c = 0; c < 2; c++) {
				free(u->re[c][b][m]);
				free(u->im[c][b][m]);
			}
		}
	fft_free(u->fft);
	free(u->window);
	free(u->low[0]);
	free(u->low[1]);
	free(u->section);
	free(u);
}

static float *
floats(size_t n)
{
	float *x = text_alloc(n * sizeof *x);
	memset(x, 0, n * sizeof *x);
	return x;
}

static void *
hum_begin(int rate, int channels)
{
	struct hum *u = text_alloc(sizeof *u);
	*u = (struct hum){.channels = channels, .every = rate / LOW_RATE > 1 ? rate / LOW_RATE : 1};
	u->rate = (double)rate / u->every;
	u->n = (size_t)(2 * u->rate / POINT_RATE);
	u->window = floats(u->n);
	for (size_t t = 0; t < u->n; t++) {
		u->window[t] = (float)(0.5 - 0.5 * f_cos(2 * F_PI * ((double)t + 0.5) / (double)u->n));
		u->gain += (double)u->window[t] / 2;
	}
	u->fft = fft_new(10);
	for (int c = 0; c < channels; c++)
		u->low[c] = floats(u->n);
	for (int b = 0; b < BASES; b++)
		for (int m = 0; m < MULTIPLES; m++) {
			u->cos[b][m] = floats(u->n);
			u->sin[b][m] = floats(u->n);
			for (size_t t = 0; t < u->n; t++) {
				double angle = 2 * F_PI * bases[b] * (m + 1) / u->rate * (double)t;
				u->cos[b][m][t] = (float)f_cos(angle) * u->window[t];
				u->sin[b][m][t] = (float)-f_sin(angle) * u->window[t];
			}
			for (int c = 0; c < channels; c++) {
				u->re[c][b][m] = floats(BINS);
				u->im[c][b][m] = floats(BINS);
			}
		}
	if (!u->fft) {
		hum_free(u);
		return NULL;
	}
	return u;
}

/* Takes the window at hand down around each line. */
static void
point(struct hum *u)
{
	for (int c = 0; c < u->channels; c++) {
		double energy = 0;
		for (size_t t = 0; t < u->n; t++)
			energy += (double)u->low[c][t] * (double)u->low[c][t];
		if (energy <= 0)
			continue;
		double weight = 1 / (energy / (double)u->n + 1e-12);
		u->weight[c] += weight;
		for (int b = 0; b < BASES; b++)
			for (int m = 0; m < MULTIPLES; m++) {
				const float *cosine = u->cos[b][m], *sine = u->sin[b][m];
				float re = 0, im = 0;
				for (size_t t = 0; t < u->n; t++) {
					re += u->low[c][t] * cosine[t];
					im += u->low[c][t] * sine[t];
				}
				/* the wave goes on from window to window */
				double turns = bases[b] * (m + 1) / u->rate * (double)u->at;
				double angle = 2 * F_PI * (turns - floor(turns)), x = f_cos(angle), y = -f_sin(angle);
				u->energy[c][b][m] += weight * ((double)re * (double)re + (double)im * (double)im);
				u->re[c][b][m][u->points] = (float)(weight * ((double)re * x - (double)im * y));
				u->im[c][b][m][u->points] = (float)(weight * ((double)re * y + (double)im * x));
			}
	}
	u->points++;
}

static int
by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

/* A line of a section by its offset, bin k of BINS (negative ones from the end). */
struct line_spectrum {
	float power[BINS];
	double median, most; /* of what is beside it: of all, and the highest narrow line */
	double energy;       /* of its points */
};

static float
at_offset(const float *power, long k)
{
	return power[(k + BINS) % BINS];
}

static int
is_top(const float *power, long k)
{
	for (long i = 1; i <= NARROW; i++)
		if (at_offset(power, k - i) > at_offset(power, k) || at_offset(power, k + i) > at_offset(power, k))
			return 0;
	return 1;
}

/* Whether a bin is the top of a line, as sharp as what keeps its frequency all the time; notes are wider. */
static int
is_sharp(const float *power, long k)
{
	float about = 0;
	for (long i = NARROW + 2; i <= 2 * NARROW + 4; i++)
		about += at_offset(power, k - i) + at_offset(power, k + i);
	return is_top(power, k) && at_offset(power, k) > SHARP * about / (2 * (NARROW + 3));
}

static void
line_spectrum(struct hum *u, int b, int m, struct line_spectrum *line)
{
	static const size_t count = 2 * (BESIDE_TO - BESIDE_FROM);
	float beside[2 * (BESIDE_TO - BESIDE_FROM)];
	*line = (struct line_spectrum){.energy = 0};
	for (int c = 0; c < u->channels; c++) {
		float *re = u->re[c][b][m], *im = u->im[c][b][m];
		if (u->weight[c] <= 0)
			continue;
		double scale = 1 / (u->weight[c] * u->gain);
		for (size_t k = 0; k < BINS; k++) {
			re[k] *= (float)scale;
			im[k] *= (float)scale;
		}
		fft_run(u->fft, re, im);
		for (size_t k = 0; k < BINS; k++)
			line->power[k] += (re[k] * re[k] + im[k] * im[k]) / (float)u->channels;
		line->energy += u->energy[c][b][m] / (u->weight[c] * u->gain * u->gain * u->channels);
		u->energy[c][b][m] = 0;
		memset(re, 0, BINS * sizeof *re);
		memset(im, 0, BINS * sizeof *im);
	}
	for (size_t k = 0; k < count / 2; k++) {
		beside[2 * k] = line->power[BESIDE_FROM + k];
		beside[2 * k + 1] = line->power[BINS - BESIDE_FROM - k];
	}
	qsort(beside, count, sizeof *beside, by_size);
	line->median = (double)beside[count / 2];
	for (long k = BESIDE_FROM; k <= BESIDE_TO; k++)
		for (int sign = -1; sign <= 1; sign += 2)
			if (is_sharp(line->power, sign * k))
				line->most = fmax(line->most, (double)at_offset(line->power, sign * k));
}

/* How far a line stands out at an offset of so many bins, dB, and its power; 0 where there is none. */
static double
stands_out(const struct line_spectrum *line, long k, double *peak)
{
	long at = k;
	for (long i = k - 1; i <= k + 1; i++)
		at = at_offset(line->power, i) > at_offset(line->power, at) ? i : at;
	if (!is_top(line->power, at))
		return 0;
	*peak = (double)at_offset(line->power, at);
	if (line->most > TOOTH * *peak && *peak < ALONE * line->energy)
		return 0;
	return 10 * log10(*peak / fmax(line->median, 1e-20));
}

/* Judges the section that is full. */
static void
end_section(struct hum *u)
{
	struct hum_section found = {0};
	double best = 0;
	for (int b = 0; b < BASES; b++) {
		static const double bin = POINT_RATE / BINS;
		struct line_spectrum line[MULTIPLES];
		for (int m = 0; m < MULTIPLES; m++)
			line_spectrum(u, b, m, &line[m]);
		for (int o = 0; o < OFFSETS; o++) {
			double off = DRIFT * (2.0 * o / (OFFSETS - 1) - 1), score = 0, most = 0, sum = 0;
			struct hum_section s = {.base = b};
			for (int m = 0; m < MULTIPLES; m++) {
				double peak, out = stands_out(&line[m], lrint(bases[b] * (m + 1) * off / bin), &peak);
				if (out < LINE)
					continue;
				s.lines++;
				s.which |= 1U << m;
				score += out - LINE / 2;
				most = fmax(most, out);
				sum += peak;
			}
			if ((s.lines > 1 || (most > LONE && s.which & 3)) && score > best) {
				best = score;
				found = s;
				found.level = 10 * log10(sum);
			}
		}
	}
	if (u->sections == u->room) {
		u->room = 2 * u->room + 16;
		u->section = text_realloc(u->section, u->room * sizeof *u->section);
	}
	if (u->weight[0] + u->weight[1] > 0)
		u->section[u->sections++] = found;
	u->weight[0] = u->weight[1] = 0;
	u->points = 0;
}

static void
hum_take(void *state, const float *const *side, size_t frames)
{
	struct hum *u = state;
	for (size_t t = 0; t < frames; t++) {
		for (int c = 0; c < u->channels; c++)
			u->sum[c] += (double)side[c][t];
		if (++u->in_sum < u->every)
			continue;
		for (int c = 0; c < u->channels; c++) {
			u->low[c][u->fill] = (float)(u->sum[c] / u->every);
			u->sum[c] = 0;
		}
		u->in_sum = 0;
		if (++u->fill < u->n)
			continue;
		point(u);
		size_t hop = u->n / 2;
		for (int c = 0; c < u->channels; c++)
			memmove(u->low[c], u->low[c] + hop, (u->n - hop) * sizeof(float));
		u->at += (int64_t)hop;
		u->fill = u->n - hop;
		if (u->points == POINTS)
			end_section(u);
	}
}

static void
hum_finish(void *state)
{
	struct hum *u = state;
	if (u->points >= LEAST)
		end_section(u);
}

const struct listener hum_listener = {hum_begin, hum_take, hum_finish, hum_free};

void
detect_hum(const struct heard *h, struct findings *to)
{
	const struct hum *u = h->by[HEAR_HUM];
	for (int b = 0; b < BASES; b++) {
		size_t hums = 0, len = 0;
		unsigned which = 0;
		double level = -HUGE_VAL;
		char list[120] = "";
		for (size_t k = 0; k < u->sections; k++)
			if (u->section[k].lines && u->section[k].base == b) {
				hums++;
				which |= u->section[k].which;
				level = fmax(level, u->section[k].level);
			}
		if (hums == 0 || 2 * hums < u->sections || level < -90)
			continue;
		for (int m = 0; m < MULTIPLES; m++)
			if (which >> m & 1)
				len += (size_t)snprintf(list + len, sizeof list - len, "%s%.0f", len ? ", " : "", bases[b] * (m + 1));
		struct finding *f = finding_new(to, level > -75 ? DETECT_FAULT : DETECT_NOTE, level);
		finding_say(f, "hum of the mains (%.0f Hz) at %.0f dBFS, with lines at %s Hz", bases[b], level, list);
	}
}
