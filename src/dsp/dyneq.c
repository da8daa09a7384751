#include "dsp/dyneq.h"

#include "dsp/bands.h"

/*
 * Filters with fixed poles, whose outputs the gain only weighs, so that nothing clicks when it moves. With the
 * band-pass b, low-pass l and high-pass h of one Butterworth or narrower section, and the gain g = d^2:
 *
 *   bell     x + (g - 1) b / Q
 *   shelves  x + (d - 1) sqrt2 b + (g - 1) l  (or h): (p^2 + sqrt2 d p + d^2) / (p^2 + sqrt2 p + 1), whose slope has no
 *            bump (S. J. Orfanidis, "High-order digital parametric equalizer design", JAES 2005)
 *
 * The level that a band follows is its own band-pass, low-pass or high-pass of what comes in, both sides together.
 */
#define KNEE 1.0f /* octaves of level, 6 dB */

/*
 * Elements are bands. meter stands first: see struct unit_meter.
 *
 * window    the greatest level of each band           gain      the change in force, octaves, without its sign
 * tan       tan(pi f / rate)                          damping   1 / Q
 * bell, low, high   1 for the type that it is         threshold, range   octaves; range with its sign
 * slope     1 - 1/ratio                               works     0 to 1: how far the band is faded in
 * on        0 to 1: how far all of it is              active    on, or still fading out
 * heard     the detectors' filters, a side each       side      of each band, the filter on the signal
 */
struct dyneq {
	struct unit_meter meter;
	struct peak_window window;
	struct follow gain;
	struct glide tan, damping, bell, low, high, threshold, slope, range, works, on;
	struct svf_state heard[2], side[DYNEQ_BANDS];
	double rate;
	int active;
};

static size_t
dyneq_size(double rate)
{
	(void)rate;
	return sizeof(struct dyneq);
}

static void
rest(struct dyneq *d)
{
	const struct svf_state none = {vf_all(0), vf_all(0)};
	for (int k = 0; k < DYNEQ_BANDS; k++) {
		peak_rest(&d->window, k);
		follow_rest(&d->gain, k);
		d->side[k] = none;
		d->meter.reduction[k] = 0;
	}
	d->heard[0] = d->heard[1] = none;
	d->active = 0;
}

static void
dyneq_init(void *state, double rate)
{
	struct dyneq *d = state;
	struct glide *zero[] = {&d->bell, &d->low, &d->high, &d->threshold, &d->slope, &d->range, &d->works, &d->on};
	d->rate = rate;
	peak_init(&d->window, rate, PEAK_SECONDS);
	follow_init(&d->gain);
	glide_init(&d->tan, rate, 1);
	glide_init(&d->damping, rate, 1);
	for (size_t k = 0; k < sizeof zero / sizeof *zero; k++)
		glide_init(zero[k], rate, 0);
	rest(d);
}

static void
dyneq_set(void *state, const void *params, int snap)
{
	struct dyneq *d = state;
	const struct dyneq_params *p = params;
	int jump = snap || !d->active; /* nobody hears it at rest */
	for (int k = 0; k < DYNEQ_BANDS; k++) {
		const struct dyneq_band *b = &p->band[k];
		int bell = b->type == DYNEQ_BELL;
		glide_set(&d->tan, k, split_tan(b->freq, d->rate), jump);
		glide_set(&d->damping, k, bell ? (float)(1 / b->q) : BUTTER, jump);
		glide_set(&d->bell, k, bell ? 1 : 0, jump);
		glide_set(&d->low, k, b->type == DYNEQ_LOWSHELF ? 1 : 0, jump);
		glide_set(&d->high, k, b->type == DYNEQ_HIGHSHELF ? 1 : 0, jump);
		glide_set(&d->threshold, k, (float)(b->threshold * OCTAVES_PER_DB), jump);
		glide_set(&d->slope, k, b->ratio < 100 ? (float)(1 - 1 / b->ratio) : 1, jump);
		glide_set(&d->range, k, (float)(b->range * OCTAVES_PER_DB), jump);
		glide_set(&d->works, k, b->on ? 1 : 0, jump);
		glide_set(&d->on, k, p->on ? 1 : 0, snap);
		follow_set(&d->gain, k, b->attack, b->release, 0, d->rate);
	}
	if (p->on)
		d->active = 1;
	else if (d->on.y[0] == 0)
		rest(d);
}

/* Filters of all bands in one frame, and what their outputs weigh. */
struct bank {
	struct svf_coefs c;
	vf damping, bell, low, high;
};

static inline void
fill_bank(const struct dyneq *d, struct bank *b)
{
	b->c = svf_coefs(d->tan.y, d->damping.y);
	b->damping = d->damping.y;
	b->bell = d->bell.y;
	b->low = d->low.y;
	b->high = d->high.y;
}

/* The banks of a quantum, one for all of it where nothing glides; returns how many. */
static int
fill_banks(struct dyneq *d, struct bank *banks)
{
	struct glide *moves[] = {&d->tan, &d->damping, &d->bell, &d->low, &d->high};
	int any = 0, count = (int)(sizeof moves / sizeof *moves);
	for (int k = 0; k < count; k++)
		any |= moves[k]->moving;
	for (int i = 0; any && i < QUANTUM; i++) {
		for (int k = 0; k < count; k++)
			glide_step(moves[k]);
		fill_bank(d, &banks[i]);
	}
	if (!any)
		fill_bank(d, &banks[0]);
	for (int k = 0; any && k < count; k++)
		glide_settle(moves[k]);
	return any ? QUANTUM : 1;
}

