#include "dsp/comp.h"

#include "dsp/dynamics.h"

/*
 * window    the level's maximum               hpf       the key's high-pass
 * gain      the reduction in force, octaves   top       its greatest of the last quantum
 * threshold, makeup   octaves                 slope     1 - 1/ratio
 * knee      octaves, the whole width          mix       0 to 1
 * on        0 to 1: how far it is faded in    listen    0 to 1: how far the key is heard instead
 * active    lanes that are on or still fading out; external: lanes whose key is the key buffers
 */
struct comp {
	struct peak_window window;
	struct key_filter hpf;
	struct follow gain;
	struct glide threshold, slope, knee, makeup, mix, on, listen;
	vf top;
	vi active, external;
	double rate;
};

static void
comp_init(void *state, double rate)
{
	struct comp *c = state;
	peak_init(&c->window, rate);
	key_filter_init(&c->hpf, rate);
	follow_init(&c->gain);
	glide_init(&c->threshold, rate, 0);
	glide_init(&c->slope, rate, 0);
	glide_init(&c->knee, rate, 0);
	glide_init(&c->makeup, rate, 0);
	glide_init(&c->mix, rate, 1);
	glide_init(&c->on, rate, 0);
	glide_init(&c->listen, rate, 0);
	c->top = vf_all(0);
	c->active = c->external = vi_all(0);
	c->rate = rate;
}

static void
rest(struct comp *c, int lane)
{
	peak_rest(&c->window, lane);
	key_filter_rest(&c->hpf, lane);
	follow_rest(&c->gain, lane);
	c->top[lane] = 0;
	c->active[lane] = 0;
}

static void
comp_set(void *state, int lane, const void *params, int snap)
{
	struct comp *c = state;
	const struct comp_params *p = params;
	int jump = snap || !c->active[lane]; /* nobody hears a lane at rest */
	glide_set(&c->threshold, lane, (float)(p->threshold * OCTAVES_PER_DB), jump);
	glide_set(&c->slope, lane, p->ratio < 100 ? (float)(1 - 1 / p->ratio) : 1, jump);
	glide_set(&c->knee, lane, (float)(p->knee * OCTAVES_PER_DB), jump);
	glide_set(&c->makeup, lane, (float)(p->makeup * OCTAVES_PER_DB), jump);
	glide_set(&c->mix, lane, (float)(p->mix / 100), jump);
	glide_set(&c->listen, lane, p->listen ? 1 : 0, jump);
	glide_set(&c->on, lane, p->on ? 1 : 0, snap);
	key_filter_set(&c->hpf, lane, p->key_hpf > 10, p->key_hpf, c->rate, jump);
	follow_set(&c->gain, lane, p->attack, p->release, p->hold * 0.001 * c->rate - peak_length(&c->window), c->rate);
	c->external[lane] = p->external ? -1 : 0;
	if (p->on)
		c->active[lane] = -1;
	else if (c->on.y[lane] == 0)
		rest(c, lane);
}

/* Whether any value is on its way. */
static int
moving(const struct comp *c)
{
	return c->threshold.moving | c->slope.moving | c->knee.moving | c->makeup.moving | c->mix.moving | c->on.moving |
	       c->listen.moving;
}

/* The factor of the knee's square; a knee of nothing has a square of nothing. */
static inline vf
knee_factor(vf knee)
{
	return 0.5f / vf_max(knee, vf_all(1e-3f));
}

/* The static curve: octaves above the threshold become octaves of reduction. */
static inline vf
curve(vf over, vf half, vf knee, vf factor, vf slope)
{
	over = over + half;
	vf k = vf_min(vf_above_zero(over), knee);
	return slope * (k * k * factor + vf_above_zero(over - knee));
}

/*
 * From levels to what is asked of the gain. Above the knee the square is knee^2 / (2 knee) = half, and over - knee is
 * counted from its upper end: together level - threshold.
 */
static inline __attribute__((always_inline)) void
ask(struct comp *c, vf *x, int glides)
{
	for (int i = 0; i < QUANTUM; i++)
		x[i] = vf_log2(x[i]);
	vf threshold = c->threshold.y, slope = c->slope.y, knee = c->knee.y;
	vf half = knee * 0.5f, factor = knee_factor(knee);
	for (int i = 0; i < QUANTUM; i++) {
		if (glides) {
			threshold = glide_step(&c->threshold);
			slope = glide_step(&c->slope);
			knee = glide_step(&c->knee);
			half = knee * 0.5f;
			factor = knee_factor(knee);
		}
		x[i] = curve(x[i] - threshold, half, knee, factor, slope);
	}
}

/* What is asked becomes the reduction in force, and a gain with make-up. */
static inline __attribute__((always_inline)) void
gains(struct comp *c, vf *x, int holds, int glides)
{
	struct follow follow = c->gain;
	vf makeup = c->makeup.y, top = vf_all(0);
	for (int i = 0; i < QUANTUM; i++) {
		if (glides)
			makeup = glide_step(&c->makeup);
		vf y = follow_step(&follow, x[i], holds);
		top = vf_max(y, top);
		x[i] = vf_exp2(makeup - y);
	}
	c->gain = follow;
	c->top = top;
}

