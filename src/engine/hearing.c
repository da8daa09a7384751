#include "engine/hearing.h"

#include <string.h>

#include "base/units.h"
#include "dsp/curves.h"
#include "dsp/eq.h"
#include "dsp/filter.h"

#define FADE 480      /* frames out, and as many in, when it changes */
#define NOISE_HZ 50.0 /* from here on the noise falls */

static int
add_pass(struct section *to, int high, int slope, double hertz, double rate)
{
	int count = 0;
	for (int part = 0; part < 2; part++) {
		struct section made[2];
		int n = curves_pass(made, high, slope / 6 - 1, part, hertz, rate);
		for (int k = 0; k < n; k++)
			to[count++] = made[k];
	}
	return count;
}

/* The low-pass whose noise falls as asked, near enough: one pole falls 6 dB an octave, so a part of it less. */
static void
design_noise(const struct hearing_params *p, double rate, struct hearing_spec *spec)
{
	double steep = -p->noise_slope / 6, pole;
	if (!(p->noise > -200))
		return;
	steep = steep < 0 ? 0 : steep > 1 ? 1 : steep;
	/* thirds of white noise rise 3 dB an octave: more is to be taken away than the slope says */
	pole = steep > 0 ? f_exp(-2 * F_PI * NOISE_HZ * (1 + 40 * (1 - steep)) / rate) : 0;
	spec->tilt = (float)pole;
	/* the power of a one-pole of white noise is (1 - p) / (1 + p) */
	spec->noise = (float)(db_to_gain(p->noise) * f_sqrt((1 + pole) / (1 - pole)));
}

void
hearing_design(const struct hearing_params *p, double rate, struct hearing_spec *spec)
{
	memset(spec, 0, sizeof *spec);
	if (!p)
		return;
	spec->on = 1;
	spec->coded = p->codec ? rate : 0;
	spec->mono = p->mono == 1;
	int n = add_pass(spec->section, 1, p->low_slope, p->low, rate);
	if (p->high < 0.45 * rate && n + 2 <= HEARING_SECTIONS)
		n += add_pass(spec->section + n, 0, p->high_slope, p->high, rate);
	struct eq_band bell = {
	    .on = 1, .type = EQ_BELL, .freq = p->bell, .gain = p->bell_gain, .q = p->bell_q > 0 ? p->bell_q : 1};
	struct section made[2];
	int bells = curves_band(made, &bell, rate);
	for (int k = 0; k < bells && n < HEARING_SECTIONS; k++)
		spec->section[n++] = made[k];
	spec->sections = n;
	if (p->mono > 1)
		spec->side_sections = add_pass(spec->side, 1, 24, p->mono, rate);
	design_noise(p, rate, spec);
}

void
hearing_init(struct rt_hearing *h)
{
	memset(h, 0, sizeof *h);
	h->seed = 1;
	h->hold = -1;
}

void
hearing_set(struct rt_hearing *h, const struct hearing_spec *spec)
{
	h->next = *spec;
	if (!h->changing || h->faded >= FADE) { /* else the one under way takes the newest when it gets there */
		h->faded = h->changing ? 2 * FADE - h->faded : 0;
		h->changing = 1;
		h->hold = -1;
	}
}

static double
run_section(const struct section *s, double state[2], double x)
{
	double y = s->d * x + s->n1 * state[0] + s->n2 * state[1], e = x - s->p * state[0] - s->q * state[1];
	state[0] += e;
	state[1] += state[0];
	return y;
}

/* White noise of power 1 through the pole. */
static float
noise(struct rt_hearing *h, int side)
{
	h->seed = h->seed * 1664525u + 1013904223u;
	float white = (float)(int32_t)h->seed * (1.7320508f / 2147483648.0f), pole = h->now.tilt;
	return h->red[side] = pole * h->red[side] + (1 - pole) * white;
}

static void
run_frame(struct rt_hearing *h, float *stereo)
{
	const struct hearing_spec *s = &h->now;
	double x[2] = {(double)stereo[0], (double)stereo[1]};
	if (s->coded > 0)
		sbc_step(&h->sbc, x);
	h->inside += h->inside < h->late;
	double mid = (x[0] + x[1]) / 2, side = (x[0] - x[1]) / 2;
	for (int k = 0; k < s->side_sections; k++)
		side = run_section(&s->side[k], h->side[k], side);
	if (s->mono)
		side = 0;
	x[0] = mid + side;
	x[1] = mid - side;
	for (int c = 0; c < 2; c++) {
		for (int k = 0; k < s->sections; k++)
			x[c] = run_section(&s->section[k], h->state[c][k], x[c]);
		stereo[c] = (float)x[c];
		if (s->noise > 0)
			stereo[c] += s->noise * noise(h, c);
	}
}

/* The next speaker takes over, its states at rest. */
static void
take_over(struct rt_hearing *h)
{
	h->now = h->next;
	memset(h->state, 0, sizeof h->state);
	memset(h->side, 0, sizeof h->side);
	h->red[0] = h->red[1] = 0;
	if (h->now.coded > 0)
		sbc_init(&h->sbc, h->now.coded);
	h->late = h->now.coded > 0 ? sbc_latency(h->now.coded) : 0;
	h->inside = 0;
	h->hold = h->late;
}

/* The fade's factor at the next frame; in its middle speakers change, and it waits for what a codec delays. */
static float
step_fade(struct rt_hearing *h)
{
	if (h->faded == FADE && h->hold < 0)
		take_over(h);
	if (h->hold > 0) {
		h->hold--;
		return 0;
	}
	h->hold = -1;
	int from_end = h->faded < FADE ? FADE - h->faded : h->faded - FADE;
	h->changing = ++h->faded < 2 * FADE;
	float x = (float)from_end / FADE;
	return x * x * (3 - 2 * x);
}

void
hearing_run(struct rt_hearing *h, float *stereo, int frames)
{
	for (int t = 0; t < frames && (h->changing || h->now.on); t++) {
		float *at = stereo + 2 * t;
		float gain = h->changing ? step_fade(h) : 1;
		if (h->now.on)
			run_frame(h, at);
		at[0] *= gain;
		at[1] *= gain;
	}
}

int
hearing_drain(struct rt_hearing *h, float *stereo, int frames)
{
	int count = h->inside < frames ? h->inside : frames, left = h->inside - count;
	memset(stereo, 0, (size_t)frames * 2 * sizeof *stereo);
	hearing_run(h, stereo, count);
	h->inside = h->inside > left ? left : h->inside;
	return count;
}

void
hearing_settle(struct rt_hearing *h)
{
	if (!h->changing)
		return;
	take_over(h);
	h->changing = 0;
	h->hold = -1;
}

int
hearing_late(const struct rt_hearing *h)
{
	return h->inside;
}
