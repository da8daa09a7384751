#include "dsp/multi.h"

#include "dsp/bands.h"

/*
 * Elements are bands. meter stands first: see struct unit_meter.
 *
 * window    the greatest level of each band           gain     the reduction in force, octaves
 * threshold, knee, makeup   octaves                   slope    1 - 1/ratio
 * works     0 to 1: how far a band is compressed      heard    0 to 1: 0 where others are soloed
 * on        how far all of it is faded in             active   on, or still fading out
 */
struct multi {
	struct unit_meter meter;
	struct split split;
	struct peak_window window;
	struct follow gain;
	struct glide threshold, slope, knee, makeup, works, heard;
	struct entry on;
	double rate;
	int active;
};

static size_t
multi_size(double rate)
{
	(void)rate;
	return sizeof(struct multi);
}

static void
rest(struct multi *m)
{
	split_rest(&m->split);
	for (int k = 0; k < LANES; k++) {
		peak_rest(&m->window, k);
		follow_rest(&m->gain, k);
		m->meter.reduction[k] = 0;
	}
	m->active = 0;
}

static void
multi_init(void *state, double rate)
{
	struct multi *m = state;
	m->rate = rate;
	split_init(&m->split, rate);
	peak_init(&m->window, rate, PEAK_SECONDS);
	follow_init(&m->gain);
	glide_init(&m->threshold, rate, 0);
	glide_init(&m->slope, rate, 0);
	glide_init(&m->knee, rate, 0);
	glide_init(&m->makeup, rate, 0);
	glide_init(&m->works, rate, 1);
	glide_init(&m->heard, rate, 1);
	entry_init(&m->on, rate);
	rest(m);
}

static void
multi_set(void *state, const void *params, int snap)
{
	struct multi *m = state;
	const struct multi_params *p = params;
	int jump = snap || !m->active, solo = 0; /* nobody hears it at rest */
	for (int k = 0; k < MULTI_BANDS; k++)
		solo |= p->band[k].solo;
	split_set(&m->split, p->cross, jump);
	for (int k = 0; k < MULTI_BANDS; k++) {
		const struct multi_band *b = &p->band[k];
		glide_set(&m->threshold, k, (float)(b->threshold * OCTAVES_PER_DB), jump);
		glide_set(&m->slope, k, b->ratio < 100 ? (float)(1 - 1 / b->ratio) : 1, jump);
		glide_set(&m->knee, k, (float)(b->knee * OCTAVES_PER_DB), jump);
		glide_set(&m->makeup, k, (float)(b->makeup * OCTAVES_PER_DB), jump);
		glide_set(&m->works, k, b->on ? 1 : 0, jump);
		glide_set(&m->heard, k, !solo || b->solo ? 1 : 0, jump);
		follow_set(&m->gain, k, b->attack, b->release, 0, m->rate);
	}
	entry_set(&m->on, p->on, snap, m->active, m->rate);
	if (p->on)
		m->active = 1;
	else if (entry_gone(&m->on))
		rest(m);
}

/* The level of each band: the greater of its sides. */
static void
levels(const vf *odd, const vf *even, vf *x)
{
	for (int i = 0; i < QUANTUM; i++) {
		vf a = vf_abs(odd[i]), b = vf_abs(even[i]);
		x[i] = vf_max(QUAD_PICK(a, b, 0, 4, 2, 6), QUAD_PICK(a, b, 1, 5, 3, 7));
	}
}

/* From levels to the reduction that is asked for, octaves. */
static void
ask(struct multi *m, vf *x)
{
	vf_log2_all(x, QUANTUM);
	vf threshold = m->threshold.y, slope = m->slope.y, knee = m->knee.y, factor = knee_factor(knee);
	int glides = m->threshold.moving | m->slope.moving | m->knee.moving;
	for (int i = 0; i < QUANTUM; i++) {
		if (glides) {
			threshold = glide_step(&m->threshold);
			slope = glide_step(&m->slope);
			knee = glide_step(&m->knee);
			factor = knee_factor(knee);
		}
		x[i] = knee_curve(x[i] - threshold, knee * 0.5f, knee, factor, slope);
	}
	if (glides) {
		glide_settle(&m->threshold);
		glide_settle(&m->slope);
		glide_settle(&m->knee);
	}
}

/* From the reduction asked for to the factor of each band. */
static void
gains(struct multi *m, vf *x)
{
	struct follow follow;
	vf room[2][QUANTUM], makeup = m->makeup.y, works = m->works.y, top = vf_all(0);
	const vf *makeups = bands_glide(&m->makeup, room[0]), *work = bands_glide(&m->works, room[1]);
	follow_load(&follow, &m->gain);
	for (int i = 0; i < QUANTUM; i++) {
		vf y = follow_step(&follow, x[i], 0);
		makeup = makeups ? makeups[i] : makeup;
		works = work ? work[i] : works;
		top = vf_max(y * works, top);
		x[i] = (makeup - y) * works;
		gain_behind(x, i);
	}
	follow_store(&m->gain, &follow);
	const vf *heard = bands_glide(&m->heard, room[0]);
	if (heard || vi_any(m->heard.y != 1.0f))
		for (int i = 0; i < QUANTUM; i++)
			x[i] *= heard ? heard[i] : m->heard.y;
	for (int k = 0; k < LANES; k++)
		m->meter.reduction[k] = top[k] * (float)DB_PER_OCTAVE;
}

static void
multi_run(void *state, float *l, float *r)
{
	struct multi *m = state;
	vf odd[QUANTUM], even[QUANTUM], x[QUANTUM];
	if (!m->active)
		return;
	split_run(&m->split, l, r, odd, even);
	levels(odd, even, x);
	peak_run(&m->window, x);
	ask(m, x);
	gains(m, x);
	float wet[2][QUANTUM];
	for (int i = 0; i < QUANTUM; i++) {
		vf y = odd[i] * QUAD_PICK(x[i], x[i], 0, 0, 2, 2) + even[i] * QUAD_PICK(x[i], x[i], 1, 1, 3, 3);
		wet[0][i] = y[0] + y[2];
		wet[1][i] = y[1] + y[3];
	}
	entry_mix(&m->on, (const float *const[]){wet[0], wet[1]}, l, r);
	if (entry_gone(&m->on))
		rest(m);
}

static int
multi_busy(const void *state)
{
	return ((const struct multi *)state)->active;
}

const struct dsp_unit QUADS(multi_unit) = {
    .name = "multi",
    .size = multi_size,
    .init = multi_init,
    .set = multi_set,
    .run = multi_run,
    .busy = multi_busy,
};