/* kl and kr are NULL where nobody listens to the key; whole: every lane is active. */
static inline __attribute__((always_inline)) void
apply(struct comp *c, const vf *gain, vf *l, vf *r, const vf *kl, const vf *kr, int whole, int glides)
{
	const vi active = c->active;
	vf on = c->on.y, listen = c->listen.y, wet = on * c->mix.y, dry = 1.0f - wet;
	for (int i = 0; i < QUANTUM; i++) {
		if (glides) {
			on = glide_step(&c->on);
			wet = on * glide_step(&c->mix);
			dry = 1.0f - wet;
			listen = glide_step(&c->listen);
		}
		vf g = gain[i] * wet + dry;
		vf out = l[i] * g, out_r = r ? r[i] * g : out;
		if (kl) {
			vf s = listen * on;
			out = vf_select(s != 0.0f, out + s * (kl[i] - out), out);
			if (r)
				out_r = vf_select(s != 0.0f, out_r + s * (kr[i] - out_r), out_r);
		}
		l[i] = whole ? out : vf_select(active, out, l[i]);
		if (r)
			r[i] = whole ? out_r : vf_select(active, out_r, r[i]);
	}
}

static inline __attribute__((always_inline)) void
run(struct comp *c, vf *l, vf *r, const vf *ext_l, const vf *ext_r)
{
	const vi active = c->active;
	vf kl[QUANTUM], kr[QUANTUM], x[QUANTUM];
	const vi external = ext_l ? c->external & active : vi_all(0);
	int listens = vi_any(active & ((c->listen.y != 0.0f) | (c->listen.target != 0.0f)));
	int keyed = listens || vi_any(active & (external | c->hpf.on));
	if (keyed) {
		for (int i = 0; i < QUANTUM; i++) {
			kl[i] = (vf)((vi)(ext_l ? vf_select(external, ext_l[i], l[i]) : l[i]) & active);
			if (r)
				kr[i] = (vf)((vi)(ext_r ? vf_select(external, ext_r[i], r[i]) : r[i]) & active);
		}
		key_filter_run(&c->hpf, kl, r ? kr : NULL, 0);
		for (int i = 0; i < QUANTUM; i++)
			x[i] = r ? vf_max(vf_abs(kl[i]), vf_abs(kr[i])) : vf_abs(kl[i]);
	} else {
		for (int i = 0; i < QUANTUM; i++)
			x[i] = (vf)((vi)(r ? vf_max(vf_abs(l[i]), vf_abs(r[i])) : vf_abs(l[i])) & active);
	}
	peak_run(&c->window, x);
	int glides = moving(c), holds = vi_any(active & (c->gain.hold > 0.0f)), whole = !vi_any(~active);
	if (glides) {
		ask(c, x, 1);
		gains(c, x, 1, 1);
		apply(c, x, l, r, listens ? kl : NULL, kr, 0, 1);
	} else {
		ask(c, x, 0);
		if (holds)
			gains(c, x, 1, 0);
		else
			gains(c, x, 0, 0);
		if (listens)
			apply(c, x, l, r, kl, kr, 0, 0);
		else if (whole)
			apply(c, x, l, r, NULL, NULL, 1, 0);
		else
			apply(c, x, l, r, NULL, NULL, 0, 0);
	}
	if (glides) {
		glide_settle(&c->threshold);
		glide_settle(&c->slope);
		glide_settle(&c->knee);
		glide_settle(&c->makeup);
		glide_settle(&c->mix);
		glide_settle(&c->on);
		glide_settle(&c->listen);
		for (int lane = 0; lane < LANES; lane++)
			if (c->active[lane] && c->on.y[lane] == 0 && c->on.target[lane] == 0)
				rest(c, lane);
	}
}

static void
comp_run(void *state, const struct dsp_io *io)
{
	struct comp *c = state;
	if (!vi_any(c->active))
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
	peak_move(&to->window, to_lane, &from->window, from_lane);
	key_filter_move(&to->hpf, to_lane, &from->hpf, from_lane);
	follow_move(&to->gain, to_lane, &from->gain, from_lane);
	glide_move(&to->threshold, to_lane, &from->threshold, from_lane);
	glide_move(&to->slope, to_lane, &from->slope, from_lane);
	glide_move(&to->knee, to_lane, &from->knee, from_lane);
	glide_move(&to->makeup, to_lane, &from->makeup, from_lane);
	glide_move(&to->mix, to_lane, &from->mix, from_lane);
	glide_move(&to->on, to_lane, &from->on, from_lane);
	glide_move(&to->listen, to_lane, &from->listen, from_lane);
	to->top[to_lane] = from->top[from_lane];
	to->active[to_lane] = from->active[from_lane];
	to->external[to_lane] = from->external[from_lane];
}

static float
comp_reduction(const void *state, int lane)
{
	const struct comp *c = state;
	return c->top[lane] * (float)DB_PER_OCTAVE;
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
};
