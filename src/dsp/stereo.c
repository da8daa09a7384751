#include "dsp/stereo.h"

#include "dsp/bands.h"

/*
 * Sides and middle are taken apart into the same bands (dsp/bands.h) and the sides' bands weighed: added up, both have
 * the phase of the split's all-passes. Below the mono frequency the sides go through a Linkwitz-Riley high-pass of
 * fourth order, the middle through the all-pass of the same phase.
 *
 * odd, even   weights of the split's two vectors: (side, middle, side, middle)
 * tan         tan(pi f / rate) of the high-pass         below    0 to 1: how far that is faded in
 * first, second   its two sections, on (side, middle, nothing)
 * on          how far all of it is faded in     active   on, or still fading out
 */
struct stereo {
	struct split split;
	struct glide odd, even, tan, below;
	struct entry on;
	struct svf_state first, second;
	double rate;
	int active;
};

static size_t
stereo_size(double rate)
{
	(void)rate;
	return sizeof(struct stereo);
}

static void
rest_below(struct stereo *s)
{
	const struct svf_state none = {vf_all(0), vf_all(0)};
	s->first = s->second = none;
}

static void
rest(struct stereo *s)
{
	split_rest(&s->split);
	rest_below(s);
	s->active = 0;
}

static void
stereo_init(void *state, double rate)
{
	struct stereo *s = state;
	s->rate = rate;
	split_init(&s->split, rate);
	glide_init(&s->odd, rate, 1);
	glide_init(&s->even, rate, 1);
	glide_init(&s->tan, rate, 0.01f);
	glide_init(&s->below, rate, 0);
	entry_init(&s->on, rate);
	rest(s);
}

static void
stereo_set(void *state, const void *params, int snap)
{
	struct stereo *s = state;
	const struct stereo_params *p = params;
	int jump = snap || !s->active; /* nobody hears it at rest */
	split_set(&s->split, p->cross, jump);
	for (int k = 0; k < 4; k += 2) {
		glide_set(&s->odd, k, (float)(p->width[k] / 100), jump);
		glide_set(&s->even, k, (float)(p->width[k + 1] / 100), jump);
	}
	if (p->mono_below > 0) {
		int unheard = jump || s->below.y[0] == 0;
		for (int k = 0; k < 4; k++)
			glide_set(&s->tan, k, split_tan(p->mono_below, s->rate), unheard);
	}
	for (int k = 0; k < 4; k++)
		glide_set(&s->below, k, p->mono_below > 0 ? 1 : 0, jump);
	entry_set(&s->on, p->on, snap, s->active, s->rate);
	if (p->on)
		s->active = 1;
	else if (entry_gone(&s->on))
		rest(s);
}

/* Elements of io: side and middle. */
static void
mono_below(struct stereo *s, vf *io)
{
	if (s->below.y[0] == 0 && !s->below.moving)
		return;
	const vf k = vf_all(BUTTER);
	const vi side = {-1, 0, 0, 0};
	struct svf_coefs c = svf_coefs(s->tan.y, k);
	struct svf_state first = s->first, second = s->second;
	int glides = s->tan.moving, fades = s->below.moving;
	vf below = s->below.y;
	for (int i = 0; i < QUANTUM; i++) {
		if (glides)
			c = svf_coefs(glide_step(&s->tan), k);
		if (fades)
			below = glide_step(&s->below);
		vf x = io[i], v1, v2;
		svf_step(&c, &first, x, &v1, &v2);
		vf once = vf_select(side, x - k * v1 - v2, x - (k + k) * v1);
		svf_step(&c, &second, once, &v1, &v2);
		vf y = vf_select(side, once - k * v1 - v2, once);
		io[i] = fades ? x + below * (y - x) : y;
	}
	s->first = first;
	s->second = second;
	if (glides)
		glide_settle(&s->tan);
	if (fades)
		glide_settle(&s->below);
	if (s->below.y[0] == 0 && !s->below.moving)
		rest_below(s);
}

static void
stereo_run(void *state, float *l, float *r)
{
	struct stereo *s = state;
	if (!s->active)
		return;
	float side[QUANTUM], middle[QUANTUM];
	vf odd[QUANTUM], even[QUANTUM], room[2][QUANTUM];
	for (int i = 0; i < QUANTUM; i++) {
		side[i] = (l[i] - r[i]) * 0.5f;
		middle[i] = (l[i] + r[i]) * 0.5f;
	}
	split_run(&s->split, side, middle, odd, even);
	const vf *odds = bands_glide(&s->odd, room[0]), *evens = bands_glide(&s->even, room[1]);
	for (int i = 0; i < QUANTUM; i++) {
		vf y = odd[i] * (odds ? odds[i] : s->odd.y) + even[i] * (evens ? evens[i] : s->even.y);
		odd[i] = y + QUAD_PICK(y, y, 2, 3, 0, 1);
	}
	mono_below(s, odd);
	float wet[2][QUANTUM];
	for (int i = 0; i < QUANTUM; i++) {
		wet[0][i] = odd[i][1] + odd[i][0];
		wet[1][i] = odd[i][1] - odd[i][0];
	}
	entry_mix(&s->on, (const float *const[]){wet[0], wet[1]}, l, r);
	if (entry_gone(&s->on))
		rest(s);
}

static int
stereo_busy(const void *state)
{
	return ((const struct stereo *)state)->active;
}

const struct dsp_unit QUADS(stereo_unit) = {
    .name = "stereo",
    .size = stereo_size,
    .init = stereo_init,
    .set = stereo_set,
    .run = stereo_run,
    .busy = stereo_busy,
};
