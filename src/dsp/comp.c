#include "dsp/comp.h"

#include "dsp/keyed.h"

/*
 * gain      the reduction in force, octaves   top       its greatest of the last quantum
 * threshold, makeup   octaves                 slope     1 - 1/ratio
 * knee      octaves, the whole width
 */
struct comp {
	struct keyed keyed;
	struct follow gain;
	struct glide threshold, slope, knee, makeup;
	vf top;
};

static void
comp_init(void *state, double rate)
{
	struct comp *c = state;
	keyed_init(&c->keyed, rate);
	follow_init(&c->gain);
	glide_init(&c->threshold, rate, 0);
	glide_init(&c->slope, rate, 0);
	glide_init(&c->knee, rate, 0);
	glide_init(&c->makeup, rate, 0);
	c->top = vf_all(0);
}

static void
rest(struct comp *c, int lane)
{
	follow_rest(&c->gain, lane);
	c->top[lane] = 0;
}

static void
comp_set(void *state, int lane, const void *params, int snap)
{
	struct comp *c = state;
	const struct comp_params *p = params;
	const struct keyed_params keyed = {
	    .on = p->on,
	    .external = p->external,
	    .listen = p->listen,
	    .mix = p->mix / 100,
	    .hpf = p->key_hpf > 10 ? p->key_hpf : 0,
	};
	int jump = snap || !c->keyed.active[lane];
	double rate = c->keyed.rate, window = peak_length(&c->keyed.window);
	glide_set(&c->threshold, lane, (float)(p->threshold * OCTAVES_PER_DB), jump);
	glide_set(&c->slope, lane, p->ratio < 100 ? (float)(1 - 1 / p->ratio) : 1, jump);
	glide_set(&c->knee, lane, (float)(p->knee * OCTAVES_PER_DB), jump);
	glide_set(&c->makeup, lane, (float)(p->makeup * OCTAVES_PER_DB), jump);
	follow_set(&c->gain, lane, p->attack, p->release, p->hold * 0.001 * rate - window, rate);
	if (keyed_set(&c->keyed, lane, &keyed, snap))
		rest(c, lane);
}

/*
 * From levels to what is asked of the gain. Above the knee the square is knee^2 / (2 knee) = half, and over - knee is
 * counted from its upper end: together level - threshold. Where levels stand still in the blocks of `flat`, it is
 * computed once for each of them.
 */
static void
ask(struct comp *c, vf *x, unsigned flat)
{
	const int frames = c->keyed.window.frames;
	vf threshold = c->threshold.y, slope = c->slope.y, knee = c->knee.y;
	vf half = knee * 0.5f, factor = knee_factor(knee);
	for (int n = 0; n < QUANTUM; n += frames, flat >>= 1)
		if (flat & 1) {
			vf y = knee_curve(vf_log2(x[n]) - threshold, half, knee, factor, slope);
			for (int i = n; i < n + frames; i++)
				x[i] = y;
		} else {
			vf_log2_all(&x[n], frames);
			for (int i = n; i < n + frames; i++)
				x[i] = knee_curve(x[i] - threshold, half, knee, factor, slope);
		}
}

/* The same while values are on their way. */
static void
ask_gliding(struct comp *c, vf *x)
{
	for (int i = 0; i < QUANTUM; i++) {
		vf threshold = glide_step(&c->threshold), slope = glide_step(&c->slope), knee = glide_step(&c->knee);
		x[i] = knee_curve(vf_log2(x[i]) - threshold, knee * 0.5f, knee, knee_factor(knee), slope);
	}
	glide_settle(&c->threshold);
	glide_settle(&c->slope);
	glide_settle(&c->knee);
}

/* What is asked becomes the reduction in force, and a gain with make-up. */
static inline __attribute__((always_inline)) void
gains(struct comp *c, vf *x, int holds, int glides)
{
	struct follow follow;
	vf makeup = c->makeup.y, top = vf_all(0);
	follow_load(&follow, &c->gain);
	for (int i = 0; i < QUANTUM; i++) {
		if (glides)
			makeup = glide_step(&c->makeup);
		vf y = follow_step(&follow, x[i], holds);
		top = vf_max(y, top);
		x[i] = makeup - y;
		gain_behind(x, i);
	}
	follow_store(&c->gain, &follow);
	c->top = top;
}

static inline __attribute__((always_inline)) void
run(struct comp *c, vf *l, vf *r, const vf *ext_l, const vf *ext_r)
{
	vf kl[QUANTUM], kr[QUANTUM], x[QUANTUM];
	unsigned flat = keyed_detect(&c->keyed, l, r, ext_l, ext_r, kl, kr, x);
	if (c->threshold.moving | c->slope.moving | c->knee.moving)
		ask_gliding(c, x);
	else
		ask(c, x, flat);
	if (c->makeup.moving) {
		gains(c, x, 1, 1);
		glide_settle(&c->makeup);
	} else if (vi_any(c->keyed.active & (c->gain.hold > 0.0f))) {
		gains(c, x, 1, 0);
	} else {
		gains(c, x, 0, 0);
	}
	vi ended = keyed_apply(&c->keyed, x, l, r, kl, kr);
	if (vi_any(ended))
		for (int lane = 0; lane < LANES; lane++)
			if (ended[lane])
				rest(c, lane);
}

static void
comp_run(void *state, const struct dsp_io *io)
{
	struct comp *c = state;
	if (!vi_any(c->keyed.active))
		return;
	if (io->r)
		run(c, (vf *)io->l, (vf *)io->r, (const vf *)io->kl, (const vf *)io->kr);
	else
		run(c, (vf *)io->l, NULL, (const vf *)io->kl, NULL);
}

static void
comp_move(void *to_state, int to_lane, const void *from_state, int from_lane)
{
	struct comp *to = to_state;
	const struct comp *from = from_state;
	keyed_move(&to->keyed, to_lane, &from->keyed, from_lane);
	follow_move(&to->gain, to_lane, &from->gain, from_lane);
	glide_move(&to->threshold, to_lane, &from->threshold, from_lane);
	glide_move(&to->slope, to_lane, &from->slope, from_lane);
	glide_move(&to->knee, to_lane, &from->knee, from_lane);
	glide_move(&to->makeup, to_lane, &from->makeup, from_lane);
	to->top[to_lane] = from->top[from_lane];
}

static float
comp_reduction(const void *state, int lane)
{
	const struct comp *c = state;
	return c->top[lane] * (float)DB_PER_OCTAVE;
}

static float
comp_level(const void *state, int lane)
{
	return ((const struct comp *)state)->keyed.window.old[lane];
}

const struct dsp_proc LANED(comp_proc) = {
    .name = "comp",
    .size = sizeof(struct comp),
    .latency = 0,
    .init = comp_init,
    .set = comp_set,
    .run = comp_run,
    .move = comp_move,
    .reduction = comp_reduction,
    .level = comp_level,
};