/* The level of each band, of the side that is louder there. */
static void
levels(struct dyneq *d, const struct bank *banks, int step, const float *l, const float *r, vf *x)
{
	struct svf_state left = d->heard[0], right = d->heard[1];
	for (int i = 0; i < QUANTUM; i++) {
		const struct bank *b = &banks[i * step];
		vf level[2], in[2] = {vf_all(l[i]), vf_all(r[i])}, v1, v2;
		for (int c = 0; c < 2; c++) {
			svf_step(&b->c, c ? &right : &left, in[c], &v1, &v2);
			vf band = b->damping * v1;
			level[c] = vf_abs(b->bell * band + b->low * v2 + b->high * (in[c] - band - v2));
		}
		x[i] = vf_max(level[0], level[1]);
	}
	d->heard[0] = left;
	d->heard[1] = right;
}

/* From levels to the change in force, octaves with its sign. */
static void
changes(struct dyneq *d, vf *x)
{
	struct follow follow;
	vf room[4][QUANTUM], knee = vf_all(KNEE), factor = knee_factor(knee), top = vf_all(0);
	vf threshold = d->threshold.y, slope = d->slope.y, range = d->range.y, works = d->works.y * d->on.y;
	const vf *thresholds = bands_glide(&d->threshold, room[0]), *slopes = bands_glide(&d->slope, room[1]);
	const vf *ranges = bands_glide(&d->range, room[2]);
	int fades = d->works.moving | d->on.moving;
	for (int i = 0; fades && i < QUANTUM; i++)
		room[3][i] =
		    (d->works.moving ? glide_step(&d->works) : d->works.y) * (d->on.moving ? glide_step(&d->on) : d->on.y);
	vf_log2_all(x, QUANTUM);
	follow_load(&follow, &d->gain);
	for (int i = 0; i < QUANTUM; i++) {
		threshold = thresholds ? thresholds[i] : threshold;
		slope = slopes ? slopes[i] : slope;
		range = ranges ? ranges[i] : range;
		works = fades ? room[3][i] : works;
		vf asked = vf_min(knee_curve(x[i] - threshold, knee * 0.5f, knee, factor, slope), vf_abs(range));
		vf y = follow_step(&follow, asked, 0) * works;
		x[i] = vf_select(range < 0.0f, -y, y);
		top = vf_select(vf_abs(x[i]) > vf_abs(top), x[i], top);
	}
	follow_store(&d->gain, &follow);
	if (fades) {
		glide_settle(&d->works);
		glide_settle(&d->on);
	}
	for (int k = 0; k < DYNEQ_BANDS; k++)
		d->meter.reduction[k] = -top[k] * (float)DB_PER_OCTAVE;
}

/* One band on both sides: elements are left, right and nothing. Its filter runs on where it changes nothing. */
static void
apply(struct svf_state *side, const struct bank *banks, int step, int band, const vf *change, vf *io)
{
	struct svf_state s = *side;
	for (int i = 0; i < QUANTUM; i++) {
		const struct bank *b = &banks[i * step];
		struct svf_coefs c = {vf_all(b->c.a1[band]), vf_all(b->c.a2[band]), vf_all(b->c.a3[band])};
		vf root = vf_exp2(vf_all(change[i][band] * 0.5f)), v1, v2;
		vf less = root - 1.0f, gain = root * root - 1.0f;
		svf_step(&c, &s, io[i], &v1, &v2);
		vf pass = b->damping[band] * v1, shelf = b->low[band] * v2 + b->high[band] * (io[i] - pass - v2);
		vf y = io[i] + (b->bell[band] * gain + (b->low[band] + b->high[band]) * less) * pass + gain * shelf;
		io[i] = change[i][band] == 0 ? io[i] : y;
	}
	*side = s;
}

static void
dyneq_run(void *state, float *l, float *r)
{
	struct dyneq *d = state;
	struct bank banks[QUANTUM];
	vf change[QUANTUM], io[QUANTUM];
	if (!d->active)
		return;
	int step = fill_banks(d, banks) > 1;
	levels(d, banks, step, l, r, change);
	peak_run(&d->window, change);
	changes(d, change);
	for (int i = 0; i < QUANTUM; i++)
		io[i] = (vf){l[i], r[i], 0, 0};
	for (int k = 0; k < DYNEQ_BANDS; k++)
		apply(&d->side[k], banks, step, k, change, io);
	for (int i = 0; i < QUANTUM; i++) {
		l[i] = io[i][0];
		r[i] = io[i][1];
	}
	if (!d->on.moving && d->on.y[0] == 0 && d->on.target[0] == 0)
		rest(d);
}

static int
dyneq_busy(const void *state)
{
	return ((const struct dyneq *)state)->active;
}

const struct dsp_unit QUADS(dyneq_unit) = {
    .name = "dyneq",
    .size = dyneq_size,
    .init = dyneq_init,
    .set = dyneq_set,
    .run = dyneq_run,
    .busy = dyneq_busy,
};
