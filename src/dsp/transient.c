#include "dsp/transient.h"

#include "dsp/keyed.h"

#define FLOOR ((float)(-80 * OCTAVES_PER_DB))
#define DEAD ((float)(1 * OCTAVES_PER_DB))   /* noise and beats of a window's peaks stay within it */
#define SPAN ((float)(0.2 / OCTAVES_PER_DB)) /* 1 / 5 dB, in octaves */
#define RISE_MS 20.0                         /* the length of a drum's attack; a snare's is over after two of these */
#define FALL_MS 300.0                        /* decays faster than 20 dB/s count in full */
#define MOVE_MS 0.7
#define FADED_IN 0.9f /* 24 ms: the level's window is full */

/*
 * below     follower that rises slowly        above     follower that falls slowly (levels, octaves)
 * gain      the gain in force, octaves        attack, sustain   gains asked, octaves
 * rise, fall, move    coefficients of the poles
 */
struct transient {
	struct keyed keyed;
	struct glide attack, sustain;
	vf below, above, gain;
	float rise, fall, move;
};

static void
transient_init(void *state, double rate)
{
	struct transient *t = state;
	keyed_init(&t->keyed, rate);
	glide_init(&t->attack, rate, 0);
	glide_init(&t->sustain, rate, 0);
	t->below = t->above = vf_all(FLOOR);
	t->gain = vf_all(0);
	t->rise = follow_pole(RISE_MS, rate);
	t->fall = follow_pole(FALL_MS, rate);
	t->move = follow_pole(MOVE_MS, rate);
}

static void
rest(struct transient *t, int lane)
{
	t->below[lane] = t->above[lane] = FLOOR;
	t->gain[lane] = 0;
}

static void
transient_set(void *state, int lane, const void *params, int snap)
{
	struct transient *t = state;
	const struct transient_params *p = params;
	const struct keyed_params keyed = {.on = p->on, .mix = 1};
	int jump = snap || !t->keyed.active[lane];
	glide_set(&t->attack, lane, (float)(p->attack * OCTAVES_PER_DB), jump);
	glide_set(&t->sustain, lane, (float)(p->sustain * OCTAVES_PER_DB), jump);
	if (keyed_set(&t->keyed, lane, &keyed, snap))
		rest(t, lane);
}

/* How far a difference counts, 0 to 1. */
static inline vf
share(vf octaves)
{
	return vf_min(vf_above_zero(octaves - DEAD) * SPAN, vf_all(1));
}

/* From levels to gains. */
static inline __attribute__((always_inline)) void
gains(struct transient *t, vf *x, int glides)
{
	vf attack = t->attack.y, sustain = t->sustain.y, below = t->below, above = t->above, gain = t->gain;
	const float fall = t->fall, move = t->move;
	/* While it fades in, what it begins to hear is no attack. */
	const vf rise = vf_select(t->keyed.on.y < FADED_IN, vf_all(1), vf_all(t->rise));
	for (int i = 0; i < QUANTUM; i++) {
		if (glides) {
			attack = glide_step(&t->attack);
			sustain = glide_step(&t->sustain);
		}
		vf level = vf_max(x[i], vf_all(FLOOR));
		below = vf_min(below + (level - below) * rise, level);
		above = vf_max(above + (level - above) * fall, level);
		x[i] = attack * share(level - below) + sustain * share(above - level);
	}
	for (int i = 0; i < QUANTUM; i++) {
		gain = gain + (x[i] - gain) * move;
		x[i] = gain;
		gain_behind(x, i);
	}
	t->below = below;
	t->above = above;
	t->gain = gain;
}

static inline __attribute__((always_inline)) void
run(struct transient *t, vf *l, vf *r)
{
	vf kl[QUANTUM], kr[QUANTUM], x[QUANTUM];
	unsigned flat = keyed_detect(&t->keyed, l, r, NULL, NULL, kl, kr, x);
	peak_levels(&t->keyed.window, x, flat);
	if (t->attack.moving | t->sustain.moving) {
		gains(t, x, 1);
		glide_settle(&t->attack);
		glide_settle(&t->sustain);
	} else {
		gains(t, x, 0);
	}
	vi ended = keyed_apply(&t->keyed, x, l, r, kl, kr);
	if (vi_any(ended))
		for (int lane = 0; lane < LANES; lane++)
			if (ended[lane])
				rest(t, lane);
}

static void
transient_run(void *state, const struct dsp_io *io)
{
	struct transient *t = state;
	if (!vi_any(t->keyed.active))
		return;
	if (io->r)
		run(t, (vf *)io->l, (vf *)io->r);
	else
		run(t, (vf *)io->l, NULL);
}

static void
transient_move(void *to_state, int to_lane, const void *from_state, int from_lane)
{
	struct transient *to = to_state;
	const struct transient *from = from_state;
	keyed_move(&to->keyed, to_lane, &from->keyed, from_lane);
	glide_move(&to->attack, to_lane, &from->attack, from_lane);
	glide_move(&to->sustain, to_lane, &from->sustain, from_lane);
	to->below[to_lane] = from->below[from_lane];
	to->above[to_lane] = from->above[from_lane];
	to->gain[to_lane] = from->gain[from_lane];
}

const struct dsp_proc LANED(transient_proc) = {
    .name = "transient",
    .size = sizeof(struct transient),
    .latency = 0,
    .init = transient_init,
    .set = transient_set,
    .run = transient_run,
    .move = transient_move,
};
