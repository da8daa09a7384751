#include "dsp/deess.h"

#include "dsp/dynamics.h"

/*
 * The bell is the low shelf prototype (p^2 + sqrt2 h p + h^2) / (p^2 + sqrt2 p + 1), h the root of the gain, with
 * p = Q (s + 1/s) (S. J. Orfanidis, "High-order digital parametric equalizer design", JAES 2005). Its poles do not
 * depend on the gain:
 *
 *   H = 1 - sqrt2 (1 - h) p / D - (1 - h^2) / D,   D = p^2 + sqrt2 p + 1
 *
 * so that fixed filters give two band signals, and the gain only weighs them: nothing clicks when it moves. D is two
 * state-variable sections of equal damping k whose frequencies are w and 1/w times the middle; of the second, driven by
 * the first's band-pass, 1/D is the band-pass / Q^2 and p/D is (high-pass / w + low-pass * w) / Q.
 */
#define Q_SCALE 1.1
#define ATTACK_MS 1.0
#define WINDOW_SECONDS 0.001 /* two periods of the lowest middle */

/*
 * window    the band's maximum                gain      the cut in force, octaves
 * tan       tan(pi freq / rate)               ratio     w above            damping  k above       narrow   1/Q
 * side      integrators of both sections, a side each
 * threshold, range   octaves                  top       greatest cut of the last quantum
 * on        0 to 1: how far it is faded in    listen    0 to 1: how far the difference is heard instead
 * active    lanes that are on or still fading out
 */
struct memory {
	vf a1, a2, b1, b2;
};

struct deess {
	struct peak_window window;
	struct follow gain;
	struct glide tan, ratio, damping, narrow, threshold, range, on, listen;
	struct memory side[2];
	vf top;
	vi active;
	double rate;
};

static void
deess_init(void *state, double rate)
{
	struct deess *d = state;
	peak_init(&d->window, rate, WINDOW_SECONDS);
	follow_init(&d->gain);
	glide_init(&d->tan, rate, 1);
	glide_init(&d->ratio, rate, 1);
	glide_init(&d->damping, rate, 1);
	glide_init(&d->narrow, rate, 1);
	glide_init(&d->threshold, rate, 0);
	glide_init(&d->range, rate, 0);
	glide_init(&d->on, rate, 0);
	glide_init(&d->listen, rate, 0);
	for (int k = 0; k < 2; k++)
		d->side[k] = (struct memory){vf_all(0), vf_all(0), vf_all(0), vf_all(0)};
	d->top = vf_all(0);
	d->active = vi_all(0);
	d->rate = rate;
}

static void
rest(struct deess *d, int lane)
{
	peak_rest(&d->window, lane);
	follow_rest(&d->gain, lane);
	for (int k = 0; k < 2; k++)
		d->side[k].a1[lane] = d->side[k].a2[lane] = d->side[k].b1[lane] = d->side[k].b2[lane] = 0;
	d->top[lane] = 0;
	d->active[lane] = 0;
}

/*
 * The poles s of D: p = (-1 + i) / sqrt2 and s + 1/s = p / Q, so s = z + sqrt(z^2 - 1) with z = p / 2Q. Gives |s| and
 * -2 Re s / |s|; the other root is 1/s.
 */
static void
poles(double q, double *ratio, double *damping)
{
	double re = -f_sqrt(0.5) / (2 * q), im = -re;
	double a = re * re - im * im - 1, b = 2 * re * im, size = f_sqrt(a * a + b * b);
	re += f_sqrt(0.5 * (size + a));
	im -= f_sqrt(0.5 * (size - a)); /* b < 0 */
	*ratio = f_sqrt(re * re + im * im);
	*damping = -2 * re / *ratio;
}

static void
deess_set(void *state, int lane, const void *params, int snap)
{
	struct deess *d = state;
	const struct deess_params *p = params;
	int jump = snap || !d->active[lane]; /* nobody hears a lane at rest */
	double limit = 0.45 * d->rate, freq = p->freq < limit ? p->freq : limit, q = Q_SCALE * p->q, ratio, damping;
	poles(q, &ratio, &damping);
	glide_set(&d->tan, lane, (float)f_tan(F_PI * freq / d->rate), jump);
	glide_set(&d->ratio, lane, (float)ratio, jump);
	glide_set(&d->damping, lane, (float)damping, jump);
	glide_set(&d->narrow, lane, (float)(1 / q), jump);
	glide_set(&d->threshold, lane, (float)(p->threshold * OCTAVES_PER_DB), jump);
	glide_set(&d->range, lane, (float)(p->range * OCTAVES_PER_DB), jump);
	glide_set(&d->listen, lane, p->listen ? 1 : 0, jump);
	glide_set(&d->on, lane, p->on ? 1 : 0, snap);
	follow_set(&d->gain, lane, ATTACK_MS, p->release, 0, d->rate);
	if (p->on)
		d->active[lane] = -1;
	else if (d->on.y[lane] == 0)
		rest(d, lane);
}

