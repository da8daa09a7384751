/*
 * The frame that compressor and gate share: fading in and out, the key and its filters, the level, listening, and the
 * gain's way onto the signal. Included by kernels only; belongs to the thread that runs the graph.
 */
#ifndef DSP_KEYED_H
#define DSP_KEYED_H

#include "dsp/dynamics.h"

/*
 * window    the level's maximum                hpf, lpf   filters of the key
 * on        0 to 1: how far it is faded in     mix        0 to 1: processed against dry
 * listen    0 to 1: how far the key is heard instead
 * active    lanes that are on or still fading out; external: lanes whose key is the key buffers
 */
struct keyed {
	struct peak_window window;
	struct key_filter hpf, lpf;
	struct glide on, mix, listen;
	vi active, external;
	double rate;
};

static inline void
keyed_init(struct keyed *k, double rate)
{
	peak_init(&k->window, rate, PEAK_SECONDS);
	key_filter_init(&k->hpf, rate);
	key_filter_init(&k->lpf, rate);
	glide_init(&k->on, rate, 0);
	glide_init(&k->mix, rate, 1);
	glide_init(&k->listen, rate, 0);
	k->active = k->external = vi_all(0);
	k->rate = rate;
}

static inline void
keyed_rest(struct keyed *k, int lane)
{
	peak_rest(&k->window, lane);
	key_filter_rest(&k->hpf, lane);
	key_filter_rest(&k->lpf, lane);
	k->active[lane] = 0;
}

struct keyed_params {
	int on, external, listen;
	double mix, hpf, lpf; /* 0 to 1; Hz, 0 is off */
};

/* Returns whether the lane is at rest now: then the caller puts its own values there, too. */
static inline int
keyed_set(struct keyed *k, int lane, const struct keyed_params *p, int snap)
{
	int jump = snap || !k->active[lane]; /* nobody hears a lane at rest */
	glide_set(&k->mix, lane, (float)p->mix, jump);
	glide_set(&k->listen, lane, p->listen ? 1 : 0, jump);
	glide_set(&k->on, lane, p->on ? 1 : 0, snap);
	key_filter_set(&k->hpf, lane, p->hpf > 0, p->hpf, k->rate, jump);
	key_filter_set(&k->lpf, lane, p->lpf > 0, p->lpf, k->rate, jump);
	k->external[lane] = p->external ? -1 : 0;
	if (p->on)
		k->active[lane] = -1;
	else if (k->on.y[lane] == 0)
		keyed_rest(k, lane);
	return !k->active[lane];
}

static inline void
keyed_move(struct keyed *to, int to_lane, const struct keyed *from, int from_lane)
{
	peak_move(&to->window, to_lane, &from->window, from_lane);
	key_filter_move(&to->hpf, to_lane, &from->hpf, from_lane);
	key_filter_move(&to->lpf, to_lane, &from->lpf, from_lane);
	glide_move(&to->on, to_lane, &from->on, from_lane);
	glide_move(&to->mix, to_lane, &from->mix, from_lane);
	glide_move(&to->listen, to_lane, &from->listen, from_lane);
	to->active[to_lane] = from->active[from_lane];
	to->external[to_lane] = from->external[from_lane];
}

static inline int
keyed_moving(const struct keyed *k)
{
	return k->on.moving | k->mix.moving | k->listen.moving;
}

static inline int
keyed_listens(const struct keyed *k)
{
	return vi_any(k->active & ((k->listen.y != 0.0f) | (k->listen.target != 0.0f)));
}

/*
 * A quantum's levels into x; returns the blocks in which they stand still (see peak_run). kl and kr take the filtered
 * key where somebody listens. ext_l and ext_r are the key buffers or NULL; r is NULL in a mono bank.
 */
static inline __attribute__((always_inline)) unsigned
keyed_detect(struct keyed *k, const vf *l, const vf *r, const vf *ext_l, const vf *ext_r, vf *kl, vf *kr, vf *x)
{
	const vi active = k->active;
	const vi external = ext_l ? k->external & active : vi_all(0);
	if (vi_any(active & (external | k->hpf.on | k->lpf.on)) || keyed_listens(k)) {
		for (int i = 0; i < QUANTUM; i++) {
			kl[i] = (vf)((vi)(ext_l ? vf_select(external, ext_l[i], l[i]) : l[i]) & active);
			if (r)
				kr[i] = (vf)((vi)(ext_r ? vf_select(external, ext_r[i], r[i]) : r[i]) & active);
		}
		key_filter_run(&k->hpf, kl, r ? kr : NULL, 0);
		key_filter_run(&k->lpf, kl, r ? kr : NULL, 1);
		for (int i = 0; i < QUANTUM; i++)
			x[i] = r ? vf_max(vf_abs(kl[i]), vf_abs(kr[i])) : vf_abs(kl[i]);
	} else {
		for (int i = 0; i < QUANTUM; i++)
			x[i] = (vf)((vi)(r ? vf_max(vf_abs(l[i]), vf_abs(r[i])) : vf_abs(l[i])) & active);
	}
	return peak_run(&k->window, x);
}

static inline __attribute__((always_inline)) void
keyed_apply_as(struct keyed *k, const vf *gain, vf *l, vf *r, const vf *kl, const vf *kr, int whole, int glides)
{
	const vi active = k->active;
	vf on = k->on.y, listen = k->listen.y, wet = on * k->mix.y, dry = 1.0f - wet;
	for (int i = 0; i < QUANTUM; i++) {
		if (glides) {
			on = glide_step(&k->on);
			wet = on * glide_step(&k->mix);
			dry = 1.0f - wet;
			listen = glide_step(&k->listen);
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

/* Puts the gains on the signal. Returns the lanes that have finished fading out and are at rest now. */
static inline __attribute__((always_inline)) vi
keyed_apply(struct keyed *k, const vf *gain, vf *l, vf *r, const vf *kl, const vf *kr)
{
	vi ended = vi_all(0);
	int listens = keyed_listens(k);
	if (keyed_moving(k)) {
		keyed_apply_as(k, gain, l, r, listens ? kl : NULL, kr, 0, 1);
		glide_settle(&k->on);
		glide_settle(&k->mix);
		glide_settle(&k->listen);
		ended = k->active & (k->on.y == 0.0f) & (k->on.target == 0.0f);
		for (int lane = 0; lane < LANES; lane++)
			if (ended[lane])
				keyed_rest(k, lane);
	} else if (listens) {
		keyed_apply_as(k, gain, l, r, kl, kr, 0, 0);
	} else if (vi_any(~k->active)) {
		keyed_apply_as(k, gain, l, r, NULL, NULL, 0, 0);
	} else {
		keyed_apply_as(k, gain, l, r, NULL, NULL, 1, 0);
	}
	return ended;
}

#endif