/* Coefficients of a section (a1 to a3 as in dsp/dynamics.h), and what its outputs weigh in the band signals. */
struct coefs {
	vf a1[2], a2[2], a3[2], k, middle, high, low;
};

static inline struct coefs
coefs(vf tan, vf ratio, vf damping, vf narrow)
{
	struct coefs c;
	vf g[2] = {tan * ratio, tan / ratio};
	for (int n = 0; n < 2; n++) {
		c.a1[n] = 1.0f / (g[n] * (g[n] + damping) + 1.0f);
		c.a2[n] = g[n] * c.a1[n];
		c.a3[n] = g[n] * c.a2[n];
	}
	c.k = damping;
	c.middle = narrow * narrow;
	c.high = narrow / ratio;
	c.low = narrow * ratio;
	return c;
}

/* One frame of one side: its two band signals, 1/D and p/D. */
static inline __attribute__((always_inline)) void
bands(const struct coefs *c, struct memory *m, vf x, vf *middle, vf *edges)
{
	vf v3 = x - m->a2, v1 = c->a1[0] * m->a1 + c->a2[0] * v3, v2 = m->a2 + c->a2[0] * m->a1 + c->a3[0] * v3;
	m->a1 = v1 + v1 - m->a1;
	m->a2 = v2 + v2 - m->a2;
	vf w3 = v1 - m->b2, w1 = c->a1[1] * m->b1 + c->a2[1] * w3, w2 = m->b2 + c->a2[1] * m->b1 + c->a3[1] * w3;
	m->b1 = w1 + w1 - m->b1;
	m->b2 = w2 + w2 - m->b2;
	*middle = w1 * c->middle;
	*edges = (v1 - c->k * w1 - w2) * c->high + w2 * c->low;
}

/* The band signals of a quantum, both sides in one loop: one waits for its memories while the other works. */
static inline __attribute__((always_inline)) void
split(struct deess *d, const vf *l, const vf *r, vf middle[2][QUANTUM], vf edges[2][QUANTUM], int glides)
{
	struct memory left = d->side[0], right = d->side[1];
	const vi active = d->active;
	struct coefs c = coefs(d->tan.y, d->ratio.y, d->damping.y, d->narrow.y);
	for (int i = 0; i < QUANTUM; i++) {
		if (glides)
			c = coefs(glide_step(&d->tan), glide_step(&d->ratio), glide_step(&d->damping), glide_step(&d->narrow));
		bands(&c, &left, (vf)((vi)l[i] & active), &middle[0][i], &edges[0][i]);
		if (r)
			bands(&c, &right, (vf)((vi)r[i] & active), &middle[1][i], &edges[1][i]);
	}
	d->side[0] = left;
	d->side[1] = right;
}

/* From levels to the root of the gain, by way of the cut in force. */
static inline __attribute__((always_inline)) void
roots(struct deess *d, vf *x, int glides)
{
	struct follow follow;
	vf threshold = d->threshold.y, range = d->range.y, top = vf_all(0);
	follow_load(&follow, &d->gain);
	for (int i = 0; i < QUANTUM; i++) {
		if (glides) {
			threshold = glide_step(&d->threshold);
			range = glide_step(&d->range);
		}
		vf y = follow_step(&follow, vf_min(vf_above_zero(x[i] - threshold), range), 0);
		top = vf_max(y, top);
		x[i] = y * -0.5f;
		gain_behind(x, i);
	}
	follow_store(&d->gain, &follow);
	d->top = top;
}

/* Takes the cut away from both sides, or lets the difference be heard. */
static inline __attribute__((always_inline)) void
apply(struct deess *d, const vf *root, vf *l, vf *r, vf middle[2][QUANTUM], vf edges[2][QUANTUM], int listens,
      int fades)
{
	const vi active = d->active;
	vf on = d->on.y, listen = d->listen.y;
	for (int i = 0; i < QUANTUM; i++) {
		if (fades) {
			on = glide_step(&d->on);
			listen = glide_step(&d->listen);
		}
		vf h = root[i], edge = (1.0f - h) * 1.41421356f, mid = 1.0f - h * h;
		vf taken = (edge * edges[0][i] + mid * middle[0][i]) * on, out = l[i] - taken;
		if (listens)
			out = vf_select(listen != 0.0f, out + listen * (taken - out), out);
		l[i] = vf_select(active, out, l[i]);
		if (r) {
			taken = (edge * edges[1][i] + mid * middle[1][i]) * on;
			out = r[i] - taken;
			if (listens)
				out = vf_select(listen != 0.0f, out + listen * (taken - out), out);
			r[i] = vf_select(active, out, r[i]);
		}
	}
}

static inline __attribute__((always_inline)) void
run(struct deess *d, vf *l, vf *r)
{
	vf middle[2][QUANTUM], edges[2][QUANTUM], x[QUANTUM];
	if (d->tan.moving | d->ratio.moving | d->damping.moving | d->narrow.moving) {
		split(d, l, r, middle, edges, 1);
		glide_settle(&d->tan);
		glide_settle(&d->ratio);
		glide_settle(&d->damping);
		glide_settle(&d->narrow);
	} else {
		split(d, l, r, middle, edges, 0);
	}
	for (int i = 0; i < QUANTUM; i++)
		x[i] = r ? vf_max(vf_abs(middle[0][i]), vf_abs(middle[1][i])) : vf_abs(middle[0][i]);
	peak_levels(&d->window, x, peak_run(&d->window, x));
	if (d->threshold.moving | d->range.moving) {
		roots(d, x, 1);
		glide_settle(&d->threshold);
		glide_settle(&d->range);
	} else {
		roots(d, x, 0);
	}
	if (d->on.moving | d->listen.moving) {
		apply(d, x, l, r, middle, edges, 1, 1);
		glide_settle(&d->on);
		glide_settle(&d->listen);
		for (int lane = 0; lane < LANES; lane++)
			if (d->active[lane] && d->on.y[lane] == 0 && d->on.target[lane] == 0)
				rest(d, lane);
	} else if (vi_any(d->active & (d->listen.y != 0.0f))) {
		apply(d, x, l, r, middle, edges, 1, 0);
	} else {
		apply(d, x, l, r, middle, edges, 0, 0);
	}
}

static void
deess_run(void *state, const struct dsp_io *io)
{
	struct deess *d = state;
	if (!vi_any(d->active))
		return;
	if (io->r)
		run(d, (vf *)io->l, (vf *)io->r);
	else
		run(d, (vf *)io->l, NULL);
}

static void
deess_move(void *to_state, int to_lane, const void *from_state, int from_lane)
{
	struct deess *to = to_state;
	const struct deess *from = from_state;
	peak_move(&to->window, to_lane, &from->window, from_lane);
	follow_move(&to->gain, to_lane, &from->gain, from_lane);
	glide_move(&to->tan, to_lane, &from->tan, from_lane);
	glide_move(&to->ratio, to_lane, &from->ratio, from_lane);
	glide_move(&to->damping, to_lane, &from->damping, from_lane);
	glide_move(&to->narrow, to_lane, &from->narrow, from_lane);
	glide_move(&to->threshold, to_lane, &from->threshold, from_lane);
	glide_move(&to->range, to_lane, &from->range, from_lane);
	glide_move(&to->on, to_lane, &from->on, from_lane);
	glide_move(&to->listen, to_lane, &from->listen, from_lane);
	for (int k = 0; k < 2; k++) {
		to->side[k].a1[to_lane] = from->side[k].a1[from_lane];
		to->side[k].a2[to_lane] = from->side[k].a2[from_lane];
		to->side[k].b1[to_lane] = from->side[k].b1[from_lane];
		to->side[k].b2[to_lane] = from->side[k].b2[from_lane];
	}
	to->top[to_lane] = from->top[from_lane];
	to->active[to_lane] = from->active[from_lane];
}

static float
deess_reduction(const void *state, int lane)
{
	const struct deess *d = state;
	return d->top[lane] * (float)DB_PER_OCTAVE;
}

const struct dsp_proc LANED(deess_proc) = {
    .name = "deess",
    .size = sizeof(struct deess),
    .latency = 0,
    .init = deess_init,
    .set = deess_set,
    .run = deess_run,
    .move = deess_move,
    .reduction = deess_reduction,
};
